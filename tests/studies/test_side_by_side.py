"""Help from abroad in every study of an outage: one default, planned and agreed side by side, and helpers by name."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.outage_fields import HELP_RULE, PLACE_RULE
from kelisim.studies.study import find, names
from kelisim.web.address import Cut
from tests.cases.depots import T, depots
from tests.cases.events_town import events_town
from tests.cases.help import two_countries
from tests.reading import page, texts

DAY = date(2024, 1, 1)
OWN_HELP = {"exercise": "agreed", "replays": "agreed"}  # decision 19


def defaults(field: str) -> dict[str, str]:
    """Study -> what it takes if the field is not given."""
    found = {}
    for study in names():
        own = {one.name: one.default for one in fields(find(study))}
        if field in own:
            found[study] = own[field]
    return found


def test_one_default_of_help() -> None:
    """Two pages on one outage with two answers, for a rule that nobody asked for."""
    assert HELP_RULE == "planned"
    found = defaults("help_rule")
    assert {"disruption", "border", "emergency", "fuel", "contingency", "reliability", "restoration"} <= set(
        found
    )
    assert {study: rule for study, rule in found.items() if rule != HELP_RULE} == OWN_HELP
    assert Cut(("x",), DAY).help_rule == HELP_RULE


def test_one_default_of_who_goes_short() -> None:
    """The same for the place rule: a study, the page of a border and the map share a cut alike."""
    assert PLACE_RULE == "cooperative"
    found = defaults("place_rule")
    assert {"disruption", "border", "emergency", "exercise", "fuel", "replays"} <= set(found)
    assert set(found.values()) == {PLACE_RULE}
    assert Cut(("x",), DAY).place_rule == PLACE_RULE


@pytest.mark.parametrize("study", ["contingency", "reliability", "restoration"])
def test_sweeps_say_that_they_ask_one_rule(study: str) -> None:
    """Who reads a ranking must know that agreed help is not in it."""
    own = {one.name: one for one in fields(find(study))}
    assert own["help_rule"].metadata["choices"] == ("planned", "open")
    limits = " ".join(Words(events_town()).lines(f"{study}.limits")).lower()
    assert "what neighbours have agreed to give beyond plan and contracts is not counted" in limits


# ---- border
def border(case: Any = None, **asked: Any) -> Results:
    """KZ a uses 70: its plant makes 50, 20 come in. Without the plant 50 lack with planned help; 8.75, then 10 more are agreed."""
    case = case or two_countries(contract="")
    given = {"start": DAY, "days": 3, "kinds": ("line", "pipeline")} | asked
    return run("border", Engine(case, cache=False), **given)


@pytest.mark.parametrize("rule", ["planned", "agreed"])
def test_a_border_with_planned_and_agreed_help(rule: str) -> None:
    """Whichever was asked, both stand beside each other, with who gives it."""
    rows = border(help_rule=rule)["border.help"]
    (row,) = rows[(rows["region"] == "a") & (rows["question"] == "largest")].to_dict("records")
    assert row["element"] == "plant_a"
    assert row["planned"] == pytest.approx(24 * 3 * 50)
    assert row["agreed"] == pytest.approx(24 * (41.25 + 40 + 40))
    assert (row["planned_helpers"], row["agreed_helpers"]) == ("", "RU")


def test_what_a_border_says_of_help() -> None:
    """The first page names the loss that an agreement eases most, and the helper."""
    results = border()
    said = texts(results)["help_rules"]
    assert (
        "where plant_a is lost: 3.60 GWh unserved in A with planned help, 2.91 GWh with agreed help, given by Russia"
        in said
    )
    assert "Planned and agreed help" in [part.heading for part in page(results).parts]


def test_a_border_where_nothing_is_agreed() -> None:
    """Then one answer is both, and is not asked twice."""
    results = border(two_countries(contract="", aid=""))
    rows = results["border.help"]
    assert (rows["planned"] == rows["agreed"]).all()
    assert len(rows)
    assert texts(results)["help_rules"].startswith("Beyond plan and contracts nothing is agreed")
    at_will = border(two_countries(contract="", aid=""), help_rule="open")
    assert results.meta["solves"]["questions"] == at_will.meta["solves"]["questions"]
    assert at_will["border.help"].empty


# ---- emergency and fuel
def test_an_emergency_with_planned_and_agreed_help() -> None:
    """The plan of measures under one rule, and what is left under the other."""
    measures = """
        measure, name, acts_on,                      value, mode, unit, lead_time, crisis_level
        call,    Call, demand:a:electricity:household:amount, 0.9, scale, , 0,     alert
    """
    case = two_countries(contract="", measures=measures)
    results = run("emergency", Engine(case, cache=False), lost=("plant_a",), start=DAY, days=3)
    both = results["help.rules"].set_index("rule")
    # 7 of 70 are called off; the cut without measures is 50, with aid 41.25 and 40
    assert both["unserved_energy"].to_dict() == pytest.approx(
        {"planned": 24 * 3 * 43, "agreed": 24 * (34.25 + 33 + 33)}
    )
    assert both["helpers"].to_dict() == {"planned": "", "agreed": "RU"}
    assert "then Russia gives Kazakhstan" in texts(results)["help_rules"]


@pytest.mark.parametrize("rule", ["planned", "agreed"])
def test_fuel_with_planned_and_agreed_help(rule: str) -> None:
    """Without the south 110 of 180 t a day come in as planned; 300 t are in the depot: 400 t lack in ten days, with 30 t a day of aid 100 t.

    In the days after them as much comes in once more, and fills the depot.
    """
    engine = Engine(depots(aid=30), cache=False)
    results = run(
        "fuel", engine, start=DAY, days=10, of=("rail_s", "road_s"), share=1.0, reliefs=0, help_rule=rule
    )
    both = results["help.rules"].set_index("rule")
    assert both["unserved_energy"].to_dict() == pytest.approx(
        {"planned": 400 * T, "agreed": 100 * T}, rel=1e-5
    )
    assert both.loc["agreed", "help"] == pytest.approx(600 * T, rel=1e-5)
    assert both["helpers"].to_dict() == {"planned": "", "agreed": "RU"}
    assert "Planned and agreed help" in [part.heading for part in page(results).parts]


# ---- what is said
@pytest.mark.parametrize(("rule", "acts"), [("planned", True), ("agreed", True), ("open", False)])
def test_the_first_hour_says_that_no_rule_acts_in_it(rule: str, acts: bool) -> None:
    """The same hour under each rule: power flows before anybody is asked. Who reads `planned` must not take it for that."""
    asked = {"lost": ("plant_a",), "start": DAY, "days": 3, "help_rule": rule}
    results = run("disruption", Engine(two_countries(), cache=False), **asked)
    said = texts(results)["first_hour"]
    assert ("does not act in this hour" in said) == acts
    assert results["first_hour"]["unserved"].sum() == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ("open", "all they have"),
        ("agreed", "as far as they can spare it"),
        ("planned", "nothing of what is agreed"),
    ],
)
def test_a_replay_says_what_neighbours_give(rule: str, word: str) -> None:
    """Its default is another one than that of all other studies; that must be read on the page."""
    results = run(
        "replays", Engine(events_town(), cache=False), **({} if rule == "agreed" else {"help_rule": rule})
    )
    assert word in texts(results)["help"]
    assert results.meta["rules"]["help"] == rule

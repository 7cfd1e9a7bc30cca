"""What is said first of an outage: the largest loss, who is cut, whose help; counted by hand on cases of a town and a field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim.case import schema
from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case, to_text
from kelisim.case.change import Outage
from kelisim.case.customers import voll_of
from kelisim.engine import Engine, Rules
from kelisim.errors import CaseError
from kelisim.report.words import Words
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact
from kelisim.results.headline import headline, rests
from kelisim.results.losses import GROUPS, LOSSES, Losses, losses
from kelisim.results.results import Results
from kelisim.studies.study import create
from kelisim.tolerances import SMALL_SHARE
from tests.cases.cut_town import cut_town
from tests.cases.make import make, table
from tests.cases.random_case import random_case
from tests.reading import texts

START = date(2024, 1, 3)


def ask(case: Case, **fields: Any) -> Results:
    asked = {"lost": ("pipe",), "start": START, "days": 5, "place_rule": "none", "help_rule": "open"} | fields
    return create("disruption", asked).run(Engine(case, cache=False))


def field_and_port() -> Case:
    """A field sends 20 MW of crude through a pipe to a port, whose market pays 40 USD/MWh."""
    return make(
        days=12,
        places="place, name, country\nfield, Old field, KZ\nport, Port, RU",
        links="link, name, carrier, kind, from_place, to_place, capacity\npipe, Port line, crude, pipeline, field, port, 30",
        assets="asset, name, kind, place, capacity, cost\nwells, Old field, field, field, 20, 5",
        asset_ports="asset, carrier, ratio\nwells, crude, 1",
        markets="market, name, place, carrier, side, ceiling, unit, price\nsale, Crude at the port, port, crude, buys, 30, MW, 40",
    )


def behind_a_pipe() -> Case:
    """Two months of homes that take the 10 MW of a pipe that is full."""
    return make(
        months=2,
        places="place, name, country\nfield, Field, RU\ntown, Town, KZ",
        links="link, carrier, kind, from_place, to_place, capacity\npipe, natural_gas, pipeline, field, town, 10",
        assets="asset, name, kind, place, capacity, cost\nwells, Wells, field, field, 20, 5",
        asset_ports="asset, carrier, ratio\nwells, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\ntown, natural_gas, household, 10, MW year",
    )


# ---- the largest loss, whoever bears it
def test_a_sale_that_is_lost_leads() -> None:
    """20 MW for 5 days are 2,400 MWh at 40 USD; the field stops for it, at the same price less nothing: one loss, told once."""
    results = ask(field_and_port())
    rows = results["losses"].set_index("kind")
    assert rows.loc["sales", "value"] == pytest.approx(20 * 5 * 24 * 40)
    assert "shut_in" not in rows.index
    assert rows.loc["sales", "share"] == pytest.approx(1.0)
    assert texts(results)["answer"] == (
        "Sales abroad fall by 192 t of crude oil, 100 % while the outage lasts, worth 96.0 thousand USD."
    )
    assert texts(results)["who"] == "All customers are served."
    assert texts(results)["services"] == "Sales abroad down by 192 t of crude oil (100 %)."


def test_customers_lead_by_the_value_of_what_they_lack() -> None:
    """Industry lacks most energy, 720 MWh at 97 USD; homes and heat are worth more and stand first, protected before others."""
    results = ask(cut_town())
    rows = results["losses"][results["losses"]["kind"] == "customers"].set_index("family")
    assert rows.loc["heat", "value"] == pytest.approx(2 * 5 * 24 * 5000)
    assert rows.loc["gas", "value"] == pytest.approx(16 * 24 * 4500 + 6 * 5 * 24 * 97)
    assert rows.index[0] == "gas"
    assert (
        texts(results)["who"].index("heat")
        < texts(results)["who"].index("homes in")
        < texts(results)["who"].index("industry")
    )


def test_the_share_is_of_the_use_while_it_lasts() -> None:
    """Gas: 16 MW-days of homes and 30 of industry of the 14 MW that both take in five days, not in the ten days shown."""
    found = ask(cut_town())["demand.total"].set_index(["carrier", "customer_class"])
    assert found.loc[("natural_gas", "industry"), "share_lasting"] == pytest.approx(1.0)
    assert found.loc[("natural_gas", "household"), "share_lasting"] == pytest.approx(16 / 40)


def test_half_a_month_is_not_a_month() -> None:
    """In steps of months a cut of 15 of 31 days takes all of the use of those days, and half of that of the month."""
    row = ask(behind_a_pipe(), start=date(2024, 1, 1), days=15)["losses"].iloc[0]
    assert (row["kind"], row["share"], row["is_month"]) == ("customers", pytest.approx(1.0), False)
    assert row["amount"] == pytest.approx(10 * 24 / 0.010333333 / 1e6, rel=1e-6)  # million m3/day


# ---- units of the trade
def test_a_case_says_in_which_unit_each_carrier_is_told() -> None:
    """A dispatcher of gas reads thousand m3 an hour; heat is told in MW where the case says so."""
    case = cut_town()
    settings = {**case.settings, "display": {"units": {"gas": "1000 m3/h", "heat": "MW"}}}
    told = texts(ask(replace(case, settings=settings)))
    assert told["answer"].startswith("Steppe town lacks 0.890 1000 m3/h of natural gas")
    assert "Heat short by up to 2.00 MW in Steppe town" in told["services"]


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        ({"natural_gaz": "bcm"}, 'neither a carrier nor a family of carriers is called "natural_gaz". Did you mean "natural_gas"?'),
        ({"gas": "USD/t"}, 'gas: "USD/t" is neither a flow nor an amount of it.'),
        ({"gas": 3}, "display.units"),
    ],
)  # fmt: skip
def test_units_that_tell_nothing_are_refused(unit: dict[str, Any], message: str) -> None:
    settings = {"name": "tiny", "display": {"units": unit}}
    with pytest.raises(CaseError) as error:
        require(assemble(settings, {"places": table("place, country\ntown, KZ")}, {}))
    assert message in str(error.value)


def test_a_unit_that_nobody_wrote_waits_for_its_family() -> None:
    """A case whose families have names of their own is sound: the units that hold where nothing is written are not its words."""
    case = cut_town()
    kinds = case.table("carriers")
    own = to_text(
        schema.tables()["carriers"], kinds.assign(family=[f"my {name}" for name in kinds["family"]])
    )
    settings = {**case.settings, "display": {}}
    tables = {**case.tables, "carriers": own}
    assert (
        require(assemble(settings, tables, dict(case.files)))
        .table("carriers")["family"]
        .iloc[0]
        .startswith("my ")
    )
    with pytest.raises(CaseError, match='is called "gas"'):
        require(assemble({**settings, "display": {"units": {"gas": "bcm"}}}, tables, dict(case.files)))


# ---- what is too little to be named
@pytest.mark.parametrize("seed", range(0, 20, 2))
def test_no_headline_names_a_class_below_a_hundredth_of_the_loss(seed: int) -> None:
    """Random cases, whatever is lost: who is named has a hundredth of the loss, and the first sentence tells the largest."""
    seen, lost = _cut(seed)
    if seen is None:
        return
    found = losses(seen, lost)
    demand = seen.case.table("demand")
    worth = (seen.more @ seen.hours) * voll_of(seen.case, demand)
    classes = pd.Series(worth).groupby([demand[c].to_numpy() for c in ("customer_class", "carrier")]).sum()
    first, who = headline(seen, found)
    for part in who.places.get("parts", []):
        key = (part.places["customer_class"], part.places["carrier"])
        assert classes[key] >= SMALL_SHARE * found.total * (1.0 - 1e-9)
    assert list(found.groups.columns) == GROUPS
    assert len(who.places.get("parts", [])) <= 3
    if len(found.all):
        assert found.all["value"].iloc[0] == found.all["value"].max()
        assert first.say.startswith("first.") and first.say not in ("first.nothing", "first.little")
    _readable(seen.case, [first, who])


def _cut(seed: int) -> tuple[AgainstPlan | None, list[str]]:
    """A random case in which a link and an asset are lost from its first day on."""
    try:
        case = random_case(seed)
    except CaseError:
        return None, []
    engine = Engine(case, cache=False)
    if engine.base.status != "optimal":
        return None, []
    draw = np.random.default_rng(seed)
    lost = [
        str(draw.choice(case.table(table).iloc[:, 0]))
        for table in ("links", "assets")
        if len(case.table(table))
    ]
    start = case.horizon.start.date()
    window = engine.window(start, 2, Rules())
    last = start + timedelta(days=1)
    asked = window.ask([Outage(element, start, last) for element in lost])
    lasts = case.horizon.share_within(start, last)[window.first : window.last]
    return AgainstPlan(case, window.steps, lasts > 0, asked.answer, asked.base, lasts), lost


def _readable(case: Case, facts: list[Fact]) -> None:
    words = Words(case)
    for fact in facts:
        text = words.say(fact)
        assert text.endswith(".") and "nan" not in text and "days shown" not in text


def test_agreed_help_that_leaves_the_told_number_says_so_in_money() -> None:
    """The highest hour stays at 751 MW under agreed help, though less energy and money are lost: "751 instead of 751" tells nobody anything."""
    lost = {
        "kind": "customers",
        "of": "KZ",
        "family": "power",
        "carrier": "electricity",
        "unit": "MW",
        "peak": 751.0,
        "energy": 100.0,
    }
    rows = {
        amount: pd.DataFrame([dict.fromkeys(LOSSES) | lost | {"amount": amount, "value": 1e6 * amount}])
        for amount in (40.0, 30.0)
    }
    none = pd.DataFrame()
    planned, agreed = (Losses(rows[amount], none, 0, none, none, none) for amount in (40.0, 30.0))
    nobody = pd.DataFrame(columns=["receiver", "giver", "carrier", "more", "peak"]).astype({"more": float})
    told = rests(planned, "planned", nobody, {"agreed": (agreed, nobody)}).places["other"]
    assert (told.say, told.places["now"], told.places["here"]) == ("rests.with_agreed_money", 30e6, 40e6)
    # help that leaves more lost is no help to tell in money: another loss stands in the place of one that weighs less
    for rule, here, its, word in (
        ("planned", agreed, planned, "no_less"),
        ("agreed", planned, agreed, "no_more"),
    ):
        other = "agreed" if rule == "planned" else "planned"
        assert rests(here, rule, nobody, {other: (its, nobody)}).places["other"].say == f"rests.{word}"

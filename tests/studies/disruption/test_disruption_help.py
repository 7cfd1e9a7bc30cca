"""A disruption under the three rules of help from abroad: who helps, what is agreed beside what is planned, who goes short for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.results.results import Results
from kelisim.studies.disruption.study import Disruption
from tests.cases.help import two_countries
from tests.studies.disruption.test_disruption import page, texts

# no daily maximum: 219.6 GWh in the 8,784 hours of the year are 25 MW
FIRM = """
    contract, name,      kind,    carrier,     annual_quantity, unit, nomination_lead, over
    firm,     Contract,  balance, electricity, 219.6,           GWh,  24,              east
"""


def ask(rule: str, lost: tuple[str, ...] = ("plant_a",), contracts: str = FIRM, **fields: Any) -> Results:
    case = two_countries(contracts=contracts)
    return Disruption(lost, start=date(2024, 1, 1), days=3, help_rule=rule, **fields).run(
        Engine(case, cache=False)
    )


@pytest.mark.parametrize(
    ("rule", "unserved", "more", "agreed"),
    [
        ("planned", 24 * (50 + 45 + 45), 24 * (5 + 5), 0),
        ("agreed", 24 * (41.25 + 35 + 35), 24 * (8.75 + 15 + 15), 24 * (8.75 + 10 + 10)),
        ("open", 24 * 3 * 15, 24 * 3 * 35, 0),
    ],
)
def test_who_helps_by_how_much(rule: str, unserved: float, more: float, agreed: float) -> None:
    """Without a name beside it, help is a gift of the model."""
    results = ask(rule)
    row = results["help"].iloc[0]
    assert (row["receiver"], row["giver"], row["carrier"]) == ("KZ", "RU", "electricity")
    assert row["more"] == pytest.approx(more)
    assert row["agreed"] == pytest.approx(agreed)
    assert row["contracts"] == "firm"
    assert results["demand.total"]["unserved"].sum() == pytest.approx(unserved)
    assert texts(results)["help"].startswith("Beyond the plan Russia gives Kazakhstan")


@pytest.mark.parametrize("rule", ["planned", "agreed"])
def test_planned_and_agreed_side_by_side(rule: str) -> None:
    """Whichever was asked, the other one stands beside it; it says what an agreement is worth."""
    results = ask(rule)
    both = results["help.rules"].set_index("rule")
    assert both["unserved_energy"].to_dict() == pytest.approx(
        {"planned": 24 * (50 + 45 + 45), "agreed": 24 * (41.25 + 35 + 35)}
    )
    helped = ": then Russia gives Kazakhstan 930 MWh of electricity" if rule == "planned" else ""
    assert (
        texts(results)["help_rules"]
        == f"Unserved with planned help 3.36 GWh, with agreed help 2.67 GWh{helped}."
    )
    assert both["help"].to_dict() == pytest.approx({"planned": 240, "agreed": 930})
    assert both["helpers"].to_dict() == {"planned": "RU", "agreed": "RU"}
    assert "Planned and agreed help" in [part.heading for part in page(results).parts]


def test_a_daily_maximum_that_is_assumed_is_told() -> None:
    """An estimate that decides an answer must be seen as one."""
    assert texts(ask("planned"))["daily_max"] == (
        "Help by contract: the case has no daily maximum of Contract; annual quantity / days x (1 + swing) is taken, grade C."
    )
    known = FIRM.replace("annual_quantity, unit", "daily_max,       daily_unit").replace(
        "219.6,           GWh", "25, MW"
    )
    assert "daily_max" not in texts(ask("planned", contracts=known))


def test_a_helper_that_goes_short_is_told() -> None:
    """Under open a neighbour shares what it has, and its homes pay for it."""
    results = ask("open", ("plant_a", "plant_b"), place_rule="cooperative")
    row = results["help"].iloc[0]
    assert row["giver_short"] > 0
    assert texts(results)["helpers_short"].startswith("Helpers go short themselves: Russia of")


def test_unknown_length_and_rules_of_help() -> None:
    """Day by day under each rule: what is agreed comes in as well, and no more."""
    short = [
        ask(rule, knows_duration=False)["demand.total"]["unserved"].sum()
        for rule in ("planned", "agreed", "open")
    ]
    assert short == sorted(short, reverse=True)
    assert short[0] == pytest.approx(24 * (50 + 45 + 45))

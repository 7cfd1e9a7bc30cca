"""A disruption under the three rules of help from abroad: who helps, what is agreed beside what is planned, who goes short for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.results import Results
from kelisim.studies.disruption.study import Disruption
from kelisim.studies.helping import rules_fact
from tests.cases.help import gas_and_power, two_countries
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
    helped = " (then Russia gives Kazakhstan 930 MWh of electricity)" if rule == "planned" else ""
    assert (
        texts(results)["help_rules"]
        == "Extra cost, with unserved energy at its value: 13.1 million USD with planned help, 10.3 million USD with agreed help. "
        f"Unserved with planned help: 3.36 GWh of electricity; with agreed help: 2.67 GWh of electricity{helped}."
    )
    assert both["help"].to_dict() == pytest.approx({"planned": 240, "agreed": 930})
    assert both["helpers"].to_dict() == {"planned": "RU", "agreed": "RU"}
    assert "Planned and agreed help" in [part.heading for part in page(results).parts]


def test_money_comes_before_the_sum_of_all_carriers() -> None:
    """By hand: the cheaper answer leaves more MWh unserved, of another carrier; each stands with its own amount, the costliest first."""
    case = gas_and_power()
    window = Engine(case, cache=False).window(date(2024, 1, 1), 3)
    asked = {}
    for rule, gas, power in (("planned", 0.0, 10.0), ("agreed", 28.0, 2.0)):
        seen = AgainstPlan(case, window.steps, np.ones(3, dtype=bool), window.base, window.base)
        vars(seen)["more"] = np.array([[power, 0.0, 0.0], [gas, 0.0, 0.0]]) / 24
        asked[rule] = seen
    rules = pd.DataFrame({"rule": ["planned", "agreed"], "extra_cost": [5e6, 4e6]})
    assert Words(case).say(rules_fact(rules, asked)) == (
        "Extra cost, with unserved energy at its value: 5.00 million USD with planned help, 4.00 million USD with agreed help. "
        "Unserved with planned help: 10.0 MWh of electricity; with agreed help: 2.71 thousand m3 of natural gas, 2.00 MWh of electricity."
    )


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

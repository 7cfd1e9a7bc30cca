"""Duties to supply a home market: kept when the plant that served them is lost, and told on every page."""

from __future__ import annotations

from datetime import date

import pytest

from kelisim.case.case import Case
from kelisim.case.change import Dated
from kelisim.engine import Engine, Rules
from kelisim.errors import CaseError
from kelisim.explain.explain import explain
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.studies.balance.study import Balance
from kelisim.studies.disruption.study import Disruption
from kelisim.studies.pages import page_of
from tests.cases.make import make
from tests.cases.refinery import with_refinery

HOME = """
    duty, name,        carrier, country, quantity, unit, price_cap, shortfall_price
    home, Home supply, crude,   KZ,      351360,   MWh,  20,        {price}
"""


TOLD = [
    "duties.csv row 2, country: a duty is owed to a place or to a country, and this one names neither. Give one of place and country, and leave the other empty.",
    'duties.csv row 3, country: "KZ" stands beside the place a. Give one of place and country, and leave the other empty.',
    'duties.csv row 4, country: no place lies in "KX". Known: KZ.',
    "duties.csv row 5, profile: a duty over the year is free within it. Leave the profile empty, or set over to step.",
    "duties.csv row 6, end: 2024-01-01 lies before start 2024-01-02. The last day is not before the first.",
    "duties.csv row 7, start: 2025-01-02 lies outside the horizon, 2024-01-01 to 2024-01-02. Put the date right, or remove the row: it has no day on which it could count.",
]


def _case(price: float = 80.0) -> Case:
    """40 MW of crude are owed in KZ; abroad it earns 60, and what is missing costs `price`."""
    return with_refinery(days=20, duties=HOME.format(price=price))


def test_a_duty_keeps_a_plant_at_work() -> None:
    """Without the row the refinery makes what the town wants, 30 MW of crude, and the rest is sold abroad."""
    without = Balance().run(Engine(with_refinery(days=20), cache=False))
    assert "duties.total" not in without
    total = Balance().run(Engine(_case(), cache=False))["duties.total"].iloc[0]
    assert total["owed"] == total["delivered"] == pytest.approx(40 * 480)
    assert total["shortfall"] == total["cost"] == 0.0
    # one more MW owed: 60 not earned abroad, and 1 to run the refinery; the fuel beyond 27 MW is worth nothing
    assert total["shadow_price"] == pytest.approx(61.0)
    assert total["given_up"] == pytest.approx(40 * 480 * (60.0 - 20.0))


def test_a_duty_may_be_missed_at_its_price() -> None:
    """At 50 USD/MWh the seller would rather pay: 10 MW are missing in each hour of 20 days."""
    results = Balance().run(Engine(_case(50.0), cache=False))
    total = results["duties.total"].iloc[0]
    assert total["shortfall"] == pytest.approx(10 * 480)
    assert total["hours_short"] == pytest.approx(480.0)
    assert total["cost"] == pytest.approx(10 * 480 * 50.0)
    items = results["costs"].set_index("item")["amount"]
    assert items["shortfalls_of_minimums"] == pytest.approx(total["cost"])
    told = explain(results, "duties.total", "home:cost")
    assert {behind.table for behind in told.behind} == {"duties"}


def test_a_duty_outlives_its_plant() -> None:
    """Five days without the refinery: the town lacks 27 MW at 500, 40 MW more are sold at 60, and 40 MW owed are missing at 80."""
    engine = Engine(_case(), cache=False)
    asked = Disruption(
        lost=("refinery",), start=date(2024, 1, 3), days=5, place_rule="none", time_rule="none"
    )
    results = asked.run(engine)
    missed = results["duties.missed"].iloc[0]
    hours = 5 * 24
    assert missed["shortfall"] == pytest.approx(40 * hours)
    assert missed["cost"] == pytest.approx(40 * hours * 80)
    facts = results["facts"].set_index("key")["value"]
    saved = 40 * 1 + 40 * 60
    assert facts["extra_cost"] == pytest.approx(hours * (27 * 500 + 40 * 80 - saved))
    assert facts["duties_missed"] == pytest.approx(missed["cost"])
    words = Words(results.case)
    text = markdown(page_of(results, words), results, words)
    assert (
        "More is missing of 1 duty to supply the home market than by the plan, most of Home supply: 384 t of crude oil."
        in text
    )
    assert "What is missing of duties to supply beyond the plan" in text


def test_a_duty_of_the_year_may_wait() -> None:
    """Two days without the refinery in a year of 20 days: the other days have 10 MW more, and nothing is missing."""
    case = with_refinery(
        days=20,
        duties="""
            duty, carrier, country, quantity, unit, over, shortfall_price
            home, crude,   KZ,      351360,   MWh,  year, 80
        """,
        outages="table, element, start, end\nassets, refinery, 2024-01-03, 2024-01-04",
    )
    total = Balance().run(Engine(case, cache=False))["duties.total"].iloc[0]
    assert total["shortfall"] == pytest.approx(0.0)
    assert total["delivered"] == pytest.approx(40 * 480)


def test_deliveries_abroad_and_of_other_carriers_are_none() -> None:
    """A duty of fuel is served by what customers get, and no export of crude counts for it."""
    case = with_refinery(
        days=1,
        duties="""
            duty, carrier, place, quantity, unit
            town, diesel,  a,     175680,   MWh
            port, crude,   b,     87840,    MWh
        """,
    )
    total = Balance().run(Engine(case, cache=False))["duties.total"].set_index("duty")
    assert total.loc["town", "delivered"] == pytest.approx(27 * 24)
    assert total.loc["town", "share_delivered"] == pytest.approx(1.35)
    assert total.loc["port", "shortfall"] == pytest.approx(10 * 24)


def test_duties_that_say_nothing_are_told() -> None:
    """A duty owed to nobody is kept by nobody."""
    with pytest.raises(CaseError) as caught:
        make(
            places="place, name, country\na, A, KZ",
            profiles="profile, month, value\n" + "\n".join(f"cold, {m}, 1" for m in range(1, 13)),
            duties="""
                duty, carrier, place, country, quantity, over, profile, start,      end
                one,  crude,   ,      ,        10,       ,     ,        ,
                two,  crude,   a,     KZ,      10,       ,     ,        ,
                tri,  crude,   ,      KX,      10,       ,     ,        ,
                four, crude,   a,     ,        10,       year, cold,    ,
                five, crude,   a,     ,        10,       ,     ,        2024-01-02, 2024-01-01
                six,  crude,   a,     ,        10,       ,     ,        2025-01-02,
            """,
        )
    assert [str(problem) for problem in caught.value.problems] == TOLD


def test_a_decree_may_suspend_a_duty() -> None:
    """A duty is a row whose quantity may be another for some days, without a new matrix."""
    engine = Engine(_case(), cache=False)
    window = engine.window(date(2024, 1, 3), 5, Rules())
    pause = Dated("duties", ("home",), "quantity", 0.0, start=date(2024, 1, 3), end=date(2024, 1, 7))
    asked = engine.ask(window, [pause])
    assert asked.rebuilt is None
    # 10 MW are sold instead, and the refinery saves its cost for them
    assert asked.extra_cost == pytest.approx(-5 * 24 * 10 * 61)

"""Nothing vanishes: what nobody takes is not made, and what is let go is a row with its reason."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.balance.study import Balance
from kelisim.studies.disruption.study import Disruption
from kelisim.studies.pages import page_of
from tests.cases.refinery import with_refinery
from tests.cases.shut_in import at_the_end_of_a_railway, behind_a_terminal

START = date(2024, 1, 3)
DAY = 24


def _closed(may_curtail: str = "") -> Results:
    """The pipe to the port is closed for five days."""
    engine = Engine(behind_a_terminal(may_curtail), cache=False)
    rules = {"place_rule": "none", "time_rule": "late", "help_rule": "planned"}
    return Disruption(lost=("pipe",), start=START, days=5, **rules).run(engine)


def _text(results: Results) -> str:
    words = Words(results.case)
    return markdown(page_of(results, words), results, words)


def test_a_field_behind_a_closed_terminal_shuts_in_with_its_gas() -> None:
    """By hand: the tank takes two days, so the field stops on 5 January for three days, and the town has no gas in them."""
    results = _closed()
    found = results["shut_in"].set_index("carrier")
    assert list(found["first"]) == [pd.Timestamp(2024, 1, 5)] * 2
    assert found.loc["crude", "less"] == pytest.approx(100 * 3 * DAY)
    assert found.loc["natural_gas", "less"] == pytest.approx(20 * 3 * DAY)
    short = results["demand.total"].iloc[0]
    assert short["unserved"] == pytest.approx(20 * 3 * DAY)
    assert short["first_short"] == pd.Timestamp(2024, 1, 5)
    assert results["places.let_go"].empty
    text = _text(results)
    assert "Shut in because nobody takes what it makes: field, from 5 January 2024, by 100 %" in text


def test_a_row_may_let_the_crude_go() -> None:
    """Where crude may be flared the field goes on for its gas; what is let go is told with the row that allows it."""
    results = _closed("crude")
    assert "shut_in" not in results
    assert results["demand.total"].empty
    row = results["places.let_go"].iloc[0]
    assert tuple(row[["place", "carrier", "by", "maker"]]) == ("a", "crude", "places", "field")
    assert row["let_go"] == pytest.approx(100 * 3 * DAY)
    assert row["let_go_base"] == 0.0
    assert "| A | Crude oil |" in _text(results)


def test_a_place_may_forbid_what_its_carrier_allows() -> None:
    """Heat and power may be let go unless the place says no."""
    for may_curtail, kept in (("", False), ("no", True), ("crude", False), ("yes", False)):
        case = at_the_end_of_a_railway(may_curtail)
        block = Engine(case, cache=False).base.rows["places.balance"]
        row = block.elements.index("b:electricity")
        assert (block.lower[row] == block.upper[row]).all() == kept


def test_goods_that_nobody_can_take_are_let_go_with_a_row() -> None:
    """By hand: the plant is out for three days; the coal of two days is on its way, and no yard takes it."""
    engine = Engine(at_the_end_of_a_railway(), cache=False)
    results = Disruption(lost=("plant",), start=START, days=3).run(engine)
    row = results["places.let_go"].iloc[0]
    assert tuple(row[["place", "carrier", "by"]]) == ("b", "coal_low_ash", "arrived")
    assert row["let_go"] == pytest.approx(90 * 2 * DAY)
    facts = results["facts"].set_index("key")["value"]
    assert facts["let_go"] == pytest.approx(90 * 2 * DAY)
    assert "On its way when the outage began, and taken by nobody" in _text(results)


@pytest.mark.parametrize("in_transit", ["held", "lost"])
def test_a_cut_railway_lets_go_no_more_than_arrives(in_transit: str) -> None:
    """Plant and railway are out for three days: what was on its way comes when both are back, or never."""
    engine = Engine(at_the_end_of_a_railway(), cache=False)
    window = engine.window(START, 3, Rules())
    lost = [Outage(one, START, date(2024, 1, 5)) for one in ("track", "plant")]
    asked = window.ask(lost, in_transit)
    assert asked.answer.status == "optimal"
    assert asked.answer.power("window.let_go", steps=1).sum() == pytest.approx(0.0, abs=1e-6)
    back = asked.answer.power("assets.activity", ["plant"])[0]
    assert back[:3] == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
    # held: two days of coal are there as soon as the railway is back; lost: what leaves then arrives two days later
    assert back[3] == pytest.approx(30.0 if in_transit == "held" else 0.0, abs=1e-6)


def test_the_plan_says_what_it_lets_go() -> None:
    """A refinery bound to take 40 MW of crude makes fuel that nobody wants: it is let go at its place, and told."""
    duties = "duty, carrier, country, quantity, unit, shortfall_price\nhome, crude, KZ, 351360, MWh, 80"
    results = Balance().run(Engine(with_refinery(days=20, duties=duties), cache=False))
    row = results["places.let_go"].iloc[0]
    assert tuple(row[["place", "carrier", "by", "maker"]]) == ("a", "diesel", "places", "refinery")
    assert row["let_go"] == pytest.approx((40 * 0.9 - 27) * 20 * DAY)
    assert "Let go" in _text(results)

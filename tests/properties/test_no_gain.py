"""No gain from a loss: nothing is cheaper without an element, but for what its loss frees, which is named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Contingencies, Engine, Lost, Rules, Window
from kelisim.engine.gains import KINDS, MAY_GAIN, freed_rows, gains, is_gain
from kelisim.errors import CaseError
from kelisim.lp.delta import Delta
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.studies.contingency.study import Contingency
from kelisim.studies.disruption.study import Disruption
from kelisim.studies.pages import page_of
from tests.cases.make import AB, make
from tests.cases.random_case import random_case
from tests.cases.random_duties import with_duties

TABLES = ("links", "assets", "storages", "places", "markets", "contracts")
CASES, PARTS = 200 if "KELISIM_EXAMPLES" in os.environ else 40, 8


def _windows(seed: int) -> Iterator[tuple[Window, date, int]]:
    """A window of a random case in which all or half of the days are lost, under a rule or none."""
    try:
        case = with_duties(seed) if seed % 2 else random_case(seed)
    except CaseError:
        return
    horizon = case.horizon
    count = (horizon.end - horizon.start).days
    days = count if seed % 5 == 0 else max(1, count // 2)
    start = horizon.start.date() + timedelta(days=(seed % 4) * (count - days) // 4)
    rules = Rules("cooperative", "late") if seed % 3 == 0 else Rules()
    yield Engine(case, cache=False).window(start, days, rules, tail=(0, 2, 30)[seed % 3]), start, days


@pytest.mark.parametrize("part", range(PARTS))
def test_no_loss_of_an_element_is_a_gain(part: int) -> None:
    """A refinery whose loss earned money: its duty went with it, and its crude was sold abroad."""
    count = CASES // PARTS
    tried = 0
    for seed in range(part * count, (part + 1) * count):
        for window, start, days in _windows(seed):
            tried += 1
            before = _cost(window, window.start.objective, window.start.values)
            for table, element in _elements(window.case):
                lost = Outage(element, start, start + timedelta(days=days - 1), 1.0, table)
                delta = window.delta([lost], "lost" if seed % 7 == 0 else "held")
                solution = window.session.solve(delta)
                now = _cost(window, solution.objective, solution.values)
                kinds = set(freed_rows(window.problem, delta)["kind"])
                assert kinds <= set(KINDS.values()), (seed, element, kinds)
                if now < before - 1e-7 * abs(before) - 1e-3:
                    assert kinds & MAY_GAIN, (seed, element, before - now)
    assert tried > count // 2


def _cost(window: Window, objective: float, values: object) -> float:
    """What the solver minimises, currency: with what breaks ties."""
    return objective + float(window.problem.tilt @ values) * window.problem.scale


def _elements(case: Case) -> list[tuple[str, str]]:
    return [(table, str(one)) for table in TABLES for one in case.table(table).iloc[:, 0]]


def _plants() -> Case:
    """A plant that must run at 50 USD/MWh beside one at 10: without it 30 MW are made for 40 USD/MWh less.

    dear --100, at least 30--> a, 80 MW <--100-- cheap
    """
    return make(
        days=1,
        places=AB,
        assets="""
            asset, kind,  place, capacity, cost, min_share, min_price
            dear,  field, a,     100,      50,   0.3,       200
            cheap, field, a,     100,      10,   ,
        """,
        asset_ports="asset, carrier, ratio\ndear, natural_gas, 1\ncheap, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit, voll\na, natural_gas, household, 702720, MWh, 500",
    )


def test_a_gain_is_told_with_the_row_that_is_freed() -> None:
    """By hand: 30 MW for 24 hours at 50 - 10 USD/MWh, because the least activity goes with the plant."""
    window = Engine(_plants(), cache=False).snapshot(date(2024, 1, 1), Rules())
    asked = Contingencies(
        window, [Lost("assets:dear", (("assets", "dear"),)), Lost("assets:cheap", (("assets", "cheap"),))]
    )
    singles = asked.singles()
    told = gains(asked, singles)
    expected = [("assets", "dear", 30 * 24 * 40.0, "assets.minimum", "dear", "minimum_load")]
    found = [tuple(row) for row in told.itertuples(index=False)]
    assert [row[:2] + row[3:] for row in found] == [row[:2] + row[3:] for row in expected]
    assert told["gain"].iloc[0] == pytest.approx(expected[0][2])
    assert is_gain(singles.with_ties, window.start.objective).tolist() == [True, False]


def test_a_line_frees_the_law_of_its_cycle() -> None:
    """Without the weak line of a ring the others may carry more: a gain of Kirchhoff, told as such."""
    case = make(
        days=1,
        places="place, name, country\na, A, KZ\nb, B, KZ\nc, C, KZ",
        links="""
            link, carrier,     kind, from_place, to_place, capacity, capacity_back, reactance
            ab,   electricity, line, a,          b,        100,      100,           1
            bc,   electricity, line, b,          c,        100,      100,           1
            ca,   electricity, line, a,          c,        10,       10,            1
        """,
        assets="asset, kind, place, capacity, cost\nwind, wind, a, 100, 1",
        asset_ports="asset, carrier, ratio\nwind, electricity, 1",
        demand="place, carrier, customer_class, amount, unit, voll\nc, electricity, household, 527040, MWh, 500",
    )
    engine = Engine(case, cache=False)
    window = engine.snapshot(date(2024, 1, 1), Rules())
    delta = window.delta([Outage("ca", date(2024, 1, 1), date(2024, 1, 1))])
    freed = freed_rows(window.problem, delta)
    assert [tuple(row) for row in freed.itertuples(index=False)] == [("links.kirchhoff", "bc", "cycle")]
    # 10 MW over ca and, twice as far, 5 over ab and bc: 15 of 60 MW arrive; without ca all of them
    assert window.start.objective == pytest.approx(24 * (15 * 1 + 45 * 500))
    assert window.session.solve(delta).objective == pytest.approx(24 * 60.0)


def test_nothing_else_is_freed() -> None:
    """A change that opens another row would make a loss pay without a word."""
    window = Engine(_plants(), cache=False).snapshot(date(2024, 1, 1), Rules())
    row = window.problem.rows["places.balance"].positions.ravel()[:1]
    wide = Delta(
        rows=row, row_lower=window.problem.row_lower[row] - 1.0, row_upper=window.problem.row_upper[row]
    )
    assert set(freed_rows(window.problem, wide)["kind"]) == {"goods_under_way"}
    assert freed_rows(window.problem, Delta()).empty
    assert isinstance(freed_rows(window.problem, Delta()), pd.DataFrame)


def test_studies_tell_a_gain_and_its_row() -> None:
    """A loss that earns money without a word makes every other number doubtful."""
    engine = Engine(_plants(), cache=False)
    day = date(2024, 1, 1)
    results = Contingency(day=day, of=("assets",)).run(engine)
    assert list(results["gains"]["kind"]) == ["minimum_load"]
    words = Words(results.case)
    text = markdown(page_of(results, words), results, words)
    assert (
        "1 loss makes the plan cheaper, dear most, by 28.8 thousand USD: its least activity goes with it."
        in text
    )
    lost = Disruption(lost=("dear",), start=day, days=1).run(engine)
    text = markdown(page_of(lost, words), lost, words)
    assert (
        "28.8 thousand USD cheaper than the plan, because the loss frees: least activity of asset dear."
        in text
    )

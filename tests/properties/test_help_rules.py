"""What holds for help from abroad in every window: nested rules, the plan kept, ties of a border as one, and certificates."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.engine import Contingencies, Engine, Lost, Rules, Window
from kelisim.errors import CaseError
from kelisim.model.help import RULES
from tests.properties.examples import examples
from tests.properties.helping import helping_case, moved

TABLES = ("links", "assets", "storages", "places", "markets", "contracts")


def some_case(seed: int, twins: bool = False) -> Case:
    try:
        return helping_case(seed, twins)
    except CaseError:
        assume(False)
        raise


def opened(engine: Engine, place: str, when: str, data: st.DataObject) -> tuple[Window, date, date]:
    """A window of some days under `planned`, and the first and last day of an outage in it."""
    horizon = engine.case.horizon
    count = (horizon.end - horizon.start).days
    start = horizon.start.date() + timedelta(days=data.draw(st.integers(0, count - 1), label="start"))
    days = data.draw(st.integers(1, count), label="days")
    tail = data.draw(st.sampled_from((0, 1, 30)), label="tail")
    window = engine.window(start, days, Rules(place, when, help="planned"), tail=tail)
    return window, start, start + timedelta(days=days - 1)


def costs(window: Window, outages: list[Outage]) -> list[float]:
    answers = [window.ask(outages, help=rule).answer for rule in RULES]
    assert [answer.status for answer in answers] == ["optimal"] * len(RULES)
    return [answer.objective for answer in answers]


@examples(0.5)
@given(st.integers(0, 5000), st.sampled_from(PLACE_RULES), st.sampled_from(TIME_RULES), st.data())
def test_more_help_never_costs_more(seed: int, place: str, when: str, data: st.DataObject) -> None:
    """V(planned) >= V(agreed) >= V(open), and the undisturbed window is the plan under all three."""
    engine = Engine(some_case(seed), cache=False)
    window, start, last = opened(engine, place, when, data)
    if when != "late":
        assert window.base.objective == pytest.approx(engine.base.objective, rel=1e-7, abs=1e-6)
    for cost in costs(window, []):
        assert cost == pytest.approx(window.base.objective, rel=1e-7, abs=1e-6)
    elements = [str(e) for table in TABLES for e in engine.case.table(table).iloc[:, 0]]
    some = data.draw(st.lists(st.sampled_from(elements), min_size=1, max_size=6, unique=True), label="lost")
    for lost in [*([e] for e in some), some, elements]:
        planned, agreed, at_will = costs(window, [Outage(e, start, last) for e in lost])
        room = 1e-7 * max(abs(planned), abs(at_will)) + 1e-3
        if place != "own_first":  # what a country could serve alone is asked of each answer anew
            assert planned >= agreed - room
            assert agreed >= at_will - room


def test_the_properties_have_something_to_say() -> None:
    """Nested costs that are all equal, and ties of which none was moved, would prove nothing."""
    strict = {"agreed": 0, "open": 0}
    moves = 0
    for seed in range(60):
        try:
            case = helping_case(seed, twins=True)
        except CaseError:
            continue
        engine = Engine(case, cache=False)
        start, last = (day.date() for day in (case.horizon.start, case.horizon.end - pd.Timedelta(days=1)))
        window = engine.window(start, 3, Rules("cooperative", help="planned"), tail=0)
        for asset in case.table("assets")["asset"]:
            planned, agreed, at_will = costs(window, [Outage(str(asset), start, last)])
            strict["agreed"] += planned > agreed + 1.0
            strict["open"] += agreed > at_will + 1.0
        solved = engine._solved_plain
        moves += bool((moved(case, solved, seed).values != solved.values).any())
    assert min(strict.values()) >= 10
    assert moves >= 10


@examples(0.5)
@given(st.integers(0, 5000), st.integers(0, 99), st.data())
def test_ties_of_a_border_are_one(seed: int, order: int, data: st.DataObject) -> None:
    """Which of two equal ties the plan uses is chance; it must not decide who goes short."""
    engine = Engine(some_case(seed, twins=True), cache=False)
    window, start, last = opened(engine, "cooperative", "none", data)
    solved = moved(engine.case, engine._solved_plain, order)
    other = Window(engine.case, solved, window.first, window.last, window.rules, window.days)
    elements = [str(e) for table in TABLES[:4] for e in engine.case.table(table).iloc[:, 0]]
    for element in data.draw(st.lists(st.sampled_from(elements), min_size=1, max_size=6), label="lost"):
        asked = [one.ask([Outage(element, start, last)]).answer for one in (window, other)]
        assert asked[0].objective == pytest.approx(asked[1].objective, rel=1e-6, abs=1e-3)
        short = [one.by_demand(len(engine.case.table("demand"))) for one in asked]
        assert short[0] == pytest.approx(short[1], abs=1e-3)


@examples()
@given(st.integers(0, 5000))
def test_worst_sets_are_proven_with_the_rows_of_help(seed: int) -> None:
    """A bound that does not see a new row would prove a set that is not the worst: every pair and triple of ten elements is looked at."""
    engine = Engine(some_case(seed), cache=False)
    case, start = engine.case, engine.case.horizon.start.date()
    window = engine.snapshot(start, Rules("cooperative", help="planned"))
    last = (pd.Timestamp(window.steps["end"].iloc[-1]) - pd.Timedelta(hours=1)).date()
    names = [(table, str(e)) for table in TABLES[:3] for e in case.table(table).iloc[:, 0]]
    elements = [Lost(name, ((table, name),)) for table, name in names[:: max(1, len(names) // 10)]]
    search = Contingencies(window, elements)
    value = {
        lost: window.session.solve(window.delta([Outage(e, start, last) for e in lost])).objective
        - window.start.objective
        for size in (1, 2, 3)
        for lost in combinations([one.name for one in elements], size)
    }
    pairs, worst = search.worst_pairs(3), search.worst(3)
    expected = sorted((cost for lost, cost in value.items() if len(lost) == 2), reverse=True)[:3]
    assert pairs.is_proven
    assert [one.loss for one in pairs.outcomes[:3]] == pytest.approx(expected, rel=1e-6, abs=1.0)
    assert worst.is_proven
    assert worst.best.loss == pytest.approx(max(value.values()), rel=1e-6, abs=1.0)

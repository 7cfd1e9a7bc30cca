"""What holds for every case with norms of stocks: the plan stays the plan, all can be lost, nothing is gained, proofs hold."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Contingencies, Engine, Lost, Rules, Window
from kelisim.errors import CaseError
from kelisim.results.answer import Answer
from tests.cases.random_case import shuffled
from tests.cases.random_norms import with_norms
from tests.properties.examples import examples

TABLES = ("links", "assets", "storages", "places", "markets", "contracts")
RULES = (Rules(), Rules("cooperative", "even"), Rules("own_first"), Rules("by_contract", "late"))


def engine_of(case: Case) -> Engine:
    found = Engine(case, cache=False)
    assume(found.base.status == "optimal" and "storages.norm" in found.plain.rows)
    return found


def some_case(seed: int) -> Case:
    try:
        return with_norms(seed)
    except CaseError:
        assume(False)
        raise


def opened(engine: Engine, rules: Rules, data: st.DataObject) -> tuple[Window, date, date]:
    horizon = engine.case.horizon
    count = (horizon.end - horizon.start).days
    start = horizon.start.date() + timedelta(days=data.draw(st.integers(0, count - 1), label="start"))
    days = data.draw(st.integers(1, count), label="days")
    return engine.window(start, days, rules, tail=2), start, start + timedelta(days=days - 1)


def besides_norms(answer: Answer, window: Window) -> float:
    """Cost of an answer without what is drawn on norms, currency."""
    block = window.problem.columns["storages.norm_drawn"]
    price = block.spread(window.problem.cost)
    for storage, step in answer.norms.items():
        at = block.elements.index(storage)
        opened_at = window.norms.delta({storage: step})
        vector = window.problem.cost.copy()
        vector[opened_at.costs] = opened_at.cost
        price[at] = block.spread(vector)[at]
    return (
        answer.objective
        - float((price * answer.columns["storages.norm_drawn"].values).sum()) * answer.mean_hours
    )


@examples()
@given(st.integers(0, 5000), st.sampled_from(RULES), st.data())
def test_the_plan_stays_the_plan_and_all_can_be_lost(seed: int, rules: Rules, data: st.DataObject) -> None:
    """A window that moved away from the plan would count the difference as damage; a norm that cannot be kept must have a price."""
    engine = engine_of(some_case(seed))
    window, start, last = opened(engine, rules, data)
    if rules.time != "late":
        assert window.base.objective == pytest.approx(engine.base.objective, rel=1e-7, abs=1e-3)
    elements = [str(e) for table in TABLES for e in engine.case.table(table).iloc[:, 0]]
    some = data.draw(st.lists(st.sampled_from(elements), min_size=1, max_size=5, unique=True), label="lost")
    for lost in [*([e] for e in some), elements]:
        answer = window.ask([Outage(e, start, last) for e in lost]).answer
        assert answer.status == "optimal"
        if not answer.norms or rules.place == "own_first":
            continue
        kept = window.session.solve(window.delta([Outage(e, start, last) for e in lost]))
        before = window._answer(kept)
        room = 1e-6 * abs(before.objective) + 1e-2
        # a lower price of drawing: no less is drawn, and all else costs no more
        assert besides_norms(answer, window) <= besides_norms(before, window) + room
        drawn = [one.power("storages.norm_drawn", sorted(answer.norms)).sum() for one in (before, answer)]
        assert drawn[1] >= drawn[0] - 1e-3 * max(1.0, drawn[0])


@examples()
@given(st.integers(0, 5000), st.integers(0, 99))
def test_order_of_rows_decides_nothing(seed: int, order: int) -> None:
    """The norm of a store must not depend on the line in which it is written."""
    case = some_case(seed)
    one, two = (Engine(c, Rules("cooperative", "late"), cache=False) for c in (case, shuffled(case, order)))
    assume(one.base.status == "optimal")
    assert two.base.objective == pytest.approx(one.base.objective, rel=1e-9)
    if "storages.norm" in one.plain.rows:
        names = sorted(one.plain.rows["storages.norm"].elements)
        levels = [e.base.rows["storages.norm"] for e in (one, two)]
        found = [block.lower[[block.elements.index(name) for name in names]] for block in levels]
        assert found[0] == pytest.approx(found[1])


@examples()
@given(st.integers(0, 5000))
def test_worst_sets_are_proven_with_norms(seed: int) -> None:
    """A bound that does not see a new row would prove a set that is not the worst: every pair and triple of eight elements."""
    engine = engine_of(some_case(seed))
    case, start = engine.case, engine.case.horizon.start.date()
    window = engine.snapshot(start, Rules("cooperative"))
    last = (pd.Timestamp(window.steps["end"].iloc[-1]) - pd.Timedelta(hours=1)).date()
    names = [(table, str(e)) for table in TABLES[:3] for e in case.table(table).iloc[:, 0]]
    elements = [Lost(name, ((table, name),)) for table, name in names[:: max(1, len(names) // 8)]]
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

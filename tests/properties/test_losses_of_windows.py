"""What holds for every window: undisturbed it is the plan, whatever is lost has an answer, and a cold solve finds the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.engine import Engine, Rules
from kelisim.errors import CaseError
from tests.cases.random_case import random_case, shuffled
from tests.cases.random_duties import with_duties
from tests.properties.examples import examples

TABLES = ("links", "assets", "storages", "places", "markets", "contracts")


def some_case(seed: int) -> Case:
    try:
        return with_duties(seed) if seed % 2 else random_case(seed)
    except CaseError:
        assume(False)
        raise


@examples(0.5)
@given(st.integers(0, 5000), st.data())
def test_everything_can_be_lost(seed: int, data: st.DataObject) -> None:
    """ "Infeasible" in an emergency is no answer: each element, some together and all at once, for any days, rule and tail."""
    case = some_case(seed)
    place, when = data.draw(st.sampled_from(PLACE_RULES)), data.draw(st.sampled_from(TIME_RULES))
    count = (case.horizon.end - case.horizon.start).days
    start = case.horizon.start.date() + timedelta(days=data.draw(st.integers(0, count - 1), label="start"))
    days = data.draw(st.integers(1, count), label="days")
    tail, known = (
        data.draw(st.sampled_from((0, 1, 30)), label="tail"),
        data.draw(st.sampled_from((0, 2)), label="known"),
    )
    engine = Engine(case, cache=False)
    opened = engine.window(start, days, Rules(place, when), tail=tail, forecast=known)
    if when != "late":
        assert opened.base.objective == pytest.approx(engine.base.objective, rel=1e-7, abs=1e-6)
    elements = [str(e) for table in TABLES for e in case.table(table).iloc[:, 0]]
    some = data.draw(
        st.lists(st.sampled_from(elements), min_size=2, max_size=4, unique=True), label="together"
    )
    in_transit = data.draw(st.sampled_from(("held", "lost")))
    share = data.draw(st.sampled_from((1.0, 0.5)))
    for lost in [*([e] for e in elements), some, elements]:
        asked = opened.ask(_out(lost, start, days, share), in_transit)
        assert asked.answer.status == "optimal", (lost, in_transit)
    if place != "own_first":
        assert opened.audit(_out(some, start, days, share), in_transit) <= 1e-7


@examples(0.5)
@given(st.integers(0, 5000), st.integers(0, 99), st.sampled_from(PLACE_RULES), st.sampled_from(TIME_RULES))
def test_shortage_has_no_order(seed: int, order: int, place: str, when: str) -> None:
    """The same sheet sorted by another column froze another town: base under the rules, and a cut of a plan without any."""
    rules, found = Rules(place, when), []
    for case in (some_case(seed), shuffled(some_case(seed), order)):
        base = Engine(case, rules, cache=False)
        engine = Engine(case, cache=False)
        start, days = case.horizon.start.date(), (case.horizon.end - case.horizon.start).days // 2 + 1
        opened = engine.window(start, days, rules)
        lost = sorted(str(e) for table in TABLES[:3] for e in case.table(table).iloc[:, 0])[order % 7 :: 7]
        cut = opened.ask(_out(lost, start, days, 1.0))
        rows = len(engine.case.table("demand"))
        found.append([one.by_demand(rows) for one in (base.base, engine.base, opened.base, cut.answer)])
    for first, second in zip(*found, strict=True):
        assert first == pytest.approx(second, abs=1e-4)


def _out(lost: list[str], start: date, days: int, share: float) -> list[Outage]:
    return [Outage(element, start, start + timedelta(days=days - 1), share) for element in lost]

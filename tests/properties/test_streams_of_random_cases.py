"""What holds for every case with booked transit: it adds up, changes no cost where nothing binds, and can be lost; proofs hold."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.streams import streams
from kelisim.engine import Engine, Rules
from kelisim.engine.gains import freed_rows
from kelisim.errors import CaseError
from kelisim.results.streams import StreamFlows
from kelisim.results.tables import Tables
from tests.cases.random_case import shuffled
from tests.cases.random_streams import with_streams, without_streams
from tests.engine.test_certificates import assert_proven, contingencies
from tests.properties.examples import examples

TABLES = ("links", "assets", "storages", "places", "markets", "contracts")
RULES = (Rules(), Rules("cooperative", "even"), Rules("own_first"), Rules("by_contract", "late"))


def some_case(seed: int) -> Case:
    try:
        return with_streams(seed)
    except CaseError:
        assume(False)
        raise


def engine_of(case: Case) -> Engine:
    found = Engine(case, cache=False)
    assume(found.base.status == "optimal" and "streams.flow" in found.plain.columns)
    return found


@examples()
@given(st.integers(0, 5000))
def test_balances_close(seed: int) -> None:
    """A stream that was counted twice, or nowhere, would show in the balance of a place or a country; none is above its flow."""
    engine = engine_of(some_case(seed))
    tables = Tables(engine.case, engine.base)
    for frame, comes, goes in (
        (tables.places_balance, "arriving", "leaving"),
        (tables.carriers_balance, "imported", "exported"),
    ):
        left = (
            frame["made"] + frame["bought"] + frame[comes] - frame["taken_in"] - frame["used"] - frame[goes]
        )
        left = left - frame["sold"] - frame["lost"] - frame["stored"] - frame["curtailed"]
        # stores keep what they lose, and gain what flows in
        stores = tables.storages_total.groupby(["place", "carrier"]).size().index
        keys = {(tables.country[place], carrier) for place, carrier in stores} | set(stores)
        mine = [key not in keys for key in zip(frame.iloc[:, 0], frame["carrier"], strict=True)]
        assert left[mine].abs().max() <= 1e-6 * (1.0 + frame["made"].abs().max())
    flows = StreamFlows(engine.case, engine.base)
    forward, back = flows.on_links()
    total = tables.links_total
    assert (forward <= total["forward"] + 1e-3).all() and (back <= total["back"] + 1e-3).all()
    for one in flows.all:
        sent = sum(
            float(flows.sent(one, leg) @ engine.base.hours) for leg in one.legs if leg.start == one.start
        )
        kept = [
            1.0 - (flows.arrived(one, leg).sum() / max(flows.sent(one, leg).sum(), 1e-9)) for leg in one.legs
        ]
        lost = float((flows.entered(one) - flows.delivered(one)) @ engine.base.hours)
        assert -1e-3 <= lost <= sent * min(1.0, sum(kept)) + 1e-3
    share = tables.mix.groupby(["place", "carrier"])["share"].sum()
    assert (share <= 1.0 + 1e-6).all()


@examples()
@given(st.integers(0, 5000))
def test_a_booking_alone_costs_nothing(seed: int) -> None:
    """A stream without a least quantity takes nothing from anybody: the plan costs what it costs without, and carries what it can."""
    case = some_case(seed)
    rows = case.table("contracts")
    mine = rows["stream"].astype(bool)
    free = rows.assign(annual_quantity=rows["annual_quantity"].where(~mine))
    case = case.with_table("contracts", free)
    with_, without = engine_of(case), Engine(without_streams(case), cache=False)
    assert with_.base.objective == pytest.approx(without.base.objective, rel=1e-7, abs=1.0)


@examples()
@given(st.integers(0, 5000), st.integers(0, 99))
def test_order_of_rows_decides_nothing(seed: int, order: int) -> None:
    """The way of a stream must not depend on the line in which a link or a contract is written."""
    case = some_case(seed)
    one, two = (Engine(c, Rules("cooperative", "late"), cache=False) for c in (case, shuffled(case, order)))
    assume(one.base.status == "optimal")
    assert two.base.objective == pytest.approx(one.base.objective, rel=1e-9)
    first, second = (
        {s.contract: (s.start, s.end, {leg.link: leg.is_back for leg in s.legs}) for s in streams(e.case)}
        for e in (one, two)
    )
    assert first == second


@examples()
@given(st.integers(0, 5000), st.sampled_from(RULES), st.sampled_from(("planned", "open")), st.data())
def test_the_plan_stays_the_plan_and_all_can_be_lost(
    seed: int, rules: Rules, help_rule: str, data: st.DataObject
) -> None:
    """A window that moved away from the plan would count the difference as damage; goods of a stream that cannot go on must have a way out."""
    engine = engine_of(some_case(seed))
    horizon = engine.case.horizon
    count = (horizon.end - horizon.start).days
    start = horizon.start.date() + timedelta(days=data.draw(st.integers(0, count - 1), label="start"))
    days = data.draw(st.integers(1, count), label="days")
    asked = Rules(rules.place, rules.time, help=help_rule)
    window, last = engine.window(start, days, asked, tail=2), start + timedelta(days=days - 1)
    if rules.time != "late":
        assert window.base.objective == pytest.approx(engine.base.objective, rel=1e-7, abs=1e-3)
    elements = [str(e) for table in TABLES for e in engine.case.table(table).iloc[:, 0]]
    some = data.draw(st.lists(st.sampled_from(elements), min_size=1, max_size=4, unique=True), label="lost")
    for lost in [*([e] for e in some), elements]:
        for held in ("held", "lost"):
            changes = [Outage(e, start, last) for e in lost]
            answer = window.ask(changes, held).answer
            assert answer.status == "optimal"
            assert within_flows(engine.case, window.problem, answer)
    assert window.audit([Outage(some[0], start, last)]) <= 1e-7


def within_flows(case: Case, problem: object, answer: object) -> bool:
    """Whether no link carries more for streams than it carries."""
    block = answer.columns["streams.flow"]  # type: ignore[attr-defined]
    for way, is_back in (("links.flow", False), ("links.flow_back", True)):
        found: dict[str, np.ndarray] = {}
        for stream in streams(case):
            for leg in stream.legs:
                if leg.is_back == is_back and stream.label(leg) in block.elements:
                    own = block.values[block.elements.index(stream.label(leg))]
                    found[leg.link] = found.get(leg.link, 0.0) + own
        for link, power in found.items():
            if (power > answer.power(way, [link])[0] + 1e-4).any():  # type: ignore[attr-defined]
                return False
    return True


@pytest.mark.parametrize("seed", range(20))
def test_worst_sets_with_streams(seed: int) -> None:
    """A stream that must follow its way is one more thing that a loss can hurt: the bounds must know."""
    try:
        case = with_streams(seed)
    except CaseError:
        pytest.skip("the generator made something wrong")
    assert_proven(contingencies(case))


@pytest.mark.parametrize("seed", range(12))
def test_no_loss_is_a_gain_beside_streams(seed: int) -> None:
    """A stream that lets go of a pipe when its link is lost must not leave anybody better off than before."""
    try:
        case = with_streams(seed)
    except CaseError:
        pytest.skip("the generator made something wrong")
    start = case.horizon.start.date()
    window = Engine(case, cache=False).window(start, 1, Rules(), tail=2)

    def cost(values: np.ndarray, objective: float) -> float:
        return objective + float(window.problem.tilt @ values) * window.problem.scale

    before = cost(window.start.values, window.start.objective)
    for table in TABLES:
        for element in case.table(table).iloc[:, 0].astype(str):
            delta = window.delta([Outage(element, start, start, 1.0, table)])
            solution = window.session.solve(delta)
            kinds = set(freed_rows(window.problem, delta)["kind"])
            if cost(solution.values, solution.objective) < before - 1e-7 * abs(before) - 1e-3:
                assert kinds & {"minimum_load", "cycle"}, (seed, element)

"""What an outage lets go is a row, and with that row the balance of each node closes; where no row allows it nothing goes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.letting_go import allowed_by
from kelisim.engine import Engine, Rules
from kelisim.errors import CaseError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.let_go import let_go_beside
from kelisim.results.tables import Tables
from tests.cases.random_case import random_case, shuffled
from tests.properties.examples import examples

GIVES = ["made", "arriving", "bought", "unserved"]
TAKES = ["demand", "taken_in", "leaving", "lost", "stored", "sold"]
TABLES = ("links", "assets", "storages", "places", "markets", "contracts")


def _case(seed: int) -> Case:
    """A random case without transit time: what leaves in its horizon arrives in it."""
    try:
        case = random_case(seed)
    except CaseError:
        assume(False)
        raise
    return case.with_table("links", case.table("links").assign(days=0.0))


@examples()
@given(st.integers(0, 5000), st.integers(0, 99), st.data())
def test_balances_close_with_the_rows_of_what_is_let_go(seed: int, order: int, data: st.DataObject) -> None:
    """Made and arrived, less used and sent on, is let go, to 1e-6, whatever is lost and in whatever order rows stand."""
    case = _case(seed)
    elements = [str(e) for table in TABLES for e in case.table(table).iloc[:, 0]]
    lost = data.draw(st.lists(st.sampled_from(elements), min_size=1, max_size=4, unique=True), label="lost")
    totals = []
    for one in (case, shuffled(case, order)):
        engine = Engine(one, cache=False)
        assume(engine.base.status == "optimal")
        start, days = one.horizon.start.date(), (one.horizon.end - one.horizon.start).days
        window = engine.window(start, days, Rules(), tail=0)
        assume(len(window.hours) == len(one.horizon.hours))
        last = start + timedelta(days=days - 1)
        asked = window.ask([Outage(element, start, last) for element in lost])
        assert asked.answer.status == "optimal"
        totals.append(asked.answer.objective)
        seen = AgainstPlan(
            one, window.steps, np.ones(len(window.hours), dtype=bool), asked.answer, asked.base
        )
        rows = let_go_beside(seen).set_index(["place", "carrier"])["let_go"]
        balance = Tables(one, asked.answer).places_balance.set_index(["place", "carrier"])
        left = balance[GIVES].sum(axis=1) - balance[TAKES].sum(axis=1)
        size = 1.0 + balance[[*GIVES, *TAKES]].abs().sum(axis=1)
        told = rows.groupby(level=[0, 1]).sum().reindex(left.index, fill_value=0.0)
        assert ((left - told).abs() <= 1e-6 * size).all(), (
            lost,
            (left - told)[(left - told).abs() > 1e-6 * size],
        )
        is_allowed = np.array([bool(by) for by in allowed_by(one, list(left.index))])
        assert (told[~is_allowed] == 0.0).all()
    assert abs(totals[0] - totals[1]) <= 1e-7 * max(1.0, abs(totals[0]))

"""Certificates of worst pairs and sets, beside a look at every set, with each row that the world behaves by."""

from __future__ import annotations

from itertools import combinations

import pytest

from kelisim.case.case import Case
from kelisim.engine import Contingencies, Engine, Lost, Rules
from kelisim.errors import CaseError
from kelisim.lp.removals import together
from tests.cases.random_duties import with_duties

TABLES = ("assets", "links", "storages")
MOST = 12  # elements that are lost in pairs and triples


def contingencies(case: Case) -> Contingencies:
    """The elements that the plan uses, a few of each table, lost in a snapshot of the first step."""
    window = Engine(case, cache=False).snapshot(case.horizon.start.date(), Rules())
    names = [(table, str(one)) for table in TABLES for one in case.table(table).iloc[:, 0]]
    every = [Lost(f"{table}:{one}", ((table, one),)) for table, one in names]
    touched = Contingencies(window, every).touched
    used = [lost for lost, some in zip(every, touched, strict=True) if some]
    return Contingencies(window, used[:: max(1, len(used) // MOST)][:MOST])


def assert_proven(asked: Contingencies) -> None:
    """The worst pair and the worst set of three cost what a look at every set of that size says."""
    window = asked.opened
    at = range(len(asked.elements))
    cost = {
        some: window.session.solve(together(window.problem, [asked.deltas[i] for i in some])).objective
        - window.start.objective
        for size in (1, 2, 3)
        for some in combinations(at, size)
    }
    tolerance = 1e-7 * abs(window.start.objective) + 1e-3
    most = max(value for some, value in cost.items() if len(some) == 2)
    pairs = asked.worst_pairs(3)
    assert pairs.outcomes[0].loss == pytest.approx(most, abs=tolerance)
    worst = asked.worst(3)
    assert worst.is_proven
    assert worst.best.loss == pytest.approx(max(0.0, *cost.values()), abs=tolerance)


@pytest.mark.parametrize("seed", range(20))
def test_worst_sets_with_duties(seed: int) -> None:
    """A duty that another plant fills when one is lost, or nobody, at its price: the bounds must know."""
    try:
        case = with_duties(seed)
    except CaseError:
        pytest.skip("the generator made something wrong")
    assert_proven(contingencies(case))

"""A basis whose columns depend on each other, which the solver may not see."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from kelisim.lp import completing
from kelisim.lp.highs import Session
from kelisim.lp.problem import AT_LOWER, BASIC, INF, Problem, Statuses


class Blind(Session):
    """A solver that takes every basis for a whole one until it is."""

    def set_basis(self, columns: Statuses, rows: Statuses, alien: bool = True) -> None:
        self.given = columns.copy(), rows.copy()

    def basis(self) -> tuple[Statuses, Statuses]:
        return self.given

    def inverse_grows(self) -> float:
        super().set_basis(*self.given)
        return INF if super().basis()[0].tolist() != self.given[0].tolist() else 1.0


def test_the_nearest_limit_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """x + y = 10 twice, at x = 3, y = 7 and at a price of 5 of the first row. By hand: x may fall by 3 to 0, y by 7; x leaves, and a row gets its slack."""
    monkeypatch.setattr(completing, "Session", Blind)
    nothing, tens = np.zeros(2), np.array([10.0, 10.0])
    matrix = sp.csc_array(np.array([[1.0, 1.0], [1.0, 1.0]]))
    problem = Problem(np.array([5.0, 5.0]), nothing, nothing, np.full(2, INF), matrix, tens, tens, {}, {}, ())
    both, none = np.full(2, BASIC, dtype=np.int8), np.zeros(2, dtype=np.int8)
    columns, rows = completing.completed(problem, both, none, np.array([3.0, 7.0]))
    assert columns.tolist() == [AT_LOWER, BASIC]
    assert sorted(rows.tolist()) == [AT_LOWER, BASIC]
    session = Session(problem)
    assert session.resume(columns, rows).values == pytest.approx([0.0, 10.0])
    assert session.counts.iterations == 0


def test_a_whole_basis_stays() -> None:
    """x + 2 y = 10 and x + y = 7: both basic."""
    matrix = sp.csc_array(np.array([[1.0, 2.0], [1.0, 1.0]]))
    sides, nothing = np.array([10.0, 7.0]), np.zeros(2)
    problem = Problem(np.ones(2), nothing, nothing, np.full(2, INF), matrix, sides, sides, {}, {}, ())
    both, none = np.full(2, BASIC, dtype=np.int8), np.zeros(2, dtype=np.int8)
    columns, rows = completing.completed(problem, both, none, np.array([4.0, 3.0]))
    assert columns.tolist() == [BASIC, BASIC]
    assert rows.tolist() == none.tolist()

"""What a sum of columns is made of at an optimum: the pieces add up, and each is a limit that holds."""

from __future__ import annotations

import numpy as np
import pytest

from bench.family import family
from kelisim.engine import Engine
from kelisim.lp.delta import Delta
from kelisim.lp.formula import pieces
from kelisim.lp.highs import Session


@pytest.fixture(scope="module")
def session() -> Session:
    found = Session(Engine(family(12, 60, "1mo"), cache=False).problem)
    found.start("simplex")
    return found


@pytest.mark.parametrize("seed", range(8))
def test_pieces_add_up(session: Session, seed: int) -> None:
    """Any sum of columns is what its limits add, and nothing comes from what is between its limits."""
    random = np.random.default_rng(seed)
    solution = session.solve()
    weights = np.where(
        random.random(session.problem.shape[1]) < 0.01, random.normal(size=session.problem.shape[1]), 0.0
    )
    columns, rows = pieces(session, solution, weights)
    assert columns.sum() + rows.sum() == pytest.approx(weights @ solution.values, abs=1e-6)
    p = session.problem
    at = np.flatnonzero(columns)
    assert np.minimum(
        abs(solution.values - p.lower)[at], abs(solution.values - p.upper)[at]
    ) == pytest.approx(0.0, abs=1e-6)


def test_a_solution_outlives_the_next_question(session: Session) -> None:
    """What was found is read when asked for, also after the solver went on."""
    first = session.solve()
    values, duals = first.values.copy(), np.array(first.read.row_dual)
    closed = np.flatnonzero(first.values > 1.0)[:3]
    session.solve(Delta(closed, np.zeros(len(closed)), np.zeros(len(closed))))
    assert (first.values == values).all() and (first.duals == duals).all()

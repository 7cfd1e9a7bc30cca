"""The worst of what goes unserved beside the expected cost, and other choices that are nearly as good, against every set by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from kelisim.errors import InternalError
from kelisim.lp.two_stage import Tangents, TwoStage, benders, cvar, monolith, nearly_as_good, with_tail
from tests.lp.networks import started
from tests.lp.two_stage.test_candidates import by_hand, candidates

LEVEL = 0.6


def short(two: TwoStage) -> np.ndarray:
    """Columns of what goes unserved."""
    names = two.problem.columns["x"].elements
    return np.array([at for at, name in enumerate(names) if name.startswith("short")])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("price", [0.0, 3.0, 400.0])
def test_a_tail_by_hand(seed: int, price: float) -> None:
    """Least of expected cost and price times CVaR over all eight sets; in each the unserved of every outlook is what least cost leaves, since
    nothing but more supply could make it less, and that costs less than being short."""
    two = candidates(seed)
    columns, session = short(two), started(two.problem)
    totals = {}
    for x, cost in by_hand(two).items():
        missing = [
            session.solve(one.reach.at(two.problem, one.delta, np.array(x, float))).values[columns].sum()
            for one in two.outlooks
        ]
        totals[x] = cost + price * cvar(np.array(missing), two.probabilities, LEVEL)
    risky = with_tail(two, columns, np.ones(len(columns)), LEVEL, price)
    found, whole = benders(risky, started(risky.problem)), monolith(risky)
    assert found.cost == pytest.approx(min(totals.values()), rel=1e-6)
    assert whole.cost == pytest.approx(found.cost, rel=1e-6)
    assert totals[tuple(round(one) for one in found.x[:3])] == pytest.approx(found.cost, rel=1e-6)


def test_a_tail_needs_an_end() -> None:
    two = candidates(1)
    with pytest.raises(InternalError, match="level from 0 to below 1"):
        with_tail(two, short(two), np.ones(3), 1.0, 1.0)


@pytest.mark.parametrize("seed", range(6))
def test_plans_nearly_as_good_are_all_there(seed: int) -> None:
    """In the order of their cost, none left out, none beyond the limit, and none twice."""
    two = candidates(seed)
    session, known = started(two.problem), Tangents()
    best = benders(two, session, tangents=known)
    sets = sorted(by_hand(two).values())
    limit = (sets[3] + sets[4]) / 2
    found = nearly_as_good(two, session, best, np.arange(3), limit, 8, known)
    assert [best.cost, *(one.cost for one in found)] == pytest.approx(sets[:4], rel=1e-6)
    assert len({tuple(np.round(one.x)) for one in (best, *found)}) == 4
    every = nearly_as_good(two, session, best, np.arange(3), float("inf"), 20, known)
    assert [best.cost, *(one.cost for one in every)] == pytest.approx(sets, rel=1e-6)
    assert known.solves <= len(list(product((0, 1), repeat=3))) * len(two.outlooks)

"""Two-stage problems drawn at random against the whole problem: amounts and whole numbers, limits, all that a choice or an outlook can move."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF
from kelisim.lp.two_stage import Choices, Outlook, Reach, TwoStage, benders, knowing, monolith
from tests.lp.networks import Network, started

SEEDS = range(50)


def drawn(seed: int) -> TwoStage:
    """Up to five choices, up to six outlooks; what is missing of a row can be bought, so that every choice has an answer."""
    draw = np.random.default_rng(seed)
    net = Network()
    rows = [net.row(f"row{at}") for at in range(int(draw.integers(2, 6)))]
    for at in range(int(draw.integers(3, 9))):
        entries = {row: float(draw.integers(-3, 5)) for row in rows if draw.random() < 0.7}
        net.column(f"column{at}", float(draw.uniform(1, 9)), float(draw.uniform(-1, 6)), **entries)
    for row in rows:
        net.column(f"bought_{row}", 1e4, float(draw.uniform(15, 40)), **{row: 1.0})
    problem = net.problem()
    count = int(draw.integers(1, 6))
    widened = np.flatnonzero(draw.random(len(net.columns) - len(rows)) < 0.6)
    needed = np.flatnonzero(draw.random(len(rows)) < 0.8)

    def moves(places: int) -> sp.csr_array:
        shares = draw.uniform(0, 3, (places, count)) * (draw.random((places, count)) < 0.5)
        return sp.csr_array(shares.reshape(places, count))

    outlooks = []
    for at, chance in enumerate(draw.dirichlet(np.ones(int(draw.integers(1, 7))))):
        dearer = np.flatnonzero(draw.random(problem.shape[1]) < 0.3)
        came = Delta(
            rows=np.arange(len(rows)),
            row_lower=draw.uniform(0, 12, len(rows)),
            row_upper=np.full(len(rows), INF),
            costs=dearer,
            cost=problem.cost[dearer] * draw.uniform(0.5, 2, len(dearer)),
        )
        none = sp.csr_array((len(widened), count)), sp.csr_array((len(needed), count))
        reach = Reach(widened, none[0], moves(len(widened)), needed, -moves(len(needed)), none[1])
        outlooks.append(Outlook(f"outlook {at}", float(chance), came, reach, draw.uniform(-2, 2, count)))
    limit = draw.uniform(0, 1, count)
    most = draw.integers(1, 4, count).astype(float)
    choices = Choices(
        tuple(f"choice{at}" for at in range(count)),
        draw.uniform(0, 12, count),
        np.zeros(count),
        most,
        draw.random(count) < 0.6,
        sp.csr_array(limit[None, :]),
        np.array([-INF]),
        np.array([float(draw.uniform(0.3, 1.0) * (limit @ most))]),
    )
    return TwoStage(problem, choices, tuple(outlooks))


@pytest.mark.parametrize("seed", SEEDS)
def test_cuts_find_what_the_whole_problem_finds(seed: int) -> None:
    """The same cost to the last digit that the solver keeps; bounds never cross, only get nearer, and hold the answer between them."""
    two = drawn(seed)
    found, whole = benders(two, started(two.problem)), monolith(two)
    assert found.cost == pytest.approx(whole.cost, rel=1e-6, abs=1e-6)
    assert two.probabilities @ found.costs == pytest.approx(found.cost)
    lower, upper = (np.array([getattr(step, side) for step in found.steps]) for side in ("lower", "upper"))
    assert (np.diff(lower) >= 0).all() and (np.diff(upper) <= 0).all()
    room = 1e-6 * np.maximum(1.0, np.abs(upper))
    assert (lower <= whole.cost + room).all() and (upper >= whole.cost - room).all()
    assert found.gap <= 1e-6


@pytest.mark.parametrize("seed", SEEDS[::10])
def test_every_answer_is_that_of_the_whole_problem(seed: int) -> None:
    """What is best for the mean, and for each outlook alone, too; WS <= SP <= EEV."""
    two = drawn(seed)
    known = knowing(two, started(two.problem))
    assert known.ev == pytest.approx(monolith(two.mean()).cost, rel=1e-6, abs=1e-6)
    alone = [monolith(two.alone(outlook)).cost for outlook in two.outlooks]
    assert known.foreseen == pytest.approx(alone, rel=1e-6, abs=1e-6)
    assert known.ws <= known.sp + 1e-6 and known.sp <= known.eev + 1e-6

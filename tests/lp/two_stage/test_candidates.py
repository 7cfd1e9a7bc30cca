"""Links that can be built before it is known which demand comes: cuts against every set by hand, and against the whole problem."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest

from kelisim.errors import InternalError, SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF
from kelisim.lp.two_stage import Choices, Outlook, TwoStage, benders, knowing, monolith, reach_between
from kelisim.lp.two_stage.benders import priced
from kelisim.lp.work import Work
from tests.lp.networks import Network, started

PLACES = ("a", "b", "c")
PRICE = 50.0


def of_columns(net: Network, upper: dict[str, float]) -> Delta:
    """New upper bounds of some columns."""
    at = np.array([list(net.columns).index(name) for name in upper], dtype=np.int64)
    return Delta(at, np.zeros(len(at)), np.array(list(upper.values()), dtype=float))


def of_rows(net: Network, least: dict[str, float]) -> Delta:
    at = np.array([list(net.rows).index(name) for name in least], dtype=np.int64)
    return Delta(rows=at, row_lower=np.array(list(least.values())), row_upper=np.full(len(at), INF))


def candidates(seed: int = 1, limits: tuple[tuple[np.ndarray, float, float], ...] = ()) -> TwoStage:
    """Supply at a; links to b and c, two of them new; a new plant at c. Demand, and an outage of the supply, come later."""
    draw = np.random.default_rng(seed)
    net = Network()
    rows = {place: net.row(place) for place in PLACES}
    net.column("supply", 40.0, 5.0, a=1.0)
    net.column("old", 6.0, 1.0, a=-1.0, b=1.0)
    net.column("to_b", 12.0, 0.5, a=-1.0, b=1.0)
    net.column("to_c", 9.0, 0.5, a=-1.0, c=1.0)
    net.column("plant", 15.0, 12.0, c=1.0)
    for place in PLACES:
        net.column(f"short_{place}", 1e3, PRICE, **{place: 1.0})
    problem, new = net.problem(), ("to_b", "to_c", "plant")
    outlooks = []
    chances = draw.dirichlet(np.ones(4))
    for at, chance in enumerate(chances):
        comes = of_rows(net, {rows[place]: float(draw.uniform(0, 14)) for place in PLACES})
        if at == 3:
            comes = comes.then(of_columns(net, {"supply": 8.0}))
        closed = [comes.then(of_columns(net, {one: 0.0 for one in new if one != kept})) for kept in new]
        none = comes.then(of_columns(net, dict.fromkeys(new, 0.0)))
        reach = reach_between(problem, none, closed, comes)
        outlooks.append(Outlook(f"outlook {at}", float(chance), none, reach, np.zeros(3)))
    cost = draw.uniform(20, 200, 3)
    return TwoStage(problem, Choices.yes_or_no(new, cost, limits), tuple(outlooks))


def by_hand(two: TwoStage) -> dict[tuple[int, ...], float]:
    """Expected cost of every set of choices, each outlook solved by itself."""
    session, found = started(two.problem), {}
    for x in product((0, 1), repeat=3):
        costs = [
            session.solve(one.reach.at(two.problem, one.delta, np.array(x, float))).objective
            for one in two.outlooks
        ]
        found[x] = float(two.choices.cost @ x + two.probabilities @ costs)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_cuts_find_the_best_set(seed: int) -> None:
    """Of all eight sets the cheapest; so does the whole problem; bounds close from both sides."""
    two = candidates(seed)
    sets = by_hand(two)
    found, whole = benders(two, started(two.problem)), monolith(two)
    assert found.cost == pytest.approx(min(sets.values()))
    assert whole.cost == pytest.approx(min(sets.values()))
    assert sets[tuple(int(one) for one in found.x)] == pytest.approx(found.cost)
    assert found.gap <= 1e-6
    assert all(step.lower <= step.upper + 1e-9 * abs(step.upper) for step in found.steps)


def test_a_cut_holds_everywhere() -> None:
    """From any set the slopes never promise more than another set costs."""
    two = candidates(2)
    session = started(two.problem)
    sets = {x: priced(two, session, np.array(x, float)) for x in product((0, 1), repeat=3)}
    for x, here in sets.items():
        for y, there in sets.items():
            promised = here.costs + here.slopes @ (np.array(y) - np.array(x))
            assert (promised <= there.costs + 1e-6).all()


def test_knowing_orders_the_answers() -> None:
    """WS <= SP <= EEV, and EV is no more than SP where only demands and capacities differ (Jensen)."""
    two = candidates(3)
    found = knowing(two, started(two.problem))
    assert found.ws <= found.sp + 1e-6 <= found.eev + 2e-6
    assert found.evpi >= -1e-6 and found.vss >= -1e-6
    assert found.sp == pytest.approx(min(by_hand(two).values()))


def test_a_limit_of_the_first_stage_holds() -> None:
    """With room for one of the three, the best of the sets with one; where nothing meets the limits there is no answer."""
    one = candidates(1, ((np.ones(3), -INF, 1.0),))
    allowed = {x: cost for x, cost in by_hand(one).items() if sum(x) <= 1}
    assert benders(one, started(one.problem)).cost == pytest.approx(min(allowed.values()))
    with pytest.raises(SolverError, match="no choice meets all limits"):
        benders(candidates(1, ((np.ones(3), 4.0, INF),)), started(one.problem))


def test_workers_find_the_same() -> None:
    two = candidates(4)
    with ThreadPoolExecutor(1) as executor:
        there = benders(two, started(two.problem), Work(executor))
    here = benders(two, started(two.problem))
    assert there.cost == pytest.approx(here.cost)
    assert np.array_equal(there.x, here.x)


def test_what_is_not_straight_is_refused() -> None:
    """Two choices that open one link are no sum of both; a bound that comes from infinity has no share."""
    net = Network()
    net.row("a")
    net.column("link", 5.0, 1.0, a=1.0)
    problem, shut = net.problem(), of_columns(net, {"link": 0.0})
    with pytest.raises(InternalError, match="together otherwise than each alone"):
        reach_between(problem, shut, [Delta(), Delta()], Delta())
    wide = of_columns(net, {"link": INF})
    with pytest.raises(InternalError, match="infinity"):
        reach_between(problem, shut, [wide], wide)


def test_what_choices_move_in_another_outlook() -> None:
    """Half the capacity: each moves half as much. Where several move one bound, or a bound that nobody moved before, it does not follow."""
    net = Network()
    net.row("a")
    for name in ("one", "both", "none"):
        net.column(name, 6.0, 1.0, a=1.0)
    problem = net.problem()

    def delta(one: float, both: float, none: float = 0.0) -> Delta:
        return of_columns(net, {"one": one, "both": both, "none": none})

    reach = reach_between(problem, delta(0, 0), [delta(4, 2), delta(0, 3)], delta(4, 5))
    half = reach.like(problem, delta(0, 0), delta(2, 5))
    assert half is not None
    assert half.upper.toarray().tolist() == [[2.0, 0.0], [2.0, 3.0], [0.0, 0.0]]
    assert reach.like(problem, delta(0, 0), delta(4, 4)) is None
    assert reach.like(problem, delta(0, 0), delta(4, 5, 1)) is None

"""The search for the worst set: the same as looking at all sets, with fewer solves and a certificate."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from bench.worst import elements, network
from kelisim.lp.builder import Builder
from kelisim.lp.delta import Delta
from kelisim.lp.interdiction import Element, Interdiction, cost_of, favour_few
from kelisim.lp.problem import INF, Problem
from kelisim.lp.removals import together
from kelisim.model.build import compile_case
from tests.lp.networks import Network, random_network, started


def every(net: Network, size: int) -> dict[tuple[str, ...], float]:
    """V of all sets of up to a size, each solved."""
    problem = net.problem()
    session = started(problem)
    elements = sorted(net.elements(), key=lambda element: element.name)
    return {
        tuple(element.name for element in lost): session.solve(
            together(problem, [element.out for element in lost])
        ).objective
        for count in range(size + 1)
        for lost in combinations(elements, count)
    }


def close(one: float, other: float) -> bool:
    return one == pytest.approx(other, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_as_good_as_looking_at_all_sets(seed: int) -> None:
    """Pruning that drops one set too many gives a wrong answer with a certificate on it."""
    net = random_network(seed)
    truth = every(net, 3)
    for size in (1, 2, 3):
        found = net.interdiction().all_sets(size)
        assert len(found.values) == sum(len(names) == size for names in truth)
        for at, value in zip(found.sets, found.values, strict=True):
            assert close(value, truth[tuple(found.names[i] for i in at)])
        worst = net.interdiction().worst(size)
        assert worst.is_proven and worst.gap == 0.0
        assert close(worst.best.value, max(value for names, value in truth.items() if len(names) <= size))
        assert close(worst.best.value, truth[worst.best.names])
    asked = net.interdiction()
    for names, value in truth.items():
        assert close(asked.value(names), value)
    pairs = net.interdiction().all_pairs()
    for at, value in zip(pairs.sets, pairs.values, strict=True):
        assert close(value, truth[tuple(pairs.names[i] for i in at)])


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [1, 6])
def test_worst_pairs_are_the_worst(seed: int, count: int) -> None:
    """A ranking that misses a pair sends repair crews to the wrong place."""
    net = random_network(seed)
    truth = sorted((value for names, value in every(net, 2).items() if len(names) == 2), reverse=True)
    found = net.interdiction().worst_pairs(count, chunk=3)
    assert found.is_proven
    assert [outcome.value for outcome in found.outcomes] == pytest.approx(truth[:count], rel=1e-6, abs=1e-6)
    if len(truth) > count:
        assert found.others >= truth[count] - 1e-6 * max(1.0, abs(truth[count]))


def two_ways() -> Network:
    """Two fields, two ways to a place with homes at 100, and one that is not used.

    west 8 --> a --10--> b, demand 12; east 6 --> c --5--> b; spare 3 at cost 50 --> b
    """
    net = Network()
    for row in "abc":
        net.row(row)
    net.demand("b", 12.0, [100.0])
    net.column("west", 8.0, 1.0, a=1.0)
    net.column("east", 6.0, 2.0, c=1.0)
    net.column("link_ab", 10.0, 0.1, a=-1.0, b=1.0)
    net.column("link_cb", 5.0, 0.1, c=-1.0, b=1.0)
    net.column("spare", 3.0, 50.0, b=1.0)
    return net


def test_untouched_is_not_solved() -> None:
    """The spare field stands idle: its loss is known without a solve, and its loss with west is not."""
    search = two_ways().interdiction()
    assert search.touched() == ("east", "link_ab", "link_cb", "west")
    singles = search.singles()
    assert [(outcome.names[0], round(outcome.loss, 6)) for outcome in singles] == [
        ("link_ab", 543.3), ("west", 543.3), ("east", 241.6), ("link_cb", 241.6), ("spare", 0.0),
    ]  # fmt: skip
    assert (search.work.solved, search.work.known) == (5, 1)


def test_worst_set_and_its_work() -> None:
    """The certificate comes with the counts that show how it was found."""
    found = two_ways().interdiction().worst(3)
    # the field or its way, on either side: of equal sets one is given, always the same
    assert {"link_ab", "west"} & set(found.best.names) and {"link_cb", "east"} & set(found.best.names)
    assert "spare" in found.best.names
    assert found.best.loss == pytest.approx(1200.0 - (8 * 1.1 + 4 * 2.1))
    assert (found.upper, found.is_proven, found.unbounded) == (found.best.value, True, ())
    assert found.work.solved < 26


@pytest.mark.parametrize("seed", range(6))
def test_order_does_not_matter(seed: int) -> None:
    """Two people with the same case must see the same ranking."""
    net = random_network(seed)
    problem, elements = net.problem(), net.elements()
    answers = []
    for shuffle in range(3):
        random.Random(shuffle).shuffle(elements)
        search = Interdiction(problem, elements, started(problem).solve)
        if shuffle:
            search.bounds([elements[0].name])
            search.all_sets(1)
        answers.append([search.worst(3).best, *search.worst_pairs(5).outcomes, *search.singles()])
    for other in answers[1:]:
        assert [outcome.names for outcome in other] == [outcome.names for outcome in answers[0]]
        values = [outcome.value for outcome in answers[0]]
        assert [outcome.value for outcome in other] == pytest.approx(values, rel=1e-9)


def test_several_are_asked_at_once() -> None:
    """Workers get whole lists of sets; how long these are changes nothing."""
    net = random_network(3)
    problem, elements = net.problem(), net.elements()
    session = started(problem)
    lengths: list[int] = []

    def many(deltas: Sequence[Delta]) -> Iterable[tuple[float, float]]:
        lengths.append(len(deltas))
        return [cost_of(problem, session.solve(delta)) for delta in deltas]

    alone = Interdiction(problem, elements, session.solve)
    together_ = Interdiction(problem, elements, session.solve, many)
    pairs = [search.worst_pairs(3).outcomes for search in (together_, alone)]
    assert [one.names for one in pairs[0]] == [one.names for one in pairs[1]]
    assert [one.value for one in pairs[0]] == pytest.approx([one.value for one in pairs[1]], rel=1e-12)
    assert together_.all_pairs().values == pytest.approx(alone.all_pairs().values, rel=1e-12)
    assert max(lengths) > 5


def test_losses_that_do_not_feel_each_other_add_up() -> None:
    """Two places without a link between them: no pair across is solved, each pair within is.

    field_a 5 at 1 --> a, demand 5, homes at 100; field_b 5 at 2 and spare_b 4 at 10 --> b, demand 5, homes at 100
    """
    net = Network()
    for row in "ab":
        net.row(row)
        net.demand(row, 5.0, [100.0])
    net.column("field_a", 5.0, 1.0, a=1.0)
    net.column("field_b", 5.0, 2.0, b=1.0)
    net.column("spare_b", 4.0, 10.0, b=1.0)
    search = net.interdiction()
    found = search.all_pairs()
    losses = {outcome.names: outcome.loss for outcome in found.outcomes()}
    assert losses == pytest.approx({
        ("field_a", "field_b"): 5 * 99 + 4 * 8 + 98, ("field_a", "spare_b"): 5 * 99, ("field_b", "spare_b"): 5 * 98,
    })  # fmt: skip
    # nothing, both that are in use, and the field and its spare together
    assert (found.work.solved, found.work.added, found.work.known) == (4, 1, 1)


def test_losses_that_compete_do_not_add_up() -> None:
    """Two fields that the same spare would replace: their loss together costs more than both alone, and is solved."""
    net = Network()
    net.row("a")
    net.demand("a", 6.0, [100.0])
    for name, cost in (("one", 1.0), ("two", 1.0), ("spare", 10.0)):
        net.column(name, 3.0, cost, a=1.0)
    found = net.interdiction().all_pairs()
    losses = {outcome.names: outcome.loss for outcome in found.outcomes()}
    assert losses[("one", "two")] == pytest.approx(3 * 9 + 3 * 99)
    assert found.work.added == 0


def test_a_time_limit_leaves_an_honest_gap() -> None:
    """Stopped early, the answer says how much worse a set could still be."""
    net = two_ways()
    found = net.interdiction().worst(2, seconds=-1.0)
    truth = max(every(net, 2).values())
    assert not found.is_proven
    assert found.best.value <= truth + 1e-6 and found.upper >= truth - 1e-6
    assert found.gap == pytest.approx(found.upper - found.best.value)
    assert 0.0 < found.gap < 1000.0


@cache
def ring(seed: int) -> tuple[Problem, list[Element]]:
    """Lines in a ring and across it with a voltage law, as much made as used: mostly without bounds, no single one hurts much."""
    case = network(6, 9, seed)
    problem = compile_case(case)
    return problem, elements(case, problem, ("links",))


@pytest.mark.parametrize("seed", range(3))
def test_sets_without_bounds_are_looked_at_from_the_solution_beside(seed: int) -> None:
    """Under a voltage law no bound helps: the worst of two to four must be that of all sets all the same, and not with more solves."""
    problem, lost = ring(seed)
    session = started(problem)
    values = {(): session.solve().objective}
    for size in (1, 2, 3, 4):
        for some in combinations(lost, size):
            out = together(problem, [one.out for one in some])
            values[tuple(sorted(one.name for one in some))] = session.solve(out).objective
        found = Interdiction(problem, lost, session.solve, near=session.near).worst(size)
        assert found.is_proven and found.gap == 0.0 and found.upper == found.best.value
        assert close(found.best.value, max(values.values()))
        assert close(found.best.value, values[found.best.names])
        assert found.work.solved <= len(values)


@pytest.mark.parametrize("seed", range(3))
def test_a_stopped_search_has_a_set(seed: int) -> None:
    """An answer of 0 with a gap, however short the time, is none: there is a set that costs something, and a bound above it."""
    problem, lost = ring(seed)
    session = started(problem)
    most = Interdiction(problem, lost, session.solve).worst(3).best
    for seconds in (-1.0, 0.01):
        found = Interdiction(problem, lost, session.solve, near=session.near).worst(3, seconds)
        assert 0.0 < found.best.loss <= most.loss + 1e-6
        assert np.isfinite(found.upper) and found.upper >= most.value - 1e-6
        assert found.gap == pytest.approx(found.upper - found.best.value)
    pair = Interdiction(problem, lost, session.solve).worst_pairs(1).outcomes[0]
    begun = Interdiction(problem, lost, session.solve).worst(3, -1.0, [pair.names])
    assert begun.best.value >= pair.value


def test_near_is_as_exact_as_alone() -> None:
    """A cost that hangs on what was asked before would make a certificate that lies."""
    net = Network()
    net.row("gas", 5.0)
    net.column("field", 5.0, 1.0, gas=1.0)
    net.column("other", 5.0, 2.0, gas=1.0)
    problem, lost = net.problem(), [element.out for element in net.elements()]
    session = started(problem)
    asked = [Delta(), lost[0], together(problem, lost), lost[1], lost[0]]
    assert list(session.near(lost[1], asked)) == pytest.approx([5.0, 10.0, INF, 5.0, 10.0])
    assert session.solve(lost[0]).objective == pytest.approx(10.0)


def test_nothing_to_lose() -> None:
    """Without elements, or with none that matters, the worst is what is."""
    net = two_ways()
    problem = net.problem()
    session = started(problem)
    none = Interdiction(problem, [], session.solve)
    assert none.worst(2).best.names == () and none.worst_pairs(3).outcomes == ()
    assert len(none.all_sets(1).values) == 0
    spare = [element for element in net.elements() if element.name == "spare"]
    idle = Interdiction(problem, spare, session.solve).worst(1)
    assert (idle.best.names, idle.best.loss, idle.is_proven) == ((), 0.0, True)


def test_what_cannot_be_solved_is_worse_than_any_cost() -> None:
    """A set that leaves nothing feasible must head the ranking, not vanish from it."""
    net = Network()
    net.row("gas", 5.0)
    net.column("field", 5.0, 1.0, gas=1.0)
    net.column("other", 5.0, 2.0, gas=1.0)
    search = net.interdiction()
    assert search.worst(2).best.value == INF
    assert search.value(["field"]) == pytest.approx(10.0)
    assert search.all_pairs().outcomes()[0].names == ("field", "other")


def braess() -> tuple[Problem, list[Element]]:
    """A line without flow that holds two voltages equal: losing it lets more through.

    made at b and c, 10 each way to d; the bridge b - c carries nothing but ties them: with voltages of 1 and 2 per flow
    """
    build = Builder(("t",))
    flows = build.add_columns("flow", ["bd", "cd", "bc"], 1, 0.0, np.array([[10.0], [10.0], [0.0]])).ravel()
    slack = build.add_columns("slack", ["bc"], 1, 0.0, 0.0).ravel()
    made = build.add_columns("made", ["b", "c"], 1, 0.0, 10.0).ravel()
    short = build.add_columns("unserved", ["d"], 1, 0.0, 20.0, 100.0).ravel()
    rows = build.add_rows("balance", ["b", "c", "d"], 1, np.array([[0.0], [0.0], [20.0]])).ravel()
    law = build.add_rows("law", ["bcd"], 1, 0.0, 0.0).ravel()
    for column, start, end, weight in zip(flows, (0, 1, 0), (2, 2, 1), (-1.0, 2.0, 1.0), strict=True):
        build.add_entries(rows[[start, end]], np.array([column, column]), np.array([-1.0, 1.0]))
        build.add_entries(law, np.array([column]), weight)
    build.add_entries(law, slack, 1.0)
    build.add_entries(rows[:2], made, 1.0)
    build.add_entries(rows[2:], short, 1.0)
    bridge = Delta(np.array([flows[2], slack[0]]), np.array([0.0, -INF]), np.array([0.0, INF]))
    ways = [Delta(flows[[at]], np.zeros(1), np.zeros(1)) for at in (0, 1)]
    elements = [Element("bridge", bridge), Element("way_b", ways[0]), Element("way_c", ways[1])]
    return build.build(), elements


def test_what_frees_something_is_not_taken_for_unchanged() -> None:
    """A line that carries nothing can still be in the way of others: its loss lowers the cost, and that is solved."""
    problem, elements = braess()
    search = Interdiction(problem, elements, started(problem).solve)
    assert "bridge" not in search.touched()
    assert search.value() == pytest.approx(500.0)
    assert search.value(["bridge"]) == pytest.approx(0.0)
    pairs = {outcome.names: outcome.value for outcome in search.all_pairs().outcomes()}
    assert pairs == pytest.approx(
        {("bridge", "way_b"): 1000.0, ("bridge", "way_c"): 1000.0, ("way_b", "way_c"): 2000.0}
    )
    sets = {outcome.names: outcome.value for outcome in search.all_sets(2).outcomes()}
    assert sets == pytest.approx(pairs)
    assert search.worst(1).best.value == pytest.approx(2000.0)


@pytest.mark.parametrize("seed", range(8))
def test_favouring_few_changes_no_cost(seed: int) -> None:
    """Ties are broken for speed; what is reported is the cost of the case."""
    net = random_network(seed)
    problem, elements = net.problem(), net.elements()
    tilted = favour_few(problem, elements)
    plain = Interdiction(problem, elements, started(problem).solve).all_sets(2)
    few = Interdiction(tilted, elements, started(tilted).solve).all_sets(2)
    assert few.losses == pytest.approx(plain.losses, abs=0.05)
    assert (tilted.tilt > 0).any() and np.array_equal(tilted.cost, problem.cost)


def test_losses_together() -> None:
    """Where two losses meet at one column, the tighter bound holds; what one frees stays free."""
    problem = two_ways().problem()
    half = Delta(np.array([2, 1]), np.array([0.0, -INF]), np.array([5.0, INF]))
    whole = Delta(np.array([2, 1]), np.zeros(2), np.array([0.0, 9.0]))
    found = together(problem, [half, whole])
    assert (found.columns.tolist(), found.lower.tolist(), found.upper.tolist()) == (
        [1, 2],
        [-INF, 0.0],
        [INF, 0.0],
    )
    assert together(problem, []).is_empty


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ([Element("a", Delta()), Element("a", Delta())], "two elements have one name"),
        ([Element("a", Delta(costs=np.array([0]), cost=np.array([1.0])))], "not costs"),
    ],
)
def test_elements_that_make_no_sense(elements: list[Element], message: str) -> None:
    """A loss that changes prices is another question."""
    problem = two_ways().problem()
    with pytest.raises(ValueError, match=message):
        Interdiction(problem, elements, started(problem).solve)

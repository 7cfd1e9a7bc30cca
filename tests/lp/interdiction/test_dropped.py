"""Bounds from the way to everything lost: by hand where they are simple, against the solver where they are not."""

from __future__ import annotations

import random

import numpy as np
import pytest

from kelisim.lp.delta import Delta
from kelisim.lp.interdiction import DropBound, Element, Interdiction
from kelisim.lp.problem import INF, Problem
from kelisim.lp.removals import Removals, together
from tests.lp.networks import Network, random_network, started


def bounds(problem: Problem, elements: list[Element]) -> dict[str, float]:
    """w of each element with nothing out."""
    session = started(problem)
    outs = Removals(problem, [element.out for element in elements])
    nothing = session.solve(outs.all_taken)
    found = DropBound(problem, outs, nothing.values).bounds(Delta(), session.solve(Delta()).values)
    return {element.name: float(w) for element, w in zip(elements, found, strict=True)}


def beside(net: Network) -> Network:
    """A stove of its own beside the network, so that not everything hangs together: 5 at 1, homes at 100."""
    net.row("stove")
    net.demand("stove", 5.0, [100.0])
    net.column("oven", 5.0, 1.0, stove=1.0)
    return net


@pytest.mark.parametrize("may_be_let_go", [True, False])
def test_a_refinery_goes_with_all_that_it_makes(may_be_let_go: bool) -> None:
    """Of a crude come half a diesel and 0.3 of fuel oil. Where fuel oil may not be let go, its ships take the refinery with them.

    import, 20 at 5 --> refinery at 2 --> diesel, 10 at 100;  fuel oil --> ships 6, which pay 10
    """
    net = Network()
    for row in ("crude", "diesel"):
        net.row(row, 0.0, 0.0)
    net.row("fuel", 0.0, INF if may_be_let_go else 0.0)
    net.demand("diesel", 10.0, [100.0])
    net.column("import", 40.0, 5.0, crude=1.0)
    net.column("refinery", 40.0, 2.0, crude=-1.0, diesel=0.5, fuel=0.3)
    net.column("ships", 6.0, -10.0, fuel=-1.0)
    beside(net)
    whole = 10 * 100 + 6 * 10 - 20 * 7
    found = bounds(net.problem(), net.elements())
    # where it may be let go, dropping the ships asks nobody for anything
    assert found == pytest.approx(
        {"import": whole, "refinery": whole, "ships": 60 if may_be_let_go else whole, "oven": 5 * 99}
    )


def test_room_in_a_limit_needs_no_partner() -> None:
    """Imports may exceed exports by 8 and do so by 6: of 4 exports that are lost, half take imports with them, at 100 less 1.

    abroad --10 at 1--> home, 10 at 100;  field --4 at 2--> abroad, which pays 5
    """
    net = Network()
    net.row("home", 0.0, 0.0)
    net.row("limit", -INF, 8.0)
    net.demand("home", 10.0, [100.0])
    net.column("imports", 20.0, 1.0, home=1.0, limit=1.0)
    net.column("exports", 4.0, -3.0, limit=-1.0)
    beside(net)
    assert bounds(net.problem(), net.elements())["exports"] == pytest.approx(4 * 3 + 2 * 99)


def test_a_least_activity_is_missed_or_goes_with_its_plant() -> None:
    """Without fuel 4 of least activity are missing, at 7; without the plant nothing is."""
    net = Network()
    net.row("gas", 0.0, 0.0)
    net.row("power", 0.0, 0.0)
    net.row("least", 4.0)
    net.demand("power", 10.0, [100.0])
    net.column("field", 20.0, 1.0, gas=1.0)
    net.column("plant", 20.0, 0.0, gas=-1.0, power=1.0, least=1.0)
    net.column("plant/below", 4.0, 7.0, least=1.0)
    beside(net)
    problem = net.problem()
    row = np.array([list(net.rows).index("least")])
    elements = {element.name: element for element in net.elements()}
    out = elements["plant"].out
    freed = Delta(out.columns, out.lower, out.upper, row, np.zeros(1), np.full(1, INF))
    elements["plant"] = Element("plant", freed)
    found = bounds(problem, list(elements.values()))
    assert found == pytest.approx({"field": 1000 - 10 + 28, "plant": 1000 - 10, "oven": 5 * 99})
    # nothing freed, all of the least activity is missing: that is more than any set costs
    most = Interdiction(problem, list(elements.values()), started(problem).solve)._all_lost()
    assert most == pytest.approx(1000 + 28 + 500)


def test_a_loop_that_gives_back_all_it_takes_has_no_bound() -> None:
    """Power lifts gas, gas makes the power, and nothing comes from outside: what is dropped asks for itself without end."""
    net = Network()
    for row in ("power", "gas"):
        net.row(row, 0.0, 0.0)
    net.demand("power", 3.0, [100.0])
    net.demand("gas", 2.0, [80.0])
    net.column("pump", 5.0, 0.0, power=-1.0, gas=2.0)
    net.column("plant", 8.0, 0.0, gas=-1.0, power=1.0)
    beside(net)
    assert bounds(net.problem(), net.elements()) == pytest.approx({"pump": INF, "plant": INF, "oven": 495})


@pytest.mark.parametrize("seed", range(60))
def test_bounds_hold(seed: int) -> None:
    """A bound that is too low once is a certificate that lies: losses of up to four, on top of up to three."""
    net = random_network(seed)
    problem, outs = net.problem(), [element.out for element in net.elements()]
    session, removals = started(problem), Removals(problem, outs)
    nothing = session.solve(removals.all_taken)
    assert nothing.status == "optimal"
    bound = DropBound(problem, removals, nothing.values)
    draw = random.Random(seed)
    for size in range(4):
        lost = draw.sample(range(len(outs)), min(size, len(outs) - 1))
        out = together(problem, [outs[at] for at in lost])
        base = session.solve(out)
        found = bound.bounds(out, base.values)
        left = [at for at in range(len(outs)) if at not in lost]
        for _ in range(6):
            more = draw.sample(left, min(len(left), draw.randint(1, 4)))
            after = session.solve(together(problem, [outs[at] for at in [*lost, *more]]))
            assert after.objective <= base.objective + found[more].sum() + 1e-6 * abs(after.objective)
            assert after.objective <= nothing.objective + 1e-6 * abs(after.objective)

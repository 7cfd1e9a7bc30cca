"""Power transfer and line outage distribution factors of the 24-bus system: the voltage law in cycle form, and its slack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import Floats, Problem
from kelisim.lp.removals import together
from kelisim.model.build import compile_case
from tests.published.answers import reproduces
from tests.published.matpower import Network, flows, line_elements

HERE = Path(__file__).parent
NETWORK = Network.read(HERE.parent / "rts24" / "case24_ieee_rts.m")
SLACK = 13  # the bus whose column of the PTDF is 0


def read(name: str) -> Floats:
    return np.genfromtxt(HERE / f"case24_ieee_rts_{name}.csv", delimiter=",")


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Lines wide enough for anything; what enters and leaves is set by limits of the balances."""
    wide = np.full(len(NETWORK.branch), 1e5)
    compiled = compile_case(NETWORK.case(NETWORK.branch[:, 3], 1000.0, wide))
    # ties between the two directions of a line go to as little flow as possible
    for name in ("links.flow", "links.flow_back"):
        block = compiled.columns[name]
        compiled.cost[block.start : block.start + block.size] = 1e-3
    return compiled


@pytest.fixture(scope="module")
def session(problem: Problem) -> Session:
    found = Session(problem, threads=1)
    found.start()
    return found


def enters(problem: Problem, power: dict[int, float]) -> Delta:
    """MW that enter the network at each bus, and nothing else: what is made and what is not served are shut."""
    block = problem.rows["places.balance"]
    at = block.positions[:, 0]
    net = np.array(
        [-power.get(int(label.split(":")[0].removeprefix("bus_")), 0.0) for label in block.elements]
    )
    shut = np.concatenate(
        [problem.columns[name].positions.ravel() for name in ("assets.activity", "demand.unserved")]
    )
    nothing = np.zeros(len(shut))
    return Delta(shut, nothing, nothing, at, net, net)


def test_transfer_factors(problem: Problem, session: Session) -> None:
    """A voltage law with one wrong sign sends power another way."""
    published = read("ptdf")
    found = np.zeros_like(published)
    for at, bus in enumerate(NETWORK.bus[:, 0].astype(int)):
        if bus != SLACK:
            solution = session.solve(enters(problem, {bus: 100.0, SLACK: -100.0}))
            found[:, at] = flows(problem, solution.values, NETWORK.lines) / 100.0
    reproduces("Power transfer distribution factors", found, published, "factors", abs=1e-6)


def test_base_flows(problem: Problem, session: Session) -> None:
    """Flows with the outputs of the file, the slack bus making up the difference."""
    power = {int(bus): -load for bus, load in NETWORK.bus[:, [0, 2]]}
    for bus, output in NETWORK.gen[:, :2]:
        power[int(bus)] += output
    power[SLACK] -= sum(power.values())
    found = flows(problem, session.solve(enters(problem, power)).values, NETWORK.lines)
    reproduces("Flows with the outputs of the file", found, read("base_flow_mw"), "factors", "MW", abs=1e-4)


def test_outage_factors(problem: Problem, session: Session) -> None:
    """With a line out its slack is free: what it carried goes where the voltage law sends it, or nowhere if it was the only way."""
    published = read("lodf")
    elements = line_elements(problem, NETWORK.lines)
    compared = []
    for at, element in enumerate(elements):
        start, end = NETWORK.branch[at, :2].astype(int)
        across = enters(problem, {start: 100.0, end: -100.0})
        before = flows(problem, session.solve(across).values, NETWORK.lines)
        after = session.solve(together(problem, [across, element.out]))
        if np.isnan(published[0, at]):
            assert after.status == "infeasible"
            continue
        moved = flows(problem, after.values, NETWORK.lines) - before
        compared.append((moved / before[at], published[:, at]))
    ours, theirs = (np.array(side) for side in zip(*compared, strict=True))
    reproduces("Line outage distribution factors", ours, theirs, "factors", abs=1e-6)

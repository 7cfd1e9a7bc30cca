"""The worst losses of circuits in the 24-bus reliability test system."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from kelisim.lp.highs import Session
from kelisim.lp.interdiction import Interdiction, Outcome, favour_few
from kelisim.lp.problem import Problem
from kelisim.model.build import compile_case
from tests.published.answers import reproduces
from tests.published.matpower import HOURS, Network, line_elements

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
NETWORK = Network.read(HERE / "case24_ieee_rts.m")
VOLL = 1000.0
SIZES = [int(size) for size in EXPECTED["max_shed_mw"]]


@cache
def problem(flow: str) -> Problem:
    """The network, with voltage laws (dc) or without (transport, ties broken towards few lines)."""
    compiled = compile_case(NETWORK.case(NETWORK.branch[:, 3] if flow == "dc" else None, VOLL))
    elements = line_elements(compiled, NETWORK.lines)
    return compiled if flow == "dc" else favour_few(compiled, elements)


def search(flow: str) -> Interdiction:
    session = Session(problem(flow), threads=1)
    session.start()
    return Interdiction(problem(flow), line_elements(problem(flow), NETWORK.lines), session.solve)


def shed(loss: float) -> float:
    """MW that are not served."""
    return loss / HOURS / VOLL


def circuit(name: str) -> str:
    """line_11_14 -> 11-14."""
    return "-".join(name.split("_")[1:3])


def test_the_whole_load_is_served() -> None:
    """A network that is short with nothing out has been read wrongly."""
    assert len(NETWORK.lines) == 38
    assert NETWORK.bus[:, 2].sum() == 2850.0
    assert shed(search("dc").value()) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("flow", ["dc", "transport"])
@pytest.mark.parametrize("size", SIZES)
def test_worst_loss(flow: str, size: int) -> None:
    """The published worst case, with a certificate, with and without the voltage law."""
    found = search(flow).worst(size)
    assert found.is_proven
    law = "with the voltage law" if flow == "dc" else "as transport"
    answer = f"Most load shed with {size} of 38 circuits lost, {law}"
    reproduces(answer, shed(found.best.loss), EXPECTED["max_shed_mw"][str(size)], "rts24", "MW", abs=0.01)
    if size == 2:
        assert sorted(map(circuit, found.best.names)) == EXPECTED["worst_k2"]


@pytest.mark.parametrize("flow", ["dc", "transport"])
def test_all_pairs(flow: str) -> None:
    """How many pairs shed load, and how much all of them together: one wrong pair shows."""
    for found in (search(flow).all_pairs(), search(flow).all_sets(2)):
        lost = np.array([shed(loss) for loss in found.losses])
        assert len(lost) == 703
        assert int((lost > 0.01).sum()) == EXPECTED["plans_with_any_shed"][flow]["2"]
        law = "with the voltage law" if flow == "dc" else "as transport"
        answer = f"Load shed in all 703 pairs together, {law}"
        reproduces(answer, lost.sum(), EXPECTED["sum_of_shed_mw"][flow]["2"], "rts24", "MW", abs=0.01)
        first = found.outcomes(1)[0]
        assert sorted(map(circuit, first.names)) == EXPECTED["worst_k2"]


def test_worst_pairs_in_order() -> None:
    """The eight pairs that shed load head the list, and no other pair can beat them."""
    found = search("transport").worst_pairs(8)
    assert [round(shed(outcome.loss), 3) for outcome in found.outcomes] == [194, 136, 74, 71, 5, 5, 5, 5]
    assert found.others < found.outcomes[-1].value


def test_all_triples() -> None:
    """8,436 triples, each answered exactly, most of them without a solve."""
    search_ = search("transport")
    found = search_.all_sets(3)
    assert len(found.values) == 8436
    assert found.work.solved < 4000
    worst = search("transport").worst(3)
    assert shed(found.losses.max()) == pytest.approx(shed(worst.best.loss), abs=0.01)
    # three that are served by one solution are served: a sample, solved
    session = Session(problem("transport"), threads=1)
    session.start()
    for at in range(0, 8436, 400):
        lost = tuple(int(i) for i in found.sets[at])
        assert session.solve(search_._delta(lost)).objective == pytest.approx(
            found.losses[at] + session.solve().objective, abs=1.0
        )


@pytest.fixture(scope="module")
def worst() -> dict[int, Outcome]:
    """The worst set of each size up to ten."""
    found = {size: search("transport").worst(size) for size in range(1, 11)}
    assert all(answer.is_proven and answer.gap == 0.0 for answer in found.values())
    return {size: answer.best for size, answer in found.items()}


def test_up_to_ten_lines(worst: dict[int, Outcome]) -> None:
    """Losing more never sheds less, and what is claimed of a set is what it costs."""
    losses = [shed(worst[size].loss) for size in sorted(worst)]
    assert losses == sorted(losses)
    check = search("transport")
    for outcome in worst.values():
        assert check.value(outcome.names) == pytest.approx(outcome.value)


@pytest.mark.parametrize("size", [3, 5, 7, 10])
def test_another_method_finds_the_same(worst: dict[int, Outcome], size: int) -> None:
    """The dual of the transport problem as one integer problem: a certificate that shares no code with the search."""
    assert shed(worst[size].loss) == pytest.approx(_by_duality(size), abs=0.01)


def _by_duality(size: int) -> float:
    """Most MW shed, by the dual of the least shed with the choice of lines in it.

    maximise d pi - G gamma - d sigma - sum of u_e (mu+ + mu- - w) with pi <= gamma at generators, pi - sigma <= 1,
    |pi_to - pi_from| carried by mu+ and mu-, w <= z, w <= mu+ + mu-, sum z <= size; all duals within 0 and 1
    (Salmeron, Wood and Baldick 2004; Motto, Arroyo and Galiana 2005)
    """
    bus = {int(number): at for at, number in enumerate(NETWORK.bus[:, 0])}
    nodes, lines = len(bus), len(NETWORK.branch)
    load = NETWORK.bus[:, 2]
    made = np.zeros(nodes)
    for row in NETWORK.gen:
        made[bus[int(row[0])]] += row[8]
    limit = NETWORK.branch[:, 5]
    # columns: pi, gamma, sigma by bus; mu+, mu-, w, z by line
    pi, gamma, sigma = (np.arange(nodes) + nodes * part for part in range(3))
    plus, minus, taken, cut = (np.arange(lines) + 3 * nodes + lines * part for part in range(4))
    count = 3 * nodes + 4 * lines
    gain = np.zeros(count)
    gain[pi], gain[gamma], gain[sigma] = load, -made, -load
    gain[plus], gain[minus], gain[taken] = -limit, -limit, limit
    rows: list[tuple[np.ndarray, float, float]] = []

    def row(low: float, high: float, **parts: float) -> None:
        coefficients = np.zeros(count)
        for key, value in parts.items():
            coefficients[int(key[1:])] += value
        rows.append((coefficients, low, high))

    for at in range(nodes):
        row(-np.inf, 0.0, **{f"_{pi[at]}": 1.0, f"_{gamma[at]}": -1.0})
        row(-np.inf, 1.0, **{f"_{pi[at]}": 1.0, f"_{sigma[at]}": -1.0})
    for at, (start, end) in enumerate(NETWORK.branch[:, :2].astype(int)):
        ends = {f"_{pi[bus[end]]}": 1.0, f"_{pi[bus[start]]}": -1.0}
        row(0.0, 0.0, **ends, **{f"_{plus[at]}": -1.0, f"_{minus[at]}": 1.0})
        row(-np.inf, 0.0, **{f"_{taken[at]}": 1.0, f"_{cut[at]}": -1.0})
        row(-np.inf, 0.0, **{f"_{taken[at]}": 1.0, f"_{plus[at]}": -1.0, f"_{minus[at]}": -1.0})
    row(0.0, float(size), **{f"_{column}": 1.0 for column in cut})
    matrix, low, high = (np.array(part) for part in zip(*rows, strict=True))
    whole = np.zeros(count)
    whole[cut] = 1
    answer = milp(
        -gain, constraints=LinearConstraint(matrix, low, high), integrality=whole, bounds=Bounds(0, 1)
    )
    assert answer.success
    return float(-answer.fun)

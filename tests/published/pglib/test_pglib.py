"""Least cost of networks of the Power Grid Library under the voltage law."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from kelisim.lp.highs import Session
from kelisim.model.build import compile_case
from tests.published.answers import reproduces
from tests.published.matpower import HOURS, Network

HERE = Path(__file__).parent
with (HERE / "expected.csv").open(encoding="utf-8", newline="") as lines:
    EXPECTED = [row for row in csv.DictReader(lines) if row["cost_type"] == "linear"]


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["case"])
def test_least_cost(row: dict[str, str]) -> None:
    """Congestion and the voltage law together: a limit or a reactance in the wrong unit changes the cost."""
    network = Network.read(HERE / f"{row['case']}.m")
    assert (len(network.bus), len(network.branch)) == (int(row["buses"]), int(row["branches"]))
    assert not network.gencost[:, 4].any(), "a quadratic cost is not a linear problem"
    assert not network.gen[:, 9].any(), "no least output in these cases"
    r, x = network.branch[:, 2], network.branch[:, 3]
    susceptance = x / (r**2 + x**2)
    # a limit of the angle between two ends is one of the flow
    angle = np.radians(np.minimum(network.branch[:, 12], -network.branch[:, 11]))
    limit = np.minimum(network.branch[:, 5], susceptance * angle * network.base_mva)
    problem = compile_case(network.case(1.0 / susceptance, 1e4, limit, costs=True))
    solution = Session(problem, threads=1).start()
    constants = float(network.gencost[:, 6].sum())
    found = solution.objective / HOURS + constants
    assert found == pytest.approx(float(row["recomputed_dc_objective"]), rel=1e-6)
    published = float(row["published_dc_objective_usd_per_h"])
    reproduces(
        f"Least cost, {row['case'].removeprefix('pglib_opf_')}", found, published, "pglib", "USD/h", rel=1e-4
    )

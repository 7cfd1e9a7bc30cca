"""Two networks that PyPSA publishes: its own optimum is found again, then operated by kelisim at that optimum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kelisim import io
from kelisim.engine import Engine
from tests.oracle.solving import network, quiet
from tests.published.answers import reproduces

HOME = Path(__file__).parents[1] / "published" / "pypsa"
EXPECTED = json.loads((HOME / "expected.json").read_text(encoding="utf-8"))
# component -> its capacity
EXTENDABLE = {"generators": "p_nom", "links": "p_nom", "lines": "s_nom", "storage_units": "p_nom"}


def optimised(found: Any) -> float:
    """Let PyPSA extend the capacities; what it pays for those that it may extend."""
    with quiet():
        status = found.optimize(
            solver_name="highs", io_api="direct", output_flag=False, include_objective_constant=True
        )
    assert status == ("ok", "optimal")
    paid = 0.0
    for component, key in EXTENDABLE.items():
        frame = getattr(found, component)
        free = frame[frame[f"{key}_extendable"]]
        paid += float((free["capital_cost"] * free[f"{key}_opt"]).sum())
    return paid


def operated(found: Any, home: Path) -> float:
    """Cost of operation that kelisim finds with the capacities fixed at PyPSA's optimum."""
    with quiet():
        found.optimize.fix_optimal_capacities()
        found.export_to_csv_folder(str(home / "fixed"))
    case = io.read(home / "fixed")
    answer = Engine(case, cache=False).base
    assert answer.status == "optimal"
    return float(answer.objective)


def total(found: Any) -> float:
    return float(found.objective) + float(found.objective_constant)


def test_meshed_grid_with_a_carbon_cap(tmp_path: Path) -> None:
    """AC and DC lines, converters that run both ways, and a cap on CO2: operation costs what PyPSA says."""
    found = network(HOME / "ac-dc-meshed")
    paid = optimised(found)
    assert float(found.objective) == pytest.approx(EXPECTED["ac-dc-meshed"]["objective"], rel=1e-6)
    cost = operated(found, tmp_path)
    reproduces(
        "Cost of capacities and operation", cost + paid, EXPECTED["ac-dc-meshed"]["total"], "pypsa", rel=1e-6
    )
    notes = io.left_out(tmp_path / "fixed")
    assert [note for note in notes if not note.startswith(("loads:", "buses"))] == []


def test_storage_without_its_set_points(tmp_path: Path) -> None:
    """Storages with losses, inflow and a price of giving: without the two set points the costs agree."""
    found = network(HOME / "storage-hvdc")
    optimised(found)
    assert float(found.objective) == pytest.approx(EXPECTED["storage-hvdc"]["objective"], rel=1e-6)
    free = network(HOME / "storage-hvdc")
    free.storage_units_t.state_of_charge_set = free.storage_units_t.state_of_charge_set.iloc[:, :0]
    paid = optimised(free)
    assert total(free) < total(found)
    assert operated(free, tmp_path) + paid == pytest.approx(total(free), rel=1e-6)


def test_what_the_published_folders_hold_beyond_a_case() -> None:
    """A folder is read whole or says what is left out: set points, and capacities that may grow."""
    notes = io.left_out(HOME / "storage-hvdc")
    assert "storage_units Storage 3, Storage 4: a fixed level (state_of_charge_set)" in notes
    assert any(
        note.startswith("generators Wind 0, Wind 1, Gas 1 and 7 more: capacity that could be")
        for note in notes
    )
    case = io.read(HOME / "storage-hvdc")
    assert case.horizon.count == 12
    np.testing.assert_allclose(case.horizon.hours, 3.0)
    assert case.table("resources")["resource"].tolist() == ["co2_limit"]

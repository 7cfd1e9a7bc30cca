"""How large a network is: whether it holds an optimum, and what none of its parts can use up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kelisim.io.pypsa.network import Network, flag, number

if TYPE_CHECKING:
    from kelisim.io.pypsa.reading import Reading

_SIZES = (
    ("generators", "p_nom"),
    ("links", "p_nom"),
    ("processes", "p_nom"),
    ("lines", "s_nom"),
    ("transformers", "s_nom"),
    ("storage_units", "p_nom"),
    ("stores", "e_nom"),
)
_ROOM = 10.0  # times all that is known: nothing that has no limit may come to bind


def is_solved(network: Network) -> bool:
    """Whether an optimisation has been run: the network has an objective, or something that could be extended has been."""
    given = network.attributes.get("objective", "") or network.attributes.get("_objective", "")
    try:
        if np.isfinite(float(given)) and float(given) != 0.0:
            return True
    except ValueError:
        pass
    for component, key in _SIZES:
        frame = network.static.get(component)
        if frame is not None and {f"{key}_opt", f"{key}_extendable"} <= set(frame):
            free = frame[f"{key}_extendable"].map(flag)
            if (frame[f"{key}_opt"][free].map(lambda cell: number(cell, 0.0)) > 0).any():
                return True
    return False


def enough(reading: Reading) -> float:
    """MW above all that loads, plants, ways and stores of a network could ever move together, with what conversions lose."""
    lasts = reading.clock.horizon.length
    total, least = 0.0, 1.0
    for component, key in _SIZES:
        for name, row in reading.all_of(component):
            if not flag(row.get("active"), True):
                continue
            size = number(row.get(key), 0.0)
            if flag(row.get(f"{key}_extendable")) and reading.solved:
                size = number(row.get(f"{key}_opt"), 0.0)
            if component == "stores":
                size = (size if np.isfinite(size) else 0.0) + abs(number(row.get("e_initial"), 0.0))
                size /= float(lasts.min())
            total += abs(size) if np.isfinite(size) else 0.0
            for cell in row:
                if cell in ("efficiency", "efficiency_store", "efficiency_dispatch"):
                    share = abs(number(row.get(cell), 1.0))
                    least = min(least, share) if share > 0 else least
            if component == "storage_units":
                total += float(np.abs(reading.values(component, name, row, "inflow", 0.0)).max())
    for name, row in reading.all_of("loads"):
        total += float(np.abs(reading.values("loads", name, row, "p_set", 0.0)).max())
    return _ROOM * max(total, 1.0) / max(least, 0.01)

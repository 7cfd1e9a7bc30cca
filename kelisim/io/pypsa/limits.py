"""Limits over several flows as buses of their own: who draws on a limit takes from its bus.

In a limit that holds in each part of a step, a flow that is the same all step must be so in PyPSA too. Limits of the year are stores;
where snapshots stand for longer than they last, what is drawn is counted as often.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.io.pypsa.draft import LIMIT, Draft, DraftFlow

Floats = npt.NDArray[np.float64]
Uses = Iterable[tuple[DraftFlow, Any]]


def at_most(draft: Draft, name: str, limit: Floats, uses: Uses, price: float = np.nan) -> None:
    """In each step the flows times their use stay below the limit; what goes beyond has a price, if one is given."""
    bus = draft.limit_bus(name)
    drawn = list(uses)
    limit = _of_row(draft, limit, drawn)
    _draw(bus, drawn)
    draft.generator(f"{name} limit", bus, limit)
    if any(np.min(use) < 0 for _, use in drawn):
        draft.generator(f"{name} unused", bus, draft.level(_largest(drawn, -1)), sign=-1.0)
    if not np.isnan(price):
        draft.generator(f"{name} beyond", bus, draft.level(_largest(drawn, 1)), price)


def at_least(draft: Draft, name: str, least: Floats, uses: Uses, price: float) -> None:
    """In each step the flows times their use reach the least amount; what is missing has a price."""
    bus = draft.limit_bus(name)
    drawn = list(uses)
    least = _of_row(draft, least, drawn)
    _draw(bus, drawn, -1.0)
    draft.add("loads", f"{name} least", bus=bus, carrier=LIMIT, p_set=least)
    draft.generator(f"{name} missing", bus, least, price)
    draft.generator(f"{name} more", bus, draft.level(_largest(drawn, 1)), sign=-1.0)


def year_at_most(draft: Draft, name: str, energy: float, uses: Uses, price: float = np.nan) -> None:
    """Over the horizon the flows times their use stay below an energy."""
    bus = draft.limit_bus(name)
    drawn = _counted(draft, uses)
    _draw(bus, drawn)
    gives_back = any(np.min(use) < 0 for _, use in drawn)
    # where something gives back, the order within the year must not matter: the store may go below zero on the way
    swing = float(sum(np.max(np.abs(use)) * flow.most.max() for flow, use in drawn)) * draft.total
    size = energy + swing if gives_back else energy
    values: dict[str, Any] = {"e_nom": size, "e_initial": energy}
    if gives_back and size > 0:
        low = draft.level(-1.0)
        low[-1] = 0.0
        values["e_min_pu"] = low
    draft.add("stores", f"{name} limit", bus=bus, carrier=LIMIT, **values)
    if not np.isnan(price):
        cost = price / draft.cells.counted
        draft.generator(f"{name} beyond", bus, draft.level(_largest(drawn, 1)), cost)


def year_at_least(draft: Draft, name: str, energy: float, uses: Uses, price: float) -> None:
    """Over the horizon the flows times their use reach an energy; what is missing has a price."""
    bus = draft.limit_bus(name)
    drawn = _counted(draft, uses)
    _draw(bus, drawn, -1.0)
    cells = draft.cells
    last = draft.level(0.0)
    last[-1] = energy / cells.moves[-1]
    draft.add("stores", f"{name} so far", bus=bus, carrier=LIMIT, e_nom=energy, e_initial=0.0)
    draft.add("loads", f"{name} least", bus=bus, carrier=LIMIT, p_set=last)
    draft.generator(f"{name} missing", bus, last, price / cells.counted)
    draft.generator(f"{name} more", bus, draft.level(_largest(drawn, 1)), sign=-1.0)


def _of_row(draft: Draft, limit: Floats, uses: list[tuple[DraftFlow, Any]]) -> Floats:
    """The limit of a row: of one over the step its mean, else that of each part, for which flows over the step are held."""
    if all(flow.coarse for flow, _ in uses):
        found: Floats = draft.cells.mean(limit)
        return found
    for flow, _ in uses:
        flow.held = flow.coarse
    return limit


def _counted(draft: Draft, uses: Uses) -> list[tuple[DraftFlow, Any]]:
    """Uses by MWh of a store: what snapshots stand for, by what they last."""
    counted = draft.cells.counted
    if np.all(counted == 1.0):
        return list(uses)
    return [(flow, use * counted) for flow, use in uses]


def _draw(bus: str, uses: list[tuple[DraftFlow, Any]], sign: float = 1.0) -> None:
    for flow, use in uses:
        flow.add(bus, -sign * use)


def _largest(uses: list[tuple[DraftFlow, Any]], sign: int) -> float:
    """The most that flows can draw (1) or give back (-1) in a step."""
    return float(sum(max(float(np.max(sign * np.asarray(use))), 0.0) * flow.most.max() for flow, use in uses))

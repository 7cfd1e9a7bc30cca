"""Goods under way in a PyPSA network: a delay in hours that gives the whole steps of transit of a case.

PyPSA gives each snapshot what was sent in the snapshot that the delay leads back to. Where steps are so uneven that no number of
hours leads back to the right one, the transit is lost, and said so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.io.pypsa.draft import Draft, DraftFlow

Floats = npt.NDArray[np.float64]


def arrive(draft: Draft, row: Any, flow: DraftFlow, end: str) -> None:
    """Let what a link sends be at its end, after its transit time.

    row   of the link
    flow  what is sent, which takes at one bus only until here
    """
    kept = 1.0 - row.loss
    steps = _steps(draft, row.days, flow.coarse)
    lasts = draft.hours[draft.cells.heads] if flow.coarse else draft.hours
    whole = draft.cells.over_step(draft.hours)[draft.cells.heads] if flow.coarse else draft.hours
    hours = _hours(whole, lasts, steps) if steps else 0
    if steps and not hours:
        days = f"links {row.link}: {row.days:g} days of transit, with steps as uneven as these"
        draft.lost += [days] if days not in draft.lost else []  # each way says so
    if not hours:
        flow.add(end, kept)
    elif flow.coarse and draft.case.horizon.has_parts:
        _within_steps(draft, flow, end, kept * np.roll(lasts, steps) / lasts, hours)
    else:
        # PyPSA moves power and not energy from step to step
        flow.add(end, kept * np.roll(draft.hours, steps) / draft.hours)
        flow.delay = hours


def _steps(draft: Draft, days: float, coarse: bool) -> int:
    """Steps of transit, of a flow that may differ in parts of a step the parts; none in a snapshot and in typical days."""
    horizon = draft.case.horizon
    if not horizon.wraps or (horizon.is_typical and not coarse):
        return 0
    count = horizon.whole if coarse else horizon.count
    return int(np.rint(days * 24.0 * count / draft.total)) % count


def _hours(whole: Floats, lasts: Floats, steps: int) -> int:
    """Whole hours that lead from the beginning of each step back into the beginning of the one `steps` before; 0 where none do.

    whole  hours of each step
    lasts  hours of its beginning: the step, or its first part
    """
    count = len(whole)
    wrapped = np.concatenate([whole, whole])
    back = np.array([wrapped[at : at + steps].sum() for at in range(count)])
    most, least = float(back.min()), float((back - lasts).max())
    # PyPSA adds up hours: where they are no whole numbers the sums are not exact, and a delay is a little less
    found = int(most) if np.array_equal(whole, np.rint(whole)) else int(np.floor(most - 1e-6))
    return found if found > least else 0


def _within_steps(draft: Draft, flow: DraftFlow, end: str, arrives: Floats, hours: int) -> None:
    """What is sent all step waits on a bus of its own, leaves in the first part of the step, and arrives in the first part of another.

    arrives  MW at the end for each MW that left, (steps,)
    """
    cells = draft.cells
    way = draft.add("buses", f"{flow.name} under way", carrier=flow.carrier, location="")
    draft.coarse.add(way)
    flow.add(way, 1.0)
    most = cells.at(cells.heads, flow.most * cells.over_step(draft.hours) / draft.hours)
    ports = {way: -1.0, end: cells.at(cells.heads, arrives[cells.of])}
    arrival = DraftFlow(f"{flow.name} arrival", ports, most, draft.level(0.0), flow.carrier, "arrival", hours)
    draft.flow("arrivals", flow.name, arrival)

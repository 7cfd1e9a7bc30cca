"""Whose energy is used where: proportional sharing of annual flows (Bialek 1996).

Within a place all that comes in mixes; what leaves carries the mix. Flows are annual and net per link, so a short
exchange back and forth does not count as trade.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kelisim.tolerances import VANISHING

Floats = npt.NDArray[np.float64]
Flows = tuple[Floats, Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]


def shares(
    supply: Floats, sent: Floats, arrived: Floats, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> Floats:
    """Origin of what passes through each place.

    supply   energy made or bought at each place, (places)
    sent     energy that leaves the start of each link, (links), not negative
    arrived  energy that reaches its end, (links)
    start, end  positions of the places
    returns  (places, origins): share of the place's throughput that was supplied at the origin; rows add up to 1
             where anything comes in
    """
    count = len(supply)
    inflow = supply.copy()
    np.add.at(inflow, end, arrived)
    # share of the throughput of the start that makes up the throughput of the end
    mixing = np.zeros((count, count))
    used = (inflow[end] > 0) & (arrived > 0)
    np.add.at(mixing, (end[used], start[used]), arrived[used] / inflow[end[used]])
    own = np.where(inflow > 0, supply / np.where(inflow > 0, inflow, 1.0), 0.0)
    # a closed loop without any supply has no origin: a trace of damping keeps the system regular
    system = np.eye(count) - mixing * (1.0 - VANISHING)
    found = np.linalg.solve(system, np.diag(own))
    return np.clip(found, 0.0, 1.0)


def net_links(
    forward: Floats, back: Floats, loss: Floats, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> Flows:
    """Annual flows both ways as one net flow per link: (sent, arrived, start, end), turned to their direction."""
    reach = forward * (1.0 - loss)
    return_reach = back * (1.0 - loss)
    ahead = forward - return_reach >= back - reach
    sent = np.where(ahead, forward - return_reach, back - reach)
    arrived = np.where(ahead, reach - back, return_reach - forward)
    return (
        np.maximum(sent, 0.0),
        np.maximum(arrived, 0.0),
        np.where(ahead, start, end),
        np.where(ahead, end, start),
    )

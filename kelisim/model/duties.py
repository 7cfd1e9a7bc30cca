"""Duties to supply a home market: a quantity that its customers and plants are to get, and the price of what is missing.

A duty is a row of its own and names no supplier: when the plant that served it is lost, it stays, and what nobody else
delivers is paid for. So a loss frees nobody of what he owes. The price cap moves money between the sides and is no part
of the problem; the table `duties.total` says what it costs the seller.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.duties import demand_by_step, homes, members, owed_by_step, shortfall_price
from kelisim.case.ports import port_ratios
from kelisim.lp.problem import Floats, Ints
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Rows `duties.step` and `duties.year`, columns `duties.step_shortfall` and `duties.year_shortfall`.

    in each step        served + taken in by plants + shortfall >= quantity x shape / hours of the year
    over the year       the same as mean MW over the horizon

    served is the demand less what is unserved. A shortfall is at most what is owed, so that each row can be kept.
    """
    duties = frame.case.quantities("duties")
    for over in ("step", "year"):
        chosen = duties[duties["over"] == over]
        if len(chosen):
            _add(frame, chosen, over)


def _add(frame: Assembly, duties: pd.DataFrame, over: str) -> None:
    ids = list(duties["duty"])
    owed, price = owed_by_step(frame.case, duties), shortfall_price(frame.case, duties)
    wanted = demand_by_step(frame.case)
    home = homes(frame.case, duties)
    of_demand = members(home, frame.case.table("demand"))
    held = np.array([wanted[rows].sum(axis=0) for rows in of_demand]).reshape(len(ids), frame.steps)
    if over == "step":
        steps, weights = frame.steps, np.ones((1, frame.steps))
        least, given, cost = owed, held, frame.price(price)
    else:
        # outside its dates nothing counts for a duty of the year
        steps, weights = 1, frame.mean_weights[None, :] * (owed > 0)
        least = (owed @ frame.mean_weights)[:, None]
        given, cost = (held * weights).sum(axis=1)[:, None], price[:, None] * frame.mean_price
    # a duty in each step is one of the whole step, whatever its parts
    coarse = np.full(len(ids), frame.grid is not None and steps > 1)
    rows = frame.build.add_rows(f"duties.{over}", ids, steps, least - given, coarse=coarse)
    short = frame.build.add_columns(f"duties.{over}_shortfall", ids, steps, 0.0, least, cost, coarse)
    frame.build.add_entries(rows, short, 1.0)
    weights = np.broadcast_to(weights, owed.shape)
    if "demand.unserved" in frame.build.columns:
        unserved = frame.build.columns["demand.unserved"].positions
        for at, mine in enumerate(of_demand):
            frame.build.add_entries(rows[[at]], unserved[mine], -weights[[at]])
    for at, columns, ratio in _taken_in(frame, home):
        frame.build.add_entries(rows[[at]], columns, ratio * weights[[at]])


def _taken_in(frame: Assembly, home: list[tuple[set[str], str]]) -> list[tuple[int, Ints, Floats]]:
    """Of each duty the activities that take its carrier in, (ports, steps), and MWh of it per MWh of activity."""
    if "assets.activity" not in frame.build.columns:
        return []
    block = frame.build.columns["assets.activity"]
    position = {asset: at for at, asset in enumerate(block.elements)}
    ports = port_ratios(frame.case, frame.case.quantities("assets"))
    ports = ports[ports["ratio"] < 0]
    found = []
    for at, mine in enumerate(members(home, ports)):
        of = ports.iloc[mine]
        columns = block.positions[[position[asset] for asset in of["asset"]]]
        shape = frame.case.profiles.matrix(of["profile"], "shape")
        found.append((at, columns, -of["ratio"].to_numpy(dtype=float)[:, None] * shape))
    return found

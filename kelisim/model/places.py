"""Balance of each node: what is made and arrives is used, leaves or is let go.

A carrier that may be curtailed has a balance that need not be met exactly: what is not taken is the row's slack.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.lp.problem import INF
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Rows `places.balance` (nodes, steps): made + arriving - used - leaving >= demand, or = where nothing may be let go."""
    carriers = frame.case.table("carriers").set_index("carrier")["may_curtail"]
    demand = np.zeros((len(frame.nodes), frame.steps))
    rows = frame.case.quantities("demand")
    if len(rows):
        power = rows["amount"].to_numpy()[:, None] / frame.case.horizon.year_hours
        shaped = power * frame.case.profiles.matrix(rows["profile"], "shape")
        at = [frame.nodes[p, c] for p, c in zip(rows["place"], rows["carrier"], strict=True)]
        np.add.at(demand, np.array(at), shaped)
    upper = demand.copy()
    lets_go = np.array([bool(carriers[carrier]) for _, carrier in frame.nodes], dtype=bool)
    upper[lets_go] = INF
    coarse = frame.in_steps(pd.Series([carrier for _, carrier in frame.nodes], dtype=object))
    labels = [f"{place}:{carrier}" for place, carrier in frame.nodes]
    frame.balance = frame.build.add_rows("places.balance", labels, frame.steps, demand, upper, coarse)

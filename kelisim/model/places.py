"""Balance of each node: what is made and arrives is used, leaves or is let go.

Where a row lets a carrier go its balance need not be met exactly: what is not taken is the row's slack, at no cost. Nowhere
else: what nobody takes is not made, and the minimums of what makes it are missed at their price.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.letting_go import allowed_by
from kelisim.lp.problem import INF
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Rows `places.balance` (nodes, steps): made + arriving - used - leaving >= demand, or = where nothing may be let go."""
    demand = np.zeros((len(frame.nodes), frame.steps))
    rows = frame.case.quantities("demand")
    if len(rows):
        power = rows["amount"].to_numpy()[:, None] / frame.case.horizon.year_hours
        shaped = power * frame.case.profiles.matrix(rows["profile"], "shape")
        at = [frame.nodes[p, c] for p, c in zip(rows["place"], rows["carrier"], strict=True)]
        np.add.at(demand, np.array(at), shaped)
    upper = demand.copy()
    upper[np.array([bool(by) for by in allowed_by(frame.case, frame.nodes)], dtype=bool)] = INF
    coarse = frame.in_steps(pd.Series([carrier for _, carrier in frame.nodes], dtype=object))
    labels = [f"{place}:{carrier}" for place, carrier in frame.nodes]
    frame.balance = frame.build.add_rows("places.balance", labels, frame.steps, demand, upper, coarse)

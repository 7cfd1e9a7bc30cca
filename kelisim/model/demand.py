"""Demand by customer class: what is not served is priced at the value of lost load of its class and carrier."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.customers import voll_of
from kelisim.lp.problem import Floats
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Columns `demand.unserved` (rows of demand, steps)."""
    demand = frame.case.quantities("demand")
    if demand.empty:
        return
    power = demand_power(frame, demand)
    cost = frame.price(voll_of(frame.case, demand))
    coarse = frame.in_steps(demand["carrier"])
    unserved = frame.build.add_columns(
        "demand.unserved", labels(demand), frame.steps, 0.0, power, cost, coarse
    )
    frame.build.add_entries(frame.node_rows(demand["place"], demand["carrier"]), unserved, 1.0)


def labels(demand: pd.DataFrame) -> list[str]:
    """One name for each row of demand: place:carrier:customer_class."""
    return list(demand["place"] + ":" + demand["carrier"] + ":" + demand["customer_class"])


def demand_power(frame: Assembly, demand: pd.DataFrame) -> Floats:
    """MW per step, (rows, steps)."""
    mean = demand["amount"].to_numpy()[:, None] / frame.case.horizon.year_hours
    return np.asarray(mean * frame.case.profiles.matrix(demand["profile"], "shape"))

"""Demand by customer class: what is not served is priced at the value of lost load of its class and carrier."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.lp.problem import Floats
from kelisim.model.frame import Assembly


def add(frame: Assembly) -> None:
    """Columns `demand.unserved` (rows of demand, steps)."""
    demand = frame.case.quantities("demand")
    if demand.empty:
        return
    power = demand_power(frame, demand)
    cost = frame.price(voll_of(frame.case, demand))
    unserved = frame.build.add_columns("demand.unserved", labels(demand), frame.steps, 0.0, power, cost)
    frame.build.add_entries(frame.node_rows(demand["place"], demand["carrier"]), unserved, 1.0)


def labels(demand: pd.DataFrame) -> list[str]:
    """One name for each row of demand: place:carrier:customer_class."""
    return list(demand["place"] + ":" + demand["carrier"] + ":" + demand["customer_class"])


def demand_power(frame: Assembly, demand: pd.DataFrame) -> Floats:
    """MW per step, (rows, steps)."""
    mean = demand["amount"].to_numpy()[:, None] / frame.case.horizon.year_hours
    return np.asarray(mean * frame.case.profiles.matrix(demand["profile"], "shape"))


def class_rows(case: Case) -> pd.DataFrame:
    """Customer classes, one row per class and carrier, in internal units."""
    classes = case.quantities("customer_classes")
    return classes.assign(carrier=classes["carrier"].str.split(";")).explode("carrier")


def voll_of(case: Case, demand: pd.DataFrame) -> Floats:
    """Value of lost load of each row, currency/MWh: its own, or that of its class and carrier."""
    known = (
        class_rows(case)
        .drop_duplicates(["customer_class", "carrier"])
        .set_index(["customer_class", "carrier"])["voll"]
    )
    of_class = known.reindex(pd.MultiIndex.from_frame(demand[["customer_class", "carrier"]])).to_numpy(
        dtype=float
    )
    return np.where(demand["voll"].notna(), demand["voll"].to_numpy(dtype=float), of_class)

"""Customer classes: which are protected, and what their unserved energy is valued at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case

LATE_PER_DAY = 0.001  # share of a value of lost load by which a later day of an outage counts less
MOST_DAYS = 90  # days of an outage after which it counts no less


def class_rows(case: Case) -> pd.DataFrame:
    """Customer classes, one row per class and carrier, in internal units."""
    classes = case.quantities("customer_classes")
    return classes.assign(carrier=classes["carrier"].str.split(";")).explode("carrier")


def of_demand(case: Case, column: str, demand: pd.DataFrame) -> pd.Series:
    """A column of the class of each row of demand; empty where class and carrier have no row."""
    rows = class_rows(case).drop_duplicates(["customer_class", "carrier"])
    known = rows.set_index(["customer_class", "carrier"])[column]
    return known.reindex(pd.MultiIndex.from_frame(demand[["customer_class", "carrier"]]))


def protected(case: Case) -> npt.NDArray[np.bool_]:
    """Rows of demand of protected customers, mask."""
    found = of_demand(case, "protected", case.table("demand"))
    return np.asarray(found.eq(True).to_numpy(), dtype=bool)


def voll_of(case: Case, demand: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Value of lost load of each row, currency/MWh: its own, or that of its class and carrier."""
    of_class = of_demand(case, "voll", demand).to_numpy(dtype=float)
    return np.where(demand["voll"].notna(), demand["voll"].to_numpy(dtype=float), of_class)

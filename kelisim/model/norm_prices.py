"""What it costs to draw on a norm: above everybody in the plan; once it is opened, between unprotected and protected customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.customers import protected, voll_of
from kelisim.model.assembly import Assembly
from kelisim.model.hanging import Customers, customers
from kelisim.model.rules import FLOOR_PRICE, LATE_PER_DAY, MOST_DAYS

LONG = 90.0  # days over which what is missing of a norm may cost as much as the room between the classes, or level_price
QUARTER, HALF = 0.25, 0.5


@dataclass(frozen=True)
class NormPrice:
    """Prices of the norm of a storage, currency/MWh.

    kept     of drawing on it while it is kept
    opened   of drawing on it in a crisis: above every unprotected customer that hangs on it, below every protected one
    missing  of a day below it
    in_order whether all protected customers are worth more than all others, so that there is such a price
    """

    kept: float
    opened: float
    missing: float
    in_order: bool = True


def of_storages(frame: Assembly, storages: pd.DataFrame) -> list[NormPrice]:
    """Prices of each storage."""
    demand = frame.case.quantities("demand")
    worth = voll_of(frame.case, demand) if len(demand) else np.zeros(0)
    shield = protected(frame.case) if len(demand) else np.zeros(0, dtype=bool)
    span = float(frame.case.setting("rules", "tranche_span"))
    above = FLOOR_PRICE * (1.0 + span) * float(np.nanmax(worth, initial=1.0))
    return [
        _of(one, worth, shield, span, above, float(price))
        for one, price in zip(customers(frame, storages), storages["level_price"], strict=True)
    ]


def _of(
    hung: Customers, worth: np.ndarray, shield: np.ndarray, span: float, above: float, level_price: float
) -> NormPrice:
    rows = np.array(hung.rows, dtype=np.int64)
    value, guarded = worth[rows] * np.array(hung.gain), shield[rows]
    # the highest tranche of those who are not protected, and the lowest of those who are after the longest time
    high = float(value[~guarded].max(initial=0.0)) * (1.0 + span)
    low = float(value[guarded].min(initial=np.inf)) * (1.0 - span) * (1.0 - LATE_PER_DAY * MOST_DAYS)
    kept = max(above, FLOOR_PRICE * (1.0 + span) * float(value.max(initial=0.0)))
    if not np.isfinite(low):
        opened = max(high * (1.0 + span), level_price)
        return NormPrice(max(kept, opened), opened, level_price / LONG)
    room = low - high
    if room <= 0:
        return NormPrice(kept, low * (1.0 - span), min(level_price, span * low * HALF) / LONG, in_order=False)
    return NormPrice(kept, high + room * QUARTER, min(level_price, room * HALF) / LONG)

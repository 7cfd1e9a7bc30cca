"""What it costs to draw on a norm: above everybody in the plan; once it is opened, between unprotected and protected customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.customers import voll_of
from kelisim.case.hanging import NormRoom, norm_rooms
from kelisim.model.assembly import Assembly
from kelisim.model.rules import FLOOR_PRICE

LONG = 90.0  # days over which what is missing of a norm may cost as much as the room between the classes, or level_price
QUARTER, HALF = 0.25, 0.5


@dataclass(frozen=True)
class NormPrice:
    """Prices of the norm of a storage, currency/MWh.

    kept     of drawing on it while it is kept
    opened   of drawing on it in a crisis: above every unprotected customer that hangs on it, below every protected one
    missing  of a day below it
    """

    kept: float
    opened: float
    missing: float


def of_storages(frame: Assembly, storages: pd.DataFrame) -> list[NormPrice]:
    """Prices of each storage."""
    case = frame.case
    demand = case.quantities("demand")
    worth = voll_of(case, demand) if len(demand) else np.zeros(0)
    span = float(case.setting("rules", "tranche_span"))
    above = FLOOR_PRICE * (1.0 + span) * float(np.nanmax(worth, initial=1.0))
    return [
        _of(room, span, above, float(price))
        for room, price in zip(norm_rooms(case, storages), storages["level_price"], strict=True)
    ]


def _of(between: NormRoom, span: float, above: float, level_price: float) -> NormPrice:
    high, low = between.high, between.low
    kept = max(above, FLOOR_PRICE * (1.0 + span) * between.top)
    if not np.isfinite(low):
        opened = max(high * (1.0 + span), level_price)
        return NormPrice(max(kept, opened), opened, level_price / LONG)
    if not between.in_order:  # the check of the case says so
        return NormPrice(kept, low * (1.0 - span), min(level_price, span * low * HALF) / LONG)
    room = low - high
    return NormPrice(kept, high + room * QUARTER, min(level_price, room * HALF) / LONG)

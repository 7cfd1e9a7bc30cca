"""The year of a case in months, with days around a cut: who goes short on which day is then known without a year of days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine.engine import TAIL, Engine
from kelisim.tolerances import ROUNDING

SEASONS = (
    1,
    4,
    7,
    10,
    11,
)  # months with which a season of far months begins: stocks are filled from April, and full by November
NEAR = 61  # days before a cut from which on months are steps: the one in which it begins, and the one before
MOST = 62  # days of a cut that are steps of their own


def far_months(case: Case, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """First days of months that are one step with the month before: those far from some days, by seasons."""
    months = pd.date_range(case.horizon.start, case.horizon.end, freq="MS", inclusive="left")
    near = (months > begin - pd.Timedelta(days=NEAR)) & (months < end + pd.Timedelta(days=1))
    return months[~near & ~np.roll(near, 1) & ~months.month.isin(SEASONS)]


def days_around(engine: Engine, start: date, days: int) -> Engine:
    """The engine, or one whose steps are days in a cut and in the window after it, where months are steps and the cut does not fill them.

    The year is solved anew in these steps, once for each cut that is asked.
    """
    case, last = engine.case, start + timedelta(days=days - 1)
    share = case.horizon.share_within(start, last)
    is_whole = bool(((share < ROUNDING) | (share > 1.0 - ROUNDING)).all())
    if not case.horizon.is_by_months or is_whole or days > MOST or not share.any():
        return engine
    if (start, days) not in engine.around:
        begin = pd.Timestamp(start)
        end = min(pd.Timestamp(last) + pd.Timedelta(days=TAIL + 1), case.horizon.end)
        found = case.split_at(*pd.date_range(begin, end), joined=far_months(case, begin, end))
        engine.say("progress.days_around", days=days, start=start)
        engine.around[start, days] = engine.beside(found)
        engine.around[start, days].asked_by = engine
    return engine.around[start, days]

"""The year of a case in months, with days around a cut: who goes short on which day is then known without a year of days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine.engine import TAIL, Engine
from kelisim.errors import StudyError
from kelisim.results.by_months import MOST
from kelisim.tolerances import ROUNDING

SEASONS = (
    1,
    4,
    7,
    10,
    11,
)  # months with which a season of far months begins: stocks are filled from April, and full by November
NEAR = 61  # days before a cut from which on months are steps: the one in which it begins, and the one before


def far_months(case: Case, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """First days of months that are one step with the month before: those far from some days, by seasons."""
    months = pd.date_range(case.horizon.start, case.horizon.end, freq="MS", inclusive="left")
    near = (months > begin - pd.Timedelta(days=NEAR)) & (months < end + pd.Timedelta(days=1))
    return months[~near & ~np.roll(near, 1) & ~months.month.isin(SEASONS)]


def days_around(engine: Engine, start: date, days: int, is_plan: bool = False) -> Engine:
    """The engine, or one whose steps are days in a cut and in the window after it, where months are steps and the cut does not fill them.

    The year is solved anew in these steps, once for each cut that is asked.

    is_plan  whether what is asked is for certain days, such as a plan by the clock: then also where the cut fills its months
    """
    case, last = engine.case, start + timedelta(days=days - 1)
    share = case.horizon.share_within(start, last)
    is_whole = not is_plan and bool(((share < ROUNDING) | (share > 1.0 - ROUNDING)).all())
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


def planned_by_days(engine: Engine, start: date, days: int) -> Engine:
    """The same for what is never told from months. Raises StudyError where it is too long for days."""
    asked = days_around(engine, start, days, is_plan=True)
    if asked is engine and engine.case.horizon.is_by_months and days > MOST:
        raise StudyError(
            f"days: {days} days are more than the {MOST} that are asked in days where months are steps, and months do not know who "
            f"goes short on which day. Run it with --step 1d, or ask for {MOST} days or fewer."
        )
    return asked

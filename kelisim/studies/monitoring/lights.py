"""A light for each provision, and the rule that set it. Nothing is green without data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.ledger.trend import Floats, Ints, Trend, fit
from kelisim.studies.monitoring.obligations import LEAST, Obligation, in_unit
from kelisim.tolerances import INPUT_ROUNDING

GREEN, AMBER, RED, NONE = "green", "amber", "red", "none"
# rule -> light
RULES = {
    "no_number": NONE,
    "not_begun": NONE,
    "no_data": NONE,
    "ended_kept": GREEN,
    "ended_missed": RED,
    "missed": RED,
    "exceeded": RED,
    "will_miss": RED,
    "will_exceed": RED,
    "stale": AMBER,
    "short": AMBER,
    "behind": AMBER,
    "may_miss": AMBER,
    "may_exceed": AMBER,
    "exceeded_before": AMBER,
    "missed_before": AMBER,
    "kept": GREEN,
}
MONTH_DAYS = 31
LATE_DAYS = 62  # data of months or days that end so long before the day asked are old
LATE_YEARS = 430  # the same of data of years


@dataclass(frozen=True)
class Watched:
    """What is known of one provision on a day.

    so_far    mean of the year until now where the unit is an amount of a year, else the latest value
    within    share of the last year's periods on the right side of the target
    expected, low, high  of the year, or of the value on the last day, with an interval of 90 %
    """

    one: Obligation
    rule: str
    count: int = 0
    latest: pd.Timestamp = pd.NaT
    so_far: float = np.nan
    within: float = np.nan
    expected: float = np.nan
    low: float = np.nan
    high: float = np.nan
    deadline: pd.Timestamp = pd.NaT
    trend: Trend | None = None
    series: pd.DataFrame | None = None

    @property
    def light(self) -> str:
        return RULES[self.rule]


def seen(one: Obligation, rows: pd.DataFrame, at: pd.Timestamp) -> Watched:
    """What the observations say of an obligation.

    rows  of this provision: first, last, value, unit
    """
    if np.isnan(one.target):
        return Watched(one, "no_number", len(rows))
    if not pd.isna(one.start) and one.start > at:
        return Watched(one, "not_begun", len(rows))
    last_day = at if pd.isna(one.end) else min(at, one.end)
    rows = rows[rows["last"] <= last_day]
    if not pd.isna(one.start):
        rows = rows[rows["first"] >= one.start]
    if rows.empty:
        return Watched(one, "no_data")
    middle = rows["first"] + (rows["last"] - rows["first"]) / 2
    rows = rows[middle.dt.month.isin(one.months) | ((rows["last"] - rows["first"]).dt.days > MONTH_DAYS)]
    if rows.empty:
        return Watched(one, "no_data")
    return _judged(one, rows.assign(value=in_unit(one, rows)), at, last_day)


def _judged(one: Obligation, rows: pd.DataFrame, at: pd.Timestamp, last_day: pd.Timestamp) -> Watched:
    latest = rows["last"].iloc[-1]
    year = latest.year
    begin, deadline = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    if not pd.isna(one.start):
        begin = max(begin, one.start)
    if one.span == "term":
        begin, deadline = one.start, one.end
    elif not one.span:  # a value and no amount of a year: until its last day, or a year ahead
        deadline = one.end if not pd.isna(one.end) else latest + pd.DateOffset(years=1)
    elif not pd.isna(one.end):
        deadline = min(deadline, one.end)
    mine = rows[rows["first"] >= begin] if one.span else rows.tail(1)
    mine = mine if len(mine) else rows.tail(1)
    days = (mine["last"] - mine["first"]).dt.days.to_numpy() + 1.0
    so_far = float(mine["value"].to_numpy() @ days / days.sum())
    monthly = _by_month(rows)
    trend = fit(monthly["time"].to_numpy(), monthly["month"].to_numpy(), monthly["value"].to_numpy())
    ahead = _ahead(one, trend, so_far, float(days.sum()), latest, deadline)
    recent = rows[rows["first"] > latest - pd.DateOffset(years=1)]
    within = float(np.mean(_is_kept(one, recent["value"].to_numpy())))
    is_old = (at - latest).days > _patience(one, rows)
    is_over = (
        not pd.isna(one.end) and one.end < at and latest >= min(deadline, last_day) - pd.Timedelta(days=31)
    )
    rule = _rule(one, so_far, within, ahead, float(rows["value"].iloc[-1]), is_old, is_over)
    return Watched(one, rule, len(rows), latest, so_far, within, *ahead, deadline, trend, rows)


def _patience(one: Obligation, rows: pd.DataFrame) -> int:
    """Days after which data are old: those out of the season of a provision are not waited for."""
    is_yearly = (rows["last"] - rows["first"]).dt.days.max() > MONTH_DAYS
    rest = 12 - len(one.months)
    return LATE_YEARS if is_yearly else LATE_DAYS + rest * MONTH_DAYS


def _by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """Means by month, or the values where periods are longer; time in years."""
    middle = rows["first"] + (rows["last"] - rows["first"]) / 2
    frame = pd.DataFrame({"value": rows["value"], "key": middle.dt.to_period("M")})
    frame = frame.groupby("key", as_index=False)["value"].mean()
    key = frame["key"].dt
    return frame.assign(time=key.year + (key.month - 0.5) / 12.0, month=key.month.astype(int))


def _ahead(
    one: Obligation,
    trend: Trend | None,
    so_far: float,
    days: float,
    latest: pd.Timestamp,
    deadline: pd.Timestamp,
) -> tuple[float, float, float]:
    """What is expected of the year, or on the last day, with its interval; nothing where there is no trend."""
    if deadline <= latest:
        return so_far, so_far, so_far
    if trend is None:
        return np.nan, np.nan, np.nan
    next_day = latest + pd.Timedelta(days=1)
    if one.is_always and not one.span:
        return _worst(one, trend, next_day, min(deadline, latest + pd.DateOffset(years=1)))
    months = pd.period_range(next_day if one.span else deadline, deadline, freq="M")
    if one.span:
        months = months[np.isin(months.month, one.months)]
    if not len(months):
        return so_far, so_far, so_far
    time, month = _times(months)
    if trend.is_seasonal and not np.isin(month, trend.months).all():
        return np.nan, np.nan, np.nan
    if not one.span:
        return trend.ahead(time, month, np.ones(1))
    length = np.array(
        [(min(m.end_time.normalize(), deadline) - max(m.start_time, next_day)).days + 1.0 for m in months]
    )
    whole = days + length.sum()
    mean, low, high = trend.ahead(time, month, length / whole)
    done = so_far * days / whole
    return done + mean, done + low, done + high


def _times(months: pd.PeriodIndex) -> tuple[Floats, Ints]:
    """Middle of months in years, and their numbers in the year."""
    month = months.month.to_numpy().astype(np.int64)
    return months.year.to_numpy() + (month - 0.5) / 12.0, month


def _worst(
    one: Obligation, trend: Trend, first: pd.Timestamp, last: pd.Timestamp
) -> tuple[float, float, float]:
    """What is expected of the month, until some day, in which what must always hold is nearest to be broken."""
    months = pd.period_range(first, max(first, last), freq="M")
    time, month = _times(months[np.isin(months.month, one.months)])
    if not len(time):
        return np.nan, np.nan, np.nan
    if trend.is_seasonal and not np.isin(month, trend.months).all():
        return np.nan, np.nan, np.nan
    each = [trend.ahead(time[[at]], month[[at]], np.ones(1)) for at in range(len(time))]
    return (
        min(each, key=lambda found: found[1]) if one.sense == LEAST else max(each, key=lambda found: found[2])
    )


def _is_kept(one: Obligation, values: np.ndarray) -> np.ndarray:
    slack = INPUT_ROUNDING * max(abs(one.target), 1.0)
    return values >= one.target - slack if one.sense == LEAST else values <= one.target + slack


def _rule(
    one: Obligation,
    so_far: float,
    within: float,
    ahead: tuple[float, float, float],
    last: float,
    is_old: bool,
    is_over: bool,
) -> str:
    """The rule that sets the light, the worst first."""

    def kept(value: float) -> bool:
        return bool(_is_kept(one, np.array([value]))[0])

    _, low, high = ahead
    if is_over:
        return "ended_kept" if kept(so_far) else "ended_missed"
    is_value = one.is_always and not one.span
    if one.sense == LEAST:
        if is_value and not kept(last):
            return "missed"
        if not np.isnan(high) and not kept(high):
            return "will_miss"
        if is_old:
            return "stale"
        if is_value and within < 1.0:
            return "missed_before"
        if np.isnan(low):
            return "short" if kept(so_far) else "behind"
        return "kept" if kept(low) else "may_miss"
    if not one.span and not kept(last):
        return "exceeded"
    if not np.isnan(low) and not kept(low):
        return "will_exceed"
    if is_old:
        return "stale"
    if not one.span and within < 1.0:
        return "exceeded_before"
    if np.isnan(high):
        return "short" if kept(so_far) else "may_exceed"
    return "kept" if kept(high) else "may_exceed"

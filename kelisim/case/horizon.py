"""Steps of time and their hours; profiles by month, weekday, hour or step.

A horizon runs from `start` to `end` (not included) in steps of months, days, hours, or blocks of hours within the
day. Shapes are computed on the hours of whole years, so that a window of a year sees the same demand as the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.errors import InternalError

Array = npt.NDArray[np.float64]
MOST_STEPS = 100_000


@dataclass(frozen=True)
class Horizon:
    """When: start, end (not included), step, and the blocks of a day with their hours."""

    start: pd.Timestamp
    end: pd.Timestamp
    step: str = "1mo"
    blocks: tuple[tuple[str, int], ...] = ()
    stages: tuple[int, ...] = ()
    day_starts: int = 0

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row a step: step (its start), end, hours, month, weekday, block."""
        starts = self._starts()
        # a gas day that starts at six ends at six
        after = self.end if self.step == "1h" else self.end + pd.Timedelta(hours=self.day_starts)
        ends = pd.DatetimeIndex([*starts[1:], after])
        hours = (ends - starts).total_seconds().to_numpy() / 3600.0
        names = [name for name, _ in self.blocks] or [""]
        block = [names[i % len(names)] for i in range(len(starts))]
        return pd.DataFrame(
            {
                "step": starts,
                "end": ends,
                "hours": hours,
                "month": starts.month,
                "weekday": starts.day_of_week + 1,
                "block": block,
            }
        )

    def _starts(self) -> pd.DatetimeIndex:
        shift = pd.Timedelta(hours=self.day_starts)
        if self.step == "blocks":
            offsets = np.cumsum([0, *(hours for _, hours in self.blocks)])[:-1]
            days = pd.date_range(self.start, self.end, freq="D", inclusive="left")
            starts = [day + shift + pd.Timedelta(hours=int(offset)) for day in days for offset in offsets]
            # a horizon may end within a day
            return pd.DatetimeIndex([start for start in starts if start < self.end + shift])
        frequency = {"1mo": "MS", "1d": "D", "1h": "h"}[self.step]
        starts = pd.date_range(self.start, self.end, freq=frequency, inclusive="left")
        if len(starts) == 0 or starts[0] != self.start:
            starts = starts.insert(0, self.start)
        return starts if self.step == "1h" else starts + shift

    @cached_property
    def hours(self) -> Array:
        """Hours of each step."""
        return np.asarray(self.steps["hours"].to_numpy(), dtype=float)

    @property
    def count(self) -> int:
        return len(self.steps)

    @cached_property
    def year_hours(self) -> float:
        """Hours of the calendar year in which the horizon starts: the meaning of "year" in a unit."""
        year = self.start.year
        return float((pd.Timestamp(year + 1, 1, 1) - pd.Timestamp(year, 1, 1)).total_seconds() / 3600)

    @cached_property
    def year_share(self) -> float:
        """Length of the horizon in years: annual limits are scaled by it."""
        return float(self.hours.sum()) / self.year_hours

    @cached_property
    def clock(self) -> pd.DatetimeIndex:
        """All hours of the calendar years that the horizon touches."""
        last = self.end - pd.Timedelta(hours=1) + pd.Timedelta(hours=self.day_starts)
        return pd.date_range(
            pd.Timestamp(self.start.year, 1, 1), pd.Timestamp(last.year + 1, 1, 1), freq="h", inclusive="left"
        )

    def mean_over_steps(self, hourly: Array) -> Array:
        """Mean of hourly values (on `clock`) within each step."""
        starts = self.clock.searchsorted(pd.DatetimeIndex(self.steps["step"]))
        stops = starts + np.round(self.hours).astype(int)
        total = np.concatenate([[0.0], np.cumsum(hourly)])
        return np.asarray(
            (total[np.minimum(stops, len(hourly))] - total[starts]) / np.maximum(stops - starts, 1)
        )

    def share_within(self, start: date | pd.Timestamp | None, end: date | pd.Timestamp | None) -> Array:
        """Share of each step that lies within [start, end]; both days included, None is open."""
        low, high = (self.steps[name].to_numpy() for name in ("step", "end"))
        if start is not None and not pd.isna(start):
            low = np.maximum(low, pd.Timestamp(start).to_datetime64())
        if end is not None and not pd.isna(end):
            high = np.minimum(high, (pd.Timestamp(end) + pd.Timedelta(days=1)).to_datetime64())
        inside = (high - low) / np.timedelta64(1, "h")
        return np.asarray(np.clip(inside / self.hours, 0.0, 1.0))

    def index_of(self, day: pd.Timestamp) -> int:
        """Position of the step that holds a moment; raises IndexError outside the horizon."""
        if not self.start <= day < self.end:
            raise IndexError(f"{day} lies outside {self.start.date()} to {self.end.date()}")
        return int(self.steps["step"].searchsorted(day, side="right")) - 1

    @property
    def wraps(self) -> bool:
        """Whether goods in transit at the end arrive at the start: any horizon but a snapshot of one step."""
        return self.count > 1


def hourly_shape(rows: pd.DataFrame, clock: pd.DatetimeIndex) -> Array:
    """Hourly values of one profile.

    rows     columns month, weekday, hour, step, value, meaning; empty cells fit all; groups of rows with different
             filled columns multiply
    clock    hours of whole years
    returns  values on clock; for meaning "share" a rate whose sum over a period is the period's share
    """
    out = np.ones(len(clock))
    filled = rows[["month", "weekday", "hour", "step"]].notna().to_numpy(dtype=int)
    for _, group in rows.groupby(filled @ np.array([8, 4, 2, 1]), sort=True):
        out = out * _group_shape(group, clock)
    return out


def _group_shape(group: pd.DataFrame, clock: pd.DatetimeIndex) -> Array:
    if group["step"].notna().any():
        ordered = group.dropna(subset=["step"]).sort_values("step")
        at = np.asarray(pd.DatetimeIndex(ordered["step"]).searchsorted(clock, side="right")) - 1
        return np.asarray(ordered["value"].to_numpy(dtype=float)[np.clip(at, 0, None)])
    fields = [name for name in ("month", "weekday", "hour") if group[name].notna().all()]
    parts = {"month": clock.month, "weekday": clock.day_of_week + 1, "hour": clock.hour}
    sizes = {"month": 13, "weekday": 8, "hour": 24}
    shape = tuple(sizes[name] for name in fields)
    if not fields:
        return np.full(len(clock), float(group["value"].iloc[0]))
    grid = np.full(shape, np.nan)
    grid[tuple(group[name].to_numpy(dtype=int) for name in fields)] = group["value"].to_numpy(dtype=float)
    position = tuple(np.asarray(parts[name]) for name in fields)
    values = grid[position]
    if (group["meaning"] == "share").any() and "month" in fields:
        keys = np.ravel_multi_index(position, shape)
        years = len(set(clock.year))
        values = values * years / np.bincount(keys, minlength=int(np.prod(shape)))[keys]
    return np.asarray(values)


class Profiles:
    """The profiles of a case on its horizon; each is computed once."""

    def __init__(self, rows: pd.DataFrame, horizon: Horizon) -> None:
        self._rows = {str(name): group for name, group in rows.groupby("profile", sort=False)}
        self._horizon = horizon
        self._hourly: dict[str, Array] = {}

    def hourly(self, name: str) -> Array:
        if name not in self._hourly:
            if name not in self._rows:
                raise InternalError(f'profile "{name}" is not in the case')
            self._hourly[name] = hourly_shape(self._rows[name], self._horizon.clock)
        return self._hourly[name]

    def shape(self, name: str) -> Array:
        """Relative height per step, mean 1 over the year: for demand, inflow, ceilings and prices."""
        if not name:
            return np.ones(self._horizon.count)
        hourly = self.hourly(name)
        mean = float(hourly[: int(self._horizon.year_hours)].mean())
        return self._horizon.mean_over_steps(hourly) / (mean or 1.0)

    def availability(self, name: str) -> Array:
        """Share of a capacity per step, 0-1."""
        if not name:
            return np.ones(self._horizon.count)
        return np.clip(self._horizon.mean_over_steps(self.hourly(name)), 0.0, 1.0)

    def matrix(self, names: pd.Series, kind: str) -> Array:
        """Shapes or availabilities of many rows, (rows, steps). kind: "shape" or "availability"."""
        compute = self.shape if kind == "shape" else self.availability
        unique = {name: compute(str(name)) for name in dict.fromkeys(names)}
        return np.array([unique[name] for name in names]).reshape(len(names), self._horizon.count)

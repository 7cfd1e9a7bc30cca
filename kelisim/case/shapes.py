"""Profiles by month, weekday, hour or step, as values on the steps of a horizon.

Shapes are computed on the hours of whole years, so that a window of a year sees the same demand as the year.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kelisim.case.horizon import Array, Horizon
from kelisim.case.series import Series
from kelisim.case.setting_values import utc_offset
from kelisim.errors import InternalError


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


def offset_of(rows: pd.DataFrame, default: float) -> float:
    """Hours from UTC of the clock of a profile; that of the horizon if it names none."""
    named = [text for text in rows["clock"].unique() if text] if "clock" in rows else []
    return utc_offset(named[0]) if named else default


class Profiles:
    """The profiles of a case on its horizon; each is computed once."""

    def __init__(
        self, rows: pd.DataFrame, horizon: Horizon, series: Mapping[str, Series] | None = None
    ) -> None:
        self._rows = {str(name): group for name, group in rows.groupby("profile", sort=False)}
        self._horizon = horizon
        self._series = series or {}
        self._hourly: dict[str, Array] = {}
        self._on_steps: dict[tuple[str, str], Array] = {}

    def moved(self, rows: pd.DataFrame) -> Profiles:
        """The profiles with other values; what does not differ is not computed again."""
        found = Profiles(rows, self._horizon, self._series)
        same = {name for name, mine in self._rows.items() if mine.equals(found._rows.get(name))}
        found._hourly = {name: hourly for name, hourly in self._hourly.items() if name in same}
        found._on_steps = {
            key: values for key, values in self._on_steps.items() if key[1] in same or not key[1]
        }
        return found

    def hourly(self, name: str) -> Array:
        if name in self._series:  # not kept: there are many, and little is computed
            clock = self._horizon.clock
            return hourly_shape(self._rows[name], clock) * self._series[name].hourly(clock)
        if name not in self._hourly:
            if name not in self._rows:
                raise InternalError(f'profile "{name}" is not in the case')
            rows = self._rows[name]
            shift = pd.Timedelta(hours=offset_of(rows, self._horizon.offset) - self._horizon.offset)
            self._hourly[name] = hourly_shape(rows, self._horizon.clock + shift)
        return self._hourly[name]

    def shape(self, name: str) -> Array:
        """Relative height per step, mean 1 over the year: for demand, inflow, ceilings and prices."""
        if not name:
            return np.ones(self._horizon.count)
        if (mine := self._by_step(name)) is not None:
            return mine / (self._series[name].calendar.mean(mine) or 1.0)
        hourly = self.hourly(name)
        mean = float(hourly[: int(self._horizon.year_hours / self._horizon.tick_hours)].mean())
        return self._horizon.mean_over_steps(hourly) / (mean or 1.0)

    def _by_step(self, name: str) -> Array | None:
        """Values of a series by step where it was given on these steps and its rows have no time."""
        series = self._series.get(name)
        rows = self._rows.get(name)
        if series is None or rows is None or series.calendar.horizon != self._horizon:
            return None
        if rows[["month", "weekday", "hour", "step"]].notna().any(axis=None):
            return None
        return np.asarray(series.values * float(rows["value"].prod()))

    def highest(self, name: str) -> Array:
        """The highest hour of each step over its mean, at least 1."""
        if not name:
            return np.ones(self._horizon.count)
        hourly = self.hourly(name)
        mean = self._horizon.mean_over_steps(hourly)
        highest = self._horizon.highest_over_steps(hourly)
        return np.maximum(np.divide(highest, mean, out=np.ones_like(mean), where=mean > 0), 1.0)

    def availability(self, name: str) -> Array:
        """Share of a capacity per step, 0-1."""
        if not name:
            return np.ones(self._horizon.count)
        mine = self._by_step(name)
        mine = self._horizon.mean_over_steps(self.hourly(name)) if mine is None else mine
        return np.clip(mine, 0.0, 1.0)

    def matrix(self, names: pd.Series, kind: str) -> Array:
        """Shapes or availabilities of many rows, (rows, steps). kind: "shape" or "availability"."""
        compute = self.shape if kind == "shape" else self.availability
        for name in dict.fromkeys(names):
            if (kind, name) not in self._on_steps:
                self._on_steps[kind, name] = compute(str(name))
        unique = {name: self._on_steps[kind, name] for name in dict.fromkeys(names)}
        return np.array([unique[name] for name in names]).reshape(len(names), self._horizon.count)

"""Series: values of a profile on the steps of the horizon that they came with, kept as arrays and not as a row a step.

A profile that has a series is its rows times the series. Files know rows only: `parts` spells a series out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kelisim.case.horizon import Array, Horizon, Ints

if TYPE_CHECKING:
    from kelisim.case.case import Case

_TIMES = ("month", "weekday", "hour", "step")


@dataclass(frozen=True)
class YearSteps:
    """The steps of a horizon over the whole years that it touches, which they repeat where they do not fill them."""

    horizon: Horizon

    @cached_property
    def _all(self) -> tuple[pd.DatetimeIndex, Ints]:
        horizon = self.horizon
        starts = pd.DatetimeIndex(horizon.steps["step"])
        clock = horizon.clock
        count = len(starts)
        if horizon.listed:
            # what holds before the first of them is not asked, but a profile begins with the year
            ahead = int(starts[0] > clock[0])
            times = starts.insert(0, clock[0]) if ahead else starts
            return times, np.maximum(np.arange(count + ahead) - ahead, 0)
        if horizon.step == "1mo":
            times = pd.date_range(clock[0], clock[-1], freq="MS")
            offset = (times.year - starts[0].year) * 12 + times.month - starts[0].month
            return times, np.asarray(offset % count)
        period = pd.Timedelta(hours=float(horizon.hours.sum()))
        first = -int(np.ceil((starts[0] - clock[0]) / period))
        last = int(np.ceil((clock[-1] - starts[0]) / period))
        times = pd.DatetimeIndex(
            np.concatenate([(starts + turn * period).to_numpy() for turn in range(first, last + 1)])
        )
        at = np.tile(np.arange(count), last - first + 1)
        keep = slice(
            max(int(times.searchsorted(clock[0], side="right")) - 1, 0),
            int(times.searchsorted(clock[-1], side="right")),
        )
        return times[keep], at[keep]

    @property
    def stamps(self) -> pd.DatetimeIndex:
        """When each step or repetition of one begins."""
        return self._all[0]

    @property
    def at(self) -> Ints:
        """The step that each of `stamps` is or repeats."""
        return self._all[1]

    @cached_property
    def _own(self) -> Ints:
        return self._positions(self.horizon.clock)

    def _positions(self, clock: pd.DatetimeIndex) -> Ints:
        found = np.clip(self.stamps.searchsorted(clock, side="right") - 1, 0, None)
        return np.asarray(self.at[found], dtype=np.int64)

    def hourly(self, values: Array, clock: pd.DatetimeIndex) -> Array:
        """Values of the steps on the hours of a clock."""
        own = self.horizon.clock
        same = len(clock) == len(own) and clock[0] == own[0] and clock[-1] == own[-1]
        return np.asarray(values[self._own if same else self._positions(clock)])

    def mean(self, values: Array) -> float:
        """Mean over the calendar year, of which the horizon may be a part that repeats."""
        ticks = round(self.horizon.year_hours / self.horizon.tick_hours)
        return float(values[self._own[:ticks]].mean())


@dataclass(frozen=True)
class Series:
    """Values on the steps of a calendar."""

    values: Array
    calendar: YearSteps

    def hourly(self, clock: pd.DatetimeIndex) -> Array:
        """Values on the hours of a clock."""
        return self.calendar.hourly(self.values, clock)

    def rows(self, like: Mapping[str, Any]) -> pd.DataFrame:
        """Rows of the table `profiles` for a row whose value is multiplied with the series."""
        calendar = self.calendar
        values = float(like["value"]) * self.values[calendar.at]
        return pd.DataFrame({**like, "step": calendar.stamps, "value": values})[list(like)]


def parts(case: Case, *, in_order: bool = False) -> Iterator[tuple[str, pd.DataFrame]]:
    """The table `profiles` of a case in parts that have rows only: one for each series, with its name, and one for all else.

    in_order  by name, as `Case.table` gives them
    """
    frame = case.table("profiles") if in_order else case.tables["profiles"]
    has = frame["profile"].isin(list(case.series))
    rest = frame[~has]
    if len(rest):
        yield "", rest
    for row in frame[has].to_dict("records"):
        name = str(row["profile"])
        yield name, case.series[name].rows(row)


def written(case: Case) -> Mapping[str, pd.DataFrame]:
    """The tables of a case as files have them, with series as rows."""
    if not case.series:
        return case.tables
    frames = [frame for _, frame in parts(case)]
    spelt = pd.concat(frames, ignore_index=True)
    spelt.index = pd.RangeIndex(2, len(spelt) + 2)
    return {**case.tables, "profiles": spelt}


def digested(case: Case) -> Iterator[bytes]:
    """What says all about the table `profiles`: its text, and steps as numbers, whether they stand in rows or in a series."""
    frame = case.table("profiles")
    steps = frame["step"].notna() & frame[["month", "weekday", "hour"]].isna().all(axis=1)
    rest = frame[~steps & ~frame["profile"].isin(list(case.series))]
    if len(rest):
        yield rest.to_csv(index=False, lineterminator="\n").encode()
    stepped = {str(name): rows for name, rows in frame[steps].groupby("profile", sort=False)}
    for name in sorted({*stepped, *case.series}):
        series = case.series.get(name)
        like = frame[frame["profile"] == name]
        rows = stepped[name] if series is None else series.rows(like.iloc[0].to_dict())
        yield name.encode()
        yield rows["step"].to_numpy().astype("datetime64[s]").astype("<i8").tobytes()
        yield rows["value"].to_numpy(dtype="<f8").tobytes()
        for column in rows.columns.difference(["profile", "value", *_TIMES]):
            words = dict.fromkeys(rows[column].astype(str))
            if any(words):
                yield f"{column}={';'.join(words)}".encode()

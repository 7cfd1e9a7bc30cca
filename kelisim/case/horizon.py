"""Steps of time, their parts and their hours.

A horizon runs from `start` to `end` (not included) in steps of months, days, hours or minutes, or in steps that are listed; a day
or month may have parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MOST_STEPS = 100_000
LISTED = "listed"  # the step of a horizon whose steps are listed
WORKING_DAYS = 5  # of a week, from Monday on


@dataclass(frozen=True)
class Horizon:
    """When: start, end (not included), step, the parts of a day with their hours, and the clock that they follow.

    A cell is what a fine column or row stands for: a step, or where the day has parts a part of it. Steps of months have
    parts by two types of day, working and other, which stand for all such days of the month. Length is what a cell lasts,
    in hours; hours are what it counts for: length times the days that it stands for.

    offset     hours from UTC of the clock that days and parts follow
    all_parts  every carrier has a balance in each part, whatever its row says
    listed     instead of a regular step: start, length in hours and weight of each step
    split      days at which a month ends early and the next step begins: a stretch of days gets steps of its own
    joined     first days of months that belong to the step before: several months are then one step
    """

    start: pd.Timestamp
    end: pd.Timestamp
    step: str = "1mo"
    parts: tuple[tuple[str, int], ...] = ()
    stages: tuple[int, ...] = ()
    day_starts: int = 0
    offset: float = 0.0
    all_parts: bool = False
    listed: tuple[tuple[pd.Timestamp, float, float], ...] = ()
    # a case that has none of the two is called as before
    split: tuple[pd.Timestamp, ...] = field(default=(), repr=False)
    joined: tuple[pd.Timestamp, ...] = field(default=(), repr=False)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row a cell: step (its start), end, hours, length, month, weekday, part, day_type, of (position of its step)."""
        if self.listed:
            return self._frame(self._listed_cells())
        if self.parts and self.step == "1mo":
            return self._frame(self._typical_cells())
        starts, part, of = self._starts()
        # a gas day that starts at six ends at six
        after = self.end if self._is_within_day else self.end + self._shift
        ends = pd.DatetimeIndex([*starts[1:], after])
        hours = (ends - starts).total_seconds().to_numpy() / 3600.0
        return self._frame(
            {
                "step": starts,
                "end": ends,
                "hours": hours,
                "length": hours,
                "part": part,
                "day_type": "",
                "of": of,
            }
        )

    def _frame(self, columns: dict[str, Any]) -> pd.DataFrame:
        starts = pd.DatetimeIndex(columns["step"])
        columns = columns | {"month": starts.month, "weekday": starts.day_of_week + 1}
        names = ["step", "end", "hours", "length", "month", "weekday", "part", "day_type", "of"]
        return pd.DataFrame(columns)[names]

    @property
    def _within(self) -> list[pd.Timestamp]:
        """Days at which months are split, as far as they lie in the horizon."""
        return [day for day in self.split if self.start < day < self.end]

    def _as_asked(self, months: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """First days of steps: those of months, without the joined ones, and the days at which months are split."""
        joined = [day for day in self.joined if day > self.start]
        return months.difference(pd.DatetimeIndex(joined)).union(pd.DatetimeIndex(self._within))

    @property
    def _shift(self) -> pd.Timedelta:
        return pd.Timedelta(hours=self.day_starts)

    @property
    def _is_within_day(self) -> bool:
        return self.step not in ("1mo", "1d")

    def _starts(self) -> tuple[pd.DatetimeIndex, list[str], Ints]:
        """Starts of cells, their parts, and the position of the step of each."""
        if self.parts and self.step == "1d":
            offsets = np.cumsum([0, *(hours for _, hours in self.parts)])[:-1]
            days = pd.date_range(self.start, self.end, freq="D", inclusive="left")
            found = [
                (day + self._shift + pd.Timedelta(hours=int(offset)), name, at)
                for at, day in enumerate(days)
                for offset, (name, _) in zip(offsets, self.parts, strict=True)
            ]
            # a horizon may end within a day
            found = [cell for cell in found if cell[0] < self.end + self._shift]
            return (
                pd.DatetimeIndex([cell[0] for cell in found]),
                [cell[1] for cell in found],
                np.array([cell[2] for cell in found]),
            )
        frequency = {"1mo": "MS", "1d": "D", "1h": "h"}.get(self.step, self.step)
        starts = pd.date_range(self.start, self.end, freq=frequency, inclusive="left")
        if len(starts) == 0 or starts[0] != self.start:
            starts = starts.insert(0, self.start)
        starts = self._as_asked(starts) if self.step == "1mo" else starts
        starts = starts if self._is_within_day else starts + self._shift
        return starts, [""] * len(starts), np.arange(len(starts))

    def _listed_cells(self) -> dict[str, Any]:
        starts = pd.DatetimeIndex([start for start, _, _ in self.listed])
        length = np.array([length for _, length, _ in self.listed])
        ends = starts + pd.to_timedelta(length, unit="h")
        hours = length * np.array([weight for _, _, weight in self.listed])
        of = np.arange(len(starts))
        return {
            "step": starts,
            "end": ends,
            "hours": hours,
            "length": length,
            "part": "",
            "day_type": "",
            "of": of,
        }

    def _typical_cells(self) -> dict[str, Any]:
        """Cells of months: the parts of a working day and those of another, each for all such days of the month."""
        days = self._days
        months = pd.Series(days["month_of"]).unique()
        rows: list[tuple[Any, ...]] = []
        for at, month in enumerate(months):
            mine = days[days["month_of"] == month]
            end = mine["day"].max() + self._shift + pd.Timedelta(days=1)
            # names of the parts of the second type are those of the second day: cells follow one another
            for shift, (kind, group) in enumerate(mine.groupby("day_type", sort=False)):
                begin = mine["day"].min() + self._shift + pd.Timedelta(days=shift)
                for name, hours in self.parts:
                    rows.append((begin, end, float(hours * len(group)), float(hours), name, kind, at))
                    begin += pd.Timedelta(hours=hours)
        names = ["step", "end", "hours", "length", "part", "day_type", "of"]
        return {name: [row[at] for row in rows] for at, name in enumerate(names)}

    @cached_property
    def _days(self) -> pd.DataFrame:
        """Days of the horizon: day, month_of (first day of its month, or of its part of one), day_type; working days come first."""
        days = pd.date_range(self.start, self.end, freq="D", inclusive="left")
        kind = np.where(days.day_of_week < WORKING_DAYS, "working", "other")
        months = days.to_period("M").to_timestamp()
        begins = self._as_asked(months.unique())
        first = begins[np.asarray(begins.searchsorted(days, side="right")) - 1]
        frame = pd.DataFrame({"day": days, "month_of": first, "day_type": kind})
        # the first cell of a month is of a working day wherever it has one
        return frame.sort_values(
            ["month_of", "day_type"], ascending=[True, False], kind="stable", ignore_index=True
        )

    @cached_property
    def _kind_of(self) -> Ints:
        """Typical day that each of `_days` is one of, in their order."""
        key = self._days.groupby(["month_of", "day_type"], sort=False).ngroup()
        return np.asarray(key.to_numpy(), dtype=np.int64)

    @cached_property
    def _day_starts(self) -> Ints:
        """Position on the clock of the first hour of each of `_days`."""
        days = pd.DatetimeIndex(self._days["day"] + self._shift)
        return np.asarray(self.clock.searchsorted(days), dtype=np.int64)

    def day_type(self, day: pd.Timestamp) -> str:
        """Type of a day in steps of months with parts: working or other; empty in other horizons."""
        return ("working" if day.day_of_week < WORKING_DAYS else "other") if self.is_typical else ""

    @property
    def is_by_months(self) -> bool:
        """Whether steps are months, and none of them was split into days: who goes short on which day is then not known."""
        apart = zip(self.split, self.split[1:], strict=False)
        return self.step == "1mo" and not any(b - a == pd.Timedelta(days=1) for a, b in apart)

    @property
    def is_typical(self) -> bool:
        """Whether cells stand for several days each."""
        return bool(self.parts) and self.step == "1mo" and not self.listed

    @property
    def has_parts(self) -> bool:
        """Whether steps have several cells."""
        return bool(self.parts) and self.count > self.whole

    @cached_property
    def hours(self) -> Array:
        """Hours that each cell counts for."""
        return np.asarray(self.steps["hours"].to_numpy(), dtype=float)

    @cached_property
    def length(self) -> Array:
        """Hours that each cell lasts."""
        return np.asarray(self.steps["length"].to_numpy(), dtype=float)

    @property
    def count(self) -> int:
        """Number of cells."""
        return len(self.steps)

    @cached_property
    def step_of(self) -> Ints:
        """Position of the step of each cell."""
        return np.asarray(self.steps["of"].to_numpy(), dtype=np.int64)

    @cached_property
    def whole(self) -> int:
        """Number of steps."""
        return int(self.step_of[-1]) + 1 if self.count else 0

    @cached_property
    def before(self) -> Ints:
        """The cell before each: what a store holds over. Typical days repeat themselves, and so does a stretch of days that months
        were split into; -1 where there is none."""
        at = np.arange(self.count)
        if not self.is_typical:
            return at - 1
        is_day = np.bincount(self.step_of, self.hours) == sum(hours for _, hours in self.parts)
        stretch = np.cumsum(~(is_day & np.concatenate([[False], is_day[:-1]])))
        keys = stretch[self.step_of] * 2 + (
            (self.steps["day_type"] == "other").to_numpy() & ~is_day[self.step_of]
        )
        first = np.concatenate([[True], keys[1:] != keys[:-1]])
        last = np.concatenate([keys[1:] != keys[:-1], [True]])
        found = at - 1
        found[first] = np.flatnonzero(last)
        return found

    def whole_steps(self, first: int, last: int) -> tuple[int, int]:
        """Cells [first, last) with the rest of the steps that they belong to."""
        return int(self.step_of.searchsorted(self.step_of[first])), int(
            self.step_of.searchsorted(self.step_of[last - 1], side="right")
        )

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
    def tick_hours(self) -> float:
        """What a value on the clock lasts: an hour, or a step of minutes; of listed steps what all of them are made of."""
        if self.listed:
            sizes = [(start - start.normalize()) / pd.Timedelta(minutes=1) for start, _, _ in self.listed]
            # a step may end between two ticks: what holds then is not asked
            sizes += [float(np.ceil(length * 12 - 1e-9)) * 5.0 for _, length, _ in self.listed]
            return float(np.gcd.reduce([60, *np.rint(sizes).astype(int)])) / 60.0
        return int(self.step.removesuffix("min")) / 60.0 if self.step.endswith("min") else 1.0

    @cached_property
    def clock(self) -> pd.DatetimeIndex:
        """All hours, or steps of minutes, of the calendar years that the horizon touches."""
        last = self.end - pd.Timedelta(hours=1) + pd.Timedelta(hours=self.day_starts)
        begin, end = pd.Timestamp(self.start.year, 1, 1), pd.Timestamp(last.year + 1, 1, 1)
        tick = "h" if self.tick_hours == 1.0 else f"{round(self.tick_hours * 60)}min"
        return pd.date_range(begin, end, freq=tick, inclusive="left")

    def mean_over_steps(self, hourly: Array) -> Array:
        """Mean of values on `clock` within each cell."""
        if self.is_typical:
            return self._typical(hourly, np.mean)
        begins = (pd.DatetimeIndex(self.steps["step"]) - self.clock[0]).total_seconds().to_numpy() / 3600.0
        starts, lasts = begins / self.tick_hours, self.length / self.tick_hours
        total = np.concatenate([[0.0], np.cumsum(hourly)])
        if not (np.allclose(starts, np.rint(starts)) and np.allclose(lasts, np.rint(lasts))):
            at = np.arange(len(total))
            return np.asarray((np.interp(starts + lasts, at, total) - np.interp(starts, at, total)) / lasts)
        first = np.rint(starts).astype(int)
        stops = first + np.rint(lasts).astype(int)
        return np.asarray(
            (total[np.minimum(stops, len(hourly))] - total[first]) / np.maximum(stops - first, 1)
        )

    def _typical(self, hourly: Array, of_hours: Callable[..., Any]) -> Array:
        """Mean or highest hour of each cell, of the mean over all days that it stands for."""
        starts, group_of = self._day_starts, self._kind_of
        count = np.bincount(group_of)
        by_hour = np.array(
            [
                np.bincount(group_of, hourly[np.minimum(starts + hour, len(hourly) - 1)]) / count
                for hour in range(24)
            ]
        )
        ends = np.cumsum([hours for _, hours in self.parts])
        means = [
            of_hours(by_hour[end - hours : end], axis=0)
            for end, (_, hours) in zip(ends, self.parts, strict=True)
        ]
        return np.array(means).T.ravel()

    def share_within(self, start: date | pd.Timestamp | None, end: date | pd.Timestamp | None) -> Array:
        """Share of each cell that lies within [start, end]; both days included, None is open."""
        begin = None if start is None or pd.isna(start) else pd.Timestamp(start)
        after = None if end is None or pd.isna(end) else pd.Timestamp(end) + pd.Timedelta(days=1)
        return self.share_between(begin, after)

    def share_between(self, start: pd.Timestamp | None, end: pd.Timestamp | None) -> Array:
        """Share of each cell that lies within [start, end), moments; None is open."""
        if self.is_typical:
            day = self._days["day"].to_numpy() + self._shift.to_timedelta64()
            inside = _overlap(day, day + np.timedelta64(1, "D"), start, end) / 24.0
            return np.repeat(np.bincount(self._kind_of, inside) / np.bincount(self._kind_of), len(self.parts))
        low, high = (self.steps[name].to_numpy() for name in ("step", "end"))
        return np.asarray(np.clip(_overlap(low, high, start, end) / self.length, 0.0, 1.0))

    def from_part(self, start: date | pd.Timestamp | None, part: str) -> Array:
        """0 in the cells before a part of a day, else 1; all 1 in steps of months, and without a day or a part.

        Of months that were split into days, the day is one of these.
        """
        found = np.ones(self.count)
        if start is None or not part or not self.has_parts or (self.is_typical and self.is_by_months):
            return found
        begin = pd.Timestamp(start) + self._shift
        today = (self.steps["step"] >= begin) & (self.steps["step"] < begin + pd.Timedelta(days=1))
        cells = np.flatnonzero(today.to_numpy())
        of_part = cells[(self.steps["part"].iloc[cells] == part).to_numpy()]
        if len(of_part):
            found[: of_part[0]] = 0.0
        return found

    def highest_over_steps(self, hourly: Array) -> Array:
        """Highest hour of values on `clock` within each cell; of typical days the mean over the days of each hour."""
        if self.is_typical:
            return self._typical(hourly, np.max)
        begins = (pd.DatetimeIndex(self.steps["step"]) - self.clock[0]).total_seconds().to_numpy() / 3600.0
        first = np.floor(begins / self.tick_hours + 1e-9).astype(int)
        last = np.minimum(np.ceil((begins + self.length) / self.tick_hours - 1e-9).astype(int), len(hourly))
        return np.array([hourly[low:high].max() for low, high in zip(first, last, strict=True)])

    def index_of(self, day: pd.Timestamp) -> int:
        """Position of the cell that holds a moment, the first of its month where cells stand for several days; raises IndexError outside the horizon."""
        if not self.start <= day < self.end:
            raise IndexError(f"{day} lies outside {self.start.date()} to {self.end.date()}")
        if self.is_typical:
            months = self._days["month_of"].unique()
            return int(
                self.step_of.searchsorted(pd.DatetimeIndex(months).searchsorted(day, side="right") - 1)
            )
        # between listed steps the one before, and ahead of the first that one
        return max(int(self.steps["step"].searchsorted(day, side="right")) - 1, 0)

    @property
    def wraps(self) -> bool:
        """Whether goods in transit at the end arrive at the start: any horizon but a snapshot of one step."""
        return self.count > 1


def _overlap(
    low: npt.NDArray[np.datetime64],
    high: npt.NDArray[np.datetime64],
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
) -> Array:
    """Hours of each [low, high) within [start, end); None is open."""
    if start is not None:
        low = np.maximum(low, start.to_datetime64())
    if end is not None:
        high = np.minimum(high, end.to_datetime64())
    return np.maximum((high - low) / np.timedelta64(1, "h"), 0.0)

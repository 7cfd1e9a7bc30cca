"""Days of an event on the calendar of a case: its own where the case holds them, or the same days of another year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kelisim.case.case import Case
from kelisim.errors import StudyError


@dataclass(frozen=True)
class Placing:
    """Where days of an event lie in the case."""

    case: Case
    own_start: pd.Timestamp
    own_end: pd.Timestamp
    years: int

    @property
    def first(self) -> date:
        return self.case.horizon.start.date()

    @property
    def last(self) -> date:
        return (self.case.horizon.end - pd.Timedelta(days=1)).date()

    def moved(self, moment: pd.Timestamp) -> pd.Timestamp:
        return moment + pd.DateOffset(years=self.years)

    def days(self, start: pd.Timestamp, end: pd.Timestamp) -> tuple[date, date] | None:
        """First and last day in the case, both included; None where they lie outside."""
        low, high = max(self.moved(start).date(), self.first), min(self.moved(end).date(), self.last)
        return (low, high) if low <= high else None

    def of(self, row: Any) -> tuple[date, date] | None:
        """Days of a change: its own, or those of the event."""
        start = self.own_start if pd.isna(row.start) else row.start
        end = self.own_end if pd.isna(row.end) else row.end
        return self.days(start, max(start, end))


def own_days(head: pd.Series, lines: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    start = head["start"]
    ends = [head["end"], *lines["end"]]
    known = [end for end in ends if not pd.isna(end)]
    end = head["end"] if not pd.isna(head["end"]) else max([start, *known])
    return start.normalize(), max(start, end).normalize()


def moved_by(case: Case, start: pd.Timestamp, end: pd.Timestamp, strict: bool = True) -> int:
    """Years by which an event is moved, so that most of it lies in the case; of equal parts the one with its start."""
    first, after = case.horizon.start, case.horizon.end
    one = pd.Timedelta(days=1)
    best, most = 0, 0.0
    for years in range(first.year - end.year - 1, after.year - start.year + 2):
        low, high = (moment.normalize() + pd.DateOffset(years=years) for moment in (start, end))
        inside = (min(high + one, after) - max(low, first)) / one
        # an event that lies in the case as it is stays where it is
        here = (
            inside
            + (0.5 if low >= first else 0.0)
            + (1e6 if years == 0 and inside >= (high - low) / one + 1 else 0.0)
        )
        if inside > 0 and here > most:
            best, most = years, here
    if strict and most <= 0.0:
        raise StudyError(
            f"no year of the case holds the days {start.date()} to {end.date()}: it runs from {first.date()} to {(after - one).date()}."
        )
    return best


def moving_notes(place: Placing, start: date, end: date) -> Iterator[str]:
    """What was done to the days of an event."""
    own_start, own_end = place.own_start.date(), place.own_end.date()
    if place.years:
        yield f"its days of {start.year - place.years} are those of {start.year} here"
    days, own = (end - start).days + 1, (own_end - own_start).days + 1
    if days < own:
        yield f"the case holds {days} of its {own} days"

"""The time of a case as a slider of steps and a switch of the parts of their days."""

from __future__ import annotations

from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.report import moments, numbers
from kelisim.report.numbers import first_upper
from kelisim.results.parts import in_parts, part_names

Floats = npt.NDArray[np.float64]
MONTH, DAY = 600.0, 24.0  # hours above which a step is a month, and of a day


class MapTime:
    """Steps of a case, which the slider moves along, and their cells, in which all arrays of a plan are.

    starts  of the cells
    count   of the steps
    """

    def __init__(self, case: Case) -> None:
        self.case, self._horizon = case, case.horizon
        self.starts = pd.DatetimeIndex(self._horizon.steps["step"])
        self.count = self._horizon.whole
        self._of = self._horizon.step_of
        first = self.starts[np.searchsorted(self._of, np.arange(self.count))]
        # a day is meant whole, at whatever hour it begins
        self._begins = first.normalize() if self._horizon.step in ("1d", "1mo") else first

    # ---- steps
    def at(self, day: date | None) -> int:
        """Step that holds a day; the nearest end of the horizon for a day outside it."""
        moment = pd.Timestamp(day or self._begins[0])
        return int(np.clip(self._begins.searchsorted(moment, side="right") - 1, 0, self.count - 1))

    def within(self, first: date, last: date) -> tuple[int, int]:
        """Cells of the steps from one day to another, both whole, [first, last)."""
        after = int(self._begins.searchsorted(pd.Timestamp(last) + pd.Timedelta(days=1)))
        return self.cells(self.at(first))[0], self.cells(max(after - 1, 0))[1]

    def day(self, step: int) -> date:
        """First day of a step."""
        found: date = self._begins[step].date()
        return found

    def cells(self, step: int) -> tuple[int, int]:
        """Cells of a step, [first, last)."""
        return int(np.searchsorted(self._of, step)), int(np.searchsorted(self._of, step, side="right"))

    def step_of(self, cell: int) -> int:
        """The step of a cell."""
        return int(self._of[cell])

    @cached_property
    def word(self) -> str:
        """What a step is called: day, month, hour."""
        hours = float(np.median(np.bincount(self._of, self._horizon.length)))
        if self._horizon.step == "1mo" or hours > MONTH:
            return "month"
        return "day" if hours == DAY else "hour" if hours == 1 else "step"

    def when(self, step: int) -> str:
        """A step in words: "15 January 2024", or "January 2024" for a month."""
        start = self.starts[self.cells(step)[0]]
        if self.word == "month":
            return numbers.day(start, form="month_year")
        words = numbers.day(start)
        hours = float(self._horizon.length[slice(*self.cells(step))].sum())
        return words if self.word == "day" or hours >= DAY else f"{words}, {start:%H:%M}"

    @cached_property
    def edges(self) -> Floats:
        """Where each cell begins along the slider, and where the last ends, 0-1, (cells + 1); each step is as wide."""
        hours = self._horizon.hours
        within = np.cumsum(hours) - hours
        first = np.array([self.cells(step)[0] for step in range(self.count)])
        begins = (within - within[first][self._of]) / np.bincount(self._of, hours)[self._of]
        return np.append(self._of + begins, self.count) / max(self.count, 1)

    # ---- parts
    def has_parts(self, carriers: list[str]) -> bool:
        """Whether one of some carriers is in parts of the day."""
        return any(in_parts(self.case, carrier) for carrier in carriers)

    @cached_property
    def _names(self) -> list[str]:
        return part_names(self.case)

    def name(self, cell: int) -> str:
        """The part of a cell as an address holds it: "evening", of typical days "working evening"."""
        return self._names[cell]

    def words_of(self, cell: int) -> str:
        """The part of a cell in words: "evening", "evenings of working days"; empty where steps have none."""
        return moments.part_of(self.case, cell)

    def find(self, step: int, name: str) -> int | None:
        """The cell of a part of a step by its name; of typical days the type may be left out. None for a name of none."""
        cells = range(*self.cells(step))
        for wanted in (name, f"working {name}", name.partition(" ")[2]):
            for cell in cells:
                if wanted and self._names[cell] == wanted:
                    return cell
        return None

    def nearest(self, step: int, cell: int) -> int:
        """The cell of a step that is the same part as a cell of another."""
        first, last = self.cells(step)
        found = self.find(step, self._names[cell])
        return min(max(first, found), last - 1) if found is not None else min(first, last - 1)

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """Parts of the day: name, what a button says, and the hours of the clock; empty where days have none."""
        if not self._horizon.has_parts:
            return []
        found, hour = [], self._horizon.day_starts
        for name, hours in self._horizon.parts:
            until = (hour + hours - 1) % 24 + 1
            found.append((name, first_upper(moments.part_name(name)), numbers.hours_of(hour % 24, until)))
            hour += hours
        return found

    @property
    def day_types(self) -> list[tuple[str, str]]:
        """Types of typical days: name, what a button says; empty where days are days."""
        kinds = dict.fromkeys(self._horizon.steps["day_type"]) if self._horizon.is_typical else {}
        return [(kind, first_upper(moments.days_name(kind))) for kind in kinds]

"""The plan of the year at one step, and the answer to a cut, as arrays that a map can draw quickly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import SolverError
from kelisim.report.numbers import SMALLER, figure
from kelisim.report.page import Page
from kelisim.report.words import Words, telling
from kelisim.results.crisis import RegionLevels, region_levels
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies import run as run_study
from kelisim.studies.pages import page_of
from kelisim.tolerances import NO_POWER
from kelisim.web.address import CUT_STUDY, MEASURES_STUDY, Cut

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]


class MapSession:
    """A case that is solved; all arrays are (elements, steps), power in MW."""

    def __init__(self, case: Case, cache: bool = True, progress: Callable[[str], None] | None = None) -> None:
        self.case = case
        self.engine = Engine(case, cache=cache, progress=telling(case, progress) if progress else None)
        self.book = Words(case)
        self.links = case.table("links")
        self.starts = pd.DatetimeIndex(case.horizon.steps["step"])
        self.hours: Floats = np.asarray(case.horizon.hours, dtype=float)

    def solve(self) -> None:
        """Find the least-cost year and all that the first page shows. Raises SolverError where there is none."""
        answer = self.engine.base
        if answer.status != "optimal":
            raise SolverError(
                answer.status,
                "the case has no least-cost year: its limits cannot all be kept; kelisim run balance lists them",
            )
        self.tables = Tables(self.case, answer)
        ids = list(self.links["link"])
        forward, back = answer.power("links.flow", ids), answer.power("links.flow_back", ids)
        self.flow: Floats = forward - back
        self.most = answer.upper("links.flow", ids)
        self.most_back = answer.upper("links.flow_back", ids)
        self.loading = loading_of(self.flow, self.most, self.most_back)
        self.unserved = self._by_row("values")
        self.demand = self._by_row("upper")

    def _by_row(self, part: str) -> Floats:
        """Of each row of demand, tranches added up."""
        found = self.engine.base.by_demand(len(self.case.table("demand")), part)
        return np.where(found > NO_POWER, found, 0.0)

    # ---- time
    def at(self, day: date | None) -> int:
        """Step that holds a day; the nearest end of the horizon for a day outside it."""
        moment = pd.Timestamp(day or self.starts[0])
        return int(np.clip(self.starts.searchsorted(moment, side="right") - 1, 0, len(self.starts) - 1))

    def day(self, step: int) -> date:
        """First day of a step."""
        found: date = self.starts[step].date()
        return found

    def when(self, step: int) -> str:
        """A step in words: "15 January 2024", or "January 2024" for a month."""
        start, hours = self.starts[step], self.hours[step]
        if hours > 600:
            return f"{start:%B} {start.year}"
        words = f"{start.day} {start:%B} {start.year}"
        return words if hours >= 24 else f"{words}, {start:%H:%M}"

    @cached_property
    def step_word(self) -> str:
        """What a step is called: day, month, hour."""
        hours = float(np.median(self.hours))
        return "month" if hours > 600 else "day" if hours == 24 else "hour" if hours == 1 else "step"

    # ---- words
    def rate(self, carrier: str, power: float) -> str:
        """A power in the unit people use for the carrier: "3.41 million m3/day", "412 MW"."""
        unit, factor = self.book.unit(carrier)
        if unit.endswith("Wh"):
            return f"{figure(power)} MW"
        value = power * 24.0 * factor
        small = SMALLER.get(unit)
        return f"{figure(value * 1e3)} {small}/day" if small else f"{figure(value)} {unit}/day"

    # ---- questions
    def ask(self, cut: Cut, measures: bool = False) -> Reply:
        """What a cut does, also with the emergency measures of the case. Raises StudyError, CaseError, SolverError."""
        fields = {field.name: getattr(cut, field.name) for field in dataclasses.fields(cut)}
        return Reply(self, cut, run_study(MEASURES_STUDY if measures else CUT_STUDY, self.engine, **fields))


@dataclass(frozen=True)
class Reply:
    """The answer to a cut beside the plan, on the steps of its window."""

    plan: MapSession
    cut: Cut
    results: Results

    @property
    def has_measures(self) -> bool:
        """Whether it is the answer with emergency measures."""
        return self.results.study == MEASURES_STUDY

    @cached_property
    def page(self) -> Page:
        """The page of the study: what is said, key numbers, figures and tables."""
        return page_of(self.results, self.plan.book)

    @cached_property
    def window(self) -> tuple[int, int]:
        """Steps of the year that the answer holds, [first, last)."""
        first, last = (pd.Timestamp(day).date() for day in self.results.meta["window"])
        return self.plan.at(first), self.plan.at(last) + 1

    def holds(self, step: int) -> bool:
        return self.window[0] <= step < self.window[1]

    @cached_property
    def out(self) -> Masks:
        """Steps of the year that the cut touches."""
        last = self.cut.start + timedelta(days=self.cut.days - 1)
        return np.asarray(self.plan.case.horizon.share_within(self.cut.start, last)) > 0

    @cached_property
    def _flows(self) -> tuple[Floats, Floats, Floats]:
        """Flow, planned flow and loading, (links, steps of the window)."""
        frame = self.results["links.flow"]
        first, last = self.window
        shape = (len(self.plan.links), last - first)
        where = pd.Index(self.plan.links["link"]).get_indexer(frame["link"].astype(str))
        step = self.plan.starts.get_indexer(pd.DatetimeIndex(frame["step"])) - first
        found = []
        for column in ("flow", "flow_base", "loading"):
            array = np.zeros(shape)
            array[where, step] = frame[column].to_numpy(dtype=float)
            found.append(array)
        return found[0], found[1], found[2]

    def flow(self, step: int) -> tuple[Floats, Floats, Floats]:
        """Flow, planned flow and loading of all links in a step of the window."""
        at = step - self.window[0]
        return self._flows[0][:, at], self._flows[1][:, at], self._flows[2][:, at]

    @cached_property
    def levels(self) -> RegionLevels:
        """Level of the crisis of each region and carrier, on the steps of the window."""
        first, last = self.window
        planned = self._of_demand("unserved_base")
        return region_levels(self.plan.case, self._unserved, planned, self.plan.demand[:, first:last])

    @cached_property
    def _unserved(self) -> Floats:
        return self._of_demand("unserved")

    def _of_demand(self, column: str) -> Floats:
        """MW of each row of demand, (rows, steps of the window)."""
        demand = self.plan.case.table("demand")
        first, last = self.window
        found = np.zeros((len(demand), last - first))
        frame = self.results["demand.unserved"]
        if len(frame):
            keys = pd.MultiIndex.from_frame(demand[["place", "carrier", "customer_class"]].astype(str))
            rows = pd.MultiIndex.from_frame(frame[["place", "carrier", "customer_class"]].astype(str))
            step = self.plan.starts.get_indexer(pd.DatetimeIndex(frame["step"])) - first
            np.add.at(found, (keys.get_indexer(rows), step), frame[column].to_numpy(dtype=float))
        return found

    def unserved(self, step: int) -> Floats:
        """MW of each row of demand in a step of the window."""
        found: Floats = self._unserved[:, step - self.window[0]]
        return found

    def values(self, table: str, key: str, column: str, element: str) -> dict[int, float]:
        """Step of the year -> value of one element."""
        frame = self.results[table]
        rows = frame[frame[key].astype(str) == element]
        steps = self.plan.starts.get_indexer(pd.DatetimeIndex(rows["step"]))
        return dict(zip(steps.tolist(), rows[column].astype(float), strict=True))


def loading_of(flow: Floats, most: Floats, most_back: Floats) -> Floats:
    """Flow over the limit of its direction, 0-1."""
    limit = np.where(flow >= 0, most, most_back)
    return np.divide(np.abs(flow), limit, out=np.zeros_like(flow), where=limit > NO_POWER).clip(0.0, 1.0)

"""The plan of the year at one step, and the answer to a cut, as arrays that a map can draw quickly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import SolverError
from kelisim.report.page import Page
from kelisim.report.words import Words
from kelisim.results.crisis import RegionLevels, region_levels
from kelisim.results.parts import in_parts
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies import run as run_study
from kelisim.studies.pages import page_of
from kelisim.tolerances import NO_POWER
from kelisim.web.address import CUT_STUDY, MEASURES_STUDY, Cut
from kelisim.web.map_time import MapTime

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]
Said = Callable[[], str]  # a sentence in the language of who reads it


class MapSession:
    """A case that is solved; all arrays are (elements, cells), power in MW; a cell is a step or a part of its day."""

    def __init__(
        self, case: Case, cache: bool = True, progress: Callable[[Said], None] | None = None
    ) -> None:
        self.case = case
        self._books: dict[str, Words] = {}
        tell = (lambda fact: progress(lambda: self.book.say(fact))) if progress else None
        self.engine = Engine(case, cache=cache, progress=tell)
        self.links = case.table("links")
        self.time = MapTime(case)
        self.starts = self.time.starts
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
    def hardest(self, step: int, shortage: Floats | None = None) -> int:
        """The cell of a step with the largest shortage of carriers in parts of the day; where there is none in the step the
        part that has it elsewhere, where there is none at all the part of the highest use.

        shortage  MW of each row of demand, (rows, cells of the horizon); that of the plan if not given
        """
        first, last = self.time.cells(step)
        short = (self.unserved if shortage is None else shortage)[self._is_in_parts].sum(axis=0)
        if short[first:last].max(initial=0.0) > NO_POWER:
            return first + int(short[first:last].argmax())
        if short.max(initial=0.0) > NO_POWER:
            return self.time.nearest(step, int(short.argmax()))
        return first + int(self.demand[self._is_in_parts, first:last].sum(axis=0).argmax())

    @cached_property
    def _is_in_parts(self) -> Masks:
        """Rows of demand of carriers that are in parts of the day."""
        carriers = self.case.table("demand")["carrier"]
        return carriers.map({one: in_parts(self.case, one) for one in carriers.unique()}).to_numpy(dtype=bool)

    # ---- words
    @property
    def book(self) -> Words:
        """Words of the case in the language of who reads."""
        language = catalog.spoken()
        if language not in self._books:
            self._books[language] = Words(self.case, language)
        return self._books[language]

    def rate(self, carrier: str, power: float) -> str:
        """A power in the unit people use for the carrier: "3.41 million m3/day", "412 MW"."""
        return self.book.flow(power, carrier)

    # ---- questions
    def ask(self, cut: Cut, measures: bool = False, on_first: Callable[[str], object] | None = None) -> Reply:
        """What a cut does, also with the emergency measures of the case. Raises StudyError, CaseError, SolverError.

        on_first  told the sentence of a first answer, on another thread, while the exact one is being computed
        """
        fields = {field.name: getattr(cut, field.name) for field in dataclasses.fields(cut)}
        study = MEASURES_STUDY if measures else CUT_STUDY
        # with measures there is none: they act on who goes short exactly
        on_first = None if measures else on_first
        with self.engine.telling_first(on_first and (lambda first: on_first(self.book.say(first.fact)))):
            return Reply(self, cut, run_study(study, self.engine, **fields))


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

    @property
    def page(self) -> Page:
        """The page of the study in the language of who reads: what is said, key numbers, figures and tables."""
        language = catalog.spoken()
        if language not in self._pages:
            self._pages[language] = page_of(self.results, self.plan.book)
        return self._pages[language]

    @cached_property
    def _pages(self) -> dict[str, Page]:
        return {}

    @cached_property
    def window(self) -> tuple[int, int]:
        """Cells of the year that the answer holds, [first, last)."""
        first, last = (pd.Timestamp(day).date() for day in self.results.meta["window"])
        return self.plan.time.within(first, last)

    def holds(self, step: int) -> bool:
        return self.window[0] <= step < self.window[1]

    @cached_property
    def out(self) -> Masks:
        """Cells of the year that the cut touches."""
        last, horizon = self.cut.start + timedelta(days=self.cut.days - 1), self.plan.case.horizon
        inside = horizon.share_within(self.cut.start, last) * horizon.from_part(self.cut.start, self.cut.at)
        return np.asarray(inside) > 0

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
        felt = self._of_demand("unserved_kept")
        return region_levels(self.plan.case, felt, planned, self.plan.demand[:, first:last])

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

    @cached_property
    def more(self) -> Floats:
        """MW of each row of demand that goes short beyond the plan, (rows, cells of the year)."""
        found = np.zeros(self.plan.demand.shape)
        first, last = self.window
        found[:, first:last] = np.maximum(self._unserved - self._of_demand("unserved_base"), 0.0)
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

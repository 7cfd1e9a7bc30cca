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
STOCKS = "storages.level"


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
            results = run_study(study, self.engine, **fields)
        return Reply(self, cut, results, self.engine.around.get((cut.start, cut.days), self.engine))


@dataclass(frozen=True)
class Reply:
    """The answer to a cut beside the plan, in the cells of the plan.

    Steps of months may be answered in days around the cut: a cell of the map is then the mean of the days of the cut in it, and of
    the days shown where the cut is over.

    asked  the engine that answered
    """

    plan: MapSession
    cut: Cut
    results: Results
    asked: Engine

    @property
    def has_measures(self) -> bool:
        """Whether it is the answer with emergency measures."""
        return self.results.study == MEASURES_STUDY

    @property
    def is_in_days(self) -> bool:
        """Whether it is in days, and the map in months."""
        return self.asked is not self.plan.engine

    @property
    def page(self) -> Page:
        """The page of the study in the language of who reads: what is said, key numbers, figures and tables."""
        language = catalog.spoken()
        if language not in self._pages:
            book = Words(self.results.case, language) if self.is_in_days else self.plan.book
            self._pages[language] = page_of(self.results, book)
        return self._pages[language]

    @cached_property
    def _pages(self) -> dict[str, Page]:
        return {}

    @cached_property
    def window(self) -> tuple[int, int]:
        """Cells of the year that the answer touches, [first, last)."""
        return self.plan.time.within(*self._days)

    def holds(self, cell: int) -> bool:
        return self.window[0] <= cell < self.window[1] and bool(self._share[:, cell - self.window[0]].any())

    @cached_property
    def out(self) -> Masks:
        """Cells of the year that the cut touches."""
        return self._out(self.plan.case)

    def _out(self, case: Case) -> Masks:
        last, horizon = self.cut.start + timedelta(days=self.cut.days - 1), case.horizon
        inside = horizon.share_within(self.cut.start, last) * horizon.from_part(self.cut.start, self.cut.at)
        return np.asarray(inside) > 0

    # ---- cells of the answer, and those of the map
    @cached_property
    def _days(self) -> tuple[date, date]:
        """First and last day of the answer."""
        first, last = (pd.Timestamp(day).date() for day in self.results.meta["window"])
        return first, last

    @cached_property
    def time(self) -> MapTime:
        """The steps of the answer, and the parts of their days."""
        return MapTime(self.results.case) if self.is_in_days else self.plan.time

    @cached_property
    def _cells(self) -> slice:
        """Cells of the answer in the horizon that it was asked in."""
        return slice(*(MapTime(self.asked.case) if self.is_in_days else self.plan.time).within(*self._days))

    @cached_property
    def _starts(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(self.asked.case.horizon.steps["step"].iloc[self._cells])

    @cached_property
    def _share(self) -> Floats:
        """Share of each cell of the answer in each cell of the window, (cells of the answer, cells of the window)."""
        if not self.is_in_days:
            return np.eye(len(self._starts))
        fine, own = (one.horizon.steps for one in (self.asked.case, self.plan.case))
        names, days = ["day_type", "part"], MapTime(self.asked.case)
        mine = own.iloc[slice(*self.window)]
        at = dict(
            zip(zip(mine["of"], *(mine[name] for name in names), strict=True), range(len(mine)), strict=True)
        )
        rows = fine.iloc[self._cells]
        month = [self.plan.time.at(days.day(of)) for of in rows["of"]]
        into = [at[key] for key in zip(month, *(rows[name] for name in names), strict=True)]
        hours = np.zeros((len(rows), len(mine)))
        hours[np.arange(len(rows)), into] = rows["hours"]
        during = hours * self._out(self.asked.case)[self._cells, None]
        found = np.where(during.any(axis=0), during, hours)
        return np.divide(found, found.sum(axis=0), out=np.zeros_like(found), where=found > 0)

    @cached_property
    def _flows(self) -> tuple[Floats, Floats, Floats]:
        """Flow, planned flow and loading, (links, cells of the window)."""
        links = self.plan.links["link"]
        return tuple(  # type: ignore[return-value]
            self._table("links.flow", ["link"], links.to_frame(), column) @ self._share
            for column in ("flow", "flow_base", "loading")
        )

    def _table(self, name: str, keys: list[str], rows: pd.DataFrame, column: str) -> Floats:
        """A column of a result table, (rows, cells of the answer); 0 where the table has no line."""
        frame, found = self.results[name], np.zeros((len(rows), len(self._starts)))
        if len(frame):
            known, mine = (pd.MultiIndex.from_frame(one[keys].astype(str)) for one in (rows, frame))
            step = self._starts.get_indexer(pd.DatetimeIndex(frame["step"]))
            at = known.get_indexer(mine)
            here = at >= 0
            np.add.at(found, (at[here], step[here]), frame[column].to_numpy(dtype=float)[here])
        return found

    def flow(self, step: int) -> tuple[Floats, Floats, Floats]:
        """Flow, planned flow and loading of all links in a cell of the window."""
        at = step - self.window[0]
        return self._flows[0][:, at], self._flows[1][:, at], self._flows[2][:, at]

    @cached_property
    def _wanted(self) -> Floats:
        """MW of each row of demand, (rows, cells of the answer)."""
        count = len(self.plan.case.table("demand"))
        return self.asked.base.by_demand(count, "upper")[:, self._cells]

    @cached_property
    def levels(self) -> RegionLevels:
        """Level of the crisis of each region and carrier, in the cells of the window: the highest of any day in it."""
        felt, planned = (self._of_demand(column) for column in ("unserved_kept", "unserved_base"))
        found = region_levels(self.asked.case, felt, planned, self._wanted)
        if not self.is_in_days:
            return found
        inside = self._share > 0
        highest = [np.where(inside, row[:, None], 0).max(axis=0) for row in found.level]
        share = [np.where(inside, row[:, None], 0.0).max(axis=0) for row in found.share]
        return dataclasses.replace(found, level=np.array(highest), share=np.array(share))

    @cached_property
    def _unserved(self) -> Floats:
        return self._of_demand("unserved") @ self._share

    def _of_demand(self, column: str) -> Floats:
        """MW of each row of demand, (rows, cells of the answer)."""
        keys = ["place", "carrier", "customer_class"]
        return self._table("demand.unserved", keys, self.plan.case.table("demand"), column)

    def unserved(self, step: int) -> Floats:
        """MW of each row of demand in a cell of the window."""
        found: Floats = self._unserved[:, step - self.window[0]]
        return found

    def demand(self, step: int) -> Floats:
        """MW that each row of demand wants in a cell of the window."""
        if not self.is_in_days:
            return self.plan.demand[:, step]
        found: Floats = self._wanted @ self._share[:, step - self.window[0]]
        return found

    @cached_property
    def more(self) -> Floats:
        """MW of each row of demand that goes short beyond the plan, (rows, cells of the year)."""
        found = np.zeros(self.plan.demand.shape)
        first, last = self.window
        more = np.maximum(self._of_demand("unserved") - self._of_demand("unserved_base"), 0.0)
        found[:, first:last] = more @ self._share
        return found

    def of_elements(self, table: str, key: str, column: str, elements: list[str]) -> Floats:
        """A column of a result table, (elements, cells of the window); of a stock, at the end of what a cell stands for."""
        found = self._table(table, [key], pd.DataFrame({key: elements}), column)
        if table == STOCKS:
            return found[:, len(self._share) - 1 - np.argmax(self._share[::-1] > 0, axis=0)]
        mean: Floats = found @ self._share
        return mean

    @cached_property
    def short_families(self) -> dict[str, float]:
        """Families of which somebody goes short beyond the plan -> MWh."""
        energy = self.more @ self.plan.hours
        found: dict[str, float] = {}
        for row, carrier in enumerate(self.plan.case.table("demand")["carrier"]):
            if self.more[row].max(initial=0.0) > NO_POWER:
                family = self.plan.book.family(carrier)
                found[family] = found.get(family, 0.0) + float(energy[row])
        return found

    def values(self, table: str, key: str, column: str, element: str) -> dict[int, float]:
        """Cell of the year -> value of one element."""
        return dict(enumerate(self.of_elements(table, key, column, [element])[0].tolist(), self.window[0]))


def loading_of(flow: Floats, most: Floats, most_back: Floats) -> Floats:
    """Flow over the limit of its direction, 0-1."""
    limit = np.where(flow >= 0, most, most_back)
    return np.divide(np.abs(flow), limit, out=np.zeros_like(flow), where=limit > NO_POWER).clip(0.0, 1.0)

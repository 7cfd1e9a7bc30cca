"""Work that waits for other work: critical path, float, and dates as probabilities.

Moments are days counted from a first day, and may lie before it. Durations are days of work; where months are off, they last longer by the
calendar. Arrays are (jobs) or (jobs, samples).

Critical path method: Kelley and Walker (1959). Three-point durations: Malcolm, Roseboom, Clark and Fazar (1959).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincinv, ndtr, ndtri

from kelisim.errors import UserError
from kelisim.tolerances import DAY_OFF, NO_FLOAT, SMALLEST

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
SHAPES = ("pert", "triangular")
_FURTHEST = 5.0  # normal scores beyond it are taken as it: one sample of 3.5 million
_SCORES = np.linspace(-_FURTHEST, _FURTHEST, 1001)
_YEARS = 150  # of the calendar, before and after the first day


@dataclass(frozen=True)
class Activity:
    """One task.

    project   to whose finish its float is counted
    least, likely, most  days of work
    earliest  moment before which it cannot begin
    began, done  moments, where they are known
    progress  share of the work that is done, where it is known
    off       months of the year, 1 to 12, in which no work is done
    """

    name: str
    project: str
    least: float
    likely: float
    most: float
    earliest: float = -np.inf
    began: float | None = None
    done: float | None = None
    progress: float = 0.0
    off: tuple[int, ...] = ()


@dataclass(frozen=True)
class Precedence:
    """A job that waits for the end of another (or for its start), and `lag` days more."""

    before: str
    job: str
    lag: float = 0.0
    on_start: bool = False


@dataclass(frozen=True)
class Dates:
    """Moments of each job, and how late it may be.

    total  days by which it may end later and its project still ends as it does
    free   days by which it may end later and no other job begins later
    """

    start: Floats
    finish: Floats
    total: Floats
    free: Floats

    @property
    def critical(self) -> Bools:
        """Jobs without float."""
        return self.total <= NO_FLOAT


def duration(shape: str, least: float, likely: float, most: float, score: Floats) -> Floats:
    """Duration at a normal score (0 is the median), days.

    pert        least + (most - least) Beta(1 + 4 (likely - least) / (most - least), 1 + 4 (most - likely) / (most - least))
    triangular  from least to most with its peak at likely

    >>> duration("triangular", 0.0, 1.0, 2.0, np.array([0.0])).round(6).tolist()
    [1.0]
    """
    return _quantile(shape, least, likely, most, ndtr(np.asarray(score, dtype=float)))


def passed(shape: str, least: float, likely: float, most: float, days: float) -> float:
    """Chance that a duration is no longer than some days.

    >>> passed("triangular", 0.0, 1.0, 2.0, 0.5)
    0.125
    """
    if most <= least or days >= most or days <= least:
        return float(days >= most)
    part, peak = (days - least) / (most - least), (likely - least) / (most - least)
    if shape == "triangular":
        return part * part / peak if part <= peak else 1.0 - (1.0 - part) ** 2 / (1.0 - peak)
    return float(betainc(1.0 + 4.0 * peak, 5.0 - 4.0 * peak, part))


def _quantile(shape: str, least: float, likely: float, most: float, chance: Floats) -> Floats:
    if most <= least:
        return np.full(np.shape(chance), least)
    peak = (likely - least) / (most - least)
    if shape == "triangular":
        low = np.sqrt(chance * peak)
        high = 1.0 - np.sqrt((1.0 - chance) * (1.0 - peak))
        return np.asarray(least + (most - least) * np.where(chance <= peak, low, high))
    return np.asarray(least + (most - least) * betaincinv(1.0 + 4.0 * peak, 5.0 - 4.0 * peak, chance))


def interval(values: Floats, share: float, score: float = 1.96) -> tuple[float, float, float]:
    """A quantile of samples and its 95 % interval by order statistics.

    values  samples
    share   0-1
    """
    ordered, count = np.sort(values), len(values)
    width = score * np.sqrt(count * share * (1.0 - share))
    at = np.clip(np.array([count * share - width, count * share + width]).round().astype(int), 0, count - 1)
    return float(np.quantile(ordered, share)), float(ordered[at[0]]), float(ordered[at[1]])


class Calendar:
    """Days of work and moments of a calendar in which some months are off."""

    def __init__(self, first: date, off: Sequence[int]) -> None:
        years = range(first.year - _YEARS, first.year + _YEARS)
        months = [np.datetime64(f"{year:04d}-{month:02d}-01") for year in years for month in range(1, 13)]
        self.edges = (np.array(months) - np.datetime64(first)).astype("timedelta64[D]").astype(float)
        self.is_off = np.isin(np.arange(len(months)) % 12 + 1, list(off))
        length = np.diff(self.edges, append=self.edges[-1] + 31.0)
        rate = np.where(self.is_off, DAY_OFF, 1.0)
        self.worked = np.concatenate([[0.0], np.cumsum(length * rate)[:-1]])

    def opened(self, moment: Floats) -> Floats:
        """The moment, or the first day after the months off in which it falls."""
        at = np.searchsorted(self.edges, moment, side="right") - 1
        following = np.arange(len(self.edges))
        for month in range(len(following) - 2, -1, -1):
            if self.is_off[month]:
                following[month] = following[month + 1]
        return np.where(self.is_off[at], self.edges[following[at]], moment)

    def after(self, moment: Floats, work: Floats) -> Floats:
        """When work that begins at a moment ends; negative work is counted back."""
        return np.interp(np.interp(moment, self.edges, self.worked) + work, self.worked, self.edges)


class WorkPlan:
    """Jobs and what they wait for, seen from the first day, on which what is done and begun is known."""

    def __init__(
        self, jobs: Sequence[Activity], ties: Sequence[Precedence], first: date, shape: str = "pert"
    ) -> None:
        self.jobs, self.ties, self.first, self.shape = list(jobs), list(ties), first, shape
        self.at = {job.name: row for row, job in enumerate(self.jobs)}
        wrong = list(self._wrong())
        if wrong:
            raise UserError("\n".join(wrong))
        self.before: list[list[Precedence]] = [[] for _ in self.jobs]
        self.following: list[list[Precedence]] = [[] for _ in self.jobs]
        for tie in self.ties:
            self.before[self.at[tie.job]].append(tie)
            self.following[self.at[tie.before]].append(tie)
        graph = nx.DiGraph()
        graph.add_nodes_from(range(len(self.jobs)))
        graph.add_edges_from((self.at[tie.before], self.at[tie.job]) for tie in self.ties)
        try:
            self.order = list(nx.topological_sort(graph))
        except nx.NetworkXUnfeasible:
            circle = [self.jobs[edge[0]].name for edge in nx.find_cycle(graph)]
            raise UserError(f"Tasks that wait for themselves: {', '.join([*circle, circle[0]])}.") from None
        self.projects = list(dict.fromkeys(job.project for job in self.jobs))
        self._of = [np.array([j.project == name for j in self.jobs]) for name in self.projects]
        self._calendars = {job.off: Calendar(first, job.off) for job in self.jobs if job.off}

    def _wrong(self) -> Iterator[str]:
        for job in self.jobs:
            if not job.least <= job.likely <= job.most:
                yield f"{job.name}: {job.least:g}, {job.likely:g}, {job.most:g} days do not rise from shortest to longest."
            if len(set(job.off)) > 11:
                yield f"{job.name}: all months are off."
        for tie in self.ties:
            yield from (
                f"{tie.job} waits for {one}, which is no task."
                for one in {tie.before, tie.job} - set(self.at)
            )

    @cached_property
    def likely(self) -> Floats:
        """Most likely duration of each job, days."""
        return np.array([job.likely for job in self.jobs], dtype=float)

    # ---- forwards and backwards
    def _end(self, row: int, start: Floats, work: Floats) -> Floats:
        off = self.jobs[row].off
        return self._calendars[off].after(start, work) if off else np.asarray(start + work)

    def forward(self, work: Floats) -> tuple[Floats, Floats]:
        """Earliest start and finish of each job, whose work is given in days.

        Done: as it was. Begun: what is left of its work from the first day; where no progress is told, its whole work from its start, and no end
        before the first day. Not begun: after what it waits for, not before the first day.
        """
        start, finish = np.zeros(work.shape), np.zeros(work.shape)
        for row in self.order:
            job = self.jobs[row]
            if job.done is not None:
                finish[row] = job.done
                start[row] = min(job.done, job.done - job.likely if job.began is None else job.began)
                continue
            if job.began is not None:
                start[row] = job.began
                if job.progress > 0:
                    finish[row] = self._end(row, np.zeros(work[row].shape), (1.0 - job.progress) * work[row])
                else:
                    finish[row] = np.maximum(self._end(row, start[row], work[row]), 0.0)
                continue
            ready = np.full(work[row].shape, max(0.0, job.earliest))
            for tie in self.before[row]:
                other = self.at[tie.before]
                ready = np.maximum(ready, (start if tie.on_start else finish)[other] + tie.lag)
            start[row] = self._calendars[job.off].opened(ready) if job.off else ready
            finish[row] = self._end(row, start[row], work[row])
        return start, finish

    def ends(self, finish: Floats) -> Floats:
        """Finish of each project, (projects) or (projects, samples)."""
        return np.array([finish[of].max(axis=0) for of in self._of])

    def dates(self, work: Floats | None = None) -> Dates:
        """Dates and floats; with the most likely durations if none are given."""
        work = self.likely if work is None else work
        start, finish = self.forward(work)
        ends = self.ends(finish)
        last = np.zeros(work.shape)
        for of, end in zip(self._of, ends, strict=True):
            last[of] = end
        latest = np.zeros(work.shape)
        free = np.full(work.shape, np.inf)
        for row in reversed(self.order):
            for tie in self.following[row]:
                other = self.at[tie.job]
                if self._is_fixed(other) or (tie.on_start and self._is_fixed(row)):
                    continue  # what has begun moves no start any more
                limit = latest[other] - tie.lag
                if tie.on_start:
                    last[row] = np.minimum(last[row], self._end(row, limit, work[row]))
                else:
                    last[row] = np.minimum(last[row], limit)
                mine = start[row] if tie.on_start else finish[row]
                free[row] = np.minimum(free[row], start[other] - tie.lag - mine)
            latest[row] = self._end(row, last[row], -work[row])
        held = np.array([self._is_fixed(row) for row in range(len(self.jobs))])
        late = last - finish
        # a job that could end later but whose work could not begin later, its months being off, has no float
        total = np.where(held.reshape(-1, *[1] * (work.ndim - 1)), late, np.minimum(late, latest - start))
        return Dates(start, finish, total, np.minimum(free, total))

    def _is_fixed(self, row: int) -> bool:
        """Whether what it waits for no longer moves a job."""
        return self.jobs[row].done is not None or self.jobs[row].began is not None

    def path(self, project: str, dates: Dates, work: Floats | None = None) -> list[str]:
        """The longest chain of jobs, each of which waits for the one before, to the last end of a project."""
        work = self.likely if work is None else work
        rows = np.flatnonzero(self._of[self.projects.index(project)])
        last = int(rows[np.argmax(dates.finish[rows])])
        graph = nx.DiGraph()
        graph.add_node(last)
        for tie in self.ties:
            before, row = self.at[tie.before], self.at[tie.job]
            mine = (dates.start if tie.on_start else dates.finish)[before] + tie.lag
            is_over = self._is_fixed(row) or (tie.on_start and self._is_fixed(before))
            if not is_over and mine >= dates.start[row] - NO_FLOAT:
                graph.add_edge(before, row, days=float(work[before]))
        kept = nx.ancestors(graph, last) | {last}
        found = nx.dag_longest_path(graph.subgraph(kept), weight="days")
        return [self.jobs[row].name for row in found if self.jobs[row].done is None]

    # ---- chances
    def sampled(self, count: int, seed: int, correlation: float) -> Floats:
        """Durations as samples, (jobs, count), days.

        The normal score of a job is sqrt(r) Z + sqrt(1 - r) E: Z common to all jobs, E its own, r the correlation of any two scores. A job that has
        begun and whose progress is not told lasts at least as long as it has lasted.
        """
        rng = np.random.default_rng(seed)
        common = rng.standard_normal(count)
        found = np.zeros((len(self.jobs), count))
        tables: dict[Any, Floats] = {}
        for row, job in enumerate(self.jobs):
            score = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * rng.standard_normal(count)
            points = (job.least, job.likely, job.most)
            if job.done is None and job.began is not None and job.progress <= 0 and job.began < 0:
                gone = passed(self.shape, *points, self._worked(job))
                left = gone + (1.0 - gone) * ndtr(score)
                score = ndtri(np.clip(left, SMALLEST, 1.0 - np.finfo(float).epsneg))
            if points not in tables:
                tables[points] = duration(self.shape, *points, _SCORES)
            found[row] = np.interp(score, _SCORES, tables[points])
        return found

    def _worked(self, job: Activity) -> float:
        """Days of work from the start of a begun job to the first day."""
        began = float(job.began or 0.0)
        if not job.off:
            return -began
        calendar = self._calendars[job.off]
        ends = np.interp(np.array([began, 0.0]), calendar.edges, calendar.worked)
        return float(ends[1] - ends[0])


def slips(years: Floats, chance: float, days: float, seed: int) -> Floats:
    """Days by which outside causes move an end: each started year until it, with a chance, adds some days.

    years   until the end, (samples)
    chance  that a year brings a delay
    days    that a delay lasts
    """
    counts = np.random.default_rng(seed).binomial(np.ceil(np.maximum(years, 0.0)).astype(int), chance)
    return np.asarray(counts * days, dtype=float)

"""States of failed elements over a span of days, drawn and asked in batches until enough is known.

Single states stand by themselves on single steps; paths run over the whole span and see storages run empty.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine.engine import Engine
from kelisim.engine.window import Window
from kelisim.errors import StudyError
from kelisim.lp.problem import Floats, Ints
from kelisim.model.rules import Rules
from kelisim.studies.reliability import sampling
from kelisim.studies.reliability.estimates import Estimate, enough
from kelisim.studies.reliability.indices import Groups, Seen
from kelisim.studies.reliability.rates import KEYS, Failing
from kelisim.studies.reliability.states import FailedStates, StateWork

BATCHES, FEW_BATCHES = 10, 4  # after each of which the stopping rule looks
LEAST = 2  # states of each step in a batch
DEMAND = (-0.8, -0.4, 0.0, 0.4, 0.8)  # middles of five equal parts of the range of demand
PILOT = 0.1  # share of the states for each round of learning rates
TAIL = 14  # days after the span that a path still sees


@dataclass(frozen=True)
class Drawing:
    """How states are drawn.

    states, paths  how many, over all steps
    method         one of `kelisim.studies.reliability.sampling.METHODS`
    target         coefficient of variation at which drawing stops; 0 never
    carriers       whose shortage the target and importance look at; all if empty
    demand, capacity  shares by which demand, and capacities of rows graded C, vary
    time_rule      of paths; single steps have none
    """

    states: int
    paths: int
    method: str
    target: float
    carriers: tuple[str, ...]
    demand: float
    capacity: float
    seed: int
    place_rule: str
    time_rule: str


@dataclass(frozen=True)
class Span:
    """Steps of the span: positions, moments inside, and hours that count."""

    start: date
    days: int
    steps: Ints
    moments: list[date]
    hours: Floats

    @classmethod
    def of(cls, engine: Engine, start: date, days: int) -> Span:
        horizon = engine.case.horizon
        moment = pd.Timestamp(start)
        if not horizon.start <= moment < horizon.end:
            last = (horizon.end - pd.Timedelta(days=1)).date()
            raise StudyError(f"start: {start} lies outside the case, {horizon.start.date()} to {last}.")
        share = horizon.share_within(start, start + timedelta(days=days - 1))
        at = np.flatnonzero(share > 0)
        rows = horizon.steps.iloc[at]
        middles = rows["step"] + (rows["end"] - rows["step"]) / 2
        moments = [max(moment, min(middle, horizon.end - pd.Timedelta(hours=1))).date() for middle in middles]
        return cls(start, days, at, moments, (share * horizon.hours)[at])


@dataclass
class Sampled:
    """Draws, asks and keeps what was seen."""

    drawing: Drawing
    engine: Engine
    span: Span
    parts: list[Failing]
    groups: Groups
    executor: Executor | None
    work: StateWork = field(default_factory=StateWork)
    convergence: list[dict[str, Any]] = field(default_factory=list)
    pilot: int = 0
    varied: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @cached_property
    def rates(self) -> Floats:
        """Of each unit of each part, part by part."""
        return np.repeat([part.rate for part in self.parts], [part.units for part in self.parts])

    @cached_property
    def owner(self) -> Ints:
        """Part of each unit."""
        return np.repeat(np.arange(len(self.parts)), [part.units for part in self.parts])

    def counted(self, out: npt.NDArray[np.bool_]) -> Ints:
        """Units out of each part: units of a part are alike, so states with equal counts are equal."""
        first = np.flatnonzero(np.diff(self.owner, prepend=-1))
        return np.add.reduceat(out.astype(np.int64), first, axis=1)

    def states_of(self, opened: Window) -> FailedStates:
        parts = [(part.members, part.units) for part in self.parts]
        return FailedStates(opened, parts, list(self.varied.values()), self.executor)

    def keep(self, seen: Seen, aim: npt.NDArray[np.bool_]) -> Estimate:
        """A row of convergence."""
        found = seen.of(seen.energy[:, aim].sum(axis=1))
        short = int((seen.energy[:, aim].sum(axis=1) > 0).sum())
        self.convergence.append(
            {
                "samples": len(seen.weight), "eue": float(found.mean[0]), "eue_low": float(found.low[0]), "eue_high": float(found.high[0]),
                "variation": float(found.variation[0]) if found.mean[0] > 0 else np.nan, "short": short, "solved": self.work.solved,
            }
        )  # fmt: skip
        return found


class SampledSteps(Sampled):
    """Single states on single steps."""

    def run(self) -> None:
        drawing, span = self.drawing, self.span
        rng = np.random.default_rng(drawing.seed)
        self.varied = _varied(self.engine.case) if drawing.capacity else {}
        self._open()
        count = len(span.steps)
        most = BATCHES
        if drawing.method == "stratified":
            # strata are better in one large batch than in ten small ones
            most = FEW_BATCHES if drawing.target else 1
        batches = max(1, min(most, drawing.states // (LEAST * 4 * count)))
        share = drawing.states / (batches * count)
        drawn, aim = self._drawing(rng), self.groups.of_carriers(drawing.carriers)
        self._seen: list[Seen] = []
        total = 0
        for batch in range(batches):
            for at in range(count):
                # so many that the sum over all is what was asked for
                n = max(LEAST, round(share * (batch * count + at + 1)) - total)
                total += n
                self._seen.append(self._asked(at, drawn(n, rng), rng))
            self.engine._say(f"{total:,} of {drawing.states:,} states")
            found = self.keep(self.seen(), aim)
            if enough(found, self.convergence[-1]["short"], drawing.target):
                break

    def _open(self) -> None:
        rules = Rules(self.drawing.place_rule, "none", self.engine.rules.span, self.engine.rules.tranches)
        self._states = [self.states_of(self.engine.snapshot(moment, rules)) for moment in self.span.moments]
        wanted, planned = [], []
        for states, hours in zip(self._states, self.span.hours, strict=True):
            wanted.append(states.wanted.sum(axis=1) * hours)
            planned.append(states.planned.sum(axis=1) * hours)
        self.demand, self.planned = np.sum(wanted, axis=0), np.sum(planned, axis=0)

    def _drawing(self, rng: np.random.Generator) -> Callable[[int, np.random.Generator], sampling.Sample]:
        """How states of a step are drawn."""
        rates = self.rates
        if self.drawing.method == "plain":
            return lambda n, rng: sampling.plain(rates, n, rng)
        if self.drawing.method == "stratified":
            # a state that is looked at with one of many demands is not known for good
            known = -1 if self.drawing.demand or self.drawing.capacity else 2
            return lambda n, rng: sampling.stratified(rates, n, rng, known)
        aim = self.groups.of_carriers(self.drawing.carriers)

        def severity(out: npt.NDArray[np.bool_]) -> Floats:
            at = rng.integers(0, len(self._states), len(out))
            bad = np.zeros(len(out))
            for step in np.unique(at):
                here = np.flatnonzero(at == step)
                _, lacking = self._lacking(int(step), self.counted(out[here]), None, None)
                bad[here] = lacking[:, aim].sum(axis=1)
            return bad

        count = max(LEAST * len(self._states), round(PILOT * self.drawing.states))
        learned = sampling.learn(rates, severity, count, rng)
        self.pilot = learned.asked
        return lambda n, rng: sampling.importance(rates, learned.rates, n, rng)

    def _lacking(
        self, at: int, out: Ints, demand: Floats | None, levels: Floats | None
    ) -> tuple[Floats, Floats]:
        states = self._states[at]
        before = replace(states.work)
        now = states.unserved(out, demand, levels)
        self.work.add(states.work.less(before))
        return self.groups.lacking(now, states.planned, self.span.hours[at : at + 1])

    def _asked(self, at: int, sample: sampling.Sample, rng: np.random.Generator) -> Seen:
        drawing, n = self.drawing, len(sample.weight)
        out = self.counted(sample.out)
        demand = 1.0 + drawing.demand * rng.choice(DEMAND, n) if drawing.demand else None
        levels = rng.integers(-1, 2, (n, len(self.varied))).astype(float)
        moved = levels * drawing.capacity if self.varied else None
        hours, lacking = self._lacking(at, out, demand, moved)
        return Seen(
            hours,
            lacking,
            sample.weight,
            sample.group,
            sample.exact,
            out.astype(float),
            levels,
            float(self.span.hours.sum()),
        )

    def seen(self) -> Seen:
        """All batches so far: each step is the mean over its batches, by their numbers of states."""
        count = len(self.span.steps)
        sizes = np.array([len(seen.weight) for seen in self._seen], dtype=float)
        of_step = np.arange(len(sizes)) % count
        factor = sizes / np.bincount(of_step, sizes)[of_step]
        shift = np.cumsum([0, *(len(seen.exact) for seen in self._seen)])[:-1]
        return Seen(
            np.concatenate([seen.hours for seen in self._seen]), np.concatenate([seen.energy for seen in self._seen]),
            np.concatenate([seen.weight * f for seen, f in zip(self._seen, factor, strict=True)]),
            np.concatenate([seen.group + by for seen, by in zip(self._seen, shift, strict=True)]),
            np.concatenate([seen.exact for seen in self._seen]), np.concatenate([seen.out for seen in self._seen]),
            np.concatenate([seen.levels for seen in self._seen]), float(self.span.hours.sum()),
        )  # fmt: skip


class SampledPaths(Sampled):
    """Paths over the span, storages included."""

    def run(self) -> None:
        drawing, span = self.drawing, self.span
        rules = Rules(
            drawing.place_rule, drawing.time_rule, self.engine.rules.span, self.engine.rules.tranches
        )
        opened = self.engine.window(span.start, span.days, rules, TAIL)
        states = self.states_of(opened)
        within = np.zeros(len(opened.hours))
        within[span.steps - opened.first] = span.hours
        self.demand, self.planned = states.wanted @ within, states.planned @ within
        ends = np.cumsum(opened.hours)
        middles, in_span = ends - opened.hours / 2, within > 0
        repair = np.repeat([part.repair for part in self.parts], [part.units for part in self.parts])
        units = np.array([part.units for part in self.parts], dtype=float)
        first = np.flatnonzero(np.diff(self.owner, prepend=-1))
        paths, outs = [], []
        for number in range(drawing.paths):
            rng = np.random.default_rng([drawing.seed, number])
            down = sampling.out_over_time(self.rates, repair, middles, rng) & in_span
            number_out = np.add.reduceat(down.astype(np.int64), first, axis=0)
            outs.append(number_out @ within / within.sum())
            of_part = number_out / units[:, None]
            paths.append({int(at): of_part[at] for at in np.flatnonzero(of_part.any(axis=1))})
        self._seen_of(states, opened, paths, outs)

    def _seen_of(
        self, states: FailedStates, opened: Window, paths: list[dict[int, Floats]], outs: list[Floats]
    ) -> None:
        aim = self.groups.of_carriers(self.drawing.carriers)
        found: list[tuple[Floats, Floats]] = []
        size = max(LEAST, -(-len(paths) // BATCHES))
        for low in range(0, len(paths), size):
            now = states.along(paths[low : low + size])
            found.append(self.groups.lacking(now, states.planned, opened.hours))
            self.engine._say(f"{min(low + size, len(paths)):,} of {len(paths):,} paths")
            done = sum(len(hours) for hours, _ in found)
            self._all = Seen(
                np.concatenate([hours for hours, _ in found]), np.concatenate([lacking for _, lacking in found]),
                np.full(done, 1.0 / done), np.zeros(done, dtype=np.int64), np.zeros(1, dtype=bool), np.array(outs[:done]),
                np.zeros((done, 0)), float(self.span.hours.sum()), by_path=True,
            )  # fmt: skip
            self.work = states.work
            estimate = self.keep(self._all, aim)
            if enough(estimate, self.convergence[-1]["short"], self.drawing.target):
                break

    def seen(self) -> Seen:
        return self._all


def _varied(case: Case) -> dict[str, list[tuple[str, str]]]:
    """Elements in use whose row is graded C, by table, kind and carrier."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, key in KEYS.items():
        rows = case.table(table)
        if "status" in rows:
            rows = rows[rows["status"] == "base"]
        rows = rows[rows["confidence"] == "C"]
        for row in rows.to_dict("records"):
            word = str(row["kind"]) if table == "assets" else str(row["carrier"])
            kind = f"{row['kind']} " if table == "links" else ""
            found.setdefault(f"{table}: {kind}{word}", []).append((table, str(row[key])))
    return dict(sorted(found.items()))

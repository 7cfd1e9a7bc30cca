"""States of failed elements over a span of days, drawn and asked in batches until enough is known.

Single states stand by themselves on single steps; paths run over the whole span and see storages run empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import sampling
from kelisim.engine.engine import Engine
from kelisim.engine.outage_states import FailedStates, StateWork
from kelisim.engine.window import Window
from kelisim.errors import StudyError
from kelisim.lp.problem import Floats, Ints
from kelisim.lp.work import Work
from kelisim.model.rules import Rules
from kelisim.results.intervals import enough
from kelisim.results.outage_rates import KEYS, Failing
from kelisim.studies.reliability.indices import Groups, Seen

if TYPE_CHECKING:
    from kelisim.studies.reliability.study import Reliability

Bools = npt.NDArray[np.bool_]
BATCHES, FEW_BATCHES = 10, 4  # after each of which the stopping rule looks
LEAST = 2  # states of each step in a batch
DEMAND = (-0.8, -0.4, 0.0, 0.4, 0.8)  # middles of five equal parts of the range of demand
PILOT = 0.1  # share of the states for each round of learning rates
TAIL = 14  # days after the span that a path still sees


@dataclass(frozen=True)
class Span:
    """Steps of the span: positions, moments inside, and hours that count."""

    start: date
    days: int
    steps: Ints
    moments: list[date]
    hours: Floats
    hours_of: list[Floats]

    @classmethod
    def of(cls, engine: Engine, start: date, days: int) -> Span:
        horizon = engine.case.horizon
        moment = pd.Timestamp(start)
        if not horizon.start <= moment < horizon.end:
            last = (horizon.end - pd.Timedelta(days=1)).date()
            raise StudyError(f"start: {start} lies outside the case, {horizon.start.date()} to {last}.")
        share = horizon.share_within(start, start + timedelta(days=days - 1))
        at = np.flatnonzero(share > 0)
        hours = share * horizon.hours
        of_step = [np.flatnonzero(horizon.step_of == step) for step in np.unique(horizon.step_of[at])]
        begin, end = (horizon.steps[name].to_numpy() for name in ("step", "end"))
        middles = [pd.Timestamp(begin[own[0]] + (end[own[-1]] - begin[own[0]]) / 2) for own in of_step]
        moments = [max(moment, min(middle, horizon.end - pd.Timedelta(hours=1))).date() for middle in middles]
        return cls(start, days, at, moments, hours[at], [hours[own] for own in of_step])


@dataclass
class Sampled:
    """Draws, asks and keeps what was seen.

    demand, planned  MWh in the span that are wanted, and that the plan leaves unserved, (rows of demand)
    pilot            states that were asked to learn rates from
    varied           elements whose capacity is moved together, by the name of their group
    """

    study: Reliability
    engine: Engine
    span: Span
    parts: list[Failing]
    groups: Groups
    solving: Work
    demand: Floats = field(init=False)
    planned: Floats = field(init=False)
    work: StateWork = field(default_factory=StateWork)
    convergence: list[dict[str, Any]] = field(default_factory=list)
    pilot: int = 0
    varied: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @cached_property
    def aim(self) -> Bools:
        """Groups whose shortage the stopping rule and importance look at."""
        return self.groups.of_carriers(self.study.carriers)

    @cached_property
    def units(self) -> Ints:
        """Of each part."""
        return np.array([part.units for part in self.parts])

    @cached_property
    def rates(self) -> Floats:
        """Of each unit of each part, part by part."""
        return np.repeat([part.rate for part in self.parts], self.units)

    def counted(self, out: Bools, axis: int = 1) -> Ints:
        """Units out of each part: units of a part are alike, so states with equal counts are equal."""
        return np.add.reduceat(out.astype(np.int64), np.cumsum(self.units) - self.units, axis=axis)

    def states_of(self, opened: Window) -> FailedStates:
        parts = [(part.members, part.units) for part in self.parts]
        return FailedStates(opened, parts, list(self.varied.values()), self.work, self.solving)

    def rules(self, time: str) -> Rules:
        return replace(self.engine.rules, place=self.study.place_rule, time=time, help=self.study.help_rule)

    def is_enough(self, seen: Seen, what: str, done: int, of: int) -> bool:
        """Whether what was seen, states or paths, is enough; a row of convergence is kept."""
        energy = seen.energy[:, self.aim].sum(axis=1)
        found, short = seen.of(energy), int((energy > 0).sum())
        ends = (("eue", found.mean), ("eue_low", found.low), ("eue_high", found.high))
        row = {"samples": len(seen.weight), **{name: float(end[0]) for name, end in ends}}
        variation = float(found.variation[0]) if found.mean[0] > 0 else np.nan
        self.convergence.append(row | {"variation": variation, "short": short, "solved": self.work.solved})
        self.engine.say(f"reliability.asked_{what}", done=done, of=of)
        return enough(found, short, self.study.target)


class SampledSteps(Sampled):
    """Single states on single steps."""

    def run(self) -> Seen:
        study, count = self.study, len(self.span.moments)
        rng = np.random.default_rng(study.seed)
        self.varied = _varied(self.engine.case) if study.capacity_spread else {}
        rules = self.rules("none")
        self._states = [self.states_of(self.engine.snapshot(moment, rules)) for moment in self.span.moments]
        each = list(zip(self._states, self.span.hours_of, strict=True))
        self.demand = np.sum([states.wanted @ hours for states, hours in each], axis=0)
        self.planned = np.sum([states.planned @ hours for states, hours in each], axis=0)
        most = BATCHES
        if study.draw == "stratified":
            # strata are better in one large batch than in ten small ones
            most = FEW_BATCHES if study.target else 1
        batches = max(1, min(most, study.states // (LEAST * 4 * count)))
        share = study.states / (batches * count)
        drawn = self._drawing(rng)
        seen: list[Seen] = []
        total = 0
        for batch in range(batches):
            for at in range(count):
                # so many that the sum over all is what was asked for
                n = max(LEAST, round(share * (batch * count + at + 1)) - total)
                total += n
                seen.append(self._asked(at, drawn(n, rng), rng))
            whole = _all(seen, count)
            if self.is_enough(whole, "states", total, study.states):
                break
        return whole

    def _drawing(self, rng: np.random.Generator) -> Callable[[int, np.random.Generator], sampling.Sample]:
        """How states of a step are drawn."""
        study, rates = self.study, self.rates
        if study.draw == "plain":
            return lambda n, rng: sampling.plain(rates, n, rng)
        if study.draw == "stratified":
            # a state that is looked at with one of many demands is not known for good
            known = -1 if study.demand_spread or study.capacity_spread else 2
            return lambda n, rng: sampling.stratified(rates, n, rng, known)

        def severity(out: Bools) -> Floats:
            at = rng.integers(0, len(self._states), len(out))
            bad = np.zeros(len(out))
            for step in np.unique(at):
                here = np.flatnonzero(at == step)
                _, lacking = self._lacking(int(step), self.counted(out[here]))
                bad[here] = lacking[:, self.aim].sum(axis=1)
            return bad

        count = max(LEAST * len(self._states), round(PILOT * study.states))
        learned = sampling.learn(rates, severity, count, rng)
        self.pilot = learned.asked
        return lambda n, rng: sampling.importance(rates, learned.rates, n, rng)

    def _lacking(
        self, at: int, out: Ints, demand: Floats | None = None, levels: Floats | None = None
    ) -> tuple[Floats, Floats]:
        states = self._states[at]
        now = states.unserved(out, demand, levels)
        return self.groups.lacking(now, states.planned, self.span.hours_of[at])

    def _asked(self, at: int, sample: sampling.Sample, rng: np.random.Generator) -> Seen:
        study, n = self.study, len(sample.weight)
        out = self.counted(sample.out)
        demand = 1.0 + study.demand_spread * rng.choice(DEMAND, n) if study.demand_spread else None
        levels = rng.integers(-1, 2, (n, len(self.varied))).astype(float)
        hours, lacking = self._lacking(
            at, out, demand, levels * study.capacity_spread if self.varied else None
        )
        period = float(self.span.hours.sum())
        return Seen(
            hours, lacking, sample.weight, sample.group, sample.exact, out.astype(float), levels, period
        )


def _all(seen: list[Seen], count: int) -> Seen:
    """All batches so far: each step is the mean over its batches, by their numbers of states."""
    sizes = np.array([len(one.weight) for one in seen], dtype=float)
    of_step = np.arange(len(sizes)) % count
    factor = sizes / np.bincount(of_step, sizes)[of_step]
    shift = np.cumsum([0, *(len(one.exact) for one in seen)])
    hours, energy, exact, out, levels = (
        np.concatenate([getattr(one, name) for one in seen])
        for name in ("hours", "energy", "exact", "out", "levels")
    )
    weight = np.concatenate([one.weight * f for one, f in zip(seen, factor, strict=True)])
    group = np.concatenate([one.group + by for one, by in zip(seen, shift[:-1], strict=True)])
    return Seen(hours, energy, weight, group, exact, out, levels, seen[0].period)


class SampledPaths(Sampled):
    """Paths over the span, storages included."""

    def run(self) -> Seen:
        study, span = self.study, self.span
        opened = self.engine.window(span.start, span.days, self.rules(study.time_rule), TAIL)
        states = self.states_of(opened)
        within = np.zeros(len(opened.hours))
        within[span.steps - opened.first] = span.hours
        self.demand, self.planned = states.wanted @ within, states.planned @ within
        paths, outs = self._drawn(opened, within)
        hours, energy = (np.zeros((0, len(self.groups.labels))) for _ in range(2))
        size = max(LEAST, -(-len(paths) // BATCHES))
        for low in range(0, len(paths), size):
            now = states.along(paths[low : low + size])
            more = self.groups.lacking(now, states.planned, opened.hours)
            hours, energy = np.concatenate([hours, more[0]]), np.concatenate([energy, more[1]])
            done = len(hours)
            weight, group, exact = (
                np.full(done, 1.0 / done),
                np.zeros(done, dtype=np.int64),
                np.zeros(1, dtype=bool),
            )
            levels, period = np.zeros((done, 0)), float(span.hours.sum())
            seen = Seen(hours, energy, weight, group, exact, outs[:done], levels, period, by_path=True)
            if self.is_enough(seen, "paths", done, len(paths)):
                break
        return seen

    def _drawn(self, opened: Window, within: Floats) -> tuple[list[dict[int, Floats]], Floats]:
        """What is out on each path: part -> share in each step; and units out of each part, their mean over time."""
        middles = np.cumsum(opened.hours) - opened.hours / 2
        repair = np.repeat([part.repair for part in self.parts], self.units)
        paths, outs = [], []
        for number in range(self.study.paths):
            rng = np.random.default_rng([self.study.seed, number])
            down = sampling.out_over_time(self.rates, repair, middles, rng) & (within > 0)
            units_out = self.counted(down, axis=0)
            outs.append(units_out @ within / within.sum())
            share = units_out / self.units[:, None]
            paths.append({int(at): share[at] for at in np.flatnonzero(share.any(axis=1))})
        return paths, np.array(outs)


def _varied(case: Case) -> dict[str, list[tuple[str, str]]]:
    """Elements in use whose row is graded C, by table, kind and carrier."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, key in KEYS.items():
        rows = case.table(table)
        if "status" in rows:
            rows = rows[rows["status"] == "base"]
        for row in rows[rows["confidence"] == "C"].to_dict("records"):
            words = {"links": ("kind", "carrier"), "assets": ("kind",), "storages": ("carrier",)}[table]
            name = f"{table}: {' '.join(str(row[word]) for word in words)}"
            found.setdefault(name, []).append((table, str(row[key])))
    return dict(sorted(found.items()))

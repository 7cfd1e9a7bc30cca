"""What the loss of each element, of each pair, and of the worst k elements does in one window, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case.change import Outage
from kelisim.engine.flaring import Flares
from kelisim.engine.let_go import LetGoRows
from kelisim.engine.window import Window
from kelisim.lp.delta import Delta
from kelisim.lp.interdiction import Element, Interdiction, Outcome, Ranking, Values, Worst, nothing_left
from kelisim.lp.problem import Floats, by_row
from kelisim.lp.removals import Removals
from kelisim.lp.sweep import SweepAnswer, sweep
from kelisim.lp.work import Row, Work
from kelisim.model.rules import UNSERVED
from kelisim.results.names import element_names
from kelisim.tolerances import NO_FLOW


@dataclass(frozen=True)
class Lost:
    """Something that is lost as one: a name, the elements (table, id) that go with it, and the share of each that goes."""

    name: str
    members: tuple[tuple[str, str], ...]
    share: float = 1.0


@dataclass(frozen=True)
class Singles:
    """Answers to the loss of each element on its own.

    costs     currency beyond the undisturbed plan, (elements)
    unserved  MW of each row of demand and step beyond the plan, (elements, rows, steps)
    with_ties  costs with what breaks ties: never below 0 but where a loss frees a row
    solved    which were solved; the others are not touched by the plan and cost nothing
    let_go    MWh that are let go at each node of `Contingencies.letting_go`, (elements, nodes)
    """

    names: tuple[str, ...]
    costs: Floats
    unserved: Floats
    solved: np.ndarray
    interrupted: bool
    seconds: float
    fallback: int = 0
    with_ties: Floats = field(default_factory=lambda: np.zeros(0))
    let_go: Floats = field(default_factory=lambda: np.zeros((0, 0)))


class Contingencies:
    """Questions about losing elements in an open window, for its whole length."""

    def __init__(
        self, opened: Window, elements: Sequence[Lost], work: Work | None = None, flares: Flares | None = None
    ) -> None:
        """flares  what may be flared for each loss; nothing where it is not given"""
        self.opened = opened
        self._flares = flares
        self.elements = tuple(elements)
        self._work = work
        self._bad: list[tuple[str, ...]] = []  # where a search for the worst set starts from

    @cached_property
    def deltas(self) -> list[Delta]:
        """What the loss of each element takes from the problem."""
        start = pd.Timestamp(self.opened.steps["step"].iloc[0]).date()
        end = (pd.Timestamp(self.opened.steps["end"].iloc[-1]) - pd.Timedelta(hours=1)).date()
        found = [
            self.opened.delta(
                [Outage(element, start, end, lost.share, table) for table, element in lost.members]
            )
            for lost in self.elements
        ]
        if self._flares is None:
            return found
        some = zip(self.elements, found, strict=True)
        return [self._flares.of(lost.members, lost.share, delta) for lost, delta in some]

    @cached_property
    def touched(self) -> np.ndarray:
        """Elements that the undisturbed plan uses, or whose loss frees something; any other costs nothing."""
        outs = Removals(self.opened.problem, self.deltas)
        start = self.opened.start
        found: np.ndarray = outs.touched(start.values, start.activities, NO_FLOW) | outs.freeing
        return found

    @cached_property
    def letting_go(self) -> LetGoRows:
        """Where something may be let go in this window."""
        return LetGoRows.of(self.opened)

    @cached_property
    def let_go_base(self) -> Floats:
        """MWh that the plan lets go at each of these nodes."""
        start, nodes = self.opened.start, self.letting_go
        return nodes.energy(start.values[nodes.columns], start.activities[nodes.rows])

    def singles(self) -> Singles:
        """The loss of each element on its own; only touched ones are solved."""
        opened = self.opened
        rows, steps = len(opened.case.table("demand")), len(opened.hours)
        block = opened.problem.columns.get(UNSERVED)
        wanted = block.positions.ravel() if block else np.zeros(0, dtype=np.int64)
        before = by_row(opened.start.values[wanted], rows, steps)
        at = np.flatnonzero(self.touched)
        nodes, demand = self.letting_go, len(wanted)
        wanted = np.concatenate([wanted, nodes.columns])
        asked = [self.deltas[i] for i in at]
        known = element_names(opened.case)
        labels = [self._called(int(i), known) for i in at]

        def row(number: int, found: SweepAnswer) -> Row:
            return labels[number], {"extra_cost": found.objective - opened.start.objective}

        swept = sweep(opened.session, asked, wanted, self._work, rows=nodes.rows, loop="losses", row=row)
        let_go = np.tile(self.let_go_base, (len(self.elements), 1))
        costs = np.zeros(len(self.elements))
        with_ties = np.zeros(len(self.elements))
        tied = float(opened.problem.tilt @ opened.start.values) * opened.problem.scale
        unserved = np.zeros((len(self.elements), rows, steps))
        solved = np.zeros(len(self.elements), dtype=bool)
        for i, found in zip(at, swept.found, strict=True):
            if found is None:
                costs[i] = with_ties[i] = np.nan
                continue
            solved[i] = True
            costs[i] = found.objective - opened.start.objective
            with_ties[i] = costs[i] + found.ties - tied
            unserved[i] = np.maximum(by_row(found.values[:demand], rows, steps) - before, 0.0)
            let_go[i] = nodes.energy(found.values[demand:], found.activities)
        names = tuple(lost.name for lost in self.elements)
        if np.nanmax(costs, initial=0.0) > 0.0:
            self._bad.append((names[int(np.nanargmax(costs))],))
        done = (solved, swept.interrupted, swept.seconds, swept.fallback, with_ties, let_go)
        return Singles(names, costs, unserved, *done)

    def _called(self, at: int, known: Mapping[str, str]) -> str:
        """What people call what is lost."""
        lost = self.elements[at]
        return (
            "; ".join(dict.fromkeys(known.get(element, element) for _, element in lost.members)) or lost.name
        )

    # ---- sets of several
    @cached_property
    def _search(self) -> Interdiction:
        elements = [Element(lost.name, delta) for lost, delta in zip(self.elements, self.deltas, strict=True)]
        session = self.opened.session
        return Interdiction(self.opened.problem, elements, session.solve, self._costs, session.near, NO_FLOW)

    def _costs(self, deltas: Sequence[Delta]) -> Iterator[tuple[float, float]]:
        """Costs of several deltas with and without what breaks ties, by workers if there are some."""
        swept = sweep(self.opened.session, deltas, None, self._work, loop="sets")
        if swept.interrupted:
            raise KeyboardInterrupt
        for found in swept.found:
            assert found is not None
            if found.status == "optimal":
                yield found.objective + found.ties, found.objective
            else:
                yield nothing_left(found.status)

    def worst_pairs(self, count: int) -> Ranking:
        """The worst pairs, with proof that no other pair costs more."""
        found = self._search.worst_pairs(count)
        self._bad += [outcome.names for outcome in found.outcomes[:1]]
        return found

    def all_pairs(self) -> Values:
        """Every pair, exactly."""
        found = self._search.all_pairs()
        self._bad += [outcome.names for outcome in found.outcomes(1)]
        return found

    def all_sets(self, size: int) -> Values:
        """Every set of one size, exactly: all triples with 3. A set that a smaller one's answer settles is not solved."""
        return self._search.all_sets(size)

    def worst(self, size: int, seconds: float | None = None) -> Worst:
        """The worst set of at most so many elements, with a certificate or an honest gap; no better one was found before."""
        return self._search.worst(size, seconds, self._bad)

    def unserved(self, outcome: Outcome) -> Floats:
        """MW of each row of demand and step beyond the plan with a set out, (rows, steps)."""
        opened = self.opened
        named = {lost.name: lost for lost in self.elements}
        members = [(*one, named[name].share) for name in outcome.names for one in named[name].members]
        start = pd.Timestamp(opened.steps["step"].iloc[0]).date()
        end = (pd.Timestamp(opened.steps["end"].iloc[-1]) - pd.Timedelta(hours=1)).date()
        delta = opened.delta([Outage(element, start, end, share, table) for table, element, share in members])
        block = opened.problem.columns.get(UNSERVED)
        if block is None:
            return np.zeros((0, len(opened.hours)))
        rows, steps = len(opened.case.table("demand")), len(opened.hours)
        at = block.positions.ravel()
        now = opened.session.solve(delta).values[at]
        return np.maximum(by_row(now, rows, steps) - by_row(opened.start.values[at], rows, steps), 0.0)

"""The choice of projects as a two-stage problem of the case: one session of the whole year, and what each outlook changes in it.

The year is the problem of the case without rules of an outage: what is unserved costs its value of lost load, and no price of a plan.

Everything that is built, or comes, with just the same projects is one part. In an outlook a part is there if one of its projects is built
and not late. A part of several projects needs a choice of its own, at least each of theirs and at most their sum.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from kelisim.case.building import Building, ProjectPart
from kelisim.case.change import Change, Dated, Outage
from kelisim.case.dated import keys
from kelisim.engine import Engine
from kelisim.errors import SolverError, StudyError
from kelisim.ledger.outlays import Outlay
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import INF, Floats
from kelisim.lp.two_stage import (
    Choices,
    Knowing,
    Outlook,
    Reach,
    StageDecision,
    Tangents,
    TwoStage,
    cvar,
    knowing,
    nearly_as_good,
    reach_between,
    with_tail,
)
from kelisim.lp.work import Work
from kelisim.model.delta import Deltas, RebuildNeeded
from kelisim.model.new_lines import bounded
from kelisim.model.rules import UNSERVED
from kelisim.results.answer import Answer
from kelisim.studies.investment.choosing.conditions import Conditions, Limit
from kelisim.studies.investment.coming.outlooks import DEMAND, ROW, ComingYear, OutlookPart
from kelisim.studies.spending import spent
from kelisim.tolerances import VANISHING

Spent = dict[tuple[str, str], float]
PER_THOUSAND = 1000.0  # brings hours to about the size of the other entries


@dataclass(frozen=True)
class RiskPrice:
    """How much the worst of what goes unserved counts beside the expected cost.

    price  currency/MWh of its conditional value at risk
    level  share of the outlooks that are not among the worst
    """

    price: float = 0.0
    level: float = 0.9


@dataclass(frozen=True)
class PartsMoved:
    """One outlook by parts: of each part what is built stands before what comes.

    none  the delta with no part
    cost  of a part, currency: demand that comes is worth so much if it is served
    """

    none: Delta
    reach: Reach
    cost: Floats


class Portfolio:
    """Projects of a case and the years that may come. Money of a year, before what projects cost where nothing else is said."""

    def __init__(
        self,
        engine: Engine,
        building: Building,
        coming: list[ComingYear],
        outlay: dict[str, Outlay],
        conditions: Conditions | None = None,
        risk: RiskPrice | None = None,
    ) -> None:
        """conditions limits between projects; none if not given. risk: a price on the worst of what goes unserved, if any."""
        self.building, self.coming, self.outlay = building, coming, outlay
        self.conditions, self.risk = conditions or Conditions(), risk or RiskPrice()
        self.tangents = Tangents()
        self._tail: Session | None = None
        self.engine = engine.beside(building.full)
        self.problem = self.engine.plain
        self.session = Session(self.problem, threads=1, repeatable=True)
        status = self.session.start().status
        if status != "optimal":
            raise SolverError(status, "the case with all projects has no solution")
        self.deltas = Deltas(self.engine.case, self.problem, plain=self.problem)
        self._compiled: dict[tuple[Dated, ...], Delta] = {}
        self._solved: dict[tuple[str, tuple[bool, ...]], Solution] = {}

    @property
    def projects(self) -> tuple[str, ...]:
        return self.building.projects

    @property
    def years(self) -> float:
        """Length of what is solved in years."""
        return float(self.engine.case.horizon.hours.sum() / self.engine.case.horizon.year_hours)

    @property
    def probabilities(self) -> Floats:
        return np.array([one.probability for one in self.coming])

    # ---- what an outlook changes
    @cached_property
    def parts(self) -> list[ProjectPart]:
        return self.building.parts

    @cached_property
    def moved(self) -> list[PartsMoved]:
        """Each outlook by parts, those that build before those that come."""
        return [self._moved(one) for one in self.coming]

    @cached_property
    def _planned(self) -> Reach:
        """What each part moves in the year as planned."""
        return self._each(ComingYear("", 1.0, ()))

    def _each(self, one: ComingYear) -> Reach:
        """What each part moves in an outlook, each put in by itself."""
        count = 2 * len(self.parts)
        single = [[at == other for other in range(count)] for at in range(count)]
        none, every = (self._delta(one, [there] * count) for there in (False, True))
        return reach_between(self.problem, none, [self._delta(one, some) for some in single], every)

    def _moved(self, one: ComingYear) -> PartsMoved:
        count = len(self.parts)
        none, every = (self._delta(one, [there] * 2 * count) for there in (False, True))
        reach = self._planned.like(self.problem, none, every) or self._each(one)
        worth = [one.demand * self.building.worth_of(part.keys) for part in self.parts]
        return PartsMoved(none, reach, -np.array([0.0] * count + worth))

    def _delta(self, one: ComingYear, there: list[bool]) -> Delta:
        """What an outlook changes with some parts there."""
        count = len(self.parts)
        built = [part for part, is_there in zip(self.parts, there[:count], strict=True) if is_there]
        comes = [part for part, is_there in zip(self.parts, there[count:], strict=True) if is_there]
        kept = {cell for part in built for cell in part.cells}
        served = {key for part in comes for key in part.keys}
        wide = [name for part in built if len(part.projects) == 1 for name in part.projects]
        changes: list[Change] = [*one.dated(), *self.building.leaving(kept, served, wide), *one.outages()]
        dated = [change for change in changes if isinstance(change, Dated)]
        everyone = keys(self.engine.case, "demand")
        if one.demand != 1.0:
            used = tuple(key for key in everyone if key not in self.building.comes.index or key in served)
            dated.append(Dated("demand", used, "amount", one.demand, how="scale"))
        found = self._together(tuple(dated))
        outages = [change for change in changes if isinstance(change, Outage)]
        return bounded(self.problem, found.then(self.deltas.out_of_service(outages, found)))

    def _together(self, changes: tuple[Dated, ...]) -> Delta:
        if changes not in self._compiled:
            try:
                self._compiled[changes] = self.deltas.together(changes)
            except RebuildNeeded as needed:
                name = getattr(needed.reason.change, "elements", ("a change",))[0]
                raise StudyError(
                    f"{name} cannot be solved with and without: {needed.reason.say}."
                ) from needed
        return self._compiled[changes]

    # ---- the choice
    @cached_property
    def sets(self) -> list[frozenset[str]]:
        """What is chosen: each project, then sets of which one has to be built for a part that they have in common."""
        single = [frozenset([project]) for project in self.projects]
        several = {part.projects - one.late for part in self.parts for one in self.coming}
        return single + sorted((some for some in several if len(some) > 1), key=sorted)

    def _brings(self, one: ComingYear) -> sp.csr_array:
        """Which choice brings which part in an outlook, (parts that build and that come, choices)."""
        at = {some: place for place, some in enumerate(self.sets)}
        found = np.zeros((2 * len(self.parts), len(self.sets)))
        for row, part in enumerate(self.parts):
            if owners := part.projects - one.late:
                found[[row, row + len(self.parts)], at[owners]] = 1.0
        return sp.csr_array(found)

    @cached_property
    def two(self) -> TwoStage:
        """The two-stage problem, money over the horizon."""
        outlooks = tuple(
            self._outlook(one, moved) for one, moved in zip(self.coming, self.moved, strict=True)
        )
        return TwoStage(self.problem, self._choices(), outlooks)

    def outlook(self, one: ComingYear) -> Outlook:
        """Any outlook of these projects; what is late in it has to be late in one of those asked about."""
        return self._outlook(one, self._moved(one))

    def _outlook(self, one: ComingYear, moved: PartsMoved) -> Outlook:
        brings = self._brings(one)
        cost = np.asarray(moved.cost @ brings)
        return Outlook(one.text, one.probability, moved.none, moved.reach.of(brings), cost)

    def _choices(self) -> Choices:
        count = len(self.projects)
        cost = np.array([self.outlay[project].yearly * self.years for project in self.projects])
        limits: list[tuple[Floats, float, float]] = []
        for place, some in enumerate(self.sets[count:], count):
            members = np.array([float(project in some) for project in self.projects])
            weights = np.zeros(len(self.sets))
            weights[:count], weights[place] = -members, 1.0
            limits.append((weights, -INF, 0.0))
            for at in np.flatnonzero(members):
                each = np.zeros(len(self.sets))
                each[at], each[place] = -1.0, 1.0
                limits.append((each, 0.0, INF))
        capex = np.array([self.outlay[project].capex for project in self.projects])
        more = np.zeros(len(self.sets) - count)
        limits += [
            (np.append(weights, more), least, most)
            for weights, least, most in self.conditions.limits(self.projects, capex)
        ]
        names = ["|".join(sorted(some)) for some in self.sets]
        whole = np.arange(len(self.sets)) < count
        found = Choices.yes_or_no(names, np.append(cost, np.zeros(len(self.sets) - count)), limits)
        return replace(found, whole=whole)

    @cached_property
    def priced(self) -> tuple[TwoStage, Session]:
        """The two-stage problem with the price of risk, and its session."""
        if not self.risk.price > 0:
            return self.two, self.session
        block = self.problem.columns[UNSERVED]
        hours = block.total(self.engine.case.horizon.hours) / PER_THOUSAND
        elements = keys(self.engine.case, "demand")
        today = [at for at, key in enumerate(elements) if key not in self.building.comes.index]
        columns = np.concatenate([block.own(at) for at in today])
        weights = hours[columns - block.start]
        two = with_tail(self.two, columns, weights, self.risk.level, self.risk.price * PER_THOUSAND)
        if self._tail is None:
            self._tail = Session(two.problem, threads=1)
            self._tail.start()
        return two, self._tail

    def limited(self, limits: Sequence[Limit]) -> Portfolio:
        """The same with more limits on what is chosen; what is known of the outlooks is shared."""
        found = copy(self)
        found.conditions = replace(self.conditions, more=(*self.conditions.more, *limits))
        for name in ("two", "priced"):
            found.__dict__.pop(name, None)
        return found

    def solved(self, work: Work | None = None) -> Knowing:
        """The plan, and what knowing is worth; the price of risk is in its costs."""
        return knowing(*self.priced, work, tangents=self.tangents)

    def near(
        self, known: Knowing, worse: float, count: int, work: Work | None = None
    ) -> tuple[StageDecision, ...]:
        """Other sets of projects that cost no more than so much (currency a year) above the plan, the best first."""
        which = np.arange(len(self.projects))
        most = known.best.cost + worse * self.years
        two, session = self.priced
        return nearly_as_good(two, session, known.best, which, most, count, self.tangents, work)

    def worst(self, chosen: Collection[str]) -> float:
        """MWh a year that the demand of the case lacks in the worst share of the outlooks (CVaR)."""
        return cvar(self.unserved(chosen), self.probabilities, self.risk.level)

    def named(self, x: Floats) -> tuple[str, ...]:
        """The projects that are chosen."""
        return tuple(name for name, taken in zip(self.projects, x, strict=False) if taken > 0.5)

    # ---- any set of projects
    def _there(
        self, one: ComingYear, chosen: Collection[str], silent: Collection[str] = (), waits: str = ""
    ) -> Floats:
        """Which parts are there in an outlook; those that come with silent projects alone do not.

        waits  a project whose demand is there before it is built
        """
        ready = set(chosen) - one.late
        asked = {*ready, waits} - set(silent) - one.late
        built = [bool(part.projects & ready) for part in self.parts]
        comes = [bool(part.projects & asked) for part in self.parts]
        return np.array([*built, *comes], dtype=float)

    def _solution(self, at: int, there: Floats) -> Solution:
        one, moved = self.coming[at], self.moved[at]
        key = one.text, tuple(there > 0)
        if key not in self._solved:
            delta = moved.reach.at(self.problem, moved.none, there)
            solution = self.session.solve(delta)
            if solution.status != "optimal":
                raise SolverError(solution.status, f"the year with {one.text} has no solution")
            # read now: the solver is asked again before they are wanted
            _ = solution.reduced_costs, solution.duals, solution.activities
            self._solved[key] = solution
        return self._solved[key]

    def costs(self, chosen: Collection[str], silent: Collection[str] = ()) -> Floats:
        """What a year costs with some projects in each outlook, less what the demand that comes is worth, (outlooks,)."""
        found = []
        for at, one in enumerate(self.coming):
            there = self._there(one, chosen, silent)
            found.append(self._solution(at, there).objective + float(self.moved[at].cost @ there))
        return np.array(found) / self.years

    def expected(self, chosen: Collection[str], silent: Collection[str] = ()) -> float:
        return float(self.probabilities @ self.costs(chosen, silent))

    def paid(self, chosen: Collection[str]) -> float:
        """What building and running some projects costs a year."""
        return sum(self.outlay[project].yearly for project in chosen)

    def saved(self, chosen: Collection[str]) -> float:
        """What some projects save a year, expected, after building and running."""
        return self.expected(()) - self.expected(chosen) - self.paid(chosen)

    def slope(self, chosen: Collection[str], project: str) -> float:
        """What a year saves by a bit more of what a project builds beside those chosen, by marginal values, as if all of it saved as much.

        The demand that comes with it is there in both cases.
        """
        total = 0.0
        for at, one in enumerate(self.coming):
            if project in one.late:
                continue
            solution, moved = self._solution(at, self._there(one, chosen, (), project)), self.moved[at]
            prices = solution.reduced_costs[moved.reach.columns], solution.duals[moved.reach.rows]
            slopes = moved.reach.slopes(*prices)[: len(self.parts)] * self.problem.scale
            others = set(chosen) - {project} - one.late
            mine = [project in part.projects and not part.projects & others for part in self.parts]
            total -= one.probability * float(slopes[mine].sum())
        return total / self.years

    @cached_property
    def _nobody(self) -> ComingYear:
        """A year in which nobody uses or buys anything."""
        markets = self.engine.case.table("markets")
        buyers = tuple(str(one) for one in markets["market"][markets["side"] == "buys"])
        changes = (Dated("markets", buyers, "ceiling", 0.0),) if buyers else ()
        return ComingYear("", 1.0, (OutlookPart(DEMAND, factor=VANISHING), OutlookPart(ROW, changes=changes)))

    def idle(self, chosen: Collection[str], project: str) -> float:
        """What a project saves a year beside those chosen if nobody uses or buys anything: what it has from free resources or full stocks."""
        costs = []
        for some in (set(chosen) - {project}, {*chosen, project}):
            there = [bool(part.projects & some) for part in self.parts]
            solution = self.session.solve(self._delta(self._nobody, [*there, *there]))
            costs.append(solution.objective if solution.status == "optimal" else float("nan"))
        return float(costs[0] - costs[1]) / self.years

    def answers(self, chosen: Collection[str]) -> list[Answer]:
        """The year with some projects in each outlook."""
        found = []
        for at, one in enumerate(self.coming):
            solution = self._solution(at, self._there(one, chosen))
            found.append(self.engine.answer(self.problem, solution))
        return found

    def unserved(self, chosen: Collection[str]) -> Floats:
        """MWh a year that the demand of the case lacks in each outlook, (outlooks,); what comes with projects is not in it."""
        today = ~keys(self.engine.case, "demand").isin(self.building.comes.index).to_numpy()
        found = [answer.by_demand(len(today))[today] @ answer.hours for answer in self.answers(chosen)]
        return np.array([float(missing.sum()) for missing in found]) / self.years

    def savings(self, before: Collection[str], after: Collection[str]) -> Spent:
        """What is spent less at each element with other projects, expected, a year; demand that comes is left out."""
        problem, found = self.problem, Spent()
        pairs = zip(self.coming, self.moved, self.answers(before), self.answers(after), strict=True)
        for one, moved, *both in pairs:
            cost = moved.none.applied(problem)[0]
            old, new = (spent(problem, answer, cost) for answer in both)
            for key, value in old.items():
                if key[1] not in self.building.comes.index:
                    found[key] = found.get(key, 0.0) + one.probability * (value - new[key]) / self.years
        return found

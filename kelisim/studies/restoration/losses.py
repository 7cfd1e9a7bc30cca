"""In which order to repair what is lost: losses of sets in one open step, the best order, and what stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kelisim.engine.contingency import Contingencies, Lost
from kelisim.engine.window import Window
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats
from kelisim.lp.removals import Removals, together
from kelisim.model.rules import UNSERVED
from kelisim.studies.restoration import schedules
from kelisim.studies.restoration.schedules import FoundSchedule, Order, Schedule, ScheduleCut
from kelisim.tolerances import NO_FLOW as TOUCH
from kelisim.tolerances import NO_PRICE as DUAL
from kelisim.tolerances import ROUNDING

__all__ = ["MEASURES", "Repairs", "Schedule", "SetLosses"]

MEASURES = ("cost", "unserved")
GROUP = 8  # elements of the group that bounds orders of many
DAY = 24.0


@dataclass(frozen=True)
class _State:
    """What is kept of a solution: cost with what breaks ties, MW unserved by row of demand, what it uses, at most what
    repairs bring and what further losses make cheaper, currency a day, (elements) each."""

    cost: float
    unserved: Floats
    changed: np.ndarray
    gains: Floats
    frees: Floats


class SetLosses:
    """What each set of elements costs a day while it is out, each set asked once.

    opened    one step of the plan
    elements  what is out at first; element e is bit e of a set
    measure   "cost": currency a day beyond the plan, unserved energy included; "unserved": MWh a day beyond the plan

    A set whose smaller set has a solution that does not use what is lost besides has the same solution
    (kelisim.lp.interdiction.search). A set that costs less than the plan, because a duty goes with what is lost, counts as 0.
    """

    def __init__(self, opened: Window, elements: Sequence[Lost], measure: str = "cost") -> None:
        self.opened = opened
        self.elements = tuple(elements)
        self.measure = measure
        self._deltas = Contingencies(opened, self.elements).deltas
        self._outs = Removals(opened.problem, self._deltas)
        self._states: dict[int, _State] = {}
        self._home: dict[int, int] = {}
        self.solved = 0

    # ---- what is asked
    def __call__(self, out: int) -> float:
        """Loss a day while a set is out, not below 0."""
        if self.measure == "unserved":
            return float(self.unserved(out).sum() * DAY)
        return max(self._raw(out), 0.0)

    def cost(self, out: int) -> float:
        """Currency a day beyond the plan, unserved energy included; below 0 where a loss saves money."""
        return self._raw(out)

    def unserved(self, out: int) -> Floats:
        """MW beyond the plan, (rows of demand)."""
        found: Floats = np.maximum(self._state(out).unserved - self._state(0).unserved, 0.0)
        return np.where(found > TOUCH, found, 0.0)

    def cut(self, out: int) -> ScheduleCut:
        """What a set says of all others, as `kelisim.studies.restoration.schedules.ScheduleCut`: of cost by its prices; of energy if losses are monotone."""
        loss, count = self(out), len(self.elements)
        if self.measure == "unserved" or loss <= 0.0:
            return ScheduleCut.plain(out, loss, count)
        # the prices are those of the set that was solved; no loss is below 0, so that no element is worth more than this one
        state = self._state(out)
        return ScheduleCut(
            self._home[out], loss, np.minimum(state.gains, loss), np.minimum(state.frees, loss)
        )

    @property
    def asked(self) -> int:
        """Sets of which the loss is known."""
        return len(self._home)

    @property
    def cheaper(self) -> int:
        """Sets that cost less than the plan."""
        least = ROUNDING * max(1.0, abs(self._state(0).cost)) * self._per_day
        return sum(self._raw(out) < -least for out in self._home)

    @property
    def is_monotone(self) -> bool:
        """Whether no set that was asked loses less than one with an element less."""
        found = {out: self(out) for out in self._home}
        slack = 1e-7 * max(1.0, *found.values())
        return all(
            found[out] >= found[out & ~(1 << e)] - slack
            for out in found for e in schedules.members(out) if out & ~(1 << e) in found
        )  # fmt: skip

    # ---- states
    @cached_property
    def _per_day(self) -> float:
        return DAY / float(self.opened.hours.sum())

    def _raw(self, out: int) -> float:
        return (self._state(out).cost - self._state(0).cost) * self._per_day

    def _state(self, out: int) -> _State:
        if out not in self._home:
            if out and 0 not in self._home:
                self._state(0)
            home = self._smaller(out)
            if home is None:
                self._states[out] = self._solve(out)
                home = out
            self._home[out] = home
        return self._states[self._home[out]]

    def _smaller(self, out: int) -> int | None:
        """A set whose solution is one of this set too."""
        for element in schedules.members(out):
            home = self._home.get(out & ~(1 << element))
            if home is not None and not self._states[home].changed[element]:
                return home
        return None

    def _solve(self, out: int) -> _State:
        problem = self.opened.problem
        delta = together(problem, [self._deltas[e] for e in schedules.members(out)]) if out else Delta()
        solution = self.opened.session.solve(delta)
        if solution.status != "optimal":
            raise SolverError(solution.status, "there is no answer with all of this out")
        self.solved += 1
        touched = self._outs.touched(solution.values, solution.activities, TOUCH)
        changed = touched | self._outs.cheapens(solution.reduced_costs, solution.duals, DUAL)
        ties = float(problem.tilt @ solution.values) * problem.scale
        block = problem.columns.get(UNSERVED)
        rows = len(self.opened.case.table("demand"))
        short = block.by_row(solution.values, rows) if block else np.zeros((rows, len(self.opened.hours)))
        mean = short @ self.opened.hours / float(self.opened.hours.sum())
        gains, frees = self._priced(delta, solution.reduced_costs, solution.duals, out)
        return _State(solution.objective + ties, mean, changed, gains, frees)

    def _priced(self, delta: Delta, reduced: Floats, duals: Floats, out: int) -> tuple[Floats, Floats]:
        """At most what the repair of each element brings a day, and what the loss of each other one makes cheaper, alone or
        with others.

        The prices of a solution bound the cost under any other limits from below: V(new) >= V + prices x (new - old
        limits) (weak duality). Only terms that make it cheaper are counted, so that limits shared by several are safe.
        """
        p = self.opened.problem
        _, lower, upper, low, high = delta.applied(p)
        gains, frees = np.zeros(len(self.elements)), np.zeros(len(self.elements))
        for e, own in enumerate(self._deltas):
            c, r = own.columns, own.rows
            if out >> e & 1:
                gains[e] = _cheaper(reduced[c], lower[c], upper[c], p.lower[c], p.upper[c])
                gains[e] += _cheaper(duals[r], low[r], high[r], p.row_lower[r], p.row_upper[r])
            else:
                frees[e] = _cheaper(reduced[c], lower[c], upper[c], own.lower, own.upper)
                frees[e] += _cheaper(duals[r], low[r], high[r], own.row_lower, own.row_upper)
        return gains * p.scale * self._per_day, frees * p.scale * self._per_day


def _cheaper(price: Floats, lower: Floats, upper: Floats, new_lower: Floats, new_upper: Floats) -> float:
    """What other limits save at most at these prices."""
    with np.errstate(invalid="ignore"):
        by_lower = np.where(price > DUAL, price * (new_lower - lower), 0.0)
        by_upper = np.where(price < -DUAL, price * (new_upper - upper), 0.0)
    # a side without an end that stays so has no price
    return -float(np.nansum(np.minimum(by_lower, 0.0)) + np.nansum(np.minimum(by_upper, 0.0)))


@dataclass(frozen=True)
class Repairs:
    """The question: what is out, how long each repair takes, and how many crews there are.

    losses  of each set that may be out
    days    of each repair, (elements)
    most    elements up to which all sets are asked and the order is exact
    sets    sets that are asked where there are more elements, before the search ends with what is known
    """

    losses: SetLosses
    days: tuple[float, ...]
    crews: int
    most: int = 10
    sets: int = 4000
    orders: tuple[Order, ...] = field(default_factory=tuple)

    @property
    def everything(self) -> int:
        return (1 << len(self.days)) - 1

    @cached_property
    def best(self) -> FoundSchedule:
        """The best order: proven where all sets are asked, else the best found with a bound."""
        if len(self.days) <= self.most:
            losses = schedules.table(self.losses, len(self.days))
            return schedules.exact(losses, self.days, self.crews)
        found = schedules.searched(self.losses, self.days, self.crews, self.orders, self._enough)
        bound = min(self._bound(found.schedule), found.total)
        exact = found.total - bound <= ROUNDING * max(1.0, found.total)
        return FoundSchedule(found.schedule, found.total, bound, exact)

    def _enough(self) -> bool:
        return self.losses.asked >= self.sets

    def _bound(self, best: Schedule) -> float:
        """The better of two bounds: of cuts of all sets on the way of some orders, and of the group that matters most. The
        second one, and cuts of unserved energy, hold where losses are monotone on all sets that were asked; 0 if none holds."""
        count = len(self.days)
        ways = [best, *(schedules.follow(order, self.days, self.crews) for order in self.orders)]
        sets = {out for way in ways for _, _, out in way.stretches()} | {1 << e for e in range(count)}
        cuts = [self.losses.cut(out) for out in sorted(sets)]
        # what must be lost to be felt: the elements whose return in the best order, or whose loss alone, weighs most per day
        alone = [(max(self._gain(best, e), self.losses(1 << e)) / self.days[e], -e) for e in range(count)]
        group = [-e for _, e in sorted(alone, reverse=True)[:GROUP]]
        of_group = schedules.bound_of_group(self.losses, group, self.days, self.crews)
        is_monotone = self.losses.is_monotone
        by_cuts = (
            schedules.bound_of_cuts(cuts, self.days, self.crews)
            if is_monotone or self.losses.measure == "cost"
            else 0.0
        )
        return max(by_cuts, of_group) if is_monotone else by_cuts

    def _gain(self, best: Schedule, element: int) -> float:
        """What the repair brings a day when its turn comes in the best order known."""
        for _, end, out in best.stretches():
            if abs(end - best.ends[element]) <= ROUNDING:
                return self.losses(out) - self.losses(out & ~(1 << element))
        return 0.0

    def schedule(self, order: Order) -> Schedule:
        """The crews follow this order."""
        return schedules.follow(order, self.days, self.crews)

    def total(self, schedule: Schedule) -> float:
        """Loss until all is repaired."""
        return schedules.summed(schedule, self.losses)

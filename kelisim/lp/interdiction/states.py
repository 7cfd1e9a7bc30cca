"""Optimal solutions with sets of elements out: which are asked for, which are those of a smaller set.

**Untouched means unchanged.** If an optimal solution of F stays inside the bounds that e leaves, V(F + e) = V(F) with the
same solution: it is still feasible, and taking something away makes nothing cheaper. Losing an element may also free
something (the slack of a voltage law). That changes nothing if what it frees has no price in the solution; else only
V(F + e) <= V(F) is sure, and V(F) is taken only if it is no more than the optimum with F out and everything freed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from kelisim.lp.delta import Delta
from kelisim.lp.highs import Solution
from kelisim.lp.interdiction.bounds import LossBound
from kelisim.lp.interdiction.dropped import DropBound
from kelisim.lp.interdiction.outcomes import Element, Outcome, SearchWork, Values, cost_of
from kelisim.lp.problem import Floats, Problem
from kelisim.lp.removals import Removals, together
from kelisim.tolerances import NO_FLOW, NO_PRICE, SAME_COST

Bools = npt.NDArray[np.bool_]
Set = tuple[int, ...]
Ask = Callable[[Delta], Solution]
Costs = Callable[[Sequence[Delta]], Iterable[tuple[float, float]]]
Near = Callable[[Delta, Iterable[Delta]], Iterable[float]]


@dataclass(frozen=True)
class State:
    """What is kept of an optimal solution.

    value, cost  with and without what breaks ties
    touched      elements it uses, (elements)
    changed      elements whose loss may change the value: it touches them, or they open what costs something, (elements)
    bounds       of the loss of each element, (elements), if priced
    """

    value: float
    cost: float
    touched: Bools
    changed: Bools
    bounds: Floats = field(default_factory=lambda: np.zeros(0))
    is_priced: bool = False


class States:
    """Solutions of one problem with elements lost, each asked for once.

    problem    the problem with nothing out
    elements   what can be lost; names are unique
    ask        gives the optimal solution with a delta (Session.solve of a started session)
    costs      gives the optimal cost of several deltas in order, with and without what breaks ties (`cost_of`), perhaps by several
               workers; one by one if not given
    near       gives the optimal cost, with what breaks ties, of several deltas in order, from the solution of one that is near to all
               (Session.near); each on its own if not given
    tolerance  how far outside its reduced bounds a value counts as touching, in the units of the columns
    """

    def __init__(
        self,
        problem: Problem,
        elements: Sequence[Element],
        ask: Ask,
        costs: Costs | None = None,
        near: Near | None = None,
        tolerance: float = NO_FLOW,
    ) -> None:
        self.elements = tuple(sorted(elements, key=lambda element: element.name))
        self.names = tuple(element.name for element in self.elements)
        if len(set(self.names)) < len(self.names):
            raise ValueError("two elements have one name")
        self.problem = problem
        self.work = SearchWork()
        self._position = {name: at for at, name in enumerate(self.names)}
        self._ask = ask
        self._costs: Costs = costs or (lambda deltas: (cost_of(problem, ask(delta)) for delta in deltas))
        self._near: Near = near or (lambda _, deltas: (cost_of(problem, ask(delta))[0] for delta in deltas))
        self._tolerance = tolerance
        self._deltas = [element.out for element in self.elements]
        self._outs = Removals(problem, self._deltas)
        self._losses = LossBound(problem, self._deltas)
        self._states: dict[Set, State] = {}
        self._freed: dict[Set, float] = {}
        self._looked: dict[Set, float] = {}  # V of sets that have no state

    # ---- single questions
    def value(self, names: Iterable[str] = ()) -> float:
        """V of a set, from a smaller one where that is enough."""
        return self._known(self._set(names)).value

    def touched(self, names: Iterable[str] = ()) -> tuple[str, ...]:
        """Elements that the solution with the set out uses; losing any other one changes nothing, or frees something."""
        state = self._known(self._set(names))
        return tuple(self.names[at] for at in np.flatnonzero(state.touched))

    def bounds(self, names: Iterable[str] = ()) -> dict[str, float]:
        """w of each element with the set out; infinite where none is known."""
        lost = self._set(names)
        found = self._priced(lost).bounds
        return {name: float(found[at]) for at, name in enumerate(self.names) if at not in lost}

    # ---- states
    def _set(self, names: Iterable[str]) -> Set:
        return tuple(sorted({self._position[name] for name in names}))

    def _outcome(self, lost: Set) -> Outcome:
        state = self._states[lost]
        return Outcome(tuple(self.names[at] for at in lost), state.value, state.cost - self._states[()].cost)

    def _ranked(self, sets: npt.NDArray[np.int64], answers: Floats, before: SearchWork) -> Values:
        return Values(
            self.names, sets, answers[:, 0], answers[:, 1] - self._states[()].cost, self._since(before)
        )

    def _delta(self, lost: Set) -> Delta:
        return together(self.problem, [self._deltas[at] for at in lost])

    def _solve(self, sets: Sequence[Set], with_bounds: bool = False) -> None:
        """States of the sets that have none yet."""
        missing = [
            lost
            for lost in sets
            if lost not in self._states or (with_bounds and not self._states[lost].is_priced)
        ]
        for lost in missing:
            delta = self._delta(lost)
            self._states[lost] = self._state(lost, delta, self._ask(delta), with_bounds)
        self.work.solved += len(missing)

    def _state(self, lost: Set, delta: Delta, solution: Solution, with_bounds: bool) -> State:
        value, cost = cost_of(self.problem, solution)
        if not np.isfinite(value):
            nothing = np.zeros(len(self.names))
            return State(value, cost, nothing > 0, nothing > 0, nothing, True)
        touched = self._outs.touched(solution.values, solution.activities, self._tolerance)
        touched[list(lost)] = False
        changed = touched | self._outs.cheapens(solution.reduced_costs, solution.duals, NO_PRICE)
        changed[list(lost)] = False
        if not with_bounds:
            return State(value, cost, touched, changed)
        bounds = self._bounds(delta, solution.values)
        # what is not touched costs nothing, unless its limits stand in the way of mending for others
        bounds = np.where(touched | np.isinf(bounds), bounds, 0.0)
        bounds[list(lost)] = 0.0
        return State(value, cost, touched, changed, bounds, True)

    def _bounds(self, delta: Delta, values: Floats) -> Floats:
        """w of each element: of two ways to bound it the one that is known for more elements, or that says less of all of them.

        Either holds for all elements together; the smaller of both, element by element, would not.
        """
        first = self._losses.bounds(delta, values)
        if self._drops is None:
            return first
        second = self._drops.bounds(delta, values)
        ranks = [
            (int(np.isinf(found).sum()), float(found[np.isfinite(found)].sum())) for found in (first, second)
        ]
        return second if ranks[1] < ranks[0] else first

    @cached_property
    def _drops(self) -> DropBound | None:
        """The bounds that need an answer with all elements lost; None where there is none."""
        nothing = self._nothing
        if nothing.status != "optimal":
            return None
        return DropBound(self.problem, self._outs, nothing.values)

    @cached_property
    def _nothing(self) -> Solution:
        """The answer with all elements lost and nothing freed."""
        return self._ask(self._outs.all_taken)

    def _value_of(self, lost: Set) -> float | None:
        """V of a set if it was asked for."""
        state = self._states.get(lost)
        return state.value if state else self._looked.get(lost)

    def _values(self, sets: Sequence[Set]) -> Floats:
        """V and cost without ties of sets, without keeping their states; (sets, 2)."""
        self.work.solved += len(sets)
        return np.array(list(self._costs([self._delta(s) for s in sets]))).reshape(-1, 2)

    def _priced(self, lost: Set) -> State:
        self._solve([lost], with_bounds=True)
        return self._states[lost]

    def _known(self, lost: Set) -> State:
        """State of a set, grown from nothing by one element after the other; solved only where it must be."""
        self._solve([()])
        home: Set = ()
        for count, at in enumerate(lost, 1):
            if not self._is_known(home, at):
                home = lost[:count]
                self._solve([home])
        if home != lost:
            self.work.known += 1
        return self._states[home]

    def _home(self, lost: Set, home: dict[Set, Set]) -> Set | None:
        """The smaller set whose solution is one of this set too, if there is one."""
        for at in range(len(lost)):
            smaller = home[lost[:at] + lost[at + 1 :]]
            if self._is_known(smaller, lost[at]):
                return smaller
        return None

    def _is_known(self, lost: Set, at: int) -> bool:
        """Whether losing one more element leaves the value of a set with a state as it is."""
        state = self._states[lost]
        if state.touched[at]:
            return False
        return not state.changed[at] or self._is_floor(lost, state.value)

    def _is_floor(self, lost: Set, value: float) -> bool:
        """Whether a value is as low as with everything freed: then freeing one thing cannot lower it."""
        if not np.isfinite(value):
            return True
        for smaller in ((), lost):
            if smaller not in self._freed:
                delta = self._outs.all_freed(self._delta(smaller))
                self._freed[smaller] = cost_of(self.problem, self._ask(delta))[0]
                self.work.freed += 1
            if value <= self._freed[smaller] + self._slack(value):
                return True
        return False

    def _all_lost(self) -> float:
        """Cost with all elements lost and nothing freed: no set costs more, as that solution is one of every set."""
        return cost_of(self.problem, self._nothing)[0]

    # ---- rounding and counts
    def _slack(self, value: float) -> float:
        return SAME_COST * max(1.0, abs(value)) if np.isfinite(value) else 0.0

    def _counted(self) -> SearchWork:
        return replace(self.work)

    def _since(self, before: SearchWork) -> SearchWork:
        return SearchWork(**{name: count - getattr(before, name) for name, count in vars(self.work).items()})

"""Answers about the loss of elements: one set, the worst one, a ranking, all of one size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kelisim.lp.delta import Delta
from kelisim.lp.highs import Solution
from kelisim.lp.problem import INF, Floats, Problem
from kelisim.tolerances import SAME_COST


@dataclass(frozen=True)
class Element:
    """Something that can be lost as one: its name, and what the problem is without it.

    out  bounds of columns that fall (to 0, or to a share), slacks that are freed, limits that go with it
    """

    name: str
    out: Delta


@dataclass(frozen=True)
class Outcome:
    """A set that is lost and what it costs.

    value  optimal cost with the set out, as the solver minimises it
    loss   what the cost, without what breaks ties, is above the one with nothing out
    """

    names: tuple[str, ...]
    value: float
    loss: float


@dataclass
class SearchWork:
    """How sets were answered: solved, known from a smaller set, added up, or cut off by a bound; solves of the freed problem."""

    solved: int = 0
    known: int = 0
    cut: int = 0
    freed: int = 0
    added: int = 0


@dataclass(frozen=True)
class Worst:
    """The worst set found, and how much worse one could be.

    best      the set and its cost
    upper     no set of the size costs more
    gap       upper - best.value; 0 if proven, infinite where elements have no bound
    unbounded names of elements without a bound on the way, if any
    """

    best: Outcome
    upper: float
    is_proven: bool
    gap: float
    unbounded: tuple[str, ...]
    work: SearchWork


@dataclass(frozen=True)
class Ranking:
    """The worst sets, worst first; equal ones by name.

    others  no set that is not listed costs more
    """

    outcomes: tuple[Outcome, ...]
    others: float
    is_proven: bool
    work: SearchWork


@dataclass(frozen=True)
class Values:
    """V of all sets of one size.

    names   elements, sorted
    sets    positions among the names, (sets, size)
    values  cost as the solver minimises it, (sets)
    losses  cost above that with nothing out, without what breaks ties, (sets)
    """

    names: tuple[str, ...]
    sets: npt.NDArray[np.int64]
    values: Floats
    losses: Floats
    work: SearchWork

    def outcomes(self, count: int | None = None) -> list[Outcome]:
        """The worst ones, worst first, equal ones by name."""
        finite = np.abs(self.values[np.isfinite(self.values)])
        level = np.round(self.values / max(1.0, float(finite.max(initial=0.0))) / SAME_COST)
        order = np.lexsort((*self.sets.T[::-1], -level))[:count]
        return [
            Outcome(
                tuple(self.names[i] for i in self.sets[at]), float(self.values[at]), float(self.losses[at])
            )
            for at in order
        ]


def cost_of(problem: Problem, solution: Solution) -> tuple[float, float]:
    """What is minimised, and the same without what breaks ties."""
    if solution.status != "optimal":
        return nothing_left(solution.status)
    ties = float(problem.tilt @ solution.values) * problem.scale
    return solution.objective + ties, solution.objective


def nothing_left(status: str) -> tuple[float, float]:
    """Costs where there is no optimum: nothing feasible is left, which is worse than any cost, or nothing limits it."""
    none = INF if status == "infeasible" else -INF
    return none, none

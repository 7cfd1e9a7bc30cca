"""The least cost as a function of one number, exactly: a convex line of straight pieces, and the values where it bends.

The number is the value of one column, or moves limits with it; the least cost of a linear problem is then convex and piecewise
linear in it. Each solve gives a value and a slope, that is a line that lies nowhere above the cost. Two such lines either meet on the
cost, and then the cost bends there and nowhere else between, or below it, and then each side is looked at again (Eisner and
Severance, Mathematical techniques for efficient record segmentation in large shared databases, J. ACM 23(4), 1976).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from kelisim.errors import InternalError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import Block, Floats, Ints, Problem
from kelisim.tolerances import STRAIGHT, VANISHING

At = Callable[[float], tuple[float, float]]
SUM = "parametric.sum"
MOST = 2000  # values asked; a line with more bends is given up


@dataclass(frozen=True)
class Curve:
    """A convex line of straight pieces.

    at      ends and values where it bends, rising, (points,)
    value   the least cost there, (points,)
    solves  values asked
    """

    at: Floats
    value: Floats
    solves: int

    @property
    def slope(self) -> Floats:
        """Cost of one more unit on each piece, rising, (points - 1,)."""
        return np.diff(self.value) / np.diff(self.at)

    def __call__(self, at: float) -> float:
        """The least cost at a value between the ends."""
        return float(np.interp(at, self.at, self.value))


def curve(asked: At, low: float, high: float, share: float = STRAIGHT) -> Curve:
    """The whole line between two values at which there is an answer.

    asked  value -> least cost, and cost of one more unit (any between those to its left and to its right)
    share  of the largest cost at the ends by which three points of one straight piece may miss it
    """
    found: dict[float, tuple[float, float]] = {}

    def known(at: float) -> tuple[float, float]:
        if at not in found:
            if len(found) >= MOST:
                raise InternalError(f"a line with more than {MOST} bends")
            found[at] = asked(at)
        return found[at]

    bends: set[float] = {low, high}
    todo = [(low, high)] if high > low else []
    known(low)
    known(high)
    room = share * max(1.0, *(abs(value) for value, _ in found.values()))
    while todo:
        left, right = todo.pop()
        (v0, s0), (v1, s1) = known(left), known(right)
        width = right - left
        if v0 + s0 * width >= v1 - room or v1 - s1 * width >= v0 - room:
            continue  # one of the two lines goes through both points
        middle = (v1 - v0 + s0 * left - s1 * right) / (s0 - s1)
        if not left + VANISHING * width < middle < right - VANISHING * width:
            continue
        value, _ = known(middle)
        bends.add(middle)
        if value > v0 + s0 * (middle - left) + room:
            todo += [(left, middle), (middle, right)]
    return _straightened(sorted(bends), found, room)


def _straightened(points: list[float], found: dict[float, tuple[float, float]], room: float) -> Curve:
    """Without points in the middle of a straight piece."""
    kept = points[:1]
    for at, after in zip(points[1:], [*points[2:], None], strict=True):
        if after is not None:
            before, (here, _) = kept[-1], found[at]
            (v0, _), (v1, _) = found[before], found[after]
            share = (at - before) / (after - before)
            if abs(v0 + share * (v1 - v0) - here) <= room:
                continue
        kept.append(at)
    return Curve(np.array(kept), np.array([found[at][0] for at in kept]), len(found))


def of_column(session: Session, column: int, delta: Delta, seen: dict[float, Solution] | None = None) -> At:
    """Least cost, and cost of one more unit, with a column held at a value; each answer begins at the nearest one before.

    session  solved, so that it has a base basis
    delta    what else differs from its problem
    seen     filled with the solution at each value
    Raises InternalError where there is no answer at a value.
    """

    marks: dict[float, Any] = {}

    def asked(at: float) -> tuple[float, float]:
        if marks:
            session.begin_at(marks[min(marks, key=lambda one: abs(one - at))])
        held = Delta(np.array([column]), np.array([at]), np.array([at]))
        solution = session.solve(delta.then(held))
        if solution.status != "optimal":
            raise InternalError(f"no answer with {at:g}: {solution.status}")
        marks[at] = session.mark()
        if seen is not None:
            seen[at] = solution
        return solution.objective, float(solution.reduced_costs[column]) * session.problem.scale

    return asked


def with_sum(problem: Problem, columns: Ints, weights: Floats) -> tuple[Problem, int]:
    """A problem with one column more that is at least a sum of others; free as it stands, so that nothing changes.

    columns, weights  of the sum, (terms,) each
    returns           the problem, and the position of the new column: held at a value it caps the sum
    """
    rows, count = problem.shape
    row = sp.csc_array((weights, (np.zeros(len(columns), dtype=np.int64), columns)), shape=(1, count))
    own = sp.csc_array((np.array([-1.0]), (np.array([rows]), np.array([0]))), shape=(rows + 1, 1))
    matrix = sp.csc_array(sp.hstack([sp.vstack([problem.matrix, row], format="csc"), own], format="csc"))
    own_column, own_row = Block(SUM, count, ("sum",), 1), Block(SUM, rows, ("sum",), 1)
    grown = replace(
        problem,
        matrix=matrix,
        cost=np.append(problem.cost, 0.0),
        tilt=np.append(problem.tilt, 0.0),
        lower=np.append(problem.lower, 0.0),
        upper=np.append(problem.upper, np.inf),
        row_lower=np.append(problem.row_lower, -np.inf),
        row_upper=np.append(problem.row_upper, 0.0),
        columns=problem.columns | {SUM: own_column},
        rows=problem.rows | {SUM: own_row},
    )
    return grown, count

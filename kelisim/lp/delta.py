"""What differs from a problem: new bounds, limits or costs of some columns and rows; the matrix stays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kelisim.lp.problem import Floats, Ints, Problem


def _no_ints() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_floats() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True)
class Delta:
    """New values at some positions; each position at most once.

    columns, lower, upper      bounds of columns, in the units of the problem
    rows, row_lower, row_upper limits of rows
    costs, cost                objective coefficients of columns
    """

    columns: Ints = field(default_factory=_no_ints)
    lower: Floats = field(default_factory=_no_floats)
    upper: Floats = field(default_factory=_no_floats)
    rows: Ints = field(default_factory=_no_ints)
    row_lower: Floats = field(default_factory=_no_floats)
    row_upper: Floats = field(default_factory=_no_floats)
    costs: Ints = field(default_factory=_no_ints)
    cost: Floats = field(default_factory=_no_floats)

    @property
    def is_empty(self) -> bool:
        return not (len(self.columns) or len(self.rows) or len(self.costs))

    @property
    def only_costs(self) -> bool:
        return bool(len(self.costs)) and not (len(self.columns) or len(self.rows))

    def then(self, other: Delta) -> Delta:
        """Both; where both speak of a position, the other one holds."""
        if self.is_empty:
            return other
        columns, lower, upper = _merged(
            (self.columns, self.lower, self.upper), (other.columns, other.lower, other.upper)
        )
        rows, row_lower, row_upper = _merged(
            (self.rows, self.row_lower, self.row_upper), (other.rows, other.row_lower, other.row_upper)
        )
        costs, cost = _merged((self.costs, self.cost), (other.costs, other.cost))
        return Delta(columns, lower, upper, rows, row_lower, row_upper, costs, cost)

    def applied(self, problem: Problem) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """cost, lower, upper, row_lower, row_upper of the problem with the delta."""
        found = [a.copy() for a in (problem.cost, problem.lower, problem.upper)]
        limits = [a.copy() for a in (problem.row_lower, problem.row_upper)]
        found[0][self.costs] = self.cost
        found[1][self.columns], found[2][self.columns] = self.lower, self.upper
        limits[0][self.rows], limits[1][self.rows] = self.row_lower, self.row_upper
        return found[0], found[1], found[2], limits[0], limits[1]


def between(problem: Problem, other: Problem) -> Delta | None:
    """The delta that makes the other problem of the first; None where the matrix or the blocks differ."""
    a, b = problem.matrix, other.matrix
    same = (
        a.shape == b.shape
        and problem.columns == other.columns
        and problem.rows == other.rows
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.data, b.data)
    )
    if not same:
        return None
    columns = np.flatnonzero((problem.lower != other.lower) | (problem.upper != other.upper))
    rows = np.flatnonzero((problem.row_lower != other.row_lower) | (problem.row_upper != other.row_upper))
    costs = np.flatnonzero(problem.cost != other.cost)
    return Delta(
        columns, other.lower[columns], other.upper[columns], rows, other.row_lower[rows],
        other.row_upper[rows], costs, other.cost[costs],
    )  # fmt: skip


def _merged(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    stay = ~np.isin(first[0], second[0])
    return tuple(np.concatenate([a[stay], b]) for a, b in zip(first, second, strict=True))

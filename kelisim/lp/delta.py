"""What differs from a problem: new bounds, limits or costs of some columns and rows; the matrix stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kelisim.lp.problem import Block, Floats, Ints, Problem


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

    def is_same(self, other: Delta) -> bool:
        """Whether both have the same values at the same positions."""
        return all(np.array_equal(value, getattr(other, name)) for name, value in vars(self).items())

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
    of_columns = (columns, other.lower[columns], other.upper[columns])
    of_rows = (rows, other.row_lower[rows], other.row_upper[rows])
    return Delta(*of_columns, *of_rows, costs, other.cost[costs])


def in_steps(delta: Delta, whole: Problem, days: Floats, hours: Floats) -> Delta:
    """A delta of the whole problem as it is in some steps only, in part where a step lies in the days in part.

    days  share of each step, (steps); bounds over the whole horizon change by the share of its hours
    """
    over_columns = _shares(whole.columns, whole.shape[1], days, hours)[delta.columns]
    over_rows = _shares(whole.rows, whole.shape[0], days, hours)[delta.rows]
    over_costs = _shares(whole.columns, whole.shape[1], days, hours)[delta.costs]
    c, r, k = over_columns > 0, over_rows > 0, over_costs > 0

    def part(old: Floats, new: Floats, share: Floats) -> Floats:
        finite = np.isfinite(old) & np.isfinite(new)
        return np.where(finite, old + share * (np.where(finite, new, 0.0) - np.where(finite, old, 0.0)), new)

    return Delta(
        delta.columns[c],
        part(whole.lower[delta.columns], delta.lower, over_columns)[c],
        part(whole.upper[delta.columns], delta.upper, over_columns)[c],
        delta.rows[r],
        part(whole.row_lower[delta.rows], delta.row_lower, over_rows)[r],
        part(whole.row_upper[delta.rows], delta.row_upper, over_rows)[r],
        delta.costs[k],
        part(whole.cost[delta.costs], delta.cost, over_costs)[k],
    )


def _shares(blocks: Mapping[str, Block], size: int, days: Floats, hours: Floats) -> Floats:
    """Share of each column or row that lies in some days; those over the whole horizon by hours."""
    found = np.full(size, float(days @ hours / hours.sum()))
    for block in blocks.values():
        if block.steps == len(days):
            found[block.span] = block.mean(days[None, :])
    return found


def _merged(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    stay = ~np.isin(first[0], second[0])
    return tuple(np.concatenate([a[stay], b]) for a, b in zip(first, second, strict=True))

"""What the loss of elements takes from a problem and what it frees, and which of them a solution touches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats, Ints, Problem

Bools = npt.NDArray[np.bool_]


def together(problem: Problem, deltas: Sequence[Delta]) -> Delta:
    """The delta of several losses at once: at each position the tightest bound, or the loosest where none is tight."""
    if len(deltas) == 1:
        return deltas[0]
    columns, lower, upper = _joined(
        [(d.columns, d.lower, d.upper) for d in deltas], problem.lower, problem.upper
    )
    rows, row_lower, row_upper = _joined(
        [(d.rows, d.row_lower, d.row_upper) for d in deltas], problem.row_lower, problem.row_upper
    )
    return Delta(columns, lower, upper, rows, row_lower, row_upper)


def _joined(
    parts: Sequence[tuple[Ints, Floats, Floats]], lower: Floats, upper: Floats
) -> tuple[Ints, Floats, Floats]:
    if not any(len(part[0]) for part in parts):
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
    at, low, high = (np.concatenate(column) for column in zip(*parts, strict=True))
    places, group = np.unique(at, return_inverse=True)
    if len(places) == len(at):
        order = np.argsort(at)
        return at[order], low[order], high[order]
    tight_low, loose_low = lower[places].copy(), lower[places].copy()
    np.maximum.at(tight_low, group, low)
    np.minimum.at(loose_low, group, low)
    tight_high, loose_high = upper[places].copy(), upper[places].copy()
    np.minimum.at(tight_high, group, high)
    np.maximum.at(loose_high, group, high)
    return (
        places,
        np.where(tight_low > lower[places], tight_low, loose_low),
        np.where(tight_high < upper[places], tight_high, loose_high),
    )


def own_rows(by_row: sp.csr_array, delta: Delta) -> Bools:
    """Rows of a delta whose columns it all sets to 0, and which hold then."""
    gone = set(delta.columns[(delta.lower == 0.0) & (delta.upper == 0.0)].tolist())
    found = np.zeros(len(delta.rows), dtype=bool)
    for at, row in enumerate(delta.rows):
        members = by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]]
        holds = delta.row_lower[at] <= 0.0 <= delta.row_upper[at]
        found[at] = holds and all(int(column) in gone for column in members)
    return found


class Removals:
    """The losses of some elements, taken apart.

    opens    elements whose loss opens a bound or a limit: it may make the optimum cheaper, (elements)
    freeing  those of them whose loss may do so although the solution does not touch them: it opens more than rows whose
             columns all go with it, (elements)
    own_rows  rows of each element whose columns all go with it, and which hold then
    private  columns of each element that stand in such rows only and cost something: what is short of its least activity
    """

    def __init__(self, problem: Problem, deltas: Sequence[Delta]) -> None:
        self._problem = problem
        self.deltas = deltas
        self.own_rows: list[Ints] = []
        self.private: list[Ints] = []
        by_row = sp.csr_array(problem.matrix)
        self._count = len(deltas)
        columns, column_of, low, high = [], [], [], []
        rows, row_of, row_low, row_high = [], [], [], []
        loose_columns: list[Ints] = []
        loose_rows: list[Ints] = []
        self._freed = Delta()
        self.freeing: Bools = np.zeros(len(deltas), dtype=bool)
        self.opens: Bools = np.zeros(len(deltas), dtype=bool)
        for at, delta in enumerate(deltas):
            if len(delta.costs):
                raise ValueError("the loss of an element changes bounds and limits, not costs")
            tight = (delta.lower > problem.lower[delta.columns]) | (
                delta.upper < problem.upper[delta.columns]
            )
            columns.append(delta.columns[tight])
            low.append(delta.lower[tight])
            high.append(delta.upper[tight])
            column_of.append(np.full(int(tight.sum()), at))
            # a row whose columns all go with the element holds without a word
            own = own_rows(by_row, delta)
            self.own_rows.append(delta.rows[own])
            self.private.append(_private(problem, delta, delta.rows[own]))
            changed = ~own
            rows.append(delta.rows[changed])
            row_low.append(delta.row_lower[changed])
            row_high.append(delta.row_upper[changed])
            row_of.append(np.full(int(changed.sum()), at))
            loose = self._loose(delta, own)
            loose_columns.append(loose.columns)
            loose_rows.append(loose.rows)
            self.freeing[at] = not loose.is_empty
            self.opens[at] = not self._loose(delta, np.zeros_like(own)).is_empty
            self._freed = together(problem, [self._freed, loose]) if not loose.is_empty else self._freed
        self._columns, self._low, self._high = (np.concatenate([*part, []]) for part in (columns, low, high))
        self._columns = self._columns.astype(np.int64)
        self._column_of = np.concatenate([*column_of, []]).astype(np.int64)
        self._rows = np.concatenate([*rows, []]).astype(np.int64)
        self._row_low, self._row_high = np.concatenate([*row_low, []]), np.concatenate([*row_high, []])
        self._row_of = np.concatenate([*row_of, []]).astype(np.int64)
        self._loose_columns, self._loose_rows = _owned(loose_columns), _owned(loose_rows)

    def cheapens(self, reduced_costs: Floats, duals: Floats, tolerance: float) -> Bools:
        """Elements that open something which costs something now, (elements); opening what costs nothing changes nothing.

        (With the same duals the solution is optimal as well when bounds without a price are opened.)
        """
        columns, rows = self._loose_columns, self._loose_rows
        found = np.bincount(columns[1], np.abs(reduced_costs[columns[0]]) > tolerance, minlength=self._count)
        found = found + np.bincount(rows[1], np.abs(duals[rows[0]]) > tolerance, minlength=self._count)
        return np.asarray(found > 0)

    def _loose(self, delta: Delta, own: Bools) -> Delta:
        """The part of a delta that opens something."""
        p = self._problem
        lower, upper = p.lower[delta.columns], p.upper[delta.columns]
        open_ = (delta.lower < lower) | (delta.upper > upper)
        row_lower, row_upper = p.row_lower[delta.rows], p.row_upper[delta.rows]
        rows = ((delta.row_lower < row_lower) | (delta.row_upper > row_upper)) & ~own
        low, high = np.minimum(delta.lower, lower)[open_], np.maximum(delta.upper, upper)[open_]
        row_low, row_high = np.minimum(delta.row_lower, row_lower), np.maximum(delta.row_upper, row_upper)
        return Delta(delta.columns[open_], low, high, delta.rows[rows], row_low[rows], row_high[rows])

    def all_freed(self, delta: Delta) -> Delta:
        """A delta with all that any element frees freed too; what it tightens stays tight."""
        return together(self._problem, [delta, self._freed])

    @property
    def all_taken(self) -> Delta:
        """A delta with all that any element takes taken, and nothing freed; private columns stay, as nothing frees their rows."""
        p = self._problem
        parts = []
        for delta, private in zip(self.deltas, self.private, strict=True):
            stays = ~np.isin(delta.columns, private)
            of_rows = (delta.rows, delta.row_lower, delta.row_upper)
            parts.append(Delta(delta.columns[stays], delta.lower[stays], delta.upper[stays], *of_rows))
        d = together(p, parts)
        columns = np.maximum(d.lower, p.lower[d.columns]), np.minimum(d.upper, p.upper[d.columns])
        rows = np.maximum(d.row_lower, p.row_lower[d.rows]), np.minimum(d.row_upper, p.row_upper[d.rows])
        return Delta(d.columns, *columns, d.rows, *rows)

    def touched(self, values: Floats, activities: Floats, tolerance: float) -> Bools:
        """Elements whose loss the solution feels: a value outside the bounds that are left, (elements)."""
        x = values[self._columns]
        out = (x > self._high + tolerance) | (x < self._low - tolerance)
        found = np.bincount(self._column_of[out], minlength=self._count) > 0
        if len(self._rows):
            a = activities[self._rows]
            out = (a > self._row_high + tolerance) | (a < self._row_low - tolerance)
            found |= np.bincount(self._row_of[out], minlength=self._count) > 0
        return np.asarray(found)


def _private(problem: Problem, delta: Delta, own: Ints) -> Ints:
    """Columns that a delta sets to 0, that stand in some rows only, and whose use costs something or nothing."""
    if not len(own):
        return np.zeros(0, dtype=np.int64)
    gone = (delta.lower == 0.0) & (delta.upper == 0.0) & (problem.lower[delta.columns] == 0.0)
    costly = (problem.cost + problem.tilt)[delta.columns] >= 0.0
    columns = delta.columns[gone & costly]
    starts, ends = problem.matrix.indptr[columns], problem.matrix.indptr[columns + 1]
    inside = [np.isin(problem.matrix.indices[a:b], own).all() for a, b in zip(starts, ends, strict=True)]
    return np.asarray(columns[np.array(inside, dtype=bool)], dtype=np.int64)


def _owned(parts: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Positions of all parts in one list, and which part each is of."""
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return np.concatenate([*parts, []]).astype(np.int64), owner.astype(np.int64)

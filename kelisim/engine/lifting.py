"""The base of a case whose days have parts, from its base by days.

Copied to all parts of a day, the solution by days is optimal as long as parts are alike, but its basis is not one of the problem with
parts: what is basic in a fine row of the day would be so in each of its parts, and a few more columns are basic there than there are rows,
because they also balance what comes once a day. So one part of each day takes the basis of the day, and the others that of a small
problem of their own: the fine rows of one cell, all else at the prices of the day. The whole is a square basis whose prices are
optimal; the dual simplex has only the shapes of the parts left to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kelisim.lp.blocks import Bools, Grid
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import AT_LOWER, BASIC, Block, Floats, Ints, Problem, Statuses

LEVEL = "storages.level"
MOVES = "storages.balance"  # rows that hold a level over from part to part
BETWEEN = ("assets.ramp", "storages.withdrawal_curve")  # other rows between parts, left open in all but one


@dataclass(frozen=True)
class ByDays:
    """The solved problem by days: its basis, and the dual of each row."""

    problem: Problem
    columns: Statuses
    rows: Statuses
    duals: Floats


def lift(problem: Problem, days: ByDays) -> tuple[Session, Solution] | None:
    """Solve a problem with parts of days; None where the one by days has other elements or its basis does not fit.

    returns  session that holds the problem with its optimal basis, and the solution
    """
    grid = problem.grid
    sides = ((problem.columns, days.problem.columns), (problem.rows, days.problem.rows))
    if grid is None or any(not _alike(fine, whole) for fine, whole in sides):
        return None
    columns = days.columns[_at_day(problem.columns, days.problem.columns, grid)]
    at_day = _at_day(problem.rows, days.problem.rows, grid)
    rows, duals = days.rows[at_day], days.duals[at_day] * _scales(problem, days.problem)
    cells = _Cells(problem, grid)
    iterations = cells.settle(columns, rows, duals)
    if (columns == BASIC).sum() + (rows == BASIC).sum() != problem.shape[0]:
        return None
    session = Session(problem)
    session.set_basis(columns, rows)
    found = session.start("simplex", presolve=False)
    if found.status != "optimal":
        return None
    return session, replace(found, iterations=found.iterations + iterations, method="simplex, from days")


def _alike(fine: Mapping[str, Block], whole: Mapping[str, Block]) -> bool:
    return list(fine) == list(whole) and all(fine[name].elements == whole[name].elements for name in fine)


def _at_day(fine: Mapping[str, Block], whole: Mapping[str, Block], grid: Grid) -> Ints:
    """Position by days of each position with parts."""
    found = []
    for name, block in fine.items():
        element, cell = block.heads
        over_horizon = block.steps == 1 < grid.cells
        found.append(whole[name].positions[element, cell if over_horizon else grid.step_of[cell]])
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def _scales(problem: Problem, days: Problem) -> Floats:
    """Dual with parts by that of the same row by days: levels count in MWh of a mean step, all else in MW."""
    found = np.full(problem.shape[0], days.scale / problem.scale)
    for name, block in problem.rows.items():
        if name.startswith("storages.") and name not in BETWEEN:
            found[block.span] = 1.0
    return found


class _Cells:
    """The fine columns and rows of each cell."""

    def __init__(self, problem: Problem, grid: Grid) -> None:
        self._problem = problem
        self._grid = grid
        self._column_cell, fine_columns = _cell_of(problem.columns, problem.shape[1], grid)
        self._row_cell, fine_rows = _cell_of(problem.rows, problem.shape[0], grid)
        level, between = (
            _mask(problem.columns, problem.shape[1], LEVEL),
            np.zeros(problem.shape[0], dtype=bool),
        )
        for name in (MOVES, *BETWEEN):
            between |= _mask(problem.rows, problem.shape[0], name)
        self._levels, self._between = fine_columns & level, fine_rows & between
        self._columns, self._rows = fine_columns & ~level, fine_rows & ~between

    def settle(self, columns: Statuses, rows: Statuses, duals: Floats) -> int:
        """Put the basis of small problems where the day's own does not stand; gives their pivots.

        columns, rows, duals  of the day in each of its parts; changed in place
        """
        problem, grid = self._problem, self._grid
        last = np.zeros(grid.cells, dtype=bool)
        last[np.append(grid.heads[1:], grid.cells) - 1] = True
        early = self._levels & ~last[self._column_cell]
        columns[early] = BASIC
        open_ = self._between & ~last[self._row_cell]
        rows[open_] = BASIC
        rows[open_ & _mask(problem.rows, problem.shape[0], MOVES)] = AT_LOWER
        price = problem.cost + problem.tilt - problem.matrix.T @ np.where(self._rows, 0.0, duals)
        at_columns, at_rows = (
            self._by_cell(self._columns, self._column_cell),
            self._by_cell(self._rows, self._row_cell),
        )
        matrix = sp.csr_array(problem.matrix)[np.concatenate(at_rows)][:, np.concatenate(at_columns)]
        matrix = sp.csr_array(matrix)
        row, column, pivots = 0, 0, 0
        own = self._own()
        for cell, (c, r) in enumerate(zip(at_columns, at_rows, strict=True)):
            row, column = row + len(r), column + len(c)
            if own[cell] or not len(r):
                continue
            part = matrix[row - len(r) : row, column - len(c) : column]
            nothing = np.zeros(len(c))
            bounds = (
                problem.lower[c],
                problem.upper[c],
                sp.csc_array(part),
                problem.row_lower[r],
                problem.row_upper[r],
            )
            small = Session(Problem(price[c] / grid.share[cell], nothing, *bounds, {}, {}, ()), threads=1)
            found = small.start("simplex", presolve=False)
            if found.status == "optimal":
                columns[c], rows[r] = small.basis()
                pivots += found.iterations
        return pivots

    def _own(self) -> Bools:
        """The longest cell of each step, which takes the basis of the day."""
        found = np.zeros(self._grid.cells, dtype=bool)
        ends = np.append(self._grid.heads[1:], self._grid.cells)
        for head, end in zip(self._grid.heads, ends, strict=True):
            found[head + int(np.argmax(self._grid.share[head:end]))] = True
        return found

    def _by_cell(self, chosen: Bools, cell: Ints) -> list[Ints]:
        at = np.flatnonzero(chosen)
        at = at[np.argsort(cell[at], kind="stable")]
        return np.split(at, np.searchsorted(cell[at], np.arange(1, self._grid.cells)))


def _cell_of(blocks: Mapping[str, Block], size: int, grid: Grid) -> tuple[Ints, Bools]:
    """Cell of each position, and whether it stands in each part; those over the horizon do not."""
    cell, fine = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    for block in blocks.values():
        if block.steps == grid.cells:
            element, cell[block.span] = block.heads
            fine[block.span] = ~block.is_coarse[element]
    return cell, fine


def _mask(blocks: Mapping[str, Block], size: int, name: str) -> Bools:
    found = np.zeros(size, dtype=bool)
    if name in blocks:
        found[blocks[name].span] = True
    return found

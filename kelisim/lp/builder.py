"""Collects blocks and matrix entries in cells, then gives the problem.

Whoever adds columns, rows and entries writes one for each cell. What is coarse is gathered here: bounds and limits of a coarse element
are means by hours, its costs sums; an entry of a fine column in a coarse row counts by the hours of its cell in the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from kelisim.lp.blocks import Block, Bools, Floats, Grid, Ints
from kelisim.lp.problem import INF, Problem


class Builder:
    """Blocks and entries of a problem that is being made; positions are those of cells until it is built.

    grid  steps and cells, if a step has several
    """

    def __init__(self, step_names: Sequence[str], scale: float = 1.0, grid: Grid | None = None) -> None:
        self.step_names = tuple(step_names)
        self.scale = scale
        self.grid = grid
        self.columns: dict[str, Block] = {}
        self.rows: dict[str, Block] = {}
        self._gathered: tuple[list[Block], list[Block]] = ([], [])
        self._column_parts: list[tuple[Floats, Floats, Floats, Floats]] = []
        self._row_parts: list[tuple[Floats, Floats]] = []
        self._row_weights: list[Floats] = []
        self._coarse: tuple[list[Bools], list[Bools]] = ([], [])
        self._joined_at: dict[str, tuple[int, Any]] = {}
        self._entries: list[tuple[Any, Any, Any]] = []
        self._count = [0, 0]

    def add_columns(
        self,
        name: str,
        elements: Sequence[str],
        steps: int,
        lower: Floats | float = 0.0,
        upper: Floats | float = INF,
        cost: Floats | float = 0.0,
        coarse: Bools | None = None,
        tilt: Floats | float = 0.0,
    ) -> Ints:
        """A block of columns; bounds and costs broadcast to (elements, cells). Returns positions in cells.

        coarse  (elements,), those that have one column a step
        tilt    what is added to the cost when solving and left out of every reported cost
        """
        block, gathered = self._block(name, elements, steps, coarse, 0)
        self.columns[name] = block
        shape = (len(block.elements), steps)
        low, high, price, tie = (_wide(values, shape) for values in (lower, upper, cost, tilt))
        self._column_parts.append(
            (gathered.total(price), gathered.total(tie), gathered.mean(low), gathered.mean(high))
        )
        return block.positions

    def add_tilt(self, name: str, elements: Ints, tilt: Floats) -> None:
        """More tilt of some elements of a block of columns, (elements, cells)."""
        at = list(self.columns).index(name)
        gathered = self._gathered[0][at]
        whole = np.zeros((len(gathered.elements), gathered.steps))
        np.add.at(whole, elements, tilt)
        cost, tie, low, high = self._column_parts[at]
        self._column_parts[at] = (cost, tie + gathered.total(whole), low, high)

    def add_rows(
        self,
        name: str,
        elements: Sequence[str],
        steps: int,
        lower: Floats | float = -INF,
        upper: Floats | float = INF,
        coarse: Bools | None = None,
        is_sum: bool = False,
    ) -> Ints:
        """A block of rows; limits broadcast to (elements, cells). Returns positions in cells.

        coarse  (elements,), those that have one row a step: the mean of its cells by hours
        is_sum  a coarse row is the sum of its cells
        """
        block, gathered = self._block(name, elements, steps, coarse, 1, is_sum)
        self.rows[name] = block
        shape = (len(block.elements), steps)
        take = gathered.total if is_sum else gathered.mean
        self._row_parts.append((take(_wide(lower, shape)), take(_wide(upper, shape))))
        whole = np.ones(shape) if is_sum or gathered.shares is None else gathered.shares
        self._row_weights.append(whole.ravel())
        return block.positions

    def _block(
        self,
        name: str,
        elements: Sequence[str],
        steps: int,
        coarse: Bools | None,
        side: int,
        is_sum: bool = False,
    ) -> tuple[Block, Block]:
        """The block in cells, and as it stands in the problem."""
        block = Block(name, self._count[side], tuple(elements), steps)
        self._count[side] += block.size
        start = self._gathered[side][-1].span.stop if self._gathered[side] else 0
        grid = self.grid if coarse is not None and coarse.any() and steps > 1 else None
        few = tuple(map(bool, coarse)) if grid is not None and coarse is not None else ()
        gathered = Block(name, start, block.elements, steps, grid, few, is_sum and grid is not None)
        self._gathered[side].append(gathered)
        self._coarse[side].append(np.repeat(gathered.is_coarse, steps))
        return block, gathered

    def gathered(self, name: str) -> Block | None:
        """A block of columns as it stands in the problem."""
        return next((block for block in self._gathered[0] if block.name == name), None)

    def add_entries(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Matrix entries at positions in cells; arguments broadcast together. Entries at one position add up."""
        r, c, v = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=float))
        if self.grid is not None and r.size:
            weights = self._all("weights", self._row_weights)
            if r.ndim == 2 and r.shape[1] == self.grid.cells:
                few = (
                    self._all("columns", self._coarse[0])[c[:, 0]]
                    & self._all("rows", self._coarse[1])[r[:, 0]]
                )
                if few.any():
                    # of a coarse column in a coarse row one entry stands for all cells of a step
                    heads = self.grid.heads
                    summed = self.grid.over_step(v[few] * weights[r[few]])
                    self._keep(r[few][:, heads], c[few][:, heads], summed)
                    r, c, v = r[~few], c[~few], v[~few]
            v = v * weights[r]
        self._keep(r, c, v)

    def _all(self, name: str, parts: list[Any]) -> Any:
        """The parts of all blocks so far in one array."""
        if self._joined_at.get(name, (0, None))[0] != len(parts):
            self._joined_at[name] = (len(parts), np.concatenate(parts))
        return self._joined_at[name][1]

    def _keep(self, r: Ints, c: Ints, v: Floats) -> None:
        keep = v != 0.0
        found = [part.ravel() if keep.all() else part[keep] for part in (r, c, v)]
        # 32 bits as in the matrix: what is kept until the end is most of the memory that a large case takes
        self._entries.append((found[0].astype(np.int32), found[1].astype(np.int32), found[2]))

    def build(self, offset: float = 0.0) -> Problem:
        nothing = np.zeros(0)
        cost, tilt, lower, upper = _joined(self._column_parts, (nothing,) * 4)
        row_lower, row_upper = _joined(self._row_parts, (nothing,) * 2)
        columns, rows = ({block.name: block for block in side} for side in self._gathered)
        r, c, v = _joined(self._entries, (np.zeros(0, int), np.zeros(0, int), nothing))
        if self.grid is not None:
            r, c = (self._real(side)[at] for side, at in ((1, r), (0, c)))
        shape = (len(row_lower), len(cost))
        matrix = sp.csc_array(
            (v, (r.astype(np.int32, copy=False), c.astype(np.int32, copy=False))), shape=shape
        )
        matrix.sum_duplicates()
        arrays = (cost, tilt, lower, upper, matrix, row_lower, row_upper)
        return Problem(*arrays, columns, rows, self.step_names, self.scale, offset)

    def _real(self, side: int) -> Ints:
        """Position in the problem of each position in cells."""
        found = [block.positions.ravel() for block in self._gathered[side]]
        return np.concatenate([*found, np.zeros(0, dtype=np.int64)])


def _joined(parts: list[tuple[Any, ...]], empty: tuple[Any, ...]) -> Iterator[Any]:
    """Each kind of part as one array; parts are let go as they are joined, so that memory holds them once."""
    kinds = list(zip(*(parts or [empty]), strict=True))
    parts.clear()
    while kinds:
        yield np.concatenate(kinds.pop(0))


def _wide(values: Floats | float, shape: tuple[int, int]) -> Floats:
    array = np.asarray(values, dtype=float)
    if array.ndim == 1 and array.shape[0] == shape[0] and shape[0] != shape[1]:
        array = array[:, None]
    return np.broadcast_to(array, shape)

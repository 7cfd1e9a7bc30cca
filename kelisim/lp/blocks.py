"""Blocks of columns and rows: rectangles of elements and cells, some elements held once a step and not once a cell.

A step may have several cells (parts of the day). A coarse element has one column or row a step, a fine one in each cell. Whoever
reads a block sees cells only: bounds and values of a coarse element are the same in each cell of a step, its costs and duals are
spread over them by their hours, so that sums over cells are right for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Grid:
    """Steps and their cells.

    step_of  position of the step of each cell, rising, (cells,)
    share    hours of each cell by those of its step, (cells,)
    names    of the steps
    """

    step_of: Ints
    share: Floats
    names: tuple[str, ...]

    @property
    def cells(self) -> int:
        return len(self.step_of)

    @cached_property
    def heads(self) -> Ints:
        """First cell of each step."""
        return np.flatnonzero(np.diff(self.step_of, prepend=-1))

    def cut(self, first: int, last: int) -> Grid:
        """The grid of cells [first, last), whole steps."""
        steps = self.step_of[first:last]
        low, high = (int(steps[0]), int(steps[-1]) + 1) if len(steps) else (0, 0)
        return Grid(steps - low, self.share[first:last], self.names[low:high])

    def over_step(self, cells: Floats) -> Floats:
        """Sums over the cells of each step, (..., cells) to (..., steps)."""
        return np.asarray(np.add.reduceat(cells, self.heads, axis=-1))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and (
            self is other
            or (
                self.names == other.names
                and np.array_equal(self.step_of, other.step_of)
                and np.array_equal(self.share, other.share)
            )
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Block:
    """Where the columns or rows of some elements stand.

    steps   cells of each element; 1 of a block over the whole horizon
    grid    of a block with coarse elements
    coarse  whether each element has one column or row a step; empty if none has
    is_sum  coarse rows are sums over the step, not means: their duals are not shared out
    """

    name: str
    start: int
    elements: tuple[str, ...]
    steps: int
    grid: Grid | None = field(default=None, repr=False)
    coarse: tuple[bool, ...] = field(default=(), repr=False)
    is_sum: bool = field(default=False, repr=False)

    @cached_property
    def size(self) -> int:
        if self.grid is None:
            return len(self.elements) * self.steps
        few = sum(self.coarse)
        return (len(self.elements) - few) * self.steps + few * len(self.grid.heads)

    @property
    def span(self) -> slice:
        """All positions of the block."""
        return slice(self.start, self.start + self.size)

    @cached_property
    def _inside(self) -> Ints:
        """Positions from the start of the block, (elements, cells)."""
        if self.grid is None:
            return np.arange(self.size, dtype=np.int64).reshape(len(self.elements), self.steps)
        few = self.is_coarse
        counts = np.where(few, len(self.grid.heads), self.steps)
        begins = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        within = np.where(few[:, None], self.grid.step_of[None, :], np.arange(self.steps)[None, :])
        return begins[:, None] + within

    @property
    def positions(self) -> Ints:
        """Positions, (elements, cells); those of a coarse element stand in each cell of a step."""
        return self.start + self._inside

    @cached_property
    def is_coarse(self) -> Bools:
        """Whether each element has one column or row a step, (elements,)."""
        return np.array(self.coarse or [False] * len(self.elements), dtype=bool)

    @cached_property
    def heads(self) -> tuple[Ints, Ints]:
        """Element and first cell of each position of the block, (size,) each."""
        if self.grid is None:
            return np.divmod(np.arange(self.size, dtype=np.int64), max(self.steps, 1))
        keep = np.ones((len(self.elements), self.steps), dtype=bool)
        first = np.zeros(self.steps, dtype=bool)
        first[self.grid.heads] = True
        keep[self.is_coarse] = first
        element, cell = np.nonzero(keep)
        return element, cell

    @cached_property
    def shares(self) -> Floats | None:
        """Part of a column's cost or a row's dual that falls to each cell, (elements, cells); None where all is whole."""
        if self.grid is None:
            return None
        return np.where(self.is_coarse[:, None], self.grid.share[None, :], 1.0)

    def take(self, vector: Floats) -> Floats:
        """Values, bounds or limits from a vector of all columns or rows, (elements, cells)."""
        own = vector[self.span]
        return own.reshape(len(self.elements), self.steps) if self.grid is None else own[self._inside]

    def spread(self, vector: Floats) -> Floats:
        """Costs, duals or reduced costs from a vector of all columns or rows, those of coarse elements by hours, (elements, cells)."""
        found = self.take(vector)
        return found if self.shares is None or self.is_sum else found * self.shares

    def gathered(self, cells: Floats) -> Floats:
        """What `spread` gives in cells, as one value for each position of the block, (size,)."""
        return self.mean(cells) if self.is_sum else self.total(cells)

    def mean(self, cells: Floats | float) -> Floats:
        """One value for each position of the block from values in cells: means by hours, (size,)."""
        wide = np.broadcast_to(np.asarray(cells, dtype=float), (len(self.elements), self.steps))
        if self.grid is None:
            return np.ascontiguousarray(wide).ravel()
        assert self.shares is not None
        found = self._gathered(wide * self.shares)
        # what is the same in all cells stays as it is, to the last digit
        heads = self.heads
        first = wide[heads]
        same = self._gathered(wide != first_of_step(wide, self.grid)) == 0
        return np.where(same, first, found)

    def total(self, cells: Floats | float) -> Floats:
        """One value for each position of the block from values in cells: sums, (size,)."""
        wide = np.broadcast_to(np.asarray(cells, dtype=float), (len(self.elements), self.steps))
        return np.ascontiguousarray(wide).ravel() if self.grid is None else self._gathered(wide)

    def _gathered(self, cells: Floats) -> Floats:
        assert self.grid is not None
        found = np.zeros(self.size)
        few = self.is_coarse
        found[self._inside[~few].ravel()] = cells[~few].ravel()
        if few.any():
            found[self._inside[few][:, self.grid.heads].ravel()] = self.grid.over_step(cells[few]).ravel()
        return found

    def own(self, element: int) -> Ints:
        """Positions of one element, one for each cell or step that it has."""
        found = self.start + self._inside[element]
        return found[self.grid.heads] if self.grid is not None and self.is_coarse[element] else found

    def mean_of(self, element: int, cells: Floats) -> Floats:
        """Values in cells as one for each position of an element: means by hours."""
        if self.grid is None or not self.is_coarse[element]:
            return cells
        return self.grid.over_step(cells * self.grid.share)

    def over_step(self, element: int, cells: Floats) -> Floats:
        """Values in cells as one for each position of an element: sums."""
        if self.grid is None or not self.is_coarse[element]:
            return cells
        return self.grid.over_step(cells)

    def by_row(self, vector: Floats, rows: int) -> Floats:
        """Values of a vector with the block's layers added up, (rows, cells)."""
        return by_row(self.take(vector), rows, self.steps)

    def cut(self, start: int, first: int, last: int) -> Block:
        """The block of cells [first, last), whole steps, at another place."""
        grid = self.grid.cut(first, last) if self.grid is not None else None
        return replace(self, start=start, steps=last - first, grid=grid)

    def within(self, first: int, last: int) -> Ints:
        """Positions of the cells [first, last), whole steps, in the order of the block that is cut out."""
        element, cell = self.cut(0, first, last).heads
        return self.positions[element, first + cell]

    def label(self, position: int, step_names: Sequence[str]) -> tuple[str, str, str]:
        """(block, element, name of the step or cell) of a position; the last is empty for a block over the whole horizon."""
        element, cell = (int(part[position - self.start]) for part in self.heads)
        if self.steps == 1 < len(step_names):
            return self.name, self.elements[element], ""
        if self.grid is not None and self.is_coarse[element]:
            return self.name, self.elements[element], self.grid.names[self.grid.step_of[cell]]
        return self.name, self.elements[element], step_names[cell]

    def names(self, step_names: Sequence[str]) -> list[str]:
        """Name of the step or cell of each position of the block."""
        element, cell = self.heads
        if self.grid is None:
            return [step_names[at] if self.steps > 1 or len(step_names) == 1 else "" for at in cell]
        few = self.is_coarse[element]
        of = self.grid.step_of
        return [
            self.grid.names[of[at]] if coarse else step_names[at]
            for at, coarse in zip(cell, few, strict=True)
        ]


def first_of_step(cells: Floats, grid: Grid) -> Floats:
    """In each cell the value of the first cell of its step."""
    return np.asarray(cells[..., grid.heads[grid.step_of]])


def by_row(values: Floats, rows: int, steps: int) -> Floats:
    """Values of a block that holds its rows once in each layer, the layers added up, (rows, cells)."""
    return values.reshape(-1, rows, steps).sum(axis=0) if rows else np.zeros((0, steps))

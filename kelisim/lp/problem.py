"""A linear problem as arrays, with named blocks of columns and rows.

minimise    cost @ x
subject to  row_lower <= matrix @ x <= row_upper,  lower <= x <= upper

A block is a rectangle (elements, steps) of columns or rows; a block over the whole horizon has one step. Positions are
integers; labels are made only when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Statuses = npt.NDArray[np.int8]
INF = float("inf")


@dataclass(frozen=True)
class Block:
    """Where a rectangle of columns or rows stands."""

    name: str
    start: int
    elements: tuple[str, ...]
    steps: int

    @property
    def size(self) -> int:
        return len(self.elements) * self.steps

    @property
    def positions(self) -> Ints:
        """Positions, (elements, steps)."""
        return np.arange(self.start, self.start + self.size, dtype=np.int64).reshape(
            len(self.elements), self.steps
        )

    def take(self, vector: Floats) -> Floats:
        """The block's part of a vector of all columns or rows, (elements, steps)."""
        return vector[self.start : self.start + self.size].reshape(len(self.elements), self.steps)

    def by_row(self, vector: Floats, rows: int) -> Floats:
        """The block's part of a vector with its layers added up, (rows, steps)."""
        return by_row(self.take(vector), rows, self.steps)

    def label(self, position: int, step_names: Sequence[str]) -> tuple[str, str, str]:
        """(block, element, step name) of a position; the step is empty for a block over the whole horizon.

        A block with fewer steps than the horizon stands for the changes into its last steps.
        """
        element, step = divmod(position - self.start, self.steps)
        whole = self.steps == 1 < len(step_names)
        return self.name, self.elements[element], "" if whole else step_names[step - self.steps]


def by_row(values: Floats, rows: int, steps: int) -> Floats:
    """Values of a block that holds its rows once in each layer, the layers added up, (rows, steps)."""
    return values.reshape(-1, rows, steps).sum(axis=0) if rows else np.zeros((0, steps))


@dataclass(frozen=True)
class Problem:
    """Arrays of one linear problem and the index of its blocks.

    tilt is added to the cost when solving, to break ties, and left out of every reported cost.
    scale is what the objective is multiplied with to be in currency.
    """

    cost: Floats
    tilt: Floats
    lower: Floats
    upper: Floats
    matrix: sp.csc_array
    row_lower: Floats
    row_upper: Floats
    columns: dict[str, Block]
    rows: dict[str, Block]
    step_names: tuple[str, ...]
    scale: float = 1.0
    offset: float = 0.0
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        return self.matrix.shape

    def column_label(self, position: int) -> tuple[str, str, str]:
        return _find(self.columns, position).label(position, self.step_names)

    def row_label(self, position: int) -> tuple[str, str, str]:
        return _find(self.rows, position).label(position, self.step_names)

    def objective(self, x: Floats) -> float:
        """Cost of a solution in currency, without the tilt."""
        return (float(self.cost @ x) + self.offset) * self.scale

    def text(self, digits: int = 6) -> str:
        """The problem in words of its blocks, for tests that a person can read."""
        by_row = sp.csr_array(self.matrix)
        lines = ["minimise"]
        lines += [f"  {_num(c, digits)} {_name(self.column_label(j))}" for j, c in enumerate(self.cost) if c]
        lines.append("subject to")
        for i in range(self.shape[0]):
            span = slice(by_row.indptr[i], by_row.indptr[i + 1])
            order = np.argsort(by_row.indices[span], kind="stable")
            terms = [
                f"{_num(v, digits)} {_name(self.column_label(int(j)))}"
                for j, v in zip(by_row.indices[span][order], by_row.data[span][order], strict=True)
            ]
            sense = _range(self.row_lower[i], self.row_upper[i], digits)
            lines.append(f"  {_name(self.row_label(i))}: {' '.join(terms)} {sense}")
        lines.append("bounds")
        for j in range(self.shape[1]):
            if self.lower[j] != 0 or self.upper[j] != INF:
                low, high = (_num(bound, digits, False) for bound in (self.lower[j], self.upper[j]))
                lines.append("  " + " <= ".join([low, _name(self.column_label(j)), high]))
        return "\n".join(lines) + "\n"


def _name(label: tuple[str, str, str]) -> str:
    return f"{label[0]}[{label[1]}{',' + label[2] if label[2] else ''}]"


def _num(value: float, digits: int, signed: bool = True) -> str:
    value = value or 0.0  # no -0
    return f"{value:+.{digits}g}" if signed else f"{value:.{digits}g}"


def _range(low: float, high: float, digits: int) -> str:
    if low == high:
        return f"= {_num(low, digits, False)}"
    if low == -INF:
        return f"<= {_num(high, digits, False)}"
    if high == INF:
        return f">= {_num(low, digits, False)}"
    return f"in [{_num(low, digits, False)}, {_num(high, digits, False)}]"


def _find(blocks: dict[str, Block], position: int) -> Block:
    for block in blocks.values():
        if block.start <= position < block.start + block.size:
            return block
    raise IndexError(position)


class Builder:
    """Collects blocks and matrix entries, then gives the problem."""

    def __init__(self, step_names: Sequence[str], scale: float = 1.0) -> None:
        self.step_names = tuple(step_names)
        self.scale = scale
        self.columns: dict[str, Block] = {}
        self.rows: dict[str, Block] = {}
        self._column_parts: list[tuple[Floats, Floats, Floats, Floats]] = []
        self._row_parts: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[Ints, Ints, Floats]] = []
        self._count = [0, 0]

    def add_columns(
        self,
        name: str,
        elements: Sequence[str],
        steps: int,
        lower: Floats | float = 0.0,
        upper: Floats | float = INF,
        cost: Floats | float = 0.0,
    ) -> Ints:
        """A block of columns; bounds and costs broadcast to (elements, steps). Returns positions."""
        block = Block(name, self._count[0], tuple(elements), steps)
        self.columns[name] = block
        self._count[0] += block.size
        shape = (len(block.elements), steps)
        self._column_parts.append(
            (_flat(cost, shape), np.zeros(block.size), _flat(lower, shape), _flat(upper, shape))
        )
        return block.positions

    def add_rows(
        self,
        name: str,
        elements: Sequence[str],
        steps: int,
        lower: Floats | float = -INF,
        upper: Floats | float = INF,
    ) -> Ints:
        """A block of rows; limits broadcast to (elements, steps). Returns positions."""
        block = Block(name, self._count[1], tuple(elements), steps)
        self.rows[name] = block
        self._count[1] += block.size
        shape = (len(block.elements), steps)
        self._row_parts.append((_flat(lower, shape), _flat(upper, shape)))
        return block.positions

    def add_entries(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Matrix entries; arguments broadcast together. Entries at one position add up."""
        r, c, v = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=float))
        keep = v.ravel() != 0.0
        self._entries.append((r.ravel()[keep], c.ravel()[keep], v.ravel()[keep]))

    def build(self, offset: float = 0.0) -> Problem:
        nothing = np.zeros(0)
        cost, tilt, lower, upper = _joined(self._column_parts, (nothing,) * 4)
        row_lower, row_upper = _joined(self._row_parts, (nothing,) * 2)
        r, c, v = _joined(self._entries, (np.zeros(0, int), np.zeros(0, int), nothing))
        matrix = sp.csc_array(
            (v, (r.astype(np.int32), c.astype(np.int32))), shape=(self._count[1], self._count[0])
        )
        matrix.sum_duplicates()
        return Problem(
            cost,
            tilt,
            lower,
            upper,
            matrix,
            row_lower,
            row_upper,
            self.columns,
            self.rows,
            self.step_names,
            self.scale,
            offset,
        )


def _joined(parts: Sequence[tuple[Any, ...]], empty: tuple[Any, ...]) -> Iterator[Any]:
    return (np.concatenate(part) for part in zip(*(parts or [empty]), strict=True))


def _flat(values: Floats | float, shape: tuple[int, int]) -> Floats:
    array = np.asarray(values, dtype=float)
    if array.ndim == 1 and array.shape[0] == shape[0] and shape[0] != shape[1]:
        array = array[:, None]
    return np.ascontiguousarray(np.broadcast_to(array, shape)).ravel()

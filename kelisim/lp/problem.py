"""A linear problem as arrays, with named blocks of columns and rows.

minimise    cost @ x
subject to  row_lower <= matrix @ x <= row_upper,  lower <= x <= upper

Positions are integers; labels are made only when asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from kelisim.lp.blocks import Block, Floats, Grid, Ints, by_row

__all__ = ["INF", "Block", "Floats", "Grid", "Ints", "Problem", "Statuses", "by_row"]
Statuses = npt.NDArray[np.int8]
AT_LOWER, BASIC, AT_UPPER = 0, 1, 2  # numbers of HighsBasisStatus
INF = float("inf")


@dataclass(frozen=True)
class Problem:
    """Arrays of one linear problem and the index of its blocks.

    tilt is added to the cost when solving, to break ties, and left out of every reported cost.
    scale is what the objective is multiplied with to be in currency; step_names are those of the cells.
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

    @cached_property
    def grid(self) -> Grid | None:
        """Steps and cells, where something stands once a step and not once a cell."""
        blocks = (*self.columns.values(), *self.rows.values())
        return next((block.grid for block in blocks if block.grid is not None), None)

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
            if span.start == span.stop and self.row_lower[i] == -INF and self.row_upper[i] == INF:
                continue  # such as the change into the first step
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
        if block.span.start <= position < block.span.stop:
            return block
    raise IndexError(position)

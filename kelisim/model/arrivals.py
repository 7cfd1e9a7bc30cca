"""What a window may let go of goods on their way to it, when a cut link holds them back or loses them."""

from __future__ import annotations

import numpy as np

from kelisim.lp.problem import Floats, Ints, Problem
from kelisim.lp.slice import LET_GO


def moved(problem: Problem, rows: Ints, before: Floats, now: Floats, upper: Floats) -> tuple[Ints, Floats]:
    """Columns of what arrives at some rows, and their new upper bounds: what arrives less, or later, is let go less, or later.

    rows         positions whose lower limits moved from `before` to `now`
    upper        bounds of all columns
    """
    block = problem.columns.get(LET_GO)
    if block is None or not len(rows):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    at = {
        label: position
        for label, position in zip(block.elements, range(block.span.start, block.span.stop), strict=True)
    }
    found: dict[int, float] = {}
    for row, shift in zip(rows.tolist(), (before - now).tolist(), strict=True):
        label = "|".join(part for part in problem.row_label(row) if part)
        if label in at and shift:
            found[at[label]] = max(0.0, float(upper[at[label]]) + shift)
    columns = np.array(sorted(found), dtype=np.int64)
    return columns, np.array([found[column] for column in columns.tolist()])

"""Gains from a loss: which rows the loss of an element frees, and where the answer is cheaper for it.

A loss that only makes upper bounds smaller leaves fewer answers to choose from, so that none of them is cheaper:

    V(lost) >= V(undisturbed)

with no exception, whatever is lost and whoever owns it (duties to supply stay, and are missed at their price). Three
things a loss takes away with the element and may so gain by, and this module names them:

    minimum_load     the least activity of a plant that is out, if it ran at a loss
    cycle            the voltage law around the cycles of a line that is out
    goods_under_way  goods that a cut link held back or lost arrive later, or never, where nobody wanted them then
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from kelisim.engine.contingency import Contingencies, Singles
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Ints, Problem
from kelisim.tolerances import NO_COST, SAME_COST

KINDS = {
    "assets.minimum": "minimum_load",
    "links.kirchhoff": "cycle",
    "places.balance": "goods_under_way",
    "links.filled": "goods_under_way",
}
MAY_GAIN = {
    "minimum_load",
    "cycle",
}  # a technical limit that goes with its element; nothing else may make a loss pay
FREED = ["row", "of", "kind"]
GAINS = ["table", "element", "gain", *FREED]


def freed_rows(problem: Problem, delta: Delta) -> pd.DataFrame:
    """Rows that a change frees: block of the row, its element, and the kind; "other" is of none that a loss may free.

    A row is freed where its lower limit falls, its upper limit rises, or a column in it gets bounds that are wider.
    """
    loose = (delta.row_lower < problem.row_lower[delta.rows]) | (
        delta.row_upper > problem.row_upper[delta.rows]
    )
    wider = (delta.lower < problem.lower[delta.columns]) | (delta.upper > problem.upper[delta.columns])
    rows = delta.rows[loose]
    if wider.any():
        rows = np.concatenate([rows, _rows_of(problem, delta.columns[wider])])
    labels = sorted({problem.row_label(int(row))[:2] for row in np.unique(rows)})
    found = [(block, element, KINDS.get(block, "other")) for block, element in labels]
    return pd.DataFrame(found, columns=FREED)


def _rows_of(problem: Problem, columns: Ints) -> Ints:
    matrix = sp.csc_array(problem.matrix)
    parts = [matrix.indices[matrix.indptr[c] : matrix.indptr[c + 1]] for c in columns.tolist()]
    return np.concatenate(parts).astype(np.int64)


def gains(asked: Contingencies, singles: Singles) -> pd.DataFrame:
    """Losses that make the answer cheaper, with a row for each row that they free; the largest gain first.

    gain  currency, what breaks ties included
    """
    found = []
    for at in np.flatnonzero(is_gain(singles.with_ties, asked.opened.start.objective)):
        table, _, element = singles.names[at].partition(":")
        rows = freed_rows(asked.opened.problem, asked.deltas[at])
        told = rows.itertuples(index=False, name=None) if len(rows) else [("", "", "other")]
        found += [(table, element, -float(singles.with_ties[at]), *row) for row in told]
    frame = pd.DataFrame(found, columns=GAINS)
    return frame.sort_values(
        ["gain", "table", "element", "row", "of"],
        ascending=[False, True, True, True, True],
        ignore_index=True,
    )


def is_gain(costs: Sequence[float] | np.ndarray, of: float) -> np.ndarray:
    """Which extra costs, currency, are below nothing by more than two solves of one question may differ; of: the cost."""
    return np.asarray(costs) < -max(SAME_COST * abs(of), NO_COST)

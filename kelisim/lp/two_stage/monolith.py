"""The two stages as one problem: every outlook beside the others, solved at once. For few outlooks, and to check the cuts."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from kelisim.lp.integer import least
from kelisim.lp.problem import INF, Floats
from kelisim.lp.two_stage.benders import StageDecision
from kelisim.lp.two_stage.stages import Outlook, TwoStage

Part = tuple[
    sp.csr_array, Floats, Floats
]  # rows of the choices and the columns of one outlook, least and most


def monolith(two: TwoStage) -> StageDecision:
    """The choices of least expected cost, by one problem with whole numbers."""
    p, own, count = two.problem, two.choices, len(two.outlooks)
    columns = p.shape[1]
    cost, lower, upper = [own.cost], [own.lower], [own.upper]
    blocks, low, high = [[own.matrix, *[None] * count]], [own.least], [own.most]
    for at, outlook in enumerate(two.outlooks):
        prices, least_of, most_of, parts = _outlook(two, outlook)
        cost[0] = cost[0] + outlook.probability * outlook.cost
        cost.append(outlook.probability * p.scale * (prices + p.tilt))
        lower.append(least_of)
        upper.append(most_of)
        for matrix, row_lower, row_upper in parts:
            line: list[sp.csr_array | None] = [None] * (count + 1)
            line[0], line[at + 1] = matrix[:, : len(own.names)], matrix[:, len(own.names) :]
            blocks.append(line)
            low.append(row_lower)
            high.append(row_upper)
    # a block column without a row of its own still needs its width
    blocks[0] = [own.matrix, *[sp.csr_array((own.matrix.shape[0], columns)) for _ in range(count)]]
    size = max(1.0, float(np.abs(np.concatenate(cost)).max()))
    found = least(
        np.concatenate(cost) / size,
        (np.concatenate(lower), np.concatenate(upper)),
        sp.block_array(blocks, format="csr"),
        (np.concatenate(low), np.concatenate(high)),
        np.concatenate([own.whole, np.zeros(count * columns, dtype=bool)]),
    )
    x = found.values[: len(own.names)]
    plans = found.values[len(own.names) :].reshape(count, columns)
    costs = np.array(
        [
            own.cost @ x + outlook.cost @ x + (float(_prices(two, outlook) @ plan) + p.offset) * p.scale
            for outlook, plan in zip(two.outlooks, plans, strict=True)
        ]
    )
    return StageDecision(x, float(two.probabilities @ costs), costs)


def _prices(two: TwoStage, outlook: Outlook) -> Floats:
    return outlook.delta.applied(two.problem)[0]


def _outlook(two: TwoStage, outlook: Outlook) -> tuple[Floats, Floats, Floats, list[Part]]:
    """Costs and bounds of the columns of one outlook, and its rows; what the choices move becomes a row."""
    cost, lower, upper, row_lower, row_upper = outlook.delta.applied(two.problem)
    reach, matrix = outlook.reach, sp.csr_array(two.problem.matrix)
    c, r = reach.columns, reach.rows
    none, free = sp.csr_array((matrix.shape[0], len(two.choices.names))), np.full
    units = sp.csr_array(sp.eye_array(matrix.shape[1], format="csr")[c])
    moved: list[Part] = [
        (sp.hstack([-reach.lower, units], format="csr"), lower[c], free(len(c), INF)),
        (sp.hstack([-reach.upper, units], format="csr"), free(len(c), -INF), upper[c]),
        (sp.hstack([-reach.row_lower, matrix[r]], format="csr"), row_lower[r], free(len(r), INF)),
        (sp.hstack([-reach.row_upper, matrix[r]], format="csr"), free(len(r), -INF), row_upper[r]),
    ]
    lower[c], upper[c], row_lower[r], row_upper[r] = -INF, INF, -INF, INF
    rest: Part = (sp.hstack([none, matrix], format="csr"), row_lower, row_upper)
    return cost, lower, upper, [rest, *[part for part in moved if part[0].shape[0]]]

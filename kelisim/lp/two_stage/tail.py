"""The bad end of a quantity beside the expected cost: conditional value at risk of what each outlook leaves, priced in the choice.

With U_s a sum of columns of an outlook s that is not below 0, and a level a, the mean of the worst share 1 - a of the outlooks is

    CVaR_a = least over e of   e + 1 / (1 - a) * sum over s of  p_s * max(0, U_s - e)

(Rockafellar and Uryasev, Journal of Risk 2, 2000). Here e is one more choice, and what is above it one more column of the problem:

    minimise  cost @ x + price * e + sum over s of p_s * (Q_s + price / (1 - a) * above_s),     above_s >= U_s - e,  above_s >= 0

so that cuts, bounds and the whole problem stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from kelisim.errors import InternalError
from kelisim.lp.problem import INF, Block, Floats, Ints, Problem
from kelisim.lp.two_stage.stages import Choices, Outlook, Reach, TwoStage
from kelisim.tolerances import ROUNDING

NAME = "tail"
ABOVE = "tail.above"


def with_tail(two: TwoStage, columns: Ints, weights: Floats, level: float, price: float) -> TwoStage:
    """The problem with a price on the conditional value at risk of weights @ columns; its last choice is e.

    columns  of the problem, each with a finite upper bound and a lower bound of 0
    level    a, from 0 (the mean) to below 1
    price    currency a unit of the quantity

    Raises InternalError where the quantity has no upper bound.
    """
    most = max(_most(two, one, columns, weights) for one in two.outlooks)
    if not 0.0 <= level < 1.0 or not np.isfinite(most):
        raise InternalError("a tail needs a level from 0 to below 1 and a quantity with an upper bound")
    problem = _wider(two.problem, columns, weights, price / (1.0 - level))
    own = two.choices
    none = sp.csr_array((own.matrix.shape[0], 1))
    choices = Choices(
        (*own.names, NAME),
        np.append(own.cost, price),
        np.append(own.lower, 0.0),
        np.append(own.upper, most),
        np.append(own.whole, False),
        sp.csr_array(sp.hstack([own.matrix, none])),
        own.least,
        own.most,
    )
    row = two.problem.shape[0]
    outlooks = tuple(
        replace(one, reach=_reach(one.reach, row), cost=np.append(one.cost, 0.0)) for one in two.outlooks
    )
    return replace(two, problem=problem, choices=choices, outlooks=outlooks)


def _most(two: TwoStage, outlook: Outlook, columns: Ints, weights: Floats) -> float:
    """Upper bound of the quantity in an outlook, with none or all of the choices."""
    ends = (np.zeros(len(two.choices.names)), two.choices.upper)
    moved = [outlook.reach.at(two.problem, outlook.delta, x).applied(two.problem)[2] for x in ends]
    return float(weights @ np.maximum(*moved)[columns])


def cvar(values: Floats, probabilities: Floats, level: float) -> float:
    """Mean of the worst share 1 - level of some values.

    >>> round(cvar(np.array([0.0, 1.0, 5.0]), np.array([0.5, 0.4, 0.1]), 0.8), 6)
    3.0
    """
    order = np.argsort(values)[::-1]
    left, found = 1.0 - level, 0.0
    for at in order:
        part = min(left, float(probabilities[at]))
        found += part * float(values[at])
        left -= part
        if left <= ROUNDING:
            break
    return found / (1.0 - level)


def _wider(problem: Problem, columns: Ints, weights: Floats, price: float) -> Problem:
    """One more column, what is above e, and one more row: above - weights @ columns >= -e."""
    rows, count = problem.shape
    entries = sp.coo_array(problem.matrix)
    more = np.full(len(columns) + 1, rows)
    matrix = sp.csc_array(
        (
            np.concatenate([entries.data, -weights, [1.0]]),
            (np.concatenate([entries.row, more]), np.concatenate([entries.col, columns, [count]])),
        ),
        shape=(rows + 1, count + 1),
    )
    return replace(
        problem,
        cost=np.append(problem.cost, price / problem.scale),
        tilt=np.append(problem.tilt, 0.0),
        lower=np.append(problem.lower, 0.0),
        upper=np.append(problem.upper, INF),
        matrix=matrix,
        row_lower=np.append(problem.row_lower, 0.0),
        row_upper=np.append(problem.row_upper, INF),
        columns={**problem.columns, ABOVE: Block(ABOVE, count, (NAME,), 1)},
        rows={**problem.rows, NAME: Block(NAME, rows, (NAME,), 1)},
    )


def _reach(reach: Reach, row: int) -> Reach:
    """The same, and e lowers the limit of the row."""
    choices = reach.lower.shape[1]

    def wider(matrix: sp.csr_array) -> sp.csr_array:
        return sp.csr_array(sp.hstack([matrix, sp.csr_array((matrix.shape[0], 1))]))

    lowered = sp.csr_array(([-1.0], ([0], [choices])), shape=(1, choices + 1))
    return Reach(
        reach.columns,
        wider(reach.lower),
        wider(reach.upper),
        np.append(reach.rows, row),
        sp.csr_array(sp.vstack([wider(reach.row_lower), lowered])),
        sp.csr_array(sp.vstack([wider(reach.row_upper), sp.csr_array((1, choices + 1))])),
    )

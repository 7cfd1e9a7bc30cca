"""Few sellers who each choose how much to sell (Cournot 1838): what they would sell and at what price, as a check.

Assumed: one good, one market, a straight demand curve, constant costs of a unit, each seller knows the others. Quantities in one unit,
prices in money per that unit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kelisim.tolerances import SMALLEST

Floats = npt.NDArray[np.float64]
ROUNDS = 100_000


def straight_demand(quantity: float, price: float, elasticity: float) -> tuple[float, float]:
    """Demand curve through a point: (intercept, slope) of price = intercept - slope x quantity.

    elasticity  below 0: relative change of the quantity per relative change of the price, at the point

    >>> straight_demand(100.0, 50.0, -0.5)
    (150.0, 1.0)
    """
    slope = price / (-elasticity * quantity)
    return price + slope * quantity, slope


def closed_form(intercept: float, slope: float, cost: Sequence[float] | Floats) -> Floats:
    """Quantity of each seller without limits, (sellers).

    q_i = (intercept - (n + 1) c_i + sum of c_j) / ((n + 1) slope) over the n sellers who sell; the dearest leave first

    >>> closed_form(100.0, 1.0, [10.0, 20.0]).round(6).tolist()
    [33.333333, 23.333333]
    """
    costs = np.asarray(cost, dtype=float)
    found, order = np.zeros(len(costs)), np.argsort(costs, kind="stable")
    for count in range(len(costs), 0, -1):
        own = order[:count]
        sold = (intercept - (count + 1) * costs[own] + costs[own].sum()) / ((count + 1) * slope)
        if (sold >= 0).all():
            found[own] = sold
            break
    return found


def best_replies(
    intercept: float,
    slope: float,
    cost: Sequence[float] | Floats,
    most: Sequence[float] | Floats | None = None,
    within: float = 1e-13,
) -> Floats:
    """Quantity of each seller found by replies in turn, (sellers): each sells what pays him most given the others.

    most    limit of each seller; none if not given
    within  share of the largest quantity by which a round may still move one

    Replies in turn end, as the game has a potential (Monderer and Shapley 1996).

    >>> best_replies(100.0, 1.0, [10.0, 20.0], most=[20.0, 50.0]).round(6).tolist()
    [20.0, 30.0]
    """
    costs = np.asarray(cost, dtype=float)
    limit = np.full(len(costs), np.inf) if most is None else np.asarray(most, dtype=float)
    sold = np.zeros(len(costs))
    for _ in range(ROUNDS):
        before = sold.copy()
        for one in range(len(costs)):
            others = sold.sum() - sold[one]
            sold[one] = min(max((intercept - costs[one] - slope * others) / (2.0 * slope), 0.0), limit[one])
        if np.abs(sold - before).max(initial=0.0) <= within * max(sold.max(initial=0.0), SMALLEST):
            break
    return sold

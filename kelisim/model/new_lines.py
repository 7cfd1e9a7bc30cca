"""A line under the voltage law that may be built: how far the law may be missed while it is not there.

The slack of a line that is out is unbounded (kelisim/model/kirchhoff.py), and a choice cannot move a bound from there. No plan needs all
of it. Around a cycle the slack makes up for a difference of voltage angle, and over lines in service that is no more than the sum of
reactance times capacity, so that with r the reactance and c the capacity of the lines

    |slack of a line| <= sum over all lines k of r_k * c_k / r_line

is enough (disjunctive form of the planning of networks: Bahiense, Oliveira, Pereira and Granville, IEEE Transactions on Power Systems
16, 2001).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats, Problem

SLACK, LAW, FLOWS = "links.slack", "links.kirchhoff", ("links.flow", "links.flow_back")


def bounded(problem: Problem, delta: Delta) -> Delta:
    """The delta with a bound on each slack that it frees."""
    block = problem.columns.get(SLACK)
    if block is None:
        return delta
    freed = (delta.columns >= block.span.start) & (delta.columns < block.span.stop) & np.isinf(delta.upper)
    if not freed.any():
        return delta
    most = _most(problem)[delta.columns[freed] - block.start]
    lower, upper = delta.lower.copy(), delta.upper.copy()
    lower[freed], upper[freed] = -most, most
    return replace(delta, lower=lower, upper=upper)


def _most(problem: Problem) -> Floats:
    """Bound of each column of slack, (size of the block,)."""
    rows, weight = problem.rows[LAW].span, np.zeros(problem.shape[1])
    law = sp.coo_array(sp.csr_array(problem.matrix)[rows.start : rows.stop])
    np.maximum.at(weight, law.col, np.abs(law.data))
    drop: dict[str, float] = {}  # reactance times capacity, of the full way where both differ
    for name in FLOWS:
        block = problem.columns.get(name)
        if block is None:
            continue
        drops = block.take(weight * np.where(weight > 0, problem.upper, 0.0))
        for element, most in zip(block.elements, drops.max(axis=1), strict=True):
            drop[element] = max(drop.get(element, 0.0), float(most))
    own = weight[problem.columns[SLACK].span]
    return np.asarray(sum(drop.values()) / np.where(own > 0, own, np.inf))

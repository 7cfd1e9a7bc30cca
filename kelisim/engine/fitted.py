"""A window under rules whose basis and prices are still those of the base, so that opening it takes no pivots.

A rule makes cutting some customers a little cheaper (tranches, the fall of VOLL). Where energy is scarce in the base
plan already, that could pay even without an outage; so a rule never makes a cut cheaper than the base price of energy
at that node and step. The plan outside an outage then stays the plan.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kelisim.lp.problem import Floats, Problem, Statuses
from kelisim.lp.window import AT_LOWER, AT_UPPER, BASIC, Solved, Window
from kelisim.model.rules import TIE, UNSERVED, Rules

_NONE = 1e-9


def fitted(
    problem: Problem, window: Window, solved: Solved, rules: Rules
) -> tuple[Problem, Statuses, Statuses]:
    """The problem with prices of unserved demand that fit the base, and its basis (columns, rows).

    problem  the window under rules
    window   as it was cut out, without rules
    """
    columns = np.full(problem.shape[1], AT_LOWER, dtype=np.int8)
    rows = np.full(problem.shape[0], BASIC, dtype=np.int8)
    for into, blocks, cut, statuses in (
        (columns, problem.columns, window.problem.columns, window.column_status),
        (rows, problem.rows, window.problem.rows, window.row_status),
    ):
        for name, block in blocks.items():
            other = cut.get(name)
            if other is not None and other.size == block.size:
                into[block.start : block.start + block.size] = statuses[
                    other.start : other.start + other.size
                ]
    if UNSERVED in problem.columns and problem is not window.problem:
        problem = _with_unserved(problem, window, solved, rules, columns)
    return problem, columns, rows


def _with_unserved(
    problem: Problem, window: Window, solved: Solved, rules: Rules, columns: Statuses
) -> Problem:
    """Prices and statuses of tranches: what the base leaves unserved fills the cheapest first."""
    block, plain = problem.columns[UNSERVED], window.problem.columns[UNSERVED]
    shape = (-1, len(plain.elements), plain.steps)
    unserved = plain.take(solved.values[window.columns])[None]
    basic = (window.column_status[plain.start : plain.start + plain.size] == BASIC).reshape(shape[1:])[None]
    node_price = _node_prices(window, solved, plain.start, plain.size).reshape(shape[1:])[None]
    room, cost = block.take(problem.upper).reshape(shape), block.take(problem.cost).reshape(shape)
    tilt = block.take(problem.tilt).reshape(shape)
    filled = np.cumsum(room, axis=0)
    full = (filled <= unserved + _NONE) & (room > 0.0)
    partly = ~full & (filled - room <= unserved) & basic
    status = np.where(full, AT_UPPER, np.where(partly, BASIC, AT_LOWER)).astype(np.int8)
    columns[block.start : block.start + block.size] = status.ravel()
    here = slice(block.start, block.start + block.size)
    new_cost, new_tilt = problem.cost.copy(), problem.tilt.copy()
    fits = np.where(full, np.minimum(cost, node_price), np.maximum(cost, node_price))
    new_cost[here] = np.where(partly, node_price, fits).ravel()
    # of those that are cut in full, ties are broken downwards, so that they stay cut
    new_tilt[here] = np.where(full & rules.breaks_ties, tilt - TIE * np.abs(cost), tilt).ravel()
    return replace(problem, cost=new_cost, tilt=new_tilt)


def _node_prices(window: Window, solved: Solved, start: int, size: int) -> Floats:
    """Base dual of the balance that each column of unserved demand enters."""
    part = window.problem.matrix[: len(window.rows), start : start + size]
    return np.asarray(part.T @ solved.duals[window.rows])

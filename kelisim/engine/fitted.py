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
from kelisim.model.rules import BASE_LAYER, TIE, UNSERVED, Rules, with_block

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
    if UNSERVED in problem.columns and rules.breaks_ties:
        problem, columns = _with_unserved(problem, window, solved, rules, columns)
    return problem, columns, rows


def _with_unserved(
    problem: Problem, window: Window, solved: Solved, rules: Rules, columns: Statuses
) -> tuple[Problem, Statuses]:
    """Unserved demand in one more layer: what the base leaves unserved, at the base price; the rules share out the rest.

    The first layer holds what the plan cuts. It stays basic where it was, at its bound, so that its price is that of the
    plan. The layers above it cost what the rule says, and no less than the price of the plan.
    """
    block, plain = problem.columns[UNSERVED], window.problem.columns[UNSERVED]
    rows, count = len(plain.elements), len(block.elements) // len(plain.elements)
    shape = (-1, rows, plain.steps)
    demand = plain.take(window.problem.upper)
    planned = np.clip(plain.take(solved.values[window.columns]), 0.0, demand)
    planned[planned < _NONE] = 0.0
    basic = (window.column_status[plain.start : plain.start + plain.size] == BASIC).reshape(demand.shape)
    node_price = _node_prices(window, solved, plain.start, plain.size).reshape(demand.shape)
    own_cost, tilt = block.take(problem.cost).reshape(shape), block.take(problem.tilt).reshape(shape)
    spent = plain.take(solved.spent[window.columns])
    # what is cut in full is tilted downwards, so that it stays cut
    first = np.where(basic, node_price, np.minimum(own_cost[0], node_price))
    layers = {
        "cost": np.concatenate([first[None], np.maximum(own_cost, node_price[None])]),
        "tilt": np.concatenate([np.where(basic, 0.0, tilt[0] - TIE * np.abs(own_cost[0]))[None], tilt]),
        "lower": np.zeros((count + 1, *demand.shape)),
        "upper": np.concatenate([planned[None], np.broadcast_to((demand - planned) / count, own_cost.shape)]),
    }
    status = np.full((count + 1, *demand.shape), AT_LOWER, dtype=np.int8)
    status[0] = np.where(basic, BASIC, np.where(planned > 0.0, AT_UPPER, AT_LOWER))
    grown = with_block(
        problem, UNSERVED, plain.elements, window.problem.matrix[:, plain.positions.ravel()], layers
    )
    here = slice(block.start, block.start + block.size)
    # the plan's own cost of what it cuts stays what it was
    offset = problem.offset + float((spent - first * planned).sum())
    facts = problem.facts | {BASE_LAYER: True}
    found = np.concatenate([columns[: here.start], status.ravel(), columns[here.stop :]])
    return replace(grown, offset=offset, facts=facts), found


def _node_prices(window: Window, solved: Solved, start: int, size: int) -> Floats:
    """Base dual of the balance that each column of unserved demand enters."""
    part = window.problem.matrix[: len(window.rows), start : start + size]
    return np.asarray(part.T @ solved.duals[window.rows])

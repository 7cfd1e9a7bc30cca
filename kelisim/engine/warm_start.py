"""A window under rules whose basis and prices are still those of the base, so that opening it takes no pivots.

A rule makes cutting some customers a little cheaper (tranches, the fall of VOLL). Where energy is scarce in the base
plan already, that could pay even without an outage; so a rule never makes a cut cheaper than the base price of energy
at that node and step. The plan outside an outage then stays the plan.

Where supply is exactly what is wanted, the base price may be anything up to the value of lost load, and the solver's may be just that
although nobody is cut. Such a window is tried without floors first: `is_balanced`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from kelisim.lp.problem import AT_LOWER, AT_UPPER, BASIC, Floats, Problem, Statuses
from kelisim.lp.slice import Slice, Solved
from kelisim.model.rules import BASE_LAYER, TIE, UNSERVED, Rules, with_block
from kelisim.tolerances import NO_FLOW, ROUNDING

Bools = npt.NDArray[np.bool_]


def fitted(
    problem: Problem, window: Slice, solved: Solved, rules: Rules, floors: bool = True
) -> tuple[Problem, Statuses, Statuses]:
    """The problem with prices of unserved demand that fit the base, and its basis (columns, rows).

    problem  the window under rules
    window   as it was cut out, without rules
    floors   no cut costs less than the base price; without, the basis may need pivots, and the plan may not stay the plan
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
                into[block.span] = statuses[other.span]
    if UNSERVED in problem.columns:
        problem, columns = _with_unserved(problem, window, solved, rules, columns, floors)
    return problem, columns, rows


def _with_unserved(
    problem: Problem, window: Slice, solved: Solved, rules: Rules, columns: Statuses, floors: bool
) -> tuple[Problem, Statuses]:
    """Unserved demand in one more layer: what the base leaves unserved, at the base price; the rules share out the rest.

    The first layer holds what the plan cuts. It stays basic where it was, at its bound, so that its price is that of the
    plan. The layers above it cost what the rule says, and no less than the price of the plan.
    """
    block, plain = problem.columns[UNSERVED], window.problem.columns[UNSERVED]
    count = len(block.elements) // len(plain.elements)
    shape = (-1, plain.size)
    demand, planned, basic = _plan_of(window, solved)
    node_price = _node_prices(window, solved, plain.span)
    own_cost, tilt = (vector[block.span].reshape(shape) for vector in (problem.cost, problem.tilt))
    spent = solved.spent[window.columns][plain.span]
    # what is cut in full is tilted downwards, so that it stays cut
    stays = TIE * np.abs(own_cost[0]) if rules.breaks_ties else 0.0
    first = np.where(basic, node_price, np.minimum(own_cost[0], node_price))
    layers = {
        "cost": np.concatenate([first[None], np.maximum(own_cost, node_price[None]) if floors else own_cost]),
        "tilt": np.concatenate([np.where(basic, 0.0, tilt[0] - stays)[None], tilt]),
        "lower": np.zeros((count + 1, *demand.shape)),
        "upper": np.concatenate([planned[None], np.broadcast_to((demand - planned) / count, own_cost.shape)]),
    }
    status = np.full((count + 1, *demand.shape), AT_LOWER, dtype=np.int8)
    status[0] = np.where(basic, BASIC, np.where(planned > 0.0, AT_UPPER, AT_LOWER))
    grown = with_block(problem, UNSERVED, plain.elements, window.problem.matrix[:, plain.span], layers)
    here = block.span
    # the plan's own cost of what it cuts stays what it was
    offset = problem.offset + float((spent - first * planned).sum())
    facts = problem.facts | {BASE_LAYER: True}
    found = np.concatenate([columns[: here.start], status.ravel(), columns[here.stop :]])
    return replace(grown, offset=offset, facts=facts), found


def _plan_of(window: Slice, solved: Solved) -> tuple[Floats, Floats, Bools]:
    """Of each column of one layer: what is wanted, what the base leaves unserved, and whether that is basic."""
    span = window.problem.columns[UNSERVED].span
    demand = window.problem.upper[span]
    planned = np.clip(solved.values[window.columns][span], 0.0, demand)
    planned[planned < ROUNDING] = 0.0
    basic = window.column_status[span] == BASIC
    return demand, planned, basic


def is_balanced(window: Slice, solved: Solved) -> bool:
    """Whether somewhere the base price is the value of lost load although nobody is cut there."""
    if UNSERVED not in window.problem.columns:
        return False
    _, planned, basic = _plan_of(window, solved)
    return bool((basic & (planned == 0.0)).any())


def stays_the_plan(problem: Problem, window: Slice, solved: Solved, values: Floats) -> bool:
    """Whether column values of the fitted problem leave no customer more unserved than the base does."""
    _, planned, _ = _plan_of(window, solved)
    now = values[problem.columns[UNSERVED].span].reshape(-1, len(planned)).sum(axis=0)
    return bool((now <= planned + NO_FLOW).all())


def _node_prices(window: Slice, solved: Solved, span: slice) -> Floats:
    """Base dual of the balance that each column of unserved demand enters."""
    part = window.problem.matrix[: len(window.rows), span]
    return np.asarray(part.T @ solved.duals[window.rows])

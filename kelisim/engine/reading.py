"""A solution of the solver as an answer by block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kelisim.lp.delta import Delta
from kelisim.lp.highs import Solution
from kelisim.lp.problem import Block, Floats, Problem
from kelisim.model.rules import Rules
from kelisim.results.answer import Answer, BlockValues


def facts_of(solution: Solution, rules: Rules) -> dict[str, Any]:
    """How a solution was found, and under which rules."""
    how = {"method": solution.method, "iterations": solution.iterations}
    return how | {"place_rule": rules.place, "time_rule": rules.time}


def answer_of(
    problem: Problem, solution: Solution, hours: Floats, facts: Mapping[str, Any], delta: Delta | None = None
) -> Answer:
    """A solution by block; bounds and limits as the delta set them."""
    if solution.status != "optimal":
        return Answer(solution.status, float("nan"), hours, {}, {}, facts, problem.scale)
    lower, upper, low, high = problem.lower, problem.upper, problem.row_lower, problem.row_upper
    if delta is not None:
        _, lower, upper, low, high = delta.applied(problem)
    columns = {
        name: _values(block, solution.values, solution.reduced_costs, lower, upper)
        for name, block in problem.columns.items()
    }
    rows = {
        name: _values(block, solution.activities, solution.duals, low, high)
        for name, block in problem.rows.items()
    }
    return Answer("optimal", solution.objective, hours, columns, rows, facts, problem.scale)


def _values(block: Block, values: Floats, duals: Floats, lower: Floats, upper: Floats) -> BlockValues:
    return BlockValues(
        block.elements, block.take(values), block.spread(duals), block.take(lower), block.take(upper)
    )

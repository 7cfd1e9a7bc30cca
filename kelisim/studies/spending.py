"""Where the money of an answer goes, element by element."""

from __future__ import annotations

from kelisim.lp.problem import Floats, Problem
from kelisim.results.answer import Answer


def spent(problem: Problem, answer: Answer, cost: Floats | None = None) -> dict[tuple[str, str], float]:
    """What an answer spends at each element, (table, element) -> currency; below 0 it earns.

    cost  of the columns, where it is not that of the problem
    """
    found: dict[tuple[str, str], float] = {}
    for name, block in problem.columns.items():
        costs = block.spread(problem.cost if cost is None else cost)
        values = (costs * answer.columns[name].values).reshape(len(block.elements), -1).sum(axis=1)
        for element, value in zip(block.elements, values, strict=True):
            key = name.partition(".")[0], element.partition("|")[0]
            found[key] = found.get(key, 0.0) + float(value) * problem.scale
    return found

"""An answer under rules at the positions of the problem without them."""

from __future__ import annotations

import numpy as np

from kelisim.engine.cache import Basis
from kelisim.lp.problem import Floats, Problem, by_row
from kelisim.results.answer import Answer


def plain_vectors(plain: Problem, laid: Problem, base: Answer) -> tuple[Floats, Floats, Floats]:
    """Values and costs of columns and duals of rows of an answer under rules, at the positions without them."""
    values, duals = np.zeros(plain.shape[1]), np.zeros(plain.shape[0])
    spent = np.zeros(plain.shape[1])
    for name, block in plain.columns.items():
        found = base.columns[name].values
        cost = laid.columns[name].spread(laid.cost) * found
        if found.shape != (len(block.elements), block.steps):
            found, cost = (by_row(a, len(block.elements), block.steps) for a in (found, cost))
        values[block.span], spent[block.span] = block.mean(found), block.total(cost)
    for name, block in plain.rows.items():
        duals[block.span] = block.gathered(base.rows[name].duals)
    return values, duals, spent


def basis_by_block(laid: Problem, plain: Problem, columns: np.ndarray, rows: np.ndarray) -> Basis:
    """Statuses of the blocks that both have; unserved demand rests at its lower bound."""
    found = np.zeros(plain.shape[1], dtype=np.int8)
    for name, block in plain.columns.items():
        other = laid.columns[name]
        if other.size == block.size:
            found[block.span] = columns[other.span]
    at = np.zeros(plain.shape[0], dtype=np.int8)
    for name, block in plain.rows.items():
        at[block.span] = rows[laid.rows[name].span]
    return found, at

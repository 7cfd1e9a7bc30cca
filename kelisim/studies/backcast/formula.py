"""The limits that a value of the model is made of: at the optimum it is a sum of bounds that hold, each times a factor."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kelisim.lp.formula import pieces
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import Block, Floats, Problem
from kelisim.results.observations import BalanceTerm, Counterpart, Totals
from kelisim.tolerances import SAME_COST, SMALL_SHARE

COLUMNS = {
    ("links.total", "forward"): (("links.flow", 1.0),),
    ("links.total", "back"): (("links.flow_back", 1.0),),
    ("links.total", "net"): (("links.flow", 1.0), ("links.flow_back", -1.0)),
    ("assets.total", "activity"): (("assets.activity", 1.0),),
    ("assets.ports", "energy"): (("assets.activity", 1.0),),
    ("markets.total", "taken"): (("markets.taken", 1.0),),
}  # blocks of columns behind a column of the results, with their signs
OF_ROWS = {
    "places.balance": "demand"
}  # what the limits of a block of rows are, where its name does not say it
MOST = 6  # pieces that are told


def formulas(
    session: Session,
    base: Solution,
    totals: Totals,
    wanted: Mapping[str, Counterpart],
    values: Mapping[str, float],
) -> dict[str, str]:
    """The formula of each value, such as "3.9 resources aktau_oil_berths - 1.28 contracts contract_btc".

    session  at the basis of the base
    values   of the observations, in the units of their rows

    A sum over places that is no sum of columns has none.
    """
    found = {}
    for name, (terms, unit, period) in wanted.items():
        vector = _weights(session.problem, totals, terms, unit, period)
        if vector is None:
            continue
        value = float(vector @ base.values)
        if abs(value - values[name]) > SAME_COST * max(abs(value), 1.0):
            continue  # numbers in the sum, or an element that flows both ways in one step
        found[name] = told(session.problem, *pieces(session, base, vector))
    return found


def told(problem: Problem, columns: Floats, rows: Floats) -> str:
    """The largest pieces by element, the rest in one word.

    columns, rows  what each bound and limit adds, (columns,) and (rows,)
    """
    amounts: dict[tuple[str, str], float] = {}
    for blocks, added in ((problem.columns, columns), (problem.rows, rows)):
        for block in blocks.values():
            for element, amount in _by_element(block, added).items():
                table = OF_ROWS.get(block.name, block.name.partition(".")[0])
                amounts[table, element] = amounts.get((table, element), 0.0) + amount
    whole = sum(abs(amount) for amount in amounts.values())
    order = sorted(amounts, key=lambda key: -abs(amounts[key]))
    named = [key for key in order[:MOST] if abs(amounts[key]) > SMALL_SHARE * whole]
    rest = sum(amount for key, amount in amounts.items() if key not in named)
    parts = [f"{_signed(amounts[key])} {key[0]} {key[1]}" for key in named]
    if abs(rest) > SMALL_SHARE * whole:
        parts.append(f"{_signed(rest)} of {len(amounts) - len(named)} more")
    return " ".join(parts).removeprefix("+ ")


def _by_element(block: Block, added: Floats) -> dict[str, float]:
    """Sums over the steps of each element that adds something."""
    own = added[block.span]
    at = np.flatnonzero(own)
    elements = block.heads[0][at]
    sums = np.bincount(elements, own[at], len(block.elements)) if len(at) else np.zeros(0)
    return {block.elements[k].split("@")[0]: float(sums[k]) for k in np.unique(elements)}


def _signed(amount: float) -> str:
    return f"{'-' if amount < 0 else '+'} {abs(amount):.3g}"


def _weights(
    problem: Problem, totals: Totals, terms: tuple[BalanceTerm, ...], unit: str, period: str
) -> Floats | None:
    """What each column adds to a sum of results, (columns,); None where the sum has other terms."""
    vector = np.zeros(problem.shape[1])
    for term in terms:
        blocks = COLUMNS.get((term.table, term.column))
        if blocks is None:
            return None
        per_cell = totals.weights(term, unit, period)
        for name, sign in blocks:
            block = problem.columns.get(name)
            if block is None or term.key[0] not in block.elements:
                continue
            element = block.elements.index(term.key[0])
            np.add.at(vector, block.own(element), sign * block.over_step(element, per_cell))
    return vector

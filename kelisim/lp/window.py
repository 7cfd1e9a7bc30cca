"""A stretch of steps cut out of a solved problem, everything outside held as it was solved.

Rows inside keep what the columns outside give them as constants. Rows over the whole horizon stay, with what is left
for the window; what they need beyond it is borrowed from the steps after the window at the row's price. Rows after the
window that columns inside reach into (levels, goods on their way) become a handover: at least what was there before,
a shortfall priced a little above what it was worth. So the solution outside and the prices are enough for the solution
inside to be optimal again as long as nothing is changed (complementary slackness), and the objective is that of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kelisim.lp.problem import INF, Block, Floats, Ints, Problem

HANDOVER, SHORT, BORROWED = "window.handover", "window.handover_shortfall", "window.borrowed"
MARK_UP = 1.1
_NONE = 1e-9


@dataclass(frozen=True)
class Solved:
    """A problem with its solution: column values, row activities and duals, in the problem's units.

    spent  what each column costs in the solution, objective units
    """

    problem: Problem
    values: Floats
    activities: Floats
    duals: Floats
    spent: Floats


@dataclass(frozen=True)
class Window:
    """The problem of steps [first, last), and where its columns and rows come from.

    columns, rows  positions in the whole problem of the first columns and rows; what comes after them is of the window
    constants      what the outside gives to each of those rows
    """

    problem: Problem
    columns: Ints
    rows: Ints
    constants: Floats
    first: int
    last: int


def cut_out(
    solved: Solved,
    first: int,
    last: int,
    sides: Mapping[str, int],
    least_price: float = 0.0,
    most_price: float = INF,
) -> Window:
    """The window of steps [first, last).

    sides        for each block of rows whose handover counts even where its dual is 0: +1 if less is worse, -1 if more is
    least_price  of handover and borrowing, objective units per unit of the row
    most_price   that the mark-up may not exceed
    """
    problem = solved.problem
    column_blocks, columns = _chosen(problem.columns, len(problem.step_names), first, last)
    row_blocks, rows = _chosen(problem.rows, len(problem.step_names), first, last)
    inside = problem.matrix[:, columns]
    by_row = sp.csr_array(inside)
    kept = by_row[rows]
    constants = solved.activities[rows] - kept @ solved.values[columns]
    constants[np.abs(constants) < _NONE] = 0.0
    outside = np.ones(problem.shape[1], dtype=bool)
    outside[columns] = False
    offset = problem.offset + float(solved.spent[outside].sum())
    base = Problem(
        problem.cost[columns], problem.tilt[columns], problem.lower[columns], problem.upper[columns],
        sp.csc_array(kept), problem.row_lower[rows] - constants, problem.row_upper[rows] - constants,
        column_blocks, row_blocks, problem.step_names[first:last], problem.scale, offset, _facts(problem, first, last),
    )  # fmt: skip
    base = _with_borrowing(base, solved, rows, last, least_price)
    base = _with_handover(base, solved, by_row, columns, rows, sides, (least_price, most_price))
    return Window(base, columns, rows, constants, first, last)


def _facts(problem: Problem, first: int, last: int) -> dict[str, object]:
    weights = problem.facts.get("weights")
    return problem.facts | ({"weights": np.asarray(weights)[first:last]} if weights is not None else {})


def _chosen(blocks: Mapping[str, Block], steps: int, first: int, last: int) -> tuple[dict[str, Block], Ints]:
    """Blocks of the window and the positions of what they hold in the whole problem."""
    found: dict[str, Block] = {}
    parts: list[Ints] = []
    start = 0
    for name, block in blocks.items():
        at = block.positions
        if block.steps == steps:
            at = at[:, first:last]
        elif block.steps == steps - 1 and steps > 2:
            at = at[:, max(first, 1) - 1 : last - 1]  # changes into the steps of the window
        found[name] = Block(name, start, block.elements, at.shape[1])
        start += at.size
        parts.append(at.ravel())
    return found, np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _with_borrowing(window: Problem, solved: Solved, rows: Ints, last: int, least: float) -> Problem:
    """Columns that give rows over the horizon what the steps after the window would have used."""
    problem = solved.problem
    steps = len(problem.step_names)
    whole = [block for block in problem.rows.values() if block.steps == 1 < steps]
    if not whole or last >= steps:
        return window
    at = np.concatenate([block.positions.ravel() for block in whole])
    after = np.zeros(problem.shape[1])
    for block in problem.columns.values():
        if block.steps == steps:
            later = block.positions[:, last:].ravel()
            after[later] = solved.values[later]
    use = sp.csr_array(problem.matrix)[at] @ after
    some = np.isfinite(problem.row_upper[at]) & (use > _NONE)
    at, use = at[some], use[some]
    if not len(at):
        return window
    place = np.searchsorted(rows, at, sorter=np.argsort(rows))
    row_in = np.argsort(rows)[place]
    price = np.maximum(-solved.duals[at], least)
    labels = tuple(f"{name}|{element}" for name, element, _ in map(problem.row_label, at.tolist()))
    entries = sp.csc_array(
        (-np.ones(len(at)), (row_in, np.arange(len(at)))), shape=(window.shape[0], len(at))
    )
    return _more_columns(window, Block(BORROWED, window.shape[1], labels, 1), entries, price, use)


def _with_handover(
    window: Problem, solved: Solved, inside: sp.csr_array, columns: Ints, rows: Ints,
    sides: Mapping[str, int], prices: tuple[float, float],
) -> Problem:  # fmt: skip
    """Rows that hand over levels and goods on their way to the steps after the window."""
    problem = solved.problem
    reached = np.diff(inside.indptr) > 0
    reached[rows] = False
    at: Ints = np.flatnonzero(reached)
    dual = solved.duals[at]
    known = np.zeros(len(at))
    for name, sign in sides.items():
        block = problem.rows.get(name)
        if block is not None:
            known[(at >= block.start) & (at < block.start + block.size)] = sign
    side = np.where(np.abs(dual) > _NONE, np.sign(dual), known)
    at, dual, side = at[side != 0], dual[side != 0], side[side != 0]
    if not len(at):
        return window
    kept = inside[at]
    before = kept @ solved.values[columns]
    worth = np.abs(dual)
    price = np.maximum(np.maximum(worth, np.minimum(MARK_UP * worth, prices[1])), prices[0])
    labels = tuple("|".join(part for part in problem.row_label(i) if part) for i in at.tolist())
    count = len(at)
    wide = sp.hstack([kept, sp.csr_array((count, window.shape[1] - len(columns)))])
    grown = replace(
        window,
        matrix=sp.csc_array(sp.vstack([window.matrix, wide], format="csc")),
        row_lower=np.concatenate([window.row_lower, np.where(side > 0, before, -INF)]),
        row_upper=np.concatenate([window.row_upper, np.where(side > 0, INF, before)]),
        rows=window.rows | {HANDOVER: Block(HANDOVER, window.shape[0], labels, 1)},
    )
    entries = sp.csc_array(
        (side, (window.shape[0] + np.arange(count), np.arange(count))), shape=(grown.shape[0], count)
    )
    return _more_columns(grown, Block(SHORT, grown.shape[1], labels, 1), entries, price, np.full(count, INF))


def _more_columns(
    problem: Problem, block: Block, entries: sp.csc_array, cost: Floats, upper: Floats
) -> Problem:
    nothing = np.zeros(block.size)
    return replace(
        problem,
        cost=np.concatenate([problem.cost, cost]),
        tilt=np.concatenate([problem.tilt, nothing]),
        lower=np.concatenate([problem.lower, nothing]),
        upper=np.concatenate([problem.upper, upper]),
        matrix=sp.csc_array(sp.hstack([problem.matrix, entries], format="csc")),
        columns=problem.columns | {block.name: block},
    )

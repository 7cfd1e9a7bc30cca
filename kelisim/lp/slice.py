"""A stretch of steps cut out of a solved problem, everything outside held as it was solved.

Rows inside keep what the columns outside give them as constants. Rows over the whole horizon stay, with what is left
for the window; what they need beyond it is borrowed from the steps after the window at the row's price. Rows after the
window that columns inside reach into (levels, goods on their way; also the first steps, where the horizon wraps) become
a handover: at least what was there before, a shortfall priced a little above what it was worth. So the solution outside
and the prices are enough for the solution inside to be optimal again as long as nothing is changed (complementary
slackness), and the objective is that of the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kelisim.lp.completing import completed
from kelisim.lp.problem import AT_LOWER, AT_UPPER, BASIC, INF, Block, Floats, Ints, Problem, Statuses
from kelisim.tolerances import ROUNDING

HANDOVER, SHORT, BORROWED = "window.handover", "window.handover_shortfall", "window.borrowed"
EXCESS = "window.handover_excess"
ANCHOR, GIVEN_WAY, LET_GO = "window.anchor", "window.given_way", "window.let_go"
MARK_UP = 1.1


@dataclass(frozen=True)
class Solved:
    """A problem with its solution: column values, row activities and duals, in the problem's units.

    spent          what each column costs in the solution, objective units
    column_status, row_status  its basis, as numbers of HighsBasisStatus
    """

    problem: Problem
    values: Floats
    activities: Floats
    duals: Floats
    spent: Floats
    column_status: Statuses
    row_status: Statuses


@dataclass(frozen=True)
class Slice:
    """The problem of steps [first, last), and where its columns and rows come from.

    columns, rows  positions in the whole problem of the first columns and rows; what comes after them is of the window
    constants      what the outside gives to each of those rows
    column_status, row_status  an optimal basis, with the values and prices of the whole
    handed         rows of the whole problem behind those of the handover, in their order
    """

    problem: Problem
    columns: Ints
    rows: Ints
    constants: Floats
    first: int
    last: int
    column_status: Statuses
    row_status: Statuses
    handed: Ints


class _Growing:
    """A window that gets columns and rows of its own."""

    def __init__(
        self, problem: Problem, column_status: Statuses, row_status: Statuses, duals: Floats
    ) -> None:
        self.problem = problem
        self.column_status = column_status
        self.row_status = row_status
        self.duals = duals

    def columns(
        self,
        name: str,
        labels: tuple[str, ...],
        entries: sp.csc_array,
        cost: Floats,
        upper: Floats,
        status: int,
    ) -> None:
        p = self.problem
        start, count = p.shape[1], len(labels)
        nothing = np.zeros(count)
        self.problem = replace(
            p,
            cost=np.concatenate([p.cost, cost]),
            tilt=np.concatenate([p.tilt, nothing]),
            lower=np.concatenate([p.lower, nothing]),
            upper=np.concatenate([p.upper, upper]),
            matrix=sp.csc_array(sp.hstack([p.matrix, entries], format="csc")),
            columns=p.columns | {name: Block(name, start, labels, 1)},
        )
        self.column_status = np.concatenate([self.column_status, np.full(count, status, dtype=np.int8)])

    def rows(
        self,
        name: str,
        labels: tuple[str, ...],
        matrix: sp.csr_array,
        limits: tuple[Floats, Floats],
        duals: Floats,
    ) -> None:
        p = self.problem
        wide = sp.hstack([matrix, sp.csr_array((len(labels), p.shape[1] - matrix.shape[1]))])
        self.problem = replace(
            p,
            matrix=sp.csc_array(sp.vstack([p.matrix, wide], format="csc")),
            row_lower=np.concatenate([p.row_lower, limits[0]]),
            row_upper=np.concatenate([p.row_upper, limits[1]]),
            rows=p.rows | {name: Block(name, p.shape[0], labels, 1)},
        )
        at_bound = np.where(np.isfinite(limits[0]), AT_LOWER, AT_UPPER).astype(np.int8)
        self.row_status = np.concatenate([self.row_status, at_bound])
        self.duals = np.concatenate([self.duals, duals])

    def anchor(self, values: Floats) -> None:
        """Complete the basis: where columns inside do not fix a row's price, a column held at 0 does, at that price.

        Such columns change no answer; with them the values and prices of the whole are those of a basis of the window.
        """
        inside = np.concatenate([values, np.zeros(self.problem.shape[1] - len(values))])
        columns, rows = completed(self.problem, self.column_status, self.row_status, inside)
        at = np.flatnonzero((rows == BASIC) & (self.row_status != BASIC))
        self.column_status = columns
        if not len(at):
            return
        labels = _labels(self.problem, at)
        entries = sp.csc_array(
            (np.ones(len(at)), (at, np.arange(len(at)))), shape=(self.problem.shape[0], len(at))
        )
        price = np.where(np.abs(self.duals[at]) > ROUNDING, self.duals[at], 0.0)
        self.columns(ANCHOR, labels, entries, price, np.zeros(len(at)), BASIC)


def cut_out(
    solved: Solved,
    first: int,
    last: int,
    sides: Mapping[str, int],
    least_price: float = 0.0,
    most_price: float = INF,
    soft: Collection[str] = (),
    arriving: tuple[Collection[str], float] = ((), 0.0),
) -> Slice:
    """The window of steps [first, last).

    sides        for each block of rows whose handover counts even where its dual is 0: +1 if less is worse, -1 if more is
    least_price  of handover and borrowing, objective units per unit of the row
    most_price   that the mark-up may not exceed
    soft         blocks of rows whose lower limit may be missed after a change, priced like a handover
    arriving     blocks of rows that may let go what is on its way to them when the window opens, and the price of it
    """
    problem = solved.problem
    column_blocks, columns = _chosen(problem.columns, len(problem.step_names), first, last)
    row_blocks, rows = _chosen(problem.rows, len(problem.step_names), first, last)
    inside = sp.csr_array(problem.matrix[:, columns])
    kept, beyond = _parted(problem, inside, columns, rows)
    constants = solved.activities[rows] - kept @ solved.values[columns]
    constants[np.abs(constants) < ROUNDING] = 0.0
    outside = np.ones(problem.shape[1], dtype=bool)
    outside[columns] = False
    offset = problem.offset + float(solved.spent[outside].sum())
    p, names, facts = problem, problem.step_names[first:last], _facts(problem, first, last)
    cost, tilt, lower, upper = (vector[columns] for vector in (p.cost, p.tilt, p.lower, p.upper))
    low, high = (limit[rows] - constants for limit in (p.row_lower, p.row_upper))
    index = (column_blocks, row_blocks, names)
    base = Problem(cost, tilt, lower, upper, sp.csc_array(kept), low, high, *index, p.scale, offset, facts)
    growing = _Growing(base, solved.column_status[columns], solved.row_status[rows], solved.duals[rows])
    _borrow(growing, solved, rows, last, least_price)
    _give_way(growing, soft, least_price)
    _let_go(growing, constants, *arriving)
    handed = _hand_over(growing, solved, beyond, columns, sides, (least_price, most_price))
    growing.anchor(solved.values[columns])
    basis = (growing.column_status, growing.row_status)
    return Slice(growing.problem, columns, rows, constants, first, last, *basis, handed)


def at_plan_prices(cut: Slice, solved: Solved, spread: float) -> Slice:
    """The window with what it hands over at the prices of the whole: less of it costs them, and more of it earns them.

    By duality what a change costs in it is no more than in any longer window, but for the spread. An undisturbed window is
    still the plan.

    spread  share by which less costs more and more earns less, so that nothing is moved for nothing
    """
    p, short = cut.problem, cut.problem.columns.get(SHORT)
    if short is None:
        return cut
    worth, cost = np.abs(solved.duals[cut.handed]), p.cost.copy()
    cost[short.span] = np.where(worth > ROUNDING, worth * (1.0 + spread), cost[short.span])
    growing = _Growing(replace(p, cost=cost), cut.column_status, cut.row_status, np.zeros(p.shape[0]))
    earned, upper = -worth * (1.0 - spread), np.full(short.size, INF)
    growing.columns(EXCESS, short.elements, -p.matrix[:, short.span], earned, upper, AT_LOWER)
    return replace(cut, problem=growing.problem, column_status=growing.column_status)


def _parted(
    problem: Problem, inside: sp.csr_array, columns: Ints, rows: Ints
) -> tuple[sp.csr_array, sp.csr_array]:
    """What the columns inside give to the rows inside, and what they give to rows that come later.

    Where the horizon wraps, its last steps reach into its first ones. In a window that holds both, the first ones lie in the past all
    the same: what they get from there is as it was solved, and what the last ones give is handed over.

    returns  (rows, columns) of the window, and (all rows, columns of the window)
    """
    entries = inside.tocoo()
    within = np.zeros(problem.shape[0], dtype=bool)
    within[rows] = True
    column_step = _steps_of(problem, problem.columns, problem.shape[1])[columns]
    row_step = _steps_of(problem, problem.rows, problem.shape[0])
    row, column = entries.coords
    wraps = within[row] & (row_step[row] >= 0) & (column_step[column] > row_step[row])
    later = wraps | ~within[row]
    beyond = sp.csr_array((entries.data[later], (row[later], column[later])), shape=inside.shape)
    if not wraps.any():
        return inside[rows], beyond
    kept = sp.csr_array((entries.data[~wraps], (row[~wraps], column[~wraps])), shape=inside.shape)
    return kept[rows], beyond


def _steps_of(problem: Problem, blocks: Mapping[str, Block], count: int) -> Ints:
    """The step of each column or row; -1 of those over the whole horizon."""
    steps = len(problem.step_names)
    of = problem.grid.step_of if problem.grid is not None else np.arange(steps)
    found = np.full(count, -1, dtype=np.int64)
    for block in blocks.values():
        if block.steps == steps > 1:
            found[block.span] = of[block.heads[1]]
    return found


def _facts(problem: Problem, first: int, last: int) -> dict[str, object]:
    weights = problem.facts.get("weights")
    return problem.facts | ({"weights": np.asarray(weights)[first:last]} if weights is not None else {})


def _chosen(blocks: Mapping[str, Block], steps: int, first: int, last: int) -> tuple[dict[str, Block], Ints]:
    """Blocks of the window and the positions of what they hold in the whole problem."""
    found: dict[str, Block] = {}
    parts: list[Ints] = []
    start = 0
    for name, block in blocks.items():
        if block.steps == steps:
            found[name], at = block.cut(start, first, last), block.within(first, last)
        else:
            found[name], at = replace(block, start=start), block.positions.ravel()
        start += at.size
        parts.append(at)
    return found, np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _of_the_horizon(problem: Problem) -> Ints:
    """Rows over the whole horizon."""
    steps = len(problem.step_names)
    found = [block.positions.ravel() for block in problem.rows.values() if block.steps == 1 < steps]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _borrow(growing: _Growing, solved: Solved, rows: Ints, last: int, least: float) -> None:
    """Columns that give rows over the horizon what the steps after the window would have used."""
    problem = solved.problem
    steps = len(problem.step_names)
    at = _of_the_horizon(problem)
    if not len(at):
        return
    after = np.zeros(problem.shape[1])
    for block in problem.columns.values():
        if block.steps == steps and last < steps:
            later = np.unique(block.positions[:, last:])
            after[later] = solved.values[later]
    # what takes from the row, apart from what gives to it: a row of shares has both, and its sum may be nothing
    taking = sp.csr_array(problem.matrix)[at].maximum(0)
    use = np.where(np.isfinite(problem.row_upper[at]), taking @ after, 0.0)
    at, use = at[use > ROUNDING], use[use > ROUNDING]
    if not len(at):
        return
    order = np.argsort(rows)
    row_in = order[np.searchsorted(rows, at, sorter=order)]
    labels = tuple(f"{name}|{element}" for name, element, _ in map(problem.row_label, at.tolist()))
    shape = (growing.problem.shape[0], len(at))
    entries = sp.csc_array((-np.ones(len(at)), (row_in, np.arange(len(at)))), shape=shape)
    growing.columns(BORROWED, labels, entries, np.maximum(-solved.duals[at], least), use, AT_LOWER)


def _labels(problem: Problem, rows: Ints) -> tuple[str, ...]:
    """Names of columns and rows of the window after the rows that they are made for."""
    return tuple("|".join(part for part in problem.row_label(i) if part) for i in rows.tolist())


def _give_way(growing: _Growing, soft: Collection[str], least: float) -> None:
    """Columns by which rows may fall below their lower limit."""
    p = growing.problem
    chosen = [p.rows[name].positions.ravel() for name in soft if name in p.rows]
    at = np.concatenate([np.zeros(0, dtype=np.int64), *chosen])
    at = at[np.isfinite(p.row_lower[at])]
    if not len(at):
        return
    labels = _labels(p, at)
    entries = sp.csc_array((np.ones(len(at)), (at, np.arange(len(at)))), shape=(p.shape[0], len(at)))
    price = np.maximum(MARK_UP * np.abs(growing.duals[at]), least)
    growing.columns(GIVEN_WAY, labels, entries, price, np.full(len(at), INF), AT_LOWER)


def _let_go(growing: _Growing, constants: Floats, names: Collection[str], price: float) -> None:
    """Columns by which rows that must hold exactly let go what comes from the steps before the window, if nobody can take it.

    No more than that: the upper bound is what arrives. Elements to which nothing is on its way have no such column.
    """
    p = growing.problem
    parts = [np.zeros(0, dtype=np.int64)]
    for block in (p.rows[name] for name in names if name in p.rows):
        at = np.arange(block.span.start, block.span.stop)
        element = block.heads[0]
        comes = np.where(np.isfinite(p.row_upper[at]), np.maximum(constants[at], 0.0), 0.0)
        some = np.bincount(element, comes, minlength=len(block.elements))[element] > 0.0
        parts.append(at[some])
    at = np.concatenate(parts)
    arrives = np.where(np.isfinite(p.row_upper[at]), np.maximum(constants[at], 0.0), 0.0)
    if not len(at):
        return
    entries = sp.csc_array((-np.ones(len(at)), (at, np.arange(len(at)))), shape=(p.shape[0], len(at)))
    cost = np.maximum(MARK_UP * np.abs(growing.duals[at]), price)
    growing.columns(LET_GO, _labels(p, at), entries, cost, arrives, AT_LOWER)


def _hand_over(
    growing: _Growing,
    solved: Solved,
    beyond: sp.csr_array,
    columns: Ints,
    sides: Mapping[str, int],
    prices: tuple[float, float],
) -> Ints:
    """Rows that hand over levels and goods on their way to the steps after the window; those of the whole behind them."""
    problem = solved.problem
    at: Ints = np.flatnonzero(np.diff(beyond.indptr) > 0)
    dual = solved.duals[at]
    known = np.zeros(len(at))
    for name, sign in sides.items():
        block = problem.rows.get(name)
        if block is not None:
            known[(at >= block.span.start) & (at < block.span.stop)] = sign
    side = np.where(np.abs(dual) > ROUNDING, np.sign(dual), known)
    at, dual, side = at[side != 0], dual[side != 0], side[side != 0]
    if not len(at):
        return at
    kept = beyond[at]
    before = kept @ solved.values[columns]
    worth = np.abs(dual)
    price = np.maximum(np.maximum(worth, np.minimum(MARK_UP * worth, prices[1])), prices[0])
    labels = _labels(problem, at)
    count = len(at)
    start = growing.problem.shape[0]
    limits = (np.where(side > 0, before, -INF), np.where(side > 0, INF, before))
    growing.rows(HANDOVER, labels, kept, limits, dual)
    entries = sp.csc_array(
        (side, (start + np.arange(count), np.arange(count))), shape=(growing.problem.shape[0], count)
    )
    growing.columns(SHORT, labels, entries, price, np.full(count, INF), AT_LOWER)
    return at

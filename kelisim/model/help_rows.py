"""The rows and columns of help from abroad, laid over a window: what comes in, what goes through, what is agreed, what a giver can spare.

The plan stands in the window already: its flows give each row the limit that it keeps (see `kelisim.model.help`). Rows and columns of a
carrier with one balance a step stand once a step, with the least limit of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.case.resolution import in_steps
from kelisim.lp.problem import INF, Block, Floats, Grid, Ints, Problem
from kelisim.lp.slice import Slice, Solved
from kelisim.model.agreed import Aid, aids
from kelisim.model.borders import WAYS, Border, Crossing, crossings, helped_over, label
from kelisim.model.help import (
    AID,
    BORDER,
    GIVER,
    LATER,
    LEAVING,
    SALES,
    SOLD,
    SURPLUS,
    THROUGH,
    Help,
    going_through,
    least,
    part_of,
)
from kelisim.model.nominations import Nomination, nominations

Part = tuple[Ints, Ints, float | Floats]  # rows, columns, one value or one for each


def laid(
    case: Case, problem: Problem, window: Slice, solved: Solved, hours: Floats
) -> tuple[Problem, Help | None]:
    """The window with the rows and columns of help from abroad, all open; None where nothing crosses a border.

    problem  the window under its other rules
    window   as it was cut out, without rules
    """
    found = crossings(case, problem)
    borders = helped_over(case, found)
    if not borders:
        return problem, None
    receives = {(receiver, carrier) for receiver, _, carrier in borders}
    leaving = tuple(sorted({(one.leaves, one.carrier) for one in found if one.leaves} & receives))
    giving = tuple(sorted({(one.leaves, one.carrier) for one in found if one.leaves}))
    layout = _Layout(problem.grid, _coarse(case, found), hours)
    entries = _Entries(problem, found, layout, borders, (leaving, giving))
    plan = _plan(problem, window, solved)
    comes_in, leaves = entries.enters(plan), entries.leaves(plan)
    agreed, booked = aids(case, borders), _booked(case, found, borders)
    prices = _Prices(case, problem, window, solved, found)
    blocks = _Blocks.of(
        problem, layout, borders, (leaving, giving), agreed, _kept(case, giving), entries.sold
    )
    price = blocks.aid.total(_wide([prices.of(aid) for aid in agreed], hours))
    grown = _grown(problem, blocks, entries, entries.sales(problem, plan), price)
    through = going_through(borders, leaving, comes_in, leaves)
    nominable = least(blocks.border, _nominable(borders, booked, window, hours))
    more = np.maximum(nominable - (comes_in - through), 0.0)
    most = _wide([part_of(aid.most, share_after(hours, aid.lead)) for aid in agreed], hours)
    return grown, Help(
        borders,
        comes_in,
        through,
        nominable,
        booked,
        agreed,
        least(blocks.aid, most),
        np.maximum(entries.gives(plan), 0.0) + _of_givers(borders, giving, more),
        blocks.border,
        blocks.giver,
        np.array(blocks.passing, dtype=np.int64),
        blocks.through,
        blocks.aid,
        blocks.surplus,
    )


def _wide(rows: Sequence[Floats], hours: Floats) -> Floats:
    return np.array(rows, dtype=float).reshape(-1, len(hours))


def _booked(case: Case, found: Sequence[Crossing], borders: Sequence[Border]) -> tuple[Nomination, ...]:
    """What contracts let be nominated over some borders."""
    return tuple(one for one in nominations(case, found) if one.border in borders)


def _coarse(case: Case, found: Iterable[Crossing]) -> frozenset[str]:
    """Carriers that cross a border and have one balance a step."""
    carriers = sorted({one.carrier for one in found})
    few = in_steps(case, pd.Series(carriers, dtype=object))
    return frozenset(carrier for carrier, once in zip(carriers, few, strict=True) if once)


@dataclass(frozen=True)
class _Layout:
    """Which rows and columns stand once a step.

    grid    steps and cells, if a step has several
    coarse  carriers with one balance a step
    hours   of each cell
    """

    grid: Grid | None
    coarse: frozenset[str]
    hours: Floats

    def block(self, name: str, start: int, elements: Sequence[tuple[tuple[str, ...], str]]) -> Block:
        """A block of rows or columns; elements as the parts of their name, and their carrier."""
        names = tuple(label(*parts) for parts, _ in elements)
        few = tuple(self.grid is not None and carrier in self.coarse for _, carrier in elements)
        if not any(few):
            return Block(name, start, names, len(self.hours))
        return Block(name, start, names, len(self.hours), self.grid, few)

    def keyed(self, name: str, start: int, keys: Sequence[tuple[str, ...]]) -> Block:
        """A block of elements whose name ends with their carrier."""
        return self.block(name, start, [(key, key[-1]) for key in keys])


def _entries(rows: Block, row: int, columns: Block, column: int, values: Floats | float) -> Part:
    """Entries of an element of columns in one of rows, from values in cells: of what both have once a step one for each step; a column in cells
    counts in a row of the step by their hours."""
    r, c = rows.positions[row], columns.positions[column]
    wide = np.broadcast_to(np.asarray(values, dtype=float), r.shape)
    if rows.grid is None or not rows.is_coarse[row]:
        return r, c, wide
    if columns.is_coarse[column]:
        heads = rows.grid.heads
        return r[heads], c[heads], wide[heads]
    return r, c, wide * rows.grid.share


def _kept(case: Case, giving: Sequence[tuple[str, str]]) -> list[int]:
    """Givers whose carrier can be put off: what was not given so far may be given later, once a tank beyond a cut is emptied again.

    What has a balance in each part of a day cannot be kept for another.
    """
    rows = case.table("carriers")
    kept = set(rows["carrier"][rows["resolution"] == "step"])
    return [at for at, (_, carrier) in enumerate(giving) if carrier in kept]


def _of_givers(borders: Sequence[Border], giving: Sequence[tuple[str, str]], more: Floats) -> Floats:
    """What is given over several borders, by giver, (giving, steps)."""
    found = np.zeros((len(giving), more.shape[1]))
    for row, (_, giver, carrier) in enumerate(borders):
        if (giver, carrier) in giving:
            found[giving.index((giver, carrier))] += more[row]
    return found


@dataclass(frozen=True)
class _Blocks:
    """Where the new rows and columns stand; and borders beyond which something leaves again."""

    border: Block
    leaving: Block
    giver: Block
    surplus: Block
    through: Block
    aid: Block
    later: Block
    sold: Block
    sales: Block
    passing: list[int]
    pairs: list[Part]

    @classmethod
    def of(
        cls,
        problem: Problem,
        layout: _Layout,
        borders: Sequence[Border],
        outward: tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]],
        agreed: Sequence[Aid],
        kept: Sequence[int],
        sold_abroad: Sequence[str],
    ) -> _Blocks:
        """Blocks behind those of the problem.

        outward  pairs of country and carrier beyond which something leaves, and that give something
        kept     positions of those givers whose carrier can be put off
        sold_abroad  carriers that buyers abroad take
        """
        row, column = problem.shape
        leaving, giving = outward
        givers = sorted({(aid.giver, aid.carrier) for aid in agreed})
        passing = [at for at, (receiver, _, carrier) in enumerate(borders) if (receiver, carrier) in leaving]
        border = layout.keyed(BORDER, row, borders)
        left = layout.keyed(LEAVING, border.span.stop, leaving)
        giver = layout.keyed(GIVER, left.span.stop, giving)
        spare = layout.keyed(SURPLUS, giver.span.stop, givers)
        sales = layout.keyed(SALES, spare.span.stop, [(carrier,) for carrier in sold_abroad])
        through = layout.keyed(THROUGH, column, [borders[at] for at in passing])
        names = [((*one.border, one.name), one.carrier) for one in agreed]
        aid = layout.block(AID, through.span.stop, names)
        later = layout.keyed(LATER, aid.span.stop, [giving[at] for at in kept])
        sellers = [at for at, (_, carrier) in enumerate(giving) if carrier in sold_abroad]
        sold = layout.keyed(SOLD, later.span.stop, [giving[at] for at in sellers])
        pools = [sold_abroad.index(giving[at][1]) for at in sellers]
        pool = [leaving.index((borders[at][0], borders[at][2])) for at in passing]
        here = [borders.index(one.border) for one in agreed]
        of_giver = [givers.index((one.giver, one.carrier)) for one in agreed]
        gives = [giving.index((one.giver, one.carrier)) for one in agreed]
        entries: list[tuple[Block, list[int], Block, float]] = [
            (giver, gives, aid, -1.0),
            (border, passing, through, -1.0),
            (left, pool, through, 1.0),
            (border, here, aid, -1.0),
            (spare, of_giver, aid, 1.0),
            (giver, sellers, sold, -1.0),
            (sales, pools, sold, 1.0),
        ]
        pairs = [
            _entries(rows, at, columns, of, value)
            for rows, each, columns, value in entries
            for of, at in enumerate(each)
        ]
        for of, at in enumerate(kept):
            rows, columns, lasts = giver.own(at), later.own(of), giver.over_step(at, layout.hours)
            over = lasts.mean() / lasts
            pairs += [(rows, columns, over), (rows[1:], columns[:-1], -over[1:])]
        return cls(border, left, giver, spare, through, aid, later, sold, sales, passing, pairs)


class _Entries:
    """What columns of the problem bring over each border, and take out of each country; rows as in the blocks of help."""

    def __init__(
        self,
        problem: Problem,
        found: Sequence[Crossing],
        layout: _Layout,
        borders: Sequence[Border],
        outward: tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]],
    ) -> None:
        at_border = {border: at for at, border in enumerate(borders)}
        at_leaving, at_giving = ({pair: at for at, pair in enumerate(pairs)} for pairs in outward)
        self._layout = layout
        self._border = layout.keyed(BORDER, 0, borders)
        self._leaving, self._giving = (
            layout.keyed(name, 0, pairs) for name, pairs in zip((LEAVING, GIVER), outward, strict=True)
        )
        enters: list[Part] = []
        leaves: list[Part] = []
        gives: list[Part] = []
        bought: list[Crossing] = []
        for one in found:
            columns = problem.columns[one.block], one.at
            if one.border is not None:
                if one.border in at_border:
                    enters.append(_entries(self._border, at_border[one.border], *columns, one.arrives))
                into = at_giving.get((one.border[0], one.carrier))
                if into is not None:
                    gives.append(_entries(self._giving, into, *columns, -one.arrives))
            from_ = one.leaves, one.carrier
            if from_ in at_leaving:
                leaves.append(_entries(self._leaving, at_leaving[from_], *columns, one.departs))
            if one.leaves:
                gives.append(_entries(self._giving, at_giving[from_], *columns, one.departs))
                if one.border is None and one.departs > 0:
                    bought.append(one)
        self._bought = bought
        self.sold = sorted({one.carrier for one in bought})
        self.entering = _matrix(enters, (self._border.size, problem.shape[1]))
        self.departing = _matrix(leaves, (self._leaving.size, problem.shape[1]))
        self.giving = _matrix(gives, (self._giving.size, problem.shape[1]))

    def sales(self, problem: Problem, plan: Floats) -> sp.csr_array:
        """Of what buyers abroad take, the share that may be beyond the plan, with a minus, (rows of `help.sales`, columns).

        What is sold beyond the plan is max(0, sold - planned), of which the least linear bound from above is (1 - planned / ceiling) sold:
        right where nothing is sold and at the ceiling.
        """
        block, parts = self._layout.keyed(SALES, 0, [(carrier,) for carrier in self.sold]), []
        for one in self._bought:
            columns = problem.columns[one.block]
            ceiling, planned = (columns.take(vector)[one.at] for vector in (problem.upper, plan))
            room = 1.0 - np.divide(planned, ceiling, out=np.ones(len(ceiling)), where=ceiling > 0)
            share = -np.clip(room, 0.0, 1.0)
            parts.append(_entries(block, self.sold.index(one.carrier), columns, one.at, share))
        return _matrix(parts, (block.size, problem.shape[1]))

    def enters(self, values: Floats) -> Floats:
        """MW that comes in over each border, (borders, cells)."""
        return self._border.take(np.asarray(self.entering @ values))

    def leaves(self, values: Floats) -> Floats:
        """MW that leaves each country, (countries and carriers, cells)."""
        return self._leaving.take(np.asarray(self.departing @ values))

    def gives(self, values: Floats) -> Floats:
        """MW that each country gives net, (countries and carriers, cells)."""
        return self._giving.take(np.asarray(self.giving @ values))


def _grown(
    problem: Problem, blocks: _Blocks, entries: _Entries, sales: sp.csr_array, price: Floats
) -> Problem:
    """The problem with the new rows, open but for what goes through, and the new columns, aid closed."""
    b = blocks
    rows, columns = problem.shape
    count = b.border.size + b.leaving.size + b.giver.size + b.surplus.size + b.sales.size
    late = b.later.size + b.sold.size
    more = b.through.size + b.aid.size + late
    spare = sp.csr_array((b.surplus.size, columns))
    below = sp.vstack([entries.entering, -entries.departing, entries.giving, spare, sales])
    whole = sp.hstack([sp.vstack([problem.matrix, below]), sp.csr_array((rows + count, more))])
    limits = np.full(count, INF)
    limits[b.border.size : b.border.size + b.leaving.size] = 0.0
    limits[count - b.sales.size :] = 0.0
    nothing = np.zeros(more)
    return replace(
        problem,
        cost=np.concatenate([problem.cost, np.zeros(b.through.size), price, np.zeros(late)]),
        tilt=np.concatenate([problem.tilt, nothing]),
        lower=np.concatenate([problem.lower, nothing]),
        upper=np.concatenate(
            [problem.upper, np.full(b.through.size, INF), np.zeros(b.aid.size), np.full(late, INF)]
        ),
        matrix=sp.csc_array(whole + _matrix(b.pairs, whole.shape)),
        row_lower=np.concatenate([problem.row_lower, np.full(count, -INF)]),
        row_upper=np.concatenate([problem.row_upper, limits]),
        columns=problem.columns
        | {one.name: one for one in (b.through, b.aid, b.later, b.sold) if one.elements},
        rows=problem.rows
        | {one.name: one for one in (b.border, b.leaving, b.giver, b.surplus, b.sales) if one.elements},
    )


def _matrix(parts: Sequence[Part], shape: tuple[int, int]) -> sp.csr_array:
    """A matrix with one value at each pair of positions."""
    if not parts:
        return sp.csr_array(shape)
    rows = np.concatenate([row.ravel() for row, _, _ in parts])
    columns = np.concatenate([column.ravel() for _, column, _ in parts])
    values = np.concatenate([np.broadcast_to(value, row.shape).ravel() for row, _, value in parts])
    return sp.csr_array((values, (rows, columns)), shape=shape)


# ---- the plan
def _plan(problem: Problem, window: Slice, solved: Solved) -> Floats:
    """Values of the plan at the columns of the problem; 0 of those that a rule has added or split."""
    found = np.zeros(problem.shape[1])
    inside = solved.values[window.columns]
    for name, block in window.problem.columns.items():
        other = problem.columns.get(name)
        if other is not None and other.elements == block.elements and not name.startswith("window."):
            found[other.positions.ravel()] = inside[block.positions.ravel()]
    return found


def _nominable(
    borders: Sequence[Border], booked: Sequence[Nomination], window: Slice, hours: Floats
) -> Floats:
    """MW that contracts let be nominated over each border, from their lead on, (borders, steps)."""
    found = np.zeros((len(borders), len(hours)))
    for one in booked:
        share = share_after(hours, one.lead)
        found[borders.index(one.border)] += part_of(one.most[window.first : window.last], share)
    return found


def share_after(hours: Floats, lead: float) -> Floats:
    """Share of each step that lies after a lead time, in hours from the first step on."""
    begins = np.concatenate([[0.0], np.cumsum(hours)[:-1]])
    found: Floats = np.clip((begins + hours - lead) / hours, 0.0, 1.0)
    return found


class _Prices:
    """What aid costs beyond the plan's price where it is handed over: on the giver's side of the border, mean of the ways."""

    def __init__(
        self, case: Case, problem: Problem, window: Slice, solved: Solved, found: Sequence[Crossing]
    ) -> None:
        links = case.table("links").set_index("link")
        self._nodes: dict[Border, set[str]] = {}
        for one in found:
            if one.block in WAYS and one.border is not None:
                side = "from_place" if one.block == WAYS[0] else "to_place"
                place = str(links[side][one.element])
                self._nodes.setdefault(one.border, set()).add(f"{place}:{one.carrier}")
        self._balance = window.problem.rows["places.balance"]
        self._duals = self._balance.spread(solved.duals[window.rows])
        self._weights = np.asarray(problem.facts["weights"], dtype=float)

    def of(self, aid: Aid) -> Floats:
        """Objective per MW, (steps,): a share on top of that price, or what an own price is above it."""
        local = np.zeros(len(self._weights))
        names = sorted(self._nodes.get(aid.border, ()))
        if names:
            at = [self._balance.elements.index(name) for name in names]
            local = np.maximum(self._duals[at], 0.0).mean(axis=0)
        if np.isnan(aid.price):
            return local * aid.on_top
        found: Floats = np.maximum(aid.price * self._weights - local, 0.0)
        return found

"""What the loss of some columns can cost at most, read from one optimal solution and nothing else.

V(F) is the optimal cost with the set F of elements out, x an optimal solution of it. For each element e that is not
in F a number w_e is found so that, for every set T of them,

    V(F + T) <= V(F) + sum over T of w_e,

or infinity, where this module cannot give one.

**Idea.** Take x, set the columns of T to 0, and mend the rows that no longer hold, using only columns that are in use
(making them smaller) and penalties with room (making them larger). What is mended is feasible, so its cost bounds
V(F + T). Each row side gets a price of losing one unit of it; the price of a column is the sum over all it gives.

**Sides.** A row with a lower limit is the side g = a, b = lower; with an upper limit the side g = -a, b = -upper;
each reads g x >= b, and an equation has two. On a side, columns in use with g > 0 are inflows, those with g < 0
outlets, S = g x - b the slack. Columns that may not move (lower bound not 0, free) count as constants in b.

**Penalties** of a side: columns with g > 0 and room, which no element can take away, and whose increase harms no other
side, or only sides that can mend all that could be lost there by penalties of their own. (A penalty that goes with an
element may serve a side that holds by itself once the element is out.) They are asked for where b > 0.

**Prices.** With P what penalties give now, I what other inflows give, T = I + max(P - b, 0):

    worth of a column    R_j = max(0, sum over sides with g_j > 0 of g_j r - cost_j)
    side of one limit    r = (sum over outlets of x_j R_j + cost of filling b - P with penalties, cheapest first) / T
    side of two limits   r = largest of R_j / |g_j| over outlets, and of the prices of its penalties if b > P;
                         R_j then leaves out the row itself
    side harmed by penalties of others: the largest price of its own penalties
    element              w_e = max(0, sum over its columns of what they lose times (sum of g_j r - cost_j))

**Proof.** Mending goes row by row; a column is only made smaller, so amounts converge and in the limit all sides hold.
A side of one limit keeps the share phi = (I' + P) / (I + P) of its inflow and asks each outlet, the part of b it
serves, and its slack to shrink to that share of what they were; an outlet asked by several rows shrinks once, at
the charge of one of them, so the charges of a side are at most (1 - phi) times the numerator, and it lost (1 - phi) T.
(Filling in order of price is convex, so its chord from 0 to all bounds each part of it.) A side of two limits
shrinks any outlets by what its equation is out of balance, each unit at most at r. Give each unit of imbalance the
price r of its side: shrinking j by d adds at most d (R_j + cost_j) to the total and saves d cost_j; mending takes away at
least what it adds elsewhere. So the total cost added is at most the first step's, the sum of d_j R_j over T. The
argument needs some r that is at least the right-hand sides above, not the least one: the iteration adds a little
until it stops growing. Where a loop multiplies more than it loses, it does not stop: no bound.

**Sides that an element changes.** One that holds by itself without the element counts nothing; one that asks for less
counts what is lost beyond that; one that asks for more must hold at x without the element's columns, and nothing else
may give to it, else there is no bound. (So a limit of the year may fall by what an element would have made.)

This is the loss bound of flow networks, with two differences: an outlet's price counts with its share, not the dearest
for all, and a column that makes several things loses their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from kelisim.lp.delta import Delta
from kelisim.lp.interdiction.sides import Entries, Sides
from kelisim.lp.problem import INF, Floats, Ints, Problem
from kelisim.lp.removals import own_rows
from kelisim.tolerances import ROUNDING

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Out:
    """What one element takes away, in the order of its columns.

    columns, upper   columns whose upper bound falls, and to what
    exempt           sides that hold by themselves once the element is out
    eased, by        other sides that ask for less then, and by how much
    tight, limit     sides that ask for more, and what
    freed            columns whose bounds it opens
    raises           it raises a lower bound
    """

    columns: Ints
    upper: Floats
    exempt: Ints
    eased: Ints
    by: Floats
    tight: Ints
    limit: Floats
    freed: Ints
    raises: bool


class LossBound:
    """Bounds on the cost of losing elements of one problem."""

    def __init__(self, problem: Problem, outs: Sequence[Delta]) -> None:
        self.problem = problem
        entries = sp.coo_array(problem.matrix)
        self._rows = problem.shape[0]
        row, column, value = entries.row.astype(np.int64), entries.col.astype(np.int64), entries.data
        # a side per row and limit: row for the lower, row + rows for the upper
        self._side = np.concatenate([row, row + self._rows])
        self._column = np.concatenate([column, column])
        self._g = np.concatenate([value, -value])
        self._cost = problem.cost + problem.tilt
        negative = np.bincount(self._side[self._g < 0], minlength=2 * self._rows)
        by_row = sp.csr_array(problem.matrix)
        self._outs = [self._out(delta, negative == 0, own_rows(by_row, delta)) for delta in outs]
        self._by_column = _Grouped(self._column, problem.shape[1])
        self._entries = Entries(self._side, self._column, self._g, self._taken())
        # where an element asks for more of a side that others can harm, mending for these might fail: no bound for any
        self._is_other = any(out.raises for out in self._outs) or self._is_harmed()
        self._lay_out()

    def _out(self, delta: Delta, has_no_outlet: Bools, own: Bools) -> _Out:
        p = self.problem
        lower, upper = p.lower[delta.columns], p.upper[delta.columns]
        less = delta.upper < upper
        freed = delta.columns[(delta.lower < lower) & (delta.upper > upper)]
        limits = np.concatenate([delta.row_lower, -delta.row_upper])
        before = np.concatenate([p.row_lower[delta.rows], -p.row_upper[delta.rows]])
        sides = np.concatenate([delta.rows, delta.rows + self._rows])
        exempt = np.concatenate([own, own]) | (limits == -INF) | ((limits <= 0.0) & has_no_outlet[sides])
        eased, tight = ~exempt & (limits < before), ~exempt & (limits > before)
        fallen = (delta.columns[less], delta.upper[less])
        moved = (sides[exempt], sides[eased], before[eased] - limits[eased], sides[tight], limits[tight])
        return _Out(*fallen, *moved, freed, bool((delta.lower > lower).any()))

    def _is_harmed(self) -> bool:
        """Whether a side of which an element asks for more has inflows that can be made smaller by anything else."""
        tight = [side for out in self._outs for side in out.tight]
        if len(set(tight)) < len(tight):
            return True
        # a column gives for sure if no element takes it away and no other row can make it smaller
        rows = self._side % self._rows
        takes = (self._g < 0) & (np.concatenate([self.problem.row_lower, -self.problem.row_upper]) > -INF)[
            self._side
        ]
        harmed = np.bincount(self._column[takes], minlength=self.problem.shape[1])
        for out in self._outs:
            harmed[out.columns] += 2
        for out in self._outs:
            for side in out.tight:
                row = side % self._rows
                inside = np.flatnonzero(
                    (self._side == side) & (self._g > 0) & ~np.isin(self._column, out.columns)
                )
                columns = self._column[inside]
                own = np.bincount(self._column[takes & (rows == row)], minlength=len(harmed))
                if (harmed[columns] > own[columns]).any():
                    return True
        return False

    def _taken(self) -> Bools:
        """Which entries stand for a penalty that some element takes away from a side which then does not hold by itself."""
        taken = np.zeros(len(self._side), dtype=bool)
        for out in self._outs:
            for column in out.columns:
                at = self._by_column[column]
                taken[at[~np.isin(self._side[at], out.exempt)]] = True
        return taken

    def _lay_out(self) -> None:
        """What elements take away as one list of columns, and the entries of these."""
        columns = [out.columns for out in self._outs]
        self._lost_column = np.concatenate([*columns, []]).astype(np.int64)
        self._lost_upper = np.concatenate([*(out.upper for out in self._outs), []])
        counts = [len(part) for part in columns]
        self._lost_owner = np.repeat(np.arange(len(columns)), counts)
        parts = [self._by_column[column] for column in self._lost_column]
        self._entry = np.concatenate([*parts, []]).astype(np.int64)
        # which line of the list an entry belongs to
        self._entry_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        owner = self._lost_owner[self._entry_of]
        self._exempt = np.zeros(len(self._entry), dtype=bool)
        for at, out in enumerate(self._outs):
            if len(out.exempt):
                mine = np.flatnonzero(owner == at)
                self._exempt[mine] = np.isin(self._side[self._entry[mine]], out.exempt)
        self._eased = _Sides([(out.eased, out.by) for out in self._outs], owner, self._side[self._entry])
        self._tight = _Sides([(out.tight, out.limit) for out in self._outs], owner, self._side[self._entry])
        side = self._side[self._entry]
        is_lower = side < self._rows
        self._freed = _FreedColumns(self._outs, owner, side % self._rows, is_lower, self._rows_of)

    def _rows_of(self, column: int) -> tuple[Ints, Floats]:
        """Rows of a column and its coefficients."""
        at = self._by_column[column]
        at = at[self._side[at] < self._rows]
        return self._side[at], self._g[at]

    def bounds(self, out: Delta, values: Floats) -> Floats:
        """w of each element at an optimal solution.

        out      the delta of the set that is out
        values   x, (columns)
        returns  cost, (elements), in the problem's objective times its scale; 0 for elements that x does not use; infinite
                 where no bound is known
        """
        state = Sides(self.problem, self._entries, out, np.asarray(values, dtype=float))
        count = len(self._outs)
        amount = np.maximum(values[self._lost_column] - self._lost_upper, 0.0)
        amount[amount <= ROUNDING] = 0.0
        used = amount > 0.0
        if self._is_other:
            return np.where(np.bincount(self._lost_owner[used], minlength=count) > 0, INF, 0.0)
        price, bad = state.prices()
        exempt = self._exempt | self._mended(amount)
        side = self._side[self._entry]
        counts = (self._g[self._entry] > 0) & state.active[side] & ~exempt & used[self._entry_of]
        at, of = self._entry[counts], self._entry_of[counts]
        owner = self._lost_owner[of]
        worth = np.bincount(owner, self._g[at] * price[side[counts]] * amount[of], minlength=count)
        lost = self._g[self._entry] * amount[self._entry_of]
        eased = self._eased
        charged = eased.sums(np.where(counts, lost, 0.0))
        less = np.minimum(charged, eased.value) * price[eased.side]
        worth = worth - np.bincount(eased.owner, less, minlength=count)
        saved = np.bincount(self._lost_owner, amount * self._cost[self._lost_column], minlength=count)
        tight = self._tight
        holds = state.activity(values)[tight.side] - tight.sums(lost) >= tight.value - ROUNDING
        failed = ~holds | state.pen[tight.side]
        unknown = np.bincount(tight.owner[failed], minlength=count) > 0
        unknown |= np.bincount(owner[bad[side[counts]]], minlength=count) > 0
        stuck = used & ~state.movable[self._lost_column]
        unknown |= np.bincount(self._lost_owner[stuck], minlength=count) > 0
        return np.where(unknown, INF, np.maximum(worth - saved, 0.0) * self.problem.scale)

    def _mended(self, amount: Floats) -> Bools:
        """Entries of rows in which a column that the element frees takes over all that its columns gave."""
        return self._freed.mended(self._g[self._entry] * amount[self._entry_of])


class _FreedColumns:
    """Rows of the columns that elements free, and what the same element's columns give to them.

    outs    what each element takes away and frees
    owner   element of each entry that is lost, (lost entries)
    row, is_lower  its row, and whether it stands on the side of the lower limit
    column  gives the rows of a column and its coefficients there
    """

    def __init__(
        self,
        outs: Sequence[_Out],
        owner: Ints,
        row: Ints,
        is_lower: Bools,
        column: Callable[[int], tuple[Ints, Floats]],
    ) -> None:
        given: list[Ints] = []
        slots: list[float] = []
        column_of: list[Ints] = []
        held: list[Ints] = []
        self._count = len(owner)
        self._columns = 0
        for at, out in enumerate(outs):
            mine = np.flatnonzero(owner == at)
            for freed in out.freed:
                rows, coefficients = column(int(freed))
                if not len(rows):
                    continue
                given += [mine[is_lower[mine] & (row[mine] == one)] for one in rows]
                slots += coefficients.tolist()
                column_of.append(np.full(len(rows), self._columns))
                held.append(mine[np.isin(row[mine], rows)])
                self._columns += 1
        self._given = np.concatenate([*given, []]).astype(np.int64)
        self._slot_of = np.repeat(np.arange(len(given)), [len(part) for part in given])
        self._size = np.array(slots)
        self._column_of = np.concatenate([*column_of, []]).astype(np.int64)
        self._held = np.concatenate([*held, []]).astype(np.int64)
        self._held_by = np.repeat(np.arange(self._columns), [len(part) for part in held])

    def mended(self, lost: Floats) -> Bools:
        """Entries of the rows in which one amount of a freed column makes up for what is lost of each, (lost entries)."""
        found = np.zeros(self._count, dtype=bool)
        if not self._columns:
            return found
        shift = np.bincount(self._slot_of, lost[self._given], minlength=len(self._size)) / self._size
        starts = np.searchsorted(self._column_of, np.arange(self._columns))
        most, least = np.maximum.reduceat(shift, starts), np.minimum.reduceat(shift, starts)
        alike = most - least <= ROUNDING * np.maximum(1.0, np.maximum(np.abs(most), np.abs(least)))
        found[self._held[alike[self._held_by]]] = True
        return found


class _Sides:
    """Sides that elements change, all in one list: owner, side, value; with the entries of the owner's columns on each."""

    def __init__(self, parts: Sequence[tuple[Ints, Floats]], owner: Ints, side: Ints) -> None:
        self.owner = np.repeat(np.arange(len(parts)), [len(sides) for sides, _ in parts])
        self.side = np.concatenate([*(sides for sides, _ in parts), []]).astype(np.int64)
        self.value = np.concatenate([*(values for _, values in parts), []])
        found = [
            np.flatnonzero((owner == of) & (side == at)) for of, at in zip(self.owner, self.side, strict=True)
        ]
        self._entries = np.concatenate([*found, []]).astype(np.int64)
        self._of = np.repeat(np.arange(len(found)), [len(part) for part in found])

    def sums(self, amount: Floats) -> Floats:
        """What the owner's columns give to each side, of an amount per entry."""
        found = np.bincount(self._of, amount[self._entries], minlength=len(self.side))
        return np.asarray(found, dtype=float)


class _Grouped:
    """Entries of a column."""

    def __init__(self, column: Ints, columns: int) -> None:
        self._order = np.argsort(column, kind="stable")
        self._ends = np.searchsorted(column[self._order], np.arange(columns + 1))

    def __getitem__(self, column: int) -> Ints:
        return self._order[self._ends[column] : self._ends[column + 1]]

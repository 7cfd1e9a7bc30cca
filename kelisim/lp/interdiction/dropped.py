"""What the loss of some columns can cost at most, read from two solutions: the optimal one and one with everything lost.

The question is that of `kelisim.lp.interdiction.bounds`; here equations, voltage laws, least activities and limits between countries have
an answer too, as far as no loop gives back all that it takes. The proof stands in docs/decisions/0018-slices.md.

**Idea.** Between the optimal solution x and z, the one with all elements lost, every column may have any value without leaving its
bounds. Cut the way from x to z of every column into thin slices. In each row slices that pull its activity up are matched with slices
that pull it down. Dropping a slice, that is moving it from x to z, asks for its partners to be dropped too, and these for theirs. A
set of slices that lacks no partner is *closed*: moving it leaves every row and column inside its limits.

**The bound.** For an element e let D_e be the slices of its columns with all that they ask for, and w_e what moving D_e costs. With T lost, moving
the union of the D_e gives an answer, so V(F + T) <= V(F) + cost of the union. What two closed sets share is closed; moving it
alone is an answer with F out, and costs nothing or more, because x is optimal. So the union costs at most the sum of the w_e.

**Without a partner.** With p and n what pulls up and down in a row, and `up` and `down` the room of x to its limits, max(n - up, p - down, 0) of
each side needs a partner: so much that all may be dropped. A loss of p asks for one only where p > down, a loss of n where n > up. So what may
be let go asks nobody to make less, and a limit that is not reached asks nobody. Where an element moves the limits of a row,
the narrower ones count for everybody; where x lies outside of them, the way of the row's activity is cut into slices too.

**Mean over all matchings.** The bound holds for each way of matching, so it holds for the mean over matchings drawn by chance, independently in each
row, and in the limit of thin slices. There a slice is asked for twice with probability 0: what a loss takes with it is a tree.

    P[k, s] = f[k, s] x sum over columns j that pull against s in k of (h_j / N) (Q_j - |a_kj| P[k, -s])
    Q_j     = what moving a unit of j costs, all its rows included = its own cost + sum over rows k of |a_kj| P[k, side of j]
    w_e     = sum over columns i of e of h_i Q_i, without what one column of e asks of another

with h the way of a column, N what its side pulls together, and f the share of side s that needs a partner. The trees are finite where
the system has a positive solution for a right-hand side of ones (an M-matrix; Berman & Plemmons 1994, Nonnegative Matrices in the
Mathematical Sciences, theorem 6.2.3). Elements that lose something on a side where they are not have no bound.

**In any case** no set costs more than z. A w of V(z) - V(F) or more says no more than that, and counts as none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from kelisim.lp.delta import Delta
from kelisim.lp.interdiction.slices import Bools, Slices, StepLayout, Trees
from kelisim.lp.problem import INF, Floats, Ints, Problem
from kelisim.lp.removals import Removals
from kelisim.tolerances import NO_FLOW, ROUNDING, SAME_COST


@dataclass(frozen=True)
class _Taken:
    """What elements tighten, all in one list: element, column or row, and its bounds with the element out; (lines)."""

    owner: Ints
    at: Ints
    low: Floats
    high: Floats

    @classmethod
    def of(cls, parts: Sequence[tuple[Ints, Floats, Floats]], lower: Floats, upper: Floats) -> _Taken:
        owner = np.repeat(np.arange(len(parts)), [len(at) for at, _, _ in parts])
        at, low, high = (np.concatenate([*(part[i] for part in parts), []]) for i in range(3))
        at = at.astype(np.int64)
        tight = (low > lower[at]) | (high < upper[at])
        return cls(owner[tight], at[tight], low[tight], high[tight])

    def way(self, x: Floats, most: Floats) -> Floats:
        """How far each has to move, (lines)."""
        here = x[self.at]
        need = np.maximum(np.maximum(here - self.high, self.low - here), 0.0)
        return np.where(need > NO_FLOW, np.minimum(need, most[self.at]), 0.0)


class DropBound:
    """Bounds on the cost of losing elements of one problem.

    outs     the elements
    nothing  values of an optimal solution with all of them lost and nothing freed (`Removals.all_taken`), (columns)
    """

    def __init__(self, problem: Problem, outs: Removals, nothing: Floats) -> None:
        self._problem, self._nothing, self._count = problem, nothing, len(outs.deltas)
        entries = sp.coo_array(problem.matrix)
        row, column = entries.row.astype(np.int64), entries.col.astype(np.int64)
        lines = []
        for delta, private in zip(outs.deltas, outs.private, strict=True):
            taken = ~np.isin(delta.columns, private)
            lines.append((delta.columns[taken], delta.lower[taken], delta.upper[taken]))
        p = problem
        self._columns = _Taken.of(lines, p.lower, p.upper)
        of_rows = [(d.rows, d.row_lower, d.row_upper) for d in outs.deltas]
        self._rows = _Taken.of(of_rows, p.row_lower, p.row_upper)
        tight = np.zeros(p.shape[0], dtype=bool)
        tight[self._rows.at] = True
        limits = outs.all_taken.applied(p)[3:]
        self._layout = StepLayout(p, row, column, entries.data, p.cost + p.tilt, tight, *limits)
        self._spread(outs)

    def _spread(self, outs: Removals) -> None:
        """Entries of the columns that elements take, and the line of each; rows that go with an element ask nothing of it."""
        column = self._layout.column
        order = np.argsort(column, kind="stable")
        ends = np.searchsorted(column[order], np.arange(self._problem.shape[1] + 1))
        spans = [order[ends[c] : ends[c + 1]] for c in self._columns.at]
        entry = np.concatenate([*spans, []]).astype(np.int64)
        line = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        owner = self._columns.owner[line]
        asks = np.ones(len(entry), dtype=bool)
        for at, own in enumerate(outs.own_rows):
            if len(own):
                mine = np.flatnonzero(owner == at)
                asks[mine] = ~np.isin(self._layout.row[entry[mine]], own)
        self._entry, self._line, self._owner = entry[asks], line[asks], owner[asks]

    def bounds(self, out: Delta, values: Floats) -> Floats:
        """w of each element at an optimal solution, (elements), in the problem's objective times its scale; infinite where none is known.

        out     the delta of the set that is out
        values  x, (columns)
        """
        way = values - self._nothing
        cap = max(0.0, -float(self._layout.cost @ way))
        way[np.abs(way) <= NO_FLOW] = 0.0
        seen = Slices(self._layout, out, values, way)
        shares = seen.shares()
        partners, asked = seen.asked(shares)
        trees = Trees(asked, shares > 0.0)
        price = trees.prices(partners @ seen.cost)
        found = _Roots(self, seen).worth(price, shares, trees.bad)
        found = np.where(
            found < cap * (1 - SAME_COST), np.maximum(found, 0.0), np.where(found > 0.0, INF, 0.0)
        )
        return np.asarray(found * self._problem.scale)


class _Roots:
    """What the loss of each element takes away at first, on each side of each row."""

    def __init__(self, of: DropBound, seen: Slices) -> None:
        self._seen, self._count = seen, of._count
        self._taken, self._rows = of._columns, of._rows
        self._lost = of._columns.way(seen.values, seen.size)
        used = self._lost[of._line] > 0.0
        line, entry, owner = of._line[used], of._entry[used], of._owner[used]
        column, side = seen.layout.column[entry], seen.side[entry]
        whole = self._lost[line] >= seen.size[column] - ROUNDING
        self._entry, self._owner, self._side, self._whole = entry, owner, side, whole
        self._amount = seen.a[entry] * self._lost[line]
        self._moved = of._rows.way(seen.activity, seen.row_size)
        self._moved_side = seen.side_of_activity[of._rows.at]

    def worth(self, price: Floats, shares: Floats, bad: Bools) -> Floats:
        """Sum over what each element loses, with all that it asks for; (elements)."""
        seen, count = self._seen, self._count
        own = seen.cost[self._taken.at] * self._lost
        found = np.bincount(self._taken.owner, own, minlength=count).astype(float)
        found += np.bincount(self._owner, self._amount * price[self._side], minlength=count)
        found -= self._within(price, shares)
        found += np.bincount(self._rows.owner, self._moved * price[self._moved_side], minlength=count)
        unknown = np.bincount(self._owner, bad[self._side], minlength=count) > 0
        unknown |= (
            np.bincount(self._rows.owner, (self._moved > 0.0) & bad[self._moved_side], minlength=count) > 0
        )
        return np.where(unknown, INF, found)

    def _within(self, price: Floats, shares: Floats) -> Floats:
        """What columns that an element takes whole ask of each other, (elements)."""
        seen, sides = self._seen, len(price)
        owner, side, entry = (part[self._whole] for part in (self._owner, self._side, self._entry))
        if not len(entry):
            return np.zeros(self._count)
        column, a = seen.layout.column[entry], seen.a[entry]
        keys, group = np.unique(owner * sides + side, return_inverse=True)
        pulls = np.bincount(group, a * seen.size[column], minlength=len(keys))
        each = seen.each(price)[column] - a * price[side]
        costs = np.bincount(group, seen.size[column] * each, minlength=len(keys))
        of, at = keys // sides, keys % sides
        other = of * sides + seen.opposite[at]
        place = np.minimum(np.searchsorted(keys, other), len(keys) - 1)
        asked = np.where(keys[place] == other, pulls * seen.per_pull(shares)[at] * costs[place], 0.0)
        return np.asarray(np.bincount(of, asked, minlength=self._count), dtype=float)

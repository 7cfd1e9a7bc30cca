"""One solution and the way from it to that with all elements lost: what pulls in each row, what may stay without a partner, prices.

The words are those of `kelisim.lp.interdiction.dropped`. A side of a row is its position for what pulls its activity up, and that and the
number of rows for what pulls it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats, Ints, Problem
from kelisim.tolerances import NO_FLOW

Bools = npt.NDArray[np.bool_]
LONGEST = 1e7  # slices that one may ask for on the mean: beyond it a loop gives back what it takes, and rounding decides


@dataclass(frozen=True)
class StepLayout:
    """What does not depend on the solution.

    row, column, a  entries of the matrix
    cost            per column, what breaks ties included
    tight           rows whose limits some element makes narrower, mask
    low, high       their limits with all elements lost
    """

    problem: Problem
    row: Ints
    column: Ints
    a: Floats
    cost: Floats
    tight: Bools
    low: Floats
    high: Floats


class Slices:
    """The way of each column from a solution to the one with all elements lost.

    size      how far a column moves, (columns); row_size the same for the activity of a row that an element moves
    cost      of moving it by a unit, (columns)
    side, a   of each entry: the side it pulls on, and its size; (entries)
    pull      what a side pulls, (sides)
    """

    def __init__(self, layout: StepLayout, out: Delta, values: Floats, way: Floats) -> None:
        at, rows = layout, layout.problem.shape[0]
        self.layout, self.rows, self.values = layout, rows, values
        self.size, self.cost, self.a = np.abs(way), -np.sign(way) * at.cost, np.abs(at.a)
        pulls = at.a * np.sign(way)[at.column]
        self.there = np.flatnonzero(pulls)
        self.side = at.row + rows * (pulls < 0)
        pulled = (self.a * self.size[at.column])[self.there]
        self.pull: Floats = np.bincount(self.side[self.there], pulled, minlength=2 * rows).astype(float)
        self.activity: Floats = at.problem.matrix @ values
        low, high = out.applied(at.problem)[3:]
        low = np.where(at.tight, np.maximum(low, at.low), low)
        high = np.where(at.tight, np.minimum(high, at.high), high)
        # where an element moves the activity itself, that has slices too
        self.outside = at.tight & ((self.activity > high + NO_FLOW) | (self.activity < low - NO_FLOW))
        apart = self.pull[:rows] - self.pull[rows:]
        self.row_size = np.where(self.outside, np.abs(apart), 0.0)
        self.side_of_activity: Ints = np.arange(rows) + rows * (apart > 0)
        self.pull[self.side_of_activity] += self.row_size
        self.room = np.maximum(np.concatenate([self.activity - low, high - self.activity]), 0.0)
        self.opposite: Ints = np.concatenate([np.arange(rows) + rows, np.arange(rows)])

    def shares(self) -> Floats:
        """Share of what a side pulls that needs a partner, (sides)."""
        least = np.maximum(self.pull - self.room, 0.0)
        both = np.maximum(least, least[self.opposite])
        both = np.minimum(both, np.minimum(self.pull, self.pull[self.opposite]))
        there = (self.pull > NO_FLOW) & (least > NO_FLOW)
        return np.where(there, np.minimum(both / np.where(there, self.pull, 1.0), 1.0), 0.0)

    def asked(self, shares: Floats) -> tuple[sp.csr_array, sp.csr_array]:
        """Per unit of loss on each side: units of columns that are asked for, (sides, columns), and losses that these are on other
        sides, (sides, sides)."""
        at, here = self.layout, self.there
        sides = len(shares)
        of, column, a = self.opposite[self.side[here]], at.column[here], self.a[here]
        partners = sp.csr_array(
            (self.per_pull(shares)[of] * self.size[column], (of, column)), shape=(sides, len(self.cost))
        )
        given = sp.csr_array((a, (column, self.side[here])), shape=(len(self.cost), sides))
        found = sp.coo_array(partners @ given)
        # a partner asks nothing of the row in which it was found
        other = (self.opposite[found.row] != found.col) & (found.data > 0.0)
        return partners, sp.csr_array(
            (found.data[other], (found.row[other], found.col[other])), shape=(sides, sides)
        )

    def per_pull(self, shares: Floats) -> Floats:
        """The shares by what the other side pulls, (sides)."""
        other = self.pull[self.opposite]
        return np.where(other > NO_FLOW, shares / np.where(other > NO_FLOW, other, 1.0), 0.0)

    def each(self, price: Floats) -> Floats:
        """What moving a unit of each column costs with all that it asks for, (columns)."""
        at = self.there
        asked = self.a[at] * price[self.side[at]]
        return self.cost + np.bincount(self.layout.column[at], asked, minlength=len(self.cost))


class Trees:
    """What a loss on a side asks for, to the end: the factors of the linear system, and the sides whose trees do not end."""

    def __init__(self, asked: sp.csr_array, live: Bools) -> None:
        self._count = len(live)
        bad = np.zeros(len(live), dtype=bool)
        while True:
            inside = np.flatnonzero(live & ~bad)
            among = asked[inside][:, inside]
            solver, long = _ends(among)
            if not long.any():
                break
            found = bad.copy()
            loops = _endless(among)
            found[inside] = loops if loops.any() else long
            # what asks for a side without an end has none either
            while True:
                more = found | (live & (asked @ found.astype(float) > 0.0))
                if (more == found).all():
                    break
                found = more
            bad = found
        self.bad, self._inside, self._solver = bad, inside, solver

    def prices(self, right: Floats) -> Floats:
        """price = right + asked @ price, (sides)."""
        price = right.copy()
        if len(self._inside):
            price[self._inside] = self._solver.solve(right[self._inside])
        return price


def _ends(asked: sp.csr_array) -> tuple[Any, Bools]:
    """The factors of 1 - asked, if it has any, and the sides whose trees do not end, or hardly."""
    count = asked.shape[0]
    if not count:
        return None, np.zeros(0, dtype=bool)
    try:
        solver = splu(sp.eye_array(count, format="csc") - sp.csc_array(asked))
    except RuntimeError:  # exactly singular
        return None, np.ones(count, dtype=bool)
    size = solver.solve(np.ones(count))
    if not (size > 0.0).all():
        return solver, np.ones(count, dtype=bool)
    return solver, ~(size < LONGEST)


def _endless(asked: sp.csr_array) -> Bools:
    """Sides on loops whose trees do not end."""
    count, group = connected_components(asked, directed=True, connection="strong")
    size = np.bincount(group, minlength=count)
    found = np.zeros(len(group), dtype=bool)
    for loop in np.flatnonzero(size > 1):
        members = np.flatnonzero(group == loop)
        found[members] = _ends(asked[members][:, members])[1].any()
    return found

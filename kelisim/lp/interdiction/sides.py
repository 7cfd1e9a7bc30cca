"""One solution seen from its row sides: what flows in and out, who can fill a side, and how each mends a loss.

The words are those of `kelisim.lp.interdiction.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kelisim.lp.delta import Delta
from kelisim.lp.interdiction.prices import ROUNDS, Gives, Outlets, PriceRules, Prices
from kelisim.lp.problem import INF, Floats, Ints, Problem
from kelisim.tolerances import ROUNDING, VANISHING

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Entries:
    """The matrix by sides: those of lower limits first, then those of upper limits; all (entries).

    side    row, or row + number of rows
    column  position
    g       coefficient as the side sees it
    taken   whether an element can take the column away while the side goes on to ask for it
    """

    side: Ints
    column: Ints
    g: Floats
    taken: Bools


class Sides:
    """One solution seen from the row sides: what flows in and out, who can fill, and the prices."""

    def __init__(self, problem: Problem, entries: Entries, out: Delta, x: Floats) -> None:
        p, rows = problem, problem.shape[0]
        self._taken = entries.taken
        self._side, self._column, self._g = entries.side, entries.column, entries.g
        cost, lower, upper, row_lower, row_upper = out.applied(p)
        self._cost = cost + p.tilt
        limit = np.concatenate([row_lower, -row_upper])
        self.active: Bools = limit > -INF
        self._opposite = np.concatenate([np.arange(rows) + rows, np.arange(rows)])
        self._two = self.active & self.active[self._opposite]
        self.movable: Bools = (lower == 0.0) & (x > ROUNDING)
        self._x = np.where(self.movable, x, 0.0)
        self._room = np.where(lower == 0.0, np.maximum(upper - x, 0.0), 0.0)
        entry_x = self._g * x[self._column]
        held = self.movable[self._column]
        self._b = np.where(self.active, limit, 0.0) - self._per_side(np.where(held, 0.0, entry_x))
        self._flow = np.where(held, entry_x, 0.0)
        self._live = self.active[self._side]

    def activity(self, x: Floats) -> Floats:
        """g x of each side, (sides)."""
        return self._per_side(self._g * x[self._column])

    def _per_side(self, amount: Floats) -> Floats:
        return np.asarray(np.bincount(self._side, amount, minlength=len(self.active)), dtype=float)

    def _per_column(self, amount: Floats) -> Floats:
        return np.asarray(np.bincount(self._column, amount, minlength=len(self._x)), dtype=float)

    # ---- penalties
    def _penalties(self) -> None:
        """Who fills which side, at what price; sides whose penalties could make up for all that flows in."""
        g, side, column, b = self._g, self._side, self._column, self._b
        sides = len(self.active)
        opposite = self._opposite[side]
        harms = self._live & (g < 0)
        can = self._live & (g > 0) & ~self._taken & (self._room[column] + self._x[column] > ROUNDING)
        room = np.where(can, g * self._room[column], 0.0)
        flow_in = self._per_side(np.where(self._live & (g > 0), self._flow, 0.0))
        self.fills = np.zeros(len(g), dtype=bool)
        self.price = np.zeros(len(g))
        self.dearest = np.zeros(sides)
        self.is_ready = np.zeros(sides, dtype=bool)
        self.absorbs = np.zeros(sides, dtype=bool)
        base = np.maximum(self._cost, 0.0)
        while True:
            open_ = harms & ~self.absorbs[side]
            unsettled = self._per_column(open_.astype(float))
            charge = self._per_column(np.where(harms & self.absorbs[side], -g * self.dearest[side], 0.0))
            # the other limit of a row is not harmed by what mends the first one
            own_open = self.active[opposite] & ~self.absorbs[opposite]
            own_charge = np.where(
                self.active[opposite] & self.absorbs[opposite], g * self.dearest[opposite], 0.0
            )
            fits = can & ~self.is_ready[side] & (unsettled[column] - own_open < 0.5)
            self.fills = np.where(self.is_ready[side], self.fills, fits)
            fresh = fits & ~self.is_ready[side]
            self.price = np.where(
                fresh, (base[column] + charge[column] - own_charge) / np.where(g > 0, g, 1.0), self.price
            )
            given = self._per_side(np.where(self.fills, self._flow, 0.0))
            free = self._per_side(np.where(self.fills, room, 0.0))
            ready = (
                (free > ROUNDING)
                & (free >= np.maximum(b - given, 0.0) * (1 - VANISHING) - ROUNDING)
                & self.active
            )
            if not (ready & ~self.is_ready).any():
                break
            usable = np.where(self.fills & (room > ROUNDING), self.price, 0.0)
            dearest = np.zeros(sides)
            np.maximum.at(dearest, side, usable)
            new = ready & ~self.is_ready
            self.dearest = np.where(new, dearest, self.dearest)
            self.is_ready |= ready
            self.absorbs |= new & (free >= flow_in - given - ROUNDING)
        self._given = self._per_side(np.where(self.fills, self._flow, 0.0))
        self._free = self._per_side(np.where(self.fills, room, 0.0))
        self._flow_in = flow_in

    def _raises(self) -> tuple[Bools, Bools, Bools]:
        """Sides that use penalties, sides harmed by penalties of others, and those that cannot bear it."""
        g, side, column = self._g, self._side, self._column
        asks = self.active & (self._b > ROUNDING)
        harmed = np.zeros(len(self.active))
        harms = self._live & (g < 0)
        opposite_entry = self._opposite_entries()
        for _ in range(ROUNDS):
            pen = harmed > ROUNDING
            acts = asks | pen
            inflow = self._flow_in - np.where(acts, self._given, 0.0)
            need = np.where(pen, inflow + harmed, np.maximum(self._b - self._given, 0.0))
            up = np.where(
                self.fills & acts[side],
                np.minimum(self._room[column], need[side] / np.where(g > 0, g, 1.0)),
                0.0,
            )
            total = self._per_column(up)
            more = self._per_side(np.where(harms, -g * (total[column] - up[opposite_entry]), 0.0))
            if (more <= harmed + ROUNDING).all():
                break
            harmed = np.maximum(harmed, more)
        else:
            return acts, pen, pen.copy()
        short = pen & ~(self.absorbs & (self._free >= (inflow + harmed) * (1 - VANISHING) - ROUNDING))
        short |= asks & ~pen & ~self.is_ready & (np.maximum(self._b - self._given, 0.0) > ROUNDING)
        return acts, pen, short

    def _opposite_entries(self) -> Ints:
        """The same entry on the other limit of its row."""
        half = len(self._g) // 2
        return np.concatenate([np.arange(half, 2 * half), np.arange(half)])

    # ---- prices
    def prices(self) -> tuple[Floats, Bools]:
        """Price of losing a unit of each side, and the sides that have none; (sides)."""
        self._penalties()
        acts, pen, bad = self._raises()
        self.pen = pen
        g, side, column = self._g, self._side, self._column
        inflow = self._flow_in - np.where(acts, self._given, 0.0)
        concerned = self.active & ((inflow > ROUNDING) | pen)
        shares = concerned & ~pen
        outlet = self._live & (g < 0) & self.movable[column] & shares[side]
        # a penalty that another side makes smaller cannot be counted on
        shrinks = self._per_column(outlet.astype(float))
        opposite_entry = self._opposite_entries()
        unsure = (
            self.fills & acts[side] & self.movable[column] & (shrinks[column] - outlet[opposite_entry] > 0.5)
        )
        bad = (bad | (self._per_side(unsure.astype(float)) > 0.5)) & concerned
        at = np.flatnonzero(outlet)
        at = at[np.argsort(side[at], kind="stable")]
        outlets = Outlets(
            side[at], column[at], -g[at], self._opposite[side[at]], self._two[side[at]], self._x[column[at]]
        )
        at = np.flatnonzero(self._live & (g > 0) & concerned[side])
        gives = Gives(side[at], column[at], g[at])
        need = np.where(acts, self._b - self._given, self._b)
        through = inflow + np.maximum(-need, 0.0)
        filling = acts & shares
        through = np.where(through > ROUNDING, through, 1.0)
        least = np.where(filling & (need > ROUNDING), self.dearest, 0.0)
        penned = np.where(pen, self.dearest, 0.0)
        rules = PriceRules(self._two, shares, through, self._fill_cost(filling), least, penned)
        return Prices(outlets, gives, rules, self._cost).settle(bad)

    def _fill_cost(self, acts: Bools) -> Floats:
        """Cost of filling b - P of each side, cheapest penalties first, (sides)."""
        need = np.where(acts, np.maximum(self._b - self._given, 0.0), 0.0)
        at = np.flatnonzero(
            self.fills & (need[self._side] > ROUNDING) & (self._room[self._column] > ROUNDING)
        )
        at = at[np.lexsort((self.price[at], self._side[at]))]
        side = self._side[at]
        room = np.minimum(self._g[at] * self._room[self._column[at]], need[side])
        before = np.cumsum(room) - room
        first = np.searchsorted(side, side)
        filled = np.clip(need[side] - (before - before[first]), 0.0, room) if len(at) else room
        cost = np.bincount(side, filled * self.price[at], minlength=len(self.active))
        return np.asarray(cost, dtype=float)

"""Pairs of losses whose effects add up, proven by duality without a solve.

With x and y the values and prices of an optimal solution (columns and rows in one vector; 0: nothing out, i and j: one element
out), take x_i + x_j - x_0 and y_i + y_j - y_0. Both are linear in what they are made of, so they satisfy the equations of
the problem and of its dual. If these values also lie within the bounds with both out, and each price stands at the side that it
pushes to (complementary slackness), they are optimal: V(i, j) = V(i) + V(j) - V(0).

Where only one of the two solutions differs from the base and only its loss changes bounds, nothing has to be checked. Losses in parts
of a system that do not feel each other therefore add up always, and others often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from kelisim.lp.delta import Delta
from kelisim.lp.highs import Solution
from kelisim.lp.problem import Floats, Ints, Problem
from kelisim.tolerances import NO_FLOW, NO_PRICE, ROUNDING

Bools = npt.NDArray[np.bool_]
MOST = 20_000_000  # entries kept; an element beyond them proves nothing


@dataclass(frozen=True)
class _Effect:
    """What differs from the base with one element out, by position."""

    at: Ints
    value: Floats
    price: Floats
    bounds: Ints
    lower: Floats
    upper: Floats


class Effects:
    """What each loss on its own changes, and which pairs of them add up.

    problem  with nothing out
    base     its optimal solution
    """

    def __init__(self, problem: Problem, base: Solution, count: int) -> None:
        self._columns, self._size = problem.shape[1], sum(problem.shape)
        self._lower = np.concatenate([problem.lower, problem.row_lower])
        self._upper = np.concatenate([problem.upper, problem.row_upper])
        self._value, self._price = _joined(base)
        self._least = ROUNDING * max(1.0, abs(float((problem.cost + problem.tilt) @ base.values)))
        self._kept: list[_Effect | None] = [None] * count
        self._entries = 0

    def add(self, element: int, out: Delta, solution: Solution) -> None:
        """An optimal solution with one element out."""
        value, price = _joined(solution)
        value, price = value - self._value, price - self._price
        bounds = np.concatenate([out.columns, out.rows + self._columns])
        at = np.union1d(np.flatnonzero((np.abs(value) > NO_FLOW) | (np.abs(price) > NO_PRICE)), bounds)
        self._entries += len(at)
        if self._entries > MOST:
            return
        lower, upper = np.concatenate([out.lower, out.row_lower]), np.concatenate([out.upper, out.row_upper])
        self._kept[element] = _Effect(at, value[at], price[at], bounds, lower, upper)

    def sums(self, unknown: Bools) -> Bools:
        """Pairs out of those that are not known, (elements, elements), for which the sum is proven; first < second."""
        found = np.zeros_like(unknown)
        values, prices = self._matrix("at", "value"), self._matrix("at", "price")
        changed, lowers, uppers = (self._matrix("bounds", name) for name in ("", "lower", "upper"))
        there = np.array([effect is not None for effect in self._kept], dtype=bool)
        # what no two effects share needs no look at values
        shared = self._matrix("at", "").tocsr()
        apart = (shared @ shared.T).toarray() == 0
        found |= np.triu(unknown & apart & there[:, None] & there[None, :], 1)
        for first, effect in enumerate(self._kept):
            others = np.flatnonzero(unknown[first] & there & ~apart[first])
            others = others[others > first]
            if effect is None or not len(others):
                continue
            at = effect.at
            x = self._value[at] + effect.value + _dense(values, others, at)
            y = self._price[at] + effect.price + _dense(prices, others, at)
            lower, upper = self._lower[at].copy(), self._upper[at].copy()
            own = np.searchsorted(at, effect.bounds)
            lower[own], upper[own] = effect.lower, effect.upper
            moved = _dense(changed, others, at) > 0
            low = np.where(moved, _dense(lowers, others, at), lower)
            high = np.where(moved, _dense(uppers, others, at), upper)
            inside = ((x >= low - NO_FLOW) & (x <= high + NO_FLOW)).all(axis=1)
            room = np.where(y > NO_PRICE, np.abs(x - low), np.where(y < -NO_PRICE, np.abs(high - x), 0.0))
            gap = np.where(room > 0.0, np.abs(y) * room, 0.0).sum(axis=1)
            # where both change one bound the tighter holds: not looked at here
            both = moved[:, own].any(axis=1)
            found[first, others] = inside & (gap <= self._least) & ~both
        return found

    def _matrix(self, position: str, content: str) -> sp.csc_array:
        """One field of all effects, (elements, columns and rows); ones if no field is named."""
        kept = [(i, effect) for i, effect in enumerate(self._kept) if effect is not None]
        at = [np.asarray(getattr(effect, position)) for _, effect in kept]
        row = np.repeat([i for i, _ in kept], [len(part) for part in at]).astype(np.int64)
        column = np.concatenate([*at, np.zeros(0, dtype=np.int64)]).astype(np.int64)
        data = (
            np.concatenate([*(getattr(effect, content) for _, effect in kept), []])
            if content
            else np.ones(len(row))
        )
        return sp.csc_array((data, (row, column)), shape=(len(self._kept), self._size))


def _joined(solution: Solution) -> tuple[Floats, Floats]:
    values = np.concatenate([solution.values, solution.activities])
    return values, np.concatenate([solution.reduced_costs, solution.duals])


def _dense(matrix: sp.csc_array, rows: Ints, columns: Ints) -> Floats:
    """Part of a matrix, (rows, columns)."""
    part: Floats = matrix[:, columns].tocsr()[rows].toarray()
    return part

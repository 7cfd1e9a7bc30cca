"""Prices of losing a unit of each row side: the least fixpoint of `kelisim.lp.interdiction.bounds`, or any prices that hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from kelisim.lp.problem import Floats, Ints
from kelisim.tolerances import ROUNDING, TINY_PRICE

Bools = npt.NDArray[np.bool_]
FEW, ROUNDS = 40, 3000
LARGE = 1e9  # prices above this many times the largest cost grow without end
DENSE = 300


@dataclass(frozen=True)
class Outlets:
    """Columns that a side may make smaller, sorted by side; all (outlets).

    side, column  positions
    size          |g|
    opposite      the other limit of the row
    is_two        whether the row has two limits
    amount        x
    """

    side: Ints
    column: Ints
    size: Floats
    opposite: Ints
    is_two: Bools
    amount: Floats


@dataclass(frozen=True)
class Gives:
    """What columns give to sides where a loss counts; all (entries)."""

    side: Ints
    column: Ints
    size: Floats


@dataclass(frozen=True)
class PriceRules:
    """How each side mends a loss; all (sides).

    is_two     both limits of its row hold
    is_shared  it makes its outlets smaller; the others use penalties alone, at a fixed price, or need no price
    through    what its outlets, its slack and what it serves of b take together
    fill       cost of filling what it serves with penalties
    fill_most  dearest penalty of that
    fixed      price of sides that use penalties alone
    """

    is_two: Bools
    is_shared: Bools
    through: Floats
    fill: Floats
    fill_most: Floats
    fixed: Floats


class Prices:
    """The fixpoint of the prices."""

    def __init__(self, outlets: Outlets, gives: Gives, rules: PriceRules, cost: Floats) -> None:
        self._out, self._gives, self._rules, self._cost = outlets, gives, rules, cost
        starts = np.flatnonzero(np.diff(outlets.side, prepend=-1))
        self._starts = starts.astype(np.int64)
        self._heads = outlets.side[self._starts]
        self._scale = max(1.0, float(np.abs(cost).max(initial=0.0)))
        self._little = TINY_PRICE * self._scale

    def settle(self, bad: Bools) -> tuple[Floats, Bools]:
        """Prices and the sides that have none, (sides); `bad` have none to begin with."""
        while True:
            bad = self._spread(bad)
            price, grows = self._iterate(bad)
            if not grows.any():
                return price, bad
            bad = bad | grows

    def _by_column(self, amount: Floats) -> Floats:
        return np.asarray(np.bincount(self._gives.column, amount, minlength=len(self._cost)), dtype=float)

    def _spread(self, bad: Bools) -> Bools:
        """A side that must shrink a column that gives to a side without a price has none either."""
        while True:
            hurt = self._by_column(bad[self._gives.side].astype(float))
            blocked = hurt[self._out.column] - (self._out.is_two & bad[self._out.opposite]) > 0.5
            found = bad.copy()
            found[self._out.side[blocked]] = True
            if (found == bad).all():
                return bad
            bad = found

    def _iterate(self, bad: Bools) -> tuple[Floats, Bools]:
        """Prices that are at least what they must be, and the sides where they grow without end.

        Any prices that `_asked` does not raise will do. A few rounds from below show which outlets count, a linear
        solve then goes to the end; where that does not work, rounds go on until they stop growing.
        """
        good = self._rules.is_shared & ~bad
        price = np.where(bad, 0.0, self._rules.fixed)
        for last in (FEW, ROUNDS):
            for _ in range(last):
                asked, _ = self._asked(price)
                new = np.where(good, asked + self._little, price)
                grows = new > price + self._little
                if not grows.any():
                    return price, grows
                price = np.maximum(price, new)
                if price.max() > LARGE * self._scale:
                    return price, price > LARGE * self._scale
            jump = self._jump(price, good)
            if jump is not None:
                return jump, np.zeros(len(good), dtype=bool)
            loops = self._loops(price, good)
            if loops.any():
                return price, loops
        return price, grows

    def _asked(self, price: Floats) -> tuple[Floats, Floats]:
        """What prices lead to: the right-hand sides, (sides), and the worth of a unit of each outlet, (outlets)."""
        sides = len(price)
        worth = self._by_column(self._gives.size * price[self._gives.side]) - self._cost
        unit = worth[self._out.column] - np.where(
            self._out.is_two, self._out.size * price[self._out.opposite], 0.0
        )
        one = np.where(self._out.is_two, 0.0, self._out.amount * np.maximum(unit, 0.0))
        shared = (np.bincount(self._out.side, one, minlength=sides) + self._rules.fill) / self._rules.through
        most = self._rules.fill_most.copy()
        if len(self._starts):
            top = np.maximum.reduceat(unit / self._out.size, self._starts)
            most[self._heads] = np.maximum(most[self._heads], top)
        return np.where(self._rules.is_two, most, shared), unit

    def _jump(self, price: Floats, good: Bools) -> Floats | None:
        """Prices at which the outlets that count now are exactly paid, if these are prices that `_asked` does not raise."""
        inside = np.flatnonzero(good)
        for _ in range(12):
            asked, unit = self._asked(price)
            if (asked <= price)[inside].all():
                return price
            matrix, right = self._system(unit, asked)
            right = right[inside] + self._little + matrix[inside] @ np.where(good, 0.0, price)
            square = matrix[inside][:, inside]
            found = _solve(square, right)
            if found is None or not ((found >= 0.0) & (found < LARGE * self._scale)).all():
                return None
            price = price.copy()
            price[inside] = found
        return None

    def _loops(self, price: Floats, good: Bools) -> Bools:
        """Sides on loops that give back at least what they take, (sides): their prices grow without end."""
        inside = np.flatnonzero(good)
        asked, unit = self._asked(price)
        matrix = self._system(unit, asked)[0][inside][:, inside]
        count, group = connected_components(matrix, directed=True, connection="strong")
        found = np.zeros(len(price), dtype=bool)
        size = np.bincount(group, minlength=count)
        for loop in np.flatnonzero(size > 1):
            members = np.flatnonzero(group == loop)
            if _gain(matrix[members][:, members]) >= 1.0 - ROUNDING:
                found[inside[members]] = True
        return found

    def _system(self, unit: Floats, asked: Floats) -> tuple[sp.csr_array, Floats]:
        """asked = matrix @ price + right, as long as the same outlets count."""
        sides, columns = len(asked), len(self._cost)
        per_unit = unit / self._out.size
        leads = (
            self._out.is_two
            & (per_unit >= asked[self._out.side])
            & (per_unit > self._rules.fill_most[self._out.side])
        )
        # one outlet leads on a side of two limits
        first = np.unique(self._out.side[leads], return_index=True)[1]
        leader = np.zeros(len(unit), dtype=bool)
        leader[np.flatnonzero(leads)[first]] = True
        weight = np.where(
            self._out.is_two,
            leader / self._out.size,
            np.where(unit > 0.0, self._out.amount, 0.0) / self._rules.through[self._out.side],
        )
        shape = (sides, columns)
        by_outlet = sp.csr_array((weight, (self._out.side, self._out.column)), shape=shape)
        gives = sp.csr_array((self._gives.size, (self._gives.column, self._gives.side)), shape=shape[::-1])
        own = sp.csr_array(
            (-leader.astype(float), (self._out.side, self._out.opposite)), shape=(sides, sides)
        )
        led = np.zeros(sides, dtype=bool)
        led[self._out.side[leader]] = True
        right = np.where(
            self._rules.is_two,
            np.where(led, 0.0, self._rules.fill_most),
            self._rules.fill / self._rules.through,
        )
        return sp.csr_array(by_outlet @ gives + own), right - by_outlet @ self._cost


def _gain(matrix: sp.csr_array) -> float:
    """Spectral radius of a matrix without negative entries; a lower bound of it for a large one."""
    if matrix.shape[0] <= DENSE:
        return float(np.abs(np.linalg.eigvals(matrix.toarray())).max())
    vector = np.ones(matrix.shape[0])
    for _ in range(100):
        vector = matrix @ vector + 1e-12
        vector /= vector.max()
    return float((matrix @ vector / vector).min())


def _solve(square: sp.csr_array, right: Floats) -> Floats | None:
    """x = square @ x + right."""
    if len(right) <= DENSE:
        try:
            return np.asarray(np.linalg.solve(np.eye(len(right)) - square.toarray(), right))
        except np.linalg.LinAlgError:
            return None
    try:
        return np.asarray(splu(sp.csc_array(sp.eye_array(len(right)) - square)).solve(right))
    except RuntimeError:  # exactly singular
        return None

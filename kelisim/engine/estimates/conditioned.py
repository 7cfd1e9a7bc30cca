"""Estimates drawn within their ranges so that sums that are known stay as they are.

A unit is what moves by itself: a row of grade C, a profile, or links that share one capacity. The level of a unit, -1 to 1, is that of its
rule and its own, half and half: rows of one rule err together, and each a little by itself. Where a sum of rows is known,
the levels of its rows are shifted until it holds, as raking does (Deming and Stephan 1940; Deville and Saerndal 1992): along
their covariance with the sum, which is how normal errors are conditioned on one, and no further than their ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kelisim.case.case import Case
from kelisim.engine.estimates.factors import Factor, Floats, ends_of
from kelisim.errors import InternalError
from kelisim.results.screening import latin_hypercube
from kelisim.tolerances import KEPT_SUM, SMALLEST

Ints = npt.NDArray[np.int64]
TOGETHER = 0.5  # share of a unit's level that is the level of its rule
STEPS = 80  # halvings in search of a shift: 2^-80 of the widest
ROUNDS = 500  # over all sums, where rows stand in several


@dataclass(frozen=True)
class Movable:
    """What moves by itself.

    of    factor of each unit, (units)
    rows  of each factor: the unit of each of its rows
    """

    of: Ints
    rows: tuple[Ints, ...]

    @property
    def count(self) -> int:
        return len(self.of)


@dataclass(frozen=True)
class KnownSum:
    """A sum of rows that stays as it is.

    at        units that are in it, each once
    up, down  by how much the sum grows with each at its high end, and shrinks with it at its low end, both 0 or more
    size      the sum as it stands, rows that are no estimates included
    """

    name: str
    at: Ints
    up: Floats
    down: Floats
    size: float

    def change(self, levels: Floats) -> Floats:
        """What the sum differs by, (samples), of levels (samples, units of the sum)."""
        return np.where(levels < 0, levels * self.down, levels * self.up).sum(axis=1)


def units_of(case: Case, factors: Sequence[Factor]) -> Movable:
    """The units of some factors: all of a profile is one, links of one shared capacity are one, every other row is."""
    of: list[int] = []
    rows: list[Ints] = []
    shared = case.table("links")["shared_with"].astype(str).to_numpy()
    for number, factor in enumerate(factors):
        if factor.table == "profiles":
            keys = [0] * len(factor.rows)
        elif factor.table == "links":
            keys = [shared[row] or row for row in factor.rows]
        else:
            keys = list(factor.rows)
        known: dict[object, int] = {}
        mine = [known.setdefault(key, len(of) + len(known)) for key in keys]
        of += [number] * len(known)
        rows.append(np.array(mine, dtype=np.int64))
    return Movable(np.array(of, dtype=np.int64), tuple(rows))


def known_sum(
    name: str, case: Case, factors: Sequence[Factor], units: Movable, values: dict[tuple[str, str], Floats]
) -> KnownSum | None:
    """A sum of values of the case; None where no estimate is in it.

    values  by table and column what each row of the table gives to the sum, 0 where it is not in it
    """
    up, down = np.zeros(units.count), np.zeros(units.count)
    for factor, unit in zip(factors, units.rows, strict=True):
        given = values.get((factor.table, factor.columns[0]))
        if given is not None:
            low, high = ends_of(case, factor)
            mine = given[list(factor.rows)]
            np.add.at(up, unit, mine * (high - 1.0))
            np.add.at(down, unit, mine * (1.0 - low))
    at = np.flatnonzero((up > 0) | (down > 0))
    size = float(sum(given.sum() for given in values.values()))
    return KnownSum(name, at, up[at], down[at], size) if len(at) else None


def drawn(
    units: Movable, sums: Sequence[KnownSum], count: int, seed: int, still: Sequence[int] = ()
) -> Floats:
    """Levels of all units in each sample, -1 to 1, (samples, units); all sums are as they stand.

    still  factors that are known by a sum and do not move

    The levels of rules are a Latin hypercube, those of units by themselves are even between -1 and 1.
    """
    factors = len(units.rows)
    rules = latin_hypercube(count, factors, seed)[:, units.of]
    own = np.random.default_rng(seed + 1).uniform(-1.0, 1.0, (count, units.count))
    alone = np.bincount(units.of, minlength=factors)[units.of] == 1
    levels = np.where(alone, rules, TOGETHER * rules + (1.0 - TOGETHER) * own)
    levels[:, np.isin(units.of, list(still))] = 0.0
    return raked(levels, units.of, [one for one in sums if not np.isin(units.of[one.at], list(still)).all()])


def raked(levels: Floats, of: Ints, sums: Sequence[KnownSum]) -> Floats:
    """Levels shifted so that every sum is as it stands, none beyond -1 and 1.

    levels  (samples, units); of: factor of each unit
    """
    found = levels.copy()
    ways = [_way(one, of) for one in sums]
    for _ in range(ROUNDS if len(sums) > 1 else 1):
        for one, way in zip(sums, ways, strict=True):
            found[:, one.at] = _shifted(found[:, one.at], one, way)
        if missed(found, sums) <= KEPT_SUM:
            return found
    if missed(found, sums) > KEPT_SUM:
        raise InternalError("sums that hold as the case stands were not met by its samples")
    return found


def missed(levels: Floats, sums: Sequence[KnownSum]) -> float:
    """The widest miss of a sum in a sample, as a share of the sum."""
    misses = [
        np.abs(one.change(levels[:, one.at])).max(initial=0.0) / max(abs(one.size), SMALLEST) for one in sums
    ]
    return float(max(misses, default=0.0))


def _way(one: KnownSum, of: Ints) -> Floats:
    """How far each unit of a sum moves beside the others: its covariance with the sum; the widest is 1."""
    gives = (one.up + one.down) / 2.0
    _, group = np.unique(of[one.at], return_inverse=True)
    together = np.bincount(group, gives)[group]
    found = TOGETHER**2 * together + (1.0 - TOGETHER) ** 2 * gives
    return np.asarray(found / found.max())


def _shifted(levels: Floats, one: KnownSum, way: Floats) -> Floats:
    """Levels of the units of a sum, moved along a way until it holds; by halving, since the sum grows with the shift."""
    low = np.full(len(levels), -2.0 / way.min())
    high = -low
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        is_over = one.change(np.clip(levels + middle[:, None] * way, -1.0, 1.0)) > 0
        high, low = np.where(is_over, middle, high), np.where(is_over, low, middle)
    return np.clip(levels + ((low + high) / 2.0)[:, None] * way, -1.0, 1.0)

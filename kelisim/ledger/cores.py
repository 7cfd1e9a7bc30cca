"""Core and least core of a cooperative game: which divisions no group has a reason to leave, and how far the rest miss it.

The excess of a coalition is what it is worth less what its members are given: above 0, and they would do better by themselves.
The core holds the divisions of the worth of all in which no excess is above 0 (Gillies 1959).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from kelisim import tolerances
from kelisim.errors import SolverError
from kelisim.ledger.games import CoalitionGame, memberships
from kelisim.ledger.quantities import Column, Floats


@dataclass(frozen=True)
class LeastCore:
    """A division whose largest excess is as small as it can be (Maschler, Peleg & Shapley 1979).

    excess  that largest excess; 0 where no group is smaller than the whole
    share   one such division, (players); there may be others
    scale   the largest worth of a coalition, which excess is compared with
    """

    excess: float
    share: Floats
    scale: float

    @property
    def has_core(self) -> bool:
        """Whether some division leaves no group a reason to go."""
        return self.excess <= tolerances.SAME_WORTH * self.scale


def scale_of(game: CoalitionGame) -> float:
    """The largest worth of a coalition, above or below 0; 1 where none is worth anything."""
    return float(np.abs(game.worth).max()) or 1.0


def excesses(game: CoalitionGame, share: Column) -> Floats:
    """What each coalition is worth less what its members are given, (2 ** players)."""
    return game.worth - memberships(len(game.players)) @ np.asarray(share, dtype=float)


def objections(game: CoalitionGame, share: Column) -> list[tuple[int, float]]:
    """Coalitions that would do better by themselves, as bit masks, and by how much; the largest first."""
    found = excesses(game, share)[:-1]
    against = np.flatnonzero(found > tolerances.SAME_WORTH * scale_of(game))
    return [(int(mask), float(found[mask])) for mask in against[np.argsort(-found[against], kind="stable")]]


def is_in_core(game: CoalitionGame, share: Column) -> bool:
    """Whether a division gives out the worth of all and no group has a reason to leave.

    >>> is_in_core(CoalitionGame(("A", "B"), np.array([0.0, 1, 2, 5])), [2.5, 2.5])
    True
    """
    missing = abs(float(np.sum(share)) - game.whole)
    return missing <= tolerances.SAME_WORTH * scale_of(game) and not objections(game, share)


def lowest(
    cost: Column, rows: Column, limits: Column, equal: Column, values: Column, bounds: list[Any]
) -> Any:
    """Answer of one small linear problem: cost @ x at its lowest, rows @ x <= limits, equal @ x == values.

    Raises SolverError where there is none.
    """
    found = linprog(
        cost,
        rows if len(rows) else None,
        limits if len(rows) else None,
        equal,
        values,
        bounds,
        method="highs",
        options=dict.fromkeys(
            ("primal_feasibility_tolerance", "dual_feasibility_tolerance"), tolerances.GAME_SOLVED
        ),
    )
    if found.status != 0:
        raise SolverError(str(found.message), "The division of a game was not found.")
    return found


def least_core(game: CoalitionGame) -> LeastCore:
    """The least core: min e such that x(S) + e >= v(S) for every group S, x(all) = v(all).

    >>> round(least_core(CoalitionGame(("A", "B", "C"), np.array([0.0, 0, 0, 1, 0, 1, 1, 1]))).excess, 6)
    0.333333
    """
    count, scale = len(game.players), scale_of(game)
    if count < 2:
        return LeastCore(0.0, game.worth[1:].copy(), scale)
    inside = memberships(count).astype(float)
    groups = slice(1, 2**count - 1)
    rows = -np.column_stack([inside[groups], np.ones(2**count - 2)])
    found = lowest(
        [*[0.0] * count, 1.0],
        rows,
        -game.worth[groups] / scale,
        np.array([[*[1.0] * count, 0.0]]),
        [game.whole / scale],
        [(None, None)] * (count + 1),
    )
    share = found.x[:count] * scale
    return LeastCore(float(excesses(game, share)[groups].max()), share, scale)


def core_ranges(game: CoalitionGame) -> npt.NDArray[np.float64] | None:
    """Least and most that each player can be given in the core, (players, 2); None where the core is empty."""
    count, scale = len(game.players), scale_of(game)
    if not least_core(game).has_core:
        return None
    inside = memberships(count).astype(float)[1:-1]
    room = tolerances.GAME_SOLVED  # a core of one point is found too
    limits = -game.worth[1:-1] / scale + room
    equal, whole = np.ones((1, count)), [game.whole / scale]
    bounds = [(None, None)] * count
    ends = [
        lowest(sign * np.eye(count)[player], -inside, limits, equal, whole, bounds).fun * sign * scale
        for player in range(count)
        for sign in (1.0, -1.0)
    ]
    step = tolerances.SAME_WORTH * scale  # what the room leaves is no share
    return np.round(np.array(ends).reshape(count, 2) / step) * step + 0.0

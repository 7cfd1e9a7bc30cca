"""The nucleolus of a cooperative game: the division under which the worst-off group is as well off as it can be, then the next.

It is unique, and lies in the core wherever there is one (Schmeidler 1969). Excess is told in kelisim/ledger/cores.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kelisim import tolerances
from kelisim.errors import InternalError, UserError
from kelisim.ledger.cores import excesses, lowest, scale_of
from kelisim.ledger.games import CoalitionGame, memberships
from kelisim.ledger.quantities import Column, Floats

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Nucleolus:
    """share: of each player, (players); levels: the excesses that were settled one after the other, largest first."""

    share: Floats
    levels: Floats


@dataclass
class _Settled:
    """Groups whose share is known: their rows, their worth, and the number of the level that holds each (-1 for none)."""

    count: int
    rows: list[Floats] = field(default_factory=list)
    worth: list[float] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    span: Floats = field(default_factory=lambda: np.zeros((0, 0)))  # orthonormal rows
    chosen: list[int] = field(default_factory=list)  # of the rows, as many as are independent

    def add(self, row: Floats, worth: float, level: int) -> None:
        self.rows.append(row)
        self.worth.append(worth)
        self.level.append(level)
        rest = row - (row @ self.span.T) @ self.span if self.chosen else row
        rest = rest - (rest @ self.span.T) @ self.span if self.chosen else rest
        length = float(np.linalg.norm(rest))
        if length > tolerances.ROUNDING:
            self.span = np.vstack([self.span.reshape(-1, self.count), rest / length])
            self.chosen.append(len(self.rows) - 1)

    def spans(self, rows: Floats) -> Flags:
        """Which rows are sums of settled ones, so that nothing can move them."""
        rest = rows - (rows @ self.span.T) @ self.span
        return np.linalg.norm(rest, axis=1) <= tolerances.SAME_WORTH

    def solve(self) -> tuple[Floats, Floats]:
        """Shares and levels from all settled rows at once: x(S) + level = v(S)."""
        count = max(self.level) + 1
        held = np.array([[float(level == k) for k in range(count)] for level in self.level])
        system = np.column_stack([np.array(self.rows), held.reshape(len(self.rows), count)])
        found = np.linalg.lstsq(system, np.array(self.worth), rcond=None)[0]
        return found[: self.count], found[self.count :]


def has_gain(game: CoalitionGame) -> bool:
    """Whether the players are worth at least as much all together as each alone, so that nobody need be given less than that."""
    return bool(game.alone.sum() <= game.whole + tolerances.SAME_WORTH * scale_of(game))


def nucleolus(game: CoalitionGame, individually: bool = True) -> Nucleolus:
    """The nucleolus by a sequence of linear problems (Maschler, Peleg & Shapley 1979), proven by is_nucleolus.

    individually  nobody is given less than he is worth alone; otherwise it is the prenucleolus
    returns       shares that sum to the worth of all, and the levels of excess

    Raises UserError where the players are worth more alone than together, so that no such division is there.

    >>> gloves = CoalitionGame(("left", "right", "right 2"), np.array([0.0, 0, 0, 1, 0, 1, 0, 1]))
    >>> (nucleolus(gloves).share.round(6) + 0.0).tolist()
    [1.0, 0.0, 0.0]
    """
    count, scale = len(game.players), scale_of(game)
    if count < 2:
        return Nucleolus(game.worth[1:].copy(), np.zeros(0))
    if individually and not has_gain(game):
        raise UserError("nucleolus: the players are worth more each alone than all together.")
    worth, inside = game.worth / scale, memberships(count).astype(float)
    over = max(0.0, game.alone.sum() - game.whole) / count  # rounding, as was seen above
    least = (game.alone - over) / scale if individually else np.full(count, -np.inf)
    settled = _Settled(count)
    settled.add(np.ones(count), worth[-1], -1)
    share, levels = _all_levels(worth, inside, least, settled)
    if not is_nucleolus(game, share * scale, individually):
        raise InternalError("nucleolus: the division found does not meet Kohlberg's criterion.")
    return Nucleolus(share * scale, levels * scale)


def _all_levels(worth: Floats, inside: Floats, least: Floats, settled: _Settled) -> tuple[Floats, Floats]:
    """Level after level until every share is known; each settles at least one group that was free."""
    count, levels = settled.count, np.zeros(0)
    free = np.arange(1, len(worth) - 1)
    while len(settled.chosen) < count:
        free = free[~settled.spans(inside[free])]
        known = settled.chosen
        held = [settled.level[row] for row in known]
        values = [
            settled.worth[row] - (levels[at] if at >= 0 else 0.0) for row, at in zip(known, held, strict=True)
        ]
        equal = np.column_stack([np.array(settled.rows)[known], np.zeros(len(known))])
        found = lowest(
            [*[0.0] * count, 1.0],
            -np.column_stack([inside[free], np.ones(len(free))]),
            -worth[free],
            equal,
            values,
            [*((low, None) for low in least), (None, None)],
        )
        for place in np.flatnonzero(-found.ineqlin.marginals > tolerances.SAME_WORTH):
            settled.add(inside[free[place]], worth[free[place]], len(levels))
        for player in np.flatnonzero(found.lower.marginals[:count] > tolerances.SAME_WORTH):
            settled.add(np.eye(count)[player], least[player], -1)
        share, levels = settled.solve()
    return share, levels


def is_nucleolus(game: CoalitionGame, share: Column, individually: bool = True) -> bool:
    """Whether a division is the nucleolus, by Kohlberg's criterion (1971): at every level of excess, the groups with that much or more are balanced.

    A collection is balanced if no change y of the shares with y(all) = 0 leaves each of its groups with as much and one with more;
    with `individually`, a change may not take from who has no more than he is worth alone.
    """
    given, count, scale = np.asarray(share, dtype=float), len(game.players), scale_of(game)
    close = tolerances.SAME_WORTH * scale
    if abs(given.sum() - game.whole) > close or (individually and (given < game.alone - close).any()):
        return False
    if count < 2:
        return True
    inside, excess = memberships(count).astype(float)[1:-1], excesses(game, given)[1:-1]
    order = np.argsort(-excess, kind="stable")
    ends = np.flatnonzero(np.append(-np.diff(excess[order]) > close, True)) + 1
    at_least = given <= game.alone + close if individually else np.zeros(count, dtype=bool)
    bounds = [(0.0 if held else -1.0, 1.0) for held in at_least]
    rank = 1
    for end in ends:
        groups = inside[order[:end]]
        seen = int(np.linalg.matrix_rank(np.vstack([np.ones(count), groups])))
        if seen == rank:
            continue  # sums of groups that are balanced already, and of the whole
        rank = seen
        gain = lowest(-groups.sum(axis=0), -groups, np.zeros(end), np.ones((1, count)), [0.0], bounds)
        if -gain.fun > tolerances.UNBALANCED:
            return False
        if rank == count:
            break
    return True

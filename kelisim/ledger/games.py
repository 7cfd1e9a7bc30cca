"""Cooperative games: what a group earns together, and the share of each by the value of Shapley, exact or sampled.

A coalition is a bit mask: bit i is set where player i is in it. The worth of nobody is 0 and is never asked for.
Worth may be money, energy or any other quantity; shares are in the same. Arrays are (players) or (2 ** players).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from kelisim.ledger.quantities import Floats

Ints = npt.NDArray[np.int64]
Worth = Callable[[int], float]  # of a coalition, given as a bit mask

MOST_EXACT = 12  # players: their 4,096 coalitions are all asked
MOST_PLAYERS = 62  # a coalition is kept in 64 bits
PAIRS = 500  # orders that are drawn, each with its reverse


@dataclass(frozen=True)
class CoalitionGame:
    """Players and the worth of every coalition.

    players  names, in the order of the bits
    worth    of each bit mask, (2 ** players); the first, that of nobody, is 0
    """

    players: tuple[str, ...]
    worth: Floats

    def __post_init__(self) -> None:
        """Raises ValueError unless there is one finite number for each coalition and 0 for nobody."""
        if len(set(self.players)) != len(self.players):
            raise ValueError("two players have one name")
        if np.shape(self.worth) != (2 ** len(self.players),):
            raise ValueError(
                f"{len(self.players)} players have {2 ** len(self.players)} coalitions, not {np.shape(self.worth)}"
            )
        if not np.isfinite(self.worth).all() or self.worth[0] != 0:
            raise ValueError("a coalition has a finite worth, and nobody the worth 0")

    @classmethod
    def of(cls, players: Iterable[str], worth: Worth) -> CoalitionGame:
        """The game whose coalitions are worth what a function says, which is called once for each but for nobody."""
        names = tuple(players)
        if len(names) > MOST_PLAYERS:
            raise ValueError(f"at most {MOST_PLAYERS} players")
        return cls(names, np.array([0.0, *(float(worth(mask)) for mask in range(1, 2 ** len(names)))]))

    @property
    def whole(self) -> float:
        """What all are worth together."""
        return float(self.worth[-1])

    @property
    def alone(self) -> Floats:
        """What each is worth without the others, (players)."""
        return self.worth[1 << np.arange(len(self.players))]


@dataclass(frozen=True)
class Shares:
    """Share of each player in the worth of all.

    share       (players), summing to the worth of all
    error       standard error of each, (players); 0 where every coalition was asked
    coalitions  number of those that were asked, each once
    orders      number of orders that were drawn; 0 where every coalition was asked
    """

    share: Floats
    error: Floats
    coalitions: int
    orders: int = 0

    @property
    def is_exact(self) -> bool:
        return self.orders == 0


def members(coalition: int, players: tuple[str, ...]) -> tuple[str, ...]:
    """Names of those in a coalition.

    >>> members(0b101, ("KZ", "RU", "UZ"))
    ('KZ', 'UZ')
    """
    return tuple(name for bit, name in enumerate(players) if coalition >> bit & 1)


def coalition_of(names: Iterable[str], players: tuple[str, ...]) -> int:
    """Bit mask of a coalition; ValueError for a name that is no player.

    >>> coalition_of(["UZ", "KZ"], ("KZ", "RU", "UZ"))
    5
    """
    return sum(1 << players.index(name) for name in set(names))


def memberships(count: int) -> npt.NDArray[np.bool_]:
    """Who is in which coalition, (2 ** count, count)."""
    masks = np.arange(2**count, dtype=np.int64)
    return (masks[:, None] >> np.arange(count) & 1).astype(bool)


def shapley(game: CoalitionGame) -> Floats:
    """Share of each by what he adds, averaged over all orders in which they could come (Shapley 1953).

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))

    returns  (players), summing to the worth of all

    >>> gloves = CoalitionGame(("left", "right", "right 2"), np.array([0.0, 0, 0, 1, 0, 1, 0, 1]))
    >>> shapley(gloves).round(6).tolist()
    [0.666667, 0.166667, 0.166667]
    """
    count = len(game.players)
    masks = np.arange(2**count, dtype=np.int64)
    sizes = np.bitwise_count(masks)
    weights = np.array([1.0 / (count * comb(count - 1, size)) for size in range(count)])
    found = np.zeros(count)
    for player in range(count):
        without = masks[masks >> player & 1 == 0]
        added = game.worth[without | 1 << player] - game.worth[without]
        found[player] = weights[sizes[without]] @ added
    return found


def sampled_shapley(count: int, worth: Worth, pairs: int = PAIRS, seed: int = 0) -> Shares:
    """The value of Shapley from orders that are drawn, each with its reverse (antithetic pairs; Castro, Gomez & Tejada 2009).

    count    players
    worth    of a coalition, called once for each that a drawn order passes
    pairs    of orders, at least 2
    seed     of the draw
    returns  shares that sum to the worth of all, and the standard error of each: that of the mean over pairs

    Where a player adds much and hardly ever, few pairs may miss it, and share and error are then both too small.
    """
    if pairs < 2:
        raise ValueError("pairs: at least 2, or there is no standard error")
    if count > MOST_PLAYERS:
        raise ValueError(f"at most {MOST_PLAYERS} players")
    draw = np.random.default_rng(seed)
    forward = np.array([draw.permutation(count) for _ in range(pairs)], dtype=np.int64).reshape(pairs, count)
    orders = np.concatenate([forward, forward[:, ::-1]])
    met = np.cumsum(np.left_shift(np.int64(1), orders), axis=1)
    asked, place = np.unique(met, return_inverse=True)
    values = np.array([float(worth(int(mask))) for mask in asked])[place.reshape(met.shape)]
    added = np.empty_like(values)
    np.put_along_axis(added, orders, np.diff(values, axis=1, prepend=0.0), axis=1)
    mean_of_pair = (added[:pairs] + added[pairs:]) / 2
    error = mean_of_pair.std(axis=0, ddof=1) / np.sqrt(pairs)
    return Shares(mean_of_pair.mean(axis=0), error, len(asked), len(orders))


def shares(count: int, worth: Worth, pairs: int = PAIRS, seed: int = 0) -> Shares:
    """The value of Shapley: exact up to 12 players, beyond from orders that are drawn unless these ask for as many coalitions.

    The arguments are those of sampled_shapley.

    >>> shares(2, lambda coalition: 10.0 if coalition == 3 else 0.0).share.tolist()
    [5.0, 5.0]
    """
    if count > MOST_EXACT and 2**count > 2 * pairs * count:
        return sampled_shapley(count, worth, pairs, seed)
    game = CoalitionGame.of(map(str, range(count)), worth)
    return Shares(shapley(game), np.zeros(count), len(game.worth) - 1)

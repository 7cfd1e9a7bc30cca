"""Cooperative games: the properties that name the value of Shapley, and how near the sampled one comes."""

from __future__ import annotations

import doctest
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelisim.ledger import games
from kelisim.ledger.games import CoalitionGame, members, sampled_shapley, shapley, shares

SEEDS = st.integers(0, 2**32 - 1)


def random_game(seed: int, count: int) -> CoalitionGame:
    draw = np.random.default_rng(seed)
    worth = draw.uniform(-10, 10, 2**count)
    worth[0] = 0.0
    return CoalitionGame(tuple("ABCDEFGHIJKL"[:count]), worth)


def test_examples_are_right() -> None:
    """An example that does not give what it says teaches the wrong share."""
    found = doctest.testmod(games, extraglobs={"np": np})
    assert found.attempted and not found.failed


def test_shapley_is_the_mean_over_all_orders() -> None:
    """The formula over coalitions must be the mean over orders that a negotiator can follow by hand."""
    game = random_game(7, 4)
    total = np.zeros(4)
    for order in permutations(range(4)):
        coalition = 0
        for player in order:
            total[player] += game.worth[coalition | 1 << player] - game.worth[coalition]
            coalition |= 1 << player
    assert shapley(game) == pytest.approx(total / 24, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(1, 6))
def test_efficiency_and_additivity(seed: int, count: int) -> None:
    """Shares that miss the whole leave somebody to pay; of two projects together each has the sum of his shares."""
    one, two = random_game(seed, count), random_game(seed + 1, count)
    assert shapley(one).sum() == pytest.approx(one.whole, abs=1e-9)
    both = CoalitionGame(one.players, one.worth + two.worth)
    assert shapley(both) == pytest.approx(shapley(one) + shapley(two), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 6))
def test_symmetry_and_dummy(seed: int, count: int) -> None:
    """Two who add the same have the same share; who adds what he has alone keeps it; names and order move nothing."""
    game = random_game(seed, count)
    swapped = [(m & ~3) | (m & 1) << 1 | (m & 2) >> 1 for m in range(2**count)]
    even = CoalitionGame(game.players, (game.worth + game.worth[swapped]) / 2)
    assert shapley(even)[0] == pytest.approx(shapley(even)[1], abs=1e-9)
    assert shapley(CoalitionGame(game.players, game.worth[swapped]))[[1, 0]] == pytest.approx(
        shapley(game)[:2], abs=1e-9
    )
    last = 1 << count - 1
    alone = np.array([game.worth[m & ~last] + (3.0 if m & last else 0.0) for m in range(2**count)])
    assert shapley(CoalitionGame(game.players, alone))[-1] == pytest.approx(3.0, abs=1e-9)


def test_sampled_shares_lie_within_three_standard_errors() -> None:
    """A bar that does not hold the true share is worse than no bar; the sum is exact at any number of orders."""
    game = random_game(11, 12)
    exact = shapley(game)
    found = sampled_shapley(12, lambda coalition: float(game.worth[coalition]), pairs=150, seed=3)
    assert (np.abs(found.share - exact) <= 3 * found.error).all() and (found.error > 0).all()
    assert found.share.sum() == pytest.approx(game.whole, abs=1e-9)
    more = sampled_shapley(12, lambda coalition: float(game.worth[coalition]), pairs=1350, seed=3)
    assert (more.error / found.error).mean() == pytest.approx(1 / 3, rel=0.15)


def test_many_players_are_sampled_and_few_are_not() -> None:
    """Each coalition is a solve of the network: none is asked twice, and 2 ** 30 of them never."""
    asked: Counter[int] = Counter()

    def airport(coalition: int) -> float:
        asked[coalition] += 1
        return -float(coalition.bit_length())

    few = shares(5, airport)
    assert few.is_exact and few.coalitions == 31 == len(asked) and set(asked.values()) == {1}
    asked.clear()
    many = shares(30, airport, pairs=500, seed=1)
    assert not many.is_exact and many.orders == 1000 and many.coalitions == len(asked)
    assert set(asked.values()) == {1} and 0 not in asked
    exact = -np.cumsum([1.0 / (30 - step) for step in range(30)])
    assert (np.abs(many.share - exact) <= 3 * many.error + 1e-9).all()
    assert shares(30, airport, pairs=500, seed=1).share.tolist() == many.share.tolist()
    assert shares(13, airport, pairs=10).orders == 20 and shares(13, airport, pairs=500).coalitions == 8191


def test_names_and_masks() -> None:
    """A coalition that is told by the wrong names accuses the wrong partner."""
    players = ("KZ", "RU", "UZ")
    assert [members(games.coalition_of(members(mask, players), players), players) for mask in range(8)] == [
        members(mask, players) for mask in range(8)
    ]
    assert members(7, players) == players and shares(0, lambda _: 1.0).share.tolist() == []


@pytest.mark.parametrize(
    ("players", "worth"),
    [
        (("A", "A"), [0.0, 1, 1, 2]),
        (("A", "B"), [0.0, 1, 1]),
        (("A",), [1.0, 1]),
        (("A",), [0.0, float("nan")]),
    ],
)
def test_half_a_game_is_none(players: tuple[str, ...], worth: list[float]) -> None:
    """A coalition without a number would be worth what stands next to it."""
    with pytest.raises(ValueError, match=r"player|worth"):
        CoalitionGame(players, np.array(worth))

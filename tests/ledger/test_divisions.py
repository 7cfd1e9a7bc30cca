"""Core, nucleolus and bargains: against rules that were known before, and against every group that could object."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelisim.errors import UserError
from kelisim.ledger import bargaining, cores, nucleolus
from kelisim.ledger.bargaining import nash_bargain
from kelisim.ledger.cores import core_ranges, excesses, is_in_core, least_core, objections
from kelisim.ledger.games import CoalitionGame, memberships, shapley
from kelisim.ledger.nucleolus import is_nucleolus

CLAIMS = st.lists(st.integers(1, 60), min_size=2, max_size=6)


def game_of(*worth: float) -> CoalitionGame:
    return CoalitionGame(tuple("ABCDEFGH"[: len(worth).bit_length() - 1]), np.array(worth, dtype=float))


MAJORITY = game_of(0, 0, 0, 1, 0, 1, 1, 1)  # two of three decide
GLOVES = game_of(0, 0, 0, 1, 0, 1, 0, 1)  # one left glove, two right ones


def talmud(estate: float, claims: list[int]) -> np.ndarray:
    """Half of each claim is capped at one amount up to half of all; beyond, half of each loss is (Aumann & Maschler 1985)."""
    halves = np.array(claims) / 2

    def capped(amount: float) -> np.ndarray:
        low, high = 0.0, float(halves.max())
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if np.minimum(halves, middle).sum() < amount else (low, middle)
        return np.minimum(halves, high)

    if estate <= halves.sum():
        return capped(estate)
    return 2 * halves - capped(2 * halves.sum() - estate)


def bankruptcy(estate: float, claims: list[int]) -> CoalitionGame:
    others = sum(claims) - memberships(len(claims)) @ np.array(claims)
    return CoalitionGame(tuple("ABCDEF"[: len(claims)]), np.maximum(0.0, estate - others))


@pytest.mark.parametrize("module", [bargaining, cores, nucleolus], ids=lambda m: m.__name__)
def test_examples_are_right(module: object) -> None:
    """An example that does not give what it says teaches the wrong division."""
    found = doctest.testmod(module, extraglobs={"np": np})  # type: ignore[arg-type]
    assert found.attempted and not found.failed


@settings(max_examples=30, deadline=None)
@given(CLAIMS, st.floats(0.05, 0.98))
def test_nucleolus_of_a_bankruptcy_is_the_rule_of_the_talmud(claims: list[int], part: float) -> None:
    """A rule of two thousand years that is computed in another way finds every wrong level."""
    game = bankruptcy(part * sum(claims), claims)
    found = nucleolus.nucleolus(game).share
    assert found == pytest.approx(talmud(part * sum(claims), claims), abs=1e-6)
    assert is_in_core(game, found) and found.sum() == pytest.approx(game.whole, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_nucleolus_of_any_game(seed: int, count: int) -> None:
    """Its first level is the least core; moved by a little in any direction it is no nucleolus; money for a player moves his share alone."""
    draw = np.random.default_rng(seed)
    worth = np.append(0.0, draw.uniform(-5, 5, 2**count - 1)).round(1)
    game = CoalitionGame(tuple("ABCDEF"[:count]), worth)
    found = nucleolus.nucleolus(game, individually=False)
    assert found.levels[0] == pytest.approx(least_core(game).excess, abs=1e-7)
    assert excesses(game, found.share)[1:-1].max() == pytest.approx(found.levels[0], abs=1e-7)
    for step in draw.normal(0, 0.1, (3, count)):
        assert not is_nucleolus(game, found.share + step - step.mean(), individually=False)
    paid = CoalitionGame(game.players, worth + memberships(count)[:, 0] * 7.0)
    moved = nucleolus.nucleolus(paid, individually=False).share - found.share
    assert moved == pytest.approx([7.0] + [0.0] * (count - 1), abs=1e-6)


def test_core_verdicts() -> None:
    """A division that a group has a reason to leave must not be called stable, nor an empty core full."""
    assert least_core(GLOVES).has_core and core_ranges(GLOVES) == pytest.approx(
        np.array([[1, 1], [0, 0], [0, 0]]), abs=1e-6
    )
    assert not least_core(MAJORITY).has_core and core_ranges(MAJORITY) is None
    assert least_core(MAJORITY).excess == pytest.approx(1 / 3, abs=1e-9)
    assert objections(GLOVES, shapley(GLOVES)) == [(3, pytest.approx(1 / 6)), (5, pytest.approx(1 / 6))]
    assert objections(GLOVES, [1.0, 0.0, 0.0]) == [] and not is_in_core(GLOVES, [0.9, 0.0, 0.0])
    assert core_ranges(game_of(0, 1, 2, 5)) == pytest.approx(np.array([[1, 3], [2, 4]]), abs=1e-6)


def test_small_games() -> None:
    """Who is alone has all there is; who is worth more alone than all together has no division to accept."""
    assert (
        nucleolus.nucleolus(game_of(0, 4)).share.tolist() == [4.0] == least_core(game_of(0, 4)).share.tolist()
    )
    assert nucleolus.nucleolus(game_of(0)).share.tolist() == [] and nucleolus.is_nucleolus(
        game_of(0, 4), [4.0]
    )
    assert nucleolus.nucleolus(game_of(0, 3, 1, 6)).share == pytest.approx([4.0, 2.0])
    worse = game_of(0, 3, 3, 5)
    with pytest.raises(UserError, match="worth more each alone than all together"):
        nucleolus.nucleolus(worse)
    assert nucleolus.nucleolus(worse, individually=False).share == pytest.approx([2.5, 2.5])
    assert not is_nucleolus(worse, [2.5, 2.5])


def test_worth_in_any_unit() -> None:
    """A game in millions and one in thousandths of a cent are one game."""
    for scale in (1e-9, 1.0, 1e12):
        game = CoalitionGame(GLOVES.players, GLOVES.worth * scale)
        assert nucleolus.nucleolus(game).share / scale == pytest.approx([1, 0, 0], abs=1e-6)


def test_bargains() -> None:
    """An offer from outside is no threat until it is better; who has nothing to gain together does not agree."""
    assert nash_bargain(100.0, [10.0, 30.0], outside=[35.0, 0.0]).tolist() == [40.0, 60.0]
    assert nash_bargain(90.0, [0.0] * 3, outside=[50.0, 0.0, 0.0]).tolist() == [50.0, 20.0, 20.0]
    assert nash_bargain(90.0, [0.0] * 3, outside=[50.0, 25.0, 0.0]).tolist() == [50.0, 25.0, 15.0]
    assert nash_bargain(100.0, [0.0, 20.0], power=[3.0, 1.0]).tolist() == [60.0, 40.0]
    assert nash_bargain(30.0, [10.0, 30.0]) is None and nash_bargain(40.0, [10.0, 30.0]).tolist() == [
        10.0,
        30.0,
    ]
    with pytest.raises(UserError, match="power"):
        nash_bargain(1.0, [0.0, 0.0], power=[0.0, 1.0])

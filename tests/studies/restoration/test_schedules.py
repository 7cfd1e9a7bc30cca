"""Orders of repair: best ones against all orders there are, bounds that are none too high, lists that crews follow."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from kelisim.studies.restoration import schedules
from kelisim.studies.restoration.schedules import ScheduleCut, follow, summed

Loss = Callable[[int], float]


def network_like(seed: int, count: int) -> tuple[Loss, list[float]]:
    """Losses that never fall with one more out: some fall when any of three is out (a series), some when all are (spares)."""
    draw = np.random.default_rng(seed)
    parts = [
        (sum(1 << int(e) for e in draw.choice(count, 3, replace=False)), float(draw.integers(1, 20)), bool(i % 2))
        for i in range(2 * count)
    ]  # fmt: skip

    def loss(out: int) -> float:
        return sum(w for held, w, spare in parts if (out & held == held if spare else out & held))

    return loss, [float(v) for v in draw.integers(1, 9, count)]


def by_hand(order: tuple[int, ...], times: list[float], crews: int, loss: Loss) -> float:
    """Loss over time of a list, step by step and without the code under test."""
    free = [0.0] * crews
    ends = {}
    for element in order:
        crew = min(range(crews), key=lambda c: free[c])
        free[crew] += times[element]
        ends[element] = free[crew]
    total, before = 0.0, 0.0
    for moment in sorted(set(ends.values())):
        total += (moment - before) * loss(sum(1 << e for e, end in ends.items() if end >= moment))
        before = moment
    return total


def least(times: list[float], crews: int, loss: Loss) -> float:
    return min(by_hand(order, times, crews, loss) for order in permutations(range(len(times))))


@pytest.mark.parametrize("seed", range(30))
def test_best_of_all_orders(seed: int) -> None:
    """An order that is called best and is not leaves people in the dark for longer than they must be."""
    crews, count = 1 + seed % 3, 5 + seed % 2
    loss, times = network_like(seed, count)
    found = schedules.exact(schedules.table(loss, count), times, crews)
    assert found.exact
    assert found.total == pytest.approx(least(times, crews, loss), rel=1e-12)
    assert found.total == pytest.approx(by_hand(found.schedule.order, times, crews, loss), rel=1e-12)
    assert found.bound == found.total


@pytest.mark.parametrize("seed", range(12))
def test_best_of_all_orders_where_a_loss_saves(seed: int) -> None:
    """Losses that fall with one more out must not mislead the search: the bound of a quick crew knows them."""
    draw = np.random.default_rng(seed)
    losses = draw.integers(0, 30, 1 << 5).astype(float)
    losses[0] = 0.0
    times = [float(v) for v in draw.integers(1, 6, 5)]
    assert (schedules.lowered(losses) < losses).any()
    found = schedules.exact(losses, times, 1 + seed % 3)
    assert found.total == pytest.approx(least(times, 1 + seed % 3, lambda out: float(losses[out])), rel=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_bounds_are_not_above_the_best(seed: int) -> None:
    """A bound that is too high calls an order best that is not."""
    crews, count = 1 + seed % 3, 6
    loss, times = network_like(100 + seed, count)
    best = schedules.exact(schedules.table(loss, count), times, crews).total
    whole = schedules.bound_of_group(loss, range(count), times, crews)
    part = schedules.bound_of_group(loss, (4, 1, 2), times, crews)
    cuts = [ScheduleCut.plain(out, loss(out), count) for out in range(1, 1 << count)]
    by_cuts = schedules.bound_of_cuts(cuts, times, crews)
    assert 0.0 < part <= whole <= best * (1 + 1e-12)
    assert 0.0 < by_cuts <= best
    if crews == 1:
        assert whole == pytest.approx(best)


def test_bound_of_cuts_that_say_all() -> None:
    """By hand: losses 6 and 2 that add up, repairs of 1 and 2 days, one crew. The best order loses 8 x 1 + 2 x 2 = 12.

    Nothing is back before its own repair could end: 8 on the first day, 2 on the second. On the third what is left of the
    work, in parts, takes the loss from 1 to 0: half a day of 1. Together 10.5.
    """
    cuts = [ScheduleCut(3, 8.0, np.array([6.0, 2.0]), np.zeros(2))]
    found = schedules.bound_of_cuts(cuts, [1.0, 2.0], 1, parts=300)
    assert found == pytest.approx(10.5, abs=0.02)
    assert found <= 12.0


def test_search_given_up_says_what_is_left() -> None:
    """A search that stops early must not claim that it is done."""
    loss, times = network_like(7, 8)
    losses = schedules.table(loss, 8)
    best = schedules.exact(losses, times, 3).total
    found = schedules.exact(losses, times, 3, states=3)
    assert not found.exact
    assert 0.0 < found.bound <= best <= found.total
    assert found.gap == pytest.approx(found.total - found.bound)


@pytest.mark.parametrize("seed", range(8))
def test_lists_of_many_are_never_better_than_the_best(seed: int) -> None:
    """The list that is searched for where sets are too many is good, and its total is that of its own schedule."""
    loss, times = network_like(200 + seed, 7)
    best = schedules.exact(schedules.table(loss, 7), times, 2).total
    found = schedules.searched(loss, times, 2)
    assert best <= found.total <= 1.1 * best
    assert found.total == pytest.approx(by_hand(found.schedule.order, times, 2, loss))


def test_pairs_that_help_only_together_are_seen() -> None:
    """A list that looks at one repair at a time overlooks a plant and its line: 0 and 1 bring 10 together, 2 brings 1."""

    def loss(out: int) -> float:
        return (10.0 if out & 0b011 else 0.0) + (1.0 if out & 0b100 else 0.0)

    assert set(schedules.greedy(loss, [1.0, 1.0, 3.0], 1).order[:2]) == {0, 1}
    assert set(schedules.backward(loss, [1.0, 1.0, 3.0], 1).order[:2]) == {0, 1}


def test_crews_follow_the_list() -> None:
    """By hand: two crews, repairs of 4, 2, 3 and 1 days in that order. The second crew is free after 2, the first after 4."""
    schedule = follow((0, 1, 2, 3), [4.0, 2.0, 3.0, 1.0], 2)
    assert schedule.crew == (0, 1, 1, 0)
    assert schedule.starts == (0.0, 0.0, 2.0, 4.0)
    assert schedule.ends == (4.0, 2.0, 5.0, 5.0)
    assert schedule.stretches() == [(0.0, 2.0, 0b1111), (2.0, 4.0, 0b1101), (4.0, 5.0, 0b1100)]
    assert summed(schedule, lambda out: float(out.bit_count())) == 2 * 4 + 2 * 3 + 1 * 2


def test_losses_below_nothing_are_refused() -> None:
    """The search adds losses up and stops at the first end; one below 0 would stop it too early."""
    with pytest.raises(ValueError, match="not below 0"):
        schedules.exact(np.array([0.0, -1.0]), [1.0], 1)

"""Drawing states: what a sampler may not get wrong is how likely each state is."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.engine.sampling import (
    Sample,
    distinct,
    importance,
    joined,
    learn,
    likelihood,
    out_over_time,
    plain,
    stratified,
    with_number,
)  # fmt: skip
from kelisim.results.adequacy import all_states
from kelisim.results.intervals import poisson_binomial

RATES = np.array([0.3, 0.1, 0.5, 0.02])


def weight_of_states(sample: Sample) -> np.ndarray:
    """Weight that falls on each of the 16 states."""
    number = sample.out @ (1 << np.arange(sample.out.shape[1]))
    return np.bincount(number, sample.weight, minlength=16)


def test_same_seed_same_states() -> None:
    """An answer that changes from run to run cannot be checked."""
    for draw in (plain, stratified):
        one, two = (draw(RATES, 500, np.random.default_rng(7)) for _ in range(2))
        assert np.array_equal(one.out, two.out) and np.array_equal(one.weight, two.weight)
    assert not np.array_equal(
        plain(RATES, 500, np.random.default_rng(8)).out, plain(RATES, 500, np.random.default_rng(7)).out
    )


@pytest.mark.parametrize("method", ["plain", "stratified", "importance"])
def test_every_state_has_its_probability(method: str) -> None:
    """The weight that falls on a state estimates its probability, whichever way states are drawn."""
    _, chance = all_states(RATES)
    rng = np.random.default_rng(4)
    draw = {
        "plain": lambda: plain(RATES, 60_000, rng),
        "stratified": lambda: stratified(RATES, 60_000, rng, enumerate_up_to=0),
        "importance": lambda: importance(RATES, np.array([0.5, 0.4, 0.5, 0.2]), 60_000, rng),
    }[method]
    assert weight_of_states(draw()) == pytest.approx(chance, abs=0.01)


def test_states_of_a_number() -> None:
    """Given two out of four: 6 states, each with its share of P(K = 2)."""
    out, chance = all_states(RATES)
    drawn = with_number(RATES, np.full(60_000, 2), np.random.default_rng(1))
    assert (drawn.sum(axis=1) == 2).all()
    two = out.sum(axis=1) == 2
    seen = np.bincount(drawn @ (1 << np.arange(4)), minlength=16)[two] / 60_000
    assert seen == pytest.approx(chance[two] / poisson_binomial(RATES)[2], abs=0.01)


def test_strata_do_not_break_at_the_ends() -> None:
    """Elements that never or always fail, one element, no element: weights add up to one."""
    for rates in ([0.0, 0.0], [1.0, 0.2], [0.3], [], [0.5] * 30, [1e-9] * 5):
        sample = stratified(np.array(rates), 50, np.random.default_rng(0))
        assert sample.weight.sum() == pytest.approx(1.0, abs=1e-9), rates
        assert sample.out.shape[1] == len(rates)


def test_learning_finds_what_matters() -> None:
    """Only the first element causes losses: its rate rises, the others keep theirs."""
    rates = np.array([0.01, 0.05, 0.05, 0.2])
    learned = learn(rates, lambda out: np.where(out[:, 0], 5.0, -1.0), 4000, np.random.default_rng(2))
    assert learned.found
    assert learned.rates[0] > 0.4
    assert learned.rates[1:] == pytest.approx(rates[1:])
    # no loss is ever seen: rates stay, and it is said
    blind = learn(rates, lambda out: np.zeros(len(out)), 500, np.random.default_rng(2))
    assert not blind.found
    assert np.array_equal(blind.rates, rates)


def test_likelihood_by_hand() -> None:
    """Out with 0.1, drawn with 0.4: 0.25 where out, 1.5 where in."""
    out = np.array([[True, False], [False, False]])
    assert likelihood(out, np.array([0.1, 0.3]), np.array([0.4, 0.3])) == pytest.approx([0.25, 1.5])


def test_rows_that_differ() -> None:
    """Numbers and bits alike; rows without columns are all the same."""
    rows = np.array([[1, 0], [2, 1], [1, 0]])
    first, back = distinct(rows)
    assert np.array_equal(rows[first][back], rows) and len(first) == 2
    first, back = distinct(np.zeros((3, 0), dtype=bool))
    assert len(first) == 1 and back.tolist() == [0, 0, 0]


def test_joined_groups_stay_apart() -> None:
    """Two samples in one: strata of the second must not fall together with those of the first."""
    both = joined(
        [stratified(RATES, 40, np.random.default_rng(1)), plain(RATES, 10, np.random.default_rng(1))]
    )
    assert both.group.max() == len(both.exact) - 1
    assert (both.group == len(both.exact) - 1).sum() == 10


def test_paths_are_out_as_often_as_the_rate_says() -> None:
    """Over many days the share of time out is the rate, and spells last as long as the repair."""
    moments = np.arange(0.0, 24.0 * 40_000, 24.0) + 12
    out = out_over_time(np.array([0.1, 0.0]), np.array([240.0, 10.0]), moments, np.random.default_rng(5))
    assert out.shape == (2, 40_000)
    assert out[0].mean() == pytest.approx(0.1, abs=0.01)
    assert not out[1].any()
    spells = int((np.diff(out[0].astype(int)) == 1).sum())
    # with one look a day, a spell of T days is seen for T days on average, if it is seen at all: 1 / (1 - exp(-1/10)) days
    assert out[0].sum() / spells == pytest.approx(1 / (1 - np.exp(-0.1)), rel=0.1)

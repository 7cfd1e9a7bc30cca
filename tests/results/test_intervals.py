"""Means with intervals, tails, and when to stop: against small examples by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.results.intervals import LEAST_EVENTS, Estimate, enough, estimate, poisson_binomial, tail, wilson

ONE = np.zeros(1, dtype=bool)


def test_plain_mean_and_error() -> None:
    """The textbook: s / sqrt(n); half of n would make intervals look narrower than they are."""
    values = np.array([1.0, 2.0, 3.0, 6.0])
    found = estimate(values, np.full(4, 0.25), np.zeros(4, dtype=int), ONE)
    assert found.mean[0] == pytest.approx(3.0)
    assert found.error[0] == pytest.approx(values.std(ddof=1) / 2)
    assert found.high[0] == pytest.approx(3 + 1.959964 * found.error[0])
    assert found.low[0] == 0.0 or found.low[0] > 0.0
    assert found.variation[0] == pytest.approx(found.error[0] / 3)


def test_strata_and_what_was_enumerated() -> None:
    """Stratum 0 is known (weight 0.9), stratum 1 has two samples (0.1): only the second adds an error."""
    values = np.array([10.0, 0.0, 4.0])
    weight = np.array([0.9, 0.05, 0.05])
    group = np.array([0, 1, 1])
    found = estimate(values, weight, group, np.array([True, False]))
    assert found.mean[0] == pytest.approx(9.2)
    # variance: 2 x s^2 of (0, 0.2)
    assert found.error[0] == pytest.approx(np.sqrt(2 * 0.02))
    alone = estimate(np.array([3.0]), np.array([1.0]), np.array([0]), ONE)
    assert alone.error[0] == pytest.approx(3.0)


def test_few_samples_have_wider_intervals() -> None:
    """Five paths are not a large sample: Student's distribution with four degrees."""
    few = Estimate(np.array([10.0]), np.array([1.0]), 4.0)
    assert few.high[0] == pytest.approx(10 + 2.776445)


def test_wilson_is_that_of_counts() -> None:
    """One formula for counts and for weighted samples: an interval must not depend on who asks."""
    low, high = wilson(np.array([0.03, 0.0]), np.array([200.0, 100.0]))
    assert (low[0], high[0]) == pytest.approx(wilson(6 / 200, 200))
    low, high = wilson(np.array([0.0]), 100.0)
    assert low[0] == pytest.approx(0.0, abs=1e-12)
    assert high[0] == pytest.approx(0.0370, abs=1e-4)


def test_interval_of_a_share() -> None:
    """8 of 10: the interval of Wilson is 0.490 to 0.943."""
    assert wilson(8 / 10, 10) == pytest.approx((0.490, 0.943), abs=5e-4)
    assert wilson(0.0, 0) == pytest.approx((0.0, 1.0), abs=1e-9)


def test_tail_by_hand() -> None:
    """Of 1 ... 10, equally likely, the worst fifth is 9 and 10; with half of 8 it is a quarter of all."""
    values, weight = np.arange(1.0, 11.0), np.full(10, 0.1)
    group = np.zeros(10, dtype=int)
    assert tail(values, weight, group, ONE, 0.2).mean == pytest.approx(9.5)
    assert tail(values, weight, group, ONE, 0.25).mean == pytest.approx((10 + 9 + 0.5 * 8) / 2.5)
    assert tail(values, weight * 7, group, ONE, 0.2).mean == pytest.approx(9.5)
    # the mean of all is the tail of everything
    assert tail(values, weight, group, ONE, 1.0).mean == pytest.approx(5.5)


def test_number_of_failures() -> None:
    """Equal rates give the binomial; unequal ones by hand."""
    assert poisson_binomial(np.full(3, 0.5)) == pytest.approx([0.125, 0.375, 0.375, 0.125])
    assert poisson_binomial(np.array([0.1, 0.2])) == pytest.approx([0.72, 0.26, 0.02])
    assert poisson_binomial(np.zeros(0)).tolist() == [1.0]


def test_stopping_rule() -> None:
    """A lucky start must not stop the sampling: at least a hundred losses, and the target."""
    sure = Estimate(np.array([100.0]), np.array([1.0]))
    assert enough(sure, LEAST_EVENTS, 0.02)
    assert not enough(sure, LEAST_EVENTS - 1, 0.02)
    assert not enough(sure, 10_000, 0.005)
    assert not enough(sure, 10_000, 0.0)
    assert not enough(Estimate(np.array([0.0]), np.array([0.0])), 10_000, 0.02)

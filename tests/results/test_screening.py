"""Samples that cover each factor, and correlations that count one factor at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from kelisim.results.screening import latin_hypercube, partial_rank_correlation


def test_each_stratum_has_one_sample() -> None:
    """A sample that leaves out a part of a range says nothing about it."""
    levels = latin_hypercube(20, 3, seed=7)
    strata = np.floor((levels + 1.0) / 2.0 * 20).astype(int)
    for column in strata.T:
        assert sorted(column) == list(range(20))
    assert np.array_equal(levels, latin_hypercube(20, 3, seed=7))
    assert not np.array_equal(levels, latin_hypercube(20, 3, seed=8))


def test_partial_correlation_is_the_formula_of_three_variables() -> None:
    """r_xy.z = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2) (1 - r_yz^2)) on ranks."""
    chance = np.random.default_rng(3)
    x, z = chance.normal(size=(2, 80))
    z += 0.7 * x
    y = x + 2.0 * z + chance.normal(size=80)
    found, low, high = partial_rank_correlation(np.column_stack([x, z]), y)
    xy, xz, yz = (float(spearmanr(a, b).statistic) for a, b in ((x, y), (x, z), (y, z)))
    assert found[0] == pytest.approx((xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2)), abs=1e-6)
    half = 1.959964 / np.sqrt(80 - 1 - 3)
    assert (low[0], high[0]) == pytest.approx(tuple(np.tanh(np.arctanh(found[0]) + s * half) for s in (-1, 1)), abs=1e-6)  # fmt: skip


def test_a_result_that_follows_one_factor_has_its_sign() -> None:
    """An exact relation has no inverse matrix; the factor must still be found, and the other not."""
    levels = latin_hypercube(60, 2, seed=1)
    found, low, high = partial_rank_correlation(levels, -(levels[:, 0] ** 3))
    assert found[0] == pytest.approx(-1.0, abs=1e-6)
    assert low[1] < 0 < high[1]


def test_a_result_that_never_varies_has_no_correlation() -> None:
    """A number for nothing would rank factors by noise."""
    found, low, high = partial_rank_correlation(latin_hypercube(30, 2, seed=1), np.full(30, 5.0))
    assert np.isnan([*found, *low, *high]).all()

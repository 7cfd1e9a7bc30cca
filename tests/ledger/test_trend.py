"""Trend and what is still to come: by hand, and intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.ledger.trend import fit

MONTHS = np.arange(36)
TIME, MONTH = 2023 + (MONTHS + 0.5) / 12, MONTHS % 12 + 1


def test_a_straight_line_goes_on() -> None:
    """Two a year from 10 is 14 after two years."""
    time = np.array([0.0, 0.5, 1.0, 1.5])
    found = fit(time, np.array([1, 7, 1, 7]), 10 + 2 * time)
    assert found is not None and found.slope == pytest.approx(2) and found.robust == pytest.approx(2)
    mean, low, high = found.ahead(np.array([2.0]), np.array([1]), np.ones(1))
    assert (mean, low, high) == pytest.approx((14, 14, 14), abs=1e-6)


def test_a_season_is_no_trend() -> None:
    """A winter at the end of the data would be taken for growth."""
    season = 3 * np.cos(2 * np.pi * (MONTH - 1) / 12)
    found = fit(TIME, MONTH, 10 + season)
    assert found is not None and found.is_seasonal
    assert found.slope == pytest.approx(0, abs=1e-9)
    mean, _, _ = found.ahead(np.array([2026 + 0.5 / 12]), np.array([1]), np.ones(1))
    assert mean == pytest.approx(13)


def test_few_points_have_no_trend() -> None:
    """Three points and a line through them are no forecast."""
    assert fit(TIME[:3], MONTH[:3], np.ones(3)) is None


@pytest.mark.parametrize("count", [12, 36])
def test_intervals_hold_nine_of_ten(count: int) -> None:
    """An interval that is too narrow turns a light green that is not."""
    rng = np.random.default_rng(2)
    ahead = TIME[:count].max() + (np.arange(6) + 1) / 12
    month = (MONTH[count - 1] + np.arange(6)) % 12 + 1
    share = np.full(6, 1 / 6)
    inside = 0
    for _ in range(400):
        values = 8 + 0.5 * (TIME[:count] - 2023) + rng.normal(0, 1, count)
        found = fit(TIME[:count], MONTH[:count], values)
        assert found is not None
        _, low, high = found.ahead(ahead, month, share)
        inside += low <= float(share @ (8 + 0.5 * (ahead - 2023) + rng.normal(0, 1, 6))) <= high
    assert 345 <= inside <= 375

"""Samples that keep known sums, and intervals from them, against a truth that the test makes itself."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.engine.estimates.conditioned import TOGETHER, KnownSum, Movable, drawn, missed, raked
from kelisim.results.intervals import LEAST_EFFECTIVE, effective, likeness, weighted_quantiles
from tests.properties.examples import EXAMPLES

SIZES = np.array(
    [40.0, 25.0, 20.0, 10.0, 30.0, 15.0]
)  # use of three towns' homes and three towns' works, GWh
RULES = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])  # homes, works, and the capacities of three boiler houses
CAPACITIES = np.array([60.0, 30.0, 28.0])
SPREAD, ROOM = 0.1, 0.2
TOTAL = KnownSum("use", np.arange(6), SPREAD * SIZES, SPREAD * SIZES, float(SIZES.sum()))
UNITS = Movable(RULES, tuple(np.flatnonzero(rule == RULES) for rule in range(3)))
TRIALS = max(200, EXAMPLES)  # 700 in `make prove`
OBSERVED_TO = 1.5  # GWh by which the meter of the first town may err


def use(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Use of each town, and what its boiler house gives, (samples, towns)."""
    rows = SIZES * (1.0 + SPREAD * levels[:, :6])
    return rows[:, :3] + rows[:, 3:], CAPACITIES * (1.0 + ROOM * levels[:, 6:])


def short(levels: np.ndarray) -> np.ndarray:
    """What the towns lack when each has its boiler house alone, GWh."""
    wanted, given = use(levels)
    return np.maximum(wanted - given, 0.0).sum(axis=1)


def metered(levels: np.ndarray) -> np.ndarray:
    """An answer that is known: the use of the first town, (samples, 1)."""
    return use(levels)[0][:, :1]


@pytest.fixture(scope="module")
def worlds() -> np.ndarray:
    """Worlds as the ranges allow them, kept where the sum is right to 0.03 %: by rejection, no line of it from the program."""
    rng = np.random.default_rng(7)
    rules = rng.uniform(-1, 1, (600_000, 3))[:, RULES]
    levels = 0.5 * rules + 0.5 * rng.uniform(-1, 1, (600_000, 9))
    total = SIZES @ (1.0 + SPREAD * levels[:, :6].T)
    return levels[np.abs(total - SIZES.sum()) < 3e-4 * SIZES.sum()]


def test_intervals_hold_the_truth(worlds: np.ndarray) -> None:
    """An interval that is named 90 % must hold the truth about as often, and be no wider than it has to."""
    rng = np.random.default_rng(11)
    held, ratio = 0, []
    ends, tolerance = np.array([0.05, 0.95]), np.array([OBSERVED_TO])
    for trial in range(TRIALS):
        truth = worlds[trial : trial + 1]
        observed = metered(truth)[0] + rng.normal(0.0, OBSERVED_TO, 1)
        levels = drawn(UNITS, [TOTAL], 400, seed=trial)
        assert missed(levels, [TOTAL]) < 1e-9
        weight = likeness(metered(levels), observed, tolerance)
        assert effective(weight) >= LEAST_EFFECTIVE
        low, high = weighted_quantiles(short(levels), weight, ends)
        held += bool(low <= short(truth)[0] <= high)
        rest = worlds[TRIALS:]
        exact = weighted_quantiles(short(rest), likeness(metered(rest), observed, tolerance), ends)
        ratio.append((high - low) / (exact[1] - exact[0]))
    assert 0.85 <= held / TRIALS <= 0.95
    assert np.mean(ratio) <= 1.5


def test_a_sum_moves_nothing_beyond_its_range() -> None:
    """Raking without its limits would draw what no range allows."""
    levels = np.ones((1, 9))
    levels[0, 3:6] = 0.0
    found = raked(levels, RULES, [TOTAL])
    assert np.abs(found).max() <= 1.0
    assert missed(found, [TOTAL]) < 1e-9
    assert np.array_equal(found[:, 6:], levels[:, 6:])


def test_sums_that_share_rows_hold_together() -> None:
    """A town's total and the nation's total are both known: meeting one must not lose the other."""
    town = KnownSum("town", np.array([0, 3]), np.array([4.0, 1.0]), np.array([4.0, 1.0]), 50.0)
    levels = drawn(UNITS, [TOTAL, town], 40, seed=3)
    assert missed(levels, [TOTAL, town]) < 1e-9
    assert levels[:, 0].std() > 0.05


def test_rows_of_a_rule_move_together() -> None:
    """Rows of one estimate err together: drawn one by one they would cancel out, and every interval be too narrow."""
    levels = drawn(UNITS, [], 400, seed=5)
    assert TOGETHER == 0.5
    assert np.corrcoef(levels[:, 0], levels[:, 1])[0, 1] == pytest.approx(0.5, abs=0.1)
    assert np.corrcoef(levels[:, 0], levels[:, 4])[0, 1] == pytest.approx(0.0, abs=0.12)


def test_weights() -> None:
    """Of ten samples one that has all the weight is worth one; equal ones are worth ten."""
    assert effective(np.ones(10)) == pytest.approx(10)
    assert effective(np.eye(10)[0]) == pytest.approx(1)
    values = np.arange(1.0, 12.0)
    for share in (0.05, 0.5, 0.95):
        by_hand = np.quantile(values, share, method="hazen")
        assert weighted_quantiles(values, np.ones(11), np.array([share]))[0] == pytest.approx(by_hand)
    twice = weighted_quantiles(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0]))
    assert twice.tolist() == [2.0, 3.0]
    assert likeness(np.array([[1.0], [3.0]]), np.array([2.0]), np.array([1.0])).tolist() == [0.5, 0.5]
    far = likeness(np.array([[1e6], [1e6 + 1.0]]), np.array([0.0]), np.array([1e-3]))
    assert far.sum() == pytest.approx(1.0)

"""Generating adequacy of the reliability test system of 1979: by convolution, by sampling, and with areas and lines."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from kelisim.engine.sampling import answers, distinct, importance, joined, learn, plain, stratified
from kelisim.results.adequacy import Indices, all_states, capacity_table, indices, unserved_in_areas
from kelisim.results.intervals import estimate
from tests.published.answers import reproduces

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
UNITS = pd.read_csv(HERE / "units.csv")
LOAD = pd.read_csv(HERE / "hourly_load_mw.csv")["load_mw"].to_numpy(dtype=float)
SIZE = np.repeat(UNITS["capacity_mw"].to_numpy(), UNITS["units"])
RATE = np.repeat(UNITS["forced_outage_rate"].to_numpy(), UNITS["units"])
TOTAL = int(SIZE.sum())
Floats = npt.NDArray[np.float64]


@cache
def exact() -> Indices:
    table = capacity_table(
        UNITS["capacity_mw"], UNITS["forced_outage_rate"], UNITS["units"], UNITS["mttf_h"], UNITS["mttr_h"]
    )
    return indices(table, LOAD)


@cache
def by_capacity() -> tuple[Floats, Floats]:
    """Hours and MWh of shortage in the year with so many MW there, (MW, from 0)."""
    ordered = np.sort(LOAD)
    above = np.searchsorted(ordered, np.arange(TOTAL + 1), side="right")
    energy = np.concatenate([np.cumsum(ordered[::-1])[::-1], [0.0]])[above]
    hours = (len(LOAD) - above).astype(float)
    return hours, energy - hours * np.arange(TOTAL + 1)


def left(out: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """MW that are there in each state."""
    return TOTAL - (out.astype(np.float32) @ SIZE.astype(np.float32)).astype(np.int64)


def of_year(out: npt.NDArray[np.bool_]) -> Floats:
    """Hours and MWh of shortage in the year of each state, (states, 2)."""
    hours, energy = by_capacity()
    there = left(out)
    return np.column_stack([hours[there], energy[there]])


def severity(out: npt.NDArray[np.bool_]) -> Floats:
    """MW that lack at the peak of the year; below 0: that are left."""
    return LOAD.max() - left(out).astype(float)


def test_convolution() -> None:
    """The table of capacity is what every sampled answer is held against."""
    found = exact()
    assert len(LOAD) == EXPECTED["hours"]
    reproduces("Loss of load expectation", found.lole, EXPECTED["LOLE_h_per_y"], "rts79", "h/year", abs=1e-6)
    # the file gives five decimals
    reproduces(
        "Expected unserved energy", found.eue, EXPECTED["EUE_MWh_per_y"], "rts79", "MWh/year", abs=6e-6
    )
    days = EXPECTED["LOLE_daily_peak_days_per_y"]
    reproduces(
        "Loss of load expectation of daily peaks", found.daily_peak, days, "rts79", "days/year", abs=1e-6
    )
    reproduces("Loss of load expectation, as printed", found.lole, 9.39, "billinton", "h/year", abs=0.005)
    reproduces("Expected unserved energy, as printed", found.eue, 1176.0, "billinton", "MWh/year", abs=0.5)
    reproduces(
        "Daily peaks not carried, as printed", found.daily_peak, 1.369, "billinton", "days/year", abs=0.0005
    )
    assert found.neue == pytest.approx(EXPECTED["EUE_MWh_per_y"] / LOAD.sum(), rel=1e-6)


def test_frequency_of_all_units() -> None:
    """Steady state: what leads up out of all states together leads down as often; a wrong sign would show here."""
    table = capacity_table(
        UNITS["capacity_mw"], UNITS["forced_outage_rate"], UNITS["units"], UNITS["mttf_h"], UNITS["mttr_h"]
    )
    assert table.net_up.sum() == pytest.approx(0.0, abs=1e-12)
    # the two states of one unit: up and down as often as 1 / (mttf + mttr)
    one = capacity_table([100], [0.2], None, [400.0], [100.0])
    assert one.frequency_below(np.array([50.0]))[0] == pytest.approx(1 / 500)
    # each shortage lasts longer than an hour on average
    assert 1.0 < exact().lolf < exact().lole


def test_frequency_by_hand() -> None:
    """One unit, 50 wanted in even hours, 150 in odd ones: short in each odd hour, and where it fails in an even one."""
    table = capacity_table([100], [0.2], None, [400.0], [100.0])
    found = indices(table, np.tile([50.0, 150.0], 12))
    # 12 times the load rises above what is there (if it is not short already), 12 hours in which the unit may fail
    assert found.lolf == pytest.approx(12 * 0.8 + 12 / 500)
    assert found.lole == pytest.approx(12 + 12 * 0.2)
    assert found.daily_peak == 1.0


@pytest.mark.parametrize("hourly", [True, False])
def test_intervals_cover_the_truth(hourly: bool) -> None:
    """An interval that misses the truth more often than it says is worse than none; both ways to sample the hours."""
    seeds, states = (40, 100_000) if hourly else (60, 20_000)
    inside = np.zeros(2)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        sample = plain(RATE, states, rng)
        if hourly:
            load = LOAD[rng.integers(0, len(LOAD), states)]
            lack = np.maximum(load - left(sample.out), 0.0) * len(LOAD)
            found = sample.of(np.column_stack([(lack > 0) * float(len(LOAD)), lack]))
        else:
            found = sample.of(of_year(sample.out))
        truth = np.array([exact().lole, exact().eue])
        inside += (found.low <= truth) & (truth <= found.high)
    assert (inside / seeds >= 0.90).all()
    assert (inside / seeds <= 0.99).all()


def test_importance_sampling() -> None:
    """Few states must be enough for a rare shortage: 2 % of variation, and the truth within the interval of several seeds."""
    inside, variation = 0, []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        learned = learn(RATE, severity, 3000, rng)
        assert learned.found
        sample = importance(RATE, learned.rates, 30_000, rng)
        assert sample.weight.sum() == pytest.approx(1.0, abs=0.05)
        found = sample.of(of_year(sample.out))
        truth = np.array([exact().lole, exact().eue])
        inside += int(((found.low <= truth) & (truth <= found.high)).all())
        variation.append(found.variation)
    assert np.max(variation) <= 0.02
    assert inside >= 16
    plainly = plain(RATE, 30_000, np.random.default_rng(1))
    assert plainly.of(of_year(plainly.out)).variation[1] > 2 * np.max(variation)


def test_strata_by_number_of_failures() -> None:
    """Strata must weigh to one and give the same answer, more surely than plain samples."""
    sample = stratified(RATE, 20_000, np.random.default_rng(3))
    # nothing, one, two out: all 1 + 32 + 496 states
    assert [int((sample.group == g).sum()) for g in range(3)] == [1, 32, 496]
    assert sample.exact[:3].all() and not sample.exact[3:].any()
    assert sample.weight.sum() == pytest.approx(1.0, abs=1e-9)
    found = sample.of(of_year(sample.out))
    truth = np.array([exact().lole, exact().eue])
    assert (np.abs(found.mean - truth) < 3 * found.error).all()
    plainly = plain(RATE, 20_000, np.random.default_rng(3))
    assert (found.error < plainly.of(of_year(plainly.out)).error).all()


# ---- areas
AREAS = {2: ([(0, 1)], np.array([100.0])), 3: ([(0, 1), (1, 2), (0, 2)], np.array([80.0, 60.0, 40.0]))}


def areas(count: int) -> tuple[Floats, Floats, npt.NDArray[np.int64], Floats]:
    """Size and rate of a few large units of the system, the area of each, and the load of each area."""
    size = np.array([400.0, 350.0, 197.0, 197.0, 155.0, 155.0, 100.0, 100.0, 76.0, 76.0, 50.0, 20.0])
    rate = np.array([0.12, 0.08, 0.05, 0.05, 0.04, 0.04, 0.04, 0.04, 0.02, 0.02, 0.01, 0.1])
    where = np.arange(len(size)) % count
    load = np.array([size[where == a].sum() * 0.8 for a in range(count)])
    return size, rate, where, load


def lacking(count: int, out: npt.NDArray[np.bool_]) -> Floats:
    """MW unserved of all areas in each state."""
    size, _, where, load = areas(count)
    there = np.column_stack([~out[:, where == a] @ size[where == a] for a in range(count)])
    return unserved_in_areas(there - load, *AREAS[count])


@pytest.mark.parametrize("count", [2, 3])
def test_areas_with_a_limited_line(count: int) -> None:
    """Help over a line is worth no more than it carries; every sampler must agree with looking at all states."""
    _, rate, _, _ = areas(count)
    out, chance = all_states(rate)
    each = lacking(count, out)
    truth = np.array([chance @ (each > 1e-9), chance @ each])
    assert chance.sum() == pytest.approx(1.0)

    def both(states: npt.NDArray[np.bool_]) -> Floats:
        found = answers(states, lambda some: lacking(count, some))
        return np.column_stack([found > 1e-9, found])

    # every number of failures enumerated: exact, and no error
    everything = stratified(rate, 10_000, np.random.default_rng(0), enumerate_up_to=len(rate))
    found = everything.of(both(everything.out))
    assert found.mean == pytest.approx(truth, rel=1e-12)
    assert found.error == pytest.approx([0.0, 0.0])
    rng = np.random.default_rng(11)
    learned = learn(rate, lambda states: lacking(count, states), 2000, rng)
    samples = {
        "plain": plain(rate, 40_000, rng),
        "stratified": stratified(rate, 4_000, rng),
        "importance": importance(rate, learned.rates, 10_000, rng),
    }
    for name, sample in samples.items():
        found = sample.of(both(sample.out))
        assert (found.low <= truth).all() and (truth <= found.high).all(), name


def test_areas_by_hand() -> None:
    """The line in the middle: 50 lack in A, B can spare 80, the line carries 30; then 20 lack. Without B's spare: all 50."""
    lines, limit = [(0, 1)], np.array([30.0])
    margin = np.array([[-50.0, 80.0], [-50.0, 0.0], [-50.0, 10.0], [-50.0, -20.0], [10.0, 10.0]])
    assert unserved_in_areas(margin, lines, limit).tolist() == [20.0, 50.0, 40.0, 70.0, 0.0]


def test_a_line_that_fails_is_a_unit_too() -> None:
    """The line is out with probability 0.5: then its help is missing."""
    out, chance = all_states(np.array([0.5]))
    margin = np.tile([-50.0, 80.0], (2, 1))
    found = unserved_in_areas(margin, [(0, 1)], np.where(out, 0.0, 30.0))
    assert float(chance @ found) == pytest.approx(0.5 * 20 + 0.5 * 50)


def test_equal_states_are_asked_once() -> None:
    """Equal states that are solved again and again would make ten thousand states dear."""
    asked = []

    def ask(states: npt.NDArray[np.bool_]) -> Floats:
        asked.append(len(states))
        return of_year(states)

    sample = plain(RATE, 5000, np.random.default_rng(2))
    values = answers(sample.out, ask)
    first, back = distinct(sample.out)
    assert asked == [len(np.unique(sample.out, axis=0))] == [len(first)]
    assert np.array_equal(sample.out[first][back], sample.out)
    assert np.array_equal(values, of_year(sample.out))


def test_samples_of_several_loads_add_up() -> None:
    """The year as two halves, each sampled by itself: the sum is that of the year."""
    rng = np.random.default_rng(5)
    halves = [LOAD[: len(LOAD) // 2], LOAD[len(LOAD) // 2 :]]
    parts, values = [], []
    for load in halves:
        sample = plain(RATE, 50_000, rng)
        drawn = load[rng.integers(0, len(load), 50_000)]
        parts.append(sample.times(float(len(load))))
        values.append((drawn > left(sample.out)).astype(float))
    whole = joined(parts)
    found = estimate(np.concatenate(values), whole.weight, whole.group, whole.exact)
    assert len(whole.exact) == 2
    assert abs(found.mean[0] - exact().lole) < 3 * found.error[0]

"""Critical path and dates as chances: a textbook's house, chains with a known distribution, calendars and what has begun."""

from __future__ import annotations

import doctest
from datetime import date
from math import comb, factorial

import numpy as np
import pytest
from scipy.special import ndtri

from kelisim.errors import UserError
from kelisim.ledger import schedule
from kelisim.ledger.schedule import Activity, Floats, Precedence, WorkPlan, duration, interval, passed, slips
from tests.published.answers import reproduces

# Hillier and Lieberman, Introduction to Operations Research, the building of Reliable Construction: weeks, what each waits for, slack
HOUSE = {
    "A": (2, "", 0), "B": (4, "A", 0), "C": (10, "B", 0), "D": (6, "C", 4), "E": (4, "C", 0), "F": (5, "E", 0), "G": (7, "D", 4),
    "H": (9, "EG", 4), "I": (7, "C", 2), "J": (8, "FI", 0), "K": (4, "J", 1), "L": (5, "J", 0), "M": (2, "H", 4), "N": (6, "KL", 0),
}  # fmt: skip
FIRST = date(2026, 1, 1)


def house() -> WorkPlan:
    jobs = [Activity(name, "house", weeks, weeks, weeks) for name, (weeks, _, _) in HOUSE.items()]
    return WorkPlan(
        jobs, [Precedence(before, name) for name, (_, waits, _) in HOUSE.items() for before in waits], FIRST
    )


def chain(
    count: int, least: float, likely: float, most: float, shape: str = "pert", off: tuple[int, ...] = ()
) -> WorkPlan:
    jobs = [Activity(str(at), "one", least, likely, most, off=off) for at in range(count)]
    return WorkPlan(jobs, [Precedence(str(at), str(at + 1)) for at in range(count - 1)], FIRST, shape)


def finish(plan: WorkPlan, count: int, correlation: float) -> Floats:
    return plan.ends(plan.forward(plan.sampled(count, 7, correlation))[1])[0]


def test_examples_are_right() -> None:
    """An example that does not give what it says teaches the wrong duration."""
    found = doctest.testmod(schedule, extraglobs={"np": np})
    assert found.attempted and not found.failed


def test_critical_path_is_that_of_the_textbook() -> None:
    """A path that is not the critical one sends the minister to the wrong task."""
    plan = house()
    found = plan.dates()
    reproduces("Length of the critical path", found.finish.max(), 44, "house", "weeks", abs=0)
    slacks = [slack for _, _, slack in HOUSE.values()]
    reproduces("Slack of the fourteen activities", found.total, slacks, "house", "weeks", abs=0)
    assert dict(zip(HOUSE, found.free.tolist(), strict=True)) == dict.fromkeys(HOUSE, 0.0) | {
        "M": 4,
        "I": 2,
        "K": 1,
    }
    assert plan.path("house", found) == list("ABCEFJLN")


def test_ties_have_lags_and_may_hang_on_a_start() -> None:
    """A pipe laid a month behind the trench is not laid after the whole trench."""
    jobs = [
        Activity("trench", "p", 100, 100, 100),
        Activity("pipe", "p", 80, 80, 80),
        Activity("test", "p", 10, 10, 10),
    ]
    ties = [Precedence("trench", "pipe", 30, on_start=True), Precedence("pipe", "test", 5)]
    plan = WorkPlan(jobs, ties, FIRST)
    found = plan.dates()
    assert found.start.tolist() == [0, 30, 115] and found.finish.tolist() == [100, 110, 125]
    assert found.total.tolist() == [0, 0, 0]  # a trench begun later lays the pipe later
    assert plan.path("p", found) == ["trench", "pipe", "test"]


@pytest.mark.parametrize("shape", ["pert", "triangular"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.9])
def test_a_chain_on_one_factor_has_the_sum_of_quantiles(shape: str, share: float) -> None:
    """With one factor for all tasks the quantile of a chain is the sum of quantiles: the closed form the sampling must meet."""
    plan = chain(4, 60, 100, 260, shape)
    found = float(np.quantile(finish(plan, 40_000, 1.0), share))
    exact = 4 * float(duration(shape, 60, 100, 260, np.array([ndtri(share)]))[0])
    assert found == pytest.approx(exact, rel=0.01)


def irwin_hall(x: float, n: int) -> float:
    """Chance that the sum of n uniform numbers is no more than x."""
    return sum((-1) ** k * comb(n, k) * (x - k) ** n for k in range(int(x) + 1)) / factorial(n)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_chain_of_independent_tasks_has_the_closed_form(share: float) -> None:
    """Three symmetric triangles are six uniform numbers; samples that are tied by mistake would be too wide."""
    plan = chain(3, 30, 60, 90, "triangular")
    found = (np.quantile(finish(plan, 40_000, 0.0), share) - 90) / 30
    assert irwin_hall(float(found), 6) == pytest.approx(share, abs=0.01)


def test_months_off_stop_the_work() -> None:
    """Ninety days of work from 1 January with January and February off end on 30 May."""
    plan = chain(1, 90, 90, 90, off=(1, 2))
    found = plan.dates()
    assert (found.start[0], found.finish[0]) == pytest.approx((59, 149), abs=0.01)
    assert found.total[0] == pytest.approx(0, abs=0.01)
    two = chain(2, 306, 306, 306, off=(1, 2)).dates()  # 306 days of work in a year
    assert two.start[1] == pytest.approx(365 + 59, abs=0.01)
    assert two.total == pytest.approx([0, 0], abs=0.01)


def test_what_is_done_and_begun_moves_what_follows() -> None:
    """A plan that forgets what has happened tells last year's dates."""
    jobs = [
        Activity("done", "p", 100, 100, 100, done=-10),
        Activity("begun", "p", 100, 200, 300, began=-150),
        Activity("half", "p", 100, 100, 100, began=-80, progress=0.25),
        Activity("late", "p", 50, 50, 50, began=-90),
        Activity("last", "p", 10, 10, 10, earliest=20),
    ]
    plan = WorkPlan(jobs, [Precedence(one, "last") for one in ("done", "begun", "half", "late")], FIRST)
    found = plan.dates()
    assert found.finish.tolist() == [-10, 50, 75, 0, 85]
    lasts = plan.sampled(4_000, 1, 0.0)[1]
    assert lasts.min() >= 150  # it has lasted so long already
    left = 1 - passed("pert", 100, 200, 300, 150)
    assert np.mean(lasts > 250) == pytest.approx((1 - passed("pert", 100, 200, 300, 250)) / left, abs=0.02)


def test_intervals_hold_the_quantile() -> None:
    """An interval that is too narrow promises a day that nobody knows."""
    inside = 0
    for seed in range(200):
        _, low, high = interval(np.random.default_rng(seed).uniform(0, 1, 400), 0.8)
        inside += low <= 0.8 <= high
    assert 180 <= inside <= 199


def test_slips_are_years_times_chance() -> None:
    """Two and a half years are three started ones."""
    found = slips(np.full(20_000, 2.5), 0.3, 365.0, 3)
    assert found.mean() == pytest.approx(3 * 0.3 * 365, rel=0.03)
    assert set(np.unique(found)) <= {0.0, 365.0, 730.0, 1095.0}


def test_wrong_plans_are_told_whole() -> None:
    """One error for each run would take a day to read a plan in."""
    with pytest.raises(UserError) as error:
        WorkPlan([Activity("a", "p", 5, 4, 6), Activity("b", "p", 1, 1, 1)], [Precedence("c", "b")], FIRST)
    assert (
        str(error.value)
        == "a: 5, 4, 6 days do not rise from shortest to longest.\nb waits for c, which is no task."
    )
    with pytest.raises(UserError, match="Tasks that wait for themselves: "):
        WorkPlan(
            [Activity("a", "p", 1, 1, 1), Activity("b", "p", 1, 1, 1)],
            [Precedence("a", "b"), Precedence("b", "a")],
            FIRST,
        )

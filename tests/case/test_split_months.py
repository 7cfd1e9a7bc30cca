"""Months that are split at some days: a cut that begins within a month has steps of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kelisim.case.horizon import Horizon
from tests.cases.cut_town import cut_town

PARTS = (("night", 8), ("day", 11), ("evening", 5))
DAYS = (pd.Timestamp(2024, 1, 12), pd.Timestamp(2024, 2, 11))


@pytest.mark.parametrize("parts", [(), PARTS])
def test_steps_of_split_months(parts: tuple[tuple[str, int], ...]) -> None:
    """A step that reached over the first day of a cut would share it out over days that it does not touch."""
    whole = Horizon(pd.Timestamp(2024, 1, 1), pd.Timestamp(2024, 4, 1), parts=parts)
    split = replace(whole, split=DAYS)
    assert (whole.whole, split.whole) == (3, 5)
    assert split.hours.sum() == whole.hours.sum()
    inside = split.share_within(DAYS[0].date(), DAYS[1].date() - pd.Timedelta(days=1))
    assert set(inside) == {0.0, 1.0}
    assert inside @ split.hours == 30 * 24
    hourly = np.arange(len(split.clock), dtype=float)
    begin, end = (np.searchsorted(split.clock, day) for day in DAYS)
    cells = inside > 0
    mean = split.mean_over_steps(hourly)[cells] @ split.hours[cells] / split.hours[cells].sum()
    assert mean == pytest.approx(hourly[begin:end].mean())
    assert split.index_of(pd.Timestamp(2024, 1, 11)) < split.index_of(pd.Timestamp(2024, 1, 12))


def test_a_split_case_is_another_one() -> None:
    """Two cases of one name and fingerprint would be taken for each other; one that is not split keeps its own."""
    case = cut_town(days=40)
    split = case.split_at(pd.Timestamp(2024, 1, 5))
    assert split.horizon.whole == case.at_step("1mo").horizon.whole + 1
    assert split.fingerprint != case.at_step("1mo").fingerprint
    assert split.at_step("1d").fingerprint == case.fingerprint


@pytest.mark.parametrize("parts", [(), PARTS])
def test_steps_of_joined_months(parts: tuple[tuple[str, int], ...]) -> None:
    """Months that are one step have its hours and its mean; the others stay as they are."""
    whole = Horizon(pd.Timestamp(2024, 1, 1), pd.Timestamp(2025, 1, 1), parts=parts)
    joined = replace(whole, split=DAYS, joined=tuple(pd.Timestamp(2024, month, 1) for month in (5, 6, 12)))
    assert joined.whole == whole.whole + 2 - 3
    assert joined.hours.sum() == whole.hours.sum()
    spring = joined.share_within(pd.Timestamp(2024, 4, 1).date(), pd.Timestamp(2024, 6, 30).date())
    assert set(spring) == {0.0, 1.0}
    assert spring @ joined.hours == (30 + 31 + 30) * 24
    days = [pd.Timestamp(2024, month, day) for month, day in ((3, 31), (4, 1), (6, 30), (7, 1))]
    before, first, last, after = (int(joined.steps["of"].iloc[joined.index_of(day)]) for day in days)
    assert (before + 1, last, after) == (first, first, first + 1)
    hourly = np.arange(len(joined.clock), dtype=float)
    mean = joined.mean_over_steps(hourly) @ joined.hours / joined.hours.sum()
    assert mean == pytest.approx(hourly[: 366 * 24].mean())


def test_a_joined_case_is_another_one() -> None:
    """Its plan is another one, and must not be taken for that of the months."""
    case = cut_town(days=60)
    split = case.split_at(pd.Timestamp(2024, 1, 5))
    joined = case.split_at(pd.Timestamp(2024, 1, 5), joined=[pd.Timestamp(2024, 2, 1)])
    assert joined.horizon.whole == split.horizon.whole - 1
    assert joined.fingerprint != split.fingerprint
    assert joined.at_step("1d").fingerprint == case.fingerprint


def test_days_of_a_stretch_follow_one_another() -> None:
    """A store that began each day of a cut as it ended it could not help through the cut; the stretch repeats itself as a whole."""
    whole = Horizon(pd.Timestamp(2024, 1, 1), pd.Timestamp(2024, 3, 1), parts=PARTS)
    days = pd.date_range("2024-01-12", "2024-01-15")
    split = replace(whole, split=tuple(days))
    first = split.index_of(days[0])
    stretch = split.before[first : first + 3 * 3]  # three days, then the rest of January
    assert stretch.tolist() == [first + 8, *range(first, first + 8)]
    begins = split.before[:first].tolist(), split.before[first + 9 : first + 12].tolist()
    assert begins == ([2, 0, 1, 5, 3, 4], [first + 11, first + 9, first + 10])
    assert split.from_part(days[1].date(), "evening")[: first + 6].tolist() == [0.0] * (first + 5) + [1.0]
    assert (whole.from_part(days[1].date(), "evening") == 1.0).all()

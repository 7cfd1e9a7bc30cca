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

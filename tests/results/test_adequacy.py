"""Adequacy where the load is the capacity: up to rounding it is carried."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.results.adequacy import capacity_table, indices

ADDED = sum([0.1] * 300)  # 30 and what addition leaves of it
NEXT = 30.000000000000004  # the next number above 30
BELOW = 29.9999999995


@pytest.mark.parametrize("load", [30.0, NEXT, ADDED, BELOW])
def test_a_load_of_the_capacity_is_carried(load: float) -> None:
    """1 - 0.9^3 = 0.271 of each hour is short: 6.504 h of 24, and 3 MWh an hour; not every hour."""
    found = indices(capacity_table([10, 10, 10], [0.1, 0.1, 0.1]), np.full(24, load))
    assert found.lole == pytest.approx(6.504, rel=1e-12)
    assert found.eue == pytest.approx(72.0, rel=1e-9)


def test_a_load_above_the_capacity_is_not() -> None:
    """What is larger than rounding counts: a watt too little is a shortage in every hour."""
    found = indices(capacity_table([10, 10, 10], [0.1, 0.1, 0.1]), np.full(24, 30.000001))
    assert found.lole == pytest.approx(24.0, rel=1e-12)

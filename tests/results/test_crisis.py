"""Levels of a crisis per region, by hand."""

from __future__ import annotations

import numpy as np

from kelisim.results.crisis import region_levels
from tests.cases.border_year import border_year


def test_levels_by_hand() -> None:
    """Of 100 MW, 0 is no level, 0.5 early warning, 1 alert, 5 emergency; what the plan leaves unserved anyway does not count."""
    case = border_year(days=4)
    demand = case.table("demand")
    wanted = np.zeros((len(demand), 4))
    homes = np.flatnonzero((demand["place"] == "a_town") & (demand["carrier"] == "natural_gas"))
    wanted[homes] = 50.0  # two classes
    unserved, planned = np.zeros_like(wanted), np.zeros_like(wanted)
    unserved[homes[0]] = [0.0, 0.5, 3.0, 5.0]
    planned[homes[0]] = [0.0, 0.0, 2.0, 0.0]
    found = region_levels(case, unserved, planned, wanted)
    row = list(zip(found.region, found.carrier, strict=True)).index(("a_town", "natural_gas"))
    assert found.level[row].tolist() == [0, 1, 2, 3]
    assert found.share[row].tolist() == [0.0, 0.005, 0.01, 0.05]
    assert not np.delete(found.level, row, axis=0).any()

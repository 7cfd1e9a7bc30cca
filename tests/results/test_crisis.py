"""Levels of a crisis per region, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from kelisim.results.crisis import country_levels, region_levels
from tests.cases.border_year import border_year


def test_levels_by_hand() -> None:
    """Of 100 MW, 0 is no level, 0.5 early warning, 1 alert, 5 emergency; what the plan leaves unserved anyway does not count.

    Homes are protected and use half: what they lack is twice the share of their own use, and that is what counts.
    """
    case = border_year(days=4)
    demand = case.table("demand")
    wanted = np.zeros((len(demand), 4))
    homes = np.flatnonzero((demand["place"] == "a_town") & (demand["carrier"] == "natural_gas"))
    wanted[homes] = 50.0  # two classes
    unserved, planned = np.zeros_like(wanted), np.zeros_like(wanted)
    classes = demand["customer_class"].to_numpy()
    household, other = homes[classes[homes] == "household"], homes[classes[homes] != "household"]
    assert len(household) == len(other) == 1
    unserved[other] = [0.0, 0.5, 3.0, 5.0]
    planned[other] = [0.0, 0.0, 2.0, 0.0]
    found = region_levels(case, unserved, planned, wanted)
    row = list(zip(found.region, found.carrier, strict=True)).index(("a_town", "natural_gas"))
    assert found.level[row].tolist() == [0, 1, 2, 3]
    assert found.share[row].tolist() == [0.0, 0.005, 0.01, 0.05]
    assert not np.delete(found.level, row, axis=0).any()
    unserved, planned = np.zeros_like(wanted), np.zeros_like(wanted)
    unserved[household] = [0.0, 0.25, 0.5, 2.5]
    guarded = region_levels(case, unserved, planned, wanted)
    assert guarded.level[row].tolist() == [0, 1, 2, 3]
    assert guarded.share[row].tolist() == [0.0, 0.005, 0.01, 0.05]


def test_a_country_is_at_the_level_of_its_worst_region() -> None:
    """A town without gas unlocks what an emergency allows, however small a part of its country it is."""
    case = border_year(days=4)
    demand = case.table("demand")
    wanted = np.full((len(demand), 1), 100.0)
    more = np.zeros_like(wanted)
    town = ((demand["place"] == "a_town") & (demand["carrier"] == "natural_gas")).to_numpy()
    wanted[town], more[town] = 0.1, 0.1
    out = np.zeros(1, dtype=bool)
    names, found = country_levels(case, SimpleNamespace(felt=more, demand=wanted, out=out))
    country = case.table("places").set_index("place")["country"]["a_town"]
    levels = dict(zip(names, found[:, 0].tolist(), strict=True))
    assert levels.pop(f"{country}|natural_gas") == 3
    assert not any(levels.values())

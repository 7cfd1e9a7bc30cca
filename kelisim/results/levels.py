"""Levels of a crisis per region: how much of a region's use of a carrier is unserved beyond the plan, step by step.

`crisis` tells the level of a country, which sets measures off; here it is told where in the country it is felt. A region
that nothing is taken from is at no level, also while an outage lasts elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.against_plan import Floats
from kelisim.results.crisis import Levels, levels
from kelisim.results.regions import Regions
from kelisim.tolerances import NO_POWER


@dataclass(frozen=True)
class RegionLevels:
    """Regions and carriers with use, in the order of their names.

    region, carrier  of each group
    share   of the use unserved beyond the plan, 0-1, (groups, steps)
    level   0 none to 3 emergency, (groups, steps)
    """

    region: tuple[str, ...]
    carrier: tuple[str, ...]
    share: Floats
    level: Levels


def region_keys(case: Case) -> pd.Series:
    """region|carrier of each row of demand; a place without a region stands for itself."""
    demand = case.table("demand")
    found: pd.Series = demand["place"].map(Regions(case).of) + "|" + demand["carrier"]
    return found


def region_levels(case: Case, unserved: Floats, planned: Floats, demand: Floats) -> RegionLevels:
    """The level of each region and carrier in each step.

    unserved, planned, demand  MW of each row of demand with and without the disruption, and wanted, (rows, steps)
    """
    keys = region_keys(case)
    names = sorted(set(keys))
    steps = unserved.shape[1]
    at = pd.Categorical(keys, categories=names).codes
    more = np.maximum(unserved - planned, 0.0)
    more = np.where(more > NO_POWER, more, 0.0)
    missing, wanted = (np.zeros((len(names), steps)) for _ in range(2))
    np.add.at(missing, at, more)
    np.add.at(wanted, at, demand)
    share = np.divide(missing, wanted, out=np.zeros_like(missing), where=wanted > 0)
    pairs = [name.split("|") for name in names]
    return RegionLevels(
        tuple(region for region, _ in pairs),
        tuple(carrier for _, carrier in pairs),
        share,
        levels(case, share, np.zeros(steps, dtype=bool)),
    )

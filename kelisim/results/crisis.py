"""Levels of a crisis: how much of the use of a carrier a disruption leaves unserved beyond the plan, step by step.

0 none, 1 early warning, 2 alert, 3 emergency; the thresholds are shares of demand in the case's settings. The level of a
country sets measures off; that of a region tells where in the country it is felt. A region that nothing is taken from is
at no level, also while an outage lasts elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import countries_of_measures
from kelisim.results.answer import Floats
from kelisim.results.regions import Regions
from kelisim.tolerances import NO_POWER

Levels = npt.NDArray[np.int64]
LEVELS = ("none", "early_warning", "alert", "emergency")


class Shortfall(Protocol):
    """What an answer leaves unserved beyond the plan: MW of each row of demand, (rows, steps), beside what is wanted."""

    @property
    def more(self) -> Floats: ...
    @property
    def demand(self) -> Floats: ...
    @property
    def out(self) -> npt.NDArray[np.bool_]: ...


def thresholds(case: Case) -> tuple[float, float, float]:
    """Shares of demand from which early warning, alert and emergency hold."""
    early, alert, emergency = (float(case.setting("crisis", name)) for name in LEVELS[1:])
    return early, alert, emergency


def groups(case: Case) -> pd.Series:
    """country|carrier of each row of demand."""
    demand = case.table("demand")
    country = demand["place"].map(case.table("places").set_index("place")["country"])
    found: pd.Series = country + "|" + demand["carrier"]
    return found


def missing_shares(short: Shortfall, keys: pd.Series) -> tuple[list[str], Floats]:
    """Names of the groups and the share of their demand that is unserved beyond the plan, (groups, steps)."""
    return _shares(short.more, short.demand, keys)


def _shares(more: Floats, demand: Floats, keys: pd.Series) -> tuple[list[str], Floats]:
    names = sorted(set(keys))
    at = pd.Categorical(keys, categories=names).codes
    missing, wanted = (np.zeros((len(names), more.shape[1])) for _ in range(2))
    np.add.at(missing, at, more)
    np.add.at(wanted, at, demand)
    return names, np.divide(missing, wanted, out=np.zeros_like(missing), where=wanted > 0)


def levels(case: Case, shares: Floats, out: npt.NDArray[np.bool_]) -> Levels:
    """Level of each share; while an outage lasts there is early warning at least.

    shares  (groups, steps); out (steps,), steps within the outage
    """
    early, alert, emergency = thresholds(case)
    found = np.where(shares >= emergency, 3, np.where(shares >= alert, 2, np.where(shares > early, 1, 0)))
    return np.asarray(np.maximum(found, out.astype(np.int64)[None, :]), dtype=np.int64)


def for_measures(case: Case, short: Shortfall) -> dict[str, Levels]:
    """Measure -> level that counts for it, (steps,): the highest of any carrier in the countries in which it acts."""
    names, shares = missing_shares(short, groups(case))
    out = short.out.astype(np.int64)
    highest: dict[str, Levels] = {}
    for name, row in zip(names, levels(case, shares, short.out), strict=True):
        country = name.partition("|")[0]
        highest[country] = np.maximum(highest.get(country, out), row)
    found = {}
    for measure, where in countries_of_measures(case).items():
        mine = [highest[country] for country in sorted(where) if country in highest]
        found[measure] = np.maximum.reduce(mine) if mine else out
    return found


def left(found: Levels, level: int) -> int:
    """First step from which a level is not reached again; the number of steps if it is not left."""
    reached = np.flatnonzero(found >= level)
    return int(reached[-1]) + 1 if len(reached) else 0


def word(level: int) -> str:
    """A level as people say it."""
    return LEVELS[level].replace("_", " ")


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
    more = np.maximum(unserved - planned, 0.0)
    names, share = _shares(np.where(more > NO_POWER, more, 0.0), demand, region_keys(case))
    quiet = np.zeros(unserved.shape[1], dtype=bool)
    pairs = [name.split("|") for name in names]
    return RegionLevels(
        tuple(region for region, _ in pairs),
        tuple(carrier for _, carrier in pairs),
        share,
        levels(case, share, quiet),
    )

"""Levels of a crisis: how much of the use of a carrier in a region a disruption leaves unserved beyond the plan, step by step.

0 none, 1 early warning, 2 alert, 3 emergency; the thresholds are shares in the case's settings. A region is at the level of the
larger of two shares: of all that is used there, and of what its protected customers use. A country is at the highest level of
its regions, and sets measures off by it: a town without gas is an emergency, however small a part of the country it is. A
region that nothing is taken from is at no level, also while an outage lasts elsewhere. A level that is reached in a part of a day holds
until the end of the day: nobody calls an emergency off at ten to call it out again at seven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import protected
from kelisim.case.territory import countries_of_measures, region_of_places
from kelisim.results.answer import Floats
from kelisim.tolerances import NO_POWER

Levels = npt.NDArray[np.int64]
LEVELS = ("none", "early_warning", "alert", "emergency")


class Shortfall(Protocol):
    """What an answer with all norms kept leaves unserved beyond the plan: MW of each row of demand, (rows, steps), beside what is
    wanted."""

    @property
    def felt(self) -> Floats: ...
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


def region_keys(case: Case) -> pd.Series:
    """region|carrier of each row of demand; a place without a region stands for itself."""
    demand = case.table("demand")
    found: pd.Series = demand["place"].map(region_of_places(case)) + "|" + demand["carrier"]
    return found


def region_shares(case: Case, more: Floats, demand: Floats) -> tuple[list[str], Floats]:
    """region|carrier and the share that counts for its level, (regions and carriers, steps): of all use or of protected use.

    more, demand  MW of each row of demand that is unserved beyond the plan, and wanted, (rows, steps)
    """
    keys, shield = region_keys(case), protected(case)[:, None]
    names, whole = _shares(more, demand, keys)
    _, guarded = _shares(np.where(shield, more, 0.0), np.where(shield, demand, 0.0), keys)
    return names, np.maximum(whole, guarded)


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
    return _through_the_day(case, np.maximum(found, out.astype(np.int64)[None, :]).astype(np.int64))


def _through_the_day(case: Case, found: Levels) -> Levels:
    """Levels of parts of days that do not fall before the day ends; (groups, cells), whole days."""
    parts = len(case.horizon.parts)
    horizon = case.horizon
    is_typical = horizon.is_typical and horizon.is_by_months
    if not horizon.has_parts or is_typical or found.shape[1] % parts:
        return found
    days = found.reshape(len(found), -1, parts)
    return np.asarray(np.maximum.accumulate(days, axis=2).reshape(found.shape), dtype=np.int64)


def country_levels(
    case: Case, short: Shortfall, out: npt.NDArray[np.bool_] | None = None
) -> tuple[list[str], Levels]:
    """country|carrier, in the order of `groups`, and its level, (groups, steps): the highest of its regions.

    out  steps within the outage, in which there is early warning at least; those of the disruption if not given
    """
    names, shares = region_shares(case, short.felt, short.demand)
    found = levels(case, shares, short.out if out is None else out)
    pairs = pd.DataFrame({"country": groups(case), "region": region_keys(case)}).drop_duplicates()
    countries = sorted(set(pairs["country"]))
    highest = np.zeros((len(countries), found.shape[1]), dtype=np.int64)
    rows = pd.Categorical(pairs["country"], categories=countries).codes
    at = pd.Categorical(pairs["region"], categories=names).codes
    np.maximum.at(highest, rows, found[at])
    return countries, highest


def for_measures(case: Case, short: Shortfall) -> dict[str, Levels]:
    """Measure -> level that counts for it, (steps,): the highest of any region and carrier of the countries in which it acts."""
    out = short.out.astype(np.int64)
    highest: dict[str, Levels] = {}
    for name, row in zip(*country_levels(case, short), strict=True):
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
    share   that counts for the level: of all use or of protected use unserved beyond the plan, 0-1, (groups, steps)
    level   0 none to 3 emergency, (groups, steps)
    """

    region: tuple[str, ...]
    carrier: tuple[str, ...]
    share: Floats
    level: Levels


def region_levels(case: Case, unserved: Floats, planned: Floats, demand: Floats) -> RegionLevels:
    """The level of each region and carrier in each step.

    unserved, planned, demand  MW of each row of demand with and without the disruption, and wanted, (rows, steps)
    """
    more = np.maximum(unserved - planned, 0.0)
    names, share = region_shares(case, np.where(more > NO_POWER, more, 0.0), demand)
    quiet = np.zeros(unserved.shape[1], dtype=bool)
    pairs = [name.split("|") for name in names]
    return RegionLevels(
        tuple(region for region, _ in pairs),
        tuple(carrier for _, carrier in pairs),
        share,
        levels(case, share, quiet),
    )

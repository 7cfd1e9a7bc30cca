"""Levels of a crisis: how much of a country's use of a carrier a disruption leaves unserved, step by step.

0 none, 1 early warning, 2 alert, 3 emergency; the thresholds are shares of demand in the case's settings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import countries_of_measures
from kelisim.results.against_plan import LEVELS, AgainstPlan, Floats

Levels = npt.NDArray[np.int64]


def thresholds(case: Case) -> tuple[float, float, float]:
    """Shares of demand from which early warning, alert and emergency hold."""
    known = (("early_warning", 0.0), ("alert", 0.01), ("emergency", 0.05))
    early, alert, emergency = (float(case.setting("crisis", name, share)) for name, share in known)
    return early, alert, emergency


def groups(case: Case) -> pd.Series:
    """country|carrier of each row of demand."""
    demand = case.table("demand")
    country = demand["place"].map(case.table("places").set_index("place")["country"])
    found: pd.Series = country + "|" + demand["carrier"]
    return found


def missing_shares(disrupted: AgainstPlan, keys: pd.Series) -> tuple[list[str], Floats]:
    """Names of the groups and the share of their demand that is unserved beyond the plan, (groups, steps)."""
    names = sorted(set(keys))
    at = pd.Categorical(keys, categories=names).codes
    more, wanted = (np.zeros((len(names), len(disrupted.hours))) for _ in range(2))
    np.add.at(more, at, disrupted.more)
    np.add.at(wanted, at, disrupted.demand)
    return names, np.divide(more, wanted, out=np.zeros_like(more), where=wanted > 0)


def levels(case: Case, shares: Floats, out: npt.NDArray[np.bool_]) -> Levels:
    """Level of each share; while an outage lasts there is early warning at least.

    shares  (groups, steps); out (steps,), steps within the outage
    """
    early, alert, emergency = thresholds(case)
    found = np.where(shares >= emergency, 3, np.where(shares >= alert, 2, np.where(shares > early, 1, 0)))
    return np.asarray(np.maximum(found, out.astype(np.int64)[None, :]), dtype=np.int64)


def for_measures(case: Case, disrupted: AgainstPlan) -> dict[str, Levels]:
    """Measure -> level that counts for it, (steps,): the highest of any carrier in the countries in which it acts."""
    names, shares = missing_shares(disrupted, groups(case))
    out = disrupted.out.astype(np.int64)
    highest: dict[str, Levels] = {}
    for name, row in zip(names, levels(case, shares, disrupted.out), strict=True):
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

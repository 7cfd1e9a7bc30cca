"""Days of coverage: the stock of a region over the use of a day of those who hang on it, the same in every study.

Energy MWh, time in days. Stock is what storages hold by the plan before the first of the days asked about, reserves of a state
left out; use is the mean of the plan in those days, of customers, plants and buyers in the region. What of the stock is norm may
be drawn on in a crisis only; the rest is free.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import region_of_places
from kelisim.results import indices
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer, Floats
from kelisim.results.facts import Fact, said
from kelisim.results.region_tables import RegionTables
from kelisim.results.regions import Regions
from kelisim.results.tables import Tables
from kelisim.tolerances import SMALL_ENERGY

COVERAGE = ["region", "country", "carrier", "use_day", "stock", "norm", "reserve", "room"]
DAYS = ["cover_days", "norm_days", "free_days"]
NAMED = 3  # storages that a sentence names


def coverage(regional: RegionTables) -> pd.DataFrame:
    """One row for each region and carrier with use or stocks, in the order of names: the columns of COVERAGE and of DAYS.

    cover_days = stock / use_day = norm_days + free_days; infinite, and free, where nothing is used
    """
    use, stock, norm = regional.use(regional.now) / regional.days, regional.stock, regional.norm
    rows = []
    for key in sorted(set(use.index) | set(stock.index)):
        region, carrier = key
        a_day, held = float(use.get(key, 0.0)), float(stock.get(key, 0.0))
        kept = min(float(norm.get(key, 0.0)), held)
        others = (float(part.get(key, 0.0)) for part in (regional.reserve, regional.room))
        whole, free = days(held, a_day), days(held - kept, a_day)
        guarded = whole - free if np.isfinite(whole) else 0.0
        country = regional.regions.country[region]
        rows.append((region, country, carrier, a_day, held, kept, *others, whole, guarded, free))
    return pd.DataFrame(rows, columns=[*COVERAGE, *DAYS])


def days(stock: float, use_day: float) -> float:
    """Days that a stock covers of a use of a day; infinite where nothing is used."""
    return float(indices.coverage_days(stock, use_day / 24.0))


def in_days(case: Case, plan: Answer, first: date, last: date) -> pd.DataFrame:
    """`coverage` of the days from `first` to `last` in the plan of the whole horizon."""
    weights = case.horizon.share_within(first, last) * case.horizon.hours
    return coverage(RegionTables(Tables(case, plan), Regions(case), weights))


def of_outage(seen: AgainstPlan, plan: Answer, first: date, last: date) -> pd.DataFrame:
    """`coverage` of the days of an outage, of the regions and carriers with stocks that it touches, the least covered first.

    plan  of the whole horizon
    """
    touched = _touched(seen)
    if not touched:
        return pd.DataFrame(columns=[*COVERAGE, *DAYS])
    frame = in_days(seen.case, plan, first, last)
    some = [key in touched for key in zip(frame["region"], frame["carrier"], strict=True)]
    rows = frame[np.array(some, dtype=bool) & (frame["stock"] > SMALL_ENERGY).to_numpy()]
    return rows.sort_values(["cover_days", "region", "carrier"], kind="stable", ignore_index=True)


def _touched(seen: AgainstPlan) -> set[tuple[str, str]]:
    """(region, carrier) where customers are cut beyond the plan, or stocks are lower than by the plan."""
    case, of = seen.case, region_of_places(seen.case)
    ids = list(case.table("storages")["storage"])
    level, base = (a.power("storages.level", ids) * a.mean_hours for a in (seen.answer, seen.base))
    lower = (base - level).max(axis=1, initial=0.0) > SMALL_ENERGY
    found: set[tuple[str, str]] = set()
    for table, some in (("demand", (seen.more > 0).any(axis=1)), ("storages", lower)):
        rows = case.table(table)[some]
        found |= {(of[place], carrier) for place, carrier in zip(rows["place"], rows["carrier"], strict=True)}
    return found


def drawn_on_norms(answer: Answer, storages: list[str]) -> Floats:
    """MWh drawn on the norm of each storage, (storages,): what is drawn in the first cell, and by how much more is missing later."""
    first = answer.power("storages.norm_drawn", storages)[:, 0]
    missing = answer.power("storages.norm_shortfall", storages)
    found: Floats = first + np.maximum(np.diff(missing, axis=1), 0.0).sum(axis=1)
    return found * answer.mean_hours


def norm_facts(seen: AgainstPlan) -> list[Fact]:
    """Which norms a crisis has opened, from when, and what is drawn on them, MWh; nothing where all were kept."""
    opened = seen.answer.norms
    if not opened:
        return []
    names = sorted(opened, key=lambda storage: (opened[storage], storage))
    drawn = float(drawn_on_norms(seen.answer, names).sum())
    more = said("coverage.more", count=len(names) - NAMED) if len(names) > NAMED else ""
    first = seen.starts[opened[names[0]]]
    say = "coverage.opened" if drawn > SMALL_ENERGY else "coverage.opened_unused"
    return [Fact("norms", drawn, "MWh", say, names=names[:NAMED], more=more, first=first)]

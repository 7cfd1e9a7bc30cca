"""The crisis level of each region and carrier that an outage puts at one, as a table and in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import region_of_places
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.crisis import LEVELS, levels, region_shares
from kelisim.results.facts import Fact, said
from kelisim.results.headline import some_regions
from kelisim.results.losses import EXPORT

NAMED = 3  # levels and carriers that the sentence names, and regions of each
COLUMNS = ["region", "country", "carrier", "level", "share", "first"]


def regions_at_level(seen: AgainstPlan) -> pd.DataFrame:
    """Regions that reach a level, home and the highest first.

    level  the highest that is reached
    share  the highest share that counts: of all use or of protected use, unserved beyond the plan with all norms kept
    first  start of the first step at that level
    """
    case = seen.case
    home_use = (case.table("demand")["customer_class"] != EXPORT).to_numpy()[
        :, None
    ]  # a buyer abroad is no region's use
    names, shares = region_shares(case, seen.felt * home_use, seen.demand * home_use)
    found = levels(case, shares, np.zeros(len(seen.hours), dtype=bool))
    countries = _countries(case)
    rows = []
    for name, level, share in zip(names, found, shares, strict=True):
        highest = int(level.max(initial=0))
        if highest:
            region, carrier = name.split("|")
            first = seen.starts[int((level == highest).argmax())]
            rows.append(
                (
                    region,
                    countries.get(region, ""),
                    carrier,
                    LEVELS[highest],
                    float(share.max()),
                    first,
                    -highest,
                )
            )
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "_rank"]).astype({"share": float, "_rank": int})
    frame["first"] = pd.to_datetime(frame["first"])
    home = str(case.setting("defaults", "home"))
    frame = frame.assign(_abroad=(frame["country"] != home) & (home != ""), _size=-frame["share"])
    order = ["_abroad", "_rank", "_size", "region", "carrier"]
    return frame.sort_values(order, ignore_index=True)[COLUMNS]


def _countries(case: Case) -> dict[str, str]:
    """Region -> country of its places."""
    places = case.table("places")
    region = region_of_places(case)
    return {
        region[place]: str(country) for place, country in zip(places["place"], places["country"], strict=True)
    }


def levels_fact(frame: pd.DataFrame) -> Fact:
    """The levels in words, regions of one level and carrier together."""
    if frame.empty:
        return Fact("levels", 0.0, "regions", "levels.none")
    parts = []
    together = list(frame.groupby(["level", "carrier"], sort=False))
    for (level, carrier), mine in together[:NAMED]:
        regions = list(mine["region"])
        parts.append(said("levels.part", level=level, carrier=carrier, where=some_regions(regions, NAMED)))
    rest = sum(len(mine) for _, mine in together[NAMED:])
    more = said("levels.more", count=rest) if rest else ""
    return Fact("levels", float(len(frame)), "regions", "levels.all", parts=parts, more=more)

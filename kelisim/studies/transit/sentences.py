"""What a study of firm transit says, the most important first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.facts import Fact, said
from kelisim.studies.transit.spans import Route, Spanned
from kelisim.studies.transit.told import ExitPrice, falls_most
from kelisim.tolerances import NO_FLOW

PERIODS = ("winter", "summer", "day", "part")
OF_THE_YEAR = (".annual", ".year")  # blocks of limits over the whole time
GASES = ("natural_gas", "raw_gas")
Tables = Mapping[str, pd.DataFrame]


def facts(case: Case, found: Tables, price: ExitPrice, spanned: Spanned, route: Route) -> list[Fact]:
    """All sentences of an answer.

    found  result tables by name
    """
    made = [_largest(case, found, spanned, route), *_periods(case, found, spanned), *_holds(found, spanned)]
    made += [*_volumes(found, spanned), *_gives_way(found), *_cheapest(found, price)]
    return [*made, Fact("gas", say="transit.gas")] if route.carrier in GASES else made


def _largest(case: Case, found: Tables, spanned: Spanned, route: Route) -> Fact:
    """How much can cross in the time asked about."""
    row = found["firm"].set_index("period").loc[spanned.main]
    largest = float(row["volume"])
    places: dict[str, Any] = {"carrier": route.carrier, "start": route.start, "end": route.end}
    places |= {"native": row["native"], "unit_name": row["unit"], "moment": spanned.day}
    if not np.isfinite(largest):
        return Fact("largest", None, "MW", "transit.unlimited", **places)
    is_none = largest <= NO_FLOW
    if len(spanned.days):
        top = spanned.days.loc[spanned.days["volume"].idxmax()]
        places |= {"count": len(spanned.days), "most": top["native"], "most_moment": top["day"]}
        kind = "each_month" if case.horizon.step == "1mo" else "each_day"
        say = f"none_{kind}" if is_none else kind
    elif spanned.main == "day":
        say = "none_on_day" if is_none else "on_day"
    else:
        say = "none" if is_none else "year"
    return Fact("largest", largest, "MW", f"transit.{say}", **places)


def _periods(case: Case, found: Tables, spanned: Spanned) -> list[Fact]:
    """The largest volume of each shorter time."""
    firm = found["firm"].set_index("period")
    made = []
    for period in PERIODS:
        if period == spanned.main or period not in firm.index or not np.isfinite(firm.loc[period, "volume"]):
            continue
        row = firm.loc[period]
        kind = "month" if period == "day" and case.horizon.step == "1mo" else period
        places = {"native": row["native"], "unit_name": row["unit"], "day": spanned.day}
        made.append(Fact(f"largest_{period}", row["volume"], "MW", f"transit.{kind}", **places))
    return made


def _holds(found: Tables, spanned: Spanned) -> list[Fact]:
    """The bottleneck, and what is left after the worst loss of the way."""
    limits = found["limits"]
    made: list[Fact] = []
    for row in limits[limits["period"] == spanned.main].head(1).itertuples(index=False):
        say = "transit.bottleneck_year" if row.block.endswith(OF_THE_YEAR) else "transit.bottleneck"
        made.append(Fact("bottleneck", row.gain, "share", say, limit=row.element, of=row.block))
    if "losses" in found and len(found["losses"]):
        worst = found["losses"].iloc[0]
        say = "transit.after_loss" if worst["volume"] > NO_FLOW else "transit.after_loss_none"
        places = {"native": worst["native"], "unit_name": worst["unit"], "lost": worst["link"]}
        made.append(Fact("firm_after_loss", worst["volume"], "MW", say, **places))
    return made


def _volumes(found: Tables, spanned: Spanned) -> list[Fact]:
    """What each volume that was asked for costs, and what gives way to it most."""
    made = []
    of_day = "" if spanned.main == "year" else "_day"
    for at, row in enumerate(found.get("volumes", pd.DataFrame()).itertuples(index=False)):
        places: dict[str, Any] = {"native": row.native, "unit_name": row.unit, "cost": abs(row.cost)}
        places |= {"moment": spanned.day}
        say = f"transit.volume{'_not' if not row.fits else '_saves' if row.cost < 0 else ''}{of_day}"
        made.append(Fact(f"volume_{at + 1}", row.cost if row.fits else None, "", say, **places))
        rows = found["volumes.displaced"]
        gone = falls_most(rows[rows["volume"] == row.volume])
        if gone is not None:
            places = {"element": gone["element"], "native": -gone["native"], "unit_name": gone["unit"]}
            places |= {"at": row.native, "at_unit": row.unit}
            say = "transit.gives_way_at"
            made.append(Fact(f"displaced_{at + 1}", gone["native"], gone["unit"], say, **places))
    return made


def _gives_way(found: Tables) -> list[Fact]:
    """What falls most at the largest volume."""
    rows = found.get("displaced")
    row = falls_most(rows) if rows is not None else None
    if row is None:
        return []
    places = {"element": row["element"], "native": -row["native"], "unit_name": row["unit"]}
    return [Fact("displaced", row["native"], row["unit"], "transit.gives_way", **places)]


def _cheapest(found: Tables, price: ExitPrice) -> list[Fact]:
    """The cheapest way, and what is left of the price at its end."""
    made = []
    for row in found["ways"].head(1).itertuples(index=False):
        way = [said("transit.at", place=place) for place in row.way.split(" > ")]
        say = "transit.cheapest_netback" if price.value is not None else "transit.cheapest"
        places = {"way": way, "tariff": row.tariff_native, "unit_name": row.price_unit}
        made.append(Fact("cheapest", row.tariff, "", say, **places, netback=row.netback_native))
    return made

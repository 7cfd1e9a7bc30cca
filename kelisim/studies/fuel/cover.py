"""Fuels that go by rail and road: use, stocks and days of cover of each region, and what a stress takes from them.

Energy MWh, power MW, time in days. A region counts its places; what comes in is counted where it ends its way.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.results import indices
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.coverage import coverage
from kelisim.results.facts import Fact, said
from kelisim.results.region_tables import Floats, RegionTables
from kelisim.results.regions import DOOR, Regions
from kelisim.results.tables import Tables
from kelisim.studies.fuel.routes import RAIL, ROAD
from kelisim.tolerances import NO_ENERGY, NO_POWER, SMALL_ENERGY

CONTRACT = "export_contract"


def fuels_of(case: Case) -> list[str]:
    """Carriers that are burnt, go by rail or road, and that customers want (deliveries under contract apart)."""
    carriers = case.table("carriers")
    burnt = set(carriers["carrier"][carriers["co2"] > 0])
    links = case.table("links")
    moved = set(links["carrier"][links["kind"].isin((RAIL, ROAD))])
    demand = case.table("demand")
    wanted = set(demand["carrier"][demand["customer_class"] != CONTRACT])
    return [carrier for carrier in carriers["carrier"] if carrier in burnt & moved & wanted]


class Fuels(RegionTables):
    """What the base plan says of fuels in the regions of some countries.

    weights  hours of each step that lie in the days asked about, (steps of the horizon)
    """

    def __init__(
        self,
        tables: Tables,
        regions: Regions,
        weights: Floats,
        fuels: tuple[str, ...],
        countries: tuple[str, ...],
    ) -> None:
        super().__init__(tables, regions, weights)
        self.fuels, self.countries = fuels, countries

    def here(self, region: str) -> bool:
        """Whether a region lies in the countries asked about."""
        return not self.countries or self.regions.country[region] in self.countries

    # ---- cover
    def cover(self) -> pd.DataFrame:
        """One row for each region and fuel that is used there, in the order of names: use a day, stocks, days of cover, and
        how much of what comes in comes by rail, by road, and over the border by either."""
        balance = self.now.places_balance
        own = self.sums(balance, balance["made"] + balance["bought"])
        shielded = self._protected / self.days
        came = self._arrivals(self.now.links_total)
        found = {(row["region"], row["carrier"]): row for row in coverage(self).to_dict("records")}
        rows = []
        for region, carrier in sorted(found, key=self._order):
            row = found[region, carrier]
            a_day = row["use_day"]
            if carrier not in self.fuels or not self.here(region) or a_day <= NO_ENERGY:
                continue
            arrived = came.loc[(region, carrier)] if (region, carrier) in came.index else came.sum() * 0.0
            whole = float(arrived["all"]) + float(own.get((region, carrier), 0.0))
            guarded = float(shielded.get((region, carrier), 0.0)) / a_day
            parts = [
                float(arrived[c]) / whole if whole > NO_ENERGY else 0.0 for c in ("rail", "road", "across")
            ]
            by_rail = float(indices.coverage_days(row["stock"], a_day * parts[0] / 24.0))
            more = dict(zip(("rail_share", "road_share", "across_share"), parts, strict=True))
            rows.append(row | more | {"protected_share": guarded, "rail_cover_days": by_rail})
        return pd.DataFrame(rows, columns=COVER)

    def _order(self, key: tuple[str, str]) -> tuple[int, str, str]:
        region, carrier = key
        at = self.fuels.index(carrier) if carrier in self.fuels else len(self.fuels)
        return at, self.regions.name[region], region

    def _arrivals(self, links: pd.DataFrame) -> pd.DataFrame:
        """(region, carrier) -> energy that comes in from other regions: all, by rail, by road, over a border by either."""
        places = self.case.table("places").set_index("place")
        keep = 1.0 - self.case.quantities("links")["loss"].to_numpy()
        parts = []
        through = self.now.streams.through(self.regions.of)
        for start, end, flow in (("from_place", "to_place", "forward"), ("to_place", "from_place", "back")):
            source, target = links[start].map(self.regions.of), links[end].map(self.regions.of)
            away = (links[start].map(places["country"]) != links[end].map(places["country"])) | (
                links[start].map(places["kind"]) == DOOR
            )
            own = links[flow].to_numpy() - through[f"{flow}_in"].to_numpy()
            energy = own * keep * (source != target).to_numpy()
            kind = links["kind"].astype(str)
            part = pd.DataFrame({"region": target, "carrier": links["carrier"].astype(str), "all": energy})
            across = energy * away * kind.isin((RAIL, ROAD))
            parts.append(
                part.assign(rail=energy * (kind == RAIL), road=energy * (kind == ROAD), across=across)
            )
        return pd.concat(parts).groupby(["region", "carrier"])[["all", "rail", "road", "across"]].sum()

    @cached_property
    def _protected(self) -> pd.Series:
        """(region, carrier) -> energy that protected customers want in the days asked about."""
        demand = self.case.table("demand")
        wanted = self.tables.answer.by_demand(len(demand), "upper") @ self.weights
        return self.sums(demand, np.where(self.demand["protected"], wanted, 0.0))

    # ---- under a stress
    def short(self, disrupted: AgainstPlan) -> pd.DataFrame:
        """Region, carrier and class that go short beyond the plan, most first; carriers that are no fuels too."""
        demand = self.case.table("demand")
        energy, wanted = disrupted.more @ disrupted.hours, disrupted.demand @ disrupted.hours
        region = demand["place"].map(self.regions.of)
        rows = []
        chosen = self.rows_here & (energy > NO_ENERGY)
        frame = demand.assign(region=region, at=np.arange(len(demand)))[chosen]
        for (where, carrier, who), part in frame.groupby(["region", "carrier", "customer_class"], sort=True):
            at = part["at"].to_numpy()
            cut = (disrupted.more[at] > NO_POWER).any(axis=0)
            first = int(cut.argmax())
            asked, lost = float(wanted[at].sum()), float(energy[at].sum())
            group = (where, carrier, who, carrier in self.fuels, bool(disrupted.protected[at].any()))
            rows.append(
                (*group, asked, lost, lost / asked, disrupted.starts[first], disrupted.days_from_start(first))
            )
        found = pd.DataFrame(rows, columns=list(SHORT)).astype(SHORT)
        order = ["is_fuel", "unserved", "region", "carrier", "customer_class"]
        return found.sort_values(order, ascending=[False, False, True, True, True], ignore_index=True)

    @property
    def rows_here(self) -> npt.NDArray[np.bool_]:
        """Rows of demand of the regions asked about."""
        region = self.case.table("demand")["place"].map(self.regions.of)
        return np.array([self.here(r) for r in region], dtype=bool)

    def elsewhere(self, disrupted: AgainstPlan) -> float:
        """MWh unserved beyond the plan in other countries."""
        return float((disrupted.more[~self.rows_here] @ disrupted.hours).sum())

    def levels(self, disrupted: AgainstPlan) -> pd.DataFrame:
        """Content of stocks per region, fuel and step, with and without the stress; reserves of a state left out."""
        storages = self.case.table("storages")
        region = storages["place"].map(self.regions.of)
        some = (
            storages["carrier"].isin(self.fuels) & (storages["role"] != "strategic") & region.map(self.here)
        )
        ids = list(storages["storage"][some])
        keys = [region[some].to_numpy(), storages["carrier"][some].to_numpy()]
        now, base = (
            a.power("storages.level", ids) * a.mean_hours for a in (disrupted.answer, disrupted.base)
        )
        parts = []
        for name, values in (("level", now), ("level_base", base)):
            frame = pd.DataFrame(values).groupby(keys).sum()
            frame.columns = disrupted.starts
            frame.index.names, frame.columns.name = ["region", "carrier"], "step"
            parts.append(frame.stack().rename(name))
        return pd.concat(parts, axis=1).reset_index()


COVER = [
    *("region", "country", "carrier", "use_day", "protected_share", "stock", "norm", "reserve", "room"),
    *("cover_days", "norm_days", "free_days"),
    *("rail_share", "road_share", "across_share", "rail_cover_days"),
]
# columns of `short` and their kinds
SHORT: dict[str, Any] = {
    **dict.fromkeys(("region", "carrier", "customer_class"), object),
    **dict.fromkeys(("is_fuel", "protected"), bool),
    **dict.fromkeys(("demand", "unserved", "unserved_rate"), float),
    "first_short": "datetime64[ns]",
    "days_served": float,
}


def cover_fact(cover: pd.DataFrame, fuel: str, start: date) -> Fact:
    """How long the stocks of a fuel last in all regions together, and where they are least."""
    own = cover[cover["carrier"] == fuel]
    stock, reserve = float(own["stock"].sum()), float(own["reserve"].sum())
    value = stock / float(own["use_day"].sum()) if len(own) else 0.0
    if own.empty or stock <= SMALL_ENERGY:
        say = f"fuel.{'not_used' if own.empty else 'no_stock_one' if len(own) == 1 else 'no_stock'}"
        return Fact(f"cover_{fuel}", value, "day", say, fuel=fuel, count=len(own))
    stocked = own[own["stock"] > SMALL_ENERGY]
    low = stocked.loc[stocked["cover_days"].idxmin()]
    bare = len(own) - len(stocked)
    more = said("fuel.reserve", fuel=fuel, reserve=reserve) if reserve > SMALL_ENERGY else ""
    least = {"region": low["region"], "least": low["cover_days"], "count": len(own), "bare": bare}
    say = "fuel.cover_some" if bare else "fuel.cover_all"
    return Fact(f"cover_{fuel}", value, "day", say, fuel=fuel, start=start, stock=stock, more=more, **least)

"""How regions on a border are supplied: use, share from across, stocks, heat, the N-1 formula, provisions, grade.

Energy MWh, power MW, time in days. A period is a weight in hours for each step of the horizon.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.acts import targets
from kelisim.case.customers import voll_of
from kelisim.results import indices
from kelisim.results import n1_areas as areas
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.coverage import coverage
from kelisim.results.region_tables import Floats, RegionTables
from kelisim.results.regions import BorderWay, Regions
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_ENERGY, SMALL_SHARE

HEAT = "heat"
GRADES = ("A", "B", "C", "")


class BorderRegions(RegionTables):
    """What a solved case says of the regions on a border, before anything is asked of it.

    pair   the two countries
    sides  those whose regions are looked at
    """

    def __init__(
        self, tables: Tables, regions: Regions, weights: Floats, pair: tuple[str, str], sides: tuple[str, ...]
    ) -> None:
        super().__init__(tables, regions, weights)
        self.pair, self.sides = pair, sides

    # ---- which regions, which carriers
    @cached_property
    def ways(self) -> list[BorderWay]:
        return self.regions.ways(self.pair)

    @cached_property
    def found(self) -> list[str]:
        """Regions on the border that use something: those where a near kind of link ends, and plants and places
        without a region right behind a border point that live on what comes over it. By country, then by name."""
        near = {way.region for way in self.ways if way.near}
        alone = {way.region for way in self.ways if way.region in self.regions.place.values()}
        across = self._across(self.tables)
        use = self.use(self.tables)
        leaning = {r for r, c in use.index if r in alone and across.get((r, c), 0.0) > SMALL_SHARE}
        users = {region for region, _ in use.index}
        chosen = [r for r in (near | leaning) & users if self.regions.country[r] in self.sides]
        return sorted(chosen, key=lambda r: (self.sides.index(self.regions.country[r]), self.regions.name[r]))

    @cached_property
    def rows(self) -> list[tuple[str, str]]:
        """Region and carrier of each row; carriers in the order of their table."""
        order = list(self.case.table("carriers")["carrier"])
        use = set(self.use(self.tables).index)
        return [(region, carrier) for region in self.found for carrier in order if (region, carrier) in use]

    def other(self, region: str) -> str:
        """The country on the other side."""
        own = self.regions.country[region]
        return self.pair[1] if own == self.pair[0] else self.pair[0]

    def _across(self, period: Tables) -> pd.Series:
        """(region, carrier) -> share of the use that was made or bought in the country on the other side."""
        across = self.region(period.mix).map(self.other)
        return self.share_from(period, (period.mix["origin_country"].astype(str) == across).to_numpy())

    # ---- the table before questions
    def table(self) -> pd.DataFrame:
        """One row for each region and carrier: what the base plan says."""
        year, now = self.tables.places_balance, self.now.places_balance
        use = self.use(self.tables)
        across, across_now = self._across(self.tables), self._across(self.now)
        own = self.own_share(self.now)
        demand, unserved = self.sums(year, year["demand"]), self.sums(year, year["unserved"])
        short_now = self.sums(now, now["unserved"])
        cover = self._coverage
        rows = []
        for key in self.rows:
            region, carrier = key
            a_day, stock = cover[key]["use_day"], cover[key]["stock"]
            fuels = self._fuels(key)
            direct = float(across_now.get(key, 0.0))
            by_fuel = (part * float(across_now.get((region, f), 0.0)) for f, part in fuels.items() if f)
            with_fuel = direct + float(own.get(key, 0.0)) * sum(by_fuel)
            rows.append(
                {
                    "region": region,
                    "country": self.regions.country[region],
                    "carrier": carrier,
                    "use": float(use[key]),
                    "demand": float(demand.get(key, 0.0)),
                    "unserved": float(unserved.get(key, 0.0)),
                    "use_day": a_day,
                    "unserved_now": float(short_now.get(key, 0.0)),
                    "share_across": float(across.get(key, 0.0)),
                    "share_across_now": direct,
                    "share_with_fuel": min(with_fuel, 1.0),
                    "made_from": ";".join(f for f in fuels if f),
                    "stock": stock,
                    **{f"stock_{name}": cover[key][name] for name in ("days", "norm_days", "free_days")},
                    "protected_share": float(self._protected_share.get(key, np.nan)),
                    **self._formula(key),
                    **self._heat(key),
                    "grade": self._grade(key),
                }
            )
        return pd.DataFrame(rows, columns=COLUMNS)

    @cached_property
    def _coverage(self) -> dict[tuple[str, str], dict[str, float]]:
        """(region, carrier) -> use of a day, stock, and the days that it covers, also as norm and free."""
        frame = coverage(self).rename(columns={"cover_days": "days"})
        found = {(row["region"], row["carrier"]): row for row in frame.to_dict("records")}
        none = {"use_day": 0.0, "stock": 0.0, "days": np.inf, "norm_days": 0.0, "free_days": np.inf}
        return {key: found.get(key, none) for key in self.rows}

    def _fuels(self, key: tuple[str, str]) -> dict[str, float]:
        """Fuel -> share of what the region makes of a carrier; "" for what takes no fuel. The largest first."""
        made = self.made_from
        mine = made[(made["region"] == key[0]) & (made["carrier"] == key[1])].groupby("fuel")["energy"].sum()
        if mine.sum() > 0:
            mine = mine[mine > 0].sort_values(ascending=False, kind="stable") / mine.sum()
        return {str(fuel): float(part) for fuel, part in mine.items() if part > SMALL_SHARE}

    @cached_property
    def _protected_share(self) -> pd.Series:
        """(region, carrier) -> share of what customers ask for in the year that protected ones do."""
        whole = self.sums(self.demand, self.demand["amount"])
        shield = self.sums(self.demand, self.demand["amount"].where(self.demand["protected"], 0.0))
        return shield[whole > 0] / whole[whole > 0]

    @cached_property
    def _places(self) -> dict[str, set[str]]:
        """Region -> its places."""
        found: dict[str, set[str]] = {}
        for place, region in self.regions.of.items():
            found.setdefault(region, set()).add(place)
        return found

    @cached_property
    def worth(self) -> Floats:
        """Value of lost load of each row of demand, currency/MWh."""
        return np.nan_to_num(voll_of(self.case, self.case.quantities("demand")))

    @cached_property
    def prices(self) -> dict[str, float]:
        """Market -> its price, currency/MWh; 0 where it has none."""
        markets = self.case.quantities("markets")
        return dict(zip(markets["market"], markets["price"].fillna(0.0).astype(float), strict=True))

    def _formula(self, key: tuple[str, str]) -> dict[str, float]:
        """The N-1 formula of the EU with storages at 30 % and at 100 %; empty where there is no use to be met."""
        peak = float(self.peak.get(key, 0.0))
        supply = areas.infrastructure(self.case, self._places[key[0]], key[1])
        if peak <= 0 or supply.empty:
            return {"peak": peak, "n1_formula": np.nan, "n1_formula_full": np.nan}
        low, full = indices.n1_area(supply, peak)["n1"]
        return {"peak": peak, "n1_formula": float(low), "n1_formula_full": float(full)}

    def _heat(self, key: tuple[str, str]) -> dict[str, Any]:
        """Heat of the region that is made from the carrier: share, number of places, the places, the plants."""
        made = self.made_from
        heat = made[(made["region"] == key[0]) & (made["carrier"] == HEAT)]
        mine = heat[heat["fuel"] == key[1]]
        whole = float(heat["energy"].sum())
        places, plants = (list(dict.fromkeys(mine[column].astype(str))) for column in ("place", "asset"))
        return {
            "heat_share": float(mine["energy"].sum()) / whole if whole > 0 else 0.0,
            "heat_places": len(places),
            "heat_at": ";".join(places),
            "heat_plants": ";".join(plants),
        }

    def _grade(self, key: tuple[str, str]) -> str:
        """Worst grade of the rows behind a row: demand, buyers, stocks, and what supplies it in the days asked about."""
        supply = self.supply(*key)
        used = supply[(supply["energy"] > NO_ENERGY) | (supply["table"] == "storages")]
        found = [
            self._grades[table].get(element, "")
            for table, element in zip(used["table"], used["element"], strict=True)
        ]
        found += self._users_grades.get(key, [])
        return max(found, key=GRADES.index) if found else ""

    @cached_property
    def _users_grades(self) -> dict[tuple[str, str], list[str]]:
        """(region, carrier) -> grades of its rows of demand and of its buyers."""
        found: dict[tuple[str, str], list[str]] = {}
        demand = zip(
            self.demand["region"],
            self.demand["carrier"],
            self.case.table("demand")["confidence"],
            strict=True,
        )
        markets = zip(
            self.markets["region"],
            self.markets["carrier"],
            self.markets["market"].map(self._grades["markets"]),
            strict=True,
        )
        for region, carrier, grade in [*demand, *markets]:
            found.setdefault((region, carrier), []).append(grade)
        return found

    @cached_property
    def _grades(self) -> dict[str, dict[str, str]]:
        return {
            table: dict(
                zip(self.case.table(table).iloc[:, 0], self.case.table(table)["confidence"], strict=True)
            )
            for table in ("links", "assets", "storages", "markets")
        }

    # ---- links over the border
    def links(self) -> pd.DataFrame:
        """Links over the border, each once: flow towards the first country in the days asked about, of it for or from others, capacity, loading."""
        chosen = sorted(link for links in self.regions.crossing(self.pair).values() for link in links)
        total = self.now.links_total.set_index("link").loc[chosen]
        net = (total["forward"] - total["back"]).to_numpy()
        ahead, behind = (
            self.tables.answer.upper(block, chosen) @ self.weights
            for block in ("links.flow", "links.flow_back")
        )
        most = np.where(net >= 0, ahead, behind)
        towards = total["to_place"].map(self.tables.country).to_numpy() == self.pair[0]
        frame = total[["carrier", "kind", "from_place", "to_place"]].reset_index()
        through = self.now.streams.through(self.tables.country).loc[chosen]
        ways = (through[[f"{way}_in", f"{way}_out"]].max(axis=1).to_numpy() for way in ("forward", "back"))
        return frame.assign(
            flow=np.where(towards, net, -net),
            transit=sum(ways),
            capacity=most / self.weights.sum(),
            loading=np.minimum(indices.ratio(np.abs(net), most, 0.0), 1.0),
        )

    # ---- provisions
    def provisions(self, moment: pd.Timestamp) -> pd.DataFrame:
        """Provisions of agreements that act on the ways to a region, on contracts over them or on limits they draw on."""
        acting = self._acting
        agreements = self.case.table("agreements").set_index("agreement")
        provisions = self.case.table("provisions").set_index("provision")
        rows = []
        for region, carrier in self.rows:
            behind: dict[str, str] = {}
            for element in self._bound_by(region, carrier):
                for provision in acting.get(element, []):
                    behind.setdefault(provision, element[1])
            for provision, acted in behind.items():
                row = provisions.loc[provision]
                deal = agreements.loc[row["agreement"]]
                until = deal["in_force_until"] if pd.notna(deal["in_force_until"]) else row["end"]
                signed = deal["signed"]
                terms = (signed, until, _holds(signed, until, moment), row["confidence"])
                rows.append((region, carrier, provision, acted, row["agreement"], *terms))
        frame = pd.DataFrame(rows, columns=PROVISIONS)
        for column in ("signed", "in_force_until"):
            frame[column] = pd.to_datetime(frame[column])
        return frame

    @cached_property
    def _acting(self) -> dict[tuple[str, str], list[str]]:
        """(table, element) -> provisions that act on it."""
        found: dict[tuple[str, str], list[str]] = {}
        for row in self.case.table("provisions").itertuples(index=False):
            for table, element, _ in targets(row.acts_on, "maybe"):
                found.setdefault((table, element), []).append(row.provision)
        return found

    def _bound_by(self, region: str, carrier: str) -> list[tuple[str, str]]:
        """Links of the ways to a region, contracts over them, and limits that they draw on."""
        links = dict.fromkeys(
            link for way in self.ways if (way.region, way.carrier) == (region, carrier) for link in way.links
        )
        contracts = [
            ("contracts", c)
            for c, over in self.case.table("contracts")[["contract", "over"]].itertuples(
                index=False, name=None
            )
            if any(word.strip() in links for word in str(over).split(";"))
        ]
        uses = self.case.table("resource_uses")
        drawn = uses["resource"][
            uses["table"].isin(["links", "links_back"]) & uses["element"].isin(list(links))
        ]
        return [
            *(("links", link) for link in links),
            *contracts,
            *(("resources", r) for r in dict.fromkeys(drawn)),
        ]


COLUMNS = [
    *("region", "country", "carrier", "use", "demand", "unserved", "use_day", "unserved_now"),
    *(
        "share_across",
        "share_across_now",
        "share_with_fuel",
        "made_from",
        "stock",
        "stock_days",
        "stock_norm_days",
        "stock_free_days",
    ),
    *("protected_share", "peak", "n1_formula", "n1_formula_full"),
    *("heat_share", "heat_places", "heat_at", "heat_plants", "grade"),
]
PROVISIONS = [
    *("region", "carrier", "provision", "acts_on", "agreement"),
    *("signed", "in_force_until", "is_in_force", "grade"),
]


def _holds(signed: Any, until: Any, moment: pd.Timestamp) -> bool:
    """Whether an agreement is signed and not yet ended on a day."""
    return bool(pd.notna(signed) and signed <= moment and (pd.isna(until) or until >= moment))


def price_rise(seen: AgainstPlan, place: str, carrier: str) -> float:
    """Nodal price in the days of the outage less that of the plan, mean, currency/MWh."""
    weights = np.where(seen.out, seen.hours, 0.0)
    now, base = (a.row_price("places.balance", [f"{place}:{carrier}"])[0] for a in (seen.answer, seen.base))
    return float((now - base) @ weights / weights.sum()) if weights.sum() > 0 else float("nan")

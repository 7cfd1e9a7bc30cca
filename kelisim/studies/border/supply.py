"""How regions on a border are supplied: use, share from across, stocks, the largest supply, heat, provisions, grade.

Energy MWh, power MW, time in days. A period is a weight in hours for each step of the horizon.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.acts import targets
from kelisim.case.case import Case
from kelisim.results import indices as measures
from kelisim.results import n1_areas as areas
from kelisim.results.regions import BorderWay, Regions
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_ENERGY as NONE
from kelisim.tolerances import SMALL_SHARE as LITTLE

Floats = npt.NDArray[np.float64]
HEAT = "heat"
GRADES = ("A", "B", "C", "")


class Border:
    """What a solved case says of the regions on a border, before anything is asked of it.

    pair     the two countries
    sides    those whose regions are looked at
    weights  hours of each step that lie in the days asked about, (steps)
    """

    def __init__(
        self, tables: Tables, regions: Regions, pair: tuple[str, str], sides: tuple[str, ...], weights: Floats
    ) -> None:
        self.tables = tables
        self.case: Case = tables.case
        self.regions = regions
        self.pair, self.sides = pair, sides
        self.weights = weights
        self.days = float(weights.sum()) / 24.0
        self.first = int(np.flatnonzero(weights)[0])
        self._supplies: dict[tuple[str, str], pd.DataFrame] = {}

    # ---- periods
    @cached_property
    def year(self) -> Tables:
        return self.tables

    @cached_property
    def now(self) -> Tables:
        """The days asked about, in the base plan."""
        return self.tables.over(self.weights)

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
        across = self._across(self.year)
        use = self._use(self.year)
        leaning = {
            region
            for region, carrier in use.index
            if region in alone and across.get((region, carrier), 0.0) > LITTLE
        }
        users = {region for region, _ in use.index}
        chosen = [r for r in (near | leaning) & users if self.regions.country[r] in self.sides]
        return sorted(chosen, key=lambda r: (self.sides.index(self.regions.country[r]), self.regions.name[r]))

    @cached_property
    def rows(self) -> list[tuple[str, str]]:
        """Region and carrier of each row; carriers in the order of their table."""
        order = list(self.case.table("carriers")["carrier"])
        use = set(self._use(self.year).index)
        return [(region, carrier) for region in self.found for carrier in order if (region, carrier) in use]

    def other(self, region: str) -> str:
        """The country on the other side."""
        own = self.regions.country[region]
        return self.pair[1] if own == self.pair[0] else self.pair[0]

    # ---- use and where it comes from
    def _by_region(self, frame: pd.DataFrame) -> pd.Series:
        return frame["place"].astype(str).map(self.regions.of)

    def _use(self, period: Tables) -> pd.Series:
        """(region, carrier) -> energy used there: by customers, by plants, and by buyers on the spot."""
        frame = period.places_balance
        energy = frame["used"] + frame["taken_in"] + frame["sold"]
        found = energy.groupby([self._by_region(frame), frame["carrier"].astype(str)]).sum()
        return found[found > NONE]

    def _origins(self, period: Tables, chosen: npt.NDArray[np.bool_]) -> pd.Series:
        frame = period.mix
        keys = [self._by_region(frame), frame["carrier"].astype(str)]
        whole = frame["energy"].groupby(keys).sum()
        part = frame["energy"].where(chosen, 0.0).groupby(keys).sum()
        return (part / whole.where(whole > 0)).fillna(0.0).clip(0.0, 1.0)

    def _across(self, period: Tables) -> pd.Series:
        """(region, carrier) -> share of the use that was made or bought in the country on the other side."""
        origin = period.mix["origin_country"].astype(str)
        region = self._by_region(period.mix)
        return self._origins(
            period, np.array([o == self.other(r) for o, r in zip(origin, region, strict=True)], dtype=bool)
        )

    def _own(self, period: Tables) -> pd.Series:
        """(region, carrier) -> share of the use that was made or bought in the region."""
        origin = period.mix["origin"].astype(str).map(self.regions.of)
        return self._origins(period, (origin == self._by_region(period.mix)).to_numpy())

    @cached_property
    def _fuels(self) -> pd.DataFrame:
        """Energy of each carrier that assets of a region made, by the fuel they took in, in the days asked about."""
        ports = self.now.assets_ports
        ports = ports.assign(region=self._by_region(ports))
        made = ports[ports["energy"] > NONE]
        fuel = (
            ports[ports["energy"] < -NONE]
            .groupby(["asset", "carrier"])["energy"]
            .sum()
            .abs()
            .rename("taken")
            .reset_index()
        )
        fuel = fuel.assign(part=fuel["taken"] / fuel.groupby("asset")["taken"].transform("sum"))
        joined = made.merge(
            fuel.rename(columns={"carrier": "fuel"})[["asset", "fuel", "part"]], on="asset", how="left"
        )
        joined = joined.assign(
            fuel=joined["fuel"].fillna(""), energy=joined["energy"] * joined["part"].fillna(1.0)
        )
        return joined[["region", "place", "asset", "carrier", "fuel", "energy"]]

    # ---- supply of a region
    def supply(self, region: str, carrier: str) -> pd.DataFrame:
        """What can bring a carrier into a region: table, element, and what it brings in the days asked about, net of what it
        takes out, MWh; the largest first."""
        if (region, carrier) not in self._supplies:
            sources = (self._links_in, self._made_in, self._stored_in, self._bought_in)
            rows = [row for source in sources for row in source(region, carrier)]
            frame = pd.DataFrame(rows, columns=["table", "element", "energy"])
            frame = frame.sort_values(["energy", "element"], ascending=[False, True], ignore_index=True)
            self._supplies[region, carrier] = frame
        return self._supplies[region, carrier]

    def _links_in(self, region: str, carrier: str) -> list[tuple[Any, ...]]:
        links = self.ends
        mine = links[(links["carrier"] == carrier) & ((links["from"] == region) != (links["to"] == region))]
        ahead = (mine["to"] == region).to_numpy()
        keep = 1.0 - mine["loss"].to_numpy()
        come, gone = (np.where(ahead == way, mine["forward"], mine["back"]) for way in (True, False))
        most = np.where(ahead, mine["most"], mine["most_back"]) * keep
        energy = come * keep - gone
        return [
            ("links", link, float(e))
            for link, e, m, c in zip(mine["link"], energy, most, come, strict=True)
            if m > 0 or c > NONE
        ]

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Links with the regions of their ends, their flows in the days asked about and their capacities on the first."""
        links, answer = self.now.links_total, self.tables.answer
        ids = list(links["link"])
        return links[["link", "carrier", "forward", "back"]].assign(
            **{"from": links["from_place"].map(self.regions.of), "to": links["to_place"].map(self.regions.of)},
            loss=self.case.quantities("links")["loss"].to_numpy(),
            most=answer.upper("links.flow", ids)[:, self.first], most_back=answer.upper("links.flow_back", ids)[:, self.first],
        )  # fmt: skip

    @cached_property
    def makers(self) -> pd.DataFrame:
        """Ports of assets that make something: region, energy in the days asked about."""
        ports, answer = self.tables._ports, self.tables.answer
        made = ports[ports["ratio"] > 0]
        energy = (
            answer.power("assets.activity", list(made["asset"])) @ self.weights * made["ratio"].to_numpy()
        )
        return made[["asset", "carrier", "ratio"]].assign(
            region=made["place"].map(self.regions.of), energy=energy
        )

    def _made_in(self, region: str, carrier: str) -> list[tuple[Any, ...]]:
        made = self.makers
        mine = made[(made["carrier"] == carrier) & (made["region"] == region)]
        return [("assets", row.asset, row.energy) for row in mine.itertuples(index=False)]

    @cached_property
    def _stores(self) -> pd.DataFrame:
        """Storages that are not reserves of a state: region, net energy out in the days asked about."""
        total = self.now.storages_total
        frame = total[["storage", "carrier"]].assign(
            region=total["place"].map(self.regions.of), energy=total["withdrawn"] - total["injected"]
        )
        return frame[(self.case.table("storages")["role"] != "strategic").to_numpy()]

    def _stored_in(self, region: str, carrier: str) -> list[tuple[Any, ...]]:
        frame = self._stores
        mine = frame[(frame["carrier"] == carrier) & (frame["region"] == region)]
        return [("storages", row.storage, row.energy) for row in mine.itertuples(index=False)]

    def _bought_in(self, region: str, carrier: str) -> list[tuple[Any, ...]]:
        markets = self.markets
        mine = markets[
            (markets["side"] == "sells") & (markets["carrier"] == carrier) & (markets["region"] == region)
        ]
        return [("markets", row.market, row.taken) for row in mine.itertuples(index=False)]

    @cached_property
    def markets(self) -> pd.DataFrame:
        """Markets with their region, and what they took or gave in the days asked about."""
        markets = self.now.markets_total
        return markets.assign(region=markets["place"].map(self.regions.of))

    # ---- customers
    @cached_property
    def demand(self) -> pd.DataFrame:
        """Rows of demand with their region, and whether they are protected."""
        frame = self.case.table("demand")[["place", "carrier", "customer_class"]].reset_index(drop=True)
        total = self.tables.demand_total
        return frame.assign(
            region=frame["place"].map(self.regions.of),
            protected=total["protected"].to_numpy(),
            amount=total["demand"].to_numpy(),
        )

    def customers(self, region: str) -> list[tuple[int, str, str, bool]]:
        """Rows of demand of a region: position, carrier, class, whether protected."""
        return self._customers.get(region, [])

    @cached_property
    def _customers(self) -> dict[str, list[tuple[int, str, str, bool]]]:
        found: dict[str, list[tuple[int, str, str, bool]]] = {}
        for at, row in enumerate(self.demand.itertuples(index=False)):
            found.setdefault(row.region, []).append(
                (at, row.carrier, row.customer_class, bool(row.protected))
            )
        return found

    def buyers(self, region: str) -> list[tuple[str, str]]:
        """Markets of a region that buy, with their carriers."""
        return self._buyers.get(region, [])

    @cached_property
    def _buyers(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self.markets[self.markets["side"] == "buys"].itertuples(index=False):
            found.setdefault(row.region, []).append((row.market, row.carrier))
        return found

    # ---- peak of use
    @cached_property
    def _peak(self) -> pd.Series:
        """(region, carrier) -> highest use of a step by customers and plants, MW."""
        demand = self.case.table("demand")
        answer = self.tables.answer
        wanted = answer.by_demand(len(demand), "upper")
        ports = self.tables._ports
        fuel = ports[ports["ratio"] < 0]
        taken = answer.power("assets.activity", list(fuel["asset"])) * -fuel["ratio"].to_numpy()[:, None]
        frame = pd.DataFrame(np.vstack([wanted, taken]))
        place = pd.concat([demand["place"], fuel["place"]]).map(self.regions.of).to_numpy()
        carrier = pd.concat([demand["carrier"], fuel["carrier"]]).to_numpy()
        return frame.groupby([place, carrier]).sum().max(axis=1)

    # ---- the table before questions
    def table(self) -> pd.DataFrame:
        """One row for each region and carrier: what the base plan says."""
        use, use_now = self._use(self.year), self._use(self.now)
        across, across_now, own = self._across(self.year), self._across(self.now), self._own(self.now)
        demand, unserved, short_now = (
            self._sum(period, column)
            for period, column in ((self.year, "demand"), (self.year, "unserved"), (self.now, "unserved"))
        )
        level = self._level
        rows = []
        for key in self.rows:
            region, carrier = key
            a_day = float(use_now.get(key, 0.0)) / self.days
            stock = float(level.get(key, 0.0))
            fuels = self._made_from(key)
            direct = float(across_now.get(key, 0.0))
            with_fuel = direct + float(own.get(key, 0.0)) * sum(
                part * float(across_now.get((region, f), 0.0)) for f, part in fuels.items() if f
            )
            rows.append(
                {
                    "region": region, "name": self.regions.name[region], "country": self.regions.country[region], "carrier": carrier,
                    "use": float(use[key]), "demand": float(demand.get(key, 0.0)), "unserved": float(unserved.get(key, 0.0)),
                    "use_day": a_day, "unserved_now": float(short_now.get(key, 0.0)),
                    "share_across": float(across.get(key, 0.0)), "share_across_now": direct, "share_with_fuel": min(with_fuel, 1.0),
                    "made_from": ";".join(f for f in fuels if f), "stock": stock, "stock_days": float(measures.coverage_days(stock, a_day / 24.0)),
                    "protected_share": self._protected_share(key), **self._formula(key), **self._heat(key), "grade": self._grade(key),
                }
            )  # fmt: skip
        return pd.DataFrame(rows, columns=COLUMNS)

    def _sum(self, period: Tables, column: str) -> pd.Series:
        frame = period.places_balance
        return frame[column].groupby([self._by_region(frame), frame["carrier"].astype(str)]).sum()

    @cached_property
    def _level(self) -> pd.Series:
        """(region, carrier) -> content of storages before the first of the days, reserves of a state left out."""
        total, answer = self.tables.storages_total, self.tables.answer
        storages = self.case.table("storages")
        level = total["level_start"].to_numpy()
        if self.first > 0 and len(total):
            level = (
                answer.power("storages.level", list(total["storage"]))[:, self.first - 1] * answer.mean_hours
            )
        some = (storages["role"] != "strategic").to_numpy()
        keys = [total["place"].map(self.regions.of)[some], total["carrier"][some]]
        return pd.Series(level[some], index=total.index[some]).groupby(keys).sum()

    def _made_from(self, key: tuple[str, str]) -> dict[str, float]:
        """Fuel -> share of what the region makes of a carrier; "" for what takes no fuel. The largest first."""
        fuels = self._fuels
        mine = (
            fuels[(fuels["region"] == key[0]) & (fuels["carrier"] == key[1])].groupby("fuel")["energy"].sum()
        )
        mine = (
            mine[mine > 0].sort_values(ascending=False, kind="stable") / mine.sum()
            if mine.sum() > 0
            else mine
        )
        return {str(fuel): float(part) for fuel, part in mine.items() if part > LITTLE}

    @cached_property
    def _places(self) -> dict[str, set[str]]:
        """Region -> its places."""
        found: dict[str, set[str]] = {}
        for place, region in self.regions.of.items():
            found.setdefault(region, set()).add(place)
        return found

    def _protected_share(self, key: tuple[str, str]) -> float:
        """Share of what customers ask for in the year that protected ones do; empty where there are no customers."""
        return float(self._shielded.get(key, np.nan))

    @cached_property
    def _shielded(self) -> pd.Series:
        keys = [self.demand["region"], self.demand["carrier"]]
        whole = self.demand["amount"].groupby(keys).sum()
        shield = self.demand["amount"].where(self.demand["protected"], 0.0).groupby(keys).sum()
        return shield[whole > 0] / whole[whole > 0]

    def _formula(self, key: tuple[str, str]) -> dict[str, float]:
        """The N-1 formula of the EU with storages at 30 % and at 100 %; empty where there is no use to be met."""
        peak = float(self._peak.get(key, 0.0))
        supply = areas.infrastructure(self.case, self._places[key[0]], key[1])
        if peak <= 0 or supply.empty:
            return {"peak": peak, "n1_formula": np.nan, "n1_formula_full": np.nan}
        low, full = measures.n1_area(supply, peak)["n1"]
        return {"peak": peak, "n1_formula": float(low), "n1_formula_full": float(full)}

    def _heat(self, key: tuple[str, str]) -> dict[str, Any]:
        """Heat of the region that is made from the carrier: share, number of places, their names, the plants."""
        fuels = self._fuels
        heat = fuels[(fuels["region"] == key[0]) & (fuels["carrier"] == HEAT)]
        mine = heat[heat["fuel"] == key[1]]
        whole = float(heat["energy"].sum())
        places = self.heat_places(*key)
        name = self.case.table("places").set_index("place")["name"]
        return {
            "heat_share": float(mine["energy"].sum()) / whole if whole > 0 else 0.0, "heat_places": len(places),
            "heat_of": "; ".join(str(name[place]) for place in places),
            "heat_plants": ";".join(dict.fromkeys(mine["asset"].astype(str))),
        }  # fmt: skip

    def heat_places(self, region: str, carrier: str) -> list[str]:
        """Places of a region in which heat is made from a carrier in the days asked about."""
        fuels = self._fuels
        mine = (fuels["region"] == region) & (fuels["carrier"] == HEAT) & (fuels["fuel"] == carrier)
        return list(dict.fromkeys(fuels["place"][mine].astype(str)))

    def _grade(self, key: tuple[str, str]) -> str:
        """Worst grade of the rows behind a row: demand, buyers, stocks, and what supplies it in the days asked about."""
        supply = self.supply(*key)
        used = supply[(supply["energy"] > NONE) | (supply["table"] == "storages")]
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
        """Links over the border, each once: flow towards the first country in the days asked about, capacity, loading."""
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
        return frame.assign(
            flow=np.where(towards, net, -net),
            capacity=most / self.weights.sum(),
            loading=np.minimum(measures.ratio(np.abs(net), most, 0.0), 1.0),
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
                rows.append(
                    {
                        "region": region, "carrier": carrier, "provision": provision, "text": row["text"], "acts_on": acted,
                        "agreement": row["agreement"], "name": deal["name"], "parties": deal["parties"], "status": deal["status"],
                        "signed": deal["signed"], "in_force_until": until, "is_in_force": _holds(deal["signed"], until, moment),
                        "grade": row["confidence"],
                    }
                )  # fmt: skip
        columns = [
            "region", "carrier", "provision", "text", "acts_on", "agreement", "name", "parties", "status", "signed", "in_force_until",
            "is_in_force", "grade",
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=columns)
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
    "region", "name", "country", "carrier", "use", "demand", "unserved", "use_day", "unserved_now", "share_across", "share_across_now",
    "share_with_fuel", "made_from", "stock", "stock_days", "protected_share", "peak", "n1_formula", "n1_formula_full", "heat_share", "heat_places", "heat_of",
    "heat_plants", "grade",
]  # fmt: skip


def _holds(signed: Any, until: Any, moment: pd.Timestamp) -> bool:
    """Whether an agreement is signed and not yet ended on a day."""
    return bool(pd.notna(signed) and signed <= moment and (pd.isna(until) or until >= moment))

"""What a solved case says of its regions: use and where it comes from, what supplies them, stocks, customers.

Energy MWh, power MW, time in days. A period is a weight in hours for each step of the horizon.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case import customers
from kelisim.case.case import Case
from kelisim.results.regions import Regions
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_ENERGY

Floats = npt.NDArray[np.float64]
Supply = tuple[str, str, float]  # table, element, MWh


class RegionTables:
    """What the base plan says of regions, in the horizon and in the days asked about.

    weights  hours of each step that lie in the days asked about, (steps)
    """

    def __init__(self, tables: Tables, regions: Regions, weights: Floats) -> None:
        self.tables, self.regions, self.weights = tables, regions, weights
        self.case: Case = tables.case
        self.days = float(weights.sum()) / 24.0
        self.first = int(np.flatnonzero(weights)[0])
        self._supplies: dict[tuple[str, str], pd.DataFrame] = {}

    @cached_property
    def now(self) -> Tables:
        """The days asked about."""
        return self.tables.over(self.weights)

    def region(self, frame: pd.DataFrame) -> pd.Series:
        """Region of each row of a table with places."""
        return frame["place"].astype(str).map(self.regions.of)

    def sums(self, frame: pd.DataFrame, values: pd.Series | Floats) -> pd.Series:
        """(region, carrier) -> values of the rows of a table with places and carriers, added up."""
        keys = [self.region(frame).to_numpy(), frame["carrier"].astype(str).to_numpy()]
        return pd.Series(np.asarray(values, dtype=float)).groupby(keys).sum()

    # ---- use and where it comes from
    def use(self, period: Tables) -> pd.Series:
        """(region, carrier) -> energy used there: by customers, by plants, and by buyers on the spot."""
        frame = period.places_balance
        found = self.sums(frame, frame["used"] + frame["taken_in"] + frame["sold"])
        return found[found > NO_ENERGY]

    def share_from(self, period: Tables, chosen: npt.NDArray[np.bool_]) -> pd.Series:
        """(region, carrier) -> share of the use that comes from some origins.

        chosen  rows of the mix
        """
        frame = period.mix
        whole, part = self.sums(frame, frame["energy"]), self.sums(frame, frame["energy"].where(chosen, 0.0))
        return (part / whole.where(whole > 0)).fillna(0.0).clip(0.0, 1.0)

    def own_share(self, period: Tables) -> pd.Series:
        """(region, carrier) -> share of the use that was made or bought in the region."""
        origin = period.mix["origin"].astype(str).map(self.regions.of)
        return self.share_from(period, (origin == self.region(period.mix)).to_numpy())

    @cached_property
    def made_from(self) -> pd.DataFrame:
        """Energy of each carrier that assets of a region made in the days, by the fuel they took in, "" for none."""
        ports = self.now.assets_ports
        ports = ports.assign(region=self.region(ports))
        taken = ports[ports["energy"] < -NO_ENERGY].groupby(["asset", "carrier"])["energy"].sum().abs()
        fuel = taken.rename("taken").rename_axis(["asset", "fuel"]).reset_index()
        fuel = fuel.assign(part=fuel["taken"] / fuel.groupby("asset")["taken"].transform("sum"))
        made = ports[ports["energy"] > NO_ENERGY].merge(
            fuel[["asset", "fuel", "part"]], on="asset", how="left"
        )
        energy = made["energy"] * made["part"].fillna(1.0)
        made = made.assign(fuel=made["fuel"].fillna(""), energy=energy)
        return made[["region", "place", "asset", "carrier", "fuel", "energy"]]

    @cached_property
    def peak(self) -> pd.Series:
        """(region, carrier) -> highest use of a step by customers and plants, MW."""
        demand, answer, ports = self.case.table("demand"), self.tables.answer, self.tables.ports
        ports = ports[ports["ratio"] < 0]
        taken = answer.power("assets.activity", list(ports["asset"])) * -ports["ratio"].to_numpy()[:, None]
        frame = pd.DataFrame(np.vstack([answer.by_demand(len(demand), "upper"), taken]))
        users = pd.concat([demand[["place", "carrier"]], ports[["place", "carrier"]]])
        return frame.groupby([self.region(users).to_numpy(), users["carrier"].to_numpy()]).sum().max(axis=1)

    # ---- what supplies a region
    def supply(self, region: str, carrier: str) -> pd.DataFrame:
        """What can bring a carrier into a region: table, element, and what it brings in the days asked about, net of
        what it takes out, MWh; the largest first."""
        if (region, carrier) not in self._supplies:
            frame = pd.DataFrame(self._brings(region, carrier), columns=["table", "element", "energy"])
            frame = frame.sort_values(["energy", "element"], ascending=[False, True], ignore_index=True)
            self._supplies[region, carrier] = frame
        return self._supplies[region, carrier]

    def _brings(self, region: str, carrier: str) -> Iterator[Supply]:
        yield from self._links_in(region, carrier)
        sellers = self.markets[self.markets["side"] == "sells"]
        for table, key, frame, energy in (
            ("assets", "asset", self.makers, "energy"),
            ("storages", "storage", self._stores, "energy"),
            ("markets", "market", sellers, "taken"),
        ):
            mine = frame[(frame["carrier"] == carrier) & (frame["region"] == region)]
            yield from zip([table] * len(mine), mine[key], mine[energy], strict=True)

    def _links_in(self, region: str, carrier: str) -> list[Supply]:
        links = self.ends
        mine = links[(links["carrier"] == carrier) & ((links["from"] == region) != (links["to"] == region))]
        ahead = (mine["to"] == region).to_numpy()
        keep = 1.0 - mine["loss"].to_numpy()
        through = self._through.loc[mine["link"]]
        come, gone = (
            np.where(
                ahead == way, mine["forward"] - through[f"forward_{side}"].to_numpy(), mine["back"] - through[f"back_{side}"].to_numpy()
            )
            for way, side in ((True, "in"), (False, "out"))
        )  # fmt: skip
        some = (np.where(ahead, mine["most"], mine["most_back"]) * keep > 0) | (come > NO_ENERGY)
        energy = (come * keep - gone)[some]
        return [("links", link, float(e)) for link, e in zip(mine["link"][some], energy, strict=True)]

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Links with the regions of their ends, their flows in the days asked about, their capacities on the first."""
        links, answer = self.now.links_total, self.tables.answer
        ids = list(links["link"])
        found = links[["link", "carrier", "forward", "back"]].assign(
            loss=self.case.quantities("links")["loss"].to_numpy(),
            most=answer.upper("links.flow", ids)[:, self.first],
            most_back=answer.upper("links.flow_back", ids)[:, self.first],
        )
        return found.assign(**{side: links[f"{side}_place"].map(self.regions.of) for side in ("from", "to")})

    @cached_property
    def _through(self) -> pd.DataFrame:
        """MWh of booked transit over each link that is neither for the region it reaches nor from the one it leaves."""
        return self.now.streams.through(self.regions.of)

    @cached_property
    def makers(self) -> pd.DataFrame:
        """Ports of assets that make something: region, energy in the days asked about."""
        ports = self.tables.ports
        made = ports[ports["ratio"] > 0]
        activity = self.tables.answer.power("assets.activity", list(made["asset"])) @ self.weights
        energy = activity * made["ratio"].to_numpy()
        return made[["asset", "carrier", "ratio"]].assign(region=self.region(made), energy=energy)

    @cached_property
    def markets(self) -> pd.DataFrame:
        """Markets with their region, and what they took or gave in the days asked about."""
        return self.now.markets_total.assign(region=self.region(self.now.markets_total))

    # ---- stocks
    @cached_property
    def is_reserve(self) -> npt.NDArray[np.bool_]:
        """Storages that are reserves of a state, mask."""
        return np.asarray(self.case.table("storages")["role"] == "strategic", dtype=bool)

    @cached_property
    def _stores(self) -> pd.DataFrame:
        """Storages that are not reserves of a state: region, net energy out in the days asked about."""
        total = self.now.storages_total
        frame = total.assign(region=self.region(total), energy=total["withdrawn"] - total["injected"])
        return frame[~self.is_reserve]

    @cached_property
    def stock(self) -> pd.Series:
        """(region, carrier) -> content of storages before the first of the days, reserves of a state left out."""
        return self._in_stores(np.where(self.is_reserve, 0.0, self.tables.level_before(self.first)))

    @cached_property
    def norm(self) -> pd.Series:
        """(region, carrier) -> what of the stock is the norm of its storages before the first of the days."""
        block = self.tables.answer.rows.get("storages.norm")
        total = self.tables.storages_total
        least = np.zeros(len(total))
        if block is not None:
            of = dict(
                zip(block.elements, block.lower[:, self.first] * self.tables.answer.mean_hours, strict=True)
            )
            least = total["storage"].map(of).fillna(0.0).to_numpy(dtype=float)
        held = np.where(self.is_reserve, 0.0, self.tables.level_before(self.first))
        return self._in_stores(np.minimum(least, held))

    @cached_property
    def reserve(self) -> pd.Series:
        """(region, carrier) -> content of reserves of a state before the first of the days."""
        return self._in_stores(np.where(self.is_reserve, self.tables.level_before(self.first), 0.0))

    @cached_property
    def room(self) -> pd.Series:
        """(region, carrier) -> what storages can hold, reserves of a state left out."""
        return self._in_stores(np.where(self.is_reserve, 0.0, self.tables.storages_total["working_capacity"]))

    def _in_stores(self, content: Floats) -> pd.Series:
        return self.sums(self.tables.storages_total, content)

    # ---- customers
    @cached_property
    def demand(self) -> pd.DataFrame:
        """Rows of demand with their region, whether they are protected, and what they ask for in the horizon."""
        frame = self.case.table("demand")[["place", "carrier", "customer_class"]].reset_index(drop=True)
        amount = self.tables.demand_total["demand"].to_numpy()
        return frame.assign(
            region=self.region(frame), protected=customers.protected(self.case), amount=amount
        )

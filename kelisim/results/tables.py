"""A solved problem as long tables with units: its elements, the balance of places and countries, the mix, the costs.

Energy MWh, power MW, money in the case's currency.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.customers import voll_of
from kelisim.case.letting_go import allowed_by
from kelisim.results import tracing
from kelisim.results.elements import ElementTables, Floats, ratio
from kelisim.results.streams import StreamFlows
from kelisim.tolerances import NO_TRACE, TRACED_SHARE

TRADE_AND_LOSSES = ["sold", "bought", "lost", "stored", "curtailed", "unserved", "demand"]
FLOWS = ["made", "arriving", "taken_in", "used", "leaving", *TRADE_AND_LOSSES, "transit"]
TRADED = ["made", "imported", "taken_in", "used", "exported", *TRADE_AND_LOSSES, "net_import", "transit"]
CROSSING = [
    "imported",
    "exported",
    "net_import",
    "transit",
]  # what only links between countries and trade give
FIGURES = [
    "made",
    "bought",
    "imported",
    "used",
    "exported",
    "lost",
    "stored",
    "curtailed",
    "unserved",
    "net_import",
    "transit",
]


class Tables(ElementTables):
    """Result tables of one answer; each is made when asked for."""

    def over(self, weights: Floats) -> Tables:
        """The same over some of the hours; prices of it mean nothing.

        weights  hours of each step that count, (steps)
        """
        return Tables(self.case, replace(self.answer, hours=weights))

    # ---- booked transit
    @cached_property
    def streams(self) -> StreamFlows:
        """Streams of booked transit."""
        return StreamFlows(self.case, self.answer)

    @cached_property
    def _on_links(self) -> tuple[Floats, Floats]:
        """What is booked on each link, forwards and backwards, MWh."""
        return self.streams.on_links()

    @cached_property
    def streams_total(self) -> pd.DataFrame:
        """Streams over the horizon."""
        return self.streams.total()

    @cached_property
    def streams_links(self) -> pd.DataFrame:
        """Streams on each link of their ways over the horizon."""
        return self.streams.links()

    @cached_property
    def streams_delivery(self) -> pd.DataFrame:
        """Streams per step: what enters their ways and what is handed over."""
        found = self.streams.all
        entered, delivered = (
            np.array([power(one) for one in found]).reshape(len(found), -1)
            for power in (self.streams.entered, self.streams.delivered)
        )
        return self._long([one.contract for one in found], "contract", entered=entered, delivered=delivered)

    # ---- nodes
    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Place and carrier of each node, in the order of the balance rows."""
        block = self.answer.rows["places.balance"]
        return pd.DataFrame([label.split(":") for label in block.elements], columns=["place", "carrier"])

    @cached_property
    def _price(self) -> Floats:
        price = self.answer.row_price("places.balance")
        free = np.array([bool(by) for by in self.let_go_by], dtype=bool)
        return np.where(free[:, None], np.maximum(price, 0.0), price)

    @cached_property
    def let_go_by(self) -> list[str]:
        """Table whose row lets the carrier of each node go; empty where none does."""
        return allowed_by(self.case, self.nodes.itertuples(index=False, name=None))

    @cached_property
    def places_price(self) -> pd.DataFrame:
        """Nodal price per step: what one more MWh of demand there would cost."""
        nodes = self.nodes
        labels = list(self.answer.rows["places.balance"].elements)
        frame = self._long(labels, "node", price=self._price)
        codes = frame["node"].cat.codes.to_numpy()
        for column in ("place", "carrier"):
            values = pd.Categorical(nodes[column])
            frame[column] = pd.Categorical.from_codes(values.codes[codes], categories=values.categories)
        return frame[["place", "carrier", "step", "price"]]

    @cached_property
    def places_balance(self) -> pd.DataFrame:
        """Energy balance of each place and carrier over the year."""
        nodes = self.nodes
        key = pd.MultiIndex.from_frame(nodes)
        total = pd.DataFrame(0.0, index=key, columns=FLOWS)

        def add(column: str, place: Any, carrier: Any, energy: Any) -> None:
            part = (
                pd.DataFrame({"place": place, "carrier": carrier, "energy": energy})
                .groupby(["place", "carrier"])["energy"]
                .sum()
            )
            total[column] += part.reindex(key, fill_value=0.0)

        ports = self.assets_ports
        made = ports["energy"].to_numpy()
        add("made", ports["place"], ports["carrier"], np.maximum(made, 0.0))
        add("taken_in", ports["place"], ports["carrier"], np.maximum(-made, 0.0))
        links = self.links_total
        keep = 1.0 - self.case.quantities("links")["loss"].to_numpy()
        forward, back = links["forward"].to_numpy(), links["back"].to_numpy()
        add("leaving", links["from_place"], links["carrier"], forward * keep)
        add("lost", links["from_place"], links["carrier"], forward * (1 - keep))
        add("arriving", links["to_place"], links["carrier"], forward * keep)
        add("leaving", links["to_place"], links["carrier"], back * keep)
        add("lost", links["to_place"], links["carrier"], back * (1 - keep))
        add("arriving", links["from_place"], links["carrier"], back * keep)
        self._add_streams(add)
        demand = self.demand_total
        for column, source in (("demand", "demand"), ("unserved", "unserved"), ("used", "served")):
            add(column, demand["place"], demand["carrier"], demand[source])
        storages = self.storages_total
        add("stored", storages["place"], storages["carrier"], storages["injected"] - storages["withdrawn"])
        markets = self.markets_total
        buys = (markets["side"] == "buys").to_numpy()
        add("sold", markets["place"][buys], markets["carrier"][buys], markets["taken"][buys])
        add("bought", markets["place"][~buys], markets["carrier"][~buys], markets["taken"][~buys])
        self._add_contracts(add)
        block = self.answer.rows["places.balance"]
        total["curtailed"] = np.maximum(block.values - block.lower, 0.0) @ self.hours
        total["price_mean"] = ratio(self._price @ self.hours, self.hours.sum())
        total["price_max"] = self._price.max(axis=1)  # below 0 where supply is a burden
        return total.reset_index()

    def _add_streams(self, add: Any) -> None:
        """What a stream moves is for the places at its two ends alone; what it loses counts where it starts."""
        links, whole = self.streams_links, self.streams_total
        if whole.empty:
            return
        add("leaving", links["from_place"], links["carrier"], -links["arrived"])
        add("lost", links["from_place"], links["carrier"], -links["lost"])
        add("arriving", links["to_place"], links["carrier"], -links["arrived"])
        add("transit", links["to_place"], links["carrier"], links["arrived"])
        add("transit", whole["to_place"], whole["carrier"], -whole["delivered"])
        add("leaving", whole["from_place"], whole["carrier"], whole["delivered"])
        add("lost", whole["from_place"], whole["carrier"], whole["lost"])
        add("arriving", whole["to_place"], whole["carrier"], whole["delivered"])

    def _add_contracts(self, add: Any) -> None:
        contracts = self.case.table("contracts")
        effects = self.case.table("contract_kinds").set_index("kind")["effect"]
        effect = contracts["kind"].map(effects)
        energy = self.answer.energy("contracts.delivery", list(contracts["contract"]))
        delivered = (("source", "bought"), ("sink", "sold"), ("swap", "sold"))
        ways = [
            *((kind, column, "delivery_place") for kind, column in delivered),
            ("swap", "bought", "return_place"),
        ]
        for kind, column, place in ways:
            rows = (effect == kind).to_numpy()
            if rows.any():
                add(column, contracts[place][rows], contracts["carrier"][rows], energy[rows])

    @cached_property
    def carriers_balance(self) -> pd.DataFrame:
        """Energy balance of each country and carrier; trade is what crosses its borders."""
        places = self.places_balance.assign(country=self.places_balance["place"].map(self.country))
        inside = places.groupby(["country", "carrier"])[[*set(TRADED) - set(CROSSING)]].sum()
        links = self.links_total
        keep = 1.0 - self.case.quantities("links")["loss"].to_numpy()
        trade = pd.DataFrame(
            {
                "carrier": np.tile(links["carrier"].to_numpy(), 2),
                "source": pd.concat([links["from_place"], links["to_place"]]).map(self.country).to_numpy(),
                "target": pd.concat([links["to_place"], links["from_place"]]).map(self.country).to_numpy(),
                "energy": np.concatenate([links["forward"] * keep, links["back"] * keep]),
            }
        )
        trade = pd.concat([trade, self._trade_of_streams])
        trade = trade[trade["source"] != trade["target"]]
        imported = trade.groupby(["target", "carrier"])["energy"].sum().rename_axis(["country", "carrier"])
        exported = trade.groupby(["source", "carrier"])["energy"].sum().rename_axis(["country", "carrier"])
        inside["imported"] = imported.reindex(inside.index, fill_value=0.0)
        inside["exported"] = exported.reindex(inside.index, fill_value=0.0)
        inside["net_import"] = inside["imported"] + inside["bought"] - inside["exported"] - inside["sold"]
        enters = self.streams_links[self.streams_links["enters"] != ""]
        through = enters.groupby(["enters", "carrier"])["arrived"].sum().rename_axis(["country", "carrier"])
        inside["transit"] = through.reindex(inside.index, fill_value=0.0)
        return inside[TRADED].reset_index()

    @property
    def _trade_of_streams(self) -> pd.DataFrame:
        """Of booked transit what crosses borders is no trade, but for what the country of its start sells to that of its end."""
        links, whole = self.streams_links, self.streams_total
        return pd.DataFrame(
            {
                "carrier": pd.concat([links["carrier"], whole["carrier"]]).to_numpy(),
                "source": pd.concat([links["from_place"], whole["from_place"]]).map(self.country).to_numpy(),
                "target": pd.concat([links["to_place"], whole["to_place"]]).map(self.country).to_numpy(),
                "energy": np.concatenate([-links["arrived"], whole["delivered"]]),
            }
        )

    @cached_property
    def key_figures(self) -> pd.DataFrame:
        """The year by country and carrier in the units of pages; "all" adds the countries.

        made + bought + imported = used + exported + lost + stored + curtailed; net_import = bought + imported - exported.
        """
        balance = self.carriers_balance
        whole = balance.groupby("carrier", as_index=False).sum(numeric_only=True).assign(country="all")
        whole[["imported", "exported", "transit"]] = 0.0
        rows = pd.concat([whole, balance])
        rows["used"] = rows["used"] + rows["taken_in"]
        rows["exported"] = rows["exported"] + rows["sold"]
        units = {carrier: self.case.units.display(carrier) for carrier in rows["carrier"].unique()}
        factor = rows["carrier"].map({carrier: f for carrier, (_, f) in units.items()}).to_numpy()
        out = rows[["country", "carrier"]].copy()
        for column in FIGURES:
            out[column] = rows[column].to_numpy() * factor
        out["unit"] = rows["carrier"].map({carrier: unit for carrier, (unit, _) in units.items()}).to_numpy()
        return out.reset_index(drop=True)

    @cached_property
    def mix(self) -> pd.DataFrame:
        """Supply mix of each place that uses a carrier: where the energy was made or bought (annual, proportional)."""
        parts = []
        for carrier in sorted(set(self.places_balance["carrier"])):
            places, supply, use, flows, _ = self.carrier_flows(carrier)
            share = tracing.shares(supply, *flows)
            at, origin = np.nonzero(share * use[:, None] > np.maximum(TRACED_SHARE * use[:, None], NO_TRACE))
            names = np.array(places, dtype=object)
            part = pd.DataFrame({"place": names[at], "carrier": carrier, "origin": names[origin]})
            part["origin_country"] = [self.country[names[o]] for o in origin]
            parts.append(part.assign(energy=share[at, origin] * use[at], share=share[at, origin]))
        if not parts:
            return pd.DataFrame(columns=["place", "carrier", "origin", "origin_country", "energy", "share"])
        frame = pd.concat(parts, ignore_index=True)
        return frame.sort_values(
            ["place", "carrier", "energy"], ascending=[True, True, False], ignore_index=True
        )

    def carrier_flows(self, carrier: str) -> tuple[list[str], Floats, Floats, tracing.Flows, list[str]]:
        """What tracing needs of a carrier, MWh: its places, supply and use of each, net flows, and what each flow is called.

        A flow is that of a link without what is booked on it, or a booking as one flow from its start to its end.
        """
        rows = self.places_balance[self.places_balance["carrier"] == carrier]
        places, links = list(rows["place"]), self.links_total
        position = {place: at for at, place in enumerate(places)}
        chosen = (links["carrier"] == carrier).to_numpy()
        loss = self.case.quantities("links")["loss"].to_numpy()[chosen]
        start = links["from_place"][chosen].map(position).to_numpy(dtype=np.int64)
        end = links["to_place"][chosen].map(position).to_numpy(dtype=np.int64)
        forward, back = (
            np.maximum(links[way].to_numpy() - booked, 0.0)[chosen]
            for way, booked in zip(("forward", "back"), self._on_links, strict=True)
        )
        flows = tracing.net_links(forward, back, loss, start, end)
        flows = self._with_streams(flows, carrier, position)
        own = self.streams_total
        names = [*links["link"][chosen], *own["contract"][own["carrier"] == carrier]]
        supply = (rows["made"] + rows["bought"] + np.maximum(-rows["stored"], 0.0)).to_numpy()
        use = (rows["used"] + rows["taken_in"] + rows["sold"]).to_numpy()
        return places, supply, use, flows, names

    def _with_streams(self, flows: tracing.Flows, carrier: str, position: dict[str, int]) -> tracing.Flows:
        """Flows of links with each stream as one from its start to its end: it mixes with nothing on its way."""
        own = self.streams_total
        own = own[own["carrier"] == carrier]
        ends = (own[side].map(position).to_numpy(dtype=np.int64) for side in ("from_place", "to_place"))
        more = (own["entered"].to_numpy(), own["delivered"].to_numpy(), *ends)
        sent, arrived, start, end = (
            np.concatenate([one, other]) for one, other in zip(flows, more, strict=True)
        )
        return sent, arrived, start, end

    @cached_property
    def costs(self) -> pd.DataFrame:
        """What the objective is made of; the items add up to it."""
        case, answer = self.case, self.answer
        price = {"supply_and_conversion": float(self.assets_total["cost"].sum())}
        price["transport"] = float(self.links_total["cost"].sum())
        injection = case.quantities("storages")["cost"].to_numpy()
        price["storage"] = float((self.storages_total["injected"] * injection).sum())
        markets = self.markets_total
        buys = markets["side"] == "buys"
        price["bought_from_markets"] = float(markets["value"][~buys].sum())
        price["sold_to_markets"] = -float(markets["value"][buys].sum())
        price["contracts"] = float(self.contracts_total["cost"].sum())
        if spent := float(answer.facts.get("spent", 0.0)):
            price["starts_and_stops"] = spent
        price["unserved_energy"] = self._unserved_cost()
        price["shortfalls_of_minimums"] = answer.objective - sum(price.values())
        return pd.DataFrame({"item": list(price), "amount": list(price.values())})

    def _unserved_cost(self) -> float:
        voll = voll_of(self.case, self.case.quantities("demand"))
        return float(np.nansum(voll * (self.unserved @ self.hours)))

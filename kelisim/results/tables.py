"""A solved problem as long tables with units: energy MWh, power MW, money in the case's currency."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import protected, voll_of
from kelisim.results import tracing
from kelisim.results.answer import Answer
from kelisim.tolerances import NO_FLOW, NO_TRACE, NOT_FULL, TRACED_SHARE

Floats = npt.NDArray[np.float64]

FLOWS = (
    "made", "arriving", "taken_in", "used", "leaving", "sold", "bought", "lost", "stored", "curtailed", "unserved", "demand",
)  # fmt: skip


class Tables:
    """Result tables of one answer; each is made when asked for."""

    def __init__(self, case: Case, answer: Answer) -> None:
        self.case = case
        self.answer = answer
        self.hours = answer.hours
        self.steps = pd.DatetimeIndex(case.horizon.steps["step"])
        self.country: dict[str, str] = dict(
            case.table("places")[["place", "country"]].itertuples(index=False)
        )

    def over(self, weights: Floats) -> Tables:
        """The same over some of the hours; prices of it mean nothing.

        weights  hours of each step that count, (steps)
        """
        return Tables(self.case, replace(self.answer, hours=weights))

    # ---- helpers
    def _long(self, ids: list[str], name: str, **arrays: Floats) -> pd.DataFrame:
        """Long table (element, step, quantities); elements as categories."""
        count = len(self.steps)
        codes = np.repeat(np.arange(len(ids), dtype=np.int32), count)
        element = (
            pd.Categorical.from_codes(codes, categories=pd.Index(ids, dtype=object))
            if ids
            else pd.Categorical([])
        )
        step = np.tile(self.steps.to_numpy(), len(ids))
        return pd.DataFrame({name: element, "step": step, **{k: v.ravel() for k, v in arrays.items()}})

    def _full(self, used: Floats, limit: Floats) -> Floats:
        """Hours in which a limit is reached."""
        hours: Floats = ((used >= limit * (1.0 - NOT_FULL)) & (limit > NO_FLOW)) @ self.hours
        return hours

    # ---- links
    @cached_property
    def flows(self) -> dict[str, Floats]:
        links = self.case.quantities("links")
        ids = list(links["link"])
        forward = self.answer.power("links.flow", ids)
        back = self.answer.power("links.flow_back", ids)
        most = self.answer.upper("links.flow", ids)
        most_back = self.answer.upper("links.flow_back", ids)
        price = self.answer.limit_price("links.flow", ids) + self.answer.limit_price("links.flow_back", ids)
        shared = self._shared_price(links)
        net = forward - back
        limit = np.where(net >= 0, most, most_back)
        with np.errstate(divide="ignore", invalid="ignore"):
            loading = np.where(limit > NO_FLOW, np.abs(net) / limit, 0.0)
        return {
            "forward": forward, "back": back, "most": most, "most_back": most_back, "price": price + shared, "net": net,
            "loading": np.clip(loading, 0.0, 1.0),
        }  # fmt: skip

    def _shared_price(self, links: pd.DataFrame) -> Floats:
        """Shadow price of the capacity that the carriers of a group share, per MWh of each link."""
        groups = list(links["shared_with"])
        shared = (links["shared_with"] != "").to_numpy()
        price = np.zeros((len(links), len(self.hours)))
        for name, members in (
            ("links.shared", shared),
            ("links.shared_back", shared & (links["capacity_back"] > 0).to_numpy()),
        ):
            if name in self.answer.rows:
                dual = np.maximum(-self.answer.row_price(name, groups), 0.0)
                price[members] += dual[members] * self._native_weights(links[members])[:, None]
        return price

    def _native_weights(self, links: pd.DataFrame) -> Floats:
        """What a MW of each link takes of the capacity of its group, which is counted in the unit of its first link."""
        first = links.drop_duplicates("shared_with").set_index("shared_with")[["unit", "carrier"]]
        factor = self.case.units.factor
        heads = first.loc[links["shared_with"]].itertuples(index=False)
        return np.array(
            [
                factor(unit, "power", head) / factor(unit, "power", carrier)
                for (unit, head), carrier in zip(heads, links["carrier"], strict=True)
            ]
        )

    @cached_property
    def links_total(self) -> pd.DataFrame:
        """Links over the year."""
        links, f = self.case.quantities("links"), self.flows
        forward, back = f["forward"] @ self.hours, f["back"] @ self.hours
        loss = (forward + back) * links["loss"].to_numpy()
        tariff_back = links["tariff_back"].fillna(links["tariff"]).to_numpy()
        moved = (f["forward"] + f["back"]) @ self.hours
        rent = (f["price"] * np.abs(f["net"])) @ self.hours
        return pd.DataFrame(
            {
                "link": links["link"].to_numpy(), "carrier": links["carrier"].to_numpy(), "kind": links["kind"].to_numpy(),
                "from_place": links["from_place"].to_numpy(), "to_place": links["to_place"].to_numpy(),
                "forward": forward, "back": back, "net": forward - back,
                "capacity": f["most"].max(axis=1, initial=0.0), "capacity_back": f["most_back"].max(axis=1, initial=0.0),
                "loading": _ratio(f["loading"] @ self.hours, self.hours.sum()),
                "loading_peak": f["loading"].max(axis=1, initial=0.0),
                "hours_full": (f["loading"] >= 1.0 - NOT_FULL) @ self.hours,
                "shadow_price": _ratio(f["price"] @ self.hours, self.hours.sum()),
                "rent": rent, "loss": loss, "cost": forward * links["tariff"].to_numpy() + back * tariff_back, "moved": moved,
            }
        )  # fmt: skip

    @cached_property
    def links_flow(self) -> pd.DataFrame:
        """Flow per link and step."""
        f = self.flows
        return self._long(
            list(self.case.table("links")["link"]),
            "link",
            flow=f["net"],
            loading=f["loading"],
            shadow_price=f["price"],
        )

    # ---- assets
    @cached_property
    def ports(self) -> pd.DataFrame:
        """Ports in MWh per MWh of the reference port, with the asset's place."""
        assets = self.case.table("assets")[["asset", "place"]]
        ports = self.case.ports.merge(assets, on="asset", how="inner")
        reference = self.case.reference_carriers
        factor = [
            self.case.units.ratio(unit, carrier, reference.get(asset, carrier))
            for unit, carrier, asset in zip(ports["unit"], ports["carrier"], ports["asset"], strict=True)
        ]
        return ports.assign(ratio=ports["ratio"] * factor)

    @cached_property
    def assets_total(self) -> pd.DataFrame:
        """Assets over the year."""
        assets = self.case.quantities("assets")
        ids = list(assets["asset"])
        activity, most = self.answer.power("assets.activity", ids), self.answer.upper("assets.activity", ids)
        energy = activity @ self.hours
        price = self.answer.limit_price("assets.activity", ids)
        year = np.maximum(-self.answer.year_price("assets.annual", ids), 0.0)
        possible = most @ self.hours
        return pd.DataFrame(
            {
                "asset": ids, "kind": assets["kind"].to_numpy(), "place": assets["place"].to_numpy(),
                "carrier": [self.case.reference_carriers.get(i, "") for i in ids], "activity": energy,
                "capacity": most.max(axis=1, initial=0.0), "loading": _ratio(energy, possible),
                "loading_peak": _ratio(activity, most).max(axis=1, initial=0.0), "hours_full": self._full(activity, most),
                "shadow_price": _ratio(price @ self.hours, self.hours.sum()) + year, "cost": energy * assets["cost"].to_numpy(),
            }
        )  # fmt: skip

    @cached_property
    def assets_activity(self) -> pd.DataFrame:
        """Activity per asset and step."""
        ids = list(self.case.table("assets")["asset"])
        return self._long(ids, "asset", activity=self.answer.power("assets.activity", ids))

    @cached_property
    def assets_ports(self) -> pd.DataFrame:
        """Energy through each port over the year, + made, - taken in."""
        energy = dict(zip(self.assets_total["asset"], self.assets_total["activity"], strict=True))
        ports = self.ports
        return pd.DataFrame(
            {
                "asset": ports["asset"].to_numpy(), "place": ports["place"].to_numpy(), "carrier": ports["carrier"].to_numpy(),
                "energy": ports["ratio"].to_numpy() * ports["asset"].map(energy).to_numpy(dtype=float),
            }
        )  # fmt: skip

    # ---- storages
    @cached_property
    def storages_total(self) -> pd.DataFrame:
        """Storages over the year."""
        storages = self.case.quantities("storages")
        ids = list(storages["storage"])
        level = self.answer.power("storages.level", ids) * self.answer.mean_hours
        start = (storages["level_start"] * storages["working_capacity"]).to_numpy()
        last = level[:, -1] if ids else np.zeros(0)
        return pd.DataFrame(
            {
                "storage": ids, "place": storages["place"].to_numpy(), "carrier": storages["carrier"].to_numpy(),
                "working_capacity": storages["working_capacity"].to_numpy(),
                "level_start": np.where(storages["is_cyclic"].to_numpy(), last, start), "level_end": last,
                "injected": self.answer.energy("storages.injection", ids), "withdrawn": self.answer.energy("storages.withdrawal", ids),
                "level_shortfall": self.answer._pick(self.answer.columns.get("storages.level_shortfall"), ids, "values", 1)[:, 0] * self.answer.mean_hours,
            }
        )  # fmt: skip

    def level_before(self, step: int) -> Floats:
        """Content of each storage before a step, MWh."""
        total = self.storages_total
        if step == 0 or total.empty:
            start: Floats = total["level_start"].to_numpy()
            return start
        level = self.answer.power("storages.level", list(total["storage"]))
        return level[:, step - 1] * self.answer.mean_hours

    @cached_property
    def storages_level(self) -> pd.DataFrame:
        """Level at the end of each step, with injection and withdrawal."""
        ids = list(self.case.table("storages")["storage"])
        return self._long(
            ids, "storage", level=self.answer.power("storages.level", ids) * self.answer.mean_hours,
            injection=self.answer.power("storages.injection", ids), withdrawal=self.answer.power("storages.withdrawal", ids),
        )  # fmt: skip

    # ---- demand
    @cached_property
    def unserved(self) -> Floats:
        """MW not served, (rows of demand, steps)."""
        found = self.answer.by_demand(len(self.case.table("demand")))
        return np.where(found > NO_FLOW, found, 0.0)

    @cached_property
    def demand_total(self) -> pd.DataFrame:
        """Demand over the year by place, carrier and class."""
        demand = self.case.quantities("demand")
        shape = self.case.profiles.matrix(demand["profile"], "shape")
        wanted = (demand["amount"].to_numpy()[:, None] / self.case.horizon.year_hours * shape) @ self.hours
        unserved = self.unserved @ self.hours
        return pd.DataFrame(
            {
                "place": demand["place"].to_numpy(), "carrier": demand["carrier"].to_numpy(),
                "customer_class": demand["customer_class"].to_numpy(), "protected": protected(self.case),
                "demand": wanted, "served": wanted - unserved, "unserved": unserved, "unserved_rate": _ratio(unserved, wanted),
            }
        )  # fmt: skip

    @cached_property
    def demand_unserved(self) -> pd.DataFrame:
        """Unserved MW per place, carrier, class and step; only where something is."""
        demand = self.case.table("demand")
        row, step = np.nonzero(self.unserved)
        frame = demand[["place", "carrier", "customer_class"]].iloc[row].reset_index(drop=True)
        return frame.assign(step=self.steps[step], unserved=self.unserved[row, step])

    # ---- markets, contracts, resources
    @cached_property
    def markets_total(self) -> pd.DataFrame:
        """What markets took or gave over the year."""
        markets = self.case.quantities("markets")
        ids = list(markets["market"])
        taken, most = self.answer.power("markets.taken", ids), self.answer.upper("markets.taken", ids)
        energy = taken @ self.hours
        ceiling = most @ self.hours
        year = markets["annual_max"].to_numpy() * self.case.horizon.year_share
        limit = np.where(np.isnan(year), ceiling, np.fmin(year, ceiling))
        path = self.case.profiles.matrix(markets["price_path"], "shape")
        value = (taken * path) @ self.hours * markets["price"].to_numpy()
        return pd.DataFrame(
            {
                "market": ids, "place": markets["place"].to_numpy(), "carrier": markets["carrier"].to_numpy(), "side": markets["side"].to_numpy(),
                "taken": energy, "ceiling": limit, "share": _ratio(energy, limit), "value": value,
            }
        )  # fmt: skip

    @cached_property
    def contracts_total(self) -> pd.DataFrame:
        """Contracts over the year: quantity, shortfall, excess and what they cost."""
        contracts = self.case.quantities("contracts")
        ids = list(contracts["contract"])
        annual = self.answer.rows.get("contracts.annual")
        booked = self.answer._pick(annual, ids, "values", 1)[:, 0]
        hours = float(self.hours.sum())
        extra = {
            name: self.answer._pick(self.answer.columns.get(f"contracts.{name}"), ids, "values", 1)[:, 0]
            * hours
            for name in ("shortfall", "unpaid", "excess")
        }
        delivered = self.answer.energy("contracts.delivery", ids)
        effect = contracts["kind"].map(self.case.table("contract_kinds").set_index("kind")["effect"])
        within = [
            self.case.horizon.share_within(s, e) @ self.hours
            for s, e in zip(contracts["start"], contracts["end"], strict=True)
        ]
        due = (
            contracts["annual_quantity"].to_numpy()
            * np.array(within, dtype=float)
            / self.case.horizon.year_hours
        )
        quantity = np.where(delivered > 0, delivered, booked * hours - extra["shortfall"] + extra["excess"])
        return pd.DataFrame(
            {
                "contract": ids, "kind": contracts["kind"].to_numpy(), "carrier": contracts["carrier"].to_numpy(), "quantity": quantity,
                "annual_quantity": due, "share_used": _ratio(quantity, due),
                "shortfall": extra["shortfall"], "unpaid": extra["unpaid"], "excess": extra["excess"],
                "shadow_price": np.maximum(-self.answer.year_price("contracts.annual", ids), 0.0),
                "cost": delivered * contracts["price"].to_numpy() * np.where(effect == "sink", -1.0, 1.0),
            }
        )  # fmt: skip

    @cached_property
    def resources_total(self) -> pd.DataFrame:
        """Shared limits: how much of each is used, in its own unit and period; the largest use of a step where it holds in each."""
        resources = self.case.quantities("resources")
        whole = float(self.hours.sum())
        found: list[dict[str, Any]] = []
        for row in resources.itertuples(index=False):
            block = self.answer.rows.get(f"resources.{row.over}")
            if block is None or row.resource not in block.elements:
                continue
            at = block.elements.index(row.resource)
            limit, width = block.upper[at], block.values.shape[1]
            beyond = self.answer._pick(
                self.answer.columns.get(f"resources.{row.over}_shortfall"), [row.resource], "values", width
            )[0]
            used = block.values[at] + beyond
            share = _ratio(used, limit)
            full = (
                float((used >= limit * (1 - NOT_FULL)) @ self.hours)
                if row.over == "step"
                else whole * float(share[0] >= 1 - NOT_FULL)
            )
            paid = np.maximum(-block.duals[at], 0.0) * self.answer.mean_hours
            found.append(
                {
                    "resource": row.resource, "over": row.over, "used": float(share.max()) * row.amount, "amount": row.amount, "unit": row.unit,
                    "share_used": float(share.max()), "hours_full": full, "shadow_price": float(paid.sum()) / whole / self._draw(row),
                    "value": float(paid @ limit),
                }
            )  # fmt: skip
        columns = [
            "resource",
            "over",
            "used",
            "amount",
            "unit",
            "share_used",
            "hours_full",
            "shadow_price",
            "value",
        ]
        return pd.DataFrame(found, columns=columns)

    def _draw(self, resource: Any) -> float:
        """Largest use of a shared limit, internal units per MWh: its row counts in MW of that use."""
        uses = self.case.table("resource_uses")
        uses = uses[uses["resource"] == resource.resource]
        size, largest = 1.0, 0.0
        for use in uses.itertuples(index=False):
            carrier = self._carrier_of(use.table, use.element)
            amount, per, _ = self.case.units.draw(resource.unit, use.unit, carrier, resource.over)
            size = size if use.unit else amount
            largest = max(largest, abs(use.use * per / amount))
        return largest * size or 1.0

    def _carrier_of(self, table: str, element: str) -> str:
        """Carrier of an element that draws on a shared limit."""
        if table == "assets":
            return self.case.reference_carriers.get(element, "")
        rows = self.case.table(
            {"links_back": "links", "storages_injection": "storages", "storages_withdrawal": "storages"}.get(
                table, table
            )
        )
        return str(rows["carrier"][rows.iloc[:, 0] == element].iloc[0])

    # ---- nodes
    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Place and carrier of each node, in the order of the balance rows."""
        block = self.answer.rows["places.balance"]
        return pd.DataFrame([label.split(":") for label in block.elements], columns=["place", "carrier"])

    @cached_property
    def _price(self) -> Floats:
        return (
            np.maximum(self.answer.row_price("places.balance"), 0.0)
            if self._all_let_go
            else self.answer.row_price("places.balance")
        )

    @property
    def _all_let_go(self) -> bool:
        return bool(self.case.table("carriers")["may_curtail"].all())

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
        total = pd.DataFrame(0.0, index=key, columns=list(FLOWS))

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
        total["price_mean"] = _ratio(self._price @ self.hours, self.hours.sum())
        total["price_max"] = self._price.max(axis=1, initial=0.0)
        return total.reset_index()

    def _add_contracts(self, add: Any) -> None:
        contracts = self.case.table("contracts")
        effects = self.case.table("contract_kinds").set_index("kind")["effect"]
        effect = contracts["kind"].map(effects)
        energy = self.answer.energy("contracts.delivery", list(contracts["contract"]))
        for kind, column, place in (
            ("source", "bought", "delivery_place"), ("sink", "sold", "delivery_place"), ("swap", "sold", "delivery_place"),
            ("swap", "bought", "return_place"),
        ):  # fmt: skip
            rows = (effect == kind).to_numpy()
            if rows.any():
                add(column, contracts[place][rows], contracts["carrier"][rows], energy[rows])

    @cached_property
    def carriers_balance(self) -> pd.DataFrame:
        """Energy balance of each country and carrier; trade is what crosses its borders."""
        places = self.places_balance.assign(country=self.places_balance["place"].map(self.country))
        inside = places.groupby(["country", "carrier"])[
            [
                "made",
                "taken_in",
                "used",
                "sold",
                "bought",
                "lost",
                "stored",
                "curtailed",
                "unserved",
                "demand",
            ]
        ].sum()
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
        trade = trade[trade["source"] != trade["target"]]
        imported = trade.groupby(["target", "carrier"])["energy"].sum().rename_axis(["country", "carrier"])
        exported = trade.groupby(["source", "carrier"])["energy"].sum().rename_axis(["country", "carrier"])
        inside["imported"] = imported.reindex(inside.index, fill_value=0.0)
        inside["exported"] = exported.reindex(inside.index, fill_value=0.0)
        order = [
            "made",
            "imported",
            "taken_in",
            "used",
            "exported",
            "sold",
            "bought",
            "lost",
            "stored",
            "curtailed",
            "unserved",
            "demand",
        ]
        return inside[order].reset_index()

    @cached_property
    def key_figures(self) -> pd.DataFrame:
        """Made, used, imported, exported, unserved by country and carrier in the units of pages; "all" adds the countries."""
        balance = self.carriers_balance
        whole = balance.groupby("carrier", as_index=False).sum(numeric_only=True).assign(country="all")
        crossing = ["imported", "exported"]
        whole[crossing] = 0.0
        rows = pd.concat([whole, balance])
        rows["made"] = rows["made"] + rows["bought"]
        rows["used"] = rows["used"] + rows["taken_in"]
        rows["exported"] = rows["exported"] + rows["sold"]
        units = {carrier: self.case.units.display(carrier) for carrier in rows["carrier"].unique()}
        factor = rows["carrier"].map({carrier: f for carrier, (_, f) in units.items()}).to_numpy()
        out = rows[["country", "carrier"]].copy()
        for column in ("made", "used", "imported", "exported", "unserved"):
            out[column] = rows[column].to_numpy() * factor
        out["unit"] = rows["carrier"].map({carrier: unit for carrier, (unit, _) in units.items()}).to_numpy()
        return out.reset_index(drop=True)

    @cached_property
    def mix(self) -> pd.DataFrame:
        """Supply mix of each place that uses a carrier: where the energy was made or bought (annual, proportional)."""
        balance = self.places_balance
        links = self.links_total
        loss = self.case.quantities("links")["loss"].to_numpy()
        parts = []
        for carrier, rows in balance.groupby("carrier", sort=True):
            places = list(rows["place"])
            position = {place: at for at, place in enumerate(places)}
            chosen = (links["carrier"] == carrier).to_numpy()
            start = links["from_place"][chosen].map(position).to_numpy(dtype=np.int64)
            end = links["to_place"][chosen].map(position).to_numpy(dtype=np.int64)
            flows = tracing.net_links(
                links["forward"][chosen].to_numpy(),
                links["back"][chosen].to_numpy(),
                loss[chosen],
                start,
                end,
            )
            supply = (rows["made"] + rows["bought"] + np.maximum(-rows["stored"], 0.0)).to_numpy()
            share = tracing.shares(supply, *flows)
            use = (rows["used"] + rows["taken_in"] + rows["sold"]).to_numpy()
            at, origin = np.nonzero(share * use[:, None] > np.maximum(TRACED_SHARE * use[:, None], NO_TRACE))
            names = np.array(places, dtype=object)
            parts.append(
                pd.DataFrame(
                    {
                        "place": names[at], "carrier": carrier, "origin": names[origin],
                        "origin_country": [self.country[names[o]] for o in origin],
                        "energy": share[at, origin] * use[at], "share": share[at, origin],
                    }
                )
            )  # fmt: skip
        if not parts:
            return pd.DataFrame(columns=["place", "carrier", "origin", "origin_country", "energy", "share"])
        frame = pd.concat(parts, ignore_index=True)
        return frame.sort_values(
            ["place", "carrier", "energy"], ascending=[True, True, False], ignore_index=True
        )

    @cached_property
    def costs(self) -> pd.DataFrame:
        """What the objective is made of; the items add up to it."""
        case, answer = self.case, self.answer
        price = {
            "supply_and_conversion": float(self.assets_total["cost"].sum()), "transport": float(self.links_total["cost"].sum()),
            "storage": float((self.storages_total["injected"] * case.quantities("storages")["cost"].to_numpy()).sum()),
        }  # fmt: skip
        markets = self.markets_total
        buys = markets["side"] == "buys"
        price["bought_from_markets"] = float(markets["value"][~buys].sum())
        price["sold_to_markets"] = -float(markets["value"][buys].sum())
        price["contracts"] = float(self.contracts_total["cost"].sum())
        price["unserved_energy"] = self._unserved_cost()
        price["shortfalls_of_minimums"] = answer.objective - sum(price.values())
        return pd.DataFrame({"item": list(price), "amount": list(price.values())})

    def _unserved_cost(self) -> float:
        voll = voll_of(self.case, self.case.quantities("demand"))
        return float(np.nansum(voll * (self.unserved @ self.hours)))


def _ratio(top: Any, bottom: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(bottom) > 0, np.asarray(top) / np.asarray(bottom), 0.0)

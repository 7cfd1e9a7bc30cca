"""The elements of a solved problem as long tables with units: links, assets, storages, demand, markets, contracts, limits.

Energy MWh, power MW, money in the case's currency.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import protected
from kelisim.results.answer import Answer
from kelisim.results.streams import StreamFlows
from kelisim.tolerances import NO_FLOW, NOT_FULL

Floats = npt.NDArray[np.float64]
SCARCITY = ["hours_full", "shadow_price", "value"]
RESOURCES = ["resource", "over", "used", "amount", "unit", "share_used", *SCARCITY]


class ElementTables:
    """Result tables of the elements of one answer; each is made when asked for."""

    def __init__(self, case: Case, answer: Answer) -> None:
        self.case = case
        self.answer = answer
        self.hours = answer.hours
        self.steps = pd.DatetimeIndex(case.horizon.steps["step"])
        self.country: dict[str, str] = dict(
            case.table("places")[["place", "country"]].itertuples(index=False)
        )

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

    def _mean(self, values: Floats) -> Floats:
        """Mean over the hours, (elements)."""
        return ratio(values @ self.hours, self.hours.sum())

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
        price = price + self._shared_price(links)
        net = forward - back
        limit = np.where(net >= 0, most, most_back)
        with np.errstate(divide="ignore", invalid="ignore"):
            loading = np.clip(np.where(limit > NO_FLOW, np.abs(net) / limit, 0.0), 0.0, 1.0)
        capacities = {"most": most, "most_back": most_back, "loading": loading}
        return {"forward": forward, "back": back, "net": net, "price": price} | capacities

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
        found = _own(links, "link", "carrier", "kind", "from_place", "to_place")
        found = found.assign(forward=forward, back=back, net=forward - back)
        found = found.assign(capacity=_peak(f["most"]), capacity_back=_peak(f["most_back"]))
        found = found.assign(loading=self._mean(f["loading"]), loading_peak=_peak(f["loading"]))
        found["hours_full"] = (f["loading"] >= 1.0 - NOT_FULL) @ self.hours
        found["shadow_price"] = self._mean(f["price"])
        found["rent"] = (f["price"] * np.abs(f["net"])) @ self.hours
        cost = forward * links["tariff"].to_numpy() + back * tariff_back
        return found.assign(loss=loss, cost=cost)

    @cached_property
    def links_flow(self) -> pd.DataFrame:
        """Flow per link and step."""
        f, ids = self.flows, list(self.case.table("links")["link"])
        return self._long(ids, "link", flow=f["net"], loading=f["loading"], shadow_price=f["price"])

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
        found = _own(assets, "asset", "kind", "place")
        found["carrier"] = [self.case.reference_carriers.get(asset, "") for asset in ids]
        found = found.assign(activity=energy, capacity=_peak(most), loading=ratio(energy, most @ self.hours))
        found["loading_peak"] = _peak(ratio(activity, most))
        found["hours_full"] = self._full(activity, most)
        return found.assign(shadow_price=self._mean(price) + year, cost=energy * assets["cost"].to_numpy())

    @cached_property
    def assets_activity(self) -> pd.DataFrame:
        """Activity per asset and step."""
        ids = list(self.case.table("assets")["asset"])
        return self._long(ids, "asset", activity=self.answer.power("assets.activity", ids))

    @cached_property
    def assets_ports(self) -> pd.DataFrame:
        """Energy through each port over the year, + made, - taken in."""
        energy = dict(zip(self.assets_total["asset"], self.assets_total["activity"], strict=True))
        through = self.ports["asset"].map(energy).to_numpy(dtype=float)
        return _own(self.ports, "asset", "place", "carrier").assign(
            energy=self.ports["ratio"].to_numpy() * through
        )

    # ---- storages
    @cached_property
    def storages_total(self) -> pd.DataFrame:
        """Storages over the year."""
        storages = self.case.quantities("storages")
        ids = list(storages["storage"])
        level = self.answer.power("storages.level", ids) * self.answer.mean_hours
        start = (storages["level_start"] * storages["working_capacity"]).to_numpy()
        last = level[:, -1] if ids else np.zeros(0)
        lacks = self.answer.of_year("storages.level_shortfall", ids) * self.answer.mean_hours
        found = _own(storages, "storage", "place", "carrier", "working_capacity")
        found["level_start"] = np.where(storages["is_cyclic"].to_numpy(), last, start)
        return found.assign(
            level_end=last,
            injected=self.answer.energy("storages.injection", ids),
            withdrawn=self.answer.energy("storages.withdrawal", ids),
            level_shortfall=lacks,
            target_shortfall=self._target_shortfall(ids),
            norm_missing=_peak(self.answer.power("storages.norm_shortfall", ids)) * self.answer.mean_hours,
        )

    def _target_shortfall(self, ids: list[str]) -> Floats:
        """What lacks of levels by a day, all days of a storage together, MWh, (storages,)."""
        block = self.answer.columns.get("storages.target_shortfall")
        found = dict.fromkeys(ids, 0.0)
        for name, value in zip(block.elements, block.values[:, 0], strict=True) if block else ():
            found[name.partition("@")[0]] += float(value) * self.answer.mean_hours
        return np.array(list(found.values()))

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
        level = self.answer.power("storages.level", ids) * self.answer.mean_hours
        into, out_of = (self.answer.power(f"storages.{way}", ids) for way in ("injection", "withdrawal"))
        return self._long(ids, "storage", level=level, injection=into, withdrawal=out_of)

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
        found = _own(demand, "place", "carrier", "customer_class").assign(protected=protected(self.case))
        found = found.assign(demand=wanted, served=wanted - unserved, unserved=unserved)
        return found.assign(unserved_rate=ratio(unserved, wanted))

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
        found = _own(markets, "market", "place", "carrier", "side")
        return found.assign(taken=energy, ceiling=limit, share=ratio(energy, limit), value=value)

    @cached_property
    def markets_taken(self) -> pd.DataFrame:
        """What each market took or gave in each step, MW."""
        ids = list(self.case.table("markets")["market"])
        return self._long(ids, "market", taken=self.answer.power("markets.taken", ids))

    @cached_property
    def contracts_total(self) -> pd.DataFrame:
        """Contracts over the year: quantity, shortfall, excess and what they cost."""
        contracts = self.case.quantities("contracts")
        ids = list(contracts["contract"])
        hours = float(self.hours.sum())
        booked = self.answer.of_year("contracts.annual", ids)
        names = ("shortfall", "unpaid", "excess")
        extra = {name: self.answer.of_year(f"contracts.{name}", ids) * hours for name in names}
        delivered = self.answer.energy("contracts.delivery", ids)
        entered = StreamFlows(self.case, self.answer).total().set_index("contract")["entered"]
        effect = contracts["kind"].map(self.case.table("contract_kinds").set_index("kind")["effect"])
        within = [
            self.case.horizon.share_within(s, e) @ self.hours
            for s, e in zip(contracts["start"], contracts["end"], strict=True)
        ]
        days = np.array(within, dtype=float)
        due = contracts["annual_quantity"].to_numpy() * days / self.case.horizon.year_hours
        quantity = np.where(delivered > 0, delivered, booked * hours - extra["shortfall"] + extra["excess"])
        quantity = (
            contracts["contract"].map(entered).fillna(pd.Series(quantity, index=contracts.index)).to_numpy()
        )
        price = np.maximum(-self.answer.year_price("contracts.annual", ids), 0.0)
        cost = delivered * contracts["price"].to_numpy() * np.where(effect == "sink", -1.0, 1.0)
        found = _own(contracts, "contract", "kind", "carrier").assign(quantity=quantity, annual_quantity=due)
        return found.assign(share_used=ratio(quantity, due), **extra, shadow_price=price, cost=cost)

    @cached_property
    def resources_total(self) -> pd.DataFrame:
        """Shared limits: how much of each is used, in its own unit and period; the largest use of a step where it holds in each."""
        whole = float(self.hours.sum())
        found = []
        for row in self.case.quantities("resources").itertuples(index=False):
            block = self.answer.rows.get(f"resources.{row.over}")
            if block is None or row.resource not in block.elements:
                continue
            at = block.elements.index(row.resource)
            limit, steps = block.upper[at], block.values.shape[1]
            used = (
                block.values[at]
                + self.answer.power(f"resources.{row.over}_shortfall", [row.resource], steps)[0]
            )
            share = ratio(used, limit)
            in_steps = float((used >= limit * (1 - NOT_FULL)) @ self.hours) if row.over == "step" else 0.0
            full = in_steps if row.over == "step" else whole * float(share[0] >= 1 - NOT_FULL)
            paid = np.maximum(-block.duals[at], 0.0) * self.answer.mean_hours
            rent = float(paid @ limit)
            waiting = self.answer.rows.get("resources.section")
            for fall, name in enumerate(waiting.elements if waiting and row.over == "step" else ()):
                if waiting and name.startswith(f"{row.resource}|"):
                    more = np.maximum(-waiting.duals[fall], 0.0) * self.answer.mean_hours
                    paid, rent = paid + more, rent + float(more @ waiting.upper[fall])
            most, price = float(share.max()), float(paid.sum()) / whole / self._draw(row)
            amounts = (most * row.amount, row.amount, row.unit, most, full, price, rent)
            found.append((row.resource, row.over, *amounts))
        return pd.DataFrame(found, columns=RESOURCES)

    def _draw(self, resource: Any) -> float:
        """Largest use of a shared limit, internal units per MWh: its row counts in MW of that use."""
        size, largest = 1.0, 0.0
        for use in self._uses.get(resource.resource, ()):
            carrier = self._carrier_of(use.table, use.element)
            amount, per, _ = self.case.units.draw(resource.unit, use.unit, carrier, resource.over)
            size = size if use.unit else amount
            largest = max(largest, abs(use.use * per / amount))
        return largest * size or 1.0

    def _carrier_of(self, table: str, element: str) -> str:
        """Carrier of an element that draws on a shared limit."""
        if table == "assets":
            return self.case.reference_carriers.get(element, "")
        home = {"links_back": "links", "storages_injection": "storages", "storages_withdrawal": "storages"}
        return self._carriers[home.get(table, table)][element]

    @cached_property
    def _uses(self) -> dict[str, list[Any]]:
        """Rows of what draws on each shared limit."""
        found: dict[str, list[Any]] = {}
        for use in self.case.table("resource_uses").itertuples(index=False):
            found.setdefault(str(use.resource), []).append(use)
        return found

    @cached_property
    def _carriers(self) -> dict[str, dict[str, str]]:
        """Carrier of each element, by its table."""
        found = {}
        for name in self.case.table("resource_uses")["table"].unique():
            home = str(name).partition("_")[0]
            rows = self.case.table(home)
            if "carrier" in rows:
                found[home] = dict(zip(rows.iloc[:, 0], rows["carrier"], strict=True))
        return found


def ratio(top: Any, bottom: Any) -> Any:
    """A quotient, 0 where the bottom is not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(bottom) > 0, np.asarray(top) / np.asarray(bottom), 0.0)


def _own(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Some columns as they stand, the rows numbered anew."""
    return pd.DataFrame({name: frame[name].to_numpy() for name in columns})


def _peak(values: Floats) -> Floats:
    """Highest value of any step, (elements)."""
    return np.asarray(values.max(axis=1, initial=0.0))

"""Limits that cost something, and the ones behind each shortage."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from kelisim.results.answer import Floats
from kelisim.results.names import element_names
from kelisim.results.tables import Tables
from kelisim.tolerances import DUST, NO_FLOW, NOT_FULL, ROUNDING, SERVED, UNPRICED

NETWORK = ("links", "resources", "storages", "contracts")  # limits between places, not what fields can make
COLUMNS = ["table", "element", "carrier", "limit", "hours_full", "shadow_price", "value"]
Rows = list[tuple[str, str, str, str, float, float, float]]


def bottlenecks(tables: Tables) -> pd.DataFrame:
    """All limits with a price, dearest first.

    limit         capacity, limit_of_the_year, annual_quantity, shared_limit, rate_of_withdrawal, rate_of_injection, size
    shadow_price  currency/MWh, mean over the hours in which the limit holds
    value         currency: what the limit costs in the year, price times quantity
    """
    rows = [*_links(tables), *_assets(tables), *_contracts(tables), *_resources(tables), *_storages(tables)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame[frame["value"] > 1.0]
    return frame.sort_values(["value", "element"], ascending=[False, True], ignore_index=True)


def _priced(tables: Tables, price: Floats) -> tuple[Floats, Floats]:
    """Hours in which a limit has a price, and the mean price over them, currency/MWh; price is (elements, steps)."""
    hours = (price > UNPRICED) @ tables.hours
    return hours, np.where(hours > 0, (price @ tables.hours) / np.maximum(hours, ROUNDING), 0.0)


def _links(tables: Tables) -> Rows:
    total = tables.links_total
    hours, mean = _priced(tables, tables.flows["price"])
    return [
        ("links", row.link, row.carrier, "capacity", float(hours[at]), float(mean[at]), row.rent)
        for at, row in enumerate(total.itertuples(index=False))
        if row.rent > 1.0
    ]


def _assets(tables: Tables) -> Rows:
    total, whole = tables.assets_total, float(tables.hours.sum())
    ids = list(total["asset"])
    price = tables.answer.limit_price("assets.activity", ids)
    value = (price * tables.answer.power("assets.activity", ids)) @ tables.hours
    hours, mean = _priced(tables, price)
    year = np.maximum(-tables.answer.year_price("assets.annual", ids), 0.0)
    found: Rows = []
    for at, row in enumerate(total.itertuples(index=False)):
        element = ("assets", row.asset, row.carrier)
        if value[at] > 1.0:
            found.append((*element, "capacity", float(hours[at]), float(mean[at]), float(value[at])))
        if year[at] * row.activity > 1.0:
            worth = float(year[at] * row.activity)
            found.append((*element, "limit_of_the_year", whole, float(year[at]), worth))
    return found


def _contracts(tables: Tables) -> Rows:
    whole = float(tables.hours.sum())
    return [
        (
            "contracts",
            r.contract,
            r.carrier,
            "annual_quantity",
            whole,
            r.shadow_price,
            r.shadow_price * r.quantity,
        )
        for r in tables.contracts_total.itertuples(index=False)
        if r.shadow_price > 0
    ]


def _resources(tables: Tables) -> Rows:
    return [
        ("resources", r.resource, "", "shared_limit", r.hours_full, r.shadow_price, r.value)
        for r in tables.resources_total.itertuples(index=False)
        if r.value > 0
    ]


def _storages(tables: Tables) -> Rows:
    total = tables.storages_total
    ids = list(total["storage"])
    found: Rows = []
    for block, limit in (
        ("storages.withdrawal", "rate_of_withdrawal"),
        ("storages.injection", "rate_of_injection"),
        ("storages.level", "size"),
    ):
        price = tables.answer.limit_price(block, ids)
        value = (price * tables.answer.power(block, ids)) @ tables.hours
        hours = (price > UNPRICED) @ tables.hours
        for at in np.flatnonzero(value > 1.0):
            mean = float((price[at] @ tables.hours) / max(hours[at], ROUNDING))
            row = (
                "storages",
                ids[at],
                total["carrier"].iat[at],
                limit,
                float(hours[at]),
                mean,
                float(value[at]),
            )
            found.append(row)
    return found


def short_rows(demand: pd.DataFrame) -> pd.DataFrame:
    """Rows of demand.total that are not wholly served, the largest first; dust of the solver left out."""
    dust = DUST * max(float(demand["demand"].sum()), 1.0) / max(len(demand), 1)
    short = demand[(demand["unserved"] > dust) & (demand["unserved"] > SERVED * demand["demand"])]
    return short.sort_values("unserved", ascending=False, kind="stable").reset_index(drop=True)


def reasons(tables: Tables, most: int = 3) -> pd.DataFrame:
    """For each row of demand the limits that hold while it is short.

    From the short place one goes upstream along links that are not full; full links on the way, and sources at their
    limit, are what stands between the place and more supply.

    returns  a row for each row of demand.total. reason: "link:full;asset:all;asset:year", at most so many, the dearest
             link first; "none" where no route or source has more; empty where all is served. hours_short: h
    """
    demand = tables.case.table("demand")
    unserved = tables.unserved
    out = []
    for at, (place, carrier) in enumerate(zip(demand["place"], demand["carrier"], strict=True)):
        short = unserved[at] > NO_FLOW
        behind = _behind(tables, str(place), str(carrier), short, most) if short.any() else ""
        out.append((behind, float(short @ tables.hours)))
    return pd.DataFrame(out, columns=["reason", "hours_short"])


def _behind(tables: Tables, place: str, carrier: str, short: np.ndarray, most: int) -> str:
    links = tables.links_total
    flows = tables.flows
    into: dict[str, list[tuple[int, str, np.ndarray]]] = defaultdict(list)
    for at in np.flatnonzero((links["carrier"] == carrier).to_numpy()).tolist():
        into[links["to_place"].iat[at]].append(
            (at, links["from_place"].iat[at], flows["most"][at] - flows["forward"][at])
        )
        into[links["from_place"].iat[at]].append(
            (at, links["to_place"].iat[at], flows["most_back"][at] - flows["back"][at])
        )
    seen, queue = {place}, [place]
    label = element_names(tables.case)
    full: dict[str, tuple[float, str]] = {}  # by name: lines side by side may share one
    while queue:
        here = queue.pop()
        for at, there, room in into[here]:
            # a link without any capacity in this direction is no bottleneck but a road that is not there
            way = flows["most"][at] if links["to_place"].iat[at] == here else flows["most_back"][at]
            if way[short].max(initial=0.0) <= NO_FLOW:
                continue
            is_full = (room[short] <= NOT_FULL * way[short].max()) | (flows["price"][at][short] > UNPRICED)
            if is_full.all():
                link = links["link"].iat[at]
                full[label[link]] = (float((flows["price"][at] * short) @ tables.hours), link)
            elif there not in seen:
                seen.add(there)
                queue.append(there)
    dearest = sorted(full, key=lambda name: (-full[name][0], name))
    parts = [f"{full[name][1]}:full" for name in dearest[:most]] + _sources_at_limit(
        tables, seen, carrier, short
    )
    return ";".join(parts[:most]) or "none"


def _sources_at_limit(tables: Tables, seen: set[str], carrier: str, short: np.ndarray) -> list[str]:
    label, ports = element_names(tables.case), tables.assets_ports
    makers = set(
        ports["asset"][ports["place"].isin(seen) & (ports["carrier"] == carrier) & (ports["energy"] > 0)]
    )
    total = tables.assets_total
    found = []
    for asset in sorted(makers):
        at = int(np.flatnonzero((total["asset"] == asset).to_numpy())[0])
        used = tables.answer.power("assets.activity", [asset])[0][short]
        cap = tables.answer.upper("assets.activity", [asset])[0][short]
        size = -float(total["activity"].iat[at])
        if (used >= cap * (1 - NOT_FULL)).all():
            found.append((size, f"{label[asset]} all", f"{asset}:all"))
        elif tables.answer.year_price("assets.annual", [asset])[0] < -UNPRICED:
            found.append((size, f"{label[asset]} year", f"{asset}:year"))
    return [text for _, _, text in sorted(found)]

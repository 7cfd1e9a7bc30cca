"""Limits that cost something, and the ones behind each shortage, by name."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from kelisim.results.names import element_names
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_FLOW, NOT_FULL, ROUNDING, UNPRICED

COLUMNS = ["table", "element", "name", "carrier", "limit", "hours_full", "shadow_price", "value"]


def bottlenecks(tables: Tables) -> pd.DataFrame:
    """All limits with a price, dearest first.

    shadow_price  currency/MWh, mean over the hours in which the limit holds
    value         currency: what the limit costs in the year, price times quantity
    """
    rows = [*_links(tables), *_assets(tables), *_contracts(tables), *_resources(tables), *_storages(tables)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame[frame["value"] > 1.0]
    return frame.sort_values(["value", "element"], ascending=[False, True], ignore_index=True)


def _links(tables: Tables) -> list[tuple[object, ...]]:
    label = element_names(tables.case)
    carrier_names = tables.case.table("carriers").set_index("carrier")["name"]
    total = tables.links_total
    found: list[tuple[object, ...]] = []
    flows = tables._flows
    limit_hours = (flows["price"] > UNPRICED) @ tables.hours
    mean = np.where(limit_hours > 0, (flows["price"] @ tables.hours) / np.maximum(limit_hours, ROUNDING), 0.0)
    for at, row in enumerate(total.itertuples(index=False)):
        if row.rent > 1.0:
            carrier = str(carrier_names.get(row.carrier, row.carrier))
            found.append(
                (
                    "links",
                    row.link,
                    label[row.link],
                    row.carrier,
                    f"capacity for {carrier.lower()}",
                    float(limit_hours[at]),
                    float(mean[at]),
                    row.rent,
                )
            )
    return found


def _assets(tables: Tables) -> list[tuple[object, ...]]:
    label, total = element_names(tables.case), tables.assets_total
    ids = list(total["asset"])
    price = tables.answer.limit_price("assets.activity", ids)
    activity = tables.answer.power("assets.activity", ids)
    value = (price * activity) @ tables.hours
    hours = (price > UNPRICED) @ tables.hours
    mean = np.where(hours > 0, (price @ tables.hours) / np.maximum(hours, ROUNDING), 0.0)
    year = np.maximum(-tables.answer.year_price("assets.annual", ids), 0.0)
    whole = float(tables.hours.sum())
    found: list[tuple[object, ...]] = []
    for at, row in enumerate(total.itertuples(index=False)):
        if value[at] > 1.0:
            found.append(
                (
                    "assets",
                    row.asset,
                    label[row.asset],
                    row.carrier,
                    "capacity",
                    float(hours[at]),
                    float(mean[at]),
                    float(value[at]),
                )
            )
        if year[at] * row.activity > 1.0:
            found.append(
                (
                    "assets",
                    row.asset,
                    label[row.asset],
                    row.carrier,
                    "limit of the year",
                    whole,
                    float(year[at]),
                    float(year[at] * row.activity),
                )
            )
    return found


def _contracts(tables: Tables) -> list[tuple[object, ...]]:
    label, whole = element_names(tables.case), float(tables.hours.sum())
    rows = tables.contracts_total
    return [
        (
            "contracts",
            r.contract,
            label[r.contract],
            r.carrier,
            "annual quantity",
            whole,
            r.shadow_price,
            r.shadow_price * r.quantity,
        )
        for r in rows.itertuples(index=False)
        if r.shadow_price > 0
    ]


def _resources(tables: Tables) -> list[tuple[object, ...]]:
    label = element_names(tables.case)
    return [
        (
            "resources",
            r.resource,
            label[r.resource],
            "",
            "shared limit",
            r.hours_full,
            r.shadow_price,
            r.value,
        )
        for r in tables.resources_total.itertuples(index=False)
        if r.value > 0
    ]


def _storages(tables: Tables) -> list[tuple[object, ...]]:
    label, total = element_names(tables.case), tables.storages_total
    ids = list(total["storage"])
    found: list[tuple[object, ...]] = []
    for block, words in (
        ("storages.withdrawal", "rate of withdrawal"),
        ("storages.injection", "rate of injection"),
        ("storages.level", "size"),
    ):
        price = tables.answer.limit_price(block, ids)
        value = (price * tables.answer.power(block, ids)) @ tables.hours
        hours = (price > UNPRICED) @ tables.hours
        for at in np.flatnonzero(value > 1.0):
            row = total.iloc[at]
            mean = float((price[at] @ tables.hours) / max(hours[at], ROUNDING))
            found.append(
                (
                    "storages",
                    row["storage"],
                    label[row["storage"]],
                    row["carrier"],
                    words,
                    float(hours[at]),
                    mean,
                    float(value[at]),
                )
            )
    return found


def reasons(tables: Tables, most: int = 3) -> list[str]:
    """For each row of demand the limits that hold while it is short, in words; "" where all is served.

    From the short place one goes upstream along links that are not full; full links on the way, and sources at their
    limit, are what stands between the place and more supply.
    """
    demand = tables.case.table("demand")
    label = element_names(tables.case)
    unserved = tables._unserved
    out = []
    for at, (place, carrier) in enumerate(zip(demand["place"], demand["carrier"], strict=True)):
        short = unserved[at] > NO_FLOW
        out.append(_why(tables, label, str(place), str(carrier), short, most) if short.any() else "")
    return out


def _why(
    tables: Tables, label: dict[str, str], place: str, carrier: str, short: np.ndarray, most: int
) -> str:
    links = tables.links_total
    flows = tables._flows
    hours = float(short @ tables.hours)
    into: dict[str, list[tuple[int, str, np.ndarray]]] = defaultdict(list)
    for at in np.flatnonzero((links["carrier"] == carrier).to_numpy()).tolist():
        into[links["to_place"].iat[at]].append(
            (at, links["from_place"].iat[at], flows["most"][at] - flows["forward"][at])
        )
        into[links["from_place"].iat[at]].append(
            (at, links["to_place"].iat[at], flows["most_back"][at] - flows["back"][at])
        )
    seen, queue, blockers = {place}, [place], {}
    while queue:
        here = queue.pop()
        for at, there, room in into[here]:
            # a link without any capacity in this direction is no bottleneck but a road that is not there
            way = flows["most"][at] if links["to_place"].iat[at] == here else flows["most_back"][at]
            if way[short].max(initial=0.0) <= NO_FLOW:
                continue
            full = (room[short] <= NOT_FULL * way[short].max()) | (flows["price"][at][short] > UNPRICED)
            if full.all():
                blockers[label[links["link"].iat[at]]] = (
                    float((flows["price"][at] * short) @ tables.hours) + 1.0
                )
            elif there not in seen:
                seen.add(there)
                queue.append(there)
    parts = [f"{name} is full" for name in sorted(blockers, key=lambda n: (-blockers[n], n))[:most]]
    parts += _sources_at_limit(tables, label, seen, carrier, short)[:most]
    if not parts:
        return f"no route or source for more, in {hours:,.0f} hours"
    return "; ".join(parts[:most]) + f" (in {hours:,.0f} hours)"


def _sources_at_limit(
    tables: Tables, label: dict[str, str], seen: set[str], carrier: str, short: np.ndarray
) -> list[str]:
    ports = tables.assets_ports
    makers = set(
        ports["asset"][ports["place"].isin(seen) & (ports["carrier"] == carrier) & (ports["energy"] > 0)]
    )
    total = tables.assets_total
    found = []
    for asset in sorted(makers):
        at = int(np.flatnonzero((total["asset"] == asset).to_numpy())[0])
        used = tables.answer.power("assets.activity", [asset])[0][short]
        cap = tables.answer.upper("assets.activity", [asset])[0][short]
        if (used >= cap * (1 - NOT_FULL)).all():
            found.append((-float(total["activity"].iat[at]), f"{label[asset]} makes all it can"))
        elif tables.answer.year_price("assets.annual", [asset])[0] < -UNPRICED:
            found.append((-float(total["activity"].iat[at]), f"{label[asset]} is at its limit of the year"))
    return [text for _, text in sorted(found)]

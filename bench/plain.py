"""A plain case as numbers that any tool can take: nodes, links, makers, converters, sinks, storages and demand.

It is made before the clock starts: PyPSA and linopy begin with their own numbers in memory, kelisim with its case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import voll_of
from kelisim.case.ports import port_ratios
from kelisim.case.transit import transit_days
from kelisim.model.assembly import Assembly
from kelisim.model.demand import demand_power

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plain:
    """Numbers of a plain case; MW, MWh, h and currency.

    links       id, start, end (positions of nodes), capacity, tariff, kept (share that arrives), delay (steps); one row a way;
                with `open` (links, steps) the share available
    makers      id, node, capacity, annual (MWh, inf if none); with `made` (makers, steps) the share available and `cost`
    converters  id, capacity, cost; with `ports` (list of node, ratio by converter) and `runs` the share available
    sinks       id, node, ceiling (steps), price (steps), annual
    storages    as in the case, with node and inflow (storages, steps)
    demand      id, node, voll; with power (rows, steps)
    joint       nodes at which several products come out together, so that one may be too much
    """

    hours: Floats
    steps: pd.DatetimeIndex
    nodes: list[str]
    links: pd.DataFrame
    open: Floats
    makers: pd.DataFrame
    made: Floats
    cost: Floats
    converters: pd.DataFrame
    ports: list[list[tuple[int, float]]]
    runs: Floats
    sinks: pd.DataFrame
    ceiling: Floats
    price: Floats
    storages: pd.DataFrame
    inflow: Floats
    demand: pd.DataFrame
    power: Floats
    joint: list[int]

    @property
    def size(self) -> str:
        return f"{len(self.nodes)} nodes, {len(self.steps)} steps"


def plain(case: Case) -> Plain:
    """The numbers of a case. Raises ValueError where it holds something that is not plain."""
    frame = Assembly(case)
    assets, storages, contracts = (case.quantities(name) for name in ("assets", "storages", "contracts"))
    in_use = frame.availability("storages", storages)
    storages = storages[(in_use > 0).any(axis=1) & (storages["role"] != "strategic").to_numpy()]
    odd = {
        "storages out of service for a time": ((in_use > 0) & (in_use < 1)).any(),
        "least activity": (assets["min_share"] > 0).any() or assets["ramp"].notna().any() or assets["annual_min"].notna().any(),
        "storages with an end": not storages["is_cyclic"].all() or (storages["withdrawal_curve"] != "").any(),
        "resources": len(case.table("resource_uses")) > 0,
        "shared links": (case.table("links")["shared_with"] != "").any(),
        "contracts": (contracts["swing_down"] < 1).any() or (contracts["take_or_pay"] > 0).any(),
    }  # fmt: skip
    if any(odd.values()):
        raise ValueError(f"not plain: {', '.join(name for name, found in odd.items() if found)}")
    year = case.horizon.year_share
    links, open_share = _links(frame)
    single, ports, joint = _ports(frame, assets)
    if assets["annual_max"][[asset not in single for asset in assets["asset"]]].notna().any():
        raise ValueError("not plain: year limits of converters")
    runs = frame.availability("assets", assets)
    markets = case.quantities("markets")
    sells, buys = (markets[(markets["side"] == side)] for side in ("sells", "buys"))
    shape = case.profiles.matrix
    supply = contracts.assign(
        ceiling=contracts["daily_max"], annual_max=contracts["annual_quantity"] * (1 + contracts["swing_up"])
    )
    at = np.flatnonzero([asset in single for asset in assets["asset"]])
    not_at = np.setdiff1d(np.arange(len(assets)), at)
    makers = pd.concat(
        [
            pd.DataFrame(
                {
                    "id": assets["asset"].iloc[at], "node": [single[a] for a in assets["asset"].iloc[at]],
                    "capacity": assets["capacity"].iloc[at], "annual": assets["annual_max"].iloc[at] * year,
                }
            ),
            *(
                pd.DataFrame(
                    {"id": rows[key], "node": _nodes(frame, rows, place), "capacity": rows["ceiling"], "annual": rows["annual_max"] * year}
                )
                for rows, key, place in ((sells, "market", "place"), (supply, "contract", "delivery_place"))
            ),
        ],
        ignore_index=True,
    ).fillna({"annual": np.inf})  # fmt: skip
    makers = makers.astype({"node": int, "capacity": float, "annual": float})
    ones = np.ones((1, frame.steps))
    demand = case.quantities("demand")
    return Plain(
        hours=frame.hours,
        steps=pd.DatetimeIndex(case.horizon.steps["step"]),
        nodes=[f"{place}:{carrier}" for place, carrier in frame.nodes],
        links=links,
        open=open_share,
        makers=makers,
        made=np.concatenate([runs[at], shape(sells["profile"], "shape"), np.ones((len(supply), frame.steps))]),
        cost=np.concatenate(
            [
                assets["cost"].to_numpy()[at][:, None] * ones,
                sells["price"].to_numpy()[:, None] * shape(sells["price_path"], "shape"),
                supply["price"].to_numpy()[:, None] * ones,
            ]
        ),
        converters=assets.iloc[not_at][["asset", "capacity", "cost"]].rename(columns={"asset": "id"}).reset_index(drop=True),
        ports=[ports[asset] for asset in assets["asset"].iloc[not_at]],
        runs=runs[not_at],
        sinks=pd.DataFrame(
            {"id": buys["market"], "node": _nodes(frame, buys, "place"), "annual": (buys["annual_max"] * year).fillna(np.inf)}
        ).astype({"node": int}).reset_index(drop=True),
        ceiling=buys["ceiling"].to_numpy()[:, None] * shape(buys["profile"], "shape"),
        price=buys["price"].to_numpy()[:, None] * shape(buys["price_path"], "shape"),
        storages=_storages(frame, storages),
        inflow=storages["inflow"].to_numpy()[:, None] * shape(storages["inflow_profile"], "shape"),
        demand=pd.DataFrame(
            {
                "id": demand["place"] + ":" + demand["carrier"] + ":" + demand["customer_class"],
                "node": _nodes(frame, demand, "place"), "voll": voll_of(case, demand),
            }
        ).reset_index(drop=True),
        power=demand_power(frame, demand),
        joint=joint,
    )  # fmt: skip


def _nodes(frame: Assembly, rows: pd.DataFrame, place: str) -> list[int]:
    return [frame.nodes[pair] for pair in zip(rows[place], rows["carrier"], strict=True)]


def _links(frame: Assembly) -> tuple[pd.DataFrame, Floats]:
    links = frame.case.quantities("links")
    days = transit_days(frame.case, links)  # a full pipeline moves at both ends at once
    delay = np.rint(days * 24.0 / frame.mean_hours).astype(int) % frame.steps
    start, end = _nodes(frame, links, "from_place"), _nodes(frame, links, "to_place")
    kept = 1.0 - links["loss"]
    there = pd.DataFrame(
        {
            "id": links["link"], "start": start, "end": end, "capacity": links["capacity"], "tariff": links["tariff"],
            "kept": kept, "delay": delay,
        }
    )  # fmt: skip
    back = pd.DataFrame(
        {
            "id": links["link"] + "_back", "start": end, "end": start, "capacity": links["capacity_back"],
            "tariff": links["tariff_back"].fillna(links["tariff"]), "kept": kept, "delay": delay,
        }
    )  # fmt: skip
    two_way = (back["capacity"] > 0).to_numpy()
    share = frame.availability("links", links)
    return pd.concat([there, back[two_way]], ignore_index=True), np.concatenate([share, share[two_way]])


def _storages(frame: Assembly, storages: pd.DataFrame) -> pd.DataFrame:
    """Where no rate is known, a storage can be filled or emptied in the shortest step."""
    most = storages["working_capacity"] / frame.hours.min()
    return storages.assign(
        node=_nodes(frame, storages, "place"),
        injection=storages["injection"].fillna(most / storages["efficiency_in"]),
        withdrawal=storages["withdrawal"].fillna(most + storages["inflow"]),
    ).reset_index(drop=True)


def _ports(
    frame: Assembly, assets: pd.DataFrame
) -> tuple[dict[str, int], dict[str, list[tuple[int, float]]], list[int]]:
    """Nodes of assets that only make, ports of the others, nodes of joint products."""
    single, many, joint = {}, {}, set()
    for asset, rows in port_ratios(frame.case, assets).groupby("asset", sort=False):
        found = [
            (frame.nodes[p, c], float(r))
            for p, c, r in zip(rows["place"], rows["carrier"], rows["ratio"], strict=True)
        ]
        if len(found) == 1 and found[0][1] == 1.0:
            single[str(asset)] = found[0][0]
            continue
        many[str(asset)] = found
        outputs = [node for node, ratio in found if ratio > 0]
        if len(outputs) > 1:
            joint |= set(outputs)
    return single, many, sorted(joint)

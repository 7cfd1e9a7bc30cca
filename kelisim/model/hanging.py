"""Use of a day that counts the days of a norm: that of customers and plants at the place of a stock, or in its region."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.ports import port_ratios
from kelisim.case.territory import region_of_places
from kelisim.lp.blocks import Floats
from kelisim.model.assembly import Assembly
from kelisim.model.demand import demand_power

Node = tuple[str, str]


def uses(frame: Assembly, storages: pd.DataFrame) -> Floats:
    """Mean MW of the month of each step that those at the place of each storage want of its carrier, (storages, steps).

    Where nobody at the place does, those of its region; storages of a node that have a norm of this use share it by their capacities.
    """
    wanted = _wanted(frame)
    region = region_of_places(frame.case)
    of_region: dict[Node, Floats] = {}
    for (place, carrier), power in wanted.items():
        key = (region[place], carrier)
        of_region[key] = of_region.get(key, np.zeros(frame.steps)) + power
    found = np.zeros((len(storages), frame.steps))
    keys: list[str] = []
    for at, (place, carrier) in enumerate(zip(storages["place"], storages["carrier"], strict=True)):
        own = wanted.get((place, carrier))
        found[at] = own if own is not None else of_region.get((region[place], carrier), 0.0)
        keys.append(f"{place}|{carrier}" if own is not None else f"{region[place]}||{carrier}")
    counted = storages["norm_days"].notna() & storages["norm_use"].isna()
    room = np.where(counted, storages["working_capacity"], 0.0)
    total = pd.Series(room).groupby(np.array(keys, dtype=object)).transform("sum").to_numpy()
    share = np.divide(room, total, out=np.zeros_like(room), where=total > 0)
    return _by_month(frame, found * share[:, None])


def _by_month(frame: Assembly, power: Floats) -> Floats:
    starts = pd.DatetimeIndex(frame.case.horizon.steps["step"])
    month = pd.factorize(np.asarray(starts.year * 12 + starts.month))[0]
    hours = np.bincount(month, frame.hours)
    mean = np.array([np.bincount(month, row * frame.hours) for row in power]).reshape(len(power), -1) / hours
    found: Floats = mean[:, month]
    return found


def _wanted(frame: Assembly) -> dict[Node, Floats]:
    """Node -> MW per step that its customers want, and its plants at the output that is expected of them."""
    found: dict[Node, Floats] = {}
    demand = frame.case.quantities("demand")
    customers = demand_power(frame, demand) if len(demand) else np.zeros((0, frame.steps))
    of_customers: dict[Node, Floats] = {}
    for key, power in zip(zip(demand["place"], demand["carrier"], strict=True), customers, strict=True):
        of_customers[key] = of_customers.get(key, np.zeros(frame.steps)) + power
    found |= of_customers
    assets = frame.case.quantities("assets")
    if assets.empty:
        return found
    output = dict(zip(assets["asset"], _expected(frame, assets, of_customers), strict=True))
    ports = port_ratios(frame.case, assets)
    for asset, place, carrier, ratio in ports[["asset", "place", "carrier", "ratio"]].itertuples(index=False):
        if ratio < 0:
            taken = -ratio * output[asset]
            found[place, carrier] = found.get((place, carrier), np.zeros(frame.steps)) + taken
    return {node: power for node, power in found.items() if power.any()}


def _expected(frame: Assembly, assets: pd.DataFrame, wanted: dict[Node, Floats]) -> Floats:
    """Activity that is expected of each asset, MW, (assets, steps): what is available of it, no more on the mean than its limit of
    the year, and no more than its share of what is wanted at a node that no link reaches."""
    most = frame.availability("assets", assets) * assets["capacity"].to_numpy()[:, None]
    year = np.where(assets["annual_max"].notna(), frame.per_year(assets["annual_max"].fillna(0.0)), np.inf)
    mean = most @ frame.mean_weights
    most = most * np.divide(year, mean, out=np.ones_like(mean), where=mean > year)[:, None]
    links = frame.case.table("links")
    reached = {
        (p, c)
        for end in ("from_place", "to_place")
        for p, c in zip(links[end], links["carrier"], strict=True)
    }
    carriers = assets["asset"].map(frame.case.reference_carriers)
    nodes = list(zip(assets["place"], carriers, strict=True))
    whole: dict[Node, Floats] = {}
    for node, power in zip(nodes, most, strict=True):
        whole[node] = whole.get(node, np.zeros(frame.steps)) + power
    for at, node in enumerate(nodes):
        if node in wanted and node not in reached:
            share = np.divide(
                wanted[node], whole[node], out=np.ones(frame.steps), where=whole[node] > wanted[node]
            )
            most[at] *= share
    found: Floats = most
    return found

"""Who hangs on a stock: customers and plants at its place, and in its region all that is made of what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.territory import region_of_places
from kelisim.lp.blocks import Floats
from kelisim.model.assembly import Assembly
from kelisim.model.assets import port_ratios
from kelisim.model.demand import demand_power

Node = tuple[str, str]
HOPS = 30  # ways and plants between a stock and a customer
HALF = 0.5


# ---- use of a day
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
    ports = port_ratios(frame, assets)
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


# ---- customers
@dataclass(frozen=True)
class Customers:
    """Rows of demand that hang on a stock.

    rows  their positions
    gain  MWh that reach them of a MWh out of the stock, on the best way
    """

    rows: tuple[int, ...]
    gain: tuple[float, ...]


def customers(frame: Assembly, storages: pd.DataFrame) -> list[Customers]:
    """Customers that hang on each storage: those that links and plants of its region lead to, or, where there are none, of its country."""
    region = region_of_places(frame.case)
    places = frame.case.table("places")
    country = dict(zip(places["place"], places["country"], strict=True))
    demand = frame.case.table("demand")
    at_node: dict[Node, list[int]] = {}
    for row, node in enumerate(zip(demand["place"], demand["carrier"], strict=True)):
        at_node.setdefault(node, []).append(row)
    ways = list(_ways(frame))
    found = []
    for place, carrier in zip(storages["place"], storages["carrier"], strict=True):
        for area in (region, country):
            gains = _gains(ways, (place, carrier), {p for p, where in area.items() if where == area[place]})
            pairs = [(row, gain) for node, gain in sorted(gains.items()) for row in at_node.get(node, ())]
            if pairs:
                break
        found.append(Customers(tuple(row for row, _ in pairs), tuple(gain for _, gain in pairs)))
    return found


def _ways(frame: Assembly) -> Iterator[tuple[Node, Node, float]]:
    """From node to node, and what arrives of a MWh: links either way that they are open, plants from what they live on to what they
    give, per MWh of all that they take."""
    links = frame.case.quantities("links")
    columns = ["from_place", "to_place", "carrier", "capacity", "capacity_back", "loss"]
    for start, end, carrier, ahead, back, loss in links[columns].itertuples(index=False):
        if ahead > 0:
            yield (start, carrier), (end, carrier), 1.0 - loss
        if back > 0:
            yield (end, carrier), (start, carrier), 1.0 - loss
    assets = frame.case.quantities("assets")
    if assets.empty:
        return
    for _, ports in port_ratios(frame, assets).groupby("asset", sort=False):
        place = str(ports["place"].iloc[0])
        pairs = list(zip(ports["carrier"], ports["ratio"], strict=True))
        # a plant hangs on what is half or more of all that it takes: a refinery lives on crude, not on its electricity
        takes = -sum(ratio for _, ratio in pairs if ratio < 0)
        for taken, a in pairs:
            for given, b in pairs:
                if -a >= HALF * takes > 0 and b > 0:
                    yield (place, taken), (place, given), float(b / takes)


def _gains(ways: list[tuple[Node, Node, float]], start: Node, inside: set[str]) -> dict[Node, float]:
    """Node -> the most that arrives there of a MWh at the start, over places inside."""
    mine = [way for way in ways if way[0][0] in inside and way[1][0] in inside]
    found = {start: 1.0}
    for _ in range(HOPS):
        before = dict(found)
        for here, there, gain in mine:
            if here in found and found[here] * gain > found.get(there, 0.0):
                found[there] = found[here] * gain
        if found == before:
            break
    return found

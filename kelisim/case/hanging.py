"""Who hangs on a stock: customers that links and plants of its region lead to, and what one of them is worth per MWh out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import LATE_PER_DAY, MOST_DAYS, protected, voll_of
from kelisim.case.ports import port_ratios
from kelisim.case.territory import region_of_places

Node = tuple[str, str]
HOPS = 30  # ways and plants between a stock and a customer
HALF = 0.5


@dataclass(frozen=True)
class Customers:
    """Rows of demand that hang on a stock.

    rows  their positions
    gain  MWh that reach them of a MWh out of the stock, on the best way
    """

    rows: tuple[int, ...]
    gain: tuple[float, ...]


def customers(case: Case, storages: pd.DataFrame) -> list[Customers]:
    """Customers that hang on each storage: those that links and plants of its region lead to, or, where there are none, of its country."""
    region = region_of_places(case)
    places = case.table("places")
    country = dict(zip(places["place"], places["country"], strict=True))
    demand = case.table("demand")
    at_node: dict[Node, list[int]] = {}
    for row, node in enumerate(zip(demand["place"], demand["carrier"], strict=True)):
        at_node.setdefault(node, []).append(row)
    ways = list(_ways(case))
    found = []
    for place, carrier in zip(storages["place"], storages["carrier"], strict=True):
        for area in (region, country):
            gains = _gains(ways, (place, carrier), {p for p, where in area.items() if where == area[place]})
            pairs = [(row, gain) for node, gain in sorted(gains.items()) for row in at_node.get(node, ())]
            if pairs:
                break
        found.append(Customers(tuple(row for row, _ in pairs), tuple(gain for _, gain in pairs)))
    return found


def _ways(case: Case) -> Iterator[tuple[Node, Node, float]]:
    """From node to node, and what arrives of a MWh: links either way that they are open, plants from what they live on to what they
    give, per MWh of all that they take."""
    links = case.quantities("links")
    columns = ["from_place", "to_place", "carrier", "capacity", "capacity_back", "loss"]
    for start, end, carrier, ahead, back, loss in links[columns].itertuples(index=False):
        if ahead > 0:
            yield (start, carrier), (end, carrier), 1.0 - loss
        if back > 0:
            yield (end, carrier), (start, carrier), 1.0 - loss
    assets = case.quantities("assets")
    if assets.empty:
        return
    for _, ports in port_ratios(case, assets).groupby("asset", sort=False):
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


# ---- what they are worth
@dataclass(frozen=True)
class NormRoom:
    """Between which values of lost load an open norm has its price, currency per MWh out of the stock.

    high   most that a customer who is not protected is worth, in the highest tranche; 0 where none hangs on it
    low    least that a protected one is worth, in the lowest tranche after the longest time; infinite where none hangs on it
    top    most that any of them is worth, tranches left aside
    pair   rows of demand of the first two, -1 where there is none
    """

    high: float
    low: float
    top: float
    pair: tuple[int, int]

    @property
    def in_order(self) -> bool:
        """Whether all protected customers are worth more than all others, so that there is such a price."""
        return self.low > self.high


def norm_rooms(case: Case, storages: pd.DataFrame) -> list[NormRoom]:
    """Of each storage."""
    demand = case.quantities("demand")
    worth = voll_of(case, demand) if len(demand) else np.zeros(0)
    shield = protected(case) if len(demand) else np.zeros(0, dtype=bool)
    span = float(case.setting("rules", "tranche_span"))
    found = []
    for hung in customers(case, storages):
        rows = np.array(hung.rows, dtype=np.int64)
        value, guarded = worth[rows] * np.array(hung.gain), shield[rows]
        high = float(value[~guarded].max(initial=0.0)) * (1.0 + span)
        low = float(value[guarded].min(initial=np.inf)) * (1.0 - span) * (1.0 - LATE_PER_DAY * MOST_DAYS)
        first = int(rows[~guarded][value[~guarded].argmax()]) if (~guarded).any() else -1
        last = int(rows[guarded][value[guarded].argmin()]) if guarded.any() else -1
        found.append(NormRoom(high, low, float(value.max(initial=0.0)), (first, last)))
    return found

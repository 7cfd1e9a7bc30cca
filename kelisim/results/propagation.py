"""How a disruption runs through the carriers: what changed next to what was lost, and next to that.

From the lost elements one goes along nodes (place and carrier) to links, assets, storages, markets and customers whose
use changed while the outage lasts, nearest first. A row names what stands before it: gas main out -> CHP makes less ->
heat unserved. The order shows adjacency, not causation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.against_plan import AgainstPlan
from kelisim.tolerances import SMALL_CHANGE, SMALL_ENERGY

MOST = 60  # rows
STOPPED = "power"  # stands before what stops for want of it
COLUMNS = ["order", "because", "table", "element", "place", "carrier", "base", "change"]
Node = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One element whose use changed: energy in the plan and its change, MWh while the outage lasts."""

    table: str
    element: str
    nodes: tuple[Node, ...]
    base: float
    change: float


def chain(disrupted: AgainstPlan, lost: Iterable[str], stopped: Iterable[str] = ()) -> pd.DataFrame:
    """Changes in the order in which they follow from what was lost.

    lost     elements out of service (links, assets, storages, markets)
    stopped  elements that stop for want of power because of that
    returns  order (steps from what was lost), because (element before it; "power" for what stops without it), table, element, place, carrier, base and
             change in MWh while the outage lasts
    """
    changes = _changes(disrupted)
    gone, dark = set(lost), set(stopped)
    largest = max((abs(c.change) for c in changes), default=0.0)
    least = max(SMALL_ENERGY, SMALL_CHANGE * largest)
    at_node: dict[Node, list[Change]] = {}
    for change in changes:
        if abs(change.change) >= least or change.element in gone | dark:
            for node in change.nodes:
                at_node.setdefault(node, []).append(change)
    seen: dict[tuple[str, str], None] = {}
    rows: list[tuple[object, ...]] = []
    queue: deque[tuple[Change, str, int]] = deque((c, "", 0) for c in changes if c.element in gone)
    queue.extend((c, STOPPED, 1) for c in changes if c.element in dark - gone)
    reached: set[Node] = set()
    while queue and len(rows) < MOST:
        change, because, order = queue.popleft()
        key = (change.table, change.element)
        if key in seen:
            continue
        seen[key] = None
        place, carrier = change.nodes[-1] if change.table == "links" else change.nodes[0]
        rows.append((order, because, *key, place, carrier, change.base, change.change))
        for node in change.nodes:
            if node in reached:
                continue
            reached.add(node)
            near = sorted(at_node.get(node, ()), key=lambda c: (-abs(c.change), c.element))
            queue.extend((c, change.element, order + 1) for c in near if (c.table, c.element) not in seen)
    return pd.DataFrame(rows, columns=COLUMNS)


def _changes(d: AgainstPlan) -> list[Change]:
    hours = d.hours * d.out
    case = d.case
    found = _links(d, hours)
    assets = case.table("assets")
    ids = list(assets["asset"])
    now, base = (a.power("assets.activity", ids) @ hours for a in (d.answer, d.base))
    places = dict(zip(ids, assets["place"], strict=True))
    ports: dict[str, list[Node]] = {}
    reference = case.reference_carriers
    for asset, carrier in case.ports[["asset", "carrier"]].itertuples(index=False):
        node = (places.get(asset, ""), carrier)
        ports.setdefault(asset, [])
        ports[asset].insert(0 if carrier == reference.get(asset) else len(ports[asset]), node)
    found += [
        Change("assets", i, tuple(ports.get(i, [(places[i], "")])), b, n - b)
        for i, n, b in zip(ids, now, base, strict=True)
    ]
    found += _storages(d, hours)
    for table, name, key in (
        ("markets", "markets.taken", "market"),
        ("contracts", "contracts.delivery", "contract"),
    ):
        frame = case.table(table)
        place = "place" if table == "markets" else "delivery_place"
        now, base = (a.power(name, list(frame[key])) @ hours for a in (d.answer, d.base))
        found += [
            Change(table, i, ((p, c),), b, n - b)
            for i, p, c, n, b in zip(frame[key], frame[place], frame["carrier"], now, base, strict=True)
        ]
    return found + _demand(d, hours, case)


def _links(d: AgainstPlan, hours: np.ndarray) -> list[Change]:
    links = d.case.table("links")
    ids = list(links["link"])
    net = [(a.power("links.flow", ids) - a.power("links.flow_back", ids)) @ hours for a in (d.answer, d.base)]
    found = []
    for link, start, end, carrier, now, base in zip(
        ids, links["from_place"], links["to_place"], links["carrier"], *net, strict=True
    ):
        forward = (base if abs(base) >= SMALL_ENERGY else now) >= 0
        nodes = ((start, carrier), (end, carrier)) if forward else ((end, carrier), (start, carrier))
        sign = 1.0 if forward else -1.0
        found.append(Change("links", link, nodes, sign * base, sign * (now - base)))
    return found


def _storages(d: AgainstPlan, hours: np.ndarray) -> list[Change]:
    storages = d.case.table("storages")
    ids = list(storages["storage"])
    out = [
        (a.power("storages.withdrawal", ids) - a.power("storages.injection", ids)) @ hours
        for a in (d.answer, d.base)
    ]
    return [
        Change("storages", i, ((p, c),), b, n - b)
        for i, p, c, n, b in zip(ids, storages["place"], storages["carrier"], *out, strict=True)
    ]


def _demand(d: AgainstPlan, hours: np.ndarray, case: Case) -> list[Change]:
    demand = case.table("demand")
    served = (d.demand - d.unserved_base) @ hours
    more = (d.unserved - d.unserved_base) @ hours
    return [
        Change("demand", f"{p}:{c}:{k}", ((p, c),), b, -m)
        for p, c, k, b, m in zip(
            demand["place"], demand["carrier"], demand["customer_class"], served, more, strict=True
        )
    ]

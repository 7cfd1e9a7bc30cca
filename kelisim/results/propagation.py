"""How a disruption runs through the carriers: from what was lost to those who feel it, without the noise of rerouting.

From the lost elements one goes along nodes (place and carrier) to links, assets, storages, markets and customers whose use changed
while the outage lasts, nearest first. Kept of these are what was lost, customers that are cut, sales that fall and fields and mines that
stop by a hundredth of the loss or more, plants and stores that take over, and what stands between them and what was lost. All other
changes are rerouting: answers of equal cost may differ in them, and they are counted only. The order shows adjacency, not causation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import voll_of
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.losses import MADE
from kelisim.tolerances import SMALL_CHANGE, SMALL_ENERGY, SMALL_MONEY, SMALL_SHARE

TAKES_OVER = 0.1  # share of the largest change from which a plant or store takes over
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


class Chain(NamedTuple):
    """What follows from a loss.

    rows      order (steps from what was lost), because (element before it; "power" for what stops without it), table, element, place,
              carrier, base and change in MWh while the outage lasts
    rerouted  number of the other elements whose use changed
    """

    rows: pd.DataFrame
    rerouted: int


def chain(
    disrupted: AgainstPlan, lost: Iterable[str], stopped: Iterable[str] = (), loss: float = 0.0
) -> Chain:
    """Changes that matter, in the order in which they follow from what was lost.

    lost     elements out of service (links, assets, storages, markets)
    stopped  elements that stop for want of power because of that
    loss     all that is lost, currency: a cut or a sale of which less than a hundredth of it is lost does not matter
    """
    gone, dark = set(lost), set(stopped)
    changes = _changes(disrupted)
    largest = max((abs(c.change) for c in changes), default=0.0)
    least = max(SMALL_ENERGY, SMALL_CHANGE * largest)
    felt = _felt(disrupted, changes, SMALL_SHARE * loss)
    some = [c for c in changes if abs(c.change) >= least or c.element in gone | dark or _key(c) in felt]
    order = _reached(some, gone, dark)
    takes_over = {
        _key(c)
        for c in some
        if c.table in ("assets", "storages") and c.change >= TAKES_OVER * largest and c.change > SMALL_ENERGY
    }
    kept: set[tuple[str, str]] = set()
    for change, *_ in order.values():
        key = _key(change)
        if change.element in gone | dark or key in felt | takes_over:
            while key not in kept:
                kept.add(key)
                key = order[key][3] or key
    rows = [
        (steps, because, *key, *_where(change), change.base, change.change)
        for key, (change, because, steps, _) in order.items()
        if key in kept
    ]
    return Chain(pd.DataFrame(rows, columns=COLUMNS), len(some) - len(rows))


Key = tuple[str, str]


def _key(change: Change) -> Key:
    return change.table, change.element


def _where(change: Change) -> Node:
    return change.nodes[-1] if change.table == "links" else change.nodes[0]


def _reached(
    changes: list[Change], gone: set[str], dark: set[str]
) -> dict[Key, tuple[Change, str, int, Key | None]]:
    """Table and element -> its change, the element before it, steps from what was lost, and the key before it; nearest first."""
    at_node: dict[Node, list[Change]] = {}
    for change in changes:
        for node in change.nodes:
            at_node.setdefault(node, []).append(change)
    found: dict[Key, tuple[Change, str, int, Key | None]] = {}
    queue: deque[tuple[Change, str, int, Key | None]] = deque(
        (c, "", 0, None) for c in changes if c.element in gone
    )
    queue.extend((c, STOPPED, 1, None) for c in changes if c.element in dark - gone)
    reached: set[Node] = set()
    while queue:
        change, because, order, before = queue.popleft()
        if _key(change) in found:
            continue
        found[_key(change)] = change, because, order, before
        for node in change.nodes:
            if node in reached:
                continue
            reached.add(node)
            near = sorted(at_node.get(node, ()), key=lambda c: (-abs(c.change), c.element))
            queue.extend((c, change.element, order + 1, _key(change)) for c in near if _key(c) not in found)
    return found


def _felt(d: AgainstPlan, changes: list[Change], least: float) -> set[Key]:
    """Customers that are cut, sales that fall and fields and mines that make less, each by so much money or more."""
    demand = d.case.table("demand")
    names = demand["place"] + ":" + demand["carrier"] + ":" + demand["customer_class"]
    worth = dict(zip(names, voll_of(d.case, demand), strict=True))
    price = dict(
        zip(
            d.base.rows["places.balance"].elements,
            d.base.row_price("places.balance").max(axis=1),
            strict=True,
        )
    )
    assets = d.case.table("assets")
    made = set(assets["asset"][assets["kind"].isin(MADE)])
    found = set()
    for c in changes:
        if c.table == "demand" and c.change < -SMALL_ENERGY and -c.change * worth[c.element] >= least:
            found.add(_key(c))
        elif (c.table == "markets" or c.element in made) and c.change < -SMALL_ENERGY:
            (place, carrier), *_ = c.nodes
            if -c.change * price.get(f"{place}:{carrier}", 0.0) >= max(least, SMALL_MONEY):
                found.add(_key(c))
    return found


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

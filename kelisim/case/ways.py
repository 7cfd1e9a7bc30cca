"""Ways from one place to another: the cheapest ones without a place twice, what they cost in each country, and what is left at the entry.

Cost and loss of a way add up as follows. Of one MWh handed over at the entry a link with tariff t and loss l carries what arrives at
its start, so that with q_1 = 1 and q_(i+1) = q_i (1 - l_i)

    tariffs = sum of t_i q_i        delivered = q_(n+1)        netback at the entry = price at the exit * delivered - tariffs

Ways come in the order of sum of (t_i + price * l_i), which needs no knowledge of what was lost before; with equal cost in the order of
their places (Yen, Finding the K shortest loopless paths in a network, Management Science 17(11), 1971).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

import networkx as nx
import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.transit import transit_days
from kelisim.tolerances import ROUNDING

TIED = 200  # ways of one cost that are put in order


@dataclass(frozen=True)
class Step:
    """One link of a way in its direction; tariff currency/MWh, loss a share, size MW, length km, days."""

    link: str
    start: str
    end: str
    tariff: float
    loss: float
    size: float
    days: float
    length: float
    kind: str


@dataclass(frozen=True)
class Way:
    """A way from the entry to the exit, in the order of its links."""

    steps: tuple[Step, ...]

    @property
    def places(self) -> tuple[str, ...]:
        return (self.steps[0].start, *(step.end for step in self.steps))

    @property
    def carried(self) -> np.ndarray:
        """Of one MWh at the entry what enters each link, and what is delivered, (links + 1,)."""
        return np.cumprod([1.0, *(1.0 - step.loss for step in self.steps)])

    @property
    def delivered(self) -> float:
        return float(self.carried[-1])

    @property
    def tariffs(self) -> float:
        """currency per MWh at the entry."""
        return float(np.array([step.tariff for step in self.steps]) @ self.carried[:-1])

    def netback(self, price: float) -> float:
        """What is left at the entry of a price at the exit, currency/MWh each."""
        return price * self.delivered - self.tariffs

    @property
    def narrowest(self) -> tuple[str, float]:
        """The link that lets least through, and what can be handed over at the entry because of it, MW."""
        sizes = np.array([step.size for step in self.steps]) / self.carried[:-1]
        at = int(np.argmin(sizes))
        return self.steps[at].link, float(sizes[at])

    def by_country(self, country: dict[str, str]) -> dict[str, float]:
        """Tariffs by country, currency per MWh at the entry; of a link over a border half to either side."""
        found: dict[str, float] = {}
        for step, carried in zip(self.steps, self.carried[:-1], strict=True):
            for place in (step.start, step.end):
                found[country[place]] = found.get(country[place], 0.0) + 0.5 * step.tariff * float(carried)
        return found


def links_within(
    case: Case, carrier: str, countries: Collection[str], avoid: Collection[str] = ()
) -> list[str]:
    """Links of a carrier that lie in some countries, all if none is named, in the order of the case; without some links."""
    links = case.table("links")
    country = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    rows = links[links["carrier"] == carrier]
    ends = zip(rows["link"], rows["from_place"], rows["to_place"], strict=True)
    inside = set(countries) or set(country.values())
    return [str(link) for link, *both in ends if {country[p] for p in both} <= inside and link not in avoid]


def cheapest(case: Case, names: Collection[str], start: str, end: str, price: float, count: int) -> list[Way]:
    """The cheapest ways over some links, none through a place twice; links side by side are ways of their own.

    price  at the exit, currency/MWh, at which losses count
    """
    graph = _graph(case, names, price)
    if count < 1 or start not in graph or end not in graph or start == end:
        return []
    try:
        found = list(islice(_in_order(graph, start, end), count))
    except nx.NetworkXNoPath:
        return []
    return [
        Way(tuple(graph.nodes[node]["step"] for node in nodes if "step" in graph.nodes[node]))
        for nodes in found
    ]


def _in_order(graph: nx.DiGraph, start: str, end: str) -> Iterator[list[object]]:
    """Ways by cost, those of one cost by their names."""

    def cost(nodes: list[object]) -> float:
        return float(sum(graph.edges[edge]["cost"] for edge in zip(nodes, nodes[1:], strict=False)))

    paths = nx.shortest_simple_paths(graph, start, end, weight="cost")
    for _, same in groupby(paths, key=lambda nodes: round(cost(nodes), 9)):
        yield from sorted(islice(same, TIED), key=lambda nodes: [str(node) for node in nodes])


def _graph(case: Case, names: Collection[str], price: float) -> nx.DiGraph:
    """Places, and each way of each link as a node of its own between them, so that links side by side are told apart."""
    links = case.quantities("links")
    links = links.assign(days=transit_days(case, links).to_numpy())
    links = links[links["link"].isin(set(names))]
    graph = nx.DiGraph()
    for row in links.itertuples(index=False):
        back = row.tariff if pd.isna(row.tariff_back) else row.tariff_back
        ways = [
            (row.from_place, row.to_place, row.capacity, row.tariff),
            (row.to_place, row.from_place, row.capacity_back, back),
        ]
        for start, end, size, tariff in ways:
            if not size > ROUNDING:
                continue
            step = Step(
                row.link, start, end, float(tariff), float(row.loss), float(size), float(row.days),
                float(np.nan_to_num(row.length_km)), str(row.kind),
            )  # fmt: skip
            node = (row.link, start)
            graph.add_node(node, step=step)
            graph.add_edge(start, node, cost=step.tariff + price * step.loss)
            graph.add_edge(node, end, cost=0.0)
    return graph

"""Routes on large graphs beside textbook answers: `python -m bench.graphs`.

On grids, rings with trees as gas networks are, random graphs and graphs of the literature, of 34 to 900 places, with links both ways:
the largest firm transit beside networkx's largest flow, and the 20 cheapest ways beside Yen's method written out below, each way round.
Promised: equal, and 20 ways in 1 s.
"""

from __future__ import annotations

import heapq
import time
from datetime import date

import networkx as nx
import numpy as np

from kelisim.case.case import Case
from kelisim.case.ways import cheapest, links_within
from kelisim.engine import Engine
from kelisim.engine.firm import Firm, opened
from tests.cases.make import make

CARRIER = "natural_gas"
WAYS, PAIRS = 20, 10


def gas_network(rng: np.random.Generator, rings: int = 12, tree: int = 40) -> nx.Graph:
    """Rings that share a place, with a random tree at each: the shape of a transmission network with its distribution."""
    graph, last = nx.Graph(), 0
    for _ in range(rings):
        size = int(rng.integers(5, 12))
        ring = [last, *range(len(graph) + 1, len(graph) + size)]
        nx.add_cycle(graph, ring)
        for _ in range(tree):
            graph.add_edge(int(rng.choice(ring)), len(graph) + 1)
            ring.append(len(graph))
        last = int(rng.choice(ring[1:size]))
    return nx.convert_node_labels_to_integers(graph)


def graphs(rng: np.random.Generator) -> dict[str, nx.Graph]:
    """Name -> graph, connected."""
    found = {
        "Zachary's karate club": nx.karate_club_graph(),
        "Les Miserables": nx.les_miserables_graph(),
        "grid of 15 x 15": nx.grid_2d_graph(15, 15),
        "grid of 30 x 30": nx.grid_2d_graph(30, 30),
        "rings with trees": gas_network(rng),
        "random, 400 of degree 4": nx.random_regular_graph(4, 400, seed=1),
        "scale-free, 300": nx.barabasi_albert_graph(300, 2, seed=1),
        "small world, 400": nx.connected_watts_strogatz_graph(400, 6, 0.2, seed=1),
    }
    return {name: nx.convert_node_labels_to_integers(nx.Graph(graph)) for name, graph in found.items()}


def case_of(graph: nx.Graph, rng: np.random.Generator) -> Case:
    """The graph as pipes, two of three both ways; a third of all tariffs are alike, so that ways tie."""
    places = [f"p{node}, p{node}, KZ, node" for node in graph]
    links = []
    for at, (a, b) in enumerate(graph.edges):
        size, back = int(rng.integers(1, 30)), int(rng.integers(0, 3) > 0) * int(rng.integers(1, 30))
        tariff = int(rng.choice([5, rng.integers(1, 40)]))
        links.append(f"l{at}, {CARRIER}, pipeline, p{a}, p{b}, {size}, {back}, {tariff}")
    return make(
        days=1,
        places="place, name, country, kind\n" + "\n".join(places),
        links="link, carrier, kind, from_place, to_place, capacity, capacity_back, tariff\n"
        + "\n".join(links),
    )


def directed(case: Case) -> nx.DiGraph:
    """Places with capacity and cost of each direction."""
    graph = nx.DiGraph()
    for row in case.quantities("links").itertuples(index=False):
        ways = (
            (row.from_place, row.to_place, row.capacity),
            (row.to_place, row.from_place, row.capacity_back),
        )
        for a, b, size in ways:
            if size > 0:
                graph.add_edge(a, b, capacity=size, cost=row.tariff)
    return graph


def yen(graph: nx.DiGraph, start: str, end: str, count: int) -> list[float]:
    """Costs of the cheapest ways without a place twice, as in Yen (1971), with Dijkstra from each place of the way before."""

    def shortest(at: str, closed: set[str], cut: set[tuple[str, str]]) -> tuple[float, list[str]] | None:
        heap, seen = [(0.0, [at])], set(closed)
        while heap:
            cost, way = heapq.heappop(heap)
            if way[-1] == end:
                return cost, way
            if way[-1] in seen:
                continue
            seen.add(way[-1])
            for node, edge in graph.adj[way[-1]].items():
                if node not in seen and (way[-1], node) not in cut:
                    heapq.heappush(heap, (cost + edge["cost"], [*way, node]))
        return None

    first = shortest(start, set(), set())
    if first is None:
        return []
    found, waiting = [first], list[tuple[float, list[str]]]()
    while len(found) < count:
        before = found[-1][1]
        for at in range(len(before) - 1):
            root = before[: at + 1]
            cut = {(way[at], way[at + 1]) for _, way in found if way[: at + 1] == root}
            more = shortest(root[-1], set(root[:-1]), cut)
            if more is not None:
                paid = sum(graph.edges[edge]["cost"] for edge in zip(root, root[1:], strict=False))
                one = (paid + more[0], root[:-1] + more[1])
                if one not in waiting:
                    heapq.heappush(waiting, one)
        if not waiting:
            break
        found.append(heapq.heappop(waiting))
    return [cost for cost, _ in found]


def line(name: str, shape: nx.Graph, rng: np.random.Generator) -> str:
    """One graph: how far the answers lie apart, and how long they take."""
    case = case_of(shape, rng)
    graph, names = directed(case), links_within(case, CARRIER, ())
    window = opened(Engine(case, cache=False), date(2024, 1, 1))
    apart, off, slowest, volumes = 0.0, 0.0, 0.0, 0
    for _ in range(PAIRS):
        start, end = (str(one) for one in rng.choice(sorted(graph.nodes), 2, replace=False))
        for a, b in ((start, end), (end, start)):
            most = Firm(window, CARRIER, a, b, names).largest
            volumes += most > 0
            apart = max(apart, abs(most - nx.maximum_flow_value(graph, a, b)))
        began = time.process_time()
        ways = cheapest(case, names, start, end, 0.0, WAYS)
        slowest = max(slowest, time.process_time() - began)
        costs = yen(graph, start, end, WAYS)
        if len(ways) != len(costs):
            raise AssertionError(f"{name}: {len(ways)} ways, {len(costs)} by Yen")
        off = max([off, *(abs(way.tariffs - cost) for way, cost in zip(ways, costs, strict=True))])
    told = f"{name}: {len(shape)} places, {len(graph.edges)} directed links, {2 * PAIRS} pairs ({volumes} above 0)"
    return f"{told}; flow {apart:.1e} MW apart, {WAYS} ways {off:.1e} apart, slowest {slowest:.2f} s of the processor"


def main() -> None:
    rng = np.random.default_rng(7)
    for name, shape in graphs(rng).items():
        print(line(name, shape, rng), flush=True)


if __name__ == "__main__":
    main()

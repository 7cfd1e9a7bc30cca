"""The year of a case as flows between sources, carriers, plants and uses, without circles.

Assumes that energy inputs of plants that would close a circle (power for a field that makes the gas for the
power) are own use: they end in a node of that name.
"""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
import pandas as pd

from kelisim import catalog
from kelisim.report.numbers import first_upper, human, text_of
from kelisim.report.words import Words
from kelisim.results.results import Results

Node = tuple[str, str, str]  # role, key, words
Edge = tuple[Node, Node, str, float]  # from, to, family, TWh
_TWH = 1e-6


def year_flows(results: Results, words: Words) -> pd.DataFrame:
    """Energy between nodes, TWh: columns source, target (role, key, words), family, energy."""
    edges = [*_plants(results, words), *_uses(results, words)]
    frame = pd.DataFrame(edges, columns=["source", "target", "family", "energy"])
    return frame[frame["energy"] > 1e-9].reset_index(drop=True)


def _carrier(words: Words, family: str) -> Node:
    return ("carrier", family, words.family_name(family))


def _end(words: Words, role: str, key: str) -> Node:
    """A source or use that has a text of its own."""
    return (role, key, words.text(f"charts.year.{key}"))


def _plants(results: Results, words: Words) -> list[Edge]:
    """Sources into carriers, carriers into plants and out of them, by kind of plant."""
    assets = results["assets.total"]
    kind_of = dict(zip(assets["asset"].astype(str), assets["kind"].map(text_of), strict=True))
    ports = results["assets.ports"]
    rows = pd.DataFrame(
        {
            "kind": ports["asset"].astype(str).map(kind_of).fillna(""),
            "family": ports["carrier"].astype(str).map(words.family),
            "energy": ports["energy"].to_numpy(dtype=float) * _TWH,
        }
    )
    rows = rows[rows["kind"] != ""]
    # raw gas in and sales gas out of a gas plant are one family: only the difference is seen
    net = rows.groupby(["kind", "family"])["energy"].sum()
    kinds: dict[str, dict[str, float]] = defaultdict(dict)
    for kind, family, energy in net.reset_index().itertuples(index=False):
        kinds[str(kind)][str(family)] = float(energy)
    groups = _groups(words)
    own_use = _end(words, "sink", "own_use")
    edges: list[Edge] = []
    inward: list[tuple[float, str, str]] = []
    for kind, parts in kinds.items():
        out, into = sum(v for v in parts.values() if v > 0), -sum(v for v in parts.values() if v < 0)
        is_source = groups.get(kind) == "supply" or into < 0.05 * out
        role = "sink" if out <= 0 else "source" if is_source else "plant"
        node: Node = (role, kind, _kind_name(words, kind))
        for family, energy in parts.items():
            if energy > 0:
                edges.append((node, _carrier(words, family), family, energy))
            elif is_source:
                edges.append((_carrier(words, family), own_use, family, -energy))
            elif out <= 0:
                edges.append((_carrier(words, family), node, family, -energy))
            else:
                inward.append((-energy, family, kind))
    return [*edges, *_without_circles(words, edges, inward)]


def _groups(words: Words) -> dict[str, str]:
    rows = words.table("asset_kinds")
    return dict(zip(rows["kind"].astype(str), rows["group"].map(text_of), strict=True)) if len(rows) else {}


def _kind_name(words: Words, kind: str) -> str:
    """Name of many plants of a kind."""
    if catalog.has(f"charts.year.kind_{kind}"):
        return words.text(f"charts.year.kind_{kind}")
    name = words.kind("asset_kinds", kind)
    return first_upper(name) + ("" if name.endswith(("s", "products")) else "s")


def _without_circles(words: Words, edges: list[Edge], inward: list[tuple[float, str, str]]) -> list[Edge]:
    """Inputs of plants, the largest first, and losses; one that would close a circle becomes own use."""
    graph = nx.DiGraph()
    graph.add_edges_from((start, end) for start, end, _, _ in edges)
    found: list[Edge] = []
    taken: dict[str, float] = defaultdict(float)
    for energy, family, kind in sorted(inward, reverse=True):
        node: Node = ("plant", kind, _kind_name(words, kind))
        start = _carrier(words, family)
        graph.add_nodes_from((node, start))
        if nx.has_path(graph, node, start):
            found.append((start, _end(words, "sink", "own_use"), family, energy))
            continue
        graph.add_edge(start, node)
        taken[kind] += energy
        found.append((start, node, family, energy))
    for kind, energy in taken.items():
        node = ("plant", kind, _kind_name(words, kind))
        out = sum(edge[3] for edge in edges if edge[0] == node)
        if energy - out > 1e-9:
            found.append((node, _end(words, "sink", "losses"), "", energy - out))
    return found


def _uses(results: Results, words: Words) -> list[Edge]:
    """Carriers into uses by class, markets, storage and losses; purchases and withdrawals into carriers."""
    edges: list[Edge] = []
    demand = results["demand.total"]
    demand = demand.assign(family=demand["carrier"].astype(str).map(words.family))
    for (family, name), energy in demand.groupby(["family", "customer_class"])["served"].sum().items():
        key = f"charts.year.class_{name}"
        node: Node = ("sink", str(name), words.text(key) if catalog.has(key) else first_upper(human(name)))
        edges.append((_carrier(words, family), node, family, float(energy) * _TWH))
    rows = results["carriers.balance"]
    balance = rows.assign(family=rows["carrier"].astype(str).map(words.family)).groupby("family")
    sums = balance[["sold", "lost", "curtailed", "bought", "stored"]].sum() * _TWH

    def into(key: str, energy: pd.Series) -> list[Edge]:
        return [
            (_carrier(words, family), _end(words, "sink", key), family, e) for family, e in energy.items()
        ]

    def out_of(key: str, energy: pd.Series) -> list[Edge]:
        return [
            (_end(words, "source", key), _carrier(words, family), family, e) for family, e in energy.items()
        ]

    for key in ("sold", "lost", "curtailed"):
        edges += into(key, sums[key])
    edges += out_of("bought", sums["bought"])
    return [*edges, *into("stored", sums["stored"]), *out_of("unstored", -sums["stored"])]

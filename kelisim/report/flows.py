"""The year of a case as flows between sources, carriers, plants and uses, without circles.

Assumes that energy inputs of plants that would close a circle (power for a field that makes the gas for the
power) are own use: they end in a node of that name.
"""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from kelisim.report.numbers import first_upper, human, text_of
from kelisim.report.words import Words
from kelisim.results.results import Results

Node = tuple[str, str, str]  # role, key, words
Edge = tuple[Node, Node, str, float]  # from, to, family, TWh
_TWH = 1e-6
_OWN_USE: Node = ("sink", "own_use", "Own use of fields and plants")
_LOSSES: Node = ("sink", "losses", "Conversion losses")


def year_flows(results: Results, book: Words) -> pd.DataFrame:
    """Energy between nodes, TWh: columns source, target (role, key, words), family, energy."""
    edges = [*_plants(results, book), *_uses(results, book)]
    frame = pd.DataFrame(edges, columns=["source", "target", "family", "energy"])
    return frame[frame["energy"] > 1e-9].reset_index(drop=True)


def _carrier(book: Words, family: str) -> Node:
    return ("carrier", family, book.family_name(family))


def _plants(results: Results, book: Words) -> list[Edge]:
    """Sources into carriers, carriers into plants and out of them, by kind of plant."""
    assets = results["assets.total"]
    kind_of = dict(zip(assets["asset"].astype(str), assets["kind"].map(text_of), strict=True))
    ports = results["assets.ports"]
    rows = pd.DataFrame(
        {
            "kind": ports["asset"].astype(str).map(kind_of).fillna(""),
            "family": ports["carrier"].astype(str).map(book.family),
            "energy": ports["energy"].to_numpy(dtype=float) * _TWH,
        }
    )
    rows = rows[rows["kind"] != ""]
    # raw gas in and sales gas out of a gas plant are one family: only the difference is seen
    net = rows.groupby(["kind", "family"])["energy"].sum()
    kinds: dict[str, dict[str, float]] = defaultdict(dict)
    for kind, family, energy in net.reset_index().itertuples(index=False):
        kinds[str(kind)][str(family)] = float(energy)
    groups = _groups(book)
    edges: list[Edge] = []
    inward: list[tuple[float, str, str]] = []
    for kind, parts in kinds.items():
        words = _kind_words(book, kind)
        out, into = sum(v for v in parts.values() if v > 0), -sum(v for v in parts.values() if v < 0)
        is_source = groups.get(kind) == "supply" or into < 0.05 * out
        node: Node = ("source", kind, words) if is_source else ("plant", kind, words)
        if out <= 0:
            node = ("sink", kind, words)
        for family, energy in parts.items():
            if energy > 0:
                edges.append((node, _carrier(book, family), family, energy))
            elif is_source:
                edges.append((_carrier(book, family), _OWN_USE, family, -energy))
            elif out <= 0:
                edges.append((_carrier(book, family), node, family, -energy))
            else:
                inward.append((-energy, family, kind))
    return [*edges, *_without_circles(book, edges, inward)]


def _groups(book: Words) -> dict[str, str]:
    rows = book.table("asset_kinds")
    return dict(zip(rows["kind"].astype(str), rows["group"].map(text_of), strict=True)) if len(rows) else {}


def _kind_words(book: Words, kind: str) -> str:
    name = book.kind("asset_kinds", kind)
    fixed = {
        "hydro": "Hydropower",
        "supply": "Supply",
        "refinery": "Refineries",
        "sink": "Put back or taken away",
    }
    return fixed.get(kind) or first_upper(name) + (
        "" if name.endswith("s") or name.endswith("products") else "s"
    )


def _without_circles(book: Words, edges: list[Edge], inward: list[tuple[float, str, str]]) -> list[Edge]:
    """Inputs of plants, the largest first, and losses; one that would close a circle becomes own use."""
    after: dict[Node, set[Node]] = defaultdict(set)
    for start, end, _, _ in edges:
        after[start].add(end)
    found: list[Edge] = []
    taken: dict[str, float] = defaultdict(float)
    for energy, family, kind in sorted(inward, reverse=True):
        node: Node = ("plant", kind, _kind_words(book, kind))
        start = _carrier(book, family)
        if _reaches(after, node, start):
            found.append((start, _OWN_USE, family, energy))
            continue
        after[start].add(node)
        taken[kind] += energy
        found.append((start, node, family, energy))
    for kind, energy in taken.items():
        node = ("plant", kind, _kind_words(book, kind))
        out = sum(edge[3] for edge in edges if edge[0] == node)
        if energy - out > 1e-9:
            found.append((node, _LOSSES, "", energy - out))
    return found


def _reaches(after: dict[Node, set[Node]], start: Node, goal: Node) -> bool:
    queue, seen = [start], {start}
    while queue:
        here = queue.pop()
        if here == goal:
            return True
        for there in after[here] - seen:
            seen.add(there)
            queue.append(there)
    return False


def _uses(results: Results, book: Words) -> list[Edge]:
    """Carriers into uses by class, markets, storage and losses; purchases and withdrawals into carriers."""
    edges: list[Edge] = []
    demand = results["demand.total"]
    classes = demand.assign(family=demand["carrier"].astype(str).map(book.family)).groupby(
        ["family", "customer_class"]
    )
    for family, name, energy in classes["served"].sum().reset_index().itertuples(index=False):
        words = {"household": "Homes", "other": "Trade and public", "heat": "Town heat"}.get(str(name))
        node: Node = ("sink", str(name), words or first_upper(human(name)))
        edges.append((_carrier(book, str(family)), node, str(family), float(energy) * _TWH))
    rows = results["carriers.balance"]
    balance = rows.assign(family=rows["carrier"].astype(str).map(book.family)).groupby("family")
    ends = {
        "sold": ("sink", "sold", "Sold abroad"),
        "lost": ("sink", "lost", "Lost on the way"),
        "curtailed": ("sink", "curtailed", "Not taken"),
    }
    for column, node in ends.items():
        if column in rows.columns:
            edges += [
                (_carrier(book, str(f)), node, str(f), float(v) * _TWH)
                for f, v in balance[column].sum().items()
                if v > 0
            ]
    for family, value in balance["bought"].sum().items():
        edges.append(
            (
                ("source", "bought", "Bought abroad"),
                _carrier(book, str(family)),
                str(family),
                float(value) * _TWH,
            )
        )
    for family, value in balance["stored"].sum().items():
        here, amount = _carrier(book, str(family)), float(value) * _TWH
        edges.append((here, ("sink", "stored", "Into storage"), str(family), max(amount, 0.0)))
        edges.append((("source", "unstored", "Out of storage"), here, str(family), max(-amount, 0.0)))
    return edges

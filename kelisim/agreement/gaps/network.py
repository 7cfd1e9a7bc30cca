"""The network of a carrier as a provision meets it: its links in the worst of its months, its two ends, what can flow between them."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import numpy as np
import pandas as pd

from kelisim.agreement.gaps.gap import places_of
from kelisim.agreement.provision import Provision
from kelisim.case.acts import targets
from kelisim.case.case import Case
from kelisim.errors import UnitError

SOURCE, SINK = "from", "to"


def capacities(case: Case, one: Provision, projects: Iterable[str] = ()) -> pd.DataFrame:
    """Links of the carrier of a provision with MW forwards and back (ahead, back) in the worst of its months.

    A candidate counts as built where the provision acts on it or one of the projects builds it.
    """
    links = case.quantities("links")
    links = links[(links["carrier"] == one.carrier).to_numpy()]
    added = added_by(case, one.carrier, projects)
    built = {element for table, element in one.elements if table == "links"} | set(added)
    in_use = (links["status"] == "base") | links["link"].isin(built)
    links = links[in_use.to_numpy()]
    shape = (
        case.profiles.matrix(links["profile"], "availability")
        if len(links)
        else np.ones((0, len(case.horizon.hours)))
    )
    months = pd.DatetimeIndex(case.horizon.steps["step"]).month.to_numpy()
    inside = np.isin(months, one.months)
    least = shape[:, inside].min(axis=1) if inside.any() else shape.min(axis=1, initial=1.0)
    more = np.where(links["status"] == "base", links["link"].map(added).fillna(0.0), 0.0)
    frame = links.assign(
        ahead=(links["capacity"] + more) * np.minimum(least, 1.0),
        back=links["capacity_back"].fillna(0.0) * np.minimum(least, 1.0),
    )
    return frame.set_index("link")


def added_by(case: Case, carrier: str, projects: Iterable[str]) -> dict[str, float]:
    """MW that some projects add on each link that they build."""
    wanted = set(projects)
    rows = case.table("projects")
    found: dict[str, float] = {}
    for row in rows[rows["project"].isin(wanted).to_numpy()].itertuples():
        try:
            size = (
                float(row.capacity) * case.units.factor(str(row.unit), "power", carrier) if row.unit else 0.0
            )
        except UnitError:
            size = 0.0
        found |= {
            target.element: size if np.isfinite(size) else 0.0
            for target in targets(row.builds, "never")
            if target.table == "links"
        }
    return found


def ends(case: Case, one: Provision) -> tuple[set[str], set[str]]:
    """Places from which and to which a provision delivers: those it names, else those of who owes and of who gets; empty where nothing says.

    Who lets something pass is not who sends it: of a transit only places count.
    """
    start, end = places_of(case, one.from_place), places_of(case, one.to_place)
    differ = one.obligors != one.beneficiaries and one.kind not in ("transit", "rail_paths", "capacity")
    if not one.from_place and one.obligors and (differ or end):
        start = places_of(case, one.obligors[0])
    if not one.to_place and one.beneficiaries and (differ or start):
        end = places_of(case, one.beneficiaries[0])
    return (start, end) if not start & end else (set(), set())


def flow_between(links: pd.DataFrame, start: set[str], end: set[str]) -> tuple[float, list[str]]:
    """The largest flow between two sets of places by capacities, MW, and the links of the narrowest cut.

    links  from_place, to_place, ahead and back (MW), by link
    """
    graph = nx.DiGraph()
    graph.add_nodes_from((SOURCE, SINK))
    groups: dict[tuple[str, str], list[str]] = {}
    ways = zip(
        links.index, links["from_place"], links["to_place"], links["ahead"], links["back"], strict=True
    )
    for link, near, far, ahead, back in ways:
        for a, b, size in ((near, far, ahead), (far, near, back)):
            if size > 0:
                had = graph.get_edge_data(a, b, {"capacity": 0.0})["capacity"]
                graph.add_edge(a, b, capacity=had + float(size))
                groups.setdefault((a, b), []).append(str(link))
    graph.add_edges_from((SOURCE, place) for place in start)
    graph.add_edges_from((place, SINK) for place in end)
    value, (near, far) = nx.minimum_cut(graph, SOURCE, SINK)
    cut = [link for (a, b), some in groups.items() if a in near and b in far for link in some]
    return float(value), [f"links:{link}" for link in dict.fromkeys(cut)]


def shortest_way(links: pd.DataFrame, start: set[str], end: set[str]) -> list[str]:
    """Places of a way with the fewest links from one set of places to another; empty where there is none."""
    graph = nx.DiGraph()
    graph.add_nodes_from((SOURCE, SINK))
    ways = zip(links["from_place"], links["to_place"], links["ahead"], links["back"], strict=True)
    for near, far, ahead, back in ways:
        graph.add_edges_from(edge for edge, size in (((near, far), ahead), ((far, near), back)) if size > 0)
    graph.add_edges_from((SOURCE, place) for place in start)
    graph.add_edges_from((place, SINK) for place in end)
    return list(nx.shortest_path(graph, SOURCE, SINK))[1:-1] if nx.has_path(graph, SOURCE, SINK) else []

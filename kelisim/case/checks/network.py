"""Ways: demand that nothing can reach, and supply that may not be let go and has nowhere to go.

Only what is in use counts: status base, in service within the horizon, a capacity above 0. What is in doubt counts
as a way, so that one wrong link does not call the demand behind it lost as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import pandas as pd

from kelisim.case.checks.view import CaseView, about, each
from kelisim.case.letting_go import NO, YES, words
from kelisim.errors import InputProblem

Node = tuple[str, str]  # place, carrier
_EARTH = 6371.0  # km, mean radius


@dataclass
class Plant:
    """An asset in use: its row, identifier and place, the carriers it takes, those it gives and those of which the ratio is in doubt."""

    row: int
    asset: str
    place: str
    takes: set[str] = field(default_factory=set)
    gives: set[str] = field(default_factory=set)
    unclear: set[str] = field(default_factory=set)


@dataclass
class RouteGraph:
    """Who can reach whom.

    unsure  carriers about whose ways something is in doubt; lost is True if that holds for all
    """

    onward: dict[Node, list[Node]] = field(default_factory=dict)
    plants: list[Plant] = field(default_factory=list)
    sources: set[Node] = field(default_factory=set)
    takers: set[Node] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    lost: bool = False

    def doubt(self, carriers: list[str], known: set[str]) -> None:
        self.unsure.update(carrier for carrier in carriers if carrier in known)
        self.lost = self.lost or any(carrier not in known for carrier in carriers)

    def reached(self) -> set[Node]:
        """Nodes that some source can reach, through links and through assets that get all they take."""
        missing = [
            {carrier for carrier in plant.takes if carrier not in self.unsure} for plant in self.plants
        ]
        waiting: dict[Node, list[int]] = {}
        for at, plant in enumerate(self.plants):
            for carrier in missing[at]:
                waiting.setdefault((plant.place, carrier), []).append(at)
        running = [at for at, carriers in enumerate(missing) if not carriers]
        queue = deque(
            [*self.sources, *((self.plants[at].place, c) for at in running for c in self.plants[at].gives)]
        )
        found: set[Node] = set()
        while queue:
            node = queue.popleft()
            if node in found:
                continue
            found.add(node)
            queue.extend(self.onward.get(node, ()))
            for at in waiting.get(node, ()):
                missing[at].discard(node[1])
                if not missing[at]:
                    queue.extend((self.plants[at].place, carrier) for carrier in self.plants[at].gives)
        return found

    def with_outlet(self) -> set[Node]:
        """Nodes from which some taker can be reached."""
        back = nx.DiGraph((end, start) for start, ends in self.onward.items() for end in ends)
        back.add_edges_from(("", taker) for taker in self.takers)
        return set(nx.descendants(back, "")) if self.takers else set()


def ways(view: CaseView) -> RouteGraph:
    """The ways of a case."""
    found = RouteGraph()
    if view.unread & set(
        ["links", "assets", "asset_ports", "markets", "contracts", "places", "demand", "carriers"]
    ):
        found.lost = True
        return found
    _add_links(view, found)
    _add_plants(view, found)
    _add_trade(view, found)
    return found


def _in_use(view: CaseView, table: str) -> pd.Series:
    """Rows of base that are in service at some time of the horizon."""
    rows = view.rows(table)
    horizon = view.case.horizon
    used = rows["status"] == "base"
    if not view.doubts("horizon"):
        late = (rows["in_service_from"] >= horizon.end) & ~view.wrong(table, "in_service_from")
        early = (rows["in_service_to"] < horizon.start) & ~view.wrong(table, "in_service_to")
        used &= ~late & ~early
    return used


def _positive(view: CaseView, table: str, column: str) -> pd.Series:
    return (view.rows(table)[column] > 0) | view.wrong(table, column)


def _add_links(view: CaseView, found: RouteGraph) -> None:
    rows = view.rows("links")
    known = view.ids("carriers")
    used = _in_use(view, "links")
    forward, back = (
        used & _positive(view, "links", "capacity"),
        used & _positive(view, "links", "capacity_back"),
    )
    bad = view.wrong("links", "carrier", "from_place", "to_place")
    found.doubt(list(rows["carrier"][used & bad]), known)
    columns = rows[["carrier", "from_place", "to_place"]].assign(forward=forward, back=back)
    columns = columns[used & ~bad]
    for _, carrier, start, end, goes, comes in each(columns, *columns):
        for one, other, is_open in ((start, end, goes), (end, start, comes)):
            if is_open:
                found.onward.setdefault((one, carrier), []).append((other, carrier))


def _add_plants(view: CaseView, found: RouteGraph) -> None:
    rows = view.rows("assets")
    known = view.ids("carriers")
    used = (
        _in_use(view, "assets")
        & _positive(view, "assets", "capacity")
        & _positive(view, "assets", "availability")
    )
    used &= ~(rows["annual_max"] == 0) | view.wrong("assets", "annual_max")
    astray = view.wrong("assets", "place", "kind", "asset")
    plants = {asset: Plant(row, asset, place) for row, asset, place in each(rows[used], "asset", "place")}
    strange = view.wrong("asset_ports", "ratio")
    lost = view.wrong("asset_ports", "asset", "kind")
    found.doubt(list(view.rows("asset_ports")["carrier"][lost]), known)
    in_doubt = set(rows["asset"][astray])
    for row, asset, carrier, ratio in each(view.ports, "asset", "carrier", "ratio"):
        plant = plants.get(asset)
        if plant is None:
            continue
        if strange[row] or ratio > 0:
            if asset in in_doubt or carrier not in known:
                found.doubt([carrier], known)
            plant.gives.add(carrier)
        if strange[row]:
            plant.unclear.add(carrier)
        if ratio < 0 and carrier in known:
            (found.unsure if asset in in_doubt and strange[row] else plant.takes).add(carrier)
    found.plants = [plant for plant in plants.values() if plant.gives or plant.takes]
    found.takers |= {
        (plant.place, carrier) for plant in found.plants for carrier in plant.takes | plant.unclear
    }


def _add_trade(view: CaseView, found: RouteGraph) -> None:
    known = view.ids("carriers")
    rows = view.rows("markets")
    bad = view.wrong("markets", "place", "carrier")
    open_ = _positive(view, "markets", "ceiling")
    unclear = view.wrong("markets", "side")
    found.doubt(list(rows["carrier"][bad]), known)
    for row, place, carrier, side in each(rows[open_ & ~bad], "place", "carrier", "side"):
        if side == "sells" or unclear[row]:
            found.sources.add((place, carrier))
        if side == "buys" or unclear[row]:
            found.takers.add((place, carrier))
    effects = view.kinds("contract_kinds").drop_duplicates("kind").set_index("kind")["effect"]
    rows = view.rows("contracts")
    bad = view.wrong("contracts", "kind", "carrier", "delivery_place", "return_place")
    found.doubt(list(rows["carrier"][bad]), known)
    for _, kind, carrier, place, other in each(
        rows[~bad], "kind", "carrier", "delivery_place", "return_place"
    ):
        effect = effects.get(kind, "")
        if effect == "source" and place:
            found.sources.add((place, carrier))
        elif effect == "sink" and place:
            found.takers.add((place, carrier))
        elif effect == "swap" and place and other:
            found.onward.setdefault((place, carrier), []).append((other, carrier))
    rows = view.rows("storages")
    for _, place, carrier in each(rows[_positive(view, "storages", "inflow")], "place", "carrier"):
        found.sources.add((place, carrier))
    rows = view.rows("demand")
    for _, place, carrier in each(rows[_positive(view, "demand", "amount")], "place", "carrier"):
        found.takers.add((place, carrier))


@about("demand")
def demand_without_source(view: CaseView) -> Iterator[InputProblem]:
    """Demand that no supply can reach by any way."""
    found = view.made(ways)
    if found.lost:
        return
    reached = found.reached()
    rows = view.sure("demand", "place", "carrier", "amount")
    rows = rows[(rows["amount"] > 0) & (rows["place"] != "") & (rows["carrier"] != "")].drop_duplicates(
        ["place", "carrier"]
    )
    spots = _spots(view)
    for row, place, carrier in each(rows, "place", "carrier"):
        if (place, carrier) in reached or carrier in found.unsure:
            continue
        message = f'no {carrier} can reach "{place}"' + _nearest_supply(
            place, [p for p, c in reached if c == carrier], spots, carrier
        )
        idle = [plant for plant in found.plants if plant.place == place and carrier in plant.gives]
        remedy = "Give it a link, an asset, a market or a contract."
        if idle:
            short = sorted(c for c in idle[0].takes if (place, c) not in reached)
            remedy = f'The asset "{idle[0].asset}" there would make it, but no {" and no ".join(short)} reaches it.'
        yield view.problem("demand", row, "place", message, remedy, rule="path")


def _spots(view: CaseView) -> dict[str, tuple[float, float]]:
    rows = view.sure("places", "lat", "lon").dropna(subset=["lat", "lon"])
    return dict(
        zip(rows["place"], zip(np.radians(rows["lat"]), np.radians(rows["lon"]), strict=True), strict=True)
    )


def _nearest_supply(
    place: str, supplied: list[str], spots: dict[str, tuple[float, float]], carrier: str
) -> str:
    """How far the nearest place with the carrier is, in words."""
    if not supplied:
        return f": nothing in the case gives any {carrier}."
    far = {
        other: _distance(spots[place], spots[other])
        for other in supplied
        if place in spots and other in spots
    }
    if not far:
        return f': it gets to "{min(supplied)}" and other places without a link to it.' if supplied else "."
    near = min(far, key=lambda other: (far[other], other))
    return f': the nearest place that gets any is "{near}", {far[near]:.0f} km away.'


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    half = (
        np.sin((other[0] - one[0]) / 2) ** 2
        + np.cos(one[0]) * np.cos(other[0]) * np.sin((other[1] - one[1]) / 2) ** 2
    )
    return float(2 * _EARTH * np.arcsin(np.sqrt(half)))


def supply_without_outlet(view: CaseView) -> Iterator[InputProblem]:
    """A joint product that nobody takes from the place of its plant and that may not be let go there: the whole plant stands still."""
    carriers = view.kinds("carriers").drop_duplicates("carrier")
    kept = set(carriers["carrier"][~carriers["may_curtail"]])
    doubtful = view.rows("carriers")["carrier"][view.wrong("carriers", "may_curtail")]
    found = view.made(ways)
    kept -= found.unsure | set(doubtful)
    if found.lost or not (kept or len(view.rows("places"))):
        return
    outlet = found.with_outlet()
    places = view.rows("places")
    open_here = dict(zip(places["place"], places["may_curtail"], strict=True))
    for plant in found.plants:
        here = words(open_here.get(plant.place, ""))
        gives = plant.gives - plant.unclear
        stuck = gives - found.unsure if NO in here else gives & kept
        if len(gives) < 2:
            continue  # a source of one thing that nobody wants is idle, and nothing else hangs on it
        for carrier in sorted(stuck - set(here)):
            if YES not in here and (plant.place, carrier) not in outlet:
                message = f'its {carrier} cannot leave "{plant.place}", nobody takes it there, and it may not be let go.'
                remedy = f"Give it an asset, a market or demand that takes it or a link to one, or name {carrier} in may_curtail of the place."
                yield view.problem("assets", plant.row, "place", message, remedy, rule="outlet")
                break

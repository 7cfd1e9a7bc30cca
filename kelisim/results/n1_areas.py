"""Areas of the N-1 formula, the infrastructure that supplies each with one carrier, and what it uses on its highest day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.streams import booked_most, streams
from kelisim.case.territory import region_of_places
from kelisim.results.answer import Answer

IN_USE = "base"
COLUMNS = ["element", "part", "capacity", "upstream", "downstream", "curve", "booked"]
Row = tuple[str, str, float, str, str, tuple[tuple[float, float], ...], float]


@dataclass(frozen=True)
class Area:
    """A part of a country for which the formula is made; `area` is empty for a whole country."""

    country: str
    area: str
    name: str
    places: frozenset[str]


def areas(case: Case, carrier: str) -> list[Area]:
    """Areas of a carrier by country: the rows of `areas`, and for places with use in none of them what hangs together.

    Regulation (EU) 2017/1938, Annex II, leaves it to the authority which area is calculated: a case says so in its table `areas`. Of a
    country without rows, an area is what links in use of the carrier tie together; it is named after the region that wants most.
    """
    places = case.table("places")
    country = dict(zip(places["place"], places["country"], strict=True))
    region = region_of_places(case)
    found = _of_rows(case, carrier, country)
    taken = {place for one in found for place in one.places}
    demand = case.quantities("demand")
    demand = demand[demand["carrier"] == carrier]
    wants = demand.groupby("place")["amount"].sum()
    for where in sorted(set(demand["place"].map(country))):
        rest = {place for place, home in country.items() if home == where and place not in taken}
        for group in _tied(case, carrier, rest):
            most = wants[wants.index.isin(group)]
            if not most.empty:
                named = region[str(most.idxmax())]
                found.append(Area(where, named, "", frozenset(group)))
    return found


def _of_rows(case: Case, carrier: str, country: dict[str, str]) -> list[Area]:
    rows = case.table("areas")
    rows = rows[rows["carrier"] == carrier]
    region = dict(case.table("places")[["place", "region"]].itertuples(index=False, name=None))
    words = {row.area: [w.strip() for w in row.within.split(";") if w.strip()] for row in rows.itertuples()}
    named = {word: area for area, within in words.items() for word in within}
    members: dict[str, set[str]] = {area: set() for area in words}
    for place in country:
        area = named.get(place) or named.get(region[place])
        if area:
            members[area].add(place)
    return [
        Area(country[min(members[row.area])], row.area, row.name, frozenset(members[row.area]))
        for row in rows.itertuples()
        if members[row.area]
    ]


def _tied(case: Case, carrier: str, places: set[str]) -> list[set[str]]:
    """Parts of some places that links in use of a carrier tie together, the first by the name of its first place."""
    links = case.quantities("links")
    links = links[(links["carrier"] == carrier) & (links["status"] == IN_USE)]
    links = links[(links["capacity"] > 0) | (links["capacity_back"] > 0)]
    beside: dict[str, set[str]] = {place: set() for place in places}
    for a, b in links[["from_place", "to_place"]].itertuples(index=False, name=None):
        if a in places and b in places:
            beside[a].add(b)
            beside[b].add(a)
    found, seen = [], set()
    for place in sorted(places):
        if place in seen:
            continue
        group, line = {place}, [place]
        for one in line:
            fresh = beside[one] - group
            group |= fresh
            line += sorted(fresh)
        seen |= group
        found.append(group)
    return found


def infrastructure(case: Case, places: set[str], carrier: str) -> pd.DataFrame:
    """Entries, production, storage and imports of an area, as `indices.n1_area` takes them.

    places   of the area
    returns  element, part (entry, production, storage), capacity (MW), upstream and downstream (line it shares), curve, and what of
             the capacity transit has booked (MW), which is taken off already

    An entry counts net of what transit that neither starts nor ends in the area has booked on it. A field or plant counts one by one, and
    no more than its place can use and send on within the area.
    """
    parts = (_entries, _production, _imports, _storages)
    return pd.DataFrame([row for part in parts for row in part(case, places, carrier)], columns=COLUMNS)


def _entries(case: Case, places: set[str], carrier: str) -> Iterator[Row]:
    links = case.quantities("links")
    links = links[(links["carrier"] == carrier) & (links["status"] == IN_USE)]
    booked = _booked(
        case,
        places,
        dict(zip(links["link"], zip(links["capacity"], links["capacity_back"], strict=True), strict=True)),
    )
    for row in links.itertuples(index=False):
        inward = row.from_place not in places and row.to_place in places
        outward = row.from_place in places and row.to_place not in places
        capacity = row.capacity if inward else row.capacity_back if outward else 0.0
        taken = min(booked.get(row.link, 0.0), capacity)
        if capacity > taken:
            beyond = row.from_place if inward else row.to_place
            yield row.link, "entry", float(capacity - taken), row.shared_with or beyond, "", (), float(taken)


def _booked(case: Case, places: set[str], capacity: dict[str, tuple[float, float]]) -> dict[str, float]:
    """Link into an area -> MW that transit has booked on it which neither starts nor ends there; links side by side share by capacity."""
    found: dict[str, float] = {}
    most = booked_most(case)
    for stream in streams(case):
        if stream.start in places or stream.end in places:
            continue
        into: dict[tuple[str, str], dict[str, float]] = {}
        for leg in stream.legs:
            if leg.start not in places and leg.end in places and leg.link in capacity:
                into.setdefault((leg.start, leg.end), {})[leg.link] = float(capacity[leg.link][leg.is_back])
        for beside in into.values():
            whole = sum(beside.values()) or 1.0
            for link, size in beside.items():
                found[link] = found.get(link, 0.0) + most[stream.contract] * size / whole
    return found


def _production(case: Case, places: set[str], carrier: str) -> Iterator[Row]:
    assets = case.quantities("assets").set_index("asset")
    assets = assets[assets["place"].isin(places) & (assets["status"] == IN_USE)]
    made: list[tuple[str, str, float]] = []
    takes: dict[str, float] = {}
    for asset, ratio in _ports(case, carrier):
        if asset not in assets.index:
            continue
        row = assets.loc[asset]
        most = float(row["capacity"] * row["availability"] * ratio)
        if ratio > 0:
            made.append((asset, row["place"], most))
        else:
            takes[row["place"]] = takes.get(row["place"], 0.0) - most
    whole: dict[str, float] = {}
    for _, place, most in made:
        whole[place] = whole.get(place, 0.0) + most
    for asset, place, most in made:
        leaves = _sent_on(case, places, carrier, place) + takes.get(place, 0.0)
        if min(leaves, whole[place]) > 0:
            yield asset, "production", most * min(1.0, leaves / whole[place]), "", "", (), 0.0


def _sent_on(case: Case, places: set[str], carrier: str, place: str) -> float:
    """MW that a place can send to other places of its area; no limit where customers take from it."""
    demand = case.table("demand")
    if ((demand["place"] == place) & (demand["carrier"] == carrier)).any():
        return float("inf")
    links = case.quantities("links")
    links = links[(links["carrier"] == carrier) & (links["status"] == IN_USE)]
    ahead = links[(links["from_place"] == place) & links["to_place"].isin(places)]["capacity"].sum()
    behind = links[(links["to_place"] == place) & links["from_place"].isin(places)]["capacity_back"].sum()
    return float(ahead + behind)


def _imports(case: Case, places: set[str], carrier: str) -> Iterator[Row]:
    markets = case.quantities("markets")
    markets = markets[(markets["carrier"] == carrier) & (markets["side"] == "sells")]
    for row in markets[markets["place"].isin(places)].itertuples(index=False):
        yield row.market, "entry", float(row.ceiling), "", "", (), 0.0


def _storages(case: Case, places: set[str], carrier: str) -> Iterator[Row]:
    storages = case.quantities("storages")
    storages = storages[(storages["carrier"] == carrier) & (storages["role"] != "strategic")]
    for row in storages[storages["place"].isin(places)].itertuples(index=False):
        points = [point.partition(":") for point in str(row.withdrawal_curve).split(";") if point]
        curve = tuple((float(level), float(rate)) for level, _, rate in points)
        rate = row.withdrawal if np.isfinite(row.withdrawal) else row.working_capacity / 24.0
        yield row.storage, "storage", float(rate), "", "", curve, 0.0


def _ports(case: Case, carrier: str) -> Iterator[tuple[str, float]]:
    """Assets that make (above 0) or take in a carrier, and how much a unit of their activity."""
    reference, ports = case.reference_carriers, case.ports
    ports = ports[ports["carrier"] == carrier]
    for asset, ratio, unit in ports[["asset", "ratio", "unit"]].itertuples(index=False):
        yield asset, ratio * case.units.ratio(unit, carrier, reference.get(asset, carrier))


def highest_day(case: Case, answer: Answer, places: set[str], carrier: str) -> float:
    """MW that customers of an area want on their highest day of the horizon, and its plants take in in an answer of one step.

    By months the shapes of the case say by day what customers want; what plants take in is that of the step.
    """
    demand = case.quantities("demand")
    rows = (demand["place"].isin(places) & (demand["carrier"] == carrier)).to_numpy()
    daily = case.at_step("1d") if case.horizon.step == "1mo" and not case.horizon.listed else case
    daily = daily.without_parts() if daily.horizon.has_parts else daily
    own = daily.quantities("demand")[rows]
    shape = daily.profiles.matrix(own["profile"], "shape")
    wanted = own["amount"].to_numpy() / daily.horizon.year_hours @ shape if rows.any() else np.zeros(1)
    place = case.table("assets").set_index("asset")["place"]
    taken = [(asset, ratio) for asset, ratio in _ports(case, carrier) if ratio < 0 and place[asset] in places]
    activity = answer.power("assets.activity", [asset for asset, _ in taken])
    plants = np.array([-ratio for _, ratio in taken]) @ activity if taken else np.zeros(len(answer.hours))
    return float(wanted.max(initial=0.0) + plants @ answer.hours / answer.hours.sum())

"""Infrastructure that supplies an area with one carrier, and what the area uses of it: the terms of the N-1 formula."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.streams import booked_most, streams
from kelisim.results.answer import Answer

IN_USE = "base"
COLUMNS = ["element", "part", "capacity", "upstream", "downstream", "curve"]
Row = tuple[str, str, float, str, str, tuple[tuple[float, float], ...]]


def infrastructure(case: Case, places: set[str], carrier: str) -> pd.DataFrame:
    """Entries, production, storage and imports of an area, as `indices.n1_area` takes them.

    places   of the area
    returns  element, part (entry, production, storage), capacity (MW), upstream and downstream (line it shares), curve
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
        capacity = max(0.0, capacity - booked.get(row.link, 0.0))
        if capacity > 0:
            beyond = row.from_place if inward else row.to_place
            yield row.link, "entry", float(capacity), row.shared_with or beyond, "", ()


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
    for asset, ratio in _ports(case, carrier):
        if ratio > 0 and asset in assets.index:
            row = assets.loc[asset]
            yield asset, "production", float(row["capacity"] * row["availability"] * ratio), "", "", ()


def _imports(case: Case, places: set[str], carrier: str) -> Iterator[Row]:
    markets = case.quantities("markets")
    markets = markets[(markets["carrier"] == carrier) & (markets["side"] == "sells")]
    for row in markets[markets["place"].isin(places)].itertuples(index=False):
        yield row.market, "entry", float(row.ceiling), "", "", ()


def _storages(case: Case, places: set[str], carrier: str) -> Iterator[Row]:
    storages = case.quantities("storages")
    storages = storages[(storages["carrier"] == carrier) & (storages["role"] != "strategic")]
    for row in storages[storages["place"].isin(places)].itertuples(index=False):
        points = [point.partition(":") for point in str(row.withdrawal_curve).split(";") if point]
        curve = tuple((float(level), float(rate)) for level, _, rate in points)
        rate = row.withdrawal if np.isfinite(row.withdrawal) else row.working_capacity / 24.0
        yield row.storage, "storage", float(rate), "", "", curve


def _ports(case: Case, carrier: str) -> Iterator[tuple[str, float]]:
    """Assets that make (above 0) or take in a carrier, and how much a unit of their activity."""
    reference, ports = case.reference_carriers, case.ports
    ports = ports[ports["carrier"] == carrier]
    for asset, ratio, unit in ports[["asset", "ratio", "unit"]].itertuples(index=False):
        yield asset, ratio * case.units.ratio(unit, carrier, reference.get(asset, carrier))


def use(case: Case, answer: Answer, places: set[str], carrier: str, step: int) -> float:
    """MW that customers want and plants take in of a carrier in an area, in one step of an answer."""
    demand = case.table("demand")
    rows = (demand["place"].isin(places) & (demand["carrier"] == carrier)).to_numpy()
    total = float(answer.by_demand(len(demand), "upper")[rows, step].sum())
    place = case.table("assets").set_index("asset")["place"]
    taken = [(asset, ratio) for asset, ratio in _ports(case, carrier) if ratio < 0 and place[asset] in places]
    activity = answer.power("assets.activity", [asset for asset, _ in taken])
    for at, (_, ratio) in enumerate(taken):
        total -= float(ratio * activity[at, step])
    return total

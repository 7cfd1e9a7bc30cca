"""What supplies an area with one carrier: the rows that the N-1 formula adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.answer import Answer

IN_USE = "base"
COLUMNS = ["element", "part", "capacity", "upstream", "downstream", "curve"]


def infrastructure(case: Case, places: set[str], carrier: str) -> pd.DataFrame:
    """Entries, production, storage and imports of an area, as `measures.n1_area` takes them.

    places   of the area
    returns  element, part (entry, production, storage), capacity (MW), upstream and downstream (line it shares), curve
    """
    rows = [
        *_entries(case, places, carrier),
        *_production(case, places, carrier),
        *_storages(case, places, carrier),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _entries(case: Case, places: set[str], carrier: str) -> list[tuple[object, ...]]:
    links = case.quantities("links")
    links = links[(links["carrier"] == carrier) & (links["status"] == IN_USE)]
    found: list[tuple[object, ...]] = []
    for row in links.itertuples(index=False):
        inward = row.from_place not in places and row.to_place in places
        outward = row.from_place in places and row.to_place not in places
        capacity = row.capacity if inward else row.capacity_back if outward else 0.0
        if capacity > 0:
            beyond = row.from_place if inward else row.to_place
            found.append((row.link, "entry", float(capacity), row.shared_with or beyond, "", ()))
    return found


def _production(case: Case, places: set[str], carrier: str) -> list[tuple[object, ...]]:
    assets = case.quantities("assets")
    assets = assets[assets["place"].isin(places) & (assets["status"] == IN_USE)].set_index("asset")
    ports = case.ports
    reference = case.reference_carriers
    found: list[tuple[object, ...]] = []
    for asset, port_carrier, ratio, unit in ports[["asset", "carrier", "ratio", "unit"]].itertuples(
        index=False
    ):
        if port_carrier == carrier and ratio > 0 and asset in assets.index:
            factor = ratio * case.units.ratio(unit, carrier, reference.get(asset, carrier))
            row = assets.loc[asset]
            found.append(
                (asset, "production", float(row["capacity"] * row["availability"] * factor), "", "", ())
            )
    markets = case.quantities("markets")
    chosen = markets[
        markets["place"].isin(places) & (markets["carrier"] == carrier) & (markets["side"] == "sells")
    ]
    found += [
        (m, "entry", float(c), "", "", ()) for m, c in zip(chosen["market"], chosen["ceiling"], strict=True)
    ]
    return found


def _storages(case: Case, places: set[str], carrier: str) -> list[tuple[object, ...]]:
    storages = case.quantities("storages")
    chosen = storages[
        storages["place"].isin(places) & (storages["carrier"] == carrier) & (storages["role"] != "strategic")
    ]
    found: list[tuple[object, ...]] = []
    for row in chosen.itertuples(index=False):
        points = [point.partition(":") for point in str(row.withdrawal_curve).split(";") if point]
        curve = tuple((float(level), float(rate)) for level, _, rate in points)
        rate = row.withdrawal if np.isfinite(row.withdrawal) else row.working_capacity / 24.0
        found.append((row.storage, "storage", float(rate), "", "", curve))
    return found


def use(case: Case, answer: Answer, places: set[str], carrier: str, step: int) -> float:
    """MW that customers want and plants take in of a carrier in an area, in one step of an answer."""
    demand = case.table("demand")
    rows = (demand["place"].isin(places) & (demand["carrier"] == carrier)).to_numpy()
    total = float(answer.by_demand(len(demand), "upper")[rows, step].sum())
    assets = case.table("assets").set_index("asset")["place"]
    reference = case.reference_carriers
    ports = case.ports
    ports = ports[
        (ports["carrier"] == carrier) & (ports["ratio"] < 0) & ports["asset"].map(assets).isin(places)
    ]
    activity = answer.power("assets.activity", list(ports["asset"]))
    for at, (asset, ratio, unit) in enumerate(ports[["asset", "ratio", "unit"]].itertuples(index=False)):
        factor = case.units.ratio(unit, carrier, reference.get(asset, carrier))
        total -= float(ratio * factor * activity[at, step])
    return total

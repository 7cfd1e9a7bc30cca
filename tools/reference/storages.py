"""Storages: gas storages, coal yards, tank farms and reserves.

The join writes rates and the first level in one text. Two of its rows name several places; they are split
by what each region uses of the product in a year.
"""

from __future__ import annotations

import re

import pandas as pd

from tools.reference.facts import Facts, number, short, show, unit

SPLIT = {"stock_products_depots": "kz_", "reserve_products": ""}
STRATEGIC = ("reserve_products",)


def storages(facts: Facts) -> list[dict[str, str]]:
    """One row per storage, place and carrier."""
    rows = []
    for row in facts.records("join/asset_crosswalk"):
        if row["kind"] != "storage":
            continue
        carriers = row["reference_carrier"].split(";")
        sizes = [number(size) for size in row["capacity"].split(";")]
        for carrier, size in zip(carriers, sizes, strict=True):
            for place, share in _shares(facts, row, carrier).items():
                rows.append(_row(facts, row, carrier, place, size * share, len(carriers)))
    return rows


def _row(
    facts: Facts, row: dict[str, str], carrier: str, place: str, size: float, count: int
) -> dict[str, str]:
    split = row["asset"] in SPLIT
    parts = [row["asset"], *([place] if split else []), *([carrier] if count > 1 else [])]
    rates = dict(re.findall(r"(injection|withdrawal) ([\d.]+) mcm/d", row["availability"]))
    level = re.search(r"start level ([\d.]+)", row["availability"])
    return {
        "storage": "_".join(parts),
        "name": row["name"] if count == 1 else f"{row['name']}, {carrier}",
        "place": place,
        "carrier": carrier,
        "working_capacity": show(size),
        "unit": unit(row["unit"]),
        "injection": rates.get("injection", ""),
        "withdrawal": rates.get("withdrawal", ""),
        "rate_unit": unit("mcm/d") if rates else "",
        "level_start": level.group(1) if level else "",
        "role": "strategic" if row["asset"] in STRATEGIC else "commercial",
        "source": facts.sources(row["source_rows"]),
        "confidence": row["confidence"],
        "note": short(
            row["note"], "split by regional use" if split else "", "" if rates else "no limit of rates found"
        ),
    }


def _shares(facts: Facts, row: dict[str, str], carrier: str) -> dict[str, float]:
    """Places of a storage and the share of each."""
    if row["asset"] not in SPLIT:
        return {row["place"]: 1.0}
    use = regional_use(facts, carrier)
    prefix = SPLIT[row["asset"]]
    chosen = use[use.index.str.startswith(prefix)] if prefix else use[row["place"].split(";")]
    return dict(chosen / chosen.sum())


def regional_use(facts: Facts, carrier: str) -> pd.Series:
    """What the regions of Kazakhstan use of a carrier in a year, in the carrier's own unit, by place."""
    demand = facts.table("join/demand_join")
    demand = demand[(demand["carrier"] == carrier) & demand["place"].str.startswith("kz_")]
    return demand["amount"].map(number).groupby(demand["place"]).sum().sort_index()

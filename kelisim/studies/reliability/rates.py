"""How often what can fail fails, and how long its repair takes: rows of the case first, then rates by kind that ship.

A row of the case for an element holds for the element as a whole; so does one for a kind. Shipped rates may be per unit
of a size (a plant of 1,200 MW then has four units that fail by themselves) or per length. Links that share one capacity
are one track and fail together; the circuits of a line fail one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.names import element_names

YEAR = 8760.0
HIGHEST = 0.99  # share of time out of service
KEYS = {"links": "link", "assets": "asset", "storages": "storage"}
SOME_KM = 100.0  # of a link without a length, where no link of its kind has one
Rate = tuple[float, float, float, float, str, str, str]


@dataclass(frozen=True)
class Failing:
    """Something that fails: an element, or a track with all its links; as one, or unit by unit.

    name      "assets:power_x", or "tracks:group" for links that share one capacity
    members   (table, element) that go with it
    units     that fail by themselves, each 1/units of the capacity
    failures  of one unit in a calendar year; repair: mean h
    assumed   "" where the case gives the rate, else what it rests on
    """

    name: str
    label: str
    members: tuple[tuple[str, str], ...]
    units: int
    failures: float
    repair: float
    source: str
    confidence: str
    assumed: str

    @property
    def rate(self) -> float:
        """Share of the time that one unit is out of service: failures x repair / hours of a year."""
        return min(self.failures * self.repair / YEAR, HIGHEST)


def failing(
    case: Case, tables: tuple[str, ...] = tuple(KEYS), carriers: tuple[str, ...] = ()
) -> list[Failing]:
    """What can fail in a case, by name; elements that are not in use, or have no rate, are left out.

    tables    of links, assets, storages
    carriers  only elements of these; all if empty
    """
    names = element_names(case)
    found: dict[str, Failing] = {}
    for table in tables:
        rows = _in_use(case, table)
        if carriers:
            rows = rows[rows["carrier"].isin(carriers)]
        own, by_kind = _of_case(case, table)
        shipped = _shipped(table)
        for row in rows.itertuples(index=False):
            rate = own.get(row.element) or by_kind.get(row.kind)
            assumed = ""
            if rate is None:
                rate = shipped.get((row.kind, row.carrier)) or shipped.get((row.kind, ""))
                assumed = "rate by kind"
            if rate is None or rate[0] <= 0 or rate[3] <= 0:
                continue
            failures, per_km, size, repair, source, confidence, note = rate
            if per_km:
                failures *= row.length / per_km
                assumed += "" if row.has_length else ", length assumed"
            units = max(1, round(row.capacity / size)) if size else int(row.circuits) if per_km else 1
            name = f"tracks:{row.track}" if row.track else f"{table}:{row.element}"
            label = names.get(row.element, row.element)
            members: tuple[tuple[str, str], ...] = ((table, str(row.element)),)
            if name in found:
                # a track fails as its longest link does
                before = found[name]
                members = before.members + members
                failures = max(failures, before.failures)
                label = before.label
            found[name] = Failing(
                name, label, members, units, failures, repair, source, confidence, "; ".join(w for w in (assumed, note) if w)
            )  # fmt: skip
    return [found[name] for name in sorted(found)]


def _in_use(case: Case, table: str) -> pd.DataFrame:
    """Elements in use that have a capacity: element, kind, carrier, capacity, length, has_length, circuits, track."""
    rows = case.quantities(table)
    if "status" in rows:
        rows = rows[rows["status"] == "base"]
    count = len(rows)
    frame = pd.DataFrame({"element": rows[KEYS[table]].astype(str).to_numpy()})
    frame["kind"] = rows["kind"].astype(str).to_numpy() if "kind" in rows else ""
    of_port = table == "assets"
    carrier = rows["asset"].map(case.reference_carriers).fillna("") if of_port else rows["carrier"]
    frame["carrier"] = carrier.astype(str).to_numpy()
    size = "working_capacity" if table == "storages" else "capacity"
    capacity = rows[size].to_numpy(dtype=float)
    if table == "links":
        capacity = np.fmax(capacity, rows["capacity_back"].to_numpy(dtype=float))
    # what has no limit of its own can still fail
    frame["capacity"] = np.where(np.isnan(capacity), 1.0, capacity)
    if table == "links":
        length = rows["length_km"].to_numpy(dtype=float)
        usual = pd.Series(length).groupby(frame["kind"]).transform("median").fillna(SOME_KM).to_numpy()
        frame["has_length"] = ~np.isnan(length)
        frame["length"] = np.where(np.isnan(length), usual, length)
        frame["circuits"] = np.nan_to_num(rows["circuits"].to_numpy(dtype=float), nan=1.0).clip(min=1.0)
        shared = rows["shared_with"].astype(str)
        together = shared.map(shared.value_counts()).to_numpy() > 1
        frame["track"] = np.where((shared != "").to_numpy() & together, shared, "")
    else:
        frame["has_length"], frame["length"], frame["circuits"], frame["track"] = True, 0.0, 1.0, ""
    return frame[frame["capacity"] > 0] if count else frame


def _of_case(case: Case, table: str) -> tuple[dict[str, Rate], dict[str, Rate]]:
    """Rates of the case: by element and by kind."""
    rows = case.table("outage_rates")
    rows = rows[rows["table"] == table]
    own: dict[str, Rate] = {}
    kinds: dict[str, Rate] = {}
    for row in rows.itertuples(index=False):
        rate = (
            float(row.failures_per_year), 0.0, 0.0, float(row.repair_hours), str(row.source or ""),
            str(row.confidence or ""), "",
        )  # fmt: skip
        if row.element:
            own[str(row.element)] = rate
        else:
            kinds[str(row.kind)] = rate
    return own, kinds


def shipped_rates() -> pd.DataFrame:
    """The rates by kind that ship with kelisim, as they are written, numbers as numbers."""
    text = (files("kelisim.studies.reliability") / "outage_rates.csv").read_text(encoding="utf-8")
    frame = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    for column in ("failures_per_year", "per_km", "unit_size", "repair_hours"):
        frame[column] = pd.to_numeric(frame[column].replace("", "0"))
    return frame


def _shipped(table: str) -> dict[tuple[str, str], Rate]:
    rows: Any = shipped_rates()
    rows = rows[rows["table"] == table]
    return {
        (str(row.kind), str(row.carrier)): (
            float(row.failures_per_year), float(row.per_km), float(row.unit_size), float(row.repair_hours),
            str(row.source), str(row.confidence), str(row.note),
        )
        for row in rows.itertuples(index=False)
    }  # fmt: skip

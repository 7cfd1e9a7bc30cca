"""How often what can fail fails, and how long its repair takes: rows of the case first, then rates by kind that ship.

A row of the case for an element holds for the element as a whole; so does one for a kind. Shipped rates may be per unit
of a size (a plant of 1,200 MW then has four units that fail by themselves) or per length. Links that share one capacity
are one track and fail together; the circuits of a line fail one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case

YEAR = 8760.0
HIGHEST = 0.99  # share of time out of service
KEYS = {"links": "link", "assets": "asset", "storages": "storage"}
SOME_KM = 100.0  # of a link without a length, where no link of its kind has one


@dataclass(frozen=True)
class Failing:
    """Something that fails: an element, or a track with all its links; as one, or unit by unit.

    name      "assets:power_x", or "tracks:group" for links that share one capacity
    members   (table, element) that go with it
    units     that fail by themselves, each 1/units of the capacity
    failures  of one unit in a calendar year; repair: mean h
    is_general, is_length_assumed  the rate is one by kind that ships; a length stands behind it that the case does not give
    """

    name: str
    members: tuple[tuple[str, str], ...]
    units: int
    failures: float
    repair: float
    source: str = ""
    confidence: str = ""
    note: str = ""
    is_general: bool = False
    is_length_assumed: bool = False

    @property
    def first(self) -> str:
        """The element whose name it has: itself, or the first link of a track."""
        return self.members[0][1]

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
    found: dict[str, Failing] = {}
    for table in tables:
        rows = _in_use(case, table)
        if carriers:
            rows = rows[rows["carrier"].isin(carriers)]
        own, shipped = _rates(case, table)
        for row in rows.itertuples(index=False):
            keys = (("element", row.element), ("kind", row.kind or row.carrier))
            known = (own[key] for key in keys if key in own)
            rate = next(known, None) or next((one for one in shipped if _is_of(one, row)), None)
            if rate is None or rate["failures_per_year"] <= 0 or rate["repair_hours"] <= 0:
                continue
            one = _one(table, row, rate)
            if one.name in found:
                # a track fails as its longest link does
                before = found[one.name]
                failures = max(before.failures, one.failures)
                one = replace(one, members=before.members + one.members, failures=failures)
            found[one.name] = one
    return [found[name] for name in sorted(found)]


def _one(table: str, row: Any, rate: Mapping[str, Any]) -> Failing:
    per_km, size, failures = rate.get("per_km", 0.0), rate.get("unit_size", 0.0), rate["failures_per_year"]
    return Failing(
        name=f"tracks:{row.track}" if row.track else f"{table}:{row.element}",
        members=((table, row.element),),
        units=max(1, round(row.capacity / size)) if size else int(row.circuits) if per_km else 1,
        failures=failures * (row.length / per_km) if per_km else failures,
        repair=rate["repair_hours"],
        source=rate["source"],
        confidence=rate["confidence"],
        note=rate["note"],
        is_general="per_km" in rate,
        is_length_assumed=bool(per_km) and not row.has_length,
    )


def _in_use(case: Case, table: str) -> pd.DataFrame:
    """Elements in use that have a capacity: element, kind, carrier, fuel, capacity, length, has_length, circuits, track."""
    rows = case.quantities(table)
    if "status" in rows:
        rows = rows[rows["status"] == "base"]
    frame = pd.DataFrame({"element": rows[KEYS[table]].astype(str).to_numpy()})
    frame["kind"] = rows["kind"].astype(str).to_numpy() if "kind" in rows else ""
    carrier = rows["asset"].map(case.reference_carriers).fillna("") if table == "assets" else rows["carrier"]
    frame["carrier"] = carrier.astype(str).to_numpy()
    fuels = _fuels(case) if table == "assets" else {}
    frame["fuel"] = [fuels.get(element, "") for element in frame["element"]]
    capacity = rows["working_capacity" if table == "storages" else "capacity"].to_numpy(dtype=float)
    frame["has_length"], frame["length"], frame["circuits"], frame["track"] = True, 0.0, 1.0, ""
    if table == "links":
        capacity = np.fmax(capacity, rows["capacity_back"].to_numpy(dtype=float))
        length = rows["length_km"].to_numpy(dtype=float)
        usual = pd.Series(length).groupby(frame["kind"]).transform("median").fillna(SOME_KM).to_numpy()
        frame["has_length"] = ~np.isnan(length)
        frame["length"] = np.where(np.isnan(length), usual, length)
        frame["circuits"] = np.nan_to_num(rows["circuits"].to_numpy(dtype=float), nan=1.0).clip(min=1.0)
        shared = rows["shared_with"].astype(str)
        together = shared.map(shared.value_counts()).to_numpy() > 1
        frame["track"] = np.where((shared != "").to_numpy() & together, shared, "")
    # what has no limit of its own can still fail
    frame["capacity"] = np.where(np.isnan(capacity), 1.0, capacity)
    return frame[frame["capacity"] > 0]


def _fuels(case: Case) -> dict[str, str]:
    """Asset -> the carrier of which it takes in most for a unit of its activity."""
    taken = case.ports[case.ports["ratio"] < 0].sort_values(["asset", "ratio", "carrier"], kind="stable")
    return dict(taken.drop_duplicates("asset")[["asset", "carrier"]].itertuples(index=False, name=None))


def _rates(case: Case, table: str) -> tuple[dict[tuple[str, str], dict[str, Any]], list[dict[str, Any]]]:
    """Rates of the case by ("element", element) and ("kind", kind), and those that ship, of which the first that fits holds."""
    shipped = shipped_rates()
    own = case.table("outage_rates")
    found = {}
    for row in own[own["table"] == table].to_dict("records"):
        found[("element", row["element"]) if row["element"] else ("kind", row["kind"])] = row
    return found, shipped[shipped["table"] == table].to_dict("records")


def _is_of(rate: Mapping[str, Any], row: Any) -> bool:
    """Whether a shipped rate is one of an element: of its kind, of its carrier, fuel and size where the rate names them."""
    return (
        rate["kind"] == row.kind
        and rate["carrier"] in ("", row.carrier)
        and (not rate["fuel"] or row.fuel in rate["fuel"].split(";"))
        and (not rate["below"] or row.capacity < rate["below"])
    )


def shipped_rates() -> pd.DataFrame:
    """The rates by kind that ship with kelisim, as they are written, numbers as numbers."""
    text = (files("kelisim.results") / "outage_rates.csv").read_text(encoding="utf-8")
    frame = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    for column in ("below", "failures_per_year", "per_km", "unit_size", "repair_hours"):
        frame[column] = pd.to_numeric(frame[column].replace("", "0")).astype(float)
    return frame

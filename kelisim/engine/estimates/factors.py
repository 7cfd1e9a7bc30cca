"""Estimates as factors: rows of low grade that share a rule, how far they may lie off, and the case with them moved.

Rows graded C that share a rule form one factor; `ranges.csv` says how rows are grouped and how far they may lie off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.home import home_of
from kelisim.results.bottlenecks import bottlenecks
from kelisim.results.facts import Fact, said
from kelisim.results.tables import Tables

Floats = npt.NDArray[np.float64]
NUMBER = r"\d+(?:\.\d+)?"


@dataclass(frozen=True)
class Factor:
    """Rows of one table that share a rule, and how far they may lie off.

    name      table.column, then the words that its rows are grouped by: assets.capacity.power_plant.coal.home
    rows      positions of the rows in the table of the case
    how       relative: value x (1 + level x spread); absolute: value + level x spread; noted: from low to high
    low, high values at the ends of a range that the note of the row gives
    """

    name: str
    table: str
    columns: tuple[str, ...]
    rows: tuple[int, ...]
    how: str
    spread: float
    low: float
    high: float
    sources: tuple[str, ...]
    rule: str


def factor_said(name: str, about: str = "estimate") -> Fact:
    """What a factor is, by its name; or about it what to `ask` for."""
    table, column, *groups = name.split(".")
    found = said(f"sensitivity.{about}.{table}.{column}")
    return (
        said("sensitivity.estimate_of", what=found, groups=groups)
        if groups and about == "estimate"
        else found
    )


def range_said(how: str, spread: float, low: float, high: float) -> Fact:
    """How far the rows of a factor may lie off."""
    return said(f"sensitivity.range_{how}", spread=spread, percent=100 * spread, low=low, high=high)


@cache
def ranges() -> tuple[dict[str, str], ...]:
    """How rows are grouped and how far they may lie off: the lines of `ranges.csv`."""
    text = (files("kelisim.engine.estimates") / "ranges.csv").read_text(encoding="utf-8")
    return tuple(pd.read_csv(StringIO(text), dtype=str).fillna("").to_dict("records"))


def factors_of(case: Case, tables: Tables | None = None, alone: int = 0) -> list[Factor]:
    """The factors of a case, in the order of the ranges.

    A row of the case takes part if its grade is among those of the range, it is in use and its value is neither missing nor zero.
    A row whose note gives a range is a factor of its own, and so is a link among the `alone` dearest limits of `tables`
    that touch the home country, with the links that share its capacity.
    """
    dear = _dearest(case, tables, alone) if tables is not None and alone else {}
    found: list[Factor] = []
    for line in ranges():
        frame = _marked(case, line["table"])
        columns = line["columns"].split(";")
        used = frame["confidence"].isin(list(line["grades"])) & frame["_in_use"]
        used &= frame[columns[0]].notna() & (frame[columns[0]] != 0)
        if columns[0] == "ratio":
            used &= frame["ratio"].abs() != 1.0  # the port that the others are counted by
        if columns[0] == "availability":
            used &= frame["availability"] < 1.0  # 1: the capacity is what can be used
        groups: dict[tuple[str, ...], list[int]] = {}
        by = [column for column in line["by"].split(";") if column]
        for at in np.flatnonzero(used):
            row = frame.iloc[at]
            name = dear.get(str(row.iloc[0]), "") if "capacity_back" in columns else ""
            name = str(row.iloc[0]) if _noted(row, columns[0]) else name
            key = (name,) if name else tuple(str(row[column]) for column in by)
            groups.setdefault(key, []).append(int(at))
        found += [_factor(line, key, frame, rows) for key, rows in groups.items()]
    return found


def _factor(line: Mapping[str, str], key: tuple[str, ...], frame: pd.DataFrame, at: list[int]) -> Factor:
    rows = frame.iloc[at]
    columns = tuple(line["columns"].split(";"))
    noted = _noted(rows.iloc[0], columns[0]) if len(at) == 1 else None
    notes = rows["note"][rows["note"] != ""] if "note" in rows else pd.Series(dtype=str)
    sources = dict.fromkeys(
        word.strip() for text in rows["source"] for word in str(text).split(";") if word.strip()
    )
    return Factor(
        name=".".join([line["table"], columns[0], *(word for word in key if word)]),
        table=line["table"],
        columns=columns,
        rows=tuple(at),
        how="noted" if noted else line["how"],
        spread=float(line["spread"]),
        low=noted[0] if noted else np.nan,
        high=noted[1] if noted else np.nan,
        sources=tuple(sources),
        rule=str(notes.mode().iloc[0]) if len(notes) else "",
    )


def _dearest(case: Case, tables: Tables, count: int) -> dict[str, str]:
    """Links behind the dearest limits at home: link -> name of its factor, that of the group that shares a capacity."""
    limits = bottlenecks(tables)
    links = _marked(case, "links").set_index("link")
    there = limits["element"][limits["table"] == "links"]
    dear = [
        link for link in there if links.at[link, "confidence"] == "C" and links.at[link, "side"] != "abroad"
    ]
    groups = list(dict.fromkeys(links.at[link, "shared_with"] or link for link in dear))[:count]
    shared = links["shared_with"].where(links["shared_with"] != "", links.index.to_series())
    return {str(link): str(group) for link, group in shared.items() if group in groups}


def _marked(case: Case, table: str) -> pd.DataFrame:
    """A table with what its rows are grouped by: kind, family, side (home or abroad), and whether a row is in use."""
    frame = case.table(table).copy()
    home = home_of(case)
    country = case.table("places").set_index("place")["country"]
    family = case.table("carriers").set_index("carrier")["family"]
    frame["_in_use"] = frame["status"].eq("base") if "status" in frame else True
    own = len(case.tables.get(table, ()))
    frame["_in_use"] &= (
        np.arange(len(frame)) < own
    )  # rows that ship with kelisim are no estimates of the case
    if "carrier" in frame:
        frame["family"] = frame["carrier"].map(family)
    if "place" in frame:
        frame["side"] = np.where(frame["place"].map(country) == home, "home", "abroad")
    if "asset" in frame:
        converters = case.ports["asset"][case.ports["ratio"] < 0]
        frame["role"] = np.where(frame["asset"].isin(set(converters)), "plants", "sources")
    if table == "links":
        ends = frame[["from_place", "to_place"]].apply(lambda side: side.map(country).eq(home))
        frame["side"] = np.where(ends.all(axis=1), "home", np.where(ends.any(axis=1), "border", "abroad"))
        frame["family"] = frame["family"].where(frame["shared_with"] == "", "")
    elif table == "assets":
        frame["family"] = frame["asset"].map(_main_family(case)).fillna("")
        frame["kind_at_home"] = frame["kind"].where(frame["side"] == "home", "")
    elif table == "demand":
        frame["class_at_home"] = frame["customer_class"].where(frame["side"] == "home", "")
    elif table == "profiles":
        frame["_in_use"] = frame["meaning"].eq("availability")
    return frame


def _main_family(case: Case) -> dict[str, str]:
    """Family of the fuel of each asset, of its largest input; of its reference carrier where it takes nothing in."""
    family = dict(case.table("carriers").set_index("carrier")["family"])
    ports = case.ports[case.ports["ratio"] < 0]
    ports = (
        ports[ports["carrier"] != "electricity"].sort_values("ratio", kind="stable").drop_duplicates("asset")
    )
    found = {asset: family.get(carrier, "") for asset, carrier in case.reference_carriers.items()}
    return found | {
        asset: family.get(carrier, "")
        for asset, carrier in zip(ports["asset"], ports["carrier"], strict=True)
    }


def _noted(row: pd.Series, column: str) -> tuple[float, float] | None:
    """Range that the note of a row gives for a cell: "range 2-3", "range of capacity: 2 to 3", "2-3 taken as 2.5".

    It counts only if the cell lies within it.
    """
    value, note = float(row[column]), str(row.get("note", ""))
    pair = rf"({NUMBER})\s*(?:-|\u2013|to)\s*({NUMBER})"
    told = re.search(rf"range(?: of (\w+))?:?\s*{pair}", note)
    if told and told[1] in (None, column):
        low, high = float(told[2]), float(told[3])
    else:
        taken = re.search(rf"{pair}\s+taken as\s+({NUMBER})", note)
        if not taken or float(taken[3]) != value:
            return None
        low, high = float(taken[1]), float(taken[2])
    return (low, high) if low < high and low <= value <= high else None


def shifted(case: Case, factors: Sequence[Factor], levels: Sequence[float | Floats]) -> Case:
    """The case with each factor, or each of its rows, at its level, -1 to 1; values stay within what their column allows."""
    changed: dict[tuple[str, str], Floats] = {}
    for factor, level in zip(factors, levels, strict=True):
        if not np.any(level):
            continue
        rows = list(factor.rows)
        for name in factor.columns:
            key = (factor.table, name)
            if key not in changed:
                changed[key] = case.table(factor.table)[name].to_numpy(dtype=float, copy=True)
            value = changed[key][rows]
            is_absolute = factor.how == "absolute"
            moved = value + level * factor.spread if is_absolute else value * _times(case, factor, level)
            column = schema.tables()[factor.table][name]
            if column.minimum is not None or column.maximum is not None:
                moved = np.clip(moved, column.minimum, column.maximum)
            changed[key][rows] = moved
    frames: dict[str, pd.DataFrame] = {}
    for (table, name), values in changed.items():
        frames[table] = frames.get(table, case.table(table)).assign(**{name: values})
    return case.with_numbers(frames)


def ends_of(case: Case, factor: Factor) -> tuple[float, float]:
    """What the rows of a factor are multiplied with at its low and its high end; of one that adds it is 1 and 1."""
    if factor.how == "absolute":
        return 1.0, 1.0
    low, high = (float(_times(case, factor, level)) for level in (-1.0, 1.0))
    return low, high


def _times(case: Case, factor: Factor, level: float | Floats) -> float | Floats:
    """What a level multiplies the rows of a factor with; the ends of a noted range hold for its first column."""
    if factor.how == "relative":
        return 1.0 + level * factor.spread
    first = float(case.table(factor.table)[factor.columns[0]].iloc[factor.rows[0]])
    end = np.where(np.asarray(level) < 0, factor.low, factor.high)
    found: Floats = 1.0 + np.abs(level) * (end / first - 1.0)
    return found

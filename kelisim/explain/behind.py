"""The rows of the case behind a number, with their sources and the limits that bear on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.explain.explanation import Behind, Limit, Source
from kelisim.explain.tables import CaseRow, word_of
from kelisim.explain.text import SHOWN
from kelisim.explain.trace import Leaf, Tracer
from kelisim.results.names import element_names
from kelisim.results.results import Results

_QUIET = ("name", "source", "confidence", "note", "lat", "lon", "route", "name_ru", "name_kk")


def behind_of(tracer: Tracer, leaves: Sequence[Leaf]) -> list[Behind]:
    weights: dict[CaseRow, float] = {}
    for leaf in leaves:
        for row in leaf.rows:
            weights[row] = weights.get(row, 0.0) + abs(leaf.contribution)
    size = sum(abs(leaf.contribution) for leaf in leaves) or 1.0
    # places say where a thing is, not how much of it there is
    ordered = sorted(weights, key=lambda row: (row[0] == "places", -weights[row]))
    rows = [_row_of(tracer, row, weights[row] / size) for row in ordered]
    for row in ordered[:SHOWN]:
        rows += [_row_of(tracer, other, 0.0) for other in _beside(tracer, row) if other not in weights]
    unique = {(row.table, row.key, row.line): row for row in reversed(rows)}
    return list(reversed(unique.values()))


def standing_of(tracer: Tracer, row: pd.Series) -> list[Behind]:
    """For a number to which no row can give anything: the places that it is about."""
    places = tracer.case.table("places")
    column = next((name for name in ("place", "region", "country") if name in row), "")
    if not column:
        return []
    mine = (places[column] == row[column]) | (row[column] == "all")
    return [_row_of(tracer, ("places", label), 0.0) for label in places.index[mine][:SHOWN]]


def _beside(tracer: Tracer, row: CaseRow) -> list[CaseRow]:
    """Shapes, outages, contracts and shared limits that bear on a row of the case; they give nothing themselves."""
    case, (home, label) = tracer.case, row
    if home not in ("links", "assets", "storages", "markets", "demand", "asset_ports"):
        return []
    frame = case.table(home)
    if label not in frame.index:
        return []
    cells = frame.loc[label]
    found: list[CaseRow] = []
    for column in ("profile", "price_path", "inflow_profile"):
        if cells.get(column):
            shape = case.table("profiles")
            found += [("profiles", one) for one in shape.index[shape["profile"] == cells[column]][:1]]
    element = str(cells.iloc[0])
    outages = case.table("outages")
    found += [("outages", one) for one in outages.index[outages["element"] == element]]
    uses = case.table("resource_uses")
    limits = uses["resource"][(uses["element"] == element) & uses["table"].str.startswith(home)]
    resources = case.table("resources")
    found += [("resources", one) for one in resources.index[resources["resource"].isin(set(limits))]]
    if home == "links":
        contracts = case.table("contracts")
        books = [element in [word.strip() for word in str(over).split(";")] for over in contracts["over"]]
        found += [("contracts", one) for one in contracts.index[books]]
    return found


def _row_of(tracer: Tracer, row: CaseRow, share: float) -> Behind:
    home, label = row
    case = tracer.case
    frame = case.ports if home == "asset_ports" else case.table(home)
    line = frame.loc[label] if isinstance(frame.loc[label], pd.Series) else frame.loc[label].iloc[0]
    table = schema.tables()[home]
    cells = {}
    for column in table.columns:
        text = "" if column.is_key or column.name in _QUIET or column.type == "unit" else _cell(column, line)
        if text:
            cells[column.name] = text
    key = ",".join(word_of(line[name]) for name in table.keys if not _blank(line[name]))
    words = str(line.get("source", ""))
    return Behind(
        table=home,
        key=key,
        name=str(line.get("name", "") or ""),
        cells=cells,
        grade=str(line.get("confidence", "") or ""),
        sources=tuple(word.strip() for word in words.split(";") if word.strip()),
        note=str(line.get("note", "") or ""),
        file=case.files.get(home, f"{home}.csv"),
        line=int(label),
        share=share,
    )


def _blank(value: Any) -> bool:
    return value is None or value == "" or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _cell(column: schema.Column, line: pd.Series) -> str:
    """A cell with its unit as written; empty where nothing is said or the default holds."""
    value = line[column.name]
    if _blank(value):
        return ""
    if column.is_number:
        text = f"{float(value):.6g}"
        if column.default and float(value) == float(column.default):
            return ""
        unit = str(line[column.unit_column]) if column.unit_column else ""
        return f"{text} {unit}".strip()
    if column.type == "flag":
        text = "yes" if value else "no"
    elif column.type == "date":
        text = word_of(value)
    else:
        text = str(value)
    return (
        ""
        if text == column.default or (column.type == "flag" and text == "no" and not column.default)
        else text
    )


def sources_of(results: Results, behind: Iterable[Behind]) -> list[Source]:
    """Every source of the rows, once, in their order."""
    frame = results.case.table("sources")
    known = frame.drop_duplicates("source").set_index("source")
    found = []
    for word in dict.fromkeys(word for row in behind for word in row.sources):
        if word in known.index:
            row = known.loc[word]
            found.append(
                Source(word, row["title"], row["publisher"], row["date"], row["url"], row["licence"], True)
            )
        else:
            found.append(Source(word, word, "", "", "", "", False))
    return found


def limits_of(results: Results, tracer: Tracer, leaves: Sequence[Leaf]) -> list[Limit]:
    """Limits with a price at the elements behind the number and at what bears on them, the dearest first."""
    if "bottlenecks" not in results:
        return []
    rows = {row for leaf in leaves for row in leaf.rows}
    rows |= {row for leaf in leaves if leaf.cell for row in tracer.case_rows(leaf.cell)}
    rows |= {other for row in list(rows) for other in _beside(tracer, row)}
    wanted: set[tuple[str, str]] = set()
    for home, label in rows:
        frame = tracer.case.ports if home == "asset_ports" else tracer.case.table(home)
        if label in frame.index:
            named = frame.loc[[label]].iloc[0]
            wanted.add(
                ("assets", str(named["asset"])) if home == "asset_ports" else (home, str(named.iloc[0]))
            )
    frame = results["bottlenecks"]
    unit = results.units("bottlenecks").get("shadow_price", "")
    names = element_names(results.case)
    return [
        Limit(
            *(row.table, row.element, names.get(row.element, row.element), row.limit.replace("_", " ")),
            *(float(row.shadow_price), unit, float(row.value)),
        )
        for row in frame.itertuples(index=False)
        if (row.table, row.element) in wanted
    ]

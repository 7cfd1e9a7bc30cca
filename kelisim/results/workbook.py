"""Result tables as sheets of an Excel workbook, units in the header."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from kelisim import catalog
from kelisim.results.files import must_end, put
from kelisim.results.schema import ResultTable

MOST_ROWS = 20_000  # of a table that a person may want to read
_FORMULA = ("=", "+", "-", "@")  # how a formula begins where a person types it
_MADE = datetime.datetime(2000, 1, 1)  # the same results give the same file


def write(
    path: Path,
    tables: Mapping[str, pd.DataFrame],
    units_of: Mapping[str, Mapping[str, str]],
    about: list[tuple[str, str]],
    described: Mapping[str, ResultTable],
    figures: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """One sheet a table of at most 20,000 rows, before them a sheet that says what this is and one of the columns.

    units_of   table -> column -> unit, shown as "flow (MW)"
    about      headings and texts
    described  table -> its description and those of its columns
    figures    sheets on the figures of a report, by their names, before the tables; none if not given
    """
    must_end(path, [".xlsx"], "a workbook")
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "nan_inf_to_errors": False})
    book.set_properties({"created": _MADE})
    looks = {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#f5f3ee"}),
        "bold": book.add_format({"bold": True}),
        "text": book.add_format({"num_format": "@"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    first = book.add_worksheet("about")
    rows = [*about, *((f"table {name}", _extent(frame)) for name, frame in tables.items())]
    first.set_column(0, 0, 26)
    first.set_column(1, 1, 90)
    for row, (name, text) in enumerate(rows):
        first.write_string(row, 0, name, looks["bold"])
        first.write_string(row, 1, text)
    columns = _columns(tables, units_of, described)
    if len(columns):
        _sheet(book.add_worksheet("columns"), columns, {}, looks)
    for name, frame in (figures or {}).items():
        _sheet(book.add_worksheet(_sheet_name(name, book)), frame, {}, looks)
    for name, frame in tables.items():
        if len(frame) <= MOST_ROWS:
            _sheet(book.add_worksheet(_sheet_name(name, book)), frame, units_of.get(name, {}), looks)
    book.close()
    return put(path, content.getvalue())


def _columns(
    tables: Mapping[str, pd.DataFrame],
    units_of: Mapping[str, Mapping[str, str]],
    described: Mapping[str, ResultTable],
) -> pd.DataFrame:
    """What each table and column that is described holds: table, column, unit, description, formula."""
    rows = []
    for name, frame in tables.items():
        table = described.get(name, ResultTable(name))
        known = [table.columns[column] for column in map(str, frame.columns) if column in table.columns]
        units = units_of.get(name, {})
        rows += [(name, "", "", table.description, "")] if known else []
        rows += [(name, c.name, units.get(c.name, ""), c.description, c.formula) for c in known]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "description", "formula"])


def _extent(frame: pd.DataFrame) -> str:
    key = "run.rows" if len(frame) <= MOST_ROWS else "run.too_many_rows"
    return catalog.text(key).format(count=f"{len(frame):,}")


def _sheet_name(name: str, book: Any) -> str:
    """At most 31 letters, and no name twice."""
    short = name[:31]
    taken = {sheet.get_name() for sheet in book.worksheets()}
    return short if short not in taken else f"{name[:28]}{len(taken):03d}"


def _sheet(sheet: Any, frame: pd.DataFrame, units: Mapping[str, str], looks: Mapping[str, Any]) -> None:
    sheet.freeze_panes(1, 1)
    for at, column in enumerate(frame.columns):
        unit = units.get(str(column), "")
        head = f"{column} ({unit})" if unit else str(column)
        values = frame[column]
        texts = [] if pd.api.types.is_numeric_dtype(values) else [str(value) for value in values.head(200)]
        sheet.set_column(at, at, min(max([len(head), 8, *map(len, texts)]) + 2, 44))
        sheet.write_string(0, at, head, looks["head"])
        for row, value in enumerate(values.tolist(), 1):
            _cell(sheet, row, at, value, looks)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _cell(sheet: Any, row: int, at: int, value: Any, looks: Mapping[str, Any]) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, (int, float)):
        if np.isfinite(value):
            sheet.write_number(row, at, value)
        elif not np.isnan(value):
            sheet.write_string(row, at, str(value))
    elif isinstance(value, datetime.datetime) and not pd.isna(value):
        sheet.write_datetime(row, at, value.replace(tzinfo=None), looks["moment"])
    elif value is not None and value is not pd.NaT:
        text = str(value)[:32_767]
        sheet.write_string(row, at, text, looks["text"] if text.startswith(_FORMULA) else None)

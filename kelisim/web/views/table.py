"""Tables of the pages: right-aligned numbers with one unit in the header, sorted by a click, cards on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.numbers import NONE, day, figure, first_upper, human, percent
from kelisim.results.results import Results

LONG = 44  # characters from which a cell is cut after two lines; the pointer shows all of it


@dataclass(frozen=True)
class TableColumn:
    """A head, its unit, whether its cells are numbers, and whether a phone leaves it out."""

    head: str
    unit: str = ""
    is_number: bool = False
    is_minor: bool = False

    @property
    def look(self) -> str:
        return " ".join(word for word, says in (("n", self.is_number), ("minor", self.is_minor)) if says)


@dataclass(frozen=True)
class TableCell:
    """Text to show, and the value it is sorted by; `bar` (0-1) draws a bar before it, `chip` a grade, `link` leads on."""

    text: str
    value: Any = None
    bar: float | None = None
    chip: str = ""
    link: str = ""


def table_html(
    columns: Sequence[TableColumn], rows: Sequence[Sequence[TableCell]], label: str, is_filtered: bool = True
) -> str:
    """The table as HTML; the script of the site sorts, filters and copies it."""
    head = "".join(
        f'<th class="{c.look}" scope="col"><button type="button">{escape(first_upper(c.head))}'
        + (f' <span class="unit">{escape(c.unit)}</span>' if c.unit else "")
        + "</button></th>"
        for c in columns
    )
    body = "".join(
        f"<tr>{''.join(_cell(c, cell) for c, cell in zip(columns, row, strict=True))}</tr>" for row in rows
    )
    tools = (
        '<input type="search" placeholder="Filter" aria-label="Filter the rows">'
        if is_filtered and len(rows) > 8
        else ""
    )
    return (
        f'<div class="k-table cards"><div class="k-tools">{tools}<button type="button" data-copy>Copy</button></div>'
        f'<table class="data" aria-label="{escape(label, quote=True)}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(column: TableColumn, cell: TableCell) -> str:
    bar = (
        f'<span class="bar" style="width:{60 * min(max(cell.bar, 0.0), 1.0):.0f}px"></span>'
        if cell.bar
        else ""
    )
    text = (
        f'<span class="k-grade {escape(cell.chip)}">{escape(cell.text)}</span>'
        if cell.chip
        else escape(cell.text)
    )
    if cell.link:
        text = f'<a href="{escape(cell.link, quote=True)}">{text}</a>'
    if len(cell.text) > LONG:
        text = f'<span class="long" title="{escape(cell.text, quote=True)}">{text}</span>'
    value = (
        ""
        if cell.value is None or (not isinstance(cell.value, str) and pd.isna(cell.value))
        else str(cell.value)
    )
    head = escape(first_upper(column.head) + (f", {column.unit}" if column.unit else ""), quote=True)
    return f'<td class="{column.look}" data-v="{escape(value, quote=True)}" data-h="{head}">{bar}{text}</td>'


def plain_table(results: Results, name: str, names: dict[str, str], most: int = 500) -> str:
    """Any table of results as it is: heads from its columns, units from its units, names for identifiers."""
    frame = results[name].head(most)
    units = results.units(name)
    columns = [
        TableColumn(human(c), "" if units.get(c, "") in ("", "share", "unit of the row") else units[c], _is_number(frame[c]))
        for c in frame.columns
    ]  # fmt: skip
    rows = [
        [
            _plain(value, column.is_number, units.get(key, ""), names)
            for key, column, value in zip(frame.columns, columns, row, strict=True)
        ]
        for row in frame.itertuples(index=False, name=None)
    ]
    return table_html(columns, rows, name)


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _plain(value: Any, is_number: bool, unit: str, names: dict[str, str]) -> TableCell:
    if isinstance(value, (bool, np.bool_)):
        return TableCell("yes" if value else "no", int(value))
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return TableCell(NONE, None)
    if isinstance(value, pd.Timestamp):
        return TableCell(f"{day(value)} {value.year}", value.isoformat())
    if is_number:
        return TableCell(percent(value) if unit == "share" else figure(value), float(value))
    return TableCell(names.get(str(value), str(value)), str(value))

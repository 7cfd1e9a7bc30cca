"""A case as one Excel workbook: a sheet for each table and a sheet `case` for the settings.

Cells are typed; the header is frozen and each of its cells explains its column. A setting is a number, a
text, yes or no, or a list or group written as in case.toml.
"""

from __future__ import annotations

import datetime
import io
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from kelisim import units
from kelisim.case import schema
from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case, empty, to_text
from kelisim.case.series import written
from kelisim.case.setting_values import Setting
from kelisim.case.settings import known as known_settings
from kelisim.errors import InputProblem, InternalError, UserError
from kelisim.io.headers import below_titles
from kelisim.io.settings import in_one_line, settings_of, with_lines
from kelisim.io.workbook import NEVER_COMPUTED, WorkbookSheet, sheets
from kelisim.results.files import put

SUFFIXES = (".xlsx",)
carries_all = True

MOST_ROWS = 1_048_575  # of a sheet, below the header
MOST_LETTERS = 32_767  # of a cell
_SETTINGS = "case"
_HEAD = ["section", "key", "value"]
# what a first case needs comes first
_FIRST = (
    "places",
    "assets",
    "asset_ports",
    "links",
    "demand",
    "profiles",
    "storages",
    "markets",
    "contracts",
)
_MOST_LISTED = 255  # letters of a list that a cell offers
_OWN_SHEET = "A sheet of your own is called Notes or begins with _."
_OPEN_ROWS = 1_000  # rows below the table that offer the choices of a column too
_FIRST_DAY = datetime.datetime(1900, 3, 1)  # Excel counts a 29 February 1900
_MADE = datetime.datetime(2000, 1, 1)  # the same case gives the same file


def read(path: Path) -> Case:
    """The case in a workbook. Raises CaseError with all problems."""
    return require(check(path))


def check(path: Path) -> tuple[Case, list[InputProblem]]:
    """The case in a workbook and all that is wrong in it."""
    found = {name: sheet for name, sheet in sheets(path).items() if not _is_free(name)}
    filled = [name for name, sheet in found.items() if sheet.rows or sheet.errors]
    known = schema.tables()
    if not any(name == _SETTINGS or name in known for name in found):
        raise UserError(
            f'"{path}" has neither a sheet "{_SETTINGS}" nor one named as a table: it is not a case. '
            f"Its sheets: {schema.some(found)}. Tables: {schema.some(known, 40)}."
        )
    files = {name: f"{path.name} sheet {name}" for name in (_SETTINGS, *filled)}
    problems: list[InputProblem] = []
    settings, lines = _settings(found.pop(_SETTINGS, WorkbookSheet([], [])), files[_SETTINGS], problems)
    settings.setdefault("name", path.stem)
    tables = {}
    for name, sheet in ((name, found[name]) for name in filled if name != _SETTINGS):
        title = below_titles(files[name], sheet.rows, known[name]) if name in known else None
        if title:
            problems.append(title)
        else:
            tables[name] = _table(sheet, files[name], problems)
    case, wrong = assemble(settings, tables, files, problems)
    wrong = [
        replace(one, remedy=f"{one.remedy} {_OWN_SHEET}") if one.rule == "unknown" and not one.column else one
        for one in wrong
    ]
    told = {(problem.file, problem.row, problem.column) for problem in problems}
    problems += [
        problem
        for problem in with_lines(wrong, files[_SETTINGS], lines)
        if (problem.file, problem.row, problem.column) not in told
    ]
    return case, problems


def _is_free(name: str) -> bool:
    """Whether a sheet is somebody's own: what stands in it is not read."""
    return name.startswith("_") or name.strip().lower() == "notes"


def _table(sheet: WorkbookSheet, file: str, problems: list[InputProblem]) -> pd.DataFrame:
    """Text cells under their column names, index the row in the sheet."""
    top, head = (sheet.rows[0][0], [name.strip() for name in sheet.rows[0][1]]) if sheet.rows else (0, [])
    body = sheet.rows[1:]
    for at, name in enumerate(head):
        if name and name in head[:at]:
            problems.append(
                InputProblem(file, top, name, "this column stands twice.", "Remove one.", rule="file")
            )
        if not name and (row := next((number for number, cells in body if cells[at].strip()), 0)):
            problems.append(
                InputProblem(
                    file,
                    row,
                    _letter(at),
                    "has a value, and the column has no name.",
                    "Name it or empty it.",
                    rule="file",
                )
            )
    for row, at, text in sheet.errors:
        name = (head[at] if at < len(head) else "") or _letter(at)
        problems.append(
            InputProblem(
                file,
                row,
                name,
                f"holds {text}.",
                "Open and save the workbook in a spreadsheet program, or write the value."
                if text == NEVER_COMPUTED
                else "Put the formula right or write the value.",
                rule="file",
            )
        )
    keep = [at for at, name in enumerate(head) if name and name not in head[:at]]
    numbers = [number for number, _ in body]
    return pd.DataFrame(
        {head[at]: [cells[at] for _, cells in body] for at in keep}, index=numbers, dtype=object
    )


def _letter(column: int) -> str:
    return (_letter(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)


# ---- settings
def _settings(
    sheet: WorkbookSheet, file: str, problems: list[InputProblem]
) -> tuple[dict[str, Any], dict[str, int]]:
    """Settings as case.toml would give them, and the row of each."""
    settings: dict[str, Any] = {}
    lines: dict[str, int] = {}
    if not sheet.rows:
        return settings, lines
    frame = _table(sheet, file, problems)
    for name in [name for name in frame.columns if name not in _HEAD]:
        problems.append(
            InputProblem(
                file,
                sheet.rows[0][0],
                name,
                "unknown column.",
                f"Known: {', '.join(_HEAD)}.",
                schema.nearest(name, _HEAD),
                "unknown",
            )
        )
    for name in [name for name in _HEAD if name not in frame.columns]:
        problems.append(
            InputProblem(
                file,
                sheet.rows[0][0],
                name,
                "the column is missing.",
                f"It has {', '.join(_HEAD)}.",
                rule="missing",
            )
        )
        frame[name] = ""
    for row, (section, key, text) in zip(frame.index, frame[_HEAD].itertuples(index=False), strict=True):
        section, key = section.strip(), key.strip()
        name = f"{section}.{key}" if section else key
        if text and not key:
            problems.append(
                InputProblem(
                    file,
                    int(row),
                    "key",
                    "is empty, and the row has a value.",
                    "Name the setting.",
                    rule="missing",
                )
            )
        elif name in lines and key:
            problems.append(
                InputProblem(
                    file,
                    int(row),
                    name,
                    f"stands in row {lines[name]} already.",
                    "Remove one row.",
                    rule="duplicate",
                )
            )
        elif text or not key:
            lines[name if key else section] = int(row)
            home = settings.setdefault(section, {}) if section else settings
            if not isinstance(home, dict):
                problems.append(
                    InputProblem(
                        file,
                        int(row),
                        name,
                        f'"{section}" is a setting and a section.',
                        "Rename one.",
                        rule="duplicate",
                    )
                )
            elif key:
                value, meant = _read_value(text), known_settings().get(name)
                is_text = meant is not None and meant.type in ("name", "text")
                home[key] = text if is_text and not isinstance(value, str) else value
    return settings, lines


def _read_value(text: str) -> Any:
    """What a text means in case.toml; the text itself where it means nothing there."""
    try:
        found = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return {"yes": True, "no": False}.get(text, text)
    value = found.get("value")
    plain = isinstance(value, (bool, int, str, list, dict)) or (
        isinstance(value, float) and math.isfinite(value)
    )
    return value if plain and len(found) == 1 else text


def _rows(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, value in settings.items():
        if not isinstance(value, Mapping):
            yield "", key, value
    for section, values in settings.items():
        if isinstance(values, Mapping):
            yield from ((section, key, value) for key, value in values.items())
            if not values:
                yield section, "", ""


# ---- writing
def write(case: Case, path: Path) -> Path:
    """Write the tables as they were given, whole or not at all."""
    content = io.BytesIO()
    tables = written(case)
    book = _Book(content, tables)
    book.settings(list(_rows(settings_of(case.settings, case.horizon))))
    for name, frame in tables.items():
        table = schema.tables()[name]
        text = to_text(table, frame)
        used = [c for c in table.columns if c.required or c.is_key or (text[c.name] != c.default).any()]
        book.table(table, used, frame, text)
    book.close()
    return put(path, content.getvalue())


def template(path: Path) -> Path:
    """Write an empty workbook: all settings and all columns of all tables, each explained on its header."""
    content = io.BytesIO()
    book = _Book(content, schema.tables())
    book.settings([(setting.section, setting.key, None) for setting in known_settings().values()])
    known = schema.tables()
    for table in [known[name] for name in dict.fromkeys((*_FIRST, *known))]:
        frame = empty(table)
        book.table(table, list(table.columns), frame, to_text(table, frame))
    book.close()
    return put(path, content.getvalue())


class _Exact(float):
    """A number written with all its digits; the writer would round to sixteen."""

    def __format__(self, _: str) -> str:
        return float.__repr__(self)


class _Book:
    """A workbook in the making; `tables` are those that get a sheet."""

    def __init__(self, content: io.BytesIO, tables: Iterable[str]) -> None:
        self._tables = set(tables)
        self._book = xlsxwriter.Workbook(content, {"in_memory": True})
        self._book.set_properties({"created": _MADE})
        self._head = self._book.add_format({"bold": True, "bottom": 1, "bg_color": "#f5f3ee"})
        self._required = self._book.add_format({"bold": True, "bottom": 1, "bg_color": "#e7e1d3"})
        self._text = self._book.add_format({"num_format": "@"})  # what is typed stays as typed
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def close(self) -> None:
        self._book.close()

    def settings(self, rows: list[tuple[str, str, Any]]) -> None:
        """The sheet `case`."""
        sheet = self._book.add_worksheet(_SETTINGS)
        sheet.freeze_panes(1, 0)
        for at, (name, width) in enumerate(zip(_HEAD, (14, 18, 70), strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, name, self._head)
        for row, (section, key, value) in enumerate(rows, 1):
            sheet.write_string(row, 0, section)
            sheet.write_string(row, 1, key)
            self._setting(sheet, row, value)
            if known := known_settings().get(f"{section}.{key}" if section else key):
                words = known.description[:1].upper() + known.description[1:] + "."
                default = f" If empty: {known.default}." if known.default else ""
                sheet.write_comment(row, 1, words + default, {"x_scale": 2, "y_scale": 1.2})
            if known and known.choices:
                self._pick(sheet, row, known)

    def _pick(self, sheet: Any, row: int, known: Setting) -> None:
        sheet.data_validation(
            row, 2, row, 2, {
                "validate": "list", "source": list(known.choices), "error_title": known.key,
                "error_message": "Choose from the list.",
            },
        )  # fmt: skip

    def _setting(self, sheet: Any, row: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, 2, value)
        elif isinstance(value, (int, float)) and (
            not float(value).is_integer() or (isinstance(value, int) and abs(value) < 1e15)
        ):
            sheet.write_number(row, 2, _Exact(value))
        elif isinstance(value, (Mapping, list, tuple, int, float)):
            self._string(sheet, row, 2, in_one_line(value), "value")
        else:
            # a text that would be read as something else stands in quotes
            text = str(value)
            self._string(
                sheet,
                row,
                2,
                text if text.strip() and _read_value(text) == text else in_one_line(text),
                "value",
            )

    def table(
        self, table: schema.Table, columns: list[schema.Column], frame: pd.DataFrame, text: pd.DataFrame
    ) -> None:
        """One table: its typed frame, and the same cells as text."""
        if len(frame) > MOST_ROWS:
            raise UserError(
                f"The table {table.name} has {len(frame):,} rows, a sheet at most {MOST_ROWS:,}. "
                "Write a case folder instead."
            )
        sheet = self._book.add_worksheet(table.name)
        sheet.freeze_panes(1, 1)
        for at, column in enumerate(columns):
            cells = text[column.name].tolist()
            longest = max((len(cell) for cell in cells), default=0)
            look = self._day if column.type == "date" else None if column.is_number else self._text
            sheet.set_column(at, at, min(max(longest, len(column.name), 6) + 2, 44), look)
            sheet.write_string(0, at, column.name, self._required if column.required else self._head)
            sheet.write_comment(0, at, _comment(table, column), {"x_scale": 2, "y_scale": 1.2})
            rule = _choices(table, column)
            if rule and (column.type != "ref" or column.refers_to in self._tables | {*schema.KIND_TABLES}):
                sheet.data_validation(1, at, len(frame) + _OPEN_ROWS, at, rule)
            if column.is_number:
                self._numbers(sheet, at, frame[column.name].tolist())
            else:
                for row, cell in enumerate(cells, 1):
                    if cell and not (column.type == "date" and self._date(sheet, row, at, cell)):
                        self._string(sheet, row, at, cell, f"{table.name}, {column.name}")
        if len(frame):
            sheet.autofilter(0, 0, len(frame), len(columns) - 1)

    def _numbers(self, sheet: Any, at: int, values: list[float]) -> None:
        for row, value in enumerate(values, 1):
            if not math.isnan(value):
                sheet.write_number(row, at, _Exact(value))

    def _date(self, sheet: Any, row: int, at: int, text: str) -> bool:
        """Write a date that Excel can hold."""
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo or "." in text or moment < _FIRST_DAY:
            return False
        sheet.write_datetime(row, at, moment, self._moment if "T" in text else self._day)
        return True

    def _string(self, sheet: Any, row: int, at: int, text: str, where: str) -> None:
        if len(text) > MOST_LETTERS:
            raise UserError(
                f"{where}, row {row + 1}: a cell of a workbook holds at most {MOST_LETTERS:,} letters, "
                f"this text has {len(text):,}. Write a case folder instead."
            )
        if sheet.write_string(row, at, text):
            raise InternalError(f"{where}, row {row + 1}: the writer of workbooks refused a text")


def _choices(table: schema.Table, column: schema.Column) -> dict[str, Any]:
    """The pick list of a column: its values alone, or what is usual where others are read as well; empty if there is none."""
    fixed = ("yes", "no") if column.type == "flag" else column.choices
    offered: list[str] | str = list(fixed)
    if column.type == "unit":
        offered = list(units.usual(table.dimension_of(column.name)))
    elif column.type == "ref" and column.refers_to in schema.KIND_TABLES:
        offered = list(dict.fromkeys(schema.shipped(column.refers_to).iloc[:, 0]))
    elif column.type == "ref" and column.refers_to in schema.tables():
        offered = f"={column.refers_to}!$A$2:$A${_OPEN_ROWS + 1}"
    if not offered:
        return {}
    is_short = isinstance(offered, str) or len(",".join(offered)) <= _MOST_LISTED
    while not is_short and len(",".join(offered)) > _MOST_LISTED:
        offered = offered[:-1]  # the sheet holds no more: the others may be typed
    rule: dict[str, Any] = {"validate": "list", "source": offered, "show_error": bool(fixed) and is_short}
    return rule | {"error_title": column.name, "error_message": "Choose from the list."}


def _comment(table: schema.Table, column: schema.Column) -> str:
    """What a person should know who fills the column."""
    parts = [column.description[:1].upper() + column.description[1:] + "."]
    if column.required:
        parts.append("Required.")
    if column.unit_column:
        parts.append(f"In the unit of the column {column.unit_column}.")
    if column.type == "share":
        parts.append("A share from 0 to 1.")
    if column.type == "date":
        parts.append("A date such as 2024-01-31.")
    if column.type == "unit" and (usual := units.usual(table.dimension_of(column.name))):
        parts.append(f"Such as {', '.join(usual)}.")
    if column.refers_to:
        parts.append(f"From the table {column.refers_to}.")
    if column.default:
        parts.append(f"If empty: {column.default}.")
    if column.choices:
        parts.append(f"One of: {', '.join(column.choices)}.")
    return " ".join(parts)

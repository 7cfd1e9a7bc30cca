"""The only description of a table and its columns, read from tables/*.csv.

Defaults, checks, documentation and forms read the same rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from kelisim.case.typed import number_meant
from kelisim.errors import InputProblem, InternalError

KIND_TABLES = ("carriers", "link_kinds", "asset_kinds", "contract_kinds", "customer_classes")
_TRUE = {"yes", "true", "1", "y"}
_FALSE = {"no", "false", "0", "n", ""}
_HALF = re.compile("[\ud800-\udfff]")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_ZONE = r"[T ].*(?:Z|[+-]\d\d(?::?\d\d)?)$"


@dataclass(frozen=True)
class Column:
    """One column of a case table."""

    name: str
    type: str
    is_key: bool
    required: bool
    dimension: str
    unit_column: str
    default: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    refers_to: str
    description: str

    @property
    def is_number(self) -> bool:
        return self.type in ("number", "quantity", "share", "integer")


@dataclass(frozen=True)
class Table:
    """One table: its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.is_key)

    @property
    def id_column(self) -> str:
        return self.columns[0].name

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def __contains__(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    def dimension_of(self, unit_column: str) -> str:
        """What a unit in this column measures; empty where it may be anything."""
        found = {column.dimension for column in self.columns if column.unit_column == unit_column}
        return found.pop() if len(found) == 1 and found != {"any"} else ""

    def quantities(self) -> list[Column]:
        return [column for column in self.columns if column.type == "quantity" and column.dimension != "any"]


def _number(text: str) -> float | None:
    return float(text) if text else None


def _rows(folder: str, name: str) -> list[dict[str, str]]:
    text = (files("kelisim.case") / folder / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@cache
def tables() -> dict[str, Table]:
    """All tables a case may have, by name."""
    folder = files("kelisim.case") / "tables"
    names = sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".csv"))
    return {name: _table(name) for name in names}


def _table(name: str) -> Table:
    columns = tuple(
        Column(
            name=row["column"],
            type=row["type"],
            is_key=row["key"] == "yes",
            required=row["required"] == "yes",
            dimension=row["dimension"],
            unit_column=row["unit_column"],
            default=row["default"],
            minimum=_number(row["minimum"]),
            maximum=_number(row["maximum"]),
            choices=tuple(row["choices"].split(";")) if row["choices"] else (),
            refers_to=row["refers_to"],
            description=row["description"],
        )
        for row in _rows("tables", name)
    )
    return Table(name, columns)


@cache
def shipped(name: str) -> pd.DataFrame:
    """Rows of a kind table that every case has, typed; a case may add to them or replace them."""
    raw = pd.DataFrame(_rows("kinds", name)).astype(object)
    raw.index = pd.RangeIndex(0, len(raw))
    frame, _ = parse(tables()[name], raw, f"{name}.csv")
    return frame


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, small and capital letters alike, or nothing if none is near."""
    found = process.extractOne(
        word, list(known), scorer=JaroWinkler.normalized_similarity, processor=str.lower, score_cutoff=0.8
    )
    return str(found[0]) if found else ""


def some(words: Iterable[str], most: int = 8) -> str:
    """A short list of words for a message."""
    listed = list(words)
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")


def parse(table: Table, raw: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[InputProblem]]:
    """Typed columns from text, with a problem for each cell that cannot be read.

    raw      text cells; index: line in the file
    returns  frame with all columns of the table (defaults filled, text "" and numbers NaN where missing)
    """
    problems: list[InputProblem] = []
    names = [column.name for column in table.columns]
    extra = {str(name): nearest(str(name), names) for name in raw.columns if name not in names}
    for name, near in extra.items():
        problems.append(
            InputProblem(file, 1, name, "unknown column.", f"Known: {some(names, 40)}.", near, "unknown")
        )
    misspelt = {near: name for name, near in extra.items() if near and near not in raw.columns}
    out = {}
    lost = False
    blank = pd.Series("", index=raw.index, dtype=object)
    for column in table.columns:
        given = column.name in raw.columns
        text = _text(raw[column.name]) if given else blank
        if column.required and not column.default and column.name not in misspelt:
            problems += _missing(column, text, given, file)
        values, wrong = _typed(column, text, file) if given else (_empty(column, raw.index), [])
        if column.name in misspelt:
            # read under its right name, so that the same run finds what is wrong elsewhere
            mended, unfit = _typed(column, _text(raw[misspelt[column.name]]), file)
            values = values if unfit else mended
            lost |= bool(unfit) and column.is_key
        problems += wrong
        out[column.name] = values
    frame = pd.DataFrame(out, index=raw.index)
    if not lost:
        unsure = {problem.row for problem in problems if problem.column in table.keys}
        problems += _duplicates(table, frame[~frame.index.isin(unsure)] if unsure else frame, file)
    return frame, problems


def _text(cells: pd.Series) -> pd.Series:
    return pd.Series(
        [cell.strip() if type(cell) is str else "" if pd.isna(cell) else str(cell).strip() for cell in cells],
        index=cells.index,
        dtype=object,
    )


def _missing(column: Column, text: pd.Series, given: bool, file: str) -> list[InputProblem]:
    """The cells that a required column lacks."""
    if given:
        remedy = f"It holds: {column.description}."
        return [
            InputProblem(file, int(row), column.name, "is empty.", remedy, rule="missing")
            for row, cell in zip(text.index, text, strict=True)
            if not cell
        ]
    return (
        [
            InputProblem(
                file,
                1,
                column.name,
                "the column is missing.",
                f"It holds: {column.description}.",
                rule="missing",
            )
        ]
        if len(text)
        else []
    )


def _typed(column: Column, text: pd.Series, file: str) -> tuple[pd.Series, list[InputProblem]]:
    if column.type != "text" and _HALF.search(
        "".join(text)
    ):  # nothing can look up half of a character; a free text is told of it
        text = text.str.replace(_HALF, "\ufffd", regex=True).astype(object)
    filled = text.where(text != "", column.default) if column.default else text
    if column.is_number:
        return _numbers(column, filled, file)
    if column.type == "flag":
        lower = pd.Series([cell.lower() for cell in filled], filled.index, dtype=object)
        bad = ~lower.isin(_TRUE | _FALSE)
        found = [
            InputProblem(file, int(r), column.name, f'"{text[r]}" is not yes or no.', rule="type")
            for r in text.index[bad]
        ]
        return lower.isin(_TRUE).astype(bool), found
    if column.type == "date":
        if not any(filled):
            return _repeated(_no_date(), filled.index), []
        dates = pd.to_datetime(
            filled.where(filled != "", None), errors="coerce", format="ISO8601", utc=True
        ).dt.tz_localize(None)
        bad = (dates.isna() & (filled != "")) | filled.str.contains(_ZONE)
        found = [
            InputProblem(
                file,
                int(r),
                column.name,
                f'"{text[r]}" is not a date.',
                "Write it as 2024-01-31, without a time zone.",
                rule="type",
            )
            for r in text.index[bad]
        ]
        dates = dates.where(~bad)
        return dates, found
    if column.type == "choice":
        if {"", *column.choices}.issuperset(filled):
            return filled, []
        bad = (filled != "") & ~filled.isin(column.choices)
        remedy = f"Known: {', '.join(column.choices)}."
        found = [
            InputProblem(
                file, int(r), column.name, f'"{text[r]}" is not one of its values.', remedy, near, "choice"
            )
            for r, near in ((r, nearest(text[r], column.choices)) for r in text.index[bad])
        ]
        return filled.where(~bad, column.default or ""), found
    if column.type == "colour":
        return _colours(column, filled, file)
    return filled, []


def is_colour(text: str) -> bool:
    """Whether a text is a colour as pages take it: # and six digits of base 16."""
    return _COLOUR.fullmatch(text) is not None


def _colours(column: Column, text: pd.Series, file: str) -> tuple[pd.Series, list[InputProblem]]:
    bad = (text != "") & ~text.map(is_colour).astype(bool)
    remedy = "Write # and six digits, two each for red, green and blue, such as #e69f00."
    found = []
    for row in text.index[bad]:
        near = f"#{text[row].strip('#')}"
        words = f'"{text[row]}" is not a colour.'
        found.append(
            InputProblem(
                file, int(row), column.name, words, remedy, near if is_colour(near) else "", "colour"
            )
        )
    return text.where(~bad, column.default), found


def _empty(column: Column, index: pd.Index) -> pd.Series:
    """The values of a column that nobody gave: its default in each row."""
    return _repeated(_default(column), index)


def _repeated(one: pd.Series, index: pd.Index) -> pd.Series:
    return pd.Series(np.repeat(one.to_numpy(), len(index)), index=index, dtype=one.dtype)


@cache
def _no_date() -> pd.Series:
    return pd.to_datetime(pd.Series([None], dtype=object), utc=True).dt.tz_localize(None)


@cache
def _default(column: Column) -> pd.Series:
    values, wrong = _typed(column, pd.Series([""], dtype=object), "")
    if wrong:
        raise InternalError(f"the default of column {column.name} is not a value of it")
    return values


def _numbers(column: Column, text: pd.Series, file: str) -> tuple[pd.Series, list[InputProblem]]:
    cells = np.array([cell or None for cell in text], dtype=object)
    numbers = np.asarray(pd.to_numeric(cells, errors="coerce"), dtype=float)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    values = pd.Series(numbers, text.index)
    found = [
        InputProblem(
            file,
            int(r),
            column.name,
            f'"{text[r]}" is not a number.',
            *number_meant(text[r], column.type == "share"),
            rule="type",
        )
        for r in text.index[np.isnan(numbers) & cells.astype(bool)]
    ]
    low, high = column.minimum, column.maximum
    for row in text.index[numbers < (-np.inf if low is None else low)]:
        words = "is negative" if low == 0 else f"is below {low:g}"
        found.append(
            InputProblem(
                file, int(row), column.name, f"{values[row]:g} {words}.", f"At least {low:g}.", rule="range"
            )
        )
    for row in text.index[numbers > (np.inf if high is None else high)]:
        remedy = f"At most {high:g}." + (
            " Write a percentage as a share: 5 % is 0.05." if column.type == "share" else ""
        )
        found.append(
            InputProblem(
                file, int(row), column.name, f"{values[row]:g} is above {high:g}.", remedy, rule="range"
            )
        )
    if column.type == "integer":
        for row in text.index[~np.isnan(numbers) & (numbers % 1 != 0)]:
            found.append(
                InputProblem(
                    file, int(row), column.name, f"{values[row]:g} is not a whole number.", rule="type"
                )
            )
    return values, found


def _duplicates(table: Table, frame: pd.DataFrame, file: str) -> list[InputProblem]:
    keys = list(table.keys)
    cells = ([None if value != value else value for value in frame[name].tolist()] for name in keys)
    if len(set(zip(*cells, strict=True))) == len(frame):
        return []
    required = [name for name in keys if table[name].required]
    frame = frame[((frame[required] != "") & frame[required].notna()).all(axis=1)] if required else frame
    if not keys or frame.empty:
        return []
    first: dict[tuple[str, ...], int] = {}
    found = []
    for row in frame.index[frame.duplicated(keys, keep=False)]:
        key = tuple(_plain(frame.at[row, name]) for name in keys)
        if key in first:
            label = ", ".join(word for word in key if word)
            message = f'"{label}" occurs twice. It stands in row {first[key]} already.'
            found.append(
                InputProblem(
                    file,
                    int(row),
                    keys[0],
                    message,
                    "Give it another identifier or remove one row.",
                    rule="duplicate",
                )
            )
        first.setdefault(key, int(row))
    return found


def _plain(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}"
    return "" if value is pd.NaT else str(value).removesuffix(" 00:00:00")

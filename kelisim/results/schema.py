"""What the tables of results hold, read from `tables.csv` of a study and of this folder.

A line with an empty column describes the table, the others its columns:

    table, column  names as in the result
    type           of a table: optional where a run may lack it; of a column: text, number, whole, yes_no, moment
    unit           unit of a number; {currency} is the money of the case, `unit of the row` stands in a column
    key            of a table: the table of the case whose row stands behind a row, or @column that names it;
                   of a column: yes, or the table of the case whose identifier it holds, where it is part of the key
    description    what it is, in words
    formula        from what it is added up; explain/tables.py says how it is written
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from kelisim.late import late

COLUMNS = ["table", "column", "type", "unit", "key", "description", "formula"]
KINDS = {"text": "O", "number": "f", "whole": "iu", "yes_no": "b", "moment": "MO"}  # kinds of numpy


@dataclass(frozen=True)
class ResultColumn:
    """One column of a result table."""

    name: str
    type: str
    unit: str
    key: str
    description: str
    formula: str = ""


@dataclass(frozen=True)
class ResultTable:
    """One result table: what a row is, the table of the case behind a row, its columns, whether a run may lack it."""

    name: str
    description: str = ""
    case: str = ""
    columns: dict[str, ResultColumn] = field(default_factory=dict)
    is_optional: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that name a row."""
        return tuple(name for name, column in self.columns.items() if column.key)

    def units(self, currency: str) -> dict[str, str]:
        """Unit of each column that has one."""
        return {n: c.unit.format(currency=currency) for n, c in self.columns.items() if c.unit}


def parsed(content: str) -> dict[str, ResultTable]:
    """Tables by name, from the text of a tables.csv."""
    found: dict[str, ResultTable] = {}
    for row in csv.DictReader(io.StringIO(content.strip(), newline=""), skipinitialspace=True):
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        name, column = cells["table"], cells["column"]
        if not column:
            old = found.get(name, ResultTable(name))
            is_optional = cells["type"] == "optional"
            found[name] = ResultTable(name, cells["description"], cells["key"], old.columns, is_optional)
            continue
        parts = (cells[k] for k in ("type", "unit", "key", "description", "formula"))
        found.setdefault(name, ResultTable(name)).columns[column] = ResultColumn(column, *parts)
    return found


@cache
def shared_tables() -> dict[str, ResultTable]:
    """Tables that several studies give."""
    return parsed((files("kelisim.results") / "tables.csv").read_text(encoding="utf-8"))


@cache
def own_tables(study: str) -> dict[str, ResultTable]:
    """Tables that a study describes itself; none for one that is not there."""
    if not study.isidentifier():  # the word of a run that somebody else wrote
        return {}
    folder = files("kelisim") / "studies"
    if (folder / study / "tables.csv").is_file():
        return parsed((folder / study / "tables.csv").read_text(encoding="utf-8"))
    is_file = (folder / f"{study}.py").is_file()  # a study of one file has them in its class
    return parsed(late("find")(study).tables) if is_file else {}


def described(study: str) -> dict[str, ResultTable]:
    """Tables that the results of a study may hold: its own, and those that several studies share."""
    return shared_tables() | own_tables(study)


def units_of(study: str, currency: str) -> dict[str, dict[str, str]]:
    """Table -> column -> unit of all tables of a study."""
    return {name: table.units(currency) for name, table in described(study).items()}


PART = "part"  # beside `step` in each table of a case whose steps have parts
EMPTY = {"text": "object", "number": float, "whole": int, "yes_no": bool, "moment": "datetime64[ns]"}


def framed(study: str, name: str, rows: Iterable[Any] = ()) -> pd.DataFrame:
    """A result table from its rows (tuples in the order of tables.csv, or by column), with the kinds of its columns."""
    columns = described(study)[name].columns
    frame = pd.DataFrame(list(rows), columns=list(columns))
    if frame.empty:
        return frame.astype({column: EMPTY[one.type] for column, one in columns.items()})
    moments = [column for column, one in columns.items() if one.type == "moment"]
    return frame.assign(**{column: pd.to_datetime(frame[column]) for column in moments})


def undeclared(study: str, name: str, frame: pd.DataFrame) -> list[str]:
    """What a result table has and its description lacks, and the other way round."""
    table = described(study).get(name)
    if table is None:
        return [f"{name}: no description"]
    known = {*table.columns, *([PART] if "step" in table.columns else [])}
    lacking = [column for column in frame.columns if column not in known]
    found = [f"{name}.{column}: no description" for column in lacking]
    found += [f"{name}.{column}: described, not there" for column in table.columns if column not in frame]
    for column, described_as in table.columns.items():
        # a column without a value has no kind of its own
        if column not in frame or frame[column].isna().all():
            continue
        kind = frame[column].dtype.kind
        if kind not in KINDS[described_as.type]:
            found.append(f"{name}.{column}: {kind}, not {described_as.type}")
    return found

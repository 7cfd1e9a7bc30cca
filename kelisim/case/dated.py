"""A quantity with another value on some days: which rows it is, and the case with that value on all days."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from kelisim import units
from kelisim.case import schema
from kelisim.case.case import Case, carrier_of_rows
from kelisim.case.change import Dated
from kelisim.errors import UnitError

DEMAND_KEY = ("place", "carrier", "customer_class")
# tables whose quantities are bounds, limits or prices of the problem
TABLES = ("links", "assets", "storages", "markets", "contracts", "demand", "resources", "duties")


def keys(case: Case, table: str) -> pd.Series:
    """Identifier of each row of a table; of demand place:carrier:class."""
    frame = case.table(table)
    if table == "demand":
        return frame["place"] + ":" + frame["carrier"] + ":" + frame["customer_class"]
    return frame[schema.tables()[table].id_column]


def matching(case: Case, table: str, text: str) -> list[str]:
    """Identifiers that a text with * and ? means, in the order of the table.

    A text for demand is place, place:carrier or place:carrier:class; what is not said is any.
    """
    known = list(keys(case, table))
    if table != "demand":
        return [word for word in known if word == text] or [w for w in known if fnmatchcase(w, text)]
    wanted = [*text.split(":"), "*", "*"][:3]
    return [
        word
        for word in known
        if all(fnmatchcase(have, want) for have, want in zip(word.split(":"), wanted, strict=True))
    ]


def may_change(table: str) -> list[str]:
    """Columns of a table that may have another value for some days: quantities that enter no coefficient."""
    if table not in TABLES:
        return []
    found = [column.name for column in schema.tables()[table].columns if column.type == "quantity"]
    return [*found, "level"] if table == "storages" else found


def in_row_units(case: Case, change: Dated) -> np.ndarray:
    """The value in the unit of each row that it is for, (rows). Raises UnitError."""
    frame = case.table(change.table)
    rows = keys(case, change.table).isin(change.elements).to_numpy()
    name = "working_capacity" if change.column == "level" else change.column
    column = schema.tables()[change.table][name]
    carriers = carrier_of_rows(case, change.table, frame)[rows]
    written = frame[column.unit_column][rows] if column.unit_column else pd.Series("", index=carriers.index)
    found = []
    for unit, carrier in zip(written, carriers, strict=True):
        if not change.unit or change.unit == unit or change.how == "scale":
            found.append(change.value)
        else:
            found.append(change.value * _ratio(case, change.unit, unit, column.dimension, str(carrier)))
    return np.array(found, dtype=float)


def _ratio(case: Case, unit: str, of_row: str, dimension: str, carrier: str) -> float:
    """What to multiply a number in one unit with to have it in another."""
    if dimension != "any":
        here, there = (case.units.factor(one, dimension, carrier) for one in (unit, of_row))
        return here / there
    size, powers = units.parse(unit)
    other, others = units.parse(of_row)
    if powers != others:
        raise UnitError(f'"{unit}" cannot stand for "{of_row}"')
    return size / other


def changed(case: Case, changes: Sequence[Dated]) -> Case:
    """The case with the values on all days. Raises UnitError."""
    for change in changes:
        frame = case.table(change.table).copy()
        rows = keys(case, change.table).isin(change.elements)
        values = in_row_units(case, change)
        old = frame.loc[rows, change.column].to_numpy(dtype=float)
        new = {"set": values, "scale": old * change.value, "add": old + values}[change.how]
        column = frame[change.column].astype(float)
        column[rows] = new
        frame[change.column] = column
        case = case.with_table(change.table, frame)
    return case

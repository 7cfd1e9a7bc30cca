"""Results beside results: which cells of two runs differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kelisim.results.observations import KEYS
from kelisim.results.results import Results
from kelisim.results.schema import PART, ResultTable, described
from kelisim.tolerances import ROUNDING, SMALLEST


def differences(first: Results, second: Results) -> dict[str, pd.DataFrame]:
    """Cells of numbers that differ in rows that both sides have, table by table, the largest first.

    returns  table name -> key, column, unit, first, second, difference, size. A row that one side lacks is in `only`; it has no cell
             size is the difference over the largest value of its column, so that columns of different units can be ranked
    """
    found = {}
    for name in dict.fromkeys([*first.names, *second.names]):
        if name in first and name in second and not _of_other_days(name, first, second):
            table = _cells(
                _declared(name, first), first[name], second[name], first.units(name) | second.units(name)
            )
            if len(table):
                found[name] = table
    return found


def only(first: Results, second: Results) -> pd.DataFrame:
    """Rows that one side has and the other lacks: table, side (first or second), key.

    Of tables that both have, and of those that a run of one study may lack (booked transit, duties).
    """
    parts = []
    for name in dict.fromkeys([*first.names, *second.names]):
        known = [one[name] for one in (first, second) if name in one]
        if (len(known) < 2 and not _may_lack(name, first, second)) or _of_other_days(name, first, second):
            continue
        here = known[0] if name in first else known[0].iloc[:0]
        there = known[-1] if name in second else known[0].iloc[:0]
        keys = _keys(_declared(name, first if name in first else second), here, there)[1]
        if not keys:
            continue
        a, b = _labels(here, keys), _labels(there, keys)
        for side, own, other in (("first", a, b), ("second", b, a)):
            missing = own[~own.isin(other)]
            parts.append(pd.DataFrame({"table": name, "side": side, "key": missing}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["table", "side", "key"])


def not_compared(first: Results, second: Results) -> pd.DataFrame:
    """Tables that are not held against each other: table, why (first or second: only that side has it; days: sums of other days)."""
    rows = []
    for name in dict.fromkeys([*first.names, *second.names]):
        if name in first and name in second:
            if _of_other_days(name, first, second):
                rows.append((name, "days"))
        elif not _may_lack(name, first, second):
            rows.append((name, "first" if name in first else "second"))
    return pd.DataFrame(rows, columns=["table", "why"])


def _of_other_days(name: str, first: Results, second: Results) -> bool:
    """Whether a table adds up other days on each side: the year of one study, the days shown of another."""
    is_dated = any("step" in one[name] for one in (first, second) if name in one)
    return (
        first.study != second.study and not is_dated and name != "facts" and _window(first) != _window(second)
    )


def _window(results: Results) -> list[str]:
    return list(results.meta.get("window", []))


def _may_lack(name: str, first: Results, second: Results) -> bool:
    """Whether both sides are of one study, and a run of it has this table only where there is something to tell."""
    return first.study == second.study and described(first.study).get(name, ResultTable(name)).is_optional


_CELLS = ["key", "column", "unit", "first", "second", "difference", "size"]


def _cells(
    declared: Sequence[str], here: pd.DataFrame, there: pd.DataFrame, units: dict[str, str]
) -> pd.DataFrame:
    numbers, keys = _keys(declared, here, there)
    if not numbers or not keys:
        return pd.DataFrame(columns=_CELLS)
    a, b = (frame.set_index(_labels(frame, keys))[numbers].astype(float) for frame in (here, there))
    a, b = a.align(b, join="inner", axis=0)
    unit_of = {column: units.get(column, "") for column in numbers}
    row_units = None
    if "unit" in here and "unit" in there and "unit" not in numbers:
        row_units = pd.concat(
            [frame.set_index(_labels(frame, keys))["unit"].astype(str) for frame in (here, there)]
        )
        row_units = row_units[~row_units.index.duplicated()]
    parts = []
    for column in numbers:
        one, two = a[column].fillna(0.0), b[column].fillna(0.0)
        change = two - one
        largest = float(np.nanmax(np.abs(np.concatenate([one, two])), initial=0.0))
        moved = np.abs(change) > ROUNDING * max(largest, SMALLEST)
        if not moved.any():
            continue
        part = pd.DataFrame({"key": list(one.index[moved]), "column": column})
        part["unit"] = unit_of[column]
        if row_units is not None and unit_of[column] == "unit of the row":
            part["unit"] = part["key"].map(row_units)
        part["first"], part["second"] = one[moved].to_numpy(), two[moved].to_numpy()
        part["difference"] = part["second"] - part["first"]
        part["size"] = part["difference"].abs() / largest
        parts.append(part)
    if not parts:
        return pd.DataFrame(columns=_CELLS)
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(
        ["size", "key", "column"], ascending=[False, True, True], ignore_index=True, kind="stable"
    )


def _declared(name: str, results: Results) -> Sequence[str]:
    """Columns that name a row, as the table is described."""
    return KEYS.get(name, ()) or described(results.study).get(name, ResultTable(name)).keys


def _keys(declared: Sequence[str], here: pd.DataFrame, there: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Columns of numbers that both sides have, and those that name a row: as declared, else the first that do."""
    shared = [c for c in here.columns if c in there]
    numbers = [c for c in shared if here[c].dtype.kind in "fiu" and there[c].dtype.kind in "fiu"]
    words = [c for c in shared if c not in numbers]
    known = [c for c in declared if c in words]
    if known and not here.duplicated(known).any() and not there.duplicated(known).any():
        return numbers, known
    return numbers, _identifying(here, there, words)


def _identifying(here: pd.DataFrame, there: pd.DataFrame, words: list[str]) -> list[str]:
    """The first columns that together name a row on both sides; all of them if they do not."""
    for count in range(1, len(words) + 1):
        keys = words[:count]
        if not here.duplicated(keys).any() and not there.duplicated(keys).any():
            return keys
    return words


def _labels(frame: pd.DataFrame, keys: list[str]) -> pd.Index:
    """One text per row from its keys; equal ones are numbered."""
    if not keys:
        return pd.Index([str(at) for at in range(len(frame))])
    texts = {key: frame[key].astype(str) for key in keys}
    if "step" in keys and PART in frame:  # of a day its part
        texts["step"] = frame["step"].dt.strftime("%Y-%m-%d") + " " + frame[PART].astype(str)
    label = texts[keys[0]]
    for key in keys[1:]:
        label = label + ":" + texts[key]
    again = label.groupby(label).cumcount()
    return pd.Index(label.where(again == 0, label + "#" + (again + 1).astype(str)))

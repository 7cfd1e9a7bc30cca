"""Results beside results: which cells of two runs differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.results.observations import KEYS
from kelisim.results.results import Results
from kelisim.results.schema import PART, ResultTable, described
from kelisim.tolerances import ROUNDING, SMALLEST


def differences(first: Results, second: Results) -> dict[str, pd.DataFrame]:
    """Cells of numbers that differ, table by table, the largest first.

    returns  table name -> key, column, unit, first, second, difference, size. Rows that only one side has count as 0 there, and so do
             tables that a run may lack (booked transit, duties)
             size is the difference over the largest value of its column, so that columns of different units can be ranked
    """
    found = {}
    for name in dict.fromkeys([*first.names, *second.names]):
        known = [one[name] for one in (first, second) if name in one]
        if len(known) < 2 and not _may_lack(name, first, second):
            continue
        here = known[0] if name in first else known[0].iloc[:0]
        there = known[-1] if name in second else known[0].iloc[:0]
        units = [one.units(name) for one in (first, second) if name in one]
        table = _cells(name, here, there, units[0] | units[-1])
        if len(table):
            found[name] = table
    return found


def _may_lack(name: str, first: Results, second: Results) -> bool:
    """Whether both sides are of one study, and a run of it has this table only where there is something to tell."""
    return first.study == second.study and described(first.study).get(name, ResultTable(name)).is_optional


_CELLS = ["key", "column", "unit", "first", "second", "difference", "size"]


def _cells(name: str, here: pd.DataFrame, there: pd.DataFrame, units: dict[str, str]) -> pd.DataFrame:
    numbers = [
        c for c in here.columns if c in there and here[c].dtype.kind in "fiu" and there[c].dtype.kind in "fiu"
    ]
    words = [c for c in here.columns if c in there and c not in numbers]
    if not numbers:
        return pd.DataFrame(columns=_CELLS)
    keys = list(KEYS.get(name, ())) or _identifying(here, there, words)
    a, b = (frame.set_index(_labels(frame, keys))[numbers].astype(float) for frame in (here, there))
    a, b = a.align(b, join="outer", axis=0)
    unit_of = {column: units.get(column, "") for column in numbers}
    row_units = None
    if "unit" in words:
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
        part = pd.DataFrame({"key": one.index[moved], "column": column})
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

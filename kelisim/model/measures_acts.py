"""What the measures of a case change: cells before and after, in internal units, and which of them can help nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.acts import targets
from kelisim.case.case import Case, carrier_of_rows
from kelisim.errors import UnitError
from kelisim.model.frame import OUT_OF_BASE
from kelisim.tolerances import ROUNDING


@dataclass(frozen=True)
class Act:
    """One thing that a measure changes: a cell of the case, before and after, in internal units."""

    measure: str
    table: str
    element: str
    column: str
    before: float
    after: float

    @property
    def label(self) -> str:
        return f"{self.measure}|{self.table}:{self.element}:{self.column}"


def acts(case: Case) -> tuple[list[Act], dict[str, str]]:
    """What the measures of a case change, and the measures that change nothing that could help, with the reason."""
    found: list[Act] = []
    left_out: dict[str, str] = {}
    for row in case.table("measures").itertuples(index=False):
        mine = [_act(case, row, *target) for target in targets(row.acts_on)]
        kept = [act for act in mine if _helps(act)]
        if kept:
            found += kept
        else:
            left_out[row.measure] = _reason(mine)
    return found, left_out


def _helps(act: Act) -> bool:
    if act.table == "demand":
        return act.after < act.before - ROUNDING
    return act.after > act.before + ROUNDING


def _reason(mine: list[Act]) -> str:
    if mine and mine[0].table == "markets":
        return "buyers abroad give way by price in any case, so that a stop of exports adds nothing"
    return "it takes something away and cannot help anybody who is short"


def _act(case: Case, row: object, table: str, element: str, column: str) -> Act:
    frame = case.quantities(table)
    keys = keys_of(table, frame)
    at = int(np.flatnonzero(keys == element)[0])
    before = float(frame[column].iloc[at])
    factor = _factor(case, table, column, at, str(row.unit))  # type: ignore[attr-defined]
    value, mode = float(row.value), str(row.mode)  # type: ignore[attr-defined]
    after = before * value if mode == "scale" else value * factor + (before if mode == "add" else 0.0)
    if "status" in frame and frame["status"].iloc[at] in OUT_OF_BASE:
        before = 0.0
    return Act(str(row.measure), table, element, column, before, after)  # type: ignore[attr-defined]


def keys_of(table: str, frame: pd.DataFrame) -> pd.Series:
    if table == "demand":
        return frame["place"] + ":" + frame["carrier"] + ":" + frame["customer_class"]
    return frame.iloc[:, 0]


def _factor(case: Case, table: str, column: str, at: int, unit: str) -> float:
    """What turns a value in the measure's unit, or else in that of the row, into internal units."""
    described = schema.tables()[table][column]
    written = case.table(table)
    carrier = str(list(carrier_of_rows(case, table, written))[at]).split(";")[0]
    if described.dimension in ("", "any"):
        own = str(written["unit"].iloc[at]) if described.dimension == "any" else ""
        if not unit or unit == own or not own:
            return 1.0
        try:
            return case.units.factor(unit, "power", carrier) / case.units.factor(own, "power", carrier)
        except UnitError:
            return 1.0
    return case.units.factor(
        unit or str(written[described.unit_column].iloc[at]), described.dimension, carrier
    )

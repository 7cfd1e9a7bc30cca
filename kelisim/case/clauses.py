"""Clauses of contracts: which parameters each has, and their values for one contract in the units of its price."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case

Floats = npt.NDArray[np.float64]
BILLED_UNDER = "billed_under"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a clause.

    dimension  energy_price, energy or power; empty for a plain number
    several    one for each item
    """

    dimension: str
    is_required: bool
    several: bool
    minimum: float | None
    maximum: float | None
    description: str


@cache
def parameters() -> dict[str, dict[str, Parameter]]:
    """Clause -> parameter -> what it is; the parameter of a clause without values has no name."""
    text = (files("kelisim.case") / "kinds" / "clause_parameters.csv").read_text(encoding="utf-8")
    found: dict[str, dict[str, Parameter]] = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        low, high = (float(row[side]) if row[side] else None for side in ("minimum", "maximum"))
        one = Parameter(
            row["dimension"], row["required"] == "yes", row["several"] == "yes", low, high, row["description"]
        )
        found.setdefault(row["clause"], {})[row["parameter"]] = one
    return found


def unit_of_price(price_unit: str) -> str:
    """What a price is paid for: "1000 m3" of "USD/1000 m3"."""
    return price_unit.partition("/")[2].strip()


class Terms:
    """The clauses of one contract. Prices are currency per unit of its price, quantities such units, rates such units per hour.

    unit   of quantities, that of the contract's price
    size   MWh of one unit
    """

    def __init__(self, case: Case, contract: pd.Series) -> None:
        self.unit = unit_of_price(str(contract["price_unit"]))
        self._carrier = str(contract["carrier"])
        self._case = case
        self.size = case.units.factor(self.unit, "energy", self._carrier)
        rows = case.table("clauses")
        self._rows = rows[rows["contract"] == contract["contract"]].sort_values("start", na_position="first")

    @property
    def clauses(self) -> list[str]:
        """Clauses that the table names, in its order."""
        return list(dict.fromkeys(self._rows["clause"]))

    def items(self, clause: str) -> list[str]:
        """Items of a clause, in the order of the table."""
        return sorted(set(self._rows["item"][self._rows["clause"] == clause]) - {""})

    def value(self, clause: str, parameter: str, default: float = np.nan, item: str = "") -> float:
        """A value that holds always; the default where it is not given."""
        values = self._values(clause, parameter, item)["value"]
        return float(values.iloc[-1]) if len(values) else default

    def over(
        self, clause: str, parameter: str, days: pd.DatetimeIndex, default: float = np.nan, item: str = ""
    ) -> Floats:
        """The value on each day; before the first the default."""
        rows = self._values(clause, parameter, item)
        found = np.full(len(days), default)
        for start, value in zip(rows["start"], rows["value"], strict=True):
            found[days >= start if not pd.isna(start) else np.ones(len(days), bool)] = value
        return found

    def begins(self, clause: str, parameter: str) -> pd.Timestamp | None:
        """The first day of which a value is given."""
        days = self._rows["start"][(self._rows["clause"] == clause) & (self._rows["parameter"] == parameter)]
        return None if days.dropna().empty else days.min()

    def _values(self, clause: str, parameter: str, item: str) -> pd.DataFrame:
        rows = self._rows
        chosen = (rows["clause"] == clause) & (rows["parameter"] == parameter)
        rows = rows[chosen & ((rows["item"] == item) if item else True)]
        dimension = parameters()[clause][parameter].dimension
        if not dimension or rows.empty:
            return rows
        size = {"energy_price": self.size, "energy": 1.0 / self.size, "power": 1.0 / self.size}[dimension]
        factors = [self._case.units.factor(unit, dimension, self._carrier) * size for unit in rows["unit"]]
        return rows.assign(value=rows["value"].to_numpy() * np.array(factors))

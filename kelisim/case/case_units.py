"""Conversions with the carriers, the year and the currency of a case, and the units in which an answer tells each carrier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from kelisim import units
from kelisim.errors import UnitError


class Told(NamedTuple):
    """Unit in which an answer tells a carrier.

    factor   what to multiply MW with, of an amount MWh
    is_rate  a flow, such as million m3/day; else an amount, such as kt
    """

    unit: str
    factor: float
    is_rate: bool


class Units:
    """Conversions with a case's carriers, year and currency."""

    def __init__(
        self, carriers: pd.DataFrame, year_hours: float, currency: str, told: Mapping[str, str] | None = None
    ) -> None:
        self._year_hours = year_hours
        self._currency = currency
        self._told = told or {}
        rows = carriers.set_index("carrier")
        self._display = {str(k): str(v) for k, v in rows["display_unit"].items()}
        self._family = {str(k): str(v) for k, v in rows["family"].items()}
        self._heat = {}
        for carrier, row in rows.iterrows():
            density = float(row["density"])
            energy = float(row["energy_per_unit"])
            try:
                form = units.form_of(str(row["display_unit"]))
            except UnitError:
                continue
            self._heat[str(carrier)] = units.Heat(form, energy or 1.0, None if np.isnan(density) else density)

    def heat(self, carrier: str) -> units.Heat:
        return self._heat.get(carrier, units.Heat())

    def factor(self, unit: str, dimension: str, carrier: str = "") -> float:
        return units.factor(unit, dimension, self.heat(carrier), self._year_hours, self._currency)

    def ratio(self, unit: str, top: str, bottom: str) -> float:
        return units.ratio(unit, self.heat(top), self.heat(bottom), self._year_hours)

    def draw(self, amount_unit: str, use_unit: str, carrier: str, over: str) -> tuple[float, float, str]:
        return units.draw(amount_unit, use_unit, self.heat(carrier), self._year_hours, over)

    def display(self, carrier: str) -> tuple[str, float]:
        """Unit of quantities on pages and what to multiply MWh with."""
        unit = self._display.get(carrier, "TWh")
        return unit, 1.0 / self.factor(unit, "energy", carrier)

    def told(self, carrier: str) -> Told:
        """Unit in which an answer tells a carrier: that of `[display] units`, by carrier or else by family."""
        unit = self._told.get(carrier) or self._told.get(self._family.get(carrier, ""))
        if unit is None:
            return Told(*self.display(carrier), is_rate=False)
        try:
            return Told(unit, 1.0 / self.factor(unit, "power", carrier), is_rate=True)
        except UnitError:
            return Told(unit, 1.0 / self.factor(unit, "energy", carrier), is_rate=False)

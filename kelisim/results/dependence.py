"""Indicators of dependence for an area and a carrier: from traced flows of a period, and from capacities.

Every indicator of the list is a function of one `Trade` of an area; what an area does not do (import, export, use) has no value.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.results import indices

NAN = float("nan")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Indicator:
    """One row of the list.

    better     lower or higher
    low, high  between which a value is neither good nor bad; NaN without a reading
    """

    name: str
    formula: str
    better: str
    low: float
    high: float
    source: str
    confidence: str
    reason: str


@cache
def listed() -> dict[str, Indicator]:
    """The shipped set, those without a function and their reason included."""
    text = (files("kelisim.results") / "indicators.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        low, high = (float(row[side]) if row[side] else NAN for side in ("low", "high"))
        about = (row["source"], row["confidence"], row["reason"])
        found[row["indicator"]] = Indicator(row["name"], row["formula"], row["better"], low, high, *about)
    return found


@dataclass(frozen=True)
class Trade:
    """What an area does with a carrier in a period: energy MWh, capacities and loads MW.

    suppliers, buyers  area -> energy used here that it supplied; energy supplied here that it uses; the area itself included
    exits, entries     link, to (area behind the border), energy
    export_ways, import_ways  area, entered, ends, through
    capacity           supplier -> what it can bring at most; the area itself is one
    loads, hours       highest use of each step and its length, (steps)
    """

    area: str
    suppliers: pd.Series
    buyers: pd.Series
    exits: pd.DataFrame
    entries: pd.DataFrame
    export_ways: pd.DataFrame
    import_ways: pd.DataFrame
    capacity: Mapping[str, float]
    loads: Floats
    hours: Floats

    @property
    def use(self) -> float:
        """Energy used here, whoever supplied it."""
        return float(self.suppliers.sum())

    @property
    def imported(self) -> pd.Series:
        """Energy used here that others supplied, by area."""
        return self.suppliers.drop(self.area, errors="ignore")

    @property
    def exported(self) -> pd.Series:
        """Energy supplied here that others use, by area."""
        return self.buyers.drop(self.area, errors="ignore")

    def pivotal(self, supplier: str) -> float:
        """Residual supply index at the highest use: what all others can bring over what is used."""
        rest = sum(size for name, size in self.capacity.items() if name != supplier)
        return rest / float(self.loads.max()) if self.loads.max(initial=0.0) > 0 else NAN

    @property
    def largest(self) -> str:
        """The supplier with most capacity other than the area itself; of equal ones the first by name."""
        others = {name: size for name, size in self.capacity.items() if name != self.area and size > 0}
        return min(others, key=lambda name: (-others[name], name)) if others else ""


def _whole(amounts: pd.Series) -> float:
    return float(amounts.sum())


def _hhi(amounts: pd.Series) -> float:
    return indices.hhi(amounts.to_numpy()) if _whole(amounts) > 0 else NAN


def _shannon(amounts: pd.Series) -> float:
    return indices.shannon(amounts.to_numpy()) if _whole(amounts) > 0 else NAN


def _by_area(frame: pd.DataFrame) -> pd.Series:
    return frame.groupby("to")["energy"].sum()


def _largest_share(frame: pd.DataFrame, of: float, column: str) -> float:
    return float(frame[column].max()) / of if len(frame) and of > 0 else NAN


def balance_index(amounts: pd.Series) -> float:
    """How evenly partners share a trade: 1 - (H - 1/n) / (1 - 1/n), 1 for even shares, 0 for a single one of several.

    amounts  energy or money by partner
    returns  NaN without a second partner
    """
    count = int((amounts > 0).sum())
    if count < 2:
        return NAN
    return 1.0 - (_hhi(amounts) - 1.0 / count) / (1.0 - 1.0 / count)


def _residual(trade: Trade) -> float:
    return trade.pivotal(trade.largest) if trade.largest else NAN


def _pivotal_hours(trade: Trade) -> float:
    """Share of the hours in which the largest supplier cannot be done without."""
    if not trade.largest or not (trade.loads > 0).any():
        return NAN
    rest = sum(size for name, size in trade.capacity.items() if name != trade.largest)
    return float(trade.hours[trade.loads > rest].sum() / trade.hours.sum())


def _three_pivotal(trade: Trade) -> float:
    """What is left without the three largest suppliers, the area itself included, over the highest use."""
    sizes = sorted(trade.capacity.values(), reverse=True)
    top = float(trade.loads.max(initial=0.0))
    return sum(sizes[3:]) / top if top > 0 and sizes else NAN


def _concentration(trade: Trade) -> float:
    """Sum of squares of imports by supplier over use (Cohen, Joutz and Loungani 2011), 0-1."""
    return float(((trade.imported / trade.use) ** 2).sum()) if trade.use > 0 else NAN


FUNCTIONS: dict[str, Callable[[Trade], float]] = {
    "import_dependence": lambda t: (_whole(t.imported) - _whole(t.exported)) / t.use if t.use > 0 else NAN,
    "imports_of_use": lambda t: _whole(t.imported) / t.use if t.use > 0 else NAN,
    "largest_supplier": lambda t: float(t.imported.max()) / t.use if t.use > 0 and len(t.imported) else NAN,
    "exports_of_supply": lambda t: _whole(t.exported) / _whole(t.buyers) if _whole(t.buyers) > 0 else NAN,
    "largest_buyer": lambda t: (
        float(t.exported.max()) / _whole(t.exported) if _whole(t.exported) > 0 else NAN
    ),
    "import_transit": lambda t: _largest_share(t.import_ways, _whole(t.imported), "through"),
    "export_transit": lambda t: _largest_share(t.export_ways, _whole(t.exits["energy"]), "entered"),
    "hhi_supplier": lambda t: _hhi(t.suppliers),
    "shannon_supplier": lambda t: _shannon(t.suppliers),
    "hhi_import_route": lambda t: _hhi(t.entries["energy"]),
    "hhi_export_route": lambda t: _hhi(t.exits["energy"]),
    "shannon_export_route": lambda t: _shannon(t.exits["energy"]),
    "hhi_export_state": lambda t: _hhi(_by_area(t.exits)),
    "hhi_import_state": lambda t: _hhi(_by_area(t.entries)),
    "hhi_buyer": lambda t: _hhi(t.exported),
    "balance_export": lambda t: balance_index(_by_area(t.exits)),
    "balance_import": lambda t: balance_index(t.imported),
    "csi": _concentration,
    "rsi": _residual,
    "psi": _pivotal_hours,
    "tps": _three_pivotal,
}


def reading(indicator: Indicator, value: float) -> str:
    """good, fair or poor by the bands of an indicator; empty where it has none."""
    if np.isnan(value) or np.isnan(indicator.low) or np.isnan(indicator.high):
        return ""
    below, above = ("good", "poor") if indicator.better == "lower" else ("poor", "good")
    return below if value < indicator.low else above if value > indicator.high else "fair"

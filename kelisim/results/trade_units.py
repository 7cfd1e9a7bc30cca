"""Units in which a carrier is traded: of volumes by time, of prices, and of amounts, as most links of the case give them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kelisim.case.case import Case
from kelisim.errors import UnitError

OF_A_DAY = {"bcm/year": "million m3/day", "Mt/year": "kt/day"}


@dataclass(frozen=True)
class TradeUnit:
    """Unit of volumes and of prices of a carrier: as most links of the case give them.

    volume, price  names; size, money what one of it is in MW and currency/MWh
    energy         unit of amounts of it, and what one is in MWh
    """

    volume: str
    size: float
    price: str
    money: float
    amount: str
    energy: float

    @classmethod
    def of(cls, case: Case, carrier: str, by_day: bool = False) -> TradeUnit:
        """The unit of a carrier; `by_day` for volumes of one day where those of the links are by year."""
        links = case.table("links")
        links = links[links["carrier"] == carrier]
        volume = _usual(links["unit"], "MW")
        volume = OF_A_DAY.get(volume, volume) if by_day else volume
        price = _usual(links["tariff_unit"], f"{case.currency}/MWh")
        amount, factor = case.units.display(carrier)
        sizes = (case.units.factor(volume, "power", carrier), _price(case, price, carrier))
        return cls(volume, sizes[0], price, sizes[1], amount, 1.0 / factor)


def _usual(values: pd.Series, none: str) -> str:
    known = values[values.astype(str) != ""].value_counts()
    return sorted(known.index[known == known.max()])[0] if len(known) else none


def _price(case: Case, unit: str, carrier: str) -> float:
    try:
        return case.units.factor(unit, "energy_price", carrier)
    except UnitError:
        return 1.0

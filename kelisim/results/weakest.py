"""What hurts most if it is lost: one measure and one choice for contingencies, risks, the border and the map.

A loss hurts the home country by the value of what its own customers lack and, where what is lost lies in it or ends there, by all
else that it costs: supply that is dearer, sales that are not made. A limit that has a price hurts nobody by that: its rent is no loss.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import voll_of
from kelisim.case.territory import countries_of
from kelisim.tolerances import SMALL_MONEY, SMALL_SHARE

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Member = tuple[str, str]  # table, element


class Hurt:
    """Measures losses by what they do to one country.

    country  code; everything counts if empty
    home     rows of demand in it, mask
    value    value of lost load of each row of demand, currency/MWh
    """

    def __init__(self, case: Case, country: str) -> None:
        self.case, self.country = case, country
        demand = case.quantities("demand")
        self._country_of = case.table("places").set_index("place")["country"].to_dict()
        where = demand["place"].map(self._country_of)
        self.home: Bools = np.asarray((where == country) if country else where.notna(), dtype=bool)
        self.value: Floats = np.nan_to_num(voll_of(case, demand))

    @classmethod
    def of(cls, case: Case) -> Hurt:
        """That of the home country of a case."""
        return cls(case, str(case.setting("defaults", "home")))

    def is_home(self, members: Sequence[Member]) -> bool:
        """Whether one of some elements lies in the country or ends there."""
        return not self.country or any(self.country in self._countries(*member) for member in members)

    def _countries(self, table: str, element: str) -> set[str]:
        if table == "places":
            return {str(self._country_of.get(element, ""))}
        return countries_of(self.case, table, element)

    def cost(self, costs: Floats, energy: Floats, is_home: Bools) -> Floats:
        """What each loss costs the country, currency.

        costs    in all countries, beyond the plan, (losses,)
        energy   MWh that each row of demand lacks, (losses, rows)
        is_home  whether what is lost lies in the country or ends there, (losses,)
        """
        own, abroad = (
            energy[:, self.home] @ self.value[self.home],
            energy[:, ~self.home] @ self.value[~self.home],
        )
        if not self.country:
            return np.asarray(costs)
        return np.where(is_home, np.maximum(costs - abroad, 0.0), np.clip(own, 0.0, np.maximum(costs, 0.0)))


def weakest(losses: pd.DataFrame, hurts: str) -> pd.Series | None:
    """The row of the loss that hurts most; of equal ones the first. None where none hurts.

    hurts  column with what each loss costs, currency
    """
    if losses.empty or losses[hurts].max() <= SMALL_MONEY:
        return None
    return losses.loc[losses[hurts].idxmax()]


def leaning(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of which more than a hundredth, fuels included, comes from across the border."""
    return table[table[["share_across_now", "share_with_fuel"]].max(axis=1) > SMALL_SHARE]

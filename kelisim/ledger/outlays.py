"""What projects cost: investment spread over the years of service, and running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.ledger.venture import npv


def annuity(rate: float, years: float, building: int = 0) -> float:
    """Share of an investment that each year of service has to earn, so that its present value in the books is 0.

    It is spent in equal parts in the years of building, and the first year of service follows the last of them; years are discounted as
    in kelisim/ledger/venture.py. Years of service that are no whole number count in part.

    >>> round(annuity(0.1, 20.0), 4), round(annuity(0.1, 20.0, 3), 4)
    (0.1068, 0.1296)
    """
    whole = int(years)
    served = npv(np.ones(whole), rate) + (years - whole) * (1.0 + rate) ** -whole
    spent = npv(np.ones(building), rate) / building if building else 1.0
    return spent * (1.0 + rate) ** building / served


@dataclass(frozen=True)
class Outlay:
    """What a project costs.

    capex    currency; not a number where nobody has published it
    running  a year
    yearly   building and running, a year
    years    of service
    """

    capex: float
    running: float
    yearly: float
    years: float


def outlays(
    rows: pd.DataFrame, given: Mapping[str, float], rate: float, life: float, running: float, time: int
) -> dict[str, Outlay]:
    """Outlay of each project; what is given (currency) counts before the case. Where there is none, building costs nothing here.

    rows     of the table projects, by their id
    rate     a year
    life     years, where the project has none of its own
    running  share of capex a year, where the project has no opex of its own
    time     years of building
    """
    found = {}
    for project, row in rows.iterrows():
        capex = given.get(str(project), float(row["capex"]) * 1e6)
        years = float(row["lifetime"]) if row["lifetime"] > 0 else life
        known = capex if np.isfinite(capex) else 0.0
        opex = float(row["opex"]) * 1e6 if np.isfinite(row["opex"]) else running * known
        found[str(project)] = Outlay(capex, opex, known * annuity(rate, years, time) + opex, years)
    return found

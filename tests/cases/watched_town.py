"""A town whose supply is watched: what is owed, what was observed from 2023 to 2025, a storage on its way to winter, a contract.

supply   12 at every time: 33 months about 14 and a season of 1, so kept; shaky the same with 11.8 in March 2025
growth   10 MW by the end of 2026: months that rise by 1 MW a year from 5, so out of reach
ceiling  no more than 5 MW: 4 each month but one
band     deviations of no more than 150 MW to both sides: days of September, the last at -160
duty     no number; rights  nothing observed; old  ended and kept; term  900 GWh from March to December 2025, a tenth a month, so may be missed or not
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from tests.cases.make import make
from tests.cases.road_town import PARTS

PROVISIONS = """
    provision, agreement, topic,      obligor, beneficiary, quantity, unit, start,      end,        metric,                threshold, text,                 confidence
    supply,    deal,      supply,     RU,      KZ,          ,         ,     2023-01-01, 2030-12-31, at every time,         12,        bring gas to town,    B
    shaky,     deal,      supply,     RU,      KZ,          ,         ,     2023-01-01, 2030-12-31, at every time,         12,        bring gas each day,   B
    growth,    deal,      supply,     RU,      KZ,          10,       MW,   2023-01-01, 2026-12-31, mean of the year,      ,          raise deliveries,     B
    ceiling,   deal,      transit,    KZ,      RU,          5,        MW,   2023-01-01, 2030-12-31, flow <= ceiling,       ,          carry no more than 5, B
    band,      deal,      emergency,  KZ,      RU,          150,      MW,   2023-01-01, ,           |deviation| <= 150 MW, ,          keep within the band, B
    duty,      deal,      regulatory, RU,      KZ,          ,         ,     2023-01-01, ,           ,                      ,          create conditions,    C
    rights,    deal,      transit,    KZ,      RU,          3,        MW,   2023-01-01, ,           flow,                  ,          let gas through,      B
    old,       deal,      supply,     RU,      KZ,          3,        MW,   2023-01-01, 2024-12-31, mean,                  ,          first deliveries,     B
    later,     deal,      supply,     RU,      KZ,          3,        MW,   2027-01-01, 2030-12-31, mean,                  ,          second deliveries,    B
    term,      deal,      power,      UZ,      KZ,          900,      GWh,  2025-03-01, 2025-12-31, monthly delivery,      ,          power for the south,  B
    yearly,    deal,      supply,     RU,      KZ,          3.65,     million m3/year, 2023-01-01, 2030-12-31, annual volume, ,        a little gas,         B
"""
STORAGES = """
    storage, place, carrier,     working_capacity, unit, injection, withdrawal, level_start, level_end, norm_days, norm_use, rate_unit, target
    cavern,  town,  natural_gas, 4800,             MWh,  20,        20,         0.5,         0.5,       10,        8,        MW,        11-01:0.9;04-01:0.2
"""
CONTRACTS = """
    contract, name,       kind,    carrier,     annual_quantity, unit, take_or_pay, over, delivery_place
    gas,      Gas supply, supply,  natural_gas, 87.6,            GWh,  0.8,         old,  town
"""


@cache
def rows() -> str:
    """The observations as CSV."""
    lines = ["observation, table, element, period, value, unit, use"]

    def add(table: str, element: str, period: object, value: float, unit: str) -> None:
        lines.append(f"w{len(lines)}, {table}, {element}, {period}, {value:.6g}, {unit}, monitored")

    noise = np.random.default_rng(5).normal(0.0, 1.0, (6, 33)).round(3)
    for at, month in enumerate(pd.period_range("2023-01", "2025-09", freq="M")):
        season = float(np.cos(2 * np.pi * (month.month - 1) / 12))
        supply = 14.0 + season + 0.1 * noise[0, at]
        add("provisions", "supply", month, supply, "1")
        add("provisions", "shaky", month, 11.8 if str(month) == "2025-03" else supply, "1")
        add("provisions", "growth", month, 5.0 + at / 12 + 0.1 * season + 0.1 * noise[1, at], "MW")
        add(
            "provisions", "ceiling", month, 5.5 if str(month) == "2025-03" else 4.0 + 0.1 * noise[2, at], "MW"
        )
        add("provisions", "yearly", month, month.days_in_month / 100.0 + 0.005 * noise[3, at], "million m3")
        if month.year < 2025:
            add("provisions", "old", month, 3.1, "MW")
        if month >= pd.Period("2025-03"):
            add("provisions", "term", month, 90.0 + 4.0 * noise[4, at], "GWh")
    for day in pd.period_range("2025-09-01", "2025-09-30", freq="D"):
        add("provisions", "band", day, -160.0 if day.day == 30 else 100.0, "MW")
    for at, day in enumerate(pd.period_range("2025-09-01", "2025-09-30", freq="D")):
        add("storages", "cavern", day, 40.0 + 0.3 * at + 0.1 * (-1) ** at, "percent")
        add("contracts", "gas", day, 0.1, "GWh")
    return "\n".join(lines)


def watched_town() -> Case:
    """The case by months of 2024."""
    parts = {
        name: PARTS[name] for name in ("places", "links", "assets", "asset_ports", "demand", "agreements")
    }
    own = {"provisions": PROVISIONS, "storages": STORAGES, "contracts": CONTRACTS, "observations": rows()}
    return make(months=12, defaults={"home": "KZ"}, **(parts | own))

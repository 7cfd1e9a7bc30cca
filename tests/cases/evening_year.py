"""The border year with parts of the day: homes use most power in the evening.

RU: b_town (homes 12 night, 20 day, 31 evening; industry 13; plant 40) <--line 30--> KZ: a_town (CHP)
Without the line b_town lacks 4.6 MW in the evening, and nothing at night or by day.
"""

from __future__ import annotations

from dataclasses import replace

from kelisim.case.case import Case
from tests.cases.border_year import border_year

PARTS = (("night", 8), ("day", 11), ("evening", 5))
# of each hour; the mean of the day is 0.96, and that of the horizon is scaled to the amount
SHAPE = [0.6] * 8 + [1.0] * 11 + [1.55] * 5
DEMAND = """
    place,  carrier,     customer_class, amount, unit,    profile
    a_town, natural_gas, household,      10,     MW year, cold
    a_town, natural_gas, industry,       5,      MW year,
    a_town, heat,        heat,           35,     MW year, cold
    a_town, electricity, household,      25,     MW year, homes
    a_town, electricity, industry,       15,     MW year,
    b_town, natural_gas, household,      40,     MW year, cold
    b_town, natural_gas, industry,       10,     MW year,
    b_town, electricity, household,      20,     MW year, homes
    b_town, electricity, industry,       13,     MW year,
"""


def evening_year(days: int = 60, months: int = 0, **parts: str) -> Case:
    """The case; `days` from 1 January, or `months`, in parts of the day."""
    cold = enumerate((1.5, 1.4, 1.2, 1, 0.8, 0.6, 0.5, 0.5, 0.7, 1, 1.3, 1.5), 1)
    rows = [f"cold, {month}, , {value}" for month, value in cold]
    rows += [f"homes, , {hour}, {value}" for hour, value in enumerate(SHAPE)]
    profiles = "profile, month, hour, value\n" + "\n".join(rows)
    case = border_year(days=days, months=months, **({"demand": DEMAND, "profiles": profiles} | parts))
    return replace(case, horizon=replace(case.horizon, parts=PARTS))

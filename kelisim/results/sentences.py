"""Answers in words: the number, the unit, the period, and what it is compared with."""

from __future__ import annotations

from datetime import date
from math import floor, isnan, log10
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.names import element_names
from kelisim.tolerances import SMALL_ENERGY as LEAST

LADDERS = {
    "TWh": ("TWh", "GWh", "MWh"), "GWh": ("GWh", "MWh"), "bcm": ("bcm", "million m3", "thousand m3"),
    "Mt": ("Mt", "kt", "t"), "kt": ("kt", "t"),
}  # fmt: skip
NAMED = 3  # rows of demand that a sentence names


def rounded(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, thousands separated."""
    if value == 0 or isnan(value):
        return "0"
    decimals = max(0, digits - 1 - floor(log10(abs(value))))
    return f"{round(value, digits - 1 - floor(log10(abs(value)))):,.{decimals}f}"


def amount(case: Case, carrier: str, energy: float, signed: bool = False) -> str:
    """Energy in the carrier's unit of pages, or a smaller one, with three digits: "53.2 million m3".

    energy  MWh
    """
    unit, factor = case.units.display(carrier)
    value = energy * factor
    steps = LADDERS.get(unit, (unit,))
    if value == 0.0:
        return f"0 {unit}"
    at = 0
    while at + 1 < len(steps) and abs(value) < 1.0:
        value, at = value * 1000.0, at + 1
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{rounded(value)} {steps[at]}"


def day(moment: Any) -> str:
    """12 January 2024; "never" where there is none."""
    if moment is None or pd.isna(moment):
        return "never"
    stamp = pd.Timestamp(moment)
    return f"{stamp.day} {stamp.month_name()} {stamp.year}"


def moment(case: Case, step: Any) -> str:
    """When a step is: its day, or "January 2024" for a step of a month, which does not say on which day; "never" for none."""
    if step is None or pd.isna(step):
        return "never"
    horizon = case.horizon
    stamp = pd.Timestamp(step)
    if horizon.step == "1mo":
        return f"{stamp.month_name()} {stamp.year}"
    return day(stamp)


def energy(value: float) -> str:
    """Energy of several carriers added up: "40.2 TWh", "310 MWh".

    value  MWh
    """
    for size, unit in ((1e6, "TWh"), (1e3, "GWh")):
        if abs(value) >= size:
            return f"{rounded(value / size)} {unit}"
    return f"{rounded(value)} MWh"


def changed(case: Case, carrier: str, base: float, change: float) -> str:
    """How the use of something changes: "286 million m3 in the plan, now 212 million m3 (-26 %)".

    base, change  MWh
    """
    if abs(change) < LEAST:
        return (
            f"{amount(case, carrier, base)}, as in the plan"
            if abs(base) >= LEAST
            else "not in use, as in the plan"
        )
    if abs(base) < LEAST:
        return f"not in use in the plan, now {amount(case, carrier, abs(change))}"
    now = base + change
    if abs(now) < LEAST:
        return f"{amount(case, carrier, base)} in the plan, now nothing"
    if now * base < 0:
        return (
            f"{amount(case, carrier, base)} in the plan, now {amount(case, carrier, abs(now))} the other way"
        )
    return f"{amount(case, carrier, base)} in the plan, now {amount(case, carrier, now)} ({change / base * 100.0:+.0f} %)"


def percent(share: float) -> str:
    """A share as 34 %, or "less than 1 %"."""
    if 0.0 < share < 0.005:
        return "less than 1 %"
    return f"{share * 100:.0f} %"


def answered(
    case: Case, disrupted: AgainstPlan, lost: str, start: date, days: int, share: float, event: str = ""
) -> str:  # fmt: skip
    """What a disruption does, in a few sentences.

    event  what happened, in the place of what is lost
    """
    part = "" if share >= 1.0 else f" by {share * 100:.0f} %"
    length = "1 day" if days == 1 else f"{days} days"
    head = f"{f'{event},' if event else f'{lost} out{part}'} for {length} from {day(start)}: "
    figures = disrupted.figures()
    cost = figures["extra_cost"]
    if figures["unserved_energy"] <= 0:
        if cost <= 1.0:
            return head + "nobody goes short, and nothing changes: the plan does not need what is lost."
        return head + f"nobody goes short. Other ways cost {money(case, cost)} more."
    total = disrupted.demand_total()
    total = total[total["first_short"].notna()]
    named = [_row(case, row) for row in total.head(NAMED).itertuples(index=False)]
    more = len(total) - len(named)
    rest = f"; {more} more {'group' if more == 1 else 'groups'} of customers" if more > 0 else ""
    first = figures["first_protected_short"]
    if pd.isna(first):
        shield = "Protected customers are all served."
    else:
        days_served = disrupted.days_from_start(int(np.flatnonzero(disrupted.starts == first)[0]))
        after = "from the first step on" if days_served < 0.5 else f"after {rounded(days_served, 2)} days"
        if case.horizon.step == "1mo":
            shield = f"Protected customers are among them, in {moment(case, first)}; a step of a month does not say from which day."
        else:
            shield = f"Protected customers are among them, {after}, on {day(first)}."
    return f"{head}short are {'; '.join(named)}{rest}. {shield}"


def _row(case: Case, row: Any) -> str:
    place = element_names(case).get(row.place, row.place)
    carrier = case.table("carriers").set_index("carrier")["name"].get(row.carrier, row.carrier)
    more = row.unserved - row.unserved_base
    share = more / row.demand if row.demand else 0.0
    label = str(row.customer_class).replace("_", " ")
    word = "in" if case.horizon.step == "1mo" else "on"
    return (
        f"{place}, {str(carrier).lower()} of {label}, by {amount(case, row.carrier, more)} "
        f"({percent(share)} of its use in the days shown), first {word} {moment(case, row.first_short)}"
    )


def money(case: Case, value: float) -> str:
    """An amount of money with three digits: "5.84 billion USD"; less than one is nothing."""
    if abs(value) < 1.0:
        return f"0 {case.currency}"
    for size, word in ((1e9, "billion "), (1e6, "million "), (1e3, "thousand ")):
        if abs(value) >= size * 0.9995:
            return f"{rounded(value / size)} {word}{case.currency}"
    return f"{rounded(value)} {case.currency}"

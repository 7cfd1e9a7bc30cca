"""Limits of contracts that hold a plan: which bind, for how long, and what one unit less of each would save."""

from __future__ import annotations

from typing import Any

import numpy as np

from kelisim.case.case import Case
from kelisim.lp.problem import Floats, Problem
from kelisim.tolerances import NO_FLOW, NO_PRICE

# limit of the problem -> block of rows, whether its least or its most is taken away, column of the contract that has it
LIMITS = {
    "take_or_pay": ("contracts.paid", "least", "take_or_pay"),
    "ship_or_pay": ("contracts.paid", "least", "ship_or_pay"),
    "least_of_year": ("contracts.annual", "least", "annual_quantity"),
    "most_of_year": ("contracts.annual", "most", "annual_quantity"),
    "least_of_day": ("contracts.daily_least", "least", "daily_min"),
    "most_of_day": ("contracts.daily", "most", "daily_max"),
}


def held(
    case: Case, problem: Problem, hours: Floats, activities: Floats, duals: Floats, carrier: str
) -> list[tuple[Any, ...]]:
    """contract, limit, MWh of the limit, share of the time in which it binds, currency/MWh of one MWh more of it; the dearest first.

    hours              of the cells
    activities, duals  of the rows of a solved problem
    """
    contracts = case.quantities("contracts").set_index("contract")
    contracts = contracts[contracts["carrier"] == carrier]
    found = []
    for limit, (name, side, column) in LIMITS.items():
        block = problem.rows.get(name)
        if block is None:
            continue
        for at, contract in enumerate(block.elements):
            if contract not in contracts.index or not contracts.at[contract, column] > 0:
                continue
            rows = block.own(at)
            spans = block.over_step(at, hours) if len(rows) > 1 else np.array([hours.sum()])
            bound = (problem.row_lower if side == "least" else problem.row_upper)[rows]
            dual = np.maximum(duals[rows] if side == "least" else -duals[rows], 0.0) * problem.scale
            met = np.isfinite(bound) & (
                np.abs(activities[rows] - bound) <= NO_FLOW * np.maximum(1.0, np.abs(bound))
            )
            binds = met & (dual > NO_PRICE)
            energy = float((bound[binds] * spans[binds]).sum())
            if energy > 0.0:
                price = float((dual[binds] * bound[binds]).sum()) / energy
                found.append((contract, limit, energy, float(spans[binds].sum() / hours.sum()), price))
    return sorted(found, key=lambda one: (-one[2] * one[4], one[0]))

"""What an answer lacks of what the case must have, where nothing may be missing: then there is no plan, and the answer says so first.

A network of PyPSA has an answer in which all is served and run as it must be, or none. A case that is read from one prices what is missing
above all else, so that one sees what and where it is; `rules.missing` is "none" in it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kelisim.case.case import Case
from kelisim.results.answer import Answer
from kelisim.results.facts import Fact, said
from kelisim.tolerances import NO_ENERGY

KEY = "infeasible"
BY_STEP = ("demand.unserved", "assets.below_minimum", "commitment.below", "storages.below_least")
OF_YEAR = ("assets.annual_shortfall", "storages.level_shortfall", "storages.target_shortfall")


def infeasible(case: Case, answer: Answer) -> list[Fact]:
    """The first sentence of an answer in which something is missing that may not be; empty where nothing is."""
    if str(case.setting("rules", "missing")) != "none" or answer.status != "optimal":
        return []
    found = sorted(missing(case, answer), reverse=True)
    if not found:
        return []
    most = found[0]
    what = said(f"limits.{most[1]}", element=most[2])
    total = sum(energy for energy, *_ in found)
    return [Fact(KEY, total, "MWh", "infeasible.missing", count=len(found), what=what, most=most[0])]


def missing(case: Case, answer: Answer) -> Iterator[tuple[float, str, str]]:
    """MWh, block and element of each thing that is missing; also what stands still in PyPSA because nobody takes it and runs here."""
    for name in (*BY_STEP, *OF_YEAR):
        block = answer.columns.get(name)
        if block is None:
            continue
        # levels are MWh of a mean step, sums over the year mean MW
        if name == "assets.annual_shortfall":
            energy = block.values[:, 0] * answer.hours.sum()
        elif name in OF_YEAR or name == "storages.below_least":
            energy = block.values.max(axis=1) * answer.mean_hours
        else:
            energy = block.values @ answer.hours
        yield from (
            (float(amount), name, element)
            for amount, element in zip(energy, block.elements, strict=True)
            if amount > NO_ENERGY
        )
    markets = case.table("markets")
    nobody = set(markets["market"][(markets["side"] == "buys") & (markets["price"] <= -_dearest(case))])
    taken = answer.columns.get("markets.taken")
    if taken is not None and nobody:
        for element, power in zip(taken.elements, taken.values, strict=True):
            if element in nobody and (energy_taken := float(power @ answer.hours)) > NO_ENERGY:
                yield energy_taken, "markets.taken", element


def _dearest(case: Case) -> float:
    """What a MWh of what is missing costs."""
    prices = (("customer_classes", "voll"), ("assets", "min_price"), ("storages", "level_price"))
    cells = [case.table(table)[column].dropna() for table, column in prices]
    return max((float(known.max()) for known in cells if len(known)), default=np.inf)

"""Coal in heat content: a tonne of a pit against a tonne of the carrier it counts as.

The two steam coals of the case have one heat content each, and pits have their own. Capacities and costs of pits are
turned into tonnes of the carrier, and what was observed in tonnes of the pit is compared with the factor back.
"""

from __future__ import annotations

import re

from tools.reference.facts import Facts, number

NET = {"coal_high_ash": 16.5, "coal_low_ash": 20.5}  # GJ/t net, as the gross values of the carriers
NAMED = {"mine_angren": "lhv_angren"}  # pits whose heat content stands in the parameters


def heat(facts: Facts, row: dict[str, str]) -> float:
    """Net heat content of a pit over that of its carrier; 1 where none is known."""
    carrier = row["reference_carrier"]
    if row["kind"] != "mine" or carrier not in NET:
        return 1.0
    told = re.search(r"lhv=([\d.]+) GJ/t", row["note"])
    if told:
        return float(told[1]) / NET[carrier]
    if row["asset"] in NAMED:
        return (
            number(facts.by("coal_rail/parameters", "parameter_id")[NAMED[row["asset"]]]["value"])
            / NET[carrier]
        )
    return 1.0


def of_carrier(facts: Facts, angren: float, other: float) -> float:
    """Use of Uzbekistan in tonnes of low-ash coal: so much from Angren, so much of other coal."""
    row = facts.by("join/asset_crosswalk", "asset")["mine_angren"]
    return angren * heat(facts, row) + other

"""Networks of PyPSA made by chance in which plants and a link start and stop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def committed(seed: int) -> Any:
    """Two buses, plants that stand or run between limits, with costs of starts, times, ramps and what was before, and one that always can."""
    import pypsa  # noqa: PLC0415 - takes seconds

    chance = np.random.default_rng(seed)
    found = pypsa.Network(name=f"starts and stops {seed}")
    count = int(chance.integers(4, 9))
    step = float(chance.choice([1.0, 3.0]))
    found.set_snapshots(pd.date_range("2023-03-05", periods=count, freq=f"{step:g}h"))
    found.snapshot_weightings = found.snapshot_weightings.astype(float) * 0 + step
    found.add("Carrier", ["AC", "gas"])
    for bus in ("a", "b"):
        found.add("Bus", bus, carrier="AC", country="KZ")
        found.add("Load", f"load {bus}", bus=bus, p_set=chance.uniform(20, 120, count))
        found.add("Generator", f"back {bus}", bus=bus, p_nom=400.0, marginal_cost=300.0, carrier="gas")
    for at in range(int(chance.integers(2, 5))):
        found.add(
            "Generator", f"g{at}", bus=str(chance.choice(["a", "b"])), carrier="gas", **_plant(chance, count)
        )
    if chance.random() < 0.5:
        values = _plant(chance, count) | {"marginal_cost": 1.0, "efficiency": 0.9}
        found.add("Link", "k", bus0="a", bus1="b", **values)
    found.add("Link", "tie", bus0="a", bus1="b", p_nom=30.0, p_min_pu=-1.0)
    return found


def _plant(chance: np.random.Generator, count: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "committable": True,
        "p_nom": chance.uniform(30, 150),
        "marginal_cost": chance.uniform(5, 100),
    }
    values["p_min_pu"] = chance.uniform(0.1, 0.6)
    if chance.random() < 0.3:
        values["p_max_pu"] = chance.uniform(0.6, 1.0, count)
    for cost, most in (("start_up_cost", 3000), ("shut_down_cost", 1500), ("stand_by_cost", 200)):
        if chance.random() < 0.5:
            values[cost] = chance.uniform(0, most)
    for least in ("min_up_time", "min_down_time"):
        if chance.random() < 0.5:
            values[least] = int(chance.integers(1, 5))
    before = chance.random()
    if before < 0.3:
        values |= {"up_time_before": 0, "down_time_before": int(chance.integers(1, 4))}
    elif before < 0.6:
        values["up_time_before"] = int(chance.integers(1, 4))
    for ramp in ("ramp_limit_up", "ramp_limit_down", "ramp_limit_start_up", "ramp_limit_shut_down"):
        if chance.random() < 0.35:
            values[ramp] = chance.uniform(values["p_min_pu"], 1.0)
    return values

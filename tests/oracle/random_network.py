"""Networks of PyPSA made by chance, with whatever its files may hold: each kind of part, limits and prices over time, weights of snapshots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

BUNDLE = "Al/St 240/40 4-bundle 380.0"
STEADY, NAN = 0.6, float("nan")


def random_network(seed: int) -> Any:
    """A small network in which nobody goes short: a dear generator stands at each bus, and one takes what is too much."""
    import pypsa  # noqa: PLC0415 - takes seconds

    chance = np.random.default_rng(seed)
    found = pypsa.Network(name=f"by chance {seed}")
    _time(found, chance)
    _buses(found, chance)
    for part in (_lines, _generators, _links, _stores, _limits):
        part(found, chance)
    return found


def _time(found: Any, chance: np.random.Generator) -> None:
    count = int(chance.integers(2, 8))
    step = str(chance.choice(["h", "30min", "3h", "D"]))
    found.set_snapshots(pd.date_range("2023-03-05", periods=count, freq=step))
    hours = {"h": 1.0, "30min": 0.5, "3h": 3.0, "D": 24.0}[step]
    kind = chance.random()
    weights = found.snapshot_weightings.astype(float)
    weights[:] = hours
    if kind < 0.2:  # representative steps: they count more often than they last
        weights["objective"] = weights["generators"] = (hours * chance.uniform(1, 90, count)).round(2)
    elif kind < 0.3:  # a weight beside the time, for all
        weights[:] = round(8760 / count / 7, 3)
    elif kind < 0.4:
        weights["objective"] = 0.7 * hours
    found.snapshot_weightings = weights


def _buses(found: Any, chance: np.random.Generator) -> None:
    found.add("Carrier", ["AC", "DC", "heat", "fuel", "wind", "new"], co2_emissions=[0, 0, 0, 0, 0, 0])
    found.add("Carrier", "coal", co2_emissions=0.3)
    found.add("Carrier", "store", co2_emissions=0.1)
    size = int(chance.integers(3, 6))
    for at in range(size):
        found.add("Bus", f"b{at}", carrier="AC", v_nom=chance.choice([220.0, 380.0]), country="KZ")
    for at in range(int(chance.integers(0, 3))):
        found.add("Bus", f"h{at}", carrier="heat", country="KZ", location=chance.choice(["", "b0"]))
    for at in range(int(chance.integers(0, 2))):
        found.add("Bus", f"f{at}", carrier="fuel", country="KZ")
    count = len(found.snapshots)
    for bus in found.buses.index:
        found.add("Generator", f"back {bus}", bus=bus, p_nom=900.0, marginal_cost=400.0, carrier="wind")
        # who takes what is too much must be paid for it
        found.add(
            "Generator", f"dump {bus}", bus=bus, p_nom=900.0, marginal_cost=350.0, sign=-1.0, carrier="wind"
        )
        if chance.random() < 0.7:
            found.add("Load", f"l {bus}", bus=bus, p_set=over_time(chance, count, 0, 60))


def over_time(chance: np.random.Generator, count: int, low: float, high: float) -> Any:
    """One number, or one for each snapshot."""
    return chance.uniform(low, high) if chance.random() < STEADY else chance.uniform(low, high, count)


def _ends(found: Any, chance: np.random.Generator, count: int = 2) -> list[str]:
    return [str(bus) for bus in chance.choice(found.buses.index, count, replace=False)]


def _lines(found: Any, chance: np.random.Generator) -> None:
    nodes = [bus for bus in found.buses.index if bus.startswith("b")]
    volts = found.buses["v_nom"]
    ways = [(nodes[int(chance.integers(0, at))], nodes[at]) for at in range(1, len(nodes))] + [
        (nodes[0], nodes[-1]),
        (nodes[1], nodes[2]),
    ]
    for at, (one, other) in enumerate(ways):
        ends = {"bus0": one, "bus1": other, "s_nom": float(chance.integers(20, 120))}
        if volts[one] != volts[other]:
            found.add(
                "Transformer",
                f"t{at}",
                **ends,
                x=chance.uniform(0.05, 0.3),
                tap_ratio=chance.choice([1.0, 1.05]),
            )
        elif chance.random() < 0.4:
            found.add(
                "Line",
                f"w{at}",
                **ends,
                type=BUNDLE,
                length=chance.uniform(10, 200),
                num_parallel=float(chance.integers(1, 4)),
            )
        else:
            found.add(
                "Line",
                f"w{at}",
                **ends,
                x=chance.uniform(5, 30),
                r=0.1,
                s_max_pu=over_time(chance, len(found.snapshots), 0.5, 1),
            )


def _runs(found: Any, chance: np.random.Generator, low: float = 0.0) -> dict[str, Any]:
    """Limits and prices of what runs."""
    count = len(found.snapshots)
    values: dict[str, Any] = {
        "p_nom": chance.uniform(20, 120),
        "marginal_cost": over_time(chance, count, -20, 80),
    }
    if chance.random() < 0.5:
        values["p_max_pu"] = over_time(chance, count, 0.4, 1)
    if chance.random() < 0.4:
        values["p_min_pu"] = over_time(chance, count, low, 0.3)
    if chance.random() < 0.3:
        values["ramp_limit_up"] = chance.uniform(0.2, 0.8)
    if chance.random() < 0.3:
        values["ramp_limit_down"] = chance.uniform(0.2, 0.8)
    if chance.random() < 0.1:
        values |= {"committable": True}
    if chance.random() < 0.1:
        values |= {
            "p_nom": float("inf"),
            "marginal_cost": chance.uniform(60, 90),
            "p_min_pu": 0.0,
            "ramp_limit_up": NAN,
            "ramp_limit_down": NAN,
        }
    return values


def _generators(found: Any, chance: np.random.Generator) -> None:
    for at in range(int(chance.integers(3, 8))):
        values = _runs(found, chance, low=-0.3 if chance.random() < 0.2 else 0.0)
        if chance.random() < 0.15 and np.isfinite(values["p_nom"]):
            values["p_set"] = values["p_nom"] * 0.35
            values.pop("p_min_pu", None)
        if chance.random() < 0.2:
            values["e_sum_max"] = chance.uniform(10, 400)
        if chance.random() < 0.15:
            values |= {"sign": -1.0, "p_min_pu": 0.0}
        found.add(
            "Generator",
            f"g{at}",
            bus=_ends(found, chance, 1)[0],
            carrier=chance.choice(["coal", "wind"]),
            **values,
        )


def _links(found: Any, chance: np.random.Generator) -> None:
    count = len(found.snapshots)
    for at in range(int(chance.integers(2, 6))):
        one, other, third = _ends(found, chance, 3)
        values = _runs(found, chance, low=chance.choice([0.0, -1.0]))
        kind = chance.random()
        if kind < 0.3:  # a way of one price for both directions
            values = {"p_nom": 60.0, "p_min_pu": -1.0, "p_max_pu": over_time(chance, count, 0.5, 1)}
        elif kind < 0.8:
            values["efficiency"] = (
                over_time(chance, count, 0.3, 1) if chance.random() < 0.7 else over_time(chance, count, 1, 3)
            )
        if kind > 0.7:
            values |= {"bus2": third, "efficiency2": over_time(chance, count, 0.1, 0.4)}
        values["marginal_cost"] = np.abs(values.get("marginal_cost", 0.0))
        if (np.asarray(values.get("p_min_pu", 0.0)) < 0).any() and kind >= 0.3:
            values["marginal_cost"] = 0.0
        found.add("Link", f"k{at}", bus0=one, bus1=other, carrier="new", **values)


def _stores(found: Any, chance: np.random.Generator) -> None:
    count = len(found.snapshots)
    for at in range(int(chance.integers(1, 4))):
        values: dict[str, Any] = {
            "p_nom": chance.uniform(5, 40),
            "max_hours": chance.uniform(1, 50),
            "carrier": "new",
        }
        values |= {
            "efficiency_store": chance.choice([0.0, 0.9, 1.0]),
            "efficiency_dispatch": chance.uniform(0.8, 1),
        }
        values |= {
            "cyclic_state_of_charge": bool(chance.random() < 0.4),
            "state_of_charge_initial": chance.uniform(0, 5),
        }
        if chance.random() < 0.5:
            values["inflow"] = over_time(chance, count, 0, 50)
        if chance.random() < 0.3:
            values["marginal_cost"] = over_time(chance, count, 0, 20)
        if chance.random() < 0.3:
            values |= {"standing_loss": 0.01, "p_min_pu": over_time(chance, count, -1, -0.5)}
        if chance.random() < 0.2:
            values["p_max_pu"] = over_time(chance, count, 0.2, 1)
        if chance.random() < 0.1:
            values["efficiency_dispatch"] = chance.uniform(0.7, 1, count)
        found.add("StorageUnit", f"s{at}", bus=_ends(found, chance, 1)[0], **values)
    for at in range(int(chance.integers(0, 3))):
        values = {
            "e_nom": chance.uniform(20, 200),
            "e_cyclic": bool(chance.random() < 0.5),
            "e_initial": 10.0,
        }
        values["carrier"] = chance.choice(["store", "new"])
        if chance.random() < 0.3:
            values["standing_loss"] = 0.02
        if chance.random() < 0.2:
            values["marginal_cost"] = over_time(chance, count, -5, 5)
        if chance.random() < 0.2:
            values["e_min_pu"] = chance.choice([-1.0, 0.04])
        if chance.random() < 0.1:
            values["e_max_pu"] = chance.uniform(0.7, 1, count)
        if chance.random() < 0.1:
            values |= {"e_nom": float("inf"), "e_min_pu": 0.0, "e_max_pu": 1.0}
        found.add("Store", f"e{at}", bus=_ends(found, chance, 1)[0], **values)


def _limits(found: Any, chance: np.random.Generator) -> None:
    if chance.random() < 0.4:
        found.add(
            "GlobalConstraint",
            "cap",
            type="primary_energy",
            carrier_attribute="co2_emissions",
            sense="<=",
            constant=chance.uniform(5, 500),
        )
    if chance.random() < 0.2:
        found.add(
            "GlobalConstraint",
            "wind",
            type="operational_limit",
            carrier_attribute="coal",
            sense="<=",
            constant=chance.uniform(50, 900),
        )

"""Storage units and stores of PyPSA as storages of a case.

What PyPSA prices or limits over time on the way in and out stands beside the storage: links with tariffs, or where prices,
rates or efficiencies change a carrier of its own, `NAME content`, that is made and used by an asset each way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.io.pypsa.activity import BoundedRun, Ratio, add
from kelisim.io.pypsa.network import flag, number
from kelisim.io.pypsa.reading import Reading
from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]


def storage_units(to: Reading) -> None:
    """Storages with their rates."""
    for name, row in to.each("storage_units"):
        _unit(to, name, row)


def _unit(to: Reading, name: str, row: Mapping[str, Any]) -> None:
    place, carrier = to.at(row.get("bus"))
    nominal = to.nominal("storage_units", name, row, "p_nom")
    hours = number(row.get("max_hours"), 1.0)
    if np.isinf(hours):
        to.note(
            "storage_units", [name], "no limit of what it holds; more stands for it than the network can use"
        )
        hours = float(to.clock.horizon.length.sum())
    cost = to.values("storage_units", name, row, "marginal_cost", 0.0)
    out = nominal * np.maximum(to.values("storage_units", name, row, "p_max_pu", 1.0), 0.0)
    into = nominal * np.maximum(-to.values("storage_units", name, row, "p_min_pu", -1.0), 0.0)
    kept, given = (
        to.values("storage_units", name, row, f"efficiency_{way}", 1.0) for way in ("store", "dispatch")
    )
    # nothing goes in by a way that keeps nothing, as PyPSA-Eur has dams on rivers; PyPSA lets power vanish there
    lost = np.where(kept > 0, 0.0, into)
    if lost.any():
        to.note(
            "storage_units", [name], "takes power and keeps nothing of it (efficiency_store 0), as in PyPSA"
        )
        add(
            to,
            "storages lost",
            BoundedRun(f"{name} lost", 0.0 * lost, lost, 0.0 * lost, {}),
            place,
            {carrier: -1.0},
        )
    into, kept = np.where(kept > 0, into, 0.0), np.where(kept > 0, kept, 1.0)
    out, given = np.where(given > 0, out, 0.0), np.where(given > 0, given, 1.0)
    storage = to.id(name)
    found: dict[str, Any] = {
        "capacity": nominal * hours,
        "is_cyclic": flag(row.get("cyclic_state_of_charge")),
    }
    found["initial"] = number(row.get("state_of_charge_initial"), 0.0)
    values: dict[str, Any] = {}
    behind = bool(cost[0]) or np.ptp(out) > 0 or np.ptp(into) > 0
    # what loses on its way in or out must not go round behind its links, where neither price nor limit holds
    loses = max(kept.max(), given.max()) > 1 or (behind and min(kept.min(), given.min()) < 1)
    if loses or any(np.ptp(series) > 0 for series in (cost, kept, given)):
        carrier = _content(
            to, name, storage, place, carrier, (into, out), (kept, given), (np.zeros_like(cost), cost)
        )
    else:
        values = {"efficiency_in": float(kept[0]), "efficiency_out": float(given[0])}
        if behind:
            place = _behind(to, name, place, carrier, (into, out), (0.0, float(cost[0])))
        else:
            values |= {"withdrawal": float(out[0]), "injection": float(into[0])}
    inflow = to.values("storage_units", name, row, "inflow", 0.0)
    if (inflow < 0).any():
        to.note("storage_units", [name], "inflow below 0; none stands for it")
        inflow = np.maximum(inflow, 0.0)
    found["inflow"] = inflow
    # PyPSA spills what flows in and nothing else, and lets a unit fill and empty within one snapshot
    values |= {"spills": "inflow", "turnover": "rate"}
    _storage(to, "storage_units", name, row, storage, place, carrier, found, values)


def _behind(
    to: Reading, name: str, home: str, carrier: str, rates: tuple[Floats, Floats], costs: tuple[float, float]
) -> str:
    """A place for a storage behind a link each way, with prices of going in and out."""
    place = to.new_place(f"{name} store", {"country": to.country(home)})
    to.link(f"{name} out", carrier, place, home, rates[1], tariff=costs[1])
    if rates[0].any():
        to.link(f"{name} in", carrier, home, place, rates[0], tariff=costs[0])
    for cost in costs:
        to.price(cost)
    return place


def _content(
    to: Reading,
    name: str,
    storage: str,
    place: str,
    carrier: str,
    rates: tuple[Floats, Floats],
    kept: tuple[Floats, Floats],
    costs: tuple[Floats, Floats],
) -> str:
    """A carrier of what a storage holds, which assets make and use; each pair is of the way in and the way out."""
    content = to.carrier(f"{name} content")
    ports: tuple[dict[str, Ratio], ...] = (
        {carrier: -1.0, content: _ratio(kept[0])},
        {carrier: 1.0, content: _ratio(-1.0 / kept[1])},
    )
    for way, most, port, cost in zip(("in", "out"), rates, ports, costs, strict=True):
        if most.any():
            activity = BoundedRun(f"{name} {way}", np.zeros_like(most), most, cost, {})
            add(to, f"storages {way}", activity, place, port)
    return content


def _ratio(values: Floats) -> Ratio:
    return values if np.ptp(values) > 0 else float(values[0])


def _storage(
    to: Reading,
    component: str,
    name: str,
    row: Mapping[str, Any],
    storage: str,
    place: str,
    carrier: str,
    found: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    """A row of storages."""
    capacity, initial = found["capacity"], found["initial"]
    lasts = to.clock.horizon.length
    hourly = to.one(component, name, row, "standing_loss", 0.0)
    inflow = np.array(found["inflow"], dtype=float)
    # PyPSA takes no standing loss from the initial level in the first step
    kept = (1.0 - hourly) ** lasts[0] if hourly < 1 else 1.0
    over = initial - capacity * kept
    if not found["is_cyclic"] and over > ROUNDING * max(capacity, 1.0):
        # more than a full storage has after the loss of a step: the rest flows in in the first one
        if inflow.any():
            to.note(
                component,
                [name],
                "starts with more than it can hold: what is over may be spilled with what flows in",
            )
        inflow[0] += over / lasts[0]
        initial = capacity * kept
    initial /= kept
    mean = to.clock.mean(inflow)
    if mean > 0:
        flow = {"inflow": mean, "inflow_profile": to.profile(storage, "inflow", inflow)}
        values = {"spills": "none", **flow, **values}
    cells = {
        "storage": storage,
        "name": name,
        "place": place,
        "carrier": carrier,
        "working_capacity": capacity,
        "level_start": min(max(initial / capacity, 0.0), 1.0) if capacity > 0 else 0.0,
        "level_end": 0.0,
        "is_cyclic": "yes" if found["is_cyclic"] else "no",
        "loss": 1.0 - (1.0 - hourly) ** 24,
        **values,
    }
    if not found["is_cyclic"] and initial < 0:
        to.note(component, [name], "starts below nothing; empty is used")
    if cells["level_end"] or cells.get("least_profile"):
        to.least_rows.append((cells, "level_price"))
    to.rows["storages"].append(cells)
    out, into = float(cells.get("efficiency_out", 1.0)), float(cells.get("efficiency_in", 1.0))
    to.element[component, name] = [
        ("storages_withdrawal", storage, 1.0 / out),
        ("storages_injection", storage, -into),
    ]


def stores(to: Reading) -> None:
    """Storages without rates."""
    for name, row in to.each("stores"):
        if ("stores", name) not in to.skip:
            _store(to, name, row)


def _store(to: Reading, name: str, row: Mapping[str, Any]) -> None:
    place, carrier = to.at(row.get("bus"))
    nominal = to.nominal("stores", name, row, "e_nom")
    low = nominal * to.values("stores", name, row, "e_min_pu", 0.0)
    high = nominal * to.values("stores", name, row, "e_max_pu", 1.0)
    is_cyclic, initial = flag(row.get("e_cyclic")), number(row.get("e_initial"), 0.0)
    if number(row.get("sign"), 1.0) != 1.0:
        to.note("stores", [name], "its sign")
    # the level is counted from the lowest on; what that is short of is not lost
    floor = float(low.min())
    hourly = to.values("stores", name, row, "standing_loss", 0.0)
    if floor > 0 and hourly.any():
        floor = 0.0
    low, high, initial = low - floor, high - floor, initial - floor
    lasts = to.clock.horizon.length
    back = -floor * (1.0 - (1.0 - hourly) ** lasts) / lasts
    if not is_cyclic:
        back[0] = 0.0  # PyPSA takes nothing from the first level in the first step
    capacity = float(high.max())
    values: dict[str, Any] = {}
    storage = to.id(name)
    if capacity > 0:
        share = np.clip(high / capacity, 0.0, 1.0), np.clip(low / capacity, 0.0, 1.0)
        if np.ptp(share[0]) > 0:
            values["most_profile"] = to.profile(storage, "most", share[0], "availability")
        if share[1].any():
            values["least_profile"] = to.profile(storage, "least", share[1], "availability", always=True)
    cost = to.values("stores", name, row, "marginal_cost", 0.0)
    if cost.any():
        # PyPSA pays back for what goes in
        most = np.full_like(cost, (capacity + max(initial, 0.0)) / float(to.clock.horizon.length.min()))
        if np.ptp(cost) > 0:
            ones = np.ones_like(cost)
            carrier = _content(to, name, storage, place, carrier, (most, most), (ones, ones), (-cost, cost))
        else:
            place = _behind(to, name, place, carrier, (most, most), (-float(cost[0]), float(cost[0])))
    found = {"capacity": capacity, "is_cyclic": is_cyclic, "initial": initial, "inflow": back}
    _storage(to, "stores", name, row, storage, place, carrier, found, values)

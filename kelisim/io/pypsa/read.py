"""The tables of a PyPSA network as a case of operation, and what that case leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case import schema
from kelisim.case.assemble import assemble
from kelisim.case.case import Case
from kelisim.errors import InputProblem, UserError
from kelisim.io.pypsa.branches import Branches
from kelisim.io.pypsa.network import Network, flag, number, text
from kelisim.io.pypsa.reading import TABLES, Reading, slug
from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]
_KINDS = {
    "wind": ("wind", "onwind", "offwind", "offwind_ac", "offwind_dc", "onshore_wind", "offshore_wind"),
    "solar": ("solar", "solar_hsat", "pv", "solar_rooftop"),
    "hydro": ("hydro", "ror", "run_of_river"),
    "nuclear": ("nuclear",),
}
# attributes that bear on PyPSA's answer and on none of a case: default and words
_WORDS: dict[str, tuple[float, str]] = {
    "marginal_cost": (0.0, "a price of giving"),
    "marginal_cost_storage": (0.0, "a price of keeping"),
    "marginal_cost_quadratic": (0.0, "costs that grow with the square"),
    "start_up_cost": (0.0, "cost of starting"),
    "shut_down_cost": (0.0, "cost of stopping"),
    "stand_by_cost": (0.0, "cost of standing by"),
    "spill_cost": (0.0, "a price of spilling"),
    "p_set": (np.nan, "a fixed output"),
    "e_set": (np.nan, "a fixed level"),
    "state_of_charge_set": (np.nan, "a fixed level"),
    "p_dispatch_set": (np.nan, "a fixed output"),
    "p_store_set": (np.nan, "a fixed input"),
    "v_ang_max": (np.inf, "a largest angle"),
    "phase_shift": (0.0, "a shift of phase"),
    "links.p_set": (np.nan, "a fixed flow"),
}
_COSTS = ("marginal_cost_quadratic", "start_up_cost", "shut_down_cost", "stand_by_cost")
_SETS = ("p_set", "state_of_charge_set", "p_dispatch_set", "p_store_set")
_NOT_CARRIED = {
    "generators": (*_COSTS, "p_set"),
    "links": (*_COSTS, "p_set"),
    "stores": ("marginal_cost", "marginal_cost_storage", "marginal_cost_quadratic", "p_set", "e_set"),
    "storage_units": ("marginal_cost_storage", "marginal_cost_quadratic", "spill_cost", *_SETS),
    "lines": ("v_ang_max",),
    "transformers": ("phase_shift", "v_ang_max"),
}


def case_of(network: Network, path: Path) -> tuple[Case, list[InputProblem], list[str]]:
    """The case of a network, all that is wrong in it, and a line for each thing that it leaves out."""
    try:
        reading = Reading(network)
        _read(reading)
        tables = _tables(reading)
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            f'"{path}" is not a sound PyPSA network ({type(error).__name__}: {error}).'
        ) from error
    settings = {
        "name": slug(network.name) or "network",
        "title": network.name,
        "description": "Read from a PyPSA network: operation with the capacities as they stand.",
        "horizon": reading.clock.settings,
    }
    files = {name: f"{path.name}, as {name}" for name in TABLES} | {"case": path.name}
    case, problems = assemble(settings, tables, files)
    while _close(reading, [problem for problem in problems if problem.rule == "outlet"], files):
        case, problems = assemble(settings, _tables(reading), files)
    return case, problems, reading.notes


def _close(to: Reading, found: list[InputProblem], files: Mapping[str, str]) -> bool:
    """What nobody can take stands still in PyPSA: a market there whose price is that of lost load lets it stand still here."""
    nodes: dict[tuple[str, str], str] = {}
    for problem in found:
        table = "assets" if problem.file == files["assets"] else "links"
        row = to.rows[table][problem.row - 2]
        carriers = [row["carrier"]] if table == "links" else _made(to, row["asset"])
        nodes |= {(row[problem.column], carrier): row["name"] for carrier in carriers}
    taken = {(row["place"], row["carrier"]) for row in to.rows["markets"] if row["side"] == "buys"}
    stored = {row["carrier"] for row in to.rows["storages"]}
    for (place, carrier), name in nodes.items():
        if (place, carrier) not in taken:
            if carrier not in stored:
                to.note("buses", [place], f"nobody takes the {carrier} of {name} there; it stands still")
            end = {"place": place, "carrier": carrier, "side": "buys", "ceiling": 1.0, "price": -to.voll}
            to.rows["markets"].append(
                {"market": to.id(f"{place} {carrier}", "markets"), "name": f"nobody at {place}", **end}
            )
    return not nodes.keys() <= taken


def _made(to: Reading, asset: str) -> list[str]:
    """Carriers that an asset makes."""
    return [row["carrier"] for row in to.rows["asset_ports"] if row["asset"] == asset and row["ratio"] > 0]


def _read(to: Reading) -> None:
    to.buses()
    _loads(to)
    Branches(to).read()
    _generators(to)
    _storage_units(to)
    _stores(to)
    _global_constraints(to)
    _classes(to)
    _not_carried(to)
    to.rows["profiles"], to.rows["steps"] = to.clock.rows, to.clock.steps


def _tables(to: Reading) -> dict[str, pd.DataFrame]:
    """Text tables of the case."""
    tables = {}
    for name, rows in to.rows.items():
        if rows:
            frame = pd.DataFrame(rows, index=range(2, len(rows) + 2)).astype(object)
            tables[name] = frame.where(frame.notna(), "").map(_cell)
    return tables


def _loads(to: Reading) -> None:
    """Demand at each node; a load that gives becomes a supply that must run."""
    total: dict[tuple[str, str], Floats] = {}
    for name, row in to.each("loads"):
        power = -number(row.get("sign"), -1.0) * to.values("loads", name, row, "p_set", 0.0)
        place, carrier = to.at(row.get("bus"))
        if (power < 0).any():
            gives = np.maximum(-power, 0.0)
            to.asset(name, "supply", place, {carrier: 1.0}, gives, 0.0, min_share=1.0)
        total[place, carrier] = total.get((place, carrier), np.zeros_like(power)) + np.maximum(power, 0.0)
    for (place, carrier), power in total.items():
        mean = to.clock.mean(power)
        if mean > 0:
            to.rows["demand"].append(
                {
                    "place": place,
                    "carrier": carrier,
                    "customer_class": "load",
                    "amount": mean * to.clock.horizon.year_hours,
                    "profile": to.profile(f"{place}_{carrier}", "load", power),
                }
            )


def _classes(to: Reading) -> None:
    """One class for all loads."""
    carriers = sorted({row["carrier"] for row in to.rows["demand"]})
    if carriers:
        to.rows["customer_classes"].append(
            {"customer_class": "load", "carrier": ";".join(carriers), "order": 1, "voll": to.voll}
        )
        to.notes.append(
            f"loads: PyPSA serves all or has no answer; here each MWh unserved costs {to.voll:,.0f}"
        )


def _generators(to: Reading) -> None:
    """Assets; markets where one takes or its price changes; both where one with such a price has limits that only an asset has."""
    year = to.clock.horizon.year_share
    for name, row in to.each("generators"):
        if ("generators", name) in to.skip:
            continue
        place, carrier = to.at(row.get("bus"))
        to.nominal_of["generators", name] = nominal = to.nominal("generators", name, row, "p_nom")
        most = np.maximum(nominal * to.values("generators", name, row, "p_max_pu", 1.0), 0.0)
        cost = to.values("generators", name, row, "marginal_cost", 0.0)
        sign = number(row.get("sign"), 1.0)
        low, high = (
            number(row.get(f"e_sum_{end}"), value) for end, value in (("min", -np.inf), ("max", np.inf))
        )
        limits = {"annual_max": high / year} if np.isfinite(high) else {}
        more: dict[str, Any] = {"annual_min": low / year} if low > 0 else {}
        more |= to.least("generators", name, row, most) | to.ramp("generators", name, row, most)
        is_steady = bool(np.all(cost == cost[0]))
        # a price path is relative to its mean, which must be well apart from 0
        shift = (
            0.0 if is_steady or abs(to.clock.mean(cost)) > 0.01 * np.abs(cost).max() else np.abs(cost).max()
        )
        if (sign < 0 or not is_steady) and not more and not shift:
            _market(to, name, place, carrier, sign, most, cost, limits)
            continue
        kind = _kind(text(row.get("carrier"))) if sign > 0 else "sink"
        ports, paid = {carrier: float(np.sign(sign))}, float(cost[0])
        if not is_steady:
            # what it gives is made of a carrier of its own, which is bought at the price
            kind, paid = "converter", float(-np.sign(sign) * shift)
            bought = to.carrier(f"{to.id(name, 'prices')} price")
            ports[bought] = -ports[carrier]
            ceiling = np.full_like(most, most.max())
            _market(to, name, place, bought, sign, ceiling, cost + np.sign(sign) * shift, {})
        asset = to.asset(name, kind, place, ports, most, paid, **limits, **more)
        to.element["generators", name] = "assets", asset


def _market(
    to: Reading,
    name: str,
    place: str,
    carrier: str,
    sign: float,
    most: Floats,
    cost: Floats,
    limits: Mapping[str, Any],
) -> None:
    """A generator that takes, or whose price changes."""
    market = to.id(name, "markets", "market")
    price = -cost if sign < 0 else cost
    mean = to.clock.mean(price) if not np.all(price == price[0]) else float(price[0])
    path = to.profile(market, "price", price)
    ceiling = to.clock.mean(most)
    to.rows["markets"].append(
        {
            "market": market,
            "name": name,
            "place": place,
            "carrier": carrier,
            "side": "buys" if sign < 0 else "sells",
            "ceiling": ceiling,
            "profile": to.profile(market, "ceiling", most) if ceiling > 0 else "",
            "price": (mean or 1.0) if path else mean,
            "price_path": path,
            **limits,
        }
    )
    to.price(price)
    to.element["generators", name] = "markets", market


def _storage_units(to: Reading) -> None:
    """Storages with their rates."""
    for name, row in to.each("storage_units"):
        place, carrier = to.at(row.get("bus"))
        nominal = to.nominal("storage_units", name, row, "p_nom")
        capacity = nominal * number(row.get("max_hours"), 1.0)
        cost = to.one("storage_units", name, row, "marginal_cost", 0.0)
        storage = to.id(name)
        out = nominal * np.maximum(to.values("storage_units", name, row, "p_max_pu", 1.0), 0.0)
        into = nominal * np.maximum(-to.values("storage_units", name, row, "p_min_pu", -1.0), 0.0)
        values: dict[str, Any] = {}
        if cost or not np.all(out == out[0]) or not np.all(into == into[0]):
            # a price of giving, or rates over time: the storage stands behind a link each way
            home = place
            place = to.new_place(f"{name} store", {"country": to.country(home)})
            to.link(f"{name} out", carrier, place, home, out, tariff=cost)
            to.link(f"{name} in", carrier, home, place, into)
            to.price(cost)
        else:
            values = {"withdrawal": float(out[0]), "injection": float(into[0])}
        inflow = to.values("storage_units", name, row, "inflow", 0.0)
        mean = to.clock.mean(inflow)
        if mean > 0:
            values |= {"inflow": mean, "inflow_profile": to.profile(storage, "inflow", inflow)}
        _storage(
            to,
            "storage_units",
            name,
            storage,
            row,
            place,
            carrier,
            capacity,
            flag(row.get("cyclic_state_of_charge")),
            number(row.get("state_of_charge_initial"), 0.0),
            values,
        )


def _storage(
    to: Reading,
    component: str,
    name: str,
    storage: str,
    row: Mapping[str, Any],
    place: str,
    carrier: str,
    capacity: float,
    cyclic: bool,
    initial: float,
    values: Mapping[str, Any],
) -> None:
    """A row of storages."""
    hourly = to.one(component, name, row, "standing_loss", 0.0)
    # PyPSA takes no standing loss from the initial level in the first step
    initial /= (1.0 - hourly) ** to.clock.horizon.length[0]
    found = {
        "storage": storage,
        "name": name,
        "place": place,
        "carrier": carrier,
        "working_capacity": capacity,
        "level_start": min(initial / capacity, 1.0) if capacity > 0 else 0.0,
        "level_end": 0.0,
        "is_cyclic": "yes" if cyclic else "no",
        "loss": 1.0 - (1.0 - hourly) ** 24,
        **values,
    }
    if component == "storage_units":
        found["efficiency_in"] = to.one(component, name, row, "efficiency_store", 1.0)
        found["efficiency_out"] = to.one(component, name, row, "efficiency_dispatch", 1.0)
    if capacity > 0 and initial > capacity * (1 + ROUNDING):
        to.note(component, [name], "starts with more than it can hold after the loss of a step; full is used")
    if found["level_end"]:
        to.least_rows.append((found, "level_price"))
    to.rows["storages"].append(found)


def _stores(to: Reading) -> None:
    """Storages without rates."""
    for name, row in to.each("stores"):
        if ("stores", name) in to.skip:
            continue
        place, carrier = to.at(row.get("bus"))
        capacity = to.nominal("stores", name, row, "e_nom")
        low = to.values("stores", name, row, "e_min_pu", 0.0)
        high = to.values("stores", name, row, "e_max_pu", 1.0)
        values: dict[str, Any] = {}
        if not np.all(high == high[0]) or (low[:-1] != 0).any() or (low[0] and len(low) == 1):
            to.note("stores", [name], "levels that must be kept within the year")
        capacity *= float(high.max())
        if low[-1] > 0 and not flag(row.get("e_cyclic")):
            values = {"level_end": float(low[-1] / high.max())}
        initial = number(row.get("e_initial"), 0.0)
        _storage(
            to,
            "stores",
            name,
            to.id(name),
            row,
            place,
            carrier,
            capacity,
            flag(row.get("e_cyclic")),
            initial,
            values,
        )


def _global_constraints(to: Reading) -> None:
    """Limits of the year over generators."""
    for name, row in to.all_of("global_constraints"):
        kind, attribute = (
            text(row.get("type"), "primary_energy"),
            text(row.get("carrier_attribute"), "co2_emissions"),
        )
        if kind not in ("primary_energy", "operational_limit") or text(row.get("sense"), "==") != "<=":
            to.note("global_constraints", [name], f"{kind} {text(row.get('sense'), '==')}")
            continue
        uses = _drawing(to, kind, attribute)
        if uses:
            unit = ("t", "t/MWh") if kind == "primary_energy" else ("MWh", "")
            amount = number(row.get("constant"), 0.0) / to.clock.horizon.year_share
            to.resource(name, "year", amount, unit, uses)


def _drawing(to: Reading, kind: str, attribute: str) -> list[tuple[str, str, float]]:
    """Elements that count against a global constraint."""
    carriers = {name: number(row.get(attribute), 0.0) for name, row in to.all_of("carriers")}
    uses, kept = [], []
    for name, row in to.all_of("generators"):
        word = text(row.get("carrier"))
        use = (1.0 if word == attribute else 0.0) if kind == "operational_limit" else carriers.get(word, 0.0)
        if use and kind == "primary_energy":
            use /= to.one("generators", name, row, "efficiency", 1.0)
        if use and ("generators", name) in to.element:
            uses.append((*to.element["generators", name], use))
    for component in ("storage_units", "stores"):
        for name, row in to.all_of(component):
            word = text(row.get("carrier"))
            kept += (
                [name] if word == attribute or (kind == "primary_energy" and carriers.get(word, 0.0)) else []
            )
    if kept:
        to.note("storage_units", kept, "their part in a global constraint")
    return uses


def _not_carried(to: Reading) -> None:
    """What bears on PyPSA's answer and on none here."""
    for component, attributes in _NOT_CARRIED.items():
        frame = to.network.static.get(component)
        for attribute in attributes if frame is not None else ():
            default, words = _WORDS.get(f"{component}.{attribute}") or _WORDS[attribute]
            series = to.network.series.get((component, attribute))
            found = [] if series is None else [str(name) for name in series if series[name].notna().any()]
            if frame is not None and attribute in frame:
                cells = frame[attribute].map(lambda cell, d=default: number(cell, d))
                found += [
                    str(name)
                    for name in frame.index[~((cells == default) | (cells.isna() & np.isnan(default)))]
                ]
            if found:
                to.note(component, dict.fromkeys(found), f"{words} ({attribute})")
    for (component, attribute), names in to.network.pieces.items():
        to.note(component, names, f"{attribute} in pieces; the value beside them stands")
    for component in ("generators", "links", "processes"):
        for key, words in (
            ("committable", "starts and stops (committable)"),
            ("maintainable", "maintenance"),
        ):
            found = [name for name, row in to.all_of(component) if flag(row.get(key))]
            if found:
                to.note(component, found, words)
    for (component, solved), names in to.extendable.items():
        how = "as optimised" if solved else "as given"
        to.note(component, names, f"capacity that could be extended, and its cost; it stands {how}")
    if len(to.network.static.get("shunt_impedances", ())):
        to.note("shunt_impedances", map(str, to.network.static["shunt_impedances"].index), "reactive power")
    for cells, column in to.least_rows:  # what PyPSA holds hard costs more than anything else here
        cells[column] = to.voll


def _kind(word: str) -> str:
    """The kind of an asset that PyPSA's carrier of a generator means."""
    name = slug(word)
    kinds = schema.shipped("asset_kinds").set_index("kind")["group"]
    if kinds.get(name) == "supply":
        return name
    return next((kind for kind, words in _KINDS.items() if name in words), "supply")


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return repr(float(value)) if np.isfinite(value) else ""
    return str(value)

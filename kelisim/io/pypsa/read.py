"""The tables of a PyPSA network as a case of operation, and what that case leaves out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case import schema
from kelisim.case.assemble import assemble
from kelisim.case.case import Case
from kelisim.errors import InputProblem, UserError
from kelisim.io.pypsa.activity import activity_of, add, energy_limits, market
from kelisim.io.pypsa.branches import Branches
from kelisim.io.pypsa.names import slug
from kelisim.io.pypsa.network import Network, flag, number, text
from kelisim.io.pypsa.reading import TABLES, Reading
from kelisim.io.pypsa.storing import storage_units, stores

Floats = npt.NDArray[np.float64]
_KINDS = {
    "wind": ("wind", "onwind", "offwind", "offwind_ac", "offwind_dc", "onshore_wind", "offshore_wind"),
    "solar": ("solar", "solar_hsat", "pv", "solar_rooftop"),
    "hydro": ("hydro", "ror", "run_of_river"),
    "nuclear": ("nuclear",),
}
# attributes that bear on PyPSA's answer and on none of a case: default and words
_WORDS: dict[str, tuple[float, str]] = {
    "marginal_cost_storage": (0.0, "a price of keeping"),
    "marginal_cost_quadratic": (0.0, "costs that grow with the square"),
    "spill_cost": (0.0, "a price of spilling"),
    "p_set": (np.nan, "a fixed output"),
    "e_set": (np.nan, "a fixed level"),
    "state_of_charge_set": (np.nan, "a fixed level"),
    "p_dispatch_set": (np.nan, "a fixed output"),
    "p_store_set": (np.nan, "a fixed input"),
    "v_ang_max": (np.inf, "a largest angle"),
    "phase_shift": (0.0, "a shift of phase"),
}
_COSTS = ("marginal_cost_quadratic",)
_SETS = ("p_set", "state_of_charge_set", "p_dispatch_set", "p_store_set")
_NOT_CARRIED = {
    "generators": _COSTS,
    "links": _COSTS,
    "processes": _COSTS,
    "stores": ("marginal_cost_storage", "marginal_cost_quadratic", "p_set", "e_set"),
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
            f'"{path}" is not a sound PyPSA network: {error.args[0] if error.args else "a cell cannot be read"}.'
        ) from error
    settings = {
        "name": slug(network.name) or "network",
        "title": network.name,
        "description": "Read from a PyPSA network: operation with the capacities as they stand.",
        "horizon": reading.clock.settings,
        "rules": {"missing": "none"},
    }
    files = {name: f"{path.name}, as {name}" for name in TABLES} | {"case": path.name}
    series = reading.clock.series
    case, problems = assemble(settings, tables, files, series=series)
    while _close(reading, [problem for problem in problems if problem.rule == "outlet"], files):
        case, problems = assemble(settings, _tables(reading), files, series=series)
    named = [replace(problem, file=f"{path.name}, {problem.file}") for problem in reading.problems]
    return case, [*named, *problems], reading.notes


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
    storage_units(to)
    stores(to)
    _global_constraints(to)
    _lift(to)
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


def _lift(to: Reading) -> None:
    """Let what is missing cost more than what is paid where most of it is lost on its way."""
    kept = [1.0]
    for component in ("links", "storage_units"):
        for name, row in to.each(component):
            keys = [key for key in row if re.fullmatch(r"efficiency\d*|efficiency_(store|dispatch)", key)]
            for key in keys or ["efficiency"]:
                values = to.values(component, name, row, key, 1.0)
                kept += [float(values[values > 0].min())] if (values > 0).any() else []
    to.price(to.dearest / min(kept))


def _classes(to: Reading) -> None:
    """One class for all loads."""
    carriers = sorted({row["carrier"] for row in to.rows["demand"]})
    if carriers:
        to.rows["customer_classes"].append(
            {"customer_class": "load", "carrier": ";".join(carriers), "order": 1, "voll": to.voll}
        )
        to.lines.append(
            f"loads: PyPSA serves all or has no answer; here each MWh unserved costs {to.voll:,.0f}"
        )


def _generators(to: Reading) -> None:
    """Assets; markets where one takes or its price changes and nothing else limits it."""
    for name, row in to.each("generators"):
        if ("generators", name) in to.skip:
            continue
        place, carrier = to.at(row.get("bus"))
        activity = activity_of(to, "generators", name, row)
        sign = number(row.get("sign"), 1.0)
        limits = energy_limits(to, row)
        is_free = activity.starts is None and not activity.ramp and not activity.low.any() and limits[0] <= 0
        cost = activity.cost
        is_steady = bool(np.all(cost == cost[0]))
        near_nothing = not is_steady and abs(to.clock.mean(cost)) <= 0.01 * np.abs(cost).max()
        if is_free and (sign < 0 or not is_steady) and not near_nothing and abs(sign) == 1.0:
            most = {"annual_max": limits[1] / to.clock.horizon.year_share} if np.isfinite(limits[1]) else {}
            found = market(to, name, place, carrier, sign, activity.high, cost, most)
            to.element["generators", name] = [("markets", found, 1.0)]
            continue
        if abs(sign) != 1.0:
            to.note("generators", [name], "a sign that is not 1 or -1; 1 or -1 stands for it")
        ports = {carrier: -1.0 if sign < 0 else 1.0}
        add(to, "generators", activity, place, ports, kind=_kind(text(row.get("carrier"))), limits=limits)


def _global_constraints(to: Reading) -> None:
    """Limits of the year over generators and what stores give."""
    for name, row in to.all_of("global_constraints"):
        kind, attribute = (
            text(row.get("type"), "primary_energy"),
            text(row.get("carrier_attribute"), "co2_emissions"),
        )
        if "expansion" in kind or kind.startswith("tech_capacity"):
            to.note("global_constraints", [name], "a limit of what is built; capacities stand as they are")
            continue
        if kind not in ("primary_energy", "operational_limit") or text(row.get("sense"), "==") != "<=":
            to.note("global_constraints", [name], f"{kind} {text(row.get('sense'), '==')}")
            continue
        uses = _drawing(to, kind, attribute)
        if uses:
            unit = ("t", "t/MWh") if kind == "primary_energy" else ("MWh", "")
            amount = number(row.get("constant"), 0.0) / to.counted() / to.clock.horizon.year_share
            if np.isfinite(amount):
                to.resource(name, "year", amount, unit, uses)


def _drawing(to: Reading, kind: str, attribute: str) -> list[tuple[str, str, float]]:
    """Elements that count against a global constraint."""
    carriers = {name: number(row.get(attribute), 0.0) for name, row in to.all_of("carriers")}

    def counts(row: Mapping[str, Any]) -> float:
        word = text(row.get("carrier"))
        return (1.0 if word == attribute else 0.0) if kind == "operational_limit" else carriers.get(word, 0.0)

    uses = []
    for name, row in to.each("generators"):
        use = counts(row)
        if use and kind == "primary_energy":
            use /= to.one("generators", name, row, "efficiency", 1.0)
        if use:
            # an operational limit counts what goes into the grid
            turn = number(row.get("sign"), 1.0) if kind == "operational_limit" else 1.0
            found = to.element.get(("generators", name), [])
            uses += [(table, element, use * turn * times) for table, element, times in found]
    horizon = to.clock.horizon
    for component, cyclic in (("storage_units", "cyclic_state_of_charge"), ("stores", "e_cyclic")):
        for name, row in to.each(component):
            if not counts(row) or flag(row.get(cyclic)):
                continue
            # what it gives of its first level: all that goes out less all that goes in, if nothing is lost or comes by itself
            lost = any(to.values(component, name, row, key, 0.0).any() for key in ("standing_loss", "inflow"))
            if lost or not np.allclose(horizon.hours, horizon.length) or ("stores", name) in to.skip:
                to.note(component, [name], "its part in a global constraint")
                continue
            uses += [
                (table, element, counts(row) * times) for table, element, times in to.element[component, name]
            ]
    others = [
        name
        for name, row in to.each("links")
        if kind == "operational_limit" and text(row.get("carrier")) == attribute
    ]
    if others:
        to.note("links", others, "their part in a global constraint")
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
        found = [name for name, row in to.all_of(component) if flag(row.get("maintainable"))]
        if found:
            to.note(component, found, "maintenance")
    for (component, solved), free in to.extendable.items():
        how = "as optimised" if solved else "as given"
        to.note(component, free, f"capacity that could be extended, and its cost; it stands {how}")
    if len(to.network.static.get("shunt_impedances", ())):
        to.note("shunt_impedances", map(str, to.network.static["shunt_impedances"].index), "reactive power")
    _strangers(to)
    for cells, column in to.least_rows:  # what PyPSA holds hard costs more than anything else here
        cells[column] = to.voll


def _strangers(to: Reading) -> None:
    """Series of names that no row has: a name that is misspelt is a series that counts for nobody."""
    for (component, attribute), series in to.network.series.items():
        frame = to.network.static.get(component)
        known = set() if frame is None else {str(name) for name in frame.index}
        strange = [str(name) for name in series if str(name) not in known]
        if strange:
            to.note(component, strange, f"a series ({attribute}) of what is not there")


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

"""Lines, transformers, links and processes of PyPSA as links, assets and shared limits of a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.case import schema
from kelisim.io.pypsa.activity import LEAPS, BoundedRun, Ratio, activity_of, add
from kelisim.io.pypsa.network import flag, number, text
from kelisim.io.pypsa.reading import Reading
from kelisim.io.pypsa.standard_types import with_type

Floats = npt.NDArray[np.float64]
BACK = " back"
_SUPPLIES = ("generators", "stores")  # of a limit: in each step, or over the horizon


class Branches:
    """Lines, transformers, links and processes: links of the case where one carrier moves, else assets."""

    def __init__(self, reading: Reading) -> None:
        self.to = reading
        self.budgets: dict[str, list[tuple[str, str, float]]] = {}
        self._supply: dict[str, tuple[Any, Any]] = {}

    def read(self) -> None:
        """All of them."""
        self._find_budgets()
        self._links()
        self._lines("lines", "s_nom", lambda row, volts: number(row.get("x"), 0.0) / volts**2)
        self._lines(
            "transformers",
            "s_nom",
            lambda row, _volts: (
                number(row.get("x"), 0.0)
                / (number(row.get("s_nom"), 0.0) or 1.0)
                * number(row.get("tap_ratio"), 1.0)
            ),
        )
        self._processes()
        self._write_budgets()

    # ---- lines
    def _lines(
        self, component: str, key: str, reactance: Callable[[Mapping[str, Any], float], float]
    ) -> None:
        to = self.to
        buses = dict(to.all_of("buses"))
        for name, given in to.each(component):
            row = self._with_type(component, name, given)
            (start, carrier), (end, _) = to.at(row.get("bus0")), to.at(row.get("bus1"))
            most = to.nominal(component, name, row, key) * to.values(component, name, row, "s_max_pu", 1.0)
            bus = buses[text(row.get("bus0"))]
            volts = number(bus.get("v_nom"), 1.0) or 1.0
            direct = text(bus.get("carrier")) == "DC"
            x = number(row.get("r"), 0.0) / volts**2 if direct else reactance(row, volts)
            more: dict[str, Any] = {"kind": "line", "kirchhoff_group": "dc" if direct else ""}
            if component == "lines":
                more |= {"voltage_kv": volts} if volts != 1.0 else {}
                length = number(row.get("length"), 0.0)
                more |= {"length_km": length} if length > 0 else {}
            if x > 0:
                more["reactance"] = x
            else:
                to.note(component, [name], "no reactance: Kirchhoff's voltage law does not hold it")
            if start == end:
                to.note(component, [name], "both ends are one place")
                continue
            to.link(name, carrier, start, end, most, most, **more)

    def _with_type(self, component: str, name: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row with the values of its type; as it is, with a note, where nobody knows the type."""
        try:
            found = with_type(self.to.network, component, row)
        except KeyError:
            self.to.note(component, [name], f"its type {text(row.get('type'))}, which nobody knows")
            return row
        if text(row.get("type")) and number(found.get("phase_shift"), 0.0):
            self.to.note(component, [name], "a shift of phase (phase_shift of its type)")
        return found

    # ---- links
    def _links(self) -> None:
        to = self.to
        rows = dict(to.each("links"))
        pairs = {name for name in rows if name.endswith(BACK) and self._is_way_back(rows, name)}
        for name, row in rows.items():
            if name in pairs:
                continue
            ports = self._ports(name, row)
            activity = activity_of(to, "links", name, row)
            if self._is_transport(ports, activity):
                other = name + BACK if name + BACK in pairs else ""
                self._transport(name, row, ports, activity, rows.get(other))
                continue
            late = [key for key in row if re.fullmatch(r"delay\d*", key) and number(row[key], 0.0)]
            if late:
                to.note("links", [name], "a delay of a link that converts")
            self._converter("links", activity, row, ports)

    def _ports(self, name: str, row: Mapping[str, Any]) -> list[tuple[str, Ratio]]:
        """Buses of a link and what each gets of a MW taken from the first; shares of a budget are put aside."""
        to = self.to
        ports: list[tuple[str, Ratio]] = [(text(row["bus0"]), -1.0)]
        ends = sorted(int(key[3:]) for key in row if re.fullmatch(r"bus[1-9]\d*", key))
        for at in ends:
            bus = text(row[f"bus{at}"])
            if bus:
                attribute = "efficiency" if at == 1 else f"efficiency{at}"
                if bus in self.budgets:
                    drawn = to.values("links", name, row, attribute, 1.0) / self._counted(
                        self._supply[bus][0][0]
                    )
                    self.budgets[bus].append(("links", name, -float(drawn[0])))
                elif np.any(ratio := self._ratio(name, row, attribute)):
                    ports.append((bus, ratio))
        for bus, _ in ports:
            to.at(bus)
        return ports

    def _ratio(self, name: str, row: Mapping[str, Any], attribute: str) -> Ratio:
        """What arrives of a MW; with a delay between steps of uneven length, PyPSA needs it step by step."""
        to = self.to
        hours = to.clock.horizon.hours
        values = to.values("links", name, row, attribute, 1.0)
        kept = float(values @ (hours / hours.sum()))
        late = range(1, len(hours)) if number(row.get("delay"), 0.0) else ()
        if any(np.allclose(values * hours, kept * np.roll(hours, steps)) for steps in late):
            return kept
        return self._steady("links", name, values, attribute)

    def _steady(self, component: str, name: str, values: Floats, attribute: str) -> Ratio:
        """A ratio, once where it does not change; its mean, with a note, where it changes its sign."""
        if np.all(values == values[0]):
            return float(values[0])
        if (values < 0).any() and (values > 0).any():
            self.to.note(component, [name], f"{attribute} that changes its sign over time; its mean is used")
            return self.to.clock.mean(values)
        return values

    def _is_transport(self, ports: list[tuple[str, Ratio]], activity: BoundedRun) -> bool:
        """Whether one carrier moves at one cost, with a loss that is one each way."""
        if len(ports) != 2 or np.ndim(ports[1][1]) or activity.is_whole or np.ptp(activity.cost) > 0:
            return False
        (start, carrier), (end, other) = (self.to.at(bus) for bus, _ in ports)
        kept = float(ports[1][1])
        both = (activity.low < 0).any()
        # PyPSA's efficiency makes more of what goes back: a line does not
        fits = kept == 1.0 if both else 0.01 <= kept <= 1.0
        return carrier == other and start != end and fits and not (activity.low > 0).any()

    def _is_way_back(self, rows: Mapping[str, Mapping[str, Any]], name: str) -> bool:
        one, other = rows.get(name.removesuffix(BACK)), rows[name]
        if one is None or (one["bus0"], one["bus1"]) != (other["bus1"], other["bus0"]):
            return False
        to, there = self.to, name.removesuffix(BACK)
        limits = (
            ("p_min_pu", 0.0),
            ("ramp_limit_up", np.nan),
            ("ramp_limit_down", np.nan),
            ("p_set", np.nan),
        )
        same = [
            np.allclose(
                to.values("links", there, one, key, default),
                to.values("links", name, other, key, default),
                equal_nan=True,
            )
            for key, default in (("efficiency", 1.0), ("p_max_pu", 1.0), ("delay", 0.0), *limits)
        ]
        plain = self._is_transport(self._ends(there, one), activity_of(to, "links", there, one))
        back = activity_of(to, "links", name, other)
        return all(same) and plain and back.is_plain

    def _ends(self, name: str, row: Mapping[str, Any]) -> list[tuple[str, Ratio]]:
        """The two ends of a link that has no more; nothing of one that has."""
        if any(
            re.fullmatch(r"bus([2-9]|\d\d+)", key) and text(row[key]) and text(row[key]) not in self.budgets
            for key in row
        ):
            return []
        return [(text(row["bus0"]), -1.0), (text(row["bus1"]), self._ratio(name, row, "efficiency"))]

    def _transport(
        self,
        name: str,
        row: Mapping[str, Any],
        ports: list[tuple[str, Ratio]],
        activity: BoundedRun,
        other: Mapping[str, Any] | None,
    ) -> None:
        to = self.to
        (start, carrier), (end, _) = (to.at(bus) for bus, _ in ports)
        most, back = np.maximum(activity.high, 0.0), np.maximum(-activity.low, 0.0)
        cost = float(activity.cost[0])
        more: dict[str, Any] = {"tariff": cost, "loss": 1.0 - float(ports[1][1])}
        more |= {"tariff_back": -cost} if cost and back.any() else {}  # as PyPSA counts it
        if other is not None:
            other_name = name + BACK
            against = activity_of(to, "links", other_name, other)
            back, more["tariff_back"] = np.maximum(against.high, 0.0), float(against.cost[0])
            self._ports(other_name, other)
        delay = number(row.get("delay"), 0.0)
        if delay:
            more["days"] = delay / 24.0
            if not flag(row.get("cyclic_delay"), True):
                to.note(
                    "links",
                    [name],
                    "goods that are lost at the end of the year; here they arrive at its start",
                )
        length = number(row.get("length"), 0.0)
        more |= {"length_km": length} if length > 0 else {}
        kinds = set(schema.shipped("link_kinds")["kind"])
        word = text(row.get("type"))
        more["kind"] = (
            word if word in kinds - {"line"} else "line" if carrier == "electricity" else "pipeline"
        )
        if delay and more["kind"] == "pipeline":
            more["kind"] = "rail"  # a pipeline has no delay
        to.price(cost)
        apart = back.any() and not (most.any() and np.allclose(back / back.max(), most / most.max()))
        if apart and other is None:
            # limits over time that differ each way: a link for each
            ahead = to.link(name, carrier, start, end, most, **{**more, "tariff_back": np.nan})
            against_it = to.link(
                name + BACK, carrier, end, start, back, **{**more, "tariff": -cost, "tariff_back": np.nan}
            )
            to.element["links", name] = [("links", ahead, 1.0), ("links", against_it, -1.0)]
            return
        link = to.link(name, carrier, start, end, most, back if back.any() else None, **more)
        to.element["links", name] = [("links", link, 1.0)]
        if back.any() and other is None:
            to.element["links", name].append(("links_back", link, -1.0))
        if other is not None:
            to.element["links", name + BACK] = [("links_back", link, 1.0)]

    def _processes(self) -> None:
        to = self.to
        for name, row in to.each("processes"):
            ports: list[tuple[str, Ratio]] = []
            for at in sorted(int(key[3:]) for key in row if re.fullmatch(r"bus\d+", key)):
                if text(row[f"bus{at}"]):
                    values = to.values("processes", name, row, f"rate{at}", -1.0 if at == 0 else 1.0)
                    ports.append(
                        (text(row[f"bus{at}"]), self._steady("processes", name, values, f"rate{at}"))
                    )
            activity = activity_of(to, "processes", name, row)
            self._converter("processes", activity, row, [port for port in ports if np.any(port[1])])

    def _converter(
        self, component: str, activity: BoundedRun, row: Mapping[str, Any], ports: list[tuple[str, Ratio]]
    ) -> None:
        """An asset with the ports; where they are at several places it has a place of its own with a way to each."""
        to, name = self.to, activity.name
        unit = next(
            (abs(float(ratio)) for _, ratio in ports if np.ndim(ratio) == 0 and abs(ratio) == 1.0), 0.0
        )
        if not unit:
            first = ports[0][1] if ports else 1.0
            if np.ndim(first):
                to.note(component, [name], "a rate over time of the first bus; its mean is used")
                ports[0] = ports[0][0], to.clock.mean(np.asarray(first))
            unit = abs(float(ports[0][1])) if ports else 1.0
            activity = replace(
                activity,
                low=activity.low * unit,
                high=activity.high * unit,
                cost=activity.cost / unit,
                ramp={key: rate * unit for key, rate in activity.ramp.items()},
                starts=activity.starts
                and {key: value * unit if key in LEAPS else value for key, value in activity.starts.items()},
            )
            ports = [(bus, ratio / unit) for bus, ratio in ports]
        places = {to.at(bus)[0] for bus, _ in ports}
        carriers = [to.at(bus)[1] for bus, _ in ports]
        amounts: dict[str, Ratio] = {}
        if len(places) == 1 and len(set(carriers)) == len(carriers):
            place = places.pop()
            amounts = {carrier: ratio for carrier, (_, ratio) in zip(carriers, ports, strict=True)}
        else:
            place, amounts = self._apart(activity, ports)
        kind = text(row.get("type")) if component == "links" else ""
        add(to, component, activity, place, amounts, kind=kind)

    def _apart(self, activity: BoundedRun, ports: list[tuple[str, Ratio]]) -> tuple[str, dict[str, Ratio]]:
        """A place of its own for what has ports at several places, with ways to each, and what comes out there."""
        to, name = self.to, activity.name
        amounts: dict[str, Ratio] = {}
        place = to.new_place(f"{name} plant", {"country": to.country(to.at(ports[0][0])[0])})
        ahead, back = float(np.max(activity.high)), float(np.max(-activity.low))
        for at, (bus, ratio) in enumerate(ports):
            there, carrier = to.at(bus)
            inner = carrier
            if carrier in amounts:
                # a second port of one carrier must not be netted with the first: it goes out as a carrier of its own
                inner = to.carrier(f"{name} port {at}")
            amounts[inner] = ratio
            size = 1.01 * float(np.max(np.abs(ratio)))
            for most, outward in ((ahead, np.max(ratio) > 0), (back, np.max(ratio) < 0)):
                if most <= 0:
                    continue
                enough = np.full_like(activity.high, size * most)
                if inner == carrier:
                    first, last = (place, there) if outward else (there, place)
                    to.link(f"{name} way {at}", carrier, first, last, enough)
                    continue
                into = {inner: -1.0, carrier: 1.0} if outward else {carrier: -1.0, inner: 1.0}
                meet = to.new_place(f"{name} port {at}", {"country": to.country(there)})
                to.asset(f"{name} port {at}", "converter", meet, into, enough, 0.0)
                first, last = (place, meet) if outward else (meet, place)
                to.link(f"{name} inner {at}", inner, first, last, enough)
                first, last = (meet, there) if outward else (there, meet)
                to.link(f"{name} way {at}", carrier, first, last, enough)
        return place, amounts

    # ---- budgets: limits over several links
    def _find_budgets(self) -> None:
        """Buses from which links draw beside what they move, and which one generator or one store supplies."""
        to = self.to
        drawn: set[str] = set()
        other: set[str] = set()
        supplied: dict[str, set[str]] = {}
        for component in ("links", "lines", "loads", "storage_units", "processes", "transformers"):
            for name, row in to.all_of(component):
                for key in row:
                    if re.fullmatch(r"bus\d*", key) and text(row[key]):
                        at = key[3:]
                        draws = component == "links" and at not in ("", "0", "1")
                        if draws:
                            ratio = to.values("links", name, row, f"efficiency{at}", 1.0)
                            draws = bool((ratio <= 0).all())
                            ways = {way for way in _SUPPLIES if draws and _is_one(ratio / self._counted(way))}
                            supplied[text(row[key])] = supplied.get(text(row[key]), set(_SUPPLIES)) & ways
                        (drawn if draws else other).add(text(row[key]))
        gives: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
        for component in ("generators", "stores"):
            for name, row in to.all_of(component):
                gives.setdefault(text(row.get("bus")), []).append((component, name, row))
        for bus in sorted(drawn - other):
            parts = gives.get(bus, [])
            free = [part for part in parts if self._is_limit(*part)]
            priced = [part for part in parts if part not in free]
            if len(free) != 1 or free[0][0] not in supplied[bus]:
                continue
            if len(priced) <= 1 and all(self._is_beyond(*part, free[0][0]) for part in priced):
                self.budgets[bus] = []
                self._supply[bus] = free[0], priced[0] if priced else None
                to.skip.update((component, name) for component, name, _ in parts)

    def _is_limit(self, component: str, name: str, row: Mapping[str, Any]) -> bool:
        to = self.to
        if component == "stores":
            level = not flag(row.get("e_cyclic")) and not number(row.get("marginal_cost"), 0.0)
            low = to.values("stores", name, row, "e_min_pu", 0.0)
            return level and bool((low <= 0).all()) and not flag(row.get("e_nom_extendable"))
        cost = to.values("generators", name, row, "marginal_cost", 0.0)
        return (
            bool((cost == 0).all())
            and number(row.get("sign"), 1.0) > 0
            and not flag(row.get("p_nom_extendable"))
        )

    def _is_beyond(self, component: str, name: str, row: Mapping[str, Any], supply: str) -> bool:
        if component != "generators" or number(row.get("sign"), 1.0) < 0:
            return False
        cost = self._beyond(name, row, supply)
        return _is_one(cost) and cost[0] > 0

    def _beyond(self, name: str, row: Mapping[str, Any], supply: str) -> Floats:
        """What a unit beyond a limit costs."""
        return self.to.values("generators", name, row, "marginal_cost", 0.0) * self._counted(supply)

    def _counted(self, supply: str) -> Floats:
        """What a MWh of a limit counts of the MWh of its supply: a store moves by what snapshots last, not by what they count for."""
        horizon = self.to.clock.horizon
        return horizon.hours / horizon.length if supply == "stores" else np.ones(horizon.count)

    def _write_budgets(self) -> None:
        to = self.to
        for bus, drawn in self.budgets.items():
            (component, name, row), beyond = self._supply[bus]
            uses = [
                (table, element, use * times)
                for part, link, use in drawn
                if use and (part, link) in to.element
                for table, element, times in to.element[part, link]
            ]
            more: dict[str, Any] = {}
            if beyond:
                more["shortfall_price"] = float(self._beyond(beyond[1], beyond[2], component)[0])
            if component == "stores":
                amount = number(row.get("e_initial"), 0.0) / to.clock.horizon.year_share
                to.resource(bus, "year", amount, ("MWh", ""), uses, **more)
                continue
            limit = number(row.get("p_nom"), 0.0) * to.values(component, name, row, "p_max_pu", 1.0)
            mean = to.clock.mean(limit)
            if mean > 0:
                more["profile"] = to.profile(bus, "limit", limit)
            to.resource(bus, "step", mean, ("MW", ""), uses, **more)


def _is_one(values: Floats) -> bool:
    """Whether all values are the same."""
    return bool(np.allclose(values, values[0], rtol=1e-9, atol=0.0))

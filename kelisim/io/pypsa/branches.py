"""Lines, transformers, links and processes of PyPSA as links, assets and shared limits of a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.case import schema
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
            if len(ports) == 2 and self._is_transport(ports):
                self._transport(
                    rows, name, row, ports, rows.get(name + BACK) if name + BACK in pairs else None
                )
                continue
            to.nominal_of["links", name] = nominal = to.nominal("links", name, row, "p_nom")
            most = np.maximum(nominal * to.values("links", name, row, "p_max_pu", 1.0), 0.0)
            if number(row.get("delay"), 0.0):
                to.note("links", [name], "a delay of a link that converts")
            self._converter("links", name, row, ports, most)

    def _ports(self, name: str, row: Mapping[str, Any]) -> list[tuple[str, float]]:
        """Buses of a link and what each gets of a MW taken from the first; shares of a budget are put aside."""
        to = self.to
        ports = [(text(row["bus0"]), -1.0)]
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
                elif ratio := self._ratio(name, row, attribute):
                    ports.append((bus, ratio))
        for bus, _ in ports:
            to.at(bus)
        return ports

    def _ratio(self, name: str, row: Mapping[str, Any], attribute: str) -> float:
        """What arrives of a MW; with a delay between steps of uneven length, PyPSA needs it step by step."""
        to = self.to
        hours = to.clock.horizon.hours
        values = to.values("links", name, row, attribute, 1.0)
        kept = float(values @ hours / hours.sum())
        late = range(1, len(hours)) if number(row.get("delay"), 0.0) else ()
        if any(np.allclose(values * hours, kept * np.roll(hours, steps)) for steps in late):
            return kept
        return to.one("links", name, row, attribute, 1.0)

    def _is_transport(self, ports: list[tuple[str, float]]) -> bool:
        (start, carrier), (end, other) = (self.to.at(bus) for bus, _ in ports)
        return carrier == other and start != end and 0.01 <= ports[1][1] <= 1.0

    def _is_way_back(self, rows: Mapping[str, Mapping[str, Any]], name: str) -> bool:
        one, other = rows.get(name.removesuffix(BACK)), rows[name]
        if one is None or (one["bus0"], one["bus1"]) != (other["bus1"], other["bus0"]):
            return False
        to, there = self.to, name.removesuffix(BACK)
        same = [
            np.allclose(
                to.values("links", there, one, key, default), to.values("links", name, other, key, default)
            )
            for key, default in (("efficiency", 1.0), ("p_max_pu", 1.0), ("p_min_pu", 0.0), ("delay", 0.0))
        ]
        return all(same) and not (to.values("links", there, one, "p_min_pu", 0.0) != 0).any()

    def _transport(
        self,
        rows: Mapping[str, Mapping[str, Any]],
        name: str,
        row: Mapping[str, Any],
        ports: list[tuple[str, float]],
        other: Mapping[str, Any] | None,
    ) -> None:
        to = self.to
        (start, carrier), (end, _) = (to.at(bus) for bus, _ in ports)
        nominal = to.nominal("links", name, row, "p_nom")
        most = nominal * np.maximum(to.values("links", name, row, "p_max_pu", 1.0), 0.0)
        low = nominal * to.values("links", name, row, "p_min_pu", 0.0)
        cost = to.one("links", name, row, "marginal_cost", 0.0)
        more: dict[str, Any] = {"tariff": cost, "loss": 1.0 - ports[1][1]}
        back = np.maximum(-low, 0.0)
        if (low > 0).any():
            to.note("links", [name], "a least flow (p_min_pu)")
        if (back > 0).any() and (cost or more["loss"]):
            to.note(
                "links",
                [name],
                "price and loss of the way back, which PyPSA counts as negative; here they are as forward",
            )
        if other is not None:
            other_name = name + BACK
            back = to.nominal("links", other_name, other, "p_nom") * to.values(
                "links", other_name, other, "p_max_pu", 1.0
            )
            more["tariff_back"] = to.one("links", other_name, other, "marginal_cost", 0.0)
            self._ports(other_name, other)
        if (back > 0).any() and most.max() > 0 and not np.allclose(back / back.max(), most / most.max()):
            to.note("links", [name], "limits over time that differ each way; the wider is used")
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
        self._no_ramp("links", name, row)
        link = to.link(name, carrier, start, end, most, back if (back > 0).any() else None, **more)
        to.price(cost)
        to.element["links", name] = "links", link
        if other is not None:
            to.element["links", name + BACK] = "links_back", link

    def _no_ramp(self, component: str, name: str, row: Mapping[str, Any]) -> None:
        rates = [self.to.values(component, name, row, f"ramp_limit_{way}", np.nan) for way in ("up", "down")]
        if not all(np.isnan(rate).all() for rate in rates):
            self.to.note(component, [name], "ramp limits")

    def _processes(self) -> None:
        to = self.to
        for name, row in to.each("processes"):
            ports = []
            for at in sorted(int(key[3:]) for key in row if re.fullmatch(r"bus\d+", key)):
                if text(row[f"bus{at}"]):
                    ports.append(
                        (
                            text(row[f"bus{at}"]),
                            to.one("processes", name, row, f"rate{at}", -1.0 if at == 0 else 1.0),
                        )
                    )
            to.nominal_of["processes", name] = nominal = to.nominal("processes", name, row, "p_nom")
            most = np.maximum(nominal * to.values("processes", name, row, "p_max_pu", 1.0), 0.0)
            self._converter("processes", name, row, [port for port in ports if port[1]], most)

    def _converter(
        self, component: str, name: str, row: Mapping[str, Any], ports: list[tuple[str, float]], most: Floats
    ) -> None:
        """An asset with the ports; where they are at several places it has a place of its own with a way to each."""
        to = self.to
        cost = to.one(component, name, row, "marginal_cost", 0.0)
        least = to.least(component, name, row, most)
        ramp = to.ramp(component, name, row, most)
        unit = next(
            (abs(ratio) for _, ratio in ports if abs(ratio) == 1.0), abs(ports[0][1]) if ports else 1.0
        )
        places = {to.at(bus)[0] for bus, _ in ports}
        carriers = [to.at(bus)[1] for bus, _ in ports]
        amounts: dict[str, float] = {}
        if len(places) == 1 and len(set(carriers)) == len(carriers):
            place = places.pop()
            amounts = {carrier: ratio / unit for carrier, (_, ratio) in zip(carriers, ports, strict=True)}
        else:
            place = to.new_place(f"{name} plant", {"country": to.country(to.at(ports[0][0])[0])})
            seen: set[str] = set()
            for at, (bus, ratio) in enumerate(ports):
                there, carrier = to.at(bus)
                inner = carrier
                if carrier in seen:
                    # a second port of one carrier must not be netted with the first: it goes out as a carrier of its own
                    inner = to.carrier(f"{name} port {at}")
                seen.add(carrier)
                amounts[inner] = ratio / unit
                enough = 1.01 * np.full_like(most, abs(ratio) * float(most.max()))
                if inner != carrier:
                    into = {inner: -1.0, carrier: 1.0} if ratio > 0 else {carrier: -1.0, inner: 1.0}
                    meet = to.new_place(f"{name} port {at}", {"country": to.country(there)})
                    to.asset(f"{name} port {at}", "converter", meet, into, enough, 0.0)
                    first, last = (place, meet) if ratio > 0 else (meet, place)
                    to.link(f"{name} inner {at}", inner, first, last, enough)
                    first, last = (meet, there) if ratio > 0 else (there, meet)
                    to.link(f"{name} way {at}", carrier, first, last, enough)
                else:
                    first, last = (place, there) if ratio > 0 else (there, place)
                    to.link(f"{name} way {at}", carrier, first, last, enough)
        makes = any(ratio > 0 for ratio in amounts.values())
        kind = text(row.get("type")) if component == "links" else ""
        known = schema.shipped("asset_kinds").set_index("kind")["group"]
        takes = any(ratio < 0 for ratio in amounts.values())
        if not makes:
            kind = "sink"
        elif known.get(kind) != "convert":
            kind = "converter" if takes else "supply"
        if takes and sum(amounts.values()) > 0:
            kind = "heat_pump"  # more comes out than goes in
        asset = to.asset(name, kind, place, amounts, most * unit, cost / unit, **least, **ramp)
        to.element[component, name] = "assets", asset

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
                (*to.element[part, link], use)
                for part, link, use in drawn
                if use and (part, link) in to.element
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

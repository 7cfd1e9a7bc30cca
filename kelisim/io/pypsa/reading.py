"""A PyPSA network on its way to be a case: places, carriers, names, profiles, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.case import schema
from kelisim.errors import InputProblem, UserError
from kelisim.io.pypsa.names import slug
from kelisim.io.pypsa.network import Network, flag, number, text
from kelisim.io.pypsa.size import enough, is_solved
from kelisim.io.pypsa.time import Clock

Floats = npt.NDArray[np.float64]
LEAST_VOLL = 10_000.0
NOWHERE = "XX"  # a country that is not known
_ELEMENTS = ("carriers", "places", "links", "assets", "asset_ports", "storages", "customer_classes", "demand")
TABLES = (*_ELEMENTS, "commitment", "markets", "resources", "resource_uses", "profiles", "steps")
# capacities and limits that may be infinite; nothing else may
_MAY_BE_INFINITE = re.compile(r"[pse]_nom|e_sum_m(in|ax)|max_hours|.*_set|v_ang_.*|ramp_limit_.*")
_MAY_BE_EMPTY = re.compile(r".*_set|ramp_limit_.*|p_init")  # empty: none. A load has its set point alone
_CARRIERS = dict.fromkeys(("", "ac", "dc"), "electricity") | {"gas": "natural_gas", "h2": "hydrogen"}


class Reading:
    """A network on its way to be a case.

    rows     rows of each table of the case, as they are found
    problems what is wrong with cells of the network
    node     place and carrier of each bus
    element  tables and elements that stand for a component, by its list and name, and what each counts
    voll     value of lost load: well above all that is paid anywhere
    dearest  most that is paid anywhere, currency/MWh
    """

    def __init__(self, network: Network) -> None:
        if len(network.static.get("scenarios", ())):
            raise UserError(
                f'The network "{network.name}" has scenarios. Export one of them as a network of its own.'
            )
        self.network = network
        self._said: dict[tuple[str, str], dict[str, None]] = {}
        self.lines: list[str] = []
        self.problems: list[InputProblem] = []
        self.clock = Clock(network, self.lines)
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self.node: dict[str, tuple[str, str]] = {}
        self.element: dict[tuple[str, str], list[tuple[str, str, float]]] = {}
        self.voll, self.dearest = LEAST_VOLL, 0.0
        self.extendable: dict[tuple[str, bool], dict[str, None]] = {}
        self.skip: set[tuple[str, str]] = set()  # generators and stores that stand in another table
        self.least_rows: list[
            tuple[dict[str, Any], str]
        ] = []  # rows and columns that cost the value of lost load
        self._taken: dict[str, set[str]] = {}
        self._carrier_of: dict[str, str] = {}
        self._wrong: set[tuple[str, str, str]] = set()

    # ---- cells
    def each(self, component: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Active rows of a component."""
        frame = self.network.static.get(component)
        if frame is None:
            return
        idle = []
        for name, row in zip(frame.index, frame.to_dict("records"), strict=True):
            if flag(row.get("active"), True):
                yield str(name), row
            else:
                idle.append(str(name))
        if idle:
            self.note(component, idle, "not active")

    def values(
        self, component: str, name: str, row: Mapping[str, Any], attribute: str, default: float
    ) -> Floats:
        """An attribute over the steps; an empty cell of a series is a problem, unless empty has a meaning."""
        series = self.network.series.get((component, attribute))
        if series is not None and name in series:
            found = series[name].to_numpy(dtype=float)
            if np.isfinite(found).all():
                return found
            may_be = _MAY_BE_EMPTY.fullmatch(attribute) and component != "loads"
            if not may_be and np.isnan(found).any():
                self._not_a_number(component, name, attribute, np.isnan(found), "empty")
            if not _MAY_BE_INFINITE.fullmatch(attribute) and np.isinf(found).any():
                self._not_a_number(component, name, attribute, np.isinf(found), "infinite")
            return np.asarray(np.where(np.isfinite(found) | np.isinf(default), found, default))
        value = number(row.get(attribute), default)
        if np.isinf(value) and not _MAY_BE_INFINITE.fullmatch(attribute):
            self._not_a_number(component, name, attribute, np.array([True]), "infinite")
            value = default
        return np.full(self.clock.horizon.count, value)

    def _not_a_number(
        self, component: str, name: str, attribute: str, wrong: npt.NDArray[np.bool_], what: str
    ) -> None:
        if (component, name, attribute) in self._wrong:
            return
        self._wrong.add((component, name, attribute))
        steps = np.flatnonzero(wrong)
        if (component, attribute) in self.network.series and name in self.network.series[
            component, attribute
        ]:
            file, row, column = f"{component}-{attribute}", int(steps[0]) + 2, name
            count = "" if len(steps) == 1 else f"; {len(steps):,} of {len(wrong):,} cells are {what}"
            snapshot = text(self.network.snapshots["snapshot"].iloc[steps[0]])
            message = f"is {what} at the snapshot {snapshot}{count}."
            remedy = "Write the value of each snapshot, or leave the whole column out."
        else:
            frame = self.network.static[component]
            file, row, column = component, int(frame.index.get_loc(name)) + 2, attribute
            message, remedy = f"is {what}.", "Write a number."
        self.problems.append(InputProblem(file, row, column, message, remedy, rule="missing"))

    def one(self, component: str, name: str, row: Mapping[str, Any], attribute: str, default: float) -> float:
        """An attribute that a case has once and not over time; its mean, with a note, where it changes."""
        found = self.values(component, name, row, attribute, default)
        if not np.all(found == found[0]):
            self.note(component, [name], f"{attribute} over time; its mean is used")
            return float(found @ self.clock.horizon.hours / self.clock.horizon.hours.sum())
        return float(found[0])

    def note(self, component: str, names: Iterable[str], what: str) -> None:
        """Names of a component of which something is left out; all of one kind are one line."""
        self._said.setdefault((component, what), {}).update(dict.fromkeys(names))

    @property
    def notes(self) -> list[str]:
        """A line for each thing that the case leaves out."""
        found = list(self.lines)
        for (component, what), names in self._said.items():
            few = list(names)
            more = f" and {len(few) - 3:,} more" if len(few) > 3 else ""
            found.append(f"{component} {', '.join(few[:3])}{more}: {what}")
        return found

    @cached_property
    def solved(self) -> bool:
        """Whether the network holds what an optimisation found; it is one for all of it."""
        return is_solved(self.network)

    @cached_property
    def enough(self) -> float:
        """MW that no part of the network can use up."""
        return enough(self)

    def nominal(self, component: str, name: str, row: Mapping[str, Any], key: str) -> float:
        """A capacity as it stands: in a solved network what was found where it could be extended; more than can be used where it has no limit."""
        found = number(row.get(key), 0.0)
        if flag(row.get(f"{key}_extendable")):
            self.extendable.setdefault((component, self.solved), {})[name] = None
            found = number(row.get(f"{key}_opt"), 0.0) if self.solved else found
        if np.isinf(found):
            self.note(component, [name], "no limit of capacity; more stands for it than the network can use")
            lasts = self.clock.horizon.length
            found = self.enough * (float(lasts.sum()) if key == "e_nom" else 1.0)
        return found

    # ---- names
    def id(self, label: str, group: str = "element", default: str = "element") -> str:
        """An identifier that nothing else of the group has: elements share one, places and others have their own."""
        taken = self._taken.setdefault(group, set())
        name = slug(label) or default
        found, turn = name, 1
        while found in taken:
            turn += 1
            found = f"{name}_{turn}"
        taken.add(found)
        return found

    def new_place(self, label: str, like: Mapping[str, Any]) -> str:
        """A place more, with the columns that are given."""
        place = self.id(label, "places", "place")
        self.rows["places"].append({"name": label, **like, "place": place})
        return place

    def profile(
        self, name: str, attribute: str, values: Floats, meaning: str = "level", always: bool = False
    ) -> str:
        """Name of the profile with these values; "" where they do not change, unless it is to be there always."""
        return self.clock.profile(f"{slug(name)}_{attribute}", values, meaning, always)

    def all_of(self, component: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Rows of a component, active or not."""
        frame = self.network.static.get(component)
        if frame is not None:
            yield from (
                (str(name), row) for name, row in zip(frame.index, frame.to_dict("records"), strict=True)
            )

    def carrier(self, word: str) -> str:
        """The carrier of a bus, with a row of its own: PyPSA lets nothing go, so that all that is given must be taken."""
        key = word.strip().lower()
        if key not in self._carrier_of:
            shipped = schema.shipped("carriers").set_index("carrier", drop=False)
            carrier = _CARRIERS.get(key) or slug(key)
            if carrier not in shipped.index:
                carrier = self.id(word, "carriers", "carrier")
            self._carrier_of[key] = carrier
            if not word.isascii():
                self.note(
                    "carriers",
                    [word],
                    "names that are no identifiers are written with small letters of a to z; the names stay",
                )
            if any(row["carrier"] == carrier for row in self.rows["carriers"]):
                return carrier
            if carrier in shipped.index:
                cells = shipped.loc[carrier].dropna().to_dict()
            else:
                row = dict(self.all_of("carriers")).get(word, {})
                colour = text(row.get("color"))
                cells = {"carrier": carrier, "name": text(row.get("nice_name"), word), "display_unit": "TWh"}
                cells["co2"] = max(number(row.get("co2_emissions"), 0.0), 0.0)
                cells |= {"colour": colour} if schema.is_colour(colour) else {}
            self.rows["carriers"].append({**cells, "may_curtail": "no"})
        return self._carrier_of[key]

    def at(self, bus: Any) -> tuple[str, str]:
        """Place and carrier of a bus. Raises KeyError for one that is not there."""
        name = text(bus)
        if name not in self.node:
            raise KeyError(f"no bus {name}")
        return self.node[name]

    def buses(self) -> None:
        """Places and carriers; two buses of one location and carrier are two places."""
        nodes: set[tuple[str, str]] = set()
        attached = {
            text(row[key])
            for component in [
                "generators",
                "loads",
                "links",
                "lines",
                "transformers",
                "stores",
                "storage_units",
                "processes",
            ]
            for _, row in self.all_of(component)
            for key in row
            if re.fullmatch(r"bus\d*", key)
        }
        at: dict[str, str] = {}
        unknown = []
        for bus, row in self.all_of("buses"):
            carrier = self.carrier(text(row.get("carrier")))
            label = text(row.get("location"))
            if not label or (label in at and (at[label], carrier) in nodes):
                label = bus
            if label not in at:
                country = text(row.get("country")).upper()
                if not re.fullmatch("[A-Z]{2}", country):
                    if text(row.get("carrier")) != "limit":
                        unknown.append(bus)
                    country = NOWHERE
                x, y = number(row.get("x"), np.nan), number(row.get("y"), np.nan)
                on_earth = abs(x) <= 180 and abs(y) <= 90 and (x, y) != (0, 0)
                like = {"country": country, **({"lon": x, "lat": y} if on_earth else {})}
                at[label] = self.new_place(label, like)
                if text(row.get("place_name")):
                    self.rows["places"][-1]["name"] = text(row.get("place_name"))
            self.node[bus] = at[label], carrier
            if bus in attached:
                nodes.add((at[label], carrier))
        if unknown:
            self.note("buses", unknown, f"no country; {NOWHERE} stands for it")

    def country(self, place: str) -> str:
        """Country of a place."""
        return next(row["country"] for row in self.rows["places"] if row["place"] == place)

    def price(self, cost: Floats | float) -> None:
        """Let the value of lost load stay well above what is paid anywhere."""
        largest = float(np.max(np.abs(cost))) if np.size(cost) else 0.0
        if np.isfinite(largest):
            self.dearest = max(self.dearest, largest)
        if np.isfinite(largest) and largest * 10 > self.voll:
            self.voll = float(10 ** np.ceil(np.log10(largest * 10)))

    # ---- what makes
    def asset(
        self,
        name: str,
        kind: str,
        place: str,
        ports: Mapping[str, float | Floats],
        most: Floats,
        cost: float,
        **more: Any,
    ) -> str:
        """An asset with its ports; the first has the ratio 1 or -1."""
        asset = self.id(name)
        capacity = float(most.max())
        share = np.clip(most / capacity, 0.0, 1.0) if capacity > 0 else np.ones_like(most)
        row = {
            "asset": asset,
            "name": name,
            "kind": kind,
            "place": place,
            "capacity": capacity,
            "cost": cost,
            **more,
        }
        if not np.all(share == share[0]):
            row["profile"] = self.profile(asset, "available", share, "availability")
        if more.get("min_share") or more.get("annual_min"):
            self.least_rows.append((row, "min_price"))
        self.rows["assets"].append(row)
        for carrier, ratio in ports.items():
            port: dict[str, Any] = {"asset": asset, "carrier": carrier, "ratio": ratio}
            if np.ndim(ratio):
                values = np.asarray(ratio, dtype=float)
                mean = self.clock.mean(values)
                shape = self.profile(f"{asset}_{carrier}", "ratio", np.abs(values))
                port |= {"ratio": mean if shape else float(values[0]), "profile": shape}
            self.rows["asset_ports"].append(port)
        self.price(cost)
        return asset

    def least(self, name: str, share: float | Floats) -> dict[str, Any]:
        """Columns of an asset for the least share of what is available, once or by step."""
        values = np.asarray(share, dtype=float)
        most = float(values.max())
        if most <= 0:
            return {}
        if values.ndim == 0:
            return {"min_share": most}
        return {"min_share": most, "min_profile": self.profile(name, "least", values / most, "availability")}

    def ramp(
        self, component: str, name: str, row: Mapping[str, Any], nominal: float, leaps: bool = False
    ) -> dict[str, float]:
        """The largest change per hour up and down, MW; with leaps of what starts and stops, whose limits bring one of the whole with them."""
        rates = [self.values(component, name, row, f"ramp_limit_{way}", np.nan) for way in ("up", "down")]
        for rate, leap in zip(rates, ("start_up", "shut_down") if leaps else (), strict=leaps):
            if np.isnan(rate).all() and not np.isnan(number(row.get(f"ramp_limit_{leap}"), np.nan)):
                rate[:] = 1.0
        if all(np.isnan(rate).all() for rate in rates):
            return {}
        found: dict[str, float] = {}
        lasts = self.clock.horizon.length
        before = not np.isnan(number(row.get("p_init"), np.nan))
        for column, rate in zip(("ramp", "ramp_down"), rates, strict=True):
            # that into the first snapshot is free, unless the output before it is known
            into = slice(1, None) if len(rate) > 1 and not before else slice(None)
            known = (np.where(np.isnan(rate), np.inf, rate) / lasts)[into]
            if not np.allclose(known, known[0]):
                what = "ramp limits over time, or over snapshots of different length; the lowest is used"
                self.note(component, [name], what)
            found[column] = float(known.min()) * nominal
        # what has no limit may change by more than it has
        finite = {column: min(rate, 10.0 * nominal / float(lasts.min())) for column, rate in found.items()}
        return finite if finite["ramp"] != finite["ramp_down"] else {"ramp": finite["ramp"]}

    def counted(self) -> float:
        """Hours that count for quantities of the year by each that counts for costs."""
        ratio = self.clock.per_cost
        if np.isnan(ratio):
            self.note(
                "snapshots",
                ["generators"],
                "weights that differ from those of costs; those of costs count for limits of energy",
            )
            return 1.0
        return ratio

    # ---- links of the case
    def link(
        self,
        name: str,
        carrier: str,
        start: str,
        end: str,
        most: Floats,
        back: Floats | None = None,
        **more: Any,
    ) -> str:
        """A link of the case; its row takes the columns that are given."""
        link = self.id(name)
        capacity = float(most.max())
        both = (
            most if back is None or not capacity else np.maximum(most, back * capacity / (back.max() or 1.0))
        )
        size = float(both.max())
        row = {
            "link": link,
            "name": name,
            "carrier": carrier,
            "kind": "connection",
            "from_place": start,
            "to_place": end,
            "capacity": capacity,
            "capacity_back": float(back.max()) if back is not None else 0.0,
            **more,
        }
        share = np.clip(both / size, 0.0, 1.0) if size > 0 else np.ones_like(most)
        if not np.all(share == share[0]):
            row["profile"] = self.profile(link, "available", share, "availability")
        self.rows["links"].append(row)
        return link

    # ---- limits
    def resource(
        self,
        name: str,
        over: str,
        amount: float,
        unit: tuple[str, str],
        uses: list[tuple[str, str, float]],
        **more: Any,
    ) -> None:
        """A limit over several elements: uses are table, element and use."""
        resource = self.id(name, "resources", "limit")
        self.rows["resources"].append(
            {"resource": resource, "name": name, "amount": amount, "unit": unit[0], "over": over, **more}
        )
        for table, element, use in uses:
            self.rows["resource_uses"].append(
                {"resource": resource, "table": table, "element": element, "use": use, "unit": unit[1]}
            )

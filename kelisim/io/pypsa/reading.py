"""A PyPSA network on its way to be a case: places, carriers, names, profiles, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.case import schema
from kelisim.errors import UserError
from kelisim.io.pypsa.network import Network, flag, number, text
from kelisim.io.pypsa.time import Clock

Floats = npt.NDArray[np.float64]
LEAST_VOLL = 10_000.0
NOWHERE = "XX"  # a country that is not known
_ELEMENTS = ("carriers", "places", "links", "assets", "asset_ports", "storages", "customer_classes", "demand")
TABLES = (*_ELEMENTS, "markets", "resources", "resource_uses", "profiles", "steps")
_CARRIERS = dict.fromkeys(("", "ac", "dc"), "electricity") | {"gas": "natural_gas", "h2": "hydrogen"}


class Reading:
    """A network on its way to be a case.

    rows     rows of each table of the case, as they are found
    notes    a line for each thing that the case leaves out
    node     place and carrier of each bus
    element  table and element that stand for a component, by its list and name
    voll     value of lost load: well above all that is paid anywhere
    """

    def __init__(self, network: Network) -> None:
        if len(network.static.get("scenarios", ())):
            raise UserError(
                f'The network "{network.name}" has scenarios. Export one of them as a network of its own.'
            )
        self.network = network
        self.notes: list[str] = []
        self.clock = Clock(network, self.notes)
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self.node: dict[str, tuple[str, str]] = {}
        self.element: dict[tuple[str, str], tuple[str, str]] = {}
        self.voll = LEAST_VOLL
        self.extendable: dict[tuple[str, bool], list[str]] = {}
        self.nominal_of: dict[tuple[str, str], float] = {}
        self.skip: set[tuple[str, str]] = set()  # generators and stores that stand in another table
        self.least_rows: list[
            tuple[dict[str, Any], str]
        ] = []  # rows and columns that cost the value of lost load
        self._taken: dict[str, set[str]] = {}
        self._carriers: set[str] = set()

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
        """An attribute over the steps."""
        series = self.network.series.get((component, attribute))
        if series is not None and name in series:
            found = series[name].to_numpy(dtype=float)
            return np.asarray(np.where(np.isnan(found), default, found))
        return np.full(self.clock.horizon.count, number(row.get(attribute), default))

    def one(self, component: str, name: str, row: Mapping[str, Any], attribute: str, default: float) -> float:
        """An attribute that a case has once and not over time; its mean, with a note, where it changes."""
        found = self.values(component, name, row, attribute, default)
        if not np.all(found == found[0]):
            self.note(component, [name], f"{attribute} over time; its mean is used")
            return float(found @ self.clock.horizon.hours / self.clock.horizon.hours.sum())
        return float(found[0])

    def note(self, component: str, names: Iterable[str], what: str) -> None:
        """A line on what is left out."""
        found = list(names)
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        self.notes.append(f"{component} {', '.join(found[:3])}{more}: {what}")

    def nominal(self, component: str, name: str, row: Mapping[str, Any], key: str) -> float:
        """A capacity as it stands: what an optimisation found, where it could be extended and there is such a result."""
        given = number(row.get(key), 0.0)
        if not flag(row.get(f"{key}_extendable")):
            return given
        found = number(row.get(f"{key}_opt"), 0.0)
        self.extendable.setdefault((component, found > 0), []).append(name)
        return found if found > 0 else given

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

    def profile(self, name: str, attribute: str, values: Floats, meaning: str = "level") -> str:
        """Name of the profile with these values; "" where they do not change."""
        return self.clock.profile(f"{slug(name)}_{attribute}", values, meaning)

    def all_of(self, component: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Rows of a component, active or not."""
        frame = self.network.static.get(component)
        if frame is not None:
            yield from (
                (str(name), row) for name, row in zip(frame.index, frame.to_dict("records"), strict=True)
            )

    def carrier(self, word: str) -> str:
        """The carrier of a bus, with a row of its own: PyPSA lets nothing go, so that all that is given must be taken."""
        carrier = _CARRIERS.get(word.lower(), slug(word)) or "electricity"
        if carrier not in self._carriers:
            self._carriers.add(carrier)
            shipped = schema.shipped("carriers").set_index("carrier", drop=False)
            if carrier in shipped.index:
                cells = shipped.loc[carrier].dropna().to_dict()
            else:
                row = dict(self.all_of("carriers")).get(word, {})
                colour = text(row.get("color"))
                cells = {"carrier": carrier, "name": text(row.get("nice_name"), word), "display_unit": "TWh"}
                cells["co2"] = max(number(row.get("co2_emissions"), 0.0), 0.0)
                cells |= {"colour": colour} if schema.is_colour(colour) else {}
            self.rows["carriers"].append({**cells, "may_curtail": "no"})
        return carrier

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
        if np.isfinite(largest) and largest * 10 > self.voll:
            self.voll = float(10 ** np.ceil(np.log10(largest * 10)))

    # ---- what makes
    def asset(
        self,
        name: str,
        kind: str,
        place: str,
        ports: Mapping[str, float],
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
        if more.get("min_share"):
            self.least_rows.append((row, "min_price"))
        self.rows["assets"].append(row)
        for carrier, ratio in ports.items():
            self.rows["asset_ports"].append({"asset": asset, "carrier": carrier, "ratio": ratio})
        self.price(cost)
        return asset

    def least(self, component: str, name: str, row: Mapping[str, Any], most: Floats) -> dict[str, Any]:
        """The least activity as a share of what is available."""
        low = self.values(component, name, row, "p_min_pu", 0.0) * self.nominal_of[component, name]
        if not (low > 0).any():
            if (low < 0).any():
                self.note(component, [name], "runs backwards, below zero")
            return {}
        share = np.divide(low, most, out=np.full_like(low, np.nan), where=most > 0)
        known = share[~np.isnan(share)]
        least = float(np.clip(known.min(), 0.0, 1.0)) if len(known) else 0.0
        if len(known) and not np.allclose(known, known[0]):
            self.note(
                component, [name], f"p_min_pu that is not one share of p_max_pu; {least:.3g} of it is used"
            )
        return {"min_share": least}

    def ramp(self, component: str, name: str, row: Mapping[str, Any], most: Floats) -> dict[str, Any]:
        """The largest change per hour, as a share of the capacity."""
        rates = [self.values(component, name, row, f"ramp_limit_{way}", np.nan) for way in ("up", "down")]
        if all(np.isnan(rate).all() for rate in rates):
            return {}
        limit = np.fmin(*rates) / self.clock.horizon.length
        known = limit[~np.isnan(limit)]
        if (
            len(known) < len(limit)
            or not np.allclose(known, known[0])
            or not np.allclose(rates[0], rates[1], equal_nan=True)
        ):
            self.note(
                component, [name], "ramp limits that differ up and down or over time; the lowest is used"
            )
        capacity = float(most.max())
        return (
            {"ramp": float(known.min()) * self.nominal_of[component, name] / capacity} if capacity > 0 else {}
        )

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


def slug(label: str) -> str:
    """A label with small letters, digits and _ only."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")

"""A made-up family of cases from a handful to a thousand places, the same kind of region at every size.

Places stand at random in four countries side by side. Gas, crude, two products, coal and electricity move on trees with
some extra links to near neighbours; heat stays where it is made. Towns have combined heat and power plants and boilers,
refineries give three products, storages work over the year, a few markets buy and sell, and ten rows hold for the year
whatever the size. Capacities come from sending every demand along the shortest way to its nearest source, with some
room, so that most is served and something binds everywhere.

`plain` leaves out what PyPSA has no words for, so that both solve the same problem: priced minimums, withdrawal curves,
priced end levels, shared capacities, resources, take-or-pay. Of joint products a place may let go what is too much.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case

COUNTRIES = ("KZ", "RU", "UZ", "KG")
SIDE = 100.0  # km between places, about
YEAR_HOURS = 8784.0  # 2024
MWH = {
    "natural_gas": 1.0333333e7, "crude": 1.25e7, "gasoline": 13.055556e6, "diesel": 12.666667e6, "fuel_oil": 11.888889e6,
    "coal_high_ash": 4.805556e6,
}  # fmt: skip
"""MWh of a bcm or a Mt."""
UNIT = {"natural_gas": "bcm"} | dict.fromkeys(MWH.keys() - {"natural_gas"}, "Mt")
MOVES = {  # share of places it reaches, kind of link, tariff and loss per 100 km, days per 100 km, share of two-way links
    "electricity": (1.0, "line", 0.6, 0.006, 0.0, 1.0),
    "natural_gas": (0.6, "pipeline", 0.35, 0.002, 0.3, 0.3),
    "crude": (0.2, "pipeline", 0.2, 0.001, 1.0, 0.1),
    "gasoline": (0.5, "rail", 0.5, 0.0005, 1.2, 0.2),
    "diesel": (0.5, "rail", 0.5, 0.0005, 1.2, 0.2),
    "coal_high_ash": (0.4, "rail", 0.7, 0.002, 1.1, 0.15),
}
PEAK = {
    "electricity": 1.25,
    "natural_gas": 1.5,
    "crude": 1.1,
    "gasoline": 1.1,
    "diesel": 1.15,
    "coal_high_ash": 1.35,
}
"""Width of a link over the mean flow it is made for."""
MONTHS = np.arange(12)
SHAPES = {
    "heat": np.clip(np.cos(2 * np.pi * (MONTHS - 0.3) / 12), -0.75, 1) + 0.9,
    "winter": 1 + 0.55 * np.cos(2 * np.pi * (MONTHS - 0.3) / 12),
    "power": 1 + 0.15 * np.cos(2 * np.pi * MONTHS / 12),
    "farm": 1 + 0.4 * np.exp(-((MONTHS - 8) ** 2) / 3.0),
    "melt": 0.5 + 2.2 * np.exp(-((MONTHS - 4.5) ** 2) / 2.5),
}
WEEK = (1.03, 1.04, 1.04, 1.03, 1.02, 0.94, 0.90)
WIND = (0.42, 0.40, 0.41, 0.38, 0.33, 0.29, 0.26, 0.27, 0.31, 0.36, 0.40, 0.43)


@dataclass
class _World:
    """Rows by table while the case is made, and what the networks are sized with."""

    random: np.random.Generator
    at: np.ndarray
    plain: bool
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    need: dict[str, np.ndarray] = field(default_factory=dict)  # mean MW used at each place
    reach: dict[str, np.ndarray] = field(default_factory=dict)  # places that a carrier reaches

    def add(self, to: str, /, **row: Any) -> None:
        self.rows.setdefault(to, []).append(row)

    def some(self, among: np.ndarray, count: float) -> np.ndarray:
        """At least one of these places, in order."""
        size = min(len(among), max(1, round(count)))
        return np.sort(self.random.choice(among, size, replace=False))

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))


def place_id(at: int) -> str:
    return f"p{at:04d}"


def family(places: int, days: int = 365, step: str = "1d", plain: bool = False, seed: int = 2024) -> Case:
    """The case of a size.

    places  number of places, 3 or more
    days    length of the horizon from 1 January 2024
    step    "1d", "1mo" or "1h"
    plain   only what PyPSA can carry
    seed    another seed, another region of the same kind
    """
    settings, tables = texts(places, days, step, plain, seed)
    return require(assemble(settings, tables, {}))


def texts(
    places: int, days: int = 365, step: str = "1d", plain: bool = False, seed: int = 2024
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Settings and text tables of the case of a size, before they are read."""
    random = np.random.default_rng([seed, places])
    side = SIDE * np.sqrt(places)
    world = _World(random, random.uniform(0.0, side, (places, 2)), plain)
    _places(world, side)
    _profiles(world)
    _demand(world)
    _conversion(world)
    sources = _sources(world)
    for carrier in MOVES:
        _network(world, carrier, sources[carrier])
    if not plain:
        _tracks(world)
    _storages(world)
    _year_rows(world)
    last = pd.Timestamp(2024, 1, 1) + pd.Timedelta(days=days - 1)
    settings: dict[str, Any] = {
        "name": f"family_{places}{'_plain' if plain else ''}",
        "title": f"Made-up region of {places} places",
        "horizon": {"start": "2024-01-01", "end": last.date().isoformat(), "step": step},
    }
    return settings, {name: _text(rows) for name, rows in world.rows.items()}


def _text(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(column, "")) for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=columns, index=range(2, len(rows) + 2), dtype=object)


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _places(world: _World, side: float) -> None:
    everywhere = np.arange(len(world.at))
    for at, (x, y) in enumerate(world.at):
        country = COUNTRIES[int(x / side * len(COUNTRIES))]
        world.add(
            "places",
            place=place_id(at),
            name=f"Town {at}",
            country=country,
            lat=45 + y / 111,
            lon=55 + x / 70,
            **({"may_curtail": "yes"} if world.plain else {}),
        )
    for carrier, (share, *_) in MOVES.items():
        world.need[carrier] = np.zeros(len(everywhere))
        world.reach[carrier] = (
            everywhere if share == 1.0 else world.some(everywhere, max(2.0, share * len(everywhere)))
        )


def _profiles(world: _World) -> None:
    for name, shape in SHAPES.items():
        for month, value in enumerate(shape, 1):
            world.add("profiles", profile=name, month=month, value=float(value))
    for day, value in enumerate(WEEK, 1):
        world.add("profiles", profile="power", weekday=day, value=value)
    for month, value in enumerate(WIND, 1):
        world.add("profiles", profile="wind", month=month, value=value, meaning="availability")


def _demand(world: _World) -> None:
    """Who uses what: electricity everywhere, the other carriers where they reach."""
    size = world.random.lognormal(0.0, 0.6, len(world.at)) * 120.0
    classes = {
        "electricity": (("household", 0.35, "winter"), ("other", 0.25, "power"), ("industry", 0.6, "power")),
        "natural_gas": (("household", 0.7, "heat"), ("industry", 0.8, "")),
        "gasoline": (("transport", 0.35, "power"),),
        "diesel": (("transport", 0.3, ""), ("other", 0.2, "farm")),
        "coal_high_ash": (("household", 0.25, "heat"), ("industry", 0.5, "")),
    }
    for carrier, uses in classes.items():
        for at in world.reach[carrier]:
            for customers, share, profile in uses:
                mean = float(size[at]) * share * world.between(0.7, 1.3)
                _use(world, int(at), carrier, customers, mean, profile)


def _use(world: _World, at: int, carrier: str, customers: str, mean: float, profile: str) -> None:
    unit = UNIT.get(carrier, "TWh")
    world.need.setdefault(carrier, np.zeros(len(world.at)))[at] += mean
    world.add(
        "demand", place=place_id(at), carrier=carrier, customer_class=customers,
        amount=mean * YEAR_HOURS / MWH.get(carrier, 1e6), unit=unit, profile=profile,
    )  # fmt: skip


def _asset(
    world: _World,
    name: str,
    kind: str,
    at: int,
    capacity: float,
    cost: float,
    ports: dict[str, float],
    **more: Any,
) -> None:
    row = {
        "asset": name,
        "name": name,
        "kind": kind,
        "place": place_id(at),
        "capacity": capacity,
        "cost": cost,
    }
    if world.plain:
        row |= {key: value for key, value in more.items() if key not in ("min_share", "min_price", "ramp")}
    else:
        row |= more
    world.add("assets", **row)
    for carrier, ratio in ports.items():
        world.add("asset_ports", asset=name, carrier=carrier, ratio=ratio)


def _conversion(world: _World) -> None:
    """Heat from plants and boilers, power from fuels, wind and water, products from crude."""
    fuels = {fuel: set(world.reach[fuel].tolist()) for fuel in ("natural_gas", "coal_high_ash")}
    fuelled = np.array(sorted(fuels["natural_gas"] | fuels["coal_high_ash"]))
    for at in world.some(fuelled, 0.35 * len(world.at)):
        fuel = "natural_gas" if at in fuels["natural_gas"] else "coal_high_ash"
        mean = 80.0 * float(world.random.lognormal(0.0, 0.5))
        _use(world, int(at), "heat", "heat", mean, "heat")
        _asset(
            world, f"chp_{at:04d}", "chp", int(at), 1.3 * mean, 2.0,
            {"heat": 1.0, "electricity": 0.55, fuel: -1.0 / world.between(0.5, 0.56)}, min_share=0.1, min_price=40.0,
        )  # fmt: skip
        _asset(
            world, f"boiler_{at:04d}", "boiler", int(at), 1.6 * mean, 4.0, {"heat": 1.0, fuel: -1.12, "electricity": -0.01}
        )  # fmt: skip
        world.need[fuel][at] += 1.9 * mean
        world.need["electricity"][at] -= 0.5 * mean
    for at in world.some(fuelled, 0.2 * len(world.at)):
        fuel = "coal_high_ash" if at in fuels["coal_high_ash"] else "natural_gas"
        capacity = world.between(300.0, 700.0)
        rate = -1.0 / world.between(0.33, 0.5)
        _asset(
            world, f"plant_{at:04d}", "power_plant", int(at), capacity, 3.0, {"electricity": 1.0, fuel: rate},
            min_share=0.15, min_price=30.0, availability=0.9,
        )  # fmt: skip
        world.need[fuel][at] += 0.6 * capacity * -rate
        world.need["electricity"][at] -= 0.6 * capacity
    for at in world.some(np.arange(len(world.at)), 0.06 * len(world.at)):
        _asset(
            world, f"wind_{at:04d}", "wind", int(at), world.between(80, 300), 0.5, {"electricity": 1.0}, profile="wind"
        )  # fmt: skip
    both = np.intersect1d(
        world.reach["crude"], np.intersect1d(world.reach["gasoline"], world.reach["diesel"])
    )
    where = world.some(both if len(both) else world.reach["crude"], 0.03 * len(world.at))
    for product in ("gasoline", "diesel"):
        world.reach[product] = np.union1d(world.reach[product], where)
    near = sum(_drawn(world, product, where) for product in ("gasoline", "diesel"))
    for at, made in zip(where, near, strict=True):
        size = float(made) / 0.68 * world.between(1.05, 1.3)
        ports = {"crude": -1.0, "gasoline": 0.28, "diesel": 0.40, "fuel_oil": 0.22, "electricity": -0.004}
        _asset(
            world, f"refinery_{at:04d}", "refinery", int(at), size, 1.2, ports, min_share=0.2, min_price=20.0
        )
        world.need["crude"][at] += size
        _market(world, f"fuel_oil_{at:04d}", int(at), "fuel_oil", "buys", 0.3 * size, 18.0)
        world.reach.setdefault("refinery", where)


def _market(
    world: _World, name: str, at: int, carrier: str, side: str, ceiling: float, price: float, **more: Any
) -> None:
    world.add(
        "markets", market=name, name=name, place=place_id(at), carrier=carrier, side=side, ceiling=ceiling, price=price, **more
    )  # fmt: skip


def _sources(world: _World) -> dict[str, np.ndarray]:
    """Fields, mines, plants and import points; together a little more than is needed."""
    found = {}
    kinds = {
        "natural_gas": ("field", 0.05, 8.0), "crude": ("field", 0.04, 22.0), "coal_high_ash": ("mine", 0.05, 5.0),
    }  # fmt: skip
    for carrier, (kind, share, cost) in kinds.items():
        where = world.some(world.reach[carrier], max(2.0, share * len(world.at)))
        total = max(50.0, world.need[carrier].sum())
        export = 0.15 * total
        for at, near in zip(where, _drawn(world, carrier, where), strict=True):
            _asset(
                world, f"{carrier}_{at:04d}", kind, int(at), 1.5 * near + export / len(where),
                cost * world.between(0.8, 1.3), {carrier: 1.0}, min_share=0.3 if kind == "field" else 0.0, min_price=50.0,
            )  # fmt: skip
        for at in world.some(
            np.setdiff1d(world.reach[carrier], where) if len(world.reach[carrier]) > len(where) else where, 1
        ):
            _market(
                world, f"export_{carrier}", int(at), carrier, "buys", export, 2.2 * cost, profile="winter", price_path="power"
            )  # fmt: skip
            world.need[carrier][at] += 0.5 * export
        found[carrier] = where
    for product in ("gasoline", "diesel"):
        at = int(world.some(world.reach[product], 1)[0])
        _market(
            world, f"import_{product}", at, product, "sells", 0.3 * float(world.need[product].sum()), 95.0
        )
        found[product] = np.union1d(world.reach["refinery"], [at])
    where = world.some(np.arange(len(world.at)), max(2.0, 0.04 * len(world.at)))
    for at, near in zip(where, _drawn(world, "electricity", where), strict=True):
        _market(
            world, f"import_power_{at:04d}", int(at), "electricity", "sells", 1.1 * near, 55.0, price_path="winter"
        )  # fmt: skip
    found["electricity"] = where
    return found


def _drawn(world: _World, carrier: str, where: np.ndarray) -> np.ndarray:
    """Mean MW that is used nearer to each source than to any other, (sources)."""
    nodes = world.reach[carrier]
    nearest = np.argmin([_far(world.at, int(at), nodes) for at in where], axis=0)
    return np.asarray(np.bincount(nearest, np.clip(world.need[carrier][nodes], 20.0, None), len(where)))


def _network(world: _World, carrier: str, sources: np.ndarray) -> None:
    """Links of one carrier, wide enough for what its demand draws from the nearest source."""
    _, kind, tariff, loss, days, two_way = MOVES[carrier]
    nodes = world.reach[carrier]
    if len(nodes) < 2:
        return
    graph = nx.Graph()
    graph.add_nodes_from(nodes.tolist())
    for order, here in enumerate(nodes[1:], 1):
        before = nodes[:order]
        _join(
            graph,
            world.at,
            int(here),
            before[np.argsort(_far(world.at, int(here), before), kind="stable")[:1]],
        )
    for here in world.some(nodes, 0.4 * len(nodes)):
        others = nodes[nodes != here]
        _join(
            graph,
            world.at,
            int(here),
            others[np.argsort(_far(world.at, int(here), others), kind="stable")[1:3]],
        )
    load: dict[tuple[int, int], float] = {}
    ways = nx.multi_source_dijkstra_path(graph, set(sources.tolist()), weight="length")
    for at, way in ways.items():
        for step in zip(way[:-1], way[1:], strict=True):
            load[step] = load.get(step, 0.0) + max(0.0, float(world.need[carrier][at]))
    least = 0.15 * float(np.mean([*load.values(), 60.0]))
    for a, b, length in sorted((min(e), max(e), d) for *e, d in graph.edges(data="length")):
        if load.get((b, a), 0.0) > load.get((a, b), 0.0):
            a, b = b, a
        capacity = max(least, load.get((a, b), 0.0)) * PEAK[carrier] * world.between(1.0, 1.5)
        far = length / 100.0
        both = world.random.random() < two_way
        row: dict[str, Any] = {
            "link": f"{carrier}_{a:04d}_{b:04d}", "name": f"{carrier} {a} - {b}", "carrier": carrier, "kind": kind,
            "from_place": place_id(a), "to_place": place_id(b), "length_km": length, "tariff": tariff * far,
            "loss": min(0.05, loss * far), "days": float(round(days * far)),
        }  # fmt: skip
        unit, size = _rate(carrier)
        row |= {
            "capacity": capacity / size,
            "capacity_back": capacity / size * (0.7 if both else 0.0),
            "unit": unit,
        }
        world.add("links", **row)


def _tracks(world: _World) -> None:
    """Petrol and diesel on the same way share its trains."""
    tracks: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in world.rows["links"]:
        if row["carrier"] in ("gasoline", "diesel"):
            tracks.setdefault((row["from_place"], row["to_place"]), []).append(row)
    for (start, end), rows in tracks.items():
        if len(rows) > 1:
            limits = {way: sum(row[way] for row in rows) for way in ("capacity", "capacity_back")}
            for row in rows:
                row |= limits | {"shared_with": f"track_{start}_{end}"}


def _rate(carrier: str) -> tuple[str, float]:
    """Unit of a capacity and its MW."""
    if carrier == "electricity":
        return "MW", 1.0
    if carrier == "natural_gas":
        return "bcm/year", MWH[carrier] / YEAR_HOURS
    return "kt/day", MWH[carrier] / 1000.0 / 24.0


def _far(at: np.ndarray, here: int, others: np.ndarray) -> np.ndarray:
    return np.asarray(np.hypot(*(at[others] - at[here]).T))


def _join(graph: nx.Graph, at: np.ndarray, here: int, others: np.ndarray) -> None:
    for other, length in zip(others.tolist(), _far(at, here, others).tolist(), strict=True):
        graph.add_edge(here, other, length=1.2 * length + 5.0)


def _storages(world: _World) -> None:
    """Gas caverns and tanks that empty in winter, coal heaps, and lakes that fill with the snow melt."""
    kinds = {"natural_gas": (0.05, 60.0), "diesel": (0.08, 30.0), "coal_high_ash": (0.08, 40.0)}
    for carrier, (share, days) in kinds.items():
        for at in world.some(world.reach[carrier], share * len(world.at)):
            rate = max(40.0, float(world.need[carrier][at])) * world.between(0.4, 1.0)
            row: dict[str, Any] = {
                "storage": f"store_{carrier}_{at:04d}", "place": place_id(int(at)), "carrier": carrier,
                "working_capacity": rate * days * 24.0, "injection": 0.6 * rate, "withdrawal": rate, "efficiency_in": 0.985,
                "loss": 0.0001,
            }  # fmt: skip
            if world.plain:
                row["is_cyclic"] = "yes"
            else:
                row |= {"level_start": 0.6, "level_end": 0.6, "level_price": 60.0}
                if carrier == "natural_gas":
                    row["withdrawal_curve"] = "0:0.4;0.5:1;1:1"
            world.add("storages", **row)
    for at in world.some(np.arange(len(world.at)), 0.03 * len(world.at)):
        inflow = world.between(60.0, 250.0)
        world.add(
            "storages", storage=f"lake_{at:04d}", place=place_id(int(at)), carrier="electricity",
            working_capacity=inflow * 24 * 90, injection=0.0, withdrawal=3.0 * inflow, inflow=inflow, inflow_profile="melt",
            is_cyclic="yes",
        )  # fmt: skip


def _year_rows(world: _World) -> None:
    """Ten rows that hold for the year: fields and mines, markets, supply contracts and, unless plain, wagons."""
    assets = world.rows["assets"]
    supply = [row for row in assets if row["kind"] in ("field", "mine")]
    count = 6 if world.plain else 4
    for row in supply[:: max(1, len(supply) // count)][:count]:
        row |= {"annual_max": 0.7 * row["capacity"] * YEAR_HOURS / 1e6, "annual_unit": "TWh"}
    for row in [row for row in world.rows["markets"] if row["market"].startswith("export_")][:2]:
        row |= {"annual_max": 0.6 * row["ceiling"] * YEAR_HOURS / 1e6, "annual_unit": "TWh"}
    for carrier, price in (("natural_gas", 15.0), ("diesel", 80.0)):
        at = int(world.some(world.reach[carrier], 1)[0])
        mean = 0.05 * world.need[carrier].sum() + 10.0
        row = {
            "contract": f"supply_{carrier}", "kind": "supply", "carrier": carrier, "delivery_place": place_id(at),
            "annual_quantity": mean * YEAR_HOURS / MWH[carrier], "unit": UNIT[carrier], "daily_max": 1.6 * mean, "price": price,
        }  # fmt: skip
        if not world.plain:
            row |= {"swing_down": 0.3, "take_or_pay": 0.7, "shortfall_price": 25.0}
        world.add("contracts", **row)
    if world.plain:
        return
    links = world.rows["links"]
    for carrier in ("coal_high_ash", "crude"):
        used = [row for row in links if row["carrier"] == carrier]
        amount = 0.5 * sum(row["capacity"] for row in used) * 0.365
        name = f"fleet_{carrier}"
        world.add(
            "resources", resource=name, amount=amount, unit="Mt/year", over="year", shortfall_price=60.0
        )
        for row in used:
            world.add("resource_uses", resource=name, table="links", element=row["link"], use=1.0)

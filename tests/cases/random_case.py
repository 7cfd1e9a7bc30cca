"""Made-up cases by a seed: a few places, most tables of the model, odd numbers so that no two ways cost the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import count
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case
from kelisim.errors import CaseError

CARRIERS = ("natural_gas", "electricity", "heat", "crude", "diesel", "coal_low_ash")
COUNTRIES = ("KZ", "RU", "UZ")
Row = dict[str, Any]


@cache
def random_case(seed: int) -> Case:
    """A case that is the same for the same seed; raises CaseError if the generator made something wrong."""
    draw = np.random.default_rng(seed)
    months = bool(draw.integers(2))
    count = int(draw.integers(2, 6)) if months else int(draw.integers(3, 9))
    start = pd.Timestamp(2024, 1, 1)
    end = (
        start + (pd.DateOffset(months=count) if months else pd.DateOffset(days=count)) - pd.Timedelta(days=1)
    )
    settings = {
        "name": f"random_{seed}",
        "horizon": {"start": str(start.date()), "end": str(end.date()), "step": "1mo" if months else "1d"},
        "defaults": {"shortfall_price": 77.0},
    }
    made = _Made(draw, count if months else count / 30.4, months)
    if seed % 3 == 2:
        _in_parts(np.random.default_rng(seed), settings["horizon"], made)
    return require(assemble(settings, {name: _text(rows) for name, rows in made.tables.items() if rows}, {}))


def seed_at(at: int, remainder: int | None = None) -> int:
    """Seed of a random case by its place, from 0, among those that have no fault; of those with parts the remainder by 3 is 2.

    Asked in a test and not while tests are collected: cases are made only where they are needed.
    """
    found, seeds = _sound(remainder)
    while len(found) <= at:
        found.append(next(seeds))
    return found[at]


@cache
def _sound(remainder: int | None) -> tuple[list[int], Iterator[int]]:
    """Seeds that are known, and those to come."""

    def seeds() -> Iterator[int]:
        for seed in count(remainder or 0, 1 if remainder is None else 3):
            with suppress(CaseError):
                random_case(seed)
                yield seed

    return [], seeds()


def _in_parts(draw: np.random.Generator, horizon: dict[str, Any], made: _Made) -> None:
    """Parts of the day, for power or for every carrier, and demand that has an evening."""
    horizon["parts"] = {"night": 8, "day": 11, "evening": 5} if draw.random() < 0.7 else {"a": 6, "b": 18}
    if draw.random() < 0.3:
        horizon["resolution"] = "part"
    if draw.random() < 0.5:
        made.add(
            "carriers", carrier="diesel", name="Diesel", display_unit="Mt", energy_per_unit=12.67, density=0.84,
            resolution="part",
        )  # fmt: skip
    for hour in range(24):
        made.add("profiles", profile="season", hour=hour, value=float(np.round(draw.uniform(0.7, 1.4), 4)))
    for row in made.tables.get("storages", []):
        if draw.random() < 0.5:
            row["is_seasonal"] = "yes"


def shuffled(case: Case, seed: int | None) -> Case:
    """The case with the rows of each table in another order; as it is without a seed."""
    if seed is None:
        return case
    tables = {name: frame.sample(frac=1, random_state=seed) for name, frame in case.tables.items()}
    return replace(case, tables=MappingProxyType(tables))


def _text(rows: list[Row]) -> pd.DataFrame:
    """Rows as the text of a file, the header being line 1."""
    columns = dict.fromkeys(key for row in rows for key in row)
    cells = [[str(row.get(column, "")) for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), index=range(2, len(rows) + 2), dtype=object)


class _Made:
    """The rows of one case."""

    def __init__(self, draw: np.random.Generator, length: float, months: bool) -> None:
        self.draw = draw
        self.length = length
        self.months = months
        self.tables: dict[str, list[Row]] = {}
        self.places = [f"p{at}" for at in range(int(draw.integers(3, 6)))]
        for at, place in enumerate(self.places):
            self.add("places", place=place, name=place.upper(), country=COUNTRIES[at % 3])
        self._profiles()
        self._links()
        self._lines()
        self._supply()
        self._converters()
        self._storages()
        self._demand()
        self._markets()
        self._contracts()
        self._resources()
        self._outages()

    def add(self, table: str, /, **cells: Any) -> None:
        rows = self.tables.setdefault(table, [])
        rows.append({key: cell for key, cell in cells.items() if cell is not None and cell != ""})

    def number(self, low: float, high: float) -> float:
        return float(np.round(self.draw.uniform(low, high), 4))

    def chance(self, share: float) -> bool:
        return bool(self.draw.random() < share)

    def place(self) -> str:
        return str(self.draw.choice(self.places))

    def maybe(self, share: float, cell: Any) -> Any:
        return cell if self.chance(share) else None

    def _profiles(self) -> None:
        for month in range(1, 13):
            self.add("profiles", profile="season", month=month, value=self.number(0.4, 1.7))
            self.add("profiles", profile="shares", month=month, value=round(1 / 12, 6), meaning="share")
            self.add(
                "profiles", profile="open", month=month, value=self.number(0.3, 1.0), meaning="availability"
            )
            self.add("profiles", profile="path", month=month, value=self.number(0.8, 1.2))
        for weekday in range(1, 8):
            self.add("profiles", profile="season", weekday=weekday, value=self.number(0.8, 1.2))

    def _links(self) -> None:
        for carrier in CARRIERS:
            if carrier == "heat":
                continue
            for at in range(1, len(self.places)):
                other = self.places[int(self.draw.integers(at))]
                self._link(f"{carrier}_{at}", carrier, other, self.places[at], 400)
            if self.chance(0.5):
                self._link(f"{carrier}_more", carrier, self.places[-1], self.places[0], 150)
        for group in range(int(self.draw.integers(2))):
            capacity, back = self.number(20, 60), self.number(5, 20)
            for carrier in ("diesel", "coal_low_ash"):
                self.add(
                    "links", link=f"rail_{group}_{carrier}", carrier=carrier, kind="rail", from_place=self.places[0],
                    to_place=self.places[1], capacity=capacity, capacity_back=back, unit="kt/day", tariff=self.number(0.5, 3),
                    shared_with=f"track_{group}",
                )  # fmt: skip

    def _link(self, link: str, carrier: str, start: str, end: str, size: float) -> None:
        days = self.number(5, 40) if self.months else self.number(0.6, 2.4)
        cells = {
            "capacity": self.number(0.2 * size, size), "capacity_back": self.maybe(0.6, self.number(0.1 * size, size)),
            "tariff": self.number(0.1, 4), "tariff_back": self.maybe(0.5, self.number(0.1, 4)),
            "loss": self.maybe(0.5, self.number(0.001, 0.05)), "profile": self.maybe(0.3, "open"), "days": self.maybe(0.25, days),
        }  # fmt: skip
        kind = "rail" if cells["days"] else None
        self.add("links", link=link, carrier=carrier, from_place=start, to_place=end, kind=kind, **cells)

    def _lines(self) -> None:
        """A ring of lines with reactance: no price, no loss, one capacity."""
        ends = list(zip(self.places, [*self.places[1:], self.places[0]], strict=True))
        for at, (start, end) in enumerate(ends):
            size = self.number(30, 150)
            self.add(
                "links", link=f"line_{at}", carrier="electricity", kind="line", from_place=start, to_place=end,
                capacity=size, capacity_back=size, reactance=self.number(0.05, 0.4),
            )  # fmt: skip

    def _asset(
        self, name: str, kind: str, ports: dict[str, float], size: float, cost: float, **cells: Any
    ) -> None:
        capacity = self.number(0.4 * size, size)
        year = capacity * 8784
        self.add(
            "assets", asset=name, kind=kind, place=cells.pop("place", None) or self.place(), capacity=capacity, cost=cost,
            availability=self.number(0.8, 1.0), profile=self.maybe(0.3, "open"), min_share=self.maybe(0.3, self.number(0.1, 0.4)),
            min_price=self.maybe(0.5, self.number(20, 200)), ramp=self.maybe(0.3, self.number(0.001, 0.02)),
            annual_max=self.maybe(0.3, round(year * self.number(0.3, 0.9), 2)),
            annual_min=self.maybe(0.2, round(year * self.number(0.05, 0.2), 2)), **cells,
        )  # fmt: skip
        for carrier, ratio in ports.items():
            self.add("asset_ports", asset=name, carrier=carrier, ratio=ratio)

    def _supply(self) -> None:
        for carrier, cost in (("natural_gas", 8), ("crude", 20), ("coal_low_ash", 5), ("electricity", 60)):
            for at in range(int(self.draw.integers(1, 3))):
                size = 250 if carrier == "electricity" else 700
                self._asset(
                    f"{carrier}_source_{at}",
                    "supply",
                    {carrier: 1},
                    size,
                    self.number(0.5 * cost, 1.5 * cost),
                )
        # the first place reaches all others forward, so that nobody is without a way to diesel
        self.add(
            "assets", asset="diesel_import", kind="import", place=self.places[0], capacity=30, cost=61.37
        )
        self.add("asset_ports", asset="diesel_import", carrier="diesel", ratio=1)
        ports = {"crude": 1, "natural_gas": self.number(0.1, 0.5)}
        self._asset("field", "field", ports, 300, self.number(10, 25))
        self._lets_go("crude")

    def _lets_go(self, carriers: str) -> None:
        """What the asset added last may let go at its place: it may make more than anybody there can take or send on."""
        home = self.tables["assets"][-1]["place"]
        row = next(row for row in self.tables["places"] if row["place"] == home)
        row["may_curtail"] = ";".join(filter(None, [row.get("may_curtail", ""), carriers]))

    def _converters(self) -> None:
        for at in range(int(self.draw.integers(1, 3))):
            ports = {"electricity": 1, "natural_gas": -self.number(1.8, 2.6)}
            self._asset(f"gas_plant_{at}", "power_plant", ports, 200, self.number(1, 5))
        ports = {"electricity": 1, "heat": self.number(0.7, 1.4), "coal_low_ash": -self.number(2.4, 3.3)}
        self._asset("chp", "chp", ports, 150, self.number(1, 5), place=self.places[0])
        self._asset(
            "boiler",
            "boiler",
            {"natural_gas": -1, "heat": 0.9},
            300,
            self.number(0.5, 2),
            place=self.places[0],
        )
        ports = {
            "crude": -1,
            "diesel": self.number(0.3, 0.5),
            "fuel_oil": self.number(0.2, 0.3),
            "electricity": -0.02,
        }
        self._asset("refinery", "refinery", ports, 400, self.number(1, 3))
        self._lets_go("fuel_oil;diesel")

    def _storages(self) -> None:
        for at, carrier in enumerate(("natural_gas", "electricity", "diesel")):
            cyclic = self.chance(0.3)
            size = self.number(2_000, 20_000)
            self.add(
                "storages", storage=f"storage_{at}", place=self.place(), carrier=carrier, working_capacity=size,
                injection=self.maybe(0.8, self.number(20, 90)), withdrawal=self.maybe(0.8, self.number(20, 90)),
                level_start=self.number(0.2, 0.8), level_end=self.maybe(0.5, self.number(0.1, 0.9)),
                is_cyclic="yes" if cyclic else "no", level_price=self.number(40, 300), cost=self.maybe(0.5, self.number(0.1, 1)),
                loss=self.maybe(0.5, self.number(0.0005, 0.01)), efficiency_in=self.number(0.85, 1),
                efficiency_out=self.number(0.85, 1), inflow=self.maybe(0.4, self.number(5, 30)),
                inflow_profile="season", role=self.maybe(0.1, "strategic"),
            )  # fmt: skip

    def _demand(self) -> None:
        uses = {
            "natural_gas": (("household", 40), ("industry", 90)), "electricity": (("household", 60), ("industry", 90)),
            "diesel": (("transport", 25),), "coal_low_ash": (("household", 15),),
        }  # fmt: skip
        for carrier, classes in uses.items():
            for name, size in classes:
                for place in self.draw.choice(self.places, size=2, replace=False):
                    self.add(
                        "demand", place=str(place), carrier=carrier, customer_class=name,
                        amount=round(self.number(0.5, 1.5) * size * 8.784, 4), unit="GWh",
                        profile=str(self.draw.choice(["", "season", "shares"])),
                    )  # fmt: skip
        self.add(
            "demand", place=self.places[0], carrier="heat", customer_class="heat", amount=self.number(300, 900), unit="GWh",
            profile="season",
        )  # fmt: skip

    def _markets(self) -> None:
        self.add(
            "markets", market="sale", place=self.place(), carrier="natural_gas", side="buys", ceiling=self.number(50, 200),
            price=self.number(12, 30), price_path="path", profile=self.maybe(0.5, "season"),
            annual_max=self.maybe(0.5, self.number(300_000, 900_000)),
        )  # fmt: skip
        self.add(
            "markets", market="purchase", place=self.place(), carrier="electricity", side="sells",
            ceiling=self.number(20, 120), price=self.number(50, 120), annual_max=self.maybe(0.3, self.number(100_000, 400_000)),
        )  # fmt: skip
        self.add(
            "markets",
            market="oil",
            place=self.place(),
            carrier="fuel_oil",
            side="buys",
            ceiling=60,
            price=self.number(5, 30),
        )

    def _contracts(self) -> None:
        year = self.number(150_000, 500_000)
        if self.chance(0.7):
            self.add(
                "contracts", contract="import", kind="supply", carrier="natural_gas", delivery_place=self.place(),
                annual_quantity=year, daily_max=round(year / 8784 * 1.6, 3), swing_down=self.number(0.1, 0.4), swing_up=0.1,
                take_or_pay=self.maybe(0.5, 0.8), price=self.number(8, 25), shortfall_price=self.maybe(0.5, self.number(20, 60)),
                excess_price=self.maybe(0.3, self.number(5, 15)), start=self.maybe(0.3, "2024-01-02"),
            )  # fmt: skip
        if self.chance(0.6):
            self.add(
                "contracts", contract="booking", kind="transport", carrier="natural_gas", over="natural_gas_1",
                annual_quantity=round(year / 2, 2), swing_down=1, ship_or_pay=self.maybe(0.6, 0.7), price=self.number(1, 4),
            )  # fmt: skip
        if self.chance(0.5):
            self.add(
                "contracts", contract="band", kind="band", carrier="crude", over="crude_1", daily_max=self.number(20, 90),
                excess_price=self.maybe(0.5, self.number(5, 20)), price=1, end=self.maybe(0.3, "2024-01-02"),
            )  # fmt: skip
        if self.chance(0.5):
            self.add(
                "contracts", contract="barter", kind="swap", carrier="coal_low_ash", delivery_place=self.places[0],
                return_place=self.places[1], daily_max=self.number(5, 20), price=self.number(0.5, 2),
            )  # fmt: skip

    def _resources(self) -> None:
        self.add(
            "resources", resource="wagons", amount=self.number(800, 4_000), unit="wagon",
            shortfall_price=self.maybe(0.5, self.number(5, 50)), profile=self.maybe(0.5, "season"),
        )  # fmt: skip
        for table, carrier in (
            ("links", "diesel"),
            ("links", "coal_low_ash"),
            ("links_back", "coal_low_ash"),
        ):
            self.add(
                "resource_uses", resource="wagons", table=table, element=f"{carrier}_1", use=self.number(0.05, 0.4),
                unit="wagon_day/t",
            )  # fmt: skip
        if self.chance(0.6):
            self.add(
                "resources", resource="berths", amount=self.number(0.2, 0.6), unit="Mt/year", over="year"
            )
            self.add("resource_uses", resource="berths", table="links", element="crude_1")
            self.add("resource_uses", resource="berths", table="links", element="diesel_1")

    def _outages(self) -> None:
        self.add(
            "outages",
            table="links",
            element="natural_gas_1",
            start="2024-01-01",
            end="2024-01-02",
            share=self.number(0.2, 1),
        )
        self.add(
            "outages",
            table="assets",
            element="chp",
            start="2024-01-02",
            end="2024-01-03",
            share=self.number(0.2, 0.7),
        )
        self.add("outages", table="storages", element="storage_1", start="2024-01-02", end="2024-01-02")

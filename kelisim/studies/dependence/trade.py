"""The trade of countries with each carrier, period by period: from flows to indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.streams import streams
from kelisim.case.territory import region_of_places
from kelisim.results import n1_areas
from kelisim.results.dependence import FUNCTIONS, Indicator, Trade, listed, reading
from kelisim.results.routes import Routes
from kelisim.results.schema import framed
from kelisim.results.tables import Tables
from kelisim.tolerances import SMALL_ENERGY

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Traded:
    """Areas and carriers that are looked at, in a solved case.

    areas      countries, or regions
    carriers   those of the case in their order
    by         country or region
    exchanged  whether what is exchanged at home is taken out, as trade statistics do
    """

    tables: Tables
    areas: Sequence[str]
    carriers: Sequence[str]
    by: str
    exchanged: bool

    @property
    def case(self) -> Case:
        return self.tables.case

    @cached_property
    def area_of(self) -> Mapping[str, str]:
        return region_of_places(self.case) if self.by == "region" else self.tables.country

    @cached_property
    def between(self) -> dict[str, list[str]]:
        """Booking -> areas on its way, its two ends left out."""
        found = {}
        for one in streams(self.case):
            way = dict.fromkeys(self.area_of[place] for leg in one.legs for place in (leg.start, leg.end))
            found[one.contract] = [
                area for area in way if area not in (self.area_of[one.start], self.area_of[one.end])
            ]
        return found

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """The shipped set with the bands of the case, without those that it leaves out."""
        own = self.case.table("indicators").set_index("indicator")
        found = {}
        for name, one in listed().items():
            if name not in FUNCTIONS:
                continue
            if name in own.index:
                row = own.loc[name]
                if not row["used"]:
                    continue
                low, high = (
                    one_side if pd.isna(row[side]) else float(row[side])
                    for side, one_side in (("low", one.low), ("high", one.high))
                )
                one = Indicator(
                    one.name, one.formula, one.better, low, high, one.source, one.confidence, one.reason
                )
            found[name] = one
        return found

    # ---- one area, one carrier
    def trades(self, period: Tables) -> Iterator[tuple[str, str, Trade]]:
        """Area, carrier and trade, of those that do anything with it."""
        for carrier in self.carriers:
            routes = Routes(period, carrier, self.area_of)
            for area in self.areas:
                if area not in routes.areas:
                    continue
                found = routes.of(area, self.exchanged, self.between)
                if float(found.suppliers.sum()) + float(found.buyers.sum()) <= SMALL_ENERGY:
                    continue
                capacity = self._capacity(area, carrier)
                loads = self._loads(area, carrier)
                yield (
                    area,
                    carrier,
                    Trade(
                        area,
                        found.suppliers,
                        found.buyers,
                        found.exits,
                        found.entries,
                        found.export_ways,
                        found.import_ways,
                        capacity,
                        loads,
                        period.hours,
                    ),
                )

    def _places(self, area: str) -> set[str]:
        return {place for place, one in self.area_of.items() if one == area}

    @cached_property
    def _capacities(self) -> dict[tuple[str, str], dict[str, float]]:
        return {}

    def _capacity(self, area: str, carrier: str) -> dict[str, float]:
        """Supplier -> MW: what is made, stored or bought at home is the area's own, an entry is its neighbour's."""
        if (area, carrier) not in self._capacities:
            frame = n1_areas.infrastructure(self.case, self._places(area), carrier)
            links = self.case.table("links").set_index("link")
            found = {area: 0.0}
            for element, part, size in frame[["element", "part", "capacity"]].itertuples(index=False):
                whose = area
                if part == "entry" and element in links.index:
                    ends = (self.area_of[links.at[element, side]] for side in ("from_place", "to_place"))
                    whose = next(end for end in ends if end != area)
                found[whose] = found.get(whose, 0.0) + float(size)
            self._capacities[area, carrier] = found
        return self._capacities[area, carrier]

    def _loads(self, area: str, carrier: str) -> Floats:
        """MW that customers want and plants take in, (steps)."""
        places, answer = self._places(area), self.tables.answer
        demand = self.case.table("demand")
        rows = (demand["place"].isin(places) & (demand["carrier"] == carrier)).to_numpy()
        total = self._wanted[rows].sum(axis=0)
        ports = self.tables.ports
        ports = ports[(ports["carrier"] == carrier) & (ports["ratio"] < 0) & ports["place"].isin(places)]
        taken = answer.power("assets.activity", list(ports["asset"])) * -ports["ratio"].to_numpy()[:, None]
        found: Floats = total + taken.sum(axis=0)
        return found

    @cached_property
    def _wanted(self) -> Floats:
        return self.tables.answer.by_demand(len(self.case.table("demand")), "upper")

    # ---- tables
    def periods(self) -> Iterator[tuple[str, Tables]]:
        """The whole horizon, and each month of it if there are several."""
        yield "all", self.tables
        horizon = self.case.horizon
        months = pd.period_range(horizon.start, horizon.end - pd.Timedelta(hours=1), freq="M")
        if len(months) < 2:
            return
        for month in months:
            inside = horizon.share_within(month.start_time, month.end_time.normalize())
            yield str(month), self.tables.over(inside * self.tables.hours)

    def frames(self, scenario: str) -> dict[str, pd.DataFrame]:
        """indicators, suppliers, routes and states; scenario: what stands in their first column."""
        rows: dict[str, list[tuple[Any, ...]]] = {
            n: [] for n in ("indicators", "suppliers", "routes", "states")
        }
        for period, tables in self.periods():
            for area, carrier, trade in self.trades(tables):
                for name, one in self.indicators.items():
                    value = FUNCTIONS[name](trade)
                    if not np.isnan(value):
                        rows["indicators"].append(
                            (scenario, area, carrier, period, name, value, reading(one, value))
                        )
                if period == "all":
                    rows["suppliers"] += [(scenario, *row) for row in _sides(trade, carrier)]
                    rows["routes"] += [(scenario, *row) for row in _routes(trade, carrier)]
                    rows["states"] += [(scenario, *row) for row in _states(trade, carrier)]
        return {name: framed("dependence", name, found) for name, found in rows.items()}


def _sides(trade: Trade, carrier: str) -> Iterator[tuple[Any, ...]]:
    for side, energy in (("supplier", trade.suppliers), ("buyer", trade.buyers)):
        for partner, value in energy.sort_values(ascending=False, kind="stable").items():
            size = trade.capacity.get(str(partner), 0.0) if side == "supplier" else np.nan
            index = trade.pivotal(str(partner)) if side == "supplier" and size > 0 else np.nan
            yield (
                trade.area,
                carrier,
                side,
                partner,
                float(value),
                float(value) / float(energy.sum()),
                size,
                index,
            )


def _routes(trade: Trade, carrier: str) -> Iterator[tuple[Any, ...]]:
    for side, frame in (("export", trade.exits), ("import", trade.entries)):
        whole = float(frame["energy"].sum())
        for row in frame.itertuples(index=False):
            yield trade.area, carrier, side, row.link, row.to, row.energy, row.energy / whole


def _states(trade: Trade, carrier: str) -> Iterator[tuple[Any, ...]]:
    exported, imported = float(trade.exits["energy"].sum()), float(trade.imported.sum())
    for side, frame, whole in (
        ("export", trade.export_ways, exported),
        ("import", trade.import_ways, imported),
    ):
        for row in frame[frame["entered"] > SMALL_ENERGY].itertuples(index=False):
            yield trade.area, carrier, side, row.area, row.entered, row.ends, row.through, row.entered / whole

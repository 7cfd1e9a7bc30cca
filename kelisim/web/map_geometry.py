"""What a map is drawn on: ground, ways and places of each family of carriers. Made once for a case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.territory import region_of_places
from kelisim.report import sheet
from kelisim.report.basemap import Array
from kelisim.report.ground import areas, ground
from kelisim.report.labels import PlacedNames
from kelisim.report.layout import bends, link_points, place_points, view_of, way_of
from kelisim.report.maps import regions_of
from kelisim.report.numbers import NONE, text_of
from kelisim.report.scene import sizes_of
from kelisim.web.session import MapSession

MOST_NAMES = 64  # placings that are kept


@dataclass(frozen=True)
class DrawnWay:
    """Links of one family between two places that are drawn as one line: a link, or those of a shared track.

    key    what an outage names: the link, or the track
    links  positions in the table of links; `track` those of all families that share the capacity
    """

    key: str
    name: str
    family: str
    start: str
    end: str
    links: tuple[int, ...]
    track: tuple[int, ...]
    is_far: bool
    points: Array


class MapGeometry:
    """Geometry of a case on the page."""

    def __init__(self, plan: MapSession) -> None:
        self.plan, self.book = plan, plan.book
        self.regions = region_of_places(plan.case)
        self._names: dict[tuple[str, frozenset[str]], list[tuple[int, int, int]]] = {}
        links = plan.links
        self.carrier = [str(carrier) for carrier in links["carrier"]]
        self.family = [self.book.family(carrier) for carrier in links["carrier"]]
        demand = plan.case.table("demand")
        self.families = self.book.families([*links["carrier"], *demand["carrier"]])
        self.front = self._front()
        self._carriers = {*self.carrier, *demand["carrier"]}
        ends = list(zip(links["from_place"], links["to_place"], strict=True))
        mine = [pair for pair, family in zip(ends, self.family, strict=True) if family == self.front]
        places = plan.case.table("places")
        used = {end for pair in ends for end in pair} | set(demand["place"])
        for table in ("assets", "storages", "markets"):
            used |= set(plan.case.table(table)["place"])
        self.layout = place_points(places[places["place"].isin(used)] if used else places, ends, mine)
        self.ways = self._ways()
        self.by_key: dict[str, list[DrawnWay]] = {}
        for way in self.ways:
            self.by_key.setdefault(way.key, []).append(way)

    def carriers_of(self, family: str) -> list[str]:
        """Carriers of a family that flow or are used."""
        return sorted(carrier for carrier in self._carriers if self.book.family(carrier) == family)

    def _front(self) -> str:
        """The family of which most crosses a border."""
        links, country = self.plan.links, self.book.country_of
        crosses = (links["from_place"].map(country) != links["to_place"].map(country)).to_numpy(dtype=bool)
        moved = np.abs(self.plan.flow) @ self.plan.hours
        totals = pd.Series(np.where(crosses, moved, 0.0)).groupby(pd.Series(self.family, dtype=object)).sum()
        if "gas" in totals.index and totals["gas"] > 0:
            return "gas"  # what most hangs on across the border
        if len(totals) and totals.max() > 0:
            return str(totals.idxmax())
        return self.families[0] if self.families else ""

    def _ways(self) -> list[DrawnWay]:
        links = self.plan.links
        kinds = self.plan.case.table("link_kinds").set_index("kind")["family"]
        far = [kinds.get(kind, "") == "transport" for kind in links["kind"]]
        groups: dict[tuple[str, str, str, str], list[int]] = {}
        tracks: dict[str, list[int]] = {}
        track_of = links["shared_with"].map(text_of)
        begins, stops = links["from_place"], links["to_place"]
        columns = zip(links["link"], track_of, self.family, begins, stops, strict=True)
        for at, (link, shared, family, start, end) in enumerate(columns):
            tracks.setdefault(shared or link, []).append(at)
            if start != end and start in self.layout.points and end in self.layout.points:
                groups.setdefault((family, shared or link, start, end), []).append(at)
        found: list[DrawnWay] = []
        for family in self.families:
            mine = [key for key in groups if key[0] == family]
            pairs = [(start, end) for _, _, start, end in mine]
            curved = bends(pairs, self.layout.points, [far[groups[key][0]] for key in mine])
            for (_, key, start, end), members, bend in zip(
                mine, [groups[key] for key in mine], curved, strict=True
            ):
                row = links.iloc[members[0]]
                route = way_of(str(row["link"]), row.get("route"), self.layout.lens)
                points = link_points(self.layout.points[start], self.layout.points[end], bend, route)
                ends = f"{self.book.place(start)} {NONE} {self.book.place(end)}"
                name = self.book.link(row["link"]) if len(members) == 1 else ends
                found.append(
                    DrawnWay(
                        key,
                        name,
                        family,
                        start,
                        end,
                        tuple(members),
                        tuple(tracks[key]),
                        far[members[0]],
                        points,
                    )
                )
        return found

    @cached_property
    def of_family(self) -> dict[str, list[DrawnWay]]:
        """Family -> its ways, in the order in which the page knows them."""
        return {family: [way for way in self.ways if way.family == family] for family in self.families}

    @cached_property
    def places(self) -> dict[str, list[str]]:
        """Family -> places that the page draws, in its order."""
        found: dict[str, list[str]] = {}
        demand, assets = self.plan.case.table("demand"), self.plan.case.table("assets")
        carriers = self.plan.case.reference_carriers
        for family in self.families:
            names = {end for way in self.of_family[family] for end in (way.start, way.end)}
            names |= set(demand["place"][demand["carrier"].map(self.book.family) == family])
            made = assets["asset"].map(lambda asset: self.book.family(carriers.get(asset, "")))
            names |= set(assets["place"][made == family])
            found[family] = sorted(name for name in names if name in self.layout.points)
        return found

    # ---- for the page
    @cached_property
    def text(self) -> str:
        """The data as JSON."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def data(self) -> dict[str, Any]:
        """All that the page draws once (report/sheet.py)."""
        layout = self.layout
        below = ground(layout.lens, layout.whole, frozenset(self.book.countries.values()))
        found = sheet.sheet(
            layout.whole, below, PlacedNames(below.names), areas(layout.lens, regions_of(self.book, layout))
        )
        numbers = {area["k"]: at for at, area in enumerate(found["areas"])}
        found["families"] = {family: self._family(family, numbers) for family in self.families}
        return found | {"front": self.front}

    @cached_property
    def area_of(self) -> dict[str, int]:
        """Place -> number of the area of its region, of those that are drawn."""
        numbers = {area["k"]: at for at, area in enumerate(self.data["areas"])}
        return {place: numbers[region] for place, region in self.regions.items() if region in numbers}

    @cached_property
    def place_of(self) -> dict[str, str]:
        """Asset or storage -> its place."""
        case = self.plan.case
        pairs = (("asset", case.table("assets")), ("storage", case.table("storages")))
        return {
            key: place
            for name, table in pairs
            for key, place in zip(table[name], table["place"], strict=True)
        }

    def names(self, family: str, first: frozenset[str]) -> list[tuple[int, int, int]]:
        """Names of a family's places that stand on the map; those of `first` before the more used."""
        key = (family, first)
        if key not in self._names:
            if len(self._names) > MOST_NAMES:
                self._names.clear()
            dots = self.data["families"][family]["dots"]
            at = frozenset(i for i, dot in enumerate(dots) if dot["k"] in first)
            self._names[key] = sheet.names_of(PlacedNames(self.data["names"]), dots, at)
        return self._names[key]

    def _family(self, family: str, numbers: dict[str, int]) -> dict[str, Any]:
        ways = self.of_family[family]
        sizes = self._sizes(family)
        dots = []
        for place in self.places[family]:
            size, gives = sizes.get(place, (0, False))
            area = numbers.get(self.regions.get(place, ""), -1)
            dots.append(
                sheet.dot(place, self.book.short_place(place), self.layout.points[place], size, gives, area)
            )
        counts = pd.Series([end for way in ways for end in (way.start, way.end)], dtype=object).value_counts()
        if not len(counts):
            counts = pd.Series(1, index=self.places[family])
        home = view_of([self.layout.points[str(place)] for place in counts.index], [int(c) for c in counts])
        lines = [sheet.way(way.key, way.points, way.is_far) for way in ways]
        return sheet.family(self.book.family_name(family), self.book.family_colour(family), home, lines, dots)

    def _sizes(self, family: str) -> dict[str, tuple[int, bool]]:
        """Place -> size 0 to 2 by use over the year, and whether it gives more than it uses."""
        frame = self.plan.tables.places_balance
        frame = frame[frame["carrier"].map(self.book.family) == family]
        sums = frame.groupby("place")[["used", "taken_in", "sold", "made", "bought"]].sum()
        use, made = sums["used"] + sums["taken_in"] + sums["sold"], sums["made"] + sums["bought"]
        size = sizes_of(use.where(use > made, made))
        return {str(place): (size[str(place)], bool(made[place] > use[place] + 1e-9)) for place in sums.index}

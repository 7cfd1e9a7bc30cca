"""Regions of a case, and those that lie on the border of two countries.

A place belongs to the region of its `region` column, else to that of the place that a link of kind `connection` ties it
to, else it stands for itself. Border points (kind `border`) are doors: what lies right behind them is on the border.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.territory import region_of_places
from kelisim.errors import StudyError

KINDS = ("line", "pipeline", "road")  # of links that end near the border; rail and sea go far beyond it
DOOR = "border"


@dataclass(frozen=True)
class BorderWay:
    """One way of a carrier over the border to a region.

    link   crosses the border
    inner  links of the same carrier between the border point and the region; empty where the region is the end
    behind links of the same carrier that lead on from a border point on the other side
    near   all its links are of kinds that end near the border, and none is only a candidate
    """

    region: str
    carrier: str
    link: str
    inner: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    near: bool = False

    @property
    def links(self) -> tuple[str, ...]:
        """All its links, the crossing one first."""
        return (self.link, *self.inner, *self.behind)


@dataclass(frozen=True)
class Regions:
    """The regions of a case.

    kinds  of links that make a region lie on a border
    """

    case: Case
    kinds: tuple[str, ...] = field(default=KINDS)

    @cached_property
    def of(self) -> dict[str, str]:
        """Place -> region: its code, or a place that stands for itself."""
        return region_of_places(self.case)

    @cached_property
    def country(self) -> dict[str, str]:
        """Region -> country."""
        countries = self.case.table("places").set_index("place")["country"]
        return {region: str(countries[place]) for place, region in self.of.items()}

    @cached_property
    def place(self) -> dict[str, str]:
        """Region -> the place it is called by: the first of kind region or town, else the first."""
        found: dict[str, str] = {}
        rank = {"region": 0, "town": 1}
        places = self.case.table("places")
        order = places.assign(rank=places["kind"].map(rank).fillna(2)).sort_values("rank", kind="stable")
        for place in order["place"]:
            found.setdefault(self.of[place], place)
        return found

    @cached_property
    def name(self) -> dict[str, str]:
        """Region -> name."""
        names = self.case.table("places").set_index("place")["name"]
        return {region: str(names[place] or place) for region, place in self.place.items()}

    def pair(self, countries: Sequence[str] = ()) -> tuple[str, str]:
        """The two countries of a border: those named, else the home country and the neighbour with most links.

        Raises StudyError where no link crosses between them.
        """
        counts = self._crossings
        known = sorted({code for pair in counts for code in pair})
        wrong = [code for code in countries if code not in known]
        if wrong or not counts:
            near = schema.nearest(wrong[0], known) if wrong else ""
            hint = f' Did you mean "{near}"?' if near else ""
            neighbours = f"Countries with neighbours: {schema.some(known) if known else 'none'}."
            if wrong:
                raise StudyError(f'countries: no link crosses a border of "{wrong[0]}".{hint} {neighbours}')
            raise StudyError(f"countries: no link of the case crosses a border. {neighbours}")
        if len(countries) > 2:
            raise StudyError(
                f"countries: a border has two sides, not {len(countries)}: {', '.join(countries)}."
            )
        if len(countries) == 2:
            first, second = countries
            if first == second or not counts[_key(first, second)]:
                around = sorted({code for pair in counts for code in pair if first in pair} - {first})
                raise StudyError(
                    f"countries: no link crosses between {first} and {second}. Neighbours of {first}: {', '.join(around)}."
                )
            return first, second
        home = countries[0] if countries else str(self.case.setting("defaults", "home"))
        mine = {pair: n for pair, n in counts.items() if home in pair} or counts
        best = min(mine, key=lambda pair: (-mine[pair], pair))
        return best if home not in best or best[0] == home else (best[1], best[0])

    @cached_property
    def _crossings(self) -> Counter[tuple[str, str]]:
        ends = self._ends
        found = ends[ends["from_country"] != ends["to_country"]]
        return Counter(_key(a, b) for a, b in zip(found["from_country"], found["to_country"], strict=True))

    @cached_property
    def _ends(self) -> pd.DataFrame:
        """Links with the countries and kinds of their ends."""
        places = self.case.table("places").set_index("place")
        links = self.case.table("links")[
            ["link", "carrier", "kind", "from_place", "to_place", "status"]
        ].copy()
        for side in ("from", "to"):
            links[f"{side}_country"] = links[f"{side}_place"].map(places["country"])
            links[f"{side}_kind"] = links[f"{side}_place"].map(places["kind"])
        return links

    def crossing(self, pair: tuple[str, str]) -> dict[str, tuple[str, ...]]:
        """Carrier -> links that cross between two countries."""
        ends = self._ends
        here = [
            _key(a, b) == _key(*pair) for a, b in zip(ends["from_country"], ends["to_country"], strict=True)
        ]
        found = ends[here].groupby("carrier", sort=True)["link"]
        return {str(carrier): tuple(links) for carrier, links in found}

    def ways(self, pair: tuple[str, str]) -> list[BorderWay]:
        """Ways over the border to the regions of both sides, each carrier by itself."""
        ends = self._ends
        crossing = ends[
            [_key(a, b) == _key(*pair) for a, b in zip(ends["from_country"], ends["to_country"], strict=True)]
        ]
        doors = self._behind_doors
        found = []
        for row in crossing.itertuples(index=False):
            near = row.kind in self.kinds and row.status != "candidate"
            for here, kind, country, there, other in (
                (row.from_place, row.from_kind, row.from_country, row.to_place, row.to_kind),
                (row.to_place, row.to_kind, row.to_country, row.from_place, row.from_kind),
            ):
                far = doors.get((there, row.carrier), []) if other == DOOR else []
                behind = tuple(link for link, *_ in far if link != row.link)
                if kind != DOOR or self.has_region(here):
                    found.append(BorderWay(self.of[here], row.carrier, row.link, (), behind, near))
                if kind != DOOR:
                    continue
                for link, end, end_country, is_near in doors.get((here, row.carrier), []):
                    if end_country == country and link != row.link:
                        found.append(
                            BorderWay(self.of[end], row.carrier, row.link, (link,), behind, near and is_near)
                        )
        return found

    def has_region(self, place: str) -> bool:
        """Whether a place belongs to a region beyond itself."""
        return self.of[place] != place

    @cached_property
    def _behind_doors(self) -> dict[tuple[str, str], list[tuple[str, str, str, bool]]]:
        """(border point, carrier) -> its links: link, other end, its country, whether of a near kind."""
        found: dict[tuple[str, str], list[tuple[str, str, str, bool]]] = {}
        for row in self._ends.itertuples(index=False):
            near = row.kind in self.kinds and row.status != "candidate"
            if row.from_kind == DOOR:
                found.setdefault((row.from_place, row.carrier), []).append(
                    (row.link, row.to_place, row.to_country, near)
                )
            if row.to_kind == DOOR:
                found.setdefault((row.to_place, row.carrier), []).append(
                    (row.link, row.from_place, row.from_country, near)
                )
        return found


def _key(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first <= second else (second, first)

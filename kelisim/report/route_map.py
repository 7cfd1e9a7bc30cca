"""A map of one way: the links that carry a stream, how full they are with it, and the tariffs that add up along the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kelisim.report.basemap import Array
from kelisim.report.drawing import Map, draw
from kelisim.report.maps import (
    card_lines,
    drawn_lines,
    layout_of,
    links_of_case,
    regions_of,
    view_around,
    width_legend,
)
from kelisim.report.scene import Card, Dot, DrawnLine, Layer, Scene, look_of
from kelisim.report.words import Words
from kelisim.results.facts import Fact, said
from kelisim.tolerances import ROUNDING


@dataclass(frozen=True)
class Carried:
    """What one link carries, in the unit of the links: the stream, all else, and its capacity."""

    stream: float
    others: float
    capacity: float


def route_map(
    words: Words,
    carrier: str,
    title: str,
    carried: Mapping[str, Carried],
    unit: str,
    paid: Mapping[str, float],
    price: str,
) -> Map | None:
    """The links of a carrier in grey and those that carry the stream in their loading; None where places have no coordinates to draw.

    carried  link -> what it carries, for those of the stream
    paid     place of the chosen way -> tariffs paid up to it for one unit handed over at the first place, in `price`
    """
    frame = links_of_case(words, words.case.quantities("links"))
    frame = frame[(frame["carrier"] == carrier) & (frame["from_place"] != frame["to_place"])]
    near = _near(frame, set(carried))
    layout = layout_of(words, near, words.family(carrier))
    near = near[near["from_place"].isin(layout.points) & near["to_place"].isin(layout.points)]
    if near.empty:
        return None
    largest = max((one.stream for one in carried.values()), default=0.0)

    def make(group: list[dict[str, object]], points: Array) -> DrawnLine:
        row = group[0]
        one = carried.get(str(row["link"]))
        ends = words.text("charts.map.ends_value", start=row["from_place"], end=row["to_place"])
        card: Card = (words.link(row["link"]), ends, _told(words, one, unit), "")
        if one is None:
            return DrawnLine(points, 0.0, "idle", card, (), str(row["link"]))
        loading = (one.stream + one.others) / one.capacity if one.capacity > 0 else 0.0
        weight = math.sqrt(one.stream / largest) if largest > 0 else 0.0
        return DrawnLine(
            points, weight, look_of(one.stream, loading, False, ROUNDING), card, (1,), str(row["link"])
        )

    groups = [[{str(key): value for key, value in row.items()}] for row in near.to_dict("records")]
    lines = drawn_lines(words, layout, groups, make)
    dots = [
        _dot(words, place, layout.points[place], paid.get(place), price)
        for place in sorted(set(near["from_place"]) | set(near["to_place"]))
    ]
    name, family = words.carrier(carrier), words.family(carrier)
    mine = near[near["link"].isin(set(carried))]
    layer = Layer(
        family,
        name,
        words.colour(carrier),
        lines,
        dots,
        width_legend(largest, unit),
        title,
        view_around(layout, mine if len(mine) else near),
    )
    codes = frozenset(words.countries.values())
    regions = regions_of(words, layout)
    return draw(Scene(title, [layer], family, layout.lens, layout.whole, codes, True, layout.notes, regions))


def _near(frame: pd.DataFrame, mine: set[str]) -> pd.DataFrame:
    """The links of the way and all that touch a place of it, and pipes and lines of the carrier."""
    own = frame[frame["link"].isin(mine)]
    places = set(own["from_place"]) | set(own["to_place"])
    touches = frame["from_place"].isin(places) | frame["to_place"].isin(places)
    return frame[touches | frame["kind"].isin(("pipeline", "line"))]


def _told(words: Words, one: Carried | None, unit: str) -> list[tuple[str, str]]:
    if one is None:
        return []
    amounts = (("stream", one.stream), ("others", one.others), ("capacity", one.capacity))
    lines: list[tuple[str, Fact | str]] = [
        (name, said("charts.map.amount", value=value, of=unit)) for name, value in amounts
    ]
    return card_lines(words, lines)


def _dot(words: Words, place: str, point: Array, paid: float | None, price: str) -> Dot:
    """A place; on the chosen way with the tariffs up to it in its name and card."""
    name, lines = words.short_place(place), []
    if paid is not None:
        told = words.text("charts.map.amount", value=paid, of=price)
        lines, name = card_lines(words, [("tariffs", told)]), f"{name} {words.figure(paid)}"
    card: Card = (words.place(place), words.country(words.country_of(place)), lines, "")
    return Dot(float(point[0]), float(point[1]), 2 if paid is not None else 0, False, 0.0, name, card, place)

"""A map of links by what rules say of them: red prohibited, amber above a cap or for a person, dark under a licence, light untouched."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from kelisim.report.drawing import Map, draw
from kelisim.report.layout import Layout, bends, link_points, place_points, view_of, way_of
from kelisim.report.maps import regions_of
from kelisim.report.scene import Card, Dot, DrawnLine, Layer, Scene
from kelisim.report.words import Words

LOOKS = {"prohibited": "high", "above_cap": "mid", "judge": "mid", "licence": "low", "": "idle"}
CAPACITIES = ("capacity", "capacity_back")
Rows = Sequence[tuple[str, str]]  # of a card: label and text


def verdict_map(
    words: Words,
    said: Mapping[str, tuple[str, list[tuple[str, str]]]],
    key: str,
    title: str,
    plants: Mapping[str, Rows] | None = None,
) -> Map | None:
    """Families of carriers with a touched link, a layer each; None if no link is touched.

    said    link -> its worst verdict, and rows of its card: label and text
    key     section of the texts: layer, note
    plants  place -> rows of its card, for what stands there; such a place is drawn large
    """
    links = words.case.quantities("links")
    links = links[links["status"].isin(("base", "idle")) | links["link"].isin(set(said))]
    links = links.assign(family=links["carrier"].map(words.family))
    touched = links[links["link"].isin(set(said))]
    if touched.empty:
        return None
    families = words.families(touched["carrier"])
    mine = links[links["family"].isin(families) & (links["from_place"] != links["to_place"])]
    front = str(touched["family"].value_counts().idxmax())
    ends = list(zip(mine["from_place"], mine["to_place"], strict=True))
    of_front = [pair for pair, family in zip(ends, mine["family"], strict=True) if family == front]
    places = words.table("places")
    used = {end for pair in ends for end in pair}
    layout = place_points(places[places["place"].isin(used)], ends, of_front)
    layers = [
        _layer(words, layout, mine[mine["family"] == one], touched, said, one, key, plants or {})
        for one in families
    ]
    notes = (words.text(f"{key}.note"), *layout.notes)
    codes = frozenset(words.countries.values())
    regions = regions_of(words, layout)
    return draw(Scene(title, layers, front, layout.lens, layout.whole, codes, False, notes, regions))


def _layer(
    words: Words,
    layout: Layout,
    links: pd.DataFrame,
    touched: pd.DataFrame,
    said: Mapping[str, tuple[str, list[tuple[str, str]]]],
    family: str,
    key: str,
    plants: Mapping[str, Rows],
) -> Layer:
    """One family: its links, those that nothing touches first, so that the others lie above."""
    places = layout.points
    links = links[links["from_place"].isin(places) & links["to_place"].isin(places)]
    links = links.assign(is_touched=links["link"].isin(set(said)))
    links = links.sort_values("is_touched", kind="stable")
    largest = float(links[list(CAPACITIES)].max().max()) or 1.0
    pairs = list(zip(links["from_place"], links["to_place"], strict=True))
    lines = []
    for row, pair, bend in zip(
        links.itertuples(index=False), pairs, bends(pairs, places, [False] * len(pairs)), strict=True
    ):
        way = way_of(row.link, row.route, layout.lens)
        points = link_points(places[pair[0]], places[pair[1]], bend, way)
        verdict, told = said.get(row.link, ("", []))
        title = words.text("charts.map.ends_value", start=row.from_place, end=row.to_place)
        card: Card = (words.link(row.link), title, told, "")
        most = max(float(row.capacity), float(row.capacity_back))
        lines.append(DrawnLine(points, math.sqrt(most / largest), LOOKS[verdict], card, (1,), row.link))
    ends = sorted({end for pair in pairs for end in pair})
    dots = [
        Dot(
            float(places[e][0]),
            float(places[e][1]),
            2 if e in plants else 0,
            False,
            0.0,
            words.short_place(e),
            _place(words, e, plants.get(e, ())),
            e,
        )
        for e in ends
    ]
    own = touched[touched["family"] == family]
    around = pd.concat([own["from_place"], own["to_place"]]).value_counts()
    shown = [(places[str(p)], int(n)) for p, n in around.items() if str(p) in places]
    name = words.family_name(family)
    sentence = words.text(f"{key}.layer", name=name, count=len(own), all=len(links))
    view = view_of([point for point, _ in shown], [count for _, count in shown])
    return Layer(family, name, words.family_colour(family), lines, dots, [], sentence, view)


def _place(words: Words, place: str, told: Rows) -> Card:
    return (words.place(place), words.country(words.country_of(place)), list(told), "")

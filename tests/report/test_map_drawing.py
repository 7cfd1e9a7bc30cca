"""What page and report draw with: inks that can be seen, names that hide nothing, areas that are regions."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import shapely

from kelisim.io import reference
from kelisim.report.basemap import regions
from kelisim.report.labels import SHIFT, SIDES, ZOOMS, PlacedNames, width_of
from kelisim.report.scene import CLASSES, asset


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_inks_stand_out_on_land() -> None:
    """A line that cannot be told from the ground is not drawn for everybody."""
    css = asset("map_svg.css")
    inks = dict(re.findall(r"--([\w]+):(#[0-9a-f]{6})", css))
    assert {look: inks[look] for look in CLASSES} == CLASSES
    land = luminance(inks["land"])
    for name in (*CLASSES, "faint", "more", "less", "on"):
        assert (land + 0.05) / (luminance(inks[name]) + 0.05) >= 3.0, name


def test_names_hide_no_other_name() -> None:
    """At no level of zoom does a name stand on another, and the first of the order is not the one that is left out."""
    random = np.random.default_rng(3)
    dots = np.column_stack([random.uniform(0, 400, (40, 2)), np.full(40, width_of("Some place"))])
    found = PlacedNames([]).places(dots, range(40))
    assert found[0][:1] == (0,) and found[0][2] & 1
    for level, k in enumerate(ZOOMS):
        boxes = []
        for at, side, bits in found:
            if bits & (1 << level):
                dx, dy, anchor = SIDES[side]
                x, y = dots[at, 0] / k + dx - SHIFT[anchor] * dots[at, 2], dots[at, 1] / k + dy
                boxes.append(shapely.box(x, y - 10, x + dots[at, 2], y + 3))
        assert not any(a.intersection(b).area > 1e-6 for a, b in combinations(boxes, 2))


def test_each_region_of_two_countries_has_an_area_that_holds_its_places() -> None:
    """A shaded area must be the region that is short."""
    places = reference("1mo").table("places")
    mine = places[places["country"].isin(["KZ", "RU"]) & places["kind"].isin(["region", "town"])]
    mine = mine[mine["region"].astype(bool)]
    known = regions()
    assert set(mine["region"]) <= set(known)
    for row in mine.itertuples():
        away = shapely.distance(known[row.region], shapely.Point(row.lon, row.lat))
        assert away < 0.2, row.place  # degrees: borders are simplified

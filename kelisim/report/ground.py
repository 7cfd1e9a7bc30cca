"""The ground of a map on its page: land, lakes, the sea that is known, and where the names of countries stand.

A case outside the region that the shapes cover is drawn without ground.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely

from kelisim.report.basemap import Array, Box, Projection, covered, path, regions, shapes
from kelisim.report.countries import country_names
from kelisim.report.scene import HEIGHT, WIDTH

STEP = 0.35  # pixels: a smaller bend of a border is not drawn
ISLAND = 3.0  # pixels, width and height together: a smaller island is not drawn
ROOM = 4.0  # pixels around the middle of a name; with less it is left out
SIDEWAYS = np.array([0.6, 1.0])  # room sideways counts less: names are wide
FOCUS: Box = (15.0, 12.0, WIDTH - 15, HEIGHT - 12)


class Ground(NamedTuple):
    """SVG paths of each country, of all lakes and of the sea; names (n) with place (x, y), room (s) and whether a party (c)."""

    land: tuple[str, ...] = ()
    lakes: str = ""
    sea: str = ""
    names: tuple[dict[str, Any], ...] = ()


class RegionArea(NamedTuple):
    """A region: its code, name, the place it is called by, and its SVG path."""

    key: str
    name: str
    place: str
    path: str


@lru_cache(maxsize=8)
def areas(lens: Projection | None, named: tuple[tuple[str, str, str], ...]) -> tuple[RegionArea, ...]:
    """Those of some regions whose shape is known; none for a drawing not to scale.

    named  code, name, and the place it is called by
    """
    known = {} if lens is None else regions()
    found = []
    for code, name, place in named:
        if lens is not None and code in known:
            parts = _pieces(_on_page(known[code], lens))
            found.append(RegionArea(code, name, place, "".join(map(_outline, parts))))
    return tuple(found)


def ground(lens: Projection | None, whole: Box, codes: frozenset[str]) -> Ground:
    """The ground of a page that holds `whole`; none for a drawing not to scale. Names of most room come first.

    codes  ISO codes of the countries of the case
    """
    found, called = _ground(lens, whole, codes), country_names()
    return found._replace(names=tuple({**row, "n": called.get(row["n"], row["n"])} for row in found.names))


@lru_cache(maxsize=4)
def _ground(lens: Projection | None, whole: Box, codes: frozenset[str]) -> Ground:
    """The same with codes of countries in the place of their names."""
    if lens is None:
        return Ground()
    left, top, right, bottom = whole
    pad = 0.6 * max(right - left, bottom - top)
    box = (left - pad, top - pad, right + pad, bottom + pad)
    land: list[str] = []
    names: list[dict[str, Any]] = []
    for shape in shapes("countries.geojson"):
        pieces = _pieces(shapely.clip_by_rect(_on_page(shape.geometry, lens), *box))
        if pieces:
            land.append("".join(map(_outline, pieces)))
            spot = _name_spot(pieces)
            names += [{"n": shape.code or shape.name, **spot, "c": int(shape.code in codes)}] if spot else []
    lakes = [_on_page(shape.geometry, lens).simplify(STEP) for shape in shapes("lakes.geojson")]
    names.sort(key=lambda row: (-row["c"], -row["s"]))
    return Ground(tuple(land), "".join(map(_outline, shapely.get_parts(lakes))), _sea(lens), tuple(names))


def _on_page(geometry: shapely.Geometry, lens: Projection) -> shapely.Geometry:
    return shapely.transform(geometry, lambda points: lens(points[:, 0], points[:, 1]))


def _pieces(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """Parts of an area that are large enough to be seen, without small bends."""
    parts = shapely.get_parts(geometry.simplify(STEP))
    return [part for part in parts if isinstance(part, shapely.Polygon) and _extent(part) > ISLAND]


def _extent(part: shapely.Polygon) -> float:
    left, top, right, bottom = part.bounds
    return float(right - left + bottom - top)


def _outline(part: shapely.Polygon) -> str:
    return "".join(path(np.asarray(ring.coords)[:-1], True) for ring in (part.exterior, *part.interiors))


def _name_spot(pieces: list[shapely.Polygon]) -> dict[str, float] | None:
    """Where a country's name stands and how much room it has: in view if it can, else where the country is widest."""
    land = shapely.MultiPolygon(pieces)
    for area in (shapely.clip_by_rect(land, *FOCUS), land):
        parts = _pieces(area)
        if parts:
            # the middle of the largest circle inside
            part = shapely.transform(max(parts, key=lambda part: part.area), lambda points: points * SIDEWAYS)
            circle = shapely.maximum_inscribed_circle(part, tolerance=1.0)
            if circle.length > ROOM:
                x, y = circle.coords[0] / SIDEWAYS
                return {"x": round(float(x), 1), "y": round(float(y), 1), "s": round(float(circle.length), 1)}
    return None


def _sea(lens: Projection) -> str:
    """The region that the shapes cover, as water; what lies outside is not known to be sea."""
    region = covered()
    if region is None:
        return ""
    edge: Array = shapely.get_coordinates(shapely.segmentize(shapely.box(*region).exterior, 2.0))
    return path(lens(edge[:-1, 0], edge[:-1, 1]), True)

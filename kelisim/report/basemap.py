"""Countries and lakes below the map, and the projection that fits a case.

Shapes are read from the package's own data (Natural Earth, public domain); a case outside the region they
cover is drawn without ground.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Shape:
    """One country or lake: name, ISO code, outer rings and holes as arrays of lon, lat."""

    name: str
    code: str
    rings: tuple[Array, ...]


@cache
def _features(name: str) -> list[dict[str, Any]]:
    try:
        text = (files("kelisim") / "reference" / "geo" / name).read_text(encoding="utf-8")
    except (FileNotFoundError, ModuleNotFoundError, NotADirectoryError):
        return []
    return list(json.loads(text)["features"])


def _rings(geometry: dict[str, Any]) -> tuple[Array, ...]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return tuple(np.asarray(ring, dtype=float)[:, :2] for polygon in polygons for ring in polygon)


@cache
def shapes(name: str) -> tuple[Shape, ...]:
    """Shapes of countries.geojson or lakes.geojson; none if the file is not there."""
    return tuple(
        Shape(
            str(feature["properties"].get("name") or ""),
            str(feature["properties"].get("iso2") or ""),
            _rings(feature["geometry"]),
        )
        for feature in _features(name)
        if feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
    )


@cache
def country_names() -> dict[str, str]:
    """ISO code -> short English name."""
    text = (files("kelisim.report") / "countries.csv").read_text(encoding="utf-8")
    listed = {row["code"]: row["name"] for row in csv.DictReader(text.splitlines())}
    return {shape.code: shape.name for shape in shapes("countries.geojson") if shape.code} | listed


@cache
def covered() -> Box | None:
    """West, south, east, north of the region that the shapes cover."""
    rings = [ring for shape in shapes("countries.geojson") for ring in shape.rings]
    if not rings:
        return None
    points = np.vstack(rings)
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    return float(west), float(south), float(east), float(north)


@cache
def routes() -> dict[str, tuple[Array, ...]]:
    """Link or route name -> its lines (lon, lat), from routes.geojson."""
    found: dict[str, list[Array]] = {}
    for feature in _features("routes.geojson"):
        properties = feature["properties"]
        keys = {str(properties[key]) for key in ("link", "route", "name") if properties.get(key)}
        for key in keys:
            found.setdefault(key, []).extend(route_lines(feature["geometry"]))
    return {key: tuple(lines) for key, lines in found.items()}


def route_lines(geometry: dict[str, Any]) -> list[Array]:
    """Lines of a GeoJSON geometry (or of a feature around it); none for other types."""
    geometry = geometry.get("geometry") or geometry
    kind = geometry.get("type")
    parts = {"LineString": [geometry.get("coordinates")], "MultiLineString": geometry.get("coordinates")}.get(
        str(kind)
    )
    return [
        np.asarray(line, dtype=float)[:, :2] for line in parts or [] if line is not None and len(line) > 1
    ]


@dataclass(frozen=True)
class Projection:
    """From lon, lat to points on the page: a Lambert conformal cone, or a plate near the equator.

    Snyder, Map Projections (USGS 1395, 1987), equations 15-1 to 15-4 (sphere).
    """

    lon0: float
    cone: float
    factor: float
    lat0: float
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def _plain(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        turn = (lon - self.lon0 + 180) % 360 - 180
        if self.cone == 0:
            return np.radians(turn) * np.cos(np.radians(self.lat0)), -np.radians(lat)
        lat = np.clip(lat, -80, 88) if self.cone > 0 else np.clip(lat, -88, 80)
        rho = self.factor / np.tan(np.pi / 4 + np.radians(lat) / 2) ** self.cone
        angle = self.cone * np.radians(turn)
        return rho * np.sin(angle), rho * np.cos(angle)

    def __call__(self, lon: Array, lat: Array) -> Array:
        """Points x, y (two columns) on the page, y down."""
        x, y = self._plain(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        return np.column_stack([(x - self.left) * self.scale, (y - self.top) * self.scale])


def fit(lon: Array, lat: Array, width: float, height: float, margin: float) -> Projection:
    """The projection that shows all points given within a page of width x height."""
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    lon0, lat0 = (west + east) / 2, (south + north) / 2
    cone, factor = 0.0, 1.0
    if 12 < abs(lat0) < 80 and south * north > 0 and east - west < 200:
        low, high = south + (north - south) / 6, north - (north - south) / 6
        low, high = (low, high) if high - low > 0.5 else (lat0 - 1, lat0 + 1)
        one, two = np.radians(low), np.radians(high)
        half = np.tan(np.pi / 4 + np.array([one, two]) / 2)
        cone = float(np.log(np.cos(one) / np.cos(two)) / np.log(half[1] / half[0]))
        factor = float(np.cos(one) * half[0] ** cone / cone)
    plain = Projection(float(lon0), cone, factor, float(lat0))
    edge = np.linspace(0, 1, 9)
    frame_lon = np.concatenate([west + (east - west) * edge] * 2 + [np.full(9, west), np.full(9, east)])
    frame_lat = np.concatenate([np.full(9, south), np.full(9, north)] + [south + (north - south) * edge] * 2)
    points = np.vstack([plain(lon, lat), plain(frame_lon, frame_lat)]) if len(lon) < 3 else plain(lon, lat)
    low_corner, high_corner = points.min(axis=0), points.max(axis=0)
    span = np.maximum(high_corner - low_corner, 0.02)
    middle = (low_corner + high_corner) / 2
    scale = float(min((width - 2 * margin) / span[0], (height - 2 * margin) / span[1]))
    left, top = middle[0] - width / 2 / scale, middle[1] - height / 2 / scale
    return Projection(plain.lon0, cone, factor, plain.lat0, scale, float(left), float(top))


def clip(ring: Array, box: Box) -> Array:
    """The part of a closed ring within a box (Sutherland and Hodgman 1974); may be empty."""
    left, top, right, bottom = box
    for axis, limit, sign in ((0, left, 1.0), (0, right, -1.0), (1, top, 1.0), (1, bottom, -1.0)):
        if len(ring) == 0:
            return ring
        depth = sign * (ring[:, axis] - limit)
        if (depth >= 0).all():
            continue
        after = np.roll(ring, -1, axis=0)
        depth_after = np.roll(depth, -1)
        crosses = (depth >= 0) != (depth_after >= 0)
        share = np.divide(depth, depth - depth_after, out=np.zeros_like(depth), where=crosses)
        cut = ring + share[:, None] * (after - ring)
        both = np.empty((2 * len(ring), 2))
        both[0::2], both[1::2] = ring, cut
        keep = np.empty(2 * len(ring), dtype=bool)
        keep[0::2], keep[1::2] = depth >= 0, crosses
        ring = both[keep]
    return ring


def thin(line: Array, step: float) -> Array:
    """The line without points nearer than `step` to the last one kept; ends stay."""
    if len(line) < 3:
        return line
    keep = [0]
    x, y = line[:, 0].tolist(), line[:, 1].tolist()
    last_x, last_y = x[0], y[0]
    for i in range(1, len(x) - 1):
        if abs(x[i] - last_x) + abs(y[i] - last_y) >= step:
            keep.append(i)
            last_x, last_y = x[i], y[i]
    return line[[*keep, len(x) - 1]]


def path(line: Array, closed: bool = False) -> str:
    """SVG path of a line, to a tenth of a pixel."""
    if len(line) == 0:
        return ""
    parts = [f"{x:.1f} {y:.1f}" for x, y in line.tolist()]
    return "M" + "L".join(parts) + ("z" if closed else "")


def _inside(points: Array, ring: Array) -> npt.NDArray[np.bool_]:
    x, y = ring[:, 0], ring[:, 1]
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    px, py = points[:, :1], points[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        hits = ((y > py) != (y2 > py)) & (px < (x2 - x) * (py - y) / (y2 - y) + x)
    return np.asarray(hits.sum(axis=1) % 2 == 1)


def label_point(ring: Array) -> tuple[float, float, float]:
    """The point of a ring farthest from its edge, and that distance: where its name has most room."""
    low, high = ring.min(axis=0), ring.max(axis=0)
    grid = np.stack(np.meshgrid(*(np.linspace(low[i], high[i], 16)[1:-1] for i in (0, 1))), axis=-1).reshape(
        -1, 2
    )
    grid = grid[_inside(grid, ring)]
    if len(grid) == 0:
        return float(low[0]), float(low[1]), 0.0
    # room sideways counts half: names are wide
    away = (grid[:, None, :] - ring[None, :, :]) * np.array([0.6, 1.0])
    room = np.sqrt((away**2).sum(axis=2)).min(axis=1)
    best = int(room.argmax())
    return float(grid[best, 0]), float(grid[best, 1]), float(room[best])

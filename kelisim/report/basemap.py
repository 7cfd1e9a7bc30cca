"""Shapes of countries and lakes, routes of links, and the projection that fits a case.

Shapes are read from the package's own data (Natural Earth, public domain).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
import shapely.geometry

Array = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Shape:
    """One country or lake: name, ISO code, and its polygons in lon, lat."""

    name: str
    code: str
    geometry: shapely.Geometry


@cache
def _features(name: str) -> list[dict[str, Any]]:
    try:
        text = (files("kelisim") / "reference" / "geo" / name).read_text(encoding="utf-8")
    except (FileNotFoundError, ModuleNotFoundError, NotADirectoryError):
        return []
    return list(json.loads(text)["features"])


@cache
def shapes(name: str) -> tuple[Shape, ...]:
    """Shapes of countries.geojson or lakes.geojson; none if the file is not there."""
    return tuple(
        Shape(
            str(feature["properties"].get("name") or ""),
            str(feature["properties"].get("iso2") or ""),
            shapely.geometry.shape(feature["geometry"]),
        )
        for feature in _features(name)
        if feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
    )


@cache
def regions() -> dict[str, shapely.Geometry]:
    """Code of a region -> its area, of regions.geojson."""
    return {
        str(feature["properties"]["region"]): shapely.geometry.shape(feature["geometry"])
        for feature in _features("regions.geojson")
    }


@cache
def covered() -> Box | None:
    """West, south, east, north of the region that the shapes cover."""
    found = [shape.geometry for shape in shapes("countries.geojson")]
    return tuple(map(float, shapely.total_bounds(found))) if found else None  # type: ignore[return-value]


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
    """From lon, lat to points on the page, y down: a Lambert conformal cone on a sphere, or a plate near the equator.

    text  the projection as PROJ writes it; lowest, highest latitude that it can show
    """

    text: str
    lowest: float = -88.0
    highest: float = 88.0
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def __call__(self, lon: Array, lat: Array) -> Array:
        """Points x, y (two columns) on the page."""
        x, y = _proj(self.text)(np.asarray(lon, dtype=float), np.clip(lat, self.lowest, self.highest))
        return np.column_stack([(x - self.left) * self.scale, (-y - self.top) * self.scale])


@cache
def _proj(text: str) -> pyproj.Proj:
    return pyproj.Proj(text)


def together(lon: Array) -> Array:
    """Longitudes with the widest gap between neighbours outside: places on both sides of 180 degrees lie side by side, above 180.

    Those that span no more than 180 degrees stay as they are.
    """
    around = np.unique(lon)
    if len(around) < 2 or np.ptp(around) <= 180.0:
        return lon
    gaps = np.diff(around, append=around[0] + 360.0)
    widest = int(gaps.argmax())
    return lon if widest == len(gaps) - 1 else np.where(lon <= around[widest], lon + 360.0, lon)


def fit(lon: Array, lat: Array, width: float, height: float, margin: float) -> Projection:
    """The projection that shows all points given within a page of width x height, on both sides of 180 degrees too."""
    lon = together(lon)
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    lon0, lat0 = (west + east) / 2, (south + north) / 2
    plain = Projection(f"+proj=eqc +lat_ts={lat0} +lon_0={lon0} +R=1", -90.0, 90.0)
    if 12 < abs(lat0) < 80 and south * north > 0 and east - west < 200:
        low, high = south + (north - south) / 6, north - (north - south) / 6
        low, high = (low, high) if high - low > 0.5 else (lat0 - 1, lat0 + 1)
        ends = (-80.0, 88.0) if lat0 > 0 else (-88.0, 80.0)
        plain = Projection(f"+proj=lcc +lat_1={low} +lat_2={high} +lon_0={lon0} +R=1", *ends)
    edge = np.linspace(0, 1, 9)
    frame_lon = np.concatenate([west + (east - west) * edge] * 2 + [np.full(9, west), np.full(9, east)])
    frame_lat = np.concatenate([np.full(9, south), np.full(9, north)] + [south + (north - south) * edge] * 2)
    points = np.vstack([plain(lon, lat), plain(frame_lon, frame_lat)]) if len(lon) < 3 else plain(lon, lat)
    low_corner, high_corner = points.min(axis=0), points.max(axis=0)
    span = np.maximum(high_corner - low_corner, 0.02)
    middle = (low_corner + high_corner) / 2
    scale = float(min((width - 2 * margin) / span[0], (height - 2 * margin) / span[1]))
    left, top = middle[0] - width / 2 / scale, middle[1] - height / 2 / scale
    return replace(plain, scale=scale, left=float(left), top=float(top))


def path(line: Array, closed: bool = False) -> str:
    """SVG path of a line, to a tenth of a pixel."""
    if len(line) == 0:
        return ""
    parts = [f"{x:.1f} {y:.1f}" for x, y in line.tolist()]
    return "M" + "L".join(parts) + ("z" if closed else "")


def thin(line: Array, step: float) -> Array:
    """The line without bends of less than `step`; ends stay."""
    return shapely.get_coordinates(shapely.LineString(line).simplify(step)) if len(line) > 2 else line

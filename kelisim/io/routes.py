"""Lines of `routes.geojson` beside a case, joined to its links by their ids: what public trackers of pipelines and lines publish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.errors import InputProblem, UserError
from kelisim.io.geojson import is_sound, load

ROUTES = "routes.geojson"
KEYS = (
    "link",
    "route",
    "id",
    "projectid",
    "project_id",
    "name",
)  # properties that name a line, in any letters
_DIGITS = 4  # of a degree: 11 m


def join_routes(folder: Path, links: pd.DataFrame, problems: list[InputProblem]) -> pd.DataFrame:
    """The text cells of links with the lines of `routes.geojson` in the column route.

    A link gets the line that its cell names, or with an empty cell the one of its own id; several lines of one id, as
    segments are published, become one route. A cell that names no line is a problem.
    """
    file = folder / ROUTES
    if not (file.exists() or file.is_symlink()) or "link" not in links:
        return links
    try:
        lines = _lines(file)
    except UserError as error:
        message = str(error).replace(f'"{file}" ', "")
        problems.append(InputProblem(ROUTES, 0, "", message, rule="file"))
        return links
    routes = links["route"] if "route" in links else pd.Series("", index=links.index, dtype=object)
    joined = []
    for row, link, route in zip(links.index, links["link"], routes, strict=True):
        name = route.strip()
        found = lines.get(name or link.strip())
        # a route called as its link may be one that comes with the product
        if found is None and name and not name.startswith("{") and name != link.strip():
            near = schema.nearest(name, list(lines))
            remedy = f"Known: {schema.some(sorted(lines), 5)}."
            message = f'no line "{name[:40]}" in {ROUTES}.'
            problems.append(InputProblem("links.csv", int(row), "route", message, remedy, near, "reference"))
        joined.append(route if found is None else _text(found))
    return links.assign(route=pd.Series(joined, index=links.index, dtype=object))


def _lines(file: Path) -> dict[str, list[Any]]:
    """The lines of each id. Raises UserError for what is no GeoJSON in degrees."""
    found: dict[str, list[Any]] = {}
    for feature in load(file)["features"]:
        if not isinstance(feature, dict):
            continue
        properties = feature.get("properties")
        named = (
            {key.lower(): value for key, value in properties.items()} if isinstance(properties, dict) else {}
        )
        keys = [feature.get("id"), *(named.get(key) for key in KEYS)]
        parts = list(_parts(feature.get("geometry")))
        for key in dict.fromkeys(str(key).strip() for key in keys if key not in (None, "")):
            if parts:
                found.setdefault(key, []).extend(parts)
    return found


def _parts(geometry: Any) -> Iterator[list[Any]]:
    """The lines of a geometry or a collection of them, as lists of points."""
    if not isinstance(geometry, dict):
        return
    kind = geometry.get("type")
    if kind == "GeometryCollection" and isinstance(geometry.get("geometries"), list):
        for one in geometry["geometries"]:
            if isinstance(one, dict) and one.get("type") != kind:
                yield from _parts(one)
    elif kind in ("LineString", "MultiLineString") and is_sound(geometry):
        whole = geometry["coordinates"]
        for line in [whole] if kind == "LineString" else whole:
            yield [[round(float(x), _DIGITS) for x in point[:2]] for point in line]


def _text(lines: list[Any]) -> str:
    one = {"type": "LineString", "coordinates": lines[0]}
    several = {"type": "MultiLineString", "coordinates": lines}
    return json.dumps(one if len(lines) == 1 else several, separators=(",", ":"))

"""A case as GeoJSON, for map programs: places are points, links are lines, each with the columns of its row.

The other tables and the settings travel in a member `case` beside the features, so that nothing is lost; a
program that saves only the features leaves a case of places and links. A line of more than two points is the
link's route.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case, to_text
from kelisim.case.series import written
from kelisim.errors import InputProblem, UserError, printable
from kelisim.io.settings import settings_of
from kelisim.io.text_file import unopenable
from kelisim.results.files import put

SUFFIXES = (".geojson",)
carries_all = True

MOST_BYTES = 200_000_000
_TABLE_OF = {"Point": "places", "LineString": "links", "MultiLineString": "links"}
_LINES = ("LineString", "MultiLineString")


# ---- reading
def read(path: Path) -> Case:
    """The case in a GeoJSON file. Raises CaseError with all problems."""
    return require(check(path))


def check(path: Path) -> tuple[Case, list[InputProblem]]:
    """The case in a GeoJSON file and all that is wrong in it; a row is the number of the feature."""
    document = load(path)
    file = f"{path.name} features"
    problems: list[InputProblem] = []
    settings, tables, files = _others(document.get("case"), path.name, problems)
    settings.setdefault("name", path.stem)
    rows: dict[str, dict[int, dict[str, str]]] = {}
    for number, feature in enumerate(document["features"], 1):
        found = _row(feature, number, file, problems)
        if found:
            rows.setdefault(found[0], {})[number] = found[1]
    for name, cells in rows.items():
        tables[name] = pd.DataFrame(list(cells.values()), index=list(cells), dtype=object)
        files[name] = file
    case, wrong = assemble(settings, tables, files)
    return case, problems + [_of_feature(one, rows) if one.file == file else one for one in wrong]


def _of_feature(problem: InputProblem, rows: dict[str, dict[int, dict[str, str]]]) -> InputProblem:
    """A problem of a whole column with the first feature that has it, or lacks it: features have no header."""
    if problem.rule == "unknown":
        of_table = {
            name: cells for name, cells in rows.items() if problem.column not in schema.tables()[name]
        }
        found = [
            number for cells in of_table.values() for number, row in cells.items() if problem.column in row
        ]
    elif problem.rule == "missing" and problem.row == 1:
        of_table = {name: cells for name, cells in rows.items() if problem.column in schema.tables()[name]}
        found = [
            min(cells)
            for cells in of_table.values()
            if not any(problem.column in row for row in cells.values())
        ]
    else:
        return problem
    return replace(problem, row=min(found)) if found else problem


def load(path: Path) -> dict[str, Any]:
    """A GeoJSON FeatureCollection in degrees. Raises UserError for what is none, or too large."""
    if unread := unopenable(path):
        raise UserError(f'"{path}" {unread}.')
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f'"{path}" is larger than {MOST_BYTES / 1e6:,.0f} MB, the most that is read.')
        document = json.loads(path.read_bytes(), parse_constant=_refuse)
    except OSError as error:
        raise UserError(f'"{path}" cannot be read: {error.strerror or error}.') from error
    except (ValueError, RecursionError) as error:
        raise UserError(f'"{path}" is not GeoJSON: {error}.') from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise UserError(f'"{path}" is not a GeoJSON FeatureCollection.')
    if not isinstance(document.get("features"), list):
        raise UserError(f'"{path}" has no list of features.')
    system = json.dumps(document.get("crs", "CRS84"))
    if "CRS84" not in system and "4326" not in system:
        raise UserError(f'"{path}" is not in degrees of WGS 84. Save it in EPSG:4326.')
    return document


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a number of JSON")


def _others(
    member: Any, name: str, problems: list[InputProblem]
) -> tuple[dict[str, Any], dict[str, pd.DataFrame], dict[str, str]]:
    """Settings, tables and their names in messages from the member `case`."""
    files = {"case": f"{name} settings"}
    if member is None:
        return {}, {}, files
    settings = member.get("settings", {}) if isinstance(member, dict) else None
    tables = member.get("tables", {}) if isinstance(member, dict) else None
    if not isinstance(settings, dict) or not isinstance(tables, dict):
        problems.append(
            InputProblem(
                name,
                0,
                "case",
                "does not hold settings and tables.",
                "Remove it or write the file again.",
                rule="file",
            )
        )
        return {}, {}, files
    frames = {}
    for table, rows in tables.items():
        files[table] = f"{name} table {table}"
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.append(
                InputProblem(
                    files[table], 0, "", "is not a list of rows.", "Write the file again.", rule="file"
                )
            )
        elif table in _TABLE_OF.values():
            problems.append(
                InputProblem(
                    files[table], 0, "", "stands among the features.", "Remove it here.", rule="file"
                )
            )
        else:
            cells = [{printable(column): _text(value) for column, value in row.items()} for row in rows]
            frames[table] = pd.DataFrame(cells, index=range(1, len(rows) + 1), dtype=object)
    return dict(settings), frames, files


def _row(
    feature: Any, number: int, file: str, problems: list[InputProblem]
) -> tuple[str, dict[str, str]] | None:
    """Table and cells of one feature."""

    def wrong(column: str, message: str, remedy: str, near: str = "") -> None:
        problems.append(InputProblem(file, number, column, message, remedy, near, "file"))

    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        wrong("", "is not a feature.", "Its type is Feature.")
        return None
    properties = feature.get("properties") or {}
    geometry = feature.get("geometry") or {}
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        wrong("", "has no readable properties or geometry.", "Both are objects or null.")
        return None
    kind = str(geometry.get("type", ""))
    table = properties.get("table", _TABLE_OF.get(kind, ""))
    if table not in _TABLE_OF.values():
        near = schema.nearest(str(table), _TABLE_OF.values())
        words = (
            f'"{table}" is not a table of the map.' if table else f'a "{kind}" is neither a place nor a link.'
        )
        wrong("table", words, "Places are points, links are lines.", near)
        return None
    cells = {
        printable(column).strip(): _text(value) for column, value in properties.items() if column != "table"
    }
    if not cells.get(table[:-1]) and "id" in feature:
        cells[table[:-1]] = _text(feature["id"])
    if geometry and (_TABLE_OF.get(kind) != table or not is_sound(geometry)):
        wrong(
            "geometry",
            f"is not a {'point' if table == 'places' else 'line'} in degrees.",
            "Write [longitude, latitude].",
        )
    elif table == "places" and geometry:
        cells |= {"lon": _text(geometry["coordinates"][0]), "lat": _text(geometry["coordinates"][1])}
    elif geometry:
        route = _route_of(cells.get("route", ""), geometry)
        if route:
            cells["route"] = route
    return table, cells


def is_sound(geometry: dict[str, Any]) -> bool:
    """Whether the coordinates are what the type says."""
    depth = {"Point": 0, "LineString": 1, "MultiLineString": 2}[geometry["type"]]
    parts: list[Any] = [geometry.get("coordinates")]
    for _ in range(depth):
        if not all(isinstance(part, list) and part for part in parts):
            return False
        parts = [inner for part in parts for inner in part]
    return all(
        isinstance(part, list)
        and len(part) >= 2
        and all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in part)
        for part in parts
    )


def _route_of(written: str, geometry: dict[str, Any]) -> str:
    """The text of the column route: as it was written, unless the line was drawn anew."""
    if not _is_route(geometry) or (_line(written) or {}).get("coordinates") == geometry["coordinates"]:
        return written
    line = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
    return json.dumps(line, separators=(",", ":"))


def _is_route(geometry: Mapping[str, Any]) -> bool:
    return geometry["type"] == "MultiLineString" or len(geometry["coordinates"]) > 2


def _line(text: str) -> dict[str, Any] | None:
    """The GeoJSON line in a text, or None where the text is a name."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("type") in _LINES and is_sound(found) else None


def _text(value: Any) -> str:
    """A JSON value as the text a CSV file would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# ---- writing
def write(case: Case, path: Path) -> Path:
    """Write places and links as features and the rest beside them, whole or not at all."""
    features, tables = [], {}
    points = _points(case)
    for name, frame in written(case).items():
        rows = _values(schema.tables()[name], frame)
        if name == "places":
            features += [_place(row) for row in rows]
        elif name == "links":
            features += [_link(row, points) for row in rows]
        else:
            tables[name] = rows
    document = {
        "type": "FeatureCollection",
        "name": case.name,
        "case": {"settings": settings_of(case.settings, case.horizon), "tables": tables},
        "features": features,
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
    return put(path, text.replace('{"type":"Feature",', '\n{"type":"Feature",').encode() + b"\n")


def _points(case: Case) -> dict[str, list[float]]:
    places = case.table("places")[["place", "lon", "lat"]].dropna()
    return {place: [lon, lat] for place, lon, lat in places.itertuples(index=False)}


def _values(table: schema.Table, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON values, empty cells left out."""
    text = to_text(table, frame)
    columns = {}
    for column in table.columns:
        if column.is_number:
            columns[column.name] = [
                None if np.isnan(value) else _number(value) for value in frame[column.name].tolist()
            ]
        elif column.type == "flag":
            columns[column.name] = [cell == "yes" for cell in text[column.name]]
        else:
            columns[column.name] = [cell or None for cell in text[column.name]]
    rows = zip(*columns.values(), strict=True)
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None} for row in rows
    ]


def _number(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _feature(table: str, row: dict[str, Any], geometry: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": row.get(table[:-1], ""),
        "properties": {"table": table, **row},
        "geometry": geometry,
    }


def _place(row: dict[str, Any]) -> dict[str, Any]:
    if "lat" not in row or "lon" not in row:
        return _feature("places", row, None)
    rest = {name: value for name, value in row.items() if name not in ("lat", "lon")}
    return _feature("places", rest, {"type": "Point", "coordinates": [row["lon"], row["lat"]]})


def _link(row: dict[str, Any], points: dict[str, list[float]]) -> dict[str, Any]:
    ends = [points.get(row.get(end, "")) for end in ("from_place", "to_place")]
    straight = {"type": "LineString", "coordinates": ends} if all(ends) else None
    return _feature("links", row, _line(row.get("route", "")) or straight)

"""Routes of public trackers beside a case: joined to its links by id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kelisim import io
from kelisim.io.routes import ROUTES
from tests.io.test_strangers import CASE

LINE = [[60.00001, 50], [60.5, 50.5], [61, 51]]
ROUTE = {"type": "LineString", "coordinates": [[60.0, 50.0], [60.5, 50.5], [61.0, 51.0]]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def line(*points: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(points)}


# features of a tracker, and what the cell of the link holds
JOINED = {
    "by the id of a project": ([feature(line(*LINE), ProjectID="P0637", PipelineName="Trunk")], "P0637"),
    "by the id of the link": ([feature(line(*LINE), Name="pipe"), feature(None, Name="other")], ""),
    "by the id of the feature": ([{**feature(line(*LINE)), "id": 17}, {"type": "Feature"}, 5], "17"),
}


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A case of one pipe, for somebody to put a route beside."""
    for name, text in CASE.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def beside(case: Path, features: Any, cell: str) -> None:
    """Put a file of a tracker beside a case, and a name into the column route."""
    (case / ROUTES).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    head, row = CASE["links.csv"].splitlines()
    (case / "links.csv").write_text(f"{head},route\n{row},{cell}\n")


@pytest.mark.parametrize("how", JOINED)
def test_a_route_is_joined_to_its_link(how: str, drawn: Path) -> None:
    """The case then carries the line itself, into every format."""
    beside(drawn, *JOINED[how])
    assert json.loads(io.read(drawn).table("links")["route"].iloc[0]) == ROUTE


def test_segments_of_one_project_are_one_route(drawn: Path) -> None:
    """A tracker gives a project a line for each segment, some of them in collections."""
    rest = {
        "type": "GeometryCollection",
        "geometries": [line(*LINE[1:]), {"type": "Point", "coordinates": [0, 0]}],
    }
    beside(drawn, [feature(line(*LINE[:2]), ProjectID="P1"), feature(rest, ProjectID="P1")], "P1")
    found = json.loads(io.read(drawn).table("links")["route"].iloc[0])
    coordinates = [ROUTE["coordinates"][:2], ROUTE["coordinates"][1:]]
    assert found == {"type": "MultiLineString", "coordinates": coordinates}


def test_a_route_that_is_not_there_is_named(drawn: Path) -> None:
    """Before, the map drew a straight line without a word."""
    beside(drawn, [feature(line(*LINE), ProjectID="P0637")], "P0673")
    assert [str(one) for one in io.check(drawn)[1]] == [
        'links.csv row 2, route: no line "P0673" in routes.geojson. Did you mean "P0637"? Known: P0637.'
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "routes.geojson: is not GeoJSON: "),
        ('{"type": "FeatureCollection"}', "routes.geojson: has no list of features."),
        (
            '{"type": "FeatureCollection", "features": [], "crs": "EPSG:3857"}',
            "routes.geojson: is not in degrees of WGS 84. Save it in EPSG:4326.",
        ),
    ],
)
def test_what_is_no_map_is_one_problem(text: str, words: str, drawn: Path) -> None:
    """The case beside it is read all the same."""
    (drawn / ROUTES).write_text(text)
    (problem,) = io.check(drawn)[1]
    assert str(problem).startswith(words)

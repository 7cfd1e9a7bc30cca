"""GeoJSON: what a map program shows and may change, and what travels beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kelisim.case.case import Case
from kelisim.errors import UserError
from kelisim.io import geojson


@pytest.fixture
def written(case: Case, tmp_path: Path) -> Path:
    return geojson.write(case, tmp_path / "net.geojson")


def edited(path: Path, **members: Any) -> Path:
    """The same file with other members; None takes one away."""
    document = json.loads(path.read_text(encoding="utf-8")) | members
    path.write_text(
        json.dumps({name: value for name, value in document.items() if value is not None}), encoding="utf-8"
    )
    return path


def features(path: Path) -> dict[str, dict[str, Any]]:
    return {feature["id"]: feature for feature in json.loads(path.read_text(encoding="utf-8"))["features"]}


def test_a_map_program_sees_points_and_lines(written: Path) -> None:
    """Places at their coordinates, links along their route or straight, with the columns as properties."""
    found = features(written)
    assert found["b"]["geometry"] == {"type": "Point", "coordinates": [62, 50]}
    assert found["b"]["properties"] == {
        "table": "places",
        "place": "b",
        "name": "Town",
        "name_ru": "Город",
        "country": "KZ",
        "kind": "region",
        "note": "line\nbreak",
    }
    assert found["c"]["geometry"] is None
    assert found["pipe"]["geometry"]["coordinates"] == [[60, 52], [61, 51.5], [62, 50]]
    assert found["pipe"]["properties"]["capacity"] == 0.1 + 0.2
    assert found["spare"]["geometry"] == {
        "type": "LineString",
        "coordinates": [[60.000000000000007, 52.123456789012345], [62, 50]],
    }


def test_a_line_drawn_anew_is_the_route(written: Path) -> None:
    """Who moves a line on the map means the route; a straight line means nothing."""
    found = features(written)
    found["pipe"]["geometry"]["coordinates"][1] = [61.5, 51]
    found["spare"]["geometry"] = {
        "type": "MultiLineString",
        "coordinates": [[[60, 52], [61, 51]], [[61, 51], [62, 50]]],
    }
    links = geojson.read(edited(written, features=list(found.values()))).table("links").set_index("link")
    assert links.loc["pipe", "route"] == '{"type":"LineString","coordinates":[[60,52],[61.5,51],[62,50]]}'
    assert links.loc["spare", "route"].startswith('{"type":"MultiLineString"')


def test_a_place_moved_moves(written: Path) -> None:
    """The point is the place's coordinates, to the last digit."""
    found = features(written)
    found["b"]["geometry"]["coordinates"] = [62.1000000000000014, 50.3, 120]
    found["c"]["geometry"] = {"type": "Point", "coordinates": [70, 45]}
    places = geojson.read(edited(written, features=list(found.values()))).table("places").set_index("place")
    assert places.loc["b", ["lon", "lat"]].tolist() == [62.1, 50.3]
    assert places.loc["c", ["lon", "lat"]].tolist() == [70, 45]


def test_features_alone_are_places_and_links(written: Path, case: Case) -> None:
    """Map programs drop what they do not know; what is left must still be read."""
    back, problems = geojson.check(edited(written, case=None, name=None))
    assert back.name == "net"
    assert set(back.tables) == {"places", "links"}
    differences = back.diff(case)
    assert set(differences["table"]).isdisjoint({"places", "links"})
    assert 'net.geojson features row 1, profile: no profile "week". The table profiles has no rows.' in [
        str(p) for p in problems
    ]


def test_lines_without_a_table_are_told_by_their_geometry(tmp_path: Path) -> None:
    """A file drawn by hand has no column `table`; its id is the id of the row."""
    points = [
        {
            "type": "Feature",
            "id": name,
            "properties": {"name": name, "country": "KZ"},
            "geometry": {"type": "Point", "coordinates": at},
        }
        for name, at in (("x", [60, 50]), ("y", [61, 51]))
    ]
    properties = {"carrier": "natural_gas", "from_place": "x", "to_place": "y", "capacity": 5}
    line = {
        "type": "Feature",
        "id": "xy",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": [[60, 50], [61, 51]]},
    }
    path = tmp_path / "hand.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [*points, line]}))
    case = geojson.read(path)
    assert case.table("links")[["link", "from_place", "capacity", "route"]].to_numpy().tolist() == [
        ["xy", "x", 5.0, ""]
    ]


def test_problems_are_collected_by_feature(tmp_path: Path) -> None:
    """All that is wrong in one run, with the number of the feature."""
    point = {"type": "Point", "coordinates": [60, 50]}
    rows = [
        {
            "type": "Feature",
            "properties": {"place": "x", "name": "X", "country": "KZ", "lenght": 3},
            "geometry": point,
        },
        {
            "type": "Feature",
            "properties": {"place": "y", "name": "Y", "country": "KZ"},
            "geometry": {"type": "Point", "coordinates": [60]},
        },
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": []}},
        {"type": "Feature", "properties": {"table": "link", "link": "l"}, "geometry": None},
        {
            "type": "Feature",
            "properties": {"place": "z", "name": "Z", "country": "KZ"},
            "geometry": {"type": "Point", "coordinates": [60, 95]},
        },
        "feature",
    ]
    path = tmp_path / "wrong.geojson"
    path.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": rows,
                "case": {"settings": {}, "tables": {"demand": 5, "links": []}},
            }
        )
    )
    lines = [str(problem) for problem in geojson.check(path)[1]]
    for line in (
        "wrong.geojson table demand: is not a list of rows. Write the file again.",
        "wrong.geojson table links: stands among the features. Remove it here.",
        "wrong.geojson features row 2, geometry: is not a point in degrees. Write [longitude, latitude].",
        'wrong.geojson features row 3, table: a "Polygon" is neither a place nor a link. '
        "Places are points, links are lines.",
        'wrong.geojson features row 4, table: "link" is not a table of the map. Did you mean "links"? '
        "Places are points, links are lines.",
        "wrong.geojson features row 5, lat: 95 is above 90. At most 90.",
        "wrong.geojson features row 6: is not a feature. Its type is Feature.",
    ):
        assert line in lines
    assert any("lenght: unknown column." in line for line in lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not GeoJSON: "),
        ('{"type": "FeatureCollection", "features": [NaN]}', "is not GeoJSON: NaN is not a number of JSON."),
        ('{"type": "Point", "coordinates": [1, 2]}', "is not a GeoJSON FeatureCollection."),
        ('{"type": "FeatureCollection"}', "has no list of features."),
        (
            '{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:3857"}}}',
            "is not in degrees of WGS 84. Save it in EPSG:4326.",
        ),
    ],
)
def test_not_a_map_in_degrees(text: str, words: str, tmp_path: Path) -> None:
    """A file in metres would put every place into the sea off Africa."""
    path = tmp_path / "x.geojson"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        geojson.read(path)
    assert str(caught.value).startswith(f'"{path}" {words}')

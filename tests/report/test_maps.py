"""Maps: right widths, directions and colours, whatever the coordinates."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import shapely

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.errors import StudyError
from kelisim.report.basemap import fit, shapes
from kelisim.report.ground import Ground, ground
from kelisim.report.layout import bends, link_points, place_points
from kelisim.report.maps import case_map, flow_map
from kelisim.report.scene import HEIGHT, WIDTH
from kelisim.results.results import Results
from kelisim.studies import run
from tests.report.conftest import HOSTILE, small_case

NOWHERE = f"""
    place,  name,       country
    north,  North,      KZ
    middle, {HOSTILE},  KZ
    south,  South,      UZ
"""


def cards(html: str) -> list[list[object]]:
    """Cards of a map: title, subtitle, rows, foot."""
    found = re.search(r'class="km-data">(.*?)</script>', html, re.DOTALL)
    assert found
    frames = json.loads(found.group(1))["frames"].values()
    return [card for one in frames for card in [*one["t"], *one["p"].values()]]


def test_svg_is_whole(results: Results) -> None:
    """A file that no drawing program opens is no map."""
    drawn = flow_map(results)
    root = ElementTree.fromstring(drawn.svg)
    assert root.tag.endswith("svg")
    assert drawn.title == "Gas, 2024: 2 of 3 links in use are over 95 % full; 1 place short."
    assert "<script>alert" not in drawn.svg + drawn.html


def test_shortage_comes_to_the_front(results: Results) -> None:
    """Who opens the report must see what is missing without a tap."""
    drawn = flow_map(results)
    assert 'data-f="gas" aria-pressed="true"' in drawn.html
    assert 'class="short"' in drawn.svg


def test_card_tells_flow_and_source(results: Results) -> None:
    """A number without unit, capacity, grade and source is a claim."""
    card = next(card for card in cards(flow_map(results).html) if card[0] == f"{HOSTILE} \u2013 South")
    rows = dict(card[2])  # type: ignore[call-overload]
    assert rows["Flow"] == "0.0340 bcm, 2024"
    assert rows["Loading"] == "100 %"
    assert rows["Capacity"] == "0.0340 bcm/year"
    assert card[3] == "Source: <b>First</b> book"


def test_one_step(results: Results) -> None:
    """The map of a day shows that day."""
    drawn = flow_map(results, "gas", step="2024-02-10")
    assert drawn.title.startswith("Gas, February 2024")
    assert "million m3" in drawn.svg
    with pytest.raises(StudyError, match="2031-01-01 lies outside the results, which begin on 2024-01-01"):
        flow_map(results, step="2031-01-01")


def test_unknown_carrier(results: Results) -> None:
    """A wrong word is answered with the right ones."""
    with pytest.raises(
        StudyError, match=r'Nothing flows of "coal"\. Families with flows: gas, electricity\.'
    ):
        flow_map(results, "coal")


def test_case_without_coordinates() -> None:
    """A first case of one's own has no coordinates, and its owner wants to see it."""
    drawn = case_map(small_case(places=NOWHERE))
    assert drawn.notes == ("The places of this case have no coordinates: the drawing is not to scale.",)
    assert drawn.svg.count('class="dot"') == 3
    assert drawn.svg == case_map(small_case(places=NOWHERE)).svg


def test_place_without_coordinates_stands_amid_its_neighbours() -> None:
    """One missing cell must not cost the map."""
    half = NOWHERE.replace("country", "country, lat, lon").replace("North,      KZ", "North, KZ, 52, 62")
    half = half.replace("South,      UZ", "South, UZ, 45, 68").replace(f"{HOSTILE},  KZ", "M, KZ, , ")
    assert case_map(small_case(places=half)).notes == (
        "1 place without coordinates stand amid their neighbours.",
    )


def test_case_beyond_the_ground() -> None:
    """A case on another continent is drawn, and says why there is no land below it."""
    far = small_case(
        places=NOWHERE.replace("country", "country, lat, lon")
        .replace("KZ", "AU, -30, 140")
        .replace("UZ", "AU, -25, 135")
    )
    notes = case_map(far).notes
    assert notes == ("The shapes of countries that come with the product do not cover this region.",)


def test_empty_case() -> None:
    """Nothing to draw is no error."""
    assert case_map(Case(settings={"name": "nothing"}, tables={})).svg.startswith("<svg")


def test_outage_is_dashed() -> None:
    """A pipe that is out is not one that nobody wants."""
    out = run("balance", small_case().with_(Outage("branch")))
    drawn = flow_map(out)
    assert 'class="ln out"' in drawn.svg
    assert "1 link out of service" in drawn.title


def test_parallel_links_are_apart() -> None:
    """Two pipes between the same places would hide each other."""
    points = {"a": np.array([0.0, 0.0]), "b": np.array([100.0, 0.0])}
    sizes = bends([("a", "b"), ("b", "a"), ("a", "b")], points, [False] * 3)
    middle = [
        float(link_points(points[start], points[end], size, [])[:, 1].mean())
        for (start, end), size in zip([("a", "b"), ("b", "a"), ("a", "b")], sizes, strict=True)
    ]
    assert len({round(value, 3) for value in middle}) == 3


def test_route_is_cut_to_its_link() -> None:
    """A trunk line of 2,000 km must not be drawn for each of its pieces."""
    way = np.array([[x, 5.0] for x in range(0, 101, 5)])
    points = link_points(np.array([20.0, 4.0]), np.array([60.0, 4.0]), 0.0, [way])
    assert points[:, 0].min() == 20 and points[:, 0].max() == 60
    back = link_points(np.array([60.0, 4.0]), np.array([20.0, 4.0]), 0.0, [way])
    assert np.allclose(back, points[::-1])


def test_projection_shows_all() -> None:
    """No place falls off the page, from the equator to the Arctic."""
    for south, north in ((-20.0, 15.0), (38.0, 56.0), (60.0, 76.0)):
        lon, lat = np.array([50.0, 90.0, 70.0]), np.array([south, north, (south + north) / 2])
        points = fit(lon, lat, 1000, 600, 40)(lon, lat)
        assert points.min() >= 39.9
        assert points[:, 0].max() <= 960.1 and points[:, 1].max() <= 560.1


@pytest.mark.parametrize(
    ("lon", "lat", "middle"),
    [
        ([150.8, 177.5, -173.2], [59.5, 64.7, 64.4], 168.8),  # Magadan, Anadyr, Provideniya
        ([173.2, -176.6, -166.5], [52.9, 51.9, 53.9], 183.35),  # Aleutians
        ([177.4, 178.4, -179.9], [-17.6, -18.1, -16.8], 178.75),  # Fiji
    ],
)
def test_a_map_crosses_180_degrees(lon: list[float], lat: list[float], middle: float) -> None:
    """Neighbours across the line of dates lie side by side, from west to east, as far apart as they are."""
    lens = fit(np.array(lon), np.array(lat), 900, 600, 20)
    centre = re.search(r"lon_0=([-0-9.]+)", lens.text)
    assert centre and float(centre[1]) == pytest.approx(middle)
    points = lens(np.array(lon), np.array(lat))
    east = np.array(lon) % 360
    assert (np.diff(points[:, 0]) > 0).all()
    assert points[:, 0].min() >= 19.9 and points[:, 0].max() <= 880.1
    share = (points[2, 0] - points[1, 0]) / (points[2, 0] - points[0, 0])
    assert share == pytest.approx((east[2] - east[1]) / (east[2] - east[0]), abs=0.1)


def test_a_place_amid_neighbours_across_180_degrees() -> None:
    """The mean of 177 and -173 is 182, not 2."""
    lat, lon = [59.5, 64.7, 64.4, np.nan], [150.8, 177.5, -173.2, np.nan]
    places = pd.DataFrame({"place": ["m", "a", "p", "x"], "lat": lat, "lon": lon})
    points = place_points(places, [("a", "x"), ("x", "p")], []).points
    assert points["m"][0] < points["a"][0] < points["x"][0] < points["p"][0]


def test_ground_is_cut_to_what_a_map_can_show() -> None:
    """Land far outside the page only makes the file larger; a name that stands on another country misleads."""
    lens = fit(np.array([50.0, 85.0]), np.array([42.0, 55.0]), WIDTH, HEIGHT, 40)
    made = ground(lens, (0.0, 0.0, WIDTH, HEIGHT), frozenset({"KZ"}))
    numbers = np.array(re.findall(r"-?[0-9.]+", "".join(made.land)), dtype=float).reshape(-1, 2)
    pad = 0.6 * WIDTH + 0.1
    assert numbers.min() >= -pad and numbers.max() <= WIDTH + pad
    assert (made.names[0]["n"], made.names[0]["c"]) == ("Kazakhstan", 1)
    area = {shape.name: shape.geometry for shape in shapes("countries.geojson")}
    for name in made.names:
        country = shapely.transform(area[name["n"]], lambda points: lens(points[:, 0], points[:, 1]))
        assert country.contains(shapely.Point(name["x"], name["y"])), name["n"]
    assert ground(None, (0.0, 0.0, WIDTH, HEIGHT), frozenset()) == Ground()

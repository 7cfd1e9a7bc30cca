"""Figures: options that are data, stairs that add up, a band that lies where it should, libraries that are the published ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kelisim.errors import InternalError
from kelisim.report import library
from kelisim.report.figure import Figure, nothing


def test_options_are_json_without_holes() -> None:
    """A number that is none would end the page's script."""
    made = Figure("found").across(kind="time").up("MW", low=0)
    made.line("a", ["2024-01-01", "2024-01-02"], [1.0, float("nan")], step="after", said=["one", "two"])
    found = json.loads(json.dumps(made.options, allow_nan=False))
    assert found["series"][0]["data"] == [[1704067200000, 1, "one"], [1704153600000, None, "two"]]
    assert found["series"][0]["step"] == "end" and found["useUTC"] and not found["animation"]


@pytest.mark.parametrize(("lines", "is_direct"), [(1, False), (2, True), (5, True), (6, False)])
def test_up_to_five_lines_are_named_at_their_ends(lines: int, is_direct: bool) -> None:
    """A legend makes the eye walk to and fro; six names at one end cover each other."""
    made = Figure("found")
    for at in range(lines):
        made.line(f"line {at}", [0, 1], [at, at])
    found = made.options
    assert all(("endLabel" in one) == is_direct for one in found["series"])
    assert found["legend"]["show"] == (lines > 1 and not is_direct)


def test_stairs_add_up_across_nothing() -> None:
    """Gains 3, pays 5, is paid 1, keeps -1: bars from 0 to 3, from 3 down to -2, from -2 to -1, and from 0 to -1."""
    made = Figure("found").across().up(names=["a", "b", "c", "d"])
    made.waterfall(
        [3.0, -5.0, 1.0, -1.0], [False, False, False, True], ["", "", "", ""], [True, False, False, False]
    )
    floors, above, below = ([item["value"] for item in one["data"]] for one in made.options["series"])
    assert floors == [0, 0, -1, 0]
    assert above == [3, 3, 0, 0]
    assert below == [0, -2, -1, -1]


def test_a_band_lies_between_its_lines() -> None:
    """What is stacked on the lower line is the distance, and only upwards."""
    made = Figure("found").band("95 %", [1, 2], [2.0, 3.0], [5.0, 4.0])
    floor, room = made.options["series"]
    assert [point[1] for point in floor["data"]] == [2, 3] and [point[1] for point in room["data"]] == [3, 1]
    assert floor["stack"] == room["stack"] and floor["dimensions"][0]["type"] == "time"


def test_spans_are_apart() -> None:
    """Two stretches of one name must not be joined by a line through the time between them."""
    made = Figure("found").across(kind="time").up(names=["a"], is_above=True)
    made.spans(
        "licence",
        [(0, "2024-01-01", "2024-02-01"), (0, "2024-03-01", "2024-04-01")],
        "#000000",
        said=["x", "y"],
    )
    assert made.options["series"][0]["data"][2] == [None, None]
    assert made.options["legend"]["data"] == [{"name": "licence", "icon": "rect"}]


def test_a_figure_of_nothing_only_says_why() -> None:
    """An empty pair of axes looks like a fault."""
    assert nothing("All are served").is_empty and "canvas" not in nothing("All are served")._repr_html_()


def test_another_file_than_the_published_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that somebody changed would run in the browser of everybody who opens a report."""
    changed = tmp_path / "echarts.min.js"
    changed.write_text(library.path_of(library.ECHARTS).read_text() + "//")
    monkeypatch.setattr(library, "path_of", lambda _: changed)
    library.text_of_library.cache_clear()
    with pytest.raises(InternalError, match="not the file that the makers"):
        library.text_of_library(library.ECHARTS)
    monkeypatch.undo()
    library.text_of_library.cache_clear()

"""A map as plain data: the sheet, which is all that is there, and frames, each of which says how a family stands.

The page asks for the sheet once and is told frames; a report holds both. `templates/map.js` draws them.

sheet   whole box of the page; sea, land, lake: SVG paths; names of countries; areas of regions; families; words of the
        buttons; zooms and sides of the names
family  name, colour, home (box it opens with), ways (k key, d path, far, a: where arrows stand), dots (k key, n name, x,
        y, s size, g gives, w width of the name, a number of its area or -1)
frame   w widths, d directions, l looks, c changes, t words of ways; s, p class and words of places that are short;
        a, b look and words of areas; v levels of the crisis; n names of places that stand
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kelisim import catalog
from kelisim.report.basemap import Array, Box, path
from kelisim.report.ground import Ground, RegionArea
from kelisim.report.labels import SIDES, ZOOMS, PlacedNames, width_of

BUTTONS = ("map_of_flows", "closer", "farther", "first_view", "everything", "as_list")
ALONG = (0.56, 0.4, 0.62)  # where one arrow stands on a line, and where two do


def sheet(whole: Box, below: Ground, placing: PlacedNames, areas: Sequence[RegionArea]) -> dict[str, Any]:
    """All that a map draws once, without its families."""
    drawn = [{"k": area.key, "n": area.name, "p": area.place, "d": area.path} for area in areas]
    words = {name: catalog.text(f"report.{name}") for name in BUTTONS}
    found = {"whole": rounded(whole), "sea": below.sea, "land": list(below.land), "lake": below.lakes}
    return found | {
        "names": placing.names,
        "areas": drawn,
        "words": words,
        "zooms": ZOOMS,
        "sides": SIDES,
        "families": {},
    }


def way(key: str, points: Array, is_far: bool = False) -> dict[str, Any]:
    """A line; `is_far` is not drawn while it is idle."""
    return {"k": key, "d": path(points), "far": int(is_far), "a": [_along(points, share) for share in ALONG]}


def dot(key: str, name: str, point: Iterable[float], size: int, gives: bool, area: int) -> dict[str, Any]:
    """A place."""
    x, y = (round(float(value), 1) for value in point)
    wide = width_of(name) if name else 0.0
    return {"k": key, "n": name, "x": x, "y": y, "s": size, "g": int(gives), "w": wide, "a": area}


def family(name: str, colour: str, home: Box, ways: list[Any], dots: list[Any]) -> dict[str, Any]:
    """A family of carriers."""
    return {"name": name, "colour": colour, "home": rounded(home), "ways": ways, "dots": dots}


def names_of(
    placing: PlacedNames, dots: Sequence[Mapping[str, Any]], first: frozenset[int] = frozenset()
) -> list[tuple[int, int, int]]:
    """Names of a family's places; those of `first` come before the more used."""
    if not dots:
        return []
    order = sorted(
        range(len(dots)), key=lambda at: (at not in first, -dots[at]["s"], -dots[at]["g"], dots[at]["n"])
    )
    return placing.places(np.array([[one["x"], one["y"], one["w"]] for one in dots], dtype=float), order)


def rounded(box: Iterable[float]) -> list[float]:
    return [round(float(value), 1) for value in box]


def _along(points: Array, share: float) -> tuple[float, float, int]:
    """A point of a line at a share of its length, and its direction there, degrees."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    walked = np.concatenate([[0.0], np.cumsum(steps)])
    goal = share * walked[-1]
    at = max(min(int(np.searchsorted(walked, goal, side="right")) - 1, len(steps) - 1), 0)
    part = (goal - walked[at]) / steps[at] if steps[at] else 0.0
    x, y = points[at] + part * (points[at + 1] - points[at])
    dx, dy = points[min(at + 2, len(points) - 1)] - points[max(at - 1, 0)]
    return round(float(x), 1), round(float(y), 1), round(math.degrees(math.atan2(dy, dx)))

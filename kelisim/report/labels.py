"""Where names stand: placed once here, for each level of zoom, without hiding each other; page and report only show them.

A name has one of four sides of its dot, and the levels of zoom at which it stands, as bits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from kelisim.report.basemap import Array

# units of the page in one pixel of the screen, from far to near
ZOOMS = (2.0, 1.4, 1.0, 0.7, 0.5, 0.35, 0.25, 0.17, 0.12, 0.08)
FIRST = 2  # the level at which the page is as wide as its drawing
SIDES = ((8, 4, "start"), (-8, 4, "end"), (0, -9, "middle"), (0, 17, "middle"))
SHIFT = {"start": 0.0, "end": 1.0, "middle": 0.5}
ABOVE, BELOW, AROUND = 10.0, 3.0, 3.5  # pixels over and under a base line, and around a dot
MOST = 34  # names of places on a page as it opens
ROOMY = 0.35  # room that a country needs for its name, in half widths of it
NARROW, WIDE = set("iljtfrI.,'()|- "), set("mwMWЖШЩЮжшщюҮӨ@")


def width_of(text: str, spaced: float = 0.0) -> float:
    """Width of a text on the screen at 11 pixels, a little more than most typefaces need."""
    wide = sum(3.6 if c in NARROW else 10.0 if c in WIDE else 7.6 if c.isupper() else 6.5 for c in text)
    marks = sum(unicodedata.combining(c) > 0 for c in text)
    return round(wide - 6.5 * marks + spaced * len(text) + 3.0, 1)


class PlacedNames:
    """Names of countries, and of the places of one family, on one page.

    names  rows of countries: n name, x, y, s room around it
    """

    def __init__(self, names: Sequence[dict[str, Any]]) -> None:
        self.names = [dict(row) for row in names]
        self._taken: list[Array] = [np.zeros((0, 4)) for _ in ZOOMS]
        for row in self.names:
            row["w"], row["b"] = width_of(row["n"].upper(), 1.4), 0
            for level, k in enumerate(ZOOMS):
                x, y, half = row["x"] / k, row["y"] / k, row["w"] / 2
                box = np.array([x - half, y - 9, x + half, y + 5])
                if row["s"] / k > ROOMY * half and not _hits(box, self._taken[level]):
                    self._taken[level] = np.vstack([self._taken[level], box])
                    row["b"] |= 1 << level

    def places(self, dots: Array, order: Sequence[int]) -> list[tuple[int, int, int]]:
        """Names of places that stand at some level: position, side, levels as bits.

        dots   x, y and width of the name, (places, 3); a width of 0 is no name
        order  positions, those first that matter most
        """
        side_of: dict[int, int] = {}
        bits = dict.fromkeys(order, 0)
        for level, k in enumerate(ZOOMS):
            points = dots[:, :2] / k
            around = np.column_stack([points - AROUND, points + AROUND])
            taken = np.vstack([self._taken[level], around, np.full((len(order), 4), np.nan)])
            end, left = len(taken) - len(order), MOST / k**2
            for at in order:
                if left < 1:
                    break
                wide = dots[at, 2]
                for side in [side_of[at]] if at in side_of else range(len(SIDES)) if wide else ():
                    dx, dy, anchor = SIDES[side]
                    x, y = points[at, 0] + dx - SHIFT[anchor] * wide, points[at, 1] + dy
                    box = np.array([x, y - ABOVE, x + wide, y + BELOW])
                    if not _hits(box, taken[:end]):
                        taken[end] = box
                        end, left = end + 1, left - 1
                        side_of[at] = side
                        bits[at] |= 1 << level
                        break
        return [(at, side_of[at], bits[at]) for at in order if bits[at]]


def _hits(box: Array, others: Array) -> bool:
    return bool(
        (
            (box[0] < others[:, 2])
            & (box[2] > others[:, 0])
            & (box[1] < others[:, 3])
            & (box[3] > others[:, 1])
        ).any()
    )

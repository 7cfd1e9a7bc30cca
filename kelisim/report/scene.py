"""What is drawn on a map: lines, dots, layers of a carrier, and the scene that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import pandas as pd

from kelisim.report.basemap import Array, Box, Projection

WIDTH, HEIGHT = 1000.0, 620.0
WIDEST, THINNEST, IDLE = 9.0, 1.1, 0.9  # pixels
RADII = (2.2, 3.4, 5.0)
HALF_FULL, NEARLY_FULL = 0.60, 0.95
LOOKS = ("idle", "low", "mid", "high", "out")
CLASSES = {"idle": "#8c877c", "low": "#5f5c55", "mid": "#a86f00", "high": "#c0271a", "out": "#23221f"}
UNSERVED = ((0.01, "#fbd9e0"), (0.05, "#f49ab6"), (0.20, "#e0559a"), (0.50, "#ab1a86"), (1.01, "#5d0a6b"))
Card = tuple[str, str, list[tuple[str, str]], str]  # title, subtitle, rows of label and text, foot


@dataclass(frozen=True)
class DrawnLine:
    """One drawn link: its points on the page from start to end, how wide (0-1), how full, and its card."""

    points: Array
    weight: float
    look: str
    card: Card
    arrows: tuple[int, ...] = (1,)
    key: str = ""


@dataclass(frozen=True)
class Dot:
    """One drawn place: point, size 0-2, whether it gives more than it uses, share unserved, name and card.

    region  whose area shows the share, where the ground has it
    """

    x: float
    y: float
    size: int
    gives: bool
    unserved: float
    name: str
    card: Card
    key: str = ""
    region: str = ""


@dataclass(frozen=True)
class Layer:
    """What is in front together: one family of carriers."""

    key: str
    name: str
    colour: str
    lines: list[DrawnLine]
    dots: list[Dot]
    widths: list[tuple[str, float]] = field(default_factory=list)  # legend: text, weight
    sentence: str = ""
    view: Box = (0.0, 0.0, WIDTH, HEIGHT)


@dataclass(frozen=True)
class Scene:
    """Everything a map shows: whole is the box that holds all; lens is None for a drawing not to scale.

    regions  code of a region -> its name and the place it is called by; those that the ground has are areas
    """

    title: str
    layers: list[Layer]
    front: str
    lens: Projection | None
    whole: Box
    codes: frozenset[str]
    has_loading: bool = True
    notes: tuple[str, ...] = ()
    regions: tuple[tuple[str, str, str], ...] = ()


@cache
def asset(name: str) -> str:
    """Text of a file in templates/."""
    return (files("kelisim.report") / "templates" / name).read_text(encoding="utf-8")


def width_of(weight: float) -> float:
    """Width on screen of a line, pixels; weight is the square root of its share of the largest."""
    return max(THINNEST, WIDEST * weight)


def look_of(size: float, loading: float, is_out: bool, least: float) -> str:
    """How a line looks: out of service, idle (no more than `least` flows), or by how full it is (0-1)."""
    if is_out:
        return "out"
    if size <= least:
        return "idle"
    return "high" if loading > NEARLY_FULL else "mid" if loading >= HALF_FULL else "low"


def sizes_of(use: pd.Series) -> dict[str, int]:
    """Three sizes by use: 2 for the places that make up the first half of it, 1 to 85 %, 0 for the rest."""
    order = use.sort_values(ascending=False)
    before = (order.cumsum() - order) / max(float(order.sum()), 1e-12)
    columns = zip(order.index, before, order, strict=True)
    return {
        str(place): 0 if amount <= 0 or share >= 0.85 else 1 if share >= 0.5 else 2
        for place, share, amount in columns
    }


def front_layer(scene: Scene) -> Layer | None:
    return next((layer for layer in scene.layers if layer.key == scene.front), None)


def unserved_class(share: float) -> int:
    """Step of five of an unserved share, 0 the least."""
    return next((at for at, (limit, _) in enumerate(UNSERVED) if share < limit), len(UNSERVED) - 1)

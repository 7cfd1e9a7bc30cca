"""What is drawn on a map: lines, dots, layers of a carrier, and the scene that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from kelisim import catalog
from kelisim.report.basemap import Array, Box, Projection

WIDTH, HEIGHT = 1000.0, 620.0
WIDEST = 9.0
CLASSES = {"idle": "#c6c1b6", "low": "#7d7a72", "mid": "#e0a100", "high": "#c0271a", "out": "#3c3c3c"}
UNSERVED_STEPS = (
    (0.01, "#fbd9e0"),
    (0.05, "#f49ab6"),
    (0.20, "#e0559a"),
    (0.50, "#ab1a86"),
    (1.01, "#5d0a6b"),
)


def unserved_words(level: int) -> str:
    """What a colour of unserved use means: "5 to 20 %"."""
    return catalog.text(f"legend.unserved_{level}")


Card = tuple[str, str, list[tuple[str, str]], str]  # title, subtitle, rows of label and text, foot


@dataclass(frozen=True)
class DrawnLine:
    """One drawn link: its points on the page from start to end, how wide (0-1), how full, and its card."""

    points: Array
    weight: float
    look: str
    card: Card
    arrows: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Dot:
    """One drawn place: point, size 0-2, whether it gives more than it uses, share unserved, name and card."""

    x: float
    y: float
    size: int
    gives: bool
    unserved: float
    name: str
    card: Card


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
    """Everything a map shows: whole is the box that holds all; lens is None for a drawing not to scale."""

    title: str
    layers: list[Layer]
    front: str
    lens: Projection | None
    whole: Box
    codes: frozenset[str]
    has_loading: bool = True
    notes: tuple[str, ...] = ()


@cache
def asset(name: str) -> str:
    """Text of a file in templates/."""
    return (files("kelisim.report") / "templates" / name).read_text(encoding="utf-8")


def width_of(weight: float) -> float:
    """Width on screen of a line, pixels; weight is the square root of its share of the largest."""
    return max(1.1, WIDEST * weight)


def front_layer(scene: Scene) -> Layer | None:
    return next((layer for layer in scene.layers if layer.key == scene.front), None)


def unserved_class(share: float) -> int:
    return next(
        i for i, (limit, _) in enumerate(UNSERVED_STEPS) if share < limit or i == len(UNSERVED_STEPS) - 1
    )

"""A scene as a map: a drawing alone as SVG, and the live map of a report, which works without a network.

Knows nothing of energy: a layer holds lines with a width, a look and a card, and dots with a size.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from html import escape
from typing import Any

from kelisim import catalog
from kelisim.report import sheet
from kelisim.report.ground import Ground, areas, ground
from kelisim.report.labels import FIRST, SIDES, PlacedNames
from kelisim.report.legend import html_legend, svg_legend
from kelisim.report.scene import (
    HEIGHT,
    IDLE,
    RADII,
    WIDTH,
    Layer,
    Scene,
    asset,
    front_layer,
    unserved_class,
    width_of,
)

ARROW = "M-3.6-3.4L4.4 0L-3.6 3.4L-2 0z"
BELOW = 84  # pixels under a drawing alone for its legend
_ORDER = {"idle": 0, "low": 1, "out": 4, "mid": 2, "high": 3}


@dataclass(frozen=True)
class Map:
    """A drawn map: `.svg` for files and papers, `.html` with switch and cards, shown by notebooks."""

    title: str
    svg: str
    html: str
    notes: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"Map({self.title!r})"


def draw(scene: Scene) -> Map:
    """The scene as a Map."""
    seed = "|".join([scene.title, scene.front, *(f"{layer.key}{len(layer.lines)}" for layer in scene.layers)])
    mark = "km" + hashlib.sha256(seed.encode()).hexdigest()[:8]
    below = ground(scene.lens, scene.whole, scene.codes)
    placing = PlacedNames(below.names)
    data = sheet.sheet(scene.whole, below, placing, areas(scene.lens, scene.regions))
    numbers = {area["k"]: at for at, area in enumerate(data["areas"])}
    frames = {}
    for layer in scene.layers:
        lines = sorted(layer.lines, key=lambda line: (_ORDER[line.look], -line.weight))
        data["families"][layer.key] = drawn = _family(layer, lines, numbers)
        frames[layer.key] = _frame(layer, lines, drawn, placing)
    return Map(
        scene.title,
        _svg(scene, below, data, frames, mark),
        _html(scene, below, data, frames, mark),
        scene.notes,
    )


def _family(layer: Layer, lines: list[Any], numbers: dict[str, int]) -> dict[str, Any]:
    ways = [sheet.way(line.key or f"w{at}", line.points) for at, line in enumerate(lines)]
    dots = [
        sheet.dot(
            dot.key or f"d{at}", dot.name, (dot.x, dot.y), dot.size, dot.gives, numbers.get(dot.region, -1)
        )
        for at, dot in enumerate(layer.dots)
    ]
    return sheet.family(layer.name, layer.colour, layer.view, ways, dots)


def _frame(layer: Layer, lines: list[Any], drawn: dict[str, Any], placing: PlacedNames) -> dict[str, Any]:
    """How a layer stands: widths, directions, looks and cards, and who is short."""
    short = {at: unserved_class(dot.unserved) for at, dot in enumerate(layer.dots) if dot.unserved > 1e-6}
    worst: dict[int, int] = {}
    for at, level in short.items():
        area = drawn["dots"][at]["a"]
        worst[area] = max(level, worst.get(area, 0))
    heads = [[] if line.look in ("idle", "out") else list(line.arrows) for line in lines]
    return {
        "family": layer.key,
        "w": [IDLE if line.look == "idle" else round(width_of(line.weight), 1) for line in lines],
        "l": [line.look[0] for line in lines],
        "d": heads,
        "t": [line.card for line in lines],
        "s": short,
        "p": {at: dot.card for at, dot in enumerate(layer.dots)},
        "a": {area: f"u{level}" for area, level in worst.items() if area >= 0},
        "n": sheet.names_of(placing, drawn["dots"], frozenset(short)),
    }


# ---- the drawing alone


def _ground(below: Ground) -> str:
    sea = f'<path class="sea" d="{below.sea}"/>' if below.sea else ""
    land = "".join(f'<path d="{outline}"/>' for outline in below.land)
    return f'<g class="ground">{sea}<g class="land">{land}</g><path class="lake" d="{below.lakes}"/></g>'


def _svg(scene: Scene, below: Ground, data: dict[str, Any], frames: dict[str, Any], mark: str) -> str:
    """The layer in front, as the page opens."""
    page, front = f"M0 0H{WIDTH:.0f}V{HEIGHT:.0f}H0z", front_layer(scene)
    drawn = _layer(data, frames[front.key], data["families"][front.key], mark) if front else ""
    names = "".join(
        f'<text class="cn" x="{row["x"]}" y="{row["y"]}" text-anchor="middle">{escape(row["n"].upper())}</text>'
        for row in data["names"]
        if row["b"] & (1 << FIRST) and 0 < row["x"] < WIDTH and 0 < row["y"] < HEIGHT
    )
    label = escape(scene.title, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="km" viewBox="0 0 {WIDTH:.0f} {HEIGHT + BELOW:.0f}" role="img" '
        f'aria-label="{label}"><title>{escape(scene.title)}</title><style>{asset("map_svg.css")}</style><defs>'
        f'<pattern id="{mark}h" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<path d="M0 0V5" class="hatch"/></pattern><clipPath id="{mark}c"><path d="{page}"/></clipPath></defs>'
        f'<g clip-path="url(#{mark}c)">{_ground(below)}{drawn}{names}</g>{svg_legend(scene)}</svg>'
    )


def _layer(data: dict[str, Any], frame: dict[str, Any], drawn: dict[str, Any], mark: str) -> str:
    out = []
    for at, area in enumerate(data["areas"]):
        look = frame["a"].get(at, "")
        out.append(f'<path class="area {look}" d="{area["d"]}"/>')
        out += [f'<path d="{area["d"]}" fill="url(#{mark}h)"/>'] if look else []
    for at, level in frame["s"].items():
        dot = drawn["dots"][at]
        if dot["a"] < 0:
            place = f'cx="{dot["x"]}" cy="{dot["y"]}" r="15"'
            out.append(f'<circle class="short u{level}" {place}/>')
            out.append(f'<circle class="short" {place} fill="url(#{mark}h)"/>')
    looks = {"i": "idle", "l": "low", "m": "mid", "h": "high", "o": "out"}
    for way, width, look in zip(drawn["ways"], frame["w"], frame["l"], strict=True):
        out.append(f'<path class="ln {looks[look]}" d="{way["d"]}" style="--w:{width}"/>')
    for way, width, look, heads in zip(drawn["ways"], frame["w"], frame["l"], frame["d"], strict=True):
        for i, turned in enumerate(heads):
            x, y, turn = way["a"][i + 1 if len(heads) > 1 else 0]
            out.append(
                f'<path class="ah {looks[look]}" d="{ARROW}" transform="translate({x} {y}) '
                f'rotate({turn + (180 if turned < 0 else 0)}) scale({0.75 + 0.14 * width:.2f})"/>'
            )
    for dot in drawn["dots"]:
        fill = f' fill="{escape(drawn["colour"])}"' if dot["g"] else ""
        out.append(f'<circle class="dot" cx="{dot["x"]}" cy="{dot["y"]}" r="{RADII[dot["s"]]}"{fill}/>')
    for at, side, bits in frame["n"]:
        dot, (dx, dy, anchor) = drawn["dots"][at], SIDES[side]
        if bits & (1 << FIRST):
            look = "pl big" if dot["s"] == 2 else "pl"
            out.append(
                f'<text class="{look}" x="{dot["x"] + dx:.1f}" y="{dot["y"] + dy:.1f}" text-anchor="{anchor}">'
                f"{escape(dot['n'])}</text>"
            )
    return "".join(out)


# ---- the live map of a report


def _html(scene: Scene, below: Ground, data: dict[str, Any], frames: dict[str, Any], mark: str) -> str:
    still = _svg(scene, below, data, frames, mark + "s")
    held = {"front": scene.front, "sheet": data | {"sea": "", "land": [], "lake": ""}, "frames": frames}
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    chips = "".join(
        f'<button type="button" data-f="{escape(layer.key, quote=True)}" '
        f'aria-pressed="{str(layer.key == scene.front).lower()}">'
        f'<i style="background:{escape(layer.colour)}"></i>{escape(layer.name)}</button>'
        for layer in scene.layers
    )
    under = "".join(
        f'<div class="km-below" data-f="{escape(layer.key, quote=True)}"'
        f"{'' if layer.key == scene.front else ' style=display:none'}>"
        f'<p class="km-say">{escape(layer.sentence)}</p>'
        f'<div class="km-legend">{html_legend(scene, layer)}</div></div>'
        for layer in scene.layers
    )
    notes = f'<p class="km-note">{escape(" ".join(scene.notes))}</p>' if scene.notes else ""
    group = escape(catalog.text("report.carrier"), quote=True)
    switch = (
        f'<div class="km-chips" role="group" aria-label="{group}">{chips}</div>'
        if len(scene.layers) > 1
        else ""
    )
    return (
        f'<div class="kmap" id="{mark}box"><style>{asset("map_svg.css")}{asset("map.css")}</style>{switch}<div class="km-still">{still}</div>'
        f'<div class="km-place"></div>{under}{notes}'
        f'<script type="application/json" class="km-data">{text}</script><script>{asset("map.js")}</script></div>'
    )

"""Lines and dots on quiet ground, as one SVG that works without a network.

Knows nothing of energy: a layer holds lines with a width, a colour class and a card, and dots with a size.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from kelisim import catalog
from kelisim.report.basemap import Array, Box, path
from kelisim.report.ground import ground
from kelisim.report.legend import html_legend, svg_legend
from kelisim.report.scene import (
    HEIGHT,
    UNSERVED_STEPS,
    WIDTH,
    Card,
    Layer,
    Scene,
    asset,
    front_layer,
    unserved_class,
    width_of,
)

_ARROW = "M-3.6-3.4L4.4 0L-3.6 3.4L-2 0z"


def curve(start: Array, end: Array, bend: float) -> Array:
    """Points from start to end, bowed sideways by `bend` pixels."""
    if abs(bend) < 0.3:
        return np.vstack([start, end])
    away = end - start
    length = float(np.hypot(*away)) or 1.0
    control = (start + end) / 2 + np.array([-away[1], away[0]]) / length * bend * 2
    t = np.linspace(0, 1, 13)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)


def _along(points: Array, share: float) -> tuple[float, float, float]:
    steps = np.hypot(*np.diff(points, axis=0).T)
    walked = np.concatenate([[0.0], np.cumsum(steps)])
    goal = share * walked[-1]
    i = min(int(np.searchsorted(walked, goal, side="right")) - 1, len(steps) - 1)
    i = max(i, 0)
    part = (goal - walked[i]) / steps[i] if steps[i] else 0.0
    x, y = points[i] + part * (points[i + 1] - points[i])
    low, high = max(i - 1, 0), min(i + 2, len(points) - 1)
    dx, dy = points[high] - points[low]
    return float(x), float(y), math.degrees(math.atan2(dy, dx))


def _layer(layer: Layer, cards: list[Card], shown: bool, mark: str) -> str:
    out = [f'<g class="layer" data-f="{escape(layer.key)}"{"" if shown else " style=display:none"}>']
    for dot in layer.dots:
        if dot.unserved > 1e-6:
            level = unserved_class(dot.unserved)
            for fill in (UNSERVED_STEPS[level][1], f"url(#{mark}h)"):
                out.append(
                    f'<circle class="short" cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="15" '
                    f'data-i="{len(cards)}" fill="{fill}"/>'
                )
            cards.append(dot.card)
    order = {"idle": 0, "low": 1, "out": 2, "mid": 3, "high": 4}
    lines = sorted(layer.lines, key=lambda line: (order[line.look], -line.weight))
    for line in lines:
        width = 0.9 if line.look == "idle" else width_of(line.weight)
        out.append(
            f'<path class="ln {line.look}" data-i="{len(cards)}" d="{path(line.points)}" '
            f'stroke-width="{width:.1f}" style="--w:{width:.1f}"/>'
        )
        cards.append(line.card)
    for line in lines:
        if line.look in ("idle", "out") or not line.arrows:
            continue
        size = 0.75 + 0.14 * width_of(line.weight)
        for i, way in enumerate(line.arrows):
            x, y, turn = _along(line.points, 0.56 if len(line.arrows) == 1 else 0.4 + 0.22 * i)
            turn += 0 if way > 0 else 180
            out.append(
                f'<g transform="translate({x:.1f} {y:.1f}) rotate({turn:.0f})"><path class="ah {line.look}" '
                f'style="--a:{size:.2f}" transform="scale({size:.2f})" d="{_ARROW}"/></g>'
            )
    for dot in sorted(layer.dots, key=lambda dot: -dot.size):
        radius = (2.2, 3.4, 5.0)[dot.size]
        fill = layer.colour if dot.gives else "#fff"
        out.append(
            f'<circle class="dot" data-i="{len(cards)}" cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{radius}" '
            f'style="--r:{radius}" fill="{escape(fill)}"/>'
        )
        cards.append(dot.card)
    out.append("</g>")
    return "".join(out)


def _labels(scene: Scene, names: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Names of the places of each layer, the most used first; under "" those of countries, the own first."""
    found = {"": list(names)}
    for layer in scene.layers:
        ends = sorted(layer.dots, key=lambda dot: (-dot.size, not dot.gives, dot.name))
        found[layer.key] = [
            {"n": dot.name, "x": round(dot.x, 1), "y": round(dot.y, 1), "s": dot.size}
            for dot in ends
            if dot.name
        ]
    return found


def _static_labels(labels: dict[str, list[dict[str, Any]]], front: str) -> str:
    """Labels of the first view, placed without collisions; the page's script does the same at every zoom."""
    taken: list[Box] = [
        (row["x"] - 4, row["y"] - 4, row["x"] + 4, row["y"] + 4) for row in labels.get(front, [])
    ]
    out: list[str] = []

    def is_free(box: Box) -> bool:
        inside = box[0] > 3 and box[1] > 3 and box[2] < WIDTH - 3 and box[3] < HEIGHT - 3
        return inside and not any(
            box[0] < other[2] and box[2] > other[0] and box[1] < other[3] and box[3] > other[1]
            for other in taken
        )

    for row in labels.get("", []):
        half = 4.4 * len(row["n"])
        box = (row["x"] - half, row["y"] - 8, row["x"] + half, row["y"] + 5)
        inside = box[0] > 0 and box[1] > 0 and box[2] < WIDTH and box[3] < HEIGHT
        if inside and row["s"] > 0.35 * half:
            taken.append(box)
            out.append(
                f'<text class="cn" x="{row["x"]}" y="{row["y"]}" text-anchor="middle">'
                f"{escape(row['n'].upper())}</text>"
            )
    count = 0
    for row in labels.get(front, []):
        wide = 6.6 * len(row["n"]) + 2
        for dx, dy, anchor in ((8, 4, "start"), (-8, 4, "end"), (0, -9, "middle"), (0, 17, "middle")):
            x = row["x"] + dx - {"start": 0.0, "end": wide, "middle": wide / 2}[anchor]
            box = (x, row["y"] + dy - 10, x + wide, row["y"] + dy + 3)
            if is_free(box):
                taken.append(box)
                look = "pl big" if row["s"] == 2 else "pl"
                out.append(
                    f'<text class="{look}" x="{row["x"] + dx:.1f}" y="{row["y"] + dy:.1f}" '
                    f'text-anchor="{anchor}">{escape(row["n"])}</text>'
                )
                count += 1
                break
        if count >= 26:
            break
    return "".join(out)


def _svg(scene: Scene, mark: str, fronts: list[Layer], cards: list[Card], is_static: bool) -> str:
    below = ground(scene.lens, scene.whole, scene.codes)
    labels = _labels(scene, below.names)
    sea = f'<path class="sea" d="{below.sea}"/>' if below.sea else ""
    land = "".join(f'<path d="{outline}"/>' for outline in below.land)
    layers = "".join(_layer(layer, cards, layer.key == scene.front, mark) for layer in fronts)
    legend = svg_legend(scene) if is_static else ""
    height = HEIGHT + (64 if is_static else 0)
    title = f"<title>{escape(scene.title)}</title>" if is_static else ""
    page = f"M0 0H{WIDTH:.0f}V{HEIGHT:.0f}H0z"
    frame = f'<clipPath id="{mark}c"><path d="{page}"/></clipPath><g clip-path="url(#{mark}c)">'
    frame = frame if is_static else "<g>"
    label = f'role="img" aria-label="{escape(scene.title, quote=True)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="km" id="{mark}" '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" {label}>'
        f"{title}<style>{_scoped(asset('map_svg.css'), mark, is_static)}</style>"
        f'<defs><pattern id="{mark}h" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)">'
        '<path d="M0 0V5" stroke="#3b0a45" stroke-width="1.1" stroke-opacity=".55"/></pattern></defs>'
        f'{frame}{sea}<g class="land">{land}</g><path class="lake" d="{below.lakes}"/>{layers}'
        f'<g class="labels">{_static_labels(labels, scene.front)}</g></g>{legend}</svg>'
    )


def _scoped(css: str, mark: str, is_static: bool) -> str:
    """Style of one drawing; in a page it gives way to the page's rules, which scale with the zoom."""
    return css.replace("SELF", f"#{mark}" if is_static else f":where(#{mark})")


def _sheet(scene: Scene, mark: str) -> str:
    cards: list[Card] = []
    svg = _svg(scene, mark, scene.layers, cards, is_static=False)
    names = ground(scene.lens, scene.whole, scene.codes).names
    data = {
        "front": scene.front,
        "whole": [round(value, 1) for value in scene.whole],
        "homes": {layer.key: [round(value, 1) for value in layer.view] for layer in scene.layers},
        "cards": cards,
        "labels": _labels(scene, names),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    chips = "".join(
        f'<button type="button" data-f="{escape(layer.key, quote=True)}" '
        f'aria-pressed="{str(layer.key == scene.front).lower()}">'
        f'<i style="background:{escape(layer.colour)}"></i>{escape(layer.name)}</button>'
        for layer in scene.layers
    )
    below = "".join(
        f'<div class="km-below" data-f="{escape(layer.key, quote=True)}"'
        f"{'' if layer.key == scene.front else ' style=display:none'}>"
        f'<p class="km-say">{escape(layer.sentence)}</p>'
        f'<div class="km-legend">{html_legend(scene, layer)}</div></div>'
        for layer in scene.layers
    )
    notes = f'<p class="km-note">{escape(" ".join(scene.notes))}</p>' if scene.notes else ""
    words = {key: catalog.text(f"report.{key}") for key in TOOLS}
    switch = (
        f'<div class="km-chips" role="group" aria-label="{words["carrier"]}">{chips}</div>'
        if len(scene.layers) > 1
        else ""
    )
    return (
        f'<div class="kmap" id="{mark}box"><style>{asset("map.css")}</style>{switch}'
        f'<div class="km-stage">{svg}<div class="km-tools">'
        f'<button type="button" data-z="in" aria-label="{words["closer"]}">+</button>'
        f'<button type="button" data-z="out" aria-label="{words["farther"]}">{chr(8722)}</button>'
        f'<button type="button" data-z="home" aria-label="{words["first_view"]}">&#8962;</button>'
        f'<button type="button" data-z="whole" aria-label="{words["everything"]}">&#10530;</button></div>'
        f'<div class="km-card" hidden aria-live="polite"></div></div>{below}{notes}'
        f'<script type="application/json" class="km-data">{text}</script>'
        f"<script>{asset('map.js')}</script></div>"
    )


TOOLS = ("carrier", "closer", "farther", "first_view", "everything")  # keys of what the buttons are called


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
    front = front_layer(scene)
    only = replace(scene, layers=[front] if front else [])
    svg = _svg(only, mark + "s", only.layers, [], is_static=True)
    return Map(scene.title, svg, _sheet(scene, mark), scene.notes)

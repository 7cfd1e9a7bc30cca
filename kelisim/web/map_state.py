"""One step on the map: how wide and how full each way is, which way it flows, and who is short."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from kelisim.report.maps import width_legend
from kelisim.report.numbers import listed, percent
from kelisim.report.scene import IDLE, look_of, unserved_class, width_of
from kelisim.report.words import Words
from kelisim.results.crisis import LEVELS
from kelisim.results.regions import Regions
from kelisim.tolerances import DRAWN_SHARE, NO_POWER, SMALL_CHANGE
from kelisim.web.map_geometry import DrawnWay, MapGeometry
from kelisim.web.session import Floats, MapSession, Reply
from kelisim.web.texts import text


def largest(plan: MapSession, sheet: MapGeometry, family: str) -> float:
    """Most that a way of the family carries in any step, MW: the full width of a line."""
    return _largest(plan, sheet, family)


@lru_cache(maxsize=64)
def _largest(plan: MapSession, sheet: MapGeometry, family: str) -> float:
    found = [float(np.abs(plan.flow[list(way.links)].sum(axis=0)).max()) for way in sheet.of_family[family]]
    return max(found, default=0.0)


def of_step(
    plan: MapSession,
    sheet: MapGeometry,
    family: str,
    step: int,
    reply: Reply | None,
    shows_levels: bool = False,
) -> dict[str, Any]:
    """What the page draws for a step: arrays in the order of the ways and places of the sheet.

    w  width, pixels          d  direction: 1, -1 or 0
    l  look: i idle, l low, m mid, h high, o out of service
    c  change against the plan: 1 more, -1 less, 0 about the same
    s  place number -> class of its unserved share
    t, p  words for ways, for places that are short
    a, b  number of an area -> its look, and words
    n  names that stand: place number, side, levels of zoom as bits
    v  place number -> level of the crisis in its region, 1 to 3; empty unless levels are shown
    """
    asked = reply if reply is not None and reply.holds(step) else None
    if asked is not None:
        flow, base, loading = asked.flow(step)
        unserved = asked.unserved(step)
        out = lost_ways(sheet, asked) if asked.out[step] else set()
    else:
        flow, loading = plan.flow[:, step], plan.loading[:, step]
        base, unserved, out = flow, plan.unserved[:, step], set()
    wanted = plan.demand[:, step] if asked is None else asked.demand(step)
    most = max(largest(plan, sheet, family), NO_POWER)
    found: dict[str, Any] = {"family": family} | {key: [] for key in "wdlct"} | {key: {} for key in "spvab"}
    for way in sheet.of_family[family]:
        links = list(way.links)
        net, plain = float(flow[links].sum()), float(base[links].sum())
        gross = float(np.abs(flow[links]).sum())
        full = min(float(loading[list(way.track)].sum()), 1.0)
        is_out = way.key in out
        weight = math.sqrt(min(gross / most, 1.2))
        found["w"].append(round(width_of(weight), 1) if gross > NO_POWER else IDLE)
        found["d"].append(0 if gross <= NO_POWER else 1 if net >= 0 else -1)
        found["l"].append(look_of(gross, full, is_out, NO_POWER)[0])
        change = abs(net) - abs(plain)
        found["c"].append(0 if abs(change) < SMALL_CHANGE * most else 1 if change > 0 else -1)
        found["t"].append(_tip(plan, sheet, way, net, plain, full, is_out, asked is not None))
    for place, (share, words) in short_places(plan, sheet, family, wanted, unserved).items():
        found["s"][place] = unserved_class(share)
        found["p"][place] = words
    found["a"], found["b"] = area_looks(plan, sheet, family, wanted, unserved)
    if shows_levels and asked is not None:
        for place, (level, words) in region_marks(plan, sheet, family, step, asked).items():
            found["v"][place] = level
            found["p"][place] = f"{words}\n{found['p'].get(place, '')}".strip()
    found["n"] = names(sheet, found)
    return found


def names(sheet: MapGeometry, found: Mapping[str, Any], chosen: str = "") -> list[tuple[int, int, int]]:
    """Names that stand on the map: of what is chosen and who is short before those of the more used."""
    places = sheet.places[found["family"]]
    first = {places[int(at)] for at in found["s"]} | {chosen}
    return sheet.names(found["family"], frozenset(first - {""}))


def area_looks(
    plan: MapSession, sheet: MapGeometry, family: str, wanted: Floats, unserved: Floats
) -> tuple[dict[int, str], dict[int, str]]:
    """Looks of areas and their words: the unserved share of the region; where a family has no ways, how much is used.

    wanted, unserved  MW of each row of demand
    """
    use, short = np.zeros((2, len(sheet.data["areas"])))
    demand = plan.case.table("demand")
    carrier_of: dict[int, str] = {}
    for row, (place, carrier) in enumerate(zip(demand["place"], demand["carrier"], strict=True)):
        at = sheet.area_of.get(place)
        if at is not None and plan.book.family(carrier) == family:
            use[at] += wanted[row]
            short[at] += unserved[row]
            carrier_of[at] = carrier
    looks, words = {}, {}
    for at, carrier in carrier_of.items():
        name, share = sheet.data["areas"][at]["n"], short[at] / use[at] if use[at] > NO_POWER else 0.0
        words[at] = text("map.used", place=name, rate=plan.rate(carrier, use[at]))
        if share >= DRAWN_SHARE:
            looks[at] = f"u{unserved_class(share)}"
            about = {"rate": plan.rate(carrier, short[at]), "share": percent(share)}
            words[at] = text("map.short_region", place=name, **about)
        elif not sheet.of_family[family] and use[at] > NO_POWER:
            looks[at] = f"h{min(int(5 * use[at] / use.max()), 4)}"
    return looks, words


def region_marks(
    plan: MapSession, sheet: MapGeometry, family: str, step: int, reply: Reply
) -> dict[str, tuple[int, str]]:
    """Regions at a level of the crisis: number of the place that stands for the region -> level, and words."""
    levels, at = reply.levels, step - reply.window[0]
    seats = _seats(plan, sheet, family)
    found: dict[str, tuple[int, str]] = {}
    parts: dict[str, list[str]] = {}
    for row in np.flatnonzero(levels.level[:, at] > 0):
        seat, carrier = seats.get(levels.region[row]), levels.carrier[row]
        if seat is None or plan.book.family(carrier) != family:
            continue
        about = {
            "share": percent(float(levels.share[row, at])),
            "carrier": plan.book.carrier_in_text(carrier),
        }
        words = text("map.at_level", level=level_name(int(levels.level[row, at])), **about)
        parts.setdefault(seat[0], []).append(words)
        level = max(int(levels.level[row, at]), found.get(seat[0], (0, ""))[0])
        found[seat[0]] = (level, f"{seat[1]}: {'; '.join(parts[seat[0]])}")
    return found


def worst_level(plan: MapSession, family: str, step: int, reply: Reply) -> int:
    """The highest level of any region in a family, 0 to 3."""
    levels, at = reply.levels, step - reply.window[0]
    rows = [row for row, carrier in enumerate(levels.carrier) if plan.book.family(carrier) == family]
    return int(levels.level[rows, at].max(initial=0))


@lru_cache(maxsize=64)
def _seats(plan: MapSession, sheet: MapGeometry, family: str) -> dict[str, tuple[str, str]]:
    """Region -> number on the page of the place of it that uses most of the family, and the name of the region."""
    regions = Regions(plan.case)
    demand = plan.case.table("demand")
    number = {place: str(at) for at, place in enumerate(sheet.places[family])}
    use: dict[str, float] = {}
    for place, carrier, energy in zip(
        demand["place"], demand["carrier"], plan.demand @ plan.hours, strict=True
    ):
        if plan.book.family(carrier) == family:
            use[place] = use.get(place, 0.0) + float(energy)
    found: dict[str, tuple[str, str]] = {}
    for place in sorted(use, key=lambda key: (-use[key], key)):
        region = regions.of[place]
        if place in number and region not in found:
            found[region] = (
                number[place],
                plan.book.region(region) if region in regions.name else plan.book.place(place),
            )
    return found


def lost_ways(sheet: MapGeometry, reply: Reply) -> set[str]:
    """Keys of ways that the cut takes out whole: named, or at a place that is lost."""
    if reply.cut.share < 0.999:
        return set()
    lost = set(reply.cut.lost)
    gone = reply.plan.links["link"].isin(lost).to_numpy()
    ways = sheet.ways
    return {way.key for way in ways if lost & {way.key, way.start, way.end} or gone[list(way.links)].all()}


def short_places(
    plan: MapSession, sheet: MapGeometry, family: str, demanded: Floats, unserved: Floats
) -> dict[str, tuple[float, str]]:
    """Places that are short of the family in a cell: number on the page -> share unserved, and words.

    demanded, unserved  MW of each row of demand
    """
    demand = plan.case.table("demand")
    rows = np.flatnonzero(unserved > NO_POWER)
    if not len(rows):
        return {}
    number = {place: str(at) for at, place in enumerate(sheet.places[family])}
    families = np.array([plan.book.family(carrier) for carrier in demand["carrier"]], dtype=object)
    found = {}
    for place in dict.fromkeys(demand["place"].iloc[rows]):
        here = (demand["place"] == place).to_numpy() & (families == family)
        wanted, short = float(demanded[here].sum()), float(unserved[here].sum())
        if place not in number or wanted <= 0 or short / wanted < DRAWN_SHARE:
            continue
        classes = []
        for row in np.flatnonzero(here & (unserved > NO_POWER) & (demanded > 0)):
            lacking = percent(unserved[row] / demanded[row])
            classes.append(f"{class_name(plan.book, demand['customer_class'].iloc[row])} {lacking}")
        carrier = str(demand["carrier"][here].iloc[0])
        about = {
            "rate": plan.rate(carrier, short),
            "share": percent(short / wanted),
            "classes": listed(classes),
        }
        words = text("map.short", place=plan.book.place(place), **about)
        found[number[place]] = (short / wanted, words)
    return found


def short_cells(plan: MapSession, family: str, cells: range, reply: Reply | None) -> list[int]:
    """Cells in which somebody is short of a family."""
    rows = [plan.book.family(carrier) == family for carrier in plan.case.table("demand")["carrier"]]
    mine = np.array(rows, dtype=bool)
    unserved = [
        reply.unserved(cell) if reply is not None and reply.holds(cell) else plan.unserved[:, cell]
        for cell in cells
    ]
    return [
        cell for cell, short in zip(cells, unserved, strict=True) if short[mine].max(initial=0.0) > NO_POWER
    ]


def class_name(book: Words, customer_class: str) -> str:
    """A customer class in words."""
    return book.customers(customer_class)


def level_name(level: int) -> str:
    """A level of the crisis in words."""
    return text(f"level_{LEVELS[level]}")


def _tip(
    plan: MapSession,
    sheet: MapGeometry,
    way: DrawnWay,
    net: float,
    plain: float,
    full: float,
    is_out: bool,
    is_answer: bool,
) -> str:
    carrier = sheet.carrier[way.links[0]]
    amount = plan.rate(carrier, abs(net)) if abs(net) > NO_POWER else text("map.not_used")
    words = f"{way.name}: " + (text("map.out") if is_out and abs(net) <= NO_POWER else amount)
    if abs(net) > NO_POWER:
        words += text("map.full", share=percent(full))
    if is_answer and abs(abs(net) - abs(plain)) > max(NO_POWER, 0.005 * abs(plain)):
        words += text("card.planned", rate=plan.rate(carrier, abs(plain)))
    return words


def widths(plan: MapSession, sheet: MapGeometry, family: str) -> list[tuple[str, float]]:
    """Three round amounts for the legend, each with its width in pixels."""
    most, ways = largest(plan, sheet, family), sheet.of_family[family]
    if most <= NO_POWER or not ways:
        return []
    carrier = sheet.carrier[ways[0].links[0]]
    unit, factor = plan.book.unit(carrier)
    scale = 1.0 if unit.endswith("Wh") else 24.0 * factor
    return [
        (plan.rate(carrier, weight**2 * most), round(width_of(weight), 1))
        for _, weight in width_legend(most * scale, "")
    ]

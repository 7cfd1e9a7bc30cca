"""Maps: what flows where in a result, and what a case holds.

One family of carriers is in front; the others are one tap away. Width is flow, colour is loading, arrows are
direction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import region_of_places
from kelisim.report.basemap import Array, Box
from kelisim.report.drawing import Map, draw
from kelisim.report.frames import (
    FLOWS,
    family_units,
    flow_links,
    flow_nodes,
    front_of,
    has_short,
    scale_of,
    when_of,
)
from kelisim.report.layout import Layout, bends, link_points, place_points, view_of, way_of
from kelisim.report.numbers import NONE, SMALLER, figure, human, text_of
from kelisim.report.scene import Card, Dot, DrawnLine, Layer, Scene, look_of, sizes_of
from kelisim.report.words import Words
from kelisim.results.facts import Fact, said
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.tolerances import ROUNDING

__all__ = [
    "Map",
    "card_lines",
    "case_map",
    "drawn_lines",
    "flow_map",
    "layout_of",
    "links_of_case",
    "regions_of",
    "view_around",
]


def flow_map(
    results: Results, carrier: str | None = None, step: Any = None, words: Words | None = None
) -> Map:
    """Flows of the whole horizon, or of one step.

    carrier  what is in front: a carrier or family (gas, crude, products, coal, electricity, heat, lpg); if
             not given the family with most unserved, else of the dearest link, else with most over borders
    step     start of a step (any time within it will do); the mean over the horizon if not given
    words    those of its case in English if not given
    returns  Map: `.svg`, `.html`; shown by itself in a notebook
    """
    words = words or Words(results.case)
    links = flow_links(results, words, step)
    nodes = flow_nodes(results, words, step)
    families = [
        family
        for family in words.families([*links["carrier"], *nodes["carrier"]])
        if (links.loc[links["family"] == family, "size"] > ROUNDING).any() or has_short(nodes, family)
    ]
    only = carrier if carrier and carrier not in families else None
    front = front_of(results, words, families, carrier, links, nodes)
    layout = layout_of(words, links, front)
    when = when_of(results, words, step)
    layers = []
    for family in families:
        chosen = only if family == front else None
        layers.append(_flow_layer(words, layout, links, nodes, family, chosen, when, step is not None))
    whole = words.text("charts.map.title", title=words.title, when=when)
    title = next((layer.sentence for layer in layers if layer.key == front), whole)
    codes = frozenset(words.countries.values())
    notes = layout.notes if layers else (*layout.notes, words.text("charts.map.none"))
    regions = regions_of(words, layout)
    return draw(Scene(title, layers, front, layout.lens, layout.whole, codes, True, notes, regions))


def case_map(case: Case, words: Words | None = None) -> Map:
    """What a case holds before anything is solved: links by capacity, places by what is used there."""
    words = words or Words(case)
    links = case.quantities("links") if len(words.table("links")) else pd.DataFrame()
    demand = case.quantities("demand") if len(words.table("demand")) else pd.DataFrame()
    frame = links_of_case(words, links)
    families = words.families([*frame["carrier"], *(demand["carrier"] if len(demand) else [])])
    families = [family for family in families if (frame["family"] == family).any()]
    # point-to-point goods trains are many and hide each other: pipes and lines are shown first
    fixed = frame[~frame["kind"].isin(_transport_kinds(words))]
    drawn = (fixed if len(fixed) else frame)["family"].value_counts()
    front = max(families, key=lambda family: int(drawn.get(family, 0))) if families else ""
    layout = layout_of(words, frame, front)
    layers = [_case_layer(words, layout, frame, demand, family) for family in families]
    counts = {name: len(words.table(name)) for name in ("places", "links", "assets", "storages")}
    parts = [_said(name, count=count) for name, count in counts.items() if count]
    title = words.text("charts.map.case", title=words.title, parts=parts)
    codes = frozenset(words.countries.values())
    regions = regions_of(words, layout)
    return draw(Scene(title, layers, front, layout.lens, layout.whole, codes, False, layout.notes, regions))


# ---- what is drawn, as frames


def layout_of(words: Words, links: pd.DataFrame, front: str) -> Layout:
    """Where the places of some links lie on the page."""
    places = words.table("places")
    ends = list(zip(links["from_place"], links["to_place"], strict=True))
    mine = [pair for pair, family in zip(ends, links["family"], strict=True) if family == front]
    used = {end for pair in ends for end in pair} | set(words.table("demand").get("place", []))
    return place_points(places[places["place"].isin(used)] if used else places, ends, mine)


def regions_of(words: Words, layout: Layout) -> tuple[tuple[str, str, str], ...]:
    """Regions of the places that are drawn: code, name, and the place that each is called by."""
    regions = Regions(words.case)
    drawn = dict.fromkeys(regions.of[place] for place in layout.points if place in regions.of)
    return tuple((region, words.region(region), regions.place[region]) for region in drawn)


# ---- layers


Row = dict[str, Any]


def _merged(links: pd.DataFrame) -> list[list[Row]]:
    """Links drawn as one: those of several carriers that share one capacity."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in links.to_dict("records"):
        shared = row["shared_with"] or "\0" + row["link"]
        groups.setdefault((shared, row["from_place"], row["to_place"]), []).append(
            {str(k): v for k, v in row.items()}
        )
    return list(groups.values())


def width_legend(largest: float, unit: str) -> list[tuple[str, float]]:
    """Three round amounts for the legend, each with its weight."""
    if largest <= 0:
        return []
    out: list[tuple[str, float]] = []
    for share in (0.9, 0.25, 0.04):
        size = 10.0 ** math.floor(math.log10(largest * share))
        amount = max(step * size for step in (1, 2, 5) if step * size <= largest * share * 1.0001)
        if not out or amount < float(out[-1][1] ** 2 * largest) * 0.99:
            out.append((f"{amount:g} {unit}", math.sqrt(amount / largest)))
    return out


def _origin(words: Words, row: Row) -> str:
    names, grade = words.sources(row["source"]), row["confidence"]
    graded = words.text("charts.map.grade", grade=grade) if grade else ""
    return graded + words.text("charts.map.source" if names else "charts.map.no_source", names=names)


def _rate(words: Words, power: float, unit: str, scale: float) -> Fact:
    if unit == "TWh":
        return _said("power", value=power)
    hours = 8760.0 if not words.has_whole_year else words.hours
    return _said("rate", value=power * hours * scale, of=unit)


def _flow_line(
    words: Words, group: list[Row], points: Array, largest: float, unit: str, when: str
) -> DrawnLine:
    forward, back = (sum(row[way] * row["scale"] for row in group) for way in ("forward", "back"))
    size, least, row = forward + back, min(forward, back), group[0]
    loading, peak = (min(sum(one[key] for one in group), 1.0) for key in ("loading", "loading_peak"))
    start, end = (
        (row["from_place"], row["to_place"]) if forward >= back else (row["to_place"], row["from_place"])
    )
    limit, limit_back = (_rate(words, row[way], unit, row["scale"]) for way in ("capacity", "capacity_back"))
    full, price = (max(one[key] for one in group) for key in ("hours_full", "shadow_price"))
    some = size > ROUNDING
    flow = _said("flow_value", value=max(forward, back), of=unit, when=when) if some else _said("flow_none")
    loaded = _said("loading_peak" if peak > loading + 0.005 else "loading_value", share=loading, peak=peak)
    is_both = row["capacity_back"] > ROUNDING
    lines = [
        ("flow", flow),
        ("ends", _said("ends_value", start=start, end=end) if some else ""),
        ("against", _said("amount", value=least, of=unit) if least > 1e-3 * size else ""),
        ("parts", _of_it(words, group, size, unit) if len(group) > 1 else ""),
        ("loading", loaded),
        ("capacity", _said("capacity_back", forward=limit, back=limit_back) if is_both else limit),
        ("full", _said("full_value", hours=full) if full > 0 else ""),
        ("price", _said("price_value", value=price) if price > 0.005 else ""),
    ]
    ends = f"{words.place(row['from_place'])} {NONE} {words.place(row['to_place'])}"
    kind = {"kind": words.kind("link_kinds", row["kind"]), "carrier": row["carrier"], "count": len(group)}
    card: Card = (
        words.link(row["link"]) if len(group) == 1 else ends,
        words.text("charts.map.kind" if len(group) == 1 else "charts.map.kind_several", **kind),
        card_lines(words, lines),
        _origin(words, row),
    )
    arrows: tuple[int, ...] = (1,) if forward >= back else (-1,)
    if least > 0.1 * size:
        arrows = (*arrows, -arrows[0])
    weight = math.sqrt(size / largest) if largest > 0 else 0.0
    look = look_of(size, loading, bool(row["is_out"]), ROUNDING)
    return DrawnLine(points, weight, look, card, arrows if size > ROUNDING else (), row["link"])


def _said(key: str, **places: Any) -> Fact:
    return said(f"charts.map.{key}", **places)


def card_lines(words: Words, lines: Sequence[tuple[str, Fact | str]]) -> list[tuple[str, str]]:
    """Lines of a card from their names and texts; those without a text are left out."""
    told = [(name, words.say(text) if isinstance(text, Fact) else text) for name, text in lines]
    return [(words.text(f"charts.map.{name}"), text) for name, text in told if text]


def _of_it(words: Words, group: list[Row], size: float, unit: str) -> str:
    """What several carriers have of a flow, the largest first."""
    amounts = [(row["carrier"], (row["forward"] + row["back"]) * row["scale"]) for row in group]
    parts = [
        f"{words.carrier_in_text(name)} {figure(amount)}"
        for name, amount in sorted(amounts, key=lambda pair: -pair[1])
        if amount > 1e-3 * max(size, ROUNDING)
    ]
    return f"{', '.join(parts)} {unit}" if parts else NONE


def _flow_layer(
    words: Words,
    layout: Layout,
    links: pd.DataFrame,
    nodes: pd.DataFrame,
    family: str,
    only: str | None,
    when: str,
    is_step: bool,
) -> Layer:
    mine = links[links["carrier"] == only] if only else links[links["family"] == family]
    here = nodes[nodes["carrier"] == only] if only else nodes[nodes["family"] == family]
    mine = mine[mine["from_place"].isin(layout.points) & mine["to_place"].isin(layout.points)]
    mine = mine[mine["from_place"] != mine["to_place"]]
    here = here[here["place"].isin(layout.points)]
    units = family_units(words, [*mine["carrier"], *here["carrier"]])
    unit = units.get(family, "TWh")
    shown_unit, more = (SMALLER.get(unit, unit), 1.0) if is_step else (unit, 1.0)
    if is_step and shown_unit != unit:
        more = 1e3

    factors = {
        carrier: scale_of(words, carrier, units) * more for carrier in {*mine["carrier"], *here["carrier"]}
    }
    groups = _merged(mine.assign(scale=mine["carrier"].map(factors)))
    largest = max(
        (sum((r["forward"] + r["back"]) * r["scale"] for r in group) for group in groups), default=0.0
    )
    lines = drawn_lines(
        words, layout, groups, lambda g, p: _flow_line(words, g, p, largest, shown_unit, when)
    )
    here = here.assign(scale=here["carrier"].map(factors).astype(float))
    dots = _flow_dots(words, layout, here, mine, shown_unit, is_step)
    name = words.carrier(only) if only else words.family_name(family)
    sentence = _sentence(words, name, when, lines, dots)
    return Layer(
        family,
        name,
        words.colour(only) if only else words.family_colour(family),
        lines,
        dots,
        width_legend(largest, shown_unit),
        sentence,
        view_around(layout, mine),
    )


def _transport_kinds(words: Words) -> set[str]:
    """Kinds of links that are trains, ships and lorries."""
    kinds = words.table("link_kinds")
    return set(kinds.loc[kinds["family"] == "transport", "kind"].astype(str)) if len(kinds) else set()


def drawn_lines(
    words: Words, layout: Layout, groups: list[list[Row]], make: Callable[[list[Row], Array], DrawnLine]
) -> list[DrawnLine]:
    """Each group of links as a line along its route or bent, made by a function of the group and its points."""
    transport = _transport_kinds(words)
    pairs = [(g[0]["from_place"], g[0]["to_place"]) for g in groups]
    far = [g[0]["kind"] in transport for g in groups]
    out = []
    for group, pair, bend in zip(groups, pairs, bends(pairs, layout.points, far), strict=True):
        way = way_of(group[0]["link"], group[0]["route"], layout.lens)
        out.append(make(group, link_points(layout.points[pair[0]], layout.points[pair[1]], bend, way)))
    return out


def _flow_dots(
    words: Words, layout: Layout, here: pd.DataFrame, links: pd.DataFrame, unit: str, is_step: bool
) -> list[Dot]:
    amounts = here[FLOWS].mul(here["scale"], axis=0).assign(place=here["place"]).groupby("place")[FLOWS].sum()
    ends = sorted(set(links["from_place"]) | set(links["to_place"]))
    amounts = amounts.reindex(amounts.index.union(ends)).fillna(0.0)
    amounts = amounts[(amounts.sum(axis=1) > ROUNDING) | amounts.index.isin(ends)]
    use = amounts["used"] + amounts["taken_in"] + amounts["sold"]
    made = amounts["made"] + amounts["bought"]
    size = sizes_of(use.where(use > made, made))
    regions, out = region_of_places(words.case), []
    for place, row in amounts.to_dict("index").items():
        point = layout.points[str(place)]
        is_short = row["demand"] > 0 and row["unserved"] > 1e-6 * row["demand"]
        short = row["unserved"] / row["demand"] if is_short else 0.0
        lines = [
            (name, _said("amount", value=row[name], of=unit))
            for name in ("made", "bought", "used", "taken_in", "sold")
            if row[name] > ROUNDING and not is_step
        ]
        if short:
            lines.append(("unserved", _said("unserved_value", value=row["unserved"], of=unit, share=short)))
        rows = card_lines(words, lines)
        card: Card = (words.place(place), words.country(words.country_of(place)), rows, "")
        gives = row["made"] + row["bought"] > row["used"] + row["taken_in"] + row["sold"] + ROUNDING
        out.append(
            Dot(
                float(point[0]),
                float(point[1]),
                size[str(place)],
                gives,
                float(short),
                words.short_place(place),
                card,
                str(place),
                regions.get(str(place), ""),
            )
        )
    return out


def view_around(layout: Layout, links: pd.DataFrame) -> Box:
    """The box that holds most of the ends of some links."""
    counts = pd.concat([links["from_place"], links["to_place"]]).value_counts()
    return view_of([layout.points[str(place)] for place in counts.index], [int(count) for count in counts])


def _sentence(words: Words, name: str, when: str, lines: list[DrawnLine], dots: list[Dot]) -> str:
    used = [line for line in lines if line.look not in ("idle", "out")]
    full = sum(line.look == "high" for line in used)
    out = sum(line.look == "out" for line in lines)
    short = sum(dot.unserved > 0 for dot in dots)
    key = "links_full" if full else "links_not_full" if used else "links_none"
    places: dict[str, Any] = {"links": _said(key, full=full, count=len(used))}
    places |= {
        what: _said(f"links_{what}", count=n) if n else "" for what, n in (("out", out), ("short", short))
    }
    return words.text("charts.map.layer", name=name, when=when, **places)


# ---- the case before it is solved


def links_of_case(words: Words, links: pd.DataFrame) -> pd.DataFrame:
    """Links of a case as a map needs them, with the family of their carrier."""
    columns = ["link", "carrier", "kind", "from_place", "to_place", "capacity", "capacity_back"]
    extra = ["shared_with", "route", "status", "source", "confidence"]
    frame = pd.DataFrame(
        {
            column: links[column].to_numpy()
            if column in links.columns
            else np.full(len(links), "", dtype=object)
            for column in [*columns, *extra]
        }
    )
    for column in [*columns[:5], *extra]:
        frame[column] = frame[column].map(text_of)
    frame["family"] = frame["carrier"].map(words.family) if len(frame) else pd.Series(dtype=object)
    return frame


def _case_layer(
    words: Words, layout: Layout, links: pd.DataFrame, demand: pd.DataFrame, family: str
) -> Layer:
    mine = links[(links["family"] == family) & (links["from_place"] != links["to_place"])]
    mine = mine[mine["from_place"].isin(layout.points) & mine["to_place"].isin(layout.points)]
    units = family_units(words, mine["carrier"])
    unit = units.get(family, "TWh")
    groups = _merged(mine)
    largest = max((g[0]["capacity"] for g in groups), default=0.0)
    first = str(mine["carrier"].iloc[0]) if len(mine) else family
    scale = scale_of(words, first, units) if len(mine) else 1e-6

    def make(group: list[Row], points: Array) -> DrawnLine:
        row = group[0]
        capacity, back = float(row["capacity"]), float(row["capacity_back"])
        is_ready = row["status"] in ("", "base")
        carriers = ", ".join(words.carrier_in_text(one["carrier"]) for one in group) if len(group) > 1 else ""
        status = "" if is_ready else human(row["status"])
        limit, limit_back = (_rate(words, most, unit, scale) for most in (capacity, back))
        rows = card_lines(
            words, [("capacity", limit), ("back", limit_back), ("status", status), ("carriers", carriers)]
        )
        ends = words.text("charts.map.ends_value", start=row["from_place"], end=row["to_place"])
        card: Card = (words.link(row["link"]), ends, rows, _origin(words, row))
        look = "low" if is_ready and capacity > 0 else "out"
        arrows = (1, -1) if back > 0 else (1,)
        weight = math.sqrt(capacity / largest) if largest > 0 else 0.0
        return DrawnLine(points, weight, look, card, arrows, row["link"])

    lines = drawn_lines(words, layout, groups, make)
    mine_demand = demand[demand["carrier"].map(words.family) == family] if len(demand) else demand
    use = mine_demand.groupby("place")["amount"].sum() * scale if len(mine_demand) else pd.Series(dtype=float)
    ends = sorted(set(mine["from_place"]) | set(mine["to_place"]))
    use = use.reindex(use.index.union(ends)).fillna(0.0)
    size = sizes_of(use) if len(use) else {}
    dots = []
    for place, amount in use.items():
        if str(place) not in layout.points:
            continue
        point = layout.points[str(place)]
        shown = _said("rate", value=amount, of=unit) if amount > ROUNDING else ""
        rows = card_lines(words, [("demand", shown)])
        card: Card = (words.place(place), words.country(words.country_of(place)), rows, "")
        dots.append(
            Dot(
                float(point[0]),
                float(point[1]),
                size[str(place)],
                False,
                0.0,
                words.short_place(place),
                card,
                str(place),
            )
        )
    largest_rate = largest * (1.0 if unit == "TWh" else words.hours * scale)
    widths = width_legend(largest_rate, "MW" if unit == "TWh" else f"{unit}/year")
    name = words.family_name(family)
    idle = sum(line.look == "out" for line in lines)
    key = f"charts.map.case_layer{'_dashed' if idle else ''}"
    sentence = words.text(key, name=name, count=len(lines), idle=idle)
    return Layer(
        family, name, words.family_colour(family), lines, dots, widths, sentence, view_around(layout, mine)
    )

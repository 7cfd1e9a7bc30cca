"""Maps: what flows where in a result, and what a case holds.

One family of carriers is in front; the others are one tap away. Width is flow, colour is loading, arrows are
direction.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.report.basemap import Array, Box
from kelisim.report.drawing import Card, Dot, DrawnLine, Layer, Map, Scene, draw
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
from kelisim.report.numbers import NONE, SMALLER, figure, first_upper, human, listed, many, percent, text_of
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.tolerances import ROUNDING as SMALL

__all__ = ["Map", "case_map", "flow_map"]

HALF_FULL, NEARLY_FULL = 0.60, 0.95


def flow_map(results: Results, carrier: str | None = None, step: Any = None) -> Map:
    """Flows of the whole horizon, or of one step.

    carrier  what is in front: a carrier or family (gas, crude, products, coal, electricity, heat, lpg); if
             not given the family with most unserved, else of the dearest link, else with most over borders
    step     start of a step (any time within it will do); the mean over the horizon if not given
    returns  Map: `.svg`, `.html`; shown by itself in a notebook
    """
    book = Words(results.case)
    links = flow_links(results, book, step)
    nodes = flow_nodes(results, book, step)
    families = [
        family
        for family in book.families([*links["carrier"], *nodes["carrier"]])
        if (links.loc[links["family"] == family, "size"] > SMALL).any() or has_short(nodes, family)
    ]
    only = carrier if carrier and carrier not in families else None
    front = front_of(results, book, families, carrier, links, nodes)
    layout = _layout(book, links, front)
    when = when_of(results, book, step)
    layers = []
    for family in families:
        chosen = only if family == front else None
        layers.append(_flow_layer(book, layout, links, nodes, family, chosen, when, step is not None))
    title = next((layer.sentence for layer in layers if layer.key == front), f"{results.case.title}, {when}")
    codes = frozenset(book.countries.values())
    notes = layout.notes if layers else (*layout.notes, "Nothing flows between places.")
    return draw(Scene(title, layers, front, layout.lens, layout.whole, codes, True, notes))


def case_map(case: Case) -> Map:
    """What a case holds before anything is solved: links by capacity, places by what is used there."""
    book = Words(case)
    links = case.quantities("links") if len(book.table("links")) else pd.DataFrame()
    demand = case.quantities("demand") if len(book.table("demand")) else pd.DataFrame()
    frame = _case_links(book, links)
    families = book.families([*frame["carrier"], *(demand["carrier"] if len(demand) else [])])
    families = [family for family in families if (frame["family"] == family).any()]
    # point-to-point goods trains are many and hide each other: pipes and lines are shown first
    fixed = frame[~frame["kind"].isin(_transport_kinds(book))]
    drawn = (fixed if len(fixed) else frame)["family"].value_counts()
    front = max(families, key=lambda family: int(drawn.get(family, 0))) if families else ""
    layout = _layout(book, frame, front)
    layers = [_case_layer(book, layout, frame, demand, family) for family in families]
    counts = {name: len(book.table(name)) for name in ("places", "links", "assets", "storages")}
    words = [many(count, name[:-1], name) for name, count in counts.items() if count]
    title = f"{case.title}: {listed(words)}"
    codes = frozenset(book.countries.values())
    return draw(Scene(title, layers, front, layout.lens, layout.whole, codes, False, layout.notes))


# ---- what is drawn, as frames


def _layout(book: Words, links: pd.DataFrame, front: str) -> Layout:
    places = book.table("places")
    ends = list(zip(links["from_place"], links["to_place"], strict=True))
    mine = [pair for pair, family in zip(ends, links["family"], strict=True) if family == front]
    used = {end for pair in ends for end in pair} | set(book.table("demand").get("place", []))
    return place_points(places[places["place"].isin(used)] if used else places, ends, mine)


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


def line_look(size: float, loading: float, is_out: bool) -> str:
    if is_out:
        return "out"
    if size <= SMALL:
        return "idle"
    return "high" if loading > NEARLY_FULL else "mid" if loading >= HALF_FULL else "low"


def _origin(book: Words, source: str, grade: str) -> str:
    names = book.sources(source)
    words = f"Grade {grade}. " if grade else ""
    return words + (f"Source: {names}" if names else "Source not given.")


def _rate(book: Words, power: float, unit: str, scale: float) -> str:
    if unit == "TWh":
        return f"{figure(power)} MW"
    hours = 8760.0 if not book.has_whole_year else book.hours
    return f"{figure(power * hours * scale)} {unit}/year"


def _flow_line(
    book: Words, group: list[Row], points: Array, largest: float, unit: str, when: str
) -> DrawnLine:
    forward, back = (
        sum(row["forward"] * row["scale"] for row in group),
        sum(row["back"] * row["scale"] for row in group),
    )
    row = group[0]
    loading, peak = (min(sum(row[key] for row in group), 1.0) for key in ("loading", "loading_peak"))
    size = forward + back
    look = line_look(size, loading, bool(row["is_out"]))
    start, end = book.place(row["from_place"]), book.place(row["to_place"])
    source, target = (start, end) if forward >= back else (end, start)
    rows = [("Flow", f"{figure(max(forward, back))} {unit}, {when}" if size > SMALL else "none")]
    if size > SMALL:
        rows.append(("From, to", f"{source} \u2192 {target}"))
    if min(forward, back) > 1e-3 * size:
        rows.append(("And back", f"{figure(min(forward, back))} {unit}"))
    if len(group) > 1:
        amounts = [(row["carrier"], (row["forward"] + row["back"]) * row["scale"]) for row in group]
        parts = [
            f"{book.carrier_in_text(name)} {figure(amount)}"
            for name, amount in sorted(amounts, key=lambda pair: -pair[1])
            if amount > 1e-3 * max(size, SMALL)
        ]
        rows.append(("Of it", ", ".join(parts) + f" {unit}" if parts else NONE))
    rows.append(
        ("Loading", percent(loading) + (f", at most {percent(peak)}" if peak > loading + 0.005 else ""))
    )
    capacity = _rate(book, row["capacity"], unit, row["scale"])
    if row["capacity_back"] > SMALL:
        capacity += f", back {_rate(book, row['capacity_back'], unit, row['scale'])}"
    rows.append(("Capacity", capacity))
    full = max(row["hours_full"] for row in group)
    if full > 0:
        rows.append(("Full", f"{figure(full)} hours"))
    price = max(row["shadow_price"] for row in group)
    if price > 0.005:
        rows.append(("One more MWh", f"would save {figure(price)} {book.currency}"))
    name = book.link(row["link"]) if len(group) == 1 else f"{start} {NONE} {end}"
    kind = book.kind("link_kinds", row["kind"])
    carriers = book.carrier(row["carrier"]) if len(group) == 1 else f"{len(group)} carriers"
    card: Card = (
        name,
        f"{kind}, {carriers[:1].lower() + carriers[1:]}",
        rows,
        _origin(book, row["source"], row["confidence"]),
    )
    arrows: tuple[int, ...] = (1,) if forward >= back else (-1,)
    if min(forward, back) > 0.1 * size:
        arrows = (*arrows, -arrows[0])
    weight = math.sqrt(size / largest) if largest > 0 else 0.0
    return DrawnLine(points, weight, look, card, arrows if size > SMALL else ())


def _sizes(use: pd.Series) -> dict[str, int]:
    """Three sizes by use: 2 for the places that make up the first half of it, 1 to 85 %, 0 for the rest."""
    order = use.sort_values(ascending=False)
    before = (order.cumsum() - order) / max(float(order.sum()), 1e-12)
    found = {}
    for place, share, amount in zip(order.index, before, order, strict=True):
        found[str(place)] = 0 if amount <= 0 or share >= 0.85 else 1 if share >= 0.5 else 2
    return found


def _flow_layer(
    book: Words,
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
    units = family_units(book, [*mine["carrier"], *here["carrier"]])
    unit = units.get(family, "TWh")
    shown_unit, more = (SMALLER.get(unit, unit), 1.0) if is_step else (unit, 1.0)
    if is_step and shown_unit != unit:
        more = 1e3

    factors = {
        carrier: scale_of(book, carrier, units) * more for carrier in {*mine["carrier"], *here["carrier"]}
    }
    groups = _merged(mine.assign(scale=mine["carrier"].map(factors)))
    largest = max(
        (sum((r["forward"] + r["back"]) * r["scale"] for r in group) for group in groups), default=0.0
    )
    lines = _lines(book, layout, groups, lambda g, p: _flow_line(book, g, p, largest, shown_unit, when))
    here = here.assign(scale=here["carrier"].map(factors).astype(float))
    dots = _flow_dots(book, layout, here, mine, shown_unit, is_step)
    name = book.carrier(only) if only else book.family_name(family)
    sentence = _sentence(name, when, lines, dots)
    return Layer(
        family,
        name,
        book.colour(only) if only else book.family_colour(family),
        lines,
        dots,
        width_legend(largest, shown_unit),
        sentence,
        _view(layout, mine),
    )


def _transport_kinds(book: Words) -> set[str]:
    """Kinds of links that are trains, ships and lorries."""
    kinds = book.table("link_kinds")
    return set(kinds.loc[kinds["family"] == "transport", "kind"].astype(str)) if len(kinds) else set()


def _lines(
    book: Words, layout: Layout, groups: list[list[Row]], make: Callable[[list[Row], Array], DrawnLine]
) -> list[DrawnLine]:
    transport = _transport_kinds(book)
    pairs = [(g[0]["from_place"], g[0]["to_place"]) for g in groups]
    far = [g[0]["kind"] in transport for g in groups]
    out = []
    for group, pair, bend in zip(groups, pairs, bends(pairs, layout.points, far), strict=True):
        way = way_of(group[0]["link"], group[0]["route"], layout.lens)
        out.append(make(group, link_points(layout.points[pair[0]], layout.points[pair[1]], bend, way)))
    return out


def _flow_dots(
    book: Words, layout: Layout, here: pd.DataFrame, links: pd.DataFrame, unit: str, is_step: bool
) -> list[Dot]:
    amounts = here[FLOWS].mul(here["scale"], axis=0).assign(place=here["place"]).groupby("place")[FLOWS].sum()
    ends = sorted(set(links["from_place"]) | set(links["to_place"]))
    amounts = amounts.reindex(amounts.index.union(ends)).fillna(0.0)
    amounts = amounts[(amounts.sum(axis=1) > SMALL) | amounts.index.isin(ends)]
    use = amounts["used"] + amounts["taken_in"] + amounts["sold"]
    made = amounts["made"] + amounts["bought"]
    size = _sizes(use.where(use > made, made))
    out = []
    for place, row in amounts.to_dict("index").items():
        point = layout.points[str(place)]
        short = (
            row["unserved"] / row["demand"]
            if row["demand"] > 0 and row["unserved"] > 1e-6 * row["demand"]
            else 0.0
        )
        words = {
            "made": "Made",
            "bought": "Bought",
            "used": "Used",
            "taken_in": "Into plants",
            "sold": "Sold",
        }
        rows = [
            (text, f"{figure(row[key])} {unit}")
            for key, text in words.items()
            if row[key] > SMALL and not is_step
        ]
        if short:
            rows.append(("Unserved", f"{figure(row['unserved'])} {unit}, {percent(short)} of the demand"))
        card: Card = (book.place(place), book.country(book.country_of(place)), rows, "")
        gives = row["made"] + row["bought"] > row["used"] + row["taken_in"] + row["sold"] + SMALL
        out.append(
            Dot(
                float(point[0]),
                float(point[1]),
                size[str(place)],
                gives,
                float(short),
                book.short_place(place),
                card,
            )
        )
    return out


def _view(layout: Layout, links: pd.DataFrame) -> Box:
    counts = pd.concat([links["from_place"], links["to_place"]]).value_counts()
    return view_of([layout.points[str(place)] for place in counts.index], [int(count) for count in counts])


def _sentence(name: str, when: str, lines: list[DrawnLine], dots: list[Dot]) -> str:
    used = [line for line in lines if line.look not in ("idle", "out")]
    full = sum(line.look == "high" for line in used)
    out = sum(line.look == "out" for line in lines)
    short = sum(dot.unserved > 0 for dot in dots)
    parts = [f"{first_upper(name)}, {when}: "]
    if not used:
        parts.append("nothing flows between places")
    elif full:
        parts.append(
            f"{full} of {many(len(used), 'link')} in use {'is' if full == 1 else 'are'} over 95 % full"
        )
    else:
        parts.append(f"none of the {many(len(used), 'link')} in use is over 95 % full")
    if out:
        parts.append(f", {many(out, 'link')} out of service")
    if short:
        parts.append(f"; {many(short, 'place')} short")
    return "".join(parts) + "."


# ---- the case before it is solved


def _case_links(book: Words, links: pd.DataFrame) -> pd.DataFrame:
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
    frame["family"] = frame["carrier"].map(book.family) if len(frame) else pd.Series(dtype=object)
    return frame


def _case_layer(book: Words, layout: Layout, links: pd.DataFrame, demand: pd.DataFrame, family: str) -> Layer:
    mine = links[(links["family"] == family) & (links["from_place"] != links["to_place"])]
    mine = mine[mine["from_place"].isin(layout.points) & mine["to_place"].isin(layout.points)]
    units = family_units(book, mine["carrier"])
    unit = units.get(family, "TWh")
    groups = _merged(mine)
    largest = max((g[0]["capacity"] for g in groups), default=0.0)
    first = str(mine["carrier"].iloc[0]) if len(mine) else family
    scale = scale_of(book, first, units) if len(mine) else 1e-6

    def make(group: list[Row], points: Array) -> DrawnLine:
        row = group[0]
        capacity, back = float(row["capacity"]), float(row["capacity_back"])
        rows = [("Capacity", _rate(book, capacity, unit, scale)), ("Back", _rate(book, back, unit, scale))]
        if row["status"] not in ("", "base"):
            rows.append(("Status", human(row["status"])))
        if len(group) > 1:
            rows.append(
                ("Carriers", ", ".join(book.carrier_in_text(c) for c in [r["carrier"] for r in group]))
            )
        start, end = book.place(row["from_place"]), book.place(row["to_place"])
        card: Card = (
            book.link(row["link"]),
            f"{start} \u2192 {end}",
            rows,
            _origin(book, row["source"], row["confidence"]),
        )
        look = "low" if row["status"] in ("", "base") and capacity > 0 else "out"
        arrows = (1, -1) if back > 0 else (1,)
        return DrawnLine(points, math.sqrt(capacity / largest) if largest > 0 else 0.0, look, card, arrows)

    lines = _lines(book, layout, groups, make)
    mine_demand = demand[demand["carrier"].map(book.family) == family] if len(demand) else demand
    use = mine_demand.groupby("place")["amount"].sum() * scale if len(mine_demand) else pd.Series(dtype=float)
    ends = sorted(set(mine["from_place"]) | set(mine["to_place"]))
    use = use.reindex(use.index.union(ends)).fillna(0.0)
    size = _sizes(use) if len(use) else {}
    dots = []
    for place, amount in use.items():
        if str(place) not in layout.points:
            continue
        point = layout.points[str(place)]
        rows = [("Demand", f"{figure(amount)} {unit}/year")] if amount > SMALL else []
        card: Card = (book.place(place), book.country(book.country_of(place)), rows, "")
        dots.append(
            Dot(float(point[0]), float(point[1]), size[str(place)], False, 0.0, book.short_place(place), card)
        )
    largest_rate = largest * (1.0 if unit == "TWh" else book.hours * scale)
    widths = width_legend(largest_rate, "MW" if unit == "TWh" else f"{unit}/year")
    name = book.family_name(family)
    ready = sum(line.look == "out" for line in lines)
    sentence = f"{name}: {many(len(lines), 'link')}" + (
        f", {ready} of them not in use (dashed)." if ready else "."
    )
    return Layer(family, name, book.family_colour(family), lines, dots, widths, sentence, _view(layout, mine))

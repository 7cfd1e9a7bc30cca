"""The page of a border: sentences, three numbers, a table, bars, and a map with the regions marked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.drawing import Card, Dot, DrawnLine, Layer, Map, Scene, draw
from kelisim.report.frames import family_units, scale_of
from kelisim.report.layout import Layout, bends, link_points, place_points, view_of, way_of
from kelisim.report.maps import line_look, width_legend
from kelisim.report.numbers import NONE, SMALLER, day, figure, human, many, percent, text_of
from kelisim.report.page import KeyNumber, Page, Part
from kelisim.report.table import (
    Cell,
    Column,
    Head,
    Row,
    View,
    number_cell,
    plain_view,
    share_cell,
    text_column,
)
from kelisim.report.theme import nothing
from kelisim.report.words import Words
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.studies.border.words import WHOLE, cover_words
from kelisim.tolerances import ROUNDING as SMALL
from kelisim.tolerances import SMALL_SHARE as LITTLE

FIRST = ("today", "winter", "weakest", "across")
GRADES = {"A": "official or company", "B": "press quoting a named source", "C": "estimate", "": "not graded"}


# ---- words
def sentences(results: Results, book: Words) -> list[str]:
    """The answer: supplied today and this winter, the weakest point, the border closed."""
    said = results["border.summary"]
    texts = said["text"][said["key"].isin(FIRST)]
    first, second = (str(code) for code in results.fields["countries"])
    codes, names = f"{first} and {second}", f"{book.country(first)} and {book.country(second)}"
    return [str(text).replace(f"border of {codes}", f"border of {names}") for text in texts]


def region_sentences(results: Results) -> list[str]:
    """What each region hangs on."""
    said = results["border.summary"]
    return [str(text) for text in said["text"][said["key"] == "region"]]


def days_in_words(results: Results) -> str:
    """The days looked at: "30 days from 1 January 2024"."""
    start = pd.Timestamp(results.fields["start"])
    return f"{many(int(results.fields['days']), 'day')} from {day(start)} {start.year}"


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Supplied, least cover, worst loss."""
    rows = results["border"]
    short, when = float(rows["unserved_now"].sum()), days_in_words(results)
    names = rows.loc[rows["unserved_now"] > 1.0, "name"].nunique()
    first = KeyNumber(
        "0" if short <= 1.0 else f"{figure(short * 1e-3)} GWh",
        "unserved on the border by the plan" if short > 1.0 else "regions go short by the plan",
        f"{when}; {many(rows['region'].nunique(), 'region or plant', 'regions and plants')}" if not names else f"{many(names, 'region')}; {when}",
        names > 0,
    )  # fmt: skip
    covered = rows[np.isfinite(rows["cover_days"])].sort_values("cover_days", kind="stable")
    if covered.empty:
        second = KeyNumber("no cut", "of protected customers if the border is closed for one carrier", when)
    else:
        row = covered.iloc[0]
        beside = f"{row['name']}, {book.carrier_in_text(row['carrier'])}"
        cover = cover_words(book.case, row["cover_days"], row["stock_days"])
        second = KeyNumber(f"{cover} days", "least cover if the border is closed", beside, True)
    worst = rows.sort_values(["n1_protected", "n1_unserved"], ascending=False, kind="stable").head(1)
    if worst.empty or float(worst["n1_unserved"].iloc[0]) <= 1.0:
        return [first, second, KeyNumber("0", "unserved if a largest supply is lost", when)]
    row = worst.iloc[0]
    beside = f"{row['name']} without {row['largest_name']}"
    third = KeyNumber(
        f"{figure(row['n1_unserved'] * 1e-3)} GWh", "unserved if the largest supply is lost", beside, True
    )
    return [first, second, third]


def grades(results: Results) -> list[tuple[str, str, int, float]]:
    """Rows of the table by the worst grade behind them: grade, words, rows, share."""
    counts = results["border"]["grade"].map(text_of).value_counts()
    total = int(counts.sum())
    return [
        (grade, words, int(counts[grade]), int(counts[grade]) / total)
        for grade, words in GRADES.items()
        if counts.get(grade, 0)
    ]


# ---- tables
def table_view(results: Results, book: Words) -> View:
    """Regions and carriers, those that hang most on the other side first."""
    frame = results["border"]
    hung = frame["share_across_now"] * frame["use_day"]
    frame = frame.assign(cover=frame["cover_days"].fillna(np.inf), hung=hung).sort_values(
        ["cover", "hung", "use_day"], ascending=[True, False, False], kind="stable"
    )
    columns: list[Column] = [
        text_column("Region", lambda row: row["name"]),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        (Head("Use", "a day", True), lambda row: Cell(book.amount(row["use_day"], row["carrier"], 1.0), round(float(row["use_day"]), 6))),
        _share("From across", lambda row: row["share_across_now"], True),
        _share("With fuels", lambda row: row["share_with_fuel"], minor=True),
        (Head("Stock", "days of use", True, True), lambda row: _days(row["stock_days"])),
        (Head("Cover", "days, border closed", True), lambda row: _cover(book, row)),
        _share("Short without largest supply", lambda row: row["n1_rate"]),
        text_column("Largest supply", lambda row: str(row["largest_name"]).removesuffix(WHOLE), minor=True),
        _share("Its share", lambda row: row["largest_share"], minor=True),
        text_column("Taken over by", lambda row: row["alternative_name"] or "nothing", minor=True),
        (Head("Extra cost", f"{book.currency}/MWh", True, True), lambda row: number_cell(row["alternative_cost"])),
        (Head("EU N-1", "%, stores at 30 %", True, True), lambda row: share_cell(row["n1_formula"])),
        text_column("Heat that hangs on it", lambda row: row["heat_of"] if row["heat_share"] > LITTLE else "", minor=True),
        (Head("Grade", is_minor=True), lambda row: Cell(row["grade"] or NONE, row["grade"] or "Z", grade=row["grade"])),
    ]  # fmt: skip
    notes = (
        "Short without largest supply: of the class of customers or the buyer that is hit hardest, what is lacking while the largest supply is out. "
        "Cover: days until the first protected customer is cut if nothing of the carrier crosses the border; no cut: none is in the days looked at."
    )
    return plain_view(
        f"Regions on the border by carrier, {days_in_words(results)}; the least covered first",
        _records(frame),
        columns,
        notes,
    )


def loss_view(results: Results, book: Words) -> View | None:
    """Who goes short without the largest supply."""
    frame = results["border.n1"]
    frame = frame.assign(lost=frame["unserved"] + frame["less_taken"])
    frame = frame[frame["lost"] > 1.0]
    if frame.empty:
        return None
    names = _names(results)
    columns: list[Column] = [
        text_column("Region", lambda row: names[row["region"]]),
        text_column("Supply lost", lambda row: f"{row['name']} ({book.carrier_in_text(row['carrier'])})"),
        text_column("Goes short of", lambda row: book.carrier(row["short_carrier"])),
        text_column("Who", lambda row: "a buyer there" if row["less_taken"] > 0 else human(row["customer_class"]), minor=True),
        text_column("Protected", lambda row: "yes" if row["protected"] else "no", minor=True),
        (Head("Lacks", "", True), lambda row: Cell(book.amount(row["lost"], row["short_carrier"], 1.0), round(float(row["lost"]), 6))),
        _share("Of its use", lambda row: row["rate"], True),
        (Head("After", "days", True, True), lambda row: _days(row["days_served"])),
    ]  # fmt: skip
    order = frame.sort_values(["protected", "lost"], ascending=False, kind="stable")
    return plain_view(
        f"Who goes short without the largest supply, {days_in_words(results)}", _records(order), columns
    )


def provision_view(results: Results, book: Words) -> View | None:
    """Agreements behind the supply of regions."""
    frame = results["border.provisions"]
    if frame.empty:
        return None
    names = _names(results)
    columns: list[Column] = [
        text_column("Region", lambda row: names[row["region"]]),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        text_column("Provision", lambda row: row["text"]),
        text_column("Agreement", lambda row: row["name"]),
        text_column("Signed", lambda row: _date(row["signed"]), minor=True),
        text_column("In force until", lambda row: _date(row["in_force_until"]) or "no end named", minor=True),
        text_column("In force then", lambda row: "yes" if row["is_in_force"] else "no"),
        (
            Head("Grade", is_minor=True),
            lambda row: Cell(row["grade"] or NONE, row["grade"] or "Z", grade=row["grade"]),
        ),
    ]
    order = frame.sort_values("is_in_force", ascending=False, kind="stable")
    return plain_view(
        f"Agreements behind the supply; in force: on the first of the {days_in_words(results)}",
        _records(order),
        columns,
    )


def _share(words: str, of: Callable[[Row], Any], has_bar: bool = False, minor: bool = False) -> Column:
    return Head(words, "%", True, minor), lambda row: share_cell(of(row), has_bar)


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _names(results: Results) -> dict[str, str]:
    frame = results["border"]
    return dict(zip(frame["region"].astype(str), frame["name"].astype(str), strict=True))


def _days(value: Any) -> Cell:
    days = float(value)
    return Cell(NONE, 1e9) if not math.isfinite(days) else Cell(figure(days, 2), round(days, 6))


def _cover(book: Words, row: Row) -> Cell:
    days = float(row["cover_days"])
    words = cover_words(book.case, days, float(row["stock_days"]))
    return Cell(NONE if math.isnan(days) else words, 1e9 if not math.isfinite(days) else round(days, 6))


def _date(value: Any) -> str:
    return "" if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


# ---- charts
def share_bars(results: Results, book: Words, most: int = 14) -> go.Figure:
    """Share from across by region and carrier, those first on which most energy hangs."""
    frame = results["border"]
    frame = frame.assign(hung=frame["share_across_now"] * frame["use_day"])
    rows = (
        frame[frame["share_across_now"] > LITTLE]
        .sort_values("hung", ascending=False, kind="stable")
        .head(most)
    )
    if rows.empty:
        return nothing(f"Nothing that border regions use comes from across, {days_in_words(results)}")
    top = rows.iloc[0]
    of = f"{percent(top['share_across_now'])} of its {book.carrier_in_text(top['carrier'])}"
    title = f"{top['name']} takes {of} from across the border, {days_in_words(results)}"
    labels = [
        f"{name}, {book.carrier_in_text(c)}: {book.amount(use, c, 1.0)} a day"
        for name, c, use in zip(rows["name"], rows["carrier"], rows["use_day"], strict=True)
    ]
    texts = [f"{percent(row['share_across_now'])}{_cover_words(book, row)}" for row in _records(rows)]
    marker = {"color": [book.colour(c) for c in rows["carrier"]]}
    return bars(
        title,
        labels,
        (rows["share_across_now"] * 100).tolist(),
        texts,
        marker,
        "from across the border, % of the use; days of cover where limited",
    )


def _cover_words(book: Words, row: Row) -> str:
    days = float(row["cover_days"])
    return (
        f", {cover_words(book.case, days, float(row['stock_days']))} days of cover"
        if math.isfinite(days)
        else ""
    )


def loss_bars(results: Results, book: Words, most: int = 12) -> go.Figure:
    """What customers lack in each region without its largest supply of a carrier."""
    frame = results["border"]
    rows = (
        frame[frame["n1_unserved"] > 1.0]
        .sort_values("n1_unserved", ascending=False, kind="stable")
        .drop_duplicates(["region", "largest"])
        .head(most)
    )
    rows = rows.assign(largest_name=rows["largest_name"].str.removesuffix(WHOLE))
    if rows.empty:
        return nothing(
            f"No customer goes short without the largest supply of a region, {days_in_words(results)}"
        )
    top = rows.iloc[0]
    title = f"{top['name']} lacks most without {top['largest_name']}: {figure(top['n1_unserved'] * 1e-3)} GWh in the {days_in_words(results)}"
    labels = [
        f"{name} without {largest} ({book.carrier_in_text(c)})"
        for name, largest, c in zip(rows["name"], rows["largest_name"], rows["carrier"], strict=True)
    ]
    values = (rows["n1_unserved"] * 1e-3).tolist()
    texts = [
        f"{figure(v)} ({percent(p / u)} protected)"
        for v, p, u in zip(values, rows["n1_protected"], rows["n1_unserved"], strict=True)
    ]
    marker = {"color": [book.colour(c) for c in rows["carrier"]]}
    return bars(title, labels, values, texts, marker, "unserved in all carriers, GWh (of it protected)")


# ---- map
def border_map(results: Results, book: Words) -> Map | None:
    """Flows over the border, and the regions on it: a ring where one goes short without its largest supply."""
    links, rows = results["border.links"], results["border"]
    if not len(links) or not len(rows):
        return None
    links = links.assign(family=links["carrier"].map(book.family), size=links["flow"].abs())
    rows = rows.assign(family=rows["carrier"].map(book.family))
    regions = Regions(results.case)
    spots = dict(zip(rows["region"], rows["region"].map(regions.place), strict=True))
    ends = list(zip(links["from_place"], links["to_place"], strict=True))
    places = book.table("places")
    used = {end for pair in ends for end in pair} | set(spots.values())
    layout = place_points(places[places["place"].isin(used)], ends, [(spot, spot) for spot in spots.values()])
    families = [
        f
        for f in book.families(rows["carrier"])
        if (links["family"] == f).any() or (rows["family"] == f).any()
    ]
    layers = [
        _layer(results, book, layout, links[links["family"] == f], rows[rows["family"] == f], f, spots)
        for f in families
    ]
    hung = (rows["share_across_now"] * rows["use_day"]).groupby(rows["family"]).sum()
    covered = rows[np.isfinite(rows["cover_days"]) & (rows["share_across_now"] > LITTLE)]
    front = (
        str(covered.sort_values("cover_days", kind="stable")["family"].iloc[0])
        if len(covered)
        else str(hung.idxmax())
    )
    title = next(layer.sentence for layer in layers if layer.key == front)
    return draw(
        Scene(
            title,
            layers,
            front,
            layout.lens,
            layout.whole,
            frozenset(book.countries.values()),
            True,
            layout.notes,
        )
    )


def _layer(
    results: Results,
    book: Words,
    layout: Layout,
    links: pd.DataFrame,
    rows: pd.DataFrame,
    family: str,
    spots: dict[str, str],
) -> Layer:
    units = family_units(book, [*links["carrier"], *rows["carrier"]])
    unit = units.get(family, "TWh")
    more, shown = (1e3, SMALLER[unit]) if unit in SMALLER else (1.0, unit)
    links = links[links["from_place"].isin(layout.points) & links["to_place"].isin(layout.points)]
    scales = {c: scale_of(book, c, units) * more for c in {*links["carrier"], *rows["carrier"]}}
    links = links.assign(amount=links["size"] * links["carrier"].map(scales).astype(float))
    groups = [group for _, group in links.groupby(["from_place", "to_place"], sort=True)]
    largest = max((float(group["amount"].sum()) for group in groups), default=0.0)
    pairs = [(str(g["from_place"].iloc[0]), str(g["to_place"].iloc[0])) for g in groups]
    routes = dict(zip(book.table("links")["link"], book.table("links")["route"], strict=True))
    lines = []
    for group, pair, bend in zip(
        groups, pairs, bends(pairs, layout.points, [False] * len(pairs)), strict=True
    ):
        first = group.sort_values("amount", ascending=False, kind="stable").iloc[0]
        points = link_points(
            layout.points[pair[0]],
            layout.points[pair[1]],
            bend,
            way_of(first["link"], routes.get(first["link"]), layout.lens),
        )
        lines.append(_line(results, book, group, first, points, largest, shown))
    dots = [
        _dot(results, book, layout, own, spots)
        for _, own in rows.groupby("region", sort=True)
        if spots[str(own["region"].iloc[0])] in layout.points
    ]
    crossing = sum(line.look not in ("idle", "out") for line in lines)
    short = sum(dot.unserved > 0 for dot in dots)
    name = book.family_name(family)
    sentence = (
        f"{name}, {days_in_words(results)}: {many(crossing, 'link')} over the border in use, {many(len(dots), 'region')} that use it; "
        f"rings mark the {short} of them in which somebody goes short without the largest supply."
    )
    view = view_of([np.array([dot.x, dot.y]) for dot in dots], [1] * len(dots))
    return Layer(
        family, name, book.family_colour(family), lines, dots, width_legend(largest, shown), sentence, view
    )


def _line(
    results: Results, book: Words, group: pd.DataFrame, first: Any, points: Any, largest: float, unit: str
) -> DrawnLine:
    amount = float(group["amount"].sum())
    towards_first = bool(first["flow"] >= 0)
    home, other = (str(code) for code in results.fields["countries"])
    ends = (other, home) if towards_first else (home, other)
    look = line_look(amount, min(float(group["loading"].sum()), 1.0), False)
    rows = [
        ("Flow", f"{figure(amount)} {unit} in the {days_in_words(results)}" if amount > SMALL else "none")
    ]
    if amount > SMALL:
        rows.append(("From, to", f"{book.country(ends[0])} \u2192 {book.country(ends[1])}"))
    rows.append(("Loading", percent(min(float(group["loading"].sum()), 1.0))))
    card: Card = (
        book.link(first["link"]),
        ", ".join(dict.fromkeys(book.carrier(c) for c in group["carrier"])),
        rows,
        "",
    )
    forward = towards_first == (book.country_of(first["to_place"]) == home)
    return DrawnLine(
        points,
        math.sqrt(amount / largest) if largest > 0 else 0.0,
        look,
        card,
        (1 if forward else -1,) if amount > SMALL else (),
    )


def _dot(results: Results, book: Words, layout: Layout, own: pd.DataFrame, spots: dict[str, str]) -> Dot:
    region, name = str(own["region"].iloc[0]), str(own["name"].iloc[0])
    point = layout.points[spots[region]]
    rows = []
    for row in own.sort_values("use_day", ascending=False, kind="stable").to_dict("records"):
        across = f"{book.amount(row['use_day'], row['carrier'], 1.0)} a day, {percent(row['share_across_now'])} from across"
        rows.append((book.carrier(row["carrier"]), across + _cover_words(book, row)))
        if row["n1_rate"] > 0:
            rows.append(
                (
                    "Without " + str(row["largest_name"]),
                    f"{percent(row['n1_rate'])} of the use of the class hit hardest is lost",
                )
            )
    size = (
        2
        if float((own["share_across_now"] * own["use_day"]).sum()) > 0.5 * float(own["use_day"].sum())
        else 1
    )
    card: Card = (name, book.country(own["country"].iloc[0]), rows, "")
    return Dot(float(point[0]), float(point[1]), size, False, float(own["n1_rate"].max()), name, card)


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    drawn = border_map(results, words)
    title = f"Regions on the border and flows over it, {days_in_words(results)}; one carrier in front."
    losses, provisions = loss_view(results, words), provision_view(results, words)
    return Page(
        text_of(results.meta.get("question")),
        tuple(sentences(results, words)),
        tuple(key_numbers(results, words)),
        (
            Part(
                "On what each region lives",
                "regions",
                (share_bars(results, words), table_view(results, words)),
                sentences=tuple(region_sentences(results)),
            ),
            Part(
                "If the largest supply is lost",
                "losses",
                (loss_bars(results, words), *([losses] if losses else [])),
                "Nobody goes short.",
            ),
            Part(
                "Agreements behind the supply",
                "agreements",
                (provisions,) if provisions else (),
                "The case names no provision that acts on a way over this border.",
            ),
        ),
        _method(),
        tuple(results.meta.get("limits", [])),
        drawn,
        title if drawn else "No map: nothing lies on this border.",
        grades(results),
    )


def _method() -> tuple[str, ...]:
    """What the numbers of a border are."""
    return (
        "What comes from across is traced through the flows of the least-cost plan: what enters a place mixes, what leaves it "
        "carries the mix.",
        "The largest supply is the element that brings most in these days. It is lost without warning, and the cheapest answer "
        "is found that keeps the order of protection; what was short by the plan already is not counted.",
        "Days of cover: all links of a carrier over the border are closed, and the first protected customer is cut after them.",
    )

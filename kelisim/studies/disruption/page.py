"""Pages of a disruption and of contingencies: the answer, rankings, who goes short, what follows from what, service over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.numbers import figure, human, percent
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Cell, Column, Head, View, frame_view, number_cell, share_cell, text_column
from kelisim.report.theme import line_looks, new_figure, nothing, safe
from kelisim.report.words import Words
from kelisim.results.event_words import of_event
from kelisim.results.results import Results
from kelisim.results.sentences import amount, energy, moment, rounded

MOST_BARS = 12
MOST_ROWS = 200
MOST_LINES = 5


def question(results: Results) -> str:
    """What was asked."""
    return "Who goes short, from when and by how much, if this is lost, and what takes over?"


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    said = results["summary"].set_index("key")["text"]
    found = [str(said["answer"]), *(f"{words.rstrip('.')}." for words in of_event(results["summary"]))]
    hour = results.tables.get("first_hour")
    if hour is not None:
        total = float(hour["unserved"].sum())
        found.append(
            f"In the first hour, before anything can be redispatched, {rounded(total)} MW of power are shed."
        )
    return found


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    values = results["summary"].set_index("key")["value"].astype(float)
    texts = results["summary"].set_index("key")["text"]
    days = float(values["coverage_days"])
    cover = "no cut" if np.isnan(days) else f"{figure(days, 2)} days"
    beside = "none is cut" if np.isnan(days) else f"first in the step of {texts['first_protected_short']}"
    return [
        KeyNumber(
            energy(values["unserved_energy"]),
            "unserved beyond the plan",
            f"of it protected: {energy(values['unserved_protected'])}",
            values["unserved_energy"] > 0,
        ),
        KeyNumber(cover, "until a protected customer is cut", beside, not np.isnan(days)),
        KeyNumber(
            book.money(values["extra_cost"]),
            "extra cost",
            "unserved energy at its value of lost load included",
        ),
    ]


def parts(results: Results, book: Words) -> list[Part]:
    """What follows the first page."""
    return _disruption(results, book)


# ---- disruption
def _disruption(results: Results, book: Words) -> list[Part]:
    short = results["demand.total"]
    short = short[short["first_short"].notna()].assign(more=lambda f: f["unserved"] - f["unserved_base"])
    found = [
        old_part(
            "Who goes short",
            "short",
            (_short_bars(short, book),) if len(short) else (),
            some(_short_view(short, book)),
            "Nobody goes short.",
        ),
        old_part("Service over time", "service", (_service(results, book),)),
        old_part("What follows", "chain", (), some(_chain_view(results)), "Nothing changes."),
    ]
    hour = results.tables.get("first_hour")
    if hour is not None:
        found.append(
            old_part("The first hour", "hour", (), some(_hour_view(hour, book)), "No power is shed.")
        )
    return found


def _short_bars(short: pd.DataFrame, book: Words) -> go.Figure:
    rows = short.sort_values("more", ascending=False, kind="stable").head(MOST_BARS)
    top = rows.iloc[0]
    names = [
        f"{book.short_place(r.place)}, {book.carrier_in_text(r.carrier)}, {human(r.customer_class)}"
        for r in rows.itertuples()
    ]
    values = (rows["more"] / 1e3).tolist()
    lacking = f"{amount(book.case, top['carrier'], top['more'])} of {book.carrier_in_text(top['carrier'])}"
    title = f"{book.place(top['place'])} lacks most: {lacking}, {human(top['customer_class'])}"
    texts = [
        f"{figure(v)} ({percent(m / d)})"
        for v, m, d in zip(values, rows["more"], rows["demand"], strict=True)
    ]
    marker = {"color": [book.colour(c) for c in rows["carrier"]]}
    return bars(
        title,
        names,
        values,
        texts,
        marker,
        "unserved beyond the plan, GWh (share of the demand in the days shown)",
    )


def _short_view(short: pd.DataFrame, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Place", lambda row: book.place(row["place"])),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        text_column("Customers", lambda row: human(row["customer_class"])),
        text_column("Protected", lambda row: "yes" if row["protected"] else "no", True),
        (
            Head("Unserved", "", True),
            lambda row: Cell(amount(book.case, row["carrier"], row["more"]), round(float(row["more"]), 6)),
        ),
        (Head("Of its use", "%", True), lambda row: share_cell(row["more"] / row["demand"], True)),
        (Head("Highest cut", "MW", True, True), lambda row: number_cell(row["peak"])),
        text_column("First short", lambda row: moment(book.case, row["first_short"])),
        (Head("After", "days", True, True), lambda row: number_cell(row["days_served"])),
    ]
    return frame_view("Who goes short beyond the plan, the largest first", short, columns)


def _service(results: Results, book: Words) -> go.Figure:
    """Step curve of the share served, of those that lose most."""
    rows = results["performance"]
    rows = rows.assign(lost=rows["served_share_base"] - rows["served_share"])
    if rows.empty or not (rows["lost"] > 0).any():
        return nothing("All are served as planned")
    worst = (
        rows.groupby(["country", "carrier"], observed=True)["lost"]
        .max()
        .sort_values(ascending=False)
        .head(MOST_LINES)
    )
    (country, carrier), most = worst.index[0], float(worst.iloc[0])
    title = f"{book.country(country)}: at worst {percent(most)} of its {book.carrier_in_text(carrier)} is lacking beyond the plan"
    made = new_figure(title, 330)
    for (who, what), (colour, dash) in zip(
        worst.index, line_looks(book.colour(carrier), len(worst)), strict=True
    ):
        own = rows[(rows["country"] == who) & (rows["carrier"] == what)]
        made.add_trace(
            go.Scatter(
                x=own["step"],
                y=(own["served_share"] * 100).round(3),
                mode="lines",
                name=safe(f"{book.country(who)}, {book.carrier_in_text(what)}"),
                line={"shape": "hv", "color": colour, "dash": dash},
                hovertemplate="%{x|%d %b %Y}: %{y:.1f} %<extra></extra>",
            )
        )
    made.update_yaxes(title_text="served, % of the demand", rangemode="tozero")
    made.update_layout(showlegend=True, margin={"b": 78})
    return made


def _chain_view(results: Results) -> View | None:
    columns: list[Column] = [
        (Head("Step", "", True), lambda row: number_cell(row["order"])),
        text_column("Because of", lambda row: row["because_name"] or "lost"),
        text_column("What changes while the outage lasts", lambda row: row["text"]),
    ]
    return frame_view(
        "What changed next to what was lost, and next to that; of neighbourhood, not of proof",
        results["chain"],
        columns,
    )


def _hour_view(hour: pd.DataFrame, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Place", lambda row: book.place(row["place"])),
        text_column("Customers", lambda row: human(row["customer_class"])),
        (Head("Shed", "MW", True), lambda row: number_cell(row["unserved"])),
        (Head("Of its use", "%", True), lambda row: share_cell(row["unserved"] / row["demand"], True)),
    ]
    return frame_view(
        "Power shed in the hour of the loss, before anything can be redispatched", hour, columns
    )


def method(results: Results) -> list[str]:
    """What the numbers are."""
    return [
        "The plan of the year is held until the day of the outage; from then on the cheapest answer is found that keeps the order of "
        "protection, with stocks, routes and plants as they stand on that day. After the days shown the plan goes on.",
        "All is told beside the plan of the same days: what was short anyway is not counted.",
    ]


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return Page(
        question(results),
        tuple(sentences(results)),
        tuple(key_numbers(results, words)),
        tuple(parts(results, words)),
        tuple(method(results)),
        tuple(results.meta.get("limits", [])),
    )

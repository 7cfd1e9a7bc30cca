"""Page of fuels: days of cover of each region, who goes short under the stress, what more trains, trucks and wagons bring."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.numbers import figure, human, percent
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Cell, Column, Head, View, frame_view, number_cell, share_cell, text_column
from kelisim.report.theme import line_looks, new_figure, nothing, safe
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.results.sentences import amount, energy, moment
from kelisim.tolerances import SMALL_ENERGY as NONE

MOST_BARS = 14
MOST_LINES = 5
NOTHING = "No train, truck or wagon more would bring anything."


def question(results: Results) -> str:
    """What was asked."""
    return "How long do fuels last in each region, who goes short if trains or wagons are lacking, and what would more of them bring?"


def sentences(results: Results) -> list[str]:
    """The answer in words: the stress and what helps first, then the cover of each fuel."""
    said = results["summary"].set_index("key")["text"]
    cover = [key for key in said.index if str(key).startswith("cover_")]
    return [str(said[key]) for key in ("stress", "relief", "others", *cover) if said[key]]


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    short, relief, cover = results["short"], results["relief"], results["cover"]
    fuel = short[short["is_fuel"]]
    stocked = cover[cover["stock"] > NONE]
    found = [
        KeyNumber(energy(float(fuel["unserved"].sum())), "of fuel unserved under the stress",
                  f"{len(fuel)} groups of customers" if len(fuel) else "nobody is cut", len(fuel) > 0),
    ]  # fmt: skip
    if len(stocked):
        low = stocked.loc[stocked["cover_days"].idxmin()]
        beside = f"{low['name']}, {book.carrier_in_text(low['carrier'])}"
        found.append(
            KeyNumber(f"{figure(low['cover_days'], 2)} days", "least cover where there are stocks", beside)
        )
    best = relief.iloc[0] if len(relief) else None
    words = "nothing would help" if best is None else f"saved by {best['increase']}"
    found.append(
        KeyNumber(
            book.money(best["saved"] if best is not None else 0.0),
            words,
            best["name"] if best is not None else "",
        )
    )
    return found


def parts(results: Results, book: Words) -> list[Part]:
    """What follows the first page."""
    short, relief = results["short"], results["relief"]
    return [
        old_part("Days of cover", "cover", (_cover_bars(results, book),), some(_cover_view(results, book))),
        old_part("Who goes short", "short", (_short_bars(short, book),) if len(short) else (), some(_short_view(short, book)), "No customer lacks fuel."),
        old_part("Stocks over time", "stocks", (_stocks(results, book),)),
        old_part("What lost its share", "stress", (), some(_stress_view(results))),
        old_part("What more would bring", "relief", (_relief_bars(relief, book),) if len(relief) else (), some(_relief_view(relief, book)), NOTHING),
    ]  # fmt: skip


def _cover_bars(results: Results, book: Words) -> go.Figure:
    rows = results["cover"]
    rows = rows[rows["stock"] > NONE].sort_values("cover_days", kind="stable").head(MOST_BARS)
    if rows.empty:
        return nothing("No region has stocks of these fuels")
    low = rows.iloc[0]
    title = f"{low['name']} has least: {figure(low['cover_days'], 2)} days of {book.carrier_in_text(low['carrier'])}"
    names = [f"{r.name}, {book.carrier_in_text(r.carrier)}" for r in rows.itertuples(index=False)]
    values = rows["cover_days"].tolist()
    marker = {"color": [book.colour(c) for c in rows["carrier"]]}
    axis = "days of use that stocks cover, as if nothing came in; regions with stocks"
    return bars(title, names, values, [figure(v, 2) for v in values], marker, axis)


def _cover_view(results: Results, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Region", lambda row: row["name"]),
        text_column("Fuel", lambda row: book.carrier(row["carrier"])),
        (Head("Use a day", "", True), lambda row: _amount(book, row["carrier"], row["use_day"])),
        (Head("Stock", "", True), lambda row: _amount(book, row["carrier"], row["stock"])),
        (Head("Cover", "days", True), lambda row: number_cell(row["cover_days"])),
        (Head("Reserve of the state", "", True, True), lambda row: _amount(book, row["carrier"], row["reserve"])),
        (Head("By rail", "%", True), lambda row: share_cell(row["rail_share"])),
        (Head("Over the border", "%", True), lambda row: share_cell(row["across_share"])),
        (Head("Of protected customers", "%", True, True), lambda row: share_cell(row["protected_share"])),
    ]  # fmt: skip
    caption = "Use, stocks and days of cover on the first day; of what comes in, how much comes by rail, and by rail or road over the border"
    return frame_view(caption, results["cover"], columns)


def _amount(book: Words, carrier: str, value: float) -> Cell:
    return Cell(amount(book.case, carrier, float(value)), round(float(value), 3))


def _short_bars(short: pd.DataFrame, book: Words) -> go.Figure:
    rows = short.head(MOST_BARS)
    top = rows.iloc[0]
    names = [
        f"{r.name}, {book.carrier_in_text(r.carrier)}, {human(r.customer_class)}"
        for r in rows.itertuples(index=False)
    ]
    values = (rows["unserved"] / 1e3).tolist()
    lacking = (
        f"{amount(book.case, top['carrier'], top['unserved'])} of {book.carrier_in_text(top['carrier'])}"
    )
    texts = [f"{figure(v)} ({percent(r)})" for v, r in zip(values, rows["unserved_rate"], strict=True)]
    marker = {"color": [book.colour(c) for c in rows["carrier"]]}
    title = f"{top['name']} lacks most: {lacking}, {human(top['customer_class'])}"
    return bars(
        title,
        names,
        values,
        texts,
        marker,
        "unserved beyond the plan, GWh (share of the use in the days shown)",
    )


def _short_view(short: pd.DataFrame, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Region", lambda row: row["name"]),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        text_column("Customers", lambda row: human(row["customer_class"])),
        (Head("Unserved", "", True), lambda row: _amount(book, row["carrier"], row["unserved"])),
        (Head("Of its use", "%", True), lambda row: share_cell(row["unserved_rate"], True)),
        text_column("First short", lambda row: moment(book.case, row["first_short"])),
        (Head("After", "days", True, True), lambda row: number_cell(row["days_served"])),
    ]
    return frame_view("Who goes short under the stress, fuels first, the largest first", short, columns)


def _stocks(results: Results, book: Words) -> go.Figure:
    """Stocks of each fuel in the regions shown, as a share of what is there by the plan at the start."""
    rows = (
        results["levels"]
        .groupby(["carrier", "step"], sort=False)[["level", "level_base"]]
        .sum()
        .reset_index()
    )
    first = rows.groupby("carrier")["level_base"].first()
    some = rows.assign(lost=rows["level_base"] - rows["level"]).groupby("carrier")["lost"].max()
    chosen = [c for c in some.sort_values(ascending=False, kind="stable").index if first[c] > NONE][
        :MOST_LINES
    ]
    if not chosen:
        return nothing("The regions shown have no stocks of these fuels")
    made = new_figure("Stocks in the regions shown under the stress, beside the plan", 330)
    for carrier, (colour, dash) in zip(chosen, line_looks(book.colour(chosen[0]), len(chosen)), strict=True):
        own = rows[rows["carrier"] == carrier]
        for name, words, width in (("level", "", 2.5), ("level_base", ", plan", 1.0)):
            made.add_trace(
                go.Scatter(
                    x=own["step"], y=(own[name] / first[carrier] * 100).round(2), mode="lines", line={"color": colour, "dash": dash, "width": width},
                    name=safe(f"{book.carrier(carrier)}{words}"), hovertemplate="%{x|%d %b %Y}: %{y:.1f} %<extra></extra>",
                )
            )  # fmt: skip
    made.update_yaxes(title_text="% of the plan's first stock", rangemode="tozero")
    made.update_layout(showlegend=True, margin={"b": 92})
    return made


def _stress_view(results: Results) -> View | None:
    columns: list[Column] = [
        text_column("Track or shared limit", lambda row: row["name"]),
        text_column("Unit", lambda row: row["unit"], True),
        (Head("Before", "", True), lambda row: number_cell(row["before"])),
        (Head("Left", "", True), lambda row: number_cell(row["left"])),
        (Head("Used by the plan", "", True), lambda row: number_cell(row["used_plan"])),
        (Head("Used now", "", True), lambda row: number_cell(row["used"])),
    ]
    caption = "What lost its share, mean of the days; what waits at a crossing is what the plan uses and is not used now"
    return frame_view(caption, results["stress"], columns)


def _relief_bars(relief: pd.DataFrame, book: Words) -> go.Figure:
    top = relief.iloc[0]
    names = [f"{r.increase}: {r.name}" for r in relief.itertuples(index=False)]
    values = (relief["saved"] / 1e6).tolist()
    title = f"{top['increase'][:1].upper()}{top['increase'][1:]} on {top['name']} saves most: {book.money(top['saved'])}"
    axis = f"saved when solved again, million {book.currency}"
    return bars(title, names, values, [figure(v) for v in values], {"color": "#7d7a72"}, axis)


def _relief_view(relief: pd.DataFrame, book: Words) -> View | None:
    money = f"million {book.currency}"
    columns: list[Column] = [
        text_column("More", lambda row: row["increase"]),
        text_column("On", lambda row: row["name"]),
        (Head("Saves", money, True), lambda row: number_cell(row["saved"] / 1e6)),
        (Head("By shadow price", money, True), lambda row: number_cell(row["saved_by_price"] / 1e6)),
        text_column("Serves more", lambda row: row["serves"]),
    ]
    caption = "What more of one thing brings, solved again and by the shadow price of the stress, which holds for the first ton"
    return frame_view(caption, relief, columns)


def method(results: Results) -> list[str]:
    """What the numbers are."""
    return [
        "Days of cover are the stock of the first day over the use of a day in the plan. The stress takes its share from the limits for "
        "the days named and gives it back afterwards; the cheapest answer is found that keeps the order of protection.",
        "One more train, more trucks and more wagons are added to the stress one at a time and solved again. The shadow price says what the "
        "first ton would bring; the whole increase never brings more than its price says.",
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

"""Pages of a disruption and of contingencies: the answer, rankings, who goes short, what follows from what, service over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.report.looks import line_looks, new_figure, nothing, safe
from kelisim.report.ranks import _ranks
from kelisim.report.words import Book, figure, human, many, percent
from kelisim.results.event_words import of_event
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.sentences import amount, day, energy, moment, rounded
from kelisim.studies.balance.page import KeyNumber
from kelisim.studies.balance.tables import Cell, Head, View, number_cell, share_cell, words_cell

STUDIES = ("disruption", "contingency")
MOST_BARS = 12
MOST_ROWS = 200
MOST_LINES = 5
Row = dict[str, Any]
Column = tuple[Head, Callable[[Row], Cell]]


@dataclass(frozen=True)
class Part:
    """One part of a page: heading, anchor, figures and tables; `none` stands where there are none."""

    heading: str
    anchor: str
    figures: tuple[go.Figure, ...] = ()
    tables: tuple[View, ...] = ()
    none: str = ""


def question(results: Results) -> str:
    """What was asked."""
    if results.study == "disruption":
        return "Who goes short, from when and by how much, if this is lost, and what takes over?"
    return "What does each loss do on its own, and which losses together are worst?"


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    if results.study == "disruption":
        said = results["summary"].set_index("key")["text"]
        found = [str(said["answer"]), *(f"{words.rstrip('.')}." for words in of_event(results["summary"]))]
        hour = results.tables.get("first_hour")
        if hour is not None:
            total = float(hour["unserved"].sum())
            found.append(
                f"In the first hour, before anything can be redispatched, {rounded(total)} MW of power are shed."
            )
        return found
    singles = results["singles"]
    short = int((singles["unserved"] > 0).sum())
    found = [
        f"{_when(results)}: {len(singles):,} losses were looked at, each for the whole step; {short:,} of them leave somebody unserved."
    ]
    if len(singles) and singles["extra_cost"].iloc[0] > 0:
        top = singles.iloc[0]
        found.append(f"The costliest is {top['name']}: {energy(float(top['unserved']))} stay unserved, most in {top['most_in']}."
                     if top["most_in"] else f"The costliest is {top['name']}: nobody goes short.")  # fmt: skip
    if "worst" in results and len(results["worst"]):
        worst = results["worst"].iloc[0]
        proof = (
            "no other set of that size is worse"
            if worst["is_proven"]
            else "another set may be worse, by the gap that is told"
        )
        found.append(f"The worst set of {int(worst['size'])} is {worst['name']}; {proof}.")
    return found


def _when(results: Results) -> str:
    """The step that was looked at."""
    asked = results.meta.get("day")
    if results.case.horizon.step == "1mo":
        return f"In {moment(results.case, asked)}"
    return f"On {day(asked)}"


def key_numbers(results: Results, book: Book) -> list[KeyNumber]:
    """Three numbers of the first page."""
    if results.study == "contingency":
        singles = results["singles"]
        short = int((singles["unserved"] > 0).sum())
        top = singles.iloc[0] if len(singles) else None
        return [
            KeyNumber(f"{short:,}", "losses leave somebody unserved", f"of {len(singles):,}", short > 0),
            KeyNumber(f"{int((singles['protected'] > 0).sum()):,}", "losses cut protected customers", f"of {len(singles):,}",
                      bool((singles["protected"] > 0).any())),
            KeyNumber(energy(float(top["unserved"])) if top is not None else "0", "unserved in the costliest loss",
                      str(top["name"]) if top is not None else ""),
        ]  # fmt: skip
    values = results["summary"].set_index("key")["value"].astype(float)
    texts = results["summary"].set_index("key")["text"]
    days = float(values["coverage_days"])
    cover = "no cut" if np.isnan(days) else f"{figure(days, 2)} days"
    beside = "none is cut" if np.isnan(days) else f"first in the step of {texts['first_protected_short']}"
    return [
        KeyNumber(energy(values["unserved_energy"]), "unserved beyond the plan",
                  f"of it protected: {energy(values['unserved_protected'])}", values["unserved_energy"] > 0),
        KeyNumber(cover, "until a protected customer is cut", beside, not np.isnan(days)),
        KeyNumber(book.money(values["extra_cost"]), "extra cost", "unserved energy at its value of lost load included"),
    ]  # fmt: skip


def parts(results: Results, book: Book) -> list[Part]:
    """What follows the first page."""
    return _disruption(results, book) if results.study == "disruption" else _contingency(results, book)


# ---- disruption
def _disruption(results: Results, book: Book) -> list[Part]:
    short = results["demand.total"]
    short = short[short["first_short"].notna()].assign(more=lambda f: f["unserved"] - f["unserved_base"])
    found = [
        Part("Who goes short", "short", (_short_bars(short, book),) if len(short) else (), _some(_short_view(short, book)), "Nobody goes short."),
        Part("Service over time", "service", (_service(results, book),)),
        Part("What follows", "chain", (), _some(_chain_view(results)), "Nothing changes."),
    ]  # fmt: skip
    hour = results.tables.get("first_hour")
    if hour is not None:
        found.append(Part("The first hour", "hour", (), _some(_hour_view(hour, book)), "No power is shed."))
    return found


def _short_bars(short: pd.DataFrame, book: Book) -> go.Figure:
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
    return _ranks(
        title,
        names,
        values,
        texts,
        marker,
        "unserved beyond the plan, GWh (share of the demand in the days shown)",
    )


def _short_view(short: pd.DataFrame, book: Book) -> View | None:
    columns: list[Column] = [
        _text("Place", lambda row: book.place(row["place"])),
        _text("Carrier", lambda row: book.carrier(row["carrier"])),
        _text("Customers", lambda row: human(row["customer_class"])),
        _text("Protected", lambda row: "yes" if row["protected"] else "no", True),
        (Head("Unserved", "", True), lambda row: Cell(amount(book.case, row["carrier"], row["more"]), round(float(row["more"]), 6))),
        (Head("Of its use", "%", True), lambda row: share_cell(row["more"] / row["demand"], True)),
        (Head("Highest cut", "MW", True, True), lambda row: number_cell(row["peak"])),
        _text("First short", lambda row: moment(book.case, row["first_short"])),
        (Head("After", "days", True, True), lambda row: number_cell(row["days_served"])),
    ]  # fmt: skip
    return _view("Who goes short beyond the plan, the largest first", short, columns)


def _service(results: Results, book: Book) -> go.Figure:
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
                x=own["step"], y=(own["served_share"] * 100).round(3), mode="lines", name=safe(f"{book.country(who)}, {book.carrier_in_text(what)}"),
                line={"shape": "hv", "color": colour, "dash": dash}, hovertemplate="%{x|%d %b %Y}: %{y:.1f} %<extra></extra>",
            )
        )  # fmt: skip
    made.update_yaxes(title_text="served, % of the demand", rangemode="tozero")
    made.update_layout(showlegend=True, margin={"b": 78})
    return made


def _chain_view(results: Results) -> View | None:
    columns: list[Column] = [
        (Head("Step", "", True), lambda row: number_cell(row["order"])),
        _text("Because of", lambda row: row["because_name"] or "lost"),
        _text("What changes while the outage lasts", lambda row: row["text"]),
    ]
    return _view(
        "What changed next to what was lost, and next to that; of neighbourhood, not of proof",
        results["chain"],
        columns,
    )


def _hour_view(hour: pd.DataFrame, book: Book) -> View | None:
    columns: list[Column] = [
        _text("Place", lambda row: book.place(row["place"])),
        _text("Customers", lambda row: human(row["customer_class"])),
        (Head("Shed", "MW", True), lambda row: number_cell(row["unserved"])),
        (Head("Of its use", "%", True), lambda row: share_cell(row["unserved"] / row["demand"], True)),
    ]
    return _view("Power shed in the hour of the loss, before anything can be redispatched", hour, columns)


# ---- contingencies
def _contingency(results: Results, book: Book) -> list[Part]:
    singles = results["singles"]
    costly = singles[singles["extra_cost"] > 0]
    found = [
        Part("Single losses", "singles", (_single_bars(costly, book),) if len(costly) else (), _some(_singles_view(costly, book)), "No loss costs anything."),
    ]  # fmt: skip
    for name, heading, anchor in (
        ("pairs", "The costliest pairs", "pairs"),
        ("worst", "The worst set", "worst"),
    ):
        if name in results:
            found.append(Part(heading, anchor, (), _some(_sets_view(results[name], book, heading))))
    found.append(Part("N-1 formula", "formula", (), _some(_formula_view(results["n1_formula"], book)), "No country uses the carriers asked for."))  # fmt: skip
    return found


def _single_bars(costly: pd.DataFrame, book: Book) -> go.Figure:
    rows = costly.head(MOST_BARS)
    values = (rows["extra_cost"] / 1e6).tolist()
    title = f"{rows['name'].iloc[0]} is the costliest single loss: {book.money(float(rows['extra_cost'].iloc[0]))}"
    marker = {"color": ["#7d7a72" if p > 0 else "#cfcbc2" for p in rows["protected"]]}
    axis = f"extra cost, million {book.currency}; dark: protected customers are cut"
    return _ranks(title, [str(n) for n in rows["name"]], values, [figure(v) for v in values], marker, axis)


def _singles_view(costly: pd.DataFrame, book: Book) -> View | None:
    columns: list[Column] = [
        _text("Lost", lambda row: row["name"]),
        _text("Kind", lambda row: str(row["table"]).removesuffix("s"), True),
        (Head("Extra cost", f"million {book.currency}", True), lambda row: number_cell(row["extra_cost"] / 1e6)),
        (Head("Unserved", "GWh", True), lambda row: number_cell(row["unserved"] / 1e3)),
        (Head("Of it protected", "GWh", True), lambda row: number_cell(row["protected"] / 1e3)),
        _text("Most in", lambda row: row["most_in"], True),
    ]  # fmt: skip
    more = f"; the first {MOST_ROWS} of {len(costly):,}" if len(costly) > MOST_ROWS else ""
    return _view(f"Losses that cost anything, the costliest first{more}", costly.head(MOST_ROWS), columns)


def _sets_view(frame: pd.DataFrame, book: Book, caption: str) -> View | None:
    columns: list[Column] = [
        _text("Lost together", lambda row: row["name"]),
        (
            Head("Extra cost", f"million {book.currency}", True),
            lambda row: number_cell(row["extra_cost"] / 1e6),
        ),
        _text("Proof", lambda row: "proven" if row["is_proven"] else "not proven"),
    ]
    if "gap" in frame:
        columns.append(
            (Head("Gap", f"million {book.currency}", True, True), lambda row: number_cell(row["gap"] / 1e6))
        )
    return _view(f"{caption}: {many(len(frame), 'set')}", frame, columns)


def _formula_view(frame: pd.DataFrame, book: Book) -> View | None:
    known = element_names(book.case)
    columns: list[Column] = [
        _text("Country", lambda row: book.country(row["country"])),
        _text("Carrier", lambda row: book.carrier(row["carrier"])),
        (Head("Storages at", "%", True), lambda row: share_cell(row["level"])),
        _text("Largest infrastructure", lambda row: " + ".join(known.get(e, e) for e in str(row["largest"]).split(" + "))),
        (Head("N-1", "%", True), lambda row: share_cell(row["n1"])),
        _text("Met", lambda row: "yes" if row["is_met"] else "no"),
        (Head("Unserved in the solved network", "GWh", True), lambda row: number_cell(row["unserved_model"] / 1e3)),
    ]  # fmt: skip
    return _view(
        "N-1 formula of Regulation (EU) 2017/1938, beside what the network does without that infrastructure",
        frame,
        columns,
    )


# ---- tables
def _view(caption: str, frame: pd.DataFrame, columns: list[Column]) -> View | None:
    if frame.empty:
        return None
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    return View(caption, [head for head, _ in columns], [[make(row) for _, make in columns] for row in rows])


def _text(words: str, of: Callable[[Row], Any], minor: bool = False) -> Column:
    return Head(words, is_minor=minor), lambda row: words_cell(of(row))


def _some(view: View | None) -> tuple[View, ...]:
    return () if view is None else (view,)


def method(results: Results) -> list[str]:
    """What the numbers are."""
    if results.study == "disruption":
        return [
            "The plan of the year is held until the day of the outage; from then on the cheapest answer is found that keeps the order of "
            "protection, with stocks, routes and plants as they stand on that day. After the days shown the plan goes on.",
            "All is told beside the plan of the same days: what was short anyway is not counted.",
        ]
    return [
        "Each element is lost for the whole step. What the plan does not use changes nothing when it is lost, and is not solved.",
        "Pairs and sets are proven by bounds on what a loss can cost at most; where a search was stopped, the gap is told.",
    ]

"""Page of a restoration: orders of repair beside each other, who repairs what and when, what is short until all is back."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.numbers import figure, first_upper, human, percent
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Cell, Column, Head, View, frame_view, number_cell, share_cell, text_column
from kelisim.report.theme import DASHES, INK, QUIET, RED, new_figure, nothing, safe
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.results.sentences import day, energy

CREWS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
LINES = (INK, RED, "#7d7a72", QUIET, "#4a4842")


def question(results: Results) -> str:
    """What was asked."""
    return (
        "In which order should what is damaged be repaired, so that customers lose least until all is back?"
    )


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    said = results["summary"].set_index("key")["text"]
    return [str(said[key]) for key in ("answer", "proof", "stocks") if said[key]]


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    orders = results["orders"].set_index("order")
    best, other = orders.loc["best"], orders.loc["capacity"]
    more = float(other["cost"] - best["cost"])
    return [
        KeyNumber(energy(float(best["unserved"])), "unserved until all is back, best order",
                  f"{energy(float(other['unserved']))} with largest capacity first", best["unserved"] > 0),
        KeyNumber(book.money(more), "saved beside largest capacity first",
                  f"{percent(more / other['cost'])} of its extra cost" if other["cost"] > 0 else "nothing is lost"),
        KeyNumber(f"{best['length']:.4g} days", "until all is back", f"{results.meta['crews']} at work at most"),
    ]  # fmt: skip


def parts(results: Results, book: Words) -> list[Part]:
    """What follows the first page."""
    found = [
        old_part("Orders of repair", "orders", (_orders(results, book),), some(_orders_view(results, book))),
        old_part("Who repairs what, and when", "schedule", (_gantt(results),), some(_schedule_view(results))),
        old_part("Short until all is back", "curve", (_curve(results),)),
        old_part("What is damaged", "elements", (), some(_elements_view(results, book))),
    ]
    if "window.total" in results:
        short = results["window.total"]
        short = short[short["order"] == "best"]
        found.append(
            old_part(
                "Who goes short in the best order",
                "short",
                (),
                some(_short_view(short, book)),
                "Nobody goes short.",
            )
        )
    return found


def _orders(results: Results, book: Words) -> go.Figure:
    rows = results["orders"].sort_values("cost", kind="stable")
    if not (rows["cost"] > 0).any():
        return nothing("Nothing is lost in any order")
    values = (rows["cost"] / 1e6).tolist()
    last = rows.iloc[-1]
    title = (
        f"{first_upper(last['name'])}: {percent(last['above_best'])} above the best order"
        if last["above_best"] > 0
        else "All orders lose the same"
    )
    marker = {"color": ["#4a4842" if key == "best" else "#cfcbc2" for key in rows["order"]]}
    axis = f"extra cost until all is back, million {book.currency}"
    return bars(title, rows["name"].tolist(), values, [figure(v) for v in values], marker, axis)


def _orders_view(results: Results, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Order", lambda row: row["name"]),
        (Head("All back after", "days", True, True), lambda row: _days(row["length"])),
        (Head("Unserved", "GWh", True), lambda row: number_cell(row["unserved"] / 1e3)),
        (Head("Extra cost", f"million {book.currency}", True), lambda row: number_cell(row["cost"] / 1e6)),
        (Head("Above the best", "%", True), lambda row: share_cell(row["above_best"], True)),
    ]
    frame = results["orders"]
    if "window_unserved" in frame:
        columns += [
            (Head("Unserved with stocks", "GWh", True), lambda row: number_cell(row["window_unserved"] / 1e3)),
            (Head("Extra cost with stocks", f"million {book.currency}", True, True), lambda row: number_cell(row["window_cost"] / 1e6)),
        ]  # fmt: skip
    return frame_view(
        "Orders of repair, until all is back; of the random ones the mean, with stocks a typical one",
        frame,
        columns,
    )


def _gantt(results: Results) -> go.Figure:
    """Bars of the best order: from the first day on, a colour for each crew."""
    rows = results["schedule"]
    rows = rows[rows["order"] == "best"]
    first = rows.iloc[0]
    title = f"First {first['name']}; the last repair ends on {day(rows['to'].max())}"
    made = new_figure(title, 110 + 30 * len(rows))
    for crew, own in rows.groupby("crew"):
        made.add_trace(
            go.Bar(
                y=[safe(name) for name in own["name"]], x=own["days"], base=own["begins"], orientation="h", name=f"crew {crew}",
                marker={"color": CREWS[(int(str(crew)) - 1) % len(CREWS)]},
                customdata=[f"{day(a)} to {day(b)}" for a, b in zip(own["from"], own["to"], strict=True)],
                hovertemplate="%{y}: %{customdata}<extra></extra>",
            )
        )  # fmt: skip
    made.update_yaxes(categoryorder="array", categoryarray=[safe(name) for name in rows["name"]][::-1])
    made.update_xaxes(title_text="days from the start", rangemode="tozero")
    made.update_layout(barmode="overlay", showlegend=True, margin={"b": 78})
    return made


def _days(value: float) -> Cell:
    """Days as they were asked: whole ones without a point."""
    return Cell(f"{value:.4g}", round(float(value), 6))


def _schedule_view(results: Results) -> View | None:
    rows = results["schedule"]
    rows = rows[rows["order"] == "best"]
    columns: list[Column] = [
        text_column("Place", lambda row: str(row["place"])),
        text_column("Repair", lambda row: row["name"]),
        text_column("Crew", lambda row: str(row["crew"])),
        text_column("From", lambda row: day(row["from"])),
        text_column("To", lambda row: day(row["to"])),
        (Head("Takes", "days", True), lambda row: _days(row["days"])),
    ]
    return frame_view("The best order, crew by crew", rows, columns)


def _curve(results: Results) -> go.Figure:
    """MW unserved from the first day on, one step line for each order."""
    rows = results["curve"]
    names = results["orders"].set_index("order")["name"]
    if not (rows["unserved"] > 0).any():
        return nothing("Nobody goes short in any order")
    best = rows[rows["order"] == "best"]
    most = float(best["unserved"].max())
    left = best[best["unserved"] <= most / 2]
    title = f"Best order: {figure(most / 1e3)} GW short at first, half of it or less after {float(left['begins'].min()):.4g} days"
    made = new_figure(title, 340)
    for at, (key, own) in enumerate(rows.groupby("order", sort=False)):
        word = str(names[key]).split(",")[0] + (", a typical one" if key == "random" else "")
        made.add_trace(
            go.Scatter(
                x=own["begins"], y=(own["unserved"] / 1e3).round(4), mode="lines", name=safe(word),
                line={"shape": "hv", "color": LINES[at % len(LINES)], "dash": DASHES[at % len(DASHES)], "width": 3 if key == "best" else 1.5},
                hovertemplate="from day %{x}: %{y:.3g} GW<extra></extra>",
            )
        )  # fmt: skip
    made.update_yaxes(title_text="unserved beyond the plan, GW", rangemode="tozero")
    made.update_xaxes(title_text="days from the start")
    made.update_layout(showlegend=True, margin={"b": 92})
    return made


def _elements_view(results: Results, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Damaged", lambda row: row["name"]),
        (Head("Repair takes", "days", True), lambda row: _days(row["days"])),
        text_column("Days from", lambda row: row["days_from"], True),
        (Head("Capacity", "MW", True, True), lambda row: number_cell(row["capacity"])),
        (Head("Extra cost if only this is out", f"million {book.currency}/day", True), lambda row: number_cell(row["cost_alone"] / 1e6)),
        (Head("Unserved then", "MW", True), lambda row: number_cell(row["unserved_alone"])),
    ]  # fmt: skip
    return frame_view(
        "What is damaged, and what it costs if nothing else is out", results["elements"], columns
    )


def _short_view(short: pd.DataFrame, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Place", lambda row: book.place(row["place"])),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        text_column("Customers", lambda row: human(row["customer_class"])),
        (Head("Unserved", "GWh", True), lambda row: number_cell(row["unserved"] / 1e3)),
        (Head("Of its use", "%", True), lambda row: share_cell(row["unserved_rate"], True)),
    ]
    return frame_view("Who goes short until all is back and in the days after, with stocks", short, columns)


def method(results: Results) -> list[str]:
    """What the numbers are."""
    return [
        "What each set of damaged elements costs a day is asked on the step of the first day, each set once; the cost of an order is the sum "
        "over the days until all is back. For a few elements all orders are looked at or ruled out; for more, the best order found stands "
        "beside a bound from the prices of the solved sets that no order can be below.",
        "The same orders are then run through the days with dated outages, so that stocks, goods on their way and later days count.",
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

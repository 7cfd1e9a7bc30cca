"""Bar charts: who goes short, which limits cost most, what the year costs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.numbers import figure, first_upper, human, percent, text_of
from kelisim.report.theme import new_figure, nothing, safe
from kelisim.report.words import Words
from kelisim.results.results import Results

NETWORK = ("links", "resources", "storages", "contracts")


def unserved(results: Results, most: int = 12) -> go.Figure:
    """Who goes short, the largest first, in GWh."""
    book = Words(results.case)
    rows = short_rows(results)
    if rows.empty:
        return nothing(f"Nothing is unserved, {book.period}")
    total = float(rows["unserved"].sum())
    worst = rows.iloc[0]
    label = [
        f"{book.short_place(r.place)}, {book.carrier_in_text(r.carrier)}, {human(r.customer_class)}"
        for r in rows.itertuples()
    ]
    title = (
        f"{figure(total / 1e3)} GWh unserved, {book.period}; most in {book.place(worst['place'])}: "
        f"{book.amount(worst['unserved'], worst['carrier'])} of {book.carrier_in_text(worst['carrier'])}"
    )
    shown = rows.head(most)
    values = (shown["unserved"] / 1e3).tolist()
    texts = [f"{figure(v)} ({percent(r)})" for v, r in zip(values, shown["unserved_rate"], strict=True)]
    marker = {
        "color": [book.colour(c) for c in shown["carrier"]],
        "pattern": {
            "shape": ["x" if p else "" for p in shown["protected"]],
            "fillmode": "overlay",
            "fgcolor": "#fff",
        },
    }
    axis = "unserved, GWh (share of demand)" + ("; hatched: protected" if shown["protected"].any() else "")
    return bars(title, label[: len(shown)], values, texts, marker, axis)


def short_rows(results: Results) -> pd.DataFrame:
    """Rows of demand.total that are not wholly served, the largest first; dust of the solver left out."""
    rows = results["demand.total"]
    dust = 1e-7 * max(float(rows["demand"].sum()), 1.0) / max(len(rows), 1)
    short = rows[(rows["unserved"] > dust) & (rows["unserved"] > 1e-6 * rows["demand"])]
    return short.sort_values("unserved", ascending=False, kind="stable").reset_index(drop=True)


def bottlenecks(results: Results, most: int = 12, network: bool = False) -> go.Figure:
    """The limits that cost most, in money over the horizon.

    network  only limits between places (links, shared limits, storages, contracts), not what fields can make
    """
    book = Words(results.case)
    rows = results["bottlenecks"]
    rows = rows[rows["table"].isin(NETWORK)] if network else rows
    rows = rows[rows["value"] > 0].head(most)
    if rows.empty:
        return nothing(f"No limit {'of the network ' if network else ''}costs anything, {book.period}")
    names = [
        text_of(name) or book.element(table, key)
        for name, table, key in zip(rows["name"], rows["table"], rows["element"], strict=True)
    ]
    names = [name if len(name) < 44 else name.split(" (")[0] for name in names]
    top = rows.iloc[0]
    of = " of the network" if network else ""
    title = f"{names[0]} is the dearest limit{of}: {book.money(top['value'])} {book.in_period}"
    size, word = (
        (1e9, "billion") if top["value"] >= 1e9 else (1e6, "million") if top["value"] >= 1e6 else (1.0, "")
    )
    values = rows["value"].to_numpy() / size
    labels = [
        f"{first_upper(name)}{_limit_words(book, table, limit, carrier)}"
        for name, table, limit, carrier in zip(
            names, rows["table"], rows["limit"], rows["carrier"], strict=True
        )
    ]
    marker = {"color": [book.colour(c) if text_of(c) else "#a8a49a" for c in rows["carrier"]]}
    axis = f"cost of the limit, {word} {book.currency}".replace("  ", " ")
    return bars(title, labels, values.tolist(), [figure(v) for v in values], marker, axis)


def _limit_words(book: Words, table: Any, limit: Any, carrier: Any) -> str:
    """What follows the name of a limit: the carrier, and the kind of limit where it is not plain capacity."""
    of = f" ({book.carrier_in_text(carrier)})" if text_of(carrier) else ""
    return of if human(limit).startswith("capacity") or table == "resources" else f"{of}, {human(limit)}"


def costs(results: Results) -> go.Figure:
    """What the year costs and earns, item by item."""
    book = Words(results.case)
    rows = results["costs"]
    rows = rows[rows["amount"].abs() > 0.5]
    if rows.empty:
        return nothing("Nothing costs anything")
    rows = rows.reindex(rows["amount"].abs().sort_values(ascending=False).index)
    size, word = (1e9, "billion ") if rows["amount"].abs().max() >= 1e9 else (1e6, "million ")
    values = rows["amount"].to_numpy() / size
    paid = rows[rows["amount"] > 0]
    first = human(paid.iloc[0]["item"]) if len(paid) else ""
    title = (
        f"The largest cost is {first}: {book.money(paid.iloc[0]['amount'])}"
        if len(paid)
        else "Sales earn more than supply costs"
    )
    marker = {"color": ["#7d7a72" if v > 0 else "#cfcbc2" for v in values]}
    names = [first_upper(human(item)) for item in rows["item"]]
    axis = f"{word}{book.currency}" + ("; income to the left of zero" if values.min() < 0 else "")
    return bars(title, names, values.tolist(), [figure(v) for v in values], marker, axis)


def under_names(title: str, names: list[str], **layout: Any) -> go.Figure:
    """An empty figure with a line for each name, 0 at the top, and the name above the line, so that it has the whole width."""
    made = new_figure(title, 96 + 38 * len(names), **layout)
    for row, name in enumerate(names):
        short = name if len(name) <= 58 else name[:57].rstrip() + "\u2026"
        made.add_annotation(
            x=0,
            xref="paper",
            y=row - 0.24,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            text=safe(short),
            font={"size": 11},
        )
    made.update_yaxes(visible=False, range=[len(names) - 0.6, -0.75])
    made.update_layout(margin={"l": 12})
    return made


def bars(
    title: str, names: list[str], values: list[float], texts: list[str], marker: dict[str, Any], axis: str
) -> go.Figure:
    """Bars of a ranking, each under its full name."""
    made = under_names(title, names, bargap=0.5)
    made.add_trace(
        go.Bar(
            orientation="h",
            x=[round(v, 6) for v in values],
            y=list(range(len(names))),
            width=0.42,
            marker=marker,
            text=texts,
            textposition="outside",
            cliponaxis=False,
            customdata=[safe(name) for name in names],
            hovertemplate="%{customdata}: %{x:.3g}<extra></extra>",
        )
    )
    low, high = min(0.0, *values), max(0.0, *values)
    room = (high - low) * min(0.06 + 0.012 * max(len(text) for text in texts), 0.5)
    made.update_xaxes(title_text=axis, range=[low - room if low < 0 else 0.0, high + room], nticks=6)
    return made

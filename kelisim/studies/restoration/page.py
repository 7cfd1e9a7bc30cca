"""Page of a restoration: orders of repair beside each other, who repairs what and when, what is short until all is back."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.let_go import several_parts
from kelisim.report.numbers import figure
from kelisim.report.page import KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.theme import DASHES, INK, QUIET, RED, new_figure, nothing, safe
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.let_go import TABLE, more_than_planned
from kelisim.results.results import Results

CREWS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
LINES = (INK, RED, "#7d7a72", QUIET, "#4a4842")
BEST, OTHER = "#4a4842", "#cfcbc2"


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return made_page(results, words, _parts(results, words), _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    orders, key = _kept(results["orders"]).set_index("order"), "restoration.numbers"
    best, other = orders.loc["best"], orders.loc["capacity"]
    more, short = other["cost"] - best["cost"], bool(best["unserved"] > 0)
    saved, share = ("saved", more / other["cost"]) if other["cost"] > 0 else ("saved_nothing", 0.0)
    return [
        key_number(words, f"{key}.unserved", short, best=best["unserved"], other=other["unserved"]),
        key_number(words, f"{key}.{saved}", more=more, share=share),
        key_number(
            words, f"{key}.length", length=best["length"], crews=int(results["schedule"]["crew"].max())
        ),
    ]


def _kept(orders: pd.DataFrame) -> pd.DataFrame:
    """The orders with what is told of them: cost and energy with stocks where the days were run."""
    if orders["window_cost"].isna().all():
        return orders
    return orders.assign(cost=orders["window_cost"], unserved=orders["window_unserved"])


def _parts(results: Results, words: Words) -> list[Part]:
    orders, schedule = _named(results, words), results["schedule"]
    schedule = schedule[schedule["order"] == "best"]
    columns = ["name", "-length:days", "unserved:thousands", "cost:millions", "above_best:bar"]
    if "window.total" in results:
        columns += ["window_unserved:thousands", "-window_cost:millions"]
    shown = view(words, orders, "restoration.orders", *columns)
    parts = [part(words, "restoration.orders", _bars(orders, words), shown)]
    columns = ["place:count", "element:element", "crew:count", "from:day", "to:day", "days:days"]
    shown = view(words, schedule, "restoration.schedule", *columns)
    parts.append(part(words, "restoration.schedule", _crews(schedule, words), shown))
    parts.append(part(words, "restoration.curve", _curve(results["curve"], words)))
    columns = ["element:element", "days:days", "-days_from:code restoration.days", "-capacity:number"]
    columns += ["cost_alone:millions", "unserved_alone:number"]
    shown = view(words, results["elements"], "restoration.elements", *columns, told=False)
    parts.append(part(words, "restoration.elements", shown))
    if "window.total" in results:
        short = results["window.total"]
        columns = ["place:place", "carrier:carrier_name", "customer_class:customers"]
        columns += ["unserved:thousands", "unserved_rate:bar"]
        shown = view(words, short[short["order"] == "best"], "restoration.short", *columns, told=False)
        parts.append(part(words, "restoration.short", shown))
    if TABLE in results:
        let_go = more_than_planned(results[TABLE])
        parts += several_parts(words, let_go[let_go["order"] == "best"], "restoration.let_go")
    return parts


def _named(results: Results, words: Words) -> pd.DataFrame:
    """The orders with their names; of the random ones it is said how many they are."""
    orders, drawn = results["orders"], facts_of(results["facts"])["drawn"].value
    keys = orders["order"].replace("random", "mean")
    return orders.assign(name=[words.text(f"restoration.order_{key}", drawn=drawn) for key in keys])


def _bars(orders: pd.DataFrame, words: Words) -> go.Figure:
    """Extra cost of each order, in millions."""
    rows = _kept(orders).sort_values("cost", kind="stable")
    if not (rows["cost"] > 0).any():
        return nothing(words.text("restoration.orders.nothing"))
    values, last = (rows["cost"] / 1e6).tolist(), rows.iloc[-1]
    kind = "bars" if last["above_best"] > 0 else "same"
    title = words.text(f"restoration.orders.{kind}", order=last["name"], share=last["above_best"])
    marker = {"color": [BEST if key == "best" else OTHER for key in rows["order"]]}
    texts, axis = [figure(value) for value in values], words.text("restoration.orders.axis")
    return bars(title, rows["name"].tolist(), values, texts, marker, axis)


def _crews(rows: pd.DataFrame, words: Words) -> go.Figure:
    """Bars of the best order: from the first day on, a colour for each crew."""
    names = rows["element"].map(words.label).map(safe)
    spans = [words.text("restoration.schedule.span", **row) for row in rows.to_dict("records")]
    title = words.text("restoration.schedule.title", element=rows["element"].iloc[0], last=rows["to"].max())
    made = new_figure(title, 110 + 30 * len(rows))
    for crew, own in rows.assign(name=names, span=spans).groupby("crew"):
        made.add_trace(
            go.Bar(
                y=own["name"].tolist(),
                x=own["days"],
                base=own["begins"],
                orientation="h",
                name=words.text("restoration.schedule.crew_name", crew=crew),
                marker={"color": CREWS[(int(str(crew)) - 1) % len(CREWS)]},
                customdata=own["span"].tolist(),
                hovertemplate="%{y}: %{customdata}<extra></extra>",
            )
        )
    made.update_yaxes(categoryorder="array", categoryarray=names.tolist()[::-1])
    made.update_xaxes(title_text=words.text("restoration.schedule.axis"), rangemode="tozero")
    made.update_layout(barmode="overlay", showlegend=True, margin={"b": 78})
    return made


def _curve(rows: pd.DataFrame, words: Words) -> go.Figure:
    """MW unserved from the first day on, one step line for each order."""
    if not (rows["unserved"] > 0).any():
        return nothing(words.text("restoration.curve.nothing"))
    best = rows[rows["order"] == "best"]
    most = float(best["unserved"].max())
    half = float(best["begins"][best["unserved"] <= most / 2].min())
    made = new_figure(words.text("restoration.curve.title", most=most / 1e3, days=half), 340)
    for at, (key, own) in enumerate(rows.groupby("order", sort=False)):
        name = words.text(f"restoration.order_{'typical' if key == 'random' else key}")
        look = {"color": LINES[at % len(LINES)], "dash": DASHES[at % len(DASHES)]}
        made.add_trace(
            go.Scatter(
                x=own["begins"],
                y=(own["unserved"] / 1e3).round(4),
                mode="lines",
                name=safe(name),
                line={"shape": "hv", "width": 3 if key == "best" else 1.5, **look},
                hovertemplate=words.text("restoration.curve.hover") + "<extra></extra>",
            )
        )
    made.update_yaxes(title_text=words.text("restoration.curve.axis"), rangemode="tozero")
    made.update_xaxes(title_text=words.text("restoration.schedule.axis"))
    made.update_layout(showlegend=True, margin={"b": 92})
    return made

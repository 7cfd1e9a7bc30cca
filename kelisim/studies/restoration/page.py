"""Page of a restoration: orders of repair beside each other, who repairs what and when, what is short until all is back."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kelisim.report.bars import bars, under_names
from kelisim.report.figure import Figure, nothing
from kelisim.report.let_go import several_parts
from kelisim.report.numbers import figure
from kelisim.report.page import KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.theme import DASH_ORDER, INK, QUIET, RED
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


def _bars(orders: pd.DataFrame, words: Words) -> Figure:
    """Extra cost of each order, in millions."""
    rows = _kept(orders).sort_values("cost", kind="stable")
    if not (rows["cost"] > 0).any():
        return nothing(words.text("restoration.orders.nothing"))
    values, last = (rows["cost"] / 1e6).tolist(), rows.iloc[-1]
    kind = "bars" if last["above_best"] > 0 else "same"
    title = words.text(f"restoration.orders.{kind}", order=last["name"], share=last["above_best"])
    colours = [BEST if key == "best" else OTHER for key in rows["order"]]
    texts, axis = [figure(value) for value in values], words.text("restoration.orders.axis")
    return bars(title, rows["name"].tolist(), values, texts, colours, axis)


def _crews(rows: pd.DataFrame, words: Words) -> Figure:
    """Bars of the best order: from the first day on, a colour for each crew."""
    names = rows["element"].map(words.label)
    told = [words.text("restoration.schedule.span", **row) for row in rows.to_dict("records")]
    told = [f"{name}: {span}" for name, span in zip(names, told, strict=True)]
    title = words.text("restoration.schedule.title", element=rows["element"].iloc[0], last=rows["to"].max())
    made = under_names(title, list(names), words.text("restoration.schedule.axis"), low=0)
    for crew, own in rows.assign(told=told, at=range(len(rows))).groupby("crew"):
        spans = list(zip(own["at"], own["begins"], own["begins"] + own["days"], strict=True))
        name = words.text("restoration.schedule.crew_name", crew=crew)
        made.spans(name, spans, CREWS[(int(str(crew)) - 1) % len(CREWS)], said=own["told"].tolist())
    return made


def _curve(rows: pd.DataFrame, words: Words) -> Figure:
    """MW unserved from the first day on, one step line for each order."""
    if not (rows["unserved"] > 0).any():
        return nothing(words.text("restoration.curve.nothing"))
    best = rows[rows["order"] == "best"]
    most = float(best["unserved"].max())
    half = float(best["begins"][best["unserved"] <= most / 2].min())
    made = Figure(words.text("restoration.curve.title", most=most / 1e3, days=half), 340)
    made.across(words.text("restoration.schedule.axis")).up(words.text("restoration.curve.axis"), low=0)
    tells = words.text("restoration.curve.hover", day="{x}", power="{y}")
    for at, (key, own) in enumerate(rows.groupby("order", sort=False)):
        name = words.text(f"restoration.order_{'typical' if key == 'random' else key}")
        look: dict[str, Any] = {"colour": LINES[at % len(LINES)], "dash": DASH_ORDER[at % len(DASH_ORDER)]}
        look |= {"width": 3 if key == "best" else 1.5, "step": "after", "tells": tells}
        made.line(name, own["begins"], (own["unserved"] / 1e3).round(4), **look)
    return made

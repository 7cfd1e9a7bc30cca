"""Page of ways to charge for a network: the rates, who pays how much for one unit, and what moves."""

from __future__ import annotations

import pandas as pd

from kelisim.report.figure import Figure
from kelisim.report.numbers import percent
from kelisim.report.page import KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import Column, Head, View, number_cell, view
from kelisim.report.theme import over
from kelisim.report.words import Words
from kelisim.results.results import Results

KEY = "tariffs"
PAYERS = ("home", "border", "entry")
SHADES = {"home": "#0072b2", "border": "#e69f00", "entry": "#7d7a72"}
MOST_PAYERS = 25


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    methods = list(results["methods"]["method"])
    parts = [
        part(words, f"{KEY}.methods", _methods(results, words)),
        part(words, f"{KEY}.groups", _groups(results, words, methods)),
        part(words, f"{KEY}.payers", *_payers(results, words, methods)),
        part(words, f"{KEY}.moved", _moved(results, words)),
    ]
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    methods = results["methods"].set_index("method")
    found = [key_number(words, f"{KEY}.key_revenue", value=methods.loc["present", "revenue"])]
    groups = results["payers"].groupby(["method", "payer"])["share"].sum()
    for method in ("present", "stamp"):
        if method in methods.index:
            share = float(groups.get((method, "border"), 0.0))
            found.append(key_number(words, f"{KEY}.key_{method}", value=share))
    return found


def _methods(results: Results, words: Words) -> View | None:
    frame = results["methods"]
    columns = ["method:code tariffs.method", "rate:number", "rate_entry:number"]
    money = "-revenue:millions, revenue_after:millions, -cost_after:millions"
    price = str(frame["unit"].iloc[0]) if len(frame) else ""
    return view(words, frame, f"{KEY}.methods", *columns, money, price=price)


def _groups(results: Results, words: Words, methods: list[str]) -> Figure | None:
    """Shares of the revenue by who pays, one bar for each way to charge."""
    shares = results["payers"].groupby(["method", "payer"])["share"].sum()
    if shares.empty:
        return None
    made = Figure(words.text(f"{KEY}.groups.figure"), 170 + 34 * len(methods))
    names = [words.text(f"{KEY}.short_{method}") for method in methods]
    made.across(words.text(f"{KEY}.groups.axis"), low=0, high=100).up(names=names)
    for payer in PAYERS:
        values = [float(shares.get((method, payer), 0.0)) * 100.0 for method in methods]
        if max(values) > 0:
            texts = [percent(value / 100.0) if value > 4.0 else "" for value in values]
            inks = [over(SHADES[payer])] * len(values)
            made.bars(
                words.text(f"{KEY}.group_{payer}"), values, SHADES[payer], stack="all", texts=texts, inks=inks
            )
    return made


def _payers(results: Results, words: Words, methods: list[str]) -> list[View | None]:
    """What one unit costs at each place, by each way to charge: exits, and entries where they pay."""
    rows = results["payers"].assign(carrier=str(results.fields["carrier"]))
    shown = []
    for key, chosen in (("payers", rows["payer"] != "entry"), ("entries", rows["payer"] == "entry")):
        some = rows[chosen]
        wide = some.pivot_table(index=["place", "payer"], columns="method", values="rate", sort=False)
        told = some.drop_duplicates(["place", "payer"]).set_index(["place", "payer"])
        wide = wide.join(told[["energy", "carrier"]]).reset_index()
        wide = wide.sort_values("energy", ascending=False, kind="stable")
        unit = str(rows["unit"].iloc[0]) if len(rows) else ""
        columns = [_rate(words, method, unit) for method in methods if method in wide]
        start = "place:place, -payer:code tariffs.group, -energy:amount carrier"
        name = f"{KEY}.{key}"
        start = start if key == "payers" else "place:place, energy:amount carrier"
        shown.append(view(words, wide, name, start, *columns, most=MOST_PAYERS, told=key == "payers"))
    return shown


def _rate(words: Words, method: str, unit: str) -> Column:
    head = Head(words.text(f"{KEY}.short_{method}"), unit, True)
    return head, lambda row: number_cell(row[method])


def _moved(results: Results, words: Words) -> View | None:
    rows: pd.DataFrame = results["moved"]
    of = str(rows["unit"].iloc[0]) if len(rows) else ""
    return view(
        words, rows, f"{KEY}.moved", "method:code tariffs.method", "link:link", "change:number", of=of
    )

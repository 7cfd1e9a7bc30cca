"""Page of steps away from one state: what each costs, which ways carry what, and who bears it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kelisim.report.figure import Figure
from kelisim.report.numbers import percent
from kelisim.report.page import KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import Column, Head, View, number_cell, view
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.tolerances import SMALL_SHARE

KEY = "diversification"
TOLD_CAPS = (0, 1, 3, 5, 8, -1)  # of the caps, those that have a column in a table


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = [part(words, f"{KEY}.shares", _shares(results, words))]
    if len(results["caps"]):
        parts += [
            part(words, f"{KEY}.caps", _figure(results, words), _caps(results, words)),
            part(words, f"{KEY}.ways", _ways(results, words)),
            part(words, f"{KEY}.held", _held(results, words)),
            part(words, f"{KEY}.bearers", _countries(results, words), *_bearers(results, words)),
        ]
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    keys = [key for key in ("share", "first_step", "least") if key in facts]
    return [
        key_number(words, f"{KEY}.key_{key}", value=facts[key].value, **facts[key].places) for key in keys
    ]


def _shares(results: Results, words: Words) -> View | None:
    rows = results["shares"].assign(carrier=str(results.fields["carrier"]))
    return view(words, rows, f"{KEY}.shares", "state:country", "energy:amount carrier", "share:share")


def _caps(results: Results, words: Words) -> View | None:
    caps = results["caps"]
    columns = "share:share, native:number, cost:millions, marginal_native:number, -total:share"
    places: dict[str, Any] = {"of": str(caps["unit"].iloc[0]), "price": str(caps["price_unit"].iloc[0])}
    return view(words, caps, f"{KEY}.caps", columns, state=results.fields["state"], **places)


def _figure(results: Results, words: Words) -> Figure | None:
    """The least cost by what still crosses, with its bends."""
    bends = results["bends"]
    if len(bends) < 2:
        return None
    size, unit = words.money_unit(float(bends["cost"].max()))
    state = results.fields["state"]
    made = Figure(words.text(f"{KEY}.caps.figure", state=state), 320)
    carrier = str(results.fields["carrier"])
    across = words.text(f"{KEY}.caps.across", state=state, of=str(bends["unit"].iloc[0]))
    made.across(across, is_reversed=True).up(unit)
    return made.line("", bends["native"], bends["cost"] / size, words.colour(carrier), has_dots=True)


def _told(rows: pd.DataFrame, caps: pd.DataFrame) -> list[float]:
    """Shares of the caps that have a column."""
    shares = list(caps["share"])
    chosen = sorted({at % len(shares) for at in TOLD_CAPS if -len(shares) <= at < len(shares)})
    return [shares[at] for at in chosen if shares[at] in set(rows["share"])]


def _ways(results: Results, words: Words) -> View | None:
    """What each link over a border carries at some caps."""
    rows = results["ways"]
    told = _told(rows, results["caps"])
    wide = rows.pivot_table(index="link", columns="share", values="native", fill_value=0.0)
    wide = wide.sort_values(told[0], ascending=False, kind="stable").reset_index()
    columns = [_at(words, share, str(rows["unit"].iloc[0]), told) for share in told]
    return view(words, wide, f"{KEY}.ways", "link:link", *columns)


def _held(results: Results, words: Words) -> View | None:
    """Limits of contracts that hold the ways of the plan, and the price of each."""
    rows = results["held"] if "held" in results else pd.DataFrame()
    places: dict[str, Any] = {"price": str(rows["price_unit"].iloc[0])} if len(rows) else {"price": ""}
    rows = rows.assign(carrier=str(results.fields["carrier"]))
    columns = "contract:row contracts, limit:code invoices.clause, -energy:amount carrier, -share:share"
    return view(words, rows, f"{KEY}.held", columns, "marginal_native:number", **places)


def _bearers(results: Results, words: Words) -> list[View | None]:
    """Sales and sources that change most at some caps, and customers that lack most."""
    rows = results["bearers"]
    found = []
    for key, chosen in (("bearers", rows["table"] != "demand"), ("lacking", rows["table"] == "demand")):
        some = rows[chosen]
        if some.empty:
            continue
        told = [share for share in _told(some, results["caps"]) if share != results["caps"]["share"].iloc[0]]
        index = ["element", "carrier", "unit"]
        wide = some.pivot_table(index=index, columns="share", values="change", fill_value=0.0)
        wide = wide.reindex(wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index)
        units = set(some["unit"])
        one = units.pop() if len(units) == 1 else ""
        columns = [_at(words, share, one, told) for share in told]
        start = "element!u:element" if key == "bearers" else "carrier:carrier_name, element:customers"
        rest = [] if one else ["unit"]
        found.append(view(words, wide.reset_index(), f"{KEY}.{key}", start, *columns, *rest))
    return found


def _countries(results: Results, words: Words) -> View | None:
    """What some caps cost each country beyond the plan."""
    rows = results["countries"]
    if rows.empty:
        return None
    told = [share for share in _told(rows, results["caps"]) if share != results["caps"]["share"].iloc[0]]
    largest = rows.groupby("country")["loss"].transform(lambda losses: losses.abs().max())
    rows = rows[largest > SMALL_SHARE * float(rows["loss"].abs().max())]
    size, unit = words.money_unit(float(rows["loss"].abs().max()))
    wide = rows.pivot_table(index="country", columns="share", values="loss", fill_value=0.0) / size
    wide = wide.reindex(wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index)
    wide = wide.reset_index()
    names = [words.country(code) if code else words.text(f"{KEY}.nobody") for code in wide["country"]]
    columns = [_at(words, share, unit, told) for share in told]
    return view(words, wide.assign(country=names), f"{KEY}.countries", "country", *columns, most=12)


def _at(words: Words, share: float, unit: str, told: list[float]) -> Column:
    """A column for a cap; a narrow screen has the first, the middle and the last."""
    is_minor = share not in (told[0], told[len(told) // 2], told[-1])
    head = Head(words.text(f"{KEY}.at_cap", share=percent(share)), unit, True, is_minor)
    return head, lambda row: number_cell(row[str(share)])

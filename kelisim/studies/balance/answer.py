"""The answer of a balance in five sentences, three numbers and a grade, all from the result tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kelisim.report.bars import NETWORK, short_rows
from kelisim.report.numbers import figure, first_upper, human, listed, many, percent, text_of
from kelisim.report.page import KeyNumber
from kelisim.report.words import Words
from kelisim.results.results import Results


def question(results: Results, book: Words) -> str:
    """What the study asked."""
    asked = text_of(results.meta.get("question"))
    return (
        asked
        or f"Is every place supplied in {book.period}, what does it cost, and where is the network tight?"
    )


def sentences(results: Results, book: Words) -> list[str]:
    """Five sentences: supplied, protected, weakest point, imports, cost."""
    return [
        _supplied(results, book),
        _protected(results, book),
        _weakest(results, book),
        _imports(results, book),
        _cost(results, book),
    ]


def _supplied(results: Results, book: Words) -> str:
    rows = results["demand.total"]
    demand = float(rows["demand"].sum())
    if demand <= 0:
        return f"The case has no demand in {book.period}."
    short = short_rows(results)
    if short.empty:
        places = many(rows["place"].nunique(), "place")
        return f"All demand is supplied: {figure(demand * 1e-6)} TWh in {book.period}, in {places}."
    missing = float(short["unserved"].sum())
    by_carrier = short.groupby("carrier", observed=True)["unserved"].sum().sort_values(ascending=False)
    parts = [
        f"{book.amount(energy, carrier)} of {book.carrier_in_text(carrier)}"
        for carrier, energy in by_carrier.head(3).items()
    ]
    more = f" and {len(by_carrier) - 3} more carriers" if len(by_carrier) > 3 else ""
    where = short["place"].astype(str).nunique()
    return (
        f"In {book.period}, {percent(missing / demand)} of {figure(demand * 1e-6)} TWh of demand stays "
        "unserved: "
        f"{listed(parts) if not more else ', '.join(parts)}{more}, in {many(where, 'place')}."
    )


def _protected(results: Results, book: Words) -> str:
    rows = results["demand.total"]
    if not rows["protected"].any():
        return "The case names no protected customers."
    guarded = rows[rows["protected"].astype(bool)]
    short = short_rows(results)
    hit = short[short["protected"].astype(bool)]
    amount = figure(float(guarded["demand"].sum()) * 1e-6)
    if hit.empty:
        return f"No protected customer goes short: all {amount} TWh of protected demand are served."
    worst = hit.iloc[0]
    missing = float(hit["unserved"].sum())
    return (
        f"Protected customers go short of {figure(missing * 1e-3)} GWh of their {amount} TWh, "
        f"most in {book.place(worst['place'])}: {book.amount_of(worst['unserved'], worst['carrier'])} "
        f"({human(worst['customer_class'])}), {percent(worst['unserved_rate'])} of its demand."
    )


def weakest(results: Results) -> pd.Series | None:
    """The dearest limit of the network; a limit of a plant or field only if the network has none."""
    rows = results["bottlenecks"]
    rows = rows[rows["value"] > 0]
    if rows.empty:
        return None
    network = rows[rows["table"].isin(NETWORK)]
    first: pd.Series = (network if len(network) else rows).iloc[0]
    return first


def name_of(book: Words, row: Any) -> str:
    """Name of the element of a bottleneck."""
    return first_upper(text_of(row["name"]) or book.element(text_of(row["table"]), row["element"]))


def _weakest(results: Results, book: Words) -> str:
    row = weakest(results)
    if row is None:
        return "No limit of the network costs anything."
    carrier = text_of(row["carrier"])
    limit = human(row["limit"])
    of = (
        f" ({book.carrier_in_text(carrier)})"
        if carrier and book.carrier_in_text(carrier) not in limit.lower()
        else ""
    )
    hours = min(float(row["hours_full"]), book.hours)
    when = (
        "all the time"
        if hours > 0.999 * book.hours
        else f"in {figure(hours)} of {figure(book.hours, 4)} hours"
    )
    return (
        f"The weakest point of the network is {name_of(book, row)}{of}: its {limit} is reached {when}, "
        f"and costs {book.money(row['value'])} {book.in_period}."
    )


def net_imports(results: Results, book: Words) -> pd.DataFrame:
    """Net imports of countries that use energy, the largest first: country, carrier, net, use, share."""
    rows = results["carriers.balance"]
    use = rows["used"] + rows["taken_in"]
    found = rows[["country", "carrier"]].astype(str).assign(net=rows["imported"] - rows["exported"], use=use)
    found = found[(found["net"] > 1e-6 * max(float(use.sum()), 1.0)) & (found["use"] > 0.02 * found["net"])]
    found = found.assign(share=(found["net"] / found["use"]).clip(upper=1.0))
    return found.sort_values("net", ascending=False, kind="stable", ignore_index=True)


def _imports(results: Results, book: Words) -> str:
    rows = net_imports(results, book)
    if rows.empty:
        return "No country of the case depends on its neighbours: none takes more than it sends."
    parts = [
        f"{book.country(row['country'])} {book.amount_of(row['net'], row['carrier'])} "
        f"({percent(row['share'])} of its use)"
        for row in rows.head(3).to_dict("records")
    ]
    return f"The largest net imports from other countries: {listed(parts)}."


def cost_sums(results: Results) -> tuple[float, float]:
    """Money paid and money earned, both positive."""
    amounts = results["costs"]["amount"]
    return float(amounts.clip(lower=0).sum()), float(-amounts.clip(upper=0).sum())


def _cost(results: Results, book: Words) -> str:
    rows = results["costs"]
    paid, earned = cost_sums(results)
    if paid <= 0:
        return "Nothing in the case has a cost."
    items = rows[rows["amount"] > 0.005 * paid].sort_values("amount", ascending=False).head(3)
    parts = [f"{human(row['item'])} {book.money(row['amount'])}" for row in items.to_dict("records")]
    income = f"; sales bring {book.money(earned)}" if earned > 0.005 * paid else ""
    total = f"{book.money(paid)} {book.in_period}"
    return f"At the prices of the case supply costs {total}: {listed(parts)}{income}."


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """The three numbers of the first page."""
    rows = results["demand.total"]
    demand = float(rows["demand"].sum())
    short = short_rows(results)
    missing = float(short["unserved"].sum())
    hit = short[short["protected"].astype(bool)]
    beside = f"{figure(missing * 1e-3)} GWh unserved; " if missing > 0 else "nothing unserved; "
    beside += (
        f"protected: {figure(float(hit['unserved'].sum()) * 1e-3)} GWh"
        if len(hit)
        else "protected customers: all served"
    )
    served = KeyNumber(
        percent(1 - missing / demand if demand > 0 else 1.0, 3), "of demand supplied", beside, len(hit) > 0
    )
    row = weakest(results)
    if row is None:
        tight = KeyNumber("0", "limits that cost anything", f"{book.period}")
    else:
        tight = KeyNumber(
            book.money(row["value"]), f"cost of the weakest point {book.in_period}", name_of(book, row)
        )
    paid, earned = cost_sums(results)
    beside = f"sales bring {book.money(earned)}" if earned > 0.005 * max(paid, 1.0) else f"in {book.period}"
    return [served, tight, KeyNumber(book.money(paid), "cost of supply", beside)]

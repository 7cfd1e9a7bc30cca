"""The page of invoices: who pays how much, by month and by clause, and what each clause costs or saves."""

from __future__ import annotations

import pandas as pd

from kelisim.report.page import MOST_ROWS, KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results

NAMED = "clause:code invoices.clause"
SUMS = "-goods:millions, -clauses:millions, amount:millions"


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    total, lines = results["invoices.total"], results["invoices"]
    carriers = results.case.table("contracts").set_index("contract")["carrier"]
    clauses = lines[lines["clause"] != "goods"].reset_index(drop=True)
    rates = results.case.currency + "/" + clauses["unit"]
    clauses = clauses.assign(carrier=clauses["contract"].map(carriers), rate=rates)
    told = view(
        words,
        total,
        "invoices.total",
        "contract:row contracts",
        "-seller, -buyer",
        "energy:amount carrier",
        SUMS,
    )
    months = view(words, _by_month(lines), "invoices.months", "month", SUMS, told=False)
    each = view(
        words,
        clauses,
        "invoices.lines",
        "contract:row contracts",
        "month",
        NAMED,
        *(["-item"] if clauses["item"].astype(bool).any() else []),
        "-energy:amount carrier",
        "-price:quantity rate",
        "amount:millions",
        most=MOST_ROWS,
        told=False,
    )
    parts = [
        part(words, "invoices.total", told),
        part(words, "invoices.months", months),
        part(words, "invoices.lines", each),
        part(words, "invoices.worth", *_worth(results, words)),
    ]
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    found = [
        key_number(words, f"invoices.key_{key}", value=facts[key].value) for key in ("invoiced", "clauses")
    ]
    if "limits_cost" in facts:
        found.append(key_number(words, "invoices.key_limits", value=facts["limits_cost"].value))
    return found


def _by_month(lines: pd.DataFrame) -> pd.DataFrame:
    """Sums of all contracts by month."""
    is_goods = lines["clause"] == "goods"
    frame = pd.DataFrame(
        {
            "month": lines["month"],
            "goods": lines["amount"].where(is_goods, 0.0),
            "clauses": lines["amount"].where(~is_goods, 0.0),
            "amount": lines["amount"],
        }
    )
    return frame.groupby("month", as_index=False).sum()


def _worth(results: Results, words: Words) -> list[View | None]:
    frame = results["clauses.worth"]
    counted, solved = frame[frame["cost_with"].isna()], frame[frame["how"] == "solved again"]
    slack = int((frame["how"] == "does not bind").sum())
    notes = words.text("invoices.worth_slack", count=slack) if slack else ""
    columns = ["contract:row contracts", NAMED]
    key = "invoices.worth_solved"
    shown = view(words, solved, key, *columns, "saving:millions, invoice_saving:millions", notes=notes)
    money = "invoice_with:millions, invoice_without:millions, invoice_saving:millions"
    return [shown, view(words, counted, "invoices.worth_counted", *columns, money)]

"""Page of contingencies: what each loss does, which pairs and sets are worst, the N-1 formula."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.numbers import figure, many
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Column, Head, View, frame_view, number_cell, share_cell, text_column
from kelisim.report.words import Words
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.sentences import day, energy, moment

MOST_BARS = 12
MOST_ROWS = 200
MOST_LINES = 5


def question(results: Results) -> str:
    """What was asked."""
    return "What does each loss do on its own, and which losses together are worst?"


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    singles = results["singles"]
    short = int((singles["unserved"] > 0).sum())
    found = [
        f"{_when(results)}: {len(singles):,} losses were looked at, each for the whole step; {short:,} of them leave somebody unserved."
    ]
    if len(singles) and singles["extra_cost"].iloc[0] > 0:
        top = singles.iloc[0]
        found.append(
            f"The costliest is {top['name']}: {energy(float(top['unserved']))} stay unserved, most in {top['most_in']}."
            if top["most_in"]
            else f"The costliest is {top['name']}: nobody goes short."
        )
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


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    singles = results["singles"]
    short = int((singles["unserved"] > 0).sum())
    top = singles.iloc[0] if len(singles) else None
    return [
        KeyNumber(f"{short:,}", "losses leave somebody unserved", f"of {len(singles):,}", short > 0),
        KeyNumber(
            f"{int((singles['protected'] > 0).sum()):,}",
            "losses cut protected customers",
            f"of {len(singles):,}",
            bool((singles["protected"] > 0).any()),
        ),
        KeyNumber(
            energy(float(top["unserved"])) if top is not None else "0",
            "unserved in the costliest loss",
            str(top["name"]) if top is not None else "",
        ),
    ]


def parts(results: Results, book: Words) -> list[Part]:
    singles = results["singles"]
    costly = singles[singles["extra_cost"] > 0]
    found = [
        old_part(
            "Single losses",
            "singles",
            (_single_bars(costly, book),) if len(costly) else (),
            some(_singles_view(costly, book)),
            "No loss costs anything.",
        ),
    ]
    for name, heading, anchor in (
        ("pairs", "The costliest pairs", "pairs"),
        ("worst", "The worst set", "worst"),
    ):
        if name in results:
            found.append(old_part(heading, anchor, (), some(_sets_view(results[name], book, heading))))
    found.append(
        old_part(
            "N-1 formula",
            "formula",
            (),
            some(_formula_view(results["n1_formula"], book)),
            "No country uses the carriers asked for.",
        )
    )
    return found


def _single_bars(costly: pd.DataFrame, book: Words) -> go.Figure:
    rows = costly.head(MOST_BARS)
    values = (rows["extra_cost"] / 1e6).tolist()
    title = f"{rows['name'].iloc[0]} is the costliest single loss: {book.money(float(rows['extra_cost'].iloc[0]))}"
    marker = {"color": ["#7d7a72" if p > 0 else "#cfcbc2" for p in rows["protected"]]}
    axis = f"extra cost, million {book.currency}; dark: protected customers are cut"
    return bars(title, [str(n) for n in rows["name"]], values, [figure(v) for v in values], marker, axis)


def _singles_view(costly: pd.DataFrame, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Lost", lambda row: row["name"]),
        text_column("Kind", lambda row: str(row["table"]).removesuffix("s"), True),
        (
            Head("Extra cost", f"million {book.currency}", True),
            lambda row: number_cell(row["extra_cost"] / 1e6),
        ),
        (Head("Unserved", "GWh", True), lambda row: number_cell(row["unserved"] / 1e3)),
        (Head("Of it protected", "GWh", True), lambda row: number_cell(row["protected"] / 1e3)),
        text_column("Most in", lambda row: row["most_in"], True),
    ]
    more = f"; the first {MOST_ROWS} of {len(costly):,}" if len(costly) > MOST_ROWS else ""
    return frame_view(
        f"Losses that cost anything, the costliest first{more}", costly.head(MOST_ROWS), columns
    )


def _sets_view(frame: pd.DataFrame, book: Words, caption: str) -> View | None:
    columns: list[Column] = [
        text_column("Lost together", lambda row: row["name"]),
        (
            Head("Extra cost", f"million {book.currency}", True),
            lambda row: number_cell(row["extra_cost"] / 1e6),
        ),
        text_column("Proof", lambda row: "proven" if row["is_proven"] else "not proven"),
    ]
    if "gap" in frame:
        columns.append(
            (Head("Gap", f"million {book.currency}", True, True), lambda row: number_cell(row["gap"] / 1e6))
        )
    return frame_view(f"{caption}: {many(len(frame), 'set')}", frame, columns)


def _formula_view(frame: pd.DataFrame, book: Words) -> View | None:
    known = element_names(book.case)
    columns: list[Column] = [
        text_column("Country", lambda row: book.country(row["country"])),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        (Head("Storages at", "%", True), lambda row: share_cell(row["level"])),
        text_column(
            "Largest infrastructure",
            lambda row: " + ".join(known.get(e, e) for e in str(row["largest"]).split(" + ")),
        ),
        (Head("N-1", "%", True), lambda row: share_cell(row["n1"])),
        text_column("Met", lambda row: "yes" if row["is_met"] else "no"),
        (
            Head("Unserved in the solved network", "GWh", True),
            lambda row: number_cell(row["unserved_model"] / 1e3),
        ),
    ]
    return frame_view(
        "N-1 formula of Regulation (EU) 2017/1938, beside what the network does without that infrastructure",
        frame,
        columns,
    )


def method(results: Results) -> list[str]:
    """What the numbers are."""
    return [
        "Each element is lost for the whole step. What the plan does not use changes nothing when it is lost, and is not solved.",
        "Pairs and sets are proven by bounds on what a loss can cost at most; where a search was stopped, the gap is told.",
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

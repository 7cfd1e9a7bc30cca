"""Page of an exercise of two states: score, ways of acting, decisions, log, aid and settlement; the minutes as a document."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.numbers import figure, percent
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Cell, Column, Head, View, frame_view, number_cell, text_column
from kelisim.report.theme import INK, QUIET, RED, nothing
from kelisim.report.words import Words
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.sentences import day, energy, money
from kelisim.studies.exercise.words import part_avoided
from kelisim.tolerances import SMALL_ENERGY as LEAST

COLOURS = {"decided": INK, "nothing": RED}


def question(results: Results) -> str:
    """What was asked."""
    return "How well do two states master this emergency: each alone, both together, and as they decided?"


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    summary = results["summary"]
    return [
        str(text)
        for key, text in zip(summary["key"], summary["text"], strict=True)
        if key.startswith("said_")
    ]


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    value = results["summary"].set_index("key")["value"]
    modes = results["modes"].set_index("mode")
    left, had = float(modes.loc["decided", "unserved"]), float(modes.loc["nothing", "unserved"])
    avoidable = float(value["harm_nothing"] - value["harm_together"])
    score = float(value["score"])
    return [
        KeyNumber(
            "none" if pd.isna(score) else percent(score),
            "score of the decisions",
            "100 % avoids all that can be avoided",
        ),
        KeyNumber(
            energy(left) if left > LEAST else "nothing",
            "unserved as decided",
            f"{energy(had)} if nobody acts",
            left > LEAST,
        ),
        KeyNumber(
            money(results.case, avoidable),
            "harm that can be avoided",
            f"of {money(results.case, float(value['harm_nothing']))}",
        ),
    ]


def parts(results: Results, book: Words) -> list[Part]:
    """What follows the first page."""
    points = pd.DataFrame({"point": list(results.meta.get("open_points", ()))})
    return [
        old_part("Ways of acting", "modes", (_bars(results),), some(_modes_view(results))),
        old_part("Decisions", "decisions", (), some(_decisions_view(results)), "No decision was made."),
        old_part("Log", "log", (), some(_log_view(results))),
        old_part(
            "Open points",
            "open",
            (),
            some(
                frame_view(
                    "What was refused, waits, or was not ordered",
                    points,
                    [text_column("", lambda row: row["point"])],
                )
            ),
            "None.",
        ),
        old_part(
            "Aid over the border",
            "aid",
            (),
            some(_settled_view(results, book)),
            "Nothing more than planned crosses the border.",
        ),
    ]


def method(results: Results) -> list[str]:
    """What the numbers are."""
    return [
        "Harm is what an answer costs beyond the plan of the same days, unserved energy at its value of lost load and measures at their cost; "
        "what a measure would earn by trade without any emergency is not counted. The score is the part of the harm between nobody acting and "
        "the best response that the decisions avoid.",
        "An order stands if its side may give it and its level is reached by then with the orders before it; it acts after its lead time.",
        "Held at the plan: no link between the two countries carries more than by the plan, in either direction.",
        "Aid is what leaves a side over all links of a carrier beyond the plan; a planned delivery that fails is not aid the other way.",
    ]


def markdown(results: Results) -> str:
    """The minutes as a document in Markdown."""
    return "\n".join(results["minutes"]["text"]) + "\n"


def _bars(results: Results) -> go.Figure:
    rows = results["modes"]
    if not (rows["harm"].abs() > LEAST).any():
        return nothing("Nothing is lost, whoever acts")
    case = results.case
    harm = rows.set_index("mode")["harm"]
    title = (
        f"Harm beyond the plan: {money(case, harm['nothing'])} if nobody acts, {money(case, harm['decided'])} as decided, "
        f"{money(case, harm['together'])} at best"
    )
    marker = {"color": [COLOURS.get(mode, QUIET) for mode in rows["mode"]]}
    values = [round(value / 1e6, 4) for value in rows["harm"]]
    return bars(
        title, list(rows["name"]), values, [figure(v) for v in values], marker, f"million {case.currency}"
    )


def _modes_view(results: Results) -> View | None:
    case = results.case
    columns: list[Column] = [
        text_column("", lambda row: row["name"]),
        (
            Head("Unserved", "", True),
            lambda row: Cell(energy(row["unserved"]), round(float(row["unserved"]), 6)),
        ),
        (
            Head("Of protected customers", "", True, True),
            lambda row: Cell(energy(row["unserved_protected"]), round(float(row["unserved_protected"]), 6)),
        ),
        (Head("Harm", "", True), lambda row: Cell(money(case, row["harm"]), round(float(row["harm"]), 2))),
        text_column("Of what can be avoided", lambda row: part_avoided(row["avoided_share"])),
    ]
    return frame_view("What each way of acting leaves, beyond the plan", results["modes"], columns)


def _decisions_view(results: Results) -> View | None:
    columns: list[Column] = [
        (Head("Hour", "h", True), lambda row: number_cell(row["hour"])),
        text_column("Side", lambda row: row["side"]),
        text_column("Measure", lambda row: row["name"]),
        text_column("Share", lambda row: percent(row["share"])),
        text_column("Ruling", lambda row: row["ruling"]),
        text_column("Against the best response", lambda row: row["comment"], True),
    ]
    return frame_view("Decisions in the order of their hours", results["decisions"], columns)


def _log_view(results: Results) -> View | None:
    columns: list[Column] = [
        (Head("Hour", "h", True), lambda row: Cell(f"{row['hour']:g}", float(row["hour"]))),
        text_column("Time", lambda row: f"{day(row['time'])}, {row['time']:%H:%M}", True),
        text_column("Side", lambda row: row["side"]),
        text_column("What", lambda row: row["what"]),
    ]
    return frame_view("Hours from the start of the days shown", results["timeline"], columns)


def _settled_view(results: Results, book: Words) -> View | None:
    case = results.case
    label = element_names(case)
    columns: list[Column] = [
        text_column("Gives", lambda row: book.country(row["giver"])),
        text_column("Gets, and owes", lambda row: book.country(row["receiver"])),
        text_column("Carrier", lambda row: book.carrier_in_text(row["carrier"])),
        text_column("Settled by", lambda row: label.get(row["part"], row["part"]), True),
        (Head("Energy", "", True), lambda row: Cell(energy(row["energy"]), round(float(row["energy"]), 6))),
        (Head("Price", f"{case.currency}/MWh", True), lambda row: number_cell(row["price"])),
        (
            Head("Amount", "", True),
            lambda row: Cell(money(case, row["amount"]), round(float(row["amount"]), 2)),
        ),
    ]
    return frame_view("What crosses the border beyond the plan, as decided", results["settlement"], columns)


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


def document(results: Results, words: Words) -> str:
    """The document in Markdown."""
    return markdown(results)

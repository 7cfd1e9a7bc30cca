"""Page of an exercise of two states: score, ways of acting, decisions, log, aid and settlement; the minutes as a document."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.looks import INK, QUIET, RED, nothing
from kelisim.report.ranks import _ranks
from kelisim.report.words import Book, figure, percent
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.sentences import day, energy, money
from kelisim.studies.balance.page import KeyNumber
from kelisim.studies.balance.tables import Cell, Head, View, number_cell
from kelisim.studies.disruption.page import Column, Part, _some, _text, _view
from kelisim.studies.exercise.words import part_avoided
from kelisim.tolerances import SMALL_ENERGY as LEAST

STUDIES = ("exercise",)
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


def key_numbers(results: Results, book: Book) -> list[KeyNumber]:
    """Three numbers of the first page."""
    value = results["summary"].set_index("key")["value"]
    modes = results["modes"].set_index("mode")
    left, had = float(modes.loc["decided", "unserved"]), float(modes.loc["nothing", "unserved"])
    avoidable = float(value["harm_nothing"] - value["harm_together"])
    score = float(value["score"])
    return [
        KeyNumber("none" if pd.isna(score) else percent(score), "score of the decisions", "100 % avoids all that can be avoided"),
        KeyNumber(energy(left) if left > LEAST else "nothing", "unserved as decided", f"{energy(had)} if nobody acts", left > LEAST),
        KeyNumber(money(results.case, avoidable), "harm that can be avoided", f"of {money(results.case, float(value['harm_nothing']))}"),
    ]  # fmt: skip


def parts(results: Results, book: Book) -> list[Part]:
    """What follows the first page."""
    points = pd.DataFrame({"point": list(results.meta.get("open_points", ()))})
    return [
        Part("Ways of acting", "modes", (_bars(results),), _some(_modes_view(results))),
        Part("Decisions", "decisions", (), _some(_decisions_view(results)), "No decision was made."),
        Part("Log", "log", (), _some(_log_view(results))),
        Part("Open points", "open", (), _some(_view("What was refused, waits, or was not ordered", points, [_text("", lambda row: row["point"])])), "None."),
        Part("Aid over the border", "aid", (), _some(_settled_view(results, book)), "Nothing more than planned crosses the border."),
    ]  # fmt: skip


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
    return _ranks(
        title, list(rows["name"]), values, [figure(v) for v in values], marker, f"million {case.currency}"
    )


def _modes_view(results: Results) -> View | None:
    case = results.case
    columns: list[Column] = [
        _text("", lambda row: row["name"]),
        (Head("Unserved", "", True), lambda row: Cell(energy(row["unserved"]), round(float(row["unserved"]), 6))),
        (Head("Of protected customers", "", True, True), lambda row: Cell(energy(row["unserved_protected"]), round(float(row["unserved_protected"]), 6))),
        (Head("Harm", "", True), lambda row: Cell(money(case, row["harm"]), round(float(row["harm"]), 2))),
        _text("Of what can be avoided", lambda row: part_avoided(row["avoided_share"])),
    ]  # fmt: skip
    return _view("What each way of acting leaves, beyond the plan", results["modes"], columns)


def _decisions_view(results: Results) -> View | None:
    columns: list[Column] = [
        (Head("Hour", "h", True), lambda row: number_cell(row["hour"])),
        _text("Side", lambda row: row["side"]),
        _text("Measure", lambda row: row["name"]),
        _text("Share", lambda row: percent(row["share"])),
        _text("Ruling", lambda row: row["ruling"]),
        _text("Against the best response", lambda row: row["comment"], True),
    ]
    return _view("Decisions in the order of their hours", results["decisions"], columns)


def _log_view(results: Results) -> View | None:
    columns: list[Column] = [
        (Head("Hour", "h", True), lambda row: Cell(f"{row['hour']:g}", float(row["hour"]))),
        _text("Time", lambda row: f"{day(row['time'])}, {row['time']:%H:%M}", True),
        _text("Side", lambda row: row["side"]),
        _text("What", lambda row: row["what"]),
    ]
    return _view("Hours from the start of the days shown", results["timeline"], columns)


def _settled_view(results: Results, book: Book) -> View | None:
    case = results.case
    label = element_names(case)
    columns: list[Column] = [
        _text("Gives", lambda row: book.country(row["giver"])),
        _text("Gets, and owes", lambda row: book.country(row["receiver"])),
        _text("Carrier", lambda row: book.carrier_in_text(row["carrier"])),
        _text("Settled by", lambda row: label.get(row["part"], row["part"]), True),
        (Head("Energy", "", True), lambda row: Cell(energy(row["energy"]), round(float(row["energy"]), 6))),
        (Head("Price", f"{case.currency}/MWh", True), lambda row: number_cell(row["price"])),
        (Head("Amount", "", True), lambda row: Cell(money(case, row["amount"]), round(float(row["amount"]), 2))),
    ]  # fmt: skip
    return _view("What crosses the border beyond the plan, as decided", results["settlement"], columns)

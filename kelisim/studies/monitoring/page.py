"""The page of monitoring: a light for each provision with the rule that set it, early warning, a chart of what is at risk."""

from __future__ import annotations

import pandas as pd

from kelisim.report import evidence
from kelisim.report.figure import Figure
from kelisim.report.numbers import figure
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import Cell, Column, Head, Row, View, graded, view
from kelisim.report.theme import INK, QUIET, RED
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results

COLOURS = {"green": "#2e7d32", "amber": "#e6a700", "red": RED, "none": "#c9c4b8"}
CHARTS = 4


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    lights = results["lights"]
    judged = lights[lights["light"] != "none"].reset_index(drop=True)
    unjudged = lights[lights["light"] == "none"].reset_index(drop=True)
    parts = [
        part(words, "monitoring.lights", _lights(words, judged)),
        part(words, "monitoring.charts", *_charts(results, words, judged)),
        part(words, "monitoring.warnings", _warnings(results, words)),
        part(words, "monitoring.unjudged", _unjudged(words, unjudged)),
    ]
    grades = evidence.grades(words, ("provisions",))
    return made_page(results, words, parts, _key_numbers(results, words), grades=grades)


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    places = facts_of(results["facts"])["judged"].places
    return [
        key_number(words, "monitoring.key_red", places["red"] > 0, value=places["red"]),
        key_number(words, "monitoring.key_amber", value=places["amber"]),
        key_number(words, "monitoring.key_green", value=places["green"]),
    ]


def _light(words: Words, light: str) -> Cell:
    text = words.text(f"monitoring.light_{light}")
    order = {"red": "0", "amber": "1", "green": "2", "none": "3"}[light]
    return Cell(text, order, light=COLOURS[light])


def _numbered(words: Words, key: str, column: str) -> Column:
    """A column of numbers, each with the unit of its row; a share in per cent."""

    def cell(row: Row) -> Cell:
        value = row[column]
        if pd.isna(value):
            return Cell("–", -1e300)
        return Cell(f"{figure(value)} {words.unit_word(row['unit'])}".strip(), float(value))

    return Head(words.text(f"{key}.{column}"), "", True), cell


def _lights(words: Words, frame: pd.DataFrame) -> View | None:
    key = "monitoring.lights"
    frame = graded(words, frame, "provision", "provisions")
    shown = (Head(words.text(f"{key}.light")), lambda row: _light(words, row["light"]))
    between = (Head(words.text(f"{key}.expected"), "", True), lambda row: _expected(words, row))
    return view(
        words,
        frame,
        key,
        shown,
        "provision:work, rule:code monitoring.rule",
        "-force:code monitoring.force",
        _numbered(words, key, "target"),
        _numbered(words, key, "so_far"),
        between,
        "-deadline:known_day, -latest:known_day, grade:grade",
        most=MOST_ROWS,
    )


def _expected(words: Words, row: Row) -> Cell:
    if pd.isna(row["expected"]):
        return Cell("–", -1e300)
    if row["low"] == row["high"]:
        return Cell(figure(row["expected"]), float(row["expected"]))
    text = words.text(
        "words.interval", mean=figure(row["expected"]), low=figure(row["low"]), high=figure(row["high"])
    )
    return Cell(text, float(row["expected"]))


def _unjudged(words: Words, frame: pd.DataFrame) -> View | None:
    return view(
        words,
        frame,
        "monitoring.unjudged",
        "provision:work, rule:code monitoring.rule",
        most=MOST_ROWS,
        told=False,
    )


def _warnings(results: Results, words: Words) -> View | None:
    key, frame = "monitoring.warnings", results["warnings"]
    shown = (Head(words.text(f"{key}.light")), lambda row: _light(words, row["light"]))
    named = (Head(words.text(f"{key}.element")), lambda row: _element(words, row))

    def number(column: str) -> Column:
        def cell(row: Row) -> Cell:
            if row["unit"] == "share":
                return Cell(f"{figure(row[column] * 100)} %", float(row[column]))
            return Cell(f"{figure(row[column])} {words.unit_word(row['unit'])}", float(row[column]))

        return Head(words.text(f"{key}.{column}"), "", True), cell

    return view(
        words,
        frame,
        key,
        shown,
        named,
        "trigger:code monitoring.trigger",
        number("value"),
        number("limit"),
        "by:known_day",
    )


def _element(words: Words, row: Row) -> Cell:
    name = words.element(row["table"], row["element"])
    return Cell(name, name.lower())


def _charts(results: Results, words: Words, judged: pd.DataFrame) -> list[Figure]:
    """What was observed of the provisions at risk, with the target and what is expected."""
    series = results["series"]
    found = []
    for row in judged[judged["light"].isin(["red", "amber"])].head(CHARTS).to_dict("records"):
        own = series[series["provision"] == row["provision"]]
        if len(own) > 1:
            found.append(_chart(words, row, own))
    return found


def _chart(words: Words, row: Row, own: pd.DataFrame) -> Figure:
    made = Figure(words.text("monitoring.chart.title", provision=row["provision"], rule=row["rule"]), 260)
    made.across(kind="time").up(words.unit_word(row["unit"]) or words.text("monitoring.chart.share"))
    made.line(words.text("monitoring.chart.seen"), own["last"], own["value"], INK, width=1.8)
    made.level(float(row["target"]))
    if not pd.isna(row["low"]) and row["low"] != row["high"]:
        until, name = str(row["deadline"]), words.text("monitoring.chart.expected")
        made.line(name, [until, until], [row["low"], row["high"]], QUIET, width=1.2)
        made.dots(name, [until], [row["expected"]], QUIET, size=8)
    return made

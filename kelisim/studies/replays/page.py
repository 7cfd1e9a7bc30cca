"""Page of the replays: the score, every event as it was seen beside the model, and why what is missed is missed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.case.case import Case
from kelisim.report.bars import under_names
from kelisim.report.numbers import figure, percent
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Cell, Column, Head, View, frame_view, text_column
from kelisim.report.theme import INK, QUIET, RED, nothing, safe
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.results.sentences import energy
from kelisim.studies.replays.scoring import BROKEN, FACTOR, HELD, ITSELF, NULL_BROKEN, NULL_KEPT, WITHIN
from kelisim.studies.replays.words import compared_in_words, period_in_words

MONTHS = "1mo"
LOWEST = 0.01  # ratio at which the axis of the figure begins


def question(results: Results) -> str:
    """What was asked."""
    return "Of what happened, what does the model have right, what does it miss, and why?"


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    rows, right = _score(results, "independent numbers")
    if not rows:
        found = ["No event has an independent number to hold the model against."]
    else:
        found = [
            f"Of {rows} rows with an independent number {right} are within a factor of 2 ({percent(right / rows)})."
        ]
    if results.case.horizon.step == MONTHS:
        found.append("Steps of a month spread an event of days over its month, and days cannot be counted.")
    left = results["events"]["left_out"].fillna("")
    found += [f"{left[left != ''].count()} events are not replayed."] if (left != "").any() else []
    return found


def _score(results: Results, part: str) -> tuple[int, int]:
    score = results["score"].set_index("part")
    return int(score.at[part, "rows"]), int(score.at[part, "right"])


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    rows, right = _score(results, "independent numbers")
    nulls, kept = _score(results, "nothing happened (null)")
    bounds, held = _score(results, "at most (bound)")
    return [
        KeyNumber(f"{right} of {rows}", "independent numbers within a factor of 2", "counted", rows > 0 and right * 2 < rows),
        KeyNumber(f"{kept} of {nulls}", "rows where nothing happened stay so", "not counted", kept < nulls),
        KeyNumber(f"{held} of {bounds}", "bounds are held", "not counted", held < bounds),
    ]  # fmt: skip


def parts(results: Results, book: Words) -> list[Part]:
    """What follows the first page."""
    rows = results["replays"]
    missed = rows[rows["cause"] != ""]
    told = results["events"]
    return [
        old_part("Seen and computed", "ratios", (_ratios(rows),)),
        old_part(
            "Every effect",
            "effects",
            (),
            some(_effects(results.case, rows)),
            "No event has an effect to compare with.",
        ),
        old_part("Misses, and why", "why", (), some(_why(results.case, missed)), "Nothing is missed."),
        old_part("The events", "events", (), some(_events(told, book)), "The case has no events."),
    ]


def _ratios(rows: pd.DataFrame) -> go.Figure:
    """Model over observed of the independent numbers, with the band of the factor."""
    some = rows[(rows["kind"] == "independent") & rows["ratio"].notna()].sort_values("ratio", kind="stable")
    if some.empty:
        return nothing("No independent number to compare with")
    right = int((some["verdict"] == WITHIN).sum())
    names = [
        f"{_shortened(what)}, row {row}" for what, row in zip(some["what"], some["change_no"], strict=True)
    ]
    made = under_names(f"{right} of {len(some)} lie within a factor of 2", names)
    made.add_vrect(x0=1.0 / FACTOR, x1=FACTOR, fillcolor=QUIET, opacity=0.18, line_width=0)
    made.add_trace(
        go.Scatter(
            x=np.maximum(some["ratio"], LOWEST), y=list(range(len(some))), mode="markers", showlegend=False,
            marker={"size": 10, "color": [INK if v == WITHIN else RED for v in some["verdict"]]},
            text=[f"{safe(n)}: {figure(r)}, {v}" for n, r, v in zip(names, some["ratio"], some["verdict"], strict=True)], hoverinfo="text",
        )
    )  # fmt: skip
    made.update_xaxes(type="log", title_text=f"model / observed; what is below {LOWEST:g} is drawn there")
    return made


def _shortened(text: str, most: int = 48) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


def _number(value: float, unit: str = "") -> Cell:
    if np.isnan(value):
        return Cell("not known")
    return Cell(f"{figure(value)} {unit}".strip(), round(float(value), 9))


def _effects(case: Case, rows: pd.DataFrame) -> View | None:
    columns: list[Column] = [
        text_column("Event", lambda row: row["what"]),
        text_column("Held against", lambda row: compared_in_words(case, row["compare_with"], row["statistic"]), True),
        text_column("Period", lambda row: period_in_words(row["period"]), True),
        (Head("Seen", "", True), lambda row: _number(row["observed"], row["unit"])),
        (Head("Model", "", True), lambda row: _number(row["model"])),
        (Head("Plan", "", True, True), lambda row: _number(row["plan"])),
        (Head("Ratio", "", True), lambda row: _number(row["ratio"])),
        text_column("Verdict", lambda row: row["verdict"]),
        text_column("Grade", lambda row: row["confidence"], True),
    ]  # fmt: skip
    order = {
        name: at
        for at, name in enumerate(
            (WITHIN, "miss", "not comparable", NULL_KEPT, NULL_BROKEN, HELD, BROKEN, ITSELF)
        )
    }
    ranked = rows.assign(_at=rows["verdict"].map(order)).sort_values(["_at", "event"], kind="stable")
    return frame_view("Effects that were seen beside the model, those that count first", ranked, columns)


def _why(case: Case, rows: pd.DataFrame) -> View | None:
    columns: list[Column] = [
        text_column("Event", lambda row: row["what"]),
        text_column(
            "Held against", lambda row: compared_in_words(case, row["compare_with"], row["statistic"]), True
        ),
        text_column("Verdict", lambda row: row["verdict"]),
        text_column("Why", lambda row: row["cause"]),
    ]
    return frame_view("Causes, made from the run and from what the case says", rows, columns)


def _events(rows: pd.DataFrame, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Event", lambda row: row["what"]),
        text_column("When", lambda row: row["happened"] if not row["left_out"] else row["left_out"]),
        text_column("What changes in the case", lambda row: row["changes"] if not row["left_out"] else ""),
        text_column("Else so at the time", lambda row: row["context"] if not row["left_out"] else "", True),
        (Head("Unserved", "", True), lambda row: _energy(row["unserved"])),
        text_column("Sources", lambda row: row["sources"] if not row["left_out"] else "", True),
    ]  # fmt: skip
    return frame_view("Events and what they change", rows, columns)


def _energy(value: float) -> Cell:
    return Cell("not known") if np.isnan(value) else Cell(energy(value), round(float(value), 6))


def method(results: Results) -> list[str]:
    """What the numbers are."""
    return [
        "Each event is a disruption on the same days of the case: the plan of the year is held until its first day, then the cheapest "
        "answer is found. What else was so at the time, such as the level of a stock, is in the plan as well.",
        "Right is what lies within a factor of 2 of an independent number. A bound, a change in other words and an event in which "
        "nothing happened are told apart and not counted; a number that has no counterpart counts as not right.",
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

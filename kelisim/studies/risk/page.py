"""Page of the risk register: the risks to work on, the matrix, the classes, the whole register."""

from __future__ import annotations

import pandas as pd

from kelisim.report.figure import Figure
from kelisim.report.numbers import text_of
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import Cell, Column, Head, View, view
from kelisim.report.words import Words
from kelisim.results.facts import said
from kelisim.results.results import Results
from kelisim.studies.risk.register import CLASSES, LEVELS, to_work_on
from kelisim.studies.risk.study import call, named, often, who

COLOURS = ("#e9e6de", "#f0d9a8", "#e69f00", "#b3261e")  # of the levels; the page writes their names too


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return made_page(results, words, _parts(results, words), _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    rows = results["register"]
    worst = int((rows["level"] == LEVELS[-1]).sum())
    homes = int((rows["people"] > 0).sum())
    general = float(rows["is_general"].mean()) if len(rows) else 0.0
    return [
        key_number(words, "risk.numbers.very_high", worst > 0, count=worst, risks=len(rows)),
        key_number(words, "risk.numbers.homes", homes > 0, count=homes, risks=len(rows)),
        key_number(words, "risk.numbers.general", share=general),
    ]


def _told(results: Results) -> pd.DataFrame:
    """The register with what its rows say."""
    rows = results["register"]
    records = rows.to_dict("records")
    return rows.assign(
        what=[named(row) for row in records],
        often=[often(row["frequency"]) for row in records],
        who=[who(row) for row in records],
        call=[call(row) for row in records],
        then=[said("risk.then", by=row["ready"]) if row["ready"] else "" for row in records],
    )


def _parts(results: Results, words: Words) -> list[Part]:
    rows, most = _told(results), int(results.fields["most"])
    columns = ["rank:count", "what:say", "-often:by frequency", "-repair_hours:hours", "-cost_home:millions"]
    columns += ["-who:say", "level:code risk.level", "call:say", "-then:say"]
    parts = [part(words, "risk.work", view(words, to_work_on(rows, most), "risk.work", *columns))]
    parts.append(part(words, "risk.matrix", _chart(results, words), _matrix(results, words)))
    shown = view(words, results["classes"], "risk.classes", *_limits(results, words), told=False)
    parts.append(part(words, "risk.classes", shown))
    more = words.text("risk.register.more", most=MOST_ROWS, count=len(rows)) if len(rows) > MOST_ROWS else ""
    columns = ["rank:count", "what:say", "-frequency:number", "-repair_hours:hours", "-likelihood:count"]
    columns += ["cost_home:millions", "-people:share", "-consequence:count", "level:code risk.level"]
    columns += ["-expected:millions", "-confidence:grade", "-element_grade:grade"]
    whole = view(words, rows, "risk.register", *columns, told=False, most=MOST_ROWS, more=more)
    return [*parts, part(words, "risk.register", whole)]


def _fields(results: Results) -> dict[tuple[int, int], dict[str, object]]:
    return {(row["likelihood"], row["consequence"]): row for row in results["matrix"].to_dict("records")}


def _matrix(results: Results, words: Words) -> View:
    """Likelihood down, the most frequent first, consequence to the right: how many risks, and the level of the field."""
    fields, classes = _fields(results), range(1, CLASSES + 1)
    heads = [Head(words.text("risk.matrix.corner"))]
    heads += [Head(words.text("risk.matrix.consequence", number=at), "", False) for at in classes]
    rows = []
    for likelihood in reversed(classes):
        cells = [
            Cell(
                words.text(
                    "risk.matrix.likelihood", number=likelihood, limits=_span(results, words, likelihood)
                )
            )
        ]
        for consequence in classes:
            one = fields[likelihood, consequence]
            cells.append(Cell(words.text("risk.matrix.cell", **one), float(text_of(one["risks"]))))
        rows.append(cells)
    return View(words.text("risk.matrix.caption"), heads, rows)


def _span(results: Results, words: Words, number: int) -> str:
    rows = results["classes"]
    row = rows[(rows["scale"] == "likelihood") & (rows["class"] == number)].iloc[0]
    kind = "above" if pd.isna(row["below"]) else "below" if row["at_least"] <= 0 else "between"
    return words.text(f"risk.span_{kind}", low=row["at_least"], high=row["below"])


def _limits(results: Results, words: Words) -> list[str | Column]:
    """Columns of the classes: scale, class, and its limits in the unit of the scale."""

    def limits(row: dict[str, object]) -> Cell:
        scale, low, high = str(row["scale"]), float(text_of(row["at_least"])), row["below"]
        times = {"money": 1e-6, "people": 100.0}.get(scale, 1.0)
        kind = "above" if pd.isna(high) else "below" if low <= 0 else "between"
        high = 0.0 if pd.isna(high) else float(text_of(high)) * times
        span = words.text(f"risk.span_{kind}", low=low * times, high=high)
        return Cell(words.text(f"risk.unit_{scale}", span=span), low)

    def level(row: dict[str, object]) -> Cell:
        number = int(text_of(row["class"]))
        text = words.text(f"risk.level_{LEVELS[number - 1]}") if row["scale"] == "level" else str(number)
        return Cell(text, number)

    heads = [Head(words.text(f"risk.classes.{name}")) for name in ("class", "limits")]
    return ["scale:code risk.scale", (heads[0], level), (heads[1], limits)]


def _chart(results: Results, words: Words) -> Figure:
    """The matrix in the colours of its levels, with the numbers of the first risks in their fields."""
    fields, classes = _fields(results), list(range(1, CLASSES + 1))
    first = to_work_on(results["register"], int(results.fields["most"]))
    level = [[LEVELS.index(str(fields[y, x]["level"])) for x in classes] for y in classes]
    texts = []
    for y in classes:
        line = []
        for x in classes:
            ranks = first["rank"][(first["likelihood"] == y) & (first["consequence"] == x)]
            named_here = ", ".join(str(rank) for rank in ranks)
            count = fields[y, x]["risks"]
            line.append(
                words.text(
                    "risk.matrix.field",
                    risks=count,
                    ranks=said("risk.matrix.ranks", ranks=named_here) if named_here else "",
                )
                if count
                else ""
            )
        texts.append(line)
    made = Figure(words.text("risk.matrix.title"), 380)
    made.across(words.text("risk.matrix.x"), names=list(map(str, classes)))
    made.up(words.text("risk.matrix.y"), names=list(map(str, classes)), is_rising=True)
    return made.fields(level, texts, COLOURS)

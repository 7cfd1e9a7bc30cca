"""Two answers as one page: what each says, what was asked otherwise, what differs, and what only one of them has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim.report.html import html
from kelisim.report.markdown import markdown, without_links
from kelisim.report.numbers import first_upper, human
from kelisim.report.page import Page, Part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.compare import differences, only
from kelisim.results.files import must_end, put
from kelisim.results.results import Results
from kelisim.studies.pages import page_of

SAID = 3  # sentences of each answer
MOST = 20  # rows of a table
WRITERS = {".html", ".md"}
Runs = tuple[Results, Results]


def write_page(path: Path, runs: Runs, names: tuple[str, str], inputs: pd.DataFrame) -> Path:
    """Write the page of two answers, whole or not at all: .html, or .md for a document."""
    must_end(path, WRITERS, "a page")
    words = Words(runs[0].case)
    made = side_by_side(runs, names, inputs, words)
    about = replace(runs[0], study="compare", fields={}, tables={}, units_of={})
    text = html(made, about, words) if path.suffix == ".html" else without_links(markdown(made, about, words))
    return put(path, text.encode())


def side_by_side(runs: Runs, names: tuple[str, str], inputs: pd.DataFrame, words: Words) -> Page:
    """The page of two answers.

    names   what each is called
    inputs  what was asked otherwise: table, key, column, here, there
    """
    places: dict[str, Any] = dict(zip(("first_name", "second_name"), names, strict=True))
    books = [words, Words(runs[1].case, words.language)]
    pages = [page_of(one, book) for one, book in zip(runs, books, strict=True)]
    cells = differences(*runs)
    sentences = [
        words.text("compare.says", name=name, sentence=sentence)
        for name, page in zip(names, pages, strict=True)
        for sentence in page.sentences[:SAID]
    ]
    if not cells:
        sentences.append(words.text("compare.same"))
    parts = [_numbers(words, pages, places)] if runs[0].study == runs[1].study else []
    parts.append(_part(words, "inputs", _inputs(words, inputs, places)))
    for name, frame in cells.items():
        what = first_upper(human(name.replace(".", ": ")))
        frame = frame.assign(row=[_row(words, key) for key in frame["key"]])
        columns = "row:text, column:human, first:number, second:number, difference:number, unit:text"
        shown = view(words, frame, "compare.cells", columns, most=MOST, what=what, **places)
        parts.append(Part(what, name.replace(".", "-"), (shown,) if shown else ()))
    parts.append(_part(words, "only", *_only(words, only(*runs), names)))
    return Page(
        question=words.text("compare.question", first=names[0], second=names[1]),
        sentences=tuple(sentences),
        parts=tuple(parts),
        method=tuple(words.lines("compare.method")),
    )


def _part(words: Words, name: str, *shown: View | None) -> Part:
    key = f"compare.{name}"
    return Part(
        words.text(f"{key}.heading"), name, tuple(one for one in shown if one), words.text(f"{key}.none")
    )


def _numbers(words: Words, pages: list[Page], places: dict[str, Any]) -> Part:
    """The key numbers of two answers of one study beside each other."""
    pairs = zip(pages[0].key_numbers, pages[1].key_numbers, strict=False)
    frame = pd.DataFrame(
        [(a.words, a.value, b.value) for a, b in pairs if a.words == b.words],
        columns=["what", "first", "second"],
    )
    shown = view(words, frame, "compare.numbers", "what!u:text, first:text, second:text", **places)
    return Part(words.text("compare.numbers.heading"), "numbers", (shown,) if shown else ())


def _inputs(words: Words, inputs: pd.DataFrame, places: dict[str, Any]) -> View | None:
    frame = inputs.assign(
        key=[":".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in inputs["key"]],
        here=inputs["here"].map(str),
        there=inputs["there"].map(str),
    )
    columns = "table:human, key:text, column:human, here:text, there:text"
    return view(words, frame, "compare.inputs", columns, most=MOST, shown=MOST, **places)


def _only(words: Words, rows: pd.DataFrame, names: tuple[str, str]) -> list[View | None]:
    """The first rows of each table that one side has alone."""
    found = []
    for side, name in zip(("first", "second"), names, strict=True):
        own = rows[rows["side"] == side]
        own = own.assign(
            more=own.groupby("table")["key"].transform("size"), row=[_row(words, k) for k in own["key"]]
        )
        own = own.groupby("table", sort=False).head(MOST)
        places: dict[str, Any] = {"name": name, "shown": MOST}
        found.append(view(words, own, "compare.only", "table:human, row:text, more:count", **places))
    return found


def _row(words: Words, key: str) -> str:
    """A row by the names of what its key holds."""
    return ", ".join(words.label(one) if words.label(one) != one else human(one) for one in key.split(":"))

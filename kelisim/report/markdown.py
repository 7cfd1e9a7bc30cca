"""A page as a document in Markdown: for a mail, a wiki or a word processor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kelisim import catalog
from kelisim.report import evidence, numbers
from kelisim.report.figure import Figure
from kelisim.report.page import Page
from kelisim.report.table import View
from kelisim.report.words import Words
from kelisim.results.results import Results

MOST_ROWS = 100  # of a table
_OWN_MARKUP = re.compile(r"<(?=[A-Za-z/!?])|(?<=\])(?=[(\[:])")  # where HTML or a link would begin


def markdown(page: Page, results: Results, words: Words) -> str:
    """The page as text; charts are told by what they find."""
    return "\n".join(_lines(page, results, words)).rstrip() + "\n"


def without_links(text: str) -> str:
    """A document in which no text of a case makes HTML or a link: no document of this package has any."""
    return _OWN_MARKUP.sub(lambda found: f"\\{found[0]}", text)


def _lines(page: Page, results: Results, words: Words) -> Iterator[str]:
    yield from (f"# {words.title}: {words.study(results.study)}", "", page.question, "")
    for sentence in page.sentences:
        yield from (sentence, "")
    for key in page.key_numbers:
        yield f"- **{key.value}** {key.words}" + (f"; {key.beside}" if key.beside else "")
    for part in page.parts:
        yield from ("", f"## {part.heading}", "")
        yield from (f"- {sentence}" for sentence in part.sentences)
        for choice in part.choices:
            yield from (f"### {choice.name}", "")
            yield from _items(choice.items)
        yield from _items(part.items)
        if not part.items and not part.choices and not part.sentences:
            yield part.none
    yield from ("", f"## {words.text('report.method')}", "")
    yield from page.method
    yield from ("", *(f"- {limit}" for limit in page.limits), "")
    facts = [*evidence.rules(results, words), *evidence.about(results, words)]
    yield from (f"- {name}: {text}" for name, text in facts)
    found = evidence.sources(words)
    if found:
        yield from ("", f"## {words.text('report.sources')}", "")
        yield from table_lines(found)


def _items(items: Iterable[Figure | View]) -> Iterator[str]:
    for item in items:
        if isinstance(item, View):
            yield from (f"**{item.caption}**", "", *table_lines(item), "")
        else:
            yield from (f"{item.finding}.", "")


def table_lines(view: View, most: int = MOST_ROWS) -> list[str]:
    """A table in Markdown; the first rows of a long one, and how many there are."""
    heads = [f"{head.words}, {head.unit}" if head.unit else head.words for head in view.heads]
    rows = [[plain_cell(cell.text) for cell in row] for row in view.rows[:most]]
    lines = [_row(map(plain_cell, heads)), _row("---:" if head.is_number else "---" for head in view.heads)]
    lines += [_row(row) for row in rows]
    if len(view.rows) > most:
        places = {"most": numbers.count(most), "count": numbers.count(len(view.rows))}
        lines += ["", catalog.text("report.first_rows").format(**places)]
    return lines


def plain_cell(text: str) -> str:
    """A cell of a table in Markdown."""
    return text.replace("|", "\\|").replace("\n", " ")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

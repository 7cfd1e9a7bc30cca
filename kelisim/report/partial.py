"""What is done of a run that is not finished, as a document: how far it is, and what each piece says so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kelisim import catalog
from kelisim.report.markdown import plain_cell
from kelisim.report.numbers import count, figure
from kelisim.report.paper import as_html
from kelisim.results.unfinished import Unfinished

MOST = 200  # pieces that are shown of each loop, those first whose first figure is largest
SEVERAL = "#"  # between the name of a loop and the number of its turn


def document(found: Unfinished, again: str, language: str = "") -> str:
    """The document in Markdown.

    again  the command that goes on
    """
    text = _Text(language)
    study, case = found.question["study"], found.question["case"]["name"]
    places = {"done": count(found.done, language), "all": count(found.all, language)}
    lines = [f"# {text('title', study=study, case=case, **places)}", "", text("sentence", **places)]
    lines += ["", text("again", command=again)]
    for loop in dict.fromkeys(one.partition(SEVERAL)[0] for one, _, _ in found.rows):
        rows = [(name, of) for one, name, of in found.rows if one.partition(SEVERAL)[0] == loop]
        lines += ["", f"## {text(f'heading.{loop}')}", "", *_table(rows, text, language)]
    return "\n".join(lines) + "\n"


class _Text:
    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, key: str, **places: Any) -> str:
        known = f"partial.{key}"
        return (
            catalog.text(known, self._language).format(**places)
            if catalog.has(known)
            else key.rpartition(".")[2].replace("_", " ")
        )


def _table(rows: Sequence[tuple[str, Mapping[str, float]]], text: _Text, language: str) -> list[str]:
    figures = list(dict.fromkeys(name for _, of in rows for name in of))
    if figures:
        rows = sorted(rows, key=lambda row: -row[1].get(figures[0], float("-inf")))
    head = [text("piece"), *(text(f"figure.{name}") for name in figures)]
    lines = [f"| {' | '.join(plain_cell(one) for one in head)} |", "|" + " --- |" + " ---: |" * len(figures)]
    for name, of in rows[:MOST]:
        cells = [figure(of[one], language=language) if one in of else "" for one in figures]
        lines.append(f"| {' | '.join([plain_cell(name), *cells])} |")
    more = len(rows) - MOST
    return [*lines, *(["", text("more", count=count(more, language))] if more > 0 else [])]


def html(found: Unfinished, again: str, language: str = "") -> str:
    """The same as a page."""
    mark = '<meta charset="utf-8">'
    return as_html(document(found, again, language), language or catalog.spoken()).replace(
        mark, f'{mark}\n<meta name="generator" content="kelisim">', 1
    )

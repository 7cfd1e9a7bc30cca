"""A page as a PDF for print: A4, typeset by Typst from the same texts, figures and tables as the report, not a picture of it.

Needs the packages typst and mini-racer (extra `pdf`). Texts go to Typst as data and are never read as its markup.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim import catalog
from kelisim.errors import ExtraMissing, InternalError
from kelisim.report import evidence
from kelisim.report.drawn import Drawer
from kelisim.report.figure import Figure
from kelisim.report.page import Page, Part
from kelisim.report.table import Cell, View
from kelisim.report.words import Words
from kelisim.results.results import Results

MOST_ROWS = 100  # of a table
WORDS = ("method", "sources", "figure", "table")
MADE = datetime(2024, 1, 1, tzinfo=UTC)  # so that the same answer gives the same file


def pdf(page: Page, results: Results, words: Words) -> bytes:
    """The page as a PDF in the language of the words. Raises ExtraMissing."""
    try:
        import typst  # noqa: PLC0415 - of an extra
    except ModuleNotFoundError as error:
        raise ExtraMissing("pdf") from error
    with tempfile.TemporaryDirectory() as name, Drawer(words.language) as drawer:
        folder = Path(name)
        data = _Document(folder, drawer).data(page, results, words)
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        shutil.copyfile(str(files("kelisim.report") / "templates" / "report.typ"), folder / "report.typ")
        made = typst.compile(str(folder / "report.typ"), root=str(folder), timestamp=MADE)
    if not isinstance(made, bytes):
        raise InternalError("the PDF came in several parts")
    return made


def figure_sheets(page: Page) -> dict[str, pd.DataFrame]:
    """Sheets of a workbook that hold the numbers of each figure, under the number that it has in the report; first their list."""
    shown = [page.map_title] if page.map is not None else []
    found: dict[str, pd.DataFrame] = {}
    for part in page.parts:
        items = [*part.items, *(item for choice in part.choices for item in choice.items)]
        for figure in (item for item in items if isinstance(item, Figure)):
            shown.append(figure.finding)
            if not figure.is_empty:
                found[f"figure {len(shown)}"] = figure.numbers()
    rows = list(enumerate(shown, 1))
    return {"figures": pd.DataFrame(rows, columns=["figure", "finding"]), **found} if rows else {}


@dataclass
class _Document:
    """What the template is told, and the files of figures in a folder; figures and tables are numbered as in the report."""

    folder: Path
    drawer: Drawer
    figures: int = 0
    tables: int = 0
    numbers: list[dict[str, Any]] = field(default_factory=list)

    def data(self, page: Page, results: Results, words: Words) -> dict[str, Any]:
        drawn = self._map(page)
        found = {
            "language": words.language,
            "title": words.title,
            "study": words.study(results.study),
            "question": page.question,
            "sentences": list(page.sentences),
            "numbers": [
                {"value": key.value, "words": key.words, "beside": key.beside} for key in page.key_numbers
            ],
            "map": drawn,
            "map_title": page.map_title,
            "rules": evidence.rules(results, words),
            "grades": [
                [grade, said, f"{round(share * 100)} %"]
                for grade, said, _, share in (evidence.grades(words) if page.grades is None else page.grades)
            ],
            "parts": [self._part(part) for part in page.parts],
            "method": list(page.method),
            "limits": list(page.limits),
            "about": evidence.about(results, words),
            "run": [pair for pair in evidence.run(results, words) if pair[1]],
            "credits": list(evidence.credit_lines(results, page.map is not None)),
            "words": {key: catalog.text(f"report.{key}", words.language) for key in WORDS},
        }
        sources = evidence.sources(words)
        return found | {"sources": self._table(sources) if sources else None}

    def _map(self, page: Page) -> str:
        if page.map is None:
            return ""
        self.figures += 1
        (self.folder / "map.svg").write_text(page.map.svg, encoding="utf-8")
        return "map.svg"

    def _part(self, part: Part) -> dict[str, Any]:
        items = self._items(part.items)
        for choice in part.choices:
            items += [{"kind": "heading", "text": choice.name}, *self._items(choice.items)]
        is_empty = not (items or part.sentences)
        return {
            "heading": part.heading,
            "sentences": [*part.sentences, *([part.none] if is_empty else [])],
            "items": items,
        }

    def _items(self, items: Iterable[Figure | View]) -> list[dict[str, Any]]:
        return [self._table(item) if isinstance(item, View) else self._figure(item) for item in items]

    def _figure(self, figure: Figure) -> dict[str, Any]:
        self.figures += 1
        drawn = self.drawer.svg(figure)
        name = f"figure-{self.figures}.svg" if drawn else ""
        if drawn:
            (self.folder / name).write_text(drawn, encoding="utf-8")
        return {"kind": "figure", "number": self.figures, "finding": figure.finding, "file": name}

    def _table(self, view: View) -> dict[str, Any]:
        self.tables += 1
        notes = view.notes
        if len(view.rows) > MOST_ROWS:
            first = catalog.text("report.first_rows").format(most=MOST_ROWS, count=len(view.rows))
            notes = f"{first} {notes}".strip()
        heads = [{"words": head.words, "unit": head.unit, "is_number": head.is_number} for head in view.heads]
        rows = [[_written(cell) for cell in row] for row in view.rows[:MOST_ROWS]]
        return {
            "kind": "table",
            "number": self.tables,
            "caption": view.caption,
            "heads": heads,
            "rows": rows,
            "notes": notes,
        }


def _written(cell: Cell) -> str:
    return cell.grade or cell.text

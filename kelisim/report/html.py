"""A page as one HTML file that needs no network, for a phone, a wall screen and A4 paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kelisim import catalog
from kelisim.report import evidence, theme
from kelisim.report.figure import Figure
from kelisim.report.library import echarts, script_safe
from kelisim.report.page import Choice, Page, Part
from kelisim.report.scene import asset
from kelisim.report.table import View
from kelisim.report.words import Words
from kelisim.results.results import Results

TITLE = 34  # pixels of a figure that its title takes
FEW = 15  # rows of a long table that are shown at once
FIRST = 'document.documentElement.className = "js";'


@dataclass(frozen=True)
class FigureView:
    """One numbered figure: what it says, and its options as JSON for the page's script; none where nothing is drawn."""

    number: int
    finding: str
    options: Markup
    height: int
    is_wide: bool
    words: str


def _said(book: Words, key: str, /, **places: Any) -> str:
    """A text of the section [report], for the template."""
    return book.text(f"report.{key}", **places)


class _Numbers:
    """Counts figures and tables as they come."""

    def __init__(self, figures: int) -> None:
        self.figures, self.tables = figures, 0

    def items(self, items: Iterable[Figure | View]) -> list[FigureView | View]:
        return [self._table(item) if isinstance(item, View) else self._figure(item) for item in items]

    def part(self, part: Part) -> dict[str, Any]:
        return {
            "part": part,
            "choices": [self._choice(choice) for choice in part.choices],
            "items": self.items(part.items),
        }

    def _choice(self, choice: Choice) -> dict[str, Any]:
        return {"choice": choice, "items": self.items(choice.items)}

    def _figure(self, made: Figure) -> FigureView:
        self.figures += 1
        options = Markup("") if made.is_empty else script_safe(made.options)
        words = catalog.text("charts.words.numbers")
        return FigureView(self.figures, made.finding, options, made.height - TITLE, made.is_wide, words)

    def _table(self, view: View) -> View:
        self.tables += 1
        return replace(view, number=self.tables)


def html(page: Page, results: Results, words: Words, charts: str | None = None) -> str:
    """The page as text.

    charts  address of the chart library, where it is not written into the file
    """
    numbers = _Numbers(1 if page.map else 0)
    shown = {
        "page": page,
        "language": words.language,
        "title": words.title,
        "study": words.study(results.study),
        "t": partial(_said, words),
        "facts": evidence.about(results, words),
        "rules": evidence.rules(results, words),
        "grades": evidence.grades(words) if page.grades is None else page.grades,
        "shipped": evidence.shipped(words) if page.grades is None else "",
        "map": Markup(page.map.html) if page.map else None,
        "parts": [numbers.part(part) for part in page.parts],
        "run": evidence.run(results, words),
        "sources": numbers.items([view for view in (evidence.sources(words),) if view]),
        "credits": evidence.credit_lines(results, page.map is not None),
        "licences": evidence.licences(results),
        "few": FEW,
        "policy": policy(charts),
        "first": Markup(FIRST),
        "css": Markup(asset("report.css")),
        "js": Markup(asset("report.js")),
        "look": script_safe(theme.look(words.language)),
        "charts": charts,
        "charts_js": Markup(asset("charts.js")),
        "library": echarts() if charts is None else "",
    }
    return str(_environment().get_template("page.html").render(shown))


def policy(charts: str | None = None) -> str:
    """What a browser may run and load for a page: its own scripts, by their hashes, and nothing from elsewhere.

    Style may stand in attributes: bars are as long, and marks have the colour, as their numbers say.
    """
    here = "" if charts is None else " 'self'"
    texts = [
        FIRST,
        asset("map.js"),
        asset("charts.js"),
        asset("report.js"),
        *([echarts()] if charts is None else []),
    ]
    scripts = " ".join(map(hash_of, texts))
    sources = f"script-src {scripts}{here}; style-src 'unsafe-inline'{here}; img-src data:"
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


@cache
def hash_of(text: str) -> str:
    """A script or a style as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("kelisim.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

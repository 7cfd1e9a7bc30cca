"""A page as one HTML file that needs no network, for a phone, a wall screen and A4 paper."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from kelisim.report import evidence, theme
from kelisim.report.page import Choice, Page, Part
from kelisim.report.scene import asset
from kelisim.report.table import View
from kelisim.report.words import Words
from kelisim.results.results import Results

FEW = 15  # rows of a long table that are shown at once
FIRST = 'document.documentElement.className = "js";'
_TAG = re.compile(
    r"<(?!/?(?:b|br|extra)>)"
)  # of what plotly takes for tags, all but those that are written here


@dataclass(frozen=True)
class FigureView:
    """One numbered figure: what it says, and its data as JSON for the page's script."""

    number: int
    finding: str
    data: Markup
    height: int
    is_wide: bool = False


def _said(book: Words, key: str, /, **places: Any) -> str:
    """A text of the section [report], for the template."""
    return book.text(f"report.{key}", **places)


class _Numbers:
    """Counts figures and tables as they come."""

    def __init__(self, figures: int) -> None:
        self.figures, self.tables = figures, 0

    def items(self, items: Iterable[go.Figure | View]) -> list[FigureView | View]:
        return [self._table(item) if isinstance(item, View) else self._figure(item) for item in items]

    def part(self, part: Part) -> dict[str, Any]:
        return {
            "part": part,
            "choices": [self._choice(choice) for choice in part.choices],
            "items": self.items(part.items),
        }

    def _choice(self, choice: Choice) -> dict[str, Any]:
        return {"choice": choice, "items": self.items(choice.items)}

    def _figure(self, made: go.Figure) -> FigureView:
        self.figures += 1
        height, is_wide = int(made.layout.height or 330), bool((made.layout.meta or {}).get("wide"))
        return FigureView(self.figures, theme.finding(made), _json(made), height, is_wide)

    def _table(self, view: View) -> View:
        self.tables += 1
        return replace(view, number=self.tables)


def html(page: Page, results: Results, words: Words, plotly: str | None = None) -> str:
    """The page as text.

    plotly  address of the chart library, where it is not written into the file
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
        "policy": policy(plotly),
        "first": Markup(FIRST),
        "css": Markup(asset("report.css")),
        "js": Markup(asset("report.js")),
        "look": _script_safe(json.dumps(theme.TEMPLATE.to_plotly_json(), cls=PlotlyJSONEncoder)),
        "plotly": plotly,
        "library": _library() if plotly is None else "",
    }
    return str(_environment().get_template("page.html").render(shown))


def policy(plotly: str | None = None) -> str:
    """What a browser may run and load for a page: its own scripts, by their hashes, and nothing from elsewhere.

    Style may stand in attributes: bars are as long, and marks have the colour, as their numbers say.
    """
    here = "" if plotly is None else " 'self'"
    texts = [FIRST, asset("map.js"), asset("report.js"), *([_library()] if plotly is None else [])]
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


@cache
def _library() -> Markup:
    return Markup(get_plotlyjs().replace("</script", "<\\/script"))


def _script_safe(text: str) -> Markup:
    """JSON that can stand in a script element."""
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _json(made: go.Figure) -> Markup:
    parts = made.to_plotly_json()
    layout = {
        key: value for key, value in parts["layout"].items() if key not in ("template", "title", "meta")
    }
    lines = (made.layout.title.text or "").count("<br>")
    layout["height"] = int(made.layout.height or 330) - 18 * lines - 34
    layout["margin"] = {**layout.get("margin", {}), "t": 14}
    text = json.dumps({"data": parts["data"], "layout": layout}, cls=PlotlyJSONEncoder, separators=(",", ":"))
    return _script_safe(_TAG.sub("&lt;", text))

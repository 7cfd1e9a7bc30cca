"""The report: one HTML file that needs no network, for a phone, a wall screen and A4 paper."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from kelisim import __version__
from kelisim.errors import StudyError
from kelisim.report import curves, looks, ranks, shares
from kelisim.report.drawing import asset
from kelisim.report.ground import shapes
from kelisim.report.maps import Map, flow_map
from kelisim.report.words import Book, first_upper, human, text_of
from kelisim.results.results import Results
from kelisim.studies.balance import page as answer
from kelisim.studies.balance import tables as views
from kelisim.studies.balance.tables import View
from kelisim.studies.border import page as border
from kelisim.studies.disruption import page as outage
from kelisim.studies.emergency import page as plan
from kelisim.studies.exercise import page as exercise
from kelisim.studies.fuel import page as fuel
from kelisim.studies.reliability import page as risk
from kelisim.studies.replays import page as replays
from kelisim.studies.restoration import page as repairs

FEW = 15  # rows of a long table that are shown at once
_NATURAL_EARTH = "Made with Natural Earth"
PARTED = (
    outage,
    plan,
    exercise,
    repairs,
    replays,
    risk,
    fuel,
)  # modules that make pages of parts, each with its STUDIES


@dataclass(frozen=True)
class FigureView:
    """One numbered figure: what it says, and its data as JSON for the page's script."""

    number: int
    finding: str
    data: Markup
    height: int
    is_wide: bool = False


@dataclass(frozen=True)
class CarrierPart:
    """The pages of one carrier."""

    key: str
    name: str
    colour: str
    figure: FigureView | None
    tables: list[View]


@dataclass
class _Numbers:
    """Counts figures and tables as they come."""

    figures: int = 0
    tables: int = 0

    def figure(self, made: Any, is_wide: bool = False) -> FigureView:
        self.figures += 1
        return FigureView(
            self.figures, looks.finding(made), _json(made), int(made.layout.height or 330), is_wide
        )

    def table(self, view: View | None) -> View | None:
        if view is None:
            return None
        self.tables += 1
        return replace(view, number=self.tables)


def write_report(results: Results, path: str | os.PathLike[str]) -> Path:
    """Write the report of a result as one HTML file; an emergency plan or the minutes of an exercise as Markdown if the file ends in .md.

    path     file to write (or a folder: then report.html in it); missing folders are made
    returns  where the report is

    The file is written beside its place and moved there, so that it is whole or not there.
    """
    target = Path(path)
    if target.is_dir() or not target.suffix:
        target = target / "report.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        text = _document(results) if target.suffix == ".md" else report_html(results)
        draft.write_text(text, encoding="utf-8", newline="\n")
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _document(results: Results) -> str:
    """A plan or minutes in Markdown. Raises StudyError for a study that has neither."""
    for made in (plan, exercise):
        if results.study in made.STUDIES:
            return made.markdown(results)
    raise StudyError(
        f"a report of the study {results.study} is an HTML file; a document (.md) is made of an emergency plan or an exercise."
    )


def report_html(results: Results) -> str:
    """The report of a result as text; one without an optimum lists the limits that conflict."""
    book = Book(results.case)
    numbers = _Numbers()
    if "border.summary" in results:
        return _border(results, book, numbers)
    for parts in PARTED:
        if results.study in parts.STUDIES:
            return _parted(results, book, numbers, parts)
    if "links.total" not in results:
        return _conflicts(results, book, numbers)
    drawn = _map(results)
    numbers.figures = 1 if drawn else 0
    page = {
        "book": book,
        "title": results.case.title,
        "study": first_upper(human(results.study)),
        "facts": _facts(results, book),
        "question": answer.question(results, book),
        "sentences": answer.sentences(results, book),
        "key_numbers": answer.key_numbers(results, book),
        "rules": answer.rules(results),
        "grades": answer.grades(book),
        "map": Markup(drawn.html) if drawn else None,
        "map_title": f"Flows between places and how full the links are, {book.period}; one carrier in front.",
        "carriers": _carriers(results, book, numbers),
        "year": [
            numbers.figure(shares.sankey(results), is_wide=True),
            numbers.figure(shares.balance(results)),
        ],
        "storages": _storages(results, book, numbers),
        "unserved": _unserved(results, book, numbers),
        "weak": _weak(results, book, numbers),
        "mix": _mix(results, book, numbers),
        "costs": _costs(results, book, numbers),
        "method": _method(),
        "limits": [text_of(line) for line in results.meta.get("limits", [])],
        "run": _run(results),
        "sources": numbers.table(views.sources_view(results, book)),
        "credits": _credits(results, drawn is not None),
        "licences": _licences(results),
        "few": FEW,
        "css": Markup(asset("report.css")),
        "js": Markup(asset("report.js")),
        "template": _script_safe(json.dumps(looks.TEMPLATE.to_plotly_json(), cls=PlotlyJSONEncoder)),
        "plotly": _plotly(),
    }
    return str(_environment().get_template("report.html").render(page))


def _border(results: Results, book: Book, numbers: _Numbers) -> str:
    """The page of the study of a border."""
    drawn = border.border_map(results, book)
    numbers.figures = 1 if drawn else 0
    page = {
        "title": results.case.title,
        "study": first_upper(human(results.study)),
        "facts": _facts(results, book),
        "question": answer.question(results, book),
        "sentences": border.sentences(results, book),
        "key_numbers": border.key_numbers(results, book),
        "rules": answer.rules(results),
        "grades": border.grades(results),
        "map": Markup(drawn.html) if drawn else None,
        "map_title": f"Regions on the border and flows over it, {border.days_in_words(results)}; one carrier in front.",
        "regions": border.region_sentences(results),
        "share_bars": numbers.figure(border.share_bars(results, book)),
        "rows": numbers.table(border.table_view(results, book)),
        "loss_bars": numbers.figure(border.loss_bars(results, book)),
        "losses": numbers.table(border.loss_view(results, book)),
        "provisions": numbers.table(border.provision_view(results, book)),
        "method": _border_method(),
        "limits": [text_of(line) for line in results.meta.get("limits", [])],
        "run": _run(results),
        "sources": numbers.table(views.sources_view(results, book)),
        "credits": _credits(results, drawn is not None),
        "licences": _licences(results),
        "few": FEW,
        "css": Markup(asset("report.css")),
        "js": Markup(asset("report.js")),
        "template": _script_safe(json.dumps(looks.TEMPLATE.to_plotly_json(), cls=PlotlyJSONEncoder)),
        "plotly": _plotly(),
    }
    return str(_environment().get_template("border.html").render(page))


def _parted(results: Results, book: Book, numbers: _Numbers, parts: ModuleType) -> str:
    """A page of parts: of a disruption, of contingencies, of repairs; `parts` is the module that knows them."""
    page = {
        "title": results.case.title,
        "study": first_upper(human(results.study)),
        "facts": _facts(results, book),
        "question": parts.question(results),
        "sentences": parts.sentences(results),
        "key_numbers": parts.key_numbers(results, book),
        "rules": answer.rules(results),
        "grades": answer.grades(book),
        "parts": [
            {
                "heading": part.heading, "anchor": part.anchor, "none": part.none,
                "figures": [numbers.figure(made) for made in part.figures],
                "tables": [numbers.table(view) for view in part.tables],
            }
            for part in parts.parts(results, book)
        ],
        "method": parts.method(results),
        "limits": [text_of(line) for line in results.meta.get("limits", [])],
        "run": _run(results),
        "sources": numbers.table(views.sources_view(results, book)),
        "credits": _credits(results, has_map=False),
        "licences": _licences(results),
        "few": FEW,
        "css": Markup(asset("report.css")),
        "js": Markup(asset("report.js")),
        "template": _script_safe(json.dumps(looks.TEMPLATE.to_plotly_json(), cls=PlotlyJSONEncoder)),
        "plotly": _plotly(),
    }  # fmt: skip
    return str(_environment().get_template("outage.html").render(page))


def _conflicts(results: Results, book: Book, numbers: _Numbers) -> str:
    """The page of a result without an answer."""
    page = {
        "title": results.case.title,
        "study": first_upper(human(results.study)),
        "facts": _facts(results, book),
        "question": answer.question(results, book),
        "status": text_of(results.meta.get("status")) or "not determined",
        "conflicts": numbers.table(views.conflicts_view(results, book)),
        "run": _run(results),
        "few": FEW,
        "css": Markup(asset("report.css")),
    }
    return str(_environment().get_template("conflicts.html").render(page))


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
def _plotly() -> Markup:
    return Markup(get_plotlyjs().replace("</script", "<\\/script"))


def _script_safe(text: str) -> Markup:
    """JSON that can stand in a script element."""
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _json(made: Any) -> Markup:
    parts = made.to_plotly_json()
    layout = {
        key: value for key, value in parts["layout"].items() if key not in ("template", "title", "meta")
    }
    lines = (made.layout.title.text or "").count("<br>")
    layout["height"] = int(made.layout.height or 330) - 18 * lines - 34
    layout["margin"] = {**layout.get("margin", {}), "t": 14}
    return _script_safe(
        json.dumps({"data": parts["data"], "layout": layout}, cls=PlotlyJSONEncoder, separators=(",", ":"))
    )


def _map(results: Results) -> Map | None:
    return flow_map(results) if len(results["links.total"]) and len(results.case.table("places")) else None


def _facts(results: Results, book: Book) -> list[tuple[str, str]]:
    made = text_of(results.meta.get("date") or results.meta.get("created"))[:10] or date.today().isoformat()
    fingerprint = text_of(results.meta.get("fingerprint")) or results.case.fingerprint
    version = (results.meta.get("versions") or {}).get("kelisim", __version__)
    return [
        ("Period", f"{book.period}, {book.step_words}"),
        ("Date", made),
        ("Case", f"{results.case.name}, fingerprint {fingerprint}"),
        ("Computed with", f"kelisim {version}"),
    ]


def _carriers(results: Results, book: Book, numbers: _Numbers) -> list[CarrierPart]:
    rows = results["carriers.balance"]
    order = book.families(rows["carrier"].astype(str))
    size = rows.groupby(rows["carrier"].astype(str))["made"].sum()
    names = sorted(size.index, key=lambda name: (order.index(book.family(name)), -float(size[name])))
    out = []
    for name in names:
        table = shares.balance_table(results, name)
        if table.empty:
            continue
        shown = numbers.figure(shares.balance_figure(book, table, name))
        tables = [
            numbers.table(views.balance_view(table, book, name)),
            numbers.table(views.borders_view(results, book, name)),
        ]
        out.append(
            CarrierPart(
                name, book.carrier(name), book.colour(name), shown, [t for t in tables if t is not None]
            )
        )
    return out


def _storages(results: Results, book: Book, numbers: _Numbers) -> list[tuple[FigureView | None, View | None]]:
    total = results["storages.total"]
    found: list[tuple[FigureView | None, View | None]] = []
    has_levels = "storages.level" in results
    for family in curves.storage_families(results):
        if (
            float(
                total.loc[total["carrier"].astype(str).map(book.family) == family, "working_capacity"].sum()
            )
            > 0
        ):
            shown = numbers.figure(curves.storage(results, family)) if has_levels else None
            found.append((shown, numbers.table(views.storage_view(results, book, family))))
    return found


def _unserved(results: Results, book: Book, numbers: _Numbers) -> tuple[FigureView | None, View | None]:
    table = views.unserved_view(results, book)
    return (None, None) if table is None else (numbers.figure(ranks.unserved(results)), numbers.table(table))


def _weak(results: Results, book: Book, numbers: _Numbers) -> dict[str, Any]:
    table = views.bottleneck_view(results, book, network=True)
    used = bool((results["links.total"]["loading"] > 0).any()) if len(results["links.total"]) else False
    return {
        "bars": numbers.figure(ranks.bottlenecks(results, network=True)) if table is not None else None,
        "table": numbers.table(table),
        "sources": numbers.table(views.bottleneck_view(results, book, network=False)),
        "loading": numbers.figure(curves.loading_duration(results))
        if used and "links.flow" in results
        else None,
        "shared": numbers.table(views.resources_view(results, book)),
    }


def _mix(results: Results, book: Book, numbers: _Numbers) -> tuple[list[FigureView], View | None]:
    table = views.mix_view(results, book)
    if table is None:
        return [], None
    rows = shares.mix_shares(results)
    foreign = rows[rows["origin_country"] != rows["place"].map(book.country_of)]
    shown = [shares.mix(results)]
    if len(foreign):
        shown.append(shares.mix(results, carrier=str(foreign.groupby("carrier")["energy"].sum().idxmax())))
    return [numbers.figure(made) for made in shown], numbers.table(table)


def _costs(results: Results, book: Book, numbers: _Numbers) -> dict[str, Any]:
    nodes = results["places.balance"]
    use = (
        (nodes["used"] + nodes["taken_in"])
        .groupby(nodes["carrier"].astype(str))
        .sum()
        .sort_values(ascending=False)
    )
    priced = [name for name in ("electricity", "natural_gas") if use.get(name, 0) > 0] or list(
        use[use > 0].index[:2]
    )
    return {
        "bars": numbers.figure(ranks.costs(results)),
        "table": numbers.table(views.costs_view(results, book)),
        "prices": [numbers.figure(curves.price_duration(results, name)) for name in priced]
        if "places.price" in results
        else [],
        "markets": numbers.table(views.markets_view(results, book)),
        "contracts": numbers.table(views.contracts_view(results, book)),
    }


def _method() -> list[str]:
    """What the numbers are, in three sentences."""
    return [
        "The flows are those of the year that costs least, with all steps solved together: production, "
        "transport, storage, sales and the value of lost load are weighed against each other.",
        "A nodal price is the cost of one more MWh at a place; a shadow price is what one more MWh of a "
        "limit would save.",
        "Where several plans cost the same, totals and costs are firm; a single flow may be one of several.",
    ]


def _border_method() -> list[str]:
    """What the numbers of a border are."""
    return [
        "What comes from across is traced through the flows of the least-cost plan: what enters a place mixes, what leaves it "
        "carries the mix.",
        "The largest supply is the element that brings most in these days. It is lost without warning, and the cheapest answer "
        "is found that keeps the order of protection; what was short by the plan already is not counted.",
        "Days of cover: all links of a carrier over the border are closed, and the first protected customer is cut after them.",
    ]


def _run(results: Results) -> list[tuple[str, str]]:
    """Status, versions, timings and counts as rows."""
    meta = results.meta
    objective = meta.get("objective")
    out = [("Status", text_of(meta.get("status"))), ("Method", text_of(meta.get("method")))]
    out.append(("Objective", "" if objective is None else f"{float(objective):.8g}"))
    for group in ("versions", "timings", "counts"):
        parts = meta.get(group) or {}
        if isinstance(parts, dict):
            out.append(
                (
                    first_upper(group),
                    ", ".join(f"{human(key)} {_plain(value)}" for key, value in parts.items()),
                )
            )
    fields = dict(results.fields or {})
    out.append(("Fields", ", ".join(f"{human(key)} {text_of(value)}" for key, value in fields.items())))
    return [(key, value) for key, value in out if value]


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _credits(results: Results, has_map: bool) -> list[str]:
    lines = [text_of(line) for line in results.meta.get("credits") or []]
    lines = lines or [text_of(line) for line in results.case.setting("display", "credits", [])]
    if has_map and shapes("countries.geojson") and not any(_NATURAL_EARTH in line for line in lines):
        lines.append(f"{_NATURAL_EARTH}.")
    return lines


def _licences(results: Results) -> str:
    """Licence text of the case: its own, or that of the shipped reference case."""
    given = text_of(results.meta.get("licences"))
    if given:
        return given
    own = text_of(results.case.settings.get("licence"))
    if results.case.name == "reference":
        for name in ("LICENCES.md", "LICENCES.txt", "LICENCES"):
            found = files("kelisim") / "reference" / name
            if found.is_file():
                return found.read_text(encoding="utf-8")
    return own

"""The runs that are kept: their list, the page of one, and the files that are made of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache, partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from nicegui import ui

from kelisim import catalog
from kelisim.case.scenarios import of_name
from kelisim.errors import RunError, UserError
from kelisim.report.words import Words
from kelisim.results.results import Results, is_answered
from kelisim.results.store import find, list_runs, load_run, read_head
from kelisim.studies.pages import document, report_html
from kelisim.web.address import Address, fields_said, study_link
from kelisim.web.texts import text
from kelisim.web.views.head import head
from kelisim.web.views.report import PLOTLY, computed, report
from kelisim.web.views.wait import follow
from kelisim.web.workspace import Workspace

MOST = 500  # runs of a list
FILES = {"report.html": "report", "answer.xlsx": "excel", "document.md": "document"}  # key of its name
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def folder_of(run: str) -> Path:
    """Folder of a run by its name. Raises RunError for a name that is none, such as a path."""
    if Path(run).name != run or run.startswith("."):
        raise RunError(f'"{run}" is not the name of a run.')
    return find(run)


@lru_cache(maxsize=4)
def _loaded(folder: Path) -> Results:
    return load_run(folder)


def framed(results: Results) -> bytes:
    """The page of an answer, in the language of who reads, that takes the chart library from the server."""
    return _framed(results, catalog.spoken())


@lru_cache(maxsize=8)
def _framed(results: Results, language: str) -> bytes:
    return report_html(results, language, PLOTLY).encode()


def workbook(results: Results) -> bytes:
    """The answer as an Excel file."""
    with tempfile.TemporaryDirectory() as folder:
        return results.to_excel(Path(folder) / "answer.xlsx").read_bytes()


def file_of(run: str, name: str) -> tuple[bytes, str]:
    """Content and type of a file of a run: one of FILES, or "page" for the report with the chart library beside it.

    Raises RunError where the run is not there or not whole, or there is no such file.
    """
    if name not in (*FILES, "page"):
        raise RunError(f'A run has no file "{name}". Known: {", ".join(FILES)}.')
    results = _loaded(folder_of(run))
    kind = TYPES[Path(name).suffix or ".html"]
    if name == "answer.xlsx":
        return workbook(results), kind
    if name == "document.md":
        return document(results).encode(), kind
    return framed(results) if name == "page" else report_html(results).encode(), kind


async def keep(desk: Workspace, results: Results) -> None:
    """Keep an answer as a run, and open its page."""
    visitor = ui.context.client
    try:
        folder = await desk.call("doing.writing", results.save)
    except UserError as error:
        if not visitor.is_deleted:
            ui.notify(str(error), type="negative", multi_line=True)
    else:
        if not visitor.is_deleted:
            ui.navigate.to(f"/run/{quote(folder.name)}")


def run_page(desk: Workspace, run: str) -> None:
    """The page of a run: its files, the page of its answer, and the command that gives the same."""
    address = Address("run")
    head(desk, lambda: address)
    with ui.element("div").classes("k-page"):
        try:
            folder = folder_of(run)
            kept = read_head(folder)
        except RunError as error:
            ui.label(str(error)).classes("k-warn")
            return
        links = [
            f'<a href="{_link(run, name)}" download>{text(f"runs.{key}")}</a>' for name, key in FILES.items()
        ]
        scenario = of_name(desk.case, str(kept["case"].get("name", "")))
        again = study_link(str(kept["study"]), kept["fields"], scenario=scenario)
        links.append(f'<a href="{escape(again, quote=True)}">{text("runs.again")}</a>')
        ui.html("".join(links), sanitize=False).classes("k-files")
        report(_link(run, "page"), text("runs.page", run=run))
        computed(desk.command(str(kept["study"]), kept["fields"], kept, str(folder)))


def runs_page(desk: Workspace, address: Address) -> None:
    """All runs, the latest first; before them what is being asked."""
    head(desk, lambda: address)
    frame = list_runs().head(MOST)
    with ui.element("div").classes("k-page"):
        ui.html(f'<h2 class="k-title">{text("head.runs")}</h2>', sanitize=False)
        for job in desk.runs:
            if not job.is_done:
                with ui.element("div").classes("k-box"):
                    follow(job, partial(_asking, desk.words.study(job.study)), ui.navigate.reload)
        if frame.empty:
            link = f'<a href="/studies">{text("runs.study")}</a>'
            ui.html(f'<p class="k-note">{text("runs.none", link=link)}</p>', sanitize=False)
            return
        rows = "".join(_row(desk.words, row) for row in frame.to_dict("records"))
        about = f'placeholder="{text("runs.filter")}" aria-label="{text("runs.filter_runs")}"'
        search = f'<input type="search" {about} data-filter=".k-runs li">'
        ui.html(f'{search}<ol class="k-runs">{rows}</ol>', sanitize=False)


def _asking(study: str, doing: str) -> str:
    return f"{study}: {doing}"


def _row(words: Words, row: Mapping[Any, Any]) -> str:
    """A run of the list; of a damaged one what it lacks."""
    run, study = str(row["run"]), words.study(row["study"]) if row["study"] else text("runs.run")
    created = None if pd.isna(row["created"]) else row["created"].to_pydatetime().astimezone()
    when = f"{words.day(created)}, {created:%H:%M}" if created else ""
    about = [one for one in (str(row["case"]), when) if one]
    if row["problem"]:
        lacks = f'<span class="k-note">{escape(run)}: {escape(str(row["problem"]))}</span>'
        return (
            f'<li class="damaged"><b>{escape(study)}</b><span>{escape(" · ".join(about))}</span>{lacks}</li>'
        )
    fields = fields_said(str(row["study"]), read_head(folder_of(run))["fields"])
    asked = ", ".join(f"{words.field(name)} {one.replace(',', ', ')}" for name, one in fields.items())
    status = words.status(row["status"])
    about.append(status if is_answered(row["status"]) else text("runs.no_answer", status=status))
    files = "".join(
        f'<a href="{_link(run, name)}" download>{text(f"runs.{key}")}</a>' for name, key in FILES.items()
    )
    return (
        f'<li><a class="to" href="/run/{quote(run)}">{escape(study)}</a><span>{escape(" · ".join(about))}</span>'
        f'<span class="asked">{escape(asked)}</span><span class="k-files">{files}</span></li>'
    )


def _link(run: str, name: str) -> str:
    return f"/run/{quote(run)}/{name}"

"""The runs that are kept: their list, the page of one, and the files that are made of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from nicegui import ui

from kelisim.case.scenarios import of_name
from kelisim.errors import RunError, UserError
from kelisim.report.numbers import first_upper, human
from kelisim.results.results import Results, is_answered
from kelisim.results.store import find, list_runs, load_run, read_head
from kelisim.studies.pages import document, report_html
from kelisim.web.address import Address, fields_said, study_link
from kelisim.web.views.head import head
from kelisim.web.views.report import PLOTLY, computed, report
from kelisim.web.views.wait import follow
from kelisim.web.workspace import Workspace

MOST = 500  # runs of a list
FILES = {"report.html": "HTML report", "answer.xlsx": "Excel", "document.md": "Document (Markdown)"}
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


@lru_cache(maxsize=8)
def framed(results: Results) -> bytes:
    """The page of an answer that takes the chart library from the server."""
    return report_html(results, plotly=PLOTLY).encode()


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
        folder = await desk.call("writing the run", results.save)
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
        links = [f'<a href="{_link(run, name)}" download>{words}</a>' for name, words in FILES.items()]
        scenario = of_name(desk.case, str(kept["case"].get("name", "")))
        again = study_link(str(kept["study"]), kept["fields"], scenario=scenario)
        links.append(f'<a href="{escape(again, quote=True)}">Ask again with other values</a>')
        ui.html("".join(links), sanitize=False).classes("k-files")
        report(_link(run, "page"), f"Page of the run {run}")
        computed(desk.command(str(kept["study"]), kept["fields"], kept, str(folder)))


def runs_page(desk: Workspace, address: Address) -> None:
    """All runs, the latest first; before them what is being asked."""
    head(desk, lambda: address)
    frame = list_runs().head(MOST)
    with ui.element("div").classes("k-page"):
        ui.html('<h2 class="k-title">Runs</h2>', sanitize=False)
        for job in desk.runs:
            if not job.is_done:
                with ui.element("div").classes("k-box"):
                    follow(job, f"{first_upper(human(job.study))}: ", ui.navigate.reload)
        if frame.empty:
            ui.html(
                '<p class="k-note">None is kept yet. Ask a <a href="/studies">study</a>.</p>', sanitize=False
            )
            return
        rows = "".join(_row(row) for row in frame.to_dict("records"))
        search = (
            '<input type="search" placeholder="Filter" aria-label="Filter the runs" data-filter=".k-runs li">'
        )
        ui.html(f'{search}<ol class="k-runs">{rows}</ol>', sanitize=False)


def _row(row: Mapping[Any, Any]) -> str:
    """A run of the list; of a damaged one what it lacks."""
    run, study = str(row["run"]), first_upper(human(row["study"])) or "Run"
    when = "" if pd.isna(row["created"]) else f"{row['created'].to_pydatetime().astimezone():%d %B %Y, %H:%M}"
    about = [text for text in (str(row["case"]), when) if text]
    if row["problem"]:
        lacks = f'<span class="k-note">{escape(run)}: {escape(str(row["problem"]))}</span>'
        return (
            f'<li class="damaged"><b>{escape(study)}</b><span>{escape(" · ".join(about))}</span>{lacks}</li>'
        )
    fields = fields_said(str(row["study"]), read_head(folder_of(run))["fields"])
    asked = ", ".join(f"{human(name)} {text.replace(',', ', ')}" for name, text in fields.items())
    about.append(str(row["status"]) if is_answered(row["status"]) else f"no answer: {row['status']}")
    files = "".join(f'<a href="{_link(run, name)}" download>{words}</a>' for name, words in FILES.items())
    return (
        f'<li><a class="to" href="/run/{quote(run)}">{escape(study)}</a><span>{escape(" · ".join(about))}</span>'
        f'<span class="asked">{escape(asked)}</span><span class="k-files">{files}</span></li>'
    )


def _link(run: str, name: str) -> str:
    return f"/run/{quote(run)}/{name}"

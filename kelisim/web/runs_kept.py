"""Runs that are kept, as a visitor may see them, and the files that are made of one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from kelisim import catalog
from kelisim.errors import RunError
from kelisim.results.results import Results
from kelisim.results.store import find, load_run
from kelisim.studies.pages import document, report_html, report_pdf
from kelisim.web.people.access import access_of
from kelisim.web.people.visitor import AT_HOME, Visitor
from kelisim.web.views.report import CHARTS, workbook

FILES = {
    "report.html": "report",
    "answer.xlsx": "excel",
    "document.md": "document",
    "report.pdf": "pdf",
}  # key of its name
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def folder_of(run: str, visitor: Visitor = AT_HOME) -> Path:
    """Folder of a run by its name.

    Raises RunError for a name that is none, such as a path, and for a run that the visitor may not see, as if it were not there.
    """
    if Path(run).name != run or run.startswith("."):
        raise RunError(f'"{run}" is not the name of a run.')
    folder = find(run)
    if not access_of(folder).opens_to(visitor):
        raise RunError(f'There is no run "{run}".')
    return folder


@lru_cache(maxsize=4)
def loaded(folder: Path) -> Results:
    """The results of a run; those of the last few are at hand."""
    return load_run(folder)


def framed(results: Results) -> bytes:
    """The page of an answer, in the language of who reads, that takes the chart library from the server."""
    return _framed(results, catalog.spoken())


@lru_cache(maxsize=8)
def _framed(results: Results, language: str) -> bytes:
    return report_html(results, language, CHARTS).encode()


def file_of(run: str, name: str, visitor: Visitor = AT_HOME) -> tuple[bytes, str]:
    """Content and type of a file of a run: one of FILES, or "page" for the report with the chart library beside it.

    Raises RunError where the run is not there, not for this visitor or not whole, or there is no such file.
    """
    if name not in (*FILES, "page"):
        raise RunError(f'A run has no file "{name}". Known: {", ".join(FILES)}.')
    results = loaded(folder_of(run, visitor))
    kind = TYPES[Path(name).suffix or ".html"]
    if name == "answer.xlsx":
        return workbook(results), kind
    if name == "document.md":
        return document(results).encode(), kind
    if name == "report.pdf":
        return report_pdf(results), kind
    return framed(results) if name == "page" else report_html(results).encode(), kind

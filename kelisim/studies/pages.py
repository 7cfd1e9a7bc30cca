"""The page of any study's answer, and the files that are made of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from kelisim import catalog
from kelisim.errors import StudyError
from kelisim.report.html import html
from kelisim.report.markdown import markdown, without_links
from kelisim.report.page import Page, conflicts_page, default_page
from kelisim.report.paper import as_html
from kelisim.report.typeset import figure_sheets, pdf
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.files import must_end, put
from kelisim.results.results import Results
from kelisim.studies.study import find

MOST_JSON = 1000  # rows of a table that JSON holds; longer ones are in the run


def page_of(results: Results, words: Words) -> Page:
    """The page of an answer: the study's own, or that of its facts and tables; without an optimum the limits that conflict."""
    if not results.is_answered:
        return conflicts_page(results, words)
    module = _own(results.study)
    if module is None:
        return default_page(results, words, find(results.study).heading())
    made: Page = module.page(results, words)
    return made


def report_html(results: Results, language: str = "", charts: str | None = None) -> str:
    """The report of an answer as one HTML file.

    charts  address of the chart library, where it is not written into the file
    """
    with catalog.speaking(language or catalog.spoken()):
        words = Words(results.case)
        return html(page_of(results, words), results, words, charts)


def document(results: Results, language: str = "") -> str:
    """The answer in Markdown: the study's own document, such as a plan or minutes, or its page."""
    with catalog.speaking(language or catalog.spoken()):
        words, module = Words(results.case), _own(results.study)
        if module is not None and hasattr(module, "document") and results.is_answered:
            text: str = module.document(results, words)
        else:
            text = markdown(page_of(results, words), results, words)
        return without_links(text)


def answer_json(results: Results, language: str = "") -> dict[str, Any]:
    """The answer as JSON can hold it: what was asked, what is said, tables of at most a thousand rows."""
    words = Words(results.case, language)
    facts = facts_of(results["facts"]) if "facts" in results else {}
    small = {
        name: frame for name, frame in results.tables.items() if len(frame) <= MOST_JSON and name != "facts"
    }
    meta = ("status", "objective", "rules", "fingerprint", "timings", "counts", "method")
    return {
        "study": results.study,
        "case": results.case.name,
        "fields": dict(results.fields),
        **{key: results.meta.get(key) for key in meta},
        "facts": [fact.to_dict() | {"text": words.say(fact)} for fact in facts.values()],
        **{n: json.loads(f.to_json(orient="records", date_format="iso")) for n, f in small.items()},
    }


def write_papers(results: Results, folder: str | os.PathLike[str], language: str = "") -> list[Path]:
    """Write the papers of an answer, each in Markdown and as an HTML page to print, and its files for other programs.

    Raises StudyError for a study that has none.
    """
    with catalog.speaking(language or catalog.spoken()):
        return _written_papers(results, folder)


def _written_papers(results: Results, folder: str | os.PathLike[str]) -> list[Path]:
    words, module = Words(results.case), _own(results.study)
    if module is None or not hasattr(module, "papers") or not results.is_answered:
        raise StudyError(
            f"the study {results.study} has no papers; kelisim report without --papers makes its page."
        )
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    found = []
    for name, text in module.papers(results, words).items():
        safe = without_links(text)
        found.append(put(target / name, safe.encode()))
        found.append(put((target / name).with_suffix(".html"), as_html(safe, words.language).encode()))
    if hasattr(module, "exports"):
        found += [put(target / name, content) for name, content in module.exports(results, words).items()]
    return found


def report_pdf(results: Results, language: str = "") -> bytes:
    """The report of an answer as a PDF for print. Raises ExtraMissing without the extra `pdf`."""
    with catalog.speaking(language or catalog.spoken()):
        words = Words(results.case)
        return pdf(page_of(results, words), results, words)


def figure_workbook(results: Results, path: Path, language: str = "") -> Path:
    """Write the tables of an answer as a workbook, with the numbers of each figure under its number in the report."""
    with catalog.speaking(language or catalog.spoken()):
        return results.to_excel(path, figure_sheets(page_of(results, Words(results.case))))


WRITERS: dict[str, Callable[..., str | bytes]] = {".html": report_html, ".md": document, ".pdf": report_pdf}


def write_report(results: Results, path: str | os.PathLike[str], language: str = "") -> Path:
    """Write the report of an answer, whole or not at all.

    path     file to write: .html, .md for a document, .pdf for print, with a workbook of its figures beside it; of a folder: report.html in it
    returns  where the report is
    """
    target = Path(path)
    if target.is_dir() or not target.suffix:
        target = target / "report.html"
    must_end(target, WRITERS, "a report")
    made = WRITERS[target.suffix.lower()](results, language)
    if target.suffix.lower() == ".pdf":
        figure_workbook(results, target.with_suffix(".xlsx"), language)
    return put(target, made if isinstance(made, bytes) else made.encode())


def _own(study: str) -> ModuleType | None:
    """The module that makes the pages of a study, if it has one."""
    if (files("kelisim") / "studies" / study / "page.py").is_file():
        return import_module(f"kelisim.studies.{study}.page")
    return None

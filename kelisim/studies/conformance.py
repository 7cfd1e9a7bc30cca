"""What every study must satisfy, asked of it on a case: `check_study`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import InternalError
from kelisim.explain.cell import example
from kelisim.explain.explain import explain
from kelisim.report.page import Page
from kelisim.report.words import Words
from kelisim.results.facts import Fact, facts_of
from kelisim.results.let_go import TABLE
from kelisim.results.results import Results
from kelisim.results.schema import described, own_tables, undeclared
from kelisim.studies.pages import answer_json, document, page_of, report_html
from kelisim.studies.study import Study

_HOLES = {"nan", "NaN", "NaT", "None", "inf"}


def check_study(study: Study, case: Case) -> Results:
    """The results of a study that keeps what all studies promise; raises InternalError with all that is missing.

    Fields have help. The answer is the same twice and leaves the case as it was. Tables are as tables.csv says. Page,
    document and JSON can be made in each language, each fact has its sentence, each table a cell that can be explained.
    """
    missing = [field.name for field in dataclasses.fields(study) if not field.metadata.get("help")]
    if missing:
        raise InternalError(f"fields without help: {', '.join(missing)}")
    if not study.heading():
        raise InternalError("the study has no docstring")
    before = case.fingerprint
    first, second = (study.run(Engine(case, cache=False)) for _ in range(2))
    if case.fingerprint != before:
        raise InternalError("the study changed the case")
    untold = list(_untold(first))
    found = [*_differences(first, second), *_tables(first), *_let_go(study, first), *_facts(first), *untold]
    if not untold:  # a page of facts without their texts cannot be made
        found += [*_pages(first), *_explanations(first)]
    if found:
        raise InternalError("\n".join(found))
    return first


def _differences(first: Results, second: Results) -> Iterator[str]:
    for name, frame in first.tables.items():
        if list(frame.columns) != list(second[name].columns) or not frame.equals(second[name]):
            yield f"{name} differs when asked twice"


def _tables(results: Results) -> Iterator[str]:
    """Tables and columns against tables.csv, both ways; numbers without a unit."""
    for name, frame in results.tables.items():
        yield from undeclared(results.study, name, frame)
        numbers = [
            c for c, column in described(results.study)[name].columns.items() if column.type == "number"
        ]
        yield from (f"{name}.{column}: no unit" for column in numbers if column not in results.units(name))
    if results.is_answered:
        for name, table in own_tables(results.study).items():
            if name not in results and not table.is_optional:
                yield f"{name}: described, not there"


def _let_go(study: Study, results: Results) -> Iterator[str]:
    """What an answer lets go, in every study that shows one."""
    if study.lets_go and results.is_answered and TABLE not in results:
        yield f"{TABLE} is not there: what an answer lets go has a row with its reason"


def _pages(results: Results) -> Iterator[str]:
    """Holes on the page; a page, document or JSON that cannot be made raises what went wrong."""
    if not report_html(results, charts="charts.js") or not document(results):
        yield "the page is empty"
    json.dumps(answer_json(results), default=str)
    for language in catalog.languages():
        with catalog.speaking(language):
            found = list(_holes(page_of(results, Words(results.case)), language))
        yield from found
        if found:
            return  # it would be the same in the others


def _holes(page: Page, language: str) -> Iterator[str]:
    if not page.sentences or not all(view.rows for view in page.views):
        yield f"the page says nothing in {language}, or has an empty table"
    cells = (cell.text for view in page.views for row in view.rows for cell in row)
    for text in (*page.sentences, *cells):
        if _HOLES & set(text.replace(",", " ").split()):
            yield f"a hole in {language}: {text}"


def _facts(results: Results) -> Iterator[str]:
    if "facts" not in results:
        yield "the answer has no facts"
    elif len(facts_of(results["facts"])) != len(results["facts"]):
        yield "a key of a fact stands twice"


def _untold(results: Results) -> Iterator[str]:
    """Sentences of facts that are in no catalogue."""
    facts = facts_of(results["facts"]).values() if "facts" in results else ()
    for fact in _within(list(facts)):
        if fact.say and not catalog.has(fact.say) and " " not in fact.say:
            yield f"{fact.say} is no text of the catalogue"


def _within(place: Any) -> Iterator[Fact]:
    """Facts, and those in their places."""
    if isinstance(place, Fact):
        yield place
        for inner in place.places.values():
            yield from _within(inner)
    elif isinstance(place, list):
        for inner in place:
            yield from _within(inner)


def _explanations(results: Results) -> Iterator[str]:
    """One explanation of each table with a number; its keys must name one row."""
    for name in results.names:
        cell = example(results, name)
        if cell:
            told = explain(results, name, cell)
            json.dumps(told.to_dict(), allow_nan=False)
            if not told.to_text() or not told.description:
                yield f"{name} {cell} is not explained"

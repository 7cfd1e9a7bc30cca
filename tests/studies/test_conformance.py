"""Every study there is, found by its file, keeps what all studies promise."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import KelisimError
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.results.schema import shared_tables
from kelisim.studies.conformance import check_study
from kelisim.studies.pages import document, page_of, report_html
from kelisim.studies.study import create, find, names
from tests.cases.border import steppe
from tests.cases.contract_town import contract_town
from tests.cases.depots import depots
from tests.cases.events_town import events_town
from tests.cases.road_town import road_town
from tests.cases.sanctioned import sanctioned
from tests.cases.shared_pipe import shared_pipe
from tests.cases.two_fields import two_fields
from tests.cases.watched_town import watched_town

# values for fields that a study cannot do without, or that make the small case quick; a new study is tested without being here
FIELDS: dict[str, dict[str, Any]] = {
    "disruption": {"lost": ("pipe",), "days": 10},
    "emergency": {"lost": ("pipe",), "days": 10},
    "contingency": {"pairs": 2, "worst": 2},
    "exercise": {"lost": ("pipe",), "days": 10},
    "diversification": {"carrier": "natural_gas", "side": "imports"},
    "fuel": {"days": 10, "share": 0.9},
    "transit": {"carrier": "natural_gas", "from_place": "field", "to_place": "town"},
    "sensitivity": {"samples": 8},
    "monitoring": {"at": date(2025, 10, 5)},
    "bodies": {"at": date(2026, 7, 15), "ahead": 150},
    "roadmap": {"at": date(2026, 1, 1), "samples": 400, "worth": ("pipe",)},
    "reliability": {"days": 3, "states": 200},
    "partnership": {"projects": ("joint", "own")},
    "investment": {
        "projects": ("joint", "own"),
        "scenarios": ("as_planned=0.6", "demand:0.5=0.3", "late:joint=0.1"),
    },
    "sanctions": {"at": date(2024, 1, 3), "days": 7},
    "ensemble": {
        "table": "scenario,acts_on,value,unit\nmild,demand:*:amount,0.9,factor\ncold,demand:*:amount,1.1,factor"
    },
}
# studies that need more of a case than the small one has
CASES: dict[str, Callable[[], Case]] = {
    "backcast": two_fields,
    "replays": events_town,
    "fuel": depots,
    "invoices": contract_town,
    "sanctions": sanctioned,
    "roadmap": road_town,
    "bodies": road_town,
    "partnership": shared_pipe,
    "investment": shared_pipe,
    "monitoring": watched_town,
}

PARTS = (("night", 8), ("day", 11), ("evening", 5))
GOLDEN = Path(__file__).parents[1] / "golden" / "pages"
RUNS = ("- Date: ", "- Case: ", "- Computed with: ")  # lines of a page that are those of a run


def fields_of(study: str) -> dict[str, Any]:
    """Those given above, and for any other required field the first element of the tables that it refers to."""
    given = FIELDS.get(study, {})
    case = steppe()
    found = dict(given)
    for field in dataclasses.fields(find(study)):
        if field.default is dataclasses.MISSING and field.name not in found:
            table = field.metadata["refers_to"][0]
            first = str(case.table(table).iloc[0, 0])
            found[field.name] = (first,) if "tuple" in str(field.type) else first
    return found


@cache
def answer(study: str) -> Results:
    """The answer of a study on its small case, after it was checked."""
    return check_study(create(study, fields_of(study)), CASES.get(study, steppe)())


@pytest.mark.parametrize("study", names())
def test_study_conforms(study: str) -> None:
    """A study that changes the case, answers twice differently, has a hole on its page, a column that tables.csv does
    not know or a table that cannot be explained, cannot be built upon."""
    assert answer(study).study == study
    assert answer(study).tables


@cache
def answer_in_parts(study: str, step: str) -> Results:
    """The answer of a study on its small case where days, or the days of months, have parts, after it was checked."""
    case = CASES.get(study, steppe)()
    last = min(case.horizon.end, case.horizon.start + pd.Timedelta(days=12 if step == "1d" else 400))
    horizon = replace(case.horizon, step=step, parts=PARTS, end=last)
    fields = fields_of(study) | ({"samples": 2} if study == "sensitivity" else {})
    return check_study(create(study, fields), replace(case, horizon=horizon))


@pytest.mark.parametrize("step", ["1d", "1mo"])
@pytest.mark.parametrize("study", names())
def test_study_conforms_in_parts(study: str, step: str) -> None:
    """A day of several parts that is read as three days, or a month of six as half a year, doubles a cut unseen."""
    results = answer_in_parts(study, step)
    for name, frame in results.tables.items():
        if "step" in frame and len(frame):
            known = "evening" if step == "1d" else "other evening"
            assert known in set(frame["part"]), f"{name} does not say the part of the day"


def test_tables_of_several_studies_are_given() -> None:
    """A table that is described and that no run has sends readers searching."""
    given = set(answer("balance"))
    assert {name for name, table in shared_tables().items() if not table.is_optional} <= given


@pytest.mark.parametrize("study", names())
def test_study_on_a_case_without_rows(study: str) -> None:
    """Who starts a case of his own runs studies on it early; a traceback tells him nothing."""
    empty = Case(settings={"name": "empty", "title": "Nothing yet"}, tables={})
    try:
        results = create(study, fields_of(study)).run(Engine(empty, cache=False))
    except KelisimError as error:
        assert " " in str(error)
    else:
        assert document(results) and report_html(results, charts="charts.js")


@pytest.mark.parametrize("study", names())
def test_page_reads_as_it_did(study: str) -> None:
    """A word or number of a page that changes is meant to: KELISIM_GOLDEN=write keeps the new ones, and git shows them."""
    results = answer(study)
    words = Words(results.case)
    shown = markdown(page_of(results, words), results, words)
    text = "".join(line for line in shown.splitlines(keepends=True) if not line.startswith(RUNS))
    golden = GOLDEN / f"{study}.md"
    if os.environ.get("KELISIM_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_fields_name_tables_that_exist() -> None:
    """The web form offers the rows of these tables; a wrong name leaves an empty list."""
    case = steppe()
    for study in names():
        for field in dataclasses.fields(find(study)):
            for table in field.metadata["refers_to"]:
                case.table(table)


@pytest.mark.parametrize("study", ["disruption", "emergency", "exercise", "restoration"])
def test_an_outage_by_months_is_a_draft(study: str) -> None:
    """Ten days of a month counted as a third of it, with a plan by the hour: who follows it cuts the wrong people."""
    results = answer_in_parts(study, "1mo")
    page = page_of(results, Words(results.case))
    first = page.sentences[0]
    assert first.startswith("By months: a draft; who goes short on which day is not known")
    assert first.endswith("Run it with --step 1d.")
    assert ("counts by its share of the month" in first) == (study != "restoration")
    told = document(results)
    assert first in told and first in report_html(results, charts="charts.js")
    assert not {"clock", "calls", "restored", "log"} & {part.anchor for part in page.parts}
    assert "T+" not in told and "00:00" not in told
    by_days = answer_in_parts(study, "1d")
    assert "a draft" not in " ".join(page_of(by_days, Words(by_days.case)).sentences)


@pytest.mark.parametrize(("days", "is_draft"), [(31, False), (60, False), (10, True), (40, True)])
def test_a_disruption_of_whole_months_is_none(days: int, is_draft: bool) -> None:
    """January, and January with February, are what steps of a month hold: their energies are those of the days."""
    study = create("disruption", {"lost": ("pipe",), "start": date(2024, 1, 1), "days": days})
    results = study.run(Engine(steppe(months=3), cache=False))
    said = page_of(results, Words(results.case)).sentences
    assert said[0].startswith("By months: a draft") == is_draft
    assert ("By months it is not seen on which days somebody goes short" in " ".join(said)) != is_draft

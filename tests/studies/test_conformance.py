"""Every study there is, found by its file, keeps what all studies promise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.studies.conformance import check_study
from kelisim.studies.study import create, find, names
from tests.cases.border import steppe
from tests.cases.depots import depots
from tests.cases.events_town import events_town
from tests.cases.two_fields import two_fields
from tests.reading import page

# values for fields that a study cannot do without, or that make the small case quick; a new study is tested without being here
FIELDS: dict[str, dict[str, Any]] = {
    "disruption": {"lost": ("pipe",), "days": 10},
    "emergency": {"lost": ("pipe",), "days": 10},
    "contingency": {"pairs": 2, "worst": 2},
    "exercise": {"lost": ("pipe",), "days": 10},
    "fuel": {"days": 10, "share": 0.9},
    "sensitivity": {"samples": 8},
    "reliability": {"days": 3, "states": 200},
}
# studies that need more of a case than the small one has
CASES: dict[str, Callable[[], Case]] = {"backcast": two_fields, "replays": events_town, "fuel": depots}


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


@pytest.mark.parametrize("study", names())
def test_study_conforms(study: str) -> None:
    """A study that changes the case, answers twice differently or gives numbers without units cannot be built upon."""
    case = CASES.get(study, steppe)()
    results = check_study(create(study, fields_of(study)), case)
    assert results.study == study
    assert results.tables


@pytest.mark.parametrize("study", names())
def test_study_tells_its_answer(study: str) -> None:
    """What is printed has no hole in it: no nan, no identifier of Python, no empty table."""
    case = CASES.get(study, steppe)()
    cls = find(study)
    results = create(study, fields_of(study)).run(Engine(case, cache=False))
    if "facts" in results:
        shown = page(results)
        assert shown.sentences
        words = [*shown.sentences, *(cell.text for view in shown.views for row in view.rows for cell in row)]
        for text in words:
            assert not {"nan", "NaN", "NaT", "None", "inf"} & set(text.replace(",", " ").split()), text
        return
    told = cls.told(results)
    words = list(told.sentences)
    for title, frame in told.tables:
        assert len(frame), title
        words += [title, *map(str, frame.columns), *(str(cell) for cell in frame.to_numpy().ravel())]
    for text in words:
        assert not {"nan", "NaN", "NaT", "None", "inf"} & set(text.replace(",", " ").split()), text


def test_fields_name_tables_that_exist() -> None:
    """The web form offers the rows of these tables; a wrong name leaves an empty list."""
    case = steppe()
    for study in names():
        for field in dataclasses.fields(find(study)):
            for table in field.metadata["refers_to"]:
                case.table(table)

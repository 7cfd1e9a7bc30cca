"""A page of a small case in each language: nothing is left unfilled, and nothing is left in English."""

from __future__ import annotations

import re
from functools import cache

import pytest

from kelisim import catalog
from kelisim.engine import Engine
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.pages import page_of, report_html
from kelisim.studies.study import create
from tests import pseudo
from tests.cases.border import steppe

ASKED = {"balance": {}, "disruption": {"lost": ("pipe",), "days": 10}}
# what is written alike in all languages
ALIKE = ("kelisim", "CO2", "N-1", "HHI")
WORD = re.compile(r"[A-Za-z]{3,}")


@cache
def answer(study: str) -> Results:
    return create(study, ASKED[study]).answer(Engine(steppe(), cache=False))


def page(study: str) -> str:
    """The page in the language that is spoken, as a document."""
    results = answer(study)
    words = Words(results.case)
    return markdown(page_of(results, words), results, words)


@cache
def known(study: str) -> re.Pattern[str]:
    """Texts that the case itself has, the longest first, and those that are alike everywhere."""
    case = answer(study).case
    found = {case.title, case.name, case.fingerprint[:16], *ALIKE}
    for name in case.tables:
        for column in case.table(name).select_dtypes(exclude="number"):
            found |= {one for one in map(str, case.table(name)[column].dropna().unique()) if WORD.search(one)}
    return re.compile(
        "|".join(rf"\b{re.escape(one)}\b" for one in sorted(found, key=len, reverse=True)), re.I
    )


def latin(text: str, study: str) -> list[str]:
    """Lines with Latin words that are neither of the case nor alike everywhere."""
    return [one for one in text.splitlines() if WORD.search(one) and WORD.search(known(study).sub("", one))]


@pytest.mark.parametrize("study", ASKED)
def test_no_text_is_outside_the_catalogue(study: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """English in other letters: a word in its own letters comes from the code, and stays so in every language."""
    with pseudo.spoken(monkeypatch):
        text = page(study)
    assert latin(text, study) == []


def test_a_text_outside_the_catalogue_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search finds a head that a table takes from the name of its column."""
    lacking = {key: text for key, text in catalog.own("en").items() if key != "columns.link"}
    with monkeypatch.context() as patch:
        patch.setattr(catalog, "own", lambda language: lacking)
        with pseudo.spoken(monkeypatch):
            assert any("| Link |" in line for line in latin(page("balance"), "balance"))


@pytest.mark.parametrize("study", ASKED)
@pytest.mark.parametrize("language", catalog.languages()[1:])
def test_a_page_in_each_language(study: str, language: str) -> None:
    """No place is left open and no sentence left in English; the numbers are those of the English page."""
    english = page(study)
    with catalog.speaking(language):
        text = page(study)
    assert not re.search(r"\{[\w:]+|\bnan\b", text)
    assert latin(text, study) == []
    count = {one: len(re.findall(r"^\|", one, re.MULTILINE)) for one in (english, text)}
    assert count[english] == count[text]
    assert f'<html lang="{language}">' in report_html(answer(study), language, charts="charts.js")

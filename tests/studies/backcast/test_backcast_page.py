"""The page of a backcast: the answer, scores before rows, and what was not compared."""

from __future__ import annotations

import re

import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import page_of, report_html
from tests.cases.two_fields import SEEN, two_fields

OTHER = """
old, cheap, 2020, 50, GWh, other_year, , yes
odd, cheap, 2024-01..2024-02, 50, GWh, guess, , yes
gone, cheap, 2024-01..2024-02, 50, GWh, base_2024, assets.total.activity:chap, yes
"""


@pytest.fixture(scope="module")
def results() -> Results:
    """The two fields, with observations that cannot be compared."""
    return run("backcast", Engine(two_fields(SEEN + OTHER.lstrip()), cache=False))


def test_the_page_says_the_answer(results: Results) -> None:
    """A solved year was once reported as "there is no answer"."""
    text = re.sub(r"<[^>]+>", " ", report_html(results))
    assert "There is no answer" not in text
    assert page_of(results, Words(results.case)).sentences == (
        "The median error of the 1 observation that no input decides is 4.7 %; "
        "100 % of them are within 25 % of what was measured.",
        "Farthest off is dear, 2024-01..2024-02: 5.50 GWh observed, 5.76 in the model (+4.7 %).",
        "2 observations repeat an input of the case and prove nothing; on 0 more inputs lean.",
        "Not compared: 3 of 6 observations.",
    )


def test_scores_come_first_and_reasons_last(results: Results) -> None:
    """Who reads only the first table must have read the score."""
    page = page_of(results, Words(results.case))
    first = page.views[0]
    assert first.caption == "The model against what was measured"
    assert [[cell.text for cell in row] for row in first.rows][:2] == [
        ["independent", "all", "1", "4.7", "100"],
        ["independent", "levels, each series once", "1", "4.7", "100"],
    ]
    reasons = next(view for view in page.views if view.caption == "Not compared, and why")
    assert sorted(row[0].text for row in reasons.rows) == [
        'its use is "guess"',
        "measured in another year: needs a case of that year",
        "the results have no assets.total.activity:chap",
    ]


def test_rows_stand_worst_first(results: Results) -> None:
    """The row that tells most about the model is the worst one."""
    page = page_of(results, Words(results.case))
    rows = next(view for view in page.views if view.caption.startswith("An input itself")).rows
    assert [(row[0].text, row[6].text, row[8].text) for row in rows] == [
        ("full", "+15", "assets"),
        ("used", "\u221214", "demand"),
    ]

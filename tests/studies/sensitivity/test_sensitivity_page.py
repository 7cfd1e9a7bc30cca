"""The page of the study of sensitivity: it says the answer, and its numbers are those of the tables."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.report.figure import Figure
from kelisim.report.numbers import figure
from kelisim.report.page import Page
from kelisim.report.table import View
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import document, page_of, report_html
from tests.reading import heights
from tests.studies.sensitivity.test_sensitivity import CONCLUSIONS, LINE, PLANT, plant_and_line


def asked(**fields: Any) -> Results:
    given = {"conclusions": CONCLUSIONS, "samples": 12, "only": (PLANT, LINE)} | fields
    return run("sensitivity", Engine(plant_and_line(), cache=False), **given)


@pytest.fixture(scope="module")
def found() -> Results:
    return asked()


def page(results: Results) -> Page:
    return page_of(results, Words(results.case))


def views(results: Results) -> dict[str, View]:
    """Anchor of a part -> its table."""
    parts = {part.anchor: [i for i in part.items if isinstance(i, View)] for part in page(results).parts}
    return {anchor: items[0] for anchor, items in parts.items() if items}


def test_page_says_the_answer(found: Results) -> None:
    """A study whose page says that there is no answer was run for nothing."""
    text = re.sub(r"<script.*?</script>|<style.*?</style>", "", report_html(found), flags=re.S)
    assert "There is no answer" not in text
    sentences = page(found).sentences
    assert sentences[0] == "Groups of estimates that move a conclusion: 1 of 2; that overturn one: 0."
    row = found["conclusions"].set_index("conclusion").loc["net_import:electricity"]
    low, high = (figure(row[end]) for end in ("low", "high"))
    assert sentences[2] == (
        f"Net import of electricity, Kazakhstan: 0.00106 TWh as it stands, {low} TWh to {high} TWh in 90 % of 12 samples; "
        "100 % of them say the same: net import of electricity."
    )
    assert sentences[3] == (
        "To be known better first: capacity of assets: power plant, coal, home (\u00b120 %). "
        "To ask for: nameplate and usable capacity from the operator."
    )
    for sentence in sentences:
        assert sentence in document(found)


@pytest.mark.parametrize("fields", [{}, {"samples": 0}, {"ends": False}, {"only": (LINE,), "samples": 0}])
def test_page_is_whole(fields: dict[str, Any]) -> None:
    """Half of the questions may be left out; the page then has no hole where a number should stand."""
    results = asked(**fields)
    text = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", report_html(results), flags=re.S)
    assert not re.findall(r"\bnan\b|\bNaN\b|\binf\b|None|sensitivity\.", text)
    assert len(page(results).sentences) >= 3
    assert [part.anchor for part in page(results).parts] == [
        "conclusions",
        "know",
        "ends",
        "screening",
        "factors",
    ]


def test_bars_are_the_widest_moves(found: Results) -> None:
    """The bar at the top is where people are sent."""
    (chart,) = [item for part in page(found).parts for item in part.items if isinstance(item, Figure)]
    know = found["to_know_better"]
    assert heights(chart) == pytest.approx(sorted(know["swing_over_least"], reverse=True), abs=1e-6)
    assert chart.finding == (
        "Capacity of assets: power plant, coal, home moves a conclusion most: 3.6 times the least change that counts"
    )


def test_tables_name_what_the_identifiers_stand_for(found: Results) -> None:
    """An analyst reads words; the identifiers are in the tables of the run."""
    conclusions, know = views(found)["conclusions"], views(found)["know"]
    assert [row[0].text for row in conclusions.rows] == [
        "unserved energy of protected customers, Kazakhstan",
        "net import of electricity, Kazakhstan",
    ]
    assert conclusions.rows[0][-1].text == "all protected customers are served"
    heads = [head.words for head in know.heads]
    assert know.rows[0][heads.index("Estimate")].text == "capacity of assets: power plant, coal, home"
    assert "net import of electricity, Kazakhstan" in know.rows[0][heads.index("Moves")].text

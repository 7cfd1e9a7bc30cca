"""The page of a restoration: whole, and true to its tables."""

from __future__ import annotations

import re
from datetime import date

import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import report_html
from kelisim.studies.restoration import page as repairs
from tests.cases.five_places import DAYS, LOST, five_places


@pytest.fixture(scope="module")
def repaired() -> Results:
    return run(
        "restoration", Engine(five_places(), cache=False), lost=LOST, days=DAYS, start=date(2024, 1, 1), draws=5, place_rule="none"
    )  # fmt: skip


def words(page: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S))


def test_page_is_whole(repaired: Results) -> None:
    """A page with a hole where a number should stand is not shown to a minister."""
    page = report_html(repaired)
    assert page.count('<figure class="plot') == 3
    assert page.count('<figure class="table') == 4
    text = words(page)
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None", text)
    assert "No order is better: 16 sets of elements were asked." in text
    values = [number.value for number in repairs.key_numbers(repaired, Words(repaired.case))]
    assert values[0] == "17.8 GWh"
    assert values[2] == "10 days"


def test_bars_of_crews_follow_the_schedule(repaired: Results) -> None:
    """A bar on the wrong day sends a crew to the wrong place."""
    (part,) = [part for part in repairs.parts(repaired, Words(repaired.case)) if part.anchor == "schedule"]
    bars = part.figures[0].data[0]
    assert list(bars.y) == ["A-B", "B-D", "C-E", "Plant at C"]
    assert list(bars.base) == [0, 4, 6, 7]
    assert list(bars.x) == [4, 2, 1, 3]


def test_page_of_what_nobody_misses() -> None:
    """Good news has a page too."""
    results = run(
        "restoration", Engine(five_places(), cache=False), lost=("de",), days=("1",), start=date(2024, 1, 1), draws=2
    )  # fmt: skip
    text = words(report_html(results))
    assert "nobody goes short" in text.lower() or "nothing is lost" in text.lower()

"""The page of a restoration: whole, and true to its tables."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kelisim.cli.printing import print_answer
from kelisim.engine import Engine
from kelisim.report.figure import Figure
from kelisim.results.results import Results
from kelisim.results.store import load_run
from kelisim.studies import run
from kelisim.studies.pages import report_html
from tests.cases.five_places import DAYS, LOST, five_places
from tests.reading import heights, page, texts


@pytest.fixture(scope="module")
def repaired() -> Results:
    return run(
        "restoration", Engine(five_places(), cache=False), lost=LOST, days=DAYS, start=date(2024, 1, 1), draws=5, place_rule="none"
    )  # fmt: skip


def words(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.S))


def test_page_is_whole(repaired: Results) -> None:
    """A page with a hole where a number should stand is not shown to a minister."""
    html = report_html(repaired)
    assert html.count('<figure class="plot') == 3
    assert html.count('<figure class="table') == 4
    text = words(html)
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None", text)
    assert "No order is better: each was run through the days with stocks, 24 in all." in text
    values = [number.value for number in page(repaired).key_numbers]
    assert values[0] == "17.8 GWh"
    assert values[2] == "10 days"


def test_bars_of_crews_follow_the_schedule(repaired: Results) -> None:
    """A bar on the wrong day sends a crew to the wrong place."""
    (part,) = [part for part in page(repaired).parts if part.anchor == "schedule"]
    chart = part.items[0]
    assert isinstance(chart, Figure)
    assert chart.options["yAxis"]["data"] == ["A-B", "B-D", "C-E", "Plant at C"]
    (crew,) = chart.options["series"]
    assert [point[0] for point in crew["data"][0::3]] == [0, 4, 6, 7]
    assert [point[0] for point in crew["data"][1::3]] == [4, 6, 7, 10]
    assert crew["data"][0][2] == "A-B: 1 January 2024 to 4 January 2024"
    assert crew["name"] == "crew 1"


def test_curve_follows_the_table(repaired: Results) -> None:
    """The line of an order says from which day on how much is short."""
    (part,) = [part for part in page(repaired).parts if part.anchor == "curve"]
    chart = part.items[0]
    assert isinstance(chart, Figure)
    assert chart.finding == "Best order: 0.120 GW short at first, half of it or less after 6 days"
    assert [line["name"] for line in chart.options["series"]] == [
        "best", "largest capacity first", "largest loss on its own first", "shortest repair first", "at random, a typical one"
    ]  # fmt: skip
    assert [point[0] for point in chart.options["series"][0]["data"]] == [0, 4, 6, 7, 10]
    assert heights(chart) == pytest.approx([0.12, 0.08, 0.025, 0.025, 0])


def test_a_kept_run_reads_as_the_answer_did(repaired: Results, tmp_path: Path) -> None:
    """Facts and identifiers are kept, and say the same when they are read again."""
    again = load_run(repaired.save(tmp_path, repaired.study))
    assert page(again).sentences == page(repaired).sentences
    assert page(again).key_numbers == page(repaired).key_numbers
    assert [view.rows for view in page(again).views] == [view.rows for view in page(repaired).views]


def test_what_is_printed(repaired: Results, capsys: pytest.CaptureFixture[str]) -> None:
    """Who has no browser reads the same sentences, the orders beside each other, and the best one crew by crew."""
    print_answer(repaired)
    flat = " ".join(capsys.readouterr().out.split())
    for text in (
        *texts(repaired).values(),
        "at random, mean of 5",
        "The best order, crew by crew",
        "Plant at C",
    ):
        assert text in flat
    assert "What is damaged" not in flat


def test_page_of_what_nobody_misses() -> None:
    """Good news has a page too."""
    results = run(
        "restoration", Engine(five_places(), cache=False), lost=("de",), days=("1",), start=date(2024, 1, 1), draws=2
    )  # fmt: skip
    text = words(report_html(results))
    assert "nobody goes short" in text.lower() or "nothing is lost" in text.lower()

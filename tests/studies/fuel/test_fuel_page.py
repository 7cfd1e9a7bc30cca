"""The page of fuels: whole, and true to its tables."""

from __future__ import annotations

import re
from datetime import date

import pytest

from kelisim.engine import Engine
from kelisim.report.table import View
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import report_html
from tests.cases.depots import depots
from tests.reading import page as shown


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(depots(), cache=False)


def ask(engine: Engine, share: float) -> Results:
    return run("fuel", engine, start=date(2024, 1, 1), days=10, of=("door",), share=share, train=50.0, place_rule="none")  # fmt: skip


def words(page: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S))


def test_page_is_whole(engine: Engine) -> None:
    """A page with a hole where a number should stand is not shown to a minister."""
    results = ask(engine, 0.9)
    page = report_html(results)
    assert page.count('<figure class="plot') == 4
    tables = ["cover", "short", "stress", "relief", "table", "shut_in"]
    assert [
        part.anchor for part in shown(results).parts if any(isinstance(item, View) for item in part.items)
    ] == tables
    assert page.count('<figure class="table') == len(tables)
    text = words(page)
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None", text)
    assert "600 t of diesel unserved in North region, first on 4 January 2024" in text
    numbers = shown(results).key_numbers
    assert [number.value for number in numbers[:2]] == ["7.60 GWh", "1.7 days"]
    assert numbers[2].words == "saved by trucks with 500 t a day"


def test_stocks_follow_the_table(engine: Engine) -> None:
    """The line falls by 90 of 300 t a day; the plan leaves the depot as it is."""
    results = ask(engine, 0.9)
    (part,) = [part for part in shown(results).parts if part.anchor == "stocks"]
    now, plan = part.items[0].series
    assert [point[1] for point in now["data"][:4]] == pytest.approx([70, 40, 10, 0], abs=0.1)
    assert [point[1] for point in plan["data"][:4]] == pytest.approx([100] * 4)


def test_page_of_a_quiet_stress(engine: Engine) -> None:
    """Good news has a page too."""
    text = words(report_html(ask(engine, 0.05)))
    assert "No customer lacks fuel." in text
    assert "No train, truck or wagon more would bring anything." in text

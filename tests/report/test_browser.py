"""The report as a browser shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kelisim.results.results import Results
from kelisim.studies.pages import write_report
from tests.processes import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(results: Results, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(results, tmp_path_factory.mktemp("report") / "report.html").as_uri()


@pytest.fixture(params=[(1400, 900), (390, 844)], ids=["desk", "phone"])
def opened(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[tuple[Any, list[str]]]:
    """The report on a screen, with all errors and outside requests it causes."""
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None
    )
    page.goto(address)
    until(
        lambda: bool(page.evaluate("document.querySelector('svg.km').style.getPropertyValue('--k') !== ''"))
    )
    yield page, wrong
    page.close()


def visible_layer(page: Any) -> str:
    return str(
        page.evaluate(
            "[...document.querySelectorAll('.layer')]"
            ".filter(g => g.style.display !== 'none').map(g => g.dataset.f).join()"
        )
    )


def test_whole_page_without_errors(opened: tuple[Any, list[str]]) -> None:
    """All charts are drawn, nothing is asked of a network, nothing is wider than the screen."""
    page, wrong = opened
    for chip in range(page.locator("#carriers .chips button").count()):
        page.locator("#carriers .chips button").nth(chip).click()
        shown = page.locator(".carrier.shown")
        assert shown.count() == 1
        shown.locator(".canvas svg").first.wait_for()
    drawn = "[...document.querySelectorAll('figure.plot')].every(f => !f.offsetWidth || f.querySelector('.canvas svg'))"
    until(lambda: bool(page.evaluate(drawn)))
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert wrong == []


def test_carrier_switch(opened: tuple[Any, list[str]]) -> None:
    """One tap brings another carrier to the front, and only that one."""
    page, _ = opened
    assert visible_layer(page) == "gas"
    page.locator(".km-chips button[data-f=electricity]").click()
    assert visible_layer(page) == "electricity"
    assert page.locator(".km-chips button[aria-pressed=true]").inner_text() == "Electricity"
    assert page.locator(".km-say:visible").inner_text().startswith("Electricity, 2024")


def test_card_of_a_link(opened: tuple[Any, list[str]]) -> None:
    """A tap on a pipe tells its flow."""
    page, _ = opened
    page.evaluate(
        "document.querySelector('.layer[data-f=gas] .hit')"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    card = page.locator(".km-card")
    card.wait_for()
    assert "Capacity" in card.inner_text()
    page.keyboard.press("Escape")
    assert card.is_hidden()


def test_sorting_a_table(opened: tuple[Any, list[str]]) -> None:
    """A click on a header sorts by what the cells mean, not by how they are written."""
    page, _ = opened
    table = page.locator("#costs figure.table", has_text="Costs (income").locator("table")
    table.locator("th button").last.click()
    first = table.locator("tbody tr").first.inner_text()
    assert first.startswith("Unserved energy")
    table.locator("th button").last.click()
    assert table.locator("tbody tr").first.inner_text().startswith("Sold to markets")
    assert table.locator("tfoot tr").inner_text().startswith("All items")


def test_csv_of_a_table(opened: tuple[Any, list[str]]) -> None:
    """What is taken into a spreadsheet is what is seen, as numbers."""
    page, wrong = opened
    figure = page.locator("#costs figure.table", has_text="Costs (income")
    with page.expect_download() as taken:
        figure.locator("[data-take=csv]").click()
    rows = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + figure.locator("tbody tr").count() + figure.locator("tfoot tr").count()
    assert all(np.isfinite(float(row.rsplit(",", 1)[-1])) for row in rows[1:])
    assert wrong == []

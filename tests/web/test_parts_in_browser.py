"""The switch of the parts of the day, as a browser shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.io import read, write
from kelisim.studies import run
from tests.cases.evening_year import evening_year
from tests.reading import texts
from tests.web.conftest import serving
from tests.web.test_in_browser import DESK, PHONE, drawn, query, redrawn, tap

pytestmark = pytest.mark.browser
SWITCH = ".k-parts button"
PRESSED = ".k-parts button[aria-pressed=true]"
LINE = "A town – B town"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(evening_year(days=20), tmp_path_factory.mktemp("parts") / "evening_year")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Address of a server that shows the evening year in days."""
    with serving(folder.parent, str(folder)) as found:
        yield found


def pressed(page: Any) -> list[str]:
    """First words of the buttons that are pressed."""
    return [text.split("\n")[0] for text in page.locator(PRESSED).all_inner_texts()]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_switch_of_parts(address: str, visit: Callable[..., Any], size: tuple[int, int]) -> None:
    """Power has night, day and evening, gas has not; by keyboard or finger, and in the address that one shares."""
    page = visit(f"{address}/?carrier=electricity&day=2024-01-10", *size)
    before = drawn(page)
    assert [text.split("\n")[0] for text in page.locator(SWITCH).all_inner_texts()] == [
        "Night",
        "Daytime",
        "Evening",
    ]
    assert pressed(page) == ["Evening"]  # most power is used then
    assert "evening" in page.locator(".k-card").inner_text()
    page.locator(SWITCH).first.focus()
    page.keyboard.press("Enter")
    redrawn(page, before)
    assert pressed(page) == ["Night"]
    page.wait_for_function("location.search.includes('part=night')")
    assert query(page)["day"] == "2024-01-10"
    before = drawn(page)
    page.locator("body").press("ArrowRight")
    redrawn(page, before)
    page.wait_for_function("location.search.includes('day=2024-01-11')")
    assert pressed(page) == ["Night"]  # a day is a day on the slider
    before = drawn(page)
    page.locator(".k-chips button[data-f=gas]").click()
    redrawn(page, before)
    assert not page.locator(".k-parts").is_visible()
    page.wait_for_function("!location.search.includes('part=')")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_cut_in_the_evening(address: str, visit: Callable[..., Any], folder: Path) -> None:
    """The answer to a cut shows the part of the largest shortage; another part is another map, and both can be shared."""
    page = visit(f"{address}/?carrier=electricity&day=2024-01-10&part=night", *DESK)
    before = drawn(page)
    assert pressed(page) == ["Night"]
    tap(page, LINE, "electricity")
    page.locator(".k-card .k-cut").click()
    page.wait_for_selector(".k-says .k-answer")
    redrawn(page, before)
    results = run("disruption", Engine(read(folder), cache=False), lost="line", start="2024-01-10", days=30)
    assert page.locator(".k-says .k-answer").first.inner_text() == texts(results)["answer"]
    assert "highest hour of the first day (evening)" in texts(results)["highest_hour"]
    assert texts(results)["highest_hour"] in page.locator(".k-says").inner_text()
    assert set(results["demand.unserved"]["part"]) == {"evening"}
    page.wait_for_function("document.querySelectorAll('.live-map .short').length > 0")
    assert pressed(page) == ["Evening"]
    assert page.locator(".k-parts button[data-short='1']").count() == 1
    before = drawn(page)
    page.locator(SWITCH).nth(1).click()
    redrawn(page, before)
    assert page.locator(".live-map .short").count() == 0
    page.wait_for_function("location.search.includes('part=day') && location.search.includes('cut=line')")
    other = visit(page.url, *PHONE)
    other.wait_for_selector(".k-says .k-answer")
    other.wait_for_function("document.querySelector('.live-map .ln.out') !== null")
    assert pressed(other) == ["Daytime"]


def test_cut_that_begins_in_a_part(address: str, visit: Callable[..., Any]) -> None:
    """A loss at nine in the evening does not count the night before; the panel, the form and the address say so."""
    page = visit(f"{address}/?carrier=electricity&cut=line&from=2024-01-10&at=evening&days=5", *DESK)
    page.wait_for_selector(".k-says .k-answer")
    assert query(page)["at"] == "evening"
    page.wait_for_selector("details.k-box code, .k-command pre")
    assert "--at evening" in page.locator("body").inner_text() or "--at evening" in page.content()
    wrong = visit(f"{address}/?cut=line&from=2024-01-10&at=evning&part=dawn", *DESK)
    wrong.wait_for_selector(".k-warn")
    said = wrong.locator(".k-page").inner_text()
    assert 'Did you mean "evening"?' in said and 'part: "dawn"' in said
    form = visit(f"{address}/study/disruption?lost=line&at=evening", *DESK)
    form.wait_for_selector("[data-field=at]")
    assert form.locator("[data-field=at] .q-field__native").inner_text().strip() == "Evening"

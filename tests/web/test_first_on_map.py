"""A first answer on the map: shown as such while the exact one is computed, no number where none is known, and then gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kelisim.engine import Preliminary
from kelisim.report.words import Words
from kelisim.web.address import Cut
from kelisim.web.session import MapSession
from tests.reading import texts
from tests.web.conftest import serving
from tests.web.test_in_browser import drawn, redrawn, tap, told

# an exact answer that takes so long that the first one can be read
SLOW = """
import time
from kelisim.engine.engine import Engine
from kelisim.engine.window import Window

quick = Window.ask

def ask(self, *question, **more):
    if type(self) is Window:
        time.sleep(4.0)
    return quick(self, *question, **more)

Window.ask = ask
"""
WITHOUT = """
from kelisim.engine import preliminary
preliminary.MOST = 1
"""


@pytest.fixture
def slow(case_folder: Path) -> Iterator[str]:
    with serving(case_folder.parent, str(case_folder), before=SLOW) as address:
        yield address


@pytest.fixture
def silent(case_folder: Path) -> Iterator[str]:
    """The same, with no first answer within its limit of pivots."""
    with serving(case_folder.parent, str(case_folder), before=SLOW + WITHOUT) as address:
        yield address


def test_first_answer_and_then_the_exact_one(slow: str, visit: Callable[..., Any], case_folder: Path) -> None:
    """The estimate stands alone: map, card and chain are those of before until the exact answer is there."""
    page = visit(f"{slow}/?day=2024-01-10")
    before = drawn(page)
    tap(page, "Field – A town")
    page.wait_for_selector(".k-card .k-cut")
    page.locator(".k-cut").click()
    page.wait_for_selector(".k-says .k-first")
    said, card = page.locator(".k-says").inner_text(), page.locator(".k-card").inner_text()
    assert "First estimate, being computed exactly: about" in said and "natural gas" in said
    assert "days" not in said and page.locator(".k-says .k-key").count() == 0
    assert drawn(page) == before and page.locator(".live-map .ln.out").count() == 0
    assert "(planned" not in card and page.locator(".k-under iframe").count() == 0
    page.wait_for_selector(".k-says .k-answer")
    redrawn(page, before)
    assert page.locator(".k-first").count() == 0 and "estimate" not in page.locator("body").inner_text()
    results = told("disruption", str(case_folder), lost="pipe_a", start="2024-01-10")
    assert page.locator(".k-says .k-answer").first.inner_text() == texts(results)["answer"]
    assert page.locator(".live-map .ln.out").count() == 1


def test_no_number_where_none_is_known(silent: str, visit: Callable[..., Any]) -> None:
    """Whoever waits is told that it is computed, and nothing that looks like an answer."""
    page = visit(f"{silent}/?day=2024-01-10")
    tap(page, "Field – A town")
    page.wait_for_selector(".k-card .k-cut")
    page.locator(".k-cut").click()
    page.wait_for_selector(".k-says .k-first")
    assert page.locator(".k-says").inner_text().strip() == "Field – A town: Being computed."
    page.wait_for_selector(".k-says .k-answer")
    assert page.locator(".k-first").count() == 0


def test_measures_have_no_first_answer(plan: MapSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be the answer without them."""
    said: list[str] = []
    monkeypatch.setattr("kelisim.engine.preliminary.QUIET", 0.0)
    cut = Cut(("pipe_a",), plan.time.day(9), 10)
    plan.ask(cut, True, said.append)
    assert said == []


def test_answer_is_the_same_with_and_without_one(plan: MapSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person is told before enters no table, fact, count of solves or export."""
    monkeypatch.setattr("kelisim.engine.preliminary.QUIET", 0.0)
    cut = Cut(("pipe_b",), plan.time.day(12), 9)
    found = []
    for told_first in (None, lambda words: None):
        session = MapSession(plan.case, cache=False)
        session.solve()
        found.append(session.ask(cut, False, told_first).results)
    first, second = found
    assert list(first.tables) == list(second.tables)
    for name in first.tables:
        assert first[name].equals(second[name]), name
    kept = [{key: value for key, value in one.meta["solves"].items() if key != "seconds"} for one in found]
    assert kept[0] == kept[1] and first.meta["counts"] == second.meta["counts"]
    assert set(first.meta) == set(second.meta) and set(first.meta["timings"]) == set(second.meta["timings"])


def test_sentences(plan: MapSession) -> None:
    """No number stands where none is known."""
    words = Words(plan.case)
    assert words.say(Preliminary(None).fact) == "Being computed."
    assert not any(letter.isdigit() for letter in words.say(Preliminary(None).fact))
    some = words.say(Preliminary(1234.0, ("a_town", "natural_gas", "household")).fact)
    assert (
        some.startswith("First estimate, being computed exactly: about 1.23 GWh unserved")
        and "A town" in some
    )

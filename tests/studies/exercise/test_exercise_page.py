"""The page and the minutes of an exercise: whole, and true to their tables."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kelisim.engine import Engine
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import report_html, write_report
from tests.cases.two_states import two_states
from tests.reading import texts


@pytest.fixture(scope="module")
def results() -> Results:
    return run(
        "exercise", Engine(two_states(), cache=False), lost=("plant_a",), start=date(2024, 1, 2), days=3,
        decisions=("0 XA spare_a", "5 XA no_such"),
        help_rule="open",  # XB has agreed to nothing: so that something crosses the border
    )  # fmt: skip


def words(page: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S))


def test_page_is_whole(results: Results) -> None:
    """A page with a hole where a number should stand is not shown to a minister."""
    page = report_html(results)
    assert page.count('<figure class="plot') == 1
    assert page.count('<figure class="table') == 6
    text = words(page)
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None\b(?!\.)", text)
    for said in texts(results).values():
        assert said in " ".join(text.split())


def test_minutes_are_a_document(results: Results, tmp_path: Path) -> None:
    """Both sides sign the same text."""
    path = write_report(results, tmp_path / "minutes.md")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Minutes: Loss of ")
    assert all(said in text for said in texts(results).values())
    assert all(heading in text for heading in ("## Log", "## Decisions", "## Open points"))
    assert "refused: the case has no such measure" in text

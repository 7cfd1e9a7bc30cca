"""The page of a disruption: whole, and true to its tables."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kelisim.engine import Engine
from kelisim.report.figure import Figure
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.results.store import load_run
from kelisim.studies import run
from kelisim.studies.pages import page_of, report_html
from tests.cases.cut_town import cut_town
from tests.reading import heights, texts


@pytest.fixture(scope="module")
def cut() -> Results:
    return run("disruption", Engine(cut_town(heat=0.0), cache=False), lost=("pipe",), start=date(2024, 1, 3), days=5, place_rule="none")  # fmt: skip


def words(page: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S))


def test_page_of_a_disruption_is_whole(cut: Results) -> None:
    """A page with a hole where a number should stand is not shown to a minister."""
    page = report_html(cut)
    assert page.count('<figure class="plot') == 2
    assert page.count('<figure class="table') == 7
    text = words(page)
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None", text)
    assert "upper bound" in text
    assert texts(cut)["answer"] in page
    numbers = page_of(cut, Words(cut.case)).key_numbers
    # 30 MW-days of industry and 16 of homes, and 4 of industry for what fills the cavern again
    assert [number.value for number in numbers[:2]] == ["66 %", "3.0 days"]


def test_curve_of_service_follows_the_table(cut: Results) -> None:
    """The curve falls on the day on which the first home is cut."""
    (part,) = [part for part in page_of(cut, Words(cut.case)).parts if part.anchor == "service"]
    curve = part.items[0]
    assert isinstance(curve, Figure)
    assert curve.finding == "Kazakhstan: at worst 100 % of its natural gas demand is unserved beyond the plan"
    assert heights(curve)[:5] == pytest.approx([57.143, 57.143, 57.143, 0, 0])
    assert curve.options["series"][0]["step"] == "end"


def test_a_quiet_disruption_has_a_page() -> None:
    """Good news has a page too."""
    results = run(
        "disruption", Engine(cut_town(), cache=False), lost=("spare",), start=date(2024, 1, 3), days=2
    )
    text = words(report_html(results))
    assert "Nobody goes short." in text
    assert "All are served as planned" in text


def test_report_of_a_kept_run(cut: Results, tmp_path: Path) -> None:
    """`kelisim report RUN` reads dates and rules from text."""
    path = load_run(cut.save(tmp_path, cut.study)).report(tmp_path / f"{cut.study}.html")
    assert words(path.read_text(encoding="utf-8")).count("Rules") >= 1

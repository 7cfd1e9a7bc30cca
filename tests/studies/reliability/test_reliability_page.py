"""The page of the study of reliability: whole, and true to its tables."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import report_html
from kelisim.studies.reliability.page import page
from tests.cases.two_areas import two_areas
from tests.reading import heights


def ask(**fields: Any) -> Results:
    case = two_areas(2)
    graded = case.with_table("assets", case.table("assets").assign(confidence="C"))
    return run("reliability", Engine(graded, cache=False), days=2, states=600, **fields)


def words(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.S))


@pytest.mark.parametrize("fields", [{}, {"capacity_spread": 0.1}, {"sequential": True, "paths": 4}])
def test_page_is_whole(fields: dict[str, Any]) -> None:
    """A page with a hole where a number should stand is not shown to a minister."""
    results = ask(**fields)
    text = words(report_html(results))
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None", text)
    for part in page(results, Words(results.case)).parts:
        assert part.heading in text
    assert ("Capacities graded C" in text) == ("capacity_spread" in fields)


def test_bars_and_their_lines_are_those_of_the_table() -> None:
    """A line that is shorter than the interval makes a guess look like knowledge."""
    results = ask()
    (part,) = [part for part in page(results, Words(results.case)).parts if part.anchor == "regions"]
    bars = part.items[0]
    rows = results["regions"].sort_values("lole", ascending=False, kind="stable")
    assert heights(bars) == pytest.approx(rows["lole"].tolist(), abs=1e-6)
    assert [point[0] for point in bars.options["series"][1]["data"][1::3]] == pytest.approx(
        rows["lole_high"].tolist()
    )
    assert [point[0] for point in bars.options["series"][1]["data"][0::3]] == pytest.approx(
        rows["lole_low"].tolist()
    )


def test_page_of_what_never_fails() -> None:
    """Nothing seen has a page too, and says what may have been missed."""
    case = two_areas(2)
    rates = case.table("outage_rates").assign(failures_per_year=0.001)
    results = run(
        "reliability", Engine(case.with_table("outage_rates", rates), cache=False), days=2, states=200
    )
    text = words(report_html(results))
    assert "No shortage was seen" in text
    assert "none seen" in text

"""A report for print: the same figures and tables as on the page, in each language, with their numbers in a workbook."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from kelisim import catalog
from kelisim.engine import Engine
from kelisim.report.drawn import Drawer
from kelisim.report.figure import Figure
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import report_html, write_report
from tests.cases.border_year import border_year


@pytest.fixture(scope="module")
def balance() -> Results:
    return run("balance", Engine(border_year(), cache=False))


@pytest.mark.parametrize("language", ["en", "kk"])
def test_a_report_for_print(balance: Results, tmp_path: Path, language: str) -> None:
    """Who reads the printed page finds each figure by its number in the workbook; the same answer gives the same file."""
    target = write_report(balance, tmp_path / "answer.pdf", language)
    content = target.read_bytes()
    assert content.startswith(b"%PDF-") and len(re.findall(rb"/Type ?/Page\b", content)) >= 4
    assert target.stat().st_size < 1_000_000
    book = pd.read_excel(tmp_path / "answer.xlsx", sheet_name=None, engine="calamine")
    page = report_html(balance, language)
    drawn = {int(number) for number in re.findall(r'id="figure-(\d+)"', page)}
    assert set(book["figures"]["figure"]) == drawn | {1}  # the map
    assert {sheet for sheet in book if sheet.startswith("figure ")} == {
        f"figure {number}" for number in drawn - {1}
    }
    assert write_report(balance, tmp_path / "again.pdf", language).read_bytes() == content


def test_figures_are_drawn_without_a_browser() -> None:
    """A bar of 3 beside one of 6 is half as long, and letters of Kazakh come out as they are."""
    figure = (
        Figure("Қостанай")
        .across("ТВт·сағ", low=0)
        .up(names=["Қостанай", "Ақтөбе"])
        .bars("газ", [3.0, 6.0], "#e69f00")
    )
    with catalog.speaking("kk"), Drawer("kk") as drawer:
        drawn = drawer.svg(figure)
    assert "Қостанай" in drawn and "Ақтөбе" in drawn
    widths = [
        float(width)
        for width in re.findall(r'<path d="M[\d.]+ [\d.]+l([\d.]+) 0[^"]*" fill="#e69f00"', drawn)
    ]
    assert len(widths) == 2 and widths[1] == pytest.approx(2 * widths[0])
    assert figure.numbers()["value"].to_list() == [3.0, 6.0] and figure.numbers()["across"].to_list() == [
        "Қостанай",
        "Ақтөбе",
    ]

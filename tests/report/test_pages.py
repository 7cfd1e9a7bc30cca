"""The report: whole, self-contained, and true to the tables."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from kelisim import catalog
from kelisim.results.results import Results
from kelisim.studies.pages import report_html, write_report
from tests.report.conftest import HOSTILE


class Reader(HTMLParser):
    """What a browser would load, and the text outside of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.scripts = 0
        self.inside = ""
        self.styles: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("script", "style") else ""
        self.scripts += tag == "script"
        for name, value in attrs:
            if name in ("src", "srcset", "poster", "data") or (
                name == "href" and tag in ("link", "use", "image")
            ):
                self.loaded.append(f"{tag} {name}={value}")
            if name == "href" and tag == "a":
                self.links.append(value or "")
            if name == "style":
                self.styles.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.styles.append(data)
        elif not self.inside:
            self.text.append(data)


@pytest.fixture(scope="session")
def page(results: Results) -> str:
    return report_html(results)


@pytest.fixture(scope="session")
def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_nothing_is_loaded(read: Reader) -> None:
    """In a closed network a report with one outside address is a blank page."""
    assert read.loaded == []
    css = " ".join(read.styles)
    assert "@import" not in css
    assert not re.search(r"url\(\s*['\"]?(?!#)", css)


def test_names_stay_text(page: str, read: Reader) -> None:
    """A name in a case must not run as code in the reader's browser."""
    assert "<script>alert" not in page
    assert any(HOSTILE in text for text in read.text)
    assert "<b>First</b> book" in read.text


def test_only_web_addresses_become_links(read: Reader) -> None:
    """A source with a javascript: address must not be a button for it."""
    outside = [link for link in read.links if not link.startswith("#")]
    assert outside == ["https://example.org/a"]


def test_every_figure_and_table_has_its_number(read: Reader) -> None:
    """A reader of the printed page asks for "table 4"."""
    text = " ".join(read.text)
    for word in ("Figure", "Table"):
        numbers = [int(number) for number in re.findall(rf"{word} (\d+)\.", text)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) > 8


def test_limits_rules_and_sources_stand_in_the_report(read: Reader, results: Results) -> None:
    """A gas answer without the words capacity-only misleads."""
    text = " ".join(read.text)
    limits = catalog.lines("balance.limits")
    assert len(limits) == 4 and all(limit in text for limit in limits)
    assert "Place rule" in text
    assert "official or company: " in text
    assert "Made with Natural Earth" in text
    assert results.case.fingerprint in text


def test_written_whole(results: Results, tmp_path: Path) -> None:
    """Half a report in the place of yesterday's is worse than none."""
    path = write_report(results, tmp_path / "deep" / "balance.html")
    assert path == tmp_path / "deep" / "balance.html"
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [file.name for file in path.parent.iterdir()] == ["balance.html"]
    assert path.stat().st_size < 7_000_000
    assert write_report(results, tmp_path) == tmp_path / "report.html"


def test_failure_leaves_the_old_report(results: Results, tmp_path: Path) -> None:
    """A crash while writing must leave what was there."""
    path = tmp_path / "report.html"
    path.write_text("yesterday", encoding="utf-8")
    tables = {name: table for name, table in results.tables.items() if name != "costs"}
    broken = Results(results.study, results.fields, results.case, tables, results.units_of, results.meta)
    with pytest.raises(Exception, match="costs"):
        write_report(broken, path)
    assert path.read_text(encoding="utf-8") == "yesterday"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_no_answer_is_reported_too(results: Results) -> None:
    """Whoever gets no optimum needs the conflicting limits most."""
    conflict = {"table": "links.flow", "element": "<trunk>", "step": "2024-01-01"}
    tables = {"conflicts": pd.DataFrame([{**conflict, "lower": 5.0, "upper": 1.0}])}
    meta = {**results.meta, "status": "infeasible"}
    page = report_html(Results("balance", {}, results.case, tables, {}, meta))
    assert 'the solver ended with the status "infeasible"' in unescape(page)
    assert "Flow on link &lt;trunk&gt;" in page


def test_same_results_same_report(results: Results, page: str) -> None:
    """A report that differs each time cannot be compared."""
    assert report_html(results) == page

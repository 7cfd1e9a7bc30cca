"""Texts of a case that attack whoever shows them: on the page, in a report, a document, a workbook and a map they stay texts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kelisim.case.case import Case
from kelisim.cli.printing import print_summary, print_table
from kelisim.io import write
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import document, report_html
from tests.cases.border_year import border_year
from tests.cases.hostile import ATTACKS, hostile
from tests.web.conftest import ENTITIES, MEASURES, OWNERS, serving

SOURCES = """
    source, title, publisher, url,                 date, licence
    first,  First, Printer,   https://example.org, 2024, free
    other,  Other, Printer,   ,                    2023, free
"""
SCRIPT = "window.found = []; window.ran = (what) => window.found.push(what);"
# what ran, and elements that only an attack can have made
LOOK = """() => [...window.found, ...[...document.querySelectorAll(
  '[onerror], [onload], [onmouseover], a[href^="javascript"], a[href^="JAVASCRIPT"], img[src="x"], [style*="url("]')].map((one) => one.outerHTML)]"""
BREAK = """() => {
  document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=ran(30)><a onclick=ran(31)>");
  document.body.append(Object.assign(document.createElement("script"), {text: "ran(32)"}));
  document.querySelector("a[onclick]").click();
}"""


@pytest.fixture(scope="module")
def attacking() -> Case:
    """The small border year in days, every free text an attack."""
    return hostile(border_year(days=40, owners=OWNERS, entities=ENTITIES, measures=MEASURES, sources=SOURCES))


@pytest.fixture(scope="module")
def answered(attacking: Case) -> Results:
    return run("emergency", attacking, lost="pipe_a", start="2024-01-10", days="10")


def formulas(path: Path) -> list[bytes]:
    """What a workbook would compute or lead to."""
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
    return [part for sheet in sheets for part in re.findall(rb"<f[ >].*?</f>|<hyperlink .*?>", sheet)]


def test_every_attack_is_there(attacking: Case, answered: Results) -> None:
    """An attack that no table has would prove nothing."""
    text = " ".join(frame.to_csv() for frame in attacking.tables.values()).replace('""', '"')
    assert [attack for attack in ATTACKS if attack not in text] == []


def test_workbook_computes_nothing(attacking: Case, answered: Results, tmp_path: Path) -> None:
    """A name that begins with = must not become a formula of whoever opens the file."""
    assert formulas(answered.to_excel(tmp_path / "answer.xlsx")) == []
    assert formulas(write(attacking, tmp_path / "case.xlsx")) == []


def test_document_has_no_links(answered: Results) -> None:
    """A document is put into a wiki, which would take a name for a link or for HTML."""
    text = document(answered)
    assert ATTACKS[0].replace("<", "\\<") in text
    assert re.findall(r"(?<!\\)<[a-z/]|\](?:\(|\[)", text) == []


def test_terminal_has_no_markup(
    answered: Results, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name with a word in square brackets ended the command in a traceback, after the work was done."""
    monkeypatch.setenv("COLUMNS", "400")
    print_summary(answered, Path("runs/one"), {})
    for at, ending in enumerate(("[/b]", "[/]", "[red]")):
        print_table(f"Table {ending}", [f"head {ending}"], [[f"cell {at} {ending}"]])
        assert capsys.readouterr().out.count(ending) >= 3


@pytest.fixture(scope="module")
def address(attacking: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = write(attacking, tmp_path_factory.mktemp("attacking") / "case")
    with serving(folder.parent, str(folder)) as found:
        yield found


@pytest.mark.browser
def test_nothing_runs(address: str, browser: Any, attacking: Case, answered: Results, tmp_path: Path) -> None:
    """A script in a table of somebody else would act in the name of who is logged in."""
    report, explored = tmp_path / "report.html", tmp_path / "explored.html"
    report.write_text(report_html(answered), encoding="utf-8")
    explored.write_text(f"<meta charset='utf-8'>{attacking.explore().html}", encoding="utf-8")
    map_page = f"{address}/?carrier=gas&day=2024-01-12&chosen=pipe_a&cut=pipe_a&from=2024-01-10&days=10&measures=1&levels=1"
    waits = {
        map_page: "iframe.k-report.ready",
        f"{address}/?chosen=a_town&carrier=<script>ran(20)</script>&day=<script>ran(21)</script>": ".k-links button",
        f"{address}/border": "iframe.k-report.ready",
        f"{address}/study/emergency?lost=<script>ran(22)</script>": ".k-run",
        f"{address}/runs": ".k-title",
        f"{address}/run/<script>ran(23)<": ".k-warn",
        report.as_uri(): ".canvas svg",
        explored.as_uri(): "svg.km",
    }
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.add_init_script(SCRIPT)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for link, wait in waits.items():
        page.goto(link)
        page.wait_for_selector(wait)
        if link == map_page:
            page.locator(".k-search input").click()
            page.wait_for_selector(".q-item")
        for frame in page.frames:
            assert frame.evaluate(LOOK) == [], link
        assert wrong == []
        if link in (f"{address}/runs", report.as_uri()):  # and if one came through
            page.evaluate(BREAK)
            page.wait_for_timeout(100)
            assert page.evaluate("window.found") == [] and wrong
            wrong.clear()
    page.close()

"""The page of contingencies: whole, true to its tables, and the same when the run was kept."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kelisim.cli.printing import print_answer
from kelisim.engine import Engine
from kelisim.report.figure import Figure
from kelisim.results.results import Results
from kelisim.results.store import load_run
from kelisim.studies import run
from kelisim.studies.pages import document, report_html
from tests.cases.cut_town import cut_town
from tests.reading import heights, page, texts


@pytest.fixture(scope="module")
def losses() -> Results:
    of = ("links", "assets", "storages", "places")
    return run(
        "contingency", Engine(cut_town(days=1), cache=False), day=date(2024, 1, 1), of=of, pairs=2, worst=2
    )


def test_page_is_whole(losses: Results) -> None:
    """Ranking, pairs, worst set and formula, each with its table."""
    html = report_html(losses)
    assert html.count('<figure class="plot') == 1
    assert html.count('<figure class="table') == 4
    text = re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.S))
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None", text)
    assert all(sentence in text for sentence in texts(losses).values())
    assert "proven" in text
    assert "Kazakhstan" in text


def test_numbers_and_bars_follow_the_table(losses: Results) -> None:
    """The first page must not name another loss than the ranking does."""
    shown = page(losses)
    singles = losses["singles"]
    assert [number.value for number in shown.key_numbers] == [
        str((singles["unserved"] > 0).sum()), str((singles["protected"] > 0).sum()), "432 MWh"
    ]  # fmt: skip
    assert shown.key_numbers[2].beside == "Steppe town"
    chart, table = shown.parts[0].items
    assert isinstance(chart, Figure)
    costly = singles["extra_cost"][singles["extra_cost"] > 0]
    assert heights(chart) == pytest.approx(list(costly / 1e6))
    assert not isinstance(table, Figure)
    assert [cell.text for cell in table.rows[0]] == [
        "Steppe town", "place", "1.31", "0.432", "0.288", "Steppe town, natural gas of homes"
    ]  # fmt: skip


def test_a_kept_run_reads_as_the_answer_did(losses: Results, tmp_path: Path) -> None:
    """Facts and identifiers are kept, and say the same when they are read again."""
    again = load_run(losses.save(tmp_path, losses.study))
    assert page(again).sentences == page(losses).sentences
    assert [view.rows for view in page(again).views] == [view.rows for view in page(losses).views]
    assert document(again).splitlines()[0] == document(losses).splitlines()[0]


def test_what_is_printed(losses: Results, capsys: pytest.CaptureFixture[str]) -> None:
    """Who has no browser reads the same sentences, the rule, and each table."""
    print_answer(losses)
    lines = capsys.readouterr().out
    flat = " ".join(lines.split())
    for words in (
        *texts(losses).values(),
        "Place rule: cooperative",
        "The costliest pairs: 2 sets",
        "The worst set: 1 set",
    ):
        assert words in flat


def test_nothing_that_costs_anything_has_a_page() -> None:
    """Good news has a page too."""
    results = run("contingency", Engine(cut_town(days=1), cache=False), of=("tracks",), formula=("coal",))
    shown = page(results)
    assert [part.none for part in shown.parts if not part.items] == [
        "No loss costs anything.", "No country uses the carriers asked for."
    ]  # fmt: skip
    assert shown.key_numbers[2].value == "0 MWh"

"""The page of the replays on the town behind one pipe: effects, verdicts, causes, and what each event changes."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.report.table import View
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import report_html
from tests.cases.events_town import events_town
from tests.reading import page


@pytest.fixture(scope="module")
def results() -> Results:
    """Three events of the town."""
    return run("replays", Engine(events_town(), cache=False), place_rule="none")


def table(results: Results, caption: str) -> View:
    return next(view for view in page(results).views if view.caption.startswith(caption))


def test_page(results: Results) -> None:
    """The page names every event, what was seen, the verdict and the cause."""
    text = report_html(results)
    for part in ("The pipe is cut", "within a factor of 2", "Industry was warned", "bound held", "2 of 4"):
        assert part in text


def test_what_counts_stands_first(results: Results) -> None:
    """Who reads three rows must have read the independent ones."""
    rows = table(results, "Effects that were seen").rows
    assert [[cell.text for cell in row] for row in rows[:4]] == [
        ["The pipe is cut", "days with lack of heat in Steppe town", "the event", "5.00 days", "5.00", "0", "1.00", "within a factor of 2", "A"],
        ["The CHP trips", "mean: power shed in Steppe town in the first hour", "first hour", "1.50 MW", "2.00", "0", "1.33", "within a factor of 2", "A"],
        ["The pipe is cut", "share of use: lack of natural gas in Steppe town", "the event", "0.200 share", "0.657", "0", "3.29", "miss", "B"],
        ["The spare is out", "no result", "the event", "7.00 MWh", "not known", "not known", "not known", "not comparable", "B"],
    ]  # fmt: skip


def test_events_say_what_they_change(results: Results) -> None:
    """An event whose changes are not told cannot be checked by who was there."""
    rows = table(results, "Events and what they change").rows
    assert [cell.text for cell in rows[0]][1:4] == [
        "3 January 2023 to 7 January 2023; its days of 2023 are those of 2024 here.",
        "Field - Steppe town out, 3 January 2024 to 7 January 2024",
        "\u2013",
    ]


def test_numbers_have_no_holes(results: Results) -> None:
    """What is not known is said, not left as nan."""
    cells = [cell.text for view in page(results).views for row in view.rows for cell in row]
    assert not [cell for cell in cells if "nan" in cell.split()]
    assert "not known" in cells

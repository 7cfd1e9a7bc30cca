"""When in the day a shortage of power falls, on the page of a balance."""

from __future__ import annotations

import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.studies import run
from kelisim.studies.pages import page_of
from tests.cases.evening_year import evening_year

ROW = "| B town | Electricity | Industry | no |"


def short_in_the_evening(case: Case) -> Case:
    """B town makes 30 of the 45 MW that it uses in the evening, and 5 come over the line."""
    assets, links = case.table("assets"), case.table("links")
    case = case.with_table(
        "assets", assets.assign(capacity=assets["capacity"].mask(assets["asset"] == "plant", 30.0))
    )
    return case.with_table(
        "links", links.assign(capacity=links["capacity"].mask(links["link"] == "line", 5.0))
    )


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        (evening_year(days=4), "Evening"),
        (evening_year(months=2), "Evenings of working days 73 %, evenings of other days 27 %"),
    ],
    ids=["days", "months"],
)
def test_shortage_names_its_part_of_the_day(case: Case, parts: str) -> None:
    """A shortage of the evening that is told as one of the day hides that nights have power to spare."""
    results = run("balance", Engine(short_in_the_evening(case), cache=False))
    words = Words(results.case)
    text = markdown(page_of(results, words), results, words)
    row = next(line for line in text.splitlines() if line.startswith(ROW))
    assert row.split(" | ")[-2] == parts

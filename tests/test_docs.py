"""Pages say what the product says: those that are made from it, and what the others must name."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from kelisim import catalog, io
from kelisim.studies.study import find, names
from tests.cases.reference import reference
from tools import compare_trial, docs

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_generated_pages_are_up_to_date(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A column or an option that the pages do not know is not there for the user; an old total is wrong."""
    monkeypatch.setenv("TYPER_USE_RICH", "0")  # as the tool sets it; put back after the test
    monkeypatch.setattr(io, "reference", reference)
    assert docs.main(["--check"]) == 0, capsys.readouterr().out


def test_every_table_and_column_is_described() -> None:
    """Who writes a case by hand needs a sentence for each cell."""
    page = (DOCS / "tables.md").read_text(encoding="utf-8")
    missing = [
        path.stem
        for path in (ROOT / "kelisim/case/tables").glob("*.csv")
        if f"\n## {path.stem}\n" not in page
    ]
    assert missing == []
    assert "|  |" not in page, "a column without a description"


def test_every_page_is_in_the_index() -> None:
    """A page that the index does not lead to is not read."""
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"index.md"}
    assert [
        page for page in sorted(pages) if f"({page})" not in index and not page.startswith("decisions/")
    ] == []


def test_links_to_headings_lead_somewhere() -> None:
    """A link into a page that ends at its top sends the reader searching."""
    dead = []
    for page in DOCS.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        for target, heading in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", text):
            there = (page.parent / target).read_text(encoding="utf-8") if target else text
            if heading not in {_anchor(line) for line in re.findall(r"^#+ (.*)$", there, re.MULTILINE)}:
                dead.append(f"{page.name}: {target}#{heading}")
    assert dead == []


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_every_block_of_the_problem_is_explained() -> None:
    """A report of conflicting limits names blocks; the page on the model is where one looks them up."""
    page = (DOCS / "model.md").read_text(encoding="utf-8")
    blocks = set(catalog.under("limits")) - {"other"}
    assert [block for block in blocks if f"`{block}`" not in page] == []


@pytest.mark.parametrize("study", names())
def test_every_study_has_a_page(study: str) -> None:
    """A result whose page does not say how it was computed cannot be defended."""
    page = (DOCS / "studies" / f"{study}.md").read_text(encoding="utf-8")
    for heading in ("## Results", "## How it is computed", "## Limits"):
        assert f"\n{heading}\n" in page
    fields = [field.name.replace("_", "-") for field in dataclasses.fields(find(study))]
    assert [field for field in fields if f"`--{field}`" not in page] == []


# ---- the year beside the trial


def figure(trial: str, value: float, why: str = "") -> compare_trial.Figure:
    """A line of the comparison."""
    return compare_trial.Figure("Gas", "made", "bcm", trial, value, why)


@pytest.mark.parametrize(
    ("trial", "value", "difference", "is_large"),
    [
        ("21.1", 21.05, "0 %", False),
        ("0.4", 0.376, "0 %", False),
        ("5.32", 5.40, "+1.5 %", False),
        ("1.45", 1.622, "+11.9 %", True),
        ("-2.0", -2.5, "+25.0 %", True),
    ],
)
def test_difference_to_the_trial(trial: str, value: float, difference: str, is_large: bool) -> None:
    """A rounded figure is no difference, and a difference above 5 % is to be explained."""
    line = figure(trial, value)
    assert (line.cells()[3], line.is_large) == (difference, is_large)


def test_large_differences_need_a_reason() -> None:
    """A difference nobody explains is a bug nobody looked for; a reason that is no longer needed misleads."""
    lines = [figure("1.45", 1.622), figure("1.45", 1.622, "leap year"), figure("1.45", 1.46, "leap year")]
    assert compare_trial.unexplained(lines) == ["Gas, made", "Gas, made"]


@pytest.mark.parametrize(("value", "is_stale"), [(21.05, False), (21.06, False), (21.10, True), (30.0, True)])
def test_comparison_goes_stale(value: float, is_stale: bool) -> None:
    """The last digits may differ from machine to machine, the table may not age."""
    tables = [compare_trial.table([figure("20", number, "why")]) for number in (21.05, value)]
    assert bool(compare_trial.stale(*tables)) is is_stale

"""Results: tables by name, units, and what a notebook shows."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from kelisim.case.case import Case
from kelisim.errors import UserError
from kelisim.results import workbook
from kelisim.results.results import Results, _three_digits


@pytest.fixture
def results() -> Results:
    """A case of nothing and three tables."""
    flow = pd.DataFrame(
        {
            "link": ["a", "a"],
            "step": pd.to_datetime(["2024-01-01", "2024-02-01T06:00"], format="ISO8601"),
            "flow": [1 / 3, np.nan],
            "loading": [np.inf, 0.5],
        }
    )
    figures = pd.DataFrame(
        {
            "country": ["KZ", "all"],
            "carrier": "natural_gas",
            "made": [1.0, 12_345.678],
            "unserved": [0.0, 0.01234],
            "unit": "bcm",
        }
    )
    return Results(
        study="balance",
        fields={"series": True, "lost": ("a", "b")},
        case=Case(settings={"name": "tiny", "title": "A & <B>"}, tables={}),
        tables={
            "key_figures": figures,
            "links.flow": flow,
            "costs": pd.DataFrame({"item": ["=1+1"], "amount": [5.0]}),
        },
        units_of={"links.flow": {"flow": "MW", "loading": "share"}, "costs": {"amount": "USD"}},
        meta={
            "status": "optimal",
            "objective": 1234.5,
            "rules": {"place": "own_first"},
            "limits": ["Gas has no pressures."],
        },
    )


def test_tables_by_name(results: Results) -> None:
    """The first thing anyone does with results."""
    assert results.names == list(results) == ["key_figures", "links.flow", "costs"]
    assert len(results) == 3 and "costs" in results and "cost" not in results
    assert results["costs"]["amount"].tolist() == [5.0]
    assert results.key_figures.equals(results["key_figures"])
    assert results.units("links.flow") == {"flow": "MW", "loading": "share"}
    assert results.units("key_figures") == {}


@pytest.mark.parametrize("ask", [Results.__getitem__, Results.units])
def test_no_such_table(results: Results, ask: object) -> None:
    """A bare KeyError sends people to the documentation."""
    with pytest.raises(UserError) as caught:
        ask(results, "links.flows")  # type: ignore[operator]
    assert str(caught.value) == (
        'The results of balance have no table "links.flows". Did you mean "links.flow"? '
        "Known: key_figures, links.flow, costs."
    )


def test_a_table_may_be_changed(results: Results) -> None:
    """Work in a notebook must not change what is saved later."""
    mine = results["costs"]
    mine["amount"] = 0.0
    mine.loc[0, "item"] = "x"
    assert results["costs"].to_numpy().tolist() == [["=1+1", 5.0]]


def test_words(results: Results) -> None:
    """A notebook prints results by accident; thousands of rows bury the page, and names may hold marks."""
    assert repr(results) == "Results(balance, 'tiny', 3 tables; optimal)"
    text = results._repr_html_()
    assert "<b>balance: A &amp; &lt;B&gt;</b>" in text
    for words in (
        "place rule: own_first",
        "objective: 1,234 USD",
        "2024-01-01 to 2024-12-31, 12 steps of 1mo",
        "12,300",
        "0.0123",
    ):
        assert words in text
    assert "KZ" not in text
    assert len(text) < 3000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (12345.6, "12,300"),
        (-1234.0, "-1,230"),
        (99.96, "100"),
        (1.5, "1.50"),
        (0.01234, "0.0123"),
    ],
)
def test_three_digits(value: float, text: str) -> None:
    """More digits claim what the data do not bear."""
    assert _three_digits(value) == text


def test_pictures_come_from_the_report(
    results: Results, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The accessor reaches into a higher layer by name; a renamed function there would break it unseen."""
    for name, members in {
        "kelisim.report.charts": {"Plots": lambda results: ("plots", results)},
        "kelisim.report.maps": {"flow_map": lambda *asked: ("map", *asked)},
        "kelisim.studies.pages": {"write_report": lambda results, path, language: Path(path)},
    }.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    assert results.plot == ("plots", results)
    assert results.map("natural_gas", 3) == ("map", results, "natural_gas", 3)
    assert results.report(tmp_path / "r.html") == tmp_path / "r.html"


def test_excel(results: Results, tmp_path: Path) -> None:
    """Units in the header, times as times, text never a formula, and the first sheet says what this is."""
    path = results.to_excel(tmp_path / "out" / "r.xlsx")
    with CalamineWorkbook.from_path(path) as book:
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets) == ["about", "columns", "key_figures", "links.flow", "costs"]
    assert sheets["links.flow"][0] == ["link", "step", "flow (MW)", "loading (share)"]
    assert [str(cell) for cell in sheets["links.flow"][2]] == ["a", "2024-02-01 06:00:00", "", "0.5"]
    assert sheets["links.flow"][1][3] == "inf"
    assert sheets["costs"] == [["item", "amount (USD)"], ["=1+1", 5.0]]
    words = {tuple(row[:2]): row[2:] for row in sheets["columns"]}
    assert words["links.flow", "flow"][:2] == ["MW", "forward less back"]
    assert words["links.flow", ""][1] == "one link and step"
    about = [tuple(row) for row in sheets["about"]]
    for row in (
        ("study", "balance"),
        ("field lost", "a, b"),
        ("case", "A & <B>"),
        ("place rule", "own_first"),
        ("limit", "Gas has no pressures."),
        ("table links.flow", "2 rows"),
    ):
        assert row in about


def test_excel_leaves_out_what_nobody_reads(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet of 300,000 rows makes the file useless; that it is missing must be said."""
    monkeypatch.setattr(workbook, "MOST_ROWS", 1)
    with CalamineWorkbook.from_path(results.to_excel(tmp_path / "r.xlsx")) as book:
        assert book.sheet_names == ["about", "columns", "costs"]
        about = [tuple(row) for row in book.get_sheet_by_name("about").to_python()]
    assert ("table links.flow", "2 rows, too long for this workbook: see the saved run") in about

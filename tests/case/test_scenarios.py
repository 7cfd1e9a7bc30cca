"""Scenarios of a case: named changes with a range, and the case under them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelisim.case.case import Case
from kelisim.case.scenarios import names, of_name, under
from kelisim.errors import CaseError, StudyError
from kelisim.io import write
from tests.cases.make import AB, make
from tests.conftest import Command

ROWS = """
    scenario, change_no, name,       acts_on,                value, low, high, unit
    cheap,    1,         Cheap oil,  markets:*:price,        0.8,   0.7, 0.9,  factor
    cheap,    2,         ,           markets:sea:ceiling,    30,    ,    ,     MW
    busy,     1,         ,           demand:b:*:amount,      1.5,   ,    2,    factor
"""


PIPE = "link, carrier, kind, from_place, to_place, capacity\npipe, crude, pipeline, a, b, 100"


def priced(rows: str = ROWS, links: str = PIPE, **tables: str) -> Case:
    return make(
        days=2,
        places=AB,
        assets="asset, kind, place, capacity, cost\nwells, field, a, 40, 5",
        asset_ports="asset, carrier, ratio\nwells, crude, 1",
        links=links,
        demand="place, carrier, customer_class, amount, unit\nb, crude, export_contract, 100, MWh",
        markets="market, place, carrier, side, ceiling, unit, price\nsea, b, crude, buys, 50, MW, 100",
        scenario_changes=rows,
        **tables,
    )


def test_a_scenario_changes_its_rows() -> None:
    """The value, an end of its range, and two scenarios together; the title says which, and the case itself stays."""
    case = priced()
    assert names(case) == {"cheap": "Cheap oil", "busy": "busy"}
    cheap = under(case, ["cheap"])
    assert cheap.quantities("markets")["price"].tolist() == pytest.approx([80])
    assert cheap.table("markets")["ceiling"].tolist() == pytest.approx([30])
    assert cheap.title.endswith(": Cheap oil") and cheap.name == "tiny_cheap"
    low, high = (
        under(case, [f"cheap:{end}"]).quantities("markets")["price"].iloc[0] for end in ("low", "high")
    )
    assert (low, high) == (pytest.approx(70), pytest.approx(90))
    both = under(case, ["cheap:low", "busy:low"])
    assert both.quantities("markets")["price"].iloc[0] == pytest.approx(70)
    assert both.table("demand")["amount"].iloc[0] == pytest.approx(150)
    assert case.quantities("markets")["price"].iloc[0] == 100 and under(case, []) is case
    said = {name: of_name(case, name) for name in (both.name, cheap.name, "tiny", "tiny_dear", "other_cheap")}
    assert list(said.values()) == ["cheap:low,busy:low", "cheap", "", "", ""]


def test_what_is_wrong_is_named() -> None:
    """A scenario with another name, an end that is none, a row that acts on nothing, a value outside its range."""
    with pytest.raises(StudyError, match='Did you mean "cheap"'):
        under(priced(), ["chaep"])
    with pytest.raises(StudyError, match="neither :low nor :high"):
        under(priced(), ["cheap:lowest"])
    with pytest.raises(StudyError, match="has no table scenario_changes"):
        under(priced(ROWS[: ROWS.index("cheap")]), ["cheap"])
    wrong = "scenario, change_no, acts_on, value, low, unit\none, 1, markets:see:price, 0.8, 0.9, factor"
    with pytest.raises(CaseError) as told:
        priced(wrong)
    assert '"see" is not in markets' in str(told.value) and "0.9 is above the value 0.8" in str(told.value)
    assert "markets:sea:price" in str(told.value)


def test_a_project_is_built() -> None:
    """A pipe that is only a candidate carries nothing until a scenario builds it; what cannot be built is named with its row."""
    pipe = "link, carrier, kind, from_place, to_place, capacity, status\npipe, crude, pipeline, a, b, 100, base\nsecond, crude, pipeline, a, b, 50, candidate"
    projects = "project, name, builds, capacity, unit\nnew, Second pipe, links:second, 50, MW\nmore, Wider pipe, links:pipe, 20, MW"
    rows = "scenario, change_no, acts_on, value, unit\nwide, 1, projects:new:built, 1,\nwide, 2, projects:more:built, 1,"
    links = under(priced(rows, links=pipe, projects=projects), ["wide"]).table("links").set_index("link")
    assert links.loc["second", "status"] == "base" and links.loc["pipe", "capacity"] == pytest.approx(120)
    wrong = "scenario, change_no, acts_on, value, unit\nwide, 1, projects:nwe:built, 1,\nwide, 2, projects:more:capacity, 1,\nwide, 3, projects:more:built, 2,"
    with pytest.raises(CaseError) as told:
        priced(wrong, links=pipe, projects=projects)
    assert all(
        word in str(told.value)
        for word in ('"nwe" is not in projects', "projects:more:built", "2: a project is built, 1")
    )


def test_command(cli: Command, tmp_path: Path) -> None:
    """Any study under a scenario: the title says it, a wrong name ends with 2 and names the right one."""
    write(priced(), tmp_path / "case")
    told = cli("run", "diversification", "case", "--scenario", "cheap:high,busy", "--out", "run")
    assert told.returncode == 0, told.stderr
    assert cli("report", "run", "--out", "page.md").returncode == 0
    assert "Cheap oil, high end of its range: busy" in (tmp_path / "page.md").read_text(encoding="utf-8")
    failed = cli("run", "diversification", "case", "--scenario", "cheep")
    assert failed.returncode == 2 and 'Did you mean "cheap"?' in failed.stderr

"""A case of another year: calendar, factors, and what lapses is named."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kelisim.case.another_year import in_year
from kelisim.case.case import Case
from kelisim.errors import CaseError
from kelisim.io import read, write
from tests.cases.make import AB, make
from tests.conftest import Command

YEARS = "year, change_no, acts_on, value, unit, start, end\n"
CONTRACTS = (
    "contract, kind, carrier, delivery_place, annual_quantity, unit, price, start, end\n"
    "own, supply, natural_gas, a, 100, GWh, 1, 2024-01-01, 2024-12-31\n"
    "open, supply, natural_gas, a, 10, GWh, 1, , "
)


def pipe(years: str = "", **tables: str) -> Case:
    return make(
        months=12,
        places=AB,
        assets="asset, kind, place, capacity, cost, in_service_from\nold, field, a, 40, 5,\nnew, field, a, 40, 5, 2025-07-01",
        asset_ports="asset, carrier, ratio\nold, natural_gas, 1\nnew, natural_gas, 1",
        links="link, carrier, kind, from_place, to_place, capacity\npipe, natural_gas, pipeline, a, b, 100",
        demand="place, carrier, customer_class, amount, unit\nb, natural_gas, household, 100, GWh\na, natural_gas, industry, 50, GWh",
        **({"years": YEARS + years} if years else {}),
        **tables,
    )


def test_numbers_change_by_the_grammar_of_events() -> None:
    """Factors multiply each row that matches; a quantity of several rows is shared out as they are."""
    case = pipe(
        "2025, 1, demand:b:natural_gas:amount, 1.1, factor, ,\n2025, 2, assets:*:capacity, 60, MW, ,\n2026, 1, demand:a:amount, 9, factor, ,"
    )
    moved = in_year(case, 2025)
    amounts = moved.case.table("demand").set_index("place")["amount"]
    assert amounts["b"] == pytest.approx(110) and amounts["a"] == 50
    assert moved.case.table("assets")["capacity"].tolist() == pytest.approx([30, 30])
    assert (moved.case.horizon.start, moved.case.horizon.end) == (
        pd.Timestamp(2025, 1, 1),
        pd.Timestamp(2026, 1, 1),
    )
    assert moved.case.name == "tiny_2025" and moved.changed["rows"].tolist() == [1, 2]
    assert moved.turning.to_dict("records") == [
        {"element": "new", "table": "assets", "day": pd.Timestamp(2025, 7, 1), "turn": "into service"}
    ]


def test_a_lapsed_contract_is_a_problem_and_not_silence() -> None:
    """A case of 2025 whose contracts all ended in 2024 would let everything flow for nothing."""
    case = pipe(contracts=CONTRACTS)
    with pytest.raises(CaseError) as caught:
        in_year(case, 2025)
    (problem,) = caught.value.problems
    assert (problem.column, problem.rule) == ("end", "dates") and "2024-12-31" in problem.message
    dropped = in_year(case, 2025, drop_lapsed=True)
    assert dropped.lapsed == ("own",) and dropped.case.table("contracts")["contract"].tolist() == ["open"]
    renewed = in_year(pipe("2025, 1, contracts:own:end, , , , 2027-12-31", contracts=CONTRACTS), 2025)
    assert renewed.lapsed == () and len(renewed.case.table("contracts")) == 2
    rows = "2025, 1, contracts:*:start, 1, year, ,\n2025, 2, contracts:*:end, 1, year, ,"
    moved = in_year(pipe(rows, contracts=CONTRACTS), 2025).case.table("contracts").set_index("contract")
    assert moved.at["own", "start"] == pd.Timestamp(2025, 1, 1) and moved.at["own", "end"] == pd.Timestamp(
        2025, 12, 31
    )
    assert pd.isna(moved.at["open", "end"])


def test_rows_that_cannot_be_read_are_all_told() -> None:
    """Each with the nearest right words, before anything is written."""
    case = pipe("2025, 1, demand:b:natural_gas:amount, 1.1, factor, ,")
    rows = case.table("years")
    wrong = pd.concat(
        [rows.assign(acts_on="asets:old:capacity"), rows.assign(acts_on="assets:ol:capacity", change_no=2)]
    )
    with pytest.raises(CaseError) as caught:
        in_year(case.with_table("years", wrong.set_axis([2, 3])), 2025)
    assert [(p.row, p.column, p.nearest) for p in caught.value.problems] == [
        (2, "acts_on", "assets:old:capacity"),
        (3, "acts_on", "assets:old:capacity"),
    ]


def test_there_and_back_is_the_same() -> None:
    """A year forth without factors and back again is the case as it was."""
    case = pipe()
    back = in_year(in_year(case, 2025).case, 2024).case
    assert case.diff(back).empty and back.horizon == case.horizon


def test_command(cli: Command, tmp_path: Path) -> None:
    """The new case is written, and a mistake in the file of factors is told with its line and written nowhere."""
    write(pipe(contracts=CONTRACTS), tmp_path / "case")
    (tmp_path / "factors.csv").write_text(
        "year,change_no,acts_on,value,unit,end\n2025,1,demand:*:natural_gas:amount,1.04,factor,\n2025,2,contracts:own:end,,,2025-12-31\n"
    )
    told = cli("year", "case", "2025", "--by", "factors.csv")
    assert told.returncode == 0, told.stderr
    assert "tiny_2025 written to case-2025: 2025-01-01 to 2025-12-31." in told.stdout
    there = read(tmp_path / "case-2025")
    assert there.table("demand")["amount"].sum() == pytest.approx(156)
    (tmp_path / "wrong.csv").write_text(
        "year,change_no,acts_on,value,unit\n2025,1,demand:c:natural_gas:amount,1.04,factor\n"
    )
    failed = cli("year", "case", "2025", "--by", "wrong.csv", "--out", "other")
    assert failed.returncode == 2 and "wrong.csv row 2, acts_on" in failed.stderr
    assert not (tmp_path / "other").exists()
    lapsed = cli("year", "case", "2026", "--drop-lapsed", "--json", "--out", "third")
    assert json.loads(lapsed.stdout)["lapsed"] == ["own"]

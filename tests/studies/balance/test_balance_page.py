"""The page of a balance: five sentences, three numbers, the limit behind a shortage; and what the command line prints of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.io import write
from kelisim.results.results import Results
from kelisim.results.schema import undeclared
from kelisim.studies import run
from kelisim.studies.pages import report_html
from tests.reading import page, texts, values
from tests.report.conftest import HOSTILE, small_case


def solved(case: Case) -> Results:
    return run("balance", Engine(case, cache=False))


@pytest.fixture(scope="module")
def small() -> Results:
    """The small year with a shortage."""
    return solved(small_case())


def test_five_sentences(small: Results) -> None:
    """These are what most readers read."""
    assert page(small).sentences == (
        "In 2024, 13 % of 0.630 TWh of demand stays unserved: 8.20 million m3 of natural gas, in 1 place.",
        "Protected customers go short of 84.7 GWh of their 0.540 TWh, most in South: "
        "8.20 million m3 of natural gas (homes), 18 % of its demand.",
        f"The limit with the largest rent is that of {HOSTILE} - South: "
        "its capacity for natural gas is reached all the time, with a rent of 1.58 billion USD in the year (shadow price times quantity).",
        "The largest net imports from other countries: "
        "Uzbekistan 38.3 million m3 of natural gas (100 % of its use) "
        "and Uzbekistan 90.0 GWh of electricity (100 % of its use).",
        "At the prices of the case supply costs 388 million USD in the year: "
        "unserved energy 381 million USD and supply and conversion 5.09 million USD; "
        "sales bring 3.16 million USD.",
    )


def test_all_supplied() -> None:
    """Good news must be said as plainly as bad."""
    demand = """
        place,  carrier,     customer_class, amount, unit
        south,  natural_gas, household,      100000, MWh
    """
    served = solved(small_case(demand=demand))
    first, second, *_ = page(served).sentences
    assert first == "All demand is supplied: 0.100 TWh in 2024, in 1 place."
    assert second == "No protected customer goes short: all 0.100 TWh of protected demand are served."
    assert "Nothing is unserved." in report_html(served)


def test_numbers_of_the_answer(small: Results) -> None:
    """A program that reads the facts must find the numbers that the sentences say."""
    found = values(small)
    short = small["demand.total"]["unserved"].sum()
    assert found["unserved_energy"] == pytest.approx(short)
    assert found["unserved_protected"] == pytest.approx(short)
    assert found["weakest_limit"] == small["bottlenecks"]["value"].max()
    assert found["cost"] - found["income"] == pytest.approx(small.meta["objective"])
    assert [key.value for key in page(small).key_numbers] == ["86.6 %", "1.58 billion USD", "388 million USD"]


def test_a_shortage_names_its_limits(small: Results) -> None:
    """Who is cut asks why; a number without its cause is no answer."""
    row = small["demand.total"].set_index(["place", "carrier"]).loc[("south", "natural_gas")]
    assert row["reason"] == "branch:full" and row["hours_short"] == pytest.approx(8784)
    view = next(view for view in page(small).views if view.caption.startswith("Unserved demand"))
    assert [cell.text for cell in view.rows[0]] == [
        *("South", "Natural gas", "Household", "yes", "84.7", "18"),
        f"{HOSTILE} - South is full (in 8\u202f784 hours)",
    ]


@pytest.mark.parametrize(
    ("name", "said"), [("Far Market", "Far Market"), ("", "Market for natural gas at South")]
)
def test_a_ceiling_is_blamed(name: str, said: str) -> None:
    """Where no link and no plant is at its limit, what a neighbour sells at most is the reason; without a name it is called by what it sells and where."""
    links = "link, carrier, kind, from_place, to_place, capacity\ntie, electricity, line, middle, south, 30"
    markets = f"""market, name,   place, carrier,     side,  ceiling, unit, price
                  abroad, {name}, south, natural_gas, sells, 0.4,     MW,   9"""
    demand = "place, carrier, customer_class, amount, unit\nsouth, natural_gas, household, 8784, MWh"
    results = solved(small_case(links=links, markets=markets, demand=demand))
    view = next(view for view in page(results).views if view.caption.startswith("Unserved demand"))
    assert view.rows[0][-1].text == f"{said} sells all it may (in 8\u202f784 hours)"
    assert texts(results)["unserved_energy"].startswith(
        "In 2024, 60 % of 0.00878 TWh of demand stays unserved"
    )


def test_every_table_is_described(small: Results) -> None:
    """A column without a description is a riddle for whoever gets the workbook."""
    assert [line for name in small for line in undeclared("balance", name, small[name])] == []


def test_command_line(cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """The answer, then key figures by carrier and who goes short; the same as data with --json."""
    write(small_case(), tmp_path / "case")
    told = cli("run", "balance", "case", "--out", "first")
    assert told.returncode == 0, told.stderr
    for text in (
        "13 % of 0.630 TWh",
        "small: the whole case, 12 steps",
        "Imported",
        "Reason",
        "is full",
        "Time: ",
        "Run: first",
    ):
        assert text in told.stdout
    data = json.loads(cli("run", "balance", "case", "--json").stdout)
    assert data["facts"][0]["text"] in told.stdout
    assert {row["carrier"] for row in data["key_figures"]} == {"electricity", "natural_gas"}

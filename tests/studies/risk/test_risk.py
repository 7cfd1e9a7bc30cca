"""The risk register of a small border case, added up by hand; its classes, its limits, and what risks call for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.outage_rates import Failing
from kelisim.results.results import Results
from kelisim.studies.pages import document, report_html
from kelisim.studies.risk.register import events
from kelisim.studies.study import create
from tests.cases.border import steppe

RATES = """
table,  element, kind, failures_per_year, repair_hours
links,  line,    ,     0.25,              12
assets, chp,     ,     2,                 24
assets, ,        mine, 1,                 48
"""


@cache
def ask(**fields: Any) -> Results:
    return create("risk", fields).run(Engine(steppe(days=3, outage_rates=RATES), cache=False))


def rows(**fields: Any) -> pd.DataFrame:
    return ask(**fields)["register"].set_index("risk")


def test_a_line_and_a_chp_by_hand() -> None:
    """A register whose numbers nobody can follow is signed by nobody."""
    found = rows()
    line = found.loc["links:line|whole"]
    # homes of the town use 3 MW, worth 4,000 USD/MWh, for 12 h
    assert (line["unserved_home"], line["protected_home"]) == (pytest.approx(36), pytest.approx(36))
    # less 31 USD/MWh for power that is not made and sent, and what the first tranches of the rule are cheaper
    assert line["cost_home"] == pytest.approx(36 * (4000 - 31), rel=1e-4)
    assert line["expected"] == pytest.approx(0.25 * 36 * (4000 - 31), rel=1e-4)
    assert (line["likelihood"], line["by_money"], line["by_people"], line["consequence"]) == (3, 2, 5, 5)
    assert (line["people"], line["region"], line["carrier"]) == (pytest.approx(1), "KZ-S", "electricity")
    assert line["level"] == "very_high" and line["most_in"] == "town:electricity:household"
    # heat of the town, 2 MW at 5,000 USD/MWh, for a day
    chp = found.loc["assets:chp|whole"]
    assert (chp["unserved_home"], chp["cost_home"]) == (pytest.approx(48), pytest.approx(240_000, rel=2e-3))
    # the mine sells 30 MW at 40, at 4 in the pit and 1 on each of two links, for 48 h: nobody goes short
    pit = found.loc["assets:pit|whole"]
    assert (pit["unserved_home"], pit["people"], pit["cost_home"]) == (0, 0, pytest.approx(30 * 34 * 48))
    assert (pit["likelihood"], pit["consequence"], pit["level"]) == (4, 1, "low")  # 4 + 2 x 1 = 6


def test_the_order_is_by_level_then_by_expected_loss() -> None:
    """What is first on the list is worked on first."""
    found = ask()["register"]
    levels = found["level"].map({"low": 0, "medium": 1, "high": 2, "very_high": 3})
    assert levels.is_monotonic_decreasing and found["rank"].tolist() == list(range(1, len(found) + 1))
    assert all(own["expected"].is_monotonic_decreasing for _, own in found.groupby("level", sort=False))
    assert int(ask()["matrix"]["risks"].sum()) == len(found)


def test_units_fail_one_by_one_or_together() -> None:
    """A plant of ten units that is all out ten times a year is no plant that anybody knows."""
    rates = "table, element, kind, failures_per_year, repair_hours\nassets, grid, , 3, 10"
    case = steppe(days=1, outage_rates=rates, assets="""
        asset, kind,        place,   capacity, cost
        wells, field,       field,   50,       5
        well,  field,       south,   6,        20
        pit,   mine,        mine,    50,       4
        chp,   chp,         town,    250,      1
        grid,  power_plant, ru_side, 20,       30
    """)  # fmt: skip
    found = create("risk", {"common_cause": 0.2}).run(Engine(case, cache=False))["register"].set_index("risk")
    # 250 MW are two or three units of 100 MW that ship with 7 failures a year each
    whole, one = found.loc["assets:chp|whole"], found["units"].get("assets:chp|unit", 0)
    assert whole["units"] == 2 and whole["frequency"] == pytest.approx(0.2 * 7)
    assert one == 0, "half of the plant is enough for the town: no risk"
    assert found.loc["assets:grid|whole", "frequency"] == 3


def test_all_of_many_units_fail_rarely() -> None:
    """All twelve units of a station for days in four years of five would be news: the more units, the rarer (IEC 61508-6, table D.5)."""
    part = Failing("assets:chp", (("assets", "chp"),), 1, 7.0, 50.0)
    case = steppe()
    often = {
        units: {risk.scope: risk.frequency for risk in events(case, [replace(part, units=units)], 0.1)}
        for units in (2, 3, 6, 12)
    }
    assert [often[units]["whole"] for units in often] == pytest.approx([0.7, 0.35, 0.105, 0.105])
    assert [often[units]["unit"] for units in often] == pytest.approx([n * 0.9 * 7 for n in often])


def test_limits_are_settable_and_checked() -> None:
    """A limit that is read wrong puts each risk into a wrong class."""
    assert rows(people=("0.1", "0.2", "0.3", "1")).loc["links:line|whole", "by_people"] == 5
    assert rows(money=("0.001", "0.01", "0.1", "1")).loc["links:line|whole", "by_money"] == 4
    with pytest.raises(StudyError) as error:
        ask(
            likelihood=("1", "x"),
            money=("2", "1", "3", "4"),
            level=("5", "6"),
            common_cause=1.0,
            of=("rails",),
        )
    told = str(error.value)
    assert "likelihood: give 4 numbers" in told and "money: give 4 numbers above 0" in told
    assert "level: give 3 numbers" in told and "common_cause: 1" in told and 'of: "rails"' in told


def test_files() -> None:
    """A register that cannot be handed on is not one."""
    assert "| 1 | " in document(ask()) and "very high" in report_html(ask(), charts="charts.js")

"""Settlement by contract: gas that did not come is no aid and a claim; what comes later makes up for it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.results.contracts_kept import Delivery
from kelisim.results.results import Results
from kelisim.studies.exercise.study import Exercise
from tests.cases.cut_town import cut_town
from tests.cases.make import table
from tests.reading import texts

CONTRACT = """
    contract, kind,    seller,     buyer, carrier,     daily_max, daily_unit, price, price_unit, start,      end,        over
    supply,   balance, Gas fields, Town,  natural_gas, 30,        MW,         20,    USD/MWh,    2024-01-01, 2024-12-31, pipe
"""


def contracted() -> Case:
    frame, problems = schema.parse(schema.tables()["contracts"], table(CONTRACT), "contracts.csv")
    assert not problems
    return cut_town().with_table("contracts", frame)


@pytest.fixture(scope="module")
def results() -> Results:
    asked = Exercise(lost=("pipe",), start=date(2024, 1, 3), days=3, side_a="KZ", side_b="RU")
    return asked.run(Engine(contracted(), cache=False))


def test_undelivered_contract_gas_is_a_claim(results: Results) -> None:
    """18 MW for three days were planned and did not come: 1,296 MWh at 20 USD/MWh, owed by the seller."""
    (row,) = results["claims"].to_dict("records")
    assert (row["contract"], row["kind"], row["basis"]) == ("supply", "not_delivered", "price")
    assert row["undelivered"] == pytest.approx(18 * 72)
    assert row["amount"] == pytest.approx(row["claimed"] * 20)
    assert row["claimed"] == pytest.approx(row["undelivered"] - row["made_up"])


def test_undelivered_contract_gas_is_no_aid(results: Results) -> None:
    """Who gets nothing owes nothing: a bill for gas that did not come would end the talks."""
    assert results["aid"].empty
    assert results["settlement"].empty
    told = texts(results)
    assert any("no aid, and a claim for non-delivery" in text for text in told.values())


def test_what_comes_later_makes_up_for_it() -> None:
    """10 of 10 MW are missing for a day; 4 beyond the plan on each of three days make up for it, and nothing before is made up for."""
    hours = np.full(5, 24.0)
    planned, now = np.full(5, 10.0), np.array([12.0, 0.0, 14.0, 14.0, 14.0])
    none = np.zeros(5)
    one = Delivery(
        "c", "s", "b", "XA", "XB", "natural_gas", planned, now, none, 20.0, np.nan, ("line",), True
    )
    assert one.missing.tolist() == [0, 10, 0, 0, 0]
    assert one.made_up(hours) == pytest.approx([0, 0, 4, 4, 2])

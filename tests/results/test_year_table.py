"""The table of the year closes, what is bought is not made, and net import is one number everywhere."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.report import evidence
from kelisim.report.shares import balance_table
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies import run
from kelisim.studies.balance.facts import MUCH, net_imports, of_buyers
from kelisim.studies.sensitivity.conclusions import headlines
from tests.cases.make import AB, make
from tests.cases.random_case import random_case
from tests.reading import page

HOURS = 48.0
COMES, GOES = ["made", "bought", "imported"], ["used", "exported", "lost", "stored", "curtailed"]


@pytest.fixture(scope="module")
def traded() -> Results:
    """b (RU), field 50 MW --20 MW, 10 % lost--> a (KZ): 18 MW come, 10 are bought by contract and 17 from a market; homes use 40, 5 are sold.

    A waste heater at a makes 10 MW of heat, or pays 100 USD/MWh; 4 are used, 6 find no taker.
    """
    return run("balance", Engine(trading(), cache=False))


def trading():  # type: ignore[no-untyped-def]
    return make(
        defaults={"home": "KZ"},
        places=AB,
        assets="""asset,  kind,  place, capacity, cost, min_share, confidence
                  field,  field, b,     50,       1,    0,         A
                  heater, supply, a,    10,       1,    1,         B""",
        asset_ports="asset, carrier, ratio, confidence\nfield, natural_gas, 1, A\nheater, heat, 1, A",
        links="link, carrier, from_place, to_place, capacity, loss, confidence\npipe, natural_gas, b, a, 20, 0.1, B",
        markets="""market, place, carrier,     side,  ceiling, price, confidence
                   spot,   a,     natural_gas, sells, 100,     30,    A
                   south,  a,     natural_gas, buys,  5,       90,    A""",
        contracts="contract, kind, carrier, delivery_place, daily_max, price, confidence\nk, supply, natural_gas, a, 10, 2, A",
        demand=f"""place, carrier, customer_class, amount, confidence
                   a, natural_gas, household, {40 * 8784}, A
                   a, heat, heat, {4 * 8784}, A""",
    )


def test_what_is_bought_is_not_made(traded: Results) -> None:
    """A country that buys all its gas would seem to have fields."""
    gas = traded["key_figures"].set_index(["country", "carrier"]).loc[("KZ", "natural_gas")]
    factor = Words(traded.case).unit("natural_gas")[1]
    found = {name: round(gas[name] / factor / HOURS, 6) for name in [*COMES, *GOES, "net_import"]}
    assert found == {
        **{"made": 0.0, "bought": 27.0, "imported": 18.0},
        **{"used": 40.0, "exported": 5.0, "lost": 0.0, "stored": 0.0, "curtailed": 0.0, "net_import": 40.0},
    }
    whole = traded["key_figures"].set_index(["country", "carrier"]).loc[("all", "natural_gas")]
    assert whole["made"] / factor == pytest.approx(20 * HOURS)
    assert whole["net_import"] / factor == pytest.approx(22 * HOURS)


def test_the_year_closes() -> None:
    """A table in which something is missing cannot be added up by who reads it."""
    figures = run("balance", Engine(random_case(1), cache=False))["key_figures"]
    gap = figures[COMES].sum(axis=1) - figures[GOES].sum(axis=1)
    assert gap.abs().max() < 1e-6 * figures[COMES].to_numpy().max()
    assert (
        figures["net_import"] - figures["bought"] - figures["imported"] + figures["exported"]
    ).abs().max() < 1e-9


def test_net_import_is_one_number(traded: Results) -> None:
    """Two pages that give two numbers for one word are both doubted."""
    rows = traded["carriers.balance"]
    buyers = of_buyers(traded.case, traded["demand.total"])
    [said] = [row for row in net_imports(rows, buyers).to_dict("records") if row["carrier"] == "natural_gas"]
    [headline] = headlines(
        Tables(traded.case, Engine(traded.case, cache=False).base), ["net_import:natural_gas"]
    )
    words = Words(traded.case)
    drawn = balance_table(traded, words, "natural_gas").loc["KZ", "net_import"]
    assert said["net"] == pytest.approx(40 * HOURS)
    assert said["share"] == pytest.approx(1.0)
    assert headline.value == pytest.approx(40 * HOURS * words.unit("natural_gas")[1])
    assert drawn == pytest.approx(headline.value)


def test_what_is_let_go_is_told(traded: Results) -> None:
    """Half of the heat of the year may be let go without a word in the answer."""
    lines = page(traded).sentences
    assert (
        "More than a tenth finds no taker and is let go: Kazakhstan 288 MWh of heat (60 %) that heat and power plants could give and do not, "
        "because they run condensing." in lines
    )
    [heads] = [view.heads for view in page(traded).views if "whole case" in view.caption]
    assert [head.words for head in heads][2:] == [
        *("Made", "Bought", "Imported", "Used", "Exported, sold", "Lost on the way", "Not taken", "Unserved")
    ]


def test_little_is_not_told(traded: Results) -> None:
    """What is let go for a tenth or less is the rule of every network."""
    less = trading().with_table(
        "demand", trading().table("demand").assign(amount=[40 * 8784.0, 9.01 * 8784.0])
    )
    lines = page(run("balance", Engine(less, cache=False))).sentences
    assert MUCH == 0.1 and not any("let go" in line for line in lines)


def test_grades_count_the_rows_of_the_case(traded: Results) -> None:
    """A case of measured rows would seem to rest on estimates because kelisim ships some."""
    words = Words(traded.case)
    assert [(grade, count) for grade, _, count, _ in evidence.grades(words)] == [("A", 8), ("B", 2)]
    shipped = len(traded.case.table("customer_classes"))
    assert (
        evidence.shipped(words)
        == f"Beside them {shipped} {'row' if shipped == 1 else 'rows'} that came with kelisim: customer classes."
    )

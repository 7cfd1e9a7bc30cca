"""A month of delay, by hand: a town of 8 MW with 6 by the old pipe at 6, 1 of a dear well at 20, and 1 short without the new pipe."""

from __future__ import annotations

from datetime import date

import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.road_town import PARTS, road_town

HOURS = (744, 696, 744, 720, 744, 720, 744, 744, 720, 744, 720, 744)


def ask(*projects: str) -> Results:
    fields = {"at": date(2026, 1, 1), "samples": 400, "worth": projects}
    return run("roadmap", Engine(road_town(), cache=False), **fields)


def household(results: Results) -> float:
    """Value of lost load of gas of households, USD/MWh."""
    rows = results.case.table("customer_classes")
    return float(
        rows[(rows["customer_class"] == "household") & rows["carrier"].isin(["", "natural_gas"])][
            "voll"
        ].iloc[-1]
    )


@pytest.fixture(scope="module")
def priced() -> Results:
    return ask("pipe")


def test_a_month_costs_the_dear_well_and_who_goes_short(priced: Results) -> None:
    """1 MW at 20 instead of 6, and 1 MW short at its value of lost load, every hour of the month."""
    delay = priced["delay"]
    value = household(priced)
    assert delay["unserved"].tolist() == pytest.approx(HOURS)
    assert delay["cost"].tolist() == pytest.approx([hours * (14 + value - 6) for hours in HOURS], rel=1e-6)
    assert priced["delay.short"]["unserved"].tolist() == pytest.approx([sum(HOURS)])
    assert facts_of(priced["facts"])["month_pipe"].value == pytest.approx(delay["cost"].mean())


def test_years_are_months_missing_at_their_price(priced: Results) -> None:
    """Announced for the end of 2027 and nine in ten after March 2028: the first three months of 2028 are missing whole."""
    years = priced["delay.years"].set_index("year")
    delay = priced["delay"].set_index(priced["delay"]["month"].dt.month)["cost"]
    row = years.loc["2028"]
    ends = priced["projects"].set_index("project").loc["pipe"]
    assert 3 < row["months"] < 12 and ends["p10"].month >= 4
    assert row["cost"] == pytest.approx(row["months"] * delay.mean(), rel=0.05)
    assert row["unserved"] == pytest.approx(row["months"] * delay.size * 732 / 12, rel=0.05)


def test_what_is_in_use_is_widened() -> None:
    """The project `line` adds 1 MW to the old pipe: of the two that lack supply from it one is left, and nobody goes short."""
    results = ask("line")
    delay = results["delay"]
    assert delay["unserved"].tolist() == pytest.approx(HOURS)
    assert delay["cost"].tolist() == pytest.approx(
        [hours * (household(results) - 6) for hours in HOURS], rel=1e-6
    )


TANK = "storage, place, carrier, working_capacity, unit, injection, withdrawal, level_start, level_end\n tank, town, natural_gas, {holds}, MWh, {rate}, {rate}, 0.5, 0"


def of_tank(adds: str, holds: float, rate: str) -> Results:
    rows = PARTS["projects"] + f"store, Tank, storages:tank, {adds}, , , , B,\n"
    case = road_town(storages=TANK.format(holds=holds, rate=rate), projects=rows)
    return run("roadmap", Engine(case, cache=False), at=date(2026, 1, 1), samples=400, worth=("store",))


def test_wells_of_a_storage_are_priced() -> None:
    """Of 20,000 MWh in store 0.25 MW come out, and 0.75 with new wells: half a MW less is short in each hour."""
    results = of_tank("0.5, MW", 40_000, "0.25")
    delay = results["delay"]
    assert delay["unserved"].tolist() == pytest.approx([hours / 2 for hours in HOURS])
    assert delay["cost"].tolist() == pytest.approx(
        [hours * household(results) / 2 for hours in HOURS], rel=1e-6
    )


def test_a_larger_cavern_is_priced() -> None:
    """Half of the cavern is full at the start: with 200 MWh more of room 100 MWh more are there, and in no month but the first."""
    results = of_tank("200, MWh", 400, "5")
    assert results["delay"]["cost"].sum() == pytest.approx(100 * household(results), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pip", 'worth: no project "pip". Did you mean "pipe"?'),
        (
            "sale",
            "worth: sale builds markets:port; only links, assets, storages and shared limits can be solved with and without.",
        ),
    ],
)
def test_what_cannot_be_priced_is_told(name: str, message: str) -> None:
    """A project without a price is not one whose delay is free."""
    port = "market, place, carrier, side, ceiling, price\n port, town, natural_gas, buys, 1, 5"
    rows = PARTS["projects"] + "sale, Sale, markets:port, 1, MW, , , , B,\n"
    case = road_town(markets=port, projects=rows)
    with pytest.raises(StudyError) as error:
        run("roadmap", Engine(case, cache=False), at=date(2026, 1, 1), samples=400, worth=(name,))
    assert str(error.value) == message

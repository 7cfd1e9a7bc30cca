"""A step that is read as the hours of a repair: stocks serve for these hours, and the plan stays the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kelisim.engine import Contingencies, Engine, Lost, Window
from kelisim.engine.flaring import Flares
from kelisim.engine.repair import for_repair
from tests.cases.make import AB, A, make

DAY = date(2024, 1, 1)


def town(months: int = 0, norm: str = "") -> Window:
    """A well of 10 MW, homes that use 10, industry that uses 2 and a store of 100 MWh that holds 60; withdrawal is not limited."""
    store = "storage, place, carrier, working_capacity, unit, level_start, level_end, norm_days\n"
    case = make(
        days=2, months=months, places=A,
        assets="asset, kind, place, capacity, cost\nwell, field, a, 12, 5", asset_ports="asset, carrier, ratio\nwell, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\na, natural_gas, household, 10, MW year\na, natural_gas, industry, 2, MW year",
        storages=f"{store}tank, a, natural_gas, 100, MWh, 0.6, 0.6, {norm}",
    )  # fmt: skip
    engine = Engine(case, cache=False)
    return engine.snapshot(DAY, replace(engine.rules, place="cooperative", time="none", help="open"))


def unserved(window: Window, hours: float) -> tuple[float, float]:
    """MWh that customers lack in a repair of some hours without the well, and what that costs."""
    opened = for_repair(window, hours)
    found = Contingencies(opened, [Lost("well", (("assets", "well"),))]).singles()
    part = hours / float(window.hours.sum())
    return float((found.unserved @ window.hours).sum()) * part, float(found.costs[0]) * part


@pytest.mark.parametrize("months", [0, 2])
@pytest.mark.parametrize("hours", [4.0, 10.0, 48.0])
def test_a_store_lasts_for_what_it_holds(months: int, hours: float) -> None:
    """By hand: 12 MW are used, 60 MWh are there. In steps of a day and of a month a repair of 4 h cuts nobody; one of 48 h lacks 576 - 60."""
    lacks, cost = unserved(town(months), hours)
    assert lacks == pytest.approx(max(12 * hours - 60, 0), abs=1e-3)
    # industry, 2 MW at 97 USD/MWh, first; gas of homes is worth 4,500, a few per cent less in the first tranches of the rule
    if lacks:
        homes = max(lacks - 2 * hours, 0.0)
        assert cost == pytest.approx(homes * 4500 + (lacks - homes) * 97 - lacks * 5, rel=0.05)


def test_the_plan_stays_the_plan() -> None:
    """Without a failure nothing is drawn: else each risk would be held against a plan that nobody has."""
    window = town()
    opened = for_repair(window, 4.0)
    assert opened.start.objective == pytest.approx(window.start.objective, abs=1e-6)


def test_a_norm_is_there_to_be_drawn_on() -> None:
    """A norm that stays shut while a pipe is mended is no reserve."""
    assert unserved(town(norm="0.1"), 5.0)[0] == pytest.approx(0, abs=1e-3)


def oil_field(line: float = 0.0) -> Window:
    """100 MW of oil come with 10 MW of gas, which a plant of 4 MW there burns; with a pipe, so many MW of gas more go to b."""
    case = make(
        days=2, places=AB,
        assets="""asset, kind, place, capacity, cost
                  oil, field, a, 100, 5
                  plant, power_plant, a, 4, 1""",
        asset_ports=f"""asset, carrier, ratio, unit
                        oil, crude, 1,
                        oil, natural_gas, {0.1 + line / 100},
                        plant, electricity, 1,
                        plant, natural_gas, -9, GJ/MWh""",
        links=f"""link, carrier, kind, from_place, to_place, capacity, tariff
                  pipe, natural_gas, pipeline, a, b, {line or 1}, 0
                  wire, electricity, line, a, b, 4, 0""",
        demand=f"""place, carrier, customer_class, amount, unit
                   a, crude, export_contract, 100, MW year
                   b, electricity, household, 4, MW year
                   b, natural_gas, household, {line}, MW year""",
    )  # fmt: skip
    engine = Engine(case, cache=False)
    return engine.snapshot(DAY, replace(engine.rules, place="none", time="none", help="open"))


def lacks(
    window: Window, element: tuple[str, str], share: float = 1.0, is_flared: bool = True
) -> list[float]:
    """MW that the rows of demand lack in a repair of ten hours."""
    opened = for_repair(window, 10.0)
    flares = Flares(window.case, opened.problem) if is_flared else None
    found = Contingencies(opened, [Lost("it", (element,), share)], flares=flares).singles()
    return [float(round(one, 4)) for one in found.unserved[0].mean(axis=1)]


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_plant_of_a_field_stops_no_field(share: float) -> None:
    """Gas that its own plant cannot burn for some hours is flared: nobody shuts in a field for a turbine."""
    plant = ("assets", "plant")
    assert lacks(oil_field(), plant, share) == [0, 4 * share, 0]
    # and without it the oil would stop with the gas
    assert lacks(oil_field(), plant, share, is_flared=False) == [100 * share, 4 * share, 0]


def test_gas_of_others_is_not_flared() -> None:
    """18 MW of gas come with the oil, 8 of them for b: without the pipe the plant can burn 10, and 100 x 10 / 18 MW of oil go on."""
    for is_flared in (True, False):
        crude, power, gas = lacks(oil_field(8.0), ("links", "pipe"), is_flared=is_flared)
        assert crude == pytest.approx(100 - 100 * 10 / 18, abs=1e-3)
        assert (power, gas) == (0, 8)

"""A step that is read as the hours of a repair: stocks serve for these hours, and the plan stays the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kelisim.engine import Contingencies, Engine, Lost, Window
from kelisim.engine.repair import for_repair
from tests.cases.make import A, make

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

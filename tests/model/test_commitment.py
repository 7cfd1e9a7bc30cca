"""Plants that stand or run, by hand: least, starts, times, limits of starts and stops; and storages that spill and turn as their rows say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kelisim.case.assemble import assemble
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.results.tables import Tables
from tests.cases.make import A, make, table

PLANTS = """
    asset, kind,  place, capacity, cost, min_price, min_share, ramp
    base,  field, a,     100,      10,   10000,     0.5,
    peak,  field, a,     100,      60,   10000,     0,
"""
# gas of 80, 20, 20 and 80 MW on the four days
LOAD = "place, carrier, customer_class, amount, unit, profile\na, natural_gas, industry, 439.2, GWh, days"
DAYS = "profile, weekday, value\n" + "\n".join(
    f"days, {at}, {v}" for at, v in enumerate((1.6, 0.4, 0.4, 1.6, 1, 1, 1), 1)
)


def plants(commitment: str, assets: str = PLANTS, **more: Any) -> Case:
    """Two fields and four days; nothing may be let go."""
    return make(
        days=4,
        places=A,
        carriers="carrier, name, display_unit, resolution, may_curtail\nnatural_gas, Gas, TWh, step, no",
        assets=assets,
        asset_ports="asset, carrier, ratio\nbase, natural_gas, 1\npeak, natural_gas, 1",
        demand=LOAD,
        profiles=DAYS,
        commitment=commitment,
        **more,
    )


def found(case: Case) -> tuple[np.ndarray, float]:
    """Output of the base plant by day, MW, and the cost."""
    answer = Engine(case, cache=False).base
    assert answer.status == "optimal"
    block = answer.columns["assets.activity"]
    return block.values[block.elements.index("base")], answer.objective


@pytest.mark.parametrize(
    ("row", "output", "spent"),
    [
        ("base, 0, 0, 0, 0, 0", [80, 0, 0, 80], 0),  # stands where it is too large
        # a start is dearer than the 80 MW of a day at 50 USD more: it stays out once it has stopped
        ("base, 97000, 0, 0, 0, 0", [80, 0, 0, 0], 0),
        ("base, 95000, 0, 0, 0, 0", [80, 0, 0, 80], 95000),
        ("base, 0, 96500, 0, 0, 0", [0, 0, 0, 80], 0),  # it stood before: the stop is saved
        ("base, 0, 0, 4100, 0, 0", [0, 0, 0, 0], 0),  # 4,100 an hour is more than 80 MW x 50 USD
        ("base, 0, 0, 0, 0, 4", [80, 0, 0, 0], 0),  # four days off after a stop
    ],
    ids=["least", "start is dear", "start pays", "stop", "running", "days off"],
)
def test_a_plant_stands_or_runs(row: str, output: list[float], spent: float) -> None:
    """80, 20, 20, 80 MW: a plant with a least of 50 MW at 10 USD beside one at 60."""
    before = "-9" if row.split(", ")[2] == "96500" else "9"
    head = "asset, start_cost, stop_cost, running_cost, min_on, min_off, steps_before\n"
    activity, cost = found(plants(f"{head}{row}, {before}"))
    np.testing.assert_allclose(activity, output, atol=1e-6)
    made = sum(output) * 24
    assert cost == pytest.approx(made * 10 + (200 * 24 - made) * 60 + spent)


def test_what_starts_cost_is_an_item_of_the_costs() -> None:
    """The items of the costs add up to the objective, starts among them and not among shortfalls."""
    case = plants("asset, start_cost, steps_before\nbase, 95000, 9")
    engine = Engine(case, cache=False)
    costs = Tables(engine.case, engine.base).costs.set_index("item")["amount"]
    assert costs["starts_and_stops"] == pytest.approx(95000)
    assert costs["shortfalls_of_minimums"] == pytest.approx(0, abs=1e-3)
    assert costs.sum() == pytest.approx(engine.base.objective)


def test_a_start_is_as_fast_as_it_may_be() -> None:
    """At most 60 MW on the day of a start and on that before a stop; prices are those of plants that run so."""
    head = "asset, start_most, stop_most, steps_before\nbase, 0.6, 0.7, 9"
    ramp = PLANTS.replace("0.5,\n", "0.5, 0.001\n", 1)
    activity, _ = found(plants(head, ramp))
    np.testing.assert_allclose(activity, [70, 0, 0, 60], atol=1e-6)
    engine = Engine(plants(head, ramp), cache=False)
    duals = engine.base.rows["places.balance"].duals[0]
    np.testing.assert_allclose(
        np.abs(duals), 60, atol=1e-6
    )  # one more MWh is made by the peak plant on each day


def test_months_with_typical_days_have_no_starts() -> None:
    """Typical days do not follow one another."""
    horizon = {"start": "2024-01-01", "end": "2024-02-29", "step": "1mo", "parts": {"night": 8, "day": 16}}
    tables = {
        "places": A,
        "assets": "asset, kind, place, capacity\nbase, field, a, 100",
        "asset_ports": "asset, carrier, ratio\nbase, natural_gas, 1",
        "demand": "place, carrier, customer_class, amount\na, natural_gas, industry, 100",
        "commitment": "asset\nbase",
    }
    settings = {"name": "typical", "horizon": horizon}
    _, problems = assemble(settings, {name: table(text) for name, text in tables.items()}, {})
    assert [f"{problem.file} {problem.column}" for problem in problems if "follow" in problem.message] == [
        "commitment.csv asset"
    ]


# ---- storages
LAKE = """
    storage, place, carrier,     working_capacity, injection, withdrawal, level_start, level_end, level_price, inflow, {head}
    lake,    a,     natural_gas, 480,              200,       200,        0,           0,         900,         {flow}, {row}
"""


def lake(flow: float = 0.0, must: float = 1.0, profiles: str = "", **cells: str) -> dict[str, np.ndarray]:
    """A lake of 480 MWh, a day of 20 MW, beside a field of 100 MW of which customers take 60 on two days; columns of the lake, MW."""
    case = make(
        places=A,
        carriers="carrier, name, display_unit, resolution, may_curtail\nnatural_gas, Gas, TWh, step, no",
        assets=f"asset, kind, place, capacity, cost, min_share, min_price\nwell, field, a, 100, 10, {must}, 900",
        asset_ports="asset, carrier, ratio\nwell, natural_gas, 1",
        storages=LAKE.format(flow=flow, head=", ".join(cells), row=", ".join(cells.values())),
        demand="place, carrier, customer_class, amount, unit\na, natural_gas, industry, 527.04, GWh",
        **({"profiles": profiles} if profiles else {}),
    )
    answer = Engine(case, cache=False).base
    found = {
        name.partition(".")[2]: block.values[0]
        for name, block in answer.columns.items()
        if "storages" in name
    }
    lacks = answer.columns.get("assets.below_minimum")
    return found | {"lacks": np.zeros(2) if lacks is None else lacks.values[0]}


@pytest.mark.parametrize(("spills", "lacks"), [("any", 0.0), ("inflow", 60.0), ("none", 70.0)])
def test_what_may_be_spilled(spills: str, lacks: float) -> None:
    """80 MW too much on two days, and 5 MW of inflow: the lake has room for 20 in all, or less what flows in and stays."""
    found = lake(flow=5.0, spills=spills, turnover="rate")
    assert found["lacks"].sum() == pytest.approx(lacks)


@pytest.mark.parametrize(("turnover", "lacks"), [("content", 20.0), ("rate", 0.0)])
def test_what_a_step_moves(turnover: str, lacks: float) -> None:
    """Half of what goes in is kept. As its content: 40 MW in and 20 out on a day, so 40 and 20 are gone; by its rates 80 in and 40 out."""
    found = lake(efficiency_in="0.5", turnover=turnover, spills="none")
    assert found["lacks"].sum() == pytest.approx(lacks)


def test_levels_over_time() -> None:
    """A fifth at the end of the first day though nothing pays for it; and half of the room at most, though something would."""
    days = "profile, step, value, meaning\nsome, 2024-01-01, {}, availability\nsome, 2024-01-02, {}, availability"
    least = lake(must=0, profiles=days.format(0.2, 0), least_profile="some", cost="1")
    np.testing.assert_allclose(least["level"], [4, 0], atol=1e-6)
    most = lake(profiles=days.format(0.5, 1), most_profile="some")
    np.testing.assert_allclose(most["level"], [10, 20], atol=1e-6)
    assert most["lacks"].sum() == pytest.approx(60)

"""Parts of the day by hand: an evening that no day sees, a plant that follows two carriers, a section, a pump behind a town."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.highest_hour import highest_hour
from kelisim.results.crisis import levels
from kelisim.results.tables import Tables
from kelisim.studies.disruption.study import Disruption
from tests.cases.make import AB, make
from tests.cases.parts import in_parts, parts_evening, parts_heat, parts_months, parts_storage
from tests.engine.test_sections import circuits
from tests.engine.test_trips import coast

RULES = Rules("cooperative", "late")
PARTS = (("night", 8), ("day", 11), ("evening", 5))


def without_parts(case: Case) -> Case:
    return replace(case, horizon=replace(case.horizon, parts=()))


def test_an_evening_shortage_that_no_day_sees() -> None:
    """The day's mean of 50 fits a line of 60; in the evening 40 of 100 are missing for 8 hours."""
    case = parts_evening()
    day = Engine(without_parts(case), cache=False)
    assert day.base.by_demand(1).sum() == pytest.approx(0.0, abs=1e-9)
    engine = Engine(case, cache=False)
    assert engine.base.by_demand(1)[0] == pytest.approx([0.0, 40.0])
    assert float(Tables(case, engine.base).demand_total["unserved"].iloc[0]) == pytest.approx(320.0)


def test_a_plant_follows_heat_over_the_day_and_power_by_the_part() -> None:
    """Power 25 and 100 is what the plant makes; its heat of 1.5 x 50 and its gas of 3 x 50 / 0.99 count over the day."""
    case = parts_heat()
    base = Engine(case, cache=False).base
    made = base.power("assets.activity", ["plant", "wells"])
    assert made[0] == pytest.approx([25.0, 100.0])
    assert made[1] == pytest.approx([150.0 / 0.99] * 2)
    assert base.objective == pytest.approx(24 * (50 * 1 + 150 / 0.99 * 4))
    short = base.by_demand(len(case.table("demand")))
    assert short.sum() == pytest.approx(0.0, abs=1e-7)


def test_prices_of_a_part_and_of_the_day() -> None:
    """In the evening power costs what is not served is worth; gas of the day costs the wells and what the pipe loses."""
    tables = Tables(parts_evening(), Engine(parts_evening(), cache=False).base)
    price = tables.places_price.query("place == 'b'")["price"].to_numpy()
    assert price == pytest.approx([5.0, 2000.0])
    case = parts_heat()
    gas = Tables(case, Engine(case, cache=False).base).places_price.query(
        "place == 'b' and carrier == 'natural_gas'"
    )
    assert gas["price"].to_numpy() == pytest.approx([4 / 0.99] * 2)


def test_a_store_of_gas_gives_by_the_day_and_a_battery_by_the_part() -> None:
    """Levels of both at the end are those at the start; a level of gas is one for all parts of a day."""
    base = Engine(parts_storage(), cache=False).base
    level = base.power("storages.level", ["cavern", "battery"]) * base.mean_hours
    assert level[0, 0] == level[0, 1] and level[0, 2] == level[0, 3]
    moved = base.power("storages.injection", ["battery"]) - base.power("storages.withdrawal", ["battery"])
    assert np.diff([200.0, *level[1]]) == pytest.approx((moved * base.hours)[0])


def test_months_keep_their_energy_and_repeat_a_typical_day() -> None:
    """Of 50 MW over February 29 x 24 hours count; 100 less than 96 can be climbed to in 8 hours, down again in 16."""
    case = parts_months()
    engine = Engine(case, cache=False)
    assert engine.base.hours == pytest.approx([21 * 16, 21 * 8, 8 * 16, 8 * 8])
    wanted = Tables(case, engine.base).demand_total["demand"].iloc[0]
    assert float(wanted) == pytest.approx(50 * 29 * 24)
    made = engine.base.power("assets.activity", ["plant"])[0]
    assert abs(np.diff(made[:2])[0]) <= 48 + 1e-9


@pytest.mark.parametrize(("at", "limit", "used"), [("night", 1018.421, 900.0), ("evening", 450.0, 450.0)])
def test_a_section_that_loses_one_of_three_circuits_in_a_part(at: str, limit: float, used: float) -> None:
    """Three circuits carry 900 on average: 450 in the evening and 1,018.4 else. One of them out leaves two thirds; what flowed above
    that is shed at once, in the part in which the loss falls."""
    case = in_parts(circuits(profile="winter"), PARTS)
    hours = case.table("profiles").iloc[np.zeros(24, dtype=int)].reset_index(drop=True)
    values = [0.5 if hour >= 19 else 21.5 / 19 for hour in range(24)]
    case = case.with_table("profiles", hours.assign(month=np.nan, hour=range(24), value=values))
    engine = Engine(case, cache=False)
    first = engine.first_hour(date(2024, 1, 2), [Outage("one", date(2024, 1, 2), None)], RULES, 0.0, part=at)
    assert first is not None
    shed = first.answer.by_demand(1)[0, 0] - first.base.by_demand(1)[0, 0]
    assert shed == pytest.approx(used - limit * 2 / 3, abs=1e-2)


def test_the_highest_hour_lies_above_the_evening() -> None:
    """In the evening 100 MW are the mean; its highest hour of 120 leaves 60 of them out where the line carries 60."""
    case = parts_evening()
    rows = case.table("profiles")
    higher = rows.assign(value=rows["value"].mask(rows["hour"] == 20, 2.4).mask(rows["hour"] == 21, 1.6))
    engine = Engine(case.with_table("profiles", higher), cache=False)
    found = highest_hour(engine, date(2024, 1, 1), [], RULES)
    assert found is not None
    assert found.demand[0] == pytest.approx(120.0)
    assert found.planned[0] == found.short[0] == pytest.approx(60.0)
    lost = highest_hour(engine, date(2024, 1, 1), [Outage("line", None, None, 0.5)], RULES)
    assert lost is not None and lost.short[0] == pytest.approx(90.0)


def test_a_pumping_station_stops_with_its_town_in_the_evening() -> None:
    """Cut off in the evening the town sheds, the pumps stop for 36 hours, and the field has nowhere to send its oil."""
    case = in_parts(coast(), PARTS)
    found = Disruption(lost=("line",), start=date(2024, 1, 3), days=2, at="evening").run(
        Engine(case, cache=False)
    )
    assert {"pipe", "refinery"} <= set(found["trips"]["element"])
    flow = found["links.flow"]
    pipe = flow[flow["link"] == "pipe"].set_index("step")["flow"]
    assert pipe.loc["2024-01-03"].max() == pytest.approx(0.0, abs=1e-6)
    unserved = found["demand.unserved"]
    power = unserved[unserved["carrier"] == "electricity"]
    assert set(power["part"][power["step"] < "2024-01-04"]) == {"evening"}


def test_a_level_holds_until_the_end_of_its_day() -> None:
    """Short in the night of the first day and in the evening of the second: an emergency all of the first day, and one evening."""
    case = in_parts(make(days=2, places=AB), PARTS)
    shares = np.array([[0.2, 0.0, 0.0, 0.0, 0.0, 0.2]])
    assert levels(case, shares, np.zeros(6, dtype=bool)).tolist() == [[3, 3, 3, 0, 0, 3]]


def test_the_first_hour_frees_the_voltage_law_of_a_line_that_is_lost() -> None:
    """A ring of three equal lines: without the short way all 60 MW go the long one, which the law would forbid were it still bound to
    the line that is lost."""
    case = make(
        days=2,
        places="place, name, country\na, A, KZ\nb, B, KZ\nc, C, KZ",
        links="""
            link, carrier,     kind, from_place, to_place, capacity, capacity_back, reactance
            ab,   electricity, line, a,          b,        100,      100,           0.1
            bc,   electricity, line, b,          c,        100,      100,           0.1
            ca,   electricity, line, c,          a,        100,      100,           0.1
        """,
        assets="asset, kind, place, capacity, unit, cost\nhydro, hydro, a, 200, MW, 5",
        asset_ports="asset, carrier, ratio\nhydro, electricity, 1",
        demand="place, carrier, customer_class, amount, unit, voll\nb, electricity, household, 60, MW year, 2000",
    )
    engine = Engine(case, cache=False)
    lost = [Outage("ab", date(2024, 1, 2), None)]
    first = engine.first_hour(date(2024, 1, 2), lost, RULES, 0.0)
    hour = highest_hour(engine, date(2024, 1, 2), lost, RULES)
    assert first is not None and hour is not None
    assert first.answer.by_demand(1)[0, 0] == pytest.approx(0.0, abs=1e-6)
    assert hour.short[0] == pytest.approx(0.0, abs=1e-6)

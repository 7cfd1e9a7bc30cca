"""A window that holds the whole horizon: where the year wraps, its first steps are the past of its last ones."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Contingencies, Engine, Lost, Rules
from tests.cases.make import AB, make
from tests.cases.random_case import random_case

RULES = Rules("cooperative", "late")
TABLES = (("links", "link"), ("assets", "asset"), ("storages", "storage"), ("places", "place"))


def way_of_a_day(storage: str = "") -> Case:
    """wells (a, 10 MW) --rail, one day--> b: homes 10 MW; three days."""
    return make(
        days=3,
        places=AB,
        links="link, carrier, kind, from_place, to_place, capacity, tariff, days\npipe, natural_gas, rail, a, b, 20, 1, 1",
        assets="asset, name, kind, place, capacity, cost\nwells, Wells, field, a, 20, 5",
        asset_ports="asset, carrier, ratio\nwells, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\nb, natural_gas, household, 10, MW year",
        **({"storages": storage} if storage else {}),
    )


CYCLIC = """
    storage, name,   place, carrier,     working_capacity, injection, withdrawal, level_start, is_cyclic, cost
    cavern,  Cavern, b,     natural_gas, 480,              20,        20,         0,           yes,       1
"""


def short(case: Case, outage: Outage, in_transit: str = "held") -> list[float]:
    """Unserved MW of the only customer, by day."""
    opened = Engine(case, cache=False).window(date(2024, 1, 1), 3, RULES)
    assert opened.base.objective == pytest.approx(Engine(case, cache=False).base.objective, rel=1e-9)
    found = opened.ask([outage], in_transit).answer
    assert found.status == "optimal"
    return [round(float(v), 6) for v in found.columns["demand.unserved"].values.reshape(-1, 3).sum(axis=0)]


def test_what_was_sent_before_arrives() -> None:
    """The wells stop on the first day: that day's gas is on its way already; without it the cut would reach into the past."""
    assert short(way_of_a_day(), Outage("wells", date(2024, 1, 1), date(2024, 1, 3))) == [0.0, 10.0, 10.0]


@pytest.mark.parametrize("in_transit", ["held", "lost"])
def test_what_a_cut_link_carries_does_not_arrive(in_transit: str) -> None:
    """The way is cut for good: what it carries stays on it, and counts once."""
    assert short(way_of_a_day(), Outage("pipe", date(2024, 1, 1), date(2024, 1, 3)), in_transit) == [10.0] * 3


def test_a_cut_at_the_end_changes_no_day_before() -> None:
    """The wells stop on the last day: what is missing arrives after the horizon, and nobody inside it goes short."""
    assert short(way_of_a_day(), Outage("wells", date(2024, 1, 3), date(2024, 1, 3))) == [0.0, 0.0, 0.0]


def test_a_store_that_is_full_again_at_the_end_was_not_filled_for_the_cut() -> None:
    """A store whose year is a circle is empty by the plan; nobody knew of the outage and filled it. It only spreads what is on its way."""
    found = short(way_of_a_day(CYCLIC), Outage("wells", date(2024, 1, 1), date(2024, 1, 3)))
    assert sum(found) == pytest.approx(20.0)


@cache
def some_case(seed: int) -> Case:
    return random_case(seed)


@pytest.mark.parametrize("seed", [6, 14, 34])
def test_everything_can_be_lost_for_the_whole_horizon(seed: int) -> None:
    """Each element, each pair and all at once: an answer, never "infeasible"."""
    case = some_case(seed)
    opened = Engine(case, cache=False).window(case.horizon.start.date(), case.horizon.count, RULES)
    lost = [Lost(f"{table}:{e}", ((table, str(e)),)) for table, key in TABLES for e in case.table(table)[key]]
    asked = Contingencies(opened, [*lost, Lost("everything", tuple(m for one in lost for m in one.members))])
    costs = asked.singles().costs
    assert (costs < float("inf")).all() and costs[-1] == pytest.approx(costs.max())
    pairs = Contingencies(opened, lost[:12]).all_pairs()
    assert (pairs.values < float("inf")).all()


def test_a_plant_without_fuel_stops_faster_than_its_ramp() -> None:
    """A ramp is for days of work: a plant whose gas is cut goes down at once, and the plan before the cut stays what it was."""
    case = make(
        days=5,
        places=AB,
        links="link, carrier, from_place, to_place, capacity, tariff\npipe, natural_gas, a, b, 40, 1",
        assets="""
            asset, name,   kind,        place, capacity, cost, ramp
            wells, Wells,  field,       a,     40,       5,
            plant, Plant,  power_plant, b,     20,       1,    0.001
        """,
        asset_ports="""
            asset, carrier,     ratio
            wells, natural_gas, 1
            plant, electricity, 1
            plant, natural_gas, -2
        """,
        demand="place, carrier, customer_class, amount, unit\nb, electricity, household, 10, MW year",
    )
    opened = Engine(case, cache=False).window(date(2024, 1, 3), 2, RULES)
    asked = opened.ask([Outage("pipe", date(2024, 1, 3), date(2024, 1, 4))])
    assert asked.answer.status == "optimal"
    made = asked.answer.power("assets.activity", ["plant"])[0]
    # up again it needs its time: 0.001 of 20 MW an hour, 0.48 MW a day
    assert made.round(6).tolist() == [0.0, 0.0, 0.48]

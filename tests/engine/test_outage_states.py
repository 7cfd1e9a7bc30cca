"""States of failed elements on a network: against all states by hand, and against changed cases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules, Window
from kelisim.engine.outage_states import FailedStates
from kelisim.lp.work import Work
from kelisim.results.adequacy import all_states, unserved_in_areas
from kelisim.results.outage_rates import Failing, failing
from tests.cases.cut_town import cut_town
from tests.cases.make import NO_FUEL_OF_PLANTS, A, make
from tests.cases.two_areas import LINE, LOAD, PLANTS, two_areas

Floats = npt.NDArray[np.float64]
DAY = date(2024, 1, 2)
SIZE = {f"assets:{area}{n}": (area, size) for area in PLANTS for n, (size, _) in enumerate(PLANTS[area])}


@cache
def opened() -> Window:
    return Engine(two_areas(), cache=False).snapshot(DAY, Rules("cooperative"))


@cache
def fails() -> tuple[Failing, ...]:
    return tuple(failing(opened().case))


def parts() -> list[tuple[tuple[tuple[str, str], ...], int]]:
    return [(one.members, one.units) for one in fails()]


def every() -> tuple[npt.NDArray[np.bool_], Floats]:
    return all_states(np.array([one.rate for one in fails()]))


def by_hand(out: npt.NDArray[np.bool_], demand: float = 1.0, plants: float = 1.0) -> Floats:
    """MW unserved in both areas together: what a set of areas lacks, less what the line can bring."""
    margin = np.tile([-LOAD["a"] * demand, -LOAD["b"] * demand], (len(out), 1))
    limit = np.zeros((len(out), 1))
    for at, one in enumerate(fails()):
        if one.name in SIZE:
            area, size = SIZE[one.name]
            margin[:, "ab".index(area)] += size * plants * ~out[:, at]
        else:
            limit[:, 0] = LINE[0] * ~out[:, at]
    return unserved_in_areas(margin, [(0, 1)], limit)


def test_all_states_of_two_areas() -> None:
    """Each of the 128 states as the theorem of Gale and Hoffman has it, and some of them without a solve."""
    out, _ = every()
    states = FailedStates(opened(), parts())
    found = states.unserved(out.astype(np.int64))
    assert found.shape == (128, 2, 1)
    assert found.sum(axis=(1, 2)) == pytest.approx(by_hand(out), abs=1e-6)
    assert states.work.pruned > 0 and states.work.solved < 128


def test_demand_moves_as_in_a_changed_case() -> None:
    """More demand without more supply must show in full; less must not be served twice."""
    out, _ = every()
    states = FailedStates(opened(), parts())
    for factor in (0.85, 1.12):
        found = states.unserved(out.astype(np.int64), np.full(len(out), factor))
        assert found.sum(axis=(1, 2)) == pytest.approx(by_hand(out, factor), abs=1e-6)


def test_demand_that_the_plan_cuts_already() -> None:
    """10 of 30 are cut by the plan; a tenth more demand leaves 13 unserved, a tenth less 7; half of the plant, 20."""
    case = make(
        places=A,
        assets="asset, name, kind, place, capacity, cost\nplant, Plant, power_plant, a, 20, 1",
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\nplant, electricity, 1",
        demand="place, carrier, customer_class, amount, unit\na, electricity, household, 30, MW year",
    )
    snapshot = Engine(case, cache=False).snapshot(DAY, Rules("cooperative"))
    states = FailedStates(snapshot, [((("assets", "plant"),), 2)])
    assert states.planned.sum() == pytest.approx(10)
    found = states.unserved(np.array([[0], [0], [0], [1]]), np.array([1.0, 1.1, 0.9, 1.0]))
    assert found.sum(axis=(1, 2)) == pytest.approx([10, 13, 7, 20])


def test_capacities_that_vary() -> None:
    """A capacity that may be a fifth larger or smaller, with what fails of it."""
    out, _ = every()
    plants = [("assets", name.split(":")[1]) for name in SIZE]
    states = FailedStates(opened(), parts(), [plants])
    for level in (-0.2, 0.2):
        found = states.unserved(out.astype(np.int64), None, np.full((len(out), 1), level))
        assert found.sum(axis=(1, 2)) == pytest.approx(by_hand(out, plants=1 + level), abs=1e-6)


def test_workers_and_order_change_nothing() -> None:
    """An answer that depends on who computed it, or on what was asked before, cannot be defended."""
    out, _ = every()
    numbers = out.astype(np.int64)
    alone = FailedStates(opened(), parts()).unserved(numbers)
    with ThreadPoolExecutor(1) as pool:
        shared = FailedStates(opened(), parts(), solving=Work(pool)).unserved(numbers)
    backwards = FailedStates(opened(), parts()).unserved(numbers[::-1])[::-1]
    assert shared == pytest.approx(alone, abs=1e-6)
    assert backwards == pytest.approx(alone, abs=1e-6)


def test_equal_states_are_solved_once() -> None:
    """Ten thousand states of which three differ cost three solves at most."""
    states = FailedStates(opened(), parts())
    rows = np.zeros((900, 7), dtype=np.int64)
    rows[300:600, 0] = 1
    rows[600:, :2] = 1
    states.unserved(rows)
    assert (states.work.asked, states.work.equal) == (900, 897)
    assert states.work.solved <= 3


@pytest.mark.parametrize(
    "names", [("pipe",), ("chp", "spare"), ("wells", "cavern"), ("pipe", "chp", "cavern")]
)
def test_as_in_a_changed_case(names: tuple[str, ...]) -> None:
    """Gas, heat and power with a store, whole and by halves: the case without them, compiled and solved from nothing."""
    tables = {"pipe": "links", "chp": "assets", "spare": "assets", "wells": "assets", "cavern": "storages"}
    case = cut_town(days=1)
    states = FailedStates(
        Engine(case, cache=False).snapshot(date(2024, 1, 1), Rules()),
        [(((tables[n], n),), 2) for n in sorted(tables)],
    )
    for units in (1, 2):
        row = np.array([[units if n in names else 0 for n in sorted(tables)]])
        found = states.unserved(row)[0, :, 0]
        outages = [Outage(n, share=units / 2, table=tables[n]) for n in names]
        changed = Engine(case.with_(*outages), cache=False).base.columns["demand.unserved"].values[:, 0]
        assert found == pytest.approx(changed, abs=1e-6)


def test_a_limit_of_the_year_that_no_day_alone_can_keep() -> None:
    """A share over the year that other days rely on: the day without its counterweight still gets an answer, and it is counted."""
    case = make(
        places=A,
        profiles="profile, weekday, value, meaning\nweek, 1, 25, level\nweek, 2, 10, level\n"
        + "\n".join(f"week, {d}, 17.5, level" for d in range(3, 8)),
        assets="asset, name, kind, place, capacity, cost\nlean, L, supply, a, 30, 1\nrich, R, supply, a, 12, 9",
        asset_ports="asset, carrier, ratio\nlean, electricity, 1\nrich, electricity, 1",
        demand="place, carrier, customer_class, amount, unit, profile\na, electricity, household, 17.5, MW year, week",
        resources="resource, name, amount, unit, over\nblend, Blend, 0, MWh/year, year",
        resource_uses="resource, table, element, use\nblend, assets, lean, 1\nblend, assets, rich, -0.5",
    )
    states = FailedStates(
        Engine(case, cache=False).snapshot(date(2024, 1, 2), Rules()), [((("assets", "rich"),), 1)]
    )
    found = states.unserved(np.array([[1]]))
    assert found.sum() == pytest.approx(0.0, abs=1e-6)
    assert states.work.eased == 1

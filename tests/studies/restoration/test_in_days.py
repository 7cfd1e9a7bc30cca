"""Orders of repair with stocks: no permutation is better than the one that is reported; crews by trade."""

from __future__ import annotations

import os
from datetime import date, timedelta
from itertools import permutations
from math import ceil

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.restoration import schedules
from kelisim.studies.restoration.schedules import Teams
from tests.cases.five_places import DAYS, LOST, five_places
from tests.cases.make import make
from tests.reading import texts, values

EXAMPLES = int(os.environ.get("KELISIM_EXAMPLES", "12"))
DAY = date(2024, 1, 1)
PIPES = tuple(f"pipe_{at}" for at in range(5))


def towns(seed: int) -> Case:
    """A field and five towns, each at a pipe of its own; most have a store that lasts for some days, two are linked."""
    draw = np.random.default_rng(seed)
    size = np.round(draw.uniform(5, 40, 5), 2)
    use = np.round(size * draw.uniform(0.4, 0.9, 5), 2)
    hours = np.round(use * 24 * draw.uniform(0.3, 4.0, 5), 1)
    stored = np.flatnonzero(draw.random(5) < 0.7).tolist() or [0]
    kinds = draw.choice(["household", "industry"], 5)
    return make(
        days=11,
        places="place, name, country\nfield, Field, KZ"
        + "".join(f"\nt{at}, Town {at}, KZ" for at in range(5)),
        links="link, carrier, from_place, to_place, capacity, tariff"
        + "".join(f"\npipe_{at}, natural_gas, field, t{at}, {size[at]}, 1" for at in range(5))
        + f"\nbetween, natural_gas, t0, t1, {size[1] / 3:.2f}, 1",
        assets="asset, kind, place, capacity, cost\nwells, field, field, 300, 5",
        asset_ports="asset, carrier, ratio\nwells, natural_gas, 1",
        storages="storage, place, carrier, working_capacity, injection, withdrawal, level_start, level_end, cost"
        + "".join(f"\ns{at}, t{at}, natural_gas, {hours[at]}, 30, 30, 1, 1, 1" for at in stored),
        demand="place, carrier, customer_class, amount, unit"
        + "".join(f"\nt{at}, natural_gas, {kinds[at]}, {use[at]}, MW year" for at in range(5)),
    )


def repaired(case: Case, seed: int) -> tuple[Results, tuple[int, ...], int, Engine]:
    draw = np.random.default_rng(1000 + seed)
    days, crews = tuple(int(one) for one in draw.integers(1, 3, 5)), 1 if seed % 12 == 0 else 2 + seed % 2
    engine = Engine(case, cache=False)
    results = run(
        "restoration", engine, lost=PIPES, days=tuple(map(str, days)), start=DAY, crews=crews, draws=0,
        place_rule="none", time_rule="none", measure="unserved" if seed % 4 == 3 else "cost",
    )  # fmt: skip
    return results, days, crews, engine


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_no_permutation_of_five_is_better(seed: int) -> None:
    """Every permutation of five repairs, each asked as dated outages without the code of the study."""
    case = towns(seed)
    results, days, crews, engine = repaired(case, seed)
    orders = results["orders"].set_index("order")
    column = "window_unserved" if seed % 4 == 3 else "window_cost"
    reported = orders.at["best", column]
    ends = {tuple(_ends(order, days, crews)) for order in permutations(range(5))}
    opened = engine.window(DAY, max(map(max, ends)), Rules("none", "none"))
    least = min(_lost(opened, one, column) for one in ends)
    assert reported == pytest.approx(least, rel=1e-6, abs=1e-2)
    assert (orders[column] >= reported - 1e-6 * max(1.0, reported)).all()
    assert values(results)["gap"] == 0.0 and texts(results)["gap"].startswith("No order is better")


def _ends(order: tuple[int, ...], days: tuple[int, ...], crews: int) -> list[int]:
    free, ends = [0] * crews, [0] * len(days)
    for one in order:
        crew = free.index(min(free))
        free[crew] += days[one]
        ends[one] = free[crew]
    return ends


def _lost(opened: object, ends: tuple[int, ...], column: str) -> float:
    outages = [
        Outage(pipe, DAY, DAY + timedelta(days=ceil(end) - 1)) for pipe, end in zip(PIPES, ends, strict=True)
    ]
    asked = opened.ask(outages)  # type: ignore[attr-defined]
    if column == "window_cost":
        return float(asked.extra_cost)
    short = [one.by_demand(5) @ opened.hours for one in (asked.answer, asked.base)]  # type: ignore[attr-defined]
    return float(np.maximum(short[0] - short[1], 0.0).sum())


def test_more_than_can_be_run_have_a_gap() -> None:
    """Where not each order is run, what stands beside the best is a bound that none is below."""
    case = towns(1)
    engine = Engine(case, cache=False)
    given = {"lost": PIPES, "days": ("2", "1", "2", "1", "2"), "start": DAY, "draws": 0}
    exact, short = (run("restoration", engine, **given, tries=tries) for tries in (120, 20))
    known, found = values(exact), values(short)
    assert found["bound"] <= known["total"] * (1 + 1e-7) <= found["total"] * (1 + 1e-6)
    assert found["gap"] == pytest.approx(found["total"] - found["bound"])
    assert texts(short)["gap"].startswith("Another order may be better, by ")
    assert "20 orders were run through the days with stocks" in texts(short)["gap"]
    assert (short["orders"]["window_cost"] >= short["orders"]["window_cost"].iloc[0] - 1e-6).all()


# ---- crews by trade
def test_a_crew_repairs_what_is_of_its_trade() -> None:
    """Gas and power beside each other: each trade works from the first day, and nobody of KEGOC welds a pipe."""
    case = two_trades()
    given = {
        "lost": ("pipe", "line", "mast", "boiler"),
        "days": ("2", "3", "1", "2"),
        "start": DAY,
        "draws": 5,
    }
    engine = Engine(case, cache=False)
    results = run("restoration", engine, **given, trades=("electricity=1", "natural_gas+heat=1"))
    rows = results["schedule"]
    best = rows[rows["order"] == "best"].set_index("element")
    assert best["crew"].to_dict() == {"line": 1, "mast": 1, "pipe": 2, "boiler": 2}
    assert best["begins"].min() == 0 and (best["begins"] == 0).sum() == 2
    for _, crew in best.groupby("crew"):
        crew = crew.sort_values("begins")
        assert (crew["begins"].to_numpy()[1:] >= crew["ends"].to_numpy()[:-1]).all()
    trade = results["elements"].set_index("element")["trade"].to_dict()
    assert trade == {
        "line": "electricity",
        "mast": "electricity",
        "pipe": "natural_gas+heat",
        "boiler": "natural_gas+heat",
    }
    # two crews that repair anything can do no worse
    free = run("restoration", engine, **given, crews=2)
    assert values(free)["total"] <= values(results)["total"] * (1 + 1e-7)
    assert texts(results)["gap"].startswith("No order is better")


def test_lists_of_several_trades_are_counted_once() -> None:
    """Of two trades with two repairs each there are four schedules, whatever the lists; each is found."""
    found = schedules.distinct((1.0, 2.0, 1.0, 2.0), Teams((0, 0, 1, 1), (1, 1)))
    assert {one.ends for one in found} == {
        (1.0, 3.0, 1.0, 3.0), (1.0, 3.0, 3.0, 2.0), (3.0, 2.0, 1.0, 3.0), (3.0, 2.0, 3.0, 2.0),
    }  # fmt: skip
    assert all(list(one.order) == sorted(one.order, key=lambda e: one.starts[e]) for one in found)


@pytest.mark.parametrize(
    ("trades", "message"),
    [
        (("natural_gas=1",), "trades: ab is of electricity, which no crew repairs."),
        (("electricity=x",), 'trades: "electricity=x" is not carriers=crews with a whole number from 1'),
        (("electricty=1",), 'trades: no carrier "electricty". Did you mean "electricity"?'),
        (("electricity=1", "electricity=2"), "trades: electricity stands in two trades."),
    ],
)
def test_trades_that_do_not_fit(trades: tuple[str, ...], message: str) -> None:
    """Damage that no crew may repair is never repaired."""
    engine = Engine(five_places(), cache=False)
    with pytest.raises(StudyError) as caught:
        run("restoration", engine, lost=LOST, days=DAYS, start=DAY, trades=trades)
    assert message in str(caught.value)


def two_trades() -> Case:
    """A town that has gas by a pipe, heat of a boiler, and power by a line; a village behind a mast."""
    return make(
        days=9,
        places="place, name, country\nfar, Far, KZ\ntown, Town, KZ\nvillage, Village, KZ",
        links="""
            link, carrier,     from_place, to_place, capacity
            pipe, natural_gas, far,        town,     40
            line, electricity, far,        town,     30
            mast, electricity, town,       village,  10
        """,
        assets="""
            asset,  kind,   place, capacity, cost
            wells,  field,  far,   60,       5
            wind,   supply, far,   60,       5
            boiler, boiler, town,  12,       1
        """,
        asset_ports="""
            asset,  carrier,     ratio
            wells,  natural_gas, 1
            wind,   electricity, 1
            boiler, heat,        1
            boiler, natural_gas, -1.1
        """,
        demand="""
            place,   carrier,     customer_class, amount, unit
            town,    natural_gas, household,      12,     MW year
            town,    electricity, industry,       11,     MW year
            town,    heat,        heat,           9,      MW year
            village, electricity, household,      6,      MW year
        """,
    )  # fmt: skip

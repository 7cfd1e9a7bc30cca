"""Another program on the same network: PyPSA reads what kelisim writes and must find the same cost and prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim import io
from kelisim.case.case import Case
from kelisim.case.resolution import in_steps
from kelisim.case.settings import horizon_of
from kelisim.engine import Engine
from kelisim.io import pypsa
from kelisim.results.answer import Answer
from tests.cases.listed_steps import in_listed_steps
from tests.cases.make import AB, ABC, make
from tests.cases.random_case import random_case
from tests.cases.reference import reference
from tests.oracle.solving import Solved, solve

SEEDS = range(20)
CLOSE = 1e-6
# forms in turn, so that each is solved on several cases
ENDINGS = ("", ".nc", ".xlsx")


def base(case: Case) -> Answer:
    answer = Engine(case, cache=False).base
    assert answer.status == "optimal"
    return answer


def solved(case: Case, home: Path, ending: str = "") -> Solved:
    found = solve(io.write(case, home / f"network{ending}", "pypsa"))
    assert found.status == "ok, optimal"
    return found


def prices(case: Case, answer: Answer, found: Solved) -> tuple[np.ndarray, np.ndarray]:
    """Nodal prices here and there, (nodes, cells); of carriers with one balance a step the mean over it."""
    nodes = list(answer.rows["places.balance"].elements)
    other = found.prices[nodes].to_numpy().T.copy()
    horizon = case.horizon
    coarse = in_steps(case, pd.Series([node.split(":")[1] for node in nodes]))
    for step in range(horizon.whole):
        mine = np.flatnonzero(horizon.step_of == step)
        mean = np.average(other[:, mine], axis=1, weights=horizon.hours[mine])
        other[:, mine] = np.where(coarse[:, None], mean[:, None], other[:, mine])
    return answer.row_price("places.balance"), other


def mild(case: Case) -> Case:
    """The case without what its network would lose: it is named, and nothing else may differ."""
    for line in pypsa.lost(case)[:-1]:
        table, element = line.split(":")[0].split(" ")
        column, value = {"assets": ("ramp", np.nan), "links": ("days", 0.0)}[table]
        frame = case.table(table)
        kept = frame[column].mask(frame.iloc[:, 0] == element, value)
        case = case.with_table(table, frame.assign(**{column: kept}))
    return case


def basics(answer: Answer) -> tuple[int, int]:
    """Values strictly within their bounds, and the number of rows: if equal, the prices are determined."""
    within = 0
    for blocks in (answer.columns, answer.rows):
        for block in blocks.values():
            within += int(((block.values > block.lower + 1e-7) & (block.values < block.upper - 1e-7)).sum())
    return within, sum(block.values.size for block in answer.rows.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_random_cases(seed: int, tmp_path: Path) -> None:
    """A rule of the model that is not what its page says shows as another cost in another program."""
    case = mild(random_case(seed))
    assert pypsa.lost(case)[:-1] == [], "a random case holds only what can be carried, and what is named"
    here, there = base(case), solved(case, tmp_path, ENDINGS[seed % len(ENDINGS)])
    assert there.objective == pytest.approx(here.objective, rel=CLOSE)
    one, other = prices(case, here, there)
    # where a price is not determined, as where nothing may be let go and nothing is made, each solver may give another one
    assert np.isclose(one, other, rtol=CLOSE, atol=CLOSE).mean() > 0.85


@pytest.mark.parametrize("seed", range(0, 20, 3))
def test_representative_days(seed: int, tmp_path: Path) -> None:
    """Money and limits of the year count a step as often as it stands for, storages and ramps as long as it lasts."""
    case = mild(in_listed_steps(random_case(seed), seed))
    assert pypsa.lost(case)[:-1] == []
    here, there = base(case), solved(case, tmp_path, ENDINGS[seed % len(ENDINGS)])
    assert there.objective == pytest.approx(here.objective, rel=CLOSE)


def congested() -> Case:
    """Gas a -> b -> c, the way to c too small; power in b from gas, three days of different need."""
    return make(
        days=3,
        places=ABC,
        links="""
            link, carrier,     from_place, to_place, capacity, capacity_back, tariff, loss
            ab,   natural_gas, a,          b,        400,      0,             1.3,    0.01
            bc,   natural_gas, b,          c,        45,       20,            0.7,    0.02
            ce,   electricity, b,          c,        30,       30,            0.4,    0.03
        """,
        assets="""
            asset, kind,        place, capacity, cost
            well,  field,       a,     500,      8.37
            plant, power_plant, b,     200,      2.11
            peak,  supply,      c,     50,       71
        """,
        asset_ports="""
            asset, carrier,     ratio
            well,  natural_gas, 1
            plant, electricity, 1
            plant, natural_gas, -2.05
            peak,  electricity, 1
        """,
        demand="""
            place, carrier,     customer_class, amount, unit, profile
            b,     natural_gas, industry,       300,    GWh,  days
            c,     natural_gas, household,      600,    GWh,  days
            b,     electricity, household,      400,    GWh,  days
            c,     electricity, industry,       500,    GWh,  days
        """,
        profiles=weekdays(1.0, 1.1, 0.9),
    )


def stored() -> Case:
    """Cheap gas on a small well, dear gas beside it, and a storage that moves it from Monday to Wednesday."""
    return make(
        days=3,
        places="place, name, country\na, A, KZ\nb, B, RU",
        links="link, carrier, from_place, to_place, capacity, tariff, loss\nab, natural_gas, a, b, 300, 1.17, 0.013",
        assets="""
            asset, kind,  place, capacity, cost
            well,  field, a,     100,      8.37
            dear,  field, a,     100,      19.3
        """,
        asset_ports="asset, carrier, ratio\nwell, natural_gas, 1\ndear, natural_gas, 1",
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, level_start, level_end, loss,  efficiency_in, cost
            cavern,  b,     natural_gas, 9000,             70,        65,         0.31,        0.25,      0.003, 0.97,          0.21
        """,
        demand="place, carrier, customer_class, amount, unit, profile\nb, natural_gas, industry, 800, GWh, days",
        profiles=weekdays(0.4, 1.0, 1.7),
    )


def ring() -> Case:
    """A ring of three lines with reactance, of which one is full; the law and not the cost decides the rest."""
    return make(
        days=2,
        places=ABC,
        links="""
            link, carrier,     kind, from_place, to_place, capacity, capacity_back, reactance
            ab,   electricity, line, a,          b,        100,      100,           0.1
            ac,   electricity, line, a,          c,        40,       40,            0.2
            bc,   electricity, line, b,          c,        100,      100,           0.3
        """,
        assets="""
            asset, kind,   place, capacity, cost
            east,  supply, a,     300,      11.3
            west,  supply, c,     300,      47.9
            south, supply, b,     300,      59.1
        """,
        asset_ports="asset, carrier, ratio\neast, electricity, 1\nwest, electricity, 1\nsouth, electricity, 1",
        demand="""
            place, carrier,     customer_class, amount, unit, profile
            b,     electricity, industry,       500,    GWh,  days
            c,     electricity, industry,       700,    GWh,  days
        """,
        profiles=weekdays(1.0, 1.2, 1.0),
    )


def with_horizon(case: Case, **horizon: Any) -> Case:
    """The case in other steps."""
    settings = {**case.settings, "horizon": {**case.settings["horizon"], **horizon}}
    made, problems = horizon_of(settings, "")
    assert not problems
    return replace(case, settings=MappingProxyType(settings), horizon=made)


def daily() -> Case:
    """Gas by the day, power by night and day: a plant burns by day what the well gives by night."""
    case = make(
        days=3,
        places=AB,
        carriers="carrier, name, display_unit, resolution\nnatural_gas, Gas, TWh, step\nelectricity, Power, TWh, part",
        links="link, carrier, kind, from_place, to_place, capacity, tariff, loss, days\nab, natural_gas, rail, a, b, 300, 1, 0.02, 1",
        assets="""
            asset, kind,        place, capacity, cost
            well,  field,       a,     40,       10
            plant, power_plant, b,     200,      2
            peak,  supply,      b,     50,       71
        """,
        asset_ports="""
            asset, carrier,     ratio
            well,  natural_gas, 1
            plant, electricity, 1
            plant, natural_gas, -2
            peak,  electricity, 1
        """,
        demand="place, carrier, customer_class, amount, unit, profile\nb, electricity, household, 197.64, GWh, hours",
        profiles="profile, hour, value\n"
        + "\n".join(f"hours, {hour}, {hour >= 14}" for hour in range(24))
        .replace("False", "0.5")
        .replace("True", "1.7"),
    )
    return with_horizon(case, parts={"night": 14, "day": 10})


def test_parts_by_hand(tmp_path: Path) -> None:
    """Power 11.25 MW in 14 hours of the night, 38.25 MW in 10 of the day: 540 MWh, of which the well's 960 MWh of gas make 470.4.

    Each day: 960 of gas at 10 and 1 for the way, 470.4 of power at 2, 69.6 from the peak at 71.
    """
    case = daily()
    day = 960 * 11 + 470.4 * 2 + (540 - 470.4) * 71
    assert base(case).objective == pytest.approx(3 * day)
    assert pypsa.lost(case)[:-1] == []
    assert solved(case, tmp_path).objective == pytest.approx(3 * day)


def weekdays(monday: float, tuesday: float, wednesday: float) -> str:
    rows = [f"days, {day}, {value}" for day, value in enumerate((monday, tuesday, wednesday, 1, 1, 1, 1), 1)]
    return "profile, weekday, value\n" + "\n".join(rows)


@pytest.mark.parametrize("made", [congested, stored, ring])
def test_prices_where_they_are_determined(made: Callable[[], Case], tmp_path: Path) -> None:
    """A price is what decisions hang on; where there is only one, two programs must name it."""
    case = made()
    here, there = base(case), solved(case, tmp_path)
    within, rows = basics(here)
    assert within == rows, "the case has become degenerate"
    assert there.objective == pytest.approx(here.objective, rel=1e-9)
    one, other = prices(case, here, there)
    assert len(np.unique(one.round(6))) >= len(one), "prices that are all alike prove nothing"
    np.testing.assert_allclose(one, other, rtol=CLOSE)


@pytest.mark.slow
def test_reference_case(tmp_path: Path) -> None:
    """The shipped year, by months with parts of the day: what PyPSA has no words for is named; without it all that has an effect is there."""
    named = pypsa.lost(reference())
    for words in (
        "storages storage_bozoy: its level by 11-01:1",
        "duties lpg_home_abai: that it is owed to the home market",
        "contracts contract_tm_cn: its stream, and the quantities of it",
    ):
        assert words in named
    case = without_what_is_named(reference())
    sections = case.table("resources").query("kind == 'section'")["resource"]
    assert pypsa.lost(case) == [
        *(f"resources {section}: that its limit falls with a line out of service" for section in sections),
        "tables without an effect on flows: owners, entities, regulations, restrictions, licences, dealings, projects, measures, agreements, "
        "provisions, notifications, meetings, actions, bodies, tasks, areas, events, event_changes, years, scenario_changes, observations, outage_rates, sources",
        "sources, grades, notes, drawn routes, and names in Russian and Kazakh",
    ]
    here, there = base(case), solved(case, tmp_path, ".nc")
    assert here.status == "optimal"
    assert there.objective == pytest.approx(here.objective, rel=CLOSE)
    one, other = prices(case, here, there)
    # many nodes of a year have a range of prices: surplus, full ways, stores that are empty
    assert np.isclose(one, other, rtol=CLOSE, atol=CLOSE).mean() > 0.8


def without_what_is_named(case: Case) -> Case:
    """The case without norms and season targets of storages, duties and streams."""
    storages, contracts = case.table("storages"), case.table("contracts")
    case = case.with_table("storages", storages.assign(norm_days=np.nan, target=""))
    case = case.with_table("contracts", contracts.assign(stream=False))
    return case.with_table("duties", case.table("duties").iloc[:0])


def curve() -> tuple[str, Case, str]:
    """A case with a thing that PyPSA has no words for, what is said of it, and a column to empty."""
    case = stored()
    storages = case.table("storages").assign(withdrawal_curve="0:0.2;0.5:1;1:1")
    return "storages cavern: the withdrawal curve", case.with_table("storages", storages), "withdrawal_curve"


def law() -> tuple[str, Case, str]:
    """Another."""
    case = ring()
    links = case.table("links").assign(tariff=[0.5, 0.0, 0.0])
    words = "links ab: Kirchhoff's voltage law on a line with a tariff"
    return words, case.with_table("links", links), "reactance"


@pytest.mark.parametrize("dropped", [curve, law])
def test_what_is_lost_is_named_and_only_that(
    dropped: Callable[[], tuple[str, Case, str]], tmp_path: Path
) -> None:
    """Without the piece that is named the costs agree; with it they do not, so that it is rightly named."""
    words, case, column = dropped()
    assert any(line.startswith(words) for line in pypsa.lost(case))
    there = solved(case, tmp_path)
    table = "links" if column == "reactance" else "storages"
    bare = case.with_table(
        table, case.table(table).assign(**{column: np.nan if column == "reactance" else ""})
    )
    assert there.objective == pytest.approx(base(bare).objective, rel=CLOSE)
    assert there.objective < base(case).objective * (1 - 1e-4)


def test_rules_are_named() -> None:
    """PyPSA cuts where it is cheapest; a case that shares the cut must not be compared with it unseen."""
    settings = {**congested().settings, "rules": {"place": "cooperative"}}
    case = replace(congested(), settings=MappingProxyType(settings))
    assert pypsa.lost(case)[0].startswith("rules: who goes short first (cooperative)")

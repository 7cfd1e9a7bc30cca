"""Who goes short and when hangs on the rules and the numbers of a case, not on the order of its rows, nor on a plan that was short.

A well with 50 MW years and a capacity of 80 MW stands against 70 MW of homes and 20 MW of industry: of 450 MW days in five
days 250 are there, and 200 go short, 100 of industry first.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.response import respond
from kelisim.results.against_plan import AgainstPlan
from tests.cases.make import AB, make
from tests.cases.random_case import shuffled

HOMES, INDUSTRY = ("b", "electricity", "household"), ("b", "electricity", "industry")
ORDERS = (None, 0, 2)


def unserved(case: Case, values: np.ndarray) -> dict[tuple[str, ...], list[float]]:
    """MW per day of each row of demand, from values of the block of unserved demand."""
    keys = case.table("demand")[["place", "carrier", "customer_class"]].itertuples(index=False, name=None)
    rows = values.reshape(-1, len(case.table("demand")), case.horizon.count).sum(axis=0)
    return {key: row.round(3).tolist() for key, row in zip(keys, rows, strict=True)}


def scarce(more: str = "", links: str = "") -> Case:
    return make(
        days=5,
        places=AB,
        assets=f"""
            asset, kind, place, capacity, unit, cost, annual_max, annual_unit
            well,  wind, b,     80,       MW,   20,   439200,     MWh
            {"wind,  wind, a,     50,       MW,   20,   ," if more else ""}
        """,
        asset_ports="asset, carrier, ratio\nwell, electricity, 1"
        + ("\nwind, electricity, 1" if more else ""),
        demand=f"""
            place, carrier,     customer_class, amount, unit,    voll, voll_unit
            b,     electricity, household,      70,     MW year, 900,  USD/MWh
            b,     electricity, industry,       20,     MW year, 200,  USD/MWh
            {more}
        """,
        **({"links": links} if links else {}),
    )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("time", "homes"),
    [("late", [0, 0, 0, 30, 70]), ("none", None), ("even", None)],
    ids=["late", "none", "even"],
)
def test_own_first_keeps_the_time_rule(time: str, homes: list[float] | None, order: int | None) -> None:
    """A country whose stocks run out in five days was told it would freeze on the second."""
    engine = Engine(shuffled(scarce(), order), Rules("own_first", time), cache=False)
    found = unserved(engine.case, engine.base.columns["demand.unserved"].values)
    assert found[INDUSTRY] == pytest.approx([20] * 5)
    assert sum(found[HOMES]) == pytest.approx(100)
    if homes:
        assert found[HOMES] == pytest.approx(homes)
    if time == "even":  # in fifths of the demand
        assert max(found[HOMES]) - min(found[HOMES]) <= 70 / 5 + 1e-3
    first = Engine(scarce(), Rules("own_first", time), cache=False)
    assert found == unserved(first.case, first.base.columns["demand.unserved"].values)


@pytest.mark.parametrize("order", ORDERS)
def test_own_first_holds_between_countries(order: int | None) -> None:
    """A neighbour whose homes are worth more would take what a country serves its own with."""
    more = "a, electricity, household, 40, MW year, 300, USD/MWh"
    links = "link, carrier, from_place, to_place, capacity, unit, tariff\nline, electricity, a, b, 200, MW, 1"
    engine = Engine(shuffled(scarce(more, links), order), Rules("own_first", "late"), cache=False)
    found = unserved(engine.case, engine.base.columns["demand.unserved"].values)
    assert found["a", "electricity", "household"] == pytest.approx([0] * 5)
    assert sum(found[HOMES]) == pytest.approx(50)
    assert found[HOMES][3:] == pytest.approx([0, 50], abs=1e-3)


def short_in_plan(classes: str) -> Case:
    """A yearly contract of 30 MW against 40 MW of use: on some of the five days somebody is short, whatever happens."""
    return make(
        days=5,
        places=AB,
        contracts="""
            contract, kind,   carrier,     delivery_place, annual_quantity, unit,    daily_max, daily_unit, price
            import,   supply, electricity, a,              30,              MW year, 45,        MW,         20
        """,
        links="""
            link, carrier,     from_place, to_place, capacity, unit, tariff
            line, electricity, a,          b,        60,       MW,   1
            side, electricity, a,          b,        20,       MW,   1
        """,
        demand=f"place, carrier, customer_class, amount, unit, voll, voll_unit\n{classes}",
    )


@pytest.mark.parametrize(
    "classes",
    [
        "b, electricity, household, 40, MW year, 900, USD/MWh",
        "b, electricity, household, 20, MW year, 900, USD/MWh\na, electricity, household, 20, MW year, 900, USD/MWh",
        "b, electricity, household, 25, MW year, 900, USD/MWh\nb, electricity, other, 15, MW year, 400, USD/MWh",
    ],
)
def test_the_day_of_a_planned_shortage_has_no_order(classes: str) -> None:
    """A plan without rules cut homes on Thursday in one file and on Friday in the same file sorted."""
    found = []
    for order in ORDERS:
        engine = Engine(shuffled(short_in_plan(classes), order), cache=False)
        opened = engine.window(date(2024, 1, 2), 2, Rules("by_contract", "even"))
        cut = engine.ask(opened, [Outage("side", date(2024, 1, 2), date(2024, 1, 3))]).answer
        base = unserved(engine.case, engine.base.columns["demand.unserved"].values)
        now = cut.by_demand(len(engine.case.table("demand")))
        found.append((dict(sorted(base.items())), np.sort(now.round(3), axis=0).tolist()))
        assert sum(map(sum, base.values())) == pytest.approx(50)
    assert found[1:] == found[:1] * 2


@pytest.mark.parametrize(
    ("place", "time"), [("none", "none"), ("cooperative", "even"), ("by_contract", "late")]
)
@pytest.mark.parametrize("lost", ["rail", "plant", "road"])
def test_no_level_of_measures_leaves_more_unserved(lost: str, place: str, time: str) -> None:
    """A measure may mend what the plan had cut, but not by cutting others whom the outage alone would have spared."""
    case = make(
        days=10,
        places=AB,
        assets="asset, kind, place, capacity, unit, cost\nplant, import, a, 83, MW, 13\nother, import, b, 20, MW, 40",
        asset_ports="asset, carrier, ratio\nplant, diesel, 1\nother, diesel, 1",
        links="""
            link, carrier, from_place, to_place, capacity, unit, capacity_back, tariff_back
            rail, diesel,  a,          b,        25,       MW,   20,            4
            road, diesel,  a,          b,        10,       MW,   0,             0
        """,
        demand="""
            place, carrier, customer_class, amount, unit,    voll, voll_unit
            a,     diesel,  other,          55,     MW year, 540,  USD/MWh
            a,     diesel,  transport,      43,     MW year, 732,  USD/MWh
            b,     diesel,  transport,      59,     MW year, 732,  USD/MWh
        """,
        resources="resource, amount, unit, over\nwagons, 355165, MWh, year",
        resource_uses="resource, table, element, use\nwagons, links, rail, 1.8",
        bodies="body, name\nkc, Crisis body",
        measures="""
            measure, crisis_level,  body, lead_time, cost, cost_unit, acts_on,             value, mode, unit
            more,    alert,         kc,   0,         7,    USD/MWh,   links:road:capacity, 43,    add,  MW
            tank,    emergency,     kc,   24,        7,    USD/MWh,   links:rail:capacity, 43,    add,  MW
        """,
    )  # fmt: skip
    start = date(2024, 1, 4)
    causes = [Outage(lost, start, date(2024, 1, 6))]
    found = respond(Engine(case, cache=False), causes, start, 3, Rules(place, time))
    told = [found.without, *(found.seen(found.escalation.in_use(s.asked)) for s in found.escalation.stages)]
    for before, after in zip(told, told[1:], strict=False):
        for harm in (net, beyond, shielded):
            assert harm(after) <= harm(before) + 1e-2
    assert lost != "rail" or (found.escalation.use > 1).any()


def net(seen: AgainstPlan) -> float:
    """MWh unserved less what the plan had cut."""
    return float(((seen.unserved - seen.unserved_base) @ seen.hours).sum())


def beyond(seen: AgainstPlan) -> float:
    return float((seen.more @ seen.hours).sum())


def shielded(seen: AgainstPlan) -> float:
    return float((seen.more[seen.protected] @ seen.hours).sum())

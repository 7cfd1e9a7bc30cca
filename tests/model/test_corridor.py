"""Firm transit on top of a plan: by hand, and equal to a largest flow of the textbook where nothing else is there."""

from __future__ import annotations

from datetime import date

import networkx as nx
import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.ways import links_within
from kelisim.engine import Engine
from kelisim.engine.firm import Firm, opened
from kelisim.errors import StudyError
from kelisim.lp.slice import HANDOVER
from tests.cases.border import steppe
from tests.cases.make import make

LINKS = ["main", "pipe", "local", "ring"]


def firm(case: Case, start: str, end: str, feeds: bool = False) -> Firm:
    engine = Engine(case, cache=False)
    names = links_within(case, "natural_gas", ())
    return Firm(opened(engine, None), "natural_gas", start, end, names, None, feeds)


def test_what_customers_need_is_not_transit() -> None:
    """Of the pipe of 20 the town needs 12 - 6 of its own well: 14 are left. Beyond 8 the dear well runs at 20 and its line costs 1
    instead of field gas at 5 and tariff 1 of the pipe: 1 for the transit, and 20 + 1 - 5 - 1 = 15 for what gives way."""
    one = firm(steppe(days=3), "field", "town")
    assert one.largest == pytest.approx(14)
    line = one.curve(0.0)
    assert line.at == pytest.approx([0, 8, 14], rel=1e-6)
    assert line.slope / 72 == pytest.approx([1, 16], rel=1e-6)


def test_what_is_used_there_displaces_supply() -> None:
    """Used in the town it takes the place of all other gas: 12 are needed, and the half empty store takes 240 MWh in 72 hours."""
    one = firm(steppe(days=3), "field", "town", feeds=True)
    assert one.largest == pytest.approx(12 + 240 / 72)


@pytest.mark.parametrize(
    "quantity",
    [
        "daily_max, daily_unit, excess_price\ncap, balance, natural_gas, pipe, 0.2, TJ/day, 2",
        "annual_quantity, unit, excess_price\ncap, balance, natural_gas, pipe, 20, TJ, 2",
    ],
)
def test_a_stream_is_not_of_a_contract_beside_it(quantity: str) -> None:
    """What the town buys over the same pipe has a quantity of its own: 14 fit as without it, and no price of what is above it is paid for them."""
    plain, bought = steppe(days=3), steppe(days=3, contracts="contract, kind, carrier, over, " + quantity)
    one, other = firm(plain, "field", "town"), firm(bought, "field", "town")
    assert other.largest == pytest.approx(one.largest) == pytest.approx(14)
    for volume in (4.0, 8.0):
        spent = [each.at(volume).objective - each.plan.objective for each in (one, other)]
        assert spent[0] == pytest.approx(spent[1])


def test_no_transit_is_the_plan() -> None:
    """What is on the way for a day at the end of the window is handed over from the plan's own goods, not from a stream of nobody's."""
    case = make(
        days=3,
        places="place, name, country\nfield, Field, KZ\ntown, Town, KZ",
        assets="asset, kind, place, capacity, cost\nwell, field, field, 30, 5",
        asset_ports="asset, carrier, ratio\nwell, diesel, 1",
        links="link, carrier, kind, from_place, to_place, capacity, tariff, days\ntrack, diesel, rail, field, town, 20, 1, 1",
        demand="place, carrier, customer_class, amount, unit\ntown, diesel, industry, 87840, MWh",
    )
    window = opened(Engine(case, cache=False), None)
    one = Firm(window, "diesel", "field", "town", links_within(case, "diesel", ()))
    assert HANDOVER in window.problem.rows
    assert one.plan.objective == pytest.approx(one.window.start.objective)


def test_a_place_without_the_carrier_is_refused() -> None:
    """The mine has no gas."""
    with pytest.raises(StudyError, match="mine"):
        firm(steppe(days=3), "mine", "town")


def network(seed: int) -> Case:
    """Random pipes among nine places, half of them both ways, without any customer."""
    rng = np.random.default_rng(seed)
    places = [f"p{at}" for at in range(9)]
    pairs = [(a, b) for a in places for b in places if a != b and rng.random() < 0.3]
    rows = [
        f"l{at}, natural_gas, pipeline, {a}, {b}, {rng.integers(1, 20)}, {rng.integers(0, 2) * rng.integers(1, 20)}, 0"
        for at, (a, b) in enumerate(pairs)
    ]
    return make(
        days=1,
        places="place, name, country, kind\n" + "\n".join(f"{place}, {place}, KZ, node" for place in places),
        links="link, carrier, kind, from_place, to_place, capacity, capacity_back, tariff\n"
        + "\n".join(rows),
    )


@pytest.mark.parametrize("seed", range(5))
def test_largest_volume_is_a_largest_flow(seed: int) -> None:
    """With nothing else in the network and no cost the largest firm transit is the textbook's largest flow, both ways, 200 pairs."""
    case = network(seed)
    links = case.quantities("links")
    graph = nx.DiGraph()
    for row in links.itertuples(index=False):
        for a, b, size in (
            (row.from_place, row.to_place, row.capacity),
            (row.to_place, row.from_place, row.capacity_back),
        ):
            if size > 0:
                had = graph.edges[a, b]["capacity"] if graph.has_edge(a, b) else 0.0
                graph.add_edge(a, b, capacity=had + size)
    window = opened(Engine(case, cache=False), date(2024, 1, 1))
    rng = np.random.default_rng(seed)
    names = links_within(case, "natural_gas", ())
    known = sorted(graph.nodes)
    for _ in range(20):
        start, end = (str(one) for one in rng.choice(known, 2, replace=False))
        for a, b in ((start, end), (end, start)):
            assert Firm(window, "natural_gas", a, b, names).largest == pytest.approx(
                nx.maximum_flow_value(graph, a, b), abs=1e-6
            )

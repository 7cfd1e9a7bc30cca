"""Ways between two places: a netback by hand to the cent, ways in order, equal to all simple paths in order of their cost."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.ways import cheapest, links_within
from tests.cases.make import make

PLACES = """
    place,  name,   country, kind
    field,  Field,  RU,      field
    border, Border, RU,      border
    town,   Town,   KZ,      town
    hub,    Hub,    UZ,      hub
"""
# 2 USD/t and 1 % to the border, 5 and 2 % to the town, 3 and none to the hub; by rail straight at 15
LINKS = """
    link,  carrier, kind,     from_place, to_place, capacity, unit,    tariff, tariff_unit, loss, days
    north, crude,   pipeline, field,      border,   10,       Mt/year, 2,      USD/t,       0.01, 1
    south, crude,   pipeline, border,     town,     8,        Mt/year, 5,      USD/t,       0.02, 2
    last,  crude,   pipeline, town,       hub,      9,        Mt/year, 3,      USD/t,       0,    1
    train, crude,   rail,     field,      hub,      2,        Mt/year, 15,     USD/t,       0,    6
"""


def crude() -> Case:
    return make(days=1, places=PLACES, links=LINKS)


def test_netback_by_hand() -> None:
    """Of a tonne at the field 0.99 enter the south and 0.9702 the last pipe: 2 + 4.95 + 2.9106 = 9.8606 USD; at 500 USD at the hub
    485.10 - 9.86 = 475.24 USD are left. By train it is 485."""
    case = crude()
    money = case.units.factor("USD/t", "energy_price", "crude")
    names = links_within(case, "crude", ())
    train, pipes = cheapest(case, names, "field", "hub", 500 * money, 5)
    assert [step.link for step in pipes.steps] == ["north", "south", "last"]
    assert pipes.tariffs / money == pytest.approx(9.8606, abs=1e-9)
    assert pipes.netback(500 * money) / money == pytest.approx(475.2394, abs=1e-9)
    assert train.netback(500 * money) / money == pytest.approx(485)
    countries = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    by_country = {name: cost / money for name, cost in pipes.by_country(countries).items()}
    assert by_country == pytest.approx({"RU": 2 + 4.95 / 2, "KZ": 4.95 / 2 + 2.9106 / 2, "UZ": 2.9106 / 2})
    size = case.units.factor("Mt/year", "power", "crude")
    assert pipes.narrowest == ("south", pytest.approx(8 / 0.99 * size))


def test_only_through_some_countries() -> None:
    """Through Russia and Kazakhstan alone no way leads to the hub; without the train one does."""
    case = crude()
    assert cheapest(case, links_within(case, "crude", ["RU", "KZ"]), "field", "hub", 0.0, 5) == []
    assert len(cheapest(case, links_within(case, "crude", (), ["train"]), "field", "hub", 0.0, 5)) == 1


@pytest.mark.parametrize("seed", range(3))
def test_ways_are_those_of_all_paths(seed: int) -> None:
    """In random networks with links side by side, the ways are the simple paths in the order of cost."""
    rng = np.random.default_rng(seed)
    places = [f"p{at}" for at in range(6)]
    pairs = [(a, b) for a in places for b in places if a != b and rng.random() < 0.5] + [("p0", "p1")] * 2
    rows = [
        f"l{at}, crude, pipeline, {a}, {b}, 1, Mt/year, {rng.integers(1, 40)}, USD/t"
        for at, (a, b) in enumerate(pairs)
    ]
    case = make(
        days=1,
        places="place, name, country, kind\n" + "\n".join(f"{place}, {place}, KZ, node" for place in places),
        links="link, carrier, kind, from_place, to_place, capacity, unit, tariff, tariff_unit\n"
        + "\n".join(rows),
    )
    graph = nx.MultiDiGraph()
    for row in case.quantities("links").itertuples(index=False):
        graph.add_edge(row.from_place, row.to_place, key=row.link, cost=row.tariff)
    paths = nx.all_simple_edge_paths(graph, "p0", "p5")
    costs = sorted(sum(graph.edges[edge]["cost"] for edge in path) for path in paths)
    found = cheapest(case, links_within(case, "crude", ()), "p0", "p5", 0.0, 20)
    assert [way.tariffs for way in found] == pytest.approx(costs[:20])
    assert len({tuple(step.link for step in way.steps) for way in found}) == len(found)

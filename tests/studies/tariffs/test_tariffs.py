"""Ways to charge for a network, by hand: one pipe to a town, one on to a border."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.make import make

PLACES = """
    place,  name,   country, kind
    field,  Field,  RU,      field
    town,   Town,   KZ,      town
    beyond, Beyond, CN,      hub
"""
# 10 MW come in over 100 km at 2, of them 6 go on over 300 km at 4: 24 x (20 + 24) = 1,056 a day
LINKS = """
    link, carrier,     kind,     from_place, to_place, capacity, tariff, length_km
    up,   natural_gas, pipeline, field,      town,     10,       2,      100
    down, natural_gas, pipeline, town,       beyond,   6,        4,      300
"""
ASSETS = "asset, kind, place, capacity, cost\n wells, field, field, 12, 20"
PORTS = "asset, carrier, ratio\n wells, natural_gas, 1"
DEMAND = "place, carrier, customer_class, amount, unit\n town, natural_gas, household, 4, MW year"
MARKETS = "market, place, carrier, side, ceiling, unit, price\n sale, beyond, natural_gas, buys, 50, MW, 100"


def ask(**fields: float) -> Results:
    parts = {
        "places": PLACES,
        "links": LINKS,
        "assets": ASSETS,
        "asset_ports": PORTS,
        "demand": DEMAND,
        "markets": MARKETS,
    }
    return run("tariffs", Engine(make(days=1, defaults={"home": "KZ"}, **parts), cache=False), **fields)


def test_each_method_recovers_the_revenue() -> None:
    """The same revenue from the same flows, to 1e-9."""
    methods = ask()["methods"].set_index("method")
    assert list(methods.index) == ["present", "distance", "entry_exit", "stamp"]
    assert methods["revenue"].to_numpy() == pytest.approx(1056, rel=1e-9)


def test_who_pays_by_hand() -> None:
    """By distance 1,056 over 24 x (10 x 100 + 6 x 300) MWh km are 1.5714 for 100 km: the town pays 4 x 1.5714, beyond 6 x 4 x
    1.5714. By a stamp each of 10 pays 4.4, by entry and exit half of it each."""
    found = ask()
    paid = found["payers"].set_index(["method", "payer", "place"])["paid"] / 24
    assert paid["present", "home", "town"] == pytest.approx(8)
    assert paid["present", "border", "beyond"] == pytest.approx(36)
    assert paid["distance", "home", "town"] == pytest.approx(4 * 44 / 28)
    assert paid["distance", "border", "beyond"] == pytest.approx(24 * 44 / 28)
    assert paid["stamp", "home", "town"] == pytest.approx(4 * 4.4)
    assert paid["entry_exit", "entry", "field"] == pytest.approx(22)
    assert paid["entry_exit", "border", "beyond"] == pytest.approx(6 * 2.2)


def test_all_at_the_entry() -> None:
    """With all of it at the entry nobody pays at an exit."""
    paid = ask(entry_share=1.0)["payers"].query("method == 'entry_exit'").groupby("payer")["paid"].sum()
    assert paid["entry"] == pytest.approx(1056)
    assert paid["home"] == paid["border"] == 0

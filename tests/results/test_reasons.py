"""Why customers go short: one tiny case for each kind of limit, where another answer would send the reader to the wrong place."""

from __future__ import annotations

from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.results.reasons import reasons
from kelisim.results.tables import Tables
from tests.cases.make import AB, make

WELL = {"assets": "asset, kind, place, capacity, cost\nwell, supply, a, {size}, 5", "asset_ports": "asset, carrier, ratio\nwell, natural_gas, 1"}  # fmt: skip
PIPE = "link, carrier, from_place, to_place, capacity\npipe, natural_gas, a, b, 200"
DEMAND = "place, carrier, customer_class, amount, voll\nb, natural_gas, other, 878400, 500"  # 100 MW


def behind(well: float = 200, links: str = PIPE, demand: str = DEMAND, **tables: Any) -> list[str]:
    """Reasons of the rows of demand of b, which wants 100 MW over two days; a well in a and a pipe of 200 MW to b."""
    own = {name: text.format(size=well) for name, text in WELL.items()}
    for name, text in own.items():
        own[name] = f"{text}\n{tables.pop(name)}" if name in tables else text
    case = make(days=2, places=AB, links=links, demand=demand, **own, **tables)
    return list(reasons(Tables(case, Engine(case, cache=False).base))["reason"])


RESOURCES = "resource, amount, unit, over\nsection, {amount}, {unit}, {over}"
USES = "resource, table, element, use\nsection, {table}, {element}, 1"


def shared(table: str, element: str, over: str = "step") -> dict[str, str]:
    amount, unit = (60, "MW") if over == "step" else (527_040, "MWh/year")
    return {
        "resources": RESOURCES.format(amount=amount, unit=unit, over=over),
        "resource_uses": USES.format(table=table, element=element),
    }


MARKET = "market, place, carrier, side, ceiling, price{more}\nhub, b, natural_gas, sells, {ceiling}, 9{last}"
CONTRACT = (
    "contract, kind, carrier, {at}, price, {limit}{more}\ndeal, {kind}, natural_gas, {where}, 9, {size}{last}"
)
STORE = "storage, place, carrier, working_capacity, level_start, injection, withdrawal\ncave, b, natural_gas, {size}, 1, 0, {rate}"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"links": PIPE.replace("200", "60")}, "pipe:full"),
        (shared("links", "pipe"), "section:shared"),
        (shared("links", "pipe", "year"), "section:shared"),
        ({"well": 60}, "well:all"),
        (shared("assets", "well"), "section:shared"),
        ({"well": 0.5, "markets": MARKET.format(ceiling=60, more="", last="")}, "hub:ceiling;well:all"),
        (
            {"well": 0.5, "markets": MARKET.format(ceiling=90, more=", annual_max", last=", 527040")},
            "hub:year;well:all",
        ),
        (
            {"well": 0.5, "markets": MARKET.format(ceiling=90, more="", last="")} | shared("markets", "hub"),
            "section:shared;well:all",
        ),
        (
            {"contracts": CONTRACT.format(at="over", where="pipe", kind="band", limit="daily_max", size=60, more="", last="")},
            "deal:daily",
        ),
        (
            {"contracts": CONTRACT.format(at="over", where="pipe", kind="transport", limit="annual_quantity", size=527_040, more=", swing_down", last=", 1")},
            "deal:quantity",
        ),
        (
            {"well": 0.5, "contracts": CONTRACT.format(at="delivery_place", where="b", kind="supply", limit="daily_max", size=60, more="", last="")},
            "deal:daily;well:all",
        ),
        (
            {"well": 0.5, "contracts": CONTRACT.format(at="delivery_place", where="b", kind="supply", limit="annual_quantity", size=527_040, more=", swing_down", last=", 1")},
            "deal:quantity;well:all",
        ),
        ({"well": 0.5, "storages": STORE.format(size=9_000, rate=60)}, "cave:rate;well:all"),
        ({"well": 0.5, "storages": STORE.format(size=2_400, rate=90)}, "cave:empty;well:all"),
    ],
)  # fmt: skip
def test_the_limit_that_holds_is_named(more: dict[str, Any], expected: str) -> None:
    """ "No route or source for more" is false where a section, a booking, a ceiling or a store is what holds."""
    assert behind(**more) == [expected]


def test_a_plant_without_fuel_is_not_at_its_limit() -> None:
    """Power is short because gas is: the plant is named for what it lacks, the well for what it makes."""
    assets = {
        "assets": "plant, power_plant, b, 100, 1",
        "asset_ports": "plant, electricity, 1\nplant, natural_gas, -2",
    }
    demand = "place, carrier, customer_class, amount, voll\nb, natural_gas, household, 439200, 900\nb, electricity, other, 439200, 500"
    assert behind(well=100, demand=demand, **assets) == ["plant:input", ""]


def test_what_costs_more_than_what_goes_short_is_said() -> None:
    """Where nothing is at a limit, a source that could give more at too high a cost is no lack of sources."""
    assert behind(demand=DEMAND.replace("500", "3")) == ["well:room"]
    out = "table, element, start, end, share\nlinks, pipe, 2024-01-01, 2024-01-02, 1"
    assert behind(outages=out) == ["none"]


def test_what_can_be_had_at_a_price_holds_nobody() -> None:
    """A limit beyond which more is only dearer is not why somebody goes short."""
    priced = {
        "contracts": CONTRACT.format(
            at="over",
            where="pipe",
            kind="band",
            limit="daily_max",
            size=60,
            more=", excess_price",
            last=", 20",
        )
    }
    assert behind(well=60, **priced) == ["well:all"]
    soft = shared("links", "pipe")
    soft["resources"] = soft["resources"].replace("over\n", "over, shortfall_price\n") + ", 20"
    assert behind(well=60, **soft) == ["well:all"]

"""Power zones in their highest hour, by hand: units, what the plan brings in, and the chance that it is too little."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.results.outage_rates import failing
from kelisim.studies.reliability.zones import zones
from tests.cases.make import NO_FUEL_OF_PLANTS, make

RATES = "table, element, kind, failures_per_year, repair_hours\nassets, one, , 8.76, 100\nassets, two, , 17.52, 100\nassets, far, , 8.76, 100"


def test_a_zone_by_hand() -> None:
    """At home 60 and 40 MW are out a tenth and a fifth of the time, 10 come in by the plan and 15 could beyond it; 90 are wanted."""
    case = make(
        days=1, defaults={"home": "KZ"}, outage_rates=RATES,
        places="place, name, country\na, A, KZ\nb, B, RU",
        assets="asset, kind, place, capacity, cost, availability\none, power_plant, a, 60, 5, 1\ntwo, power_plant, a, 40, 90, 1\nfar, power_plant, b, 200, 20, 1",
        asset_ports="asset, carrier, ratio\none, electricity, 1\ntwo, electricity, 1\nfar, electricity, 1",
        asset_kinds=NO_FUEL_OF_PLANTS,
        links="link, carrier, kind, from_place, to_place, capacity, capacity_back\nline, electricity, line, b, a, 25, 25",
        demand="place, carrier, customer_class, amount, unit\na, electricity, household, 90, MW year\nb, electricity, household, 50, MW year",
    )  # fmt: skip
    engine = Engine(case, cache=False)
    rows = zones(engine, failing(case, ("assets",))).set_index("country")
    assert list(rows.index) == ["KZ", "RU"]  # the home country first
    home = rows.loc["KZ"]
    # far costs 20, two 90: the plan brings in all that the line carries
    assert (home["load"], home["capacity"], home["comes_in"], home["largest"]) == pytest.approx(
        (90, 100, 25, 60)
    )
    assert (home["margin"], home["margin_without"], home["room"]) == pytest.approx((35, -25, 0))
    # 65 must come from the two: either out is too little
    assert home["probability"] == pytest.approx(1 - 0.9 * 0.8)
    assert home["shortfall"] == pytest.approx(0.9 * 0.2 * 5 + 0.1 * 0.8 * 25 + 0.1 * 0.2 * 65)

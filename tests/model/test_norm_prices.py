"""Who hangs on a stock, and what drawing on its norm costs, by hand."""

from __future__ import annotations

import pytest

from kelisim.case.case import Case
from kelisim.case.hanging import customers
from kelisim.model import hanging, norm_prices
from kelisim.model.assembly import Assembly
from tests.cases.make import AB, make
from tests.engine.test_norms import HOMES_AND_INDUSTRY, town


def test_an_open_norm_lies_between_the_classes() -> None:
    """Industry at 97 x 1.05 = 101.85, homes at 4,500 x 0.95 x 0.91 = 3,890.25: a quarter of the way, 1,048.95 USD/MWh."""
    case = town(HOMES_AND_INDUSTRY)
    (price,) = norm_prices.of_storages(Assembly(case), case.quantities("storages"))
    assert price.kept == pytest.approx(1.2 * 1.05 * 4500)
    assert price.opened == pytest.approx(101.85 + (3890.25 - 101.85) / 4)
    assert price.missing == pytest.approx(300 / 90)


def _works() -> Case:
    """A refinery that takes 1 of crude and 0.004 of power for 0.4 of diesel; a tank of crude and a battery beside it.

    well --> tank --> refinery --> diesel of lorries        market --> battery --> power of homes, and the refinery's
    """
    return make(
        places=AB,
        assets="asset, kind, place, capacity, cost\nwell, field, a, 10, 1\nworks, refinery, a, 10, 1",
        asset_ports="""
            asset, carrier,     ratio
            well,  crude,       1
            works, crude,       -1
            works, electricity, -0.004
            works, diesel,      0.4
        """,
        markets="market, place, carrier, side, ceiling, price\ngrid, a, electricity, sells, 5, 30",
        storages="""
            storage, place, carrier,     working_capacity, norm_days
            tank,    a,     crude,       960,              4
            battery, a,     electricity, 24,               1
        """,
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     electricity, household,      1,      MW year
            a,     diesel,      transport,      2,      MW year
        """,
    )


def test_a_plant_hangs_on_what_it_lives_on() -> None:
    """Counted per MWh of power, a refinery's diesel is worth a hundred times itself, and no price lay between homes and lorries."""
    case = _works()
    storages = case.quantities("storages")
    demand = case.table("demand")
    hung = dict(zip(storages["storage"], customers(case, storages), strict=True))
    assert [demand["carrier"].iloc[row] for row in hung["tank"].rows] == ["diesel"]
    assert hung["tank"].gain == pytest.approx((0.4 / 1.004,))
    assert [demand["carrier"].iloc[row] for row in hung["battery"].rows] == ["electricity"]


def test_days_count_customers_and_what_plants_are_expected_to_take() -> None:
    """The refinery is expected to run at 10: 10 MW of crude, 0.04 of power beside the 1 of homes."""
    case = _works()
    storages = case.quantities("storages")
    use = dict(zip(storages["storage"], hanging.uses(Assembly(case), storages)[:, 0], strict=True))
    assert use == pytest.approx({"tank": 10.0, "battery": 1.04})

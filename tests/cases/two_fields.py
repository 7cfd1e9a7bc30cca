"""Two fields and a town, with observations of them."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, make

HEAD = "observation, element, period, value, unit, use, compare_with, independent\n"
SEEN = """
full, cheap, 2024-01..2024-02, 50, GWh, base_2024, assets.total.activity:cheap, yes
used, b, 2024-01..2024-02, 90, GWh, base_2024, carriers.balance.used:RU:natural_gas, partly
rest, dear, 2024-01..2024-02, 5.5, GWh, base_2024, assets.total.activity:dear, yes
"""


def two_fields(observations: str = SEEN, months: int = 2, **more: str) -> Case:
    """A cheap field of 40 MW that runs full, 10 MW that come from near, and a dear field that makes the rest of 54 MW.

    cheap (40 of 40), dear (4 of 100) --> A ----> B uses 54 <---- near (10 of 10 at 3), far (0 of 5 at 11)

    Where all prices of gas fall by a fifth, far sells at 8.8 and the dear field, at 9, stands still.
    more  other tables as text
    """
    return make(
        months=months,
        places=AB,
        assets="asset, kind, place, capacity, cost\ncheap, field, a, 40, 5\ndear, field, a, 100, 9",
        asset_ports="asset, carrier, ratio\ncheap, natural_gas, 1\ndear, natural_gas, 1",
        links="link, carrier, kind, from_place, to_place, capacity\npipe, natural_gas, pipeline, a, b, 100",
        demand=f"place, carrier, customer_class, amount, unit\nb, natural_gas, household, {54 * 8.784:g}, GWh",
        markets="market, place, carrier, side, ceiling, price\nnear, b, natural_gas, sells, 10, 3\nfar, b, natural_gas, sells, 5, 11",
        observations=HEAD + observations.strip(),
        **more,
    )

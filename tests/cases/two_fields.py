"""Two fields and a town, with observations of them."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, make

HEAD = "observation, element, period, value, unit, use, compare_with, independent\n"
SEEN = """
full, cheap, 2024-01..2024-02, 50, GWh, base_2024, assets.total.activity:cheap, yes
used, b, 2024-01..2024-02, 90, GWh, base_2024, carriers.balance.used:RU:natural_gas, partly
rest, dear, 2024-01..2024-02, 20, GWh, base_2024, assets.total.activity:dear, yes
"""


def two_fields(observations: str = SEEN) -> Case:
    """A cheap field of 40 MW that runs full, and a dear one that makes the rest of 54 MW.

    cheap (40 of 40), dear (14 of 100) --> A ----> B uses 54
    """
    return make(
        months=2,
        places=AB,
        assets="asset, kind, place, capacity, cost\ncheap, field, a, 40, 5\ndear, field, a, 100, 9",
        asset_ports="asset, carrier, ratio\ncheap, natural_gas, 1\ndear, natural_gas, 1",
        links="link, carrier, kind, from_place, to_place, capacity\npipe, natural_gas, pipeline, a, b, 100",
        demand="place, carrier, customer_class, amount, unit\nb, natural_gas, household, 474.336, GWh",
        observations=HEAD + observations.strip(),
    )

"""Five places, two plants and four lines, most of it damaged: small enough to order the repairs by hand."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, make

LOST = ("ab", "bd", "ce", "plant_c")
DAYS = ("ab=4", "bd=2", "ce=1", "plant_c=3")


def five_places(days: int = 12) -> Case:
    """Ten days or so of power; three lines and one of two plants can be lost.

    plant 100 at A --ab 100--> B (40) --bd 55--> D (50) --de 20--> E (30) <--ce 50-- C, plant 60
                                                      <--

    Repairs: ab 4 days, bd 2, ce 1, plant at C 3. With all four out nobody is served: 120 MW short.
    """
    return make(
        days=days,
        places="place, name, country\na, A, KZ\nb, B, KZ\nc, C, KZ\nd, D, KZ\ne, E, KZ",
        links="""
            link, name, carrier,     from_place, to_place, capacity, capacity_back
            ab,   A-B,  electricity, a,          b,        100,      0
            bd,   B-D,  electricity, b,          d,        55,       0
            ce,   C-E,  electricity, c,          e,        50,       0
            de,   D-E,  electricity, d,          e,        20,       20
        """,
        assets="""
            asset,   name,       kind,        place, capacity, cost
            plant_a, Plant at A, power_plant, a,     100,      10
            plant_c, Plant at C, power_plant, c,     60,       10
        """,
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="""
            asset,   carrier,     ratio
            plant_a, electricity, 1
            plant_c, electricity, 1
        """,
        demand="""
            place, carrier,     customer_class, amount, unit
            b,     electricity, household,      40,     MW year
            d,     electricity, household,      50,     MW year
            e,     electricity, household,      30,     MW year
        """,
    )

"""A field behind a terminal, and a power plant at the end of a railway: what happens when nobody takes what they make or get."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make


def behind_a_terminal(may_curtail: str = "") -> Case:
    """A field sells 100 MW of crude through a port, and its gas, 0.2 of it, is all that the town has. A tank holds two days of crude.

    field, a --150--> port of b, 60 USD/MWh
      |--> gas 20 --> town of a, 20 MW;  tank, a, 4800 MWh, empty
    """
    return make(
        days=20,
        places=f"place, name, country, may_curtail\na, A, KZ, {may_curtail}\nb, B, RU,",
        links="link, carrier, from_place, to_place, capacity\npipe, crude, a, b, 150",
        assets="asset, kind, place, capacity, cost\nfield, field, a, 100, 10",
        asset_ports="asset, carrier, ratio\nfield, crude, 1\nfield, natural_gas, 0.2",
        storages="""
            storage, place, carrier, working_capacity, level_start, level_end
            tank,    a,     crude,   4800,             0,           0
        """,
        markets="market, place, carrier, side, ceiling, price\nport, b, crude, buys, 150, 60",
        demand="""
            place, carrier,     customer_class, amount, unit, voll
            a,     natural_gas, household,      175680, MWh,  500
        """,
    )


def at_the_end_of_a_railway(may_curtail: str = "") -> Case:
    """Coal travels two days to a plant that burns all of it at once: 30 MW of power, 90 MW of coal; there is no yard.

    mine, a --rail, 2 days--> plant, b --> 30 MW of power
    """
    return make(
        days=20,
        places=f"place, name, country, may_curtail\na, A, KZ,\nb, B, KZ, {may_curtail}",
        links="link, carrier, kind, from_place, to_place, capacity, days\ntrack, coal_low_ash, rail, a, b, 200, 2",
        assets="""
            asset, kind,        place, capacity, cost
            mine,  mine,        a,     200,      5
            plant, power_plant, b,     30,       1
        """,
        asset_ports="asset, carrier, ratio\nmine, coal_low_ash, 1\nplant, electricity, 1\nplant, coal_low_ash, -3",
        demand="""
            place, carrier,     customer_class, amount, unit, voll
            b,     electricity, household,      263520, MWh,  500
        """,
    )

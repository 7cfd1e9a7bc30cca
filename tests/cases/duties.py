"""Golden cases of kelisim/model/duties.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import A, make
from tests.cases.refinery import with_refinery


def duties_step() -> Case:
    """The home market is owed 40 MW of crude in each step, 60 USD/MWh for what is missing: plants of KZ take it in.

    field, a --100--> port of b
      |--> refinery, a, 50 --0.9--> diesel, town a, 27 MW
    """
    return with_refinery(
        days=2,
        duties="""
            duty, carrier, country, quantity, unit, price_cap, shortfall_price
            home, crude,   KZ,      351360,   MWh,  20,        60
        """,
    )


def duties_step_shortfall() -> Case:
    """The town is owed 20 of its 27 MW of fuel on 2 January only; what is missing costs the default of 100 USD/MWh."""
    return with_refinery(
        days=2,
        duties="""
            duty, carrier, place, quantity, unit, start
            town, diesel,  a,     175680,   MWh,  2024-01-02
        """,
    )


def duties_year() -> Case:
    """The home market is owed 40 MW of crude in the mean of the year, whenever; both days are of one length: weights 0.5."""
    return with_refinery(
        days=2,
        duties="""
            duty, carrier, country, quantity, unit, over, shortfall_price
            home, crude,   KZ,      351360,   MWh,  year, 60
        """,
    )


def duties_year_shortfall() -> Case:
    """Of a year from 2 January on half lies in these two days: 40 MW of that day are 20 MW in the mean, and only that day counts."""
    return make(
        places=A,
        assets="asset, kind, place, capacity, cost\nfield, field, a, 100, 10",
        asset_ports="asset, carrier, ratio\nfield, natural_gas, 1",
        demand="""
            place, carrier,     customer_class, amount, unit, voll
            a,     natural_gas, household,      263520, MWh,  500
        """,
        duties="""
            duty, carrier,     place, quantity, unit, over, start,      shortfall_price
            gas,  natural_gas, a,     351360,   MWh,  year, 2024-01-02, 60
        """,
    )

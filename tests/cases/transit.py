"""Golden cases of kelisim/model/corridor.py: a stream whose way is open, from a to c."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make

PLACES = """
    place, name, country, kind
    a,     A,    UZ,      field
    b,     B,    KZ,      town
    c,     C,    RU,      hub
"""
LINKS = """
    link, carrier,     kind,     from_place, to_place, capacity, capacity_back, tariff, loss
    ab,   natural_gas, pipeline, a,          b,        40,       0,             2,      0.1
    cb,   natural_gas, pipeline, c,          b,        5,        30,            1,
"""


def transit_flow() -> Case:
    """Of what flows from a to c a part is handed over at a and taken at c, the same each hour; 9 of 10 arrive at b, whose homes take none of it.

    UZ: a (field 60 at 5) --40, 10 % lost--> KZ: b (homes 15) <--5, back 30-- RU: c
    """
    return make(
        days=1,
        places=PLACES,
        links=LINKS,
        assets="asset, kind, place, capacity, cost\n wells, field, a, 60, 5",
        asset_ports="asset, carrier, ratio\n wells, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\n b, natural_gas, household, 15, MW year",
    )


def transit_flow_back() -> Case:
    """The same case: the stream goes over the second link against its direction."""
    return transit_flow()


def transit_within() -> Case:
    """The same case: on each link the stream is no more than what flows."""
    return transit_flow()


def transit_within_back() -> Case:
    """The same case: so it is backwards."""
    return transit_flow()


def transit_balance() -> Case:
    """The same case: what arrives of the stream at b goes on."""
    return transit_flow()


def transit_entered() -> Case:
    """The same case: what is handed over at a is not made there."""
    return transit_flow()


def transit_volume() -> Case:
    """The same case: the volume at c, closed until it is asked for."""
    return transit_flow()


def transit_spent() -> Case:
    """The same case: what is handed over is no more than what comes out and the losses of the longest way."""
    return transit_flow()

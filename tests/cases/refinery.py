"""A refinery whose crude could be sold abroad, and the town that it supplies."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make


def with_refinery(days: int = 1, **more: str) -> Case:
    """A field of 100 at 10 USD/MWh may sell its crude abroad at 60, or give it to a refinery that makes 0.9 of fuel for a town;
    fuel that nobody wants may be let go there.

    field, a --100--> port of b, 60 USD/MWh
      |--> refinery, a, 50 --0.9--> diesel, town a, 27 MW at 500 USD/MWh
    """
    return make(
        days=days,
        places="place, name, country, may_curtail\na, A, KZ, diesel\nb, B, RU,",
        links="""
            link, carrier, from_place, to_place, capacity
            pipe, crude,   a,          b,        100
        """,
        assets="""
            asset,    kind,     place, capacity, cost
            field,    field,    a,     100,      10
            refinery, refinery, a,     50,       1
        """,
        asset_ports="""
            asset,    carrier, ratio
            field,    crude,   1
            refinery, crude,   -1
            refinery, diesel,  0.9
        """,
        markets="""
            market, place, carrier, side, ceiling, price
            port,   b,     crude,   buys, 100,     60
        """,
        demand="""
            place, carrier, customer_class, amount, unit, voll
            a,     diesel,  transport,      237168, MWh,  500
        """,
        **more,
    )

"""Two countries that are each other's image: what the one sends the other in one carrier, it gets back in another."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make


def mirrored(scale: float = 1.0, partners: str = "") -> Case:
    """Crude goes one way and coal the other, with the same numbers; own supply of what comes from abroad is dear.

    XA: crude 20 at 5, coal 1 at 50, uses 6 crude and 4 coal --crude 10 at 1--> XB: coal 20 at 5, crude 1 at 50, uses 6 coal and 4 crude
    XB --coal 10 at 1--> XA
    scale  what XB can make itself of crude, times 1: with another number the image is broken
    """
    extra = {"partners": partners} if partners else {}
    return make(
        months=2,
        defaults={"home": "XA"},
        places="place, name, country, kind\na, Land A, XA, region\nb, Land B, XB, region",
        links="""
            link, carrier,       kind,     from_place, to_place, capacity, tariff, name
            ab,   crude,         pipeline, a,          b,        10,       1,      Pipe
            ba,   coal_high_ash, rail,     b,          a,        10,       1,      Rail
        """,
        assets=f"""
            asset,   kind,  place, capacity,  cost
            crude_a, field, a,     20,        5
            coal_a,  mine,  a,     1,         50
            coal_b,  mine,  b,     20,        5
            crude_b, field, b,     {scale:g}, 50
        """,
        asset_ports="asset, carrier, ratio\ncrude_a, crude, 1\ncoal_a, coal_high_ash, 1\ncoal_b, coal_high_ash, 1\ncrude_b, crude, 1",
        customer_classes="customer_class, carrier, order, voll, protected\nworks, crude;coal_high_ash, 9, 500, no",
        demand=f"""
            place, carrier,       customer_class, amount,     unit
            a,     crude,         works,          {6 * 8784}, MWh
            a,     coal_high_ash, works,          {4 * 8784}, MWh
            b,     coal_high_ash, works,          {6 * 8784}, MWh
            b,     crude,         works,          {4 * 8784}, MWh
        """,
        **extra,
    )

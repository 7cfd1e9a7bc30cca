"""Golden cases of kelisim/model/streams.py: booked transit as a stream of its own."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make

PORT = "asset, carrier, ratio\n"


def streams_flow() -> Case:
    """Of what flows from a by b to c, 20 at most are a stream that enters at a; it counts what enters, 9 of 10 arrive at b.

    UZ: a (field 60 at 5) --40, 10 % lost--> KZ: b (homes 15) --40--> RU: c (buyer 30 at 30)
    """
    return through(days=1, field_b=0)


def streams_balance() -> Case:
    """At b what arrives of the stream goes on, over two links side by side.

    UZ: a (field 60 at 5) --40, 10 % lost--> KZ: b (homes 15) --25 + 15--> RU: c (buyer 30 at 30)
    """
    links = """
        link, carrier,     from_place, to_place, capacity, loss
        ab,   natural_gas, a,          b,        40,       0.1
        bc,   natural_gas, b,          c,        25,
        bd,   natural_gas, b,          c,        15,
    """
    return through(days=1, field_b=0, over="ab;bc;bd", links=links)


def streams_within() -> Case:
    """Two streams over one link are together no more than its flow; one of them ends at b.

    UZ: a (field 60 at 5) --40, 10 % lost--> KZ: b (homes 15) --40--> RU: c (buyer 30 at 30)
    """
    more = "near, transport, natural_gas, b, 5, ab, yes, S, T"
    return through(days=1, field_b=0, more=more)


def streams_within_back() -> Case:
    """A stream goes over a link backwards.

    UZ: a (field 60 at 5) --40, 10 % lost--> KZ: b (homes 15) <--40 there, 30 back-- RU: c (buyer 30 at 30)
    """
    links = """
        link, carrier,     from_place, to_place, capacity, capacity_back, loss
        ab,   natural_gas, a,          b,        40,       0,             0.1
        cb,   natural_gas, c,          b,        40,       30,
    """
    return through(days=1, field_b=0, over="ab;cb", links=links)


LINKS = """
    link, carrier,     from_place, to_place, capacity, loss
    ab,   natural_gas, a,          b,        40,       0.1
    bc,   natural_gas, b,          c,        40,
"""


def through(
    days: int = 6,
    *,
    stream: str = "yes",
    field_b: float = 20,
    over: str = "ab;bc",
    links: str = LINKS,
    most: float = 20,
    more: str = "",
    **parts: str,
) -> Case:
    """UZ: a (field 60 at 5) --40, 10 % lost--> KZ: b (field `field_b` at 8, homes 15) --40--> RU: c (buyer 30 at 30), a stream of 20 from a to c."""
    tables = {
        "places": "place, name, country\na, A, UZ\nb, B, KZ\nc, C, RU",
        "links": links,
        "assets": f"""
            asset, kind,  place, capacity, cost
            far,   field, a,     60,       5
            home,  field, b,     {field_b}, 8
        """,
        "asset_ports": PORT + "far, natural_gas, 1\nhome, natural_gas, 1",
        "demand": """
            place, carrier,     customer_class, amount, unit
            b,     natural_gas, household,      15,     MW year
        """,
        "markets": """
            market, place, carrier,     side, ceiling, price
            buyer,  c,     natural_gas, buys, 30,      30
        """,
        "contracts": f"""
            contract, kind,      carrier,     delivery_place, daily_max, over,   stream,   seller, buyer
            through,  transport, natural_gas, c,              {most},    {over}, {stream}, North,  South
            {more}
        """,
    }
    return make(days=days, **(tables | parts))

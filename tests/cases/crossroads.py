"""A country that lets a neighbour's crude pass, uses some of it, and sends its own out beside it: counted by hand."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make

PARTNERS = """
    row,   topic,      period,           direction, carrier, partner, route,  through, value, unit, share
    north, trade,      2024-01..2024-02, export,    crude,   ,        north,  C,       4,     Mt,   0.4
    south, trade,      2024-01..2024-02, export,    crude,   ,        south,  B,       6,     Mt,   0.6
    all,   investment, 2022,             inflow,    all,     world,   ,       ,        10,    USD,  1
    one,   investment, 2022,             inflow,    all,     US,      ,       ,        6,     USD,  0.6
    two,   investment, 2022,             inflow,    all,     CN,      ,       ,        4,     USD,  0.4
    three, trade,      2024,             import,    coal,    RU,      ,       ,        3,     Mt,
    four,  trade,      2024,             import,    coal,    CN,      ,       ,        1,     Mt,
"""


def crossroads(partners: str = PARTNERS) -> Case:
    """Crude, MW all the year, all of it used.

    RR: r makes 10 --ra--> AA: a makes 10, uses 8 --ac--> CC: c uses 12
    AA: a2 makes 3 --ab--> BB: b uses 3

    At a half is from RR. As it mixes AA sends 6 to CC and 3 to BB, and uses 4 of RR. As it is traded 4 are exchanged: AA sends
    2 to CC, 3 to BB and imports nothing, since 10 of RR's crude pass.
    """
    return make(
        months=2,
        defaults={"home": "AA"},
        places="place, name, country\nr, R, RR\na, A, AA\na2, A2, AA\nb, B, BB\nc, C, CC",
        links="""
            link, carrier, kind,     from_place, to_place, capacity, name
            ra,   crude,   pipeline, r,          a,        20,       From R
            ac,   crude,   pipeline, a,          c,        20,       North
            ab,   crude,   pipeline, a2,         b,        20,       South
        """,
        assets="asset, kind, place, capacity, cost\nr, field, r, 10, 1\na, field, a, 10, 2\na2, field, a2, 3, 1",
        asset_ports="asset, carrier, ratio\nr, crude, 1\na, crude, 1\na2, crude, 1",
        customer_classes="customer_class, carrier, order, voll, protected\nworks, crude, 9, 500, no",
        demand=f"""
            place, carrier, customer_class, amount,      unit
            a,     crude,   works,          {8 * 8784},  MWh
            b,     crude,   works,          {3 * 8784},  MWh
            c,     crude,   works,          {12 * 8784}, MWh
        """,
        entities="entity, name, country\nent_a, Company of A, AA\nent_f, Company of F, FR",
        owners="element, entity, share, table\na, ent_a, 0.75, assets\na, ent_f, 0.25, assets",
        partners=partners,
    )

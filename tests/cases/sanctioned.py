"""Oil of two countries on its way to the sea, a listed owner of a part of a field, a cap, a ban and their licences.

KZ: field 60 (Venture: Listed 30 %, Home 70 %) --local--> town uses 20
                                   |
                                   up
                                   v
RU: ru_field 30 --feeder--> mix --trunk--> port uses 10 --ship--> IT: sea buys the rest, up to 100, at 50

Of the 70 at the port 30 are Russian, exactly; of the 60 that the ship takes between 20 and 30 are, as the port may use any of them.
Rules begin on 3 January; the licence of the venture holds from 6 January.
"""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make

PARTS = {
    "places": """
        place,    name,    country
        field,    Field,   KZ
        town,     Town,    KZ
        ru_field, Far,     RU
        mix,      Mixing,  RU
        port,     Harbour, RU
        sea,      Sea,     IT
    """,
    "links": """
        link,   carrier, kind,     from_place, to_place, capacity, status
        local,  crude,   pipeline, field,      town,     30,       base
        up,     crude,   pipeline, field,      mix,      100,      base
        feeder, crude,   pipeline, ru_field,   mix,      100,      base
        trunk,  crude,   pipeline, mix,        port,     200,      base
        ship,   crude,   sea,      port,       sea,      200,      base
        rest,   crude,   pipeline, field,      port,     50,       idle
    """,
    "assets": """
        asset,    kind,  place,    capacity, cost
        wells,    field, field,    60,       1
        ru_wells, field, ru_field, 30,       1
    """,
    "asset_ports": """
        asset,    carrier, ratio
        wells,    crude,   1
        ru_wells, crude,   1
    """,
    "customer_classes": """
        customer_class, carrier, order, voll, protected
        works,          crude,   9,     500,  no
    """,
    "demand": """
        place, carrier, customer_class, amount, unit
        town,  crude,   works,          20,     MW year
        port,  crude,   works,          10,     MW year
    """,
    "markets": """
        market, name,     place, carrier, side, ceiling, unit, price
        sale,   Sea sale, sea,   crude,   buys, 100,     MW,   50
    """,
    "entities": """
        entity,  name,         country, parent, parent_share, confidence
        listed,  Listed PJSC,  RU,      ,       ,             A
        home,    Home company, KZ,      ,       ,             A
        bank,    Bank,         RU,      ,       ,             A
        venture, Venture LLP,  KZ,      listed, 0.3,          C
        venture, Venture LLP,  KZ,      home,   0.7,          C
    """,
    "owners": """
        element, entity,  share, confidence
        wells,   venture, 1,     B
    """,
    "restrictions": """
        restriction, programme,  authority, target_type, target,      effect,    value, unit,    start,      threshold, ownership_test, carriers, origins, countries, confidence
        block,       Blocking,   US,        entity,      listed,      prohibit,  ,      ,        2024-01-03, 0.5,       summed,         ,         ,        ,          A
        bank,        Blocking,   US,        payment,     bank,        prohibit,  ,      ,        2023-06-01, 0.5,       summed,         ,         ,        ,          A
        ban,         Import ban, EU,        commodity,   Russian oil, prohibit,  ,      ,        2024-01-03, ,          named,          crude,    RU,      EU,        A
        cap,         Price cap,  EU,        price_cap,   Russian oil, cap_price, 40,    USD/MWh, 2024-01-03, ,          named,          crude,    RU,      ,          A
    """,
    "licences": """
        licence, number,    authority, kind,      lifts,   start,      end,        projects, acts,               acts_not,   origins, conditions,            confidence
        gl,      GL 1,      US,        exemption, block,   2024-01-06, 2024-01-20, venture,  operate;wind_down,  sell_stake, ,        ,                      A
        carved,  Origin,    EU,        carve-out, ban;cap, 2024-01-03, ,           ,         import;carry,       ,           KZ,      certificate_of_origin, A
    """,
    "dealings": """
        dealing, name,                    act,     parties, carrier, origin, over,  confidence
        oil,     Oil of the listed owner, operate, listed,  crude,   RU,     trunk, B
        money,   Oil paid by Bank,        pay,     bank,    ,        ,       ,      B
    """,
}  # fmt: skip


def sanctioned(days: int = 30, **parts: str) -> Case:
    """The case; other tables in place of its own."""
    return make(days=days, defaults={"home": "KZ"}, **(PARTS | parts))

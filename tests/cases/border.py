"""Two sides that face each other, small enough to count by hand: gas, a store, heat, coal for the other side, power.

RU: field --main 40--> door, a border point --pipe 20--> KZ: town (homes 6, CHP: 2 of gas make 2 of heat) --> suburb (homes 4)
KZ: south (well 6, dear) --local 8--> town ; store at town: 240 of 480 MWh
KZ: mine --rail--> door_rail, a border point --rail--> RU: plant that buys 30 of coal
RU: ru_side (power 20, industry 4) <--line 5--> KZ: town (homes 3)
"""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, make

PARTS = {
    "places": """
        place,     name,          country, region, kind
        field,     Field,         RU,      ,       field
        door,      Door,          RU,      ,       border
        door_rail, Rail door,     RU,      ,       border
        ru_side,   Ural side,     RU,      RU-U,   region
        plant,     Power station, RU,      ,       plant
        town,      Steppe region, KZ,      KZ-S,   region
        suburb,    Suburb,        KZ,      ,       town
        south,     South region,  KZ,      KZ-T,   region
        mine,      Mine,          KZ,      KZ-T,   mine
    """,
    "links": """
        link,   carrier,       kind,       from_place, to_place,  capacity, capacity_back, tariff
        main,   natural_gas,   pipeline,   field,      door,      40,       0,             0
        pipe,   natural_gas,   pipeline,   door,       town,      20,       0,             1
        local,  natural_gas,   pipeline,   south,      town,      8,        0,             1
        ring,   natural_gas,   connection, town,       suburb,    10,       0,             0
        rail_a, coal_high_ash, rail,       mine,       door_rail, 50,       0,             1
        rail_b, coal_high_ash, rail,       door_rail,  plant,     50,       0,             1
        line,   electricity,   line,       ru_side,    town,      5,        5,             1
    """,
    "assets": """
        asset, kind,        place,   capacity, cost, confidence
        wells, field,       field,   50,       5,    B
        well,  field,       south,   6,        20,   C
        pit,   mine,        mine,    50,       4,    A
        chp,   chp,         town,    2,        1,    B
        grid,  power_plant, ru_side, 20,       30,   B
    """,
    "asset_ports": """
        asset, carrier,       ratio
        wells, natural_gas,   1
        well,  natural_gas,   1
        pit,   coal_high_ash, 1
        chp,   heat,          1
        chp,   natural_gas,   -1
        grid,  electricity,   1
    """,
    "asset_kinds": NO_FUEL_OF_PLANTS,
    "storages": """
        storage, place, carrier,     working_capacity, unit, injection, withdrawal, level_start, level_end, cost, confidence
        cavern,  town,  natural_gas, 480,              MWh,  10,        20,         0.5,         0.5,       2,    A
    """,
    "demand": """
        place,   carrier,     customer_class, amount, unit,    confidence
        town,    natural_gas, household,      6,      MW year, B
        suburb,  natural_gas, household,      4,      MW year, B
        town,    heat,        heat,           2,      MW year, B
        town,    electricity, household,      3,      MW year, B
        ru_side, electricity, industry,       4,      MW year, B
    """,
    "markets": """
        market,    name,  place, carrier,       side, ceiling, unit, price
        coal_sale, Boilers, plant, coal_high_ash, buys, 30,      MW,   40
    """,
    "agreements": """
        agreement, name,       parties, signed,     in_force_until, status
        deal,      Gas treaty, RU;KZ,   2020-01-01, 2030-12-31,     in force
        old,       Old treaty, RU;KZ,   2010-01-01, 2020-12-31,     ended
    """,
    "provisions": """
        provision, agreement, topic,  acts_on,             text
        supply,    deal,      supply, contracts:cap:annual_quantity, Gas for the steppe
        transit,   old,       supply, links:pipe:capacity, Free way
    """,
    "contracts": """
        contract, name, kind,    carrier,     annual_quantity, unit, over
        cap,      Cap,  balance, natural_gas, 900,             GWh,  main
    """,
}  # fmt: skip


def steppe(days: int = 40, months: int = 0, **parts: str) -> Case:
    """The case; `days` from 1 January, or `months`; other tables in place of its own."""
    return make(days=days, months=months, defaults={"home": "KZ"}, **(PARTS | parts))

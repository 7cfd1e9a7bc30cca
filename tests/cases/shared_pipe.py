"""A pipe that two states can only build together, and what one of them can build alone.

RU: field 50 at 5 --joint 12, a candidate, tariff 1--> KZ: town (uses 8; a dear well gives 10 at 20)
KZ: south, a well of 6 at 12 --own 6, a candidate, tariff 1--> town
The projects: `joint` (needs both; brings 2 more of use in the town, worth 15) and `own` (KZ alone). Energy in MW all year.
"""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make

PARTS = {
    "places": """
        place, name,  country
        field, Field, RU
        south, South, KZ
        town,  Town,  KZ
    """,
    "links": """
        link,  name,       carrier,     kind,     from_place, to_place, capacity, tariff, status
        joint, Joint pipe, natural_gas, pipeline, field,      town,     12,       1,      candidate
        own,   Own pipe,   natural_gas, pipeline, south,      town,     6,        1,      candidate
    """,
    "assets": """
        asset, kind,  place, capacity, cost
        wells, field, field, 50,       5
        near,  field, south, 6,        12
        dear,  field, town,  10,       20
    """,
    "asset_ports": """
        asset, carrier,     ratio
        wells, natural_gas, 1
        near,  natural_gas, 1
        dear,  natural_gas, 1
    """,
    "demand": """
        place, carrier,     customer_class, amount, unit
        town,  natural_gas, household,      8,      MW year
    """,
    "entities": """
        entity, name,        country
        north,  North Gas,   RU
        steppe, Steppe Gas,  KZ
    """,
    "owners": """
        element, entity, share, table
        joint,   north,  0.5,   links
        joint,   steppe, 0.5,   links
        own,     steppe, 1,     links
    """,
    "projects": """
        project, name,         builds,      capacity, unit, capex, opex, lifetime, parties
        joint,   Joint pipe,   links:joint, 12,       MW,   1,     0.1,  25,       RU;KZ
        own,     Own pipe,     links:own,   6,        MW,   0.4,   0.02, 25,       KZ
    """,
    "project_demand": """
        project, place, carrier,     customer_class, amount, unit,    worth, worth_unit
        joint,   town,  natural_gas, industry,       2,      MW year, 15,    USD/MWh
    """,
}


def shared_pipe(months: int = 12, **parts: str) -> Case:
    """The case; other tables in place of its own."""
    return make(months=months, defaults={"home": "KZ"}, **{k: v for k, v in (PARTS | parts).items() if v})

"""Two states on one line of power, small enough to count an exercise by hand.

XA: plant_a 20 at 30 USD/MWh --line 10--> XB: plant_b 6 at 40; town_a uses 8, town_b 12 (homes)
The plan sends 10 over the line and makes 2 in XB. If plant_a is lost, XB can make 6 of 20 and its homes go short.
Measures: spare_a (XA, 4 MW at 200, at once, from alert), spare_b (XB, 3 MW at 300, after 24 hours, from alert),
tie (a second line of 5, both sides, from emergency).
"""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, make

MEASURES = """
    measure, name,        acts_on,                       value, mode, unit, lead_time, cost, cost_unit, crisis_level, body
    spare_a, Spare of XA, assets:reserve_a:availability, 1,     set,  ,     0,         0,    ,          alert,        grid_a
    spare_b, Spare of XB, assets:reserve_b:availability, 1,     set,  ,     24,        0,    ,          alert,
    tie,     Second line, links:tie:capacity,            5,     set,  MW,   0,         0,    ,          emergency,
"""
NOTIFICATIONS = """
    notification, trigger,                   from_body, to_body, within_hours, aid,   volume, unit, price, price_unit
    warned,       early_warning:electricity, grid_b,    grid_a,  2,            ,            ,     ,       ,
    alarm,        emergency:electricity,     grid_b,    grid_a,  1,            power, 1,      MW,   10,    percent
    more,         emergency:electricity,     grid_b,    grid_a,  3,            power, 2,      MW,   50,    USD/MWh
    by_ear,       people are worried,        grid_a,    grid_b,  5,            ,            ,     ,       ,
"""


def two_states(days: int = 6, **parts: str) -> Case:
    """The case; other tables in place of its own."""
    own = {
        "places": "place, name, country\ntown_a, Town A, XA\ntown_b, Town B, XB",
        "links": """
            link, carrier,     kind, from_place, to_place, capacity, capacity_back, tariff, status, name
            line, electricity, line, town_a,     town_b,   10,       10,            0,      ,       The line
            tie,  electricity, line, town_a,     town_b,   5,        5,             0,      idle,   The tie
        """,
        "assets": """
            asset,     kind,        place,  capacity, cost, availability, name
            plant_a,   power_plant, town_a, 20,       30,   1,            Plant A
            plant_b,   power_plant, town_b, 6,        40,   1,            Plant B
            reserve_a, power_plant, town_a, 4,        200,  0,            Reserve A
            reserve_b, power_plant, town_b, 3,        300,  0,            Reserve B
        """,
        "asset_kinds": NO_FUEL_OF_PLANTS,
        "asset_ports": """
            asset,     carrier,     ratio
            plant_a,   electricity, 1
            plant_b,   electricity, 1
            reserve_a, electricity, 1
            reserve_b, electricity, 1
        """,
        "demand": """
            place,  carrier,     customer_class, amount, unit
            town_a, electricity, household,      8,      MW year
            town_b, electricity, household,      12,     MW year
        """,
        "bodies": "body, name, country\ngrid_a, Grid of XA, XA\ngrid_b, Grid of XB, XB",
        "measures": MEASURES,
        "notifications": NOTIFICATIONS,
    }
    return make(days=days, defaults={"home": "XB"}, **{k: v for k, v in (own | parts).items() if v})

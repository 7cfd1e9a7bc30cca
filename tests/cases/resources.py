"""Golden cases of kelisim/model/resources.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, make

LINES = """
    link,  carrier,     kind, from_place, to_place, capacity, capacity_back
    north, electricity, line, a,          b,        100,      100
    south, electricity, line, a,          b,        100,      100
"""
RAIL = """
    link, carrier,      kind, from_place, to_place, capacity, capacity_back, unit
    coal, coal_low_ash, rail, a,          b,        10,       0,             kt/day
    oil,  diesel,       rail, a,          b,        10,       2,             kt/day
"""


def resources_step() -> Case:
    """Two lines together carry 120; what comes back on the north line makes room for half of it on the south line.

    a ==north + south <= 120==> b, south - 0.5 x north back <= 60
    """
    return make(
        days=1,
        places=AB,
        links=LINES,
        resources="""
            resource, amount, unit, over
            corridor, 120,    MW,   step
            net,      60,     MW,   step
        """,
        resource_uses="""
            resource, table,      element, use
            corridor, links,      north,   1
            corridor, links,      south,   1
            net,      links,      south,   1
            net,      links_back, north,   -0.5
        """,
    )


def _tie(limit_without: str = "") -> Case:
    """Two lines of 100 together carry 150."""
    return make(
        days=1,
        places=AB,
        links=LINES,
        resources=f"""
            resource, amount, unit, over, kind,    limit_without
            tie,      150,    MW,   step, section, {limit_without}
        """,
        resource_uses="resource, table, element\ntie, links, north\ntie, links, south",
    )


def resources_section() -> Case:
    """Two lines of 100 together carry 150; without the north line 60, without both nothing, without the south line a half.

    a ==north + south <= 150==> b
    """
    return _tie("north:60;north+south:0")


def resources_in_service() -> Case:
    """Two lines of 100 together carry 150: each that is in service adds a half.

    a ==north + south <= 150==> b
    """
    return _tie()


def resources_step_shortfall() -> Case:
    """A fleet of wagons moves coal, 0.03 wagon-days a tonne, and oil, 0.05 there and 0.05 back; more wagons cost 2 USD an hour.

    a --rail, 600 wagons--> b

    A MW of coal is 24 / 5.972222 t a day and ties 0.120558 wagons, one of oil 24 / 12.666667 x 0.05 = 0.0947368. The
    row counts in MW of coal: 600 / 0.120558 = 4976.85, and a wagon more is 1 / 0.120558 of them: 2 x 0.120558 a MW.
    """
    return make(
        days=1,
        places=AB,
        links=RAIL,
        resources="""
            resource, amount, unit,          over, shortfall_price
            wagons,   600,    wagon_day/day, step, 2
        """,
        resource_uses="""
            resource, table,      element, use,  unit
            wagons,   links,      coal,    0.03, wagon_day/t
            wagons,   links,      oil,     0.05, wagon_day/t
            wagons,   links_back, oil,     0.05, wagon_day/t
        """,
    )


def resources_year() -> Case:
    """A quota of 1.464 Mt of coal a year: 1,464,000 x 5.972222 MWh in 8784 h are 995.37 MW in the mean.

    a --rail, at most 1.464 Mt a year--> b
    """
    return make(
        months=2,
        places=AB,
        links=RAIL,
        resources="resource, amount, unit, over\nquota, 1.464, Mt/year, year",
        resource_uses="resource, table, element, use\nquota, links, coal, 1",
    )


def resources_year_shortfall() -> Case:
    """A fleet of 8784 wagon-days in the year; a wagon-day more costs 50 USD, whatever it moves.

    a --rail, 0.03 wagon-days a tonne of coal--> b

    A MWh of coal takes 0.03 / 5.972222 = 0.00502326 wagon-days: the year has room for 8784 / 0.00502326 / 8784 h =
    199.074 MW, and a mean MW beyond costs 50 x 0.00502326 x 48 h = 12.0558 over two days, 0.502326 per mean hour.
    """
    return make(
        places=AB,
        links=RAIL,
        resources="resource, amount, unit, over, shortfall_price\nfleet, 8784, wagon_day, year, 50",
        resource_uses="resource, table, element, use, unit\nfleet, links, coal, 0.03, wagon_day/t",
    )

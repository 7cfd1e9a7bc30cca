"""Golden cases of kelisim/model/links.py and kirchhoff.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, ABC, make

RAIL = """
    link,   carrier,      kind, from_place, to_place, capacity, capacity_back, unit,    shared_with
    coal,   coal_low_ash, rail, a,          b,        10,       4,             kt/day,  track
    petrol, gasoline,     rail, a,          b,        10,       4,             kt/day,  track
    diesel, diesel,       rail, a,          b,        6,        0,             kt/day,
"""


def links_flow() -> Case:
    """What leaves on rails in January arrives in February and the other way round, a tenth of it lost; a pipe delays no quantity.

    a --rail, 100, 2 USD/MWh, loss 10 %, 30 days--> b    a --pipeline, 100, 30 days--> b
    """
    return make(
        months=2,
        places=AB,
        links="""
            link, carrier,      kind,     from_place, to_place, capacity, tariff, loss, days
            ab,   coal_low_ash, rail,     a,          b,        100,      2,      0.1,  30
            pipe, natural_gas,  pipeline, a,          b,        100,      1,      ,     30
        """,
    )


def links_flow_back() -> Case:
    """The way back has its own capacity and tariff, and the same loss; ac has no way back.

    a --100, 2 USD/MWh--> b    a <--40, 3 USD/MWh-- b    a --70--> c
    """
    return make(
        days=1,
        places=ABC,
        links="""
            link, carrier,     from_place, to_place, capacity, capacity_back, tariff, tariff_back, loss
            ab,   natural_gas, a,          b,        100,      40,            2,      3,           0.1
            ac,   natural_gas, a,          c,        70,       0,             ,       ,
        """,
    )


def links_shared() -> Case:
    """Coal and petrol share a track of 10 kt a day, counted in tonnes and not in energy; diesel has its own.

    a ==10 kt/day of coal and petrol together==> b    a --6 kt/day of diesel--> b

    10 kt/day of coal are 10000 / 24 * 5.972222 = 2488.43 MW; a MW of petrol weighs 5.972222 / 13.055556 = 0.457447
    of a MW of coal.
    """
    return make(places=AB, links=RAIL)


def links_shared_back() -> Case:
    """On the way back the track holds 4 kt a day; on 1 January coal is out, which leaves the track to petrol.

    a <==4 kt/day of coal and petrol together== b
    """
    outages = "table, element, start, end\nlinks, coal, 2024-01-01, 2024-01-01"
    return make(places=AB, links=RAIL, outages=outages)


TRIANGLE = """
    link, carrier,     kind, from_place, to_place, capacity, capacity_back, reactance
    ab,   electricity, line, a,          b,        100,      100,           0.1
    ac,   electricity, line, a,          c,        100,      0,             0.2
    bc,   electricity, line, b,          c,        100,      100,           0.3
"""


def links_kirchhoff() -> Case:
    """Around the triangle reactance times flow adds up to nothing; reactances are relative to their mean of 0.2.

    a --x 0.1--> b --x 0.3--> c, a --x 0.2--> c (no way back): 0.5 ab + 1.5 bc - 1 ac = 0
    """
    return make(days=1, places=ABC, links=TRIANGLE)


def links_slack() -> Case:
    """On 2 January ac is out: its slack is free, so the law binds nobody.

    a --x 0.1--> b --x 0.3--> c, a --x 0.2--> c (out on the second day)
    """
    outages = "table, element, start, end\nlinks, ac, 2024-01-02, 2024-01-02"
    return make(places=ABC, links=TRIANGLE, outages=outages)


def _filled() -> Case:
    """A pipe with 480 MWh in it, on its way for two days: the fill counts MWh per step of 24 h, 20.

    a --100, 480 MWh inside--> b
    """
    return make(
        places=AB,
        links="""
            link, carrier,     from_place, to_place, capacity, days, fill
            pipe, natural_gas, a,          b,        100,      2,    480
            tube, natural_gas, a,          b,        50,       2,    0
        """,
    )


def links_refill() -> Case:
    """What puts the fill back is taken where the pipe starts; closed in the plan. A pipe without a fill has no such column.

    a --100, 480 MWh inside--> b
    """
    return _filled()


def links_filled() -> Case:
    """What was lost is put back or missing: nothing is lost in the plan.

    a --100, 480 MWh inside--> b
    """
    return _filled()


def links_refill_shortfall() -> Case:
    """What is never put back costs the default of 100 USD/MWh: 480 MWh are 20 per hour of a step.

    a --100, 480 MWh inside--> b
    """
    return _filled()

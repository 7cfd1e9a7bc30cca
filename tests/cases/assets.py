"""Golden cases of kelisim/model/assets.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL, A, make

MINE = "asset, carrier, ratio\nmine, coal_low_ash, 1"


def assets_activity() -> Case:
    """A refinery in tonnes: of 1 t crude (12.5 MWh) come 0.5 t diesel (12.666667 MWh) and 0.3 t fuel oil (11.888889).

    crude, 24 kt/day = 12500 MW at 1 USD/MWh --> refinery --> diesel 0.506667, fuel oil 0.285333, power -0.04 MWh/t

    On 2 January a quarter of it is out. All that it makes may be let go.
    """
    return make(
        places="place, name, country, may_curtail\na, A, KZ, yes",
        assets="""
            asset,    kind,     place, capacity, unit,   cost, availability
            refinery, refinery, a,     24,       kt/day, 1,    0.8
        """,
        asset_ports="""
            asset,    carrier,     ratio,  unit
            refinery, crude,       -1,     MWh/MWh
            refinery, diesel,      0.5,    t/t
            refinery, fuel_oil,    0.3,    t/t
            refinery, electricity, -0.04,  MWh/t
        """,
        outages="table, element, start, end, share\nassets, refinery, 2024-01-02, 2024-01-02, 0.25",
    )


def assets_minimum() -> Case:
    """At least 40 % of what is available runs; each MWh below costs the default 100 USD.

    mine --100 at 10 USD/MWh, half of it out on 2 January--> a
    """
    return make(
        places=A,
        assets="asset, kind, place, capacity, cost, min_share\nmine, mine, a, 100, 10, 0.4",
        asset_ports=MINE,
        outages="table, element, start, end, share\nassets, mine, 2024-01-02, 2024-01-02, 0.5",
    )


def assets_below_minimum() -> Case:
    """The price of falling short may be the asset's own or the case's; assets without a minimum have no such column.

    chp --100, minimum 30 % at 250 USD/MWh--> a <--50, minimum 20 %-- boiler, a <--10-- spare
    """
    return make(
        months=2,
        places=A,
        defaults={"shortfall_price": 60},
        assets="""
            asset,  kind,        place, capacity, min_share, min_price
            chp,    chp,         a,     100,      0.3,       250
            spare,  power_plant, a,     10,       0,
            boiler, boiler,      a,     50,       0.2,
        """,
        asset_kinds=NO_FUEL,
        asset_ports="""
            asset,  carrier, ratio
            chp,    heat,    1
            spare,  heat,    1
            boiler, heat,    1
        """,
    )


def assets_ramp() -> Case:
    """From day to day activity changes by at most 24 h x 1 % of 100 MW; the first day is free.

    mine --100--> a
    """
    return make(
        days=3,
        places=A,
        assets="asset, kind, place, capacity, ramp\nmine, mine, a, 100, 0.01",
        asset_ports=MINE,
    )


def assets_annual() -> Case:
    """Limits of the year count as mean MW: 439,200 MWh are 50 MW of 8784 hours.

    mine --100, at most 439,200 MWh a year--> a <--80, 175,680 to 351,360 MWh a year-- quarry
    """
    return make(
        months=2,
        places=A,
        assets="""
            asset,  kind, place, capacity, annual_min, annual_max
            mine,   mine, a,     100,      ,           439200
            quarry, mine, a,     80,       175680,     351360
        """,
        asset_ports="asset, carrier, ratio\nmine, coal_low_ash, 1\nquarry, coal_low_ash, 1",
    )


def assets_annual_least() -> Case:
    """Where a year has a least and a most, each is a row of its own: a loss lowers the most, and leaves the least to be paid for.

    quarry --80, 175,680 to 351,360 MWh a year, 20 to 40 MW in the mean--> a
    """
    return make(
        places=A,
        assets="""
            asset,  kind, place, capacity, annual_min, annual_max, min_price
            quarry, mine, a,     80,       175680,     351360,     30
        """,
        asset_ports="asset, carrier, ratio\nquarry, coal_low_ash, 1",
    )


def assets_annual_shortfall() -> Case:
    """What the year lacks costs the asset's price: 30 USD/MWh over two days of 24 h is 60 per mean MW and day.

    mine --100, at least 175,680 MWh a year = 20 MW--> a
    """
    return make(
        places=A,
        assets="asset, kind, place, capacity, annual_min, min_price\nmine, mine, a, 100, 175680, 30",
        asset_ports=MINE,
    )

"""Golden cases of kelisim/model/help.py: what comes in over a border by the plan, by contract and as agreed."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, ABC, NO_FUEL_OF_PLANTS, make
from tests.cases.parts import in_parts

PORTS = "asset, carrier, ratio\n"


def help_border() -> Case:
    """b gives 20 of what its two ties could carry, 60: together they may bring 20, whichever does; the contract lets 25 be nominated a day later.

    KZ: a (plant 60 at 20, homes 70) <--30 + 30-- RU: b (plant 30 at 10, reserve 50 at 30; homes 10)
    """
    return two_countries(days=1, aid="")


def help_aid() -> Case:
    """b has agreed to 10 more, three hours after it is told, at half as much again as the plan's price of 20.

    KZ: a (plant 60 at 20, homes 70) <--30 + 30-- RU: b (plant 30 at 10, reserve 50 at 30; homes 10)
    """
    return two_countries(days=1, contract="")


def help_surplus() -> Case:
    """Two rows of aid of one giver draw on what it has to spare.

    KZ: a (plant 60 at 20, homes 70) <--30 + 30-- RU: b (plant 30 at 10, reserve 50 at 30; homes 10)
    """
    return two_countries(
        days=1, contract="", more="more, alert:electricity, grid_a, grid_b, 0, power, 5, MW, 70, USD/MWh"
    )


def help_through() -> Case:
    """c gets 20 from a: of the 25 that come in from b, 20 go through, and 5 stay by the plan.

    RU: b (plant 50) --30--> KZ: a (plant 10, homes 15) --30--> UZ: c (homes 20)
    """
    return through()


def help_leaving() -> Case:
    """All that goes through is no more than what leaves.

    RU: b (plant 50) --30--> KZ: a (plant 10, homes 15) --30--> UZ: c (homes 20)
    """
    return through()


def help_giver() -> Case:
    """b gives 20 net by the plan; the daily maximum of the contract lets it give 25.

    KZ: a (plant 60 at 20, homes 70) <--30 + 30-- RU: b (plant 30 at 10, reserve 50 at 30; homes 10)
    """
    return two_countries(days=1, aid="", lead=0)


def help_later() -> Case:
    """What a did not give to the port it may give later; what the port takes beyond the plan, of the 40 it has room for, is sold and no help.

    KZ: a (field 100 at 10) --100--> RU: b (port takes 100 at 60, homes 60)
    """
    return to_a_port()


def help_sold() -> Case:
    """Both givers may sell more, together no more than the port takes beyond the plan.

    KZ: a (field 100 at 10) --100--> RU: b (port takes 100 at 60, homes 60)
    """
    return to_a_port()


def help_sales() -> Case:
    """The port takes 40 of 100 by the plan: of what it takes 0.6 may be beyond the plan, right at 0 and at 100.

    KZ: a (field 100 at 10) --100--> RU: b (port takes 100 at 60, homes 60)
    """
    return to_a_port()


def help_parts() -> Case:
    """Power has its rows in each part of the day, gas once a day: of 84 that may be nominated after four hours, 63 in the first 16, and so on the day.

    RU: b (field 150, plant 50) --gas 110, power 30--> KZ: a (field 20, plant 8; homes: gas 80, power 20)
    """
    return in_parts(gas_and_power(days=1))


def gas_and_power(days: int = 3) -> Case:
    """RU: b (field 150, plant 50) --gas 110, power 30--> KZ: a (field 20, plant 8; homes: gas 80, power 20).

    By the plan 60 of gas and 12 of power come in. A contract lets 84 of gas be nominated after four hours; aid after four hours: 12 of gas, 6 of power.
    """
    head = "notification, trigger, from_body, to_body, within_hours, aid, volume, unit, price, price_unit"
    return make(
        days=days,
        places=AB,
        links="""
            link, carrier,     from_place, to_place, capacity
            pipe, natural_gas, b,          a,        110
            tie,  electricity, b,          a,        30
        """,
        assets="""
            asset, kind,        place, capacity, cost
            field, field,       b,     150,      10
            own,   field,       a,     20,       5
            plant, power_plant, b,     50,       10
            small, power_plant, a,     8,        5
        """,
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports=PORTS
        + "field, natural_gas, 1\nown, natural_gas, 1\nplant, electricity, 1\nsmall, electricity, 1",
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     natural_gas, household,      80,     MW year
            a,     electricity, household,      20,     MW year
        """,
        contracts="""
            contract, kind,    carrier,     daily_max, nomination_lead, over
            firm,     balance, natural_gas, 84,        4,               pipe
        """,
        bodies="body, name, country\ngrid_a, Grid A, KZ\ngrid_b, Grid B, RU",
        notifications=f"""{head}
            gas,   alert:natural_gas, grid_a, grid_b, 4, supply, 12, MW, 50, percent
            power, alert:electricity, grid_a, grid_b, 4, power,  6,  MW, 50, percent
        """,
    )


def to_a_port(days: int = 2, **more: str) -> Case:
    """A field of a country, a port and homes of another: 60 for homes at 500, 40 for the port."""
    return make(
        days=days,
        places="place, name, country\na, A, KZ\nb, B, RU",
        links="link, carrier, from_place, to_place, capacity\npipe, natural_gas, a, b, 100",
        assets="asset, kind, place, capacity, cost\nfield, field, a, 100, 10",
        asset_ports=PORTS + "field, natural_gas, 1",
        markets="market, place, carrier, side, ceiling, price\nport, b, natural_gas, buys, 100, 60",
        demand="place, carrier, customer_class, amount, unit, voll\nb, natural_gas, household, 527040, MWh, 500",
        **more,
    )


def two_countries(
    days: int = 3, *, aid: str = "alarm", lead: int = 24, contract: str = "firm", more: str = "", **parts: str
) -> Case:
    """KZ: a (plant 60 at 20, homes 70) <--30 + 30-- RU: b (plant 30 at 10, reserve 50 at 30; homes 10).

    The plan brings the 20 over the border that b's cheap plant can spare. The contract lets 25 be nominated with a lead of 24 hours, aid of 10
    is agreed with a lead of 3 hours.
    """  # fmt: skip
    tables = {
        "places": "place, name, country\na, A, KZ\nb, B, RU",
        "links": """
            link,  carrier,     from_place, to_place, capacity
            east,  electricity, b,          a,        30
            west,  electricity, b,          a,        30
        """,
        "assets": """
            asset,   kind,        place, capacity, cost
            plant_a, power_plant, a,     60,       20
            plant_b, power_plant, b,     30,       10
            reserve, power_plant, b,     50,       30
        """,
        "asset_kinds": NO_FUEL_OF_PLANTS,
        "asset_ports": PORTS + "plant_a, electricity, 1\nplant_b, electricity, 1\nreserve, electricity, 1",
        "demand": """
            place, carrier,     customer_class, amount, unit
            a,     electricity, household,      70,     MW year
            b,     electricity, household,      10,     MW year
        """,
    }
    if contract:
        tables["contracts"] = f"""
            contract, kind,    carrier,     daily_max, nomination_lead, over
            firm,     balance, electricity, 25,        {lead},              east;west
        """
    if aid:
        rows = [
            f"{aid}, alert:electricity, grid_a, grid_b, 3, power, 10, MW, 50, percent",
            *([more] if more else []),
        ]
        tables["bodies"] = "body, name, country\ngrid_a, Grid A, KZ\ngrid_b, Grid B, RU"
        head = "notification, trigger, from_body, to_body, within_hours, aid, volume, unit, price, price_unit"
        tables["notifications"] = "\n".join([head, *rows])
    return make(days=days, **(tables | parts))


def through() -> Case:
    """RU: b (plant 50) --30--> KZ: a (plant 10, homes 15) --30--> UZ: c (homes 20)."""
    return make(
        days=1,
        places=ABC,
        links="""
            link, carrier,     from_place, to_place, capacity
            ba,   electricity, b,          a,        30
            ac,   electricity, a,          c,        30
        """,
        assets="""
            asset,   kind,        place, capacity, cost
            plant_a, power_plant, a,     10,       5
            plant_b, power_plant, b,     50,       10
        """,
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports=PORTS + "plant_a, electricity, 1\nplant_b, electricity, 1",
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     electricity, household,      15,     MW year
            c,     electricity, household,      20,     MW year
        """,
    )


def round_a_sea(days: int = 9) -> Case:
    """KZ: a (field 100 at 10) --short, 100, a day--> IT: c (takes 100 at 60); or round: --40, a day--> AZ: b --40, a day--> c, which costs more."""
    return make(
        days=days,
        places="place, name, country\na, A, KZ\nb, B, AZ\nc, C, IT",
        links="""
            link,  carrier,     kind, from_place, to_place, capacity, days, tariff
            on,    natural_gas, sea,  b,          c,        40,       1,    2
            round, natural_gas, sea,  a,          b,        40,       1,    2
            short, natural_gas, sea,  a,          c,        100,      1,    1
        """,
        assets="asset, kind, place, capacity, cost\nfield, field, a, 100, 10",
        asset_ports=PORTS + "field, natural_gas, 1",
        markets="market, place, carrier, side, ceiling, price\nbuyer, c, natural_gas, buys, 100, 60",
    )

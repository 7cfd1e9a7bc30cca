"""Golden cases of kelisim/model/places.py and demand.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, A, make


def places_balance() -> Case:
    """Power may be let go, raw gas may not: the second balance is an equation.

    wind --50--> a <--30-- well (raw gas), which a plant of 20 takes
                 |
                 40 in January, 42.76 in February: a quarter of 119,040 MWh in 744 and in 696 hours
    """
    return make(
        months=2,
        places=A,
        assets="""
            asset, kind,        place, capacity, cost
            wind,  wind,        a,     50,       1
            well,  field,       a,     30,       2
            plant, power_plant, a,     20,       0
        """,
        asset_ports="""
            asset, carrier,     ratio
            wind,  electricity, 1
            well,  raw_gas,     1
            plant, electricity, 1
            plant, raw_gas,     -2
        """,
        demand="""
            place, carrier,     customer_class, amount, unit, profile
            a,     electricity, industry,       119040, MWh,  winter
        """,
        profiles="profile, month, value, meaning\nwinter, 1, 0.25, share\nwinter, 2, 0.25, share\n"
        + "\n".join(f"winter, {month}, 0.05, share" for month in range(3, 13)),
    )


def demand_unserved() -> Case:
    """Homes are priced by their class (4000 USD/MWh), industry by a value of its own (900).

    wind --50--> a: homes 20, industry 60
    """
    return make(
        places=A,
        assets="asset, kind, place, capacity\nwind, wind, a, 50",
        asset_ports="asset, carrier, ratio\nwind, electricity, 1",
        demand="""
            place, carrier,     customer_class, amount, unit, voll
            a,     electricity, household,      20,     MW year,
            a,     electricity, industry,       60,     MW year,   900
        """,
    )


def demand_unserved_cooperative() -> Case:
    """Two tranches of each row, a little below and a little above its value of lost load.

    a --100--> b; power of 50 at a; industry of 40 in each
    """
    return make(days=1, rules={"place": "cooperative", "tranches": 2}, **_two_countries())


def demand_unserved_late() -> Case:
    """The value of lost load falls by 0.1 % a day, so that the last day is cut first.

    a --100--> b; power of 50 at a; industry of 40 in each
    """
    return make(days=3, rules={"time": "late"}, **_two_countries())


def demand_unserved_even() -> Case:
    """Five tranches on each day: a cut is spread over the days.

    a --100--> b; power of 50 at a; industry of 40 in each
    """
    return make(days=1, rules={"time": "even"}, **_two_countries())


def _two_countries() -> dict[str, str]:
    return {
        "places": "place, name, country\na, A, KZ\nb, B, RU",
        "links": "link, carrier, from_place, to_place, capacity\nab, electricity, a, b, 100",
        "assets": "asset, kind, place, capacity\nplant, power_plant, a, 50",
        "asset_kinds": NO_FUEL_OF_PLANTS,
        "asset_ports": "asset, carrier, ratio\nplant, electricity, 1",
        "demand": """
            place, carrier,     customer_class, amount, unit
            a,     electricity, industry,       40,     MW year
            b,     electricity, industry,       40,     MW year
        """,
    }

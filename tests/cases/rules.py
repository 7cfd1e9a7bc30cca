"""Golden cases of kelisim/model/rules.py: who goes short."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, make


def rules_own_first() -> Case:
    """Alone a can serve all, b lacks 30 of its 40: a gives only what it does not need.

    KZ: a (plant 60, industry 40) --100--> RU: b (plant 10, industry 40)
    """
    return make(
        days=1,
        rules={"place": "own_first"},
        places="place, name, country\na, A, KZ\nb, B, RU",
        links="link, carrier, from_place, to_place, capacity, capacity_back\nab, electricity, a, b, 100, 100",
        assets="""
            asset,   kind,        place, capacity
            plant_a, power_plant, a,     60
            plant_b, power_plant, b,     10
        """,
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\nplant_a, electricity, 1\nplant_b, electricity, 1",
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     electricity, industry,       40,     MW year
            b,     electricity, industry,       40,     MW year
        """,
    )


def rules_own_first_shortfall() -> Case:
    """The floor counts all places of a country together, class by class; breaking it costs 1.2 times the largest VOLL.

    KZ: a (plant 30; homes 20, industry 20) --100--> RU: c (homes 20), KZ: b (industry 10)
    """
    return make(
        days=1,
        rules={"place": "own_first"},
        places="place, name, country\na, A, KZ\nb, B, KZ\nc, C, RU",
        links="""
            link, carrier,     from_place, to_place, capacity
            ab,   electricity, a,          b,        100
            ac,   electricity, a,          c,        100
        """,
        assets="asset, kind, place, capacity\nplant, power_plant, a, 30",
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\nplant, electricity, 1",
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     electricity, household,      20,     MW year
            a,     electricity, industry,       20,     MW year
            b,     electricity, industry,       10,     MW year
            c,     electricity, household,      20,     MW year
        """,
    )

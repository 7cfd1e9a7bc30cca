"""Two countries on one hub, with unequal tariffs, on which every rule gives another shortage that can be counted by hand."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make


def two_tariffs(to_a: float = 2.0, to_b: float = 1.0) -> Case:
    """Twelve days of gas; `far` (90 MW) is lost from 3 to 6 January, and with it more than the stock can make up for.

                     hub (RU): near 46, far 90, cavern of 48 MW x 24 h, full
                      |                         |
             pipe_a, tariff 2              pipe_b, tariff 1
                      |                         |
           a (KZ): well 14             b (RU): no source
           homes 10, other 40,         homes 10, other 60,
           industry 4                  industry 6

    A contract of the place a books 24 MW of pipe_a each day, firm; what it falls short of costs nothing by itself.
    VOLL of gas, USD/MWh: homes 4500, other 1500, industry 97.
    """
    return make(
        days=12,
        places="place, name, country\nhub, Hub, RU\na, A, KZ\nb, B, RU",
        links=f"""
            link,   carrier,     from_place, to_place, capacity, tariff
            pipe_a, natural_gas, hub,        a,        100,      {to_a}
            pipe_b, natural_gas, hub,        b,        100,      {to_b}
        """,
        assets="""
            asset, kind,  place, capacity, cost
            near,  field, hub,   46,       5
            far,   field, hub,   90,       5
            well,  field, a,     14,       5
        """,
        asset_ports="""
            asset, carrier,     ratio
            near,  natural_gas, 1
            far,   natural_gas, 1
            well,  natural_gas, 1
        """,
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, level_start, level_end, cost
            cavern,  hub,   natural_gas, 1152,             60,        60,         1,           1,         1
        """,
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     natural_gas, household,      10,     MW year
            a,     natural_gas, other,          40,     MW year
            a,     natural_gas, industry,       4,      MW year
            b,     natural_gas, household,      10,     MW year
            b,     natural_gas, other,          60,     MW year
            b,     natural_gas, industry,       6,      MW year
        """,
        contracts="""
            contract, name,   kind,      carrier,     over,   daily_min, daily_max, price, shortfall_price, firm
            firm_a,   Firm A, transport, natural_gas, pipe_a, 24,        100,       0,     0,               yes
        """,
    )

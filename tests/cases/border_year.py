"""A year of two countries in days or months: gas, power and heat, stocks, goods on their way, limits of the year.

RU: field --pipe--> b_town (homes, industry) ; field --pipe--> KZ: a_town (homes, industry, CHP -> power, heat)
KZ: mine --rail, 3 days--> a_town boiler ; a_store keeps gas ; b_town <--line--> a_town
"""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, make


def border_year(days: int = 60, months: int = 0, **parts: str) -> Case:
    """The case; `days` from 1 January, or `months`."""
    tables = {
        "places": """
            place,  name,   country, lat, lon
            field,  Field,  RU,      52,  55
            b_town, B town, RU,      52,  57
            a_town, A town, KZ,      50,  57
            mine,   Mine,   KZ,      51,  75
        """,
        "assets": """
            asset,     kind,        place,  capacity, cost, annual_max, annual_unit
            gas_field, field,       field,  230,      5,    1600,       GWh
            coal_mine, mine,        mine,   90,       4,    ,
            chp,       chp,         a_town, 60,       1,    ,
            boiler,    boiler,      a_town, 90,       1,    ,
            plant,     power_plant, b_town, 40,       30,   ,
        """,
        "asset_kinds": NO_FUEL_OF_PLANTS,
        "asset_ports": """
            asset,     carrier,       ratio
            gas_field, natural_gas,   1
            coal_mine, coal_high_ash, 1
            chp,       electricity,   1
            chp,       natural_gas,   -2
            chp,       heat,          0.8
            boiler,    heat,          1
            boiler,    coal_high_ash, -1.2
            plant,     electricity,   1
        """,
        "links": """
            link,   carrier,       kind,     from_place, to_place, capacity, capacity_back, tariff, loss, days
            pipe_a, natural_gas,   pipeline, field,      a_town,   150,      0,             2,      0.01, 0
            pipe_b, natural_gas,   pipeline, field,      b_town,   120,      0,             1,      0,    0
            rail,   coal_high_ash, rail,     mine,       a_town,   80,       0,             3,      0,    3
            line,   electricity,   line,     a_town,     b_town,   30,       30,            1,      0.02, 0
        """,
        "storages": """
            storage, place,  carrier,       working_capacity, unit, injection, withdrawal, level_start, level_end
            a_store, a_town, natural_gas,   20,               GWh,  40,        60,         0.7,         0.5
            yard,    a_town, coal_high_ash, 12,               GWh,  80,        80,         0.6,         0.5
        """,
        "demand": """
            place,  carrier,     customer_class, amount, unit,    profile
            a_town, natural_gas, household,      30,     MW year, cold
            a_town, natural_gas, industry,       15,     MW year,
            a_town, heat,        heat,           35,     MW year, cold
            a_town, electricity, household,      25,     MW year,
            a_town, electricity, industry,       15,     MW year,
            b_town, natural_gas, household,      40,     MW year, cold
            b_town, natural_gas, industry,       40,     MW year,
            b_town, electricity, household,      20,     MW year,
            b_town, electricity, industry,       15,     MW year,
        """,
        "profiles": "profile, month, value\n" + "\n".join(
            f"cold, {month}, {value}"
            for month, value in enumerate((1.5, 1.4, 1.2, 1, 0.8, 0.6, 0.5, 0.5, 0.7, 1, 1.3, 1.5), 1)
        ),
        "contracts": """
            contract, name,  kind,    carrier,     annual_quantity, unit, over
            cap_a,    Cap A, balance, natural_gas, 900,             GWh,  pipe_a
        """,
    }  # fmt: skip
    return make(days=days, months=months, **(tables | parts))

"""One town behind one pipe, and what it has to fall back on: small enough to follow each MWh of a cut."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, make


def cut_town(days: int = 12, transit: float = 0.0, heat: float = 2.0, curve: str = "") -> Case:
    """Twelve days of gas, heat and power.

    field (RU) --pipe 30--> town (KZ): homes 8, industry 6, CHP (2 of gas make 1 of power and 1 of heat) ; cavern 576 MWh, full
    town: power 2 and heat 2 of homes, the CHP makes both ; spare plant 5 of power, dear ; no other heat

    The town takes 8 + 6 + 4 = 18 MW of gas. Protected are the homes and the heat.
    VOLL, USD/MWh: heat 5000, homes 4500 (gas) and 4000 (power), industry 97.
    """
    kind = "rail" if float(transit) else "pipeline"  # a pipeline delays no quantity
    return make(
        days=days,
        places="place, name, country\nfield, Field, RU\ntown, Steppe town, KZ",
        links=f"""
            link, carrier,     kind,   from_place, to_place, capacity, tariff, days
            pipe, natural_gas, {kind}, field,      town,     30,       1,      {transit}
        """,
        assets="""
            asset, name,        kind,        place, capacity, cost
            wells, Wells,       field,       field, 40,       5
            chp,   Town CHP,    chp,         town,  2,        1
            spare, Spare plant, power_plant, town,  5,        90
        """,
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="""
            asset, carrier,     ratio
            wells, natural_gas, 1
            chp,   electricity, 1
            chp,   heat,        1
            chp,   natural_gas, -2
            spare, electricity, 1
        """,
        storages=f"""
            storage, name,   place, carrier,     working_capacity, injection, withdrawal, level_start, level_end, cost, withdrawal_curve
            cavern,  Cavern, town,  natural_gas, 576,              30,        30,         1,           1,         1,    {curve}
        """,
        demand=f"""
            place, carrier,     customer_class, amount, unit
            town,  natural_gas, household,      8,      MW year
            town,  natural_gas, industry,       6,      MW year
            town,  electricity, household,      2,      MW year
            town,  heat,        heat,           {heat},    MW year
        """,
    )

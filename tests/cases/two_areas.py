"""Two areas with a few power plants each and one line of limited size: all states can be looked at one by one."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import NO_FUEL_OF_PLANTS, make

# MW and probability of being out of each plant, by area
PLANTS = {"a": [(60.0, 0.1), (40.0, 0.05), (40.0, 0.2)], "b": [(80.0, 0.1), (30.0, 0.05), (30.0, 0.1)]}
LINE = (25.0, 0.02)
LOAD = {"a": 100.0, "b": 90.0}
REPAIR = 87.6  # h: failures in a year = 100 x probability of being out


def two_areas(days: int = 4, storage: str = "", step: str = "") -> Case:
    """a (140 MW of plants, 100 MW of load) <--25--> b (140 MW, 90 MW); nothing is short with everything there."""
    plants = [(f"{area}{n}", area, *plant) for area in PLANTS for n, plant in enumerate(PLANTS[area])]
    assets = "asset, name, kind, place, capacity, cost\n" + "\n".join(
        f"{name}, Plant {name}, power_plant, {area}, {size}, {10 + n}"
        for n, (name, area, size, _) in enumerate(plants)
    )
    rates = "table, element, failures_per_year, repair_hours\n" + "\n".join(
        f"assets, {name}, {100 * rate}, {REPAIR}" for name, _, _, rate in plants
    )
    rates += f"\nlinks, line, {100 * LINE[1]}, {REPAIR}"
    more = {"storages": storage} if storage else {}
    return make(
        days=days,
        places="place, name, country, region\na, A, KZ, KZ-A\nb, B, RU, RU-B",
        links=f"""
            link, carrier,     kind, from_place, to_place, capacity, capacity_back
            line, electricity, line, a,          b,        {LINE[0]}, {LINE[0]}
        """,
        assets=assets,
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\n" + "\n".join(f"{name}, electricity, 1" for name, *_ in plants),
        demand=f"""
            place, carrier,     customer_class, amount,      unit
            a,     electricity, household,      {LOAD["a"]}, MW year
            b,     electricity, household,      {LOAD["b"]}, MW year
        """,
        outage_rates=rates,
        **more,
    )

"""Diesel for one region: by rail over a border point, by rail and road from a home refinery, and from a depot."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make

T = 12.666667  # MWh in a tonne of diesel
RESOURCES = {
    "resources": "resource, name, amount, unit, over\nwagons, Tank wagons, 20, wagon_day/day, step",
    "resource_uses": "resource, table, element, use, unit\nwagons, links, rail_in, 0.1, wagon_day/t",
}


def depots(days: int = 45, wagons: bool = False, track: str = "", aid: float = 0) -> Case:
    """Amounts in tonnes a day; MWh are 12.666667 times as many.

    RU: refinery, cheap --rail_ru 200--> door --rail_in 200--> north (KZ-N): transport 180, depot 300 of 600
    KZ: refinery at south, dear --rail_s 50--> north, --road_s 20--> north

    The plan takes all 180 over the border and leaves the depot as it is. Without the door the region has 50 + 20 and the depot.
    wagons  rail_in takes 0.1 of 20 wagon-days for a tonne
    track   name of a track that rail_in shares with a link for gasoline
    aid     t a day that RU has agreed to give beyond the plan, at once; then the home refinery is the cheap one, and the plan
            takes 50 + 20 of it and 110 over the border
    """
    agreed = {
        "bodies": "body, name, country\nhome, Home, KZ\nabroad, Abroad, RU",
        "notifications": f"""
            notification, trigger,      from_body, to_body, within_hours, aid,    volume, unit
            more,         alert:diesel, home,      abroad,  0,            diesel, {aid},  t/day
        """,
    }
    petrol = f"petrol, gasoline, rail, door, north, 200, 0, t/day, 1, {track}" if track else ""
    return make(
        days=days,
        defaults={"home": "KZ"},
        places="""
            place, name,         country, region, kind
            ref,   Refinery RU,  RU,      ,       refinery
            door,  Border point, RU,      ,       border
            north, North region, KZ,      KZ-N,   region
            south, South region, KZ,      KZ-S,   region
        """,
        links=f"""
            link,    carrier, kind, from_place, to_place, capacity, capacity_back, unit,  tariff, shared_with
            rail_ru, diesel,  rail, ref,        door,     200,      0,             t/day, 1,
            rail_in, diesel,  rail, door,       north,    200,      0,             t/day, 1,      {track}
            rail_s,  diesel,  rail, south,      north,    50,       0,             t/day, 1,
            road_s,  diesel,  road, south,      north,    20,       0,             t/day, 5,
            {petrol}
        """,
        assets=f"""
            asset,  kind,   place, capacity, unit,  cost
            plant,  import, ref,   400,      t/day, 20
            plant2, import, south, 400,      t/day, {5 if aid else 50}
        """,
        asset_ports="asset, carrier, ratio\nplant, diesel, 1\nplant2, diesel, 1",
        storages="""
            storage, name,        place, carrier, working_capacity, unit, level_start, level_end, cost
            depot,   North depot, north, diesel,  600,              t,    0.5,         0.5,       1
        """,
        demand="""
            place, carrier, customer_class, amount, unit
            north, diesel,  transport,      95,     MW year
        """,
        **(RESOURCES if wagons else {}),
        **(agreed if aid else {}),
    )

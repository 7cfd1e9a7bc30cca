"""Golden cases of parts of the day: what stands once a step, what stands in each part, and how one enters the other."""

from __future__ import annotations

from dataclasses import replace

from kelisim.case.case import Case
from tests.cases.make import AB, make

TWO = (("day", 16), ("evening", 8))
LOAD = "profile, hour, value\n" + "\n".join(f"load, {hour}, {2 if hour >= 16 else 0.5}" for hour in range(24))


def in_parts(case: Case, parts: tuple[tuple[str, int], ...] = TWO, step: str = "1d") -> Case:
    """A case whose days have parts."""
    return replace(case, horizon=replace(case.horizon, parts=parts, step=step))


def parts_evening() -> Case:
    """A line of 60 carries the day's mean of 50 and not the evening's 100: 40 are missing for 8 of 24 hours.

    a --60--> b: 25 by day, 100 in the evening
    """
    return in_parts(
        make(
            days=1,
            places=AB,
            links="link, carrier, kind, from_place, to_place, capacity\nline, electricity, line, a, b, 60",
            assets="asset, kind, place, capacity, unit, cost\nhydro, hydro, a, 200, MW, 5",
            asset_ports="asset, carrier, ratio\nhydro, electricity, 1",
            demand="""
                place, carrier,     customer_class, amount, unit,    voll, profile
                b,     electricity, household,      50,     MW year, 2000, load
            """,
            profiles=LOAD,
        )
    )


def parts_heat() -> Case:
    """A plant follows power in each part; its heat counts over the day, and its gas comes once a day.

    gas for the day -> plant: 1 power, 1.5 heat, -3 gas; power 25 by day and 100 in the evening, heat 75 over the day
    """
    return in_parts(
        make(
            days=1,
            places=AB,
            links="link, carrier, from_place, to_place, capacity, loss\npipe, natural_gas, a, b, 160, 0.01",
            assets="""
                asset, kind,  place, capacity, unit, cost
                wells, field, a,     400,      MW,   4
                plant, chp,   b,     110,      MW,   1
            """,
            asset_ports="""
                asset, carrier,     ratio
                wells, natural_gas, 1
                plant, electricity, 1
                plant, heat,        1.5
                plant, natural_gas, -3
            """,
            demand="""
                place, carrier,     customer_class, amount, unit,    voll, profile
                b,     electricity, household,      50,     MW year, 2000, load
                b,     heat,        heat,           75,     MW year, 900,
            """,
            profiles=LOAD,
        )
    )


def parts_storage() -> Case:
    """A gas store moves its level once a day and keeps 0.9 of it; a battery moves from part to part.

    At b wells and the store give gas to the plant, 2 for 1 of power.
    """
    return in_parts(
        make(
            days=2,
            places=AB,
            assets="""
                asset, kind,        place, capacity, unit, cost
                plant, power_plant, b,     100,      MW,   1
                wells, field,       b,     60,       MW,   4
            """,
            asset_ports="""
                asset, carrier,     ratio
                plant, electricity, 1
                plant, natural_gas, -2
                wells, natural_gas, 1
            """,
            storages="""
                storage, place, carrier,     working_capacity, injection, withdrawal, level_start, loss
                cavern,  b,     natural_gas, 4800,             50,        120,        1,           0.1
                battery, b,     electricity, 400,              50,        50,         0.5,         0
            """,
            demand="""
                place, carrier,     customer_class, amount, unit,    voll, profile
                b,     electricity, household,      50,     MW year, 2000, load
            """,
            profiles=LOAD,
        )
    )


def parts_months() -> Case:
    """A month of working days and others: the plant counts by the hours of each, its ramp and the battery within a day.

    February 2024 has 21 working days and 8 others.
    """
    case = make(
        days=1,
        places=AB,
        assets="asset, kind, place, capacity, unit, cost, ramp\nplant, supply, b, 120, MW, 1, 0.05",
        asset_ports="asset, carrier, ratio\nplant, electricity, 1",
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal
            battery, b,     electricity, 400,              50,        50
        """,
        demand="""
            place, carrier,     customer_class, amount, unit,    voll, profile
            b,     electricity, household,      50,     MW year, 2000, load
        """,
        profiles=LOAD,
    )
    start = case.horizon.start.replace(month=2)
    return in_parts(
        replace(case, horizon=replace(case.horizon, start=start, end=start.replace(month=3))), step="1mo"
    )

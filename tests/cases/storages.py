"""Golden cases of kelisim/model/storages.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import A, make


def storages_balance() -> Case:
    """Level by level with efficiencies and a standing loss of 1 % a day, in steps of a month.

    a <--100-- storage of 72,000 MWh, half full --100--> a; 90 % of what goes in is kept, 80 % of what comes out arrives

    Levels are in MWh per mean step of 720 h: 100 is full. What is kept over January is 0.99 to the power of 31.
    """
    return make(
        months=2,
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, efficiency_in, efficiency_out, loss
            cavern,  a,     natural_gas, 72000,            100,       100,        0.9,           0.8,            0.01
        """,
    )


def storages_injection() -> Case:
    """Without a rate a storage is filled in a step: 720 MWh in 24 h, and 1 / 0.9 of it has to come in. Rates may be lower.

    a <--> cavern of 720 MWh (no rates, 0.5 USD/MWh in)    a <--> tank of 720 MWh (12 in, 6 out)
    """
    return make(
        days=1,
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, efficiency_in, efficiency_out, cost
            cavern,  a,     natural_gas, 720,              ,          ,           0.9,           0.8,            0.5
            tank,    a,     natural_gas, 720,              12,        6,          0.9,           0.8,            0.5
        """,
    )


def storages_withdrawal() -> Case:
    """Out of service a storage is frozen, not emptied; a strategic one is shut all the time.

    a <--> cavern (out on 2 January)    a <--> reserve (strategic)
    """
    return make(
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, role
            cavern,  a,     natural_gas, 720,              12,        12,         commercial
            reserve, a,     natural_gas, 720,              12,        12,         strategic
        """,
        outages="table, element, start, end\nstorages, cavern, 2024-01-02, 2024-01-02",
    )


def storages_level() -> Case:
    """A cyclic storage begins where it ends: the first balance holds the last level, and there is no end level.

    a <--> cavern of 720 MWh, cyclic, standing loss 2 % a day
    """
    return make(
        days=3,
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, is_cyclic, loss
            cavern,  a,     natural_gas, 720,              12,        12,         yes,       0.02
        """,
    )


def storages_spill() -> Case:
    """Inflow fills a reservoir and what is too much goes over the dam; a tank without inflow spills nothing.

    8 --> lake of 720 MWh (out up to 20) --> a <--> tank
    """
    return make(
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, inflow
            lake,    a,     electricity, 720,              0,         20,         8
            tank,    a,     electricity, 720,              5,         5,          0
        """,
    )


def storages_level_end() -> Case:
    """The level at the end is at least the one given, or the one at the start.

    a <--> cavern of 720 MWh: 40 % at the start, 60 % at the end    a <--> tank of 240 MWh: 50 % at both
    """
    return make(
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, level_start, level_end
            cavern,  a,     natural_gas, 720,              0.4,         0.6
            tank,    a,     natural_gas, 240,              ,
        """,
    )


def storages_level_shortfall() -> Case:
    """Each MWh that lacks at the end has a price, the same in every length of step.

    a <--> cavern of 72,000 MWh: a quarter at the end, or 45 USD for each MWh that lacks
    """
    return make(
        months=2,
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, level_start, level_end, level_price
            cavern,  a,     natural_gas, 72000,            1,           0.25,      45
        """,
    )


def storages_withdrawal_curve() -> Case:
    """An emptier cavern gives less: 30 % of the rate when empty, all from half full on.

    a <--10-- cavern of 720 MWh, a quarter full, curve 0:0.3;0.5:1;1:1

    Below half: withdrawal <= 3 + 14 x share, above: <= 10; a share of 1 is a level of 720 MWh / 24 h = 30. The level
    is the one before the step: 3 + 14 x 0.25 = 6.5 on the first day.
    """
    return make(
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, level_start, withdrawal_curve
            cavern,  a,     natural_gas, 720,              10,        10,         0.25,        0:0.3;0.5:1;1:1
        """,
    )


HOMES = """
    place, carrier,     customer_class, amount, unit
    a,     natural_gas, household,      4,      MW year
    a,     natural_gas, industry,       6,      MW year
"""
WELL = {
    "assets": "asset, kind, place, capacity, cost\nwell, field, a, 15, 5",
    "asset_ports": "asset, carrier, ratio\nwell, natural_gas, 1",
}


def storages_norm() -> Case:
    """Three days of use must be there: 3 x 10 MW x 24 h = 720 MWh, a level of 30, or what lacks is counted.

    well of 15 --> a (homes 4, industry 6) <-- cavern of 1,440 MWh, 45 % full

    At 45 % the level is 27 and 3 lack: that much need not be drawn, it lacks from the start.
    """
    return make(
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, level_start, norm_days
            cavern,  a,     natural_gas, 1440,             0.45,        3
        """,
        demand=HOMES,
        **WELL,
    )


def storages_norm_shortfall() -> Case:
    """In its season a part of the norm is enough, and a norm is never more than the storage holds.

    well of 15 --> a (homes 4, industry 6) <-- cavern of 14,400 MWh (60 days: all it holds)    a <-- tank of 28,800 MWh (2 MW a day: its own count)

    In months a level is counted per mean step of 720 h: 20 is the cavern full. 30 days of 2 MW are 1,440 MWh, a level of 2; half of it
    in February. What lacks a month long costs 31 or 29 times the price of a day.
    """
    return make(
        months=2,
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, norm_days, norm_use, norm_season
            cavern,  a,     natural_gas, 14400,            60,        ,
            tank,    a,     natural_gas, 28800,            30,        2,        half
        """,
        profiles="profile, month, value, meaning\nhalf, 1, 1, availability"
        + "".join(f"\nhalf, {month}, 0.5, availability" for month in range(2, 13)),
        demand=HOMES,
        **WELL,
    )


def storages_norm_drawn() -> Case:
    """Drawing on a norm costs more than any customer is worth while it is kept: 1.2 x 1.05 x the dearest.

    well of 15 --> a (homes 4 at 4,500 USD/MWh, industry 6 at 97) <-- cavern of 1,440 MWh, cyclic

    A cyclic storage begins with what lacked at its end.
    """
    return make(
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, is_cyclic, norm_days
            cavern,  a,     natural_gas, 1440,             yes,       3
        """,
        demand=HOMES,
        **WELL,
    )


def storages_norm_opened() -> Case:
    """The use of plants counts too: a boiler that makes 8 MW of heat for its town takes 10 MW of coal, and has 5 days of it.

    mine of 12 --> yard of 2,400 MWh --> boiler (0.8, up to 40 MW) --> heat for homes, 8 MW

    The town has no heat from elsewhere, so the boiler is expected to make 8 of its 40 MW: 5 x 24 x 10 = 1,200 MWh.
    """
    return make(
        places=A,
        assets="asset, kind, place, capacity, cost\nboiler, boiler, a, 40, 0\nmine, mine, a, 12, 1",
        asset_ports="asset, carrier, ratio\nboiler, heat, 1\nboiler, coal_high_ash, -1.25\nmine, coal_high_ash, 1",
        storages="""
            storage, place, carrier,       working_capacity, level_start, norm_days
            yard,    a,     coal_high_ash, 2400,             0.5,         5
        """,
        demand="""
            place, carrier, customer_class, amount, unit
            a,     heat,    heat,           8,      MW year
        """,
    )


def storages_target() -> Case:
    """By 3 January the level is 80 %, or what lacks has the price of the end level; 1 February lies beyond the horizon.

    a <--> cavern of 720 MWh, a level of 30: 24 of it at the end of 2 January
    """
    return make(
        days=3,
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, is_cyclic, level_price, target
            cavern,  a,     natural_gas, 720,              yes,       45,          01-03:0.8;02-01:0.5
        """,
    )


def storages_target_shortfall() -> Case:
    """In months the level counts that the last month before the day ends with: of 10 February that of January.

    a <--> cavern of 72,000 MWh, a level of 100: 40 by 10 February, 90 by the end
    """
    return make(
        months=2,
        places=A,
        storages="""
            storage, place, carrier,     working_capacity, is_cyclic, target
            cavern,  a,     natural_gas, 72000,            yes,       02-10:0.4; 03-01:0.9
        """,
    )


def storages_least() -> Case:
    """A cavern of 240 MWh that is to hold a tenth at the end of each day."""
    return _cavern(900)


def storages_below_least() -> Case:
    """What a cavern of 240 MWh lacks to a tenth costs 700 USD/MWh."""
    return _cavern(700)


def _cavern(price: int) -> Case:
    return make(
        places=A,
        assets="asset, kind, place, capacity, cost\nwell, field, a, 30, 10",
        asset_ports="asset, carrier, ratio\nwell, natural_gas, 1",
        storages=f"""
            storage, place, carrier,     working_capacity, level_start, level_end, level_price, least_profile
            cavern,  a,     natural_gas, 240,              0.5,         0,         {price},     tenth
        """,
        profiles="profile, value, meaning\ntenth, 0.1, availability",
        demand="place, carrier, customer_class, amount, unit\na, natural_gas, industry, 87.84, GWh",
    )

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

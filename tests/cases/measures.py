"""Golden cases of kelisim/model/measures.py: the problem with the ways that measures open, still shut."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, A, make


def measures_use() -> Case:
    """A pipe of 10 may be widened to 15, and its flow turned up to 4: a second column each, both with the pipe's tariff.

    a --pipe 10--> b ; a <--0-- b
    """
    return make(
        days=1,
        places=AB,
        links="""
            link, carrier,     from_place, to_place, capacity, unit, tariff, loss
            pipe, natural_gas, a,          b,        10,       MW,   3,      0.1
        """,
        measures="""
            measure, acts_on,                  value, unit, crisis_level
            widen,   links:pipe:capacity,      15,    MW,   alert
            turn,    links:pipe:capacity_back, 4,     MW,   alert
        """,
    )


def measures_total() -> Case:
    """A strategic store of 48 MWh gives at most 1 MW until it is used up: 48 MWh in two days are 2 mean MW of the window."""
    return make(
        places=A,
        storages="""
            storage, place, carrier, working_capacity, unit, withdrawal, rate_unit, level_start, role
            reserve, a,     diesel,  48,               MWh,  1,          MW,        0,           strategic
        """,
        measures="""
            measure, acts_on,                      value, crisis_level
            release, storages:reserve:level_start, 1,     emergency
        """,
    )


def measures_called() -> Case:
    """Homes that use 8 MW give up 2 of them for 50 USD/MWh; what is called and what is cut together are no more than 8.

    The limit of 8 is set when the call is allowed, for what homes use may be changed as well.
    """
    return make(
        days=1,
        places=A,
        assets="asset, kind, place, capacity, cost\nwell, field, a, 8, 5",
        asset_ports="asset, carrier, ratio\nwell, natural_gas, 1",
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     natural_gas, household,      8,      MW year
        """,
        measures="""
            measure, acts_on,                              value, mode,  cost, cost_unit, crisis_level
            call,    demand:a:natural_gas:household:amount, 0.75, scale, 50,   USD/MWh,   alert
        """,
    )


def measures_harm() -> Case:
    """Whatever measures do, no more may be unserved than without them: not in energy, not at its value of lost load.

    Both limits are set when measures are allowed.
    """
    return make(
        places=A,
        assets="asset, kind, place, capacity, cost\nwell, field, a, 6, 5",
        asset_ports="asset, carrier, ratio\nwell, natural_gas, 1",
        demand="""
            place, carrier,     customer_class, amount, unit
            a,     natural_gas, household,      4,      MW year
            a,     natural_gas, industry,       3,      MW year
        """,
        measures="""
            measure, acts_on,              value, crisis_level
            more,    assets:well:capacity, 7,     alert
        """,
    )

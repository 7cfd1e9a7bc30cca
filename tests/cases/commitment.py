"""Golden cases of kelisim/model/commitment.py: a plant that stands or runs, before it is decided when."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import A, make


def _plant(row: str, ramp: str = "", days: int = 2) -> Case:
    return make(
        days=days,
        places=A,
        assets=f"""
            asset, kind,  place, capacity, cost, min_share, min_price, ramp
            base,  field, a,     100,      10,   0.5,       900,       {ramp}
        """,
        asset_ports="asset, carrier, ratio\nbase, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\na, natural_gas, industry, 702.72, GWh",
        commitment=row,
    )


def commitment_on() -> Case:
    """Each hour in which it runs costs 3 USD, and its status is between 0 and 1."""
    return _plant("asset, running_cost\nbase, 3", "", 2)


def commitment_start() -> Case:
    """A start costs 480 USD, by the mean hours of a step."""
    return _plant("asset, start_cost, steps_before\nbase, 480, -1", "", 2)


def commitment_stop() -> Case:
    """A stop costs 240 USD; it ran before."""
    return _plant("asset, stop_cost\nbase, 240", "", 2)


def commitment_below() -> Case:
    """What it lacks to its least of 50 MW while it runs costs 900 USD/MWh."""
    return _plant("asset\nbase", "", 2)


def commitment_most() -> Case:
    """At most 100 MW while it runs, nothing while it stands."""
    return _plant("asset\nbase", "", 2)


def commitment_least() -> Case:
    """At least 50 MW while it runs."""
    return _plant("asset\nbase", "", 2)


def commitment_turn() -> Case:
    """The status changes by a start or a stop; it stood before."""
    return _plant("asset, steps_before\nbase, -3", "", 2)


def commitment_min_on() -> Case:
    """It runs two steps once it has started, and has run one before the first."""
    return _plant("asset, min_on, steps_before\nbase, 2, 1", "", 3)


def commitment_min_off() -> Case:
    """It stands two steps once it has stopped, and has stood one before the first."""
    return _plant("asset, min_off, steps_before\nbase, 2, -1", "", 3)


def commitment_rise() -> Case:
    """48 MW more a day while it runs; it starts with at most 60 MW."""
    return _plant("asset, start_most\nbase, 0.6", "0.02", 3)


def commitment_fall() -> Case:
    """48 MW less a day, as PyPSA counts it: 70 MW before a stop, and a start with at least 22 MW."""
    return _plant("asset, stop_most, strict_turns\nbase, 0.7, yes", "0.02", 3)

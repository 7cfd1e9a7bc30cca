"""Clauses of power systems that run in parallel, and of help: band, emergency power, seasonal exchange, solidarity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kelisim.errors import UserError
from kelisim.ledger.quantities import Column, Floats, not_negative


@dataclass(frozen=True)
class BandInvoice:
    """Deviations in money, (hours); above 0 the side that took more than planned pays.

    inside, outside  MWh within the band and beyond it, with their sign
    energy           energy at the equal price
    margin           margins on it, paid by the side that deviates, always above 0
    network          network and system services for what lies beyond the band
    """

    inside: Floats
    outside: Floats
    energy: Floats
    margin: Floats
    network: Floats

    @property
    def total(self) -> Floats:
        """Money of the side that took more than planned, (hours)."""
        return self.energy + np.sign(self.energy) * (self.margin + self.network)


def deviation_band(
    deviation: Column,
    hours: Column,
    band: float,
    price: Column,
    inside: float = 0.0,
    outside: float = 0.0,
    network: float = 0.0,
) -> BandInvoice:
    """Deviations from the plan of exchange: within the band at an equal price and a small margin, beyond it dearer.

    deviation        MW, mean of each hour or step less the plan, (steps)
    hours            h of each step
    band             MW
    price            money per MWh
    inside, outside  margins as shares of the price, in an hour within the band and in one beyond it
    network          money per MWh in an hour beyond the band

    >>> found = deviation_band(np.array([100.0, -200.0]), 1.0, 150.0, 20.0, inside=0.005, outside=0.025, network=3.0)
    >>> found.energy.tolist(), found.margin.tolist(), found.network.tolist()
    ([2000.0, -4000.0], [10.0, 100.0], [0.0, 600.0])
    """
    not_negative(band=band, price=price, inside=inside, outside=outside, network=network)
    power = np.atleast_1d(np.asarray(deviation, dtype=float))
    moved = power * hours
    is_out = np.abs(power) > band
    energy = moved * price
    margin = np.abs(energy) * np.where(is_out, outside, inside)
    parts = np.where(is_out, 0.0, moved), np.where(is_out, moved, 0.0)
    return BandInvoice(*parts, energy, margin, np.where(is_out, np.abs(moved) * network, 0.0))


def emergency_power(energy: Column, price: Column, multiple: float) -> Column:
    """Money for emergency power on call.

    energy    MWh taken
    price     money per MWh of planned power
    multiple  of it

    >>> emergency_power(energy=400.0, price=25.0, multiple=2.0)
    20000.0
    """
    not_negative(energy=energy, multiple=multiple)
    return energy * price * multiple


def seasonal_exchange(given: Column, returned: Column, price: float) -> tuple[Floats, float]:
    """Balance of an exchange that is to be even over the year, and the money for what is left at its end.

    given, returned  quantity of each month, (months)
    price            money per unit of what was not returned
    returns          (given less returned up to each month, money that the taker owes: below 0 if he returned more)

    >>> balance, owed = seasonal_exchange([0.0, 50.0, 0.0], [30.0, 0.0, 10.0], price=40.0)
    >>> balance.tolist(), owed
    ([-30.0, 20.0, 10.0], 400.0)
    """
    balance = np.cumsum(np.asarray(given, dtype=float) - np.asarray(returned, dtype=float))
    return balance, float(balance[-1]) * price if len(balance) else 0.0


def solidarity(quantity: Column, price: Column, transport: Column = 0.0, curtailed: Column = 0.0) -> Column:
    """Fair compensation for gas given to protected customers of a neighbour (Regulation (EU) 2017/1938, Article 13(8)).

    quantity   given
    price      money per unit on the market, or of the last contract
    transport  money per unit
    curtailed  money paid to own customers who were cut for it

    >>> solidarity(1000.0, price=200.0, transport=15.0, curtailed=50_000.0)
    265000.0
    """
    not_negative(quantity=quantity)
    if (np.asarray(curtailed, dtype=float) < 0).any():
        raise UserError("curtailed: what is paid to customers who were cut is not below 0.")
    return quantity * (price + transport) + curtailed

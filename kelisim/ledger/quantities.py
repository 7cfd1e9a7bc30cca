"""Quantities of a contract: what is due on a day and in a year, what was nominated, and what is paid for though not taken.

A quantity may be in any unit as long as all of one call share it; a price is money per that unit. Arrays are (days),
(months) or (years), one number stands for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.errors import UserError

Floats = npt.NDArray[np.float64]
Column = Any  # array or number; the answer is of the same shape


def shares_only(**given: Column) -> None:
    """Raises UserError with every argument that is no share between 0 and 1."""
    bad = [name for name, v in given.items() if not ((np.asarray(v) >= 0) & (np.asarray(v) <= 1)).all()]
    if bad:
        raise UserError("\n".join(f"{name}: a share lies between 0 and 1." for name in bad))


def not_negative(**given: Column) -> None:
    """Raises UserError with every argument that has a negative number."""
    bad = [name for name, v in given.items() if (np.asarray(v, dtype=float) < 0).any()]
    if bad:
        raise UserError("\n".join(f"{name}: it has a number below 0." for name in bad))


def daily_quantity(annual: Column, days: Column = 365.0) -> Column:
    """Daily contract quantity: that of the year over its days.

    annual   quantity of the year
    days     days of the contract year
    returns  quantity of a day

    >>> daily_quantity(3660.0, 366)
    10.0
    """
    return annual / days


def nominated(wanted: Column, daily: Column, low: float = 0.0, high: float = 1.0) -> Column:
    """Nomination that the contract allows: what is wanted within [low x daily, high x daily].

    wanted   quantity of each day, (days)
    daily    daily contract quantity
    low, high  factors of it

    >>> nominated(np.array([3.0, 10.0, 15.0]), daily=10.0, low=0.5, high=1.2).tolist()
    [5.0, 10.0, 12.0]
    """
    if low > high:
        raise UserError(f"low: {low:g} lies above high, {high:g}.")
    not_negative(wanted=wanted, daily=daily, low=low)
    return np.clip(wanted, low * np.asarray(daily), high * np.asarray(daily))


def swing(taken: Column, daily: Column, low: float, high: float) -> tuple[Floats, Floats]:
    """What lies outside the swing of each day: (below the least, above the most), (days).

    >>> [part.tolist() for part in swing(np.array([3.0, 10.0, 15.0]), daily=10.0, low=0.5, high=1.2)]
    [[2.0, 0.0, 0.0], [0.0, 0.0, 3.0]]
    """
    least, most = (np.asarray(daily, dtype=float) * factor for factor in (low, high))
    return np.maximum(least - taken, 0.0), np.maximum(taken - most, 0.0)


def adjusted_annual(
    annual: Column, force_majeure: Column = 0.0, seller_shortfall: Column = 0.0, off_spec: Column = 0.0
) -> Column:
    """Adjusted annual contract quantity: that of the year less what the buyer could not take for no reason of his.

    force_majeure     quantity that force majeure of either side kept back
    seller_shortfall  quantity that the seller did not deliver
    off_spec          quantity that was refused for its quality

    >>> float(adjusted_annual(1000.0, force_majeure=50.0, seller_shortfall=20.0))
    930.0
    """
    return np.maximum(annual - force_majeure - seller_shortfall - off_spec, 0.0)[()]


@dataclass(frozen=True)
class TakeOrPayYears:
    """Take-or-pay year by year; quantities, (years).

    least      to be paid for: share x adjusted annual quantity, less what is carried forward into the year
    unpaid     paid for and not taken: least - taken, not below 0
    made_up    taken after the least, of what was paid for before
    expired    paid for and no longer to be had
    bank       paid for and not taken yet, at the end of the year
    carried    credit of earlier years that lowered the least
    credit     credit at the end of the year
    drawn      (year of payment, year of taking): made_up by the year in which it was paid for; what the bank held at the
               start stands in the first row, the first year in the second
    """

    least: Floats
    unpaid: Floats
    made_up: Floats
    expired: Floats
    bank: Floats
    carried: Floats
    credit: Floats
    drawn: Floats


def take_or_pay(
    annual: Column,
    taken: Column,
    share: float,
    make_up_years: int = 0,
    carry_share: float = 0.0,
    carry_years: int = 0,
    bank: float = 0.0,
    credit: float = 0.0,
) -> TakeOrPayYears:
    """Take-or-pay with make-up and carry-forward.

    annual         adjusted annual quantity, (years)
    taken          quantity taken, make-up included, (years)
    share          of the annual quantity that is paid for even if not taken
    make_up_years  years after the payment in which what was paid for may be taken; 0: never
    carry_share    most of the annual quantity by which a credit may lower the least of a year
    carry_years    years after its own in which a credit counts
    bank, credit   at the start, as if of the year before the first

    A year with less than the least pays for the rest, which goes into the bank. What is taken after the least, and not
    above the annual quantity, comes out of the bank, the oldest first. What is taken above the annual quantity is a credit.

    >>> years = take_or_pay([100.0, 100.0, 100.0], [60.0, 95.0, 100.0], share=0.8, make_up_years=2)
    >>> years.unpaid.tolist(), years.made_up.tolist(), years.bank.tolist()
    ([20.0, 0.0, 0.0], [0.0, 15.0, 5.0], [20.0, 5.0, 0.0])
    """
    due, got = (np.atleast_1d(np.asarray(v, dtype=float)) for v in (annual, taken))
    due, got = (np.array(v) for v in np.broadcast_arrays(due, got))
    shares_only(share=share, carry_share=carry_share)
    not_negative(annual=due, taken=got, bank=bank, credit=credit, make_up_years=make_up_years)
    count = len(due)
    out = {name: np.zeros(count) for name in ("least", "unpaid", "made_up", "expired", "carried")}
    left, credits = np.zeros(count + 1), np.zeros(count + 1)  # by year of payment; first what there was
    left[0], credits[0] = bank, credit
    drawn, banks, ends = np.zeros((count + 1, count)), np.zeros(count), np.zeros(count)
    for year in range(count):
        full = share * due[year]
        usable = credits.copy()
        usable[: max(0, year + 1 - carry_years)] = 0.0
        wanted = min(max(full - got[year], 0.0), carry_share * due[year], float(usable.sum()))
        out["carried"][year] = _spent(credits, usable, wanted).sum()
        least = full - out["carried"][year]
        room = max(min(got[year], due[year]) - least, 0.0)
        still = left.copy()
        still[: max(0, year + 1 - make_up_years)] = 0.0
        drawn[:, year] = _spent(left, still, min(room, float(still.sum())))
        out["least"][year], out["made_up"][year] = least, drawn[:, year].sum()
        out["unpaid"][year] = left[year + 1] = max(least - got[year], 0.0)
        credits[year + 1] = max(got[year] - due[year], 0.0)
        old = max(0, year + 2 - make_up_years)  # no longer to be had in the next year
        out["expired"][year] = left[:old].sum()
        left[:old] = 0.0
        credits[: max(0, year + 2 - carry_years)] = 0.0
        banks[year], ends[year] = left.sum(), credits.sum()
    return TakeOrPayYears(**out, bank=banks, credit=ends, drawn=drawn)


def _spent(stock: Floats, usable: Floats, amount: float) -> Floats:
    """What is taken of each year, the oldest first; taken out of the stock as well."""
    before = np.concatenate([[0.0], np.cumsum(usable)[:-1]])
    taken = np.clip(amount - before, 0.0, usable)
    stock -= taken
    return taken


def take_or_pay_invoice(
    years: TakeOrPayYears, taken: Column, price: Column, difference: bool = False
) -> Floats:
    """Money of each year: what is taken and not made up, and what is paid for and not taken, at the price of the year.

    price       money per unit, (years)
    difference  what is made up pays the rise of the price since it was paid for (what was in the bank at the start: nothing)

    >>> years = take_or_pay([100.0, 100.0], [60.0, 95.0], share=0.8, make_up_years=2)
    >>> take_or_pay_invoice(years, [60.0, 95.0], [10.0, 12.0]).tolist()
    [800.0, 960.0]
    >>> take_or_pay_invoice(years, [60.0, 95.0], [10.0, 12.0], difference=True).tolist()
    [800.0, 990.0]
    """
    price = np.broadcast_to(np.asarray(price, dtype=float), years.least.shape)
    paid: Floats = (np.asarray(taken, dtype=float) - years.made_up + years.unpaid) * price
    if difference:
        rise = np.maximum(price[None, :] - np.concatenate([[np.inf], price])[:, None], 0.0)
        paid = paid + (years.drawn * rise).sum(axis=0)
    return paid


def deliver_or_pay(due: Column, delivered: Column, price: Column, discount: float) -> tuple[Floats, Floats]:
    """What a seller gives back for what he did not deliver: later deliveries, up to as much, are cheaper.

    due, delivered  quantity of each period, (periods)
    price           money per unit, (periods)
    discount        share of the price
    returns         (quantity at the lower price, money off), (periods)

    >>> [part.tolist() for part in deliver_or_pay([10.0, 10.0, 10.0], [6.0, 10.0, 10.0], price=5.0, discount=0.3)]
    [[0.0, 4.0, 0.0], [0.0, 6.0, 0.0]]
    """
    shares_only(discount=discount)
    wanted, got, cost = (
        np.array(v)
        for v in np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (due, delivered, price)))
    )
    not_negative(due=wanted, delivered=got)
    cheaper, owed = np.zeros(len(got)), 0.0
    for at in range(len(got)):
        cheaper[at] = min(owed, got[at])
        owed += max(wanted[at] - got[at], 0.0) - cheaper[at]
    return cheaper, cheaper * cost * discount

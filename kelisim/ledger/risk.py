"""Clauses of risk and finance: force majeure, sharing out what is left, an export credit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kelisim.errors import UserError
from kelisim.ledger.quantities import Column, Floats, not_negative, shares_only


def force_majeure(due: Column, available: Column) -> Column:
    """What is owed while force majeure leaves a share of the capacity.

    due        quantity of each period, (periods)
    available  share of the capacity that is left, (periods)

    >>> force_majeure(np.array([10.0, 10.0]), np.array([1.0, 0.4])).tolist()
    [10.0, 4.0]
    """
    shares_only(available=available)
    return due * available


def pro_rata(wanted: Column, capacity: float) -> Floats:
    """What each shipper gets of a capacity that is too small, by what he had booked.

    >>> pro_rata([60.0, 40.0], capacity=50.0).tolist()
    [30.0, 20.0]
    """
    asked = np.asarray(wanted, dtype=float)
    not_negative(wanted=asked, capacity=capacity)
    whole = float(asked.sum())
    return asked * min(1.0, capacity / whole) if whole > 0 else asked


@dataclass(frozen=True)
class Credit:
    """A credit year by year; money, (years).

    debt       at the end of the year
    interest   paid in the year
    principal  paid back in the year
    """

    debt: Floats
    interest: Floats
    principal: Floats


def export_credit(cost: Column, share: float, grace: int, years: int, interest: float) -> Credit:
    """A state export credit: a share of the cost is drawn as it falls due, interest is paid, equal parts go back.

    cost      money of each year of building, (years)
    share     of it that the credit pays
    grace     years from the last drawing until the first part goes back
    years     number of equal parts
    interest  share of the debt at the start of a year, and of half of what is drawn in it

    >>> credit = export_credit([100.0], share=0.85, grace=1, years=2, interest=0.04)
    >>> credit.principal.round(6).tolist(), credit.interest.round(6).tolist()
    ([0.0, 0.0, 42.5, 42.5], [1.7, 3.4, 3.4, 1.7])
    """
    shares_only(share=share, interest=interest)
    spent = np.atleast_1d(np.asarray(cost, dtype=float))
    not_negative(cost=spent)
    if years < 1 or grace < 0:
        raise UserError("years: at least one part goes back; grace: none or more years.")
    count = len(spent) + grace + years
    drawn, back = np.zeros(count), np.zeros(count)
    drawn[: len(spent)] = share * spent
    back[len(spent) + grace :] = drawn.sum() / years
    debt = np.cumsum(drawn - back)
    before = np.concatenate([[0.0], debt[:-1]])
    return Credit(debt, interest * (before + 0.5 * drawn), back)

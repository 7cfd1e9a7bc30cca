"""Bargaining: how a gain is divided when each can say no, and some have another offer."""

from __future__ import annotations

import numpy as np

from kelisim import tolerances
from kelisim.errors import UserError
from kelisim.ledger.quantities import Column, Floats, not_negative


def nash_bargain(
    whole: float, disagreement: Column, outside: Column | None = None, power: Column | None = None
) -> Floats | None:
    """Division by Nash's rule (1950): the product of what each gains over the disagreement is largest.

    max over x of the product of (x_i - d_i) ** power_i, sum of x = whole, x_i >= outside_i

    An outside option is what a side can leave for; it does not move the division unless the side would be given less
    (Binmore, Rubinstein & Wolinsky 1986), while the disagreement is what it has as long as nobody agrees.

    whole         what is divided
    disagreement  of each side, (players)
    outside       of each side, (players); none by default
    power         weights above 0, (players); equal by default
    returns       (players), summing to the whole; None where it is less than what the sides have without

    >>> nash_bargain(100.0, [10.0, 30.0]).tolist()
    [40.0, 60.0]
    >>> nash_bargain(100.0, [10.0, 30.0], outside=[55.0, 0.0]).tolist()
    [55.0, 45.0]
    """
    before = np.asarray(disagreement, dtype=float)
    least = before if outside is None else np.maximum(before, np.asarray(outside, dtype=float))
    weight = np.ones(len(before)) if power is None else np.asarray(power, dtype=float)
    not_negative(power=weight)
    if (weight == 0).any():
        raise UserError("power: each side has some, above 0.")
    scale = max(float(np.abs(least).max(initial=0.0)), abs(whole)) or 1.0
    if least.sum() > whole + tolerances.ROUNDING * scale:
        return None
    held = np.zeros(len(before), dtype=bool)
    share = least.copy()
    while not held.all():
        rest = whole - least[held].sum() - before[~held].sum()
        share = np.where(held, least, before + weight * rest / weight[~held].sum())
        short = ~held & (share < least)
        if not short.any():
            break
        held |= short
    return share

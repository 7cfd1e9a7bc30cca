"""Clauses of transport, exchange and processing: tariffs, booked capacity, quality, places, shares of products.

A quantity may be in any unit as long as all of one call share it; money is what a price has per that unit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kelisim.errors import UserError
from kelisim.ledger.quantities import Column, Floats, not_negative, shares_only


def ship_or_pay(
    booked: Column,
    shipped: Column,
    tariff: Column,
    share: float = 1.0,
    moving: Column = 0.0,
    length: Column = 1.0,
) -> Column:
    """Money for booked transport, shipped or not, and for what moves.

    booked   quantity for which capacity is booked, (periods)
    shipped  quantity that moved, (periods)
    tariff   money per unit of capacity
    share    of the booked quantity that is paid for even if not shipped
    moving   money per unit and length for what moves
    length   such as km

    tariff x max(share x booked, shipped) + moving x length x shipped

    >>> float(ship_or_pay(booked=100.0, shipped=60.0, tariff=2.0, share=0.8, moving=0.01, length=50.0))
    190.0
    """
    shares_only(share=share)
    not_negative(booked=booked, shipped=shipped)
    least = share * np.asarray(booked, dtype=float)
    return (tariff * np.maximum(least, shipped) + moving * length * np.asarray(shipped, dtype=float))[()]


def fixed_tariff(quantity: Column, tariff: Column) -> Column:
    """Money for transit at a fixed tariff, whatever the way.

    >>> fixed_tariff(quantity=10_000_000.0, tariff=15.0)
    150000000.0
    """
    return quantity * tariff


def granted(requested: Column, share: Column) -> Column:
    """What a transit state grants of a schedule that was asked for.

    >>> granted(17.5, 0.8)
    14.0
    """
    shares_only(share=share)
    return requested * share


def quality_bank(quantity: Column, quality: Column, worth: float) -> Floats:
    """What each shipper of a mixed stream gets (above 0) or pays for the quality that he put in.

    quantity  of each shipper, (shippers)
    quality   of his crude, such as degrees API, (shippers)
    worth     money per unit of quantity and unit of quality
    returns   money, (shippers); it adds up to 0

    quantity x worth x (quality - mean quality of the mix)

    >>> quality_bank([30.0, 10.0], [40.0, 32.0], worth=0.5).tolist()
    [30.0, -30.0]
    """
    size, grade = (np.asarray(v, dtype=float) for v in (quantity, quality))
    not_negative(quantity=size)
    if not size.sum() > 0:
        return np.zeros(size.shape)
    found: Floats = size * worth * (grade - (size * grade).sum() / size.sum())
    return found


def swapped(quantity: Column, ratio: Column = 1.0) -> Column:
    """What is given back at another place for what was taken; the ratio is that of the values, see `swap_ratio`.

    >>> swapped(100.0, ratio=1.05)
    105.0
    """
    return quantity * ratio


def swap_ratio(worth_given: float, worth_returned: float) -> float:
    """Units given back for one unit taken, so that both are worth the same.

    >>> swap_ratio(worth_given=420.0, worth_returned=400.0)
    1.05
    """
    if worth_returned <= 0:
        raise UserError(f"worth_returned: {worth_returned:g} is not above 0.")
    return worth_given / worth_returned


def tolling(raw: Column, fee: float, yields: Mapping[str, float]) -> tuple[Column, dict[str, Column]]:
    """Processing for a fee; what is made stays with the owner of the raw material.

    raw      quantity processed
    fee      money per unit of it
    yields   product -> units made of one unit
    returns  (money, product -> quantity that goes back)

    >>> tolling(1000.0, fee=12.0, yields={"dry gas": 0.75, "sulphur": 0.05})
    (12000.0, {'dry gas': 750.0, 'sulphur': 50.0})
    """
    not_negative(raw=raw, **yields)
    return raw * fee, {name: raw * part for name, part in yields.items()}


def compensation_in_kind(lost: Column, price: Column) -> Column:
    """Quantity that makes up for a loss, such as duty on exports without duty.

    lost   money
    price  money per unit

    >>> compensation_in_kind(lost=9_000_000.0, price=450.0)
    20000.0
    """
    if not (np.asarray(price, dtype=float) > 0).all():
        raise UserError("price: it is not above 0, and nothing can make up for a loss at that price.")
    return lost / price

"""Prices of a contract over time: indexed, from a hub, set by a protocol, reviewed.

Months are counted from the first of the series; a price is money per unit of the contract.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kelisim.errors import UserError
from kelisim.ledger.quantities import Column, Floats


def indexed(
    base: float,
    series: Column,
    weights: Column,
    starts: Column,
    first: int,
    count: int,
    window: int = 1,
    lag: int = 0,
    keep: int = 1,
    conversions: Column = 1.0,
    low: float = -np.inf,
    high: float = np.inf,
) -> Floats:
    """Price of each month by an m-n-r formula.

    base         price at which all indices stand at their start (P0)
    series       indices by month, (indices, months); months before the first invoice included
    weights      share of each index in the price (a), (indices)
    starts       index at the start (X0), (indices)
    first        position in the series of the first month asked about
    count        months asked about
    window       months over which an index is averaged (m)
    lag          months between the last of them and the first month of a price (n)
    keep         months for which a price holds (r)
    conversions  units of the price per unit of the index (k), (indices)
    low, high    floor and ceiling of the price
    returns      price, (count)

    P = P0 + sum of a_i k_i (mean of X_i over the window - X_i0)

    >>> indexed(100.0, [[50.0, 54.0, 58.0, 62.0, 66.0]], [0.5], [50.0], first=3, count=2, window=2, lag=1).tolist()
    [101.0, 103.0]
    """
    rows = np.atleast_2d(np.asarray(series, dtype=float))
    weight, begun, each = (
        np.broadcast_to(np.asarray(v, dtype=float), rows.shape[:1]) for v in (weights, starts, conversions)
    )
    wrong = []
    if window < 1 or keep < 1 or lag < 0:
        wrong.append("window, keep: at least one month; lag: none or more.")
    if low > high:
        wrong.append(f"low: the floor {low:g} lies above the ceiling {high:g}.")
    need = first - lag - window
    if need < 0:
        wrong.append(
            f"series: it begins {-need} months too late for a window of {window} and a lag of {lag}."
        )
    last = first + (count - 1) // max(keep, 1) * max(keep, 1) - lag
    if last > rows.shape[1]:
        wrong.append(f"series: it ends {last - rows.shape[1]} months too early.")
    if wrong:
        raise UserError("\n".join(wrong))
    found = np.zeros(count)
    for at in range(count):
        end = first + at // keep * keep - lag
        mean = rows[:, end - window : end].mean(axis=1)
        found[at] = base + float((weight * each * (mean - begun)).sum())
    return np.clip(found, low, high)


def s_curve(price: Column, lower: float, upper: float, slope: float) -> Column:
    """A price whose part outside [lower, upper] counts by the slope only.

    >>> s_curve(np.array([80.0, 100.0, 140.0]), lower=90.0, upper=120.0, slope=0.5).tolist()
    [85.0, 100.0, 130.0]
    """
    inside = np.clip(price, lower, upper)
    return inside + slope * (np.asarray(price, dtype=float) - inside)


def hub_netback(hub: Column, transport: Column, margin: Column = 0.0) -> Column:
    """Price at the border that leaves the seller what the hub pays, less transport and margin.

    >>> hub_netback(300.0, transport=45.0, margin=5.0)
    250.0
    """
    return hub - transport - margin


def regulated(price: float, months: int) -> Floats:
    """Price that a protocol sets for a year, the same in each month.

    >>> regulated(119.0, 3).tolist()
    [119.0, 119.0, 119.0]
    """
    return np.full(months, float(price))


def review_due(price: Column, reference: float, threshold: float, months: int) -> npt.NDArray[np.bool_]:
    """Months in which a price review may be asked for: the price has been off the reference for so long.

    price      (months)
    reference  price that both sides had in mind
    threshold  share of it
    months     months on end in which |price - reference| / reference exceeds the threshold

    >>> review_due(np.array([100.0, 130.0, 131.0, 129.0, 100.0]), reference=100.0, threshold=0.2, months=3).tolist()
    [False, False, False, True, False]
    """
    if reference <= 0 or months < 1:
        raise UserError("reference: above 0; months: at least one.")
    off = np.abs(np.asarray(price, dtype=float) - reference) / reference > threshold
    run, found = 0, np.zeros(len(off), dtype=bool)
    for at, is_off in enumerate(off):
        run = run + 1 if is_off else 0
        found[at] = run >= months
    return found


def reopened(price: Column, reference: float, threshold: float, months: int, part: float = 1.0) -> Floats:
    """Prices with a re-opener: from the month after a review is first due, part of the distance to the reference is taken back.

    part  1: back to the reference; 0.5: half the way

    >>> reopened(np.array([100.0, 130.0, 130.0, 130.0, 130.0]), reference=100.0, threshold=0.2, months=3, part=0.5).tolist()
    [100.0, 130.0, 130.0, 130.0, 115.0]
    """
    found = np.array(price, dtype=float)
    due = np.flatnonzero(review_due(found, reference, threshold, months))
    if len(due):
        after = slice(int(due[0]) + 1, None)
        found[after] += part * (reference - found[after])
    return found

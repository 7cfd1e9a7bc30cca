"""Measures of security, dependence and resilience: pure functions on columns, each with its formula and source.

A column is a pandas Series or an array; an amount may be in any unit as long as all of one call share it. Shares are
0-1, never per cent. A measure of nothing (no demand, no supply) says so: NaN, or the value its docstring names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.tolerances import NO_FLOW, ROUNDING

Floats = npt.NDArray[np.float64]
Column = Any  # pandas Series, array or number; the answer is of the same shape
PARTS = ("entry", "production", "storage", "lng")
STORAGE_LEVELS = (0.3, 1.0)


# ---- security of supply: the infrastructure standard of the EU
def n1_formula(
    entry: Column, production: Column, storage: Column, lng: Column, largest: Column, demand: Column, demand_side: Column = 0.0
) -> Column:  # fmt: skip
    """Share of the demand of an exceptionally cold day that can be met with the largest infrastructure out.

    entry        MW, technical capacity of border entry points other than the three below (EPm)
    production   MW, most that can be produced (Pm)
    storage      MW, most that can be withdrawn at the level looked at (Sm)
    lng          MW, most that LNG terminals can send out (LNGm)
    largest      MW, technical capacity of the single largest infrastructure (Im)
    demand       MW, total demand on a day of exceptionally high demand, once in 20 years (Dmax)
    demand_side  MW, part of it that market-based measures cover (Deff)
    returns      share; the standard is met at 1 or more

    N-1 = (EPm + Pm + Sm + LNGm - Im) / (Dmax - Deff)

    Source: Regulation (EU) 2017/1938, Annex II, points 2 and 4. It knows no limits inside the area.
    """
    return (entry + production + storage + lng - largest) / (demand - demand_side)


def largest_infrastructure(
    capacity: Column, upstream: Sequence[str] | pd.Series, downstream: Sequence[str] | pd.Series
) -> tuple[tuple[int, ...], float]:
    """The infrastructure whose loss takes most: one, or all that hang on one common line.

    capacity    MW, (infrastructures)
    upstream    name of the line before it that it cannot work without, "" if none, (infrastructures)
    downstream  the same for the line after it
    returns     positions of what is lost together, and its capacity in MW; equal ones by fewest parts, then first position

    Several that are connected to a common upstream or downstream line and cannot work separately count as one
    (Regulation (EU) 2017/1938, Annex II, point 3). Two that share no line do not become one because a third shares
    a line with each: no single line takes out all three.
    """
    size = np.asarray(capacity, dtype=float)
    together: dict[str, list[int]] = {}
    for at, (before, after) in enumerate(zip(upstream, downstream, strict=True)):
        # a line is one thing, whichever end it is seen from
        for line in dict.fromkeys(word for word in (before, after) if word):
            together.setdefault(line, []).append(at)
    candidates = [(at,) for at in range(len(size))] + [tuple(members) for members in together.values()]
    if not candidates:
        return (), 0.0
    best = min(candidates, key=lambda who: (-round(float(size[list(who)].sum()), 9), len(who), who))
    return best, float(size[list(best)].sum())


def withdrawal_rate(most: float, curve: Sequence[tuple[float, float]], level: float) -> float:
    """Most that a storage gives at a level.

    most     MW, at full rate
    curve    points (level, rate), both shares, levels rising; empty: the full rate at every level
    level    share of the working capacity
    returns  MW, straight between the points
    """
    if not curve:
        return most
    levels, rates = zip(*curve, strict=True)
    return most * float(np.interp(level, levels, rates))


def n1_area(
    infrastructure: pd.DataFrame,
    demand: float,
    demand_side: float = 0.0,
    levels: Sequence[float] = STORAGE_LEVELS,
) -> pd.DataFrame:
    """The N-1 formula of an area, with storages at each level.

    infrastructure  one row each: element; part (entry, production, storage, lng); capacity (MW); optional upstream and
                    downstream (line shared with others, "" if none); optional curve (points of a storage, see
                    withdrawal_rate)
    demand          MW, exceptionally high demand of a day (Dmax)
    demand_side     MW, part of it that market-based measures cover (Deff)
    levels          shares of the working capacity: 30 % and 100 % (Regulation (EU) 2017/1938, Article 7(4)(a))
    returns         one row per level: level; entry, production, storage, lng, largest_capacity, demand, demand_side (MW);
                    largest (elements, with " + " between); n1 and n1_demand_side (shares); is_met (by either formula)
    """
    unknown = sorted(set(infrastructure["part"]) - set(PARTS))
    if unknown:
        raise ValueError(f'part "{unknown[0]}" is none of {", ".join(PARTS)}')
    nothing = [""] * len(infrastructure)
    upstream = infrastructure.get("upstream", nothing)
    downstream = infrastructure.get("downstream", nothing)
    curves = infrastructure.get("curve", [()] * len(infrastructure))
    elements, part = list(infrastructure["element"]), infrastructure["part"].to_numpy()
    found = []
    for level in levels:
        capacity = np.array(
            [
                withdrawal_rate(most, curve or (), level) if kind == "storage" else most
                for most, curve, kind in zip(infrastructure["capacity"], curves, part, strict=True)
            ]
        )
        sums = {name: float(capacity[part == name].sum()) for name in PARTS}
        lost, size = largest_infrastructure(capacity, upstream, downstream)
        entry, production, storage, lng = sums.values()
        plain = n1_formula(entry, production, storage, lng, size, demand)
        eased = n1_formula(entry, production, storage, lng, size, demand, demand_side)
        largest = {"largest": " + ".join(elements[at] for at in lost), "largest_capacity": size}
        asked = {"demand": demand, "demand_side": demand_side}
        answer = {"n1": plain, "n1_demand_side": eased, "is_met": bool(max(plain, eased) >= 1.0 - ROUNDING)}
        found.append({"level": level} | sums | largest | asked | answer)
    return pd.DataFrame(found)


# ---- shortage
def unserved_rate(unserved: Column, demand: Column) -> Column:
    """Share of the demand that is not met.

    unserved, demand  both MW or both MWh
    returns           0-1; 0 where there is no demand

    unserved / demand; the "disrupted rate" of the ENTSOG simulations.
    """
    return ratio(unserved, demand, 0.0)


def coverage_days(stock: Column, deficit: Column) -> Column:
    """How long a stock makes up for a deficit (survivability).

    stock    MWh that can be used
    deficit  MW that other supply cannot give
    returns  days; infinite without a deficit

    stock / (24 * deficit)
    """
    need = np.maximum(deficit, 0.0)
    return ratio(stock, need * 24.0, np.inf)


def days_until_unserved(unserved: Column, hours: Column, least: float = NO_FLOW) -> float:
    """Days from the first step until somebody is first cut: what stocks and detours covered.

    unserved  MW, (steps), of the customers looked at (all, or the protected)
    hours     h, (steps)
    least     MW, below which nobody is cut
    returns   days; infinite if nobody is cut
    """
    cut = np.flatnonzero(np.asarray(unserved, dtype=float) > least)
    return float(np.asarray(hours, dtype=float)[: cut[0]].sum() / 24.0) if len(cut) else float("inf")


# ---- dependence and diversity
def import_dependence(imported: Column, exported: Column, used: Column) -> Column:
    """Net imports as a share of what is used.

    imported, exported, used  one unit of energy, what is bought and sold included; used is gross: final use, conversion, losses and what went into stores
    returns                   share: negative for a net exporter, above 1 where more was imported than used

    (imported - exported) / used; Eurostat, energy imports dependency (net imports / gross available energy).
    """
    return ratio(imported - exported, used)


def shares(amounts: Column) -> Floats:
    """Each amount over their sum, (suppliers); NaN if the sum is 0. Raises ValueError for a negative amount."""
    size = np.asarray(amounts, dtype=float)
    if (size < 0.0).any():
        raise ValueError("a share of a negative amount has no meaning")
    total = size.sum()
    return size / total if total > 0.0 else np.full(size.shape, np.nan)


def hhi(amounts: Column, risk: Column = 1.0) -> float:
    """Concentration of suppliers (Herfindahl-Hirschman index).

    amounts  energy by supplier, or shares, (suppliers)
    risk     weight of each supplier, such as its political instability; 1 if none
    returns  1/n for n equal suppliers up to 1 for a single one; times 10 000 in the scale of per cent; NaN if nothing is supplied

    sum of s_i^2 r_i
    """
    return float((shares(amounts) ** 2 * np.asarray(risk, dtype=float)).sum())


def effective_number(amounts: Column) -> float:
    """Number of equal suppliers that would be as concentrated: 1 / HHI (Laakso and Taagepera 1979)."""
    return 1.0 / hhi(amounts)


def shannon(amounts: Column, stability: Column = 1.0) -> float:
    """Diversity of suppliers (Shannon-Wiener; with stability Shannon-Wiener-Neumann).

    amounts    energy by supplier, or shares, (suppliers)
    stability  weight of each supplier, 0-1, such as its political stability; 1 if none
    returns    0 for a single supplier, ln n for n equal ones; NaN if nothing is supplied

    -sum of b_i s_i ln s_i   (Shannon 1948; Neumann 2004 for the weights b)
    """
    share = shares(amounts)
    used = np.where(share > 0.0, share, 1.0)
    if np.isnan(share).any():
        return float("nan")
    return float(-(np.asarray(stability, dtype=float) * share * np.log(used)).sum()) + 0.0


def shannon_number(amounts: Column) -> float:
    """Number of equal suppliers that would be as diverse: exp of Shannon's index (Hill 1973, order 1)."""
    return float(np.exp(shannon(amounts)))


def stirling(amounts: Column, distance: Column) -> float:
    """Diversity that counts how unlike the suppliers are.

    amounts   energy by supplier, or shares, (suppliers)
    distance  (suppliers, suppliers), 0 on the diagonal
    returns   0 for a single supplier

    sum over i != j of d_ij s_i s_j   (Rao 1982; Stirling 2007)
    """
    share = shares(amounts)
    apart = np.array(distance, dtype=float)
    np.fill_diagonal(apart, 0.0)
    return float(share @ apart @ share)


# ---- resilience: performance over time
def performance(unserved: Column, demand: Column) -> Column:
    """Share of the demand that is served in each step, (steps); 1 where there is none."""
    return 1.0 - unserved_rate(unserved, demand)


def resilience_loss(performance: Column, hours: Column) -> float:
    """Area above the performance curve (resilience triangle).

    performance  share, (steps)
    hours        h, (steps)
    returns      hours of full loss; times 100 in per cent hours; 0 if nothing was lost

    sum over t of (1 - Q_t) h_t   (Bruneau et al. 2003, Earthquake Spectra 19, equation 1)
    """
    return float(((1.0 - np.asarray(performance, dtype=float)) * np.asarray(hours, dtype=float)).sum())


def robustness(performance: Column) -> float:
    """Lowest performance, share: min Q_t (Bruneau et al. 2003)."""
    return float(np.min(performance))


def recovery_time(performance: Column, hours: Column, share: float = 1.0) -> float:
    """Time from the first step below a level until the level is reached for good.

    performance  share, (steps)
    hours        h, (steps)
    share        the level, X % as a share
    returns      hours; 0 if never below it, infinite if still below it in the last step
    """
    below = np.flatnonzero(np.asarray(performance, dtype=float) < share - ROUNDING)
    if not len(below):
        return 0.0
    if below[-1] == len(np.asarray(performance)) - 1:
        return float("inf")
    return float(np.asarray(hours, dtype=float)[below[0] : below[-1] + 1].sum())


def rapidity(performance: Column, hours: Column) -> float:
    """Mean speed of recovery, from the lowest performance to full performance or the last step.

    performance  share, (steps)
    hours        h, (steps)
    returns      share per hour; 0 without a recovery, infinite if nothing was lost

    (Q_end - Q_min) / (t_end - t_min), t_min the start of the last step at the minimum, t_end the start of the first
    step after it with full performance, else of the last step   (slope of the recovery: Bruneau et al. 2003)
    """
    curve, length = np.asarray(performance, dtype=float), np.asarray(hours, dtype=float)
    low = float(curve.min())
    if low >= 1.0 - ROUNDING:
        return float("inf")
    at = int(np.flatnonzero(curve <= low + ROUNDING)[-1])
    full = np.flatnonzero(curve[at:] >= 1.0 - ROUNDING)
    end = at + int(full[0]) if len(full) else len(curve) - 1
    time = float(length[at:end].sum())
    return (float(curve[end]) - low) / time if time > 0.0 else 0.0


def recovered_share(performance: Column) -> Floats:
    """Recovered over lost, (steps): (Q_t - Q_min) / (Q_0 - Q_min) from the lowest step on, before it 0, Q_0 = 1.

    Source: Henry and Ramirez-Marquez 2012, Reliability Engineering and System Safety 99. All 1 if nothing was lost.
    """
    curve = np.asarray(performance, dtype=float)
    low = float(curve.min())
    if low >= 1.0 - ROUNDING:
        return np.ones(len(curve))
    after = np.arange(len(curve)) >= int(np.argmin(curve))
    return np.where(after, (curve - low) / (1.0 - low), 0.0)


# ---- money and risk
def netback(price: Column, tariffs: Sequence[Column], losses: Sequence[Column]) -> Column:
    """Price at the market less the way there, per MWh at the source.

    price    currency/MWh at the market
    tariffs  currency/MWh sent into each link, from the source to the market; each of the price's shape or one number
    losses   0-1 of each link, in the same order
    returns  currency/MWh, of the price's shape

    backwards along the route: n_k = n_(k+1) * (1 - loss_k) - tariff_k, the last n being the price
    """
    worth = price
    for tariff, loss in reversed(list(zip(tariffs, losses, strict=True))):
        worth = worth * (1.0 - loss) - tariff
    return worth


def expected_loss(rate: Column, loss: Column) -> float:
    """Loss of a mean year.

    rate     events per year, (events); or probabilities
    loss     MWh or currency of each event, (events)
    returns  MWh/year or currency/year

    sum of rate_i loss_i
    """
    return float((np.asarray(rate, dtype=float) * np.asarray(loss, dtype=float)).sum())


def value_at_risk(loss: Column, alpha: float, weight: Column | None = None) -> float:
    """Smallest loss that is not exceeded with probability alpha; weight and unit as in cvar."""
    size, weights = _sorted(loss, weight)
    reached = np.cumsum(weights) >= alpha - ROUNDING
    return float(size[int(np.argmax(reached))])


def cvar(loss: Column, alpha: float, weight: Column | None = None) -> float:
    """Mean of the worst share 1 - alpha of the losses (conditional value at risk).

    loss     MWh or currency, (outcomes)
    alpha    0-1, at 0 the mean, towards 1 the worst
    weight   probability of each outcome up to a common factor; equal if not given
    returns  in the unit of loss

    min over t of t + E[max(L - t, 0)] / (1 - alpha)   (Rockafellar and Uryasev 2000; 2002 for outcomes that straddle alpha)
    """
    if not 0.0 <= alpha < 1.0:
        raise ValueError("alpha is a share from 0 up to, and without, 1")
    size, weights = _sorted(loss, weight)
    at = value_at_risk(size, alpha, weights)
    return at + float((weights * np.maximum(size - at, 0.0)).sum()) / (1.0 - alpha)


def ratio(above: Column, below: Column, otherwise: float = float("nan")) -> Column:
    """above / below, `otherwise` where below is 0; a Series if one of them is, and two Series have one index."""
    indexes = [column.index for column in (above, below) if isinstance(column, pd.Series)]
    if len(indexes) == 2 and not indexes[0].equals(indexes[1]):
        raise ValueError("two columns that are divided have one index")
    top, bottom = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    there = bottom != 0.0
    found = np.where(there, top / np.where(there, bottom, 1.0), otherwise)
    if indexes:
        return pd.Series(found, index=indexes[0])
    return float(found) if found.ndim == 0 else found


def _sorted(loss: Column, weight: Column | None) -> tuple[Floats, Floats]:
    """Losses from small to large, and their probabilities."""
    size = np.asarray(loss, dtype=float)
    weights = np.ones(len(size)) if weight is None else np.asarray(weight, dtype=float)
    if len(size) == 0 or (weights < 0.0).any() or weights.sum() <= 0.0:
        raise ValueError("losses need outcomes with weights that are not negative and not all 0")
    order = np.argsort(size, kind="stable")
    return size[order], weights[order] / weights.sum()

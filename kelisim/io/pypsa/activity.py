"""What runs between two limits, as assets that run between nothing and a most.

PyPSA lets an output lie between any two limits, at a cost of either sign that may change. An asset runs from 0 to what is
available, at a least share of it or more. So an activity is taken apart into pieces that add up to it:

    p = piece - piece back,  piece in [least * most, most]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.case import schema
from kelisim.io.pypsa.network import flag, number
from kelisim.io.pypsa.reading import Reading

Floats = npt.NDArray[np.float64]
Ratio = float | Floats  # of a port: once, or in each step
LEAPS = ("start_most", "stop_most")


@dataclass(frozen=True)
class RunPart:
    """A part of an activity: sign 1 forward or -1 back, most of it (MW, by step), and the share of it that must run, once or by step."""

    name: str
    sign: float
    most: Floats
    least: float | Floats = 0.0

    @property
    def is_fixed(self) -> bool:
        """Whether all of it must run."""
        return bool(np.all(self.least == 1.0))


@dataclass(frozen=True)
class BoundedRun:
    """What runs between limits.

    low, high  MW by step
    cost       currency/MWh by step
    ramp       columns of an asset that limit its change, for a capacity of 1 MW
    starts     columns of the table `commitment`, of what stands still or runs
    limits     MWh over the horizon, least and most
    """

    name: str
    low: Floats
    high: Floats
    cost: Floats
    ramp: Mapping[str, float]
    starts: Mapping[str, Any] | None = None
    limits: tuple[float, float] = (-np.inf, np.inf)

    @property
    def is_plain(self) -> bool:
        """Whether it runs from 0 to its most at one cost."""
        return (
            self.starts is None
            and not self.ramp
            and not (self.low != 0).any()
            and bool(np.all(self.cost == self.cost[0]))
        )

    def pieces(self) -> list[RunPart]:
        """Pieces that add up to it; where something counts the whole of it, that is the first."""
        low = np.minimum(self.low, self.high)
        if not (low < 0).any():
            return _forward(self.name, low, self.high)
        if self.is_whole:
            # one fixed piece back, so that the change and the sum of the other are those of the whole
            base = np.full_like(low, -low.min())
            return [
                *_forward(self.name, low + base, self.high + base),
                RunPart(f"{self.name} back", -1.0, base, 1.0),
            ]
        ahead = _forward(self.name, np.maximum(low, 0.0), np.maximum(self.high, 0.0))
        back = _forward(f"{self.name} back", np.maximum(-self.high, 0.0), np.maximum(-low, 0.0))
        ahead = [piece for piece in ahead if piece.most.any()]
        return ahead + [RunPart(piece.name, -1.0, piece.most, piece.least) for piece in back]

    @property
    def is_whole(self) -> bool:
        """Whether limits count what runs forward less what runs back."""
        return bool(self.ramp) or self.starts is not None or any(np.isfinite(limit) for limit in self.limits)


def _forward(name: str, low: Floats, high: Floats) -> list[RunPart]:
    """What runs between two limits of which none is below 0."""
    if not low.any():
        return [RunPart(name, 1.0, high)]
    share = np.divide(low, high, out=np.full_like(low, np.nan), where=high > 0)
    known = share[~np.isnan(share)]
    if np.allclose(known, known[0], rtol=1e-9, atol=0.0):
        return [RunPart(name, 1.0, high, float(min(known[0], 1.0)))]
    return [RunPart(name, 1.0, high, np.minimum(np.nan_to_num(share), 1.0))]


def activity_of(to: Reading, component: str, name: str, row: Mapping[str, Any]) -> BoundedRun:
    """The activity of a generator, link or process."""
    nominal = to.nominal(component, name, row, "p_nom")
    low = nominal * to.values(component, name, row, "p_min_pu", 0.0)
    high = nominal * to.values(component, name, row, "p_max_pu", 1.0)
    fixed = to.values(component, name, row, "p_set", np.nan)
    starts: dict[str, Any] | None = None
    ramp: dict[str, float] = {}
    if flag(row.get("committable")):
        starts = committed(to, component, name, row, low, ~np.isnan(fixed))
    if starts is not None:
        ramp = to.ramp(component, name, row, nominal, leaps=True)
        starts |= {key: nominal * starts[key] for key in LEAPS if key in starts}
    elif flag(row.get("committable")) and (low > 0).any():
        low = np.minimum(low, 0.0)
    else:
        ramp = to.ramp(component, name, row, nominal)
    if starts is None:
        low, high = _from_before(row, low, high, ramp, to.clock.horizon.length[0])
    low, high = (np.where(np.isnan(fixed), limit, fixed) for limit in (low, high))
    cost = to.values(component, name, row, "marginal_cost", 0.0)
    return BoundedRun(name, low, np.maximum(high, low), cost, ramp, starts)


def _from_before(
    row: Mapping[str, Any], low: Floats, high: Floats, ramp: Mapping[str, float], lasts: float
) -> tuple[Floats, Floats]:
    """Limits of the first snapshot by the output before it (p_init), from which a ramp begins."""
    before = number(row.get("p_init"), np.nan)
    if np.isnan(before) or not ramp:
        return low, high
    low, high = low.copy(), high.copy()
    low[0] = max(low[0], before - ramp.get("ramp_down", ramp["ramp"]) * lasts)
    high[0] = min(high[0], before + ramp["ramp"] * lasts)
    return low, high


def committed(
    to: Reading, component: str, name: str, row: Mapping[str, Any], low: Floats, fixed: npt.NDArray[np.bool_]
) -> dict[str, Any] | None:
    """Columns of the table `commitment` for a unit that starts and stops; nothing where it never needs to, or a note says what is left out."""
    one = {
        key: to.one(component, name, row, attribute, 0.0)
        for key, attribute in (
            ("start_cost", "start_up_cost"),
            ("stop_cost", "shut_down_cost"),
            ("running_cost", "stand_by_cost"),
        )
    }
    up, down = number(row.get("up_time_before"), 1.0), number(row.get("down_time_before"), 0.0)
    ran = up > 0 and down <= 0
    if not (low > 0).any() and not fixed.any() and ran and not any(one.values()):
        return None  # it may run at nothing: nobody has a reason to stop it
    before = number(row.get("p_init"), np.nan)
    reasons = (
        ("a fixed output (p_set)", fixed.any()),
        ("an output below 0 (p_min_pu)", (low < 0).any()),
        ("modules (p_nom_mod)", number(row.get("p_nom_mod"), 0.0) > 0),
        ("the output before the first snapshot (p_init)", not np.isnan(before)),
    )
    reason = next((words for words, is_so in reasons if is_so), "")
    if reason:
        words = f"starts and stops (committable) beside {reason}: any output from 0 on may be run, without cost of starting or stopping: a lower bound"
        to.note(component, [name], words)
        return None
    found: dict[str, Any] = {**one, "steps_before": -down if down > 0 else up, "strict_turns": "yes"}
    for column, attribute in (("min_on", "min_up_time"), ("min_off", "min_down_time")):
        found[column] = number(row.get(attribute), 0.0)
    for column, way, leap in zip(LEAPS, ("up", "down"), ("start_up", "shut_down"), strict=True):
        most = number(row.get(f"ramp_limit_{leap}"), np.nan)
        if not np.isnan(most) or _is_limited(to, component, name, row, way):
            found[column] = 1.0 if np.isnan(most) else most
    return found


def _is_limited(to: Reading, component: str, name: str, row: Mapping[str, Any], way: str) -> bool:
    return not np.isnan(to.values(component, name, row, f"ramp_limit_{way}", np.nan)).all()


def add(
    to: Reading,
    component: str,
    activity: BoundedRun,
    place: str,
    ports: Mapping[str, Ratio],
    *,
    kind: str = "",
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> None:
    """Assets of an activity at a place; where its cost changes they buy what they do of a carrier of its own at that price.

    ports   carrier -> MW that come out (or go in, below 0) for each MW of the activity; one of them is 1 or -1
    limits  MWh over the horizon, least and most
    """
    name = activity.name
    pieces = replace(activity, limits=limits).pieces()
    found = []
    low, high = limits
    hours = to.clock.horizon.hours
    for piece in pieces[1:]:
        if piece.is_fixed:
            run = piece.sign * float(piece.most @ hours)
            low, high = low - run, high - run
    for at, piece in enumerate(pieces):
        more: dict[str, Any] = to.least(f"{piece.name} least", piece.least)
        if at == 0:
            year = to.clock.horizon.year_share
            more |= {"annual_max": max(high, 0.0) / year} if np.isfinite(high) else {}
            more |= {"annual_min": low / year} if np.isfinite(low) and low > 0 else {}
            size = float(piece.most.max())
            more |= {key: value / size for key, value in activity.ramp.items() if size > 0}
        asset = _asset(to, piece, place, ports, piece.sign * activity.cost, kind, more)
        found.append(("assets", asset, piece.sign))
        if activity.starts is not None:
            size = float(piece.most.max())
            leaps = {key: activity.starts[key] / (size or 1.0) for key in LEAPS if key in activity.starts}
            to.rows["commitment"].append({"asset": asset, **activity.starts, **leaps})
            to.least_rows.append((to.rows["assets"][-1], "min_price"))
    to.element[component, name] = found


def _asset(
    to: Reading,
    piece: RunPart,
    place: str,
    ports: Mapping[str, Ratio],
    cost: Floats,
    kind: str,
    more: Mapping[str, Any],
) -> str:
    given: dict[str, Ratio] = {carrier: piece.sign * ratio for carrier, ratio in ports.items()}
    paid = float(cost[0])
    if not np.all(cost == cost[0]):
        # a price path is relative to its mean, which must be well apart from 0
        largest = float(np.abs(cost).max())
        shift = 0.0 if abs(to.clock.mean(cost)) > 0.01 * largest else largest
        paid = -shift
        bought = to.carrier(f"{piece.name} price")
        given[bought] = -1.0
        market(to, piece.name, place, bought, 1.0, np.full_like(cost, piece.most.max()), cost + shift)
    mean = {
        carrier: to.clock.mean(np.asarray(ratio)) if np.ndim(ratio) else float(ratio)
        for carrier, ratio in given.items()
    }
    asset = to.asset(piece.name, kind_of(mean, kind), place, given, piece.most, paid, **more)
    return asset


def kind_of(ports: Mapping[str, float], kind: str) -> str:
    """A kind of asset that may have these ports: the one wished for, if it may."""
    makes, takes = any(ratio > 0 for ratio in ports.values()), any(ratio < 0 for ratio in ports.values())
    group = schema.shipped("asset_kinds").set_index("kind")["group"].get(kind, "")
    if not makes:
        return "sink"
    if not takes:
        return kind if group == "supply" else "supply"
    if sum(ports.values()) > 0:
        return "heat_pump"  # more comes out than goes in
    return kind if group == "convert" else "converter"


def market(
    to: Reading,
    name: str,
    place: str,
    carrier: str,
    sign: float,
    most: Floats,
    cost: Floats,
    limits: Mapping[str, Any] | None = None,
) -> str:
    """A market: one that sells at a cost (sign 1), or that buys and is paid it (-1)."""
    found = to.id(name, "markets", "market")
    price = -cost if sign < 0 else cost
    mean = to.clock.mean(price) if not np.all(price == price[0]) else float(price[0])
    path = to.profile(found, "price", price)
    ceiling = to.clock.mean(most)
    to.rows["markets"].append(
        {
            "market": found,
            "name": name,
            "place": place,
            "carrier": carrier,
            "side": "buys" if sign < 0 else "sells",
            "ceiling": ceiling,
            "profile": to.profile(found, "ceiling", most) if ceiling > 0 else "",
            "price": (mean or 1.0) if path else mean,
            "price_path": path,
            **(limits or {}),
        }
    )
    to.price(price)
    return found


def energy_limits(to: Reading, row: Mapping[str, Any]) -> tuple[float, float]:
    """Least and most energy over the horizon, in hours of cost."""
    low, high = (number(row.get(f"e_sum_{end}"), value) for end, value in (("min", -np.inf), ("max", np.inf)))
    if np.isfinite(low) or np.isfinite(high):
        scale = to.counted()
        low, high = low / scale, high / scale
    return low, high

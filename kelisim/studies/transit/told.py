"""Firm transit as tables: volumes, line of cost, limits, losses, ways, and their units of the trade."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.ways import Way
from kelisim.engine.firm import INSIDE, Firm
from kelisim.engine.working import counted
from kelisim.lp.highs import Solution
from kelisim.lp.parametric import Curve
from kelisim.results.trade_units import TradeUnit
from kelisim.tolerances import DRAWN_SHARE, SMALL_ENERGY

CHANGES = ["table", "element", "carrier", "change", "native", "unit"]
MOST_CHANGES = 8  # rows told of each volume


@dataclass(frozen=True)
class ExitPrice:
    """ExitPrice at the exit, currency/MWh; None if none is known, and the market that gives it."""

    value: float | None
    market: str = ""


def price_at(case: Case, carrier: str, place: str, given: float) -> ExitPrice:
    """The given price, in the unit of the links of the carrier, or that of the dearest market that buys at a place."""
    if not np.isnan(given):
        return ExitPrice(given * TradeUnit.of(case, carrier).money)
    markets = case.quantities("markets")
    rows = markets[
        (markets["place"] == place) & (markets["carrier"] == carrier) & (markets["side"] == "buys")
    ]
    if rows.empty:
        return ExitPrice(None)
    row = rows.sort_values(["price", "market"], ascending=[False, True]).iloc[0]
    return ExitPrice(float(row["price"]), str(row["market"]))


def firm(firms: Mapping[str, Firm], unit: TradeUnit) -> pd.DataFrame:
    """Largest volume of each period."""
    rows = [
        (
            period,
            one.largest,
            one.largest / unit.size,
            unit.volume,
            float((one.profile > 0) @ one.window.hours),
        )
        for period, one in firms.items()
    ]
    return pd.DataFrame(rows, columns=["period", "volume", "native", "unit", "hours"])


def limits(case: Case, firms: Mapping[str, Firm], unit: TradeUnit) -> pd.DataFrame:
    """What holds the largest volume of each period; links of the way first."""
    rows = []
    for period, one in firms.items():
        for limit in one.limits():
            rows.append((period, limit.block, limit.element, not limit.carries, limit.hours, limit.gain))
    frame = pd.DataFrame(rows, columns=["period", "block", "element", "is_other", "hours", "gain"])
    order = {period: at for at, period in enumerate(firms)}
    frame = frame.assign(at=frame["period"].map(order))
    frame = frame.sort_values(
        ["at", "is_other", "gain", "block", "element"], ascending=[True, True, False, True, True]
    )
    frame = frame.assign(projects=[_projects(case, element) for element in frame["element"]])
    return frame.drop(columns=["at", "is_other"]).reset_index(drop=True)


def _projects(case: Case, element: str) -> str:
    """Projects of the case that build the element, "; " between them."""
    projects = case.table("projects")
    found = [
        str(row.project)
        for row in projects.itertuples(index=False)
        if element in {part.strip().partition(":")[2] for part in str(row.builds).split(";")}
    ]
    return "; ".join(found)


def curve(line: Curve, one: Firm, unit: TradeUnit) -> pd.DataFrame:
    """Bends of the line of cost; marginal is the cost of one more MWh up to the volume of the row."""
    hours = float(one.profile @ one.window.hours)
    marginal = np.concatenate([[np.nan], line.slope / hours]) if len(line.at) > 1 else np.array([np.nan])
    return pd.DataFrame(
        {
            "volume": line.at,
            "native": line.at / unit.size,
            "unit": unit.volume,
            "cost": line.value,
            "marginal": marginal,
            "marginal_native": marginal / unit.money,
            "price_unit": unit.price,
        }
    )


def volumes(one: Firm, asked: Sequence[float], unit: TradeUnit) -> pd.DataFrame:
    """Cost of each volume that was asked for; nothing where it does not fit."""
    rows = []
    for native in asked:
        volume = native * unit.size
        fits = volume <= one.largest * (1.0 + INSIDE)
        cost = (
            one.at(min(volume, one.largest * (1.0 - INSIDE))).objective - one.plan.objective
            if fits
            else np.nan
        )
        rows.append((volume, native, unit.volume, bool(fits), cost))
    return pd.DataFrame(rows, columns=["volume", "native", "unit", "fits", "cost"])


def links(case: Case, one: Firm, unit: TradeUnit) -> pd.DataFrame:
    """The links that carry the largest volume, in the order of the case, and what else flows on them."""
    solution = one.at(one.largest * (1.0 - INSIDE))
    rows = []
    hours = one.window.hours
    for (link, back), volume in one.used(solution).items():
        block = one.corridor.problem.columns["links.flow_back" if back else "links.flow"]
        at = [block.elements.index(link)]
        flow, most = (
            float(block.take(v)[at][0] @ hours / hours.sum())
            for v in (solution.values, one.corridor.problem.upper)
        )
        rows.append(
            (
                link,
                back,
                volume,
                volume / unit.size,
                (flow - volume) / unit.size,
                most / unit.size,
                unit.volume,
            )
        )
    columns = ["link", "back", "volume", "native", "others", "capacity", "unit"]
    return pd.DataFrame(rows, columns=columns)


def losses(case: Case, one: Firm, unit: TradeUnit, most: int, say: Callable[..., None]) -> pd.DataFrame:
    """What can still cross without each link of the way, the least first."""
    solution = one.at(one.largest * (1.0 - INSIDE))
    used = sorted(one.used(solution).items(), key=lambda item: (-item[1], item[0]))[:most]
    names = list(dict.fromkeys(link for (link, _), _ in used))
    rows = [
        (
            link,
            (left := max(one.without(link).largest, 0.0)),
            left / unit.size,
            unit.volume,
            left / one.largest,
        )
        for link in counted(say, "losses", names)
    ]
    frame = pd.DataFrame(rows, columns=["link", "volume", "native", "unit", "share"])
    return frame.sort_values(["volume", "link"]).reset_index(drop=True)


def ways(case: Case, found: Sequence[Way], price: ExitPrice, unit: TradeUnit) -> pd.DataFrame:
    """The cheapest ways: their links and places, what they cost, and what is left at the entry."""
    value = np.nan if price.value is None else price.value
    rows = []
    for rank, way in enumerate(found, 1):
        link, size = way.narrowest
        rows.append(
            (
                rank,
                " > ".join(way.places),
                "; ".join(step.link for step in way.steps),
                sum(step.length for step in way.steps),
                sum(step.days for step in way.steps),
                size,
                size / unit.size,
                unit.volume,
                link,
                1.0 - way.delivered,
                way.tariffs,
                way.tariffs / unit.money,
                way.netback(value),
                way.netback(value) / unit.money,
                unit.price,
            )
        )
    columns = ["rank", "way", "links", "length", "days", "size", "native", "unit", "narrowest", "loss"]
    columns += ["tariff", "tariff_native", "netback", "netback_native", "price_unit"]
    return pd.DataFrame(rows, columns=columns)


def stack(found: Sequence[Way], unit: TradeUnit) -> pd.DataFrame:
    """What each link of each way adds to the tariffs, place by place, for one unit handed over at the first place."""
    rows = []
    for rank, way in enumerate(found, 1):
        paid = 0.0
        rows.append((rank, 0, way.steps[0].start, "", 0.0, 0.0, unit.price))
        for number, (step, carried) in enumerate(zip(way.steps, way.carried[:-1], strict=True), 1):
            own = step.tariff * float(carried) / unit.money
            paid += own
            rows.append((rank, number, step.end, step.link, own, paid, unit.price))
    return pd.DataFrame(rows, columns=["rank", "number", "place", "link", "native", "paid", "unit"])


def tariffs(case: Case, found: Sequence[Way], unit: TradeUnit) -> pd.DataFrame:
    """Tariffs of each way by country, for one unit handed over at the entry."""
    country = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    rows = [
        (rank, name, cost, cost / unit.money, unit.price)
        for rank, way in enumerate(found, 1)
        for name, cost in way.by_country(country).items()
    ]
    return pd.DataFrame(rows, columns=["rank", "country", "tariff", "native", "unit"])


def displaced(case: Case, one: Firm) -> pd.DataFrame:
    """What changes by more than a little when the largest volume crosses: sales first, the largest fall first."""
    return _beside(case, one, one.at(one.largest * (1.0 - INSIDE)), one.largest)


def displaced_at(case: Case, one: Firm, asked: pd.DataFrame) -> pd.DataFrame:
    """What changes most at each volume that was asked for and fits.

    asked  rows of the table of volumes: volume MW, native, unit, fits
    """
    frames = []
    for row in asked[asked["fits"].astype(bool)].itertuples(index=False):
        volume = min(row.volume, one.largest * (1.0 - INSIDE))
        found = _beside(case, one, one.at(volume), volume).assign(
            volume=row.volume, at=row.native, of=row.unit
        )
        order = found["change"].abs().sort_values(ascending=False, kind="stable").index
        frames.append(found.loc[order].head(MOST_CHANGES))
    columns = ["volume", "at", "of", *CHANGES]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _beside(case: Case, one: Firm, after: Solution, volume: float) -> pd.DataFrame:
    """Markets and assets whose energy over the time of the window is another than in the plan, MWh."""
    before, hours, rows = one.plan, one.window.hours, []
    for name, table in (("markets.taken", "markets"), ("assets.activity", "assets")):
        block = one.corridor.problem.columns.get(name)
        if block is None:
            continue
        carrier = _carriers(case, table)
        change = (block.take(after.values) - block.take(before.values)) @ hours
        for element, energy in zip(block.elements, change, strict=True):
            of = carrier.get(element, "")
            if abs(energy) > max(SMALL_ENERGY, DRAWN_SHARE * volume * hours.sum()) and of:
                unit, factor = case.units.display(of)
                rows.append((table, element, of, float(energy), float(energy) * factor, unit))
    frame = pd.DataFrame(rows, columns=CHANGES)
    keys = frame.assign(is_sale=frame["table"] == "markets", change=frame["change"].astype(float))
    order = keys.sort_values(["is_sale", "change", "element"], ascending=[False, True, True]).index
    return frame.loc[order].reset_index(drop=True)


def _carriers(case: Case, table: str) -> dict[str, str]:
    """Carrier that an element sells or is counted by."""
    if table == "markets":
        frame = case.table("markets")
        return dict(zip(frame["market"], frame["carrier"], strict=True))
    return dict(case.reference_carriers)


def falls_most(rows: pd.DataFrame) -> pd.Series | None:
    """The row of what falls most, sales before supply; None if nothing falls."""
    falls = rows[rows["change"].astype(float) < 0] if len(rows) else rows
    if falls.empty:
        return None
    return falls.sort_values(["table", "change"], ascending=[False, True], kind="stable").iloc[0]

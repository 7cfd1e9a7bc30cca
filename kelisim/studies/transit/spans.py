"""Over what time a firm volume must hold: the whole time at once with its seasons, one day, or each day by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.engine.firm import Firm, opened
from kelisim.engine.working import counted
from kelisim.results.trade_units import TradeUnit
from kelisim.studies.outage_fields import peak_day
from kelisim.tolerances import SAME_COST

SPANS = ("year", "day", "each_day")
SEASONS = {"winter": (10, 11, 12, 1, 2, 3), "summer": (4, 5, 6, 7, 8, 9)}


@dataclass(frozen=True)
class Route:
    """What is laid: carrier, ends, links that it may use, whether it is used at the last place, and the case with what is built."""

    carrier: str
    start: str
    end: str
    links: Sequence[str]
    feeds: bool
    built: Case | None = None

    def firm(self, engine: Engine, day: date | None, part: int | None = None) -> Firm:
        """The firm volume of the whole time, of a day, or of one cell of the day alone."""
        window = opened(engine, day, self.built)
        share = None
        if part is not None:
            share = np.zeros(len(window.hours))
            share[part] = 1.0
        return Firm(window, self.carrier, self.start, self.end, self.links, share, self.feeds)


@dataclass(frozen=True)
class Spanned:
    """Firm volumes by the time in which they hold.

    firms  period -> firm volume; `main` is the one that is told at length
    day    the day of the daily volume; of `each_day` the one that lets least through
    days   what each day by itself lets through and what holds it; empty but for `each_day`
    """

    firms: dict[str, Firm]
    main: str
    day: date
    days: pd.DataFrame


def of_year(engine: Engine, route: Route, day: date | None) -> Spanned:
    """The whole time, its seasons, and a day."""
    year = route.firm(engine, None)
    firms, window = {"year": year}, year.window
    months = window.steps["step"].dt.month
    for season, of in SEASONS.items():
        share = months.isin(of).to_numpy(dtype=float)
        if 0 < share.sum() < len(share):
            firms[season] = Firm(
                window, route.carrier, route.start, route.end, route.links, share, route.feeds
            )
    day = day or peak_day(engine)
    return Spanned(firms | _of_day(engine, route, day), "year", day, pd.DataFrame())


def of_day(engine: Engine, route: Route, day: date | None) -> Spanned:
    """One day by itself: what is stored at its end, and what the year has left for later, stay as planned."""
    day = day or peak_day(engine)
    return Spanned(_of_day(engine, route, day), "day", day, pd.DataFrame())


def of_each_day(engine: Engine, route: Route, unit: TradeUnit) -> Spanned:
    """Every day by itself; the one that lets least through, of equal ones that of the highest use or else the first, is told at length."""
    rows, peak = [], peak_day(engine)
    starts = engine.case.horizon.steps["step"]
    for day in counted(engine.say, "days", sorted({moment.date() for moment in starts})):
        firm = route.firm(engine, day)
        holding = next(iter(firm.limits()), None)
        block, element = (holding.block, holding.element) if holding else ("", "")
        hours = float(firm.window.hours.sum())
        rows.append(
            (pd.Timestamp(day), firm.largest, firm.largest / unit.size, unit.volume, block, element, hours)
        )
    frame = pd.DataFrame(rows, columns=["day", "volume", "native", "unit", "block", "element", "hours"])
    least = frame["volume"].min()
    worst = [day.date() for day in frame.loc[frame["volume"] <= least * (1.0 + SAME_COST), "day"]]
    day = peak if peak in worst else worst[0]
    return Spanned(_of_day(engine, route, day), "day", day, frame)


def _of_day(engine: Engine, route: Route, day: date) -> dict[str, Firm]:
    """The day, and its part of the highest use of power where the carrier is balanced by parts."""
    whole = route.firm(engine, day)
    found = {"day": whole}
    part = engine.hour_of(day) - whole.window.first
    if len(whole.window.hours) > 1 and whole.has_parts:
        found["part"] = route.firm(engine, day, part)
    return found

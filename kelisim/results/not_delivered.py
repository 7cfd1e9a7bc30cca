"""Booked transit that an outage keeps back: a loss of those whose contract it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said
from kelisim.results.streams import TOTAL, StreamFlows, names_of
from kelisim.tolerances import NO_ENERGY, NO_POWER, SMALL_ENERGY

NOT_DELIVERED = "streams.not_delivered"
COLUMNS = [*TOTAL, "delivered_base", "delivered", "not_delivered", "share", "first"]


def not_delivered(seen: AgainstPlan) -> pd.DataFrame:
    """Streams of which less is handed over than by the plan in the days shown, the most first: a loss of those whose contract it is.

    first  start of the first step in which less is handed over
    """
    now, base = (StreamFlows(seen.case, answer) for answer in (seen.answer, seen.base))
    rows = []
    for one in now.all:
        given, planned = now.delivered(one), base.delivered(one)
        less = np.where(planned - given > NO_POWER, planned - given, 0.0)
        energy = float((planned - given) @ seen.hours)
        if not less.any() or energy <= NO_ENERGY:
            continue
        whole = float(planned @ seen.hours)
        first = seen.starts[int(np.argmax(less > 0))]
        rows.append((*names_of(one), whole, float(given @ seen.hours), energy, energy / whole, first))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["not_delivered", "contract"], ascending=[False, True], ignore_index=True)


def not_delivered_facts(frame: pd.DataFrame) -> list[Fact]:
    """The stream that lacks most, with its owners."""
    if frame.empty or frame["not_delivered"].iat[0] <= SMALL_ENERGY:
        return []
    top = frame.iloc[0]
    owners = ", ".join(name for name in (top["seller"], top["buyer"]) if name)
    more = said("outage.transit_more", count=len(frame) - 1) if len(frame) > 1 else ""
    places = {"contract": top["contract"], "carrier": top["carrier"], "share": top["share"], "more": more}
    places["owners"] = f": {owners}" if owners else ""
    return [Fact("transit_not_delivered", top["not_delivered"], "MWh", "outage.transit", **places)]

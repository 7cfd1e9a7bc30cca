"""Sources that stop because nobody takes what they make, with all that they make beside it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said
from kelisim.results.let_go import ARRIVED, TABLE, let_go_beside
from kelisim.results.not_delivered import NOT_DELIVERED, not_delivered, not_delivered_facts
from kelisim.tolerances import NO_ENERGY, NO_POWER, SMALL_ENERGY, SMALL_SHARE

COLUMNS = ["asset", "place", "carrier", "made_base", "less", "share", "first"]


def shut_in(seen: AgainstPlan, lost: Collection[str] = ()) -> pd.DataFrame:
    """What sources make less of than by the plan in the days shown, a row for each thing that they make; the most energy first.

    lost   elements that are out themselves
    share  of what they make by the plan while they are shut in
    first  start of the first step in which they make less
    """
    case = seen.case
    assets = case.table("assets")
    kinds = case.table("asset_kinds").set_index("kind")["group"]
    sources = assets[assets["kind"].map(kinds).eq("supply") & ~assets["asset"].isin(list(lost))]
    ids = list(sources["asset"])
    now, base = (answer.power("assets.activity", ids) for answer in (seen.answer, seen.base))
    less = np.where(base - now > NO_POWER, base - now, 0.0)
    energy, planned = less @ seen.hours, np.where(less > 0, base, 0.0) @ seen.hours
    at = {asset: row for row, asset in enumerate(ids)}
    reference = case.reference_carriers
    found = []
    for port in case.ports.itertuples(index=False):
        row = at.get(port.asset, -1)
        if row < 0 or port.ratio <= 0 or energy[row] <= max(NO_ENERGY, SMALL_SHARE * planned[row]):
            continue
        of = reference.get(port.asset, port.carrier)
        ratio = port.ratio * case.units.ratio(port.unit, port.carrier, of)
        first = seen.starts[int(np.argmax(less[row] > 0))]
        own = (port.asset, sources["place"].iat[row], port.carrier)
        share = energy[row] / planned[row]
        found.append((*own, ratio * planned[row], ratio * energy[row], share, first, energy[row]))
    frame = pd.DataFrame(found, columns=[*COLUMNS, "_size"])
    order = ["_size", "asset", "less", "carrier"]
    return frame.sort_values(order, ascending=[False, True, False, True], ignore_index=True)[COLUMNS]


def shut_in_fact(frame: pd.DataFrame) -> Fact:
    """The source that is shut in most, with what it makes beside."""
    first = frame.iloc[0]
    own = frame[frame["asset"] == first["asset"]]
    parts = [said("outage.less", amount=r.less, carrier=r.carrier) for r in own.itertuples(index=False)]
    count = frame["asset"].nunique()
    more = said("outage.shut_in_more", count=count - 1) if count > 1 else ""
    places = {"asset": first["asset"], "parts": parts, "first": first["first"], "more": more}
    return Fact("shut_in", float(count), "sources", "outage.shut_in", share=first["share"], **places)


def displaced(seen: AgainstPlan, lost: Collection[str] = ()) -> tuple[dict[str, pd.DataFrame], list[Fact]]:
    """Tables of what is let go, of transit not delivered and of what is shut in beside the plan, and the facts that say so.

    What is let go has its table in each answer, without a row where nothing is; the others only where they have one.
    """
    kept_back = not_delivered(seen)
    frames = {TABLE: let_go_beside(seen), "shut_in": shut_in(seen, lost), NOT_DELIVERED: kept_back}
    facts = not_delivered_facts(kept_back)
    if len(frames["shut_in"]):
        facts.append(shut_in_fact(frames["shut_in"]))
    arrived = frames[TABLE]
    arrived = arrived[(arrived["by"] == ARRIVED) & (arrived["let_go"] > SMALL_ENERGY)]
    if len(arrived):
        top = arrived.iloc[0]
        places = {"place": top["place"], "carrier": top["carrier"], "count": len(arrived)}
        facts.append(Fact("let_go", top["let_go"], "MWh", "outage.let_go", **places))
    return {name: frame for name, frame in frames.items() if len(frame) or name == TABLE}, facts

"""The emergency plan: measures in the order in which they bite, what each brings, and what remains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import customers
from kelisim.case.case import Case, carrier_of_rows
from kelisim.results.against_plan import AgainstPlan, Floats
from kelisim.results.crisis import (
    LEVELS,
    Levels,
    country_levels,
    groups,
    left,
    levels,
    region_keys,
    region_shares,
)
from kelisim.results.facts import Fact, said
from kelisim.results.regions import Regions
from kelisim.results.schema import framed
from kelisim.tolerances import NO_POWER, NO_SHARE, SMALL_ENERGY, SMALL_MONEY

LEVEL_NUMBER = {"early_warning": 1, "alert": 2, "emergency": 3}


@dataclass(frozen=True)
class Used:
    """How a measure is used.

    power   MW per step, all that it acts on
    acts_on (table, element) pairs
    since   step whose level allows it
    without harm (currency) and unserved energy (MWh) if it is the only one that is left out
    """

    measure: str
    power: Floats
    acts_on: tuple[tuple[str, str], ...]
    since: int
    harm: float
    unserved: float


def plan(
    case: Case, with_all: AgainstPlan, harm: float, used: Sequence[Used], level: Mapping[str, Levels]
) -> pd.DataFrame:
    """One row per measure in use, in the order of the hour it bites.

    with_all  the disruption with all measures
    harm      its extra cost, currency, unserved energy at its value of lost load included
    level     measure -> level that counts for it, per step, without measures
    """
    rows = case.table("measures").set_index("measure")
    starts, hours = with_all.starts, with_all.hours
    total = float((with_all.more @ hours).sum())
    found = []
    for one in used:
        row = rows.loc[one.measure]
        some = np.flatnonzero(one.power > NO_POWER)
        number = LEVEL_NUMBER[str(row["crisis_level"])]
        # a level is left when the answer no longer needs it, and the measure is no longer in use
        over = max(left(level[one.measure], number), int(some[-1]) + 1)
        ordered = starts[one.since]
        lead = float(row["lead_time"])
        bites = max(ordered + pd.Timedelta(hours=lead), starts[int(some[0])])
        acts = "; ".join(f"{table}:{element}" for table, element in one.acts_on)
        down = starts[over] if over < len(starts) else pd.NaT
        found.append(
            {"measure": one.measure, "level": str(row["crisis_level"]), "body": str(row["body"])}
            | {"acts_on": acts, "carrier": _carrier(case, *one.acts_on[0]), "ordered": ordered}
            | {"lead_time": lead, "bites": bites, "step_down": down}
            | {"peak": float(one.power.max()), "energy": float(one.power @ hours), "worth": one.harm - harm}
            | {"unserved_avoided": one.unserved - total, "grade": str(row["confidence"]) or "C"}
        )
    # what spares next to nobody a cut, and saves next to nothing, is no order that anybody would give
    spares = max(NO_SHARE * max((one["unserved_avoided"] for one in found), default=0.0), SMALL_ENERGY)
    saves = max(NO_SHARE * max((one["worth"] for one in found), default=0.0), SMALL_MONEY)
    found = [one for one in found if one["unserved_avoided"] > spares or one["worth"] > saves]
    frame = framed("emergency", "plan", found)
    frame = frame.sort_values(["bites", "worth", "measure"], ascending=[True, False, True], ignore_index=True)
    return frame.assign(order=np.arange(1, len(frame) + 1))


def measure_facts(
    case: Case, steps: pd.DataFrame, before: Mapping[str, Any], after: Mapping[str, Any], idle: int
) -> list[Fact]:
    """What the measures change, and in which order they are taken.

    steps          the plan
    before, after  figures of the outage without and with measures
    idle           measures of the case that open nothing
    """
    had, left = (float(one["unserved_energy"]) for one in (before, after))
    measures, count = len(case.table("measures")), len(steps)
    if not measures:
        return [Fact("with", left, "MWh", "emergency.no_measures")]
    if not count and had <= SMALL_ENERGY:
        return [Fact("with", left, "MWh", "emergency.not_needed", count=measures)]
    if not count:
        more = said("emergency.idle", count=idle) if idle else ""
        return [Fact("with", left, "MWh", "emergency.none_helps", count=measures, more=more)]
    if had <= SMALL_ENERGY:
        say = "emergency.cheaper" if count > 1 else "emergency.cheaper_one"
    else:
        say = "emergency.all" if left <= SMALL_ENERGY else "emergency.part"
    told = steps[["order", "measure", "bites"]].to_dict("records")
    places = {"left": left, "had": had, "saved": had - left, "share": (had - left) / had if had else 0.0}
    cheaper = float(before["extra_cost"]) - float(after["extra_cost"])
    shield = _shield(before, after)
    return [
        Fact("with", left, "MWh", say, count=count, **places, cheaper=cheaper, shield=shield),
        Fact("steps", say="emergency.steps", rows=[said("emergency.step", **row) for row in told]),
    ]


def _shield(without: Mapping[str, Any], with_all: Mapping[str, Any]) -> Fact | str:
    before, after = (float(one["unserved_protected"]) for one in (without, with_all))
    if before <= SMALL_ENERGY:
        return ""
    if after <= SMALL_ENERGY:
        return said("emergency.protected_served")
    return said("emergency.protected", before=before, after=after)


def _carrier(case: Case, table: str, element: str) -> str:
    if table == "demand":
        return element.split(":")[1]
    frame = case.table(table)
    if table == "resources":
        uses = case.table("resource_uses")
        uses = uses[uses["resource"] == element]
        if not len(uses):
            return ""
        home = str(uses["table"].iloc[0]).removesuffix("_back").partition("_")[0]
        return _carrier(case, home, str(uses["element"].iloc[0]))
    at = np.flatnonzero((frame.iloc[:, 0] == element).to_numpy())
    return str(list(carrier_of_rows(case, table, frame))[int(at[0])]).split(";")[0] if len(at) else ""


def remaining(case: Case, without: AgainstPlan, with_all: AgainstPlan) -> pd.DataFrame:
    """Who is still cut with all measures, beside nothing done: rationing in the order of protection, last protected last."""
    demand = case.table("demand")
    hours = without.hours
    before, after = without.more @ hours, with_all.more @ hours
    some = np.flatnonzero((before > 1.0) | (after > 1.0))
    is_short = (with_all.more > 0).any(axis=1)

    def moments(of: np.ndarray) -> pd.DatetimeIndex:
        """Step of the highest value of each row; none where nothing is short."""
        at = np.where(is_short, of.argmax(axis=1), -1)
        return pd.to_datetime([with_all.starts[step] if step >= 0 else pd.NaT for step in at])

    whose = {column: demand[column].to_numpy() for column in ("place", "carrier", "customer_class")}
    frame = pd.DataFrame({"region": _regions(case), **whose})
    frame = frame.assign(protected=with_all.protected, order=_orders(case), demand=with_all.demand @ hours)
    frame = frame.assign(unserved_without=before, unserved_with=after, first_short=moments(with_all.more > 0))
    frame = frame.assign(peak_day=moments(with_all.more), peak=with_all.more.max(axis=1, initial=0.0))
    keys = {"order": False, "unserved_with": False, "place": True, "carrier": True}
    return frame.iloc[some].sort_values(list(keys), ascending=list(keys.values()), ignore_index=True)


def _orders(case: Case) -> Floats:
    """Order of protection of each row of demand: 1 is cut last."""
    order = customers.of_demand(case, "order", case.table("demand"))
    return order.astype(float).fillna(np.inf).to_numpy()


def _regions(case: Case) -> np.ndarray:
    """Region of each row of demand; the place itself where it lies in none."""
    place = case.table("demand")["place"]
    return np.asarray(place.map(Regions(case).of).fillna(place).to_numpy())


def regions(case: Case, without: AgainstPlan, with_all: AgainstPlan) -> pd.DataFrame:
    """Per region and carrier that is touched: unserved without and with measures, share of use, worst level, first day."""
    keys = region_keys(case)
    rows = []
    quiet = np.zeros(len(without.hours), dtype=bool)
    names, share_without = region_shares(case, without.felt, without.demand)
    _, share_with = region_shares(case, with_all.felt, with_all.demand)
    hours = without.hours
    for at, name in enumerate(names):
        mine = (keys == name).to_numpy()
        before, after = (float((one.more[mine] @ hours).sum()) for one in (without, with_all))
        if max(before, after) <= 1.0:
            continue
        region, _, carrier = name.partition("|")
        wanted = float((without.demand[mine] @ hours).sum())
        shares = (part / wanted if wanted else 0.0 for part in (before, after))
        reached = (
            LEVELS[int(levels(case, s[at : at + 1], quiet).max())] for s in (share_without, share_with)
        )
        cut = np.flatnonzero(share_with[at] > 0)
        first = with_all.starts[int(cut[0])] if len(cut) else pd.NaT
        rows.append((region, carrier, wanted, before, after, *shares, *reached, first))
    frame, order = framed("emergency", "regions", rows), ["unserved_without", "region", "carrier"]
    return frame.sort_values(order, ascending=[False, True, True], ignore_index=True)


def by_step(case: Case, without: AgainstPlan, with_all: AgainstPlan) -> pd.DataFrame:
    """Unserved and level of each country and carrier that is touched, step by step, without and with measures."""
    keys = groups(case)
    quiet = np.zeros(len(without.hours), dtype=bool)
    (names, level_before), (_, level_after) = (
        country_levels(case, one, quiet) for one in (without, with_all)
    )
    parts = []
    for at, name in enumerate(names):
        mine = (keys == name).to_numpy()
        if not ((without.more[mine] > 0).any() or (with_all.more[mine] > 0).any()):
            continue
        country, _, carrier = name.partition("|")
        part = pd.DataFrame({"country": country, "carrier": carrier, "step": without.starts})
        for word, one, level in (("without", without, level_before), ("with", with_all, level_after)):
            part[f"unserved_{word}"] = one.more[mine].sum(axis=0)
            part[f"level_{word}"] = [LEVELS[int(v)] for v in level[at]]
        parts.append(part)
    empty = framed("emergency", "levels")
    return pd.concat(parts, ignore_index=True)[list(empty)] if parts else empty

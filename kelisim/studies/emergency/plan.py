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
from kelisim.results.crisis import LEVELS, Levels, groups, left, levels, missing_shares
from kelisim.results.facts import Fact, said
from kelisim.results.regions import Regions
from kelisim.tolerances import NO_POWER as NONE
from kelisim.tolerances import SMALL_ENERGY

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
        some = np.flatnonzero(one.power > NONE)
        number = LEVEL_NUMBER[str(row["crisis_level"])]
        # a level is left when the answer no longer needs it, and the measure is no longer in use
        over = max(left(level[one.measure], number), int(some[-1]) + 1)
        ordered = starts[one.since]
        bites = ordered + pd.Timedelta(hours=float(row["lead_time"]))
        found.append(
            {
                "measure": one.measure,
                "level": str(row["crisis_level"]),
                "body": str(row["body"]),
                "acts_on": "; ".join(f"{table}:{element}" for table, element in one.acts_on),
                "carrier": _carrier(case, *one.acts_on[0]),
                "ordered": ordered,
                "lead_time": float(row["lead_time"]),
                "bites": max(bites, starts[int(some[0])]),
                "step_down": starts[over] if over < len(starts) else pd.NaT,
                "peak": float(one.power.max()),
                "energy": float(one.power @ hours),
                "worth": one.harm - harm,
                "unserved_avoided": one.unserved - total,
                "grade": str(row["confidence"]) or "C",
            }
        )
    columns = [
        "measure", "level", "body", "acts_on", "carrier", "ordered", "lead_time", "bites", "step_down", "peak",
        "energy", "worth", "unserved_avoided", "grade",
    ]  # fmt: skip
    frame = pd.DataFrame(found, columns=columns)
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
    rows = [
        said("emergency.step", order=row.order, measure=row.measure, bites=row.bites)
        for row in steps.itertuples()
    ]
    return [
        Fact(
            "with", left, "MWh", say, count=count, left=left, had=had, saved=had - left,
            share=(had - left) / had if had else 0.0, cheaper=float(before["extra_cost"]) - float(after["extra_cost"]), shield=_shield(before, after),
        ),
        Fact("steps", say="emergency.steps", rows=rows),
    ]  # fmt: skip


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
    first = np.where(with_all.more.max(axis=1, initial=0.0) > 0, with_all.more.argmax(axis=1), -1)
    onset = np.where((with_all.more > 0).any(axis=1), (with_all.more > 0).argmax(axis=1), -1)
    region = _regions(case)
    frame = pd.DataFrame(
        {
            "region": region[some], "place": demand["place"].to_numpy()[some], "carrier": demand["carrier"].to_numpy()[some],
            "customer_class": demand["customer_class"].to_numpy()[some], "protected": with_all.protected[some],
            "order": _orders(case)[some],
            "demand": (with_all.demand @ hours)[some], "unserved_without": before[some], "unserved_with": after[some],
            "first_short": pd.to_datetime([with_all.starts[at] if at >= 0 else pd.NaT for at in onset[some]]),
            "peak_day": pd.to_datetime([with_all.starts[at] if at >= 0 else pd.NaT for at in first[some]]),
            "peak": with_all.more.max(axis=1, initial=0.0)[some],
        }
    )  # fmt: skip
    return frame.sort_values(
        ["order", "unserved_with", "place", "carrier"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )


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
    demand = case.table("demand")
    keys = pd.Series(_regions(case)) + "|" + demand["carrier"].to_numpy()
    rows = []
    names, share_without = missing_shares(without, keys)
    _, share_with = missing_shares(with_all, keys)
    hours = without.hours
    for at, name in enumerate(names):
        mine = (keys == name).to_numpy()
        before, after = (float((one.more[mine] @ hours).sum()) for one in (without, with_all))
        if max(before, after) <= 1.0:
            continue
        region, _, carrier = name.partition("|")
        wanted = float((without.demand[mine] @ hours).sum())
        reached = [
            int(levels(case, s[at : at + 1], np.zeros(len(hours), bool)).max())
            for s in (share_without, share_with)
        ]
        cut = np.flatnonzero(share_with[at] > 0)
        rows.append(
            {
                "region": region, "carrier": carrier, "demand": wanted, "unserved_without": before, "unserved_with": after,
                "share_without": before / wanted if wanted else 0.0, "share_with": after / wanted if wanted else 0.0,
                "level_without": LEVELS[reached[0]], "level_with": LEVELS[reached[1]],
                "first_short": with_all.starts[int(cut[0])] if len(cut) else pd.NaT,
            }
        )  # fmt: skip
    columns = [
        "region", "carrier", "demand", "unserved_without", "unserved_with", "share_without", "share_with", "level_without",
        "level_with", "first_short",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame["first_short"] = pd.to_datetime(frame["first_short"])
    return frame.sort_values(
        ["unserved_without", "region", "carrier"], ascending=[False, True, True], ignore_index=True
    )


def by_step(case: Case, without: AgainstPlan, with_all: AgainstPlan) -> pd.DataFrame:
    """Unserved and level of each country and carrier that is touched, step by step, without and with measures."""
    keys = groups(case)
    names, before = missing_shares(without, keys)
    _, after = missing_shares(with_all, keys)
    quiet = np.zeros(len(without.hours), dtype=bool)
    level_before, level_after = (levels(case, shares, quiet) for shares in (before, after))
    parts = []
    for at, name in enumerate(names):
        if max(before[at].max(initial=0.0), after[at].max(initial=0.0)) <= 0:
            continue
        mine = (keys == name).to_numpy()
        country, _, carrier = name.partition("|")
        parts.append(
            pd.DataFrame(
                {
                    "country": country, "carrier": carrier, "step": without.starts,
                    "unserved_without": without.more[mine].sum(axis=0), "unserved_with": with_all.more[mine].sum(axis=0),
                    "level_without": [LEVELS[int(v)] for v in level_before[at]], "level_with": [LEVELS[int(v)] for v in level_after[at]],
                }
            )
        )  # fmt: skip
    columns = [
        "country",
        "carrier",
        "step",
        "unserved_without",
        "unserved_with",
        "level_without",
        "level_with",
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

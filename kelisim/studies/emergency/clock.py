"""The plan by the clock: who calls whom, which order is given and bites when, and what is ordered that the answer does by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.acts import targets
from kelisim.case.case import Case
from kelisim.case.dated import keys
from kelisim.results import notices
from kelisim.results.against_plan import AgainstPlan, Floats
from kelisim.results.crisis import LEVELS, Levels, region_levels
from kelisim.results.facts import Fact, said, stored
from kelisim.results.schema import framed
from kelisim.tolerances import NO_POWER, SMALL_ENERGY

MOST = 8  # stocks told of
ORDER = ("begins", "level", "call", "order", "force", "ends", "stand_down")
WORDS = {level: number for number, level in enumerate(LEVELS)}


def hours_after(begin: pd.Timestamp, moment: Any) -> float:
    """Hours from the beginning of the outage to a moment."""
    return float((pd.Timestamp(moment) - begin) / pd.Timedelta(hours=1))


def orders(case: Case, with_all: AgainstPlan, level: Mapping[str, Levels]) -> pd.DataFrame:
    """Measures that are the order for what the answer does by itself, as far as it does it: less sold, more drawn, customers cut.

    level  measure -> level that counts for it, per step, without measures
    """
    rows = []
    for row in case.table("measures").itertuples(index=False):
        number = WORDS[str(row.crisis_level)]
        reached = np.flatnonzero(level[row.measure] >= number)
        cells = targets(row.acts_on)
        asked = {(c.table, c.element): _done(case, with_all, c.table, c.element) for c in cells}
        done = {cell: power for cell, power in asked.items() if power is not None and power.any()}
        if not len(reached) or not done or not _is_order(row, case):
            continue
        power = np.sum(list(done.values()), axis=0)
        ordered = with_all.starts[int(reached[0])]
        first = with_all.starts[int(np.flatnonzero(power)[0])]
        energy = float(power @ with_all.hours)
        if energy <= SMALL_ENERGY:
            continue
        acts = "; ".join(f"{table}:{element}" for table, element in done)
        carriers = {_carrier(case, table, element) for table, element in done}
        rows.append(
            {"measure": row.measure, "level": str(row.crisis_level), "body": str(row.body), "acts_on": acts}
            | {"carrier": carriers.pop() if len(carriers) == 1 else "", "ordered": ordered}
            | {"lead_time": float(row.lead_time), "bites": ordered + pd.Timedelta(hours=float(row.lead_time))}
            | {"first": first, "peak": float(power.max()), "energy": energy}
            | {"grade": str(row.confidence) or "C"}
        )
    frame = framed("emergency", "orders", rows)
    return frame.sort_values(["bites", "energy", "measure"], ascending=[True, False, True], ignore_index=True)


def _is_order(row: Any, case: Case) -> bool:
    """Whether a measure only takes away, so that the answer does it by price or by rank."""
    return row.mode == "order" or (any(t.table == "markets" for t in targets(row.acts_on)) and row.value < 1)


def _carrier(case: Case, table: str, element: str) -> str:
    if table == "demand":
        return element.split(":")[1]
    frame = case.table(table)
    return str(frame.set_index(frame.columns[0])["carrier"].get(element, "")) if "carrier" in frame else ""


def _done(case: Case, with_all: AgainstPlan, table: str, element: str) -> Floats | None:
    """MW per step of what the answer does there: use cut, sales and deliveries given up, stocks drawn on beyond the plan."""
    now, plan = with_all.answer, with_all.base
    if table == "demand":
        at = np.flatnonzero(keys(case, "demand") == element)
        return np.asarray(with_all.more[int(at[0])]) if len(at) else None
    if table in ("markets", "contracts"):
        name = "markets.taken" if table == "markets" else "contracts.delivery"
        less = plan.power(name, [element])[0] - now.power(name, [element])[0]
    elif table == "storages":
        name = "storages.withdrawal"
        less = now.power(name, [element])[0] - plan.power(name, [element])[0]
    else:
        return None
    found = np.maximum(less, 0.0)
    return np.where(found > NO_POWER, found, 0.0)


def calls(
    case: Case, without: AgainstPlan, touched: set[notices.Group], plan: pd.DataFrame, ordered: pd.DataFrame
) -> pd.DataFrame:
    """Who calls whom by when: notifications of the case, and the bodies of measures and orders when their level is reached.

    touched  country and carrier of what is lost
    """
    bodies = case.table("bodies").set_index("body")
    begin = _begin(without)
    countries = tuple(sorted({str(c) for c in case.table("places")["country"] if c}))
    rows = [
        {"due": row["due"], "from_body": row["from_body"], "to_body": row["to_body"], "level": row["level"]}
        | {
            "country": row["country"],
            "carrier": row["carrier"],
            "measures": "",
            "aid": row["aid"],
            "grade": row["confidence"],
        }
        for row in notices.due(case, notices.by_group(case, without, touched), without.starts, countries)
    ]
    both = pd.concat(
        [plan[["measure", "body", "ordered", "level"]], ordered[["measure", "body", "ordered", "level"]]]
    )
    for (moment, body), some in both[both["body"] != ""].groupby(["ordered", "body"], sort=True):
        level = max(some["level"], key=LEVELS.index)
        rows.append(
            {"due": moment, "from_body": "", "to_body": body, "level": level, "country": "", "carrier": ""}
            | {"measures": "; ".join(some["measure"]), "aid": "", "grade": ""}
        )
    for row in rows:
        whom = bodies.loc[row["to_body"]]
        row |= {"hour": hours_after(begin, row["due"])}
        row |= {name: str(whom[name]) for name in ("role", "phone", "language")}
    frame = framed("emergency", "calls", rows)
    return frame.sort_values(["due", "to_body", "from_body", "carrier", "level"], ignore_index=True)


def _begin(disrupted: AgainstPlan) -> pd.Timestamp:
    first = int(np.argmax(disrupted.out)) if disrupted.out.any() else 0
    return pd.Timestamp(disrupted.starts[first])


def clock(
    case: Case, without: AgainstPlan, tables: Mapping[str, pd.DataFrame], what: Fact, until: pd.Timestamp
) -> pd.DataFrame:
    """All that happens and is to be done, in the order of time, in hours from the beginning of the outage.

    tables  plan, orders, calls
    what    is lost
    until   moment at which the outage is over
    """
    begin = _begin(without)
    rows: list[tuple[Any, str, str, Fact]] = [
        (begin, "begins", "", said("emergency.clock.begins", what=what)),
        (until, "ends", "", said("emergency.clock.ends", what=what)),
    ]
    for region, carrier, level, moment in _reached(case, without):
        told = said("emergency.clock.level", region=region, carrier=carrier, level=level)
        rows.append((moment, "level", "", told))
    for row in tables["calls"].to_dict("records"):
        rows.append((row["due"], "call", row["to_body"], _call(row)))
    for name in ("plan", "orders"):
        for row in tables[name].to_dict("records"):
            gives = {"measure": row["measure"], "power": row["peak"], "carrier": row["carrier"]}
            told = said("emergency.clock.order", body=row["body"], measure=row["measure"])
            if not row["body"]:
                told = said("emergency.clock.order_of_nobody", measure=row["measure"])
            rows.append((row["ordered"], "order", row["body"], told))
            key = "force" if name == "plan" else "force_order"
            rows.append((row["bites"], "force", row["body"], said(f"emergency.clock.{key}", **gives)))
            if name == "plan" and not pd.isna(row["step_down"]):
                down = said("emergency.clock.stand_down", measure=row["measure"])
                rows.append((row["step_down"], "stand_down", row["body"], down))
    lines = [(hours_after(begin, m), m, kind, body, *stored(told).values()) for m, kind, body, told in rows]
    frame = framed("emergency", "clock", lines)
    frame = frame.assign(place=frame["kind"].map(ORDER.index))
    return frame.sort_values(["time", "place", "body", "say", "places"], ignore_index=True).drop(
        columns="place"
    )


def _call(row: Mapping[str, Any]) -> Fact:
    if row["measures"]:
        return said("emergency.clock.call_body", body=row["to_body"], measures=row["measures"].split("; "))
    aid = said("emergency.clock.aid", aid=row["aid"]) if row["aid"] else ""
    about = {name: row[name] for name in ("from_body", "to_body", "level", "carrier")}
    return said("emergency.clock.call", **about, aid=aid)


def _reached(case: Case, without: AgainstPlan) -> list[tuple[str, str, str, pd.Timestamp]]:
    """Region, carrier, level and the first moment of it, of regions that reach one without measures; the highest of one moment."""
    found = region_levels(case, without.unserved_base + without.felt, without.unserved_base, without.demand)
    rows = []
    for at, (region, carrier) in enumerate(zip(found.region, found.carrier, strict=True)):
        before = None
        for number in (3, 2, 1):
            some = np.flatnonzero(found.level[at] >= number)
            if len(some) and (before is None or some[0] < before):
                before = int(some[0])
                rows.append((region, carrier, LEVELS[number], without.starts[before]))
    return rows


# ---- when it is over
def restored(
    case: Case, with_all: AgainstPlan, lost: Sequence[tuple[str, str]], until: pd.Timestamp
) -> pd.DataFrame:
    """What must be so before normal service is declared, and from when it is so by this answer.

    lost   (table, element) pairs that are out
    until  moment from which they are back
    """
    rows: list[tuple[object, ...]] = [
        ("element", f"{table}:{element}", "", until, 0.0) for table, element in sorted(set(lost))
    ]
    rows += _served(case, with_all)
    rows += _filled(case, with_all)
    return framed("emergency", "restored", rows)


def _served(case: Case, with_all: AgainstPlan) -> list[tuple[object, ...]]:
    """Each carrier of which somebody is short: the moment from which nobody is, beyond the plan."""
    carriers = case.table("demand")["carrier"]
    rows: list[tuple[object, ...]] = []
    for carrier in sorted(set(carriers[(with_all.more > 0).any(axis=1)])):
        short = (with_all.more[(carriers == carrier).to_numpy()] > 0).any(axis=0)
        rows.append(("customers", "", carrier, _after(with_all, short), 0.0))
    return rows


def _filled(case: Case, with_all: AgainstPlan) -> list[tuple[object, ...]]:
    """Stocks below their plan at some time: the moment from which they are not, or what is missing at the end."""
    frame = case.table("storages")
    ids = list(frame["storage"])
    if not ids:
        return []
    now, plan = (
        one.power("storages.level", ids) * one.mean_hours for one in (with_all.answer, with_all.base)
    )
    less = np.maximum(plan - now, 0.0)
    depth = less.max(axis=1)
    found: list[tuple[object, ...]] = []
    for at in sorted(np.flatnonzero(depth > SMALL_ENERGY), key=lambda at: (-depth[at], ids[at]))[:MOST]:
        missing = float(less[at, -1])
        carrier = str(frame["carrier"].iloc[at])
        some = less[at] > max(NO_POWER, SMALL_ENERGY)
        found.append(("stock", f"storages:{ids[at]}", carrier, _after(with_all, some), missing))
    return found


def _after(with_all: AgainstPlan, some: np.ndarray) -> pd.Timestamp:
    """The moment after the last step of a mask; not a time where that is the end of the days shown."""
    last = int(np.flatnonzero(some)[-1]) + 1
    return pd.Timestamp(with_all.starts[last]) if last < len(with_all.starts) else pd.NaT

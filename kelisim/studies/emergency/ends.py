"""When the emergency is over: the elements back, the customers served, and the stocks that were drawn on filled again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.schema import framed
from kelisim.tolerances import NO_POWER, SMALL_ENERGY

MOST = 8  # stocks told of


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

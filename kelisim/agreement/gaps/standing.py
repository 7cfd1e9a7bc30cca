"""A draft beside the agreements in force: what it says otherwise, what it says again, and days that neither covers.

These are no gaps of the draft: an amendment is meant to say otherwise. But who signs should know which of the two then holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.agreement.gaps.conflict import numbers_differ, same_matter
from kelisim.agreement.gaps.gap import day, rows_of
from kelisim.agreement.provision import IN_FORCE, Provision
from kelisim.case.case import Case
from kelisim.results.facts import Fact, said
from kelisim.tolerances import SMALL_SHARE

OTHERWISE, AGAIN, EARLIER, BETWEEN = "otherwise", "again", "earlier", "between"
RELATIONS = (OTHERWISE, AGAIN, EARLIER, BETWEEN)


@dataclass(frozen=True)
class DraftBeside:
    """One provision of a draft beside one in force.

    relation  one of RELATIONS
    say       how they stand to each other, in words
    rows      what was read: "table:row"
    """

    relation: str
    draft: Provision
    standing: Provision
    say: Fact
    rows: tuple[str, ...]


def beside(case: Case, draft: Sequence[Provision], known: Sequence[Provision]) -> Iterator[DraftBeside]:
    """Provisions of a draft that are on the matter of one in force, in the order of the draft.

    known  provisions of the case; those that are not in force are left out
    """
    until = case.table("agreements").set_index("agreement")["in_force_until"].to_dict()
    names = case.table("agreements").set_index("agreement")["name"].to_dict()
    for one in draft:
        for other in known:
            if one.is_over or other.status not in IN_FORCE or not same_matter(case, one, other):
                continue
            last = _last(other, until.get(other.agreement))
            told = {
                "draft": one.title,
                "standing": other.title,
                "agreement": str(names.get(other.agreement, other.agreement)),
            }
            found = _relation(case, one, other, last, told)
            if found is not None:
                yield DraftBeside(
                    found[0], one, other, found[1], rows_of([one, other], f"agreements:{other.agreement}")
                )


def _last(one: Provision, until: object) -> pd.Timestamp | None:
    """The last day of a provision: its own, or that of its agreement where that is sooner."""
    days = [day for day in (one.end, until) if day is not None and not pd.isna(day)]
    return min(pd.Timestamp(day) for day in days) if days else None


def _relation(
    case: Case, one: Provision, other: Provision, last: pd.Timestamp | None, told: Mapping[str, Any]
) -> tuple[str, Fact] | None:
    """How a provision of a draft stands to one in force, and its sentence; None where nothing is to be said."""
    if last is not None and one.start is not None and one.start > last:
        if (one.start - last).days <= 1:
            return None
        return BETWEEN, said("agreement.beside_between", until=day(last), start=day(one.start), **told)
    if not one.meets(other):
        return None
    numbers = {"a": one.quantity, "a_unit": one.unit, "b": other.quantity, "b_unit": other.unit}
    if numbers_differ(case, one, other) is not None:
        if one.end is not None and (last is None or one.end < last):
            return EARLIER, said("agreement.beside_earlier", end=day(one.end), **numbers, **told)
        return OTHERWISE, said("agreement.beside_otherwise", **numbers, **told)
    if _is_same(one, other):
        return AGAIN, said("agreement.beside_again", **numbers, **told)
    return None


def _is_same(one: Provision, other: Provision) -> bool:
    """Whether both promise one quantity."""
    if np.isfinite([one.power, other.power]).all():
        return bool(np.isclose(one.power, other.power, rtol=SMALL_SHARE))
    return bool(np.isfinite(one.quantity) and one.quantity == other.quantity and one.unit == other.unit)

"""Answers by months that need days: a step of a month knows what is missing in it, not on which day nor for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kelisim.case.case import Case
from kelisim.results.facts import Fact, facts_frame, facts_of
from kelisim.results.schema import PART
from kelisim.tolerances import ROUNDING

if TYPE_CHECKING:
    from kelisim.results.results import Results

MONTH = "1mo"
KEY = "by_months"
MOST = 62  # days of a cut that are steps of their own


def draft(case: Case, start: date | None = None, days: int = 0) -> list[Fact]:
    """The first sentence of an answer that steps of a month cannot give; empty where the steps are shorter.

    start, days  of the outage; where it takes a part of a month, the sentence says that it counts by its share,
        and where it is too long for days around it, that
    """
    if not case.horizon.is_by_months:
        return []
    if days > MOST:
        return [Fact(KEY, say="by_months.long", days=days, most=MOST)]
    part = start is not None and not whole_months(case, start, days)
    return [Fact(KEY, say=f"by_months.{'share' if part else 'draft'}")]


def told_in_days(results: Results, case: Case, start: date, days: int) -> Results:
    """An answer in days around a cut of a case in months, as one of the case in days: its window holds nothing but days."""
    frames = {
        name: frame.drop(columns=PART, errors="ignore") if "step" in frame else frame
        for name, frame in results.tables.items()
    }
    facts = [
        Fact("days_around", say="by_months.around", start=start, days=days),
        *facts_of(frames["facts"]).values(),
    ]
    frames["facts"] = facts_frame(facts)
    # what asks for it again is the case by months
    meta = {**results.meta, "fingerprint": case.fingerprint}
    return replace(results, case=case.at_step("1d"), tables=frames, meta=meta)


def whole_months(case: Case, start: date, days: int) -> bool:
    """Whether days fill each step in which they lie."""
    share = case.horizon.share_within(start, start + timedelta(days=days - 1))
    return bool(((share < ROUNDING) | (share > 1.0 - ROUNDING)).all())


def is_draft(results: Results) -> bool:
    """Whether an answer says of itself that it is a draft: what it dates to a day or an hour is then not shown."""
    return "facts" in results and KEY in facts_of(results["facts"])

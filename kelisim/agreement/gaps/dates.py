"""Dates that cannot hold: an end or a begin before what must be built is there, an end before the begin, a duty beyond its agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from kelisim.agreement.gaps.gap import DATES, Gap, day, rows_of
from kelisim.agreement.gaps.projects import DELIVERS, needed
from kelisim.agreement.provision import Provision
from kelisim.case.case import Case
from kelisim.results.facts import said


def before_finish(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A provision that ends, or whose deliveries begin, before what must be built for it is there."""
    for one in provisions:
        if one.is_over and one.status != "lapsed":
            continue
        wanted = needed(case, one)
        if wanted is None:
            continue
        rows = rows_of([one], f"projects:{wanted.project}")
        told = {"provision": one.title, "project": wanted.name, "finish": day(wanted.finish)}
        if wanted.finish is None:
            if wanted.is_begin and one.kind in DELIVERS and one.is_hard:
                yield Gap(DATES, (one.name,), said("agreement.gap_no_day", **told), rows)
        elif one.end is not None and one.end < wanted.finish:
            yield Gap(DATES, (one.name,), said("agreement.gap_ends", end=day(one.end), **told), rows)
        elif (
            wanted.is_begin
            and one.kind in DELIVERS
            and one.is_hard
            and one.start is not None
            and one.start < wanted.finish
        ):
            yield Gap(DATES, (one.name,), said("agreement.gap_starts", start=day(one.start), **told), rows)


def ends_after_start(provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A provision that ends before it starts."""
    for one in provisions:
        if one.start is not None and one.end is not None and one.end < one.start:
            say = said("agreement.gap_backwards", provision=one.title, start=day(one.start), end=day(one.end))
            yield Gap(DATES, (one.name,), say, rows_of([one]))


def outlives(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A duty that runs beyond the end of its agreement."""
    until = case.table("agreements").set_index("agreement")["in_force_until"].to_dict()
    for one in provisions:
        last = until.get(one.agreement)
        if one.is_over or last is None or pd.isna(last) or not one.is_hard:
            continue
        told = {"provision": one.title, "until": day(pd.Timestamp(last))}
        rows = rows_of([one], f"agreements:{one.agreement}")
        if one.end is not None and one.end > pd.Timestamp(last):
            yield Gap(DATES, (one.name,), said("agreement.gap_outlives", end=day(one.end), **told), rows)
        elif one.end is None and one.start is not None and one.start > pd.Timestamp(last):
            yield Gap(DATES, (one.name,), said("agreement.gap_after", start=day(one.start), **told), rows)

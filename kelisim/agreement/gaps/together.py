"""Quantities that each fit, and do not fit at once: several duties on the same way in the same months."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

from kelisim.agreement.gaps.gap import SEASON, Gap, rows_of
from kelisim.agreement.gaps.network import capacities, ends
from kelisim.agreement.gaps.projects import there_by
from kelisim.agreement.provision import Provision
from kelisim.case.case import Case
from kelisim.results.facts import said
from kelisim.tolerances import SMALL_SHARE

MOVES = ("supply", "transit", "rail_paths")


@dataclass(frozen=True)
class Duty:
    """What a provision sends: MW from some places to others."""

    provision: Provision
    start: frozenset[str]
    end: frozenset[str]

    @property
    def power(self) -> float:
        return self.provision.power

    def is_part_of(self, other: Duty) -> bool:
        """Whether it may be a part of another delivery: its places lie within those of the other, and it is no larger."""
        return self.start <= other.start and self.end <= other.end and self.power <= other.power


@dataclass(frozen=True)
class AtOnce:
    """How much of some duties can flow at once.

    share  of each of them, at most 1
    links  that are full where it is below 1
    users  duties that use them
    """

    share: float
    links: list[str]
    users: list[Duty]


def not_together(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """Duties that hold on the same days and fit one by one, and of which not all can flow at once.

    A duty whose ends lie within those of a larger one is taken for a part of it, and what is no duty or no longer one is left out.
    """
    told: dict[tuple[str, ...], tuple[AtOnce, Gap]] = {}
    for carrier in sorted({one.carrier for one in provisions if one.carrier}):
        duties = [duty for one in provisions if one.carrier == carrier for duty in _sent(case, one)]
        tried = set()
        for active in _at_once(duties):
            for month in range(1, 13):
                some = _apart([one for one in active if month in one.provision.months])
                key = (tuple(one.provision.name for one in some), month)
                if len(some) < 2 or key in tried:
                    continue
                tried.add(key)
                found = _fits(case, some, month)
                names = tuple(one.provision.name for one in found.users)
                worst = told[names][0].share if names in told else 1.0 - SMALL_SHARE
                if len(names) > 1 and found.share < worst:
                    told[names] = found, _gap(found, carrier, month)
    yield from (gap for _, gap in told.values())


def _sent(case: Case, one: Provision) -> Iterator[Duty]:
    if (
        one.is_over
        or not one.is_hard
        or one.kind not in MOVES
        or not one.power > 0
        or not np.isfinite(one.power)
    ):
        return
    start, end = ends(case, one)
    if not (start and end):
        links = case.table("links").set_index("link")
        mine = [name for table, name in sorted(one.elements) if table == "links" and name in links.index]
        if len(mine) != 1:
            return
        start, end = {str(links.at[mine[0], "from_place"])}, {str(links.at[mine[0], "to_place"])}
    yield Duty(one, frozenset(start), frozenset(end))


def _at_once(duties: Sequence[Duty]) -> list[list[Duty]]:
    """For each day on which a duty begins: those that hold on that day."""
    always = pd.Timestamp.min
    days = sorted({one.provision.start or always for one in duties})
    return [
        [
            one
            for one in duties
            if (one.provision.start or always) <= day
            and (one.provision.end is None or day <= one.provision.end)
        ]
        for day in days
    ]


def _apart(duties: Sequence[Duty]) -> list[Duty]:
    """Those that are no part of another."""
    kept: list[Duty] = []
    for one in sorted(duties, key=lambda it: (-it.power, it.provision.name)):
        if not any(one.is_part_of(other) for other in kept):
            kept.append(one)
    return kept


def _fits(case: Case, duties: Sequence[Duty], month: int) -> AtOnce:
    """The largest share of all duties that the network carries at once: a flow for each, within what each link lets through."""
    frames = [
        capacities(case, replace(one.provision, months=(month,)), there_by(case, one.provision))
        for one in duties
    ]
    links = pd.concat(frames)
    links = links[~links.index.duplicated()]
    alone = [_share(links, [one])[0] for one in duties]
    some = [one for one, share in zip(duties, alone, strict=True) if share >= 1.0 - SMALL_SHARE]
    if len(some) < 2:
        return AtOnce(1.0, [], [])
    share, full, uses = _share(links, some)
    return AtOnce(share, full, [one for one, use in zip(some, uses, strict=True) if use])


def _share(links: pd.DataFrame, duties: Sequence[Duty]) -> tuple[float, list[str], list[bool]]:
    """Share of the duties that fits, the links that are full, and which duties use one of those.

    A concurrent flow of several commodities (Ahuja, Magnanti and Orlin 1993, chapter 17): for each duty a flow on each way of each link and
    what each place sends and takes; the same share of each duty is sent.
    """
    places = sorted(
        {*links["from_place"], *links["to_place"]}.union(*(one.start | one.end for one in duties))
    )
    at = {place: number for number, place in enumerate(places)}
    ways = [
        (link, at[near], at[far], size)
        for link, near, far, ahead, back in links[["from_place", "to_place", "ahead", "back"]].itertuples(
            name=None
        )
        for near, far, size in ((near, far, ahead), (far, near, back))
        if size > 0
    ]
    if not ways:
        return 0.0, [], [True] * len(duties)
    near, far = np.array([way[1] for way in ways]), np.array([way[2] for way in ways])
    count, wide, own = len(places), len(ways), len(ways) + 2 * len(places)
    total = own * len(duties) + 1  # the last column is the share
    numbers, ones = np.arange(wide), np.ones(wide)
    balance = coo_array(
        (np.concatenate([-ones, ones]), (np.concatenate([near, far]), np.concatenate([numbers, numbers]))),
        (count, wide),
    ).tocsr()
    rows, high = [], []
    for number, one in enumerate(duties):
        before = csr_array((count, own * number))
        after = csr_array((count, total - own * (number + 1)))
        eye = csr_array(np.eye(count))
        rows.append(hstack([before, balance, eye, -eye, after], format="csr"))
        sent = np.zeros((1, total))
        sent[0, own * number + wide : own * number + wide + count] = 1.0
        sent[0, -1] = -one.power
        rows.append(csr_array(sent))
        high += [size for *_, size in ways]
        high += [np.inf if place in one.start else 0.0 for place in places]
        high += [np.inf if place in one.end else 0.0 for place in places]
    within = hstack([*[csr_array(np.eye(wide, own))] * len(duties), csr_array((wide, 1))], format="csr")
    cost = np.zeros(total)
    cost[-1] = -1.0
    equal = vstack(rows, format="csr")
    solved = linprog(
        cost,
        A_ub=within,
        b_ub=[size for *_, size in ways],
        A_eq=equal,
        b_eq=np.zeros(equal.shape[0]),
        bounds=np.column_stack([np.zeros(total), [*high, 1.0]]),
        method="highs",
    )
    worth = -solved.ineqlin.marginals
    full = worth > SMALL_SHARE * max(float(worth.max(initial=0.0)), 1e-300)
    flows = solved.x[:-1].reshape(len(duties), own)[:, :wide]
    names = list(dict.fromkeys(way[0] for way, is_full in zip(ways, full, strict=True) if is_full))
    return float(solved.x[-1]), names, [bool((flow[full] > 0).any()) for flow in flows]


def _gap(found: AtOnce, carrier: str, month: int) -> Gap:
    users = [one.provision for one in found.users]
    say = said(
        "agreement.gap_together",
        provisions=[one.title for one in users],
        power=sum(one.power for one in users),
        most=found.share * sum(one.power for one in users),
        share=found.share,
        carrier=carrier,
        links=found.links[:3],
        month=date(2023, month, 1),
    )
    return Gap(
        SEASON,
        tuple(one.name for one in users),
        say,
        rows_of(users, *(f"links:{link}" for link in found.links)),
    )

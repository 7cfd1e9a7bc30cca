"""What contracts let a country nominate over its borders: the sum of their daily maxima, from the nomination lead on.

A contract counts where it brings something in: a supply from abroad or a swap where it is handed over, one that books links over each
border that its links cross, a stream over the borders of the country of its buyer's point alone: what goes through others is not for
them. A contract whose links are some of those of another one is a part of it and counts once, with the larger one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kelisim.case.case import Case
from kelisim.case.streams import streams
from kelisim.lp.problem import Floats
from kelisim.model.borders import Border, Crossing


@dataclass(frozen=True)
class Nomination:
    """What one contract lets be nominated over one border.

    most     MW in each step of the horizon, (steps,): its daily maximum while it holds
    lead     hours from the nomination until it flows
    assumed  whether the daily maximum is not in the case: annual quantity / days x (1 + swing_up), grade C
    links    what it books; none if it is a supply or a swap
    """

    contract: str
    border: Border
    most: Floats
    lead: float
    assumed: bool
    links: frozenset[str] = frozenset()


def nominations(case: Case, found: Iterable[Crossing]) -> list[Nomination]:
    """What each contract lets be nominated, over each border."""
    contracts = case.quantities("contracts")
    limited = contracts["annual_quantity"].notna() | contracts["daily_max"].notna()
    over_link: dict[str, Border] = {}
    own: dict[str, Border] = {}
    for one in found:
        if one.border is not None and one.block == "links.flow":
            over_link[one.element] = one.border
        elif one.border is not None and one.block == "contracts.delivery":
            own[one.element] = one.border
    into = {
        stream.contract: [
            leg.link for leg in stream.legs if stream.country[leg.end] == stream.country[stream.end]
        ]
        for stream in streams(case)
    }
    made = []
    for row in contracts[limited].itertuples(index=False):
        most, assumed = _daily(case, row)
        if not most.any():
            continue
        if row.contract in own:
            made.append(
                Nomination(row.contract, own[row.contract], most, float(row.nomination_lead), assumed)
            )
        booked: dict[Border, set[str]] = {}
        for link in into.get(row.contract, str(row.over).split(";")):
            if link in over_link:
                booked.setdefault(over_link[link], set()).add(link)
        made += [
            Nomination(row.contract, border, most, float(row.nomination_lead), assumed, frozenset(members))
            for border, members in sorted(booked.items())
        ]
    return [
        one
        for one in made
        if not any(one.border == other.border and one.links and one.links < other.links for other in made)
    ]


def _daily(case: Case, row: object) -> tuple[Floats, bool]:
    """Most of a day, in each step of the horizon, MW; and whether that was assumed."""
    horizon = case.horizon
    share = horizon.share_within(row.start, row.end)  # type: ignore[attr-defined]
    most = float(row.daily_max)  # type: ignore[attr-defined]
    assumed = bool(np.isnan(most))
    if assumed:
        most = float(row.annual_quantity) / horizon.year_hours * (1.0 + float(row.swing_up))  # type: ignore[attr-defined]
    return most * share, assumed

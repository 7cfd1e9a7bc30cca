"""Streams of booked transit: the part of the flow on a way that belongs to one contract, kept apart from what it flows beside.

The flow of a link is the sum of its common flow and of its streams, so that capacity, tariff, loss and shared limits count all of it. A
stream leaves the common flow at the seller's point and joins it again at the buyer's point. At each place between them what arrives of
it goes on, so that the balance of the place is one of the common flow alone: nobody there can take from the stream.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kelisim.case.streams import Leg, Stream, streams
from kelisim.lp.problem import Floats, Ints
from kelisim.model.assembly import Assembly
from kelisim.model.links import arrivals
from kelisim.tolerances import BOOKED_FIRST

FLOW, BALANCE = "streams.flow", "streams.balance"
AGAINST = 1.1  # times what a booking is worth
WITHIN: Mapping[str, str] = {"links.flow": "streams.within", "links.flow_back": "streams.within_back"}


def add(frame: Assembly, active: Mapping[str, Floats]) -> dict[str, Ints]:
    """Columns `streams.flow` (links of the ways, steps), rows `streams.balance`, `streams.within` and `streams.within_back`.

    active   contract -> share of it that can be used in each step, 0 where it does not hold; streams of other contracts are none
    returns  contract -> columns by which its stream enters its way, (columns, steps)
    """
    found = [one for one in streams(frame.case) if one.contract in active]
    if not found:
        return {}
    legs = [(stream, leg) for stream in found for leg in stream.legs]
    columns = _flows(frame, legs, active)
    _within(frame, legs, columns)
    _no_circles(frame, legs)
    at = {stream.label(leg): row for row, (stream, leg) in enumerate(legs)}
    _balance(frame, found, columns, at)
    return {one.contract: columns[[at[one.label(leg)] for leg in one.first]] for one in found}


def _flows(frame: Assembly, legs: list[tuple[Stream, Leg]], active: Mapping[str, Floats]) -> Ints:
    """What of the flow of each link belongs to each stream; of flows of one cost those go under a booking that can."""
    links = frame.case.quantities("links").set_index("link", drop=False)
    mine = links.loc[[leg.link for _, leg in legs]]
    back = np.array([leg.is_back for _, leg in legs])
    size = np.where(back, mine["capacity_back"], mine["capacity"])
    holds = np.array([active[stream.contract] for stream, _ in legs])
    enters = np.array([leg.start == stream.start for stream, leg in legs])
    return frame.build.add_columns(
        FLOW,
        [stream.label(leg) for stream, leg in legs],
        frame.steps,
        0.0,
        frame.availability("links", mine) * size[:, None] * holds,
        coarse=frame.in_steps(mine["carrier"]),
        tilt=frame.price(np.where(enters, -BOOKED_FIRST, 0.0)),
    )


def _within(frame: Assembly, legs: list[tuple[Stream, Leg]], columns: Ints) -> None:
    """Streams are no more than the flow of their link in their direction."""
    carrier = dict(frame.case.table("links")[["link", "carrier"]].itertuples(index=False))
    for way, name in WITHIN.items():
        mine = [at for at, (_, leg) in enumerate(legs) if leg.is_back == (way != "links.flow")]
        links = list(dict.fromkeys(legs[at][1].link for at in mine))
        if not links:
            continue
        coarse = frame.in_steps(pd.Series([carrier[link] for link in links], dtype=object))
        rows = frame.build.add_rows(name, links, frame.steps, lower=0.0, coarse=coarse)
        block = frame.build.columns[way]
        position = {link: at for at, link in enumerate(block.elements)}
        frame.build.add_entries(rows, block.positions[[position[link] for link in links]], 1.0)
        frame.build.add_entries(rows[[links.index(legs[at][1].link) for at in mine]], columns[mine], -1.0)


def _no_circles(frame: Assembly, legs: list[tuple[Stream, Leg]]) -> None:
    """What flows against a stream costs a little more than a booking is worth, so that nothing goes to and fro for it."""
    for way in WITHIN:
        against = sorted({leg.link for _, leg in legs if leg.is_back == (way == "links.flow")})
        block = frame.build.columns.get(way)
        position = {link: at for at, link in enumerate(block.elements)} if block else {}
        found = np.array([position[link] for link in against if link in position], dtype=np.int64)
        if len(found):
            frame.build.add_tilt(way, found, frame.price(np.full(len(found), AGAINST * BOOKED_FIRST)))


def _balance(frame: Assembly, found: list[Stream], columns: Ints, at: dict[str, int]) -> None:
    """At each place between the two points what arrives of a stream goes on."""
    ids = [f"{stream.contract}|{place}" for stream in found for place in stream.between]
    if not ids:
        return
    carriers = pd.Series([stream.carrier for stream in found for _ in stream.between], dtype=object)
    rows = frame.build.add_rows(BALANCE, ids, frame.steps, 0.0, 0.0, frame.in_steps(carriers))
    row_of = {label: row for row, label in enumerate(ids)}
    links = frame.case.quantities("links").set_index("link", drop=False)
    for stream in found:
        for leg in stream.legs:
            own = columns[[at[stream.label(leg)]]]
            if leg.start != stream.start:
                frame.build.add_entries(rows[[row_of[f"{stream.contract}|{leg.start}"]]], own, -1.0)
            if leg.end != stream.end:
                arrival, kept = arrivals(frame, links.loc[[leg.link]])
                here = rows[[row_of[f"{stream.contract}|{leg.end}"]]]
                frame.build.add_entries(np.take_along_axis(here, arrival, axis=1), own, kept)

"""Booked transit in a solved problem: what enters, what is lost on the way and what is handed over.

Energy MWh, power MW. The flow of a link holds its streams; what is left without them is its common flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.streams import Leg, Stream, streams
from kelisim.results.answer import Answer

Floats = npt.NDArray[np.float64]
FLOW = "streams.flow"
TOTAL = ["contract", "seller", "buyer", "carrier", "from_place", "to_place", "crossed"]
AMOUNTS = ["entered", "lost", "delivered"]
LINKS = ["contract", "link", "carrier", "from_place", "to_place", "enters", "sent", "lost", "arrived"]


@dataclass(frozen=True)
class StreamFlows:
    """The streams of one answer."""

    case: Case
    answer: Answer

    @cached_property
    def all(self) -> tuple[Stream, ...]:
        """All streams that the answer has."""
        block = self.answer.columns.get(FLOW)
        known = set(block.elements) if block is not None else set()
        return tuple(one for one in streams(self.case) if one.label(one.legs[0]) in known)

    @cached_property
    def _power(self) -> dict[str, Floats]:
        """Name of a stream's leg -> MW sent, (steps,)."""
        block = self.answer.columns.get(FLOW)
        return dict(zip(block.elements, block.values, strict=True)) if block is not None else {}

    @cached_property
    def _kept(self) -> dict[str, float]:
        links = self.case.table("links")
        return dict(zip(links["link"], 1.0 - links["loss"].astype(float), strict=True))

    def sent(self, stream: Stream, leg: Leg) -> Floats:
        """MW that a stream sends over a leg, (steps,)."""
        return np.maximum(self._power[stream.label(leg)], 0.0)

    def arrived(self, stream: Stream, leg: Leg) -> Floats:
        """MW of it that arrives, by the step in which it was sent, (steps,)."""
        return self._kept[leg.link] * self.sent(stream, leg)

    def entered(self, stream: Stream) -> Floats:
        """MW that enters the way at the seller's point, (steps,)."""
        return sum((self.sent(stream, leg) for leg in stream.first), np.zeros(len(self.answer.hours)))

    def delivered(self, stream: Stream) -> Floats:
        """MW that is handed over at the buyer's point, by the step in which its last link sent it, (steps,)."""
        return sum((self.arrived(stream, leg) for leg in stream.last), np.zeros(len(self.answer.hours)))

    # ---- over the horizon
    def on_links(self) -> tuple[Floats, Floats]:
        """MWh of all streams over each link, forwards and backwards, (links) each."""
        at = {link: row for row, link in enumerate(self.case.table("links")["link"])}
        forward, back = np.zeros(len(at)), np.zeros(len(at))
        for stream in self.all:
            for leg in stream.legs:
                energy = float(self.sent(stream, leg) @ self.answer.hours)
                (back if leg.is_back else forward)[at[leg.link]] += energy
        return forward, back

    def total(self) -> pd.DataFrame:
        """One row for each stream: the two points, countries it crosses, what entered, what was lost, what was handed over."""
        rows = []
        for one in self.all:
            entered, delivered = (
                float(p @ self.answer.hours) for p in (self.entered(one), self.delivered(one))
            )
            rows.append((*names_of(one), entered, entered - delivered, delivered))
        return pd.DataFrame(rows, columns=[*TOTAL, *AMOUNTS]).astype(dict.fromkeys(AMOUNTS, float))

    def links(self) -> pd.DataFrame:
        """One row for each stream and link of its way, in the direction of the stream.

        enters  country that it comes into there, if that is a third one; else empty
        """
        rows = []
        for one in self.all:
            for leg in one.legs:
                sent, arrived = (
                    float(p @ self.answer.hours) for p in (self.sent(one, leg), self.arrived(one, leg))
                )
                into, other = one.country[leg.end], one.country[leg.start]
                enters = into if into != other and into in one.crossed else ""
                own = (one.contract, leg.link, one.carrier, leg.start, leg.end, enters)
                rows.append((*own, sent, sent - arrived, arrived))
        return pd.DataFrame(rows, columns=LINKS).astype(dict.fromkeys(LINKS[-3:], float))

    def through(self, area: Mapping[str, str]) -> pd.DataFrame:
        """MWh over each link of streams that are not for the area at its end, and of those that are not from the area at its start.

        area     of each place
        returns  index: links; forward_in, back_in: not for the area that they reach; forward_out, back_out: not from the one they leave
        """
        names = ["forward_in", "back_in", "forward_out", "back_out"]
        found = pd.DataFrame(0.0, index=pd.Index(self.case.table("links")["link"]), columns=names)
        for one in self.all:
            for leg in one.legs:
                energy, way = (
                    float(self.sent(one, leg) @ self.answer.hours),
                    "back" if leg.is_back else "forward",
                )
                if area[leg.end] != area[one.end]:
                    found.loc[leg.link, f"{way}_in"] += energy
                if area[leg.start] != area[one.start]:
                    found.loc[leg.link, f"{way}_out"] += energy
        return found


def names_of(one: Stream) -> tuple[str, ...]:
    """The columns of `TOTAL` of a stream."""
    return (one.contract, one.seller, one.buyer, one.carrier, one.start, one.end, ";".join(one.crossed))

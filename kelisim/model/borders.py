"""What crosses a border: which columns bring something into a country, from whom, and which take something out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kelisim.case.case import Case
from kelisim.case.streams import streams
from kelisim.lp.problem import Problem
from kelisim.model.streams import FLOW

Border = tuple[str, str, str]  # receiver, giver, carrier
WAYS = ("links.flow", "links.flow_back")


@dataclass(frozen=True)
class Crossing:
    """One element of a block of columns that crosses a border.

    block, at, element  where it stands: name of the block, position and name of the element
    border     (receiver, giver, carrier) into which it brings something; None if it only takes out
    arrives    share of it that arrives; below 0 of a stream, which is no part of what the flow of its link brings in
    leaves     country that it leaves; empty if it comes from no country of the case
    departs    share of it that leaves; -1 of a stream that only goes through
    """

    block: str
    at: int
    element: str
    border: Border | None
    arrives: float
    leaves: str
    carrier: str
    departs: float = 1.0


def crossings(case: Case, problem: Problem) -> list[Crossing]:
    """All that crosses a border in a problem: links less the streams that go through, swaps, markets abroad, and contracts with somebody abroad."""
    return [
        *_links(case, problem),
        *_streams(case, problem),
        *_markets(case, problem),
        *_contracts(case, problem),
    ]


def _elements(problem: Problem, name: str) -> dict[str, int]:
    block = problem.columns.get(name)
    return {element: at for at, element in enumerate(block.elements)} if block else {}


def _links(case: Case, problem: Problem) -> Iterator[Crossing]:
    country = case.table("places").set_index("place")["country"]
    links = case.table("links")
    start, end = links["from_place"].map(country), links["to_place"].map(country)
    rows = list(zip(links["link"], start, end, links["carrier"], links["loss"], strict=True))
    for name in WAYS:
        position = _elements(problem, name)
        for link, one, other, carrier, loss in rows:
            if link in position and one != other:
                giver, receiver = (one, other) if name == WAYS[0] else (other, one)
                border = (str(receiver), str(giver), str(carrier))
                yield Crossing(
                    name, position[link], str(link), border, 1.0 - float(loss), str(giver), str(carrier)
                )


def _streams(case: Case, problem: Problem) -> Iterator[Crossing]:
    """What goes through under a booking: it comes into the country of the buyer's point and leaves that of the seller's point alone."""
    position = _elements(problem, FLOW)
    loss = dict(case.table("links")[["link", "loss"]].itertuples(index=False)) if position else {}
    for stream in streams(case):
        for leg in stream.legs:
            giver, receiver = stream.country[leg.start], stream.country[leg.end]
            if giver == receiver or stream.label(leg) not in position:
                continue
            passes = receiver != stream.country[stream.end]
            border = (receiver, giver, stream.carrier) if passes else None
            leaves = giver if giver != stream.country[stream.start] else ""
            if border is None and not leaves:
                continue
            kept = float(loss[leg.link]) - 1.0
            name = stream.label(leg)
            yield Crossing(FLOW, position[name], name, border, kept, leaves, stream.carrier, -1.0)


def _markets(case: Case, problem: Problem) -> Iterator[Crossing]:
    """Who buys at a place takes out of its country, who sells brings in: a market stands for somebody abroad."""
    country = case.table("places").set_index("place")["country"]
    position = _elements(problem, "markets.taken")
    for row in case.table("markets").itertuples(index=False):
        here, carrier = str(country[row.place]), str(row.carrier)
        if row.market not in position:
            continue
        if row.side == "sells":
            border = (here, str(row.market), carrier)
            yield Crossing("markets.taken", position[row.market], str(row.market), border, 1.0, "", carrier)
        else:
            yield Crossing("markets.taken", position[row.market], str(row.market), None, 0.0, here, carrier)


def _contracts(case: Case, problem: Problem) -> Iterator[Crossing]:
    """Supplies from abroad, sales, and swaps that give back in another country."""
    country = case.table("places").set_index("place")["country"]
    effects = case.table("contract_kinds").set_index("kind")["effect"]
    position = _elements(problem, "contracts.delivery")
    name = "contracts.delivery"
    for row in case.table("contracts").itertuples(index=False):
        if row.contract not in position:
            continue
        at, effect, carrier = position[row.contract], effects[row.kind], str(row.carrier)
        here = str(country[row.delivery_place])
        if effect == "source":
            giver = party(case, str(row.seller)) or str(row.seller) or str(row.contract)
            if giver != here:
                yield Crossing(name, at, str(row.contract), (here, giver, carrier), 1.0, "", carrier)
        elif effect == "sink":
            if party(case, str(row.buyer)) != here:
                yield Crossing(name, at, str(row.contract), None, 0.0, here, carrier)
        elif effect == "swap":
            there = str(country[row.return_place])
            if there != here:
                yield Crossing(name, at, str(row.contract), (there, here, carrier), 1.0, here, carrier)


def party(case: Case, name: str) -> str:
    """Country of a party to a contract: of the entity of that identifier or name, or the code itself; empty if not known."""
    entities = case.table("entities")
    known = entities[(entities["entity"] == name) | (entities["name"] == name)]
    if name and len(known):
        return str(known["country"].iloc[0])
    return name if name in set(case.table("places")["country"]) else ""


def borders_of(found: list[Crossing]) -> tuple[Border, ...]:
    """All borders, in the order of their names."""
    return tuple(sorted({one.border for one in found if one.border is not None}))


def helped_over(case: Case, found: list[Crossing]) -> tuple[Border, ...]:
    """Borders over which more may come in as help: into countries where customers or plants take the carrier.

    Who only hands on or sells what comes in cannot be helped: crude on its way round a closed port ends at another buyer.
    """
    country = case.table("places").set_index("place")["country"]
    demand, ports = case.table("demand"), case.table("asset_ports")
    fed = ports[ports["ratio"] < 0]
    place = case.table("assets").set_index("asset")["place"]
    users = {*zip(demand["place"].map(country), demand["carrier"], strict=True)}
    users |= {*zip(fed["asset"].map(place).map(country), fed["carrier"], strict=True)}
    return tuple(border for border in borders_of(found) if (border[0], border[2]) in users)


def label(*names: str) -> str:
    """Name of an element of a block of rows or columns, such as "KZ|RU|natural_gas"."""
    return "|".join(names)

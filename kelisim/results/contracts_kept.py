"""Contracts across the border of two states: what was not handed over and is owed, what was made up for, and what is within a contract.

Gas that was planned under a contract and did not come is no aid and no debt of the buyer: it is a claim for non-delivery. What comes
later in its place makes up for it, and is no aid either. What comes beyond the plan is first what the contract still lets come in a
day, at its price. Energy MWh, power MW.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.against_plan import AgainstPlan, Floats
from kelisim.results.schema import framed
from kelisim.tolerances import NO_POWER, NO_SHARE

MOVES_ONLY = "transport"  # kind of contract that sells nothing
SHORTFALL, PRICE, PLAN = "shortfall_price", "price", "plan_price"  # what a claim is reckoned by


@dataclass(frozen=True)
class Delivery:
    """What a contract hands over from one state to the other.

    planned, now  MW per step
    room          MW per step that it may hand over in a day beyond the plan; 0 where it names no daily maximum
    price         currency/MWh; not a number where it has none
    penalty       currency/MWh for what is not handed over; not a number where it has none
    links         over which it goes
    is_wanted     whether what is missing is worth as much at the receiver's end as by the plan, or more: then it was not delivered, and
                  else it was not taken
    """

    contract: str
    seller: str
    buyer: str
    giver: str
    receiver: str
    carrier: str
    planned: Floats
    now: Floats
    room: Floats
    price: float
    penalty: float
    links: tuple[str, ...]
    is_wanted: bool

    @property
    def missing(self) -> Floats:
        """MW planned and not handed over, per step."""
        found = np.maximum(self.planned - self.now, 0.0)
        return np.where(found > NO_POWER, found, 0.0)

    def made_up(self, hours: Floats) -> Floats:
        """MW beyond the plan that make up for what was missing before, per step."""
        beyond = np.maximum(self.now - self.planned, 0.0) * hours
        owed, found = 0.0, np.zeros(len(hours))
        for step, missing in enumerate(self.missing * hours):
            found[step] = min(float(beyond[step]), owed)
            owed += float(missing) - found[step]
        return found / hours


def deliveries(case: Case, seen: AgainstPlan, pair: tuple[str, str]) -> list[Delivery]:
    """Contracts in force that hand something over between the two, each link counted once: under the one that prices it."""
    contracts = case.quantities("contracts")
    if contracts.empty or not all(pair):
        return []
    contracts = contracts[(contracts["kind"] != MOVES_ONLY).to_numpy() & (contracts["over"] != "").to_numpy()]
    country = case.table("places").set_index("place")["country"]
    links = case.table("links").set_index("link")[["from_place", "to_place"]]
    ends = {link: (str(country[a]), str(country[b])) for link, a, b in links.itertuples()}
    order = contracts.assign(priced=contracts["price"].isna(), yearly=contracts["annual_quantity"].isna())
    taken: set[str] = set()
    found = []
    for row in order.sort_values(["priced", "yearly"], kind="stable").itertuples(index=False):
        over = [part.strip() for part in str(row.over).split(";") if part.strip()]
        mine = [one for one in over if set(ends.get(one, ("", ""))) == set(pair) and one not in taken]
        active = _active(case, seen, row.start, row.end)
        if not mine or bool(getattr(row, "stream", False)) or not active.any():
            continue
        taken |= set(mine)
        giver, receiver = ends[mine[0]]
        now, planned = (_handed(one, mine, ends, giver) * active for one in (seen.answer, seen.base))
        most = 0.0 if np.isnan(row.daily_max) else float(row.daily_max)
        prices = (float(row.price), float(row.shortfall_price))
        found.append(
            Delivery(
                str(row.contract),
                str(row.seller),
                str(row.buyer),
                giver,
                receiver,
                str(row.carrier),
                planned,
                now,
                np.maximum(most * active - planned, 0.0),
                *prices,
                tuple(mine),
                _is_wanted(case, seen, mine, receiver, planned - now),
            )
        )
    return sorted(found, key=lambda one: one.contract)


def _active(case: Case, seen: AgainstPlan, start: object, end: object) -> Floats:
    """1 in the steps of the window in which a contract is in force."""
    first = int(np.searchsorted(case.horizon.steps["step"], seen.starts[0]))
    inside = case.horizon.share_within(start, end)[first : first + len(seen.hours)]
    return np.asarray(inside > 0, dtype=float)


def _handed(answer: object, links: list[str], ends: dict[str, tuple[str, str]], giver: str) -> Floats:
    """MW from the giver to the other over some links, each by itself not below 0."""
    total = 0.0
    for link in links:
        flow, back = (answer.power(name, [link])[0] for name in ("links.flow", "links.flow_back"))  # type: ignore[attr-defined]
        net = flow - back if ends[link][0] == giver else back - flow
        total = total + np.maximum(net, 0.0)
    return np.asarray(total)


def _is_wanted(case: Case, seen: AgainstPlan, links: list[str], receiver: str, missing: Floats) -> bool:
    """Whether a MWh is worth as much at the receiver's end in the steps in which it is missing as by the plan, or more."""
    country = case.table("places").set_index("place")["country"]
    rows = case.table("links").set_index("link").loc[links]
    ends = [
        b if country[b] == receiver else a for a, b in zip(rows["from_place"], rows["to_place"], strict=True)
    ]
    nodes = [f"{place}:{carrier}" for place, carrier in zip(ends, rows["carrier"], strict=True)]
    weight = np.maximum(missing, 0.0) * seen.hours
    now, plan = (
        float(one.row_price("places.balance", nodes).mean(axis=0) @ weight)
        for one in (seen.answer, seen.base)
    )
    return now >= plan * (1.0 - NO_SHARE)


def claims(found: Sequence[Delivery], hours: Floats, local: dict[str, Floats]) -> pd.DataFrame:
    """What was not handed over, per contract: planned, handed over, made up for, and what is claimed for the rest.

    Where it is worth as much at the buyer's end as by the plan, or more, it is a claim for non-delivery; else it was not taken, and nothing
    is claimed for it here: what a year's obligation to take costs is settled at its end.

    local  contract -> plan's price where it is handed over, currency/MWh per step
    """
    rows = []
    for one in found:
        missing, made_up = float(one.missing @ hours), float(one.made_up(hours) @ hours)
        if missing <= NO_POWER:
            continue
        left = max(missing - made_up, 0.0) if one.is_wanted else 0.0
        basis, price = _price(one, local, hours)
        rows.append(
            {"contract": one.contract, "seller": one.seller, "buyer": one.buyer, "giver": one.giver}
            | {"receiver": one.receiver, "carrier": one.carrier, "planned": float(one.planned @ hours)}
            | {"delivered": float(one.now @ hours), "undelivered": missing, "made_up": made_up}
            | {"kind": "not_delivered" if one.is_wanted else "not_taken", "claimed": left}
            | {"basis": basis, "price": price, "amount": left * price}
        )
    return framed("exercise", "claims", rows)


def _price(one: Delivery, local: dict[str, Floats], hours: Floats) -> tuple[str, float]:
    """What a claim is reckoned by: what the contract lays down for it, else its price, else that of the plan."""
    if one.penalty > 0:
        return SHORTFALL, one.penalty
    if one.price > 0:
        return PRICE, one.price
    weight = one.missing * hours
    return PLAN, float(local[one.contract] @ weight / weight.sum())

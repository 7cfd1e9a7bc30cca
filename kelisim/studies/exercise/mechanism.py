"""The mechanism between two states: who tells whom by when, what goes over the border beyond the plan, who owes whom.

Levels are those of `crisis`: 0 none, 1 early warning, 2 alert, 3 emergency, per country and carrier. Energy MWh, power MW.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import countries_of
from kelisim.errors import UnitError
from kelisim.results.against_plan import Floats
from kelisim.results.answer import Answer
from kelisim.results.contracts_kept import Delivery
from kelisim.results.crisis import LEVELS, Levels, left
from kelisim.results.notices import Group, due, trigger
from kelisim.results.schema import framed
from kelisim.tolerances import NO_POWER

PERCENT = ("percent", "%")
PLAN_PRICE, BEYOND = "no_price", "beyond"  # parts that no clause prices


# ---- levels
def de_escalation(found: Mapping[Group, Levels], starts: pd.DatetimeIndex) -> pd.DataFrame:
    """Each level that is reached: its first step, and the first step from which it is not reached again."""
    rows = []
    for (country, carrier), level in found.items():
        for number in (1, 2, 3):
            some = np.flatnonzero(level >= number)
            if len(some):
                over = left(level, number)
                end = starts[over] if over < len(starts) else pd.NaT
                rows.append((country, carrier, LEVELS[number], starts[some[0]], end))
    return framed("exercise", "levels", rows)


# ---- who tells whom
def notices(
    case: Case, found: Mapping[Group, Levels], starts: pd.DatetimeIndex, pair: tuple[str, str]
) -> pd.DataFrame:
    """Notifications that the levels set off, each once per carrier, with the moment it is due; see results/notices.py."""
    frame = framed("exercise", "notifications", due(case, found, starts, pair))
    return frame.sort_values(["due", "notification", "country", "carrier"], ignore_index=True)


# ---- aid
@dataclass(frozen=True)
class BorderFlow:
    """What one side gives the other beyond the plan, of one carrier.

    power   MW per step, all links together
    by_link link -> MW per step beyond its own plan in this direction
    """

    giver: str
    receiver: str
    carrier: str
    power: Floats
    by_link: Mapping[str, Floats]


def crossing(case: Case, pair: tuple[str, str]) -> pd.DataFrame:
    """Links whose ends lie in the two countries, with the country of each end."""
    country = case.table("places").set_index("place")["country"]
    links = case.table("links")[["link", "carrier", "from_place", "to_place"]]
    found = links.assign(
        start=links["from_place"].map(country).to_numpy(), end=links["to_place"].map(country).to_numpy()
    )
    both = [country for country in pair if country]
    here = found["start"].isin(both) & found["end"].isin(both) & (found["start"] != found["end"])
    return found[here].reset_index(drop=True)


def flows(
    case: Case,
    answer: Answer,
    base: Answer,
    pair: tuple[str, str],
    made_up: Mapping[tuple[str, str], Floats] = MappingProxyType({}),
) -> list[BorderFlow]:
    """Aid in both directions: what leaves a side over all links of a carrier, beyond what leaves it by the plan.

    A planned delivery that fails is no aid the other way, what moves from one link to another is none either, nor is what makes up
    for deliveries that failed before.

    made_up  (giver, carrier) -> MW per step that make up for what a contract did not hand over
    """
    links = crossing(case, pair)
    ids = list(links["link"])
    now, plan = (a.power("links.flow", ids) - a.power("links.flow_back", ids) for a in (answer, base))
    found = []
    for giver, receiver in (pair, pair[::-1]):
        sign = np.where(links["start"] == giver, 1.0, -1.0)[:, None]
        out_now, out_plan = (np.maximum(sign * one, 0.0) for one in (now, plan))
        for carrier in sorted(set(links["carrier"])):
            mine = np.flatnonzero((links["carrier"] == carrier).to_numpy())
            power = np.maximum(out_now[mine].sum(axis=0) - out_plan[mine].sum(axis=0), 0.0)
            power = np.maximum(power - made_up.get((giver, carrier), 0.0), 0.0)
            power = np.where(power > NO_POWER, power, 0.0)
            if not power.any():
                continue
            more = np.maximum(out_now[mine] - out_plan[mine], 0.0)
            all_more = more.sum(axis=0)
            more = more * np.divide(power, all_more, out=np.zeros_like(power), where=all_more > 0)
            by_link = {ids[at]: row for at, row in zip(mine, more, strict=True) if row.max() > NO_POWER}
            found.append(BorderFlow(giver, receiver, carrier, power, by_link))
    return found


def aid(given: Sequence[BorderFlow], hours: Floats) -> pd.DataFrame:
    """Per link that carries more than planned: who gives, energy and highest power beyond the plan."""
    rows = [
        (link, one.carrier, one.giver, one.receiver, float(power @ hours), float(power.max()))
        for one in given
        for link, power in one.by_link.items()
    ]
    order = ["carrier", "energy", "link"]
    return framed("exercise", "aid", rows).sort_values(
        order, ascending=[True, False, True], ignore_index=True
    )


# ---- settlement
@dataclass(frozen=True)
class MechanismPart:
    """A part of the aid that has its own price: up to so many MW, at a price per MWh or a share on top of the local one."""

    name: str
    most: float | Floats
    price: float
    on_top: float


def parts(case: Case, giver: str, receiver: str, carrier: str) -> list[MechanismPart]:
    """What is laid down for aid from one country to the other, smallest first, each on top of those before it.

    A row counts where the giver's body is told by the receiver's. Raises UnitError where its unit does not fit the carrier.
    """
    country = case.table("bodies").set_index("body")["country"]
    found = []
    for row in case.table("notifications").itertuples(index=False):
        asked = trigger(str(row.trigger))
        if not row.aid or asked is None or asked[1] not in ("", carrier) or np.isnan(row.price):
            continue
        if country[row.to_body] != giver or country[row.from_body] != receiver:
            continue
        unit = str(row.price_unit)
        on_top = float(row.price) / 100.0 if unit in PERCENT else 0.0
        price = np.nan
        if unit not in PERCENT:
            price = float(row.price) * (case.units.factor(unit, "energy_price", carrier) if unit else 1.0)
        most = np.inf
        if not np.isnan(row.volume):
            most = float(row.volume) * (_power(case, str(row.unit), carrier) if row.unit else 1.0)
        found.append(MechanismPart(str(row.notification), most, price, on_top))
    return sorted(found, key=lambda part: (float(np.max(part.most)), part.name))


def _power(case: Case, unit: str, carrier: str) -> float:
    try:
        return case.units.factor(unit, "power", carrier)
    except UnitError as error:
        raise UnitError(f"volume of a notification of {carrier}: {error}") from error


def local_price(case: Case, base: Answer, links: Sequence[str], giver: str) -> Floats:
    """Mean price of the plan where some links are handed over by the giver, currency/MWh per step, not below 0."""
    country = case.table("places").set_index("place")["country"]
    rows = case.table("links").set_index("link").loc[list(links)]
    at = [a if country[a] == giver else b for a, b in zip(rows["from_place"], rows["to_place"], strict=True)]
    nodes = [f"{place}:{carrier}" for place, carrier in zip(at, rows["carrier"], strict=True)]
    return np.asarray(np.maximum(base.row_price("places.balance", nodes), 0.0).mean(axis=0))


def prices(case: Case, base: Answer, flow: BorderFlow, pair: tuple[str, str]) -> Floats:
    """Price of the plan where the aid is handed over, currency/MWh (steps,): on the giver's side, by what each link carries more."""
    links = crossing(case, pair).set_index("link").loc[list(flow.by_link)]
    at = np.where(links["start"] == flow.giver, links["from_place"], links["to_place"])
    local = np.maximum(base.row_price("places.balance", [f"{place}:{flow.carrier}" for place in at]), 0.0)
    weight = np.array(list(flow.by_link.values()))
    total = weight.sum(axis=0)
    weighted = (local * weight).sum(axis=0)
    found: Floats = np.where(total > 0, weighted / np.where(total > 0, total, 1.0), local.mean(axis=0))
    return found


def settled(
    flow: BorderFlow, price: Floats, laid_down: Sequence[MechanismPart], hours: Floats
) -> pd.DataFrame:
    """The aid of one flow in its parts: energy, mean price and amount that the receiver owes the giver.

    price  of the plan where the aid is handed over, per step
    """
    rows = []
    rest = flow.power
    last = (price, PLAN_PRICE)
    for part in laid_down:
        taken = np.minimum(rest, part.most)
        rest = rest - taken
        its = price * (1.0 + part.on_top) if np.isnan(part.price) else np.full(len(price), part.price)
        last = (its, BEYOND) if np.ndim(part.most) == 0 else last
        rows.append(_row(flow, part.name, taken, its, hours))
    rows.append(_row(flow, last[1], rest, last[0], hours))
    frame = framed("exercise", "settlement", rows)
    return frame[frame["energy"] > NO_POWER].reset_index(drop=True)


def _row(flow: BorderFlow, part: str, power: Floats, price: Floats, hours: Floats) -> tuple[object, ...]:
    energy, amount = float(power @ hours), float((power * price) @ hours)
    mean = amount / energy if energy > 0 else 0.0
    return flow.giver, flow.receiver, flow.carrier, part, energy, mean, amount


def settlement(
    case: Case,
    given: Sequence[BorderFlow],
    base: Answer,
    hours: Floats,
    pair: tuple[str, str],
    contracts: Sequence[Delivery] = (),
) -> pd.DataFrame:
    """All that comes beyond the plan in its parts, with energy, price and what is owed: first what a contract still lets come in a day,
    at its price, then the aid that notifications price."""
    found = []
    for one in given:
        within = [
            MechanismPart(c.contract, c.room, c.price, 0.0)
            for c in contracts
            if (c.giver, c.receiver, c.carrier) == (one.giver, one.receiver, one.carrier)
            and not np.isnan(c.price)
        ]
        laid_down = [*within, *parts(case, one.giver, one.receiver, one.carrier)]
        found.append(settled(one, prices(case, base, one, pair), laid_down, hours))
    found = [frame for frame in found if len(frame)]
    return pd.concat(found, ignore_index=True) if found else framed("exercise", "settlement")


def owed(table: pd.DataFrame, pair: tuple[str, str]) -> float:
    """What the second of a pair owes the first, all parts added up; below 0 the first owes the second."""
    gives = {country: float(table["amount"][table["giver"] == country].sum()) for country in pair}
    return gives[pair[0]] - gives[pair[1]]


# ---- whose measure it is
def sides(
    case: Case, measure: str, acts_on: Iterable[Group], pair: tuple[str, str]
) -> tuple[tuple[str, ...], bool]:
    """Sides of the pair whose order a measure takes, and whether it moves something over their border.

    The country of its body decides; without one the countries of what it acts on, both where that lies on the border.

    acts_on  (table, element) pairs
    """
    where: set[str] = set()
    over = False
    for table, element in acts_on:
        lies = countries_of(case, table, element)
        over = over or set(pair) <= lies
        where |= lies
    row = case.table("measures").set_index("measure").loc[measure]
    bodies = case.table("bodies").set_index("body")["country"]
    body = str(bodies.get(row["body"], "")) if row["body"] else ""
    if body:
        where = {body}
    return tuple(side for side in pair if side in where), over

"""Duties to supply a home market: what was owed, delivered and missed, and what the cap on its price costs the seller."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.duties import Floats, demand_by_step, homes, members, owed_by_step, shortfall_price
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer
from kelisim.results.elements import ratio
from kelisim.results.facts import Fact
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_FLOW, NO_POWER

TOTAL = [
    "duty",
    "carrier",
    "place",
    "country",
    "owed",
    "delivered",
    "share_delivered",
    "shortfall",
    "hours_short",
]
TOTAL += ["shadow_price", "cost", "price_cap", "given_up"]
MISSED = ["duty", "carrier", "shortfall", "shortfall_base", "cost"]


def duties_total(tables: Tables) -> pd.DataFrame:
    """Duties over the horizon. Energy MWh; money in the case's currency.

    delivered     served to customers and taken in by plants of the home market, in the steps in which something is owed
    shadow_price  what one more MWh owed costs, mean over the horizon
    given_up      delivered times what the nodal price there is above the cap: what the home market pays less than others would
    """
    case, answer = tables.case, tables.answer
    duties = case.quantities("duties")
    ids, whole = list(duties["duty"]), float(tables.hours.sum())
    owed = owed_by_step(case, duties)
    delivered = [part * (owed[[at]] > 0) for at, part in enumerate(_delivered(tables))]
    energy = np.array([float((part @ tables.hours).sum()) for part in delivered])
    short = _short(answer, ids, tables.hours)
    in_steps = answer.power("duties.step_shortfall", ids)
    dual = answer.row_price("duties.step", ids) @ tables.hours / whole + answer.year_price("duties.year", ids)
    cap = duties["price_cap"].to_numpy(dtype=float)
    frame = duties[["duty", "carrier", "place", "country"]].reset_index(drop=True).assign(
        owed=owed @ tables.hours, delivered=energy, share_delivered=ratio(energy, owed @ tables.hours), shortfall=short,
        hours_short=(in_steps > NO_FLOW) @ tables.hours, shadow_price=np.maximum(dual, 0.0),
        cost=short * shortfall_price(case, duties), price_cap=cap, given_up=_given_up(tables, delivered, cap),
    )  # fmt: skip
    return frame[TOTAL]


def duties_missed(seen: AgainstPlan) -> pd.DataFrame:
    """Duties of which more is missing than by the plan, the dearest first. Energy MWh; cost beyond the plan."""
    duties = seen.case.quantities("duties")
    ids = list(duties["duty"])
    whole = float(seen.case.horizon.hours.sum())
    now, base = (_short(answer, ids, seen.hours, whole) for answer in (seen.answer, seen.base))
    frame = duties[["duty", "carrier"]].reset_index(drop=True).assign(shortfall=now, shortfall_base=base)
    frame["cost"] = (now - base) * shortfall_price(seen.case, duties)
    frame = frame[now - base > NO_POWER]
    return frame.sort_values(["cost", "duty"], ascending=[False, True], ignore_index=True)[MISSED]


def missed_fact(missed: pd.DataFrame, currency: str) -> Fact:
    """What is missing of duties beyond the plan, the dearest named."""
    first = missed.iloc[0]
    more = first["shortfall"] - first["shortfall_base"]
    cost = float(missed["cost"].sum())
    places = {"first": first["duty"], "carrier": first["carrier"], "amount": more, "count": len(missed)}
    return Fact("duties_missed", cost, currency, "disruption.duties_missed", **places)


def _short(answer: Answer, ids: list[str], hours: Floats, whole: float = 0.0) -> Floats:
    """MWh that are owed and not delivered, (duties); whole: hours of the horizon, if the answer is of a part of it."""
    in_steps = answer.power("duties.step_shortfall", ids) @ hours
    found: Floats = in_steps + answer.of_year("duties.year_shortfall", ids) * (whole or float(hours.sum()))
    return found


def _delivered(tables: Tables) -> list[Floats]:
    """MW delivered by place and step of each duty, (rows of demand and ports, steps)."""
    case, answer = tables.case, tables.answer
    home = homes(case, case.quantities("duties"))
    served = demand_by_step(case) - answer.by_demand(len(case.table("demand")))
    ports = _intake(tables)
    taken = answer.power("assets.activity", list(ports["asset"])) * -ports["ratio"].to_numpy()[:, None]
    of_demand, of_ports = members(home, case.table("demand")), members(home, ports)
    return [np.concatenate([served[d], taken[p]]) for d, p in zip(of_demand, of_ports, strict=True)]


def _intake(tables: Tables) -> pd.DataFrame:
    ports = tables.ports
    return ports[ports["ratio"] < 0]


def _given_up(tables: Tables, delivered: list[Floats], cap: Floats) -> Floats:
    """Currency that a cap leaves with the buyers of each duty; 0 without a cap."""
    case = tables.case
    home = homes(case, case.quantities("duties"))
    demand, ports = case.table("demand"), _intake(tables)
    at = {label: row for row, label in enumerate(tables.answer.rows["places.balance"].elements)}
    price = tables.answer.row_price("places.balance")
    found = np.zeros(len(home))
    for duty, (of_demand, of_ports) in enumerate(
        zip(members(home, demand), members(home, ports), strict=True)
    ):
        if np.isnan(cap[duty]):
            continue
        places = [*demand["place"].iloc[of_demand], *ports["place"].iloc[of_ports]]
        rows = [at[f"{place}:{home[duty][1]}"] for place in places]
        found[duty] = float(
            (np.maximum(price[rows] - cap[duty], 0.0) * delivered[duty]).sum(axis=0) @ tables.hours
        )
    return found

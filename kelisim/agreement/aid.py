"""Emergency aid: rows of help that a provision makes, what a neighbour can spare with its own customers served, and what of it can arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kelisim.agreement.gaps.network import capacities, ends, flow_between
from kelisim.agreement.gaps.projects import there_by
from kelisim.agreement.provision import IN_FORCE, Provision
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Engine, Rules
from kelisim.results.regions import Regions

Spare = Callable[[str, str, str, float, tuple[int, ...]], tuple[float, list[str]]]
Arrives = Callable[[Provision, str, str], tuple[float, list[str]]]
DELIVERED = ("supply", "transit", "indicative_balance")


def spare_of(engine: Engine) -> Spare:
    """Asks what a giver can spare for a receiver: MW in the worst of some months, at most what is asked for, and the rows behind it."""

    def spare(
        giver: str, receiver: str, carrier: str, power: float, months: tuple[int, ...]
    ) -> tuple[float, list[str]]:
        case = engine.case
        links = _over(case, giver, receiver, carrier)
        rows = [f"links:{link}" for link in links] or [f"places:{giver}"]
        if not links:
            return 0.0, rows
        asked = engine.beside(only_aid(case, giver, receiver, carrier, power))
        rules = Rules("none", "none", engine.rules.span, engine.rules.tranches, "agreed")
        horizon = case.horizon
        window = asked.window(horizon.start.date(), (horizon.end - horizon.start).days, rules, tail=0)
        if window.help is None or (giver, carrier) not in window.help.givers:
            return 0.0, rows
        can = window.spare()[window.help.givers.index((giver, carrier))]
        of = pd.DatetimeIndex(window.steps["step"]).month.to_numpy()
        inside = np.isin(of, months)
        return float(can[inside].min()) if inside.any() else float(can.min()), rows

    return spare


def arrives_of(engine: Engine, provisions: Sequence[Provision]) -> Arrives:
    """Asks what of an aid can come over its line: MW in the worst of its months, and the links of the narrowest cut.

    Free is what the capacities of the month leave beside the flows of the plan, and beside what other duties promise over the same way:

        min over months of maxflow(capacity - flow of the plan), maxflow(capacity) - sum of the promises
    """

    def arrives(one: Provision, giver: str, receiver: str) -> tuple[float, list[str]]:
        case = engine.case
        there = there_by(case, one)
        aid = replace(one, obligors=(giver,), beneficiaries=(receiver,))
        start, end = ends(case, aid)
        every = capacities(case, aid, there)
        mine = [link for table, link in sorted(one.elements) if table == "links" and link in every.index]
        if mine:
            every = every.loc[mine]
            country = case.table("places").set_index("place")["country"]
            near = set(every["from_place"]) | set(every["to_place"])
            start, end = ({place for place in near if country[place] == code} for code in (giver, receiver))
        if not (start and end):
            return np.inf, []
        whole, rows = flow_between(every, start, end)
        promised = sum(it.power for it in _beside(case, aid, provisions, start, end))
        found = [(max(whole - promised, 0.0), rows)]
        of = pd.DatetimeIndex(case.horizon.steps["step"]).month.to_numpy()
        for month in (month for month in one.months if (of == month).any()):
            links = capacities(case, replace(aid, months=(month,)), there).loc[every.index]
            weights = np.where(of == month, engine.base.hours, 0.0)
            ids = [str(link) for link in links.index]
            flow, back = (
                engine.base.power(name, ids) @ weights / weights.sum()
                for name in ("links.flow", "links.flow_back")
            )
            free = links.assign(
                ahead=np.maximum(links["ahead"] - flow + back, 0.0),
                back=np.maximum(links["back"] - back + flow, 0.0),
            )
            found.append(flow_between(free, start, end))
        return min(found, key=lambda pair: pair[0])

    return arrives


def _beside(
    case: Case, aid: Provision, provisions: Sequence[Provision], start: set[str], end: set[str]
) -> list[Provision]:
    """Duties to come that deliver the same carrier between the same places in the same months; those in force are in the plan."""
    found = []
    for one in provisions:
        if one.kind not in DELIVERED or not one.is_hard or one.is_over or one.status in IN_FORCE:
            continue
        if one.carrier != aid.carrier or not one.power > 0 or not one.meets(aid):
            continue
        sides = ends(case, one)
        if sides[0] & start and sides[1] & end:
            found.append(one)
    return found


def _over(case: Case, giver: str, receiver: str, carrier: str) -> list[str]:
    """Links in use on which a carrier can go from one country to the other."""
    crossing = Regions(case).crossing((giver, receiver)).get(carrier, ())
    links = case.table("links").set_index("link")
    country = case.table("places").set_index("place")["country"]
    found = []
    for link in crossing:
        row = links.loc[link]
        size = row["capacity"] if country[row["from_place"]] == giver else row["capacity_back"]
        if row["status"] == "base" and float(size) > 0:
            found.append(str(link))
    return sorted(found)


def with_aid(
    case: Case, giver: str, receiver: str, carrier: str, power: float, name: str = "agreement"
) -> Case:
    """The case with one aid more: two bodies, and a notification of the volume, MW, at once and at the price of the network."""
    asks, gives = (f"{name}_{side}" for side in ("asks", "gives"))
    bodies = _rows(
        "bodies",
        [{"body": asks, "name": asks, "country": receiver}, {"body": gives, "name": gives, "country": giver}],
    )
    told = {
        "notification": f"{name}_aid",
        "trigger": f"alert:{carrier}",
        "from_body": asks,
        "to_body": gives,
        "within_hours": "0",
    }
    rows = _rows("notifications", [told | {"aid": "aid", "volume": repr(power), "unit": "MW"}])
    for table, more in (("bodies", bodies), ("notifications", rows)):
        case = case.with_table(table, pd.concat([case.table(table), more], ignore_index=True))
    return case


def only_aid(case: Case, giver: str, receiver: str, carrier: str, power: float) -> Case:
    """The case with this aid and no other, from notifications or measures."""
    bare = case.with_table("notifications", case.table("notifications").iloc[:0])
    return with_aid(
        bare.with_table("measures", case.table("measures").iloc[:0]), giver, receiver, carrier, power
    )


def _rows(name: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    table = schema.tables()[name]
    text = pd.DataFrame(rows, dtype=object).reindex(
        columns=[column.name for column in table.columns], fill_value=""
    )
    return schema.parse(table, text, name)[0]

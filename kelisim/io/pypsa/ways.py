"""Links of a case in a PyPSA network: flows each way, goods under way, lines under the voltage law, shared capacity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.transit import transit_days
from kelisim.io.pypsa import limits, under_way
from kelisim.io.pypsa.draft import CURRENT, Draft, DraftFlow, per_unit, word

Floats = npt.NDArray[np.float64]
BACK = " back"


def add(draft: Draft) -> None:
    """Links as links, lines of the voltage law as lines."""
    links = draft.case.quantities("links").reset_index(drop=True)
    links = links.assign(days=transit_days(draft.case, links))
    if links.empty:
        return
    share = draft.share("links", links)
    lines = _lawful(draft, links, share)
    for at, row in enumerate(links.itertuples(index=False)):
        ends = draft.node(row.from_place, row.carrier), draft.node(row.to_place, row.carrier)
        if row.link in lines:
            most = row.capacity * share[at]
            nominal, part = per_unit(draft.cells.mean(most) if draft.cells.is_coarse(row.carrier) else most)
            length = row.length_km if row.length_km > 0 else 0.0
            values = {"x": row.reactance, "s_nom": nominal, "s_max_pu": part, "length": length}
            draft.add("lines", row.link, bus0=ends[0], bus1=ends[1], **values, carrier=CURRENT)
            for bus in ends:
                for side in (draft.into, draft.out_of):
                    side[bus] = side.get(bus, 0.0) + nominal
            continue
        for direction, capacity, tariff in (
            ("links", row.capacity, row.tariff),
            ("links_back", row.capacity_back, row.tariff if pd.isna(row.tariff_back) else row.tariff_back),
        ):
            if direction == "links_back" and not capacity > 0:
                continue
            start, end = ends if direction == "links" else ends[::-1]
            name = row.link + (BACK if direction == "links_back" else "")
            most, cost = capacity * share[at], draft.level(tariff)
            flow = DraftFlow(name, {start: -1.0}, most, cost, word(row.carrier), row.kind)
            draft.flow(direction, row.link, flow, draft.cells.is_coarse(row.carrier))
            under_way.arrive(draft, row, flow, end)
    _shared(draft, links[~links["link"].isin(lines)], share)


def _lawful(draft: Draft, links: pd.DataFrame, share: Floats) -> set[str]:
    """Lines that PyPSA's own lines can be; each other one that should obey the voltage law is named as lost."""
    uses = draft.case.table("resource_uses")
    limited = set(uses.loc[uses["table"].isin(["links", "links_back"]), "element"])
    for over in draft.case.table("contracts")["over"]:
        limited |= set(str(over).split(";"))
    law = links[(links["kind"] == "line") & (links["reactance"] > 0) & (share > 0).any(axis=1)]
    found = {}
    for at, row in zip(law.index, law.itertuples(index=False), strict=True):
        back = row.tariff if pd.isna(row.tariff_back) else row.tariff_back
        reasons = [
            word
            for word, wrong in (
                ("a capacity for each way", row.capacity_back != row.capacity),
                ("a tariff", row.tariff != 0 or back != 0),
                ("a loss", row.loss != 0),
                ("transit days", row.days != 0),
                ("a capacity shared with other carriers", row.shared_with != ""),
                ("a limit over several elements", row.link in limited),
                ("steps out of service", (share[at] <= 0).any()),
                ("a carrier that is not electricity", row.carrier != "electricity"),
            )
            if wrong
        ]
        if reasons:
            draft.lost.append(
                f"links {row.link}: Kirchhoff's voltage law on a line with {' and '.join(reasons)}"
            )
        else:
            found[row.link] = (row.kirchhoff_group, row.from_place, row.to_place)
    groups = {group for group, _, _ in found.values()}
    apart = sum(_cycles([ends[1:] for ends in found.values() if ends[0] == group]) for group in groups)
    if len(groups) > 1 and _cycles([ends[1:] for ends in found.values()]) > apart:
        largest = max(sorted(groups), key=lambda group: sum(ends[0] == group for ends in found.values()))
        for link in [link for link, ends in found.items() if ends[0] != largest]:
            draft.lost.append(f"links {link}: Kirchhoff's voltage law in a group that meets another one")
            del found[link]
    return set(found)


def _cycles(ends: list[tuple[str, str]]) -> int:
    """Number of independent cycles of a graph."""
    root: dict[str, str] = {}

    def find(place: str) -> str:
        while root.setdefault(place, place) != place:
            place = root[place]
        return place

    count = 0
    for one, other in ends:
        a, b = find(one), find(other)
        count += a == b
        root[a] = b
    return count


def _shared(draft: Draft, links: pd.DataFrame, share: Floats) -> None:
    """Capacity that several carriers share, counted in the unit of the first link of the group."""
    factor = draft.case.units.factor
    for direction, capacity in (("links", "capacity"), ("links_back", "capacity_back")):
        rows = links[(links["shared_with"] != "") & ((direction == "links") | (links["capacity_back"] > 0))]
        for group, members in rows.groupby("shared_with", sort=False):
            head = members.iloc[0]
            open_share = share[members.index.to_numpy()].max(axis=0)
            weights = factor(head["unit"], "power", head["carrier"]) / np.array(
                [factor(head["unit"], "power", carrier) for carrier in members["carrier"]]
            )
            uses = [
                (draft.flows[direction, link], weight)
                for link, weight in zip(members["link"], weights, strict=True)
            ]
            name = f"{group} shared" + (BACK if direction == "links_back" else "")
            limits.at_most(draft, name, open_share * float(head[capacity]), uses)

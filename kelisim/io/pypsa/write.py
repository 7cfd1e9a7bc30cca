"""A case as the tables of a PyPSA network, and what PyPSA cannot carry.

Each place and carrier is a bus. What PyPSA has no row for (limits over several elements, limits of the year, minimums
that may be missed at a price) becomes a bus of its own, as carbon budgets are modelled there: those who draw on the
limit take from it, a generator or a store gives what there is, and a priced generator what goes beyond.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.io.pypsa.draft import Draft, DraftFlow, per_unit
from kelisim.io.pypsa.network import Network

Floats = npt.NDArray[np.float64]
CURRENT = "AC"  # PyPSA's word for electricity
SHED, LET_GO = "load shedding", "curtailment"
BACK = " back"
_OWNERS_AND_LAWS = ("owners", "entities", "regulations", "restrictions", "projects", "measures", "agreements")
_RECORDS = ("events", "event_changes", "observations", "outage_rates", "sources")
_NO_EFFECT = (*_OWNERS_AND_LAWS, "provisions", "notifications", "meetings", "bodies", "tasks", *_RECORDS)


def network_of(case: Case) -> tuple[Network, list[str]]:
    """The network of a case, and a line for each thing that it does not carry."""
    draft = Draft(case)
    _links(draft)
    _assets(draft)
    _markets(draft)
    _storages(draft)
    _contracts(draft)
    _resources(draft)
    _demand(draft)
    draft.lost += [
        f"duties {duty}: that it is owed to the home market" for duty in draft.case.table("duties")["duty"]
    ]
    for flow in draft.flows.values():
        draft.emit(flow)
    _places(draft)
    return draft.network(), [*draft.lost, *_unused(case)]


def _links(draft: Draft) -> None:
    links = draft.case.quantities("links").reset_index(drop=True)
    if links.empty:
        return
    share = draft.share("links", links)
    lines = _lawful(draft, links, share)
    for at, row in enumerate(links.itertuples(index=False)):
        ends = draft.node(row.from_place, row.carrier), draft.node(row.to_place, row.carrier)
        if row.link in lines:
            nominal, part = per_unit(row.capacity * share[at])
            length = row.length_km if row.length_km > 0 else 0.0
            values = {"x": row.reactance, "s_nom": nominal, "s_max_pu": part, "length": length}
            draft.add("lines", row.link, bus0=ends[0], bus1=ends[1], **values, carrier=CURRENT)
            for bus in ends:
                for side in (draft.into, draft.out_of):
                    side[bus] = side.get(bus, 0.0) + nominal
            continue
        delay, kept = _delay(draft, row)
        for direction, capacity, tariff in (
            ("links", row.capacity, row.tariff),
            ("links_back", row.capacity_back, row.tariff if pd.isna(row.tariff_back) else row.tariff_back),
        ):
            if direction == "links_back" and not capacity > 0:
                continue
            start, end = ends if direction == "links" else ends[::-1]
            name = row.link + (BACK if direction == "links_back" else "")
            flow = DraftFlow(
                name,
                {start: -1.0, end: kept},
                capacity * share[at],
                draft.level(tariff),
                _word(row.carrier),
                row.kind,
                delay,
            )
            draft.flow(direction, row.link, flow)
    _shared(draft, links[~links["link"].isin(lines)], share)


def _word(carrier: str) -> str:
    return CURRENT if carrier == "electricity" else carrier


def _delay(draft: Draft, row: Any) -> tuple[float, Any]:
    """Hours of delay in PyPSA's words that give the steps of delay here, and what arrives of each MW."""
    kept = 1.0 - row.loss
    mean = draft.total / draft.steps
    steps = int(np.rint(row.days * 24.0 / mean)) % draft.steps if draft.steps > 1 else 0
    if not steps:
        return 0.0, kept
    wrapped = np.concatenate([draft.hours, draft.hours])
    windows = [wrapped[at : at + steps].sum() for at in range(draft.steps)]
    before = [wrapped[at : at + steps - 1].sum() for at in range(draft.steps)]
    hours = min(windows)
    if hours != int(hours) or max(before) >= hours:
        draft.lost.append(f"links {row.link}: {row.days:g} days of transit, with steps as uneven as these")
        return 0.0, kept
    # PyPSA moves power and not energy from step to step
    return hours, kept * np.roll(draft.hours, steps) / draft.hours


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
            draft.at_most(name, open_share * float(head[capacity]), uses)


def _assets(draft: Draft) -> None:
    case = draft.case
    assets = case.quantities("assets")
    if assets.empty:
        return
    share = draft.share("assets", assets)
    ports = {asset: rows for asset, rows in case.ports.groupby("asset", sort=False)}
    fallback = float(case.setting("defaults", "shortfall_price"))
    for at, row in enumerate(assets.itertuples(index=False)):
        amounts: dict[str, Any] = {}
        for port in ports[row.asset].itertuples(index=False) if row.asset in ports else ():
            ratio = port.ratio * case.units.ratio(
                port.unit, port.carrier, case.reference_carriers.get(row.asset, port.carrier)
            )
            bus = draft.node(row.place, port.carrier)
            amounts[bus] = amounts.get(bus, 0.0) + ratio
        flow = DraftFlow(row.asset, amounts, row.capacity * share[at], draft.level(row.cost), row.kind)
        if pd.notna(row.ramp):
            flow.ramp = row.ramp * row.capacity * draft.hours
        if not any(amounts.values()):
            draft.lost.append(f"assets {row.asset}: it touches no carrier")
            continue
        draft.flow("assets", row.asset, flow)
        price = fallback if pd.isna(row.min_price) else row.min_price
        if row.min_share > 0:
            draft.at_least(f"{row.asset} minimum", flow.most * row.min_share, [(flow, 1.0)], price)
        year = case.horizon.year_share
        if pd.notna(row.annual_max):
            draft.year_at_most(f"{row.asset} year", row.annual_max * year, [(flow, 1.0)])
        if pd.notna(row.annual_min) and row.annual_min > 0:
            draft.year_at_least(f"{row.asset} least year", row.annual_min * year, [(flow, 1.0)], price)


def _markets(draft: Draft) -> None:
    for row in draft.case.quantities("markets").itertuples(index=False):
        sign = -1.0 if row.side == "buys" else 1.0
        most = row.ceiling * draft.shape(row.profile)
        cost = row.price * draft.shape(row.price_path) * sign
        flow = DraftFlow(
            row.market, {draft.node(row.place, row.carrier): sign}, most, cost, "market", row.side
        )
        draft.flow("markets", row.market, flow)
        if pd.notna(row.annual_max):
            draft.year_at_most(
                f"{row.market} year", row.annual_max * draft.case.horizon.year_share, [(flow, 1.0)]
            )


def _storages(draft: Draft) -> None:
    storages = draft.case.quantities("storages")
    if storages.empty:
        return
    share = draft.share("storages", storages)
    countries = draft.case.table("places").set_index("place")["country"]
    for at, row in enumerate(storages.itertuples(index=False)):
        node = draft.node(row.place, row.carrier)
        bus = draft.add(
            "buses",
            f"{row.storage} content",
            carrier=_word(row.carrier),
            location="",
            country=countries[row.place],
        )
        inflow = row.inflow * draft.shape(row.inflow_profile)
        in_step = row.working_capacity / draft.hours
        limit = [np.inf if pd.isna(rate) else rate for rate in (row.injection, row.withdrawal)]
        inject = share[at] * np.minimum(limit[0], in_step / row.efficiency_in)
        draw = share[at] * np.minimum(limit[1], (in_step + inflow) * row.efficiency_out)
        charge = DraftFlow(
            f"{row.storage} injection",
            {node: -1.0, bus: row.efficiency_in},
            inject,
            draft.level(row.cost),
            _word(row.carrier),
        )
        discharge = DraftFlow(
            f"{row.storage} withdrawal",
            {bus: -1.0 / row.efficiency_out, node: 1.0},
            draw,
            draft.level(0.0),
            _word(row.carrier),
        )
        draft.flow("storages_injection", row.storage, charge)
        draft.flow("storages_withdrawal", row.storage, discharge)
        if row.inflow > 0:
            draft.generator(f"{row.storage} inflow", bus, inflow, carrier="inflow")
        values: dict[str, Any] = {
            "e_nom": row.working_capacity,
            "standing_loss": 1.0 - (1.0 - row.loss) ** (1.0 / 24.0),
        }
        if row.is_cyclic:
            values["e_cyclic"] = True
        else:
            # PyPSA takes no standing loss from the initial level in the first step
            kept = (1.0 - row.loss) ** (draft.hours[0] / 24.0)
            values["e_initial"] = kept * row.level_start * row.working_capacity
            end = row.level_start if pd.isna(row.level_end) else row.level_end
            if end > 0 and row.working_capacity > 0:
                # what is missing at the end is bought there: the store itself may not end below
                least, last = draft.level(0.0), draft.level(0.0)
                least[-1], last[-1] = end, end * row.working_capacity / draft.hours[-1]
                values["e_min_pu"] = least
                draft.generator(f"{row.storage} missing", bus, last, row.level_price)
        draft.add("stores", row.storage, bus=bus, carrier=_word(row.carrier), type=row.role, **values)
        if row.withdrawal_curve and pd.notna(row.withdrawal):
            draft.lost.append(f"storages {row.storage}: the withdrawal curve; it may empty at its full rate")
        stocks = (("its norm", row.norm_days > 0), (f"its level by {row.target}", row.target))
        draft.lost += [f"storages {row.storage}: {what}" for what, is_lost in stocks if is_lost]


def _contracts(draft: Draft) -> None:
    case = draft.case
    contracts = case.quantities("contracts")
    effects = case.table("contract_kinds").set_index("kind")["effect"]
    year = case.horizon.year_share
    for row in contracts.itertuples(index=False):
        active = case.horizon.share_within(row.start, row.end)
        has_year, has_rate = pd.notna(row.annual_quantity), pd.notna(row.daily_max)
        if not (has_year or has_rate or row.daily_min > 0) or not (active > 0).any():
            continue
        effect, on = effects[row.kind], (active > 0).astype(float)
        if effect == "row":
            flows = [
                draft.flows["links", link]
                for link in str(row.over).split(";")
                if ("links", link) in draft.flows
            ]
        else:
            flows = [_delivery(draft, row, effect, active)]
        uses = [(flow, on) if on.min() < 1 else (flow, 1.0) for flow in flows]
        short = row.price if pd.isna(row.shortfall_price) else row.shortfall_price
        if effect == "row" and has_rate:
            limit = np.where(active > 0, row.daily_max * active, 0.0)  # outside its dates nothing draws on it
            draft.at_most(f"{row.contract} daily", limit, uses, row.excess_price)
        if row.daily_min > 0:
            least = row.daily_min * active
            draft.at_least(f"{row.contract} daily least", least, [(flow, 1.0) for flow in flows], short)
        if not has_year:
            continue
        energy = row.annual_quantity * year * float(active @ draft.hours) / draft.total
        draft.year_at_most(f"{row.contract} year", energy * (1.0 + row.swing_up), uses, row.excess_price)
        if energy * (1.0 - row.swing_down) > 0:
            draft.year_at_least(f"{row.contract} least year", energy * (1.0 - row.swing_down), uses, short)
        paid = max(row.take_or_pay, row.ship_or_pay)
        if paid > 0:
            draft.year_at_least(f"{row.contract} paid", energy * paid, uses, row.price)


def _delivery(draft: Draft, row: Any, effect: str, active: Floats) -> DraftFlow:
    """The flow of a supply, a sale or a swap."""
    most = draft.level(np.inf if pd.isna(row.daily_max) else row.daily_max)
    if pd.notna(row.annual_quantity) and pd.isna(row.excess_price):
        most = np.minimum(most, row.annual_quantity * (1.0 + row.swing_up) / draft.hours.min())
    if not np.isfinite(most).all():
        # no limit of its own: what all customers, sales and stores could take at once
        demand, markets, storages = (
            draft.case.quantities(name) for name in ("demand", "markets", "storages")
        )
        everything = demand["amount"].sum() / draft.hours.min() + markets["ceiling"].sum() * draft.steps
        most = draft.level(
            10.0 * float(everything + storages["working_capacity"].sum() / draft.hours.min()) + 1e3
        )
    ports: dict[str, Any] = {draft.node(row.delivery_place, row.carrier): 1.0 if effect == "source" else -1.0}
    if effect == "swap":
        ports[draft.node(row.return_place, row.carrier)] = 1.0
    cost = draft.level(-row.price if effect == "sink" else row.price)
    flow = DraftFlow(
        row.contract, ports, np.where(active > 0, most * active, 0.0), cost, "contract", row.kind
    )
    draft.flow("contracts", row.contract, flow)
    return flow


def _resources(draft: Draft) -> None:
    case = draft.case
    of = {
        "links": dict(zip(case.table("links")["link"], case.table("links")["carrier"], strict=True)),
        "assets": case.reference_carriers,
    }
    of["links_back"] = of["links"]
    for table, key in (("markets", "market"), ("contracts", "contract"), ("storages", "storage")):
        of[table] = dict(zip(case.table(table)[key], case.table(table)["carrier"], strict=True))
    of["storages_injection"] = of["storages_withdrawal"] = of["storages"]
    uses = {name: rows for name, rows in case.table("resource_uses").groupby("resource", sort=False)}
    for row in case.quantities("resources").itertuples(index=False):
        drawn: list[tuple[DraftFlow, float]] = []
        counted = 0.0
        largest = 0.0
        for use in uses[row.resource].itertuples(index=False) if row.resource in uses else ():
            size, per, _ = case.units.draw(row.unit, use.unit, of[use.table].get(use.element, ""), row.over)
            counted = (1.0 if use.unit else size) if not use.unit or not counted else counted
            largest = max(largest, abs(use.use * per / size))
            flow = draft.flows.get((use.table, use.element))
            if flow is not None:
                drawn.append((flow, use.use * per / size))
        if not drawn or not largest:
            continue
        # counted about as MW: by the largest use of the limit
        price = row.shortfall_price * largest * counted
        relative = [(flow, use / largest) for flow, use in drawn]
        if row.kind == "section":
            draft.lost.append(f"resources {row.resource}: that its limit falls with a line out of service")
        if row.over == "step":
            draft.at_most(row.resource, row.amount / largest * draft.shape(row.profile), relative, price)
        else:
            draft.year_at_most(row.resource, row.amount / largest * case.horizon.year_share, relative, price)


def _demand(draft: Draft) -> None:
    case = draft.case
    demand = case.quantities("demand")
    classes = case.quantities("customer_classes")
    voll = {
        (row.customer_class, carrier): row.voll
        for row in reversed(list(classes.itertuples(index=False)))
        for carrier in str(row.carrier).split(";")
    }
    for row in demand.itertuples(index=False):
        power = row.amount / case.horizon.year_hours * draft.shape(row.profile)
        bus = draft.node(row.place, row.carrier)
        name = f"{bus}:{row.customer_class}"
        draft.add("loads", name, bus=bus, carrier=row.customer_class, p_set=power)
        price = voll[row.customer_class, row.carrier] if pd.isna(row.voll) else row.voll
        draft.generator(f"{name} unserved", bus, power, price, carrier=SHED)


def _places(draft: Draft) -> None:
    """The buses of places and carriers, in the order of the places, and what may be let go there."""
    case = draft.case
    carriers = case.table("carriers").set_index("carrier")
    by_place: dict[str, list[str]] = {}
    for place, carrier in sorted(set(draft.nodes.values())):
        by_place.setdefault(place, []).append(carrier)
    helpers = draft.tables.pop("buses", {})
    for row in case.table("places").itertuples(index=False):
        for carrier in by_place.get(row.place, [""]):
            bus = f"{row.place}:{carrier}" if carrier else row.place
            where = {"location": row.place, "country": row.country, "place_name": row.name}
            draft.add("buses", bus, carrier=_word(carrier), x=row.lon, y=row.lat, v_nom=1.0, **where)
            if carrier and carriers["may_curtail"][carrier] and draft.into.get(bus, 0.0) > 0:
                # a little more than all that can come at once
                most = draft.level(1.01 * draft.into[bus])
                draft.generator(f"{bus} curtailed", bus, most, 0.0, -1.0, carrier=LET_GO)
    for name, values in helpers.items():
        draft.add("buses", name, **values)
    used = {
        values["carrier"] for rows in draft.tables.values() for values in rows.values() if "carrier" in values
    }
    for word in sorted(used - {""}):
        carrier = "electricity" if word == CURRENT else word
        known = carrier in carriers.index
        co2, colour, name = carriers.loc[carrier, ["co2", "colour", "name"]] if known else (0.0, "", "")
        draft.add("carriers", word, co2_emissions=float(co2), color=str(colour), nice_name=str(name))


def _unused(case: Case) -> list[str]:
    """What bears on answers but on none of PyPSA's, and tables that have no place there."""
    found = []
    place, time = (case.setting("rules", key) for key in ("place", "time"))
    if (place, time) != ("none", "none"):
        found.append(f"rules: who goes short first ({place}) and when ({time}); PyPSA cuts at least cost")
    tables = [name for name in _NO_EFFECT if name in case.tables and len(case.tables[name])]
    if tables:
        found.append(f"tables without an effect on flows: {', '.join(tables)}")
    found.append("sources, grades, notes, drawn routes, and names in Russian and Kazakh")
    return found

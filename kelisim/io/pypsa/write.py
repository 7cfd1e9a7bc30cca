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
from kelisim.case.letting_go import allowed_by
from kelisim.case.streams import streams
from kelisim.io.pypsa import keeping, limits, ways
from kelisim.io.pypsa.draft import CURRENT, Draft, DraftFlow, word
from kelisim.io.pypsa.network import Network

Floats = npt.NDArray[np.float64]
SHED, LET_GO = "load shedding", "curtailment"
_TRADE_LAW = ("restrictions", "licences", "dealings")
_OWNERS_AND_LAWS = ("owners", "entities", "regulations", *_TRADE_LAW, "projects", "measures", "agreements")
_WHAT_ELSE = ("events", "event_changes", "years", "scenario_changes")
_RECORDS = ("areas", *_WHAT_ELSE, "observations", "outage_rates", "sources")
_FOLLOWED_UP = ("meetings", "actions", "bodies", "tasks")
_NO_EFFECT = (*_OWNERS_AND_LAWS, "provisions", "notifications", *_FOLLOWED_UP, *_RECORDS)


def network_of(case: Case) -> tuple[Network, list[str]]:
    """The network of a case, and a line for each thing that it does not carry."""
    draft = Draft(case)
    ways.add(draft)
    _assets(draft)
    _markets(draft)
    keeping.add(draft)
    _contracts(draft)
    _resources(draft)
    _demand(draft)
    draft.lost += [
        f"duties {duty}: that it is owed to the home market" for duty in draft.case.table("duties")["duty"]
    ]
    draft.lost += [
        f"commitment {asset}: starts and stops, and what they cost"
        for asset in draft.case.table("commitment")["asset"]
    ]
    for flow in draft.flows.values():
        draft.emit(flow)
    draft.free_stores()
    _places(draft)
    return draft.network(), [*draft.lost, *_unused(case)]


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
            over_time = ratio * draft.shape(port.profile) if port.profile else ratio
            amounts[bus] = amounts.get(bus, 0.0) + over_time
        flow = DraftFlow(row.asset, amounts, row.capacity * share[at], draft.level(row.cost), row.kind)
        if not any(np.any(amount) for amount in amounts.values()):
            draft.lost.append(f"assets {row.asset}: it touches no carrier")
            continue
        draft.flow("assets", row.asset, flow, amounts.keys() <= draft.coarse)
        if pd.notna(row.ramp) or pd.notna(row.ramp_down):
            flow.ramp = _ramp(draft, flow, _or_free(row.ramp) * row.capacity)
            if pd.notna(row.ramp_down):
                flow.ramp_down = _ramp(draft, flow, row.ramp_down * row.capacity)
        price = fallback if pd.isna(row.min_price) else row.min_price
        if row.min_share > 0:
            least = flow.most * row.min_share * case.profiles.availability(row.min_profile)
            limits.at_least(draft, f"{row.asset} minimum", least, [(flow, 1.0)], price)
        year = case.horizon.year_share
        if pd.notna(row.annual_max):
            limits.year_at_most(draft, f"{row.asset} year", row.annual_max * year, [(flow, 1.0)])
        if pd.notna(row.annual_min) and row.annual_min > 0:
            limits.year_at_least(
                draft, f"{row.asset} least year", row.annual_min * year, [(flow, 1.0)], price
            )


def _or_free(rate: float) -> float:
    """A ramp, or none."""
    return float(np.inf if pd.isna(rate) else rate)


def _ramp(draft: Draft, flow: DraftFlow, an_hour: float) -> Floats:
    """MW by which an asset may change into each cell; into the first of a typical day by as much as it can."""
    horizon, cells = draft.case.horizon, draft.cells
    if flow.coarse:
        return an_hour * cells.over_step(horizon.length)
    change: Floats = an_hour * horizon.length
    if horizon.is_typical:
        change = np.where(horizon.before == np.arange(horizon.count) - 1, change, flow.most.max())
        lost = f"assets {flow.name}: its ramp from the end of a typical day to its beginning"
        draft.lost += [lost] if lost not in draft.lost else []  # each way says so
    return change


def _markets(draft: Draft) -> None:
    for row in draft.case.quantities("markets").itertuples(index=False):
        sign = -1.0 if row.side == "buys" else 1.0
        most = row.ceiling * draft.shape(row.profile)
        cost = row.price * draft.shape(row.price_path) * sign
        flow = DraftFlow(
            row.market, {draft.node(row.place, row.carrier): sign}, most, cost, "market", row.side
        )
        draft.flow("markets", row.market, flow, draft.cells.is_coarse(row.carrier))
        if pd.notna(row.annual_max):
            energy = row.annual_max * draft.case.horizon.year_share
            limits.year_at_most(draft, f"{row.market} year", energy, [(flow, 1.0)])


def _contracts(draft: Draft) -> None:
    case = draft.case
    contracts = case.quantities("contracts")
    effects = case.table("contract_kinds").set_index("kind")["effect"]
    year = case.horizon.year_share
    own = {stream.contract for stream in streams(case)}
    draft.lost += [
        f"contracts {contract}: its stream, and the quantities of it"
        for contract in contracts["contract"]
        if contract in own
    ]
    for row in contracts[~contracts["contract"].isin(own)].itertuples(index=False):
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
        coarse = draft.cells.is_coarse(row.carrier)
        uses = [
            (flow, draft.cells.mean(on) if coarse else on) if on.min() < 1 else (flow, 1.0) for flow in flows
        ]
        short = row.price if pd.isna(row.shortfall_price) else row.shortfall_price
        if effect == "row" and has_rate:
            _daily(draft, row, active, flows)
        if row.daily_min > 0:
            least = row.daily_min * active
            limits.at_least(
                draft, f"{row.contract} daily least", least, [(flow, 1.0) for flow in flows], short
            )
        if not has_year:
            continue
        energy = row.annual_quantity * year * float(active @ draft.hours) / draft.total
        limits.year_at_most(
            draft, f"{row.contract} year", energy * (1.0 + row.swing_up), uses, row.excess_price
        )
        if energy * (1.0 - row.swing_down) > 0:
            limits.year_at_least(
                draft, f"{row.contract} least year", energy * (1.0 - row.swing_down), uses, short
            )
        paid = max(row.take_or_pay, row.ship_or_pay)
        if paid > 0:
            limits.year_at_least(draft, f"{row.contract} paid", energy * paid, uses, row.price)


def _daily(draft: Draft, row: Any, active: Floats, flows: list[DraftFlow]) -> None:
    """The most of a day over the links that a contract books; in steps that lie in part outside its dates nothing draws on it."""
    on = np.asarray(active > 0, dtype=float)
    if draft.cells.is_coarse(row.carrier):
        on = (draft.cells.mean(on) >= 1.0).astype(float)
    uses = [(flow, on) if on.min() < 1 else (flow, 1.0) for flow in flows]
    limit = np.where(on > 0, row.daily_max * active, 0.0)
    limits.at_most(draft, f"{row.contract} daily", limit, uses, row.excess_price)


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
    draft.flow("contracts", row.contract, flow, draft.cells.is_coarse(row.carrier))
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
            limits.at_most(
                draft, row.resource, row.amount / largest * draft.shape(row.profile), relative, price
            )
        else:
            limits.year_at_most(
                draft, row.resource, row.amount / largest * case.horizon.year_share, relative, price
            )


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
        power = draft.cells.mean(power) if draft.cells.is_coarse(row.carrier) else power
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
    nodes = sorted(set(draft.nodes.values()))
    may_go = dict(zip(nodes, allowed_by(case, nodes), strict=True))
    for place, carrier in nodes:
        by_place.setdefault(place, []).append(carrier)
    helpers = draft.tables.pop("buses", {})
    for row in case.table("places").itertuples(index=False):
        for carrier in by_place.get(row.place, [""]):
            bus = f"{row.place}:{carrier}" if carrier else row.place
            where = {"location": row.place, "country": row.country, "place_name": row.name}
            draft.add("buses", bus, carrier=word(carrier), x=row.lon, y=row.lat, v_nom=1.0, **where)
            if carrier and may_go[row.place, carrier] and draft.into.get(bus, 0.0) > 0:
                # a little more than all that can come at once
                most = draft.level(1.01 * draft.into[bus])
                draft.generator(f"{bus} curtailed", bus, most, 0.0, -1.0, carrier=LET_GO)
    for name, values in helpers.items():
        draft.add("buses", name, **values)
    used = {
        values["carrier"] for rows in draft.tables.values() for values in rows.values() if "carrier" in values
    }
    for label in sorted(used - {""}):
        carrier = "electricity" if label == CURRENT else label
        known = carrier in carriers.index
        co2, colour, name = carriers.loc[carrier, ["co2", "colour", "name"]] if known else (0.0, "", "")
        draft.add("carriers", label, co2_emissions=float(co2), color=str(colour), nice_name=str(name))


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

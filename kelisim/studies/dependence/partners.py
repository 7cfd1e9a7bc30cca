"""The balance of partners: trade and investment as published, who owns what is made, and the plan beside what was observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.errors import UserError
from kelisim.results import indices
from kelisim.results.cournot import best_replies, closed_form, straight_demand
from kelisim.results.dependence import balance_index
from kelisim.results.observations import between
from kelisim.results.routes import Routes
from kelisim.results.schema import framed
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_ENERGY, SMALL_SHARE

WORLD = "world"  # the row of the whole, beside those of partners
GROUP = ["topic", "country", "period", "direction", "carrier"]
UNKNOWN = ""  # owner that the case does not name


def published(case: Case) -> pd.DataFrame:
    """Rows of the table of partners of the home country and others, by topic and period."""
    rows = case.table("partners")
    home = str(case.setting("defaults", "home"))
    rows = rows.assign(country=rows["country"].where(rows["country"] != "", home)).reset_index(drop=True)
    order = ["topic", "carrier", "period", "direction", "row"]
    return rows.sort_values(order, kind="stable", ignore_index=True)


def partners(rows: pd.DataFrame) -> pd.DataFrame:
    """The table of the study, one row for each."""
    columns = [*GROUP, "row", "partner", "route", "through", "value", "unit", "share", "source", "confidence"]
    return framed("dependence", "partners", rows[columns].itertuples(index=False, name=None))


def balance(rows: pd.DataFrame) -> pd.DataFrame:
    """Concentration of what is published: of partners, or of routes, of one topic, period, direction and carrier.

    Shares are those of the rows; where none has one, the values over their sum. A row of the whole world is no partner.
    """
    found = []
    for key, own in rows.groupby(GROUP, sort=True):
        for kind in ("partner", "route"):
            part = own[(own[kind] != "") & (own[kind].str.lower() != WORLD)]
            if kind == "partner":
                part = part[part["route"] == ""]
            share = part["share"].to_numpy(dtype=float)
            if np.isnan(share).all() and len(part) > 1 and part["unit"].nunique() == 1:
                share = (part["value"] / part["value"].sum()).to_numpy(dtype=float)
            known = share[~np.isnan(share)]
            if not len(known):
                continue
            top = part.iloc[int(np.nanargmax(share))]
            is_whole = abs(float(known.sum()) - 1.0) <= SMALL_SHARE
            hhi = indices.hhi(known) if is_whole else np.nan
            even = balance_index(pd.Series(known)) if is_whole else np.nan
            found.append(
                (
                    *key,
                    kind,
                    len(part),
                    str(top[kind]),
                    float(np.nanmax(share)),
                    float(known.sum()),
                    hhi,
                    even,
                )
            )
    return framed("dependence", "partners.balance", found)


def beside(case: Case, tables: Tables, rows: pd.DataFrame, exchanged: bool) -> pd.DataFrame:
    """Published routes of exports beside the plan in the same months: share through each state, and concentration of routes."""
    found: list[tuple[Any, ...]] = []
    chosen = rows[(rows["topic"] == "trade") & (rows["direction"] == "export") & (rows["route"] != "")]
    for (country, period, carrier), own in chosen.groupby(["country", "period", "carrier"], sort=True):
        whole = own["share"].sum()
        if carrier not in set(case.table("carriers")["carrier"]) or abs(float(whole) - 1.0) > SMALL_SHARE:
            continue
        inside = _inside(case, str(period))
        if inside is None:
            continue
        routes = Routes(tables.over(inside * tables.hours), str(carrier), tables.country)
        if country not in routes.areas:
            continue
        trade = routes.of(str(country), exchanged)
        energy = trade.exits["energy"]
        if float(energy.sum()) <= NO_ENERGY:
            continue
        key = (country, carrier, period)
        found.append(
            (
                *key,
                "hhi_export_route",
                "",
                indices.hhi(own["share"].to_numpy()),
                indices.hhi(energy.to_numpy()),
            )
        )
        for state, part in own[own["through"] != ""].groupby("through", sort=True):
            model = float(energy[trade.exits["to"] == state].sum()) / float(energy.sum())
            found.append((*key, "export_transit", state, float(part["share"].sum()), model))
    return framed("dependence", "partners.beside", found)


def _inside(case: Case, period: str) -> np.ndarray | None:
    """Share of each step in a period that lies wholly in the horizon; None for another."""
    try:
        first, after = between(period)
    except (UserError, ValueError):
        return None
    if first < case.horizon.start or after > case.horizon.end:
        return None
    return np.asarray(case.horizon.share_between(first, after))


def ownership(tables: Tables, areas: Sequence[str], carriers: Sequence[str]) -> pd.DataFrame:
    """Who owns what is made of each carrier in a country, by the country of the owner's seat; parents are not followed."""
    case = tables.case
    owners, entities = case.table("owners"), case.table("entities")
    seats = entities.drop_duplicates("entity").set_index("entity")["country"].to_dict()
    ports = tables.assets_ports
    made = ports[(ports["energy"] > NO_ENERGY) & ports["carrier"].isin(list(carriers))]
    made = made.assign(country=made["place"].map(tables.country))
    made = made[made["country"].isin(list(areas))]
    own = owners[["element", "entity", "share"]].rename(columns={"element": "asset"})
    each = made.merge(own, on="asset", how="left")
    owner = [str(seats.get(one) or UNKNOWN) for one in each["entity"]]
    each = each.assign(owner=owner, part=each["energy"] * each["share"].fillna(0.0))
    found = each.groupby(["country", "carrier", "owner"])["part"].sum()
    whole = made.groupby(["country", "carrier"])["energy"].sum()
    rows = []
    for (country, carrier), total in whole.items():
        known = found.get((country, carrier), pd.Series(dtype=float))
        known = known[known.index != UNKNOWN] if len(known) else known
        named = {str(name): float(value) for name, value in known.items() if value > NO_ENERGY}
        rest = float(total) - sum(named.values())
        if rest > SMALL_SHARE * float(total):
            named[UNKNOWN] = rest
        order = sorted(named, key=lambda name: (-named[name], name))
        rows += [(country, carrier, name, named[name], named[name] / float(total)) for name in order]
    return framed("dependence", "ownership", rows)


def cournot(tables: Tables, area: str, carrier: str, elasticity: float, exchanged: bool) -> pd.DataFrame:
    """What the suppliers of an area would sell if each reckoned with the others, by replies in turn and by the closed form.

    Assumed: those who supply it in the plan are the sellers; a unit costs each what it costs in the plan at his places, by what he
    sends; demand is straight through the plan's quantity and the dearest of these costs, with the elasticity given; nobody is at a limit.
    """
    routes = Routes(tables, carrier, tables.country)
    if area not in routes.areas:
        return framed("dependence", "cournot")
    trade = routes.of(area, exchanged)
    sold = trade.suppliers[trade.suppliers > SMALL_SHARE * float(trade.suppliers.sum())]
    if len(sold) < 2:
        return framed("dependence", "cournot")
    cost = np.array([_cost(tables, str(name), carrier) for name in sold.index])
    price = float(cost.max())
    if price <= 0:
        return framed("dependence", "cournot")
    intercept, slope = straight_demand(float(sold.sum()), price, elasticity)
    nash, closed = best_replies(intercept, slope, cost), closed_form(intercept, slope, cost)
    then = intercept - slope * float(nash.sum())
    rows: Iterator[tuple[Any, ...]] = (
        (
            area,
            carrier,
            str(name),
            float(cost[at]),
            float(sold.iloc[at]),
            float(nash[at]),
            float(closed[at]),
            price,
            then,
        )
        for at, name in enumerate(sold.index)
    )
    return framed("dependence", "cournot", rows)


def _cost(tables: Tables, area: str, carrier: str) -> float:
    """Mean price of the plan at the places of an area that make or buy a carrier, by what they do, currency/MWh."""
    frame = tables.places_balance
    own = frame[(frame["carrier"] == carrier) & (frame["place"].map(tables.country) == area)]
    supply = (own["made"] + own["bought"]).to_numpy()
    return float((own["price_mean"] * supply).sum() / supply.sum()) if supply.sum() > 0 else 0.0

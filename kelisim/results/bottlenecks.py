"""Limits with a price and their rent, and rows of demand that go short."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.results.answer import Floats
from kelisim.results.tables import Tables
from kelisim.tolerances import DUST, ROUNDING, SERVED, UNPRICED

NETWORK = ("links", "resources", "storages", "contracts")  # limits between places, not what fields can make
COLUMNS = ["table", "element", "carrier", "limit", "hours_full", "shadow_price", "value"]
Rows = list[tuple[str, str, str, str, float, float, float]]


def bottlenecks(tables: Tables) -> pd.DataFrame:
    """All limits with a price, largest rent first.

    limit         capacity, limit_of_the_year, annual_quantity, shared_limit, rate_of_withdrawal, rate_of_injection, size
    shadow_price  currency/MWh, mean over the hours in which the limit holds
    value         currency: its rent in the year, price times quantity
    """
    rows = [*_links(tables), *_assets(tables), *_contracts(tables), *_resources(tables), *_storages(tables)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame[frame["value"] > 1.0]
    return frame.sort_values(["value", "element"], ascending=[False, True], ignore_index=True)


def _priced(tables: Tables, price: Floats) -> tuple[Floats, Floats]:
    """Hours in which a limit has a price, and the mean price over them, currency/MWh; price is (elements, steps)."""
    hours = (price > UNPRICED) @ tables.hours
    return hours, np.where(hours > 0, (price @ tables.hours) / np.maximum(hours, ROUNDING), 0.0)


def _links(tables: Tables) -> Rows:
    total = tables.links_total
    hours, mean = _priced(tables, tables.flows["price"])
    return [
        ("links", row.link, row.carrier, "capacity", float(hours[at]), float(mean[at]), row.rent)
        for at, row in enumerate(total.itertuples(index=False))
        if row.rent > 1.0
    ]


def _assets(tables: Tables) -> Rows:
    total, whole = tables.assets_total, float(tables.hours.sum())
    ids = list(total["asset"])
    price = tables.answer.limit_price("assets.activity", ids)
    value = (price * tables.answer.power("assets.activity", ids)) @ tables.hours
    hours, mean = _priced(tables, price)
    year = np.maximum(-tables.answer.year_price("assets.annual", ids), 0.0)
    found: Rows = []
    for at, row in enumerate(total.itertuples(index=False)):
        element = ("assets", row.asset, row.carrier)
        if value[at] > 1.0:
            found.append((*element, "capacity", float(hours[at]), float(mean[at]), float(value[at])))
        if year[at] * row.activity > 1.0:
            worth = float(year[at] * row.activity)
            found.append((*element, "limit_of_the_year", whole, float(year[at]), worth))
    return found


def _contracts(tables: Tables) -> Rows:
    whole = float(tables.hours.sum())
    return [
        (
            "contracts",
            r.contract,
            r.carrier,
            "annual_quantity",
            whole,
            r.shadow_price,
            r.shadow_price * r.quantity,
        )
        for r in tables.contracts_total.itertuples(index=False)
        if r.shadow_price > 0
    ]


def _resources(tables: Tables) -> Rows:
    return [
        ("resources", r.resource, "", "shared_limit", r.hours_full, r.shadow_price, r.value)
        for r in tables.resources_total.itertuples(index=False)
        if r.value > 0
    ]


def _storages(tables: Tables) -> Rows:
    total = tables.storages_total
    ids = list(total["storage"])
    found: Rows = []
    for block, limit in (
        ("storages.withdrawal", "rate_of_withdrawal"),
        ("storages.injection", "rate_of_injection"),
        ("storages.level", "size"),
    ):
        price = tables.answer.limit_price(block, ids)
        value = (price * tables.answer.power(block, ids)) @ tables.hours
        hours = (price > UNPRICED) @ tables.hours
        for at in np.flatnonzero(value > 1.0):
            mean = float((price[at] @ tables.hours) / max(hours[at], ROUNDING))
            row = (
                "storages",
                ids[at],
                total["carrier"].iat[at],
                limit,
                float(hours[at]),
                mean,
                float(value[at]),
            )
            found.append(row)
    return found


def short_rows(demand: pd.DataFrame) -> pd.DataFrame:
    """Rows of demand.total that are not wholly served, the largest first; dust of the solver left out."""
    dust = DUST * max(float(demand["demand"].sum()), 1.0) / max(len(demand), 1)
    short = demand[(demand["unserved"] > dust) & (demand["unserved"] > SERVED * demand["demand"])]
    return short.sort_values("unserved", ascending=False, kind="stable").reset_index(drop=True)

"""Contracts: priced sources, sinks and swaps at a place, rows over the links they book, or over the streams of booked transit.

Physical limits only: annual and daily quantities, swing, take-or-pay, ship-or-pay, indicative balance, power band.
Invoices are another matter.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.lp.problem import INF, Floats, Ints
from kelisim.model import streams
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Columns `contracts.delivery`, `.shortfall`, `.unpaid`, `.excess`, ...; rows `contracts.annual`, `.paid`, `.daily`, `.daily_least`."""
    contracts = frame.case.quantities("contracts")
    if contracts.empty:
        return
    effects = frame.case.table("contract_kinds").set_index("kind")["effect"]
    contracts = contracts.assign(effect=contracts["kind"].map(effects))
    limited = (
        contracts["annual_quantity"].notna() | contracts["daily_max"].notna() | (contracts["daily_min"] > 0)
    )
    active = np.array(
        [
            frame.case.horizon.share_within(s, e)
            for s, e in zip(contracts["start"], contracts["end"], strict=True)
        ]
    )
    # a contract of another year is none
    kept = limited.to_numpy() & (active > 0).any(axis=1)
    contracts, active = contracts[kept], active[kept]
    held = np.where(active > 0, frame.in_service("contracts", contracts), 0.0)
    entered = streams.add(frame, dict(zip(contracts["contract"], held, strict=True)))
    booked = _booked_columns(frame, contracts, active, entered)
    _daily(frame, contracts, booked, active)
    _annual(frame, contracts, booked, active)


def _booked_columns(
    frame: Assembly, contracts: pd.DataFrame, active: Floats, entered: dict[str, Ints]
) -> list[Ints]:
    """For each contract the columns that count against it, (columns, steps); of a stream those by which it enters its way."""
    own = (contracts["effect"] != "row").to_numpy()
    delivery: Ints = np.zeros((0, frame.steps), dtype=np.int64)
    if own.any():
        delivery = _deliveries(frame, contracts[own], active[own])
    links = {link: at for at, link in enumerate(frame.case.table("links")["link"])}
    flow = frame.build.columns["links.flow"].positions if "links.flow" in frame.build.columns else delivery
    order = np.cumsum(own) - 1
    found = []
    for at, (contract, over) in enumerate(zip(contracts["contract"], contracts["over"], strict=True)):
        if own[at]:
            found.append(delivery[[order[at]]])
        elif contract in entered:
            found.append(entered[contract])
        else:
            found.append(flow[[links[word] for word in str(over).split(";") if word]])
    return found


def _deliveries(frame: Assembly, contracts: pd.DataFrame, active: Floats) -> Ints:
    """Columns of sources, sinks and swaps."""
    year = contracts["annual_quantity"] * (1.0 + contracts["swing_up"])
    rate = contracts["daily_max"].fillna(INF).to_numpy()
    # without a daily limit a contract may deliver its year in any one step, and more where more has a price
    bound = year.notna() & contracts["excess_price"].isna()
    whole = np.where(bound, year.fillna(0.0).to_numpy() / frame.shortest, INF)
    most = np.where(active > 0, np.minimum(rate, whole)[:, None] * np.where(active > 0, active, 1.0), 0.0)
    left = frame.in_service("contracts", contracts)
    most = np.where(left > 0, most * np.where(left > 0, left, 1.0), 0.0)
    sink = (contracts["effect"] == "sink").to_numpy()
    price = frame.price(contracts["price"]) * np.where(sink, -1.0, 1.0)[:, None]
    columns = frame.build.add_columns(
        "contracts.delivery",
        list(contracts["contract"]),
        frame.steps,
        0.0,
        most,
        price,
        frame.in_steps(contracts["carrier"]),
    )
    swap = (contracts["effect"] == "swap").to_numpy()
    sign = np.where(sink | swap, -1.0, 1.0)[:, None]
    frame.build.add_entries(frame.node_rows(contracts["delivery_place"], contracts["carrier"]), columns, sign)
    if swap.any():
        back = contracts[swap]
        frame.build.add_entries(frame.node_rows(back["return_place"], back["carrier"]), columns[swap], 1.0)
    return columns


def _daily(frame: Assembly, contracts: pd.DataFrame, booked: list[Ints], active: Floats) -> None:
    row_kind = (contracts["effect"] == "row").to_numpy()
    most = np.flatnonzero(row_kind & contracts["daily_max"].notna().to_numpy())
    _limit_rows(
        frame,
        contracts,
        booked,
        most,
        "contracts.daily",
        contracts["daily_max"].to_numpy()[:, None] * active,
        active,
    )
    least = np.flatnonzero(contracts["daily_min"].fillna(0.0).to_numpy() > 0)
    if len(least):
        floor = contracts["daily_min"].to_numpy()[least][:, None] * active[least]
        ids = list(contracts["contract"].iloc[least])
        coarse = frame.in_steps(contracts["carrier"].iloc[least])
        rows = frame.build.add_rows("contracts.daily_least", ids, frame.steps, floor, coarse=coarse)
        cost = frame.price(_shortfall_price(contracts.iloc[least]))
        short = frame.build.add_columns(
            "contracts.daily_shortfall", ids, frame.steps, 0.0, floor, cost, coarse
        )
        frame.build.add_entries(rows, short, 1.0)
        for row, at in zip(rows, least, strict=True):
            frame.build.add_entries(row[None, :], booked[at], 1.0)


def _limit_rows(
    frame: Assembly,
    contracts: pd.DataFrame,
    booked: list[Ints],
    which: Ints,
    name: str,
    limit: Floats,
    active: Floats,
) -> None:
    if not len(which):
        return
    ids = list(contracts["contract"].iloc[which])
    # outside its dates a contract does not bind
    upper = np.where(active[which] > 0, limit[which], INF)
    coarse = frame.in_steps(contracts["carrier"].iloc[which])
    rows = frame.build.add_rows(name, ids, frame.steps, upper=upper, coarse=coarse)
    for row, at in zip(rows, which, strict=True):
        frame.build.add_entries(row[None, :], booked[at], 1.0)
    extra = contracts["excess_price"].iloc[which].notna().to_numpy()
    if extra.any():
        more = list(contracts["contract"].iloc[which][extra])
        cost = frame.price(contracts["excess_price"].iloc[which][extra])
        excess = frame.build.add_columns(f"{name}_excess", more, frame.steps, cost=cost, coarse=coarse[extra])
        frame.build.add_entries(rows[extra], excess, -1.0)


def _shortfall_price(contracts: pd.DataFrame) -> Floats:
    return contracts["shortfall_price"].fillna(contracts["price"]).to_numpy()


def _annual(frame: Assembly, contracts: pd.DataFrame, booked: list[Ints], active: Floats) -> None:
    chosen = np.flatnonzero(contracts["annual_quantity"].notna().to_numpy())
    if not len(chosen):
        return
    rows_of = contracts.iloc[chosen]
    # of a year in which the contract holds for a part only, that part
    quantity = frame.per_year(rows_of["annual_quantity"]) * (active[chosen] @ frame.mean_weights)
    low = quantity * (1.0 - rows_of["swing_down"].to_numpy())
    high = quantity * (1.0 + rows_of["swing_up"].to_numpy())
    ids = list(rows_of["contract"])
    rows = frame.build.add_rows("contracts.annual", ids, 1, low[:, None], high[:, None])
    weights = frame.mean_weights[None, :]
    for row, at in zip(rows, chosen, strict=True):
        frame.build.add_entries(row[None, :], booked[at], weights * (active[at] > 0))
    short = _shortfall_price(rows_of) * frame.mean_price
    _extra(frame, rows, ids, "contracts.shortfall", low > 0, low, short, 1.0)
    priced = rows_of["excess_price"].notna().to_numpy()
    _extra(
        frame,
        rows,
        ids,
        "contracts.excess",
        priced,
        np.full(len(ids), INF),
        rows_of["excess_price"].to_numpy() * frame.mean_price,
        -1.0,
    )
    share = np.maximum(rows_of["take_or_pay"].to_numpy(), rows_of["ship_or_pay"].to_numpy())
    due = np.flatnonzero(share > 0)
    if len(due):
        least = (quantity * share)[due]
        names = [ids[at] for at in due]
        paid = frame.build.add_rows("contracts.paid", names, 1, least[:, None])
        for row, at in zip(paid, due, strict=True):
            frame.build.add_entries(row[None, :], booked[chosen[at]], weights * (active[chosen[at]] > 0))
        price = rows_of["price"].to_numpy()[due] * frame.mean_price
        _extra(frame, paid, names, "contracts.unpaid", np.ones(len(due), bool), least, price, 1.0)


def _extra(
    frame: Assembly,
    rows: Ints,
    ids: list[str],
    name: str,
    which: np.ndarray,
    upper: Floats,
    cost: Floats,
    sign: float,
) -> None:
    if which.any():
        chosen = [label for label, keep in zip(ids, which, strict=True) if keep]
        columns = frame.build.add_columns(name, chosen, 1, 0.0, upper[which][:, None], cost[which][:, None])
        frame.build.add_entries(rows[which], columns, sign)

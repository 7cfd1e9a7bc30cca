"""Assets make or convert: one activity, several ports with given ratios, least activity, ramps, limits of the year.

When an asset with a row in the table `commitment` runs is found in `model.commitment`; here it stands where it does not run.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.ports import port_ratios
from kelisim.lp.blocks import Bools, Floats
from kelisim.lp.problem import INF
from kelisim.model import commitment
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Columns `assets.activity`, `assets.below_minimum`; rows `assets.minimum`, `assets.ramp`, `assets.annual`."""
    assets = frame.case.quantities("assets")
    if assets.empty:
        return
    share = frame.availability("assets", assets)
    plants = commitment.of(frame, assets)
    whole = share * assets["capacity"].to_numpy()[:, None]
    most = plants.limited(whole)
    ports = port_ratios(frame.case, assets)
    coarse = _in_steps(frame, assets, ports)
    activity = frame.build.add_columns(
        "assets.activity", list(assets["asset"]), frame.steps, 0.0, most, frame.price(assets["cost"]), coarse
    )
    position = {asset: at for at, asset in enumerate(assets["asset"])}
    if len(ports):
        columns = activity[[position[asset] for asset in ports["asset"]]]
        ratio = ports["ratio"].to_numpy()[:, None] * frame.case.profiles.matrix(ports["profile"], "shape")
        frame.build.add_entries(frame.node_rows(ports["place"], ports["carrier"]), columns, ratio)
    price = assets["min_price"].fillna(float(frame.case.setting("defaults", "shortfall_price")))
    firm = (assets["min_share"] > 0).to_numpy() | plants.least.any(axis=1)
    firm &= ~plants.open
    if firm.any():
        least = np.maximum(least_of(frame, assets[firm], whole[firm] * plants.runs[firm]), plants.least[firm])
        least = np.minimum(least, most[firm])
        ids = list(assets["asset"][firm])
        below = frame.build.add_columns(
            "assets.below_minimum", ids, frame.steps, 0.0, least, frame.price(price[firm]), coarse[firm]
        )
        rows = frame.build.add_rows("assets.minimum", ids, frame.steps, least, coarse=coarse[firm])
        frame.build.add_entries(rows, activity[firm], 1.0)
        frame.build.add_entries(rows, below, 1.0)
    _ramps(frame, assets, activity, coarse, plants)
    commitment.add(frame, plants, activity, whole, least_of(frame, assets, whole))
    _annual(frame, assets, activity, price)


def least_of(frame: Assembly, assets: pd.DataFrame, most: Floats) -> Floats:
    """Least activity while it runs, MW, (assets, steps)."""
    over_time = frame.case.profiles.matrix(assets["min_profile"], "availability")
    found: Floats = most * assets["min_share"].to_numpy()[:, None] * over_time
    return found


def _in_steps(frame: Assembly, assets: pd.DataFrame, ports: pd.DataFrame) -> Bools:
    """Assets all of whose carriers have one balance a step."""
    fine = ports["asset"][~frame.in_steps(ports["carrier"])]
    if frame.grid is None:
        return np.zeros(len(assets), dtype=bool)
    return ~assets["asset"].isin(set(fine)).to_numpy()


def _ramps(
    frame: Assembly, assets: pd.DataFrame, activity: np.ndarray, in_steps: Bools, plants: commitment.Committed
) -> None:
    """Rows `assets.ramp`: the change into each step or part; that into the first is free, and one by a start or stop."""
    slow = (assets["ramp"].notna() | assets["ramp_down"].notna()).to_numpy() & ~plants.open
    if not slow.any() or frame.steps < 2:
        return
    coarse = in_steps[slow]
    before = frame.before(coarse)
    bound = (before >= 0) & ~plants.turns[slow]
    # a row over a step adds up what its cells allow
    rates = assets[slow]
    up, down = (
        (share * rates["capacity"]).fillna(INF).to_numpy()[:, None] * frame.case.horizon.length[None, :]
        for share in (rates["ramp"], rates["ramp_down"].fillna(rates["ramp"]))
    )
    rise, fall = (np.where(bound, change, INF) for change in (up, down))
    rows = frame.build.add_rows(
        "assets.ramp", list(assets["asset"][slow]), frame.steps, -fall, rise, coarse, is_sum=True
    )
    now = frame.once(coarse) * bound
    frame.build.add_entries(rows, activity[slow], now)
    frame.build.add_entries(rows, np.take_along_axis(activity[slow], np.maximum(before, 0), axis=1), -now)


def _annual(frame: Assembly, assets: pd.DataFrame, activity: np.ndarray, price: pd.Series) -> None:
    limited = (assets["annual_min"].notna() | assets["annual_max"].notna()).to_numpy()
    if not limited.any():
        return
    rows_of = assets[limited]
    ids = list(rows_of["asset"])
    low = frame.per_year(rows_of["annual_min"].fillna(0.0))
    high = np.where(rows_of["annual_max"].notna(), frame.per_year(rows_of["annual_max"].fillna(0.0)), INF)
    needs = low > 0
    # where both are given, the least is a row of its own: a loss lowers the most by what is not made, and leaves the least
    both = needs & np.isfinite(high)
    rows = frame.build.add_rows("assets.annual", ids, 1, np.where(both, 0.0, low)[:, None], high[:, None])
    frame.build.add_entries(rows, activity[limited], frame.mean_weights[None, :])
    if both.any():
        own = [i for i, b in zip(ids, both, strict=True) if b]
        rows = rows.copy()
        rows[both] = frame.build.add_rows("assets.annual_least", own, 1, low[both][:, None])
        frame.build.add_entries(rows[both], activity[limited][both], frame.mean_weights[None, :])
    if needs.any():
        cost = price[limited].to_numpy()[needs][:, None] * frame.mean_price
        short = frame.build.add_columns(
            "assets.annual_shortfall",
            [i for i, n in zip(ids, needs, strict=True) if n],
            1,
            0.0,
            low[needs][:, None],
            cost,
        )
        frame.build.add_entries(rows[needs], short, 1.0)

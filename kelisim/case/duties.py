"""What is owed to home markets: how much in each step, at which price of a shortfall, and to whom."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def owed_by_step(case: Case, duties: pd.DataFrame) -> Floats:
    """MW owed in each step, (duties, steps); a duty over the year spreads its quantity over its days."""
    horizon = case.horizon
    within = [horizon.share_within(s, e) for s, e in zip(duties["start"], duties["end"], strict=True)]
    share = np.array(within, dtype=float).reshape(len(duties), horizon.count)
    in_steps = (duties["over"] == "step").to_numpy()
    shape = np.where(in_steps[:, None], case.profiles.matrix(duties["profile"], "shape"), 1.0)
    return duties["quantity"].to_numpy(dtype=float)[:, None] / horizon.year_hours * shape * share


def shortfall_price(case: Case, duties: pd.DataFrame) -> Floats:
    """Price of what is missing, currency/MWh, (duties)."""
    usual = float(case.setting("defaults", "shortfall_price"))
    return duties["shortfall_price"].fillna(usual).to_numpy(dtype=float)


def demand_by_step(case: Case) -> Floats:
    """MW wanted of each row of demand, (rows, steps)."""
    demand = case.quantities("demand")
    power = demand["amount"].to_numpy(dtype=float)[:, None] / case.horizon.year_hours
    shaped: Floats = power * case.profiles.matrix(demand["profile"], "shape")
    return shaped.reshape(len(demand), case.horizon.count)


def homes(case: Case, duties: pd.DataFrame) -> list[tuple[set[str], str]]:
    """Places of the home market of each duty, and its carrier."""
    places = case.table("places")
    found = []
    for place, country, carrier in duties[["place", "country", "carrier"]].itertuples(index=False):
        mine = {place} if place else set(places["place"][places["country"] == country])
        found.append((mine, str(carrier)))
    return found


def members(home: list[tuple[set[str], str]], rows: pd.DataFrame) -> list[Ints]:
    """Positions of the rows with a place and a carrier of each home market."""
    return [
        np.flatnonzero((rows["place"].isin(places) & (rows["carrier"] == carrier)).to_numpy(dtype=bool))
        for places, carrier in home
    ]

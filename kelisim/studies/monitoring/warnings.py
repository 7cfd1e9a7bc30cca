"""Early warning: levels of storages on their way to a date, stocks below their norm, nominations below a contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kelisim import units
from kelisim.case.case import Case
from kelisim.errors import StudyError, UnitError
from kelisim.ledger.trend import fit
from kelisim.results.schema import framed
from kelisim.studies.monitoring.lights import AMBER, GREEN, LATE_DAYS, NONE, RED
from kelisim.studies.monitoring.obligations import observed

TRAJECTORY, NORM, NOMINATIONS = "trajectory", "norm", "nominations"
_RECENT = 45  # days of levels from which the way ahead is drawn
_FEW = 5  # levels; fewer have no way ahead
_WEEK, _MONTH = 7, 30  # days that nominations lie below the contract: amber, red
Line = tuple[str, str, str, str, pd.Timestamp, float, float, str, pd.Timestamp]


def warnings(case: Case, at: pd.Timestamp) -> pd.DataFrame:
    """Each storage and contract that is watched: trigger, light, what is seen and the limit."""
    old = at - pd.Timedelta(days=LATE_DAYS)
    found = [
        line if line[4] >= old else (*line[:3], NONE, *line[4:])  # where data are old nobody knows
        for line in (*_storages(case, at), *_contracts(case, at))
    ]
    frame = framed("monitoring", "warnings", found)
    order = {RED: 0, AMBER: 1, GREEN: 2, NONE: 3}
    at_light = frame["light"].map(order)
    return (
        frame.assign(_order=at_light)
        .sort_values(["_order", "trigger", "element"], ignore_index=True)
        .drop(columns="_order")
    )


def _storages(case: Case, at: pd.Timestamp) -> Iterator[Line]:
    rows = observed(case, "storages")
    rows = rows[rows["last"] <= at]
    stores = case.table("storages").set_index("storage", drop=False)
    sizes = case.quantities("storages").set_index("storage")
    for name, own in rows.groupby("element", sort=True):
        store, size = stores.loc[name], float(sizes.loc[name, "working_capacity"])
        level = np.array([_share(case, store, size, row) for row in own.itertuples(index=False)])
        latest = own["last"].iloc[-1]
        yield from _trajectory(str(name), str(store["target"]), own["last"], level, latest)
        yield from _norm(case, store, sizes.loc[name], float(level[-1]) * size, latest)


def _share(case: Case, store: pd.Series, size: float, row: Any) -> float:
    """A level as a share of the working capacity."""
    part, powers = units.parse(row.unit)
    if not powers:
        share = float(row.value) * part
        if not 0.0 <= share <= 1.0:
            raise StudyError(
                f"observations of {row.element}: {row.value:g} without a unit is no share of 0 to 1."
            )
        return share
    try:
        return float(row.value) * case.units.factor(row.unit, "energy", str(store["carrier"])) / size
    except UnitError as error:
        raise StudyError(f"observations of {row.element}: {error}.") from error


def _trajectory(
    name: str, target: str, days: pd.Series, level: np.ndarray, latest: pd.Timestamp
) -> Iterator[Line]:
    """The next level by a date, against where the levels of the last weeks lead."""
    dates = [part.split(":") for part in target.split(";") if part.strip()]
    ahead = sorted((_next(latest, day.strip()), float(share)) for day, share in dates)
    if not ahead:
        return
    due, share = ahead[0]
    recent = days > latest - pd.Timedelta(days=_RECENT)
    time = (days[recent] - latest).dt.days.to_numpy() / 365.25
    trend = (
        fit(time, np.ones(len(time), dtype=np.int64), level[recent.to_numpy()]) if len(time) >= _FEW else None
    )
    if trend is None:
        light = NONE if level[-1] < share else GREEN
        yield name, "storages", TRAJECTORY, light, latest, float(level[-1]), share, "share", due
        return
    when = np.array([(due - latest).days / 365.25])
    mean, low, high = trend.ahead(when, np.ones(1, dtype=np.int64), np.ones(1))
    light = RED if high < share else AMBER if low < share else GREEN
    yield name, "storages", TRAJECTORY, light, latest, float(min(max(mean, 0.0), 1.0)), share, "share", due


def _next(day: pd.Timestamp, month_day: str) -> pd.Timestamp:
    """The next such day of the year."""
    this = pd.Timestamp(f"{day.year}-{month_day}")
    return this if this >= day else pd.Timestamp(f"{day.year + 1}-{month_day}")


def _norm(
    case: Case, store: pd.Series, size: pd.Series, energy: float, latest: pd.Timestamp
) -> Iterator[Line]:
    """Days of use in stock against the norm; use as the row tells it, else the mean of customers at the place."""
    if pd.isna(store["norm_days"]):
        return
    power = float(size["norm_use"])
    if np.isnan(power):
        demand = case.quantities("demand")
        mine = (demand["place"] == store["place"]) & (demand["carrier"] == store["carrier"])
        power = float(demand["amount"][mine].sum()) / case.horizon.year_hours
    norm = float(store["norm_days"])
    if power <= 0:
        return
    days = energy / (power * 24.0)
    yield (
        store["storage"],
        "storages",
        NORM,
        GREEN if days >= norm else RED,
        latest,
        days,
        norm,
        "days",
        latest,
    )


def _contracts(case: Case, at: pd.Timestamp) -> Iterator[Line]:
    """Nominations of the last week and month against the least of a day, or what must be paid for over its days."""
    rows = observed(case, "contracts")
    rows = rows[rows["last"] <= at]
    contracts = case.table("contracts").set_index("contract", drop=False)
    for name, own in rows.groupby("element", sort=True):
        row = contracts.loc[name]
        least, unit = _least(row)
        if np.isnan(least):
            continue
        power = case.units.factor(unit, "power", str(row["carrier"]))
        values = np.array([_power(case, row, unit, one) for one in own.itertuples(index=False)]) / power
        latest = own["last"].iloc[-1]
        means = [
            float(values[(own["last"] > latest - pd.Timedelta(days=span)).to_numpy()].mean())
            for span in (_WEEK, _MONTH)
        ]
        has_month = own["first"].iloc[0] <= latest - pd.Timedelta(days=_MONTH - 1)
        light = GREEN if means[0] >= least else RED if has_month and means[1] < least else AMBER
        yield str(name), "contracts", NOMINATIONS, light, latest, means[0], least, unit, latest


def _least(row: pd.Series) -> tuple[float, str]:
    """What must at least be nominated on a day, and its unit."""
    if not pd.isna(row["daily_min"]) and float(row["daily_min"]) > 0:
        return float(row["daily_min"]), str(row["daily_unit"])
    if not pd.isna(row["annual_quantity"]) and float(row["take_or_pay"] or 0.0) > 0:
        return float(row["annual_quantity"]) * float(row["take_or_pay"]), f"{row['unit']}/year"
    return np.nan, ""


def _power(case: Case, row: pd.Series, unit: str, one: Any) -> float:
    """A nomination in MW: as a rate, or as the amount of its days."""
    written = one.unit or unit
    carrier = str(row["carrier"])
    try:
        return float(one.value) * case.units.factor(written, "power", carrier)
    except UnitError:
        pass
    try:
        hours = ((one.last - one.first).days + 1) * 24.0
        return float(one.value) * case.units.factor(written, "energy", carrier) / hours
    except UnitError as error:
        raise StudyError(f"observations of {one.element}: {error}.") from error

"""Norms of stocks and levels by a date: that they can be read, that somebody's use counts the days, and that a price opens a norm."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

import pandas as pd

from kelisim.case.checks.view import CaseView, about
from kelisim.case.hanging import norm_rooms
from kelisim.case.territory import region_of_places
from kelisim.errors import InputProblem

_POINTS = "Write month-day:share, such as 11-01:0.9;04-01:0.3."


@about("storages")
def norms(view: CaseView) -> Iterator[InputProblem]:
    """A norm of a strategic storage, one whose days nobody's use counts, and what belongs to a norm where there is none."""
    rows = view.sure("storages", "place", "carrier", "norm_days", "norm_use", "role")
    users: set[tuple[str, str]] | None = None
    regions: dict[str, str] = {}
    for row, one in rows.iterrows():
        if pd.isna(one["norm_days"]):
            for column in ("norm_use", "norm_season"):
                if one[column] != "" and not pd.isna(one[column]):
                    message = "there is no norm that it could belong to."
                    yield view.problem(
                        "storages", row, column, message, "Give norm_days, or leave it empty.", rule="norm"
                    )
            continue
        if one["role"] == "strategic":
            message = "a strategic storage has no norm: only a measure opens it."
            yield view.problem("storages", row, "norm_days", message, "Leave it empty.", rule="norm")
        elif pd.isna(one["norm_use"]) and one["norm_days"] > 0:
            if users is None:
                regions = region_of_places(view.case)
                users = _users(view, regions)
            where = regions.get(one["place"], one["place"])
            if (where, one["carrier"]) not in users:
                message = f'nobody in the region of "{one["place"]}" uses {one["carrier"]}, so that no use counts the days.'
                yield view.problem(
                    "storages", row, "norm_days", message, "Give norm_use, the use of a day.", rule="norm"
                )


def _users(view: CaseView, regions: dict[str, str]) -> set[tuple[str, str]]:
    """Regions and carriers with customers or plants that use it."""
    demand, assets, ports = view.rows("demand"), view.rows("assets"), view.ports
    found = {(regions.get(p, p), c) for p, c in zip(demand["place"], demand["carrier"], strict=True)}
    place = dict(zip(assets["asset"], assets["place"], strict=True))
    takes = ports[~(ports["ratio"] > 0)]
    for asset, carrier in zip(takes["asset"], takes["carrier"], strict=True):
        where = place.get(asset, "")
        found.add((regions.get(where, where), carrier))
    return found


@about("storages")
def norm_prices(view: CaseView) -> Iterator[InputProblem]:
    """A norm that no price opens for protected customers alone: one who is not protected is worth more out of the same stock."""
    rows = view.rows("storages")
    has = rows["norm_days"].notna()
    if not view.is_sound or not has.any():
        return
    demand = view.case.table("demand")
    who = [f"{one.customer_class} in {one.place} ({one.carrier})" for one in demand.itertuples(index=False)]
    rooms = norm_rooms(view.case, rows[has])
    for row, storage, room in zip(rows.index[has], rows["storage"][has], rooms, strict=True):
        if room.in_order:
            continue
        (first, last), currency = room.pair, view.case.currency
        message = (
            f'no price opens the norm of "{storage}" for protected customers alone: a MWh out of it may be worth {room.high:,.4g} {currency} to '
            f"{who[first]}, who is not protected, and only {room.low:,.4g} to {who[last]}, who is."
        )
        remedy = "Change the VOLL of one of the two, or leave norm_days empty."
        yield view.problem("storages", row, "norm_days", message, remedy, rule="norm")


@about("storages")
def targets(view: CaseView) -> Iterator[InputProblem]:
    """A level by a date that is no list of days of the year and shares."""
    rows = view.rows("storages")
    for row, text in rows["target"][rows["target"] != ""].items():
        for point in str(text).split(";"):
            fault = _fault(point.strip())
            if fault:
                yield view.problem("storages", row, "target", fault, _POINTS, rule="target")
                break


def _fault(point: str) -> str:
    day, colon, share = point.partition(":")
    try:
        level = float(share) if colon else float("nan")
    except ValueError:
        level = float("nan")
    if math.isnan(level):
        return f'"{point}" has no level.'
    if not 0.0 <= level <= 1.0:
        return f'"{point}" has a level that is no share.'
    month, _, number = day.strip().partition("-")
    try:
        # of a year without 29 February: a target holds every year
        date(2023, int(month), int(number))
    except ValueError:
        return f'"{day.strip()}" is no day of every year.'
    return ""

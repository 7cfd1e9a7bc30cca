"""Flows of links and balances of places as frames that a map can draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.errors import StudyError
from kelisim.report import moments
from kelisim.report.numbers import day, text_of
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.tolerances import ROUNDING

Ints = npt.NDArray[np.int64]
FLOWS = ["made", "bought", "used", "taken_in", "sold", "unserved", "demand"]


def cells_of(book: Words, step: Any) -> Ints:
    """Cells that a map of a moment shows: the step, with all parts of its day; a part for a moment within the day."""
    horizon, moment = book.case.horizon, pd.Timestamp(step)
    starts = pd.DatetimeIndex(horizon.steps["step"])
    if not starts[0] <= moment < horizon.steps["end"].max():
        raise StudyError(
            f"{step} lies outside the results, which begin on {starts[0]:%Y-%m-%d} and hold {book.step_words}."
        )
    cell = int(starts.searchsorted(moment, side="right")) - 1
    whole = np.flatnonzero(horizon.step_of == horizon.step_of[cell])
    is_part = moment not in (starts[whole[0]], starts[whole[0]].normalize())
    if horizon.is_typical:  # days of a month stand for others: only the start of a part names one
        is_part = starts[cell] == moment != starts[whole[0]]
    return np.array([cell]) if is_part and horizon.has_parts else whole


def when_of(results: Results, book: Words, step: Any) -> str:
    if step is None:
        return book.period
    cells, horizon = cells_of(book, step), book.case.horizon
    if horizon.has_parts and len(cells) == 1:
        return moments.named(book.case, int(cells[0]))
    start, hours = pd.Timestamp(horizon.steps["step"].iloc[cells[0]]), float(horizon.hours[cells].sum())
    words = day(start, form="month_year" if hours > moments.MONTH_HOURS else "day")
    return words if hours >= 24 else f"{words}, {start:%H:%M}"


def _in_cells(frame: pd.DataFrame, book: Words, cells: Ints) -> tuple[pd.DataFrame, pd.Series]:
    """Rows of a table by step in some cells, and the hours of each."""
    starts = pd.DatetimeIndex(book.case.horizon.steps["step"].iloc[cells])
    rows = frame[frame["step"].isin(starts)]
    hours = rows["step"].map(dict(zip(starts, book.case.horizon.hours[cells], strict=True)))
    return rows, hours.astype(float)


def scale_of(book: Words, carrier: Any, family_units: dict[str, str]) -> float:
    unit, factor = book.unit(carrier)
    return factor if family_units[book.family(carrier)] == unit else 1e-6


def family_units(book: Words, carriers: Any) -> dict[str, str]:
    """Unit a family is shown in: that of its carriers, or TWh where these differ."""
    units: dict[str, set[str]] = {}
    for carrier in set(carriers):
        units.setdefault(book.family(carrier), set()).add(book.unit(carrier)[0])
    return {family: next(iter(found)) if len(found) == 1 else "TWh" for family, found in units.items()}


def flow_links(results: Results, book: Words, step: Any) -> pd.DataFrame:
    """Links with forward and back in MWh of the horizon or step, loading, and what the case says of them."""
    total = results["links.total"]
    frame = total[["link", "carrier", "kind", "from_place", "to_place", "capacity", "capacity_back"]].copy()
    for column in ("link", "carrier", "kind", "from_place", "to_place"):
        frame[column] = frame[column].astype(str)
    if step is None:
        for column in ("forward", "back", "loading", "loading_peak", "hours_full", "shadow_price"):
            frame[column] = np.maximum(total[column].to_numpy(dtype=float), 0.0)  # dust of the solver
    else:
        cells = cells_of(book, step)
        if "links.flow" not in results:
            raise StudyError(
                "The tables with one row per step were not kept: run the study with series=True."
            )
        rows, hours = _in_cells(results["links.flow"], book, cells)
        is_power = results.units("links.flow").get("flow", "MWh") == "MW"
        energy = rows["flow"].fillna(0.0) * (hours if is_power else 1.0)
        each = pd.DataFrame({"forward": energy.clip(lower=0.0), "back": (-energy).clip(lower=0.0)})
        each["hours_full"] = hours.where(rows["loading"] > 0.9999, 0.0)
        each["hours"] = hours
        for column in ("loading", "shadow_price"):  # a mean over the parts of a day
            each[column] = rows[column].fillna(0.0) * hours
        sums = each.groupby(rows["link"].astype(str)).sum().reindex(frame["link"]).fillna(0.0)
        highest = rows["loading"].groupby(rows["link"].astype(str)).max().reindex(frame["link"]).fillna(0.0)
        for column in ("forward", "back", "hours_full"):
            frame[column] = sums[column].to_numpy()
        for column in ("loading", "shadow_price"):
            frame[column] = (sums[column] / sums["hours"].where(sums["hours"] > 0, 1.0)).to_numpy()
        frame["loading_peak"] = highest.to_numpy()
    frame["family"] = frame["carrier"].map(book.family)
    frame["size"] = frame["forward"] + frame["back"]
    written = book.table("links")
    columns = [c for c in ("shared_with", "route", "status", "source", "confidence") if c in written.columns]
    extra = written.assign(link=written["link"].astype(str)).set_index("link")[columns]
    frame = frame.join(extra, on="link")
    for column in ("shared_with", "route", "status", "source", "confidence"):
        frame[column] = frame[column].map(text_of) if column in frame.columns else ""
    frame["is_out"] = frame["link"].isin(_links_out(results, book, step))
    in_service = frame["status"].isin(["", "base"]) | (frame["size"] > ROUNDING) | frame["is_out"]
    return frame[in_service].reset_index(drop=True)


def _links_out(results: Results, book: Words, step: Any) -> set[str]:
    """Links that are wholly out of service for all that the map shows."""
    rows = book.table("outages")
    if rows.empty:
        return set()
    steps = results.case.horizon.steps
    begin, end = pd.Timestamp(steps["step"].iloc[0]), pd.Timestamp(steps["step"].iloc[-1])
    if step is not None:
        begin = end = pd.Timestamp(steps["step"].iloc[cells_of(book, step)[0]])
    last = pd.to_datetime(rows["end"])
    covers = (pd.to_datetime(rows["start"]) <= begin) & (last.isna() | (last >= end.normalize()))
    chosen = rows[covers & (rows["share"].fillna(1.0) >= 0.999) & rows["table"].isin(["links", "places"])]
    out = set(chosen.loc[chosen["table"] == "links", "element"].astype(str))
    dead = set(chosen.loc[chosen["table"] == "places", "element"].astype(str))
    if dead:
        links = book.table("links")
        out |= set(
            links.loc[links["from_place"].isin(dead) | links["to_place"].isin(dead), "link"].astype(str)
        )
    return out


def flow_nodes(results: Results, book: Words, step: Any) -> pd.DataFrame:
    """Balances of places over the horizon; for one step only what is unserved."""
    frame = results["places.balance"]
    out = frame[["place", "carrier"]].astype(str)
    for column in FLOWS:
        out[column] = frame[column].to_numpy(dtype=float) if column in frame.columns else 0.0
    if step is not None:
        cells = cells_of(book, step)
        rows, hours = _in_cells(results["demand.unserved"], book, cells)
        keys = pd.MultiIndex.from_frame(out[["place", "carrier"]])
        short = rows.assign(place=rows["place"].astype(str), carrier=rows["carrier"].astype(str))
        short = short.assign(energy=rows["unserved"] * hours)
        short_sum = short.groupby(["place", "carrier"])["energy"].sum()
        out["demand"] = out["demand"] * float(book.case.horizon.hours[cells].sum()) / book.hours
        out["unserved"] = short_sum.reindex(keys).fillna(0.0).to_numpy()
    out["family"] = out["carrier"].map(book.family)
    return out


def has_short(nodes: pd.DataFrame, family: str) -> bool:
    rows = nodes[nodes["family"] == family]
    return bool(rows["unserved"].sum() > 1e-6 * max(rows["demand"].sum(), 1.0))


def front_of(
    results: Results,
    book: Words,
    families: list[str],
    carrier: str | None,
    links: pd.DataFrame,
    nodes: pd.DataFrame,
) -> str:
    if carrier:
        family = carrier if carrier in families else book.family(carrier)
        if family in families:
            return family
        known = ", ".join(families) or "none"
        raise StudyError(f'Nothing flows of "{carrier}". Families with flows: {known}.')
    if not families:
        return ""
    short = nodes.groupby("family")["unserved"].sum().reindex(families).fillna(0.0)
    if short.max() > 1e-4 * max(float(nodes["demand"].sum()), 1.0):
        return str(short.idxmax())
    limits = results["bottlenecks"]
    for name in limits.loc[limits["table"] == "links", "carrier"].head(1):
        if book.family(name) in families:
            return book.family(name)
    crosses = links["from_place"].map(book.country_of) != links["to_place"].map(book.country_of)
    traffic = links[crosses].groupby("family")["size"].sum().reindex(families).fillna(0.0)
    return str(traffic.idxmax()) if traffic.max() > 0 else families[0]

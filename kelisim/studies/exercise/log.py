"""The log of an exercise: all that happens, in the order of time, and what is left open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kelisim.results.answer import Answer
from kelisim.results.facts import Fact, said, sentence_of, stored
from kelisim.results.schema import framed
from kelisim.studies.exercise.sides import Exercised, first_hour

ORDER = ("event", "level", "notification", "decision", "bites", "step_down", "end")


def timeline(
    what: Fact,
    first: pd.Timestamp,
    last: pd.Timestamp,
    starts: pd.DatetimeIndex,
    tables: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """All that happens, in the order of time.

    what         the event
    first, last  its first and last moment
    tables       levels, notifications, decisions
    """
    rows: list[tuple[Any, str, str, Fact]] = [
        (first, "", "event", said("exercise.log.begins", what=what)),
        (last, "", "end", said("exercise.log.ends", what=what)),
    ]
    levels = tables["levels"]
    # of levels reached at one moment the highest is told, of those left at one moment the lowest
    for row in levels.drop_duplicates(["country", "carrier", "reached"], keep="last").itertuples():
        told = said("exercise.log.reached", level=row.level, carrier=row.carrier)
        rows.append((row.reached, row.country, "level", told))
    for row in levels.dropna(subset="left").drop_duplicates(["country", "carrier", "left"]).itertuples():
        told = said("exercise.log.left", level=row.level, carrier=row.carrier)
        rows.append((row.left, row.country, "step_down", told))
    for row in tables["notifications"].itertuples():
        aid = said("exercise.log.aid", aid=row.aid) if row.aid else ""
        about = {
            "from_body": row.from_body,
            "to_body": row.to_body,
            "level": row.level,
            "carrier": row.carrier,
        }
        told = said("exercise.log.told", **about, aid=aid)
        rows.append((row.due, row.country, "notification", told))
    for record in tables["decisions"].to_dict("records"):
        order = {"share": record["share"], "measure": record["measure"]}
        done = "orders" if record["share"] > 0 else "stops"
        told = said(f"exercise.log.{done}", **order, ruling=sentence_of(record))
        rows.append((starts[0] + pd.Timedelta(hours=record["hour"]), record["side"], "decision", told))
        if not pd.isna(record["bites"]):
            rows.append((record["bites"], record["side"], "bites", said("exercise.log.bites", **order)))
    hours = [float((pd.Timestamp(row[0]) - starts[0]) / pd.Timedelta(hours=1)) for row in rows]
    lines = [(hour, *row[:3], *stored(row[3]).values()) for hour, row in zip(hours, rows, strict=True)]
    frame = framed("exercise", "timeline", lines)
    frame = frame.assign(order=frame["kind"].map(ORDER.index))
    by = ["time", "order", "side", "say", "places"]
    return frame.sort_values(by, ignore_index=True).drop(columns="order")


def open_points(
    decisions: pd.DataFrame, held: Exercised, allowed: Mapping[str, Any], best: Answer
) -> pd.DataFrame:
    """What was refused, what waits for the other side, and what the best response does and nobody ordered."""
    refused = decisions[~decisions["accepted"].astype(bool)].to_dict("records")
    points = [
        said("exercise.open.refused", **{k: r[k] for k in ("side", "hour", "measure")}, ruling=sentence_of(r))
        for r in refused
    ]
    accepted = decisions[decisions["accepted"].astype(bool)]
    done = sorted(set(accepted["measure"]))
    for measure in done:
        missing = set(held.sides[measure][0]) - set(accepted["side"][accepted["measure"] == measure])
        if missing:
            points.append(said("exercise.open.waits", measure=measure, sides=sorted(missing)))
    for measure, power in sorted(held.used(best).items()):
        if measure not in done:
            lead = float(held.rows["lead_time"][measure])
            hours, sides = held.opened.hours, list(held.sides[measure][0])
            about = {"hour": first_hour(allowed[measure], hours, lead), "energy": float(power @ hours)}
            points.append(said("exercise.open.not_ordered", measure=measure, sides=sides, **about))
    return framed("exercise", "open_points", map(stored, points))

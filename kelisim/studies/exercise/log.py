"""The log of an exercise: all that happens, in the order of time, and what is left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kelisim.results.answer import Answer
from kelisim.results.facts import Fact, said, sentence_of, stored
from kelisim.studies.exercise.sides import Exercised, first_hour

LINES = ["hour", "time", "side", "kind", "say", "places"]
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
        told = said(
            "exercise.log.told", from_body=row.from_body, to_body=row.to_body, level=row.level, carrier=row.carrier,
            aid=said("exercise.log.aid", aid=row.aid) if row.aid else "",
        )  # fmt: skip
        rows.append((row.due, row.country, "notification", told))
    for record in tables["decisions"].to_dict("records"):
        order = {"share": record["share"], "measure": record["measure"]}
        done = "orders" if record["share"] > 0 else "stops"
        told = said(f"exercise.log.{done}", **order, ruling=sentence_of(record))
        rows.append((starts[0] + pd.Timedelta(hours=record["hour"]), record["side"], "decision", told))
        if not pd.isna(record["bites"]):
            rows.append((record["bites"], record["side"], "bites", said("exercise.log.bites", **order)))
    frame = pd.DataFrame([(*row[:3], *stored(row[3]).values()) for row in rows], columns=LINES[1:])
    frame = frame.assign(
        time=pd.to_datetime(frame["time"]),
        hour=[float((pd.Timestamp(t) - starts[0]) / pd.Timedelta(hours=1)) for t in frame["time"]],
        order=frame["kind"].map(ORDER.index),
    )
    return frame.sort_values(["time", "order", "side", "say", "places"], ignore_index=True)[LINES]


def open_points(
    decisions: pd.DataFrame, held: Exercised, allowed: Mapping[str, Any], best: Answer
) -> pd.DataFrame:
    """What was refused, what waits for the other side, and what the best response does and nobody ordered."""
    points = [
        said(
            "exercise.open.refused",
            side=r["side"],
            hour=r["hour"],
            measure=r["measure"],
            ruling=sentence_of(r),
        )
        for r in decisions.to_dict("records")
        if not r["accepted"]
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
            hour = first_hour(allowed[measure], held.opened.hours, lead)
            taken = float(power @ held.opened.hours)
            sides = list(held.sides[measure][0])
            points.append(
                said("exercise.open.not_ordered", measure=measure, sides=sides, hour=hour, energy=taken)
            )
    rows: Sequence[dict[str, str]] = [stored(point) for point in points]
    return pd.DataFrame(rows, columns=["say", "places"])

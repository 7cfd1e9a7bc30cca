"""The log of an exercise: all that happens, in the order of time, and what is left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from kelisim.case.case import Case
from kelisim.case.dated import keys
from kelisim.case.schema import nearest
from kelisim.engine.unknown import Inject
from kelisim.errors import KelisimError
from kelisim.results.answer import Answer
from kelisim.results.facts import Fact, said, sentence_of, stored
from kelisim.results.schema import framed
from kelisim.studies.exercise.sides import Exercised, first_hour

VERBS = ("lose", "use", "say")
ORDER = ("event", "inject", "level", "notification", "decision", "bites", "step_down", "end")


def timeline(
    what: Fact,
    first: pd.Timestamp,
    last: pd.Timestamp,
    starts: pd.DatetimeIndex,
    tables: Mapping[str, pd.DataFrame],
    bodies: Mapping[str, str] = MappingProxyType({}),
    injects: Sequence[Inject] = (),
) -> pd.DataFrame:
    """All that happens, in the order of time.

    what         the event
    first, last  its first and last moment
    tables       levels, notifications, decisions
    bodies       measure -> who orders it
    injects      what happens later
    """
    rows: list[tuple[Any, str, str, Fact]] = [
        (first, "", "event", said("exercise.log.begins", what=what)),
        (last, "", "end", said("exercise.log.ends", what=what)),
    ]
    for one in injects:
        moment = starts[0] + pd.Timedelta(hours=one.hour)
        rows.append((moment, "", "inject", inject_said(one)))
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
        order = {
            "share": record["share"],
            "measure": record["measure"],
            "body": bodies.get(record["measure"], ""),
        }
        by_body = "orders" if order["body"] else "orders_of_nobody"
        done = by_body if record["share"] > 0 else "stops"
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


def inject_said(one: Inject) -> Fact:
    """An inject as its sentence."""
    if one.verb == "say":
        return said("exercise.inject.say", words=one.what)
    name = "element" if one.verb == "lose" else "row"
    return said(f"exercise.inject.{one.verb}", **{name: one.what}, amount=one.amount)


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


# ---- injects
def read(case: Case, texts: Sequence[str]) -> tuple[list[Inject], list[str]]:
    """Injects in the order of their hours, and what is wrong with those that cannot be read."""
    found, wrong = [], []
    for text in texts:
        words = text.split()
        try:
            hour, verb, what = float(words[0]), words[1], words[2]
            amount = float(words[3]) if len(words) > 3 and verb != "say" else 1.0
        except (IndexError, ValueError):
            wrong.append(
                f'injects: "{text}" is not "hour lose element days", "hour use row factor" or "hour say words".'
            )
            continue
        problem = _wrong_inject(case, verb, what, amount) if hour >= 0 else "its hour is before the start."
        if problem:
            wrong.append(f'injects: "{text}": {problem}')
            continue
        found.append(Inject(hour, verb, " ".join(words[2:]) if verb == "say" else what, amount))
    return sorted(found, key=lambda one: one.hour), wrong


def _wrong_inject(case: Case, verb: str, what: str, amount: float) -> str:
    if verb not in VERBS:
        near = nearest(verb, VERBS)
        return f'no verb "{verb}". ' + (f'Did you mean "{near}"?' if near else f"Known: {', '.join(VERBS)}.")
    if verb == "lose":
        try:
            case.home_of(what)
        except KelisimError as error:
            return str(error)
        return "" if amount >= 1 and amount == int(amount) else f"{amount:g} is no whole number of days."
    if verb == "use":
        known = list(keys(case, "demand"))
        if what not in known:
            near = nearest(what, known)
            return f'"{what}" is no row of demand.' + (f' Did you mean "{near}"?' if near else "")
        return "" if amount > 0 else f"{amount:g} is no factor above 0."
    return ""

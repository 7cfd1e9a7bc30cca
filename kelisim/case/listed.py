"""The table `steps`: representative days, or steps of uneven length, instead of the regular step of case.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from kelisim.case.horizon import LISTED, MOST_STEPS, Horizon
from kelisim.errors import InputProblem
from kelisim.tolerances import INPUT_ROUNDING

_BESIDE = {
    "step": "stands beside the table steps, which lists the steps.",
    "parts": "stands beside the table steps, whose steps have no parts.",
    "blocks": "stands beside the table steps, whose steps have no parts.",
    "day_starts": "stands beside the table steps, which says when each step begins.",
}


def with_steps(
    horizon: Horizon, settings: Mapping[str, Any], rows: pd.DataFrame, file: str, head: str
) -> tuple[Horizon, list[InputProblem]]:
    """The horizon with the steps of the table, in the order of time; as it is, with the problems, if something is wrong.

    horizon  that of the settings
    rows     the table as it was parsed; index the line in the file
    file     what to call it in a message, as `head` the settings
    """
    if rows.empty or rows[["step", "hours", "weight"]].isna().any(axis=None):
        return horizon, []  # what cannot be read is told already
    written = settings.get("horizon", {})
    remedy = "Remove it, or the table."
    problems = [
        InputProblem(head, 0, f"horizon.{key}", message, remedy, rule="range")
        for key, message in _BESIDE.items()
        if written.get(key)
    ]
    found = rows.sort_values("step", kind="stable")
    ends = found["step"] + pd.to_timedelta(found["hours"], unit="h")
    day = pd.Timedelta(days=1)
    start = horizon.start if "start" in written else found["step"].min().normalize()
    # without an end the last day of a step is the last, included
    end = horizon.end if "end" in written else (ends.max() - pd.Timedelta(minutes=1)).normalize() + day
    within = (start, end)
    problems += [
        InputProblem(file, row, column, message, what, rule="range")
        for row, column, message, what in _faults(found, ends, within)
    ]
    if problems:
        return horizon, problems
    listed = tuple(
        zip(found["step"], found["hours"].astype(float), found["weight"].astype(float), strict=True)
    )
    regular = replace(horizon, start=start, end=end, step=LISTED, parts=(), all_parts=False, day_starts=0)
    return replace(regular, listed=listed), []


def _faults(
    rows: pd.DataFrame, ends: pd.Series, within: tuple[pd.Timestamp, pd.Timestamp]
) -> Iterator[tuple[int, str, str, str]]:
    """Line, column, message and remedy of what is wrong with steps in the order of time."""
    if len(rows) > MOST_STEPS:
        yield 0, "step", f"there are {len(rows):,} steps.", f"At most {MOST_STEPS:,} are solved."
        return
    last: tuple[pd.Timestamp, pd.Timestamp] | None = None
    for row, begin, end, hours, weight in zip(
        rows.index, rows["step"], ends, rows["hours"], rows["weight"], strict=True
    ):
        line = int(row)
        if not hours > 0:
            yield (
                line,
                "hours",
                "the step lasts no time.",
                "Write the hours that it lasts, or remove the row.",
            )
            continue
        if not weight > 0:
            yield (
                line,
                "weight",
                "the step counts for nothing.",
                "Write how many times it counts, or remove the row.",
            )
        minutes = begin.hour * 60 + begin.minute + begin.second / 60
        if abs(minutes / 5 - round(minutes / 5)) > INPUT_ROUNDING:
            yield line, "step", "it is no whole number of 5 minutes.", "Steps begin at whole 5 minutes."
        if hours * 12 < 1 - INPUT_ROUNDING:
            yield line, "hours", "it is less than 5 minutes.", "Steps last 5 minutes or more."
        if begin < within[0] or end > within[1]:
            span = f"{_moment(within[0])} to {_moment(within[1])}"
            yield (
                line,
                "step",
                f"{_moment(begin)} to {_moment(end)} lies outside the horizon, {span}.",
                ("Put it right, or start and end of [horizon]."),
            )
        if last is not None and last[0] < begin < last[1]:
            before = f"the step of {_moment(last[0])} lasts until {_moment(last[1])}, after {_moment(begin)}."
            yield (
                line,
                "step",
                before,
                "Steps follow one another: shorten that one, or let this one begin later.",
            )
        last = begin, end if last is None else max(end, last[1])


def _moment(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d}" if moment == moment.normalize() else f"{moment:%Y-%m-%d %H:%M}"

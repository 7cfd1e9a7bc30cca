"""A bar for each piece of work from its start to its end, and how late it may become; and the curve of work done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kelisim.report.bars import under_names
from kelisim.report.figure import Figure
from kelisim.report.theme import INK, QUIET, RED

DECIDES, WAITS, DONE = "decides", "waits", "done"
_COLOURS = {DECIDES: RED, WAITS: "#5b7fa6", DONE: QUIET}
MOST_BARS = 40


@dataclass(frozen=True)
class Bar:
    """One line of the chart: start, end, a later end that four of five samples keep, the day planned or announced."""

    name: str
    start: Any
    finish: Any
    late: Any = None
    planned: Any = None
    look: str = WAITS


def gantt(title: str, bars: Sequence[Bar], today: Any, words: dict[str, str]) -> Figure:
    """The bars under each other, the first at the top.

    words  what stands in the legend: of each look that is used, `late`, `planned` and `today`
    """
    shown = list(bars[:MOST_BARS])
    made = under_names(title, [bar.name for bar in shown], kind="time")
    for look, colour in _COLOURS.items():
        rows = [(at, bar.start, bar.finish) for at, bar in enumerate(shown) if bar.look == look]
        if rows:
            made.spans(words.get(look, ""), rows, colour)
    late = [(at, bar.finish, bar.late) for at, bar in enumerate(shown) if _is_later(bar)]
    if late:
        made.spans(words["late"], late, INK, 1.5)
    planned = [(at, bar.planned) for at, bar in enumerate(shown) if not pd.isna(bar.planned)]
    if planned:
        days, places = [day for _, day in planned], [at for at, _ in planned]
        made.dots(
            words["planned"], days, places, "#fff", symbol="diamond", size=11, has_edge=True, tells="{x}"
        )
    if made.series:
        made.upright(today)
    return made


def _is_later(bar: Bar) -> bool:
    return not pd.isna(bar.late) and pd.Timestamp(bar.late) > pd.Timestamp(bar.finish)


def work_done(title: str, frame: pd.DataFrame, words: dict[str, str]) -> Figure:
    """The S-curve: share of the work by day as planned, as likely, and where 80 % of the samples lie.

    frame  columns month, planned, likely, low, high
    words  axis, planned, likely, band
    """
    made = Figure(title).across(kind="time").up(words["axis"], low=0, high=100)
    percent = frame[["planned", "likely", "low", "high"]].mul(100.0).round(2)
    made.band(words["band"], frame["month"], percent["low"], percent["high"])
    made.line(words["likely"], frame["month"], percent["likely"], RED, tells="{x}: {y} %")
    if frame["planned"].notna().any():
        made.line(words["planned"], frame["month"], percent["planned"], INK, "dash", tells="{x}: {y} %")
    return made

"""A bar for each piece of work from its start to its end, and how late it may become; and the curve of work done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import under_names
from kelisim.report.theme import GRID, INK, QUIET, RED, new_figure, safe

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


def gantt(title: str, bars: Sequence[Bar], today: Any, words: dict[str, str]) -> go.Figure:
    """The bars under each other, the first at the top.

    words  what stands in the legend: of each look that is used, `late`, `planned` and `today`
    """
    shown = list(bars[:MOST_BARS])
    made = under_names(title, [bar.name for bar in shown])
    made.update_layout(margin={"b": 70}, legend={"y": 0.0})
    for look, colour in _COLOURS.items():
        rows = [(at, bar) for at, bar in enumerate(shown) if bar.look == look]
        _lines(
            made,
            [(at, bar.start, bar.finish) for at, bar in rows],
            words.get(look, ""),
            {"color": colour, "width": 9},
        )
    late = [(at, bar.finish, bar.late) for at, bar in enumerate(shown) if _is_later(bar)]
    _lines(made, late, words["late"], {"color": INK, "width": 1.5})
    planned = [(at, bar) for at, bar in enumerate(shown) if not pd.isna(bar.planned)]
    if planned:
        mark = {"symbol": "diamond", "size": 9, "color": "#fff", "line": {"color": INK, "width": 1.5}}
        days = [_day(bar.planned) for _, bar in planned]
        made.add_scatter(
            x=days,
            y=[at for at, _ in planned],
            mode="markers",
            marker=mark,
            name=safe(words["planned"]),
            hovertemplate="%{x|%d %B %Y}<extra></extra>",
        )
    made.add_vline(x=_day(today), line={"color": QUIET, "dash": "dot", "width": 1})
    made.update_xaxes(type="date")
    return made


def _is_later(bar: Bar) -> bool:
    return not pd.isna(bar.late) and pd.Timestamp(bar.late) > pd.Timestamp(bar.finish)


def _lines(made: go.Figure, rows: list[tuple[int, Any, Any]], name: str, line: dict[str, Any]) -> None:
    if not rows:
        return
    x, y = [], []
    for at, start, finish in rows:
        x += [_day(start), _day(finish), None]
        y += [at, at, None]
    look = {"mode": "lines", "line": line, "hovertemplate": "%{x|%d %B %Y}<extra></extra>"}
    made.add_scatter(x=x, y=y, name=safe(name), **look)


def work_done(title: str, frame: pd.DataFrame, words: dict[str, str]) -> go.Figure:
    """The S-curve: share of the work by day as planned, as likely, and where 80 % of the samples lie.

    frame  columns month, planned, likely, low, high
    words  axis, planned, likely, band
    """
    made = new_figure(title, 330)
    months = [_day(month) for month in frame["month"]]
    percent = frame[["planned", "likely", "low", "high"]] * 100.0
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    made.add_scatter(x=months, y=percent["low"].round(2).tolist(), showlegend=False, **band)
    made.add_scatter(
        x=months,
        y=percent["high"].round(2).tolist(),
        fill="tonexty",
        fillcolor=GRID,
        name=safe(words["band"]),
        **band,
    )
    hover = {"hovertemplate": "%{x|%B %Y}: %{y:.0f} %<extra></extra>", "mode": "lines"}
    made.add_scatter(
        x=months,
        y=percent["likely"].round(2).tolist(),
        name=safe(words["likely"]),
        line={"color": RED, "width": 2},
        **hover,
    )
    if frame["planned"].notna().any():
        look = {"color": INK, "width": 2, "dash": "dash"}
        made.add_scatter(
            x=months, y=percent["planned"].round(2).tolist(), name=safe(words["planned"]), line=look, **hover
        )
    made.update_yaxes(title_text=words["axis"], range=[0, 102])
    made.update_xaxes(type="date")
    made.update_layout(margin={"b": 70})
    return made


def _day(moment: Any) -> str:
    return f"{pd.Timestamp(moment):%Y-%m-%d}"

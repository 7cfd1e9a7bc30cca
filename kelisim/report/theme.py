"""How charts look: one template, shades that survive grey print, names at the ends of lines."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from kelisim.report.numbers import text_of

INK, QUIET, GRID = "#2b2a26", "#8b867a", "#e4e0d7"
RED = "#b3261e"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#fff",
        "plot_bgcolor": "#fff",
        "title": {
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "font": {"size": 15},
            "pad": {"l": 12, "t": 4},
        },
        "margin": {"l": 56, "r": 16, "t": 48, "b": 44},
        "xaxis": {
            "gridcolor": GRID,
            "zerolinecolor": QUIET,
            "linecolor": QUIET,
            "automargin": True,
            "fixedrange": True,
        },
        "yaxis": {
            "gridcolor": GRID,
            "zerolinecolor": QUIET,
            "linecolor": QUIET,
            "automargin": True,
            "fixedrange": True,
        },
        "hoverlabel": {"bgcolor": "#fff", "bordercolor": QUIET, "font": {"color": INK, "family": FONT}},
        "legend": {
            "orientation": "h",
            "yref": "container",
            "y": 0.01,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
            "font": {"size": 11},
        },
        "uniformtext": {"minsize": 10, "mode": "hide"},
        "hovermode": "closest",
    }
)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def safe(words: Any) -> str:
    """Text that plotly shows as it is: no tags of its own."""
    return text_of(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shade(colour: str, strength: float) -> str:
    """A colour mixed with white; strength 1 leaves it, 0 gives a light grey."""
    if strength <= 0 or len(colour) != 7 or not colour.startswith("#"):
        return "#cfcbc2" if strength <= 0 else colour
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * strength):02x}" for part in parts)


def over(colour: str) -> str:
    """Ink that can be read on a colour."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)] if len(colour) == 7 else [200, 200, 200]
    return INK if 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] > 125 else "#fff"


def ink(colour: str) -> str:
    """A colour dark enough for a line and its name on white."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)] if len(colour) == 7 else [90, 90, 90]
    light = (0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]) / 255
    factor = 1.0 if light < 0.5 else 0.5 / light
    return "#" + "".join(f"{round(part * factor):02x}" for part in parts)


def new_figure(title: str, height: int, **layout: Any) -> go.Figure:
    made = go.Figure(layout={"template": TEMPLATE, "height": height, "autosize": True, **layout})
    lines = wrap(title, 84) or [""]
    made.layout.title.text = "<br>".join(safe(line) for line in lines)
    if len(lines) > 1:
        made.update_layout(height=height + 18 * (len(lines) - 1), margin={"t": 48 + 18 * (len(lines) - 1)})
    made.layout.meta = {"finding": title}
    return made


def nothing(title: str) -> go.Figure:
    """An empty figure that says why."""
    made = new_figure(title, 120)
    made.update_xaxes(visible=False).update_yaxes(visible=False)
    return made


def finding(made: go.Figure) -> str:
    """What a figure says, as plain text."""
    return str((made.layout.meta or {}).get("finding", ""))


def line_looks(colour: str, count: int) -> list[tuple[str, str]]:
    """Colour and dash of each of up to five lines: the first in the carrier's colour, the others in greys."""
    greys = ("#4a4842", "#7d7a72", "#2b2a26", "#96928a")
    return [(ink(colour) if i == 0 else greys[(i - 1) % 4], DASHES[i % 5]) for i in range(count)]


def name_ends(made: go.Figure, labels: list[tuple[float, str, str]], low: float, high: float) -> None:
    """Names at the right ends of lines, in up to two lines each, spread so that they do not cover each other."""
    if not labels:
        return
    line = max(high - low, 1e-12) * 15 / max(float(made.layout.height) - 100, 80)
    ordered = [(y, _in_two(text), colour) for y, text, colour in sorted(labels, key=lambda row: row[0])]
    gaps = [
        line * (len(one[1]) + len(other[1])) / 2 for one, other in zip(ordered, ordered[1:], strict=False)
    ]
    spots: list[float] = []
    for (y, _, _), gap in zip(ordered, [0.0, *gaps], strict=True):
        spots.append(max(y, spots[-1] + gap) if spots else y)
    if spots[-1] > high:
        spots[-1] = high
        for i in range(len(spots) - 2, -1, -1):
            spots[i] = min(spots[i], spots[i + 1] - gaps[i])
    for (_, lines, colour), spot in zip(ordered, spots, strict=True):
        made.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=5,
            y=spot,
            yanchor="middle",
            showarrow=False,
            align="left",
            text="<br>".join(safe(line) for line in lines),
            font={"color": colour, "size": 11},
        )
    widest = max(len(line) for _, lines, _ in ordered for line in lines)
    made.update_layout(margin={"r": 14 + round(6.2 * widest)})


def _in_two(text: str, most: int = 19) -> list[str]:
    """A name in at most two lines, with a sign where more follows."""
    lines = wrap(text, most)
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1]}\u2026"]
    return [line if len(line) <= most + 1 else line[:most].rstrip() + "\u2026" for line in lines] or [""]

"""A chart as plain options of Apache ECharts: the same for a page, a report and a notebook.

A study makes a Figure, says what its axes are, and adds lines, bars and marks. `options` then gives a dict that is JSON: it holds no script.
What a point says when it is pointed at stands beside it as text, or is a form such as "{x}: {y} bcm" that the script of the
page fills in with numbers and dates of its language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.theme import BAND, GAIN, INK, LOSS, PALETTE, QUIET, RED, over

DIRECT = 5  # lines that are named at their ends; more have a legend
HATCHES = {
    "/": {"rotation": -0.785, "dashArrayX": [1, 0], "dashArrayY": [1.5, 6]},
    "\\": {"rotation": 0.785, "dashArrayX": [1, 0], "dashArrayY": [1.5, 6]},
    "x": {"rotation": 0.785, "dashArrayX": [[6, 6], [0, 6, 6, 0]], "dashArrayY": [3, 3]},
    ".": {"symbol": "circle", "dashArrayX": [[7, 7], [0, 7, 7, 0]], "dashArrayY": [5, 3], "symbolSize": 0.6},
}
DASHES = {"solid": "solid", "dash": [7, 4], "dot": [2, 3], "dashdot": [8, 3, 2, 3], "longdash": [12, 4]}
Values = Iterable[Any]


class Figure:
    """A chart: its finding, its height in pixels, and what is drawn.

    finding  what it says, as a sentence; it is the title and the text alternative
    height   of the whole with its title
    is_wide  whether a narrow screen scrolls it sideways
    """

    def __init__(self, finding: str, height: int = 330, is_wide: bool = False) -> None:
        self.finding, self.height, self.is_wide = finding, height, is_wide
        self.series: list[dict[str, Any]] = []
        self._across: dict[str, Any] = {"type": "value"}
        self._up: dict[str, Any] = {"type": "value"}
        self._marks: dict[str, Any] = {}
        self._tells = "axis"
        self._has_axes = True

    def __eq__(self, other: object) -> bool:
        """Whether the same is drawn: an answer that is asked twice has the same page."""
        return isinstance(other, Figure) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.finding, self.height, self.is_wide))

    # ---- axes
    def across(self, title: str = "", **more: Any) -> Figure:
        """The horizontal axis: kind (value, time or log), low, high, names (of categories), is_reversed, step."""
        self._across = _axis(title, **more)
        return self

    def up(self, title: str = "", **more: Any) -> Figure:
        """The vertical axis, with what `across` takes; names stand from the top down, or up if
        `is_rising`, and above their bars if `is_above`."""
        self._up = _axis(title, is_up=True, **more)
        return self

    # ---- what is drawn
    def line(
        self, name: str, x: Values, y: Values, colour: str = "", dash: str = "solid", **more: Any
    ) -> Figure:
        """A line.

        more  width; step "after" (a value holds until the next point) or "before"; tells, the form of what a point says
              ("{x}: {y}" if none); said, texts that stand for its {x}; has_dots; end, its name at its end
        """
        width, step = more.get("width", 2), {"after": "end", "before": "start"}.get(more.get("step", ""))
        drawn: dict[str, Any] = {"type": "line", "name": name, "tells": more.get("tells", "{x}: {y}")}
        drawn |= {"data": self._points(x, y, more.get("said")), "showSymbol": bool(more.get("has_dots"))}
        colour = colour or self._next_colour()
        drawn |= {
            "lineStyle": {"color": colour, "width": width, "type": DASHES[dash]},
            "itemStyle": {"color": colour},
        }
        drawn |= {
            "symbol": "circle" if more.get("has_dots") else "none",
            "symbolSize": 6,
            "end": more.get("end", name),
        }
        self.series.append(drawn | ({"step": step} if step else {}))
        return self

    def band(self, name: str, x: Values, low: Values, high: Values, colour: str = BAND) -> Figure:
        """What lies between two lines: an uncertainty."""
        along, floor, roof = list(x), np.asarray(list(low), float), np.asarray(list(high), float)
        look: dict[str, Any] = {
            "type": "line",
            "stack": f"band {name}",
            "stackStrategy": "all",
            "symbol": "none",
            "dimensions": [{"name": "x", "type": "time"}, "y"],
        }
        look |= {"lineStyle": {"width": 0}, "silent": True, "is_band": True, "itemStyle": {"color": colour}}
        self.series.append(look | {"name": name, "data": self._points(along, floor), "is_floor": True})
        area = {"areaStyle": {"color": colour}}
        self.series.append(look | area | {"name": name, "data": self._points(along, roof - floor)})
        return self

    def dots(self, name: str, x: Values, y: Values, colour: str | Sequence[str] = "", **more: Any) -> Figure:
        """Points. more: size, symbol, texts (beside them), said (of each, when it is pointed at), tells, has_edge."""
        points = self._points(x, y)
        edge = {"borderColor": INK, "borderWidth": 1.5} if more.get("has_edge") else {}
        some = {
            "type": "scatter",
            "name": name,
            "symbolSize": more.get("size", 9),
            "symbol": more.get("symbol", "circle"),
        }
        each = [colour] * len(points) if isinstance(colour, str) else list(colour)
        own = self._next_colour() if not all(each) else ""
        data = [
            {"value": point, "itemStyle": {"color": hue or own, **edge}}
            for point, hue in zip(points, each, strict=True)
        ]
        _say(data, more.get("texts"), more.get("said"))
        label = {"show": more.get("texts") is not None, "position": "top", "color": INK}
        first = {"color": next(iter(each), "") or own, **edge}
        self.series.append(
            some | {"data": data, "label": label, "itemStyle": first, "tells": more.get("tells", "{x}: {y}")}
        )
        self._tells = "item"
        return self

    def bars(self, name: str, values: Values, colours: str | Sequence[str] = "", **more: Any) -> Figure:
        """A bar for each name of the axis of names.

        more  texts (on or beside them), inks (of texts within), hatches, stack, said, tells, width (pixels), sample (colour
              in the legend, where the bars have several)
        """
        values = [_number(value) for value in values]
        hues = [colours or self._next_colour()] * len(values) if isinstance(colours, str) else list(colours)
        hatches = more.get("hatches") or [""] * len(values)
        data: list[dict[str, Any]] = []
        for value, hue, hatch in zip(values, hues, hatches, strict=True):
            own = {"color": hue} | ({"decal": _hatch(hatch)} if hatch else {})
            data.append({"value": value, "itemStyle": own})
        _say(data, more.get("texts"), more.get("said"))
        label: dict[str, Any] = {"show": more.get("texts") is not None, "color": INK, "position": "right"}
        if more.get("inks"):
            label["position"] = "inside"
            for item, ink in zip(data, more["inks"], strict=True):
                item["label"] = {"color": ink}
        look: dict[str, Any] = {"color": more.get("sample") or (hues[0] if hues else QUIET)}
        look |= {"decal": _hatch(hatches[0])} if hatches and len(set(hatches)) == 1 and hatches[0] else {}
        look |= {"borderColor": "#fff", "borderWidth": 0.8} if more.get("stack") else {}
        drawn: dict[str, Any] = {"type": "bar", "name": name, "data": data, "label": label, "itemStyle": look}
        drawn |= {"tells": more.get("tells", "{name}: {y}")}
        drawn |= {"stack": more["stack"]} if more.get("stack") else {}
        drawn |= {"barWidth": more["width"]} if more.get("width") else {"barMaxWidth": 26}
        self.series.append(drawn)
        self._tells = "item"
        return self

    def spans(
        self, name: str, rows: Iterable[tuple[int, Any, Any]], colour: str, width: float = 9, **more: Any
    ) -> Figure:
        """Stretches along the names of the vertical axis: the place of the name, where it begins and where it ends; said of each."""
        data: list[Any] = []
        for number, (at, start, end) in enumerate(rows):
            told = more["said"][number] if more.get("said") else ""
            for x in (start, end):
                data.append([*self._points([x], [at])[0], *([told] if told else [])])
            data.append([None, None])
        look = {"lineStyle": {"color": colour, "width": width, "cap": "butt"}, "itemStyle": {"color": colour}}
        tells = more.get("tells", "{x}")
        self.series.append(
            {"type": "line", "name": name, "data": data, "symbol": "none", "tells": tells, "is_span": True}
            | look
        )
        return self

    def waterfall(
        self, values: Sequence[float], is_total: Sequence[bool], said: Sequence[str], is_first: Sequence[bool]
    ) -> Figure:
        """Bars that begin where the one before ended; a first one and a total begin at nothing.

        said  what each says when it is pointed at
        """
        reached, parts, colours = 0.0, [], []
        for value, total, first in zip(values, is_total, is_first, strict=True):
            start, reached = (0.0, value) if total or first else (reached, reached + value)
            parts.append((min(start, reached), max(start, reached)))
            colours.append(QUIET if total else GAIN if value >= 0 else LOSS)
        # a stack adds up what is above nothing and what is below apart
        floors = [low if low > 0 else high if high < 0 else 0.0 for low, high in parts]
        above = [max(high, 0.0) - max(low, 0.0) for low, high in parts]
        below = [min(low, 0.0) - min(high, 0.0) for low, high in parts]
        self.bars("", floors, "rgba(0,0,0,0)", stack="steps", width=13)
        self.series[-1] |= {"silent": True, "is_floor": True}
        for lengths in (above, below):
            self.bars("", lengths, colours, stack="steps", said=said, width=13)
        return self

    def sankey(self, nodes: Sequence[dict[str, Any]], links: Sequence[dict[str, Any]]) -> Figure:
        """Streams from left to right; nodes: name, colour, text, said; links: source, target, value, colour, said."""
        data = [
            {
                "name": node["name"],
                "text": node["text"],
                "said": node["said"],
                "itemStyle": {"color": node["colour"]},
            }
            | ({"label": {"position": "left"}} if node.get("is_last") else {})
            for node in nodes
        ]
        lines = [
            {key: link[key] for key in ("source", "target", "value", "said")}
            | {"lineStyle": {"color": link["colour"], "opacity": 0.38}}
            for link in links
        ]
        drawn: dict[str, Any] = {
            "type": "sankey",
            "data": data,
            "links": lines,
            "nodeWidth": 12,
            "nodeGap": 14,
            "draggable": False,
        }
        drawn |= {
            "left": 4,
            "right": 4,
            "top": 8,
            "bottom": 8,
            "layoutIterations": 64,
            "emphasis": {"focus": "adjacency"},
        }
        drawn["label"] = {"show": True, "color": INK, "fontSize": 11}
        self.series.append(drawn)
        self._tells, self._has_axes = "item", False
        return self

    def fields(
        self, values: Sequence[Sequence[int]], texts: Sequence[Sequence[str]], colours: Sequence[str]
    ) -> Figure:
        """Fields of a matrix in the colour of their class, each with its text; both axes have names."""
        data = [
            {
                "value": [x, y, level],
                "text": texts[y][x],
                "itemStyle": {"color": colours[level]},
                "label": {"color": over(colours[level])},
            }
            for y, row in enumerate(values)
            for x, level in enumerate(row)
        ]
        look = {"borderColor": "#fff", "borderWidth": 3}
        self.series.append(
            {"type": "heatmap", "data": data, "label": {"show": True}, "itemStyle": look, "silent": True}
        )
        self._tells = "none"
        return self

    # ---- marks
    def level(self, y: float, colour: str = RED) -> Figure:
        """A line across at one height: a target."""
        self._marked(
            "markLine", {"yAxis": _number(y), "lineStyle": {"color": colour, "type": [7, 4], "width": 1.2}}
        )
        return self

    def upright(self, x: Any, colour: str = QUIET) -> Figure:
        """A line upwards: a day."""
        at = self._points([x], [0])[0][0]
        self._marked("markLine", {"xAxis": at, "lineStyle": {"color": colour, "type": [2, 3], "width": 1.2}})
        return self

    def between(self, low: float, high: float, colour: str = BAND) -> Figure:
        """The part between two uprights in grey."""
        self._marked("markArea", [{"xAxis": low, "itemStyle": {"color": colour}}, {"xAxis": high}])
        return self

    def note(self, x: Any, y: float, text: str, colour: str = INK) -> Figure:
        """A point with words above it."""
        label = {"show": True, "position": "top", "color": colour, "fontSize": 11}
        data = [{"value": self._points([x], [y])[0], "text": text}]
        look = {"symbolSize": 6, "itemStyle": {"color": colour}, "silent": True, "is_note": True}
        self.series.append({"type": "scatter", "data": data, "label": label, **look})
        return self

    # ---- what comes of it
    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw, only something to say."""
        return not self.series

    @property
    def options(self) -> dict[str, Any]:
        """The options of ECharts: a dict of plain values. Keys that ECharts does not know are for the script of the page."""
        shown = [dict(one) for one in self.series]
        named = list(dict.fromkeys(one["name"] for one in shown if one.get("name")))
        lines = [
            one for one in shown if one["type"] == "line" and not (one.get("is_band") or one.get("is_span"))
        ]
        firsts = {name: next(one for one in shown if one.get("name") == name) for name in named}
        is_direct = 1 < len(named) <= DIRECT and len(lines) == len(
            [one for one in shown if not one.get("is_note")]
        )
        if is_direct:
            for one in lines:
                one["endLabel"] = {
                    "show": True,
                    "color": one["itemStyle"]["color"],
                    "fontSize": 11,
                    "distance": 5,
                }
                one["labelLayout"] = {"moveOverlap": "shiftY"}
        for kind, marks in self._marks.items():
            shown[0][kind] = {"silent": True, "symbol": "none", "label": {"show": False}, "data": marks}
        found: dict[str, Any] = {"animation": False, "useUTC": True, "series": shown}
        found["legend"] = {
            "show": len(named) > 1 and not is_direct,
            "bottom": 0,
            "left": 0,
            "data": [_sample(one) for one in firsts.values()],
        }
        found["tooltip"] = {
            "show": self._tells != "none",
            "trigger": self._tells if self._tells != "none" else "item",
        }
        if self._has_axes:
            found |= {"xAxis": self._across, "yAxis": self._up}
            found["grid"] = {"left": 8, "right": 16, "top": 14, "bottom": 8, "containLabel": True}
        return found

    def numbers(self) -> pd.DataFrame:
        """What is drawn as rows: series, the name or place of a point across, its value, and what it says; of a flow its ends and size."""
        rows: list[tuple[Any, ...]] = []
        names = next((axis["data"] for axis in (self._up, self._across) if axis["type"] == "category"), None)
        for series in self.series:
            if series.get("is_floor") or series.get("is_note"):
                continue
            for at, item in enumerate(series.get("links") or series.get("data") or ()):
                one = item if isinstance(item, dict) else {"value": item}
                value, said = one.get("value"), str(one.get("said") or one.get("text") or "")
                pair = (
                    value
                    if isinstance(value, list)
                    else [names[at] if names and at < len(names) else "", value]
                )
                across = one["source"] if "source" in one else pair[0]
                if self._across["type"] == "time" and isinstance(across, int) and isinstance(value, list):
                    across = str(pd.Timestamp(across, unit="ms"))
                up = value if "source" in one else pair[1] if len(pair) > 1 else None
                rows.append((str(series.get("name", "")), str(across), str(one.get("target", "")), up, said))
        frame = pd.DataFrame(rows, columns=["series", "across", "to", "value", "says"])
        return frame.assign(value=pd.to_numeric(frame["value"], errors="coerce"))

    def _repr_html_(self) -> str:
        from kelisim.report.library import notebook  # noqa: PLC0415 - a page needs no notebook

        return notebook(self)

    def __repr__(self) -> str:
        return f"Figure({self.finding!r})"

    # ---- parts
    def _points(self, x: Values, y: Values, said: Values | None = None) -> list[list[Any]]:
        x = list(x)
        if self._across["type"] == "time":
            stamps = pd.DatetimeIndex(pd.to_datetime(x)).as_unit("ms").asi8
            along: list[Any] = [int(stamp) for stamp in stamps]
        else:
            along = [_number(value) for value in x]
        pairs = [list(pair) for pair in zip(along, map(_number, y), strict=True)]
        return pairs if said is None else [[*pair, text] for pair, text in zip(pairs, said, strict=True)]

    def _marked(self, kind: str, mark: Any) -> None:
        self._marks.setdefault(kind, []).append(mark)

    def _next_colour(self) -> str:
        used = len({one["itemStyle"].get("color") for one in self.series if one.get("name")})
        return PALETTE[used % len(PALETTE)]


def nothing(finding: str) -> Figure:
    """A figure in which nothing is drawn: it says why."""
    return Figure(finding, 60)


def _axis(
    title: str = "",
    kind: str = "value",
    low: float | None = None,
    high: float | None = None,
    names: Sequence[str] | None = None,
    is_reversed: bool = False,
    is_above: bool = False,
    is_up: bool = False,
    is_rising: bool = False,
    step: float | None = None,
) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind if names is None else "category", "name": title}
    found |= {"min": _number(low)} if low is not None else {}
    found |= {"max": _number(high)} if high is not None else {}
    found |= {"interval": step} if step else {}
    if names is not None:
        found |= {"data": list(names), "axisTick": {"show": False}, "splitLine": {"show": False}}
    if is_reversed or (is_up and names is not None and not is_rising):
        found["inverse"] = True
    if is_above:
        found |= {"is_above": True, "axisLine": {"show": False}}
        inside = {
            "inside": True,
            "align": "left",
            "verticalAlign": "bottom",
            "padding": [0, 0, 9, -8],
            "fontSize": 11,
        }
        found["axisLabel"] = inside | {"color": INK, "interval": 0, "overflow": "truncate"}
    return found


def _sample(series: dict[str, Any]) -> dict[str, Any]:
    """An entry of the legend: a block for what is long or wide, else the mark of the series."""
    is_block = series.get("is_span") or series.get("is_band")
    return {"name": series["name"]} | ({"icon": "rect"} if is_block else {})


def _say(data: list[dict[str, Any]], texts: Values | None, said: Values | None) -> None:
    for key, values in (("text", texts), ("said", said)):
        for item, value in zip(data, values if values is not None else (), strict=False):
            item[key] = value


def _hatch(sign: str) -> dict[str, Any]:
    colour = "rgba(43,42,38,0.55)" if sign == "." else "rgba(255,255,255,0.75)"
    return {"symbol": "rect", "symbolSize": 1, "color": colour, **HATCHES[sign]}


def _number(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.7g}")

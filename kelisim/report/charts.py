"""Charts of a result: each says its finding in the title, and is the same in a notebook and in the report.

Every function takes a Results and gives a plotly Figure. Quantities are in the display unit of their carrier, colours
are those of the carriers table, and shades and hatching keep them apart in grey print.
"""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

from kelisim.errors import ExtraMissing
from kelisim.report.flows import year_flows
from kelisim.report.words import NONE, Book, day, figure, first_upper, human, listed, percent, text_of

try:
    import plotly.graph_objects as go
except ImportError as error:  # plotly is an optional part
    raise ExtraMissing("report") from error

INK, QUIET, GRID = "#2b2a26", "#8b867a", "#e4e0d7"
RED = "#b3261e"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
# item of a balance: words, shade of the carrier's colour (0 is grey), hatching
COMES = {
    "made": ("made", 1.0, ""),
    "bought": ("bought abroad", 0.7, "/"),
    "imported": ("from other countries", 0.4, ""),
    "unstored": ("out of storage", 0.25, "."),
}
GOES = {
    "used": ("used", 1.0, ""),
    "taken_in": ("into plants", 0.7, "\\"),
    "exported": ("to other countries", 0.4, ""),
    "sold": ("sold abroad", 0.55, "/"),
    "stored": ("into storage", 0.25, "."),
    "lost": ("lost on the way", 0.0, ""),
    "curtailed": ("not taken", 0.0, "x"),
}
_TINY = 1e-4
_TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#fff",
        "plot_bgcolor": "#fff",
        "title": {"x": 0, "xref": "container", "xanchor": "left", "font": {"size": 15}, "pad": {"l": 12, "t": 4}},
        "margin": {"l": 56, "r": 16, "t": 48, "b": 44},
        "xaxis": {"gridcolor": GRID, "zerolinecolor": QUIET, "linecolor": QUIET, "automargin": True, "fixedrange": True},
        "yaxis": {"gridcolor": GRID, "zerolinecolor": QUIET, "linecolor": QUIET, "automargin": True, "fixedrange": True},
        "hoverlabel": {"bgcolor": "#fff", "bordercolor": QUIET, "font": {"color": INK, "family": FONT}},
        "legend": {"orientation": "h", "yref": "container", "y": 0.01, "yanchor": "bottom", "x": 0, "traceorder": "normal", "font": {"size": 11}},
        "uniformtext": {"minsize": 10, "mode": "hide"},
        "hovermode": "closest",
    }
)


def safe(words: Any) -> str:
    """Text that plotly shows as it is: no tags of its own."""
    return text_of(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shade(colour: str, strength: float) -> str:
    """A colour mixed with white; strength 1 leaves it, 0 gives a light grey."""
    if strength <= 0 or len(colour) != 7 or not colour.startswith("#"):
        return "#cfcbc2" if strength <= 0 else colour
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * strength):02x}" for part in parts)


def _figure(title: str, height: int, **layout: Any) -> go.Figure:
    made = go.Figure(layout={"template": _TEMPLATE, "height": height, "autosize": True, **layout})
    lines = wrap(title, 84) or [""]
    made.layout.title.text = "<br>".join(safe(line) for line in lines)
    if len(lines) > 1:
        made.update_layout(height=height + 18 * (len(lines) - 1), margin={"t": 48 + 18 * (len(lines) - 1)})
    made.layout.meta = {"finding": title}
    return made


def _nothing(title: str) -> go.Figure:
    """An empty figure that says why."""
    made = _figure(title, 120)
    made.update_xaxes(visible=False).update_yaxes(visible=False)
    return made


def finding(made: go.Figure) -> str:
    """What a figure says, as plain text."""
    return str((made.layout.meta or {}).get("finding", ""))


# ---- balances


def balance_table(results: Any, carrier: str | None = None) -> pd.DataFrame:
    """Balance by country of one carrier in its display unit, or of the whole case by carrier in TWh.

    returns  index country or carrier; columns those of carriers.balance, storage split into stored and unstored
    """
    book = Book(results.case)
    rows = results["carriers.balance"]
    numbers = [column for column in rows.columns if column not in ("country", "carrier")]
    if carrier is None:
        table = rows.groupby("carrier", sort=False)[numbers].sum() * 1e-6
        # imports and exports between the countries of the case are neither made nor used
        table["imported"] = table["exported"] = 0.0
    else:
        mine = rows[rows["carrier"].astype(str) == carrier]
        table = mine.groupby("country", sort=False)[numbers].sum() * book.unit(carrier)[1]
    net = table["stored"] if "stored" in table.columns else 0.0 * table["made"]
    table = table.assign(stored=net.clip(lower=0), unstored=(-net).clip(lower=0))
    size = table[[c for c in COMES if c in table.columns]].sum(axis=1) + table[["unserved"]].sum(axis=1)
    table = table.assign(size=np.maximum(size, table[[c for c in GOES if c in table.columns]].sum(axis=1)))
    return table[table["size"] > 1e-9].sort_values("size", ascending=False, kind="stable")


def balance(results: Any, carrier: str | None = None, most: int = 8) -> go.Figure:
    """Where a carrier comes from and where it goes, country by country; all carriers in TWh if none is given."""
    book = Book(results.case)
    table = balance_table(results, carrier)
    unit = "TWh" if carrier is None else book.unit(carrier)[0]
    if table.empty:
        return _nothing(f"No {book.carrier_in_text(carrier) if carrier else 'carrier'} moves, {book.period}")
    table = table.head(most)
    names = [book.carrier(key) if carrier is None else book.country(key) for key in table.index]
    made = _figure(_balance_title(book, table, carrier, unit), 150 + 52 * len(table), barmode="stack", bargap=0.1, margin={"b": 92})
    height = float(table["size"].max())
    rows = np.arange(len(table))
    for items, shift in ((COMES, -0.19), (GOES, 0.19)):
        for key, (words, strength, hatch) in items.items():
            if key not in table.columns or table[key].max() <= _TINY * height:
                continue
            colours = [shade(book.colour(c) if carrier is None else book.colour(carrier), strength) for c in table.index]
            made.add_trace(_segment(words, table[key].to_numpy(), rows + shift, colours, hatch, unit, names, height))
    if table["unserved"].max() > 1e-6 * height:
        red = [RED] * len(table)
        made.add_trace(_segment("unserved", table["unserved"].to_numpy(), rows + 0.19, red, "x", unit, names, height))
    made.update_yaxes(tickvals=rows, ticktext=[safe(name) for name in names], range=[len(table) - 0.45, -0.55], showgrid=False)
    made.update_xaxes(title_text=f"{unit}, upper bar: comes from, lower bar: goes to", range=[0, height * 1.02])
    return made


def _segment(
    words: str, values: np.ndarray, at: np.ndarray, colours: list[str], hatch: str, unit: str, names: list[str], height: float
) -> go.Bar:
    text = [f"{words} {figure(v)}" if v > 0.3 * height else figure(v) if v > 0.07 * height else "" for v in values]
    return go.Bar(
        orientation="h",
        name=words,
        x=np.where(values > _TINY * height, values, 0.0).round(6).tolist(),
        y=at.tolist(),
        width=0.36,
        marker={
            "color": colours,
            "line": {"color": "#fff", "width": 0.8},
            "pattern": {"shape": hatch, "fillmode": "overlay", "size": 6, "solidity": 0.2, "fgcolor": "#fff" if hatch != "." else INK},
        },
        text=text,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        customdata=[safe(name) for name in names],
        hovertemplate=f"%{{customdata}}: {words} %{{x:.3g}} {unit}<extra></extra>",
    )


def _balance_title(book: Book, table: pd.DataFrame, carrier: str | None, unit: str) -> str:
    if carrier is None:
        key = table.index[0]
        return f"{book.carrier(key)} is the largest stream: {figure(table['size'].iloc[0])} TWh, {book.period}"
    short = table[table["unserved"] > 1e-6 * table["size"]]
    name = book.carrier(carrier)
    if len(short):
        worst = short["unserved"].idxmax()
        return f"{book.country(worst)} is short of {figure(short['unserved'].max())} {unit} of {book.carrier_in_text(carrier)}, {book.period}"
    users = table[table["used"] + table["taken_in"] > 1e-3 * table["size"].max()]
    inward = (users if len(users) else table)["imported"] - (users if len(users) else table)["exported"]
    if inward.max() > 0.01 * table["size"].max():
        top = inward.idxmax()
        return f"{name}: {book.country(top)} takes {figure(inward.max())} {unit} net from other countries, {book.period}"
    top = table["made"].idxmax()
    return f"{name}: {book.country(top)} makes most, {figure(table['made'].max())} {unit}, {book.period}"


# ---- the year as a whole


def sankey(results: Any) -> go.Figure:
    """From sources through carriers and plants to uses, the whole case in TWh (gross)."""
    book = Book(results.case)
    flows = year_flows(results, book)
    if flows.empty:
        return _nothing(f"Nothing is made or used, {book.period}")
    flows = _without_dust(flows)
    nodes = list(dict.fromkeys([*flows["source"], *flows["target"]]))
    colour = {name: book.family_colour(name[1]) if name[0] == "carrier" else "#a8a49a" for name in nodes}
    into, out = (flows.groupby(side)["energy"].sum() for side in ("target", "source"))
    size = {name: max(float(into.get(name, 0.0)), float(out.get(name, 0.0))) for name in nodes}
    at = {name: i for i, name in enumerate(nodes)}
    hues = [book.family_colour(family) for family in flows["family"]]
    total = float(flows.loc[flows["source"].map(lambda node: node[0] == "source"), "energy"].sum())
    made = _figure(f"{figure(total)} TWh of energy enter, {book.period}: where they come from and what becomes of them", 620)
    made.add_trace(
        go.Sankey(
            arrangement="snap",
            valueformat=".3g",
            valuesuffix=" TWh",
            node={
                "label": [f"{safe(name[2])} {figure(size[name])}" for name in nodes],
                "color": [colour[name] for name in nodes],
                "pad": 18,
                "thickness": 12,
                "line": {"width": 0},
                "hovertemplate": "%{label} TWh<extra></extra>",
            },
            link={
                "source": [at[name] for name in flows["source"]],
                "target": [at[name] for name in flows["target"]],
                "value": flows["energy"].round(4).tolist(),
                "color": [f"rgba({int(h[1:3], 16)},{int(h[3:5], 16)},{int(h[5:7], 16)},0.38)" for h in hues],
                "hovertemplate": "%{source.label} to %{target.label}: %{value} TWh<extra></extra>",
            },
            textfont={"size": 11, "color": INK, "shadow": "none"},
        )
    )
    made.update_layout(margin={"l": 8, "r": 8, "t": 48, "b": 12})
    return made


def _without_dust(flows: pd.DataFrame) -> pd.DataFrame:
    """Flows of at least 0.1 % of the whole; uses of less than 1 % of it are shown together."""
    total = float(flows.loc[flows["source"].map(lambda node: node[0] == "source"), "energy"].sum())
    size = flows.groupby("target")["energy"].sum()
    small = {node for node, energy in size.items() if node[0] == "sink" and energy < 0.01 * total}
    if len(small) > 1:
        other = ("sink", "other_uses", "Other uses and losses")
        target = [other if node in small else node for node in flows["target"]]
        flows = flows.assign(target=target).groupby(["source", "target", "family"], as_index=False, sort=False)["energy"].sum()
    return flows[flows["energy"] > 1e-3 * total]


# ---- lines over time


def _ends(made: go.Figure, labels: list[tuple[float, str, str]], low: float, high: float) -> None:
    """Names at the right ends of lines, spread so that they do not cover each other."""
    if not labels:
        return
    room = max(high - low, 1e-12)
    gap = room * 15 / max(float(made.layout.height) - 100, 80)
    spots: list[float] = []
    ordered = sorted(labels, key=lambda row: row[0])
    for y, _, _ in ordered:
        spots.append(max(y, spots[-1] + gap) if spots else y)
    over = spots[-1] - high
    if over > 0:
        spots = [spot - over for spot in spots]
        for i in range(len(spots) - 2, -1, -1):
            spots[i] = min(spots[i], spots[i + 1] - gap) if spots[i] > spots[i + 1] - gap else spots[i]
    for (_, text, colour), spot in zip(ordered, spots, strict=True):
        short = text if len(text) <= 19 else text[:18].rstrip() + "\u2026"
        made.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=5, y=spot, yanchor="middle", showarrow=False,
            text=safe(short), font={"color": colour, "size": 11},
        )  # fmt: skip
    widest = max(min(len(text), 19) for _, text, _ in labels)
    made.update_layout(margin={"r": 14 + round(6.2 * widest)})


def _ink(colour: str) -> str:
    """A colour dark enough for a line and its name on white."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)] if len(colour) == 7 else [90, 90, 90]
    light = (0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]) / 255
    factor = 1.0 if light < 0.5 else 0.5 / light
    return "#" + "".join(f"{round(part * factor):02x}" for part in parts)


_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def _line_looks(colour: str, count: int) -> list[tuple[str, str]]:
    """Colour and dash of each of up to five lines: the first in the carrier's colour, the others in greys."""
    greys = ("#4a4842", "#7d7a72", "#2b2a26", "#96928a")
    return [(_ink(colour) if i == 0 else greys[(i - 1) % 4], _DASHES[i % 5]) for i in range(count)]


def storage_families(results: Any) -> list[str]:
    """Families of carriers that have storages, front ones first."""
    return Book(results.case).families(results["storages.total"]["carrier"])


def storage(results: Any, carrier: str | None = None, most: int = 5) -> go.Figure:
    """Levels of the largest storages of one carrier or family over time."""
    book = Book(results.case)
    total = results["storages.total"]
    total = total.assign(
        storage=total["storage"].astype(str), carrier=total["carrier"].astype(str), family=total["carrier"].map(book.family)
    )
    if carrier is None and len(total):
        carrier = str(total.loc[total["working_capacity"].idxmax(), "family"])
    total = total[(total["carrier"] == carrier) | (total["family"] == carrier)]
    if total.empty:
        return _nothing("The case has no storages" + (f" of {book.family_name(str(carrier)).lower()}" if carrier else ""))
    total = total.sort_values("working_capacity", ascending=False, kind="stable").head(most)
    levels = results["storages.level"]
    levels = levels[levels["storage"].isin(total["storage"])]
    wide = levels.assign(storage=levels["storage"].astype(str)).pivot(index="step", columns="storage", values="level")
    first = total.iloc[0]
    unit, factor = book.unit(first["carrier"])
    top = wide[first["storage"]] * factor
    low_at, low = top.idxmin(), float(top.min())
    name = book.element("storages", first["storage"])
    word = "is empty" if low < 0.005 * first["working_capacity"] * factor else "is lowest"
    title = f"{name} {word} on {_moment(book, low_at)}" + ("" if word == "is empty" else f": {figure(low)} {unit}")
    made = _figure(title, 330)
    looks = _line_looks(book.colour(first["carrier"]), len(total))
    ends = []
    for (colour, dash), row in zip(looks, total.to_dict("records"), strict=True):
        scale = book.unit(row["carrier"])[1]
        values = wide[row["storage"]] * scale
        label = book.element("storages", row["storage"])
        made.add_trace(
            go.Scatter(
                x=wide.index, y=values.round(5), mode="lines", name=safe(label), showlegend=False,
                line={"color": colour, "dash": dash, "width": 2}, hovertemplate=f"{safe(label)}, %{{x|%d %B}}: %{{y:.3g}} {unit}<extra></extra>",
            )
        )  # fmt: skip
        ends.append((float(values.iloc[-1]), label, colour))
    high = float(max(wide[row["storage"]].max() * book.unit(row["carrier"])[1] for row in total.to_dict("records")))
    made.update_yaxes(title_text=f"level, {unit}", range=[0, high * 1.06 if high > 0 else 1])
    _time_axis(made)
    made.add_annotation(x=low_at, y=low, text=safe(day(low_at)), showarrow=True, arrowhead=0, ax=0, ay=-24, font={"size": 11, "color": looks[0][0]})
    _ends(made, ends, 0.0, high * 1.06)
    return made


def _time_axis(made: go.Figure) -> None:
    """Months named shortly; the year is in the text beside the figure."""
    made.update_xaxes(
        type="date",
        tickformatstops=[
            {"dtickrange": [None, 86400000], "value": "%H:%M\n%d %b"},
            {"dtickrange": [86400000, "M1"], "value": "%d %b"},
            {"dtickrange": ["M1", None], "value": "%b"},
        ],
    )


def _moment(book: Book, moment: Any) -> str:
    steps = book.case.horizon.steps
    hours = float(steps["hours"].median())
    stamp = pd.Timestamp(moment)
    if hours > 600:
        return f"the last day of {stamp:%B}"
    return day(stamp) if hours >= 24 else f"{day(stamp)}, {stamp:%H:%M}"


def unserved(results: Any, most: int = 12) -> go.Figure:
    """Who goes short, the largest first, in GWh."""
    book = Book(results.case)
    rows = short_rows(results)
    if rows.empty:
        return _nothing(f"Nothing is unserved, {book.period}")
    total = float(rows["unserved"].sum())
    worst = rows.iloc[0]
    label = [f"{book.short_place(r.place)}, {book.carrier_in_text(r.carrier)}, {human(r.customer_class)}" for r in rows.itertuples()]
    title = (
        f"{figure(total / 1e3)} GWh unserved, {book.period}; most in {book.place(worst['place'])}: "
        f"{book.amount(worst['unserved'], worst['carrier'])} of {book.carrier_in_text(worst['carrier'])}"
    )
    shown = rows.head(most)
    values = (shown["unserved"] / 1e3).tolist()
    texts = [f"{figure(v)}, {percent(r)} of demand" for v, r in zip(values, shown["unserved_rate"], strict=True)]
    marker = {
        "color": [book.colour(c) for c in shown["carrier"]],
        "pattern": {"shape": ["x" if p else "" for p in shown["protected"]], "fillmode": "overlay", "fgcolor": "#fff"},
    }
    axis = "unserved, GWh" + ("; hatched: protected" if shown["protected"].any() else "")
    return _ranks(title, label[: len(shown)], values, texts, marker, axis)


def _ranks(title: str, names: list[str], values: list[float], texts: list[str], marker: dict[str, Any], axis: str) -> go.Figure:
    """Bars of a ranking, each under its full name."""
    made = _figure(title, 96 + 38 * len(names), bargap=0.5)
    rows = list(range(len(names)))
    made.add_trace(
        go.Bar(
            orientation="h", x=[round(v, 6) for v in values], y=rows, width=0.42, marker=marker, text=texts, textposition="outside",
            cliponaxis=False, customdata=[safe(name) for name in names], hovertemplate="%{customdata}: %{x:.3g}<extra></extra>",
        )
    )  # fmt: skip
    low, high = min(0.0, *values), max(0.0, *values)
    for row, name in zip(rows, names, strict=True):
        short = name if len(name) <= 62 else name[:61].rstrip() + "\u2026"
        made.add_annotation(
            x=0, xref="paper", y=row - 0.24, xanchor="left", yanchor="bottom", showarrow=False, text=safe(short), font={"size": 11},
        )  # fmt: skip
    made.update_yaxes(visible=False, range=[len(names) - 0.6, -0.75])
    longest = max((len(text) for text in texts), default=0)
    made.update_xaxes(title_text=axis, range=[low * 1.15, high + (high - low) * min(0.06 + 0.012 * longest, 0.5)], nticks=6)
    made.update_layout(margin={"l": 12})
    return made


def short_rows(results: Any) -> pd.DataFrame:
    """Rows of demand.total that are not wholly served, the largest first; dust of the solver left out."""
    rows = results["demand.total"]
    dust = 1e-7 * max(float(rows["demand"].sum()), 1.0) / max(len(rows), 1)
    short = rows[(rows["unserved"] > dust) & (rows["unserved"] > 1e-6 * rows["demand"])]
    return short.sort_values("unserved", ascending=False, kind="stable").reset_index(drop=True)


# ---- durations


def _hours_by_step(results: Any) -> pd.Series:
    steps = results.case.horizon.steps
    return pd.Series(steps["hours"].to_numpy(dtype=float), index=pd.DatetimeIndex(steps["step"]))


def _duration(values: pd.Series, hours: pd.Series) -> tuple[list[float], list[float]]:
    """Values from high to low, and the share of time (per cent) after which each ends; at most 200 points."""
    ordered = values.sort_values(ascending=False, kind="stable")
    share = np.concatenate([[0.0], np.cumsum(hours.reindex(ordered.index).to_numpy())]) / float(hours.sum()) * 100
    level = np.concatenate([[ordered.iloc[0]], ordered.to_numpy()])
    if len(level) > 200:
        keep = np.unique(np.linspace(0, len(level) - 1, 200).round().astype(int))
        share, level = share[keep], level[keep]
    return share.round(2).tolist(), level.round(4).tolist()


def price_duration(results: Any, carrier: str | None = None, places: list[str] | None = None) -> go.Figure:
    """Nodal prices of a carrier from high to low, at the five places that use most (or at those given)."""
    book = Book(results.case)
    nodes = results["places.balance"]
    nodes = nodes.assign(carrier=nodes["carrier"].astype(str), place=nodes["place"].astype(str))
    nodes = nodes.assign(use=nodes["used"] + nodes["taken_in"])
    if carrier is None:
        by = nodes.groupby("carrier")["use"].sum()
        carrier = "electricity" if by.get("electricity", 0) > 0 else str(by.idxmax()) if len(by) else ""
    mine = nodes[nodes["carrier"] == carrier].sort_values("use", ascending=False, kind="stable")
    chosen = places or list(mine["place"].head(5))
    prices = results["places.price"]
    rows = prices[(prices["carrier"] == carrier) & prices["place"].isin(chosen)]
    if rows.empty:
        return _nothing(f"No prices of {book.carrier_in_text(carrier)}")
    wide = rows.assign(place=rows["place"].astype(str)).pivot(index="step", columns="place", values="price")
    chosen = [place for place in chosen if place in wide.columns]
    hours = _hours_by_step(results)
    mean = {place: float((wide[place] * hours.reindex(wide.index)).sum() / hours.sum()) for place in chosen}
    dear, cheap = max(mean, key=lambda p: mean[p]), min(mean, key=lambda p: mean[p])
    title = (
        f"{book.carrier(carrier)} costs most in {book.place(dear)}: {figure(mean[dear])} {book.currency}/MWh on average"
        + (f", least in {book.place(cheap)}: {figure(mean[cheap])}" if mean[cheap] < 0.98 * mean[dear] else ", and about as much everywhere")
    )
    curves = {place: _duration(wide[place], hours) for place in chosen}
    made = _curves(book, title, curves, book.colour(carrier), lambda place: book.short_place(place), f"price, {book.currency}/MWh")
    low = min(min(level) for _, level in curves.values())
    high = max(level[min(len(level) - 1, 2)] for _, level in curves.values())
    made.update_yaxes(range=[min(low * 1.05, 0.0), high * 1.08 if high > 0 else 1.0])
    _ends(made, [(curves[p][1][-1], book.short_place(p), look[0]) for p, look in zip(chosen, _line_looks(book.colour(carrier), len(chosen)), strict=True)], min(low, 0.0), high * 1.08)
    return made


def _curves(book: Book, title: str, curves: dict[str, tuple[list[float], list[float]]], colour: str, name: Any, axis: str) -> go.Figure:
    made = _figure(title, 330)
    for (look, dash), (key, (share, level)) in zip(_line_looks(colour, len(curves)), curves.items(), strict=True):
        label = safe(name(key))
        made.add_trace(
            go.Scatter(
                x=share, y=level, mode="lines", name=label, showlegend=False, line={"color": look, "dash": dash, "width": 2, "shape": "vh"},
                hovertemplate=f"{label}: at least %{{y:.3g}} in %{{x:.3g}} % of the time<extra></extra>",
            )
        )  # fmt: skip
    made.update_xaxes(title_text=f"share of {'the year' if book.has_whole_year else 'the time'}, %", range=[0, 100])
    made.update_yaxes(title_text=axis)
    return made


def loading_duration(results: Any, links: list[str] | None = None, carrier: str | None = None) -> go.Figure:
    """How full links are, from high to low: the five that cost most (or those given)."""
    book = Book(results.case)
    total = results["links.total"].assign(link=results["links.total"]["link"].astype(str))
    if carrier is not None:
        of = total["carrier"].astype(str)
        total = total[(of == carrier) | (of.map(book.family) == carrier)]
    if links is None:
        order = total[total["loading"] > 0].sort_values(["rent", "loading"], ascending=False, kind="stable")
        links = list(order["link"].head(5))
    flows = results["links.flow"]
    rows = flows[flows["link"].isin(links)]
    if rows.empty:
        return _nothing("No link is used")
    wide = rows.assign(link=rows["link"].astype(str)).pivot(index="step", columns="link", values="loading")
    links = [link for link in links if link in wide.columns]
    hours = _hours_by_step(results)
    full = {link: float(hours.reindex(wide.index)[wide[link] > 0.9999].sum()) for link in links}
    top = max(full, key=lambda link: full[link])
    share = full[top] / float(hours.sum())
    title = (
        f"{book.link(top)} is full in {percent(share)} of the time"
        if share > 0
        else f"No link is full; {book.link(links[0])} reaches {percent(wide[links[0]].max())}"
    )
    curves = {link: _duration(wide[link] * 100, hours) for link in links}
    colour = book.colour(total.set_index("link")["carrier"].get(links[0], ""))
    made = _curves(book, title, curves, colour, book.link, "loading, % of the capacity")
    made.update_yaxes(range=[0, 104])
    looks = _line_looks(colour, len(links))
    _ends(made, [(curves[link][1][-1], book.link(link), look[0]) for link, look in zip(links, looks, strict=True)], 0.0, 104.0)
    return made


# ---- ranks and shares


def bottlenecks(results: Any, most: int = 12) -> go.Figure:
    """The limits that cost most, in money over the horizon."""
    book = Book(results.case)
    rows = results["bottlenecks"].head(most)
    if rows.empty:
        return _nothing(f"No limit costs anything, {book.period}")
    names = [text_of(r.name_) or book.element(r.table, r.element) for r in rows.rename(columns={"name": "name_"}).itertuples()]
    top = rows.iloc[0]
    title = f"{names[0]} is the dearest limit: {book.money(top['value'])} {book.in_period}"
    size, word = (1e9, "billion") if top["value"] >= 1e9 else (1e6, "million") if top["value"] >= 1e6 else (1.0, "")
    values = rows["value"].to_numpy() / size
    labels = [
        f"{first_upper(name)}, {_limit_words(book, limit, carrier)}"
        for name, limit, carrier in zip(names, rows["limit"], rows["carrier"], strict=True)
    ]
    marker = {"color": [book.colour(c) if text_of(c) else "#a8a49a" for c in rows["carrier"]]}
    axis = f"cost of the limit, {word} {book.currency}".replace("  ", " ")
    return _ranks(title, labels, values.tolist(), [figure(v) for v in values], marker, axis)


def _limit_words(book: Book, limit: Any, carrier: Any) -> str:
    words = human(limit)
    has_carrier = not text_of(carrier) or book.carrier_in_text(carrier) in words.lower()
    return words if has_carrier else f"{words} ({book.carrier_in_text(carrier)})"


def mix_shares(results: Any) -> pd.DataFrame:
    """Supply mix by place, carrier and country of origin: energy (MWh) and share, the largest share first."""
    rows = results["mix"]
    if rows.empty:
        return pd.DataFrame(columns=["place", "carrier", "origin_country", "energy", "share"])
    rows = rows.assign(
        place=rows["place"].astype(str), carrier=rows["carrier"].astype(str), origin_country=rows["origin_country"].map(text_of)
    )
    found = rows.groupby(["place", "carrier", "origin_country"], as_index=False, sort=False)[["energy", "share"]].sum()
    return found.sort_values(["place", "carrier", "energy"], ascending=[True, True, False], kind="stable", ignore_index=True)


def mix(results: Any, place: str | None = None, carrier: str | None = None, most: int = 10) -> go.Figure:
    """Whose energy is used: the carriers of one place, or one carrier at the places that use most of it."""
    book = Book(results.case)
    rows = mix_shares(results)
    if rows.empty:
        return _nothing("The supply mix was not traced")
    if place is None and carrier is None:
        foreign = rows[rows["origin_country"] != rows["place"].map(book.country_of)]
        place = str((foreign if len(foreign) else rows).groupby("place")["energy"].sum().idxmax())
    mine = rows[rows["place"] == place] if place is not None else rows[rows["carrier"] == carrier]
    if place is not None and carrier is not None:
        mine = mine[mine["carrier"] == carrier]
    if mine.empty:
        return _nothing("Nothing of it is used there")
    side = "carrier" if place is not None else "place"
    order = list(mine.groupby(side)["energy"].sum().sort_values(ascending=False).head(most).index)
    mine = mine[mine[side].isin(order)]
    names = [book.carrier(key) if side == "carrier" else book.short_place(key) for key in order]
    made = _figure(_mix_title(book, mine, place, carrier), 150 + 34 * len(order), barmode="stack", margin={"b": 90})
    origins = list(mine.groupby("origin_country")["energy"].sum().sort_values(ascending=False).index)
    for rank, origin in enumerate(origins):
        part = mine[mine["origin_country"] == origin].set_index(side)["share"].reindex(order).fillna(0.0) * 100
        hue = [book.colour(key if side == "carrier" else carrier) for key in order]
        strength = max(1.0 - 0.22 * rank, 0.15)
        country = safe(book.country(origin))
        made.add_trace(
            go.Bar(
                orientation="h", name=country, x=part.round(3).tolist(), y=[safe(name) for name in names],
                marker={"color": [shade(h, strength) for h in hue], "line": {"color": "#fff", "width": 1}, "pattern": {"shape": "/" if rank % 2 else "", "fillmode": "overlay", "size": 6, "solidity": 0.12, "fgcolor": "#fff"}},
                text=[f"{country} {figure(v, 2)} %" if v > 22 else f"{figure(v, 2)} %" if v > 9 else "" for v in part],
                textposition="inside", insidetextanchor="middle", textangle=0, hovertemplate=f"{country}: %{{x:.3g}} %<extra></extra>",
            )
        )  # fmt: skip
    made.update_yaxes(autorange="reversed", showgrid=False)
    made.update_xaxes(title_text="share of what is used, %", range=[0, 100])
    return made


def _mix_title(book: Book, rows: pd.DataFrame, place: str | None, carrier: str | None) -> str:
    if place is None:
        home = rows["origin_country"] == rows["place"].map(book.country_of)
        abroad = float(rows.loc[~home, "energy"].sum() / rows["energy"].sum())
        return f"{percent(abroad)} of the {book.carrier_in_text(carrier)} used in these places comes from other countries"
    country = book.country_of(place)
    parts = []
    for key, group in rows.groupby("carrier", sort=False):
        share = float(group.loc[group["origin_country"] != country, "share"].sum())
        parts.append((share, book.carrier_in_text(key)))
    share, word = max(parts)
    if share < 0.005:
        return f"{book.place(place)} lives on energy of its own country"
    return f"{book.place(place)}: {percent(share)} of the {word} comes from other countries"


def costs(results: Any) -> go.Figure:
    """What the year costs and earns, item by item."""
    book = Book(results.case)
    rows = results["costs"]
    rows = rows[rows["amount"].abs() > 0.5]
    if rows.empty:
        return _nothing("Nothing costs anything")
    rows = rows.reindex(rows["amount"].abs().sort_values(ascending=False).index)
    size, word = (1e9, "billion ") if rows["amount"].abs().max() >= 1e9 else (1e6, "million ")
    values = rows["amount"].to_numpy() / size
    paid = rows[rows["amount"] > 0]
    first = human(paid.iloc[0]["item"]) if len(paid) else ""
    title = f"The largest cost is {first}: {book.money(paid.iloc[0]['amount'])}" if len(paid) else "Sales earn more than supply costs"
    marker = {"color": ["#7d7a72" if v > 0 else "#cfcbc2" for v in values]}
    names = [first_upper(human(item)) for item in rows["item"]]
    axis = f"{word}{book.currency}" + ("; income to the left of zero" if values.min() < 0 else "")
    return _ranks(title, names, values.tolist(), [figure(v) for v in values], marker, axis)


class Plots:
    """`results.plot.balance()` and its kin: the charts of this module, and the map."""

    def __init__(self, results: Any) -> None:
        self._results = results

    def balance(self, carrier: str | None = None) -> go.Figure:
        """Where a carrier comes from and goes, by country; all carriers if none is given."""
        return balance(self._results, carrier)

    def sankey(self) -> go.Figure:
        """The year from sources through carriers and plants to uses."""
        return sankey(self._results)

    def storage(self, carrier: str | None = None) -> go.Figure:
        """Levels of the largest storages of a carrier or family."""
        return storage(self._results, carrier)

    def unserved(self) -> go.Figure:
        """Who goes short."""
        return unserved(self._results)

    def price_duration(self, carrier: str | None = None, places: list[str] | None = None) -> go.Figure:
        """Prices from high to low at the places that use most."""
        return price_duration(self._results, carrier, places)

    def loading_duration(self, links: list[str] | None = None, carrier: str | None = None) -> go.Figure:
        """How full the dearest links are, from high to low."""
        return loading_duration(self._results, links, carrier)

    def bottlenecks(self) -> go.Figure:
        """The limits that cost most."""
        return bottlenecks(self._results)

    def mix(self, place: str | None = None, carrier: str | None = None) -> go.Figure:
        """Whose energy a place uses, or whose a carrier is."""
        return mix(self._results, place, carrier)

    def costs(self) -> go.Figure:
        """What the year costs and earns."""
        return costs(self._results)

    def map(self, carrier: str | None = None, step: Any = None) -> Any:
        """The map with flows."""
        from kelisim.report.maps import flow_map

        return flow_map(self._results, carrier, step)

    def __repr__(self) -> str:
        names = [name for name in dir(self) if not name.startswith("_")]
        return f"Plots: {listed(names)} {NONE} each gives a figure"

"""Charts of curves: levels of storages over time, prices and loading from high to low."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.report.numbers import day, figure, percent
from kelisim.report.theme import NO_SERIES, line_looks, name_ends, new_figure, nothing, safe
from kelisim.report.words import Words
from kelisim.results.results import Results


def storage_families(results: Results) -> list[str]:
    """Families of carriers that have storages, front ones first."""
    return Words(results.case).families(results["storages.total"]["carrier"])


def storage(results: Results, carrier: str | None = None, most: int = 5) -> go.Figure:
    """Levels of the largest storages of one carrier or family over time."""
    book = Words(results.case)
    total = results["storages.total"]
    total = total.assign(
        storage=total["storage"].astype(str),
        carrier=total["carrier"].astype(str),
        family=total["carrier"].map(book.family),
    )
    if carrier is None and len(total):
        carrier = str(total.sort_values("working_capacity")["family"].iloc[-1])
    total = total[(total["carrier"] == carrier) | (total["family"] == carrier)]
    if total.empty:
        return nothing(
            "The case has no storages" + (f" of {book.family_name(str(carrier)).lower()}" if carrier else "")
        )
    total = total.assign(is_idle=total["injected"] + total["withdrawn"] <= 1e-6 * total["working_capacity"])
    total = total.sort_values(["is_idle", "working_capacity"], ascending=[True, False], kind="stable").head(
        most
    )
    if "storages.level" not in results:
        return nothing(NO_SERIES)
    levels = results["storages.level"]
    levels = levels[levels["storage"].isin(total["storage"])]
    wide = levels.assign(storage=levels["storage"].astype(str)).pivot(
        index="step", columns="storage", values="level"
    )
    # a level is that of the end of its step; the curve begins with the level at the start
    ends_at = wide.index + pd.to_timedelta(_hours_by_step(results).reindex(wide.index).to_numpy(), unit="h")
    when = ends_at.insert(0, wide.index[0])
    first = total.iloc[0]
    unit, factor = book.unit(first["carrier"])
    label = _storage_labels(book, total)
    top = wide[first["storage"]] * factor
    low_at, low = top.idxmin(), float(top.min())
    word = "is empty" if low < 0.005 * first["working_capacity"] * factor else "is lowest"
    title = f"{label[0]} {word} on {_moment(book, low_at)}" + (
        "" if word == "is empty" else f": {figure(low)} {unit}"
    )
    made = new_figure(title, 330)
    looks = line_looks(book.colour(first["carrier"]), len(total))
    ends = []
    at_end = _storage_labels(book, total, is_short=True)
    for name, end, (colour, dash), row in zip(label, at_end, looks, total.to_dict("records"), strict=True):
        values = (
            np.concatenate([[row["level_start"]], wide[row["storage"]].to_numpy()])
            * book.unit(row["carrier"])[1]
        )
        made.add_trace(
            go.Scatter(
                x=when,
                y=values.round(5),
                mode="lines",
                name=safe(name),
                showlegend=False,
                line={"color": colour, "dash": dash, "width": 2},
                hovertemplate=f"{safe(name)}, %{{x|%d %B}}: %{{y:.3g}} {unit}<extra></extra>",
            )
        )
        ends.append((float(values[-1]), end, colour))
    high = float(
        max(wide[row["storage"]].max() * book.unit(row["carrier"])[1] for row in total.to_dict("records"))
    )
    made.update_yaxes(title_text=f"level, {unit}", range=[0, high * 1.06 if high > 0 else 1])
    _time_axis(made)
    made.add_annotation(
        x=ends_at[wide.index.get_loc(low_at)],
        y=low,
        text=safe(_moment(book, low_at)),
        showarrow=True,
        arrowhead=0,
        ax=0,
        ay=-24,
        font={"size": 11, "color": looks[0][0]},
    )
    name_ends(made, ends, 0.0, high * 1.06)
    return made


def _storage_labels(book: Words, rows: pd.DataFrame, is_short: bool = False) -> list[str]:
    """Names of storages; the place first where several bear the same name, or place and carrier alone if short."""
    names = [book.element("storages", key) for key in rows["storage"]]
    several = {name for name in names if names.count(name) > 1}
    if is_short and several and not rows.duplicated(["place", "carrier"]).any():
        return [
            f"{book.short_place(place)}, {book.carrier_in_text(carrier)}"
            for place, carrier in zip(rows["place"], rows["carrier"], strict=True)
        ]
    return [
        f"{book.short_place(place)}: {name}" if name in several else name
        for name, place in zip(names, rows["place"], strict=True)
    ]


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


def _moment(book: Words, moment: Any) -> str:
    steps = book.case.horizon.steps
    hours = float(steps["hours"].median())
    stamp = pd.Timestamp(moment)
    if hours > 600:
        return f"the last day of {stamp:%B}"
    return day(stamp) if hours >= 24 else f"{day(stamp)}, {stamp:%H:%M}"


def _hours_by_step(results: Results) -> pd.Series:
    steps = results.case.horizon.steps
    return pd.Series(steps["hours"].to_numpy(dtype=float), index=pd.DatetimeIndex(steps["step"]))


def _duration(values: pd.Series, hours: pd.Series) -> tuple[list[float], list[float]]:
    """Values from high to low, and the share of time (per cent) after which each ends; at most 200 points."""
    ordered = values.sort_values(ascending=False, kind="stable")
    share = (
        np.concatenate([[0.0], np.cumsum(hours.reindex(ordered.index).to_numpy())]) / float(hours.sum()) * 100
    )
    level = np.concatenate([[ordered.iloc[0]], ordered.to_numpy()])
    if len(level) > 200:
        keep = np.unique(np.linspace(0, len(level) - 1, 200).round().astype(int))
        share, level = share[keep], level[keep]
    return share.round(2).tolist(), level.round(4).tolist()


def price_duration(
    results: Results, carrier: str | None = None, places: list[str] | None = None
) -> go.Figure:
    """Nodal prices of a carrier from high to low, at the five places that use most (or at those given)."""
    book = Words(results.case)
    nodes = results["places.balance"]
    nodes = nodes.assign(carrier=nodes["carrier"].astype(str), place=nodes["place"].astype(str))
    nodes = nodes.assign(use=nodes["used"] + nodes["taken_in"])
    if carrier is None:
        by = nodes.groupby("carrier")["use"].sum()
        carrier = "electricity" if by.get("electricity", 0) > 0 else str(by.idxmax()) if len(by) else ""
    mine = nodes[nodes["carrier"] == carrier].sort_values("use", ascending=False, kind="stable")
    chosen = places or list(mine["place"].head(5))
    if "places.price" not in results:
        return nothing(NO_SERIES)
    prices = results["places.price"]
    rows = prices[(prices["carrier"] == carrier) & prices["place"].isin(chosen)]
    if rows.empty:
        return nothing(f"No prices of {book.carrier_in_text(carrier)}")
    wide = rows.assign(place=rows["place"].astype(str)).pivot(index="step", columns="place", values="price")
    chosen = [place for place in chosen if place in wide.columns]
    hours = _hours_by_step(results)
    mean = {place: float((wide[place] * hours.reindex(wide.index)).sum() / hours.sum()) for place in chosen}
    dear, cheap = max(mean, key=lambda p: mean[p]), min(mean, key=lambda p: mean[p])
    title = (
        f"{book.carrier(carrier)} costs most in {book.place(dear)}: {figure(mean[dear])} {book.currency}/MWh "
        "on average"
        + (
            f", least in {book.place(cheap)}: {figure(mean[cheap])}"
            if mean[cheap] < 0.98 * mean[dear]
            else ", and about as much everywhere"
        )
    )
    curves = {place: _duration(wide[place], hours) for place in chosen}
    made = _curves(
        book,
        title,
        curves,
        book.colour(carrier),
        book.short_place,
        f"price, {book.currency}/MWh",
    )
    low = min(min(level) for _, level in curves.values())
    high = max(level[min(len(level) - 1, 2)] for _, level in curves.values())
    made.update_yaxes(range=[min(low * 1.05, 0.0), high * 1.08 if high > 0 else 1.0])
    name_ends(
        made,
        [
            (curves[p][1][-1], book.short_place(p), look[0])
            for p, look in zip(chosen, line_looks(book.colour(carrier), len(chosen)), strict=True)
        ],
        min(low, 0.0),
        high * 1.08,
    )
    return made


def _curves(
    book: Words,
    title: str,
    curves: dict[str, tuple[list[float], list[float]]],
    colour: str,
    name: Callable[[str], str],
    axis: str,
) -> go.Figure:
    made = new_figure(title, 330)
    for (look, dash), (key, (share, level)) in zip(
        line_looks(colour, len(curves)), curves.items(), strict=True
    ):
        label = safe(name(key))
        made.add_trace(
            go.Scatter(
                x=share,
                y=level,
                mode="lines",
                name=label,
                showlegend=False,
                line={"color": look, "dash": dash, "width": 2, "shape": "vh"},
                hovertemplate=f"{label}: at least %{{y:.3g}} in %{{x:.3g}} % of the time<extra></extra>",
            )
        )
    made.update_xaxes(
        title_text=f"share of {'the year' if book.has_whole_year else 'the time'}, %", range=[0, 100]
    )
    made.update_yaxes(title_text=axis)
    return made


def _link_labels(book: Words, rows: pd.DataFrame) -> dict[str, str]:
    """Names of links; with the carrier where several share one name."""
    names = {str(link): book.link(link) for link in rows.index}
    shared = [name for name in names.values() if list(names.values()).count(name) > 1]
    carriers = dict(zip(rows.index, rows["carrier"], strict=True))
    return {
        link: f"{book.carrier(carriers[link])}: {name}" if name in shared else name
        for link, name in names.items()
    }


def loading_duration(
    results: Results, links: list[str] | None = None, carrier: str | None = None
) -> go.Figure:
    """How full links are, from high to low: those given, or the five dearest not full all the time."""
    book = Words(results.case)
    total = results["links.total"].assign(link=results["links.total"]["link"].astype(str))
    if carrier is not None:
        of = total["carrier"].astype(str)
        total = total[(of == carrier) | (of.map(book.family) == carrier)]
    if links is None:
        order = total[total["loading"] > 0].sort_values(["rent", "loading"], ascending=False, kind="stable")
        at_times = order[order["hours_full"].between(1e-6, 0.999 * book.hours) & (order["rent"] > 0)]
        links = list((at_times if len(at_times) else order)["link"].head(5))
    if "links.flow" not in results:
        return nothing(NO_SERIES)
    flows = results["links.flow"]
    rows = flows[flows["link"].isin(links)]
    if rows.empty:
        return nothing("No link is used")
    wide = rows.assign(link=rows["link"].astype(str)).pivot(index="step", columns="link", values="loading")
    links = [link for link in links if link in wide.columns]
    hours = _hours_by_step(results)
    full = {link: float(hours.reindex(wide.index)[wide[link] > 0.9999].sum()) for link in links}
    top = max(full, key=lambda link: full[link])
    share = full[top] / float(hours.sum())
    label = _link_labels(book, total.set_index("link").loc[links])
    title = (
        f"{label[top]} is full in {percent(share)} of the time"
        if share > 0
        else f"No link is full; {label[links[0]]} reaches {percent(wide[links[0]].max())}"
    )
    curves = {link: _duration(wide[link] * 100, hours) for link in links}
    colour = book.colour(total.set_index("link")["carrier"].get(links[0], ""))
    made = _curves(book, title, curves, colour, label.__getitem__, "loading, % of the capacity")
    made.update_yaxes(range=[0, 104])
    looks = line_looks(colour, len(links))
    name_ends(
        made,
        [(curves[link][1][-1], label[link], look[0]) for link, look in zip(links, looks, strict=True)],
        0.0,
        104.0,
    )
    return made

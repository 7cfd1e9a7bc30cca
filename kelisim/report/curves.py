"""Charts of curves: levels of storages over time, prices and loading from high to low."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.axis import along
from kelisim.report.figure import Figure, nothing
from kelisim.report.numbers import day
from kelisim.report.theme import line_looks
from kelisim.report.words import Words
from kelisim.results.results import Results

Curve = tuple[list[float], list[float]]  # share of the time, level


def storage_families(results: Results, words: Words) -> list[str]:
    """Families of carriers that have storages, front ones first."""
    return words.families(results["storages.total"]["carrier"])


def storage(results: Results, words: Words, carrier: str | None = None, most: int = 5) -> Figure:
    """Levels of the largest storages of one carrier or family over time."""
    total = _storages(results, words, carrier, most)
    if total.empty:
        key = f"charts.storage.none{'_of' if carrier else ''}"
        return nothing(words.text(key, family=words.family_name(str(carrier)).lower()))
    if "storages.level" not in results:
        return nothing(words.text("charts.no_series"))
    levels = results["storages.level"]
    levels = levels[levels["storage"].isin(total["storage"])]
    wide = levels.assign(storage=levels["storage"].astype(str)).pivot(
        index="step", columns="storage", values="level"
    )
    # a level is that of the end of its step; the curve begins with the level at the start
    axis = along(words, wide)
    wide = wide.loc[axis.index]
    when = pd.DatetimeIndex([axis["begins"].iloc[0], *axis["ends"]])
    named = axis.get("when")
    first = total.iloc[0]
    unit, factor = words.unit(first["carrier"])
    label = _storage_labels(words, total)
    top = wide[first["storage"]] * factor
    low_at, low = top.idxmin(), float(top.min())
    is_empty = low < 0.005 * first["working_capacity"] * factor
    low_day = _moment(words, low_at, axis)
    key = f"charts.storage.{'empty' if is_empty else 'lowest'}"
    made = Figure(words.text(key, name=label[0], when=low_day, low=low, of=unit)).across(kind="time")
    made.up(words.text("charts.storage.axis", of=unit), low=0)
    looks = line_looks(words.colour(first["carrier"]), len(total))
    at_end = _storage_labels(words, total, is_short=True)
    said = None if named is None else ["", *named]
    for name, end, (colour, dash), row in zip(label, at_end, looks, total.to_dict("records"), strict=True):
        level = np.concatenate([[row["level_start"]], wide[row["storage"]].to_numpy()])
        values = level * words.unit(row["carrier"])[1]
        made.line(name, when, values, colour, dash, tells=f"{{x}}: {{y}} {unit}", said=said, end=end)
    return made.note(axis["ends"][low_at], low, low_day, looks[0][0])


def _storages(results: Results, words: Words, carrier: str | None, most: int) -> pd.DataFrame:
    """The largest storages of a carrier or family (that of the largest if none is given), those in use first."""
    total = results["storages.total"]
    total = total.assign(storage=total["storage"].astype(str), carrier=total["carrier"].astype(str))
    total = total.assign(family=total["carrier"].map(words.family))
    if carrier is None and len(total):
        carrier = str(total.sort_values("working_capacity")["family"].iloc[-1])
    total = total[(total["carrier"] == carrier) | (total["family"] == carrier)]
    total = total.assign(is_idle=total["injected"] + total["withdrawn"] <= 1e-6 * total["working_capacity"])
    order = ["is_idle", "working_capacity"]
    return total.sort_values(order, ascending=[True, False], kind="stable").head(most)


def _storage_labels(words: Words, rows: pd.DataFrame, is_short: bool = False) -> list[str]:
    """Names of storages; the place first where several bear the same name, or place and carrier alone if short."""
    names = [words.element("storages", key) for key in rows["storage"]]
    several = {name for name in names if names.count(name) > 1}
    if is_short and several and not rows.duplicated(["place", "carrier"]).any():
        return [
            f"{words.short_place(place)}, {words.carrier_in_text(carrier)}"
            for place, carrier in zip(rows["place"], rows["carrier"], strict=True)
        ]
    return [
        f"{words.short_place(place)}: {name}" if name in several else name
        for name, place in zip(names, rows["place"], strict=True)
    ]


def _moment(words: Words, moment: Any, axis: pd.DataFrame) -> str:
    """When a level is: the end of what is drawn, a month, a day, a part of it or an hour."""
    stamp = pd.Timestamp(moment)
    hours = float((axis["ends"] - axis["begins"]).median() / pd.Timedelta(hours=1))
    if hours > 600:
        return words.text("charts.storage.last_day", month=f"{stamp:%B}")
    if words.case.horizon.has_parts:
        return str(axis["when"][moment])
    return day(stamp) if hours >= 24 else f"{day(stamp)}, {stamp:%H:%M}"


def _hours_by_step(results: Results) -> pd.Series:
    steps = results.case.horizon.steps
    return pd.Series(steps["hours"].to_numpy(dtype=float), index=pd.DatetimeIndex(steps["step"]))


def _duration(values: pd.Series, hours: pd.Series) -> Curve:
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
    results: Results, words: Words, carrier: str | None = None, places: list[str] | None = None
) -> Figure:
    """Nodal prices of a carrier from high to low, at the five places that use most (or at those given)."""
    nodes = results["places.balance"]
    nodes = nodes.assign(carrier=nodes["carrier"].astype(str), place=nodes["place"].astype(str))
    nodes = nodes.assign(use=nodes["used"] + nodes["taken_in"])
    if carrier is None:
        by = nodes.groupby("carrier")["use"].sum()
        carrier = "electricity" if by.get("electricity", 0) > 0 else str(by.idxmax()) if len(by) else ""
    mine = nodes[nodes["carrier"] == carrier].sort_values("use", ascending=False, kind="stable")
    chosen = places or list(mine["place"].head(5))
    if "places.price" not in results:
        return nothing(words.text("charts.no_series"))
    prices = results["places.price"]
    rows = prices[(prices["carrier"] == carrier) & prices["place"].isin(chosen)]
    if rows.empty:
        return nothing(words.text("charts.prices.none", carrier=carrier))
    wide = rows.assign(place=rows["place"].astype(str)).pivot(index="step", columns="place", values="price")
    chosen = [place for place in chosen if place in wide.columns]
    hours = _hours_by_step(results)
    mean = {place: float((wide[place] * hours.reindex(wide.index)).sum() / hours.sum()) for place in chosen}
    dear, cheap = max(mean, key=lambda p: mean[p]), min(mean, key=lambda p: mean[p])
    key = "apart" if mean[cheap] < 0.98 * mean[dear] else "alike"
    places_of = {"carrier": carrier, "dear": dear, "high": mean[dear], "cheap": cheap, "low": mean[cheap]}
    title = words.text(f"charts.prices.{key}", **places_of)
    curves = {place: _duration(wide[place], hours) for place in chosen}
    made = _curves(words, title, curves, words.colour(carrier), words.short_place)
    low = min(min(level) for _, level in curves.values())
    high = max(level[min(len(level) - 1, 2)] for _, level in curves.values())
    return made.up(words.text("charts.prices.axis"), low=min(low * 1.05, 0.0), high=_rounded(high))


def _rounded(high: float) -> float | None:
    """A round end of an axis above a value; None where the axis finds its own."""
    if not high > 0:
        return None
    size = 10.0 ** np.floor(np.log10(high))
    return float(
        size * next(step for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * step >= high * 1.02)
    )


def _curves(
    words: Words, title: str, curves: dict[str, Curve], colour: str, name: Callable[[str], str]
) -> Figure:
    axis = words.text(f"charts.duration_{'year' if words.has_whole_year else 'time'}")
    made = Figure(title).across(axis, low=0, high=100)
    tells = words.text("charts.duration_hover", low="{y}", share="{x}")
    for (look, dash), (key, (share, level)) in zip(
        line_looks(colour, len(curves)), curves.items(), strict=True
    ):
        made.line(name(key), share, level, look, dash, tells=tells, step="before")
    return made


def _link_labels(words: Words, rows: pd.DataFrame) -> dict[str, str]:
    """Names of links; with the carrier where several share one name."""
    names = {str(link): words.link(link) for link in rows.index}
    shared = [name for name in names.values() if list(names.values()).count(name) > 1]
    carriers = dict(zip(rows.index, rows["carrier"], strict=True))
    return {
        link: f"{words.carrier(carriers[link])}: {name}" if name in shared else name
        for link, name in names.items()
    }


def loading_duration(
    results: Results, words: Words, links: list[str] | None = None, carrier: str | None = None
) -> Figure:
    """How full links are, from high to low: those given, or the five dearest not full all the time."""
    total = results["links.total"].assign(link=results["links.total"]["link"].astype(str))
    if carrier is not None:
        of = total["carrier"].astype(str)
        total = total[(of == carrier) | (of.map(words.family) == carrier)]
    if links is None:
        order = total[total["loading"] > 0].sort_values(["rent", "loading"], ascending=False, kind="stable")
        at_times = order[order["hours_full"].between(1e-6, 0.999 * words.hours) & (order["rent"] > 0)]
        links = list((at_times if len(at_times) else order)["link"].head(5))
    if "links.flow" not in results:
        return nothing(words.text("charts.no_series"))
    flows = results["links.flow"]
    rows = flows[flows["link"].isin(links)]
    if rows.empty:
        return nothing(words.text("charts.loading.none"))
    wide = rows.assign(link=rows["link"].astype(str)).pivot(index="step", columns="link", values="loading")
    links = [link for link in links if link in wide.columns]
    hours = _hours_by_step(results)
    full = {link: float(hours.reindex(wide.index)[wide[link] > 0.9999].sum()) for link in links}
    top = max(full, key=lambda link: full[link])
    share = full[top] / float(hours.sum())
    label = _link_labels(words, total.set_index("link").loc[links])
    most = wide[links[0]].max()
    title = (
        words.text("charts.loading.full", name=label[top], share=share)
        if share > 0
        else words.text("charts.loading.not_full", name=label[links[0]], share=most)
    )
    curves = {link: _duration(wide[link] * 100, hours) for link in links}
    colour = words.colour(total.set_index("link")["carrier"].get(links[0], ""))
    made = _curves(words, title, curves, colour, label.__getitem__)
    return made.up(words.text("charts.loading.axis"), low=0, high=100)

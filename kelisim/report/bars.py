"""Bar charts: who goes short, which limits cost most, what the year costs."""

from __future__ import annotations

from typing import Any

from kelisim.report.figure import Figure, nothing
from kelisim.report.numbers import figure, first_upper, percent, text_of
from kelisim.report.words import Words
from kelisim.results.bottlenecks import NETWORK, short_rows
from kelisim.results.results import Results

LONGEST = 58  # letters of a name above its bar


def unserved(results: Results, words: Words, most: int = 12) -> Figure:
    """Who goes short, the largest first, in GWh."""
    rows = short_rows(results["demand.total"])
    if rows.empty:
        return nothing(words.text("charts.unserved.none"))
    shown = rows.head(most)
    named = shown.to_dict("records")
    values = (shown["unserved"] / 1e3).tolist()
    texts = [f"{figure(v)} ({percent(r)})" for v, r in zip(values, shown["unserved_rate"], strict=True)]
    return bars(
        words.text("charts.unserved.title", **named[0] | {"total": float(rows["unserved"].sum()) / 1e3}),
        [words.text("charts.unserved.bar", **row) for row in named],
        values,
        texts,
        [words.colour(c) for c in shown["carrier"]],
        words.text(f"charts.unserved.axis{'_protected' if shown['protected'].any() else ''}"),
        ["x" if protected else "" for protected in shown["protected"]],
    )


def bottlenecks(results: Results, words: Words, most: int = 12, network: bool = False) -> Figure:
    """The limits that cost most, in money over the horizon.

    network  only limits between places (links, shared limits, storages, contracts), not what fields can make
    """
    key = f"charts.bottlenecks{'_network' if network else ''}"
    rows = results["bottlenecks"]
    rows = rows[rows["table"].isin(NETWORK)] if network else rows
    rows = rows[rows["value"] > 0].head(most)
    if rows.empty:
        return nothing(words.text(f"{key}.none"))
    names = [words.label(element) for element in rows["element"]]
    names = [name if len(name) < 44 else name.split(" (")[0] for name in names]
    size, unit = words.money_unit(rows["value"].iloc[0])
    values = rows["value"].to_numpy() / size
    limits = [_limit(words, row) for row in rows.to_dict("records")]
    return bars(
        words.text(f"{key}.title", name=names[0], value=rows["value"].iloc[0]),
        [f"{first_upper(name)}{limit}" for name, limit in zip(names, limits, strict=True)],
        values.tolist(),
        [figure(v) for v in values],
        [words.colour(c) if text_of(c) else "#a8a49a" for c in rows["carrier"]],
        words.text(f"{key}.axis", of=unit),
    )


def _limit(words: Words, row: dict[str, Any]) -> str:
    """What follows the name of a limit: the carrier, and the kind of limit where it is not plain capacity."""
    of = f" ({words.carrier_in_text(row['carrier'])})" if text_of(row["carrier"]) else ""
    is_plain = row["limit"] == "capacity" or row["table"] == "resources"
    return of if is_plain else f"{of}, {words.bottleneck(row['table'], row['limit'], row['carrier'])}"


def costs(results: Results, words: Words) -> Figure:
    """What the year costs and earns, item by item."""
    rows = results["costs"]
    rows = rows[rows["amount"].abs() > 0.5]
    if rows.empty:
        return nothing(words.text("charts.costs.none"))
    rows = rows.reindex(rows["amount"].abs().sort_values(ascending=False).index)
    size, unit = words.money_unit(float(rows["amount"].abs().max()), million=0.0)
    values = rows["amount"].to_numpy() / size
    paid = rows[rows["amount"] > 0].to_dict("records")
    return bars(
        words.text("charts.costs.title", **paid[0]) if paid else words.text("charts.costs.earned"),
        [first_upper(words.text(f"costs.item_{item}")) for item in rows["item"]],
        values.tolist(),
        [figure(v) for v in values],
        ["#7d7a72" if v > 0 else "#cfcbc2" for v in values],
        words.text(f"charts.costs.axis{'_income' if values.min() < 0 else ''}", of=unit),
    )


def under_names(title: str, names: list[str], across: str = "", **axis: Any) -> Figure:
    """A figure with a line for each name, the first at the top, and the name above its line, so that it has the whole width."""
    shown = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}\u2026" for name in names]
    made = Figure(title, 96 + 38 * len(names))
    return made.across(across, **axis).up(names=shown, is_above=True)


def bars(
    title: str,
    names: list[str],
    values: list[float],
    texts: list[str],
    colours: str | list[str],
    axis: str,
    hatches: list[str] | None = None,
) -> Figure:
    """Bars of a ranking, each under its full name."""
    said = [f"{name}: {figure(value)}" for name, value in zip(names, values, strict=True)]
    made = under_names(title, names, axis)
    return made.bars("", values, colours, texts=texts, said=said, hatches=hatches, width=13)

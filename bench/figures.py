"""Numbers of measured runs as words: medians, spreads, sizes, names of cases and settings."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import median
from typing import Any

Result = dict[str, Any]
SETTINGS = "{method}, {threads}, presolve {presolve}"


def seconds(value: float) -> str:
    """Three digits, in ms below a second."""
    if value < 0.9995:
        return f"{digits(value * 1000)} ms"
    return f"{digits(value)} s"


def megabytes(value: float) -> str:
    return f"{digits(value)} MB"


def digits(value: float) -> str:
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def values_of(row: dict[str, Any], key: str) -> list[float]:
    return [float(run[key]) for run in row["runs"] if key in run]


def middle(row: dict[str, Any] | None, key: str) -> float | None:
    values = values_of(row, key) if row else []
    return median(values) if values else None


def spread(row: dict[str, Any], key: str, form: Callable[[float], str]) -> str:
    values = values_of(row, key)
    if not values:
        return ""
    if len(values) == 1:
        return form(values[0])
    return f"{form(median(values))} ({form(min(values))} - {form(max(values))})"


def cuts_of(row: dict[str, Any]) -> list[float]:
    return [float(value) for run in row["runs"] for value in run["cuts"]]


def percentile_95(values: list[float]) -> float:
    """95th percentile of sorted values, by nearest rank."""
    return values[min(len(values) - 1, math.ceil(0.95 * len(values)) - 1)]


def per_cut(row: dict[str, Any]) -> float:
    return median(cuts_of(row))


def setting_of(row: dict[str, Any]) -> str:
    settings = row["settings"]
    if not settings:
        return ""
    threads = f"{settings['threads']} thread" if settings["threads"] else "threads by default"
    return SETTINGS.format(method=settings["method"], threads=threads, presolve=settings["presolve"])


def title_of(result: Result) -> str:
    facts = result["facts"]
    if not facts:
        return ""
    where = "reference case" if result["system"] == "reference" else f"family, {facts['places']:,} places"
    return f"{where}: {facts['nodes']:,} nodes, {facts['steps']} steps, {facts['annual_rows']} year rows, {facts['columns']:,} columns"

"""What a provision obliges to in numbers, and what was observed of it, in its unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim import units
from kelisim.agreement.words import months_of
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.watched import MONITORED, period_of
from kelisim.errors import StudyError, UnitError

LEAST, MOST = "least", "most"
ALL_MONTHS = tuple(range(1, 13))
_MOST = re.compile(r"<=|<|(?<![<>=])= ?0(?![\d.])")
_LEAST = re.compile(r">=|>")
_RATE = re.compile(r"^(?P<amount>.+)/(?P<span>year|y|a|month|day|d)$")


@dataclass(frozen=True)
class Obligation:
    """A provision in numbers.

    sense   least: what is observed must reach the target; most: it must not exceed it
    target  in `unit`; not a number where the provision has none
    span    year, month or day where the unit is an amount in it: then the mean over the year counts; term where the quantity is an amount from
            the first day to the last; empty where each value counts
    is_always    it holds at every time, and not only by its last day: a ceiling, or a value from which it counts as kept
    is_absolute  deviations to both sides count
    months       of the year in which it holds
    """

    provision: str
    sense: str
    target: float
    unit: str
    span: str
    is_always: bool
    is_absolute: bool
    start: pd.Timestamp
    end: pd.Timestamp
    months: tuple[int, ...] = ALL_MONTHS


def obligations(case: Case) -> Iterator[Obligation]:
    """Every provision of the case."""
    for row in case.table("provisions").itertuples(index=False):
        has_threshold = not pd.isna(row.threshold)
        target = float(row.threshold) if has_threshold else float(row.quantity)
        is_own = not has_threshold or row.threshold == row.quantity
        unit = str(row.unit) if is_own and not pd.isna(row.quantity) else ""
        found = _RATE.match(unit)
        sense = _sense(str(row.metric), target, has_threshold)
        span = {"y": "year", "a": "year", "d": "day"}.get(found["span"], found["span"]) if found else ""
        start, end = _day(row.start), _day(row.end)
        if not span and _is_amount(unit) and not pd.isna(start) and not pd.isna(end):
            span = "term"
        yield Obligation(
            str(row.provision),
            sense,
            target,
            unit,
            span,
            sense == MOST or has_threshold,
            str(row.metric).startswith("|"),
            start,
            end,
            months_of(row.season),
        )


def _sense(metric: str, target: float, has_threshold: bool) -> str:
    """Whether a target must be reached or not be exceeded, by the part of the measure that names it."""
    if has_threshold and target == 0:
        return MOST
    parts = [
        part
        for part in metric.split(";")
        if re.search(rf"(?<![\d.]){re.escape(f'{target:g}')}(?![\d.])", part)
    ]
    told = parts[0] if has_threshold and parts else metric
    return MOST if _MOST.search(told) and not _LEAST.search(told) else LEAST


def _is_amount(unit: str) -> bool:
    """Whether a unit is an amount of energy, volume or mass."""
    powers = units.parse(unit)[1] if unit else {}
    return powers in ({"[mass]": 1.0}, {"[length]": 3.0}, {"[mass]": 1.0, "[length]": 2.0, "[time]": -2.0})


def _day(value: Any) -> pd.Timestamp:
    return pd.NaT if pd.isna(value) or value == "" else pd.Timestamp(str(value))


def observed(case: Case, table: str) -> pd.DataFrame:
    """Rows of the table `observations` that are watched, of one table of the case: element, first and last day, value, unit.

    Raises StudyError with all that is wrong.
    """
    rows = case.table("observations")
    rows = rows[(rows["use"] == MONITORED) & (rows["table"] == table)]
    known = set(case.table(table).iloc[:, 0].astype(str))
    wrong, found = [], []
    for row in rows.itertuples(index=False):
        if row.element not in known:
            near = schema.nearest(row.element, known)
            hint = f' Did you mean "{near}"?' if near else ""
            wrong.append(f'observations {row.observation}: no row "{row.element}" in {table}.{hint}')
            continue
        try:
            period = period_of(str(row.period))
        except ValueError:
            wrong.append(
                f'observations {row.observation}: "{row.period}" is no year, month or day such as 2026-03.'
            )
            continue
        first, last = period.start_time, period.end_time.normalize()
        found.append((row.element, first, last, float(row.value), str(row.unit)))
    if wrong:
        raise StudyError("\n".join(wrong))
    frame = pd.DataFrame(found, columns=["element", "first", "last", "value", "unit"])
    return frame.sort_values(["element", "first"], ignore_index=True)


def in_unit(one: Obligation, rows: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Observations of an obligation in its unit; an amount of a period becomes the amount in a year, month or day. Raises StudyError."""
    found = []
    for row in rows.itertuples(index=False):
        if row.unit in ("", one.unit) and one.span != "term":
            found.append(float(row.value))
            continue
        try:
            found.append(_converted(one, row))
        except UnitError as error:
            raise StudyError(f"observations of {one.provision}: {error}.") from error
    values = np.array(found, dtype=float)
    return np.abs(values) if one.is_absolute else values


def _converted(one: Obligation, row: Any) -> float:
    size, powers = units.parse(row.unit)
    whole, whole_powers = units.parse(one.unit)
    days = (row.last - row.first).days + 1
    if powers == whole_powers:
        term = ((one.end - one.start).days + 1) / days if one.span == "term" else 1.0
        return float(row.value) * size / whole * term
    parts = _RATE.match(one.unit)
    if parts is not None:
        amount, amount_powers = units.parse(parts["amount"])
        if powers == amount_powers:
            year = 366.0 if row.first.is_leap_year else 365.0
            span = {"year": year, "month": float(row.first.days_in_month), "day": 1.0}[one.span]
            return float(row.value) * size / amount * span / days
    raise UnitError(f'"{row.unit}" cannot stand for "{one.unit}"')

"""When: a day, a month, a part of the day, and the horizon as a whole, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.report import numbers
from kelisim.results.parts import cell_of, in_parts

MONTH_HOURS = 600.0  # a step of more hours is a month


def moment(case: Case, step: Any, carrier: str = "", language: str = "") -> str:
    """When a step is: its day, or its month where a step is a month, which does not say on which day.

    carrier  of what happens then: the part of the day is named where it is in parts; without a carrier, where the
             moment is not the first part of its step
    """
    if step is None or pd.isna(step):
        return catalog.text("words.never", language)
    cell = cell_of(case, step)
    if cell is None or (not in_parts(case, carrier) if carrier else _is_first(case, cell)):
        return _step(case, step, language)
    return named(case, cell, language)


def named(case: Case, cell: int, language: str = "") -> str:
    """A cell with its part: "12 January 2024, evening", "January 2024, evenings of working days"."""
    words, part = _step(case, case.horizon.steps["step"].iloc[cell], language), part_of(case, cell, language)
    return _text("parts.moment", language, when=words, part=part) if part else words


def _step(case: Case, step: Any, language: str) -> str:
    return numbers.day(step, language, "month_year" if case.horizon.step == "1mo" else "day")


def part_of(case: Case, cell: int, language: str = "") -> str:
    """The part of the day of a cell: "evening", or of typical days "evenings of working days"; empty where it has none."""
    row = case.horizon.steps.iloc[cell]
    if not row["part"]:
        return ""
    if not row["day_type"]:
        return part_name(str(row["part"]), language)
    parts = {
        "part": part_name(str(row["part"]), language, "many"),
        "days": days_name(row["day_type"], language),
    }
    return _text("parts.of_days", language, **parts)


def part_name(part: str, language: str = "", number: str = "one") -> str:
    """A part of the day as a text says it, of one day or of many; names that the catalogue does not know as they are."""
    key = f"parts.{number}_{part}"
    return catalog.text(key, language) if catalog.has(key, language) else numbers.human(part)


def days_name(kind: str, language: str = "") -> str:
    """A type of typical days: "working days"."""
    return catalog.text(f"parts.days_{kind}", language)


def _is_first(case: Case, cell: int) -> bool:
    step_of = case.horizon.step_of
    return cell == 0 or bool(step_of[cell - 1] != step_of[cell])


def _text(key: str, language: str, **places: Any) -> str:
    return catalog.text(key, language).format(**places)


# ---- the horizon
def period(case: Case, language: str = "") -> str:
    """The horizon in words: "2024", or "1 to 31 January 2024"."""
    steps = case.horizon.steps
    first, end = pd.Timestamp(steps["step"].iloc[0]), pd.Timestamp(steps["end"].max())
    # a gas day that begins at six is that of the evening before
    last = end - (pd.Timedelta(hours=12) if end - first > pd.Timedelta(days=1) else pd.Timedelta(seconds=1))
    if (first.month, first.day) == (1, 1) and (last.month, last.day) == (12, 31):
        return _span(str(first.year), str(last.year), language)
    whole = numbers.day(last, language)
    if first.date() == last.date():
        return whole
    same = (first.year, first.month) == (last.year, last.month)
    form = "day_of_month" if same else "day_of_year" if first.year == last.year else "day"
    return _span(numbers.day(first, language, form), whole, language)


def _span(first: str, last: str, language: str) -> str:
    return first if first == last else _text("words.span", language, first=first, last=last)


def step_words(case: Case, language: str = "") -> str:
    """Number and length of the steps: "366 steps of a day", "12 steps of a month, each in 3 parts of the day"."""
    horizon = case.horizon
    whole = np.bincount(horizon.step_of, horizon.hours) if horizon.has_parts else horizon.length
    hours = float(np.median(whole))
    is_month = horizon.step == "1mo" or hours > MONTH_HOURS
    length = "month" if is_month else "hour" if hours == 1 else "day" if hours == 24 else "hours"
    counts = {"count": numbers.count(horizon.whole, language), "hours": numbers.count(hours, language)}
    words = _text(f"words.steps_of_{length}", language, **counts)
    if not horizon.has_parts:
        return words
    key = "parts.steps_of_typical" if horizon.is_typical else "parts.steps"
    return _text(key, language, steps=words, count=numbers.count(len(horizon.parts), language))

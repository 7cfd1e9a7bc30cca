"""Observations that are watched: rows of the table `observations` with their own use, and the periods they are of."""

from __future__ import annotations

import re

import pandas as pd

MONITORED = "monitored"  # use of rows that are watched
WATCHED = ("provisions", "storages", "contracts")  # tables whose rows are watched
_PERIODS = (
    (re.compile(r"\d{4}-\d{2}-\d{2}$"), "D"),
    (re.compile(r"\d{4}-\d{2}$"), "M"),
    (re.compile(r"\d{4}$"), "Y"),
)


def period_of(text: str) -> pd.Period:
    """A year, a month or a day. Raises ValueError."""
    for pattern, frequency in _PERIODS:
        if pattern.fullmatch(text.strip()):
            return pd.Period(text.strip(), freq=frequency)
    raise ValueError(text)

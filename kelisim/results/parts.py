"""The part of the day of each row of a result table, where steps have parts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kelisim.case.case import Case
from kelisim.results.schema import PART


def with_parts(case: Case, tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """Tables by step with the column `part` after the step: its name, in steps of months with the type of day."""
    if not case.horizon.has_parts:
        return tables
    names = dict(zip(case.horizon.steps["step"], part_names(case), strict=True))
    return {name: _with_part(frame, names) for name, frame in tables.items()}


def part_names(case: Case) -> list[str]:
    """Name of the part of each cell: "evening", or of typical days "working, evening"; empty where steps have none."""
    steps = case.horizon.steps
    pairs = zip(steps["day_type"], steps["part"], strict=True)
    return [", ".join(word for word in pair if word) for pair in pairs]


def _with_part(frame: pd.DataFrame, names: Mapping[pd.Timestamp, str]) -> pd.DataFrame:
    if "step" not in frame or PART in frame or not pd.api.types.is_datetime64_any_dtype(frame["step"]):
        return frame
    found = frame["step"].map(names).fillna("").astype(object)
    at = frame.columns.get_loc("step") + 1
    return pd.concat([frame.iloc[:, :at], found.rename(PART), frame.iloc[:, at:]], axis=1)

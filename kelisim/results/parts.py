"""The part of the day: which carriers have it, the cell of a moment, and its name in each row of a result table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.schema import PART


def in_parts(case: Case, carrier: str) -> bool:
    """Whether a carrier has a balance in each part of the day; False where days have none."""
    horizon = case.horizon
    if not horizon.has_parts:
        return False
    rows = case.table("carriers")
    return horizon.all_parts or bool(((rows["carrier"] == carrier) & (rows["resolution"] != "step")).any())


def cell_of(case: Case, moment: Any) -> int | None:
    """Position of the cell of a step with parts that begins at a moment; None where none does."""
    if not case.horizon.has_parts or moment is None or pd.isna(moment):
        return None
    at = int(pd.DatetimeIndex(case.horizon.steps["step"]).get_indexer([pd.Timestamp(moment)])[0])
    return at if at >= 0 else None


def over_steps(case: Case, values: npt.NDArray[np.float64], first: int = 0) -> npt.NDArray[np.float64]:
    """Sums of values of cells over the steps that they belong to, (steps).

    values  of consecutive cells of the horizon, the first of them at `first`, (cells)
    """
    of = case.horizon.step_of[first : first + len(values)]
    return np.asarray(np.bincount(of - of[0], values), dtype=float) if len(of) else np.zeros(0)


def with_parts(case: Case, tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """Tables by step with the column `part` after the step: its name, in steps of months with the type of day."""
    if not case.horizon.has_parts:
        return tables
    names = dict(zip(case.horizon.steps["step"], part_names(case), strict=True))
    return {name: _with_part(frame, names) for name, frame in tables.items()}


def part_names(case: Case) -> list[str]:
    """Name of the part of each cell: "evening", or of typical days "working evening"; empty where steps have none."""
    steps = case.horizon.steps
    pairs = zip(steps["day_type"], steps["part"], strict=True)
    return [" ".join(word for word in pair if word) for pair in pairs]


def _with_part(frame: pd.DataFrame, names: Mapping[pd.Timestamp, str]) -> pd.DataFrame:
    if "step" not in frame or PART in frame or not pd.api.types.is_datetime64_any_dtype(frame["step"]):
        return frame
    found = frame["step"].map(names).fillna("").astype(object)
    at = frame.columns.get_loc("step") + 1
    return pd.concat([frame.iloc[:, :at], found.rename(PART), frame.iloc[:, at:]], axis=1)

"""Which carriers have one balance a step where steps have parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from kelisim.case.case import Case


def in_steps(case: Case, carriers: pd.Series) -> npt.NDArray[np.bool_]:
    """Which of these carriers have one balance a step where steps have parts, (carriers,)."""
    if not case.horizon.has_parts or case.horizon.all_parts:
        return np.zeros(len(carriers), dtype=bool)
    rows = case.table("carriers")
    resolution = dict(zip(rows["carrier"], rows["resolution"], strict=True))
    return np.array([resolution.get(carrier) == "step" for carrier in carriers], dtype=bool)

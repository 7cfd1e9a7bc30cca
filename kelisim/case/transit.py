"""How long quantities are on their way: days on rails, ships and lorries, and no time in a full pipe."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case

PIPELINE = "pipeline"


def is_pipe(case: Case, links: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which links are pipelines, by the family of their kind, (links,)."""
    family = dict(case.table("link_kinds")[["kind", "family"]].itertuples(index=False))
    return np.array([family.get(kind, kind) == PIPELINE for kind in links["kind"]], dtype=bool)


def transit_days(case: Case, links: pd.DataFrame) -> pd.Series:
    """Days that a quantity is on its way, (links,).

    A full pipe moves at both ends at once: what is put in at one end pushes out as much at the other, so that `days`
    of a pipeline dates a batch or a fault of quality, and the refill after a break, but delays no quantity.
    """
    return links["days"].where(~is_pipe(case, links), 0.0).astype(float)

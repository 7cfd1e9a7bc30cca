"""The axis of time of a chart: where each part of a day lies on it, and what it is called when pointed at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.report import moments
from kelisim.report.words import Words
from kelisim.tolerances import ROUNDING


def along(words: Words, values: pd.DataFrame) -> pd.DataFrame:
    """What is drawn of curves over time: each cell, or each step where its parts are alike.

    values   curves by start of the cell, in the order of time
    returns  those that are drawn: begins and ends on the axis; `when`, the moment in words, where steps have parts
    """
    case = words.case
    found = laid_out(case).loc[pd.DatetimeIndex(values.index)]
    if not case.horizon.has_parts:
        return found[["begins", "ends"]]
    groups = values.groupby(found["of"].to_numpy(), sort=False)
    most = float(values.abs().max().max()) if values.size else 0.0
    if ((groups.max() - groups.min()) > ROUNDING * max(most, 1.0)).to_numpy().any():
        when = [moments.named(case, cell, words.language) for cell in found["cell"]]
        return found[["begins", "ends"]].assign(when=when)
    ends = found.groupby("of", sort=False)["ends"].last()
    found = found[~found["of"].duplicated()]
    when = [
        words.moment(case.horizon.steps["step"].iloc[case.horizon.step_of.searchsorted(of)])
        for of in found["of"]
    ]
    return found[["begins"]].assign(ends=found["of"].map(ends), when=when)


def laid_out(case: Case) -> pd.DataFrame:
    """Where each cell lies: begins, ends, of (its step), cell; index its start in the tables.

    A cell lies where it is; the parts of typical days share out their month by the hours that they count for.
    """
    steps = case.horizon.steps
    begins, ends = (pd.Series(pd.DatetimeIndex(steps[name])) for name in ("step", "end"))
    if case.horizon.is_typical:
        until = pd.to_timedelta(steps.groupby("of")["hours"].cumsum(), unit="h")
        first = begins.groupby(steps["of"]).transform("first")
        ends = first + until
        begins = ends - pd.to_timedelta(steps["hours"], unit="h")
    return pd.DataFrame(
        {
            "begins": begins.to_numpy(),
            "ends": ends.to_numpy(),
            "of": steps["of"].to_numpy(),
            "cell": np.arange(len(steps)),
        },
        index=pd.DatetimeIndex(steps["step"]),
    )

"""The emergency plan in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kelisim.io import read
from kelisim.studies.emergency.words import after_measures

CASE = Path(__file__).parents[1] / "cases/two_sides"


def test_a_plan_where_nobody_is_short_says_what_it_is_for() -> None:
    """ "With 1 measure nobody was short before either" reads as if the measure had done it."""
    case = read(str(CASE))
    plan = pd.DataFrame({"order": [1], "name": ["Buy more"], "bites": [pd.Timestamp("2024-01-03")]})
    served = {"unserved_energy": 0.0, "unserved_protected": 0.0}
    _, told = after_measures(case, plan, served | {"extra_cost": 5e6}, served | {"extra_cost": 3e6}, {})
    assert (
        told
        == f"Nobody goes short without measures either; one makes the answer cheaper, by 2.00 million {case.currency}."
    )


def test_where_nobody_is_short_no_measure_is_missed() -> None:
    """ "None of the measures helps" where nothing is to be helped reads as a failure of the plan."""
    case = read(str(CASE))
    none = {"unserved_energy": 0.0, "unserved_protected": 0.0, "extra_cost": 5e6}
    _, told = after_measures(case, pd.DataFrame(), none, none, {})
    assert (
        told
        == f"Nobody is short, so none of the {len(case.table('measures'))} measures of the case is needed."
    )
    _, told = after_measures(case, pd.DataFrame(), none | {"unserved_energy": 500.0}, none, {})
    assert told.startswith("None of the")

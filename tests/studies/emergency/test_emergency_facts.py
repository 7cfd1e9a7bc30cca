"""The emergency plan in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kelisim.case.case import Case
from kelisim.io import read
from kelisim.report.words import Words
from kelisim.studies.emergency.plan import measure_facts


def told(case: Case, plan: pd.DataFrame, before: dict[str, float], after: dict[str, float]) -> str:
    return Words(case).say(measure_facts(case, plan, before, after, 0)[0])


CASE = Path(__file__).parents[2] / "cases/two_sides"


def test_a_plan_where_nobody_is_short_says_what_it_is_for() -> None:
    """ "With 1 measure nobody was short before either" reads as if the measure had done it."""
    case = read(str(CASE))
    plan = pd.DataFrame({"order": [1], "measure": ["buy"], "bites": [pd.Timestamp("2024-01-03")]})
    served = {"unserved_energy": 0.0, "unserved_protected": 0.0}
    assert (
        told(case, plan, served | {"extra_cost": 5e6}, served | {"extra_cost": 3e6})
        == f"Nobody goes short without measures either; one makes the answer cheaper, by 2.00 million {case.currency}."
    )


def test_where_nobody_is_short_no_measure_is_missed() -> None:
    """ "None of the measures helps" where nothing is to be helped reads as a failure of the plan."""
    case = read(str(CASE))
    none = {"unserved_energy": 0.0, "unserved_protected": 0.0, "extra_cost": 5e6}
    assert (
        told(case, pd.DataFrame(), none, none)
        == f"Nobody is short, so none of the {len(case.table('measures'))} measures of the case is needed."
    )
    assert told(case, pd.DataFrame(), none | {"unserved_energy": 500.0}, none).startswith("None of the")

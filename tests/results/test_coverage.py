"""Days of coverage by hand, and that every study tells the same: the town of tests/engine/test_norms.py.

Use 10 MW, 240 MWh a day; stock 864 MWh, of which 480 are the norm: 3.6 days, 2 of them norm and 1.6 free.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.border_regions import BorderRegions
from kelisim.results.facts import facts_of
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.disruption.page import page
from kelisim.studies.disruption.study import Disruption
from kelisim.studies.emergency.study import Emergency
from tests.engine.test_norms import HOMES_AND_INDUSTRY, town

START = date(2024, 1, 3)
EXPECTED = {
    "use_day": 240.0,
    "stock": 864.0,
    "norm": 480.0,
    "cover_days": 3.6,
    "norm_days": 2.0,
    "free_days": 1.6,
}


def ask(study: type[Disruption] | type[Emergency]) -> Results:
    engine = Engine(town(HOMES_AND_INDUSTRY), cache=False)
    return study(lost=("pipe",), start=START, days=10, place_rule="cooperative").run(engine)


@pytest.mark.parametrize("study", [Disruption, Emergency])
def test_coverage_by_hand(study: type[Disruption] | type[Emergency]) -> None:
    """Stock over use, as norm and free, whichever study is asked."""
    (row,) = ask(study)["coverage"].to_dict("records")
    assert {key: row[key] for key in EXPECTED} == pytest.approx(EXPECTED)
    assert (row["region"], row["carrier"]) == ("a", "natural_gas")


def test_a_border_tells_the_same() -> None:
    """Two numbers for one stock on two pages, and nobody believes either."""
    case = town(HOMES_AND_INDUSTRY)
    weights = case.horizon.share_within(START, date(2024, 1, 12)) * case.horizon.hours
    border = BorderRegions(
        Tables(case, Engine(case, cache=False).base), Regions(case), weights, ("KZ", "RU"), ("KZ", "RU")
    )
    frame: pd.DataFrame = border.table()
    (row,) = frame[(frame["region"] == "a") & (frame["carrier"] == "natural_gas")].to_dict("records")
    told = [row[f"stock_{name}"] for name in ("days", "norm_days", "free_days")]
    assert told == pytest.approx([3.6, 2.0, 1.6])


def test_an_opened_norm_is_told() -> None:
    """Who reads that homes were served must read on what they lived."""
    results = ask(Disruption)
    fact = facts_of(results["facts"])["norms"]
    assert fact.value == pytest.approx(480.0, rel=1e-3)
    said = " ".join(page(results, Words(results.case, "en")).sentences)
    assert (
        "The norm of cavern is open from 3 January 2024 on, for protected customers; 480 MWh of it are drawn on."
        in said
    )


def test_the_level_is_told_with_norms_kept() -> None:
    """A crisis is not over because a reserve is eaten up."""
    frame = ask(Disruption)["performance"]
    gas = frame[(frame["carrier"] == "natural_gas") & (frame["country"] == "KZ")]
    assert set(gas["level"].iloc[:10]) == {"emergency"}
    kept = ask(Disruption)["demand.unserved"]
    homes = kept[kept["customer_class"] == "household"]
    assert homes["unserved"].sum() * 24 == pytest.approx(96.0, rel=1e-2)
    assert homes["unserved_kept"].sum() * 24 == pytest.approx(576.0, rel=1e-2)

"""Lights by their rules, early warning, and observations from a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kelisim.agreement.words import months_of
from kelisim.case.watched import period_of
from kelisim.cli.observed import with_observed
from kelisim.engine import Engine
from kelisim.errors import KelisimError, UserError
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.monitoring.lights import RULES, seen
from kelisim.studies.monitoring.obligations import LEAST, MOST, Obligation, in_unit, obligations
from tests.cases.road_town import road_town
from tests.cases.watched_town import watched_town

ASKED = date(2025, 10, 5)
DAY = pd.Timestamp(ASKED)


@cache
def ask(day: date = ASKED) -> Results:
    return run("monitoring", Engine(watched_town(), cache=False), at=day)


def rules(results: Results) -> dict[str, str]:
    frame = results["lights"]
    return dict(zip(frame["provision"], frame["rule"], strict=True))


def test_each_provision_has_the_light_of_its_rule() -> None:
    """The case says what is owed and seen of each; a rule that is set by mistake shows in the wrong colour."""
    assert rules(ask()) == {
        "supply": "kept", "shaky": "missed_before", "growth": "will_miss", "ceiling": "exceeded_before", "band": "exceeded",
        "duty": "no_number", "rights": "no_data", "old": "ended_kept", "later": "not_begun", "term": "may_miss", "yearly": "may_miss",
    }  # fmt: skip
    frame = ask()["lights"]
    assert (frame["light"] == frame["rule"].map(RULES)).all()
    assert frame["light"].tolist() == sorted(frame["light"], key=["red", "amber", "green", "none"].index)


def test_amounts_are_told_as_the_provision_tells_them() -> None:
    """A month's million cubic metres against those of a year, and GWh of seven months against those of a term, by hand."""
    row = ask()["lights"].set_index("provision").loc["term"]
    seen_of = watched_town().table("observations")
    own = seen_of[seen_of["element"] == "term"]["value"]
    assert row["so_far"] == pytest.approx(
        own.sum() * 306 / 214
    )  # March to December has 306 days, March to September 214
    series = ask()["series"]
    january = series[series["provision"] == "yearly"]["value"].iloc[0]
    chosen = (seen_of["element"] == "yearly") & (seen_of["period"] == "2023-01")
    first = float(seen_of[chosen]["value"].iloc[0])
    assert january == pytest.approx(first * 365 / 31)


def test_nothing_is_known_before_it_was_seen() -> None:
    """An answer of last spring that knows this autumn is of no use to who checks it."""
    early = rules(ask(date(2025, 2, 1)))
    assert early["ceiling"] == "kept" and early["shaky"] == "kept"  # what broke them came in March
    assert early["band"] == "no_data" and early["term"] == "not_begun"


def test_old_data_are_not_green() -> None:
    """What was kept a year ago is not kept today."""
    late = ask(date(2026, 6, 1))
    assert rules(late)["supply"] == "stale"
    assert not set(late["lights"]["provision"][late["lights"]["light"] == "green"]) - {"old"}
    assert set(late["warnings"]["light"]) == {"none"}


def test_a_case_without_observations_has_no_lights() -> None:
    """A case before its first observation is asked as well, and nothing in it is green."""
    bare = watched_town().with_table("observations", watched_town().table("observations").iloc[:0])
    lights = run("monitoring", Engine(bare, cache=False), at=ASKED)["lights"]
    assert len(lights) and set(lights["light"]) == {"none"}


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_green_without_data(seed: int) -> None:
    """Any obligation, any day, few or no observations: a green light has observations up to two months before."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(rng.integers(0, 700)))
    end = pd.NaT if seed % 3 == 0 else start + pd.Timedelta(days=int(rng.integers(100, 2000)))
    sense, span = (LEAST, MOST)[seed % 2], ("", "year", "month")[seed % 3]
    one = Obligation("p", sense, float(rng.uniform(1, 10)), "MW", span, bool(seed % 4), False, start, end)
    months = pd.period_range("2023-01", periods=int(rng.integers(0, 40)), freq="M")
    rows = pd.DataFrame(
        {
            "element": "p", "first": months.start_time, "last": months.end_time.normalize(),
            "value": rng.uniform(0, 12, len(months)), "unit": "MW",
        }
    )  # fmt: skip
    for day in pd.date_range("2023-01-01", "2027-01-01", freq="91D"):
        found = seen(one, rows, day)
        known = rows[(rows["last"] <= day) & (rows["first"] >= start)]
        if found.light == "green" and found.rule == "kept":
            assert len(known) and (day - known["last"].max()).days <= 62
        if found.light == "green":
            assert found.count > 0
        if known.empty:
            assert found.light == "none"


@pytest.mark.parametrize(
    ("metric", "threshold", "sense"),
    [
        ("hours of interruption per route = 0; delivered/nominated >= 0.98", 0.98, LEAST),
        ("|hourly mean deviation| <= 150 MW", 150, MOST),
        ("duty = 0", 0, MOST),
        ("tariff ratio <= 1", 1, MOST),
        ("declared/total = 1", 1, LEAST),
        ("gas delivered per border region / demand >= 1", 1, LEAST),
        ("annual transit", None, LEAST),
        ("annual transit <= ceiling", None, MOST),
    ],
)
def test_the_measure_says_which_side_is_right(metric: str, threshold: float | None, sense: str) -> None:
    """A share of deliveries that is taken for a ceiling is red because it is good."""
    row = f"provision, agreement, topic, quantity, unit, metric, threshold\n p, deal, supply, 10, MW, {metric}, {'' if threshold is None else threshold}"
    case = road_town(provisions=row, tasks="task, name, duration_days", actions="action, body, what, owner")
    assert next(obligations(case)).sense == sense


def test_only_the_months_of_a_season_count() -> None:
    """Gas that is owed in winter is not missed in July, and data of March are not old in August."""
    months = pd.period_range("2022-10", "2025-09", freq="M")
    winter = tuple(months_of("winter"))
    value = [12.0 + 0.1 * (month.year % 2) if month.month in winter else 0.0 for month in months]
    rows = pd.DataFrame(
        {
            "element": "p",
            "first": months.start_time,
            "last": months.end_time.normalize(),
            "value": value,
            "unit": "MW",
        }
    )
    start, end = pd.Timestamp("2022-10-01"), pd.Timestamp("2030-12-31")
    one = Obligation("p", LEAST, 10.0, "MW", "", True, False, start, end, winter)
    assert seen(one, rows, pd.Timestamp("2025-08-15")).rule == "kept"
    assert seen(replace(one, months=tuple(range(1, 13))), rows, pd.Timestamp("2025-08-15")).rule == "missed"


def test_early_warnings_by_hand() -> None:
    """40 % and 0.3 points a day is 58 % after 61 days; 48.6 % of 4,800 MWh is 12.2 days at 8 MW; 0.1 GWh a day is 36.6 GWh in the year of the case."""
    frame = ask()["warnings"].set_index(["element", "trigger"])
    level = frame.loc[("cavern", "trajectory")]
    assert (
        level["light"] == "red"
        and level["value"] == pytest.approx(0.583, abs=0.002)
        and level["limit"] == 0.9
    )
    assert str(level["by"].date()) == "2025-11-01"
    norm = frame.loc[("cavern", "norm")]
    assert norm["light"] == "green" and norm["value"] == pytest.approx(
        (0.4 + 0.003 * 29 - 0.001) * 4800 / (8 * 24)
    )
    least = frame.loc[("gas", "nominations")]
    assert (
        least["light"] == "red"
        and least["value"] == pytest.approx(36.6, abs=0.1)
        and least["limit"] == pytest.approx(70.08)
    )


def test_periods_are_years_months_or_days() -> None:
    """A quarter that is read as a month would be three times too much."""
    assert [period_of(text).freqstr[0] for text in ("2025", "2025-03", "2025-03-14")] == ["Y", "M", "D"]
    for text in ("2025-Q1", "March", "2025-3", ""):
        with pytest.raises(ValueError):
            period_of(text)


def test_units_that_do_not_fit_are_told() -> None:
    """Tonnes against megawatts give a number and no meaning."""
    one = next(one for one in obligations(watched_town()) if one.provision == "growth")
    rows = pd.DataFrame(
        [("growth", DAY, DAY, 1.0, "kt")], columns=["element", "first", "last", "value", "unit"]
    )
    with pytest.raises(KelisimError, match='observations of growth: "kt" cannot stand for "MW"'):
        in_unit(one, rows)


# ---- from a file
def observed(path: Path, text: str) -> pd.DataFrame:
    path.write_text(text, encoding="utf-8")
    case = watched_town()
    return (
        with_observed(case, {"observations": str(path)})
        .table("observations")
        .iloc[len(case.table("observations")) :]
    )


def test_a_file_adds_rows_to_the_case(tmp_path: Path) -> None:
    """What is typed in a file is seen like what stands in the case."""
    path = tmp_path / "seen.csv"
    rows = observed(path, "element,period,value\nrights,2025-08,3.2\ncavern,2025-10-01,0.5\n")
    assert rows["table"].tolist() == ["provisions", "storages"] and rows["unit"].tolist() == ["MW", "1"]
    assert rows["source"].tolist() == [str(path)] * 2
    case = with_observed(watched_town(), {"observations": str(path)})
    results = run("monitoring", Engine(case, cache=False), at=ASKED, observations=str(path))
    assert rules(results)["rights"] == "short"


def test_all_that_is_wrong_in_a_file_is_told(tmp_path: Path) -> None:
    """One error a run makes as many runs as errors."""
    path = tmp_path / "seen.csv"
    with pytest.raises(UserError) as error:
        observed(path, "element,period,value,unit\nright,2025-13,x,MW\nrights,2025-08,3,bananas\n")
    assert str(error.value).splitlines()[:3] == [
        f'{path} row 2, element: "right" is no provision, storage or contract of the case. Did you mean "rights"?',
        f'{path} row 2, period: "2025-13" is no year, month or day such as 2026-03.',
        f'{path} row 2, value: "x" is not a number.',
    ]
    assert str(error.value).splitlines()[3].startswith(f"{path} row 3, unit: ")
    with pytest.raises(UserError) as error:
        observed(path, "elements,period,values\n")
    assert str(error.value).splitlines() == [
        f'{path}: no column "element". Did you mean "elements"?',
        f'{path}: no column "value". Did you mean "values"?',
        f'{path}: column "elements" is not expected. Did you mean "element"?',
        f'{path}: column "values" is not expected. Did you mean "value"?',
    ]


def test_a_file_that_nobody_read_is_told() -> None:
    """A name that is stored and not read would look like a judgement on it."""
    with pytest.raises(KelisimError, match=r'observations: "seen\.csv" was not read'):
        run("monitoring", Engine(watched_town(), cache=False), at=ASKED, observations="seen.csv")

"""Roadmaps by hand: a pipeline that rests in winter, what its promoter moved, the files for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import icalendar
import jsonschema
import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.errors import CaseError, KelisimError, StudyError
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import document, write_papers
from kelisim.studies.roadmap.export import calendar, oc4ids
from tests.cases.make import make
from tests.cases.road_town import PARTS, road_town

SCHEMA = json.loads(Path(__file__).with_name("oc4ids_part.json").read_text(encoding="utf-8"))
FIRST = date(2026, 1, 1)


@cache
def ask(**fields: object) -> Results:
    return run("roadmap", Engine(road_town(), cache=False), at=FIRST, **({"samples": 400} | fields))


def days(results: Results, column: str) -> dict[str, str]:
    frame = results["tasks"]
    return {task: f"{day:%Y-%m-%d}" for task, day in zip(frame["task"], frame[column], strict=True)}


def test_days_by_hand() -> None:
    """Permits from 1 November 2025 take 300 days. Laying begins 180 days after they began, works 215 days to 1 December, rests for 90 and works 285 days more,
    to 10 December 2027; it does not end before, so it rests again from 1 December: 275 days to then, 10 days from 1 March 2028."""
    found = days(ask(), "finish")
    assert found["permits"] == "2026-08-28" and found["method"] == "2026-03-02"
    assert days(ask(), "start")["laying"] == "2026-04-30"
    assert found["laying"] == "2028-03-11" and found["tests"] == "2028-05-10"
    assert found["survey"] == "2025-10-01"


def test_path_is_what_moves_the_end() -> None:
    """Permits have begun: their end is waited for by the tests only, and has a year and a half of float."""
    results = ask()
    path = results["path"]
    assert path[path["project"] == "pipe"]["task"].tolist() == ["laying", "tests"]
    tasks = results["tasks"].set_index("task")
    assert tasks.loc["permits", "total_float"] == pytest.approx(561, abs=1)
    assert tasks.loc["laying", "criticality"] > 0.95


def test_rescheduled_is_not_delayed() -> None:
    """182 days are the promoter's choice; the likely end lies 51 days before the day he chose, so nothing is delayed."""
    row = ask()["projects"].set_index("project").loc["pipe"]
    assert row["moved_days"] == 182
    assert row["behind_days"] == pytest.approx(-51, abs=0.5)
    assert str(row["announced"].date()) == "2027-12-31"


def test_chances_rise_with_the_day() -> None:
    """A chance of half that lies behind that of four fifths is no chance."""
    frame = ask()["projects"]
    for low, high in (
        ("p10", "p50"),
        ("p50", "p80"),
        ("p80", "p90"),
        ("p50", "p50_slips"),
        ("p80", "p80_slips"),
    ):
        assert (frame[low] <= frame[high]).all()
    assert ((frame["p50_low"] <= frame["p50"]) & (frame["p50"] <= frame["p50_high"])).all()


def test_more_common_cause_spreads_a_chain() -> None:
    """Tasks that are late together end later in the bad tenth than tasks that are late one by one."""
    wide, narrow = (
        ask(correlation=one, samples=2000)["projects"].set_index("project").loc["pipe"] for one in (0.9, 0.0)
    )
    assert wide["p90"] - wide["p10"] > narrow["p90"] - narrow["p10"]


def test_only_one_project() -> None:
    """Who asks for one project is told what it waits for and no other."""
    results = ask(projects=("line",))
    assert results["tasks"]["task"].tolist() == ["meters", "proof"]
    fact = facts_of(results["facts"])["by_announced"]
    assert fact.value == 0.0 and fact.places["project"] == "line"


def test_a_plan_of_tasks_only() -> None:
    """Who has nothing but a list of tasks asks the same question; his tasks are one plan."""
    rows = "task, name, starts_after, duration_days\n a, First, , 30\n b, Second, a, 60\n c, Third, a, 10"
    results = run("roadmap", Engine(make(tasks=rows), cache=False), at=FIRST, samples=400)
    row = results["projects"].iloc[0]
    assert len(results["projects"]) == 1 and str(row["finish"].date()) == "2026-04-01"
    assert results["path"]["task"].tolist() == ["a", "b"]
    assert "no day was announced" in document(results)


def test_what_was_planned_is_kept() -> None:
    """The curve of what was planned does not move with the forecast."""
    only = ask(projects=("pipe",))
    later = run(
        "roadmap", Engine(road_town(), cache=False), at=date(2027, 1, 1), projects=("pipe",), samples=400
    )
    one, two = (
        frame.set_index("month")["planned"].dropna() for frame in (only["progress"], later["progress"])
    )
    both = one.index.intersection(two.index)
    assert len(both) > 8 and one[both].equals(two[both])
    assert one[pd.Timestamp("2026-01-01")] == pytest.approx((200 + 300 * 153 / 304) / 1060, abs=1e-6)


def test_calendar_opens() -> None:
    """A file that no calendar opens puts no day before anybody."""
    results = ask()
    opened = icalendar.Calendar.from_ical(calendar(results, Words(results.case)))
    events = {str(event["uid"]): event for event in opened.walk("VEVENT")}
    assert len(events) == 5 + 3
    laying = events["laying@kelisim"]
    assert laying.decoded("dtstart") == date(2028, 3, 11) and laying.decoded("dtend") == date(2028, 3, 12)
    assert str(laying["summary"]) == "Second pipeline: laying"
    assert events["announced-pipe@kelisim"].decoded("dtstart") == date(2027, 12, 31)


def test_oc4ids_validates() -> None:
    """A register that cannot read the file will not show the project."""
    results = ask()
    package = json.loads(oc4ids(results, Words(results.case)))
    checker = jsonschema.Draft4Validator(SCHEMA)
    assert [error.message for error in checker.iter_errors(package)] == []
    assert {one["id"] for one in package["projects"]} >= {"oc4ids-000000-pipe", "oc4ids-000000-line"}
    pipe = next(one for one in package["projects"] if one["id"] == "oc4ids-000000-pipe")
    assert pipe["status"] == "preparation" and pipe["budget"]["amount"] == {
        "amount": 120e6,
        "currency": "USD",
    }
    states = {one["id"]: one["status"] for one in pipe["milestones"]}
    assert states == {"survey": "met", "permits": "scheduled", "laying": "scheduled", "tests": "scheduled"}
    package["projects"][0]["status"] = "planned"
    assert list(checker.iter_errors(package))  # a word of no list is seen


def _leaves(data: Any) -> Iterator[Any]:
    """Everything that stands in a file of JSON, objects and lists included."""
    yield data
    for one in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _leaves(one)


def test_oc4ids_keeps_the_rules_that_no_schema_says() -> None:
    """What reviewers of such files refuse: empty fields, an amount without a currency, identifiers twice, a prefix of no form."""
    results = ask(prefix="oc4ids-bu3kcz")
    package = json.loads(oc4ids(results, Words(results.case)))
    for leaf in _leaves(package):
        assert leaf not in ("", [], {}) and not (isinstance(leaf, str) and not leaf.strip())
        if isinstance(leaf, dict):
            assert "currency" in leaf or not isinstance(leaf.get("amount"), float)
        if isinstance(leaf, list) and leaf and isinstance(leaf[0], dict):
            assert len({one["id"] for one in leaf}) == len(leaf)
    assert all(one["id"].startswith("oc4ids-bu3kcz-") for one in package["projects"])
    for project in package["projects"]:
        assert project["period"]["startDate"] <= project["period"]["endDate"]
    with pytest.raises(StudyError) as error:
        ask(prefix="bu3kcz")
    assert str(error.value) == 'prefix: "bu3kcz" is not oc4ids- and six small letters or digits.'


def test_files_are_written(tmp_path: Path) -> None:
    """Who asks for the papers gets the document, the calendar and the register's file."""
    names = {path.name for path in write_papers(ask(), tmp_path)}
    assert names == {"roadmap.md", "roadmap.html", "roadmap.ics", "oc4ids.json"}
    assert (tmp_path / "roadmap.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")


def test_wrong_fields_are_told_together() -> None:
    """One error a run makes three runs."""
    with pytest.raises(KelisimError) as error:
        ask(correlation=1.5, samples=10, slip=-1.0)
    assert str(error.value) == (
        "correlation: 1.5 is not between 0 and 1.\n"
        "samples: 10 are too few for a day with a chance of 90 %; ask for 100 or more.\n"
        "slip: -1 months are less than none."
    )
    with pytest.raises(KelisimError, match=r'^projects: no task belongs to "pipes"\. Did you mean "pipe"\?$'):
        ask(projects=("pipes",))


def test_wrong_tasks_are_told() -> None:
    """A circle through a start, a thirteenth month or an end before its start would be found in the dates, if at all."""
    rows = PARTS["tasks"]
    for old, new in (
        ("12;1;2", "12;13"),
        ("survey,       ,            30", "survey,       laying,      30"),
        ("2027-10-01,    2027-12-31", "2028-10-01,    2027-12-31"),
    ):
        rows = rows.replace(old, new, 1)
    with pytest.raises(CaseError) as error:
        road_town(tasks=rows)
    told = str(error.value)
    assert 'months_off: "13" is no month. Months are numbers from 1 to 12, separated by ;.' in told
    assert "waits for itself: " in told and "2027-12-31 lies before planned_start 2028-10-01" in told

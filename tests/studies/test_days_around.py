"""A cut that does not fill its months is asked in days around it: the same customers as in a year of days."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.engine.around import days_around
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.results.store import load_run, save
from kelisim.studies import run
from kelisim.studies.pages import document, report_html
from tests.cases.make import AB, make
from tests.reading import texts

START, DAYS = date(2024, 1, 12), 8


def town(**tables: str) -> Case:
    """Gas comes to a by one pipe; a store holds three days of what it brings. Homes use 10 MW, industry 4."""
    return make(
        **tables,
        days=121, places=AB,
        assets="asset, kind, place, capacity, cost\nwell, field, b, 20, 5", asset_ports="asset, carrier, ratio\nwell, natural_gas, 1",
        links="link, carrier, kind, from_place, to_place, capacity, tariff, length_km\npipe, natural_gas, pipeline, b, a, 14, 1, 10",
        demand="place, carrier, customer_class, amount, unit\na, natural_gas, household, 10, MW year\na, natural_gas, industry, 4, MW year",
        storages="storage, place, carrier, working_capacity, unit, level_start, level_end\ntank, a, natural_gas, 1008, MWh, 1, 1",
    )  # fmt: skip


@cache
def asked(study: str, step: str) -> Results:
    engine = Engine(town().at_step(step), cache=False)
    return run(study, engine, lost=("pipe",), start=START, days=DAYS)


def test_by_months_as_by_days() -> None:
    """Eight days of a month count as a quarter of each of its days otherwise, and nobody but industry would be cut.

    112 MW days are used, 42 are in store: 8 x 4 of industry and 38 of homes, at the end of the cut, are missing.
    """
    months, days = (asked("disruption", step) for step in ("1mo", "1d"))
    keys = ["place", "carrier", "customer_class"]
    a, b = (one["demand.total"].set_index(keys)["unserved"].sort_index() for one in (months, days))
    assert a.to_dict() == pytest.approx(b.to_dict(), rel=1e-7)
    assert a["a", "natural_gas", "household"] == pytest.approx(38 * 24, rel=1e-6)
    first, second = (texts(one) for one in (months, days))
    assert first["days_around"].startswith("Answered in days around the cut, 8 days from 12 January 2024;")
    assert [first[key] for key in ("answer", "who")] == [second[key] for key in ("answer", "who")]
    assert "by_months" not in first and "months" not in first
    short = [one["demand.unserved"][["step", "customer_class"]].values.tolist() for one in (months, days)]
    assert short[0] == short[1]


@pytest.mark.parametrize("study", ["emergency", "exercise"])
def test_a_plan_and_a_game_by_months_are_no_drafts(study: str) -> None:
    """A plan by the clock is made of days, whatever the steps of the case."""
    found = asked(study, "1mo")
    assert "by_months" not in texts(found) and next(iter(texts(found))) == "days_around"
    assert document(found) and report_html(found, charts="charts.js")


def test_such_an_answer_is_kept_as_one_of_days(tmp_path: Path) -> None:
    """A run that is read again must know what its steps are."""
    found = asked("disruption", "1mo")
    assert found.case.horizon.step == "1d"
    again = load_run(save(found, tmp_path))
    assert texts(again) == texts(found)


def test_what_fills_its_months_is_asked_as_it_is() -> None:
    """A month is a step; and a year that is cut is no window of days."""
    engine = Engine(town().at_step("1mo"), cache=False)
    assert days_around(engine, date(2024, 2, 1), 29) is engine
    assert days_around(engine, date(2024, 1, 12), 63) is engine
    found = days_around(engine, START, DAYS)
    assert found is days_around(engine, START, DAYS) is not engine
    inside = found.case.horizon.share_within(START, date(2024, 1, 19))
    assert set(inside) == {0.0, 1.0} and (inside > 0).sum() == DAYS
    daily = Engine(town(), cache=False)
    assert days_around(daily, START, DAYS) is daily


@pytest.mark.parametrize("days", [31, 60])
def test_a_plan_of_whole_months_is_made_of_days(days: int) -> None:
    """A month that is cut whole is one step, and its plan by the clock would have no clock."""
    engine = Engine(town().at_step("1mo"), cache=False)
    found = run("emergency", engine, lost=("pipe",), start=date(2024, 1, 1), days=days)
    assert next(iter(texts(found))) == "days_around" and (date(2024, 1, 1), days) in engine.around
    short = found["demand.unserved"]
    assert short["step"].min() == pd.Timestamp(2024, 1, 1) and len(short["step"].unique()) == days


def test_repairs_are_asked_in_days() -> None:
    """By months two repairs of eight and four days would be a part of a month; in days each is back when it is repaired."""
    fields = {"lost": ("pipe", "well"), "days": ("8", "4"), "start": START}
    months, days = (
        run("restoration", Engine(town().at_step(step), cache=False), **fields) for step in ("1mo", "1d")
    )
    first, second = (texts(one) for one in (months, days))
    assert next(iter(first)) == "days_around" and "by_months" not in first
    assert {key: text for key, text in first.items() if key != "days_around"} == second
    for name in ("orders", "schedule", "window.unserved", "window.total"):
        pd.testing.assert_frame_equal(months[name], days[name], rtol=1e-7)
    assert months["window.total"]["unserved"].sum() > 0
    assert document(months) and report_html(months, charts="charts.js")


@pytest.mark.parametrize(("study", "fields"), [
    ("emergency", {"lost": ("pipe",), "days": 63}),
    ("exercise", {"lost": ("pipe",), "days": 63}),
    ("restoration", {"lost": ("pipe", "well"), "days": ("40", "23")}),
])  # fmt: skip
def test_who_is_cut_is_never_told_from_months(study: str, fields: dict[str, object]) -> None:
    """What is too long for days is refused with the way to go on; two crews are done within the days."""
    engine = Engine(town().at_step("1mo"), cache=False)
    with pytest.raises(
        StudyError, match=r"63 days are more than the 62.*--step 1d, or ask for 62 days or fewer"
    ):
        run(study, engine, start=START, **fields)
    if study == "restoration":
        assert next(iter(texts(run(study, engine, start=START, crews=2, **fields)))) == "days_around"


def test_a_long_cut_is_a_draft_that_says_why() -> None:
    """Ninety days of months, whole or not: the first sentence names the limit and the way to go on."""
    engine = Engine(town().at_step("1mo"), cache=False)
    for start in (START, date(2024, 1, 1)):
        said = texts(run("disruption", engine, lost=("pipe",), start=start, days=91))
        first = next(iter(said.values()))
        assert first.startswith("By months: a draft. 91 days are more than the 62 that are asked in days")
        assert first.endswith("Run it with --step 1d, or ask for 62 days or fewer.")


def test_a_cut_without_a_day_and_an_event() -> None:
    """The first day of the month of the highest use is taken, and an event has its own days."""
    engine = Engine(town().at_step("1mo"), cache=False)
    found = run("disruption", engine, lost=("pipe",), days=8)
    assert next(iter(texts(found))) == "days_around" and found.fields["start"].day == 1
    case = town(
        events="event, start, end, what, case_year\nbreak, 2024-01-12, 2024-01-19, The pipe breaks, 2024",
        event_changes="event, change_no, role, acts_on, value, unit, start, end\n"
        "break, 1, cause, links:pipe:share_out, 1, share, 2024-01-12, 2024-01-19",
    )
    told = run("disruption", Engine(case.at_step("1mo"), cache=False), event="break")
    by_days = run("disruption", Engine(case, cache=False), event="break")
    assert next(iter(texts(told))) == "days_around"
    pd.testing.assert_frame_equal(told["demand.total"], by_days["demand.total"], rtol=1e-7)


def test_one_repair_has_no_order() -> None:
    """A single pipe that is repaired is back after its days: there is nothing to compare it with."""
    found = run("restoration", Engine(town(), cache=False), lost=("pipe",), days=("8",), start=START)
    said = texts(found)["unserved"]
    assert "1 crew: it is back after 8 days, and " in said and "order" not in said

"""The time of a case as the slider and the switch of the map have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from kelisim.web.address import Cut
from kelisim.web.map_time import MapTime
from kelisim.web.session import MapSession
from tests.cases.evening_year import evening_year


def test_days_have_parts() -> None:
    """The slider counts days, whatever they are made of."""
    case = evening_year(days=5)
    time = MapTime(case)
    assert (time.count, len(time.starts), time.word) == (5, 15, "day")
    assert time.at(date(2024, 1, 3)) == 2 and time.cells(2) == (6, 9) and time.step_of(8) == 2
    assert time.find(2, "evening") == 8 == time.nearest(2, 2) and time.find(2, "dawn") is None
    assert time.find(2, "working evening") == 8  # of an address of the same case in months
    assert [words for _, words, _ in time.parts] == ["Night", "Daytime", "Evening"]
    assert time.parts[2][2] == "19\u201324 h"
    assert np.diff(time.edges).min() > 0 and time.edges[3] == 0.2
    assert time.has_parts(["natural_gas", "electricity"]) and not time.has_parts(["natural_gas"])


def test_months_have_typical_days() -> None:
    """The first two days of a month stand for its days of a type; any day of it is in the month."""
    case = evening_year(months=3)
    time = MapTime(case)
    assert (time.count, len(time.starts), time.word) == (3, 18, "month")
    assert time.at(date(2024, 2, 20)) == 1 and time.day(1) == date(2024, 2, 1)
    assert time.find(1, "evening") == 8 and time.name(8) == "working evening"
    assert time.find(1, "other evening") == 11 and time.words_of(11) == "evenings of other days"
    assert [kind for kind, _ in time.day_types] == ["working", "other"]


def test_days_from_six_and_hours() -> None:
    """A gas day is meant whole, and an answer by hours holds all hours of its last day."""
    case = evening_year(days=5)
    six = MapTime(replace(case, horizon=replace(case.horizon, day_starts=6)))
    assert six.at(date(2024, 1, 3)) == 2 and six.day(2) == date(2024, 1, 3)
    hours = MapTime(replace(case, horizon=replace(case.horizon, step="1h", parts=())))
    assert hours.word == "hour" and hours.parts == []
    assert hours.within(date(2024, 1, 2), date(2024, 1, 3)) == (24, 72)
    assert hours.when(25) == "2 January 2024, 01:00"


def test_answer_that_begins_in_the_evening() -> None:
    """What the map shows as out is what the study took out, from the part on."""
    case = evening_year(days=10)
    plan = MapSession(case, cache=False)
    plan.solve()
    reply = plan.ask(Cut(("line",), date(2024, 1, 3), 2, at="evening"))
    assert list(np.flatnonzero(reply.out)) == [8, 9, 10, 11]
    assert reply.window == (6, 30) and plan.hardest(2, reply.more) == 8
    table = reply.results["links.flow"]
    cut = table[(table["link"].astype(str) == "line") & ((table["flow"] - table["flow_base"]).abs() > 1e-3)]
    assert pd.Timestamp(2024, 1, 3, 19) in set(cut["step"]) and plan.starts[7] not in set(cut["step"])
    # the outage begins with the shortage: the hours before it are none of it
    assert reply.results["demand.total"]["days_served"].min() == 0

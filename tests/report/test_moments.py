"""When, in words, and where on the axis of a chart, where days and months have parts."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.report import axis
from kelisim.report.frames import cells_of, flow_links, when_of
from kelisim.report.words import Words
from kelisim.studies import run
from tests.cases.evening_year import evening_year


def in_months(case: Case) -> Case:
    return replace(case, horizon=replace(case.horizon, step="1mo"))


def test_moments() -> None:
    """A shortage "on 12 January" that is one of the evening sends people to look at the wrong hours."""
    days = evening_year(days=20)
    words, months = Words(days), Words(in_months(days))
    assert words.moment("2024-01-12T19:00", "electricity") == "12 January 2024, evening"
    assert words.moment("2024-01-12", "electricity") == "12 January 2024, night"
    assert words.moment("2024-01-12", "natural_gas") == "12 January 2024"
    assert words.moment("2024-01-12") == "12 January 2024"
    assert words.moment("2024-01-12T08:00") == "12 January 2024, daytime"
    assert months.moment("2024-01-01T19:00", "electricity") == "January 2024, evenings of working days"
    assert months.moment("2024-01-02T00:00", "electricity") == "January 2024, nights of other days"
    assert months.moment("2024-01-02", "heat") == "January 2024"
    assert words.period == "1 to 20 January 2024" == months.period
    assert words.step_words == "20 steps of a day, each in 3 parts of the day"
    assert months.step_words == "1 steps of a month, each in 3 parts of working and of other days"


def test_axis_has_no_gaps() -> None:
    """Parts of typical days drawn at the first two days of a month would leave the rest of it empty."""
    for case in (evening_year(days=20), in_months(evening_year(days=20))):
        laid = axis.laid_out(case)
        assert list(laid["ends"][:-1]) == list(laid["begins"][1:])
        assert laid["begins"].iloc[0] == pd.Timestamp(2024, 1, 1)
        assert laid["ends"].iloc[-1] == pd.Timestamp(2024, 1, 21)


def test_curves_by_step_where_parts_are_alike() -> None:
    """A level of gas has one value a day: three points a day would show steps that are none."""
    case = evening_year(days=4)
    starts = pd.DatetimeIndex(case.horizon.steps["step"])
    alike = pd.DataFrame({"gas": [day for day in range(4) for _ in range(3)]}, index=starts)
    drawn = axis.along(Words(case), alike)
    assert list(drawn["begins"].dt.hour) == [0] * 4 and drawn["when"].iloc[1] == "2 January 2024"
    assert drawn["ends"].iloc[1] == pd.Timestamp(2024, 1, 3)
    drawn = axis.along(Words(case), pd.DataFrame({"power": range(12)}, index=starts))
    assert len(drawn) == 12 and drawn["when"].iloc[5] == "2 January 2024, evening"


def test_map_of_a_day_is_the_mean_of_its_parts() -> None:
    """A map of a day with the flow of its night alone would be a third of the day, called the day."""
    case = evening_year(days=10)
    results = run("balance", Engine(case, cache=False))
    words = Words(case)
    table = results["links.flow"]
    for step, cells, said in (
        ("2024-01-05", 3, "5 January 2024"),
        ("2024-01-05T20:00", 1, "5 January 2024, evening"),
    ):
        assert len(cells_of(words, step)) == cells and when_of(results, words, step) == said
        starts = case.horizon.steps["step"].iloc[cells_of(words, step)]
        rows = table[table["step"].isin(starts) & (table["link"].astype(str) == "line")]
        hours = rows["step"].map(dict(zip(case.horizon.steps["step"], case.horizon.hours, strict=True)))
        shown = flow_links(results, words, step).set_index("link").loc["line"]
        assert shown["forward"] - shown["back"] == pytest.approx(float((rows["flow"] * hours).sum()))

"""The answer with measures, and the levels of regions, as the map draws them."""

from __future__ import annotations

import io
from datetime import date
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.crisis import LEVELS
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import page_of
from kelisim.web import map_state as frame
from kelisim.web.address import Cut
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession, Reply
from kelisim.web.views import answer, under_map
from kelisim.web.views.report import workbook
from kelisim.web.workspace import Workspace
from tests.cases.border_year import border_year
from tests.reading import values
from tests.web.conftest import small

CUT = Cut(("pipe_a",), date(2024, 1, 10), 10)


@pytest.fixture(scope="module")
def plan() -> MapSession:
    """A plan of its own: among routes of equal cost the solver's choice depends on what was asked before."""
    found = MapSession(small(), cache=False)
    found.solve()
    return found


@pytest.fixture(scope="module")
def sheet(plan: MapSession) -> MapGeometry:
    return MapGeometry(plan)


@pytest.fixture(scope="module")
def helped(plan: MapSession) -> Reply:
    return plan.ask(CUT, measures=True)


@pytest.fixture(scope="module")
def study(plan: MapSession) -> Results:
    return run("emergency", Engine(plan.case, cache=False), lost="pipe_a", start=CUT.start, days=CUT.days)


def test_answer_with_measures_is_that_of_the_study(helped: Reply, study: Results) -> None:
    """All tables of the answer with measures, its fields and its page are those of the study emergency, and nothing else's."""
    assert helped.has_measures and helped.results.study == study.study == "emergency"
    assert helped.results.names == study.names and dict(helped.results.fields) == dict(study.fields)
    for name in study:
        pd.testing.assert_frame_equal(helped.results[name], study[name])
    assert helped.page.sentences == page_of(study, Words(study.case)).sentences
    value = values(study)
    assert value["unserved_with"] < value["unserved_without"]


def test_workbook_and_command_are_those_of_the_study(
    helped: Reply, study: Results, case_folder: Path
) -> None:
    """The Excel file names the study and holds its plan, and the command asks the study that gave the answer."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(helped.results)))
    about = {tuple(row[:2]) for row in book.get_sheet_by_name("about").to_python()}
    assert ("study", "emergency") in about
    assert {"plan", "remaining", "links.flow"} <= set(book.sheet_names)
    asked = Workspace(str(case_folder), helped.plan.case).command("emergency", study.fields, study.meta)
    assert (
        asked == f"kelisim run emergency {case_folder} --step 1d --lost pipe_a --start 2024-01-10 --days 10"
    )


def test_map_with_measures_adds_up_to_the_table(plan: MapSession, helped: Reply) -> None:
    """The circles of the map, day by day, add up to what the table says is unserved; nothing flows on what is out."""
    energy = sum(helped.unserved(step) * plan.hours[step] for step in range(*helped.window))
    assert float(np.sum(energy)) == pytest.approx(float(helped.results["demand.total"]["unserved"].sum()))
    at = list(plan.links["link"]).index("pipe_a")
    assert helped.flow(12)[0][at] == pytest.approx(0.0, abs=1e-6)


def test_levels_of_regions_are_those_of_the_study(helped: Reply, study: Results) -> None:
    """The worst level of a region over the days shown is the one the emergency plan names."""
    worst = {
        (region, carrier): LEVELS[int(helped.levels.level[row].max())]
        for row, (region, carrier) in enumerate(zip(helped.levels.region, helped.levels.carrier, strict=True))
    }
    regions = study["regions"]
    assert len(regions) > 0
    for row in regions.itertuples():
        assert worst[row.region, row.carrier] == row.level_with
    told = set(zip(regions["region"], regions["carrier"], strict=True))
    assert all(level == "none" for key, level in worst.items() if key not in told)


def test_marks_of_a_day(plan: MapSession, sheet: MapGeometry, helped: Reply) -> None:
    """A mark stands on the town whose region is at a level on that day, and only where levels are asked for."""
    plain = plan.ask(CUT)
    here = str(sheet.places["gas"].index("a_town"))
    shown = frame.of_step(plan, sheet, "gas", 12, plain, shows_levels=True)
    assert shown["v"] == {here: 3}
    assert shown["p"][here].startswith("A town: emergency, ") and "\nA town: " in shown["p"][here]
    assert frame.of_step(plan, sheet, "gas", 12, plain)["v"] == {}
    assert frame.of_step(plan, sheet, "gas", 12, None, shows_levels=True)["v"] == {}
    assert frame.worst_level(plan, "gas", 12, plain) == 3
    assert frame.worst_level(plan, "gas", 25, plain) == 0
    marks = under_map.legend(plan, sheet, "gas", shown, True, True)
    assert "emergency: 5 % or more of a region's use" in marks and ">!!!</b>" in marks
    later = frame.of_step(plan, sheet, "gas", 25, plain, shows_levels=True)
    assert "No region is at a level" in under_map.legend(plan, sheet, "gas", later, True, True)


def test_words_of_measures(helped: Reply) -> None:
    """Both totals stand beside the answer, and the measure in use with the day from which it brings something."""
    words = answer.sentence(helped)
    assert all(escape(text) in words for text in helped.page.sentences)
    assert "Call on homes" in words and "11 January 2024" in words
    value = values(helped.results)
    for key in ("unserved_without", "unserved_with"):
        assert helped.plan.book.number(value[key], "MWh") in words


def test_case_without_measures() -> None:
    """Where nothing can be done it is said, and the answer is the one without."""
    found = MapSession(border_year(days=20), cache=False)
    found.solve()
    plain, reply = found.ask(CUT), found.ask(CUT, measures=True)
    assert "The case lists no measures." in reply.page.sentences
    pd.testing.assert_frame_equal(reply.results["demand.total"], plain.results["demand.total"])

"""The answer with measures, and the levels of regions, as the map draws them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.results.crisis import LEVELS
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.web import map_state as frame
from kelisim.web.address import Cut
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession, Reply
from kelisim.web.views import answer, measures, under_map
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
    return plan.ask_helped(plan.ask(CUT))


@pytest.fixture(scope="module")
def study(plan: MapSession) -> Results:
    return run("emergency", Engine(plan.case, cache=False), lost="pipe_a", start=CUT.start, days=CUT.days)


def test_answer_with_measures_is_that_of_the_study(helped: Reply, study: Results) -> None:
    """Who is cut with measures, and what each measure brings from when on, must be the numbers of the study emergency."""
    pd.testing.assert_frame_equal(helped.results["demand.total"], study["demand.total"])
    assert helped.aid is not None
    pd.testing.assert_frame_equal(helped.aid.remaining, study["remaining"])
    same = ["measure", "level", "bites", "step_down", "peak", "energy"]
    pd.testing.assert_frame_equal(helped.aid.measures[same], study["plan"][same])
    value = values(study)
    assert helped.aid.before["unserved_energy"] == pytest.approx(value["unserved_without"])
    assert helped.aid.after["unserved_energy"] == pytest.approx(value["unserved_with"])
    assert value["unserved_with"] < value["unserved_without"]


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
    """A measure is told with its name, from when, how much, and from which level on; both totals stand beside each other."""
    words = answer.sentence(helped)
    assert "<b>Call on homes</b>" in words and "from 11 January 2024" in words
    assert "Allowed from alert on; lead time 24 h" in words and "at most" in words
    assert helped.aid is not None
    total = measures.beside(helped.aid)
    assert f'data-v="{helped.aid.after["unserved_energy"]!r}"' in total
    assert "A town" in measures.table(helped)
    assert answer.command(helped).startswith(
        "kelisim run emergency CASE --step 1d --lost pipe_a --start 2024-01-10 --days 10 "
    )


def test_case_without_measures() -> None:
    """Where nothing can be done it is said, and the answer is the one without."""
    found = MapSession(border_year(days=20), cache=False)
    found.solve()
    plain = found.ask(CUT)
    reply = found.ask_helped(plain)
    assert reply.text == "The case lists no measures."
    pd.testing.assert_frame_equal(reply.results["demand.total"], plain.results["demand.total"])
    assert measures.used(reply) == ""

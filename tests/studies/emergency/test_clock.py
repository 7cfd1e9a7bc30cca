"""The plan by the clock: calls, orders, what stops a measure, and when normal service is declared; counted by hand.

XA --line 10--> XB: plant_a (20) is lost on 2 and 3 January; 6 of 20 MW are made, both towns go short at once.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.facts import sentence_of
from kelisim.results.results import Results
from kelisim.studies.emergency.study import Emergency
from kelisim.studies.pages import document
from tests.cases.two_states import MEASURES, two_states

BODIES = """
    body,   name,       country, role,       phone, language
    grid_a, Grid of XA, XA,      dispatcher, ,      Alpha
    grid_b, Grid of XB, XB,      dispatcher, 112,   Beta
"""
MORE = """
    late,   Late spare,  assets:reserve_b:capacity,           9,   add, MW, 240, 0, , alert, grid_b
    turns,  Cuts by turns, demand:town_b:electricity:household:amount, 5, order, MW, 3, 0, , emergency, grid_b
"""


@pytest.fixture(scope="module")
def results() -> Results:
    case = two_states(bodies=BODIES, measures=MEASURES.rstrip() + MORE)
    return Emergency(lost=("plant_a",), start=date(2024, 1, 2), days=2).run(Engine(case, cache=False))


def clock(results: Results) -> list[tuple[float, str]]:
    words = Words(results.case)
    return [(row["hour"], words.say(sentence_of(row))) for row in results["clock"].to_dict("records")]


def test_each_thing_stands_at_its_hour(results: Results) -> None:
    """A plan that orders what takes a day as if it were there at once is followed into a dark town."""
    told = clock(results)
    assert (0.0, "Town B: emergency of electricity, without measures") in told
    assert (0.0, "Grid of XA orders: Spare of XA") in told
    assert (0.0, "in force: Spare of XA, up to 4.00 MW") in told
    assert (24.0, "in force: Spare of XB, up to 3.00 MW") in told
    assert (1.0, "Grid of XB tells Grid of XA: emergency of electricity; asks for power") in told
    assert (48.0, "may be called off: Spare of XA") in told
    assert [hour for hour, _ in told] == sorted(hour for hour, _ in told)


def test_a_call_says_who_answers(results: Results) -> None:
    """A telephone that nobody published stays empty, and is not made up."""
    rows = results["calls"].set_index(["from_body", "to_body"])
    assert set(rows["role"]) == {"dispatcher"}
    assert set(rows["phone"].xs("grid_a", level="to_body")) == {""}
    assert set(rows["phone"].xs("grid_b", level="to_body")) == {"112"}
    mine = results["calls"][results["calls"]["from_body"] == ""]
    assert mine.set_index("to_body")["measures"]["grid_a"] == "spare_a"


def test_an_order_is_told_for_what_the_answer_does_itself(results: Results) -> None:
    """Cuts by turns change nothing in the answer: they are what it does, and somebody orders them, three hours ahead."""
    (row,) = results["orders"].to_dict("records")
    assert (row["measure"], row["body"]) == ("turns", "grid_b")
    town = results["remaining"].set_index("place").loc["town_b"]
    assert row["energy"] == pytest.approx(town["unserved_with"])
    assert row["bites"] == pd.Timestamp("2024-01-02 03:00")
    assert results.meta["not_chosen"]["turns"] == "measures.order"


def test_what_stops_each_measure(results: Results) -> None:
    """Somebody stays short: the spares give all they have, one comes too late, a second line has nothing to carry."""
    stops = results["stops"].set_index("measure")
    assert stops.loc["spare_a", "stopped_by"] == "size"
    assert stops.loc["late", "stopped_by"] == "lead_time"
    assert stops.loc["tie", "stopped_by"] in ("reach", "reach_none")
    assert stops.loc["spare_a", "size"] == pytest.approx(4.0)


def test_normal_service_waits_for_the_elements(results: Results) -> None:
    """Nobody calls an emergency off while what was lost is out."""
    rows = results["restored"].set_index("kind")
    assert rows.loc["element", "element"] == "assets:plant_a"
    assert rows.loc["element", "time"] == pd.Timestamp("2024-01-04")
    assert rows.loc["customers", "time"] == pd.Timestamp("2024-01-04")


def test_the_document_is_a_check_list(results: Results) -> None:
    """A duty officer ticks off; an order says who, what, from when and until when."""
    text = document(results)
    assert "- [ ] T+0 h, 2 January 2024, 00:00: Grid of XA orders: Spare of XA" in text
    assert "**Grid of XA orders: Spare of XA**" in text
    assert "## When the plan is called off" in text
    assert "Plant A carries again" in text

"""What an answer lets go has a row with its reason in every study that shows an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kelisim.case.change import Outage
from kelisim.engine import Engine
from kelisim.engine.let_go import LetGoRows
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.contingency.study import Contingency
from kelisim.studies.pages import page_of
from kelisim.studies.study import create, find, names
from tests.cases.shut_in import at_the_end_of_a_railway, behind_a_terminal

START, DAY = date(2024, 1, 3), 24
OUTAGE = {"start": START, "place_rule": "none", "time_rule": "late"}
# the same five days without the pipe to the port, as each study asks for them
ASKS: dict[str, dict[str, Any]] = {
    "disruption": OUTAGE | {"lost": ("pipe",), "days": 5},
    "emergency": OUTAGE | {"lost": ("pipe",), "days": 5},
    "exercise": OUTAGE | {"lost": ("pipe",), "days": 5},
    "restoration": OUTAGE | {"lost": ("pipe",), "days": ("5",)},
    "fuel": OUTAGE | {"fuels": ("crude",), "of": ("pipe",), "share": 1.0, "days": 5},
    "border": OUTAGE | {"countries": ("KZ", "RU"), "days": 5, "kinds": ("connection",)},
    "dependence": {"pair": ("KZ", "RU"), "start": START, "days": 5},
}


def _text(results: Results) -> str:
    words = Words(results.case)
    return markdown(page_of(results, words), results, words)


@pytest.mark.parametrize("study", sorted(ASKS))
def test_what_a_closed_terminal_lets_go_is_a_row(study: str) -> None:
    """By hand: the tank takes two days of crude; in the three after them the field flares 100 MW of it and goes on for its gas."""
    results = create(study, ASKS[study]).run(Engine(behind_a_terminal("crude"), cache=False))
    found = results["places.let_go"]
    found = found[found["let_go"] > found["let_go_base"]]
    assert [
        tuple(row) for row in found[["place", "carrier", "by", "maker"]].drop_duplicates().to_numpy()
    ] == [("a", "crude", "places", "field")]
    assert found["let_go"].to_numpy() == pytest.approx(100 * 3 * DAY)
    assert found["let_go_base"].to_numpy() == pytest.approx(0.0)
    assert "| A | Crude oil |" in _text(results)


def test_each_loss_of_a_day_says_what_it_lets_go() -> None:
    """By hand: on the one day nothing is stored, so without the pipe or the port all crude of the day is flared."""
    asked = Contingency(day=START, of=("links", "assets", "storages", "places"), place_rule="none")
    results = asked.run(Engine(behind_a_terminal("crude"), cache=False))
    found = results["places.let_go"].set_index("lost")
    assert set(found.index) == {"links:pipe", "places:b"}
    assert found["let_go"].to_numpy() == pytest.approx(100 * DAY)
    assert set(found["by"]) == {"places"}
    assert "beyond the plan of the time shown" in _text(results)


def test_goods_that_nobody_takes_are_counted_as_in_an_outage() -> None:
    """By hand: the plant is out for three days; the coal of the two days before is on its way, and no yard takes it."""
    engine = Engine(at_the_end_of_a_railway(), cache=False)
    window = engine.window(START, 3)
    delta = window.delta([Outage("plant", START, date(2024, 1, 5))])
    nodes = LetGoRows.of(window)
    solution = window.session.solve(delta)
    energy = nodes.energy(solution.values[nodes.columns], solution.activities[nodes.rows])
    assert nodes.nodes[-nodes.arriving :] == ("b:coal_low_ash",)
    assert energy[-1] == pytest.approx(90 * 2 * DAY)


def test_every_study_that_shows_an_answer_is_asked_here() -> None:
    """A new study is tested here, or says that it shows none."""
    by_themselves = {"balance", "contingency", "replays"}
    assert {name for name in names() if find(name).lets_go} == set(ASKS) | by_themselves

"""What players do not know: the length, and what is still to come; and what each option is expected to bring."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.report.words import Words
from kelisim.results.facts import sentence_of
from kelisim.results.results import Results
from kelisim.studies.exercise.study import Exercise
from tests.cases.cut_town import cut_town
from tests.cases.two_states import two_states
from tests.reading import values


def harm(results: Results) -> dict[str, float]:
    found: dict[str, float] = results["modes"].set_index("mode")["harm"].to_dict()
    return found


@pytest.fixture(scope="module")
def states() -> Engine:
    return Engine(two_states(), cache=False)


def exercise(engine: Engine, *decisions: str, **fields: Any) -> Results:
    asked = {"lost": ("plant_a",), "start": date(2024, 1, 2), "days": 3} | fields
    return Exercise(decisions=decisions, **asked).run(engine)


@pytest.fixture(scope="module")
def town() -> Engine:
    return Engine(cut_town(), cache=False)


def test_a_length_that_is_known_is_as_before(town: Engine) -> None:
    """A belief that is true costs nothing."""
    asked = {"lost": ("pipe",), "start": date(2024, 1, 3), "days": 5}
    plain, believed = (Exercise(**asked, belief=belief).run(town) for belief in (0, 5))
    assert harm(believed)["decided"] == pytest.approx(harm(plain)["decided"], rel=1e-6)
    assert values(believed)["unknown"] == pytest.approx(0.0, abs=1.0)


def test_not_knowing_costs(town: Engine) -> None:
    """Who believes that the pipe is back after two days lets industry have the gas that homes lack on the fifth."""
    asked = {"lost": ("pipe",), "start": date(2024, 1, 3), "days": 5}
    found = Exercise(**asked, belief=2).run(town)
    assert harm(found)["decided"] > harm(found)["foreseen"] + 1e5
    assert values(found)["unknown"] == pytest.approx(harm(found)["decided"] - harm(found)["foreseen"])
    with pytest.raises(StudyError, match="belief"):
        Exercise(**asked, belief=-1).run(town)


def test_an_inject_is_known_from_its_hour_on(states: Engine) -> None:
    """The plant of XB is lost on the second day too: 6 MW less for a day, and in the log at its hour."""
    plain = exercise(states)
    found = exercise(states, injects=("24 lose plant_b 1", "12 say Frost is near"))
    more = found["modes"].set_index("mode")["unserved"] - plain["modes"].set_index("mode")["unserved"]
    assert more["nothing"] == pytest.approx(6 * 24)
    words = Words(found.case)
    told = {
        row["hour"]: words.say(sentence_of(row))
        for row in found["timeline"].to_dict("records")
        if row["kind"] == "inject"
    }
    assert told == {12.0: "Frost is near", 24.0: "Plant B is lost for 1 day"}


def test_injects_that_cannot_be_read_are_told_at_once(states: Engine) -> None:
    """An exercise that drops an inject without a word is another exercise."""
    with pytest.raises(StudyError) as raised:
        exercise(
            states,
            injects=(
                "soon lose plant_b 1",
                "3 loose plant_b 1",
                "3 lose plant_x 1",
                "3 use town_a:electricity:homes 2",
            ),
        )
    assert str(raised.value).count("injects:") == 4


def test_options_say_what_they_are_expected_to_bring(states: Engine) -> None:
    """At the start the spare of XA would make 4 MW for three days, that of XB 3 for two; the second line helps nobody."""
    rows = exercise(states)["options"].set_index(["side", "measure"])
    assert rows.loc[("XA", "spare_a"), "unserved_avoided"] == pytest.approx(4 * 72)
    assert rows.loc[("XB", "spare_b"), "unserved_avoided"] == pytest.approx(3 * 48)
    assert rows.loc[("XA", "tie"), "with_side"] == "XB"
    assert rows.loc[("XA", "tie"), "unserved_avoided"] == pytest.approx(0.0, abs=1.0)


def test_options_later_know_what_was_ordered(states: Engine) -> None:
    """A day later the spare of XA gives a day less, and one that was ordered is no option."""
    rows = exercise(states, "0 XB spare_b", now=24.0)["options"].set_index(["side", "measure"])
    assert rows.loc[("XA", "spare_a"), "unserved_avoided"] == pytest.approx(4 * 48)
    assert rows.loc[("XB", "spare_b"), "state"] == "ordered"
    assert "options" not in exercise(states, now=-1.0)


def test_a_belief_shows_in_what_is_expected(states: Engine) -> None:
    """Who believes in one day expects a third of what three days bring."""
    rows = exercise(states, belief=1)["options"].set_index(["side", "measure"])
    assert rows.loc[("XA", "spare_a"), "unserved_avoided"] == pytest.approx(4 * 24)

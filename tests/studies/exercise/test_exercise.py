"""An exercise of two states: nothing scores 0, the best 1, and nobody more."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kelisim.engine import Engine
from kelisim.engine.orders import Order, averaged, profile
from kelisim.errors import StudyError
from kelisim.report.words import Words
from kelisim.results.facts import sentence_of
from kelisim.results.results import Results
from kelisim.studies.exercise.study import Exercise
from kelisim.studies.pages import document
from tests.cases.cut_town import cut_town
from tests.cases.events_town import events_town
from tests.cases.two_states import MEASURES, two_states
from tests.reading import page, texts, values

TOLERANCE = 1e-6
BEST = ("0 XA spare_a", "0 XB spare_b", "0 XA tie", "0 XB tie")


def exercise(engine: Engine, *decisions: str, lost: str = "plant_a", days: int = 3, **fields: Any) -> Results:
    return Exercise(lost=(lost,), start=date(2024, 1, 2), days=days, decisions=decisions, **fields).run(
        engine
    )


def value(results: Results, key: str) -> float:
    return values(results)[key]


def rulings(results: Results) -> list[str]:
    """What was ruled on each order."""
    words = Words(results.case)
    return [words.say(sentence_of(row)) for row in results["decisions"].to_dict("records")]


def points(results: Results) -> list[str]:
    """Open points as sentences."""
    words = Words(results.case)
    return [words.say(sentence_of(row)) for row in results["open_points"].to_dict("records")]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(two_states(), cache=False)


def test_nothing_scores_nothing(engine: Engine) -> None:
    """A score for doing nothing would reward it."""
    assert value(exercise(engine), "score") == pytest.approx(0.0, abs=TOLERANCE)


def test_the_best_response_scores_one(engine: Engine) -> None:
    """Who does what the optimum does must not be told that more was possible."""
    results = exercise(engine, *BEST)
    assert value(results, "score") == pytest.approx(1.0, abs=TOLERANCE)
    assert results["decisions"]["accepted"].all()
    assert points(results) == []


def test_harm_by_hand(engine: Engine) -> None:
    """The spare of A makes 4 MW for three days, that of B 3 for two; a number that nobody can follow teaches nothing."""
    results = exercise(engine, "0 XA spare_a")
    modes = results["modes"].set_index("mode")
    # 20 MW of use, 6 made: 14 MW short for 72 hours; 10 with the spare of A; 3 less for two days with that of B
    assert modes.loc["nothing", "unserved"] == pytest.approx(14 * 72)
    assert modes.loc["decided", "unserved"] == pytest.approx(10 * 72)
    assert modes.loc["together", "unserved"] == pytest.approx(10 * 72 - 3 * 48)
    names = [row[0].text for row in next(iter(page(results).views)).rows]
    assert "XB alone, the border held at the plan" in names


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 6, 24, 30, 48, 100]), st.sampled_from(["XA", "XB"]),
            st.sampled_from(["spare_a", "spare_b", "tie"]), st.sampled_from([0.0, 0.5, 1.0]),
        ),
        max_size=6,
    ),
    st.sampled_from(["plant_a", "plant_b", "line"]),
)  # fmt: skip
def test_no_decision_beats_the_best(
    engine: Engine, orders: list[tuple[int, str, str, float]], lost: str
) -> None:
    """A score above 1 says that the best was not the best; together must not be worse than each alone."""
    texts = [f"{hour} {side} {measure} {share}" for hour, side, measure, share in orders]
    results = exercise(engine, *texts, lost=lost)
    harm = results["modes"].set_index("mode")["harm"]
    slack = TOLERANCE * max(1.0, abs(harm["nothing"]))
    assert harm["together"] <= harm["decided"] + slack <= harm["nothing"] + 2 * slack
    for alone in ("alone_a", "alone_b"):
        assert harm["together"] <= harm[alone] + slack
        assert harm[alone] <= harm["border_held"] + slack


def test_a_decision_below_its_level_is_refused() -> None:
    """A measure of an emergency that is used before one breaks the order of levels."""
    case = two_states(measures=MEASURES.replace("alert,", "emergency,"))
    engine = Engine(case, cache=False)
    # 0.3 of 12 MW of XB is short, 2.5 %: an alert, not an emergency
    early = exercise(engine, "0 XA spare_a", lost="plant_b", share=0.05)
    (ruling,) = rulings(early)
    assert ruling.startswith("refused: its level, emergency, is not reached")
    assert value(early, "refused") == 1


def test_refusals_say_why(engine: Engine) -> None:
    """A log of an exercise that drops an order without a word cannot be discussed."""
    found = exercise(engine, "0 XB spare_a", "0 XA no_such", "0 XC spare_a", "-0 XA tie")
    rows = found["decisions"]
    ruled = dict(zip(zip(rows["side"], rows["measure"], strict=True), rulings(found), strict=True))
    assert ruled["XB", "spare_a"] == "refused: it is for XA to order"
    assert ruled["XA", "no_such"] == "refused: the case has no such measure"
    assert ruled["XC", "spare_a"] == "refused: XC is not a side of this exercise"
    assert ruled["XA", "tie"] == "accepted, waits for XB"


def test_a_measure_on_the_border_takes_both(engine: Engine) -> None:
    """Power over a line that only one side has closed would be invented."""
    one = exercise(engine, "0 XB tie", lost="plant_b")
    assert one["decisions"]["energy"].sum() == 0
    assert any("still needs the order of XA" in point for point in points(one))
    both = exercise(engine, "0 XB tie", "24 XA tie", lost="plant_b")
    harm = both["modes"].set_index("mode")["harm"]
    assert harm["decided"] <= one["modes"].set_index("mode")["harm"]["decided"]


def test_what_both_have_ordered_is_agreed() -> None:
    """XB lacks 2 of 12 and the line is full: the second line brings what XA can spare, 20 - 8 - 10, once both have ordered it, and nothing before.

    Under planned help the order of both would count for nothing.
    """
    engine = Engine(two_states(notifications=""), cache=False)

    def short(*orders: str, **fields: Any) -> float:
        return float(
            exercise(engine, *orders, lost="plant_b", **fields)["modes"]
            .set_index("mode")
            .loc["decided", "unserved"]
        )

    assert short() == pytest.approx(2 * 72)
    assert short("0 XB tie") == pytest.approx(2 * 72)
    assert short("0 XB tie", "0 XA tie") == pytest.approx(0.0, abs=1e-3)
    assert short("0 XB tie", "24 XA tie") == pytest.approx(2 * 24)
    assert short("0 XB tie", "0 XA tie", help_rule="planned") == pytest.approx(2 * 72)


def test_aid_is_what_notifications_promise() -> None:
    """Without its own 6 MW XB gets 6 by the plan; 1 MW is agreed after an hour, 2 more after three: 23 and 21 hours of the first day.

    With nothing but the plan there is no aid to settle; at will XA would fill the line.
    """
    dear = """
        asset,     kind,        place,  capacity, cost, availability, name
        plant_a,   power_plant, town_a, 20,       50,   1,            Plant A
        plant_b,   power_plant, town_b, 6,        40,   1,            Plant B
    """
    ports = "asset, carrier, ratio\nplant_a, electricity, 1\nplant_b, electricity, 1"
    engine = Engine(two_states(assets=dear, asset_ports=ports, measures=""), cache=False)
    assert Exercise().help_rule == "agreed"
    agreed = exercise(engine, lost="plant_b")
    given = 23 * 1 + 21 * 2 + 2 * 24 * 3
    assert agreed["aid"]["energy"].sum() == pytest.approx(given)
    assert agreed["modes"].set_index("mode").loc["nothing", "unserved"] == pytest.approx(6 * 72 - given)
    settled = agreed["settlement"].set_index("part")
    # the first MW at the plan's price of 50 and a tenth, what is beyond it at 50
    assert settled.loc["alarm", "amount"] == pytest.approx(settled.loc["alarm", "energy"] * 55)
    assert settled["energy"].sum() == pytest.approx(given)
    assert exercise(engine, lost="plant_b", help_rule="planned")["aid"].empty
    assert exercise(engine, lost="plant_b", help_rule="open")["aid"]["energy"].sum() == pytest.approx(4 * 72)


def test_orders_that_cannot_be_read(engine: Engine) -> None:
    """All mistakes of a log are told at once."""
    with pytest.raises(StudyError) as raised:
        exercise(engine, "soon XA tie", "3 XA tie 2", "3 XA")
    assert str(raised.value).count("decisions:") == 3


def test_a_lower_share_holds_at_once_and_replaces() -> None:
    """A stop that needs the lead time of a start is no stop; an order taken back before it bites never bites."""
    orders = [Order(0, "XA", "m", 1.0), Order(36, "XA", "m", 0.25)]
    hours = np.full(3, 24.0)
    assert averaged(hours, [profile(orders, 12.0)]) == pytest.approx([0.5, (12 + 12 * 0.25) / 24, 0.25])
    taken_back = [Order(0, "XA", "m", 1.0), Order(6, "XA", "m", 0.0)]
    assert averaged(hours, [profile(taken_back, 12.0)]) == pytest.approx([0.0, 0.0, 0.0])
    late = profile([Order(24, "XB", "m", 0.5)], 0.0)
    assert averaged(hours, [profile(orders, 12.0), late]) == pytest.approx(
        [0.0, (12 * 0.5 + 12 * 0.25) / 24, 0.25]
    )


@pytest.mark.parametrize(
    ("empty", "word"),
    [
        ({"measures": "", "notifications": ""}, "lists no measures"),
        ({"notifications": ""}, "lists no notifications"),
    ],
)
def test_what_is_missing_is_said(empty: dict[str, str], word: str) -> None:
    """A case without measures or notifications gives an answer that says so, not a failure."""
    results = exercise(Engine(two_states(**empty), cache=False))
    assert any(word in text for text in texts(results).values())


def test_one_country_has_nobody_to_ask() -> None:
    """A case within one country has no border, and must not fail for it."""
    case = cut_town()
    alone = case.with_table("places", case.table("places").assign(country="KZ"))
    results = Exercise(lost=("pipe",), start=date(2024, 1, 3), days=3).run(Engine(alone, cache=False))
    assert any("no second country" in text for text in texts(results).values())
    assert set(results["modes"]["mode"]) == {"nothing", "decided", "together"}


def test_an_event_of_the_case_is_played() -> None:
    """An exercise on what happened teaches most; its context is in the plan too."""
    results = Exercise(event="cut").run(Engine(events_town(), cache=False))
    assert results.fields["days"] == 5
    modes = results["modes"].set_index("mode")
    # gas: 6 MW on three days and 14 on two; without gas the CHP gives none of the 2 MW of heat on any. Nothing is agreed, so that no more
    # than planned comes in when the pipe is back: industry goes without the 576 MWh that fill the cavern again
    assert modes.loc["decided", "unserved"] == pytest.approx(24 * (3 * 6 + 2 * 14 + 5 * 2) + 576)
    at_will = Exercise(event="cut", help_rule="open").run(Engine(events_town(), cache=False))["modes"]
    assert at_will.set_index("mode").loc["decided", "unserved"] == pytest.approx(
        24 * (3 * 6 + 2 * 14 + 5 * 2)
    )
    with pytest.raises(StudyError, match="leave it out"):
        Exercise(event="cut", lost=("pipe",)).run(Engine(events_town(), cache=False))


def test_sides_without_a_border_are_refused(engine: Engine) -> None:
    """Two states that do not touch have nothing to exercise."""
    with pytest.raises(StudyError, match="side_a, side_b"):
        exercise(engine, side_a="XA", side_b="QQ")


def test_minutes_hold_the_log(engine: Engine) -> None:
    """Minutes that leave out a decision are not signed."""
    results = exercise(engine, "24 XA spare_a 0.5")
    text = document(results)
    assert "| 24 | XA | Spare of XA | 50 | accepted |" in text
    assert "24 hours later than the best response" in text
    assert "Not ordered: Spare of XB (XB)" in text

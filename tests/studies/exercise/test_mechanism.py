"""The mechanism between two states, counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kelisim.errors import UnitError
from kelisim.results.answer import Answer, BlockValues
from kelisim.studies.exercise import mechanism as m
from tests.cases.two_states import two_states

DAYS = pd.date_range("2024-01-01", periods=4)
HOURS = np.full(4, 24.0)


def level(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def answer(line: list[float], tie: list[float], price: float = 40.0) -> Answer:
    """Flows of the two lines from A to B, below 0 from B to A, and one price at both ends."""
    net = np.array([line, tie], dtype=float)
    zero = np.zeros_like(net)

    def block(names: tuple[str, ...], values: np.ndarray, duals: np.ndarray) -> BlockValues:
        return BlockValues(names, values, duals, np.zeros_like(values), np.full_like(values, np.inf))

    nodes = ("town_a:electricity", "town_b:electricity")
    return Answer(
        "optimal", 0.0, HOURS,
        {"links.flow": block(("line", "tie"), np.maximum(net, 0), zero), "links.flow_back": block(("line", "tie"), np.maximum(-net, 0), zero)},
        {"places.balance": block(nodes, zero, np.full_like(net, price))},
    )  # fmt: skip


def test_notifications_are_due_after_the_level() -> None:
    """A notice due a day late is no early warning."""
    found = m.notices(two_states(), {("XB", "electricity"): level(0, 1, 3, 0)}, DAYS, ("XA", "XB"))
    due = dict(zip(found["notification"], found["due"], strict=True))
    assert due == {
        "warned": pd.Timestamp("2024-01-02 02:00"),
        "alarm": pd.Timestamp("2024-01-03 01:00"),
        "more": pd.Timestamp("2024-01-03 03:00"),
    }


def test_the_highest_of_levels_reached_at_once_is_told() -> None:
    """An alarm that comes with its own early warning a day later makes the second look like news."""
    found = m.notices(two_states(), {("XB", "electricity"): level(3, 3, 0, 0)}, DAYS, ("XA", "XB"))
    assert set(found["notification"]) == {"alarm", "more"}


def test_a_body_tells_of_its_own_country() -> None:
    """The grid of B has nothing to tell when A is short."""
    assert m.notices(two_states(), {("XA", "electricity"): level(3, 3, 3, 3)}, DAYS, ("XA", "XB")).empty


def test_a_joint_body_is_set_off_by_either_side() -> None:
    """A body of both states that hears only one of them fails the other."""
    case = two_states(bodies="body, name, country\ngrid_a, A, XA\ngrid_b, Both,")
    for side in ("XA", "XB"):
        assert len(m.notices(case, {(side, "electricity"): level(0, 1, 3, 3)}, DAYS, ("XA", "XB"))) == 3


def test_levels_are_left_for_good() -> None:
    """Who steps down on a good day between two bad ones steps up again tomorrow."""
    found = m.de_escalation({("XB", "electricity"): level(0, 3, 1, 2)}, DAYS).set_index("level")
    assert found.loc["emergency", "left"] == DAYS[2]
    assert pd.isna(found.loc["alert", "left"])
    assert found.loc["early_warning", "reached"] == DAYS[1]


def test_triggers() -> None:
    """Words for people must not be taken for a level."""
    assert m.trigger("emergency: natural_gas") == (3, "natural_gas")
    assert m.trigger("early_warning") == (1, "")
    assert m.trigger("flow below 80 percent") is None


def test_aid_is_what_goes_beyond_the_plan() -> None:
    """A delivery that fails is no aid the other way; a change of the way is none either."""
    case = two_states()
    plan = answer([10, 10, 10, -2], [0, 0, 0, 0])
    now = answer([0, 6, 8, -3], [0, 4, 5, 0])
    there, back = m.flows(case, now, plan, ("XA", "XB"))
    assert (there.giver, there.receiver) == ("XA", "XB")
    assert there.power == pytest.approx([0, 0, 3, 0])
    assert (back.giver, back.receiver) == ("XB", "XA")
    assert back.power == pytest.approx([0, 0, 0, 1])


def test_settlement_by_hand() -> None:
    """1 MW at 40 + 10 %, 2 MW at 50, and 1 MW beyond at the last price: a wrong part sends a wrong bill."""
    case = two_states()
    plan, now = answer([0, 0, 0, 0], [0, 0, 0, 0]), answer([4, 1, 0, 0], [0, 0, 0, 0])
    (flow,) = m.flows(case, now, plan, ("XA", "XB"))
    table = m.settlement(case, [flow], plan, HOURS, ("XA", "XB")).set_index("part")
    assert table["energy"].to_dict() == {"alarm": 48.0, "more": 48.0, m.BEYOND: 24.0}
    assert table.loc["alarm", "amount"] == pytest.approx(48 * 44)
    assert table.loc["more", "amount"] == pytest.approx(48 * 50)
    assert table.loc[m.BEYOND, "amount"] == pytest.approx(24 * 50)
    assert m.owed(table, ("XA", "XB")) == pytest.approx(48 * 44 + 72 * 50)
    assert m.owed(table, ("XB", "XA")) == pytest.approx(-(48 * 44 + 72 * 50))


def test_aid_without_a_price_costs_what_it_costs_by_the_plan() -> None:
    """Nothing is laid down for what B gives A."""
    case = two_states()
    plan, now = answer([0, 0, 0, 0], [0, 0, 0, 0]), answer([-4, 0, 0, 0], [0, 0, 0, 0])
    given = m.flows(case, now, plan, ("XA", "XB"))
    table = m.settlement(case, given, plan, HOURS, ("XA", "XB"))
    assert list(table["part"]) == [m.PLAN_PRICE]
    assert table["amount"].sum() == pytest.approx(4 * 24 * 40)
    assert m.settlement(case, [], plan, HOURS, ("XA", "XB")).empty


def test_a_volume_in_a_wrong_unit_is_told() -> None:
    """Cubic metres of power would be settled as if they were megawatts."""
    case = two_states(
        notifications="notification, trigger, from_body, to_body, within_hours, aid, volume, unit, price\nx, alert:electricity, grid_b, grid_a, 1, power, 3, bcm/year, 20"
    )
    with pytest.raises(UnitError, match="volume of a notification"):
        m.parts(case, "XA", "XB", "electricity")


def test_whose_measure_it_is() -> None:
    """A measure on the border takes both; a body's country decides otherwise."""
    case, pair = two_states(), ("XA", "XB")
    assert m.sides(case, "tie", [("links", "tie")], pair) == (("XA", "XB"), True)
    assert m.sides(case, "spare_b", [("assets", "reserve_b")], pair) == (("XB",), False)
    assert m.sides(case, "spare_a", [("assets", "reserve_b")], pair) == (("XA",), False)
    assert m.sides(case, "tie", [("links", "tie")], ("XC", "XD")) == ((), False)

"""The least cost as a function of one number: bends by hand, and equal to solving again."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.errors import InternalError
from kelisim.lp.builder import Builder
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.parametric import curve, of_column


def merit_order(sizes: list[float], costs: list[float]) -> tuple[Session, int]:
    """Plants of rising cost that together make what one column asks for."""
    build = Builder(["all"])
    plants = build.add_columns(
        "plants",
        [f"p{at}" for at in range(len(sizes))],
        1,
        0.0,
        np.array(sizes)[:, None],
        np.array(costs)[:, None],
    )
    asked = build.add_columns("asked", ["asked"], 1, 0.0, 0.0)
    row = build.add_rows("balance", ["all"], 1, 0.0, 0.0)
    build.add_entries(row, plants, 1.0)
    build.add_entries(row, asked, -1.0)
    session = Session(build.build())
    session.start()
    return session, int(asked[0, 0])


def test_bends_lie_where_a_plant_is_full() -> None:
    """Plants of 10, 5 and 20 at 1, 3 and 7: the cost bends at 10 and 15, and of 15 it is 10 + 15."""
    session, column = merit_order([10, 5, 20], [1, 3, 7])
    line = curve(of_column(session, column, Delta()), 0.0, 35.0)
    assert line.at == pytest.approx([0, 10, 15, 35])
    assert line.value == pytest.approx([0, 10, 25, 165])
    assert line.slope == pytest.approx([1, 3, 7])
    assert line(12.5) == pytest.approx(17.5)


def test_bends_equal_solving_again() -> None:
    """At 50 random values the line is what a solve says, to 1e-7; each bend is one, so no two pieces have one slope."""
    rng = np.random.default_rng(3)
    sizes, costs = rng.uniform(1, 9, 30).tolist(), rng.uniform(0, 100, 30).tolist()
    session, column = merit_order(sizes, costs)
    asked = of_column(session, column, Delta())
    line = curve(asked, 0.0, sum(sizes))
    assert len(line.at) == 31
    assert (np.diff(line.slope) > 0).all()
    for at in rng.uniform(0, sum(sizes), 50):
        assert line(at) == pytest.approx(asked(at)[0], rel=1e-7)


def test_a_straight_line_takes_two_solves() -> None:
    """Nothing is asked between the ends of one piece."""
    session, column = merit_order([10], [2])
    line = curve(of_column(session, column, Delta()), 0.0, 10.0)
    assert (line.solves, line.at.tolist()) == (2, [0.0, 10.0])


def test_a_value_without_an_answer_is_told() -> None:
    """More than all plants make has no answer."""
    session, column = merit_order([10], [2])
    with pytest.raises(InternalError, match="no answer with 11"):
        of_column(session, column, Delta())(11.0)

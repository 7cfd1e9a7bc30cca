"""Sets of projects side by side: none better in both, the plan among them, a figure and a map that show them."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import page_of
from tests.cases.shared_pipe import shared_pipe

HOURS = 8784


def ask(scenarios: str, **fields: str) -> Results:
    """Twice the use is 6 MW more than the dear well gives; a pipe of 12 closes that, one of 6 too."""
    return run(
        "investment", Engine(shared_pipe(), cache=False), projects="joint,own", scenarios=scenarios, **fields
    )


def test_the_frontier_by_hand() -> None:
    """With what is unserved at 0.5 of two outlooks, each pipe leaves nothing unserved; the joint one saves more, so that nothing and the other
    are both worse than it in both, and both pipes save less than one."""
    found = ask("as_planned=0.5,demand:2=0.5")
    rows = found["sets"].set_index("projects")
    assert list(rows.index) == ["", "joint", "own", "joint;own"]
    assert rows["unserved"].to_dict() == pytest.approx(
        {"": 3 * HOURS, "joint": 0, "own": 0, "joint;own": 0}, abs=1.0
    )
    assert rows.at["", "saved"] == 0.0 and rows["capex"].to_list() == pytest.approx([0.0, 1e6, 0.4e6, 1.4e6])
    plan = rows.index[rows["built"]].item()
    assert rows["saved"].idxmax() == plan and rows.at[plan, "best"] and rows["best"].sum() == 1
    assert rows.at[plan, "saved"] == pytest.approx(
        found["outlooks"].eval("probability * saved").sum(), rel=1e-9
    )
    words = Words(found.case)
    page = page_of(found, words)
    (part,) = (part for part in page.parts if part.heading == words.text("investment.sets.heading"))
    figure = part.items[0]
    numbers = [
        point["text"]
        for one in figure.series
        for point in one["data"]
        if isinstance(point, dict) and point.get("text")
    ]
    assert sorted(numbers) == ["1", "2", "3", "4"]
    assert page.map is not None


def test_only_sets_that_may_be_built_are_compared() -> None:
    """A set beyond the budget, or of two alternatives, is no point of the figure."""
    found = ask("as_planned=1", alternatives="joint+own")
    assert list(found["sets"]["projects"]) == ["", "joint", "own"]
    found = ask("as_planned=1", budget="0.5")
    assert list(found["sets"]["projects"]) == ["", "own"]


def test_no_frontier_where_nothing_is_unserved() -> None:
    """A figure of one point on an axis without a scale says nothing."""
    found = ask("as_planned=1")
    words = Words(found.case)
    (part,) = (
        part for part in page_of(found, words).parts if part.heading == words.text("investment.sets.heading")
    )
    assert len(part.items) == 1 and found["sets"]["best"].sum() == 1

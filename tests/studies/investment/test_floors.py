"""A floor on security by hand: a border town between two pipes, one of them new, and what else could bring it there."""

from __future__ import annotations

import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.shared_pipe import PARTS, shared_pipe

OLD = "old,   Old pipe,   natural_gas, pipeline, west,       town,     10,       1,      base"


def border_town() -> Case:
    """The town has an old pipe over the border, 10 MW, and no well of its own; it uses 8."""
    wells = "\n".join(
        line.replace("dear, ", "far,  ").replace("town, ", "west, ") for line in PARTS["assets"].splitlines()
    )
    ports = "\n".join(line.replace("dear, ", "far,  ") for line in PARTS["asset_ports"].splitlines())
    links = f"{PARTS['links'].rstrip()}\n        {OLD}\n"
    places = f"{PARTS['places'].rstrip()}\n        west,  West,  RU\n"
    return shared_pipe(places=places, links=links, assets=wells, asset_ports=ports)


def ask(**fields: str) -> Results:
    return run(
        "investment",
        Engine(border_town(), cache=False),
        projects="joint,own",
        scenarios="as_planned=1",
        **fields,
    )


def built(found: Results) -> set[str]:
    rows = found["projects"]
    return set(rows["project"][rows["built"]])


def test_a_floor_is_met_at_least_cost() -> None:
    """Without the old pipe of 10 nothing is left of 8. The other pipe brings 6 of 8, three quarters; the joint one, 12 with 2 MW of new use,
    10 of 10 with itself out: the whole."""
    free = ask(capex="joint=90,own=40", worth="0")
    assert built(free) == set()
    part = ask(capex="joint=90,own=40", worth="0", floor="0.7")
    assert built(part) == {"own"}
    row = part["floors"].set_index("region").loc["town"]
    assert row[["before", "plan"]].to_list() == pytest.approx([0.0, 0.75])
    whole = ask(capex="joint=90,own=40", worth="0", floor="1")
    assert built(whole) == {"joint"}
    assert whole["floors"].set_index("region").at["town", "plan"] == pytest.approx(1.0)
    facts = facts_of(whole["facts"])
    paid = whole["projects"].set_index("project").at["joint", "worth"]
    assert facts["floor_cost"].value == pytest.approx(-paid, rel=1e-6)
    assert (
        facts["saved"].say == "investment.plan_for_floor" and facts["why_joint"].say == "investment.why_floor"
    )


def test_a_floor_with_stages_is_met_in_the_last() -> None:
    """What it asks comes as late as can be, since it costs more than it saves; where that is too late, an error says so."""
    found = ask(capex="joint=90,own=40", worth="0", floor="0.7", stages="2026=1,2030=1,2035=1")
    assert found["phases"].set_index("project")["since"].to_dict() == {"joint": "", "own": "2035"}
    assert facts_of(found["facts"])["phases"].say == "investment.in_service_dear"
    with pytest.raises(StudyError, match="stages: what the floor needs"):
        ask(capex="joint=90,own=40", worth="0", floor="0.7", stages="2026=1,2027=1")


def test_what_no_project_reaches_is_told() -> None:
    """All together bring 10 + 12 + 6 less 12 to 8, twice the use: more than that is out of reach and binds nothing."""
    found = ask(capex="joint=90,own=40", worth="0", floor="2.5")
    assert built(found) == set()
    assert found["floors"]["most"].to_list() == pytest.approx([2.0])
    assert facts_of(found["facts"])["floor_short"].say == "investment.floor_short"


def test_a_floor_beyond_the_budget_is_an_error() -> None:
    with pytest.raises(StudyError, match="no plan within the limits reaches it"):
        ask(capex="joint=90,own=40", worth="0", floor="1", budget="50")
    with pytest.raises(StudyError, match="floor: -1 is not between 0 and 10"):
        ask(floor="-1")

"""Needs, alternatives, units, risk, and plans beside the best, by hand on the shared pipe."""

from __future__ import annotations

from functools import cache

import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.shared_pipe import PARTS, shared_pipe

HOURS = 8784
CHEAP = "joint=0.01,own=0.01,far=0.01"
MORE = {
    "links": f"""{PARTS["links"].rstrip()}
        far,   Far pipe,   natural_gas, pipeline, field,      town,     3,        2,      candidate
    """,
    "projects": f"""{PARTS["projects"].rstrip()}
        far,     Far pipe,    links:far,   3,        MW,   0.2,   0.01, 25,       RU
    """,
}


@cache
def ask(projects: str = "joint,own,far", scenarios: str = "as_planned=1", **fields: str) -> Results:
    engine = Engine(shared_pipe(**MORE), cache=False)
    return run("investment", engine, projects=projects, scenarios=scenarios, **fields)


def built(found: Results) -> set[str]:
    rows = found["projects"]
    return set(rows["project"][rows["built"]])


def test_what_needs_another_comes_with_it_only() -> None:
    """The far pipe is the cheapest way to 3 of 8 MW, but needs the dear other one, with which it saves less than the joint pipe."""
    alone = ask("own,far", capex="own=100,far=0.01")
    assert built(alone) == {"far"}
    bound = ask("own,far", capex="own=100,far=0.01", needs="far=own")
    assert built(bound) == set()
    why = facts_of(bound["facts"])["why_far"]
    assert why.say == "investment.needs_other" and "Own pipe" not in built(bound)
    assert built(ask("own,far", capex=CHEAP.replace("joint=0.01,", ""), needs="far=own")) == {"own", "far"}


def test_of_alternatives_one_is_built() -> None:
    """The far pipe and the other together serve all but nothing of 8 MW; of both only one, and it is the one that saves more."""
    free = ask("own,far", capex="own=0.01,far=0.01")
    assert built(free) == {"own", "far"}
    one = ask("own,far", capex="own=0.01,far=0.01", alternatives="own+far")
    # 3 MW at 20 - 7 or 6 MW at 20 - 13, less running
    assert built(one) == {"own"}
    assert facts_of(one["facts"])["why_far"].say == "investment.instead_of"


def test_units_are_built_as_far_as_they_pay() -> None:
    """Pipes of 3 MW to gas at 5 with 2 of tariff: 10 MW of use are worth 13, 13, and 13 for 2 MW and 1 more; the fourth carries 1 MW."""
    found = ask("far", units="far=5", capex="far=1.5")
    rows = found["projects"].set_index("project")
    assert list(rows.index) == ["far", "far_2", "far_3", "far_4", "far_5"]
    assert built(found) == {"far", "far_2", "far_3"}
    assert rows.at["far_3", "gain"] == pytest.approx(13 * 2 * HOURS, rel=1e-6)
    assert rows.at["far_4", "gain"] == pytest.approx(0.0, abs=1.0)
    assert found.case.table("projects").set_index("project").at["far_2", "name"] == "Far pipe (2)"
    late = ask("far", units="far=2", capex="far=0.01", scenarios="late:far=1")
    assert built(late) == set()


def test_units_widen_what_is_in_use() -> None:
    """More of the near well behind a pipe of 6: the second unit of 1 MW finds no room in the other pipe."""
    wells = PARTS["assets"].replace("near,  field, south, 6, ", "near,  field, south, 5, ")
    projects = (
        PARTS["projects"].rstrip() + "\n        more, More wells, assets:near, 1, MW, 0.01, 0, 25, KZ\n"
    )
    case = shared_pipe(assets=wells, projects=projects)
    found = run("investment", Engine(case, cache=False), projects="own,more", scenarios="as_planned=1",
                units="more=2", capex="own=0.01")  # fmt: skip
    assert built(found) == {"own", "more"}
    rows = found["projects"].set_index("project")
    assert rows.at["more", "gain"] == pytest.approx(7 * HOURS, rel=1e-6)
    assert rows.at["more_2", "gain"] == pytest.approx(0.0, abs=1.0)


def test_risk_buys_what_the_mean_would_not() -> None:
    """Twice the use, one year in ten: 6 of 16 MW unserved. The far pipe brings 3 of them; it costs more than it is worth at the value of
    lost load, but not where the worst tenth counts beside it; spread over all outlooks the same price is too little."""
    asked = {"projects": "far", "scenarios": "as_planned=0.9,demand:2=0.1", "capex": "far=400"}
    plain, risky = ask(**asked), ask(**asked, risk="5000", tail="0.1")
    assert built(plain) == set() and built(risky) == {"far"}
    facts = facts_of(risky["facts"])
    assert facts["saved"].say == "investment.plan_for_risk" and facts["why_far"].say == "investment.why_risk"
    assert "evpi" in facts_of(plain["facts"]) and "evpi" not in facts
    worst = facts["worst"]
    assert worst.places["before"] == pytest.approx(6 * HOURS, rel=1e-6)
    assert worst.value == pytest.approx(3 * HOURS, rel=1e-6)
    assert built(ask(**asked, risk="5000", tail="1")) == set()


def test_plans_nearly_as_good_and_their_regret() -> None:
    """With all three nearly free the second best leaves out the one that matters least; its regret is what it saves less."""
    found = ask(capex=CHEAP, near="0.9", scenarios="as_planned=0.6,late:joint=0.4")
    near = found["near"]
    assert (near["less"].diff().dropna() >= -1e-3).all() and len(near) == 5
    sets = found["sets"].sort_values("saved", ascending=False)
    plan = sets["saved"].iloc[0]
    assert near["less"].to_list() == pytest.approx((plan - sets["saved"].iloc[1:6]).to_list(), abs=1.0)
    regrets = found["regrets"]
    assert (regrets["regret"] >= 0).all()
    assert regrets.groupby("outlook")["regret"].min().to_list() == pytest.approx([0.0, 0.0], abs=1e-6)
    mine = regrets[regrets["projects"] == regrets["projects"].iloc[0]].set_index("outlook")["regret"]
    told = found["outlooks"].set_index("outlook")["regret"]
    assert mine.to_dict() == pytest.approx(told.to_dict(), abs=1.0)
    assert "near" not in ask(near="0")


def test_what_is_wrong_with_conditions_is_said_at_once() -> None:
    with pytest.raises(StudyError) as raised:
        ask(needs="far,far=owm,own=own", alternatives="own,own+fat", units="far=1.5,joint=19", risk="-1",
            tail="0", near="2")  # fmt: skip
    told = str(raised.value)
    for part in (
        'needs: "far" is not project=other',
        'needs: "owm" is none of the projects asked about. Did you mean "own"?',
        'needs: "own=own" names a project that needs itself.',
        'alternatives: "own" does not name two projects',
        'alternatives: "fat" is none of the projects asked about. Did you mean "far"?',
        "units: 1.5 of far is no whole number from 1 to 9.",
        "units: 19 of joint is no whole number from 1 to 9.",
        "risk: -1 is no price of 0 or more.",
        "tail: 0 is not above 0 and up to 1.",
        "near: 2 is not between 0 and 1.",
    ):
        assert part in told

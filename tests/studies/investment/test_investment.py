"""A pipe and another before it is known how much is used, by hand; shared demand, budget, and what no use leaves of a project."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import pytest

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import CaseError, StudyError
from kelisim.ledger.outlays import Outlay, annuity
from kelisim.lp.two_stage import monolith
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.investment.coming.outlooks import coming_years
from kelisim.studies.investment.portfolio import Portfolio
from tests.cases.make import ABC, NO_FUEL, A, make
from tests.cases.shared_pipe import PARTS, shared_pipe

HOURS = 8784
MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days
JOINT, OWN = 1e6 * annuity(0.08, 25, 3) + 1e5, 4e5 * annuity(0.08, 25, 3) + 2e4  # costs a year
COMING = "as_planned=0.6,demand:0.5=0.3,late:joint=0.1"
LINE_COLUMNS = "link, carrier, kind, from_place, to_place, capacity, capacity_back, reactance, status"
TRIANGLE_LINES = """ab, electricity, line, a, b, 100, 100, 0.1,
ac, electricity, line, a, c, 100, 100, 0.2,
bc, electricity, line, b, c, 100, 100, 0.3,"""
BOTH_BRING = f"""{PARTS["project_demand"].strip()}
        own, town, natural_gas, industry, 2, MW year, 15, USD/MWh"""


def _no_use(case: Case) -> Case:
    """The town uses no gas today."""
    return case.with_table("demand", case.table("demand").assign(place="field", amount=1.0))


OTHERS: dict[str, Callable[[], Case]] = {
    "": shared_pipe,
    "no use": lambda: _no_use(shared_pipe()),
    "both bring": lambda: shared_pipe(project_demand=BOTH_BRING),
}


@cache
def ask(projects: str = "joint,own", other: str = "", scenarios: str = COMING, **fields: str) -> Results:
    engine = Engine(OTHERS[other](), cache=False)
    return run("investment", engine, projects=projects, scenarios=scenarios, **fields)


def test_a_plan_by_hand() -> None:
    """The pipe saves 20 - 6 on 8 MW or on 4 and earns 15 - 6 on 2 or on 1, and nothing while it is late; the other, put in beside
    it, saves 20 - 13 on 6 MW only then."""
    gain = (0.6 * (14 * 8 + 9 * 2) + 0.3 * (14 * 4 + 9 * 1)) * HOURS
    rows = ask()["projects"].set_index("project")
    assert rows["built"].to_dict() == {"joint": True, "own": False}
    assert rows["gain"].to_dict() == pytest.approx({"joint": gain, "own": 0.1 * 7 * 6 * HOURS}, rel=1e-6)
    assert rows.at["joint", "worth"] == pytest.approx(gain - JOINT, rel=1e-6)
    assert rows.at["joint", "bare"] == pytest.approx(14 * (0.6 * 8 + 0.3 * 4) * HOURS, rel=1e-6)
    assert rows.at["own", "alone"] == pytest.approx(7 * (0.7 * 6 + 0.3 * 4) * HOURS, rel=1e-6)
    assert facts_of(ask()["facts"])["saved"].value == pytest.approx(gain - JOINT, rel=1e-6)


def test_a_shared_limit_is_widened_by_hand() -> None:
    """Berths let 3 of the pipe's 12 MW through; 4 more take the place of the other pipe: 13 - 6 on each. Not in a unit of their own."""
    berths = {
        "links": PARTS["links"].replace("1,      candidate", "1,      base"),
        "resources": "resource, amount, unit, over\nberths, 3, MW, step",
        "resource_uses": "resource, table, element, use\nberths, links, joint, 1",
        "project_demand": "",
    }
    rows = "project, name, builds, capacity, unit, capex\nmore, More berths, resources:berths, {}, 0.1"
    found = run(
        "investment",
        Engine(shared_pipe(projects=rows.format("4, MW"), **berths), cache=False),
        projects="more",
    )
    row = found["projects"].iloc[0]
    assert row["built"] and row["gain"] == pytest.approx((13 - 6) * 4 * HOURS, rel=1e-6)
    with pytest.raises(CaseError, match='"kt/day" cannot stand for "MW"'):
        shared_pipe(projects=rows.format("4, kt/day"), **berths)


def test_what_knowing_is_worth_by_hand() -> None:
    """Only where the pipe is late something else would be better: the other pipe, which saves 42 an hour, and not the late one's cost."""
    regret = 42 * HOURS - OWN + JOINT
    rows = ask()["outlooks"].set_index("outlook")
    assert rows["regret"].to_list() == pytest.approx([0.0, 0.0, regret], rel=1e-6, abs=0.1)
    assert rows["known"].to_list() == ["joint", "joint", "own"]
    assert rows.at["late:joint", "saved"] == pytest.approx(-JOINT, rel=1e-6)
    known = ask()["knowing"].set_index("measure")["cost"]
    assert known["evpi"] == pytest.approx(0.1 * regret, rel=1e-6)
    assert known["evpi"] == pytest.approx(known["sp"] - known["ws"], rel=1e-9)
    assert (
        known["vss"] == pytest.approx(known["eev"] - known["sp"], rel=1e-9, abs=1e-3) and known["vss"] > -0.1
    )
    last = ask()["bounds"].iloc[-1]
    assert last["upper"] - last["lower"] <= 1e-6 * abs(last["upper"])
    assert last["upper"] == pytest.approx(known["sp"], rel=1e-6)


def test_marginal_values_by_hand() -> None:
    """The first of 12 MW saves 14 an hour, 0.9 of the time; of the last nothing is used."""
    row = ask()["projects"].iloc[0]
    assert row["first"] == pytest.approx(0.9 * 14 * 12 * HOURS, rel=1e-6)
    assert row["last"] == pytest.approx(0.0, abs=1.0)
    facts = facts_of(ask()["facts"])
    assert facts["margin_joint"].say == "investment.ample"
    assert facts["why_joint"].say == "investment.why" and facts["why_joint"].places["element"] == "dear"


def test_a_project_is_worth_nothing_without_what_it_serves() -> None:
    """No use today: the pipe is built for what comes with it alone; without that, and for another that brings none, nothing is gained."""
    found = ask("joint,own", "no use", "as_planned=1", capex="joint=0.01")
    rows = found["projects"].set_index("project")
    assert rows.at["joint", "gain"] == pytest.approx(9 * 2 * HOURS, rel=1e-6) and rows.at["joint", "built"]
    assert abs(rows.at["joint", "bare"]) < 1e-3
    assert rows.at["joint", "first"] == pytest.approx(9 * 12 * HOURS, rel=1e-6)
    assert facts_of(found["facts"])["demand_joint"].say == "investment.by_demand"
    assert not rows.at["own", "built"] and facts_of(found["facts"])["why_own"].say in (
        "investment.gains_nothing",
        "investment.left_out",
    )
    silent = ask("joint", "no use", "as_planned=1", worth="0")
    assert not silent["projects"]["built"].any() and abs(silent["projects"]["gain"].iloc[0]) < 1e-3
    assert facts_of(silent["facts"])["saved"].say == "investment.nothing_one"


def test_what_is_saved_is_by_what_is_served() -> None:
    """If nobody uses or buys anything, the pipes save nothing; a store that has to be full at the end saves, if it could be filled dearly only."""
    facts = facts_of(ask()["facts"])
    assert ask()["projects"].set_index("project").at["joint", "idle"] == pytest.approx(0.0, abs=1.0)
    assert facts["idle"].say == "investment.not_idle"
    store = "storage, place, carrier, working_capacity, injection, withdrawal, level_start, level_end\n store, town, natural_gas, 8784, 10, 10, 0, 1"
    filled = run("investment", Engine(shared_pipe(storages=store), cache=False), projects="joint",
                 scenarios="as_planned=1", capex="joint=0.01")  # fmt: skip
    assert filled["projects"].iloc[0]["idle"] == pytest.approx(14 * 8784, rel=1e-6)
    assert facts_of(filled["facts"])["idle_joint"].say == "investment.idle"


def test_a_budget_binds() -> None:
    """With 0.5 million only the other pipe can be built; with less, nothing; what is left out for want of money says so."""
    some = ask(budget="0.5", scenarios="as_planned=1")
    assert some["projects"].set_index("project")["built"].to_dict() == {"joint": False, "own": True}
    assert facts_of(some["facts"])["why_joint"].say == "investment.no_money_left"
    assert facts_of(some["facts"])["saved"].value == pytest.approx(42 * HOURS - OWN, rel=1e-6)
    assert not ask(budget="0.3", scenarios="as_planned=1")["projects"]["built"].any()


@pytest.mark.parametrize("other", ["", "both bring"])
def test_cuts_find_the_best_of_all_sets(other: str) -> None:
    """Also where both projects bring the same demand, which is there once: every set solved by itself, and the problem as one."""
    case = OTHERS[other]()
    building, wrong = Building(case, ("joint", "own")), list[str]()
    coming = coming_years(case, tuple(COMING.split(",")), building.projects, wrong)
    outlay = {"joint": Outlay(0.0, 0.0, 6e5, 25), "own": Outlay(0.0, 0.0, 2e5, 25)}
    portfolio = Portfolio(Engine(case, cache=False), building, coming, outlay)
    sets = [
        tuple(n for n, here in zip(building.projects, taken, strict=True) if here)
        for taken in product((0, 1), repeat=2)
    ]
    totals = {some: portfolio.expected(some) + portfolio.paid(some) for some in sets}
    known = portfolio.solved()
    assert not wrong
    assert known.sp == pytest.approx(min(totals.values()), rel=1e-6)
    assert totals[portfolio.named(known.best.x)] == pytest.approx(known.sp, rel=1e-6)
    assert monolith(portfolio.two).cost == pytest.approx(known.sp, rel=1e-6)
    if other:
        # whoever is ready brings the 2 MW, worth 15, once; the other pipe fills with what saves more
        own = 7 * (0.7 * 6 + 0.3 * 4) + 0.3 * 2 * 1
        assert portfolio.expected(()) - portfolio.expected(("own",)) == pytest.approx(own * HOURS, rel=1e-6)


def test_prices_and_outages_are_outlooks() -> None:
    """Gas at 15 instead of 5 leaves the pipe 4 of 14 on 8 MW and nothing on what comes; without the wells it saves nothing."""
    found = ask("joint", scenarios="price:wells:3=0.5,outage:wells+demand:1.1=0.5", capex="joint=0.1")[
        "outlooks"
    ]
    cost = JOINT - 9e5 * annuity(0.08, 25, 3)
    assert found["saved"].to_list() == pytest.approx([4 * 8 * HOURS - cost, -cost], rel=1e-6)


def test_what_is_wrong_is_said_at_once() -> None:
    """All that is wrong with the fields, with the nearest right name."""
    with pytest.raises(StudyError) as raised:
        ask("jont", scenarios="demnd:2=0.5,outage:joit=0.2,demand:0=0.2,late:own=0.1,as_planned", budget="-1")
    told = str(raised.value)
    for part in (
        'no project "jont". Did you mean "joint"?',
        "budget: -1 is below 0.",
        '"demnd:2" cannot be read. Did you mean "demand"?',
        '"joit" in "outage:joit" is no link, asset or storage. Did you mean "joint"?',
        '"0" in "demand:0" is no factor',
        '"own" in "late:own" is no project asked about.',
        '"as_planned" has no probability',
    ):
        assert part in told
    with pytest.raises(StudyError, match=r"the probabilities sum to 0.9, not to 1"):
        ask(scenarios="as_planned=0.9")
    with pytest.raises(StudyError, match="each once"):
        ask(scenarios="as_planned=0.5,as_planned=0.5")


def test_what_has_no_capacity_is_said_at_once() -> None:
    """A store without a rate, and what is in use and widened by nothing: an error line for each, before anything is solved."""
    store = "storage, place, carrier, working_capacity, injection, withdrawal, is_cyclic\n store, town, natural_gas, 480, 10, , yes"
    projects = f"""{PARTS["projects"].rstrip()}
        out,     More out,    storages:store, 5,      MW,   1,     ,     ,         KZ
        more,    More wells,  assets:near,  ,         MW,   1,     ,     ,         KZ"""
    case = shared_pipe(storages=store, projects=projects)
    with pytest.raises(StudyError) as raised:
        run("investment", Engine(case, cache=False), projects="joint,out,more", scenarios="as_planned=1")
    assert str(raised.value).splitlines() == [
        "out builds storages:store, which has no withdrawal; write one in storages.csv.",
        "more builds assets:near, which is in use already; write in projects.csv what capacity it adds.",
    ]


def test_a_storage_is_widened() -> None:
    """Use of 4 and of 12 in turn beside wells of 10 and a store that gives 1: with 1 MW more of it that much less comes from the dear well."""
    rises = "".join(f"\n ups, {month}, {0.5 if month % 2 else 1.5}" for month in range(1, 13))
    case = make(
        months=12,
        places=A,
        assets="asset, kind, place, capacity, cost\n wells, field, a, 10, 5\n dear, field, a, 20, 20",
        asset_ports="asset, carrier, ratio\n wells, natural_gas, 1\n dear, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit, profile\n a, natural_gas, household, 8, MW year, ups",
        profiles=f"profile, month, value{rises}",
        storages="""
            storage, place, carrier,     working_capacity, injection, withdrawal, is_cyclic
            store,   a,     natural_gas, 48000,            10,        1,          yes
        """,
        projects="project, name, builds, capacity, unit\n more, More wells, storages:store, 1, MW",
    )
    row = run("investment", Engine(case, cache=False), projects="more", scenarios="as_planned=1")["projects"]
    even = sum(24 * days for month, days in enumerate(MONTHS, 1) if month % 2 == 0)
    assert row["built"].all() and row["gain"].iloc[0] == pytest.approx(15 * even, rel=1e-6)


@pytest.mark.parametrize("new", ["ab", "ac", "bc"])
def test_a_line_under_the_voltage_law(new: str) -> None:
    """A side of the triangle, not there and there: each as a case of its own."""
    lines = "\n".join(
        f"{line} {'candidate' if line.startswith(new) else 'base'}" for line in TRIANGLE_LINES.splitlines()
    )
    parts = {
        "places": ABC,
        "assets": "asset, kind, place, capacity, cost\n cheap, power_plant, a, 300, 5\n dear, power_plant, c, 300, 50",
        "asset_ports": "asset, carrier, ratio\n cheap, electricity, 1\n dear, electricity, 1",
        "asset_kinds": NO_FUEL,
        "demand": "place, carrier, customer_class, amount, unit\n c, electricity, household, 250, MW year\n b, electricity, household, 20, MW year",
        "projects": f"project, name, builds, capacity, unit\n new, New line, links:{new}, 100, MW",
    }
    without, with_it = (
        Engine(make(links=f"{LINE_COLUMNS}\n{text}", **parts), cache=False).base.objective
        for text in (lines, lines.replace("candidate", "base"))
    )
    engine = Engine(make(links=f"{LINE_COLUMNS}\n{lines}", **parts), cache=False)
    row = run("investment", engine, projects="new", scenarios="as_planned=1")["projects"].iloc[0]
    years = 2 / 366
    assert abs(without - with_it) > 1.0
    assert row["gain"] == pytest.approx((without - with_it) / years, rel=1e-6)


def test_unserved_of_today_is_told() -> None:
    """Twice the use is more than the dear well gives: 6 MW are unserved until a pipe comes."""
    row = ask("joint,own", scenarios="demand:2=1")["outlooks"].iloc[0]
    assert row["before"] == pytest.approx(6 * HOURS, rel=1e-6) and row["unserved"] == pytest.approx(
        0.0, abs=1.0
    )
    assert np.isfinite(row["saved"])

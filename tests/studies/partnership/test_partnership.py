"""A pipe that two states can only build together, by hand; and a project that is worth what the demand it brings is worth."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.cores import is_in_core
from kelisim.ledger.games import CoalitionGame, coalition_of
from kelisim.ledger.outlays import annuity
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import page_of
from tests.cases.shared_pipe import shared_pipe

HOURS = 8784
JOINT, OWN = 1e6 * annuity(0.08, 25, 3) + 1e5, 4e5 * annuity(0.08, 25, 3) + 2e4  # costs a year


def _with(table: str, **columns: object) -> Callable[[Case], Case]:
    """A case with other columns in a table."""
    return lambda case: case.with_table(table, case.table(table).assign(**columns))


def _fourteen(case: Case) -> Case:
    """Fourteen companies own the joint pipe in equal parts; the first of them the other one."""
    names = [f"e{at:02d}" for at in range(1, 15)]
    rows = [("joint", name, 1 / 14) for name in names] + [("own", "e01", 1.0)]
    first = case.table("owners").iloc[:1]
    owners = pd.concat(
        [first.assign(element=element, entity=name, share=share) for element, name, share in rows]
    )
    return case.with_table("owners", owners.reset_index(drop=True))


# cases beside the shared one
OTHERS: dict[str, Callable[[Case], Case]] = {
    "": lambda case: case,
    "new town": _with("demand", place="field", amount=1.0),  # the town uses no gas today
    "unpublished": _with("projects", capex=np.nan, opex=np.nan),
    "one owner each": lambda case: case.with_table(
        "owners", case.table("owners").drop(index=case.table("owners").index[1])
    ),
    "fourteen": _fourteen,
    "no owners": lambda case: case.with_table("owners", case.table("owners").iloc[:0]),
    "clash": _with("project_demand", customer_class="household"),
}


@cache
def ask(projects: str = "joint,own", other: str = "", **fields: str) -> Results:
    return run("partnership", Engine(OTHERS[other](shared_pipe()), cache=False), projects=projects, **fields)


def test_shares_by_hand() -> None:
    """The pipe saves 20 - 6 on 8 MW and earns 15 - 6 on 2 more; alone KZ saves 20 - 13 on 6 MW. What is left is halved by two."""
    both, alone = 130 * HOURS - JOINT, 42 * HOURS - OWN
    rows = ask()["players"].set_index("player")
    assert rows["alone"].to_dict() == pytest.approx({"KZ": alone, "RU": 0.0}, rel=1e-6)
    for by in ("shapley", "nucleolus"):
        assert rows[by].to_dict() == pytest.approx(
            {"KZ": (both + alone) / 2, "RU": (both - alone) / 2}, rel=1e-6
        )
    # evenly, since KZ alone has less than half
    assert rows["bargain"].to_dict() == pytest.approx({"KZ": both / 2, "RU": both / 2}, rel=1e-6)
    assert rows["least"].to_dict() == pytest.approx({"KZ": alone, "RU": 0.0}, abs=0.1)
    assert rows["most"].to_dict() == pytest.approx({"KZ": both, "RU": both - alone}, rel=1e-6)
    assert rows["gain"].to_dict() == pytest.approx({"KZ": 130 * HOURS, "RU": 0.0}, abs=1.0)
    assert rows["payment"]["RU"] == pytest.approx((both - alone) / 2 + JOINT / 2, rel=1e-6)
    assert rows["payment"].sum() == pytest.approx(0.0, abs=1e-6)
    facts = facts_of(ask()["facts"])
    assert (
        facts["worth"].value == pytest.approx(both, rel=1e-6)
        and "loser_RU" in facts
        and facts["core"].say == "partnership.core"
    )


def test_what_each_keeps_is_its_share() -> None:
    """A payment that leaves a side with less than it was told is the end of the talks; all shares sum to the whole."""
    for fields in ({}, {"shares": "RU=0.8,KZ=0.2", "capex": "joint=3", "rate": "0.12"}):
        rows, groups = ask(**fields)["players"], ask(**fields)["groups"]
        kept = rows["gain"] - rows["cost"] + rows["payment"]
        assert kept.to_numpy() == pytest.approx(rows["shapley"].to_numpy(), rel=1e-9)
        assert rows["shapley"].sum() == pytest.approx(groups["worth"].max(), rel=1e-9)
        assert rows["nucleolus"].sum() == pytest.approx(groups["worth"].max(), rel=1e-9)


def test_a_project_is_worth_the_demand_it_serves() -> None:
    """Without use in the town today the pipe serves what it brings alone: without that it is worth nothing, and nobody builds it."""
    served = ask("joint", "new town")
    row = served["projects"].iloc[0]
    assert row["gain"] == pytest.approx(9 * 2 * HOURS, rel=1e-6) and abs(row["bare"]) < 1e-3
    assert row["energy"] == pytest.approx(2 * HOURS)
    assert facts_of(served["facts"])["demand_joint"].say == "partnership.by_demand"
    bare = ask("joint", "new town", demand="no", capex="joint=0.01")
    assert (
        bare["players"]["shapley"].tolist() == [0.0, 0.0]
        and facts_of(bare["facts"])["worth"].say == "partnership.nothing"
    )
    assert ask("joint", "new town", capex="joint=0.01")["players"]["shapley"].min() > 0
    assert "books" not in bare


def test_what_the_demand_costs_to_supply() -> None:
    """The price at which a use pays for its gas is what the talks are about; it does not hang on what the use is worth. A use
    that is worth less than its gas costs makes a project neither lose nor win."""
    for fields in ({}, {"worth": "3"}):
        row = ask("joint" if fields else "joint,own", **fields)["demand"].iloc[0]
        assert (row["supply"], row["served"], row["unit"]) == (
            pytest.approx(6.0, rel=1e-6),
            pytest.approx(1.0),
            "USD/MWh",
        )
        assert row["worth"] == pytest.approx(float(fields.get("worth", 15.0)))
    row = ask("joint", worth="3")["projects"].iloc[0]
    assert row["gain"] == pytest.approx(row["bare"], rel=1e-9) == pytest.approx(14 * 8 * HOURS, rel=1e-6)


def test_books_of_partners() -> None:
    """The books of all are what the network gains less what is spent; each has his half of the costs and his payment."""
    found = ask()
    books = found["books"].pivot(index="year", columns="player", values="cash")
    assert books["all"].to_numpy() == pytest.approx((books["KZ"] + books["RU"]).to_numpy(), abs=0.005)
    assert books["all"].tolist()[:3] == pytest.approx([-1e6 / 3] * 3, abs=0.02) and len(books) == 28
    assert books["all"].iloc[5] == pytest.approx(130 * HOURS - 1e5, abs=1.0)
    plan = found["measures"].query("move == 'as_planned'").set_index("player")
    hand = sum(value / 1.08**year for year, value in enumerate(books["RU"]))
    assert plan["npv"]["RU"] == pytest.approx(hand, abs=1.0)
    late = found["measures"].query("move == 'late_3'").set_index("player")["npv"]
    stopped = found["measures"].query("move == 'stopped'").set_index("player")["npv"]
    assert (late < plan["npv"]).all() and (stopped < plan["npv"]).all()


def test_companies() -> None:
    """Who owns half of a pipe can stop it; by companies the gain of all counts, and no payment is made up."""
    rows = ask(players="companies")["players"].set_index("player")
    assert rows["alone"].to_dict() == pytest.approx({"north": 0.0, "steppe": 42 * HOURS - OWN}, rel=1e-6)
    assert rows["shapley"].sum() == pytest.approx(130 * HOURS - JOINT, rel=1e-6) and rows["gain"].isna().all()
    revenue = ask(players="companies")["books"].query("year == 4").set_index("player")["revenue"]
    assert revenue.to_dict() == pytest.approx(
        {"north": 5 * HOURS, "steppe": 5 * HOURS, "all": 10 * HOURS}, rel=1e-6
    )


def test_partners_that_stand_in_for_each_other() -> None:
    """Two pipes for one use: each alone saves nearly all that both save, so that no division holds; that is an answer and no error."""
    found = ask("joint,own", "one owner each", players="companies", capex="joint=0.1,own=0.1")
    rows, facts = found["players"], facts_of(found["facts"])
    assert rows["alone"].sum() > rows["shapley"].sum() and facts["core"].say == "partnership.apart"
    assert rows["nucleolus"].sum() == pytest.approx(rows["shapley"].sum()) and rows[
        ["least", "bargain"]
    ].isna().all(axis=None)


def test_many_companies_are_drawn() -> None:
    """Of fourteen who own a pipe together each adds as much; one can build the other pipe alone and has that first. Errors hold the hand."""
    found = ask("joint,own", "fourteen", players="companies")
    rows = found["players"].set_index("player")
    both, alone = 130 * HOURS - JOINT, 42 * HOURS - OWN
    hand = np.array([(both - alone) / 14 + alone * (name == "e01") for name in rows.index])
    assert (np.abs(rows["shapley"] - hand) <= 3 * rows["error"]).all() and (rows["error"] > 0).all()
    assert rows["shapley"].sum() == pytest.approx(both, rel=1e-9) and rows["nucleolus"].isna().all()
    assert rows["bargain"].sum() == pytest.approx(both, rel=1e-9)
    facts = facts_of(found["facts"])
    assert facts["sampled"].value == rows["error"].max() and "core" not in facts
    assert found["groups"]["size"].tolist() == [1] * 14 + [14]


def test_no_rate_or_several_is_said() -> None:
    """A seller who is only paid has no rate of return, and the table says so and not that it is not known."""
    found = ask(shares="KZ=1,RU=0")
    rows = found["measures"].query("move == 'as_planned'").set_index("player")
    assert rows.at["RU", "rates"] == 0 and np.isnan(rows.at["RU", "irr"]) and rows.at["KZ", "rates"] == 1
    words = Words(found.case)
    page = page_of(found, words)
    told = [[cell.text for cell in row] for view in page.views for row in view.rows]
    assert any(row[-2:] == ["none", "0"] for row in told) and not any("not known" in row for row in told)


def test_an_investment_that_nobody_has_published() -> None:
    """A project without a price tag is not free: the answer says up to what it is worth it, and has no books."""
    found = ask("joint", "unpublished")
    assert "books" not in found and np.isnan(found["projects"]["capex"].iloc[0])
    most = found["projects"]["most"].iloc[0]
    assert most * (annuity(0.08, 25, 3) + 0.03) == pytest.approx(130 * HOURS, rel=1e-6)
    facts = facts_of(found["facts"])
    assert (
        facts["capex_joint"].say == "partnership.unpublished"
        and facts["worth"].say == "partnership.worth_unpaid"
    )
    nearly = ask("joint", "unpublished", capex=f"joint={most / 1e6 * 0.999999}")
    npv = nearly["measures"].query("move == 'as_planned' and player == 'all'")["npv"].iloc[0]
    assert abs(npv) < 2e-6 * most and nearly["groups"]["worth"].max() == pytest.approx(0.0, abs=50.0)


def test_the_shares_told_are_those_of_the_groups_told() -> None:
    """Who adds up the table of groups by himself must come to the same verdict."""
    rows, groups = ask()["players"], ask()["groups"]
    players = tuple(rows["player"])
    worth = {coalition_of(r.members.split(";"), players): r.worth for r in groups.itertuples()}
    game = CoalitionGame.of(players, worth.__getitem__)
    assert is_in_core(game, rows["nucleolus"]) and not groups["objects"].any()


def test_what_is_wrong_is_said_at_once() -> None:
    """All that is wrong with the fields, with the nearest right name."""
    with pytest.raises(StudyError) as raised:
        ask("jont", capex="own=-1,x=2", rate="2", life="0")
    assert str(raised.value) == (
        'projects: no project "jont". Did you mean "joint"?\ncapex: "own=-1" is not name=number with a number of 0 or more.\n'
        'capex: "x" is none of the projects asked about.\nrate: 2 is not between 0 and 1.\nlife: 0 is not between 1 and 60.'
    )
    with pytest.raises(StudyError, match=r'shares: "UZ" is no partner. Known: KZ, RU.'):
        ask(shares="UZ=1")
    with pytest.raises(StudyError, match=r"they sum to 0.9, not to 1"):
        ask(shares="RU=0.9")
    with pytest.raises(StudyError, match="town:natural_gas:household has a row of demand already"):
        ask("joint", "clash")
    with pytest.raises(StudyError, match="nobody owns own in the table owners"):
        ask("own", "no owners", players="companies")

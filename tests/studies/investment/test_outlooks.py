"""Outlooks of a file, scenarios of the case and rules of trade, each by hand on the shared pipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelisim.cli.moves import from_files
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.outlays import annuity
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.investment.coming.outlooks import outlook_said
from tests.cases.shared_pipe import shared_pipe

HOURS = 8784
JANUARY, FEBRUARY = 744, 696
COST = 1e5 * annuity(0.08, 25, 3) + 1e5  # of the pipe at 0.1 million, a year
PLAN = 14 * 8 + 9 * 2  # saved an hour: 20 - 6 on 8 MW and 15 - 6 on the 2 that come
MORE = {
    "scenario_changes": """
        scenario, change_no, name,     acts_on,           value, low, high, unit
        dear_gas, 1,         Dear gas, assets:wells:cost, 2,     1,   3,    factor
        built,    1,         Built,    projects:own:built, 1,    ,    ,
    """,
    "restrictions": """
        restriction, programme, authority, target_type, target, effect,   start,      end,        threshold, ownership_test
        of_north,    P,         Alpha,     entity,      north,  prohibit, 2025-01-01, 2025-12-31, 0.5,       summed
    """,
    "owners": """
        element, entity, share, table
        joint,   north,  1,     links
        own,     steppe, 1,     links
    """,
}
FILE = """outlook,probability,acts_on,value,unit,start,end,note
as planned,0.5,none,,,,,
half in January,0.1,links:joint:share_out,0.5,,2024-01-01,2024-01-31,a repair
half in January,,assets:wells:cost,3,factor,2024-02-01,2024-02-29,
more at home,0.1,demand:town:*:household:load,1.25,factor,2026-01-01,2026-01-31,moved to the year of the case
more at home,,demand:0.5,,,,,
dear,0.1,scenario:dear_gas:high,,,,,
dear and late,0.1,scenario:dear_gas,,,,,
dear and late,,late:joint,,,,,
other,0.1,,,,,,
"""


def ask(**fields: str) -> Results:
    case = shared_pipe(**MORE)
    return run("investment", Engine(case, cache=False), projects="joint", capex="joint=0.1", **fields)


def test_each_outlook_of_a_file_by_hand(tmp_path: Path) -> None:
    """Half the pipe in January carries 6 of 10; gas at 15 in February leaves 4 on 8 MW; a quarter more of half the use in January; a
    scenario of the case at an end of its range; two things at a time; and nothing."""
    path = tmp_path / "years.csv"
    path.write_text(FILE, encoding="utf-8")
    rows = ask(**from_files({"outlooks": str(path)}))["outlooks"].set_index("outlook")
    half = 14 * 4 + 9 * 1
    hand = {
        "as_planned": PLAN * HOURS,
        "half in January": PLAN * (HOURS - JANUARY - FEBRUARY) + 14 * 6 * JANUARY + 4 * 8 * FEBRUARY,
        "more at home": half * (HOURS - JANUARY) + (14 * 5 + 9 * 1) * JANUARY,
        "dear": 4 * 8 * HOURS,
        "dear and late": 0.0,
        "other": PLAN * HOURS,
    }
    for name, saved in hand.items():
        assert rows.at[name, "saved"] == pytest.approx(saved - COST, rel=1e-6), name
    assert rows["probability"].sum() == pytest.approx(1.0)


def test_rules_of_trade_are_outlooks() -> None:
    """Kept all year, what a rule or a supposed listing stops saves nothing; on another day, or of another company, it saves as planned."""
    asked = {
        "sanctions:2025-06-01": 0.0,
        "sanctions:2026-06-01": 1.0,
        "listed:north": 0.0,
        "listed:steppe": 1.0,
    }
    asked |= {"sanctions:2025-06-01:Alpha": 0.0}
    found = ask(scenarios=",".join(f"{word}=0.2" for word in asked))
    saved = found["outlooks"].set_index("outlook")["saved"].to_dict()
    assert saved == pytest.approx(
        {word: part * PLAN * HOURS - COST for word, part in asked.items()}, rel=1e-6
    )
    stops = found["stops"]
    assert set(stops["outlook"]) == {word for word, part in asked.items() if not part}
    assert set(stops["element"]) == {"joint"} and (stops["share"] == 1.0).all()
    words = Words(found.case)
    assert words.say(outlook_said("listed:north")) == "no dealings with North Gas"
    assert (
        words.say(outlook_said("sanctions:2025-06-01:Alpha"))
        == "rules of trade of Alpha on 1 June 2025 kept by all"
    )
    assert (
        words.say(outlook_said("scenario:dear_gas:low+demand:1.1"))
        == "Dear gas, low end of its range and all demand times 1.1"
    )
    assert words.say(outlook_said("demand")) == "demand"


def test_all_that_is_wrong_in_a_file_is_said() -> None:
    """By row and column, with the nearest right name; a file and scenarios are not mixed."""
    bad = """outlook,probability,acts_on,value,unit,start,end
a,0.5,links:jont:share_out,0.5,,,
a,0.4,assets:wells:cst,2,factor,,
b,x,assets:wells:cost,two,factor,,
c,,late:jont,,,,
d,0.1,scenario:built,,,,
e,0.1,assets:wells:cost,2,t/day,,
f:g,0.1,none,,,,
as planned,0.1,demand:2,,,,
"""
    with pytest.raises(StudyError) as raised:
        ask(outlooks=bad)
    told = str(raised.value)
    for part in (
        'outlooks row 2, acts_on: "jont" is not in links. Did you mean "links:joint:share_out"?',
        'outlooks row 3, acts_on: assets has nothing called "cst"',
        "outlooks row 3, probability: 0.4 here, 0.5 in a row above.",
        'outlooks row 4, probability: "x" is no probability',
        "outlooks row 4, value:",
        "outlooks row 5, probability: no row of this outlook has one.",
        'outlooks row 5, acts_on: "jont" in "late:jont" is no project asked about. Did you mean "joint"?',
        "a project is no outlook",
        "outlooks row 7, unit:",
        'outlooks row 8, outlook: "f:g" is no name.',
        'outlooks row 9, outlook: "as planned" is the outlook in which nothing is otherwise.',
    ):
        assert part in told
    with pytest.raises(StudyError, match=r"outlooks: the probabilities sum to 0.9, not to 1"):
        ask(outlooks="outlook;probability;acts_on\na;0.9;none\n")
    with pytest.raises(StudyError, match=r'unknown column. Did you mean "acts_on"'):
        ask(outlooks="outlook,probability,act_on\na,1,none\n")
    with pytest.raises(StudyError, match="not both"):
        ask(outlooks=FILE, scenarios="as_planned=1")
    with pytest.raises(StudyError) as raised:
        ask(
            scenarios="scenario:dear_gaz=0.5,sanctions:today=0.2,sanctions:2025-06-01:Alfa=0.1,listed:nort=0.2"
        )
    for part in (
        'Did you mean "dear_gas"',
        '"today" in "sanctions:today" is no day',
        '"Alpha"',
        'Did you mean "north"',
    ):
        assert part in str(raised.value)

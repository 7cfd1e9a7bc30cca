"""Replays on the town behind one pipe (tests/cases/events_town.py), each number by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Dated, Outage
from kelisim.engine import Engine, Rules
from kelisim.errors import CaseError, StudyError
from kelisim.report.words import Words
from kelisim.results.facts import sentence_of
from kelisim.results.results import Results
from kelisim.results.schema import undeclared
from kelisim.studies import run
from kelisim.studies.conformance import check_study
from kelisim.studies.replays.study import Replays
from tests.cases.cut_town import cut_town
from tests.cases.events_town import CHANGES, EVENTS, HEAD, events_town
from tests.reading import page, texts

PLAIN = Rules("none", "late")
CUT = Outage("pipe", date(2024, 1, 3), date(2024, 1, 7))


def ask(case: Case | None = None, **fields: Any) -> Results:
    return run("replays", Engine(case or events_town(), cache=False), **({"place_rule": "none"} | fields))


def rows(results: Results) -> pd.DataFrame:
    return results["replays"].set_index(["event", "change_no"])


def test_conforms() -> None:
    """The same answer twice, units for every number, the case unchanged."""
    check_study(Replays(place_rule="none"), events_town())


def test_every_table_is_described() -> None:
    """A column without a description is a riddle for whoever gets the workbook."""
    results = ask()
    assert [line for name in results for line in undeclared("replays", name, results[name])] == []


def test_every_effect_beside_the_model_by_hand() -> None:
    """A ratio of the wrong days, unit or customers would praise or blame the model for nothing."""
    found = rows(ask())
    # homes 16 and industry 30 of 70 MW-days of gas, and 46 MW-days over 5 days
    expected = {
        ("cut", 1): -18,
        ("cut", 2): 5,
        ("cut", 3): 46 / 70,
        ("cut", 4): 9.2,
        ("quiet", 1): 0,
        ("hour", 1): 2,
    }
    assert found["model"].dropna().to_dict() == pytest.approx(expected, abs=1e-6)
    assert found["verdict"].to_dict() == {
        ("cut", 1): "the_change", ("cut", 2): "within", ("cut", 3): "miss", ("cut", 4): "bound_held",
        ("quiet", 1): "null_kept", ("quiet", 2): "not_comparable", ("hour", 1): "within",
    }  # fmt: skip
    assert found.loc[("cut", 3), "ratio"] == pytest.approx(46 / 14)


def test_only_independent_numbers_are_counted() -> None:
    """A score that counts bounds, or leaves out what has no counterpart, is too good."""
    results = ask()
    score = results["score"].set_index("part")
    assert score.loc["independent"].to_list() == [4, 2]
    assert score.loc["null"].to_list() == [1, 1]
    assert score.loc["bound"].to_list() == [1, 1]
    assert page(results).sentences[0] == (
        "Of 4 rows with an independent number 2 are within a factor of 2 (50 %): 1 of 1 levels, such as the flow of a month, and "
        "1 of 3 changes, shares and days."
    )


def test_a_miss_says_why() -> None:
    """A miss without its cause teaches nothing; what the case knows of it stands behind what the run shows."""
    results = ask()
    words = Words(results.case)
    found = rows(results).apply(lambda row: words.say(sentence_of(row)), axis=1)
    assert (
        found["cut", 3]
        == "In the model its place is taken by Cavern +55.7 thousand m3 while it lasts. Industry was warned."
    )
    assert found["quiet", 2] == '"some people saw less" is in words.'
    assert found["cut", 2] == ""


def test_bounds_and_nulls_can_be_broken() -> None:
    """A verdict that cannot be bad says nothing."""
    changes = """
        cut, 1, cause, links:pipe:share_out, 1, share, 5, MW,  , demand.unserved:town:natural_gas, mean,   bound, C,
        cut, 2, cause, none,                 ,  ,      0, MWh, , demand.unserved:town:heat,        change, null,  C,
    """
    events = "event, start, end, what\ncut, 2024-01-03, 2024-01-07, The pipe is cut"
    assert rows(ask(events_town(changes, events)))["verdict"].to_list() == ["bound_broken", "null_broken"]


@pytest.mark.parametrize(
    ("text", "statistic", "unit", "expected"),
    [
        ("links.flow:pipe", "sum", "MWh", 0),
        ("- links.flow:pipe", "change", "MWh", 18 * 5 * 24),
        ("links.flow:p*", "change", "share", -1),
        ("links.flow:pipe", "change_before", "share", -1),
        ("2 * demand.unserved:town:natural_gas:industry", "mean", "MW", 12),
        ("demand.unserved:town:natural_gas:industry + demand.unserved:town:heat", "mean", "MW", 8),
        ("demand.unserved:*", "share", "share", (46 + 10) / (70 + 20)),
        ("demand.unserved:town:natural_gas:household", "days", "day", 2),
        ("demand.unserved:town:natural_gas:industry / 12 MW", "mean", "share", 0.5),
        ("assets.activity:chp", "change", "MW", -2),
        ("storages.level:cavern", "mean", "MWh", (432 + 288 + 144 + 72) / 5 - 14.4 * 0),
        ("storages.coverage:cavern", "coverage", "day", 576 / (18 * 24)),
    ],
)  # fmt: skip
def test_forms_of_the_grammar(text: str, statistic: str, unit: str, expected: float) -> None:
    """Each form of compare_with says what it seems to say, with the pipe cut from 3 to 7 January."""
    changes = f"cut, 1, cause, links:pipe:share_out, 1, share, 9, {unit}, , {text}, {statistic}, , A, "
    events = "event, start, end, what\ncut, 2024-01-03, 2024-01-07, The pipe is cut"
    found = ask(events_town(changes, events))["replays"].iloc[0]
    if text.startswith("storages.level"):
        # 576 MWh are spent in five days, on which ones costs the same; it lies between all at once and all at last
        assert 0 <= found["model"] <= 576
    else:
        assert found["model"] == pytest.approx(expected, abs=1e-6)


def test_what_a_contract_over_links_carries() -> None:
    """Imports under a balance have no column of their own: read as one they are nothing, whatever flows."""
    changes = (
        "cut, 1, cause, assets:spare:share_out, 1, share, 18, MW, , contracts.delivery:book, mean, , A, "
    )
    book = (
        "contract, kind, carrier, annual_quantity, unit, over\nbook, balance, natural_gas, 999999, MWh, pipe"
    )
    events = "event, start, end, what\ncut, 2024-01-03, 2024-01-07, The spare is out"
    found = ask(events_town(changes, events, contracts=book))["replays"].iloc[0]
    assert (found["model"], found["plan"]) == pytest.approx((18, 18))


def test_what_enters_under_a_booking() -> None:
    """Booked transit is a part of what its links carry: 7 of the 18."""
    changes = "cut, 1, cause, assets:spare:share_out, 1, share, 7, MW, , contracts.delivery:book, mean, , A, "
    book = "contract, kind, carrier, delivery_place, daily_max, over, stream\nbook, transport, natural_gas, town, 7, pipe, yes"
    events = "event, start, end, what\ncut, 2024-01-03, 2024-01-07, The spare is out"
    found = ask(events_town(changes, events, contracts=book))["replays"].iloc[0]
    assert (found["model"], found["plan"]) == pytest.approx((7, 7))


# ---- values of some days
def cut_with(*changes: Dated) -> pd.Series:
    """Unserved MW-days by class of the town whose pipe is cut from 3 to 7 January."""
    engine = Engine(cut_town(), cache=False)
    opened = engine.window(date(2024, 1, 3), 5, PLAIN)
    answer = engine.ask(opened, [*changes, CUT]).answer
    assert answer.status == "optimal"
    demand = engine.case.table("demand")
    unserved = (
        answer.columns["demand.unserved"].values.reshape(-1, len(demand), len(answer.hours)).sum(axis=0)
    )
    keys = demand["carrier"] + ":" + demand["customer_class"]
    return pd.Series((unserved @ answer.hours) / 24.0, index=keys)


def test_a_stock_that_was_half_full() -> None:
    """288 MWh less are 12 MW-days less for homes; a stock of the plan in its place hides a crisis."""
    level = Dated(
        "storages", ("cavern",), "level", 288.0, "MWh", start=date(2024, 1, 3), end=date(2024, 1, 7)
    )
    assert cut_with(level)["natural_gas:household"] - cut_with()["natural_gas:household"] == pytest.approx(12)


def test_a_stock_larger_than_the_store() -> None:
    """What was there was there, whatever the store is known to hold: 240 MWh more serve homes 10 MW-days more."""
    level = Dated(
        "storages", ("cavern",), "level", 816.0, "MWh", start=date(2024, 1, 3), end=date(2024, 1, 7)
    )
    assert cut_with(level)["natural_gas:household"] == pytest.approx(16 - 10)


def test_a_use_of_some_days() -> None:
    """Homes use half while the pipe is cut: 20 of 24 MW-days are for them, 4 make 2 of heat."""
    half = Dated(
        "demand",
        ("town:natural_gas:household",),
        "amount",
        0.5,
        "",
        "scale",
        date(2024, 1, 3),
        date(2024, 1, 7),
    )
    found = cut_with(half)
    assert found["natural_gas:household"] == pytest.approx(0, abs=1e-6)
    assert found["heat:heat"] == pytest.approx(10 - 2)


@pytest.mark.parametrize(
    ("how", "value", "expected"), [("scale", 2.0, 26), ("add", 8.0, 26), ("set", 12.0, 22)]
)
def test_other_days_stay_as_they_were(how: str, value: float, expected: float) -> None:
    """A value of two days that leaks into the third makes a longer crisis than there was."""
    engine = Engine(cut_town(), cache=False)
    opened = engine.window(date(2024, 1, 3), 5, Rules("cooperative", "late"))
    days = date(2024, 1, 4), date(2024, 1, 5)
    unit = "" if how == "scale" else "MW year"
    more = Dated("demand", ("town:natural_gas:household",), "amount", value, unit, how, *days)
    flow = engine.ask(opened, [more]).answer.power("links.flow", ["pipe"])[0]
    assert flow[:5] == pytest.approx([18, expected, expected, 18, 18])


def test_a_limit_of_some_days_in_another_unit() -> None:
    """9 MW are 216 MWh a day: a unit taken as it stands would leave the pipe open."""
    engine = Engine(cut_town(), cache=False)
    opened = engine.window(date(2024, 1, 3), 5, PLAIN)
    less = Dated("links", ("pipe",), "capacity", 216.0, "MWh/day", "set", date(2024, 1, 4), date(2024, 1, 4))
    limit = engine.ask(opened, [less]).answer.upper("links.flow", ["pipe"])[0]
    assert limit[:3] == pytest.approx([30, 9, 30])


def test_a_value_of_some_days_is_no_cell() -> None:
    """A case has no days in its cells; silence would change the year."""
    with pytest.raises(
        CaseError, match=r"links.capacity of some days only is no cell of a case\. Ask a window for it\."
    ):
        cut_town().with_(Dated("links", ("pipe",), "capacity", 1.0))


# ---- the calendar
@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2024-01-03", "2024-01-07", ("2024-01-03", "2024-01-07")),
        ("2019-01-03", "2019-01-07", ("2024-01-03", "2024-01-07")),
        ("2022-12-30", "2023-01-04", ("2024-01-01", "2024-01-04")),
        ("2023-01-10", "2023-01-20", ("2024-01-10", "2024-01-12")),
    ],
)
def test_days_of_another_year(start: str, end: str, days: tuple[str, str]) -> None:
    """An event on the wrong days meets another demand; one that is not in the case at all must not pass in silence."""
    changes = "cut, 1, cause, links:pipe:share_out, 1, share, , , , , , , A, "
    events = f"event, start, end, what\ncut, {start}, {end}, The pipe is cut"
    found = ask(events_town(changes, events))["events"].iloc[0]
    assert (str(found["start"].date()), str(found["end"].date())) == days


def test_an_event_that_the_case_does_not_hold() -> None:
    """A July event has no place in twelve days of January: it is told, and the others are replayed."""
    events = EVENTS.rstrip() + "\n    july, 2024-07-01, 2024-07-02, A hot day, A newspaper, day"
    results = ask(events_town(CHANGES, events))
    left = results["events"].set_index("event")["left_out"]
    assert (
        left["july"]
        == "no year of the case holds the days 2024-07-01 to 2024-07-02: it runs from 2024-01-01 to 2024-01-12."
    )
    assert texts(results)["left_out.july"] == f"Not replayed: july, {left['july']}"
    assert len(results["replays"]) == 7
    with pytest.raises(StudyError, match="events: no year of the case holds"):
        ask(events_town(CHANGES, events), events=("july",))


def test_losses_of_one_element_after_another() -> None:
    """The day on which one loss ends and the next begins is lost once, not twice."""
    changes = HEAD.replace("value, unit", "value, unit, start, end") + (
        "cut, 1, cause, links:pipe:share_out, 1, share, 2024-01-03, 2024-01-05, , , , , , , A, \n"
        "cut, 2, cause, links:pipe:share_out, 0.5, share, 2024-01-05, 2024-01-07, 15, MW, 2024-01-05, links.flow:pipe, mean, , A, "
    )
    events = "event, start, end, what\ncut, 2024-01-03, 2024-01-07, The pipe is cut"
    found = ask(events_town(changes, events))["replays"].iloc[0]
    assert found["model"] == pytest.approx(15)


# ---- what is asked wrongly
def test_wrong_rows_are_told_with_row_and_nearest() -> None:
    """Who adds an event by hand must see every wrong cell at once."""
    changes = """
        cut, 1, cause, links:pip:share_out,     1,   share,  1, MW,    ,        links.flow:pipe,         mean, , A,
        cut, 2, cause, links:pipe:share_ou,     1,   share,  1, MW,    ,        links.flow:pipe,         mean, , A,
        cut, 3, cause, links:pipe:share_out,    2,   share,  1, MW,    ,        links.flow:pipe,         mean, , A,
        cut, 4, cause, links:pipe:available,    2,   USD,    1, MW,    ,        links.flow:pipe,         mean, , A,
        cut, 5, cause, none,                    ,    ,       1, MW,    ,        links.flo:pipe,          mean, , A,
        cut, 6, cause, none,                    ,    ,       1, MW,    ,        links.flow:pip,          mean, , A,
        cut, 7, cause, none,                    ,    ,       1, USD,   ,        links.flow:pipe,         mean, , A,
        cut, 8, cause, none,                    ,    ,       1, MW,    2024-13, links.flow:pipe,         mean, , A,
        cut, 9, cause, none,                    ,    ,       1, share, ,        links.flow:pipe,         share, , A,
        cut, 10, cause, demand:tow:heat:amount, 1.2, factor, 1, days,  ,        demand.unserved:town:heat, , , A,
        cut, 11, cause, links:pipe:name,        1,   ,       ,  ,      ,        ,                        , , A,
        cut, 12, cause, links:pipe:capacity,    ,    MW,     ,  ,      ,        ,                        , , A,
    """
    events = "event, start, end, what\ncut, 2024-01-03, 2024-01-07, The pipe is cut"
    with pytest.raises(CaseError) as caught:
        events_town(changes, events)
    assert [
        str(problem) for problem in sorted(caught.value.problems, key=lambda p: (p.row, p.column))
    ] == WRONG


WRONG = [
    'event_changes.csv row 2, acts_on: "pip" is not in links. Did you mean "links:pipe:share_out"?',
    'event_changes.csv row 3, acts_on: links has no column "share_ou". Did you mean "links:pipe:share_out"?',
    "event_changes.csv row 4, value: 2 is not between 0 and 1. All of it is 1.",
    'event_changes.csv row 5, unit: "USD" is not a quantity per time (MW, bcm/year, kt/day ...).',
    'event_changes.csv row 6, compare_with: "links.flo" is not a result to compare with. Did you mean "links.flow:pipe"?',
    'event_changes.csv row 7, compare_with: no links "pip". Did you mean "links.flow:pipe"?',
    'event_changes.csv row 8, effect_unit: "USD" is not a quantity (MWh, bcm, kt ...).',
    'event_changes.csv row 9, effect_period: "2024-13" is not a year, quarter, month or day. Write it as 2024-01-31.',
    "event_changes.csv row 10, statistic: a share of demand is asked of something else. Write change.",
    'event_changes.csv row 11, acts_on: "tow" is not in demand. Did you mean "demand:town:heat:amount"?',
    'event_changes.csv row 12, acts_on: links has nothing called "name" that can change for some days. Known: share_out, available, capacity, capacity_back, tariff, tariff_back, fill, emergency_capacity.',
    "event_changes.csv row 13, value: no value for capacity. Fill it.",
]


def test_fields_that_are_wrong() -> None:
    """All at once, with the nearest name."""
    with pytest.raises(StudyError) as caught:
        ask(events=("cutt",), null_share=2.0, reserve=-1.0)
    assert str(caught.value).splitlines() == [
        "reserve: -1 is not between 0 and 1.",
        "null_share: 2 is not a share below 1.",
        'events: no event "cutt". Did you mean "cut"?',
    ]
    with pytest.raises(StudyError, match='The case "tiny" has no events to replay'):
        ask(cut_town())

"""An event of the case as one disruption (tests/cases/events_town.py), by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kelisim.case import events
from kelisim.case.case import Case
from kelisim.case.change import Dated, Outage
from kelisim.case.schema import parse, tables
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.conformance import check_study
from kelisim.studies.disruption.study import Disruption
from tests.cases.events_town import HEAD, events_town
from tests.cases.make import table
from tests.cases.reference import reference
from tests.reading import page, texts


def ask(case: Case | None = None, **fields: Any) -> Results:
    return run("disruption", Engine(case or events_town(), cache=False), **({"place_rule": "none"} | fields))


def test_an_event_is_the_same_as_its_losses() -> None:
    """The event of 2023 on the days of 2024 must be the cut that one would ask by hand."""
    named = ask(event="cut")
    by_hand = ask(lost=("pipe",), start=date(2024, 1, 3), days=5)
    for name in ("demand.total", "demand.unserved", "links.flow", "chain"):
        assert named[name].equals(by_hand[name]), name
    assert named.fields["start"] == date(2024, 1, 3)
    assert named.fields["days"] == 5


def test_what_is_told_of_an_event() -> None:
    """Who reads the answer must see what happened, when, on which days of the case, and who says so."""
    told = page(ask(event="cut")).sentences
    assert (
        told[0]
        == "Steppe town lacks 21.4 thousand m3/day of natural gas, 66 % of use while the outage lasts."
    )
    assert told[3] == "The pipe is cut, 5 days from 3 January 2024."
    assert told[6:9] == (
        "Date: 3 January 2023 to 7 January 2023; its days of 2023 are those of 2024 here.",
        "Changes: Field - Steppe town out, 3 January 2024 to 7 January 2024.",
        "Sources: A newspaper.",
    )


def test_an_answer_can_be_asked_again_with_its_fields() -> None:
    """The fields that a run keeps are how it is repeated; if they are refused, it cannot be."""
    first = ask(event="cut")
    assert ask(**dict(first.fields))["demand.total"].equals(first["demand.total"])


def test_several_changes_are_one_disruption() -> None:
    """Pipe and store lost together leave nothing: all of 14 MW of gas for five days, and heat."""
    changes = """
        cut, 1, cause,   links:pipe:share_out,               1,   share,    , , , , , , A,
        cut, 2, cause,   storages:cavern:share_out,          1,   share,    , , , , , , A,
        cut, 3, context, demand:town:natural_gas:*:amount,   0.5, factor,   , , , , , , A,
    """
    case = events_town(changes, "event, start, end, what\ncut, 2024-01-03, 2024-01-07, All is lost")
    results = ask(case, event="cut")
    gas = results["demand.total"].query("carrier == 'natural_gas'")
    # use is half in the plan of the time as well
    assert gas["unserved"].sum() == pytest.approx(7 * 5 * 24)
    assert (
        texts(results)["context"]
        == "Conditions at the time, in the plan as well: use of natural gas in Steppe town with amount times 0.5, "
        "3 January 2024 to 7 January 2024."
    )
    check_study(Disruption(event="cut", place_rule="none"), case)


def test_the_first_hour_of_an_event() -> None:
    """The CHP trips: all power of homes, 2 MW, is shed before the spare plant can start."""
    hour = ask(event="hour")["first_hour"]
    assert hour["unserved"].to_list() == pytest.approx([2.0])


def test_a_limit_over_several_plants_in_the_first_hour() -> None:
    """The limit of the time before stands in the plan: the CHP made 1.5 and the spare 0.5, which can go up by 5 %."""
    changes = """
        hour, 1, cause,   resources:site:amount, 0.5, MW, 1, MW, first hour, first_hour.unserved:town:electricity, , , A,
        hour, 2, context, resources:site:amount, 1.5, MW,  ,   ,           ,                                     , , , A,
    """
    case = _with_site(events_town(), changes)
    hour = ask(case, event="hour")["first_hour"]
    assert hour["unserved"].to_list() == pytest.approx([2 - 0.5 - 0.5 * 1.05])


def _with_site(plain: Case, changes: str) -> Case:
    """The town with one limit over the power of its CHP, and no other events."""
    found = plain
    for name, text in {
        "resources": "resource, name, amount, unit, over\nsite, Site, 9, MW, step",
        "resource_uses": "resource, table, element, use, unit\nsite, assets, chp, 1, MW/MW",
        "event_changes": HEAD + changes.strip(),
    }.items():
        frame, problems = parse(tables()[name], table(text), name)
        assert not problems
        found = found.with_table(name, frame)
    return found


def test_fields_that_an_event_says_itself() -> None:
    """All at once: what is given beside an event would be silently lost."""
    with pytest.raises(StudyError) as caught:
        ask(event="cut", lost=("pipe",), start=date(2024, 1, 4), days=3, share=0.5, knows_duration=False)
    assert str(caught.value).splitlines() == [
        "lost: the event says what is lost; leave it out.",
        "start: the event says when, 2024-01-03; leave it out.",
        "days: the event says how long, 5 days; leave it out.",
        "share: the event says how much is lost; leave it out.",
        "knows_duration: the length of an event is known; leave it out.",
    ]
    with pytest.raises(StudyError) as caught:
        ask(event="cutt", reserve=2.0)
    assert str(caught.value).splitlines() == [
        'event: no event "cutt". Did you mean "cut"?',
        "reserve: 2 is not between 0 and 1.",
    ]
    with pytest.raises(
        StudyError,
        match=r"lost: name at least one element, such as the identifier of a link or an asset, or an event\.",
    ):
        ask()


# ---- the shipped case
def test_every_event_of_the_reference_case_compiles() -> None:
    """An event that the case lists and nobody can replay is a promise not kept."""
    case = reference()
    names = list(case.table("events")["event"])
    assert len(names) == 28
    for name in names:
        event = events.find(case, name)
        assert event.causes or name in ("druzhba_strikes_2025", "primorsk_2025"), (
            name
        )  # what was hit is not in the case
        assert event.days >= 1
        assert all(effect.compared is not None and effect.statistic for effect in event.effects), name
        # of these no effect on what is in the case was reported
        assert event.effects or name in ("astrakhan_plant_2025", "primorsk_2025", "sheskharis_2026"), name


def test_changes_of_the_reference_case() -> None:
    """What the rows write, as typed changes: a part that is left, a factor of many rows, an amount, a stock, a first day."""
    case = reference().without_parts()
    mooring = events.find(case, "cpc_order_2025").causes[0]
    assert isinstance(mooring, Outage)
    assert mooring.share == pytest.approx(1 - 50 / 83)
    drain = events.find(case, "diesel_drain_2021").causes[0]
    assert isinstance(drain, Dated)
    assert (drain.how, drain.value) == ("scale", 1.193)
    assert {one.split(":")[1] for one in drain.elements} == {"diesel"}
    assert all(one.startswith("kz_") for one in drain.elements)
    turbines = events.find(case, "maek_2023_08")
    assert [(c.value, c.unit) for c in (*turbines.context, *turbines.causes) if isinstance(c, Dated)] == [
        (545, "MW"),
        (245, "MW"),
    ]
    stock = events.find(case, "bishkek_coal_stop_2017").context[0]
    assert isinstance(stock, Dated)
    assert (stock.column, stock.value, stock.unit, stock.start) == ("level", 257, "kt", date(2024, 10, 10))
    begins = events.find(case, "russia_uzbekistan_gas_start_2023").causes[0]
    assert begins == Outage("gas_cac_beineu_uz", None, date(2024, 10, 6), 1.0, "links")
    peak = events.find(case, "winter_deficit_2023_12_13").context[0]
    assert isinstance(peak, Dated)
    demand = case.quantities("demand")
    rows = demand["carrier"].eq("electricity") & demand["place"].str.startswith("kz_")
    share = case.profiles.matrix(demand["profile"][rows], "shape")[:, 11]
    assert peak.value * float(demand["amount"][rows] @ share) / 8784 == pytest.approx(15725)

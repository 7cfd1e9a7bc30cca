"""Measures in a window: closed they change nothing, open they act after their lead time, from their level on, and help.

The town of tests/cases/cut_town.py loses its pipe from 3 to 7 January and has 24 MW days of gas in its cavern. Homes take
8 MW: served for three days, they are short for two, 16 MW days. Time rule none is not needed: `late` decides when.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kelisim import catalog
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules, Window
from kelisim.engine.response import Escalation, escalate, share_after
from kelisim.model.measure_ways import acts
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.crisis import for_measures
from tests.cases.cut_town import cut_town
from tests.cases.make import table
from tests.cases.random_case import random_case

CUT = [Outage("pipe", date(2024, 1, 3), date(2024, 1, 7))]
CALL = "demand:town:natural_gas:household:amount"


def town(rows: str) -> Case:
    """The town with measures: measure, acts_on, value, mode, lead_time, max_days, cost, crisis_level."""
    head = "measure, acts_on, value, mode, unit, lead_time, max_days, cost, cost_unit, crisis_level\n"
    frame, problems = schema.parse(schema.tables()["measures"], table(head + rows), "measures.csv")
    assert not problems
    return cut_town().with_table("measures", frame)


def opened_of(case: Case, rules: Rules = Rules("none", "late")) -> Window:  # noqa: B008 - frozen
    return Engine(case, cache=False).window(date(2024, 1, 3), 5, rules, measures=True)


def response_of(case: Case, opened: Window) -> Escalation:
    rows = case.table("measures").set_index("measure")
    out = case.horizon.share_within(date(2024, 1, 3), date(2024, 1, 7))[opened.first : opened.last] > 0
    return escalate(
        opened,
        CUT,
        lambda answer: for_measures(case, AgainstPlan(case, opened.steps, out, answer, opened.base)),
        lead=rows["lead_time"].to_dict(),
        level=rows["crisis_level"].to_dict(),
    )


def homes(opened: Window, response: Escalation) -> float:
    """MW days that homes are short of gas."""
    block = response.answered.answer.columns["demand.unserved"]
    at = [k for k, label in enumerate(block.elements) if label.startswith("town:natural_gas:household")]
    return float(block.values[at].sum(axis=0) @ opened.hours) / 24.0


def test_a_call_gives_what_its_days_allow() -> None:
    """2 MW for two days are 4 MW days: homes are short of 12 instead of 16; the cost is 96 MWh at 50."""
    case = town(f"call, {CALL}, 0.75, scale, , 24, 2, 50, USD/MWh, alert")
    opened = opened_of(case)
    response = response_of(case, opened)
    assert homes(opened, response) == pytest.approx(12.0, abs=1e-6)
    assert float(response.use.sum(axis=0) @ opened.hours) == pytest.approx(96.0)
    assert response.use[0, 0] == 0.0


def test_what_takes_the_place_of_a_call_is_made() -> None:
    """Homes that heat with power give up 2 MW of gas for two days; the spare plant makes 0.9 of it, or the call saves nothing real."""
    case = town(f"call, {CALL}, 0.75, scale, , 24, 2, 50, USD/MWh, alert")
    rows = case.table("measures").assign(instead="electricity:0.9")
    heated = case.with_table("measures", rows)
    bare, opened = opened_of(case), opened_of(heated)
    plain, response = response_of(case, bare), response_of(heated, opened)
    assert homes(opened, response) == pytest.approx(12.0, abs=1e-6)
    made = [
        float((one.answered.answer.power("assets.activity", ["spare"]) @ opened.hours)[0])
        for one in (plain, response)
    ]
    assert made[1] - made[0] == pytest.approx(0.9 * 96.0, rel=1e-6)


def test_nothing_bites_before_its_lead_time() -> None:
    """36 hours are a day and a half: nothing on the first day, half of the second."""
    assert share_after(np.full(4, 24.0), 0, 36.0).tolist() == [0.0, 0.5, 1.0, 1.0]
    assert share_after(np.full(4, 24.0), 2, 0.0).tolist() == [0.0, 0.0, 1.0, 1.0]


def test_what_is_out_is_out_for_a_measure() -> None:
    """A wider pipe does not help while the pipe is out; a second source does."""
    case = town("wider, links:pipe:capacity, 2, scale, , 0, , , , alert")
    opened = opened_of(case)
    assert homes(opened, response_of(case, opened)) == pytest.approx(16.0, abs=1e-6)


def test_a_measure_of_a_level_that_is_not_reached_is_not_allowed() -> None:
    """With half of all that is used unserved as the threshold, the alert is never given."""
    case = town(f"call, {CALL}, 0.75, scale, , 0, , 50, USD/MWh, emergency")
    settings = dict(case.settings) | {"crisis": {"early_warning": 0.0, "alert": 2.0, "emergency": 3.0}}
    quiet = replace(case, settings=settings)
    opened = opened_of(quiet)
    response = response_of(quiet, opened)
    assert response.allowed == {}
    assert response.answered is response.without


def test_a_crisis_of_one_country_sets_off_no_measure_of_another() -> None:
    """Kazakh homes are short; a Russian measure on the wells alone is for an alert in Russia."""
    case = town("more_wells, assets:wells:capacity, 3, scale, , 0, , , , alert")
    assert response_of(case, opened_of(case)).allowed == {}
    border = town("wider, links:pipe:capacity, 2, scale, , 0, , , , alert")
    assert set(response_of(border, opened_of(border)).allowed) == {"wider"}


def test_closed_measures_leave_the_window_as_it_is() -> None:
    """Measures that nobody asks for would change an answer, or cost pivots at opening."""
    case = town(f"call, {CALL}, 0.75, scale, , 0, , 50, USD/MWh, alert")
    engine = Engine(case, cache=False)
    rules = Rules("cooperative", "late")
    with_measures = engine.window(date(2024, 1, 3), 5, rules, measures=True)
    bare = engine.window(date(2024, 1, 3), 5, rules)
    assert with_measures.start.objective == pytest.approx(bare.start.objective, rel=1e-12)
    assert with_measures.ask(CUT).answer.objective == pytest.approx(bare.ask(CUT).answer.objective, rel=1e-9)


def test_a_measure_that_only_earns_is_no_measure() -> None:
    """An idle second pipe that would pay in trade stays shut where nobody is short."""
    case = town("more_wells, assets:wells:capacity, 3, scale, , 0, , , , early_warning")
    opened = opened_of(case)
    allowed = {"more_wells": np.ones(len(opened.hours))}
    asked = opened.ask([], allowed=allowed)
    assert asked.answer.columns["measures.use"].values.max() <= 1e-9


def test_what_takes_away_is_left_out_with_its_reason() -> None:
    """A stop of exports in a plan would promise what the market does already."""
    case = town("less, links:pipe:capacity, 0, set, MW, 0, , , , alert")
    found, left_out = acts(case)
    assert found == []
    assert "takes something away" in catalog.text(left_out["less"])


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8, 13, 21, 34, 55, 89])
def test_measures_never_raise_what_the_cut_costs(seed: int) -> None:
    """A measure is a further way: harm falls or stays, no use comes before its step, and none above its size."""
    case = random_case(seed)
    draw = np.random.default_rng(seed)
    rows = []
    for name, of, column in (
        ("links", "link", "capacity"),
        ("assets", "asset", "capacity"),
        ("demand", "", "amount"),
    ):
        frame = case.table(name)
        if not len(frame):
            continue
        row = frame.iloc[int(draw.integers(len(frame)))]
        element = row[of] if of else f"{row['place']}:{row['carrier']}:{row['customer_class']}"
        value = 0.7 if name == "demand" else 1.8
        rows.append(
            {"measure": f"on_{name}", "acts_on": f"{name}:{element}:{column}", "value": value, "mode": "scale",
             "lead_time": float(draw.integers(0, 60)), "crisis_level": "early_warning"}
        )  # fmt: skip
    raw = pd.DataFrame(rows).astype(str).astype(object)
    case = case.with_table("measures", schema.parse(schema.tables()["measures"], raw, "measures.csv")[0])
    links = list(case.table("links")["link"])
    start = case.horizon.start.date()
    opened = Engine(case, cache=False).window(start, 3, Rules("cooperative", "late"), measures=True)
    assert opened.measures is not None
    changes = [Outage(str(draw.choice(links)), start, None)]
    lead = {row["measure"]: row["lead_time"] for row in rows}
    allowed = {name: share_after(opened.hours, 0, hours) for name, hours in lead.items()}
    before = opened.ask(changes)
    after = opened.ask(changes, allowed=allowed, no_worse=before.answer)
    unserved = opened.problem.columns["demand.unserved"]
    for weight in (
        np.tile(opened.hours, len(unserved.elements)),
        unserved.spread(opened.problem.cost).ravel(),
    ):
        lacking, left = (
            weight @ one.answer.columns["demand.unserved"].values.ravel() for one in (before, after)
        )
        assert left <= lacking + 1e-5 * max(1.0, abs(lacking))
    assert after.answer.objective <= before.answer.objective + 1e-6 * max(1.0, abs(before.answer.objective))
    use = after.answer.columns["measures.use"].values
    block = opened.problem.columns["measures.use"]
    for at, way in enumerate(opened.measures.ways):
        most = way.most * block.mean_of(at, allowed[way.act.measure])
        assert (block.mean_of(at, use[at]) <= most + 1e-7).all()

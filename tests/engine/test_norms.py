"""Norms of stocks in an outage, by hand: a town with a cavern whose pipe is cut or narrowed.

    well --15 MW--> town (homes at 4,500 USD/MWh, industry at 97) <--> cavern of 1,440 MWh

The norm is two days of 10 MW, 480 MWh. In the plan the pipe gives all, and nobody touches the cavern.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.change import Dated, Outage, SetValue
from kelisim.engine import Engine, Rules, Window
from kelisim.engine.marginal import Stressed
from kelisim.engine.response import respond
from kelisim.lp.delta import between
from kelisim.model.build import compile_case
from kelisim.model.delta import Deltas
from kelisim.results.answer import Answer
from kelisim.results.coverage import drawn_on_norms
from kelisim.results.tables import Tables
from tests.cases.make import AB, make, table

HOMES_AND_INDUSTRY = """
    a, natural_gas, household, 4, MW year
    a, natural_gas, industry,  6, MW year
"""
HOMES = "a, natural_gas, household, 10, MW year"
NONE = Rules()


@cache
def town(demand: str = HOMES, level: str = "0.6", opens_at: str = "alert", norm: str = "2") -> Case:
    return make(
        days=40,
        places=AB,
        assets="asset, kind, place, capacity, cost\nwell, field, b, 15, 5",
        asset_ports="asset, carrier, ratio\nwell, natural_gas, 1",
        links="link, carrier, from_place, to_place, capacity, unit\npipe, natural_gas, b, a, 15, MW",
        storages=f"""
            storage, place, carrier,     working_capacity, level_start, norm_days, opens_at, cost
            cavern,  a,     natural_gas, 1440,             {level},     {norm},    {opens_at}, 1
        """,
        demand=f"place, carrier, customer_class, amount, unit\n{demand.strip()}",
    )


def window(case: Case, rules: Rules = NONE, measures: bool = False) -> Window:
    return Engine(case, cache=False).window(date(2024, 1, 3), 10, rules, tail=10, measures=measures)


def cut(power: float = 15.0, days: int = 10) -> list[Outage]:
    """So many MW of the pipe are gone."""
    return [Outage("pipe", date(2024, 1, 3), date(2024, 1, 2 + days), power / 15.0)]


def short(case: Case, answer: Answer) -> list[float]:
    """MWh unserved of each row of demand."""
    return list(answer.by_demand(len(case.table("demand"))) @ answer.hours)


def drawn(answer: Answer) -> float:
    """MWh drawn on the norm."""
    return float(drawn_on_norms(answer, ["cavern"]).sum())


def test_a_norm_is_left_alone_by_the_plan() -> None:
    """A plan that foresees a quiet year would empty the stock that is there for the other years."""
    case = town(level="0.5")
    storages = case.table("storages").assign(level_end=0.0, cost=0.0)
    base = Engine(case.with_table("storages", storages), cache=False).base
    assert base.power("storages.level")[0, -1] * base.mean_hours == pytest.approx(480.0)
    assert base.power("storages.level").min() * base.mean_hours >= 480 - 1e-6
    assert drawn(base) == 0.0


def test_an_opened_norm_is_for_protected_customers() -> None:
    """Industry is cut at once and brings the emergency. 384 MWh are free: homes have 4 of 10 days; with the norm 9, industry none."""
    case = town(HOMES_AND_INDUSTRY)
    opened = window(case)
    answer = opened.ask(cut()).answer
    assert short(case, answer) == pytest.approx([96.0, 1440.0])
    assert answer.norms == {"cavern": 0}
    assert answer.felt is not None
    assert answer.felt @ answer.hours == pytest.approx([576.0, 1440.0])
    assert drawn(answer) == pytest.approx(480.0)


@pytest.mark.parametrize(
    ("power", "opens_at", "norms", "unserved"),
    [
        (5.05, "alert", {}, 1.2),  # 0.5 % of the use: early warning
        (5.2, "alert", {"cavern": 0}, 0.0),  # 2 %: alert
        (5.2, "emergency", {}, 4.8),
        (5.05, "early_warning", {"cavern": 0}, 0.0),
    ],
)
def test_a_norm_opens_at_its_level(
    power: float, opens_at: str, norms: dict[str, int], unserved: float
) -> None:
    """A stock that may be drawn on at any shortage is no norm; one that never opens saves nobody."""
    case = town(level="0.33333333333", opens_at=opens_at)
    answer = window(case).ask(cut(power, days=1)).answer
    assert dict(answer.norms) == norms
    assert sum(short(case, answer)) == pytest.approx(unserved, abs=1e-4)
    assert drawn(answer) == pytest.approx(0.0 if unserved else (power - 5.0) * 24.0, abs=1e-4)


def test_a_norm_opens_from_the_day_on_which_its_level_is_reached() -> None:
    """384 MWh free last 240 MWh a day of homes for a day and a half: on the second day homes are short, and the norm is open."""
    case = town()
    opened = window(case, Rules("none", "late"))
    answer = opened.ask(cut(days=3)).answer
    assert dict(answer.norms) == {"cavern": 1}
    assert sum(short(case, answer)) == pytest.approx(0.0, abs=1e-4)
    assert drawn(answer) == pytest.approx(720.0 - 384.0)


def test_a_stock_that_is_lost_below_its_norm_is_not_made_up_for_by_cutting_customers() -> None:
    """Half of the cavern burns: 400 of 480 MWh are gone. Nobody is cut to fill it again at once."""
    case = town(level="0.33333333333")
    opened = window(case)
    fire = Dated("storages", ("cavern",), "level", 80.0, "MWh", "set", date(2024, 1, 3), date(2024, 1, 3))
    answer = opened.ask([fire]).answer
    assert sum(short(case, answer)) == pytest.approx(0.0, abs=1e-6)
    assert drawn(answer) == pytest.approx(0.0, abs=1e-6)
    level = answer.power("storages.level")[0] * answer.mean_hours
    assert level.min() == pytest.approx(200.0, abs=1e-3)  # 80, and 5 MW that the pipe has to spare
    assert level[-1] >= 480.0 - 1e-3


def test_use_that_rises_for_some_days_raises_no_norm() -> None:
    """A cold week is what a norm is for."""
    case = town(level="0.33333333333")
    opened = window(case)
    cold = Dated(
        "demand", ("a:natural_gas:household",), "amount", 1.4, "", "scale", date(2024, 1, 5), date(2024, 1, 9)
    )
    delta = opened.delta([cold])
    norm = opened.problem.rows["storages.norm"].positions.ravel()
    assert not np.isin(norm, delta.rows).any()
    more = opened.delta([SetValue("storages", "cavern", "norm_days", 3.0)])
    assert np.isin(norm, more.rows).all()
    whole = Engine(case, cache=False).plain
    change = SetValue("demand", "a", "amount", 11.0)
    delta, other = Deltas(case, whole, plain=whole).of([change]), compile_case(case.with_(change))
    assert delta.is_same(between(whole, other))  # another plan has another norm


def test_a_stress_opens_norms_too_and_a_relief_is_asked_beside_it() -> None:
    """2 MW more of the pipe serve homes on the day they lacked, 96 MWh; the other 384 spare the norm, not industry."""
    case = town(HOMES_AND_INDUSTRY)
    stress = Stressed(window(case), cut())
    assert stress.asked.answer.norms == {"cavern": 0}
    assert short(case, stress.asked.answer) == pytest.approx([96.0, 1440.0])
    relief = stress.relief([Outage("pipe", date(2024, 1, 3), date(2024, 1, 12), 13.0 / 15.0)])
    assert relief.unserved == pytest.approx([96.0, 0.0], abs=1e-3)
    assert 0 < relief.saved <= relief.by_price * (1 + 1e-9)


def test_in_parts_of_the_day_a_norm_is_that_of_the_day() -> None:
    """Gas has one level a day; with parts its norm, its price and its opening are those without."""
    case = town(HOMES_AND_INDUSTRY)
    fine = replace(case, horizon=replace(case.horizon, parts=(("day", 16), ("evening", 8))))
    answers = [window(one).ask(cut()).answer for one in (case, fine)]
    assert [short(case, one) for one in answers][1] == pytest.approx(short(case, answers[0]))
    assert answers[1].objective == pytest.approx(answers[0].objective, rel=1e-9)
    assert answers[1].norms == {"cavern": 0}
    assert [drawn(one) for one in answers] == pytest.approx([480.0, 480.0])
    norm = answers[1].rows["storages.norm"].lower * answers[1].mean_hours
    assert norm == pytest.approx(np.full(norm.shape, 480.0))


def test_a_level_by_a_day_is_kept_as_far_as_it_pays() -> None:
    """80 % by 5 January: 5 MW to spare bring 4 x 120 MWh to the 480 that are there, 192 lack of 1,152; then 480 are enough."""
    case = town(level="0.33333333333")
    storages = case.table("storages").assign(target="01-05:0.8", level_end=0.0)
    case = case.with_table("storages", storages)
    base = Engine(case, cache=False).base
    level = base.power("storages.level")[0] * base.mean_hours
    assert level[3] == pytest.approx(960.0, abs=1e-2)
    (row,) = Tables(case, base).storages_total.to_dict("records")
    assert row["target_shortfall"] == pytest.approx(192.0, abs=1e-2)
    assert row["norm_missing"] == pytest.approx(0.0, abs=1e-2)
    assert level[-1] == pytest.approx(480.0, abs=1e-2)


def test_measures_come_on_top_of_open_norms() -> None:
    """Homes lack 96 MWh with the norm open. 1 MW more through another pipe, 240 MWh in an emergency, serves them; the other
    144 spare the norm. The level is that with norms kept, so the measure acts from the first day."""
    case = town(HOMES_AND_INDUSTRY)
    head = "measure, acts_on, value, unit, lead_time, cost, cost_unit, crisis_level\n"
    rows = table(head + "old, links:spare:capacity, 1, MW, 0, 60, USD/MWh, emergency")
    frame, problems = schema.parse(schema.tables()["measures"], rows, "measures.csv")
    assert not problems
    links = case.table("links")
    spare = links.assign(link="spare", capacity=0.0)
    case = case.with_table("links", pd.concat([links, spare], ignore_index=True)).with_table(
        "measures", frame
    )
    found = respond(Engine(case, cache=False), cut(), date(2024, 1, 3), 10, Rules("cooperative"))
    without, answered = found.escalation.without.answer, found.escalation.answered.answer
    assert short(case, without)[0] == pytest.approx(96.0, rel=1e-3)
    assert short(case, answered)[0] == pytest.approx(0.0, abs=0.5)
    assert found.escalation.since == {"old": 0}
    assert (without.norms, answered.norms) == ({"cavern": 0}, {"cavern": 0})
    assert drawn(without) - drawn(answered) == pytest.approx(144.0, rel=2e-2)

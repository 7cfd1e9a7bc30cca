"""Parts of the day, of random cases: parts that are all alike change nothing, months keep their energy, names decide nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.contingency import Contingencies, Lost
from kelisim.lp.highs import Session
from kelisim.model.build import compile_case
from kelisim.model.help import RULES as HELP_RULES
from kelisim.results.tables import Tables
from tests.cases.listed_steps import in_listed_steps
from tests.cases.random_case import random_case, seed_at, shuffled
from tests.properties.helping import helping_case

PARTS = (("night", 8), ("day", 11), ("evening", 5))
OTHERS = (("one", 8), ("two", 11), ("three", 5))
COUNT = int(os.environ.get("KELISIM_EXAMPLES", "6"))
CERTIFIED = max(COUNT, 20)  # of brute force


def with_parts(case: Case, parts: tuple[tuple[str, int], ...] = PARTS) -> Case:
    return replace(case, horizon=replace(case.horizon, parts=parts, all_parts=False))


def alike(seed: int, made: Callable[[int], Case] = random_case) -> Case:
    """A case all of whose parts of a day are alike, and whose power has nothing that knows the hour: no ramp, no transit, no
    standing loss; nothing that knows the day of the week."""
    case = made(seed)
    links, stores = case.table("links"), case.table("storages")
    profiles = case.table("profiles")
    is_power = stores["carrier"] == "electricity"
    tables = {
        "links": links.assign(days=links["days"].mask(links["carrier"] == "electricity", 0.0)),
        "assets": case.table("assets").assign(ramp=np.nan),
        "storages": stores.assign(is_seasonal=True, loss=stores["loss"].mask(is_power, 0.0)),
        "profiles": profiles[profiles["weekday"].isna() & profiles["hour"].isna()],
        "outages": case.table("outages").iloc[:0],
        "carriers": case.tables.get("carriers", case.table("carriers")).iloc[:0],
    }
    for name, frame in tables.items():
        case = case.with_table(name, frame)
    return replace(case, horizon=replace(case.horizon, parts=(), all_parts=False))


def cost(case: Case) -> float:
    found = Session(compile_case(case)).start("simplex")
    return found.objective if found.status == "optimal" else float("nan")


@pytest.mark.parametrize("at", range(COUNT))
def test_parts_that_are_all_alike_change_nothing(at: int) -> None:
    """Objective and totals of days are those without parts, to 1e-6; so are those where no carrier has parts."""
    seed = seed_at(at)
    case = alike(seed)
    expected = cost(case)
    assert cost(with_parts(case)) == pytest.approx(expected, rel=1e-6, nan_ok=True)
    carriers = case.table("carriers").assign(resolution="step")
    assert cost(with_parts(case).with_table("carriers", carriers)) == pytest.approx(
        expected, rel=1e-7, nan_ok=True
    )
    if np.isnan(expected):
        return
    rules = Rules("cooperative", "even")  # ties are broken, so that totals are fixed
    totals = [
        Tables(one, Engine(one, rules, cache=False).base).carriers_balance.set_index(["country", "carrier"])
        for one in (case, with_parts(case))
    ]
    for column in ("unserved", "demand"):
        left, right = (frame[column].groupby("carrier").sum() for frame in totals)
        assert right.to_numpy() == pytest.approx(left.to_numpy(), rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("at", range(COUNT))
def test_help_from_abroad_is_the_same_where_parts_are_alike(at: int) -> None:
    """With one balance a day for all carriers and no lead a loss costs what it costs without parts, under each rule of help; the rows are as many."""
    seed = seed_at(at)
    case = alike(seed, helping_case)
    at_once = {
        "carriers": {"resolution": "step"},
        "contracts": {"nomination_lead": 0.0},
        "notifications": {"within_hours": 0.0},
    }
    for name, values in at_once.items():
        case = case.with_table(name, case.table(name).assign(**values))
    engines = [Engine(one, cache=False) for one in (case, with_parts(case))]
    if engines[0].base.status != "optimal":
        pytest.skip("this case has no plan")
    start = case.horizon.start.date()
    opened = [engine.window(start, 2, Rules("cooperative", help="planned"), tail=1) for engine in engines]
    help_ = [
        sum(block.size for name, block in window.problem.rows.items() if name.startswith("help."))
        for window in opened
    ]
    assert help_[0] == help_[1]
    for asset in case.table("assets")["asset"][:3]:
        for rule in HELP_RULES:
            lost = [Outage(str(asset), start, start)]
            left, right = (window.ask(lost, help=rule).answer.objective for window in opened)
            assert right == pytest.approx(left, rel=1e-6, abs=1e-3)


@pytest.mark.parametrize("at", range(COUNT))
def test_parts_sum_to_the_day_and_months_keep_their_energy(at: int) -> None:
    """What is wanted in a step is the same with parts and without."""
    seed = seed_at(at, 2)
    fine = random_case(seed)
    case = replace(fine, horizon=replace(fine.horizon, parts=()))
    demand = case.quantities("demand")
    whole = case.profiles.matrix(demand["profile"], "shape") * case.horizon.hours
    parts = fine.profiles.matrix(demand["profile"], "shape") * fine.horizon.hours
    heads = np.flatnonzero(np.diff(fine.horizon.step_of, prepend=-1))
    assert np.add.reduceat(parts, heads, axis=1) == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("at", range(COUNT))
def test_names_of_parts_and_order_of_rows_decide_nothing(at: int) -> None:
    """Two planners with other words and other files are told the same, to the last customer."""
    seed = seed_at(at, 2)
    case = random_case(seed)
    if len(case.horizon.parts) != len(OTHERS):
        case = with_parts(case)
    other = replace(shuffled(case, seed), horizon=replace(case.horizon, parts=OTHERS))
    rules = Rules("cooperative", "late")
    one, two = (Engine(c, rules, cache=False).base for c in (case, other))
    assert one.status == two.status
    if one.status != "optimal":
        return
    assert two.objective == pytest.approx(one.objective, rel=1e-9)
    rows = len(case.table("demand"))
    assert two.by_demand(rows) == pytest.approx(one.by_demand(rows), abs=1e-6)


@pytest.mark.parametrize("at", range(CERTIFIED))
def test_certificates_hold_with_parts(at: int) -> None:
    """Single losses, worst pairs and the worst set of three are those of brute force."""
    seed = seed_at(at, 2)
    engine = Engine(random_case(seed), cache=False)
    if engine.base.status != "optimal":
        pytest.skip("this case has no plan")
    opened = engine.snapshot(date(2024, 1, 1), Rules("cooperative", "none"))
    case = engine.case
    names = [("links", str(link)) for link in case.table("links")["link"]][:4]
    names += [("assets", str(asset)) for asset in case.table("assets")["asset"]][:3]
    lost = [Lost(element, ((table, element),)) for table, element in names]
    asked = Contingencies(opened, lost)
    singles = asked.singles()
    for at, (table, element) in enumerate(names):
        by_hand = opened.ask([Outage(element, None, None, 1.0, table)])
        assert singles.costs[at] == pytest.approx(by_hand.extra_cost, rel=1e-6, abs=1e-3)
    best = 0.0
    for i, one in enumerate(lost):
        for two in lost[:i]:
            outs = [Outage(e, None, None, 1.0, t) for t, e in (*one.members, *two.members)]
            best = max(best, opened.ask(outs).extra_cost)
    pairs = asked.worst_pairs(1).outcomes
    assert (pairs[0].loss if pairs else 0.0) == pytest.approx(best, rel=1e-6, abs=1e-3)
    triples = max(
        opened.ask([Outage(e, None, None, 1.0, t) for lost_ in three for t, e in lost_.members]).extra_cost
        for three in combinations(lost, 3)
    )
    worst = asked.worst(3)
    assert worst.gap <= 1e-6 * max(1.0, worst.upper)
    assert worst.best.loss == pytest.approx(max(best, triples, *singles.costs), rel=1e-6, abs=1e-3)


@pytest.mark.parametrize("at", range(COUNT))
def test_the_undisturbed_window_is_the_plan_and_warm_equals_cold(at: int) -> None:
    """A window of a case with parts costs what the plan costs; its answer to a loss is that of a solve from nothing."""
    seed = seed_at(at, 2)
    engine = Engine(random_case(seed), cache=False)
    if engine.base.status != "optimal":
        pytest.skip("this case has no plan")
    rules = Rules("cooperative", "late")
    opened = engine.window(engine.case.horizon.start.date(), 2, rules, tail=1)
    assert opened.base.objective == pytest.approx(engine.base.objective, rel=1e-6)
    for link in engine.case.table("links")["link"][:3]:
        assert opened.audit([Outage(str(link), None, None)]) <= 1e-6


@pytest.mark.parametrize("at", range(max(3, COUNT // 2)))
def test_windows_of_representative_days(at: int) -> None:
    """The same where steps count more often than they last."""
    seed = seed_at(at)
    engine = Engine(in_listed_steps(random_case(seed), seed), cache=False)
    if engine.base.status != "optimal":
        pytest.skip("this case has no plan")
    rules = Rules("cooperative", "late")
    opened = engine.window(engine.case.horizon.steps["step"].iloc[0].date(), 1, rules, tail=20)
    assert opened.base.objective == pytest.approx(engine.base.objective, rel=1e-6)
    for link in engine.case.table("links")["link"][:3]:
        assert opened.audit([Outage(str(link), None, None)]) <= 1e-6

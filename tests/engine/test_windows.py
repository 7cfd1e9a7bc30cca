"""Windows of a solved case: undisturbed they are the base, and a cut gives one answer whoever asks, and how."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import cache
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Change, Outage, SetValue
from kelisim.engine import Engine, Rules, Window, WindowAnswer
from kelisim.lp.sweep import sweep
from kelisim.lp.work import Work
from kelisim.model.delta import Deltas
from kelisim.report.words import Words
from kelisim.results.facts import Fact
from tests.cases.border_year import border_year
from tests.cases.make import AB, make

RULES = [
    Rules(place, time)
    for place in ("none", "own_first", "cooperative", "by_contract")
    for time in ("none", "late", "even")
]
CUT = Outage("pipe_a", date(2024, 1, 11), date(2024, 1, 20))


@cache
def engine(rules: Rules = Rules()) -> Engine:  # noqa: B008 - frozen
    return Engine(border_year(60), rules, cache=False)


def elements(case: Case) -> list[str]:
    return [str(e) for t in ("links", "assets", "storages", "places") for e in case.table(t).iloc[:, 0]]


def unserved(asked: WindowAnswer, opened: Window) -> pd.Series:
    """Unserved MWh by row of demand and step, tranches added up."""
    block = asked.answer.columns["demand.unserved"]
    rows = len(opened.case.table("demand"))
    values = block.values.reshape(-1, rows, len(opened.hours)).sum(axis=0) * opened.hours
    return pd.Series(values.ravel())


@pytest.mark.parametrize("rules", RULES, ids=lambda r: f"{r.place}-{r.time}")
@pytest.mark.parametrize("start", [date(2024, 1, 1), date(2024, 1, 11), date(2024, 2, 20)])
def test_an_undisturbed_window_costs_what_the_base_costs(rules: Rules, start: date) -> None:
    """If opening a window moved the plan, every extra cost reported would be wrong by that much."""
    if rules.time == "late":
        rules = Rules(rules.place, "none")  # its prices depend on the day on which the outage starts
    whole = engine(rules)
    opened = whole.window(start, 10, tail=10)
    assert opened.base.objective == pytest.approx(whole.base.objective, rel=1e-7)


@pytest.mark.parametrize("rules", [r for r in RULES if r.breaks_ties], ids=lambda r: f"{r.place}-{r.time}")
def test_shortage_does_not_depend_on_how_it_was_found(rules: Rules) -> None:
    """Warm, cold, in another order: one shortage for each place, class and day, or none may be published."""
    changes: list[Change] = [CUT, Outage("coal_mine", date(2024, 1, 11), date(2024, 1, 20))]
    opened = engine().window(date(2024, 1, 11), 10, rules, tail=10)
    first = unserved(opened.ask(changes), opened)
    opened.ask([Outage("line", date(2024, 1, 12), None)])
    assert unserved(opened.ask(changes[::-1]), opened).to_numpy() == pytest.approx(first.to_numpy(), abs=1e-4)
    assert opened.audit(changes) < 1e-7
    cold = Engine(border_year(60), cache=False).window(date(2024, 1, 11), 10, rules, tail=10)
    cold.session.highs.clearSolver()
    again = cold.ask(changes)
    assert again.answer.objective == pytest.approx(opened.ask(changes).answer.objective, rel=1e-9)
    assert unserved(again, cold).to_numpy() == pytest.approx(first.to_numpy(), abs=1e-4)
    assert first.sum() > 100


def test_taking_out_anything_and_everything_ends_with_an_answer() -> None:
    """A disruption without an answer is the one somebody asks for in an emergency."""
    case = border_year(60)
    for rules in (Rules(), Rules("own_first", "late"), Rules("cooperative", "even"), Rules("by_contract")):
        opened = engine().window(date(2024, 1, 11), 10, rules, tail=10)
        outages = [Outage(element, date(2024, 1, 11), date(2024, 1, 20)) for element in elements(case)]
        costs = [opened.ask([outage]).extra_cost for outage in outages]
        assert np.isfinite(costs).all()
        assert min(costs) > -1.0
        everything = opened.ask(outages)
        assert everything.answer.status == "optimal"
        assert everything.extra_cost >= max(costs) - 1.0


def test_untouched_elements_cost_nothing_and_more_outages_never_cost_less() -> None:
    """The pruning of contingency analysis stands on both."""
    opened = engine().window(date(2024, 1, 11), 10, tail=10)
    case = opened.case
    for element in case.table("links")["link"]:
        share = [
            opened.ask([Outage(element, date(2024, 1, 11), date(2024, 1, 20), s)]) for s in (0.3, 0.6, 1.0)
        ]
        costs = [asked.extra_cost for asked in share]
        assert costs == sorted(costs)
        names = [
            name
            for name in ("links.flow", "links.flow_back")
            if element in opened.base.columns[name].elements
        ]
        if sum(opened.base.power(name, [element]).sum() for name in names) < 1e-9:
            assert costs == pytest.approx([0.0] * 3, abs=1e-6)


def test_delta_of_an_outage_is_that_of_the_changed_case() -> None:
    """The quick way to a delta and the compiled one must not drift apart."""
    case = border_year(60)
    whole = Engine(case, cache=False)
    for element in ("pipe_a", "line", "chp", "a_store", "b_town", "rail"):
        outage = Outage(element, date(2024, 1, 11), date(2024, 1, 20), 0.7)
        changed = Engine(case.with_(outage), cache=False).plain
        from_index = Deltas(whole.case, whole.plain).of([outage])
        _, lower, upper, low, high = from_index.applied(whole.plain)
        assert upper == pytest.approx(changed.upper)
        assert lower == pytest.approx(changed.lower)
        assert (low, high) == (pytest.approx(changed.row_lower), pytest.approx(changed.row_upper))


@pytest.mark.parametrize(
    "change",
    [SetValue("links", "pipe_a", "capacity", 60), SetValue("assets", "gas_field", "cost", 9),
     SetValue("links", "pipe_b", "tariff", 4), SetValue("contracts", "cap_a", "annual_quantity", 800)],
    ids=lambda change: f"{change.element}.{change.column}",
)  # fmt: skip
@pytest.mark.parametrize(
    "rules", [Rules(), Rules("cooperative", "late"), Rules("own_first")], ids=lambda r: r.place
)
def test_any_change_of_bounds_and_costs_is_a_delta(change: SetValue, rules: Rules) -> None:
    """A change that could be warm and is rebuilt makes a study a hundred times slower."""
    opened = engine().window(date(2024, 1, 11), 10, rules, tail=10)
    asked = opened.ask([change])
    assert asked.rebuilt is None
    assert np.isfinite(asked.extra_cost)


def test_a_change_of_the_matrix_is_rebuilt_and_says_why() -> None:
    """A loss changed by a delta would be ignored without a word."""
    opened = engine().window(date(2024, 1, 11), 10, tail=10)
    asked = opened.ask([SetValue("links", "pipe_a", "loss", 0.2)])
    assert Words(opened.case).say(Fact.of(asked.why_rebuilt)) == (
        "what links.flow of pipe_a does in places.balance of a_town:natural_gas differs"
    )
    assert asked.extra_cost > 0


def test_goods_on_a_cut_track_are_held_or_lost() -> None:
    """Coal that stands on a closed track heats nobody until it moves again."""
    cut = [
        Outage("rail", date(2024, 1, 11), date(2024, 1, 20)),
        Outage("yard", date(2024, 1, 11), date(2024, 1, 30)),
    ]
    opened = engine().window(date(2024, 1, 11), 10, tail=10)
    held = opened.ask(cut, "held")
    lost = opened.ask(cut, "lost")
    sent = engine().base.power("links.flow", ["rail"])[0, 7:10]
    arrived = {
        name: asked.answer.rows["places.balance"].lower[
            asked.answer.rows["places.balance"].elements.index("a_town:coal_high_ash")
        ]
        for name, asked in (("base", opened), ("held", held), ("lost", lost))
        if name != "base"
    }
    before = opened.base.rows["places.balance"].lower[
        opened.base.rows["places.balance"].elements.index("a_town:coal_high_ash")
    ]
    assert (arrived["lost"] - before)[:3] == pytest.approx(sent)
    assert (arrived["held"] - before)[:3] == pytest.approx(sent)
    assert (arrived["held"] - before)[10:13] == pytest.approx(-sent)
    assert lost.answer.objective >= held.answer.objective - 1e-6


def test_what_a_field_does_not_make_while_out_is_not_made_up_for() -> None:
    """A limit of the year would let a field catch up after an outage, which no field does."""
    opened = engine().window(date(2024, 1, 11), 10, tail=10)
    asked = opened.ask([Outage("gas_field", date(2024, 1, 11), date(2024, 1, 20))])
    whole = opened.case.horizon.hours.sum()
    lost = engine().base.power("assets.activity", ["gas_field"])[0, 10:20] @ opened.hours[:10] / whole
    limit = [answer.rows["assets.annual"].upper[0, 0] for answer in (opened.base, asked.answer)]
    assert lost > 0
    assert limit[1] == pytest.approx(limit[0] - lost)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_sweep_gives_the_same_with_any_number_of_workers(workers: int) -> None:
    """A ranking that depends on the machine it was computed on is none."""
    opened = engine().window(date(2024, 1, 11), 10, Rules("cooperative", "late"), tail=10)
    deltas = [opened.delta([Outage(e, date(2024, 1, 11), date(2024, 1, 20))]) for e in elements(opened.case)]
    columns = opened.problem.columns["demand.unserved"].positions.ravel()
    here = sweep(opened.session, deltas, columns)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        there = sweep(opened.session, deltas[::-1], columns, Work(pool), chunk=3)
    assert here.complete and there.complete
    for one, other in zip(here.found, there.found[::-1], strict=True):
        assert one is not None and other is not None
        assert one.objective == pytest.approx(other.objective, rel=1e-9)
        rows = len(opened.case.table("demand")) * len(opened.hours)
        tranches = [found.values.reshape(-1, rows).sum(axis=0) for found in (one, other)]
        assert tranches[0] == pytest.approx(tranches[1], abs=1e-6)


def test_an_interrupt_leaves_what_is_finished() -> None:
    """An hour of solves is not thrown away because somebody pressed Ctrl-C."""
    opened = engine().window(date(2024, 1, 11), 10, tail=10)
    deltas = [opened.delta([Outage(e, date(2024, 1, 11), date(2024, 1, 20))]) for e in elements(opened.case)]

    def stop(done: int, _all: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    swept = sweep(opened.session, deltas, progress=stop)
    assert swept.interrupted
    assert [one is not None for one in swept.found] == [at < 3 for at in range(len(deltas))]


def test_a_snapshot_is_one_step_without_transit() -> None:
    """A peak day must be answered from the stocks of its date, not from coal that is still under way."""
    opened = engine().snapshot(date(2024, 1, 15))
    assert len(opened.hours) == 1
    assert opened.base.status == "optimal"
    cut = opened.ask([Outage("rail", date(2024, 1, 15), date(2024, 1, 15))])
    assert cut.extra_cost >= -1e-6


def test_the_same_question_has_the_same_flows() -> None:
    """Of ways that cost the same another one would be shown after other questions were asked in between."""
    opened = engine(Rules("cooperative", "late")).window(date(2024, 1, 11), 10)
    others = [
        Outage(link, date(2024, 1, 11), date(2024, 1, 20)) for link in opened.case.table("links")["link"]
    ]
    first = opened.ask([CUT]).answer
    for other in others:
        opened.ask([other])
    again = opened.ask([CUT]).answer
    for name, block in first.columns.items():
        assert np.array_equal(block.values, again.columns[name].values), name


def two_places(wells_a: float, wells_b: float, of_b: str, links: str, **more: str) -> Case:
    """Three days: a (KZ) with wells and homes of 10 MW, b (RU) with wells and 10 MW of another class of customers."""
    return make(
        days=3,
        places=AB,
        links=f"link, carrier, from_place, to_place, capacity, tariff\n{links}",
        assets=f"""
            asset,   name,    kind,  place, capacity,  cost
            wells_a, Wells A, field, a,     {wells_a}, 5
            wells_b, Wells B, field, b,     {wells_b}, 5
        """,
        asset_ports="asset, carrier, ratio\nwells_a, natural_gas, 1\nwells_b, natural_gas, 1",
        demand=f"""
            place, carrier,     customer_class, amount, unit
            a,     natural_gas, household,      10,     MW year
            b,     natural_gas, {of_b},         10,     MW year
        """,
        **more,
    )


def test_alone_without_a_market_is_without_that_market() -> None:
    """What a country can do alone is asked of a problem with other columns; a market closed there must be the one that is lost.

    KZ: wells 4, shop 10, homes 10; RU: wells 12, industry 10; a pipe from RU. Without the shop 4 are lacking; RU alone lacks nothing.
    """
    shop = "market, name, place, carrier, side, price, ceiling\nshop, Shop, a, natural_gas, sells, 8, 10"
    case = two_places(4, 12, "industry", "pipe, natural_gas, b, a, 10, 1", markets=shop)
    outage = Outage("shop", date(2024, 1, 1), date(2024, 1, 3))
    short = {}
    for place in ("own_first", "cooperative"):
        opened = Engine(case, cache=False).window(date(2024, 1, 1), 3, Rules(place, "late"))
        block = opened.ask([outage]).answer.columns["demand.unserved"].values
        short[place] = block.reshape(-1, 2, 3).sum(axis=0).mean(axis=1).round(6).tolist()
    assert short == {"own_first": [4.0, 0.0], "cooperative": [0.0, 4.0]}


@pytest.mark.parametrize("time", ["late", "even", "none"])
def test_supply_that_is_just_enough_is_no_scarcity(time: str) -> None:
    """Wells of 10 for homes of 10: the base price may then be the value of lost load, and still nobody is cut; the rule shares all the same.

    a (KZ): wells 10, homes 10; b (RU): wells 10, homes 10; pipes both ways. Five MW of a are lost: tranches of 2 MW, cut in turn.
    """
    pipes = "there, natural_gas, a, b, 10, 1\nback, natural_gas, b, a, 10, 1"
    case = two_places(10, 10, "household", pipes)
    whole = Engine(case, cache=False)
    opened = whole.window(date(2024, 1, 1), 3, Rules("cooperative", time))
    assert opened.base.objective == pytest.approx(whole.base.objective, rel=1e-9)
    asked = opened.ask([Outage("wells_a", date(2024, 1, 1), date(2024, 1, 3), 0.5)])
    short = asked.answer.columns["demand.unserved"].values.reshape(-1, 2, 3).sum(axis=0)
    assert short.sum(axis=0) == pytest.approx([5.0] * 3)
    assert short.min() >= 2.0 and short.max() <= 4.0 + 1e-9

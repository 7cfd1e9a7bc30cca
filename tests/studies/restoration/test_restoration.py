"""The study restoration: five places by hand, cases by chance against all orders, and what it must refuse."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import permutations
from math import ceil
from typing import Any

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Lost, Rules
from kelisim.errors import CaseError, StudyError
from kelisim.results.results import Results
from kelisim.results.schema import undeclared
from kelisim.studies import run
from kelisim.studies.conformance import check_study
from kelisim.studies.restoration.losses import SetLosses
from kelisim.studies.restoration.orders import Repairs
from kelisim.studies.restoration.study import Restoration
from tests.cases.cut_town import cut_town
from tests.cases.five_places import DAYS, LOST, five_places
from tests.cases.make import AB, make, table
from tests.cases.random_case import random_case
from tests.reading import texts, values

DAY = date(2024, 1, 1)


@cache
def solved() -> Engine:
    return Engine(five_places(), cache=False)


def ask(engine: Engine | None = None, **fields: Any) -> Results:
    given = {
        "lost": LOST, "days": DAYS, "start": DAY, "place_rule": "none", "time_rule": "none", "draws": 20
    } | fields  # fmt: skip
    return run("restoration", engine or solved(), **given)


def total(results: Results, order: str, column: str = "unserved") -> float:
    return float(results["orders"].set_index("order")[column][order])


def named(results: Results, order: str = "best") -> list[str]:
    rows = results["schedule"]
    return list(rows["element"][rows["order"] == order])


def test_what_saves_money_is_counted_as_nothing_and_said() -> None:
    """A plant with a dear duty is cheaper lost: the ranking must not keep it out for that, and says how often it looked away.

    must runs at 50 MW at least and 50 a MWh, well at 5; 20 MW go over the pipe to b: out, they are worth 500 a MWh
    """
    case = make(
        days=12,
        places=AB,
        links="link, carrier, from_place, to_place, capacity\npipe, natural_gas, a, b, 30",
        assets="asset, kind, place, capacity, cost, min_share, min_price\nwell, supply, a, 200, 5, 0,\nmust, supply, a, 100, 50, 0.5, 900",
        asset_ports="asset, carrier, ratio\nwell, natural_gas, 1\nmust, natural_gas, 1",
        demand="place, carrier, customer_class, amount, voll\na, natural_gas, other, 878400, 500\nb, natural_gas, other, 175680, 500",
    )
    results = ask(Engine(case, cache=False), lost=("must", "pipe"), days=("2", "3"), window=False)
    alone = results["elements"].set_index("element")["cost_alone"]
    assert alone["must"] == pytest.approx(-24 * 50 * 45) and alone["pipe"] == pytest.approx(24 * 20 * 495)
    # three days with both out, then two with the plant alone, which count as nothing
    assert values(results)["total"] == pytest.approx(3 * 24 * 20 * 495 - 3 * 24 * 50 * 45)
    assert values(results)["cheaper"] == 1
    assert texts(results)["cheaper"].startswith("1 of the 4 sets asked costs less than the plan, ")
    assert "cheaper" not in texts(ask())


def test_conforms() -> None:
    """The same answer twice, units for every number, the case unchanged."""
    check_study(Restoration(lost=("pipe", "chp"), days=("3", "chp=1"), crews=2, draws=5), cut_town(days=12))


def test_five_places_one_crew_by_hand() -> None:
    """The worked example of the docs. MW short: all out 120; with ab back 80; with ab and bd 25; with ce and the plant 70.

    best      ab, bd, then ce and plant: 4 x 120 + 2 x 80 + 4 x 25 = 740 MW days
    capacity  ab (100), plant (60), bd (55), ce (50): 4 x 120 + 3 x 80 + 2 x 80 + 1 x 25 = 905
    shortest  ce, bd, plant, ab: 6 x 120 + 4 x 70 = 1000
    """
    results = ask()
    assert named(results)[:2] == ["ab", "bd"]
    assert total(results, "best") == pytest.approx(740 * 24)
    assert total(results, "capacity") == pytest.approx(905 * 24)
    assert total(results, "shortest") == pytest.approx(1000 * 24)
    curve = results["curve"]
    curve = curve[curve["order"] == "best"]
    assert curve[["begins", "ends", "unserved"]].to_numpy().tolist() == [
        [0, 4, pytest.approx(120)], [4, 6, pytest.approx(80)], [6, 7, pytest.approx(25)], [7, 10, pytest.approx(25)], [10, 10, 0]
    ]  # fmt: skip
    # nothing is stored here and every day is alike: run day by day the orders lose the same
    assert total(results, "best", "window_unserved") == pytest.approx(740 * 24)
    assert total(results, "capacity", "window_unserved") == pytest.approx(905 * 24)


def test_five_places_two_crews_begin_at_the_other_end() -> None:
    """By hand: the line to the second plant and the plant first, 3 x 120 + 2 x 70 = 500; the order of one crew takes 505.

    ab and bd first: 4 x 120, then 1 x 25 while ce, begun last, is repaired.
    """
    results = ask(crews=2)
    assert total(results, "best") == pytest.approx(500 * 24)
    assert set(named(results)[:2]) == {"ce", "plant_c"}
    repairs = Repairs(_losses(five_places(), LOST, engine=solved()), (4.0, 2.0, 1.0, 3.0), 2)
    order = tuple(sorted(LOST).index(element) for element in ("ab", "bd", "plant_c", "ce"))
    short = [
        (end - begin) * float(repairs.losses.unserved(out).sum())
        for begin, end, out in repairs.schedule(order).stretches()
    ]
    assert sum(short) == pytest.approx(505)


def _losses(
    case: Case, lost: tuple[str, ...], engine: Engine | None = None, measure: str = "cost"
) -> SetLosses:
    engine = engine or Engine(case, cache=False)
    opened = engine.snapshot(case.horizon.start.date(), Rules("none", "none"))
    return SetLosses(opened, [Lost(e, ((case.home_of(e), e),)) for e in sorted(lost)], measure)


@pytest.mark.parametrize("seed", range(8))
def test_best_order_of_cases_by_chance(seed: int) -> None:
    """Against every order, with losses that are each solved without any short cut; minimums and duties included."""
    case = random_case(seed)
    pool = [*case.table("links")["link"], *case.table("assets")["asset"], *case.table("storages")["storage"]]
    step = max(1, len(pool) // 4)
    lost = tuple(sorted(str(e) for e in pool[seed % step :: step][:4]))
    days = tuple(float(1 + (seed * 7 + 3 * at) % 5) for at in range(len(lost)))
    crews = 1 + seed % 3
    losses = _losses(case, lost)
    opened = losses.opened
    start = case.horizon.start.date()
    end = case.horizon.end.date()
    hours = float(opened.hours.sum())

    def loss(out: int) -> float:
        outages = [Outage(e, start, end) for at, e in enumerate(lost) if out >> at & 1]
        return max(opened.ask(outages).extra_cost, 0.0) / hours * 24.0 if outages else 0.0

    known = [loss(out) for out in range(1 << len(lost))]
    best = min(_summed(order, days, crews, known) for order in permutations(range(len(lost))))
    found = Repairs(losses, days, crews).best
    assert found.exact
    assert found.total == pytest.approx(best, rel=1e-6, abs=1e-3)
    # what prices say of a set holds for every other one, where a loss frees something too; so does the bound of many
    for out in range(len(known)):
        cut = losses.cut(out)
        for other in range(len(known)):
            gone = sum(cut.gains[e] for e in range(len(lost)) if (cut.out & ~other) >> e & 1)
            freed = sum(cut.frees[e] for e in range(len(lost)) if (other & ~cut.out) >> e & 1)
            assert losses(other) >= cut.loss - gone - freed - 1e-6 * max(1.0, cut.loss)
    many = Repairs(losses, days, crews, most=1).best
    assert many.bound <= found.total * (1 + 1e-9)
    assert many.total >= found.total * (1 - 1e-9)
    # the order that is told has that total
    assert _summed(found.schedule.order, days, crews, known) == pytest.approx(best, rel=1e-6, abs=1e-3)


def _summed(order: tuple[int, ...], days: tuple[float, ...], crews: int, known: list[float]) -> float:
    free, ends = [0.0] * crews, {}
    for element in order:
        crew = free.index(min(free))
        free[crew] += days[element]
        ends[element] = free[crew]
    moments = [0.0, *sorted(set(ends.values()))]
    return sum(
        (after - before) * known[sum(1 << e for e, end in ends.items() if end > before)]
        for before, after in zip(moments, moments[1:], strict=False)
    )


@pytest.mark.parametrize("measure", ["cost", "unserved"])
def test_many_elements_have_a_bound(measure: str) -> None:
    """Where not all sets are asked, the best is between the bound and what was found."""
    losses = _losses(five_places(), LOST, engine=solved(), measure=measure)
    days = (4.0, 2.0, 1.0, 3.0)
    exact = Repairs(losses, days, 2).best
    fresh = _losses(five_places(), LOST, engine=solved(), measure=measure)
    many = Repairs(fresh, days, 2, most=1).best
    assert 0.0 < many.bound <= exact.total * (1 + 1e-9)
    assert exact.total <= many.total * (1 + 1e-9)


def test_names_in_any_order_give_the_same() -> None:
    """An answer that depends on how the elements were typed cannot be trusted."""
    one, other = (
        ask(lost=lost, days=days, place_rule="cooperative", time_rule="late")
        for lost, days in ((LOST, DAYS), (LOST[::-1], DAYS[::-1]))
    )
    for name in one.names:
        pd.testing.assert_frame_equal(one[name], other[name])
    assert texts(one) == texts(other)


def test_days_come_from_where_they_are_told() -> None:
    """A repair time of the wrong row turns the order round: given, of the element, of its kind, default."""
    case = five_places().with_table("outage_rates", _rates())
    results = ask(Engine(case, cache=False), days=("bd=2",), default_days=9.0, window=False)
    found = results["elements"].set_index("element")[["days", "days_from"]].to_dict("index")
    assert found == {
        "ab": {"days": 4.0, "days_from": "element"}, "bd": {"days": 2.0, "days_from": "given"},
        "ce": {"days": 9.0, "days_from": "default"}, "plant_c": {"days": 3.0, "days_from": "kind"},
    }  # fmt: skip


def _rates() -> pd.DataFrame:
    case = five_places()
    frame = table(
        """
        table,  element, kind,        failures_per_year, repair_hours
        links,  ab,      ,            1,                 96
        assets, ,        power_plant, 1,                 72
        """
    )
    frame = frame.astype({"failures_per_year": float, "repair_hours": float})
    return frame.reindex(columns=case.table("outage_rates").columns, fill_value="")


def test_stocks_can_turn_the_order_round() -> None:
    """A day alone does not see a store run empty: the town lives on its cavern for a while, heat has no store.

    With pipe and CHP out, both 4 days: on the first day the cavern replaces the pipe, so the pipe seems to cost nothing. With the
    days the best of all that are shown leads.
    """
    engine = Engine(cut_town(days=12), cache=False)
    alone = ask(engine, lost=("pipe", "chp"), days=("4",), window=False)
    assert named(alone) == ["chp", "pipe"]
    assert total(alone, "best") == pytest.approx(4 * 24 * 2)  # heat of homes while the CHP is out
    results = ask(engine, lost=("pipe", "chp"), days=("4",))
    assert named(results) == ["pipe", "chp"] and named(results, "first_day") == ["chp", "pipe"]
    orders = results["orders"].set_index("order")
    assert (orders["window_cost"] >= orders["window_cost"]["best"] - 1e-6).all()
    assert orders["window_cost"]["first_day"] > 1.01 * orders["window_cost"]["best"]
    assert texts(results)["gap"] == "No order is better: each was run through the days with stocks, 2 in all."
    assert "The first day alone would give another order" in texts(results)["window_unserved"]
    schedule = results["schedule"]
    assert (schedule["to"] - schedule["from"]).dt.days.max() == 3


def test_outages_of_the_window_end_with_the_repairs() -> None:
    """An element that stays out a day too long, or is back too early, changes what is lost: by dated outages, by hand."""
    results = ask(crews=2, days=("ab=1.5", "bd=2", "ce=1", "plant_c=3"))
    rows = results["schedule"]
    rows = rows[rows["order"] == "best"]
    opened = solved().window(DAY, ceil(rows["ends"].max()), Rules("none", "none"))
    outages = [
        Outage(e, DAY, DAY + timedelta(days=ceil(end) - 1)) for e, end in zip(rows["element"], rows["ends"], strict=True)
    ]  # fmt: skip
    assert total(results, "best", "window_cost") == pytest.approx(opened.ask(outages).extra_cost)


def test_nothing_lost_is_said_so() -> None:
    """An order of repairs that nobody needs must not look like advice."""
    engine = Engine(cut_town(days=3), cache=False)
    results = ask(engine, lost=("spare",), days=("1",))
    assert total(results, "best") == 0.0
    assert texts(results)["unserved"] == (
        "1 element out from 1 January 2024, 1 crew: nothing is lost in any order; the plan does without them."
    )


def test_sentences() -> None:
    """What is said of an order: how long, what is lost until then, beside which others, and how sure that is."""
    results = ask(crews=2)
    found, numbers = texts(results), values(results)
    assert list(found) == ["answer", "who", "rests", "told_of", "unserved", "gap", "window_unserved"]
    assert found["answer"] == (
        "Kazakhstan lacks up to 120 MW of electricity, on average 83 % of use while it lasts."
    )
    assert found["told_of"] == "This is with the best order of repair."
    assert found["unserved"].startswith(
        "4 elements out from 1 January 2024, 2 crews: in the best order all is back after 5 days, "
        "and 12.0 GWh are left unserved until then; "
    )
    for order, words in (("capacity", "largest capacity first"), ("shortest", "shortest repair first")):
        assert f"{total(results, order) / 1e3:.1f} GWh with {words}" in found["unserved"]
    assert found["gap"] == "No order is better: each was run through the days with stocks, 12 in all."
    assert found["window_unserved"] == (
        "These numbers are of the days with stocks; the first day alone gives the same order."
    )
    assert numbers["bound"] == numbers["total"] == pytest.approx(total(results, "best", "window_cost"))
    assert texts(ask(crews=2, window=False))["gap"] == "No order is better: 16 sets of elements were asked."
    assert numbers["sets"] == 16
    assert 0 < numbers["solved"] <= 16


@pytest.mark.parametrize(("measure", "unit"), [("cost", " USD at most ("), ("unserved", "Wh at most (")])
def test_a_gap_is_said_in_its_unit(measure: str, unit: str) -> None:
    """A gap without its unit, or said as proof, would be taken for more than is known."""
    results = ask(crews=2, most=1, measure=measure, window=False)
    sentence = texts(results)["gap"]
    assert sentence.startswith("Another order may be better, by ") and unit in sentence
    gap = values(results)["total"] - values(results)["bound"]
    assert values(results)["gap"] == pytest.approx(gap) and gap > 0
    assert set(results["orders"]["unit"]) == {"MWh" if measure == "unserved" else "USD"}


@pytest.mark.parametrize("fields", [{"crews": 2}, {"window": False, "draws": 0, "measure": "unserved"}])
def test_tables_are_described(fields: dict[str, Any]) -> None:
    """A column without a description cannot be defended; a description without a column misleads."""
    results = ask(**fields)
    for name in results:
        assert undeclared("restoration", name, results[name]) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lost": ()}, "lost: name at least one element, such as the identifier of a link or an asset."),
        ({"days": ("1", "2")}, "days: 2 numbers for 4 elements; give one for all, or one for each."),
        ({"days": ("plantc=2",)}, 'days: "plantc" is not among the elements lost. Did you mean "plant_c"?'),
        ({"days": ("ab=x",)}, 'days: "x" is not a number of days.'),
        ({"days": ("ab=0",)}, "days: the repair of ab takes 0 days; it must be more than 0."),
        ({"crews": 0}, "crews and draws: give whole numbers, crews from 1 and draws from 0."),
        ({"most": 20}, "most: 20 is not between 1 and 14; 14 elements are 16,384 sets."),
    ],
)
def test_what_cannot_be_asked(fields: dict[str, Any], message: str) -> None:
    """The message is what the user has to go on."""
    with pytest.raises(StudyError) as caught:
        ask(**fields)
    assert str(caught.value) == message


def test_unknown_element() -> None:
    """A mistyped name is answered with the nearest one."""
    with pytest.raises(CaseError, match="plant_a"):
        ask(lost=("plant_x",), days=("1",))

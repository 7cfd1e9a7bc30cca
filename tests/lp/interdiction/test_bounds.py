"""Bounds on what a loss can cost: by hand where they are simple, and against the solver where they are not."""

from __future__ import annotations

import random

import numpy as np
import pytest

from kelisim.lp.builder import Builder
from kelisim.lp.delta import Delta
from kelisim.lp.interdiction import Element, Interdiction, LossBound
from kelisim.lp.problem import INF
from kelisim.lp.removals import together
from tests.lp.networks import Network, random_network, started


def refinery() -> Network:
    """Crude at 5 goes to a refinery; of one crude come half a diesel and 0.3 of fuel oil.

    import, 40 --20 used--> crude --> refinery at 2 --> diesel, demand 10 at 100
                                                    --> fuel oil, demand 6 at 80
    """
    net = Network()
    for row in ("crude", "diesel", "fuel"):
        net.row(row)
    net.demand("diesel", 10.0, [100.0])
    net.demand("fuel", 6.0, [80.0])
    net.column("import", 40.0, 5.0, crude=1.0)
    net.column("refinery", 40.0, 2.0, crude=-1.0, diesel=0.5, fuel=0.3)
    return net


def test_refinery_loses_all_its_products() -> None:
    """A refinery makes several things at once: a bound by the dearest one alone would be a false certificate."""
    search = refinery().interdiction()
    products = 10 * 100.0 + 6 * 80.0
    saved = {"import": 20 * 5.0 + 20 * 2.0, "refinery": 20 * 2.0}
    assert search.bounds() == pytest.approx({name: products - cost for name, cost in saved.items()})
    # and this much is really lost, the crude saved too
    assert search.worst(1).best.loss == pytest.approx(products - 140.0)
    assert search.value(["refinery"]) == pytest.approx(products)


def test_an_outlet_counts_with_its_share() -> None:
    """Of what comes in, one half heats homes at 100 and the other goes to a market at 10: what is lost is half of each."""
    net = Network()
    net.row("gas")
    net.demand("gas", 5.0, [100.0])
    net.column("field", 10.0, 0.0, gas=1.0)
    net.column("market", 5.0, -10.0, gas=-1.0)
    search = net.interdiction()
    assert search.bounds() == pytest.approx({"field": 5 * 100.0 + 5 * 10.0, "market": 50.0})
    assert search.worst(1).best.loss == pytest.approx(550.0)


def test_tranches_are_filled_from_the_cheapest() -> None:
    """The last tranche is dearer, but not all of what is lost falls on it."""
    net = Network()
    net.row("gas")
    net.demand("gas", 9.0, [90.0, 100.0, 110.0])
    net.column("field", 9.0, 0.0, gas=1.0)
    search = net.interdiction()
    assert search.bounds()["field"] == pytest.approx(900.0)


def test_a_loss_on_the_way_makes_what_is_sent_cheaper() -> None:
    """A tenth is lost on the way: what is sent is worth nine tenths of what is served, less the tariff."""
    net = Network()
    net.row("a")
    net.row("b")
    net.demand("b", 9.0, [100.0])
    net.column("field", 20.0, 1.0, a=1.0)
    net.column("link", 20.0, 2.0, a=-1.0, b=0.9)
    assert net.interdiction().bounds() == pytest.approx({"field": 10 * (90.0 - 2 - 1), "link": 10 * 88.0})


@pytest.mark.parametrize(("may_be_let_go", "lost"), [(True, 0.0), (False, 10 * 100.0 - 10 * 3.0)])
def test_what_cannot_be_let_go_takes_its_source_with_it(may_be_let_go: bool, lost: float) -> None:
    """Sour gas that nobody takes shuts the well, and with it the oil: oil homes at 100, gas costs 1 to take away."""
    net = Network()
    net.row("oil")
    net.row("sour", 0.0, INF if may_be_let_go else 0.0)
    net.demand("oil", 10.0, [100.0])
    net.column("well", 10.0, 3.0, oil=1.0, sour=0.5)
    net.column("plant", 5.0, -0.5, sour=-1.0)
    search = net.interdiction()
    # the plant's own income is lost in both cases
    assert search.bounds()["plant"] == pytest.approx(lost + 5 * 0.5)
    assert search.worst_pairs(1).outcomes[0].loss <= lost + 1000
    assert search.value(["plant"]) - search.value() == pytest.approx(lost + 5 * 0.5)


def storage(level_start: float = 0.0) -> Network:
    """Gas of today is kept for tomorrow, where it serves homes at 100; a tenth is lost when it is put in.

    field, today 10 --> store --> tomorrow, demand 9
    """
    net = Network()
    for row in ("today", "tomorrow"):
        net.row(row)
    net.demand("tomorrow", 9.0, [100.0])
    net.row("level0", level_start, level_start)
    net.row("level1", 0.0, 0.0)
    net.column("field", 10.0, 1.0, today=1.0)
    net.column("store/in", 20.0, 0.0, today=-1.0, level0=-0.9)
    net.column("store/level0", 20.0, 0.0, False, level0=1.0, level1=-1.0)
    net.column("store/level1", 20.0, 0.0, False, level1=1.0)
    net.column("store/out", 20.0, 0.0, tomorrow=1.0, level1=1.0)
    return net


def test_a_storage_carries_a_loss_to_later() -> None:
    """What is not made today is missing tomorrow. The bound counts what goes in and what comes out apart: high, not wrong."""
    search = storage().interdiction()
    assert search.bounds() == pytest.approx({"field": 10 * (90.0 - 1.0), "store": 2 * 900.0})
    assert search.worst(1).best.loss == pytest.approx(890.0)


def test_a_storage_in_stock_can_be_lost() -> None:
    """Stock that cannot be drawn stays where it is, and that costs nothing more than what it would have served."""
    search = storage(level_start=12.0).interdiction()
    assert search.bounds() == pytest.approx({"field": 0.0, "store": 900.0}, abs=1e-6)


def test_a_loop_that_gains_has_no_bound() -> None:
    """Power lifts gas, gas makes the power, and nothing comes from outside: no loss ends anywhere, so no certificate."""
    net = Network()
    net.row("power")
    net.row("gas")
    net.demand("power", 3.0, [100.0])
    net.demand("gas", 2.0, [80.0])
    net.column("pump", 5.0, 0.0, power=-1.0, gas=2.0)
    net.column("plant", 8.0, 0.0, gas=-1.0, power=1.0)
    search = net.interdiction()
    assert search.bounds() == {"plant": INF, "pump": INF}
    # without a bound all sets are looked at: the answer is exact all the same
    found = search.worst(2)
    assert (found.is_proven, found.best.loss) == (True, pytest.approx(460.0))
    # and a search that is stopped names them; no set costs more than both
    stopped = net.interdiction().worst(1, seconds=-1.0)
    assert stopped.best.loss == pytest.approx(460.0)
    assert (stopped.upper, stopped.is_proven) == (pytest.approx(460.0), True)


def test_a_duty_without_a_price_has_no_bound() -> None:
    """A demand that has to be met cannot go short at a price: losing its supply leaves nothing feasible."""
    net = Network()
    net.row("gas", 5.0)
    net.column("field", 10.0, 1.0, gas=1.0)
    search = net.interdiction()
    assert search.bounds() == {"field": INF}
    assert search.worst(1).best.value == INF


def test_a_column_that_must_run_has_no_bound() -> None:
    """A least flow on the way cannot be made smaller."""
    net = Network()
    net.row("a")
    net.row("b")
    net.demand("b", 5.0, [100.0])
    net.column("field", 10.0, 1.0, a=1.0)
    net.column("link", 10.0, 0.0, False, a=-1.0, b=1.0)
    problem = net.problem()
    problem.lower[list(net.columns).index("link")] = 2.0
    search = Interdiction(problem, net.elements(), started(problem).solve)
    assert search.bounds() == {"field": INF}


def test_a_way_out_that_can_be_lost_too_is_not_counted_on() -> None:
    """A spare field that can be lost as well is no help for sure: the bound must hold with both gone."""
    net = Network()
    net.row("gas")
    net.demand("gas", 10.0, [100.0])
    net.column("field", 10.0, 0.0, gas=1.0)
    net.column("spare", 10.0, 1.0, gas=1.0)
    assert net.interdiction().bounds() == pytest.approx({"field": 1000.0, "spare": 0.0})
    sure = Network(dict(net.columns), dict(net.rows), list(net.entries), {"field": ["field"]})
    assert sure.interdiction().bounds() == pytest.approx({"field": 10.0})


def test_a_least_activity_goes_with_its_asset() -> None:
    """An asset out of service owes no least activity; another one that must be cut back pays for falling short."""
    net = Network()
    net.row("gas")
    net.row("power")
    net.row("least", 4.0)
    net.demand("power", 10.0, [100.0])
    net.column("field", 20.0, 1.0, gas=1.0)
    net.column("plant", 20.0, 0.0, gas=-1.0, power=1.0, least=1.0)
    net.column("plant/below", 4.0, 7.0, least=1.0)
    problem = net.problem()
    row = np.array([list(net.rows).index("least")])
    field, plant = sorted(net.elements(), key=lambda element: element.name)
    out = Delta(plant.out.columns, plant.out.lower, plant.out.upper, row, np.zeros(1), np.full(1, INF))
    search = Interdiction(problem, [field, Element("plant", out)], started(problem).solve)
    assert search.bounds() == pytest.approx({"field": 1000.0 + 4 * 7 - 10.0, "plant": 1000.0})
    assert search.value(["field"]) == pytest.approx(1000.0 + 28.0)
    assert search.value(["plant"]) == pytest.approx(1000.0)


def limited_year(others: bool) -> tuple[Interdiction, Interdiction]:
    """A field with a limit of the year, which falls by what the field does not make while it is out; without and with that.

    field 8 of 10, least 2 and most 9 in the row of the year --> demand 8; others: a second one in the same row
    """
    net = Network()
    net.row("gas")
    net.row("year", 2.0, 9.0)
    net.demand("gas", 8.0, [100.0])
    net.column("field", 10.0, 1.0, gas=1.0, year=1.0)
    net.column("short", 2.0, 5.0, False, year=1.0)
    net.column("over", INF, 20.0, False, year=-1.0)
    if others:
        net.column("back", 1.0, -0.5, year=-1.0, gas=-0.001)
    problem = net.problem()
    (field,) = (element for element in net.elements() if element.name == "field")
    row = np.array([1])
    out = Delta(field.out.columns, field.out.lower, field.out.upper, row, np.array([-6.0]), np.array([1.0]))
    rest = [element for element in net.elements() if element.name != "field"]
    session = started(problem)
    return (
        Interdiction(problem, net.elements(), session.solve),
        Interdiction(problem, [Element("field", out), *rest], session.solve),
    )


def test_a_limit_that_falls_with_its_element() -> None:
    """What is out need not be made up for in the rest of the year: the duty falls too, and so does the limit, unharmed."""
    plain, eased = limited_year(others=False)
    # a row of two limits counts all that it loses at its dearest: 8 and not 2 at 5
    assert plain.bounds()["field"] == pytest.approx(800.0 + 8 * 5.0 - 8.0)
    assert plain.value(["field"]) == pytest.approx(810.0)
    assert eased.bounds()["field"] == pytest.approx(800.0 - 8.0)
    assert eased.value(["field"]) == pytest.approx(800.0)


def test_a_limit_that_others_lean_on_has_no_bound() -> None:
    """If something that can be lost gives to a row of which an element asks for more, mending for both may fail."""
    assert limited_year(others=True)[1].bounds()["field"] == INF


def triangle(at_b: float, at_c: float) -> Interdiction:
    """Three lines of 10 with a voltage law ab - ac + bc = 0; what is not served costs 100.

    made at 1 --> a, a --> b, a --> c, b --> c
    """
    build = Builder(("t",))
    flows = build.add_columns("flow", ["ab", "ac", "bc"], 1, 0.0, 10.0).ravel()
    slack = build.add_columns("slack", ["ab", "ac", "bc"], 1, 0.0, 0.0).ravel()
    made = build.add_columns("made", ["a"], 1, 0.0, 20.0, 1.0).ravel()
    demand = np.array([[at_b], [at_c]])
    short = build.add_columns("unserved", ["b", "c"], 1, 0.0, demand, 100.0).ravel()
    rows = build.add_rows("balance", ["a", "b", "c"], 1, np.array([[0.0], [at_b], [at_c]])).ravel()
    law = build.add_rows("law", ["abc"], 1, 0.0, 0.0).ravel()
    for column, start, end, sign in zip(flows, (0, 0, 1), (1, 2, 2), (1.0, -1.0, 1.0), strict=True):
        build.add_entries(rows[[start, end]], np.array([column, column]), np.array([-1.0, 1.0]))
        build.add_entries(law, np.array([column]), sign)
    for column, sign in zip(slack, (1.0, -1.0, 1.0), strict=True):
        build.add_entries(law, np.array([column]), sign)
    build.add_entries(rows[:1], made, 1.0)
    build.add_entries(rows[1:], short, 1.0)
    problem = build.build()
    elements = [
        Element(name, Delta(np.array([f, s]), np.array([0.0, -INF]), np.array([0.0, INF])))
        for name, f, s in zip(("ab", "ac", "bc"), flows, slack, strict=True)
    ]
    return Interdiction(problem, elements, started(problem).solve)


def test_a_voltage_law_is_mended_too() -> None:
    """With ab out its slack takes its place in the law; what b then does not pass on takes as much from ac."""
    assert triangle(6.0, 6.0).bounds() == pytest.approx({"ab": 600.0, "ac": 600.0, "bc": 0.0})
    search = triangle(0.0, 12.0)
    assert search.bounds() == pytest.approx({"ab": 8 * 100.0, "ac": 8 * 100.0, "bc": 4 * 100.0})
    assert search.worst(1).best.loss == pytest.approx(2 * 99.0)
    assert search.worst(2).best.names == ("ab", "ac")


@pytest.mark.parametrize("seed", range(40))
def test_bounds_hold(seed: int) -> None:
    """A bound that is too low once is a certificate that lies: losses of up to three, on top of up to three."""
    net = random_network(seed)
    problem, elements = net.problem(), net.elements()
    session, bound = started(problem), LossBound(problem, [element.out for element in elements])
    draw = random.Random(seed)
    known = 0
    for size in range(4):
        lost = draw.sample(range(len(elements)), min(size, len(elements) - 1))
        out = together(problem, [elements[at].out for at in lost])
        base = session.solve(out)
        losses = bound.bounds(out, base.values)
        left = [at for at in range(len(elements)) if at not in lost]
        for _ in range(4):
            more = draw.sample(left, min(len(left), draw.randint(1, 3)))
            most = base.objective + losses[more].sum()
            if np.isinf(most):
                continue
            known += 1
            after = session.solve(together(problem, [elements[at].out for at in [*lost, *more]]))
            assert after.objective <= most + 1e-6 * max(1.0, abs(most))
    assert known > 0


def test_most_networks_have_bounds() -> None:
    """A bound that is nearly always infinite would hold, and help nobody."""
    finite = []
    for seed in range(40):
        net = random_network(seed)
        finite += [np.isfinite(w) for w in net.interdiction().bounds().values()]
    assert np.mean(finite) > 0.9

"""What holds for every least cost: balances close, more choice never costs more, a price is what one more MWh costs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kelisim.case.change import Outage
from kelisim.engine import Engine
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import INF
from kelisim.model.build import compile_case
from kelisim.results.tables import Tables
from tests.properties.cases import Rows, amounts, cases, cost, draw_link, solved, turnover
from tests.properties.examples import examples

GIVES = ("made", "arriving", "bought", "unserved")
TAKES = ("demand", "taken_in", "leaving", "lost", "stored", "sold", "curtailed")


@examples()
@given(cases())
def test_balances_close(rows: Rows) -> None:
    """Energy that a table makes or loses is an error in every figure drawn from it."""
    tables = Tables(rows.case(), Engine(rows.case(), cache=False).base)
    balance = tables.places_balance
    left = balance[list(GIVES)].sum(axis=1) - balance[list(TAKES)].sum(axis=1)
    size = 1.0 + balance[[*GIVES, *TAKES]].abs().sum(axis=1)
    assert (left.abs() <= 1e-6 * size).all(), balance[left.abs() > 1e-6 * size].T


@examples()
@given(cases(minimums=False), st.data())
def test_more_capacity_never_costs_more(rows: Rows, data: st.DataObject) -> None:
    """A wider pipe can stay as empty as before."""
    problem = compile_case(rows.case())
    before = solved(problem)
    wide = [*rows.of("links"), *rows.of("assets"), *rows.of("markets")]
    row = data.draw(st.sampled_from(wide), label="element")
    column = "ceiling" if "market" in row else "capacity"
    row[column] = row[column] + data.draw(amounts(), label="more")
    assert cost(rows) <= before.objective + 1e-7 * turnover(problem, before)


@examples()
@given(cases(), st.data())
def test_one_more_route_never_costs_more(rows: Rows, data: st.DataObject) -> None:
    """Who has another way may leave it unused."""
    problem = compile_case(rows.case())
    before = solved(problem)
    places = tuple(row["place"] for row in rows.of("places"))
    draw_link(data.draw, rows, "another", places, by_month=rows.settings["horizon"]["step"] == "1mo")
    assert cost(rows) <= before.objective + 1e-7 * turnover(problem, before)


@examples()
@given(cases(), st.data())
def test_price_is_what_one_more_costs(rows: Rows, data: st.DataObject) -> None:
    """The dual of a balance lies between what one MW less saves and what one MW more costs, at every size of the step.

    Least cost is convex in the right-hand side b: V(b + e) >= V(b) + dual x e for e above and below 0.
    """
    problem = compile_case(rows.case())
    session = Session(problem, threads=1)
    base = session.start("simplex")
    block = problem.rows["places.balance"]
    at = int(data.draw(st.sampled_from(block.positions.ravel().tolist()), label="row"))
    size = turnover(problem, base)
    for more in (0.5, -0.5, 1e-3, -1e-3):
        low, high = problem.row_lower[at] + more, problem.row_upper[at] + more
        other = session.solve(
            Delta(rows=np.array([at]), row_lower=np.array([low]), row_upper=np.array([high]))
        )
        if other.status == "optimal":
            assert other.objective >= base.objective + base.duals[at] * more * problem.scale - 1e-7 * size


@examples()
@given(cases(), st.data())
def test_printed_price_is_the_slope_of_the_cost(rows: Rows, data: st.DataObject) -> None:
    """A price table in the wrong unit or hour looks right; a MW more in one step shows what it costs."""
    case = rows.case()
    problem = compile_case(case)
    session = Session(problem, threads=1)
    base = session.start("simplex")
    tables = Tables(case, Engine(case, cache=False).answer(problem, base))
    block = problem.rows["places.balance"]
    node = data.draw(st.integers(0, len(block.elements) - 1), label="node")
    step = data.draw(st.integers(0, block.steps - 1), label="step")
    price = tables.places_price["price"].to_numpy().reshape(len(block.elements), -1)[node, step]
    at = int(block.positions[node, step])
    slopes = []
    for more in (1e-3, -1e-3):
        upper = problem.row_upper[at] + more
        delta = Delta(
            rows=np.array([at]),
            row_lower=np.array([problem.row_lower[at] + more]),
            row_upper=np.array([upper]),
        )
        other = session.solve(delta)
        slopes.append(
            (other.objective - base.objective) / (more * case.horizon.hours[step])
            if other.status == "optimal"
            else INF
        )
    right, left = slopes
    near = 1e-3 + 1e-6 * turnover(problem, base) / (1e-3 * case.horizon.hours[step]) * 1e-3
    if np.isfinite(right) and np.isfinite(left):
        assert min(left, right) - near <= price <= max(left, right) + near


@examples()
@given(cases())
def test_everything_out_has_an_answer(rows: Rows) -> None:
    """Each disruption must end with a number: every hard minimum has a price, every supply may stop."""
    case = rows.case()
    ids = [
        row[key]
        for table, key in (("links", "link"), ("assets", "asset"), ("storages", "storage"))
        for row in rows.of(table)
    ]
    base = solved(compile_case(case)).objective
    assert np.isfinite(base)
    for out in ([*ids], ids[:1], ids[-1:], [row["place"] for row in rows.of("places")]):
        assert np.isfinite(solved(compile_case(case.with_(*(Outage(element) for element in out)))).objective)

"""Books of a joint venture: to the cent as in a spreadsheet, and parts that sum to the whole."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelisim.errors import UserError
from kelisim.ledger import venture
from kelisim.ledger.venture import (
    LINES,
    Partner,
    Venture,
    books,
    changed,
    compensation,
    irr,
    npv,
    payback,
    rates_of_return,
    sensitivity,
    to_the_cent,
)

# made by decimals cell by cell, row after row, apart from the product
SHEET = pd.read_csv(Path(__file__).with_name("venture_ten_years.csv"))
PARTNERS = (
    Partner("Alpha", 0.51, 0.40, 21.937e6, tax=0.20),
    Partner("Beta", 0.29, 0.35, 19.451e6, tax=0.25),
    Partner("Gamma", 0.20, 0.25, 20.803e6, tax=0.15),
)
PAID = np.array([0.0] * 3 + [2.5e6] * 7)
PIPE = Venture(
    PARTNERS,
    capex=[48_403_217.0, 83_750_119.0, 36_104_933.0, *[0.0] * 7],
    volume=[0.0, 0.0, 0.0, 2.4, 3.9, 4.6, 5.0, 5.0, 5.0, 5.0],
    opex_fixed=11.35e6,
    opex_variable=1.27e6,
    write_off=7,
    transfers={"Alpha": PAID, "Beta": -PAID},
)


def test_examples_are_right() -> None:
    """An example that does not give what it says teaches the wrong books."""
    found = doctest.testmod(venture)
    assert found.attempted and not found.failed


@pytest.mark.parametrize("line", LINES)
def test_the_books_are_those_of_the_spreadsheet(line: str) -> None:
    """A partner checks the first row with a pocket calculator; a cent that differs costs the trust in all of them."""
    found = books(PIPE)
    for partner, rows in SHEET.groupby("partner"):
        assert np.abs(found.lines[str(partner)][line] - rows[line]).max() < 0.0051
    whole = SHEET.groupby("year")[line].sum().to_numpy()
    assert np.abs(found.lines["all"][line] - whole).max() < 0.016


def test_measures_of_the_spreadsheet() -> None:
    """Present value and rate of return follow from the same rows, by their definitions."""
    for partner, rows in SHEET.groupby("partner"):
        cash = rows["cash"].to_numpy()
        by_hand = sum(value / 1.1**year for year, value in enumerate(cash))
        assert npv(books(PIPE).cash(str(partner)), 0.1) == pytest.approx(by_hand, abs=0.1)
        rate = irr(cash)
        assert sum(value / (1 + rate) ** year for year, value in enumerate(cash)) == pytest.approx(
            0.0, abs=1.0
        )
        years, total = payback(cash), np.cumsum(cash)
        assert total[int(years) - 1] < 0 <= total[int(years)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 97), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_shares_sum_to_the_whole(parts: list[int], seed: int) -> None:
    """A cent that nobody has is a row that the auditors send back."""
    draw = np.random.default_rng(seed)
    shares = np.array(parts) / sum(parts)
    partners = tuple(
        Partner(f"p{at}", share, share, draw.uniform(1, 20), tax=0.2) for at, share in enumerate(shares)
    )
    one = Venture(
        partners, draw.uniform(0, 1e6, 8), draw.uniform(0, 1e5, 8), draw.uniform(0, 1e5), 0.37, write_off=3
    )
    exact, cents = books(one), to_the_cent(books(one))
    for line in LINES:
        for found in (exact, cents):
            total = sum(found.lines[partner.name][line] for partner in partners)
            assert np.abs(total - found.lines["all"][line]).max() < 1e-6
        for partner in partners:
            gap = np.abs(cents.lines[partner.name][line] - exact.lines[partner.name][line]).max()
            assert gap <= (0.01 if line != "cash" else 0.06) + 1e-6
            assert np.abs(cents.lines[partner.name][line] * 100 % 1 - 0.5).min() > 0.499
    tariff = books(replace(one, partners=tuple(replace(p, price=10.0, tax=0.0) for p in partners)))
    assert npv(tariff.cash("p0"), 0.1) == pytest.approx(shares[0] * npv(tariff.cash(), 0.1))


def test_what_moves_the_books() -> None:
    """Each change moves what it says, and nothing else: a lender asks for each alone."""
    plan = books(PIPE).lines["all"]
    assert books(changed(PIPE, price=0.9)).lines["all"]["revenue"] == pytest.approx(0.9 * plan["revenue"])
    less = books(changed(PIPE, volume=0.8)).lines["all"]
    assert (
        less["opex_variable"] == pytest.approx(0.8 * plan["opex_variable"])
        and (less["capex"] == plan["capex"]).all()
    )
    late = books(changed(PIPE, delay=2)).lines["all"]
    assert late["revenue"][:5].sum() == 0 and late["revenue"][5:] == pytest.approx(plan["revenue"][3:8])
    assert late["opex_fixed"][4] == 0 and (late["capex"] == plan["capex"]).all()
    stopped = books(changed(PIPE, stopped=(4, 6)))
    assert stopped.lines["all"]["revenue"][[3, 4, 5, 6, 7]].astype(bool).tolist() == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert stopped.lines["all"]["opex_fixed"][5] == plan["opex_fixed"][5]
    blocked = books(changed(PIPE, stopped=(4, 6), blocked="Beta"))
    assert (blocked.lines["Beta"]["revenue"][4:7] == 0).all()
    assert blocked.lines["Alpha"]["revenue"] == pytest.approx(books(PIPE).lines["Alpha"]["revenue"])
    assert late["transfer"] == pytest.approx(0.0) and books(changed(PIPE, delay=2)).lines["Alpha"][
        "transfer"
    ][:6].tolist() == [0.0, 0.0, 0.0, 0.0, 0.0, 2.5e6]
    assert (stopped.lines["Beta"]["transfer"][4:7] == 0).all() and stopped.lines["Beta"]["transfer"][
        3
    ] == -2.5e6
    rows = sensitivity(PIPE, 0.08, [("price -10 %", {"price": 0.9}), ("delay", {"delay": 1})])
    values = {(case, partner): value for case, partner, value, *_ in rows}
    assert (
        values["price -10 %", "all"] < values["as_planned", "all"] > values["delay", "all"]
        and len(rows) == 12
    )


def test_rates_that_are_not_there() -> None:
    """A rate of return that is not one number is not told as one."""
    for flows, rates in (
        ([100.0, -230.0, 132.0], (0.1, 0.2)),
        ([1.0, 2.0], ()),
        ([-100.0, 0.001], ()),
        ([0.0, 0.0], ()),
    ):
        assert np.isnan(irr(flows)) and rates_of_return(flows) == pytest.approx(rates, abs=1e-9)
    assert irr([-100.0, 50.0]) == pytest.approx(-0.5, abs=1e-9)
    assert irr([-100.0, 110.0]) == pytest.approx(0.1, abs=1e-9) and np.isnan(payback([-100.0, 40.0]))
    assert payback([-100.0, 110.0], rate=0.1) == pytest.approx(2.0) and payback([5.0, 1.0]) == 0.0


def test_who_is_compensated() -> None:
    """A side that would lose is paid what it was promised, by those who gain more than they were promised."""
    paid = compensation({"KZ": -40.0, "RU": 100.0, "UZ": 30.0}, {"KZ": 30.0, "RU": 30.0, "UZ": 30.0})
    assert paid == {"KZ": 70.0, "RU": -70.0, "UZ": 0.0}
    with pytest.raises(UserError, match="same sum"):
        compensation({"A": 1.0}, {"A": 2.0})


def test_books_that_do_not_fit_together() -> None:
    """All that is wrong is told at once; a share that nobody holds would be paid by nobody."""
    with pytest.raises(UserError) as raised:
        Venture(
            (Partner("A", 0.5, 1.0, 1.0), Partner("A", 0.4, 0.5, 1.0)),
            [1.0, 2.0],
            [1.0],
            transfers={"C": 1.0},
        )
    assert str(raised.value) == (
        "partners: each has a name of its own.\nshare: those of the partners sum to 0.9, not to 1.\n"
        "offtake: those of the partners sum to 1.5, not to 1.\ncapex and volume: they have a number for each year.\n"
        "transfers: no partner 'C'."
    )
    with pytest.raises(UserError, match="they sum to 0"):
        Venture(PARTNERS, [1.0], [1.0], transfers={"Alpha": 1.0})
    with pytest.raises(UserError, match="tax"):
        Venture((Partner("A", 1.0, 1.0, 1.0, tax=2.0),), [1.0], [1.0])

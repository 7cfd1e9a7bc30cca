"""Clauses of contracts: each with an example that was counted by hand, all of the list with a function or a reason."""

from __future__ import annotations

import doctest
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kelisim.errors import UserError
from kelisim.ledger import power, prices, quantities, risk, transport

LISTED = pd.read_csv(str(files("kelisim.ledger") / "clauses.csv"), keep_default_na=False)
CALLS = sorted({call for cell in LISTED["function"] for call in cell.split(";") if call})
YEARS = pd.read_csv(Path(__file__).with_name("take_or_pay_three_years.csv"))


@pytest.mark.parametrize("module", [power, prices, quantities, risk, transport], ids=lambda m: m.__name__)
def test_examples_are_right(module: object) -> None:
    """An example that does not give what it says teaches the wrong clause."""
    found = doctest.testmod(module, extraglobs={"np": np})  # type: ignore[arg-type]
    assert found.attempted and not found.failed


@pytest.mark.parametrize("call", CALLS)
def test_each_clause_has_an_example(call: str) -> None:
    """A function of the list that is not there, or has no example, cannot be checked by who signs."""
    module, _, name = call.partition(".")
    assert ">>>" in (getattr(import_module(f"kelisim.ledger.{module}"), name).__doc__ or "")


def test_what_is_not_modelled_has_a_reason() -> None:
    """A clause that is silently left out is taken for one that costs nothing."""
    left_out = LISTED["where"] == "not modelled"
    assert (LISTED["reason"][left_out] != "").all() and left_out.sum() == 2
    assert set(LISTED["where"].str.split(";").explode()) <= {
        "problem",
        "invoices",
        "function",
        "not modelled",
    }


def test_take_or_pay_over_three_years_as_in_a_spreadsheet() -> None:
    """Make-up and carry-forward over years are where invoices are disputed; the sheet was written by hand."""
    sheet = YEARS
    found = quantities.take_or_pay(
        sheet["annual"], sheet["taken"], 0.85, make_up_years=2, carry_share=0.1, carry_years=3
    )
    for name, column in (
        ("least", "least"), ("unpaid", "unpaid"), ("made_up", "made_up"), ("bank", "bank_end"), ("carried", "credit_used"), ("credit", "credit_end"),
    ):  # fmt: skip
        assert getattr(found, name).tolist() == sheet[column].tolist(), name
    taken, price = sheet["taken"].to_numpy(), sheet["price"].to_numpy()
    paid = quantities.take_or_pay_invoice(found, taken, price)
    assert paid.tolist() == sheet["paid"].tolist()
    rise = quantities.take_or_pay_invoice(found, taken, price, difference=True)
    assert rise.tolist() == sheet["paid_with_difference"].tolist()


def test_make_up_expires_and_never_comes_from_excess() -> None:
    """A bank that never expires, or is emptied by gas above the annual quantity, gives away what was paid."""
    lapsed = quantities.take_or_pay([100.0] * 3, [50.0, 80.0, 100.0], share=0.8, make_up_years=1)
    assert lapsed.expired.tolist() == [0.0, 30.0, 0.0] and lapsed.made_up.tolist() == [0.0, 0.0, 0.0]
    excess = quantities.take_or_pay([100.0], [130.0], share=0.8, make_up_years=3, bank=50.0)
    assert (
        excess.made_up.tolist() == [20.0]
        and excess.credit.tolist() == [0.0]
        and excess.bank.tolist() == [30.0]
    )


def test_nothing_is_lost_between_bank_make_up_and_expiry() -> None:
    """What was paid for is taken, still there, or expired; over twenty years at random."""
    rng = np.random.default_rng(7)
    annual, taken = rng.uniform(50, 100, 20), rng.uniform(0, 130, 20)
    found = quantities.take_or_pay(annual, taken, 0.8, 3, carry_share=0.1, carry_years=2, bank=10.0)
    before = np.concatenate([[10.0], found.bank[:-1]])
    assert found.bank == pytest.approx(before + found.unpaid - found.made_up - found.expired, abs=1e-9)
    assert (found.carried <= 0.1 * annual + 1e-12).all() and (found.bank >= -1e-12).all()


def test_a_quality_bank_adds_up_to_nothing() -> None:
    """A bank that makes money takes it from a shipper."""
    rng = np.random.default_rng(3)
    assert transport.quality_bank(rng.uniform(0, 9, 8), rng.uniform(28, 45, 8), 0.4).sum() == pytest.approx(
        0.0, abs=1e-9
    )


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: quantities.take_or_pay([1.0], [1.0], share=1.2), "share: a share lies between 0 and 1."),
        (lambda: quantities.nominated(1.0, 1.0, 0.9, 0.5), "low: 0.9 lies above high, 0.5."),
        (lambda: transport.swap_ratio(1.0, 0.0), "worth_returned: 0 is not above 0."),
        (
            lambda: prices.indexed(1.0, [[5.0]], [1.0], [5.0], first=0, count=1, window=6, lag=3),
            "series: it begins 9 months too late for a window of 6 and a lag of 3.",
        ),
        (lambda: risk.force_majeure(1.0, 1.5), "available: a share lies between 0 and 1."),
        (lambda: power.deviation_band(1.0, 1.0, -1.0, 5.0), "band: it has a number below 0."),
    ],
)
def test_bad_terms_are_refused(ask: object, message: str) -> None:
    """A percentage typed as a number, or a series that is too short, must not become an invoice."""
    with pytest.raises(UserError) as raised:
        ask()  # type: ignore[operator]
    assert str(raised.value) == message

"""Invoices of a town with three contracts, counted by hand; what a clause costs; mistakes in the table of clauses."""

from __future__ import annotations

from functools import cache

import pytest

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import CaseError
from kelisim.report.words import Words
from kelisim.results.answer import Answer
from kelisim.results.results import Results
from kelisim.studies.invoices.billing import Billing
from kelisim.studies.invoices.study import Invoices
from kelisim.studies.pages import page_of
from tests.cases.contract_town import CLAUSES, contract_town
from tests.cases.make import table

HEAD = "contract, clause, parameter, item, start, value, unit\n"


@pytest.fixture(scope="module")
def town() -> Results:
    return Invoices().run(Engine(contract_town(), cache=False))


def test_invoices_as_counted_by_hand(town: Results) -> None:
    """The page and docs/studies/invoices.md promise these sums."""
    lines = town["invoices"].groupby(["contract", "clause"])["amount"].sum()
    assert dict(lines) == pytest.approx(
        {
            ("import", "goods"): 10 * 1440 * 6, ("import", "take_or_pay"): 6 * 1440 * 6, ("booking", "goods"): 10 * 1440 * 2,
            ("booking", "ship_or_pay"): 2 * 1440 * 2, ("booking", "fixed_tariff"): 10 * 1440 * 1.5, ("oil", "goods"): 2 * 744 * 4 + 2 * 696 * 4.7,
        }
    )  # fmt: skip
    rows = town["invoices"]
    assert (rows["quantity"] * rows["price"]).tolist() == pytest.approx(rows["amount"].tolist())
    assert set(rows["month"]) == {"2024-01", "2024-02"}
    assert set(rows["month"][rows["clause"] == "take_or_pay"]) == {"2024-02"}


def test_a_supply_costs_in_the_plan_what_it_is_billed(town: Results) -> None:
    """Two ledgers of one contract, the plan's and the invoice's, must agree where both know the clauses."""
    _, answer = _solved()
    goods, unpaid = (
        answer.energy("contracts.delivery", ["import"])[0],
        answer.of_year("contracts.unpaid", ["import"])[0] * 1440,
    )
    rows = town["invoices"]
    assert rows["amount"][rows["contract"] == "import"].sum() == pytest.approx((goods + unpaid) * 6)


def test_what_a_clause_costs(town: Results) -> None:
    """A limit is priced by solving again, a clause of money by counting again, and a slack limit costs nothing."""
    worth = town["clauses.worth"].set_index(["contract", "clause"])
    top = worth.loc[("import", "take_or_pay")]
    assert top["how"] == "solved again" and top["saving"] == pytest.approx((16 * 6 - 10 * 5) * 1440)
    assert worth.loc[("oil", "least_of_day"), "saving"] == pytest.approx(2 * 6 * 1440)
    assert worth.loc[("oil", "indexed_price"), "invoice_saving"] == pytest.approx(2 * 696 * 0.7)
    slack = worth[worth["how"] == "does not bind"]
    assert len(slack) == 4 and (slack["saving"] == 0).all()


@cache
def _solved() -> tuple[Case, Answer]:
    return contract_town(), Engine(contract_town(), cache=False).base


def _lines(rows: str) -> dict[tuple[str, str, str], float]:
    """Sums by contract, clause and item of the town with other clauses; flows do not change with them."""
    case, answer = _solved()
    clauses, problems = schema.parse(schema.tables()["clauses"], table(HEAD + rows), "clauses.csv")
    assert not problems
    found = Billing(case.with_table("clauses", clauses), answer).lines()
    return dict(found.groupby(["contract", "clause", "item"])["amount"].sum())


@pytest.mark.parametrize(
    ("rows", "key", "amount"),
    [
        # 12 MW were nominated, 10 came in January and February; 2 x 744 are owed, and cheaper by 0.3 x 6 in February
        ("import, deliver_or_pay, nominated, , , 12, MW\nimport, deliver_or_pay, discount, , , 0.3,", "deliver_or_pay", -2 * 744 * 1.8),
        # half of the year is force majeure from February on: (744 + 348) / 1440 of 16 MW are due
        ("import, force_majeure, available, , 2024-02-01, 0.5,", "take_or_pay", (16 * (744 + 348) - 14400) * 6),
        # paid for in 2023: nothing is taken after the least, so the bank stays
        ("import, take_or_pay, bank, , , 100, MWh", "take_or_pay", 51840),
        ("oil, hub_netback, hub, , , 9, USD/MWh\noil, hub_netback, transport, , , 2, USD/MWh", "goods", 2880 * 7),
        ("oil, price_review, reference, , , 3, USD/MWh\noil, price_review, threshold, , , 0.2,\noil, price_review, months, , , 1,", "goods", 2 * 744 * 4 + 2 * 696 * 3),
        ("booking, ship_or_pay, moving, , , 0.01, USD/MWh\nbooking, ship_or_pay, length, , , 50,", "ship_or_pay", 5760 + 14400 * 0.5),
        ("oil, tolling, fee, , , 1.5, USD/MWh\noil, tolling, yield, heat, , 0.5,", "tolling", 2880 * 1.5),
        ("import, emergency_power, plan, , , 8, MW\nimport, emergency_power, multiple, , , 3,", "emergency_power", 2 * 1440 * 12),
        # 2 MW less than the plan of 12, within the band of 3: 0.5 % of the price of what deviates
        ("import, deviation_band, plan, , , 12, MW\nimport, deviation_band, band, , , 3, MW\nimport, deviation_band, inside, , , 0.005,", "deviation_band", 2 * 1440 * 6 * 0.005),
        ("import, seasonal_exchange, price, oil, , 7, USD/MWh", "seasonal_exchange", (14400 - 2880) * 7),
        ("oil, solidarity, transport, , , 1, USD/MWh\noil, solidarity, curtailed, , , 500,", "solidarity", 2880 + 1000),
        ("oil, compensation_in_kind, lost, , , 100,\noil, compensation_in_kind, price, , , 5, USD/MWh", "compensation_in_kind", 0.0),
        ("import, swap, ratio, , , 1.05,", "swap", 0.0),
        # mean 38 of 14,400 at 39 and 2,880 at 33: the oil-linked gas pays 5 x 0.1 a unit
        ("import, quality_bank, quality, mix, , 39,\nimport, quality_bank, worth, mix, , 0.1, USD/MWh\noil, quality_bank, quality, mix, , 33,\noil, quality_bank, worth, mix, , 0.1, USD/MWh", "quality_bank", 0.0),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)  # fmt: skip
def test_each_clause_on_its_own(rows: str, key: str, amount: float) -> None:
    """A clause that the table has and the invoice forgets is money that nobody asks for."""
    found = [
        value
        for (contract, clause, _), value in _lines(rows).items()
        if (clause == key and contract == rows.split(",", maxsplit=1)[0]) or (clause == key == "quality_bank")
    ]
    assert found and sum(found) == pytest.approx(amount, abs=1e-6)


def test_goods_without_a_price_are_no_invoice() -> None:
    """A contract whose price nobody published must not count as one that costs nothing."""
    case, answer = _solved()
    contracts = case.table("contracts")
    free = contracts.assign(
        price=contracts["price"].where(contracts["contract"] != "import", 0.0), take_or_pay=0.0
    )
    case = case.with_table("contracts", free)
    billing = Billing(case, answer)
    assert "import" not in set(billing.lines()["contract"]) and billing.unpriced() == ["import"]
    results = Invoices(worth=False).run(Engine(case, cache=False))
    told = page_of(results, Words(case)).sentences
    assert any("no price in the case, such as Gas for B." in sentence for sentence in told), told


def test_one_supply_is_billed_once() -> None:
    """The summer day of a contract is not a second supply."""
    found = _lines("booking, billed_under, , import, , ,")
    assert not [contract for contract, _, _ in found if contract == "booking"]


WRONG = (
    HEAD
    + """\
import, take_or_pay, bnk, , , 5, MWh
import, deliver_or_pay, discount, , , 1.3,
booking, fixed_tariff, tariff, , , 2, MW
oil, indexed_price, index, , , 70,
oil, seasonal_exchange, price, bookin, , 2, USD/MWh
"""
)
TOLD = [
    'clauses.csv row 2, parameter: the clause take_or_pay has no parameter "bnk". Did you mean "bank"? It has bank, price_difference.',
    "clauses.csv row 3, value: 1.3 is above 1. discount of deliver_or_pay: at most 1.",
    'clauses.csv row 4, unit: "MW" is not money per quantity (USD/MWh, USD/t, USD/1000 m3 ...). tariff of fixed_tariff: tariff of a unit that moves.',
    "clauses.csv row 5, item: is empty, and indexed_price has it: an index from a day on, by item; rows before the horizon as far back as the window asks.",
    'clauses.csv row 6, item: no contract "bookin". Did you mean "booking"?',
    "clauses.csv row 3, clause: the clause deliver_or_pay of this contract lacks nominated. Add a row for each.",
    "clauses.csv row 5, clause: the clause indexed_price of this contract lacks base, index_start, weight. Add a row for each.",
]


def test_check_names_all_that_is_wrong() -> None:
    """A parameter that is misspelt would be a clause without effect."""
    with pytest.raises(CaseError) as raised:
        contract_town(WRONG)
    told = [str(problem) for problem in raised.value.problems]
    assert sorted(told) == sorted(TOLD)
    assert len(contract_town(CLAUSES).table("clauses")) == 6

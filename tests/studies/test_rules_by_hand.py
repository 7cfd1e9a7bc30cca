"""Who goes short, and when: three place rules and two time rules on one cut, counted by hand, equal to 1e-6 however found.

The case is tests/cases/two_tariffs.py: `far` is lost on 3-6 January, four days.

                     hub (RU): near 46, far 90, cavern 48 MW-days, full
                      |                         |
             pipe_a, tariff 2              pipe_b, tariff 1        (firm contract: 24 MW over pipe_a)
                      |                         |
           a (KZ): well 14             b (RU): no source
           homes 10, other 40,         homes 10, other 60,
           industry 4                  industry 6

While `far` is out there are 46 + 14 = 60 MW and the 48 MW-days (MW for a day) of the cavern. Homes (VOLL 4500) take 20 MW
and are always served; industry (97), below them all, never: 4 MW in a and 6 MW in b. Of `other` (1500), 100 MW, 40 MW are
served without the cavern, so over the four days 4 x 60 - 48 = 192 MW-days of `other` are cut. The rules share them out.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from kelisim.case.change import Change, Outage
from kelisim.engine import Engine, Rules, Window, WindowAnswer
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.sweep import sweep
from kelisim.lp.work import Work
from tests.cases.two_tariffs import two_tariffs

START, DAYS = date(2024, 1, 3), 4
CUT = Outage("far", START, date(2024, 1, 6))
INDUSTRY = {"a": 4.0, "b": 6.0}
PLACES = ("own_first", "cooperative", "by_contract")

# MW of `other` that are cut on 3, 4, 5 and 6 January: (a, b)
BY_HAND = {
    # Alone, a has its well: 14 - 10 of homes leaves 4 of 40, so 36 are cut each day. Alone, b has near and the cavern:
    # 46 - 10 leaves 36 of 60, so 24 a day but for the cavern. Nobody may be cut more, and 4 x 36 + 4 x 24 - 48 = 192: just that.
    # late: the cavern serves the first two days in full, 2 x 24 = 48.
    ("own_first", "late"): ([36, 36, 36, 36], [0, 0, 24, 24]),
    # even: 4 x 24 - 48 = 48 in b are spread: 12 a day, one tranche of 60 / 5.
    ("own_first", "even"): ([36, 36, 36, 36], [12, 12, 12, 12]),
    # Tranches: 8 MW in a, 12 in b, each 2.5 % of VOLL (37.5) dearer than the one before. Two tranches of all are 20 x 2 x 4 =
    # 160 MW-days, 32 are left for the third (s = 0). Cutting a saves a tariff of 2, cutting b of 1.
    # late: VOLL falls by 1.5 a day. Cheapest first, from V = 1500 on the first day: a on the 6th (V - 4.5 - 2), b on the 6th
    # (V - 4.5 - 1), a on the 5th (V - 3 - 2), b on the 5th (V - 3 - 1): 8 + 12 + 8 and 4 of 12.
    ("cooperative", "late"): ([16, 16, 24, 24], [24, 24, 28, 36]),
    # even: without the fall all days are alike and a saves more: its third tranche on all days, 4 x 8 = 32.
    ("cooperative", "even"): ([24, 24, 24, 24], [24, 24, 24, 24]),
    # 24 MW over pipe_a outrank `other`: a has 14 + 24 - 10 = 28 of 40, so 12 are cut. b has 46 - 24 - 10 = 12 of 60.
    # late: b is dearer to leave short by the tariff, and the first day dearest: the 48 of the cavern serve b on the 3rd.
    ("by_contract", "late"): ([12, 12, 12, 12], [0, 48, 48, 48]),
    # even: 4 x 48 - 48 = 144 in b are three tranches of 12 on each day; a's third would be cheaper, but for the contract.
    ("by_contract", "even"): ([12, 12, 12, 12], [36, 36, 36, 36]),
}  # fmt: skip


@cache
def engine() -> Engine:
    return Engine(two_tariffs(), cache=False)


def opened_by(rules: Rules, of: Engine | None = None) -> Window:
    return (of or engine()).window(START, DAYS, rules)


def by_row(opened: Window, values: np.ndarray) -> pd.DataFrame:
    """Unserved MW by place and class (rows) and day of the outage (columns)."""
    demand = opened.case.table("demand")
    cut = values.reshape(-1, len(demand), len(opened.hours)).sum(axis=0)[:, :DAYS]
    return pd.DataFrame(cut, index=pd.MultiIndex.from_frame(demand[["place", "customer_class"]]))


def unserved(opened: Window, asked: WindowAnswer) -> pd.DataFrame:
    return by_row(opened, asked.answer.columns["demand.unserved"].values)


def expected(rules: Rules) -> pd.DataFrame:
    """As by_row, by hand."""
    other = dict(zip("ab", BY_HAND[rules.place, rules.time], strict=True))
    rows = {
        (place, label): values
        for place in "ab"
        for label, values in (
            ("household", [0.0] * DAYS), ("industry", [INDUSTRY[place]] * DAYS), ("other", other[place])
        )
    }  # fmt: skip
    return pd.DataFrame(rows.values(), index=pd.MultiIndex.from_tuples(rows), dtype=float)


def last_delta(opened: Window) -> Delta:
    """What is solved in the end for the cut: under own_first with the limits that follow from it."""
    delta = opened.delta([CUT])
    if opened.rules.place == "own_first":
        _, delta = opened._own_first(opened.session.solve(delta), delta, [CUT], "held")
    return delta


def cold(opened: Window, delta: Delta) -> Solution:
    """The problem with the delta written into it, solved from nothing."""
    cost, lower, upper, low, high = delta.applied(opened.problem)
    changed = replace(opened.problem, cost=cost, lower=lower, upper=upper, row_lower=low, row_upper=high)
    return Session(changed, threads=1).start("simplex")


CASES = [Rules(place, time) for place, time in BY_HAND]


@pytest.mark.parametrize("rules", CASES, ids=lambda r: f"{r.place}-{r.time}")
def test_shortage_by_place_class_and_day(rules: Rules) -> None:
    """A rule that does not share the cut as it says is a promise to two governments that is not kept."""
    opened = opened_by(rules)
    found = unserved(opened, opened.ask([CUT]))
    assert found.to_numpy() == pytest.approx(expected(rules).to_numpy(), abs=1e-6)


def test_all_rules_differ() -> None:
    """If two rules gave the same here, a rule that is not applied would go unseen."""
    tables = [np.array(values) for values in BY_HAND.values()]
    assert all((one != other).any() for at, one in enumerate(tables) for other in tables[:at])
    assert [table.sum() for table in tables] == [192] * 6


@pytest.mark.parametrize("rules", CASES, ids=lambda r: f"{r.place}-{r.time}")
def test_warm_and_cold_are_one(rules: Rules) -> None:
    """An answer that depends on how it was found can be had both ways, and is believed neither."""
    opened = opened_by(rules)
    warm = unserved(opened, opened.ask([CUT]))
    opened.ask([Outage("well", START, date(2024, 1, 4))])
    reordered: list[Change] = [Outage("near", START, date(2024, 1, 6), 0.0), CUT]
    assert unserved(opened, opened.ask(reordered)).to_numpy() == pytest.approx(warm.to_numpy(), abs=1e-6)
    from_nothing = cold(opened, last_delta(opened))
    block = opened.problem.columns["demand.unserved"]
    assert by_row(opened, block.take(from_nothing.values)).to_numpy() == pytest.approx(
        warm.to_numpy(), abs=1e-6
    )
    other = opened_by(rules, Engine(two_tariffs(), cache=False))
    assert unserved(other, other.ask([CUT])).to_numpy() == pytest.approx(warm.to_numpy(), abs=1e-6)


def test_one_and_two_workers_are_one() -> None:
    """With more workers the answer comes sooner; it may not be another."""
    deltas = {rules: last_delta(opened_by(rules)) for rules in CASES}
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for rules, delta in deltas.items():
                opened = opened_by(rules)
                at = opened.problem.columns["demand.unserved"].positions.ravel()
                questions = [opened.delta([Outage("well", START, date(2024, 1, 4))]), delta, Delta()]
                swept = sweep(opened.session, questions, at, Work(pool), chunk=1)
                assert swept.complete
                found = swept.found[1]
                assert found is not None
                assert by_row(opened, found.values).to_numpy() == pytest.approx(
                    expected(rules).to_numpy(), abs=1e-6
                )


def test_without_a_rule_a_tariff_decides() -> None:
    """The reason for rules: one USD of tariff moves 144 MW-days of shortage to the other country."""
    found = {}
    for to_a, to_b in ((2.0, 1.0), (1.0, 2.0)):
        opened = opened_by(Rules(), Engine(two_tariffs(to_a, to_b), cache=False))
        cut = unserved(opened, opened.ask([CUT])).sum(axis=1)
        found[to_a, to_b] = (cut["a", "other"], cut["b", "other"])
    # b first: near and the cavern less homes leave 4 x 36 + 48 for its 4 x 60; a has its well. Then a first: b has what is left
    assert found[2.0, 1.0] == pytest.approx((144.0, 48.0), abs=1e-6)
    assert found[1.0, 2.0] == pytest.approx((0.0, 192.0), abs=1e-6)


@pytest.mark.parametrize("time", ["late", "even"])
def test_own_first_does_not_look_at_tariffs(time: str) -> None:
    """A country's own gas is not for sale to whoever has the shorter pipe."""
    opened = opened_by(Rules("own_first", time), Engine(two_tariffs(1.0, 2.0), cache=False))
    found = unserved(opened, opened.ask([CUT]))
    assert found.to_numpy() == pytest.approx(expected(Rules("own_first", time)).to_numpy(), abs=1e-6)

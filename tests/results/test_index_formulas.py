"""Measures: numbers to check by hand, shapes, and what always holds."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelisim.results import indices as m

PUBLIC = {
    name: part
    for name, part in vars(m).items()
    if inspect.isfunction(part) and part.__module__ == m.__name__ and not name.startswith("_")
}
PAGE = (Path(__file__).parents[2] / "docs" / "indices.md").read_text(encoding="utf-8")
AMOUNTS = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=8)

# two pipes of 50 and 30 by one compressor station, a third of 40 that leaves by the line of the second
INFRASTRUCTURE = pd.DataFrame(
    {
        "element": ["east", "west", "field", "cavern", "terminal"],
        "part": ["entry", "entry", "production", "storage", "lng"],
        "capacity": [50.0, 30.0, 10.0, 20.0, 15.0],
        "upstream": ["", "", "", "", ""],
        "downstream": ["", "", "", "", ""],
        "curve": [(), (), (), ((0.0, 0.25), (0.5, 1.0)), ()],
    }
)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_measures_are_documented(name: str) -> None:
    """A number whose formula nobody can look up cannot be defended."""
    text = PUBLIC[name].__doc__ or ""
    assert text.split("\n")[0].rstrip().endswith((".", ":", ";"))
    assert f"`{name}`" in PAGE


def test_lines_of_the_page_run() -> None:
    """Who pastes a line from a page and sees an error does not trust the next one."""
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(block, "indices.md", "exec"), {})


# ---- the formula of the EU
@pytest.mark.parametrize(
    ("largest", "demand_side", "share"), [(50, 0, 1.0714285714), (50, 5, 1.1538461538), (80, 0, 0.6428571429)]
)
def test_n1_formula(largest: float, demand_side: float, share: float) -> None:
    """Supply side, demand side, and two pipes that are one: the three readings of the standard."""
    assert m.n1_formula(80, 10, 20, 15, largest, 70, demand_side) == pytest.approx(share, abs=1e-10)


def test_n1_formula_of_many_areas() -> None:
    """A table of areas is asked in one call."""
    demand = pd.Series([70.0, 140.0], index=["kz", "ru"])
    assert m.n1_formula(80, 10, 20, 15, 50, demand).round(6).to_dict() == {"kz": 1.071429, "ru": 0.535714}


def test_pipes_with_a_common_line_count_as_one() -> None:
    """Two pipes behind one compressor station that are counted apart hide the risk."""
    assert m.largest_infrastructure([50, 30, 60], ["", "", ""], ["", "", ""]) == ((2,), 60.0)
    assert m.largest_infrastructure([50, 30, 60], ["station", "station", ""], ["", "", ""]) == ((0, 1), 80.0)
    assert m.largest_infrastructure([50, 30, 60], ["", "", ""], ["hub", "hub", ""]) == ((0, 1), 80.0)


def test_no_line_takes_out_what_does_not_hang_on_it() -> None:
    """West shares a station with east and a hub with north; east and north share nothing."""
    upstream, downstream = ["station", "station", ""], ["", "hub", "hub"]
    assert m.largest_infrastructure([50, 30, 40], upstream, downstream) == ((0, 1), 80.0)


def test_equal_infrastructures_give_one_answer() -> None:
    """The name of the largest must not depend on chance."""
    assert m.largest_infrastructure([50, 20, 30, 50], ["", "s", "s", ""], [""] * 4) == ((0,), 50.0)
    assert m.largest_infrastructure([], [], []) == ((), 0.0)


def test_n1_of_an_area_at_two_levels() -> None:
    """At the end of winter a storage gives less; the standard asks for both."""
    found = m.n1_area(INFRASTRUCTURE, demand=70.0, demand_side=5.0)
    assert list(found["level"]) == [0.3, 1.0]
    # at 30 % the cavern gives 0.25 + 0.3 / 0.5 * 0.75 = 0.7 of 20
    assert found["storage"].tolist() == pytest.approx([14.0, 20.0])
    assert found["n1"].tolist() == pytest.approx([69 / 70, 75 / 70])
    assert found["n1_demand_side"].tolist() == pytest.approx([69 / 65, 75 / 65])
    assert found["largest"].tolist() == ["east", "east"]
    assert m.n1_area(INFRASTRUCTURE, demand=70.0)["is_met"].tolist() == [False, True]


def test_n1_of_an_area_with_a_common_line() -> None:
    """Twin pipes are lost together."""
    twin = INFRASTRUCTURE.assign(upstream=["station", "station", "", "", ""])
    found = m.n1_area(twin, demand=70.0, levels=[1.0]).iloc[0]
    assert (found["largest"], found["largest_capacity"]) == ("east + west", 80.0)
    assert found["n1"] == pytest.approx(0.642857142857)


def test_n1_of_an_area_knows_its_parts() -> None:
    """A misspelt part would silently count as nothing."""
    with pytest.raises(ValueError, match='part "entries" is none of entry, production, storage, lng'):
        m.n1_area(INFRASTRUCTURE.assign(part="entries"), demand=1.0)


# ---- shortage
def test_unserved_rate() -> None:
    """Where nobody asks for anything, nobody goes short."""
    demand = pd.Series([10.0, 0.0], index=["a", "b"])
    found = m.unserved_rate(pd.Series([2.5, 0.0], index=["a", "b"]), demand)
    assert found.to_dict() == {"a": 0.25, "b": 0.0}
    assert m.unserved_rate(1.0, 4.0) == 0.25


def test_columns_of_different_rows_are_not_divided() -> None:
    """Division by position would give one place the rate of another."""
    with pytest.raises(ValueError, match="one index"):
        m.unserved_rate(pd.Series([1.0], index=["a"]), pd.Series([1.0], index=["b"]))


def test_coverage() -> None:
    """2400 MWh against 50 MW last two days; without a deficit a stock lasts for ever."""
    assert m.coverage_days(np.array([2400.0, 2400.0, 0.0]), np.array([50.0, -1.0, 10.0])).tolist() == [
        2.0,
        np.inf,
        0.0,
    ]
    assert m.days_until_unserved([0, 0, 3, 0], [24, 24, 24, 24]) == 2.0
    assert m.days_until_unserved([0, 0], [24, 24]) == np.inf


# ---- dependence and diversity
def test_import_dependence() -> None:
    """An exporter has a negative dependence; nothing used, nothing to say."""
    found = m.import_dependence(
        np.array([30.0, 0.0, 1.0]), np.array([10.0, 50.0, 0.0]), np.array([40.0, 100.0, 0.0])
    )
    assert found[:2].tolist() == [0.5, -0.5]
    assert np.isnan(found[2])


def test_concentration_with_risk_and_stability() -> None:
    """Weights of one supplier change its term and no other."""
    assert m.hhi([1, 1], [1.0, 3.0]) == 0.25 + 0.75
    assert m.shannon([1, 1], [1.0, 0.0]) == pytest.approx(0.5 * np.log(2))
    assert m.stirling([1, 1], [[0.0, 0.5], [0.5, 0.0]]) == 0.25


@given(AMOUNTS)
def test_concentration_and_diversity_stay_in_range(amounts: list[float]) -> None:
    """Between one supplier and n equal ones, whatever the unit."""
    count = len(amounts)
    assert 1 / count - 1e-9 <= m.hhi(amounts) <= 1 + 1e-9
    assert -1e-9 <= m.shannon(amounts) <= np.log(count) + 1e-9
    assert m.effective_number(amounts) <= m.shannon_number(amounts) + 1e-6
    assert m.hhi([1000 * amount for amount in amounts]) == pytest.approx(m.hhi(amounts))


def test_suppliers_of_nothing() -> None:
    """No supply is not perfect diversity; a supplier of nothing does not count; a negative one is a mistake."""
    assert np.isnan(m.hhi([0.0, 0.0])) and np.isnan(m.shannon([0.0]))
    assert m.shannon([5.0, 0.0]) == 0.0
    with pytest.raises(ValueError, match="negative"):
        m.hhi([1.0, -1.0])


# ---- resilience
CURVE = [1.0, 0.5, 0.5, 0.75, 1.0, 1.0]
DAYS = [24.0] * 6


def test_resilience_triangle() -> None:
    """Half a day's loss twice and a quarter once: 30 hours of full loss."""
    assert m.resilience_loss(CURVE, DAYS) == 30.0
    assert m.robustness(CURVE) == 0.5
    assert m.performance(np.array([5.0, 0.0]), np.array([10.0, 0.0])).tolist() == [0.5, 1.0]


@pytest.mark.parametrize(("share", "hours"), [(1.0, 72.0), (0.75, 48.0), (0.5, 0.0), (0.6, 48.0)])
def test_time_to_recover(share: float, hours: float) -> None:
    """A partial recovery comes earlier than the full one."""
    assert m.recovery_time(CURVE, DAYS, share) == hours


def test_recovery_that_does_not_last_or_come() -> None:
    """A relapse is part of the recovery, and an end below the level is none."""
    assert m.recovery_time([1, 0.5, 1, 0.9, 1], [24.0] * 5) == 72.0
    assert m.recovery_time([1, 0.5, 0.9], [24.0] * 3) == np.inf


def test_rapidity() -> None:
    """From a half to the whole in two days; nothing lost is instant, nothing regained is none."""
    assert m.rapidity(CURVE, DAYS) == pytest.approx(0.5 / 48)
    assert m.rapidity([1, 1], [1, 1]) == np.inf
    assert m.rapidity([1, 0.5], [1, 1]) == 0.0
    assert m.rapidity([1, 0.5, 0.6], [24, 24, 24]) == pytest.approx(0.1 / 24)


def test_recovered_over_lost() -> None:
    """Half of what was lost is back in the fourth step."""
    assert m.recovered_share(CURVE).tolist() == [0, 0, 0, 0.5, 1, 1]
    assert m.recovered_share([1.0, 1.0]).tolist() == [1, 1]


# ---- money and risk
def test_netback() -> None:
    """The loss of the second leg takes from the price, the tariff of the first from what is left."""
    # ((20 * 0.9 - 3) * 0.5) - 2
    assert m.netback(20.0, [2.0, 3.0], [0.5, 0.1]) == pytest.approx(5.5)
    price = pd.Series([20.0, 30.0], index=["winter", "summer"])
    assert m.netback(price, [4.0], [0.1]).to_dict() == {"winter": 14.0, "summer": 23.0}
    assert m.netback(price, [], []) is price


def test_expected_loss() -> None:
    """Twice a year 10 and every tenth year 100."""
    assert m.expected_loss([2.0, 0.1], [10.0, 100.0]) == 30.0


def test_cvar_by_hand() -> None:
    """Of ten equal outcomes the worst two count at 80 %; at 85 % the last whole and half of the one before."""
    losses = list(range(1, 11))
    assert m.value_at_risk(losses, 0.8) == 8.0
    assert m.cvar(losses, 0.8) == pytest.approx(9.5)
    assert m.cvar(losses, 0.85) == pytest.approx((10 * 0.1 + 9 * 0.05) / 0.15)
    assert m.cvar(losses, 0.0) == pytest.approx(5.5)
    # a weight of two is two outcomes
    assert m.cvar([1, 5, 9], 0.5, [2, 1, 1]) == pytest.approx(m.cvar([1, 1, 5, 9], 0.5))


@given(
    st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.01, 1.0)), min_size=1, max_size=12), st.floats(0, 0.99)
)
def test_cvar_is_the_least_of_its_formula(outcomes: list[tuple[float, float]], alpha: float) -> None:
    """The value of Rockafellar and Uryasev is a minimum over thresholds, and lies between mean and worst."""
    loss, weight = (np.array(part) for part in zip(*outcomes, strict=True))
    share = weight / weight.sum()
    found = m.cvar(loss, alpha, weight)
    thresholds = [t + (share * np.maximum(loss - t, 0)).sum() / (1 - alpha) for t in loss]
    assert found == pytest.approx(min(thresholds), rel=1e-9, abs=1e-6)
    assert (share * loss).sum() - 1e-6 <= found <= loss.max() + 1e-6


@pytest.mark.parametrize(
    ("loss", "alpha", "weight"), [([1.0], 1.0, None), ([], 0.5, None), ([1.0], 0.5, [0.0])]
)
def test_cvar_of_nothing(loss: list[float], alpha: float, weight: list[float] | None) -> None:
    """The mean of no outcomes is no number."""
    with pytest.raises(ValueError):
        m.cvar(loss, alpha, weight)

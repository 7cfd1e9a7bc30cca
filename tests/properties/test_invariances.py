"""The same region written in another way costs the same; twice of it costs twice."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelisim import io
from kelisim.model.build import compile_case
from tests.properties.cases import (
    PRICES,
    QUANTITIES,
    Rows,
    assert_same,
    cases,
    cost,
    renamed,
    solved,
    times,
    together,
    turnover,
)
from tests.properties.examples import examples

CARRIES_ALL = [name for name, module in io.formats().items() if getattr(module, "carries_all", False)]


@examples(0.5)
@given(cases())
def test_drawn_cases_are_cases(rows: Rows) -> None:
    """Properties of something that `kelisim check` refuses say nothing."""
    assert rows.checked().horizon.count >= 1


@examples()
@given(cases())
def test_same_twice(rows: Rows) -> None:
    """An answer that depends on when it is asked cannot be defended."""
    first, second = (compile_case(rows.case()) for _ in range(2))
    assert first.text() == second.text()
    assert np.array_equal(solved(first).values, solved(second).values)


@examples()
@given(cases(), st.integers(0, 99))
def test_order_of_rows(rows: Rows, seed: int) -> None:
    """A sorted sheet is the same case."""
    other = rows.copy()
    for table in other.tables.values():
        random.Random(seed).shuffle(table)
    assert_same(rows, other)


@examples()
@given(cases())
def test_names(rows: Rows) -> None:
    """Names are for people: another spelling, and so another order, changes no cost."""
    assert_same(rows, renamed(rows, lambda name: f"z{name[::-1].strip('_')}"))


@examples()
@given(cases(), st.floats(0.0, 1.0))
def test_link_in_two_parts(rows: Rows, part: float) -> None:
    """Two pipes side by side carry what one of their size does."""
    other = rows.copy()
    link = other.of("links")[0]
    twin = other.add("links", **link)
    twin["link"] = f"{link['link']}_twin"
    for way in ("capacity", "capacity_back"):
        whole = link[way]
        link[way], twin[way] = whole * part, whole * (1.0 - part)
    for use in [use for use in other.of("resource_uses") if use["element"] == link["link"]]:
        other.add("resource_uses", **use | {"element": twin["link"]})
    assert_same(rows, other)


UNITS = {
    "natural_gas": ("bcm/year", 8784.0 / 1.0333333e7), "crude": ("kt/day", 24.0 / 12_500.0), "diesel": ("Mt/year", 8784.0 / 12.666667e6),
    "coal_high_ash": ("t/h", 1 / 4.805556), "electricity": ("GW", 1e-3),
}  # fmt: skip


@examples()
@given(cases())
def test_units(rows: Rows) -> None:
    """bcm a year, kilotonnes a day or MW: what a row means does not hang on how it is written."""
    other = rows.copy()
    for link in other.of("links"):
        unit, size = UNITS[link["carrier"]]
        link |= {
            "unit": unit,
            "capacity": link["capacity"] * size,
            "capacity_back": link["capacity_back"] * size,
        }
    for use in other.of("demand"):
        use |= {
            "unit": "TWh",
            "amount": use["amount"] / 1e6,
            "voll_unit": "USD/kWh",
            "voll": use["voll"] / 1e3,
        }
    for store in other.of("storages"):
        store |= {"unit": "GWh", "working_capacity": store["working_capacity"] / 1e3}
        store |= {
            "rate_unit": "MWh/day",
            "injection": store["injection"] * 24.0,
            "withdrawal": store["withdrawal"] * 24.0,
        }
    for market in other.of("markets"):
        market |= {"unit": "kW", "ceiling": market["ceiling"] * 1e3}
    for asset in other.of("assets"):
        asset |= {"unit": "GWh/day", "capacity": asset["capacity"] * 24.0 / 1e3}
        if "annual_max" in asset:
            asset |= {"annual_unit": "TJ", "annual_max": asset["annual_max"] * 3.6e-3}
    for contract in other.of("contracts"):
        contract |= {"unit": "GJ", "annual_quantity": contract["annual_quantity"] * 3.6}
    assert_same(rows, other)


@examples()
@given(cases(), st.sampled_from((10.0, 0.1)))
def test_scale(rows: Rows, factor: float) -> None:
    """Ten times the region costs ten times as much: nothing in the model knows how large a country is."""
    assert_same(rows, times(rows, QUANTITIES, factor), factor)


@examples()
@given(cases())
def test_prices_twice(rows: Rows) -> None:
    """Another currency changes the cost by its rate and nothing else; a price that is built in would show."""
    other = times(rows, PRICES, 2.0)
    other.settings["defaults"] = {"shortfall_price": 2.0 * rows.settings["defaults"]["shortfall_price"]}
    assert_same(rows, other, 2.0)


@examples()
@given(st.data())
def test_two_regions_without_a_link(data: st.DataObject) -> None:
    """What has nothing to do with each other adds up."""
    first = data.draw(cases(), label="first")
    second = data.draw(cases(), label="second")
    second.settings = first.settings
    if first.settings["horizon"]["step"] == "1mo":
        for link in second.of("links"):
            link["days"] = 0
    second = renamed(second, lambda name: f"other_{name}")
    problem = compile_case(first.case())
    solution = solved(problem)
    size = turnover(problem, solution)
    problem = compile_case(second.case())
    alone = solved(problem)
    size += turnover(problem, alone)
    assert abs(cost(together(first, second)) - solution.objective - alone.objective) <= 1e-7 * size


@pytest.mark.parametrize("name", CARRIES_ALL)
@examples(0.4)
@given(cases())
def test_formats(name: str, rows: Rows) -> None:
    """A case that goes through a file and comes back is the same case."""
    case = rows.checked()
    with tempfile.TemporaryDirectory() as folder:
        back, _ = io.check(io.write(case, Path(folder) / f"drawn{io.formats()[name].SUFFIXES[0]}"))
    assert back.diff(case).empty
    assert back.fingerprint == case.fingerprint

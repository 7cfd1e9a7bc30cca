"""Prefixes of units: those of the trade are read, a thousandth or a cubic millimetre is refused with what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelisim import io, units
from kelisim.errors import UnitError
from tests.io.test_strangers import CASE

# what is written for a rate of crude or for its price -> what is meant
MEANT = {
    "mt/year": "Mt/year",
    "mtoe/year": "Mtoe/year",
    "mW": "MW",
    "mGW": "",
    "mWh/year": "MWh/year",
    "mJ/h": "MJ/h",
    "mm^3/year": "million m3/year",
    "Mm^3/year": "million m3/year",
    "Mm3/day": "million m3/day",
    "km^3/year": "1000 m3/year",
    "tons/day": "t/day",
    "kton/year": "kt/year",
    "Mtons/year": "Mt/year",
    "mbbl/d": "mb/d",
}


def test_a_strange_prefix_is_refused_with_what_is_meant(tmp_path: Path) -> None:
    """Five million tonnes of oil a year were read as five kilograms of it, without a word."""
    for name, text in CASE.items():
        (tmp_path / name).write_text(text)
    head, _ = CASE["assets.csv"].splitlines()
    rows = [f"well{at},field,field,5,{unit}" for at, unit in enumerate(MEANT)]
    (tmp_path / "assets.csv").write_text("\n".join([head, *rows]) + "\n")
    ports = [f"well{at},crude,1" for at, _ in enumerate(MEANT)]
    (tmp_path / "asset_ports.csv").write_text("\n".join(["asset,carrier,ratio", *ports]) + "\n")
    found = {one.row: one.nearest for one in io.check(tmp_path)[1] if one.column == "unit"}
    assert {unit: found[row] for row, unit in enumerate(MEANT, 2) if MEANT[unit]} == {
        unit: near for unit, near in MEANT.items() if near
    }
    assert len(found) == len(MEANT)


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        ("Mt", 1e9),
        ("kt", 1e6),
        ("mb", 1e6 * 0.158987294928),
        ("mcm", 1e6),
        ("PJ", 1e15),
        ("EJ", 1e18),
        ("km", 1e3),
    ],
)
def test_prefixes_of_the_trade_are_read(unit: str, size: float) -> None:
    """In kg, m3, J and m; a small m is a million only in the words that the trade has."""
    assert units.parse(unit)[0] == pytest.approx(size, rel=1e-9)


@pytest.mark.parametrize("unit", ["mt", "ug", "cm", "dm^3", "hl", "mUSD", "mBtu"])
def test_other_prefixes_are_no_units(unit: str) -> None:
    """Whatever is parsed with them: a milligram no less than a thousandth of a dollar."""
    with pytest.raises(UnitError):
        units.parse(unit)
    assert units.meant("USD/mt") == "USD/t"

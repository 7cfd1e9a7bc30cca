"""What is most likely meant by a cell that is no number, a name of a country, a word of the trade or a unit in Russian."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelisim import io, units
from kelisim.case.typed import country_meant, number_meant, word_meant
from kelisim.io.starter import first_case

DIGITS = "Write digits with a point, without separators."


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("1,5", "1.5"), ("-0,25", "-0.25"), ("−0,125", "-0.125"), ("1 200", "1200"), ("12\u00a0500,75", "12500.75"), ("1'200", "1200"), ("1.200,5", "1200.5"),
        ("1,200.5", "1200.5"), ("1,2345", "1.2345"), ("−5", "-5"), ("– 5", "-5"), ("1,200", ""), ("5-6", ""), ("~5", ""), ("much", ""), ("5 %", ""), ("1/2", ""), ("1e5e5", ""),
    ],
)  # fmt: skip
def test_numbers_of_other_ways_of_writing(text: str, near: str) -> None:
    """What may be two numbers is not guessed: 1,200 is one and a fifth in Almaty and twelve hundred in London."""
    assert number_meant(text, is_share=False) == (DIGITS, near)


def test_shares_units_and_nothing() -> None:
    """A percentage is a share only where a share stands."""
    assert number_meant("3 %", is_share=True) == (DIGITS, "0.03")
    assert number_meant("2,5%", is_share=True) == (DIGITS, "0.025")
    assert number_meant("-200 MW", is_share=False) == (
        f"{DIGITS} A unit stands in a column of its own.",
        "-200",
    )
    assert number_meant("1.2bcm", is_share=False)[1] == "1.2"
    for text in ("-", "n/a", "—", "нет"):
        assert number_meant(text, is_share=False) == ("Leave the cell empty where there is no number.", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KAZ", "KZ"), ("rus", "RU"), ("Kazakhstan", "KZ"), ("Uzbekistn", "UZ"), ("Россия", "RU"), ("Қытай", "CN"), ("Киргизия", "KG"), ("XAA", ""), ("Atlantis", ""), ("", ""),
    ],
)  # fmt: skip
def test_countries_by_name(text: str, code: str) -> None:
    """Few know the codes of two letters by heart."""
    assert country_meant(text) == code


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("МВт", "MW"), ("МВт·ч", "MWh"), ("ГВт*ч", "GWh"), ("млрд м3", "bcm"), ("млрд. куб. м/год", "bcm/year"), ("млн м³/сут", "million m3/day"), ("тыс. т", "kt"),
        ("млн тонн", "Mt"), ("Гкал/ч", "Gcal/h"), ("руб./т", "RUB/t"), ("тенге/МВт·ч", "KZT/MWh"), ("$/MWh", "USD/MWh"), ("€/t", "EUR/t"), ("млрд кВт·ч", "TWh"), ("MW", "MW"),
        ("чашка", "чашка"), ("10^9 m3/year", "bcm/year"), ("bn m3", "bcm"), ("mio m3/d", "million m3/d"), ("10**6 m3", "million m3"), ("th. m3", "1000 m3"), ("mmbtu", "MMBtu"),
    ],
)  # fmt: skip
def test_units_in_russian(text: str, unit: str) -> None:
    """The tables of ministries are in them."""
    assert units.meant(text) == unit


def test_words_of_the_trade() -> None:
    """Of gas, gasoline is the most like word, and the wrong one."""
    assert word_meant("Gas") == "natural_gas"
    assert word_meant("crude oil") == "crude"
    assert word_meant("pipe") == "pipe"


def test_slips_in_the_small_case(tmp_path: Path) -> None:
    """Each is told once, with its cell and what is right, and nothing follows from it."""
    slips = {
        "places.csv": [("RU", "Russia"), ("51.77", '51°46"')],
        "demand.csv": [
            ("aktobe,natural_gas", "aktobe,gas"),
            ("1.2", '"1,2"'),
            ("household,0.6,TWh", "residential,0.6,МВт·ч"),
        ],
        "assets.csv": [(",200,MW", ",1 200,MW"), ("5,USD/MWh", "5,$/MWh")],
        "links.csv": [(",100,", ",100 MW,")],
    }
    for name, text in first_case().items():
        for right, wrong in slips.get(name, []):
            assert right in text
            text = text.replace(right, wrong, 1)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = {(p.file, p.row, p.column): p.nearest for p in io.check(tmp_path)[1]}
    assert found == {
        ("places.csv", 2, "country"): "RU",
        ("places.csv", 2, "lat"): "",
        ("demand.csv", 2, "carrier"): "natural_gas",
        ("demand.csv", 2, "amount"): "1.2",
        ("demand.csv", 4, "customer_class"): "household",
        ("demand.csv", 4, "unit"): "MWh",
        ("assets.csv", 3, "capacity"): "1200",
        ("assets.csv", 2, "cost_unit"): "USD/MWh",
        ("links.csv", 3, "capacity"): "100",
    }


def test_a_table_without_a_header(tmp_path: Path) -> None:
    """One problem, not one for each cell of the row and each row of the other tables."""
    for name, text in first_case().items():
        (tmp_path / name).write_text(
            text.split("\n", 1)[1] if name == "places.csv" else text, encoding="utf-8"
        )
    (problem,) = io.check(tmp_path)[1]
    assert str(problem).startswith(
        'places.csv row 1: names no column of the table: it begins with "orenburg". The first row holds the names of the columns: place, name, '
    )


@pytest.mark.parametrize(
    ("begin", "what"),
    [
        (b"PK\x03\x04\x14", "a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old workbook (.xls)"),
        (b"%PDF-1.7", "a PDF file"),
    ],
)
def test_a_workbook_under_the_name_of_a_table(begin: bytes, what: str, tmp_path: Path) -> None:
    """Renamed, not saved anew."""
    for name, text in first_case().items():
        (tmp_path / name).write_bytes(begin if name == "demand.csv" else text.encode())
    (problem,) = io.check(tmp_path)[1]
    assert str(problem).startswith(
        f"demand.csv: is {what}, not text. Open it in a spreadsheet program. Save it as "
    )


@pytest.mark.parametrize(
    ("unit", "near"), [("10^9 m3/year", "bcm/year"), ("MMcf/d", ""), ("tcm/year", ""), ("ktons/year", "")]
)
def test_a_unit_that_is_like_another_a_thousand_times_smaller(unit: str, near: str, tmp_path: Path) -> None:
    """Of 10^9 m3 the most like unit is 1000 m3, of MMcf it is mcm: who takes it is wrong by far."""
    for name, text in first_case().items():
        changed = text.replace("3,bcm/year,5", f"3,{unit},5") if name == "assets.csv" else text
        (tmp_path / name).write_text(changed, encoding="utf-8")
    problems = io.check(tmp_path)[1]
    assert [p.nearest for p in problems if p.column == "unit"] == [near]

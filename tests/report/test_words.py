"""Numbers, names and times as people read them."""

from __future__ import annotations

import math

import pytest

from kelisim.report.numbers import figure, listed, money, percent
from kelisim.report.words import Words
from tests.cases.make import A, make
from tests.report.conftest import small_case


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234567, "1\u202f230\u202f000"),
        (9.996, "10.0"),
        (999.6, "1\u202f000"),
        (0.09996, "0.100"),
        (-12.345, "\u221212.3"),
        (0.0001, "< 0.001"),
        (math.nan, "\u2013"),
        (None, "\u2013"),
        (math.inf, "no limit"),
    ],
)
def test_three_significant_digits(value: float | None, text: str) -> None:
    """A table with seven digits claims what the data do not bear."""
    assert figure(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.00001, "< 0.1 %"),
        (0.123, "12 %"),
        (0.995, "99.5 %"),
        (0.99999, "> 99.9 %"),
        (1, "100 %"),
        (-0.2, "\u221220 %"),
    ],
)
def test_nearly_all_is_not_all(share: float, text: str) -> None:
    """A town without gas hides behind "100 % supplied"."""
    assert percent(share) == text


def test_money_and_lists() -> None:
    """Sentences of the first page are made of these."""
    assert money(14_230_000_000, "USD") == "14.2 billion USD"
    assert money(999_999_999, "KZT") == "1.00 billion KZT"
    assert money(12, "USD") == "12.0 USD"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_small_shares_and_intervals() -> None:
    """0.0004 % reads as 4 parts per million, not as 0 %; ends of an interval that read as its mean get a digit more."""
    words = Words(make(places=A))
    texts = [words.filled("{share:small_share}", {"share": share}) for share in (0.0123, 4e-6, 0.0)]
    assert texts == ["1.2 %", "4.0 parts per million", "0 %"]
    interval = "{mean:interval low high 1e3}"
    assert words.filled(interval, {"mean": 12e3, "low": 9.81e3, "high": 14e3}) == "12 (9.8 to 14)"
    assert words.filled(interval, {"mean": 12e3, "low": 11.98e3, "high": 12.3e3}) == "12.0 (12.0 to 12.3)"
    assert words.filled(interval, {"mean": 12.34e3, "low": math.nan, "high": math.nan}) == "12.3"
    signed = words.filled("{r:correlation low high}", {"r": 0.541, "low": -0.27, "high": 0.7})
    assert signed == "+0.54 (−0.27 to +0.70)"
    assert words.filled("{mean:error error}", {"mean": 12.34, "error": 0.44}) == "12 \u00b1 0.4"


def test_regions_have_the_name_of_their_place() -> None:
    """A region is an identifier in a table and a name on a page; none stands for all of them."""
    words = Words(
        make(places="place, name, country, region, kind\na, Town A, KZ, KZ-A, town\nb, B, KZ, KZ-A, place")
    )
    assert [words.filled("{at:region}", {"at": region}) for region in ("KZ-A", "")] == ["Town A", "anywhere"]


def test_names_instead_of_identifiers() -> None:
    """Nobody outside the team knows what mid_2 is."""
    book = Words(small_case())
    assert book.link("trunk") == "North \u2013 <script>alert(1)</script> & Co"
    assert book.place("south") == "South"
    assert book.country("UZ") == "Uzbekistan"
    assert book.country("QQ") == "QQ"
    assert book.carrier_in_text("natural_gas") == "natural gas"
    assert book.carrier_in_text("lpg") == "LPG"
    assert book.element("assets", "field") == "Old Field"
    assert book.sources("first; a letter") == "<b>First</b> book; a letter"


def test_units_people_use() -> None:
    """8.2 million m3 is read at once, 0.0082 bcm is not."""
    book = Words(small_case())
    factor = book.unit("natural_gas")[1]
    assert book.amount(2.5 / factor, "natural_gas") == "2.50 bcm"
    assert book.amount(0.0082 / factor, "natural_gas") == "8.20 million m3"
    assert book.amount(0.0000443 / factor, "natural_gas") == "44.3 thousand m3"


def test_period_in_words() -> None:
    """Every number has its period."""
    book = Words(small_case())
    assert (book.period, book.step_words) == ("2024", "12 steps of a month")
    two_days = Words(make(days=2, places=A))
    assert (two_days.period, two_days.step_words) == ("1 to 2 January 2024", "2 steps of a day")

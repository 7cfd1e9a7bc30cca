"""Each language says all that English says: the same keys, the same places, all forms of its plurals."""

from __future__ import annotations

from string import Formatter

import pytest

from kelisim import catalog
from kelisim.report import numbers
from kelisim.report.countries import country_names
from kelisim.report.forms import FORMS
from kelisim.report.words import Words
from tests.cases.border import steppe

ENGLISH = catalog.own(catalog.LANGUAGE)
OTHERS = catalog.languages()[1:]
PLURAL = "plurals."


# ---- what each language says
def texts(value: catalog.Text) -> list[str]:
    return [value] if isinstance(value, str) else value


def places(text: str, but: tuple[str, ...] = ()) -> set[str]:
    """Names of the places of a text, but those of some forms."""
    found = set()
    for _, name, form, _ in Formatter().parse(text):
        if name is not None and (form or "text").split()[0] not in but:
            found.add(name)
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_key_has_a_text(language: str) -> None:
    """A key without a text is English amid another language."""
    wanted = {key for key in ENGLISH if not key.startswith(PLURAL)}
    given = {key for key in catalog.own(language) if not key.startswith(PLURAL)}
    assert sorted(wanted - given) == [] and sorted(given - wanted) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_place_is_filled(language: str) -> None:
    """A place that is left out hides a number; one that nobody fills stops the page. A plural may be part of the sentence."""
    wrong = []
    for key, own in catalog.own(language).items():
        pairs = list(zip(texts(own), texts(ENGLISH.get(key, own)), strict=False))
        if len(texts(own)) != len(texts(ENGLISH.get(key, own))):
            wrong.append(f"{key}: {len(texts(own))} texts")
        for text, english in pairs:
            lacking = places(english, ("plural",)) - places(text)
            strange = places(text) - places(english)
            if (lacking or strange) and not key.startswith(PLURAL):
                wrong.append(f"{key}: lacks {sorted(lacking)}, has {sorted(strange)}")
    assert wrong == []


@pytest.mark.parametrize("language", catalog.languages())
def test_every_form_is_known(language: str) -> None:
    """A form that nobody knows stops the page; braces that do not close as well."""
    wrong = []
    for key, own in catalog.own(language).items():
        for text in texts(own):
            for _, name, form, _ in Formatter().parse(text):
                if name is not None and (form or "text").split()[0] not in FORMS:
                    wrong.append(f"{key}: {form}")
    assert wrong == []


@pytest.mark.parametrize("language", catalog.languages())
def test_plurals_are_whole(language: str) -> None:
    """Five days are not written as two: each word has all forms that the language asks for."""
    words = {key.split(".")[1] for key in ENGLISH if key.startswith(PLURAL)}
    forms = {*numbers.locale(language).plural_form.tags, "other"}
    given = {key for key in catalog.own(language) if key.startswith(PLURAL)}
    assert sorted({f"{PLURAL}{word}.{form}" for word in words for form in forms} - given) == []


@pytest.mark.parametrize(
    ("count", "russian", "kazakh"),
    [
        (1, "день", "күн"),
        (3, "дня", "күн"),
        (5, "дней", "күн"),
        (21, "день", "күн"),
        (11, "дней", "күн"),
        (1.5, "дня", "күн"),
    ],
)
def test_days_are_counted(count: float, russian: str, kazakh: str) -> None:
    """The four forms of Russian, by babel's rules."""
    assert (numbers.plural(count, "day", "ru"), numbers.plural(count, "day", "kk")) == (russian, kazakh)


@pytest.mark.parametrize(
    ("language", "day", "month", "number"),
    [
        ("en", "5 January 2024", "January 2024", "3.41"),
        ("ru", "5 января 2024 года", "январь 2024 года", "3,41"),
        ("kk", "2024 жылғы 5 қаңтар", "2024 жылғы қаңтар", "3,41"),
    ],
)
def test_numbers_and_days(language: str, day: str, month: str, number: str) -> None:
    """Decimal signs, months and units are those of the language."""
    told = numbers.day("2024-01-05", language), numbers.day("2024-01-05", language, "month_year")
    assert told == (day, month)
    volume, of_day, billion, dollar = (
        catalog.text(key, language) for key in ("units.million_m3", "units.day", "words.ten_9", "units.USD")
    )
    assert numbers.amount(3.41, "million m3/day", language) == f"{number} {volume}/{of_day}"
    assert numbers.money(3.41e9, "USD", language) == f"{number} {billion} {dollar}"
    assert numbers.unit("million USD", language) == f"{catalog.text('words.ten_6', language)} {dollar}"


def test_countries() -> None:
    """The name that a country gives itself in Russian goes before babel's."""
    assert country_names("ru")["KG"] == "Кыргызстан" and country_names("kk")["KZ"] == "Қазақстан"
    assert all(set(country_names(language)) == set(country_names("en")) for language in OTHERS)


def test_a_name_that_a_case_gives_itself_stays() -> None:
    """The catalogue renames only what every case has under its own name."""
    words = Words(steppe(), "ru")
    assert words.carrier("electricity") == "Электроэнергия"
    assert words.number(3.0, "MW") == "3,00 МВт" and words.listed(["a", "b", "c"]) == "a, b и c"


@pytest.mark.parametrize(
    ("word", "language"),
    [("kz", "kk"), ("Қазақша", "kk"), ("rus", "ru"), ("Русский", "ru"), ("EN", "en"), ("french", "")],
)
def test_a_language_by_another_name(word: str, language: str) -> None:
    """Who types kz means Kazakh."""
    assert catalog.meant(word) == language


def test_a_language_is_spoken_within_a_block() -> None:
    """What is spoken ends with the block, also after an error."""
    with pytest.raises(KeyError), catalog.speaking("xx"):
        raise AssertionError
    with pytest.raises(ZeroDivisionError), catalog.speaking("ru"):
        assert catalog.spoken() == "ru"
        _ = 1 / 0
    assert catalog.spoken() == "en"

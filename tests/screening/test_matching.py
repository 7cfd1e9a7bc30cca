"""Names that are one in two spellings, names that are not, and a search that misses none."""

from __future__ import annotations

import doctest
import random

import pytest

from kelisim.screening import evidence, matching, scripts
from kelisim.screening.evidence import country, span
from kelisim.screening.matching import Candidates, forms, score
from kelisim.screening.scripts import script_of, transliterated


def best(one: str, other: str, is_person: bool = False) -> float:
    return max(score(a, b, is_person) for a in forms(one) for b in forms(other))


@pytest.mark.parametrize("module", [evidence, matching, scripts], ids=lambda m: m.__name__)
def test_examples_are_right(module: object) -> None:
    """An example that does not give what it says teaches the wrong rule."""
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted and not found.failed


@pytest.mark.parametrize(
    ("name", "standard", "latin"),
    [
        ("Щукин Юрий", "BGN/PCGN 1947", "shchukin yuriy"),
        ("Андреев Егор", "BGN/PCGN 1947", "andreyev yegor"),
        ("Щукин Юрий", "ICAO Doc 9303", "shchukin iurii"),
        ("Цой Михаил", "GOST 7.79-2000 B", "czoj mixail"),
        ("Қасым Өмірұлы Ғани", "BGN/PCGN 1979", "qasym ömiruly ghanī"),
        ("Қасым Өмірұлы Ғани", "Kazakh by Russian letters", "kasym omiruly gani"),
    ],
)
def test_transliteration_by_standard(name: str, standard: str, latin: str) -> None:
    """A letter that is written as another standard has it makes another person of the bearer."""
    assert transliterated(name, standard) == latin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Жанибек Ерланов", "YERLANOV, Janibek"),
        ("Жанибек Ерланов", "Dzhanibek Erlanov"),
        ("Щербинин Дмитрий", "Shcherbinin, Dmitry"),
        ("Цой Михаил", "Mixail Czoj"),
        ("Қазақ Боран Мұнай", "Kazakh Boran Munay JSC"),
        ("Боран нефть", "BORANNEFT PJSC"),
        ("Boranneft", "Public Joint Stock Company Boran Neft"),
        ("ООО «Тихий Омут»", "TIKHIY OMUT LLC"),
        ("Müller Söhne AG", "Muller Sohne"),
        ("I. Boranov", "Ivan Boranov"),
        ("Ivan Boranov", "BORANOV, Ivan Sergeevich"),
        ("Nursoultan Omirov", "Нурсултан Омиров"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    """A party that is missed because of its spelling is the one failure that screening must not have."""
    assert best(one, other) >= 0.85


@pytest.mark.parametrize(
    ("one", "other", "is_person"),
    [
        ("Ivan Boranov", "Ivan Sidorenko", True),
        ("Ivan", "Ivan Boranov", True),
        ("Bank of Boran", "Bank of Omut", False),
        ("Trading House Boran", "Trading House Omut LLC", False),
        ("Oil Company LLC", "Gas Company LLC", False),
        ("Boran", "Omut", False),
    ],
)
def test_names_that_are_two(one: str, other: str, is_person: bool) -> None:
    """A hit on every Ivan and every bank is read by nobody."""
    assert best(one, other, is_person) < 0.85


def test_the_search_finds_what_a_look_at_every_pair_finds() -> None:
    """A fast search that passes over a pair passes over a party."""
    draw = random.Random(4)
    syllables = ["bo", "ran", "mu", "nai", "ki", "to", "ser", "gei", "zha", "lov", "ova", "bek", "shch", "i"]

    def name() -> str:
        words = [
            "".join(draw.choice(syllables) for _ in range(draw.randint(1, 4)))
            for _ in range(draw.randint(1, 4))
        ]
        return " ".join([*words, draw.choice(["LLC", "oil", "bank", ""])])

    listed = [name() for _ in range(400)]
    sought = [name() for _ in range(40)] + [draw.choice(listed)[1:] for _ in range(40)]
    mine = [form for text in sought for form in forms(text)]
    theirs = [form for text in listed for form in forms(text)]
    near = {(i, j) for i, some, _ in Candidates(mine).against(theirs, 0.85) for j in some}
    every = {(i, j) for i, a in enumerate(mine) for j, b in enumerate(theirs) if score(a, b) >= 0.85}
    assert len(every) > 35 and every <= near


def test_dates_and_countries_as_lists_write_them() -> None:
    """A date that is read wrong speaks for the wrong person, or against the right one."""
    spans = {
        text: tuple(end.isoformat() for end in found)
        for text in (
            "1961", "1961-02", "1961-02-03", "03/02/1961", "03.02.1961", "00/00/1961", "00/02/1961", "3 Feb 1961", "Feb 1961",
            "1961 to 1963", "1961/1963", "1961-02-03/1961-02-05", "circa 1961", "10 Dec 1948 to 12 Dec 1948",
        )
        if (found := span(text))
    }  # fmt: skip
    assert spans == {
        "1961": ("1961-01-01", "1961-12-31"),
        "1961-02": ("1961-02-01", "1961-02-28"),
        "1961-02-03": ("1961-02-03", "1961-02-03"),
        "03/02/1961": ("1961-02-03", "1961-02-03"),
        "03.02.1961": ("1961-02-03", "1961-02-03"),
        "00/00/1961": ("1961-01-01", "1961-12-31"),
        "00/02/1961": ("1961-02-01", "1961-02-28"),
        "3 Feb 1961": ("1961-02-03", "1961-02-03"),
        "Feb 1961": ("1961-02-01", "1961-02-28"),
        "1961 to 1963": ("1961-01-01", "1963-12-31"),
        "1961/1963": ("1961-01-01", "1963-12-31"),
        "1961-02-03/1961-02-05": ("1961-02-03", "1961-02-05"),
        "circa 1961": ("1960-01-01", "1963-01-01"),
        "10 Dec 1948 to 12 Dec 1948": ("1948-12-10", "1948-12-12"),
    }
    assert span("unknown") is None and span("32/13/61") is None
    names = (
        "Russia",
        "RUSSIAN FEDERATION",
        "ru",
        "Россия",
        "Ресей",
        "Iran",
        "Burma",
        "Korea, North",
        "Atlantis",
    )
    assert [country(name) for name in names] == ["RU", "RU", "RU", "RU", "RU", "IR", "MM", "", ""]


def test_scripts() -> None:
    """A script that is named wrong is written in Latin by the wrong standard, or not at all."""
    assert [script_of(name) for name in ("Boran", "Боран", "Бөран", "Müller", "李雷", "Boran Боран")] == [
        "Latin", "Cyrillic", "Kazakh", "Latin", "another script", "Cyrillic",
    ]  # fmt: skip
    assert best("李雷", "李雷") == 1.0

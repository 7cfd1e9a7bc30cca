"""Scripts: a name in Cyrillic, Russian or Kazakh, written in Latin by each standard, and the key by which spellings of one name meet.

The tables are package data: transliteration.csv (a letter in Latin by standard, and how at the start of a word or after a vowel),
folding.csv (spellings of one sound) and words.csv (words that tell little of who is meant, with their weight).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

LATIN, CYRILLIC, KAZAKH, OTHER = "Latin", "Cyrillic", "Kazakh", "another script"
_KAZAKH = set("әғқңөұүһӘҒҚҢӨҰҮҺ")
_RUSSIAN = ("BGN/PCGN 1947", "ICAO Doc 9303", "GOST 7.79-2000 B")
STANDARDS = {CYRILLIC: _RUSSIAN, KAZAKH: ("BGN/PCGN 1979", "Kazakh by Russian letters")}
_VOWELS = "аеёиоуыэюяәөұүіъь"
_SEPARATORS = re.compile(r"[\s\-_.,;:/\\()\[\]{}«»„&+|]+")


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("kelisim.screening") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _letters(standard: str) -> dict[str, tuple[str, str]]:
    rows = [row for row in _rows("transliteration.csv") if row["standard"] == standard]
    return {row["letter"]: (row["latin"], row["latin_first"]) for row in rows}


@cache
def _folds() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"]), row["becomes"]) for row in _rows("folding.csv"))


@cache
def _weights() -> dict[str, float]:
    found: dict[str, float] = {}
    for row in _rows("words.csv"):
        for key in {fold(latin) for latin, _ in latin_forms(row["word"])}:
            found[key] = float(row["weight"])
    return found


def script_of(name: str) -> str:
    """Latin, Cyrillic, Kazakh (Cyrillic with letters that only Kazakh has), or another script.

    >>> script_of("Қазақстан"), script_of("Казахстан"), script_of("Kazakhstan")
    ('Kazakh', 'Cyrillic', 'Latin')
    """
    if name.isascii():
        return LATIN
    if _KAZAKH & set(name):
        return KAZAKH
    letters = [unicodedata.name(sign, "").split(" ")[0] for sign in name if sign.isalpha()]
    if "CYRILLIC" in letters:
        return CYRILLIC
    return LATIN if letters.count("LATIN") * 2 >= len(letters) else OTHER


def transliterated(name: str, standard: str) -> str:
    """A name in Cyrillic written in Latin, in small letters.

    >>> transliterated("Ельцин Юрий", "BGN/PCGN 1947"), transliterated("Ельцин Юрий", "GOST 7.79-2000 B")
    ('yeltsin yuriy', 'elczin yurij')
    """
    table, out, before = _letters(standard), [], ""
    for sign in unicodedata.normalize("NFC", name).lower():
        latin, first = table.get(sign, (sign, sign))
        out.append(first if not before.isalpha() or before in _VOWELS else latin)
        before = sign
    return "".join(out)


@lru_cache(maxsize=4096)
def latin_forms(name: str) -> tuple[tuple[str, str], ...]:
    """The name in Latin by each standard of its script, with the name of the standard; itself if it is in Latin."""
    script = script_of(name)
    if script not in STANDARDS:
        return ((name.lower(), ""),)
    return tuple((transliterated(name, standard), standard) for standard in STANDARDS[script])


def fold(word: str) -> str:
    """The key of a word in Latin: without marks, and with one spelling of each sound.

    >>> [fold(word) for word in ("Dmitriy", "Dmitrij", "Dmitry", "Zhanibek", "Janibek", "Dzhanibek")]
    ['dmitri', 'dmitri', 'dmitri', 'zanibek', 'zanibek', 'zanibek']
    """
    plain = word.lower()
    if not plain.isascii():
        marks = unicodedata.normalize("NFKD", plain.replace("ı", "i").replace("ł", "l").replace("ø", "o"))
        plain = "".join(sign for sign in marks if not unicodedata.combining(sign))
    for pattern, becomes in _folds():
        plain = pattern.sub(becomes, plain)
    return plain


class Word(NamedTuple):
    """A word as it is compared: its key, how much it tells of who is meant, and its weight, which counts its length too."""

    key: str
    told: float
    weight: float


@lru_cache(maxsize=65_536)
def _word(latin: str) -> Word:
    key = fold(latin)
    return Word(key, told_by(key), weight(key))


def words_of(latin: str) -> list[Word]:
    """Words of a name in Latin, in their order."""
    return [found for word in _SEPARATORS.split(latin) if word and (found := _word(word)).key]


def told_by(key: str) -> float:
    """How much a word tells of who is meant, whatever its length: 1, or less for legal forms and general words."""
    return _weights().get(key, 1.0)


def weight(key: str) -> float:
    """How much a word tells of who is meant, 0 to 1, by its length too.

    >>> weight("gazprom"), weight("ltd")
    (0.875, 0.0)
    """
    return min(len(key), 8) / 8 * told_by(key)

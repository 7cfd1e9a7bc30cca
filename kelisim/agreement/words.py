"""Words of agreements in English, Russian and Kazakh: countries and companies, kinds of promise, duties and declarations."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from functools import cache
from importlib.resources import files

import numpy as np

MONTHS = 12
WINTER, SUMMER = (10, 11, 12, 1, 2, 3), (4, 5, 6, 7, 8, 9)
SEASONS = {
    "year": tuple(range(1, 13)),
    "winter": WINTER,
    "heating": WINTER,
    "autumn": (9, 10, 11),
    "summer": SUMMER,
    "spring": (3, 4, 5),
    "год": tuple(range(1, 13)),
    "зим": WINTER,
    "отопит": WINTER,
    "лет": SUMMER,
    "жыл": tuple(range(1, 13)),
    "қыс": WINTER,
    "жылыту": WINTER,
    "жаз": SUMMER,
    "q1": (1, 2, 3),
    "q2": (4, 5, 6),
    "q3": (7, 8, 9),
    "q4": (10, 11, 12),
}
_MONTH_STEMS = (
    ("jan", "янв", "қаңтар"),
    ("feb", "фев", "ақпан"),
    ("mar", "мар", "наурыз"),
    ("apr", "апр", "сәуір"),
    ("may", "май|мая|мае", "мамыр"),
    ("jun", "июн", "маусым"),
    ("jul", "июл", "шілде"),
    ("aug", "авг", "тамыз"),
    ("sep", "сен", "қыркүйек"),
    ("oct", "окт", "қазан"),
    ("nov", "ноя", "қараша"),
    ("dec", "дек", "желтоқсан"),
)


def plain(text: object) -> str:
    """A text in small letters, one space between words, composed characters."""
    return " ".join(unicodedata.normalize("NFKC", str(text)).casefold().split())


@cache
def _table(name: str) -> tuple[tuple[str, str], ...]:
    text = (files("kelisim.agreement") / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    return tuple((row[0], row[1]) for row in rows)


def countries_in(text: object) -> tuple[str, ...]:
    """ISO codes of the countries that a text names, by themselves or by a company, in the order of the text."""
    words = plain(text)
    found: dict[str, int] = {}
    for part in re.finditer(r"\b[A-Z]{2}\b", str(text)):
        found.setdefault(part.group(), part.start())
    for country, word in _table("countries"):
        stem = re.search(rf"\b{re.escape(word)}{'' if len(word) > 4 else chr(92) + 'b'}", words)
        if stem:
            found[country] = min(found.get(country, stem.start()), stem.start())
    return tuple(sorted(found, key=lambda one: found[one]))


def _says(of: str, text: str) -> bool:
    return any(re.search(rf"\b{word}", text) for kind, word in _table("words") if kind == of)


def kind_of(text: object) -> str:
    """The kind of promise that a text seems to be; empty if it does not say."""
    words = plain(text)
    kinds = dict.fromkeys(kind for kind, _ in _table("words") if kind not in ("soft", "hard"))
    return next((kind for kind in kinds if _says(kind, words)), "")


def force_of(text: object, is_owed: bool) -> str:
    """Whether a text binds: "soft" for words such as examine or create conditions, else "hard" for words of duty, or where somebody owes it."""
    words = plain(text)
    if _says("soft", words):
        return "soft"
    return "hard" if is_owed or _says("hard", words) else "soft"


def carrier_in(text: object) -> str:
    """The form of energy that a text names; empty if none."""
    words = plain(text)
    named = sorted((word, meant) for (column, word), meant in meanings().items() if column == "carrier")
    found = [(-len(word), meant) for word, meant in named if re.search(rf"\b{re.escape(word)}", words)]
    return min(found)[1] if found else ""


@cache
def meanings() -> dict[tuple[str, str], str]:
    """(column, as people write it) -> what the table expects."""
    text = (files("kelisim.agreement") / "writing.csv").read_text(encoding="utf-8")
    return {
        (row["column"], plain(row["written"])): row["meant"]
        for row in csv.DictReader(io.StringIO(text, newline=""))
    }


LATIN = dict(zip("абвгдезийклмнопрстуфхцыэқғңөұүһі", "abvgdeziyklmnoprstufhcyeqgnouuhi", strict=True))
LATIN |= {
    "ё": "yo",
    "ж": "zh",
    "ч": "ch",
    "ш": "sh",
    "щ": "sch",
    "ю": "yu",
    "я": "ya",
    "ь": "",
    "ъ": "",
    "ә": "a",
}


def latin(text: object) -> str:
    """A text in Latin letters, so that a place is itself in two scripts."""
    return "".join(LATIN.get(letter, letter) for letter in plain(text))


def months_of(season: object) -> tuple[int, ...]:
    """Months of a season: its name, months by name or number, or a span such as December-February; the whole year if empty.

    Raises ValueError for a text that is none.
    """
    text = plain(season).replace("–", "-").replace("—", "-").replace(" to ", "-")
    if not text or text in ("nan", "all", "all year", "круглый год"):
        return SEASONS["year"]
    named = [months for stem, months in SEASONS.items() if re.match(stem, text)]
    if named:
        return named[0]
    found: list[int] = []
    for part in re.split(r"[;,]| and | и | мен ", text):
        ends = [_month(word) for word in part.split("-") if word.strip()]
        if len(ends) > 2 or not ends:
            raise ValueError(season)
        first, last = ends[0], ends[-1]
        count = (last - first) % MONTHS + 1
        found += [(first - 1 + at) % MONTHS + 1 for at in range(count)]
    return tuple(dict.fromkeys(found))


def _month(word: str) -> int:
    word = word.strip()
    if word.isdigit() and 1 <= int(word) <= MONTHS:
        return int(word)
    for number, stems in enumerate(_MONTH_STEMS, 1):
        if any(re.match(stem, word) for stem in stems):
            return number
    raise ValueError(word)


def in_months(months: tuple[int, ...], of: np.ndarray) -> np.ndarray:
    """Whether each month of an array is one of some."""
    return np.isin(of, months)

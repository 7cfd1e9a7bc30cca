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
NEAR = 4  # words between a word of duty and the verb that it governs
KAZAKH_LETTERS = set("әғқңөұүһі")
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


def says(of: str, text: object) -> bool:
    """Whether a text has a word of a sort."""
    words = plain(text)
    return any(re.search(rf"\b{word}", words) for kind, word in _table("words") if kind == of)


NO_KINDS = ("soft", "mild", "modal", "hard", "widening", "ceiling", "floor")


def kind_of(text: object) -> str:
    """The kind of promise that a text seems to be; empty if it does not say."""
    words = plain(text)
    kinds = dict.fromkeys(kind for kind, _ in _table("words") if kind not in NO_KINDS)
    return next((kind for kind in kinds if says(kind, words)), "")


def force_of(text: object, is_owed: bool, has_number: bool = False) -> str:
    """Whether a text binds, by the verbs that govern it: "hard" for a duty, "soft" for words such as examine or create conditions.

    A word of duty binds unless what follows it (in Kazakh, comes before it) is such a word: shall examine, қарастыруға міндеттенеді. Without
    one, the first verb that says either counts. Mild words (support, develop cooperation) bind nobody where nothing is counted.

    is_owed     what holds where no word says either
    has_number  whether a quantity or a number of the network goes with it
    """
    words = plain(text)
    weak = [start for start, _ in _at("soft", words) + ([] if has_number else _at("mild", words))]
    strong = [start for start, _ in _at("hard", words)]
    duties = _at("modal", words)
    if duties:
        bare = [one for one in duties if not any(_governs(words, one, at, strong) for at in weak)]
        return "hard" if bare else "soft"
    governing = max if set(words) & KAZAKH_LETTERS else min  # the verb stands last in Kazakh
    if weak and (not strong or governing(*weak, *strong) in weak):
        return "soft"
    return "hard" if is_owed or strong else "soft"


def _at(of: str, text: str) -> list[tuple[int, int]]:
    """Where the words of a sort stand in a text: first letter, and the letter after the stem."""
    return [
        part.span()
        for kind, word in _table("words")
        if kind == of
        for part in re.finditer(rf"\b{word}", text)
    ]


def _governs(text: str, duty: tuple[int, int], weak: int, strong: list[int]) -> bool:
    """Whether a word of duty governs a weak verb: within a few words after it and no other verb between, or before it in Kazakh."""
    if set(text) & KAZAKH_LETTERS:
        return weak < duty[0] and len(text[weak : duty[0]].split()) <= NEAR - 1
    between = any(duty[1] <= at < weak for at in strong)
    return weak >= duty[1] and not between and len(text[duty[1] : weak].split()) <= NEAR


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

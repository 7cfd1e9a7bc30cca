"""What speaks for two names being one party and what against it: dates of birth and countries, as each list writes them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from babel import Locale

_MONTHS = {
    name: at
    for at, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_AROUND = timedelta(days=366)  # what "circa" allows to either side
Span = tuple[date, date]


def span(text: str) -> Span | None:
    """First and last day that a date of birth can mean; None where none is read.

    Read are 1961, 1961-02, 1961-02-03, 03/02/1961, 03.02.1961, 00/00/1961, 3 Feb 1961, Feb 1961, each with "circa", and two with
    "to" or a stroke between them.

    >>> span("Feb 1961")
    (datetime.date(1961, 2, 1), datetime.date(1961, 2, 28))
    """
    plain = text.strip().lower()
    ends = re.split(r"\s+to\s+|(?<=\d{4})/(?=\d{4})|(?<=-\d\d)/", plain)
    found = [one for end in ends[:2] if (one := _one(end))]
    if not found:
        return None
    low, high = found[0][0], found[-1][1]
    if "circa" in plain or plain.startswith(("c.", "approx")):
        low, high = low - _AROUND, high + _AROUND
    return (low, high) if low <= high else None


def _one(text: str) -> Span | None:
    words = re.findall(r"\d+|[a-z]+", text)
    numbers = [int(word) for word in words if word.isdigit()]
    month = next((_MONTHS[word[:3]] for word in words if word[:3] in _MONTHS and word.isalpha()), 0)
    year = next((number for number in numbers if 1000 <= number <= 9999), 0)
    if not year:
        return None
    others = [number for number in numbers if number != year]
    if numbers[0] == year:
        month, day = [*others, 0, 0][:2] if not month else (month, [*others, 0][0])
    elif month:
        day = others[0]
    else:
        day, month = [*others, 0, 0][:2]
    try:
        if not 1 <= month <= 12:
            return date(year, 1, 1), date(year, 12, 31)
        if not day:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError:
        return None


@cache
def _codes() -> dict[str, str]:
    """Codes of countries by their names in English, Russian and Kazakh."""
    found: dict[str, str] = {}
    for language in ("kk", "ru", "en"):
        names = Locale(language).territories
        found.update(
            {name.casefold(): code for code, name in names.items() if len(code) == 2 and code.isalpha()}
        )
    found.update(
        {"russian federation": "RU", "burma": "MM", "united states of america": "US", "great britain": "GB"}
    )
    return found


def country(text: str) -> str:
    """Code of a country in two letters, by its code or its name; empty where it is not known.

    >>> country("Russia"), country("kz"), country("Казахстан"), country("Nowhere")
    ('RU', 'KZ', 'KZ', '')
    """
    plain = text.strip()
    code = plain.upper()
    if len(plain) == 2 and code in _codes().values():
        return code
    found = _codes().get(plain.casefold(), "")
    return found or _codes().get(re.sub(r",.*|\(.*", "", plain).strip().casefold(), "")


def births_agree(given: Iterable[str], listed: Iterable[str]) -> bool | None:
    """Whether one date of each side can be the same day; None where one side has none."""
    ours = [found for text in given if (found := span(text))]
    theirs = [found for text in listed if (found := span(text))]
    if not ours or not theirs:
        return None
    return any(a[0] <= b[1] and b[0] <= a[1] for a in ours for b in theirs)


def countries_agree(given: Iterable[str], listed: Iterable[str]) -> bool | None:
    """Whether both sides name one country; None where one side names none that is known."""
    ours = {code for text in given if (code := country(text))}
    theirs = {code for text in listed if (code := country(text))}
    return bool(ours & theirs) if ours and theirs else None

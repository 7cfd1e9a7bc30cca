"""Numbers and small words as people read them: at most three significant digits, thin spaces, a true minus."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

import pandas as pd
from babel import Locale
from babel.dates import format_date

from kelisim import catalog
from kelisim.tolerances import ROUNDING

THIN = "\u202f"
MINUS = "\u2212"
NONE = "\u2013"
# the unit that is a thousandth of a display unit, for small amounts
SMALLER = {
    "bcm": "million m3",
    "million m3": "thousand m3",
    "Mt": "kt",
    "kt": "t",
    "million m3/day": "thousand m3/day",
    "Mt/day": "kt/day",
    "kt/day": "t/day",
    "TWh": "GWh",
    "GWh": "MWh",
}


@cache
def _parsed(language: str) -> Locale:
    return Locale.parse(language)


def locale(language: str = "") -> Locale:
    """What babel knows of a language."""
    return _parsed(language or catalog.spoken())


def _signs(text: str, language: str) -> str:
    """A number as Python writes it with the signs of a language: thin spaces, its decimal sign, a true minus."""
    decimal = locale(language).number_symbols["latn"]["decimal"]
    return text.replace(",", THIN).replace(".", decimal).replace("-", MINUS)


def unit(words: Any, language: str = "") -> str:
    """A unit as the trade of a language writes it, part by part: "million m3/day", "млн м³/сут"."""
    return "/".join(_unit(part, language) for part in text_of(words).split("/"))


def _unit(part: str, language: str) -> str:
    key = f"units.{part.strip().replace(' ', '_')}"
    if catalog.has(key, language):
        return catalog.text(key, language)
    size, _, rest = part.partition(" ")
    power = {"thousand": 3, "million": 6, "billion": 9}.get(size)
    return (
        f"{catalog.text(f'words.ten_{power}', language)} {_unit(rest, language)}" if power and rest else part
    )


def figure(value: Any, digits: int = 3, language: str = "") -> str:
    """A number with at most so many significant digits; a dash where there is none."""
    if value is None or pd.isna(value):
        return NONE
    number = float(value)
    if math.isinf(number):
        return catalog.text("words.no_limit", language) if number > 0 else NONE
    size = abs(number)
    if size < 5e-13:
        return "0"
    if size < 0.0005:
        return _signs("< 0.001" if number > 0 else "> -0.001", language)
    places = digits - 1 - math.floor(math.log10(size))
    # a tie goes up, whatever the last digits of a sum say of it
    text = f"{round(number * (1.0 + ROUNDING), places):,.{max(places, 0)}f}"
    if "." in text and len(re.sub("[-.,]", "", text).lstrip("0")) > digits:
        text = text[:-1].rstrip(".")  # 9.996 rounds to 10.00
    return _signs(text, language)


def count(value: Any, language: str = "") -> str:
    """A whole number with all its digits; one that is not whole as it is."""
    return _signs(f"{float(value):,.12g}", language)


def plain(value: Any, form: str = "g", language: str = "") -> str:
    """A number as Python writes it in a form, with the signs of the language."""
    return _signs(f"{float(value):{form}}", language)


def percent(share: Any, digits: int = 2, language: str = "") -> str:
    """A share of 0-1 as per cent; never 100 % or 0 % for something that is not quite that."""
    if share is None or pd.isna(share):
        return NONE
    value = 100 * float(share)
    if value < -1e-7:
        return f"{MINUS}{percent(-float(share), digits, language)}"
    if value < 1e-7:
        return "0 %"
    if value < 0.1:
        return _signs("< 0.1 %", language)
    if 99.9 < value < 99.99999:
        return _signs("> 99.9 %", language)
    exact = value >= 100 or 99 < value < 99.95
    return f"{figure(value, 3 if exact else digits, language)} %"


def signed_percent(share: float, language: str = "") -> str:
    """A change as per cent: "+12 %", "−26 %"."""
    return ("+" if share > 0 else "") + percent(share, 2, language)


def money(value: Any, currency: str, language: str = "") -> str:
    """An amount of money in words: "14.2 billion USD"; less than one is nothing."""
    if value is None or pd.isna(value):
        return NONE
    number = float(value) if abs(float(value)) >= 1.0 else 0.0
    power = next((power for power in (9, 6, 3) if abs(number) >= 10.0**power * 0.9995), 0)
    size = f" {catalog.text(f'words.ten_{power}', language)}" if power else ""
    return f"{figure(number / 10.0**power, 3, language)}{size} {unit(currency, language)}"


def energy(value: Any, language: str = "") -> str:
    """Energy of several carriers added up: "40.2 TWh", "310 MWh".

    value  MWh
    """
    size, name = next(
        (one for one in ((1e6, "TWh"), (1e3, "GWh")) if abs(value) >= one[0] * 0.9995), (1.0, "MWh")
    )
    return f"{figure(value / size, 3, language)} {unit(name, language)}"


def amount(value: float, of: str, language: str = "") -> str:
    """A quantity, in a smaller unit where there is less than one of the unit: "4.61 bcm", "310 t"."""
    while 0 < abs(value) < 0.9995 and of in SMALLER:
        value, of = value * 1e3, SMALLER[of]
    return f"{figure(value, 3, language)} {unit(of, language)}"


def day(moment: Any, language: str = "", form: str = "day") -> str:
    """A day in words, "18 February 2024", or what the form says of it.

    form  key of the section [dates]: day, month_year, month, ...
    """
    pattern = catalog.text(f"dates.{form}", language)
    return format_date(pd.Timestamp(moment).date(), pattern, locale=locale(language))


def hours_of(first: int, last: int, language: str = "") -> str:
    """Hours of the clock from one to another: "18\u201322 h"."""
    return f"{first}{NONE}{last} {unit('h', language)}"


def plural(count: Any, word: str, language: str = "") -> str:
    """The form of a word for a count, from the section [plurals]; the word itself where it is not there."""
    form = locale(language).plural_form(count)
    for one in (form, "other"):
        if catalog.has(f"plurals.{word}.{one}", language):
            return catalog.text(f"plurals.{word}.{one}", language)
    return word


def listed(items: list[str], last: str = "") -> str:
    """ "a", "a and b", "a, b and c".

    last  the word before the last one; that of the spoken language if not given
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last or catalog.text('words.and')} {items[-1]}"


def human(identifier: Any) -> str:
    """An identifier made readable where no name exists: boilers_other -> other boiler houses."""
    words = str(identifier).replace("_", " ").strip()
    return "other boiler houses" if words == "boilers other" else words


def first_upper(text: str) -> str:
    """The text with its first letter large, the rest as it was."""
    return text[:1].upper() + text[1:]


def first_lower(text: str) -> str:
    """The text with its first letter small, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def text_of(value: Any) -> str:
    """A cell as text; empty for a missing one."""
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value)

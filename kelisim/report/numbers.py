"""Numbers and small words as people read them: at most three significant digits, thin spaces, a true minus."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

THIN = "\u202f"
MINUS = "\u2212"
NONE = "\u2013"
# the unit that is a thousandth of a display unit, for small amounts
SMALLER = {
    "bcm": "million m3",
    "million m3": "thousand m3",
    "Mt": "kt",
    "kt": "t",
    "TWh": "GWh",
    "GWh": "MWh",
}


def figure(value: Any, digits: int = 3) -> str:
    """A number with at most so many significant digits; a dash where there is none."""
    if value is None or pd.isna(value):
        return NONE
    number = float(value)
    if math.isinf(number):
        return "no limit" if number > 0 else NONE
    size = abs(number)
    if size < 5e-13:
        return "0"
    if size < 0.0005:
        return "< 0.001" if number > 0 else f"> {MINUS}0.001"
    places = digits - 1 - math.floor(math.log10(size))
    rounded = round(number, places)
    text = f"{abs(rounded):,.{max(places, 0)}f}"
    if "." in text and len(text.replace(".", "").replace(",", "").lstrip("0")) > digits:
        text = text[:-1].rstrip(".")  # 9.996 rounds to 10.00
    text = text.replace(",", THIN)
    return (MINUS if rounded < 0 else "") + text


def percent(share: Any, digits: int = 2) -> str:
    """A share of 0-1 as per cent; never 100 % or 0 % for something that is not quite that."""
    if share is None or pd.isna(share):
        return NONE
    value = 100 * float(share)
    if value < -1e-7:
        return f"{MINUS}{percent(-float(share), digits)}"
    if value < 1e-7:
        return "0 %"
    if value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 99.99999:
        return "> 99.9 %"
    if value > 99 and value < 99.95:
        return f"{value:.1f} %"
    return f"{figure(value, digits if value < 100 else 3)} %"


def money(value: Any, currency: str) -> str:
    """An amount of money in words: "14.2 billion USD"."""
    if value is None or pd.isna(value):
        return NONE
    for size, word in ((1e9, "billion "), (1e6, "million "), (1e3, "thousand ")):
        if abs(float(value)) >= size * 0.9995:
            return f"{figure(float(value) / size)} {word}{currency}"
    return f"{figure(value)} {currency}"


def day(moment: Any) -> str:
    """A day in words: "18 February"."""
    stamp = pd.Timestamp(moment)
    return f"{stamp.day} {stamp:%B}"


def many(count: int, word: str, words: str = "") -> str:
    """ "1 place", "3 places"; numbers up to twelve are digits too, for tables and eyes that scan."""
    return f"{count} {word if count == 1 else (words or word + 's')}"


def listed(items: list[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def human(identifier: Any) -> str:
    """An identifier made readable where no name exists: boilers_other -> boilers, other."""
    words = str(identifier).replace("_", " ").strip()
    return "boilers, other" if words == "boilers other" else words


def first_upper(text: str) -> str:
    """The text with its first letter large, the rest as it was."""
    return text[:1].upper() + text[1:]


def first_lower(text: str) -> str:
    """The text with its first letter small, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def text_of(value: Any) -> str:
    """A cell as text; empty for a missing one."""
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value)

"""What a setting of case.toml may hold: for each type of value, what is wrong with one that it cannot be."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from unicodedata import category

from kelisim.case.schema import nearest

LONGEST_NAME = 100
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?")
_CLOCK = re.compile(r"UTC(?:([+-])(\d{1,2})(?::(\d{2}))?)?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_KINDS = ((str, "text"), (bool, "yes or no"), ((int, float), "number"), (Mapping, "section"), (list, "list"))


@dataclass(frozen=True)
class Setting:
    """One setting of case.toml: a row of settings.csv."""

    section: str
    key: str
    type: str
    unit: str
    default: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    description: str

    @property
    def path(self) -> str:
        return f"{self.section}.{self.key}" if self.section else self.key

    @property
    def value(self) -> Any:
        """What holds where nothing is written: a text, a number, a list or a table."""
        if self.type in ("number", "share"):
            return float(self.default)
        if self.type == "integer":
            return int(self.default) if self.default else None
        if self.type == "units":
            return dict(pair.split("=") for pair in self.default.split(";"))
        return {"texts": (), "integers": (), "hours": {}, "words": {}}.get(self.type, self.default)


def utc_offset(text: str) -> float:
    """Hours from UTC of a clock such as "UTC+5" or "UTC-3:30". Raises ValueError."""
    found = _CLOCK.fullmatch(text)
    if not found:
        raise ValueError(text)
    sign, hours, minutes = found.groups()
    return (-1.0 if sign == "-" else 1.0) * (int(hours or 0) + int(minutes or 0) / 60.0)


class Fault(NamedTuple):
    """What is wrong with a value, what to do, the nearest right one, and the rule that it breaks."""

    message: str
    remedy: str = ""
    nearest: str = ""
    rule: str = "type"


def fault(setting: Setting, value: Any) -> Fault | None:
    """What is wrong with the value of a setting, or nothing."""
    return _CHECKS[setting.type](setting, value)


def moment(value: Any) -> datetime:
    """A day or an hour as case.toml gives it: a date of TOML or an ISO text. Raises ValueError."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        value = datetime.fromisoformat(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime) or value.tzinfo:
        raise ValueError(value)
    return value


def has_hour(value: Any) -> bool:
    """Whether a date that is right names an hour too."""
    return len(value) > len("2024-01-31") if isinstance(value, str) else isinstance(value, datetime)


def shown(value: Any) -> str:
    """A value in a message, in a few characters."""
    if isinstance(value, str):
        return json.dumps(
            value if len(value) <= 40 else value[:37] + "...", ensure_ascii=not value.isprintable()
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**15:
        return "a number of so many digits"
    if isinstance(value, Mapping | list):
        return "a section" if isinstance(value, Mapping) else "a list"
    return str(value)


def printable(name: str) -> str:
    """A name in a message, in one line."""
    name = name if len(name) <= 60 else name[:57] + "..."
    return name if name.isprintable() else json.dumps(name)


def _a(value: Any) -> str:
    if value is None:
        return "is null"
    word = next((word for kind, word in _KINDS if isinstance(value, kind)), "date or time")
    return f"{shown(value)} is a {word}" if word not in ("section", "list") else f"is a {word}"


def _text(setting: Setting, value: Any) -> Fault | None:
    if not isinstance(value, str):
        return Fault(f"{_a(value)}, not a text.", "Write the text in quotes.")
    if any(category(letter) in ("Cc", "Cs") and letter not in "\n\r\t" for letter in value):
        return Fault(f"{shown(value)} has a control character.", "Remove it.")
    return None


def _name(setting: Setting, value: Any) -> Fault | None:
    if found := _text(setting, value):
        return found
    if not value.strip() or len(value) > LONGEST_NAME or len(value.splitlines()) > 1:
        return Fault(f"{shown(value)} is no name.", f"One line of 1 to {LONGEST_NAME} letters.", rule="range")
    return None


def _number(setting: Setting, value: Any) -> Fault | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Fault(f"{_a(value)}, not a number.", "Write digits with a point, without quotes.")
    if isinstance(value, float) and not math.isfinite(value):
        return Fault(f"{value} is not a number.", "Write digits with a point, without quotes.")
    low, high = setting.minimum, setting.maximum
    if low is not None and value < low:
        words = "is negative" if low == 0 else f"is below {low:g}"
        return Fault(f"{shown(value)} {words}.", f"At least {low:g}.", rule="range")
    if high is not None and value > high:
        percent = " Write a percentage as a share: 5 % is 0.05." if setting.type == "share" else ""
        return Fault(f"{shown(value)} is above {high:g}.", f"At most {high:g}.{percent}", rule="range")
    return None


def _integer(setting: Setting, value: Any) -> Fault | None:
    found = _number(setting, value)
    return found or (None if value % 1 == 0 else Fault(f"{value:g} is not a whole number."))


def _date(setting: Setting, value: Any) -> Fault | None:
    try:
        when = moment(value)
    except ValueError:
        words = (
            f"{shown(value)} is not a date." if isinstance(value, str | date) else f"{_a(value)}, not a date."
        )
        return Fault(words, "Write it as 2024-01-31, without a time zone.")
    if when.minute or when.second or when.microsecond:
        return Fault(f"{shown(value)} is not at a whole hour.", "Write 2024-01-31T05:00.")
    return _number(setting, when.year)


def _choice(setting: Setting, value: Any) -> Fault | None:
    if isinstance(value, str) and value in setting.choices:
        return None
    near = nearest(value, setting.choices) if isinstance(value, str) else ""
    words = (
        f"{shown(value)} is not one of its values." if isinstance(value, str) else f"{_a(value)}, not a text."
    )
    return Fault(words, f"Known: {', '.join(setting.choices)}.", near, "choice")


def _country(setting: Setting, value: Any) -> Fault | None:
    if isinstance(value, str) and _COUNTRY.fullmatch(value):
        return None
    return Fault(f"{shown(value)} is not a country.", 'Two capital letters, such as "KZ".', rule="identifier")


def _texts(setting: Setting, value: Any) -> Fault | None:
    if not isinstance(value, list | tuple):
        return Fault(f"{_a(value)}, not a list.", 'Write ["one", "another"].')
    return next((found for found in (_text(setting, part) for part in value) if found), None)


def is_clock(text: str) -> bool:
    """Whether a text is a clock that is used somewhere."""
    try:
        return abs(utc_offset(text)) <= 14
    except ValueError:
        return False


def _clock(setting: Setting, value: Any) -> Fault | None:
    if found := _text(setting, value):
        return found
    return (
        None
        if not value or is_clock(value)
        else Fault(f"{shown(value)} is not a clock.", 'Write it as "UTC+5".', rule="range")
    )


def _integers(setting: Setting, value: Any) -> Fault | None:
    if not isinstance(value, list | tuple):
        return Fault(f"{_a(value)}, not a list.", "Write [2024, 2030].")
    return next((found for found in (_integer(setting, part) for part in value) if found), None)


def _words(setting: Setting, value: Any) -> Fault | None:
    if not isinstance(value, Mapping):
        return Fault(f"{_a(value)}, not a table.", 'Write {gas = "million m3/day"}.')
    wrong = (_text(setting, part) for key, word in value.items() for part in (key, word))
    return next((found for found in wrong if found), None)


def _hours(setting: Setting, value: Any) -> Fault | None:
    if not isinstance(value, Mapping):
        return Fault(f"{_a(value)}, not a table.", "Write {night = 8, day = 11, evening = 5}.")
    for name, hours in value.items():
        found = _name(setting, name) or _integer(setting, hours)
        if found:
            return found._replace(message=f"{printable(name)}: {found.message}")
    if value and (total := sum(value.values())) != 24:
        return Fault(f"the hours of the parts add up to {total:g}, not to 24.", rule="range")
    return None


_CHECKS: Mapping[str, Callable[[Setting, Any], Fault | None]] = {
    "name": _name,
    "text": _text,
    "number": _number,
    "share": _number,
    "integer": _integer,
    "date": _date,
    "choice": _choice,
    "country": _country,
    "clock": _clock,
    "texts": _texts,
    "integers": _integers,
    "words": _words,
    "units": _words,
    "hours": _hours,
}

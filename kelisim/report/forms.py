"""Forms of the places of a text: how a number, a day, an element of the case or a part of a sentence is written.

The names of the forms stand in locales/*.toml ("{start:day}") and in the columns of tables ("unserved:amount carrier").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from kelisim.report import numbers
from kelisim.report.numbers import first_lower, first_upper, human, text_of
from kelisim.results.facts import Fact, said
from kelisim.results.parts import cell_of

if TYPE_CHECKING:
    from kelisim.report.words import Words

Form = Callable[..., str]


def _each(words: Words, facts: list[Any], separator: str = "; ") -> str:
    return separator.join(_said(words, fact) for fact in facts)


def _said(words: Words, value: Any) -> str:
    return words.say(value) if isinstance(value, Fact) else text_of(value)


def _listed(words: Words, values: list[Any], form: str = "text") -> str:
    return words.listed([FORMS[form](words, value) for value in values])


def _joined(words: Words, values: list[Any], form: str = "say") -> str:
    return ", ".join(FORMS[form](words, value) for value in values)


def _in_step(words: Words, step: Any, carrier: str = "") -> str:
    key = "in_month" if words.case.horizon.step == "1mo" else "on_day"
    return words.text(f"words.{key}", step=step, carrier=carrier)


def _names(words: Words, elements: list[Any]) -> str:
    return ", ".join(map(words.label, elements))


def _when(words: Words, moment: Any, carrier: str = "") -> str:
    """A day, with its part or, where the step is shorter or a lead time ends within the day, the hour."""
    if moment is None or pd.isna(moment):
        return words.text("words.not_within")
    stamp = pd.Timestamp(moment)
    if words.case.horizon.step == "1mo" or cell_of(words.case, stamp) is not None:
        return words.moment(stamp, carrier)
    day = words.day(stamp)
    return day if stamp.hour == 0 else f"{day}, {stamp.hour:02d}:00"


def _brings(words: Words, energy: Any, carrier: str) -> str:
    return _energy_named(words, energy, carrier) if carrier else numbers.energy(energy, words.language)


def _rate(words: Words, power: Any, carrier: str = "") -> str:
    """MW as the trade says it: an amount a day where the carrier has a volume or a mass, else MW."""
    if power <= 0:
        return numbers.NONE
    if not carrier or ";" in carrier or words.unit(carrier)[0].endswith("Wh"):
        return f"{words.figure(power)} {words.unit_word('MW')}"
    return words.text("words.a_day", amount=words.amount(float(power) * 24.0, carrier))


def _months(words: Words, period: str) -> str:
    """A period as it is published, "2024-01..2024-10", in words: "January to October 2024"; anything else as it is."""
    found = re.fullmatch(r"(\d{4}-\d{2})\.\.(\d{4}-\d{2})", str(period))
    if not found:
        return str(period)
    first, last = (pd.Timestamp(month) for month in found.groups())
    start = numbers.day(first, words.language, "month_of_year" if first.year == last.year else "month_year")
    return words.text("words.span", first=start, last=numbers.day(last, words.language, "month_year"))


def _acts(words: Words, acts_on: Any) -> str:
    """Elements on which a measure acts, from "table:element; table:element"."""
    return "; ".join(words.label(act.partition(":")[2]) for act in str(acts_on).split("; "))


def _work(words: Words, value: Any) -> str:
    """Name of a project, of a provision or of a task that stands for one."""
    for table in ("projects", "provisions"):
        rows = words.table(table)
        mine = rows[rows.iloc[:, 0].astype(str) == str(value)] if len(rows) else rows
        if len(mine):
            own = mine.iloc[0]
            return text_of(own.get("name")) or first_upper(text_of(own.get("text"))) or human(value)
    return words.element("tasks", value)


def _player(words: Words, value: Any) -> str:
    """A country or a company by its name; all of them by a word."""
    known = words.table("entities")
    if len(known) and str(value) in set(known["entity"]):
        return words.element("entities", value)
    return words.text("words.all") if value == "all" else words.country(value)


def _task(words: Words, value: Any, work: Any) -> str:
    """Name of a task without that of the project or provision it belongs to, which stands beside it."""
    name = words.element("tasks", value)
    own = f"{_work(words, work)}: "
    return first_upper(name.removeprefix(own))


def _offices(words: Words, value: Any) -> str:
    """Offices that owe one thing, "a; b", one after the other; countries by their names."""
    parts = [part.strip() for part in str(value).split(";") if part.strip()]
    found = []
    for part in parts:
        code, _, rest = part.partition(" ")
        if not re.fullmatch("[A-Z]{2}", code):
            found.append(part)
        elif rest:
            found.append(f"{rest} ({words.country(code)})")
        else:
            found.append(words.country(code))
    return ", ".join(found)


def _in_list(name: str) -> str:
    """A name that a list can hold: "Uzbekistan, Fergana valley" is "Uzbekistan (Fergana valley)"."""
    first, _, rest = name.partition(", ")
    return f"{first} ({rest})" if rest else name


def _unit(words: Words, value: Any) -> str:
    return f" {words.unit_word(value)}" if value else ""


def _behind(words: Words, reason: str, hours: float) -> str:
    """Why customers go short: the limits that results/reasons.py gives."""
    if not reason:
        return ""
    if reason == "none":
        return words.text("reasons.none", hours=hours)
    limits = [part.rsplit(":", 1) for part in reason.split(";")]
    parts = [said(f"reasons.{how}", element=element) for element, how in limits]
    return words.text("reasons.limits", parts=parts, hours=hours)


def _sentences(words: Words, facts: list[Any]) -> str:
    return " ".join(f"{first_upper(_said(words, fact))}." for fact in facts)


def _several(words: Words, value: str) -> str:
    names = str(value).split(";")
    return (
        ", ".join(names) if len(names) < 4 else words.text("words.more", name=names[0], count=len(names) - 1)
    )


def _class(words: Words, value: Any) -> str:
    """A word of the product, such as a level or a column of the case, as people read it."""
    return words.word(str(value).replace("_", " "))


def _tables(words: Words, value: Any) -> str:
    """Tables of a case and carriers among other text: "links + assets", "markets: natural_gas"."""
    return re.sub(r"[a-z]\w+", lambda found: _table_or_carrier(words, found[0]), text_of(value))


def _table_or_carrier(words: Words, name: str) -> str:
    table = words.known(f"names.tables.{name}", "")
    return table or first_lower(words.known(f"names.carriers.{name}", name))


def _energy_named(words: Words, value: Any, carrier: str) -> str:
    return words.amount(value, carrier)


def _small_share(words: Words, value: Any) -> str:
    """A share in per cent, or in parts per million where that would be less than 0.01."""
    share = float(value)
    if share >= 1e-4 or share == 0:
        return f"{words.figure(share * 100, 2)} %"
    return words.text("words.per_million", count=share * 1e6)


def _interval(words: Words, mean: Any, low: Any, high: Any, of: Any = 1.0) -> str:
    """A mean with its interval, "12 (9.8 to 14)": two digits, three where its ends would read as the mean does.

    of  that all three are divided by
    """
    values = [float(value) / float(of) for value in (mean, low, high)]
    if isnan(values[1]) or isnan(values[2]):
        return words.figure(values[0])
    two = [words.figure(value, 2) for value in values]
    digits = 2 if two[1] != two[0] != two[2] else 3
    texts = [words.figure(value, digits) for value in values]
    return words.text("words.interval", mean=texts[0], low=texts[1], high=texts[2])


def _error(words: Words, mean: Any, error: Any, of: Any = 1.0) -> str:
    """A mean with its standard error: "12 ± 0.4"."""
    return f"{words.figure(mean / float(of), 2)} ± {words.figure(error / float(of), 1)}"


def _correlation(words: Words, *ends: Any) -> str:
    """A correlation with its interval: "+0.54 (+0.27 to +0.73)"."""
    mean, low, high = (numbers.plain(end, "+.2f", words.language) for end in ends)
    return words.text("words.interval", mean=mean, low=low, high=high)


# how the value of a place is written; the names are used in locales/*.toml and in the columns of tables
FORMS: dict[str, Form] = {
    "text": lambda words, value: words.word(value),
    "several": _several,
    "sentences": _sentences,
    "behind": _behind,
    "human": lambda words, value: words.word(human(value)),
    "say": _said,
    "each": _each,
    "commas": lambda words, value: _each(words, value, ", "),
    "plus": lambda words, value: _each(words, value, " + "),
    "listed": _listed,
    "joined": _joined,
    "in_step": _in_step,
    "names": _names,
    "when": _when,
    "key": lambda words, value: words.text(str(value)),
    "minute": lambda words, value: f"{words.day(value)}, {pd.Timestamp(value):%H:%M}",
    "brings": _brings,
    "rate": _rate,
    "clock_hours": lambda words, value: words.text("dates.clock_hours", hours=value),
    "acts": _acts,
    "months": _months,
    "measure": lambda words, value: words.element("measures", value),
    "body": lambda words, value: (
        words.element("bodies", value) if value else words.text("words.not_laid_down")
    ),
    "some_body": lambda words, value: words.element("bodies", value) if value else "",
    "offices": _offices,
    "region_in_list": lambda words, value: _in_list(words.region(value)),
    "region": lambda words, value: words.region(value) if value else words.text("words.anywhere"),
    "share_of_100": lambda words, value: numbers.plain(float(value) * 100, "g", words.language),
    "unit": _unit,
    "study": lambda words, value: words.study(value),
    "unit_word": lambda words, value: words.unit_word(value),
    "plain": lambda words, value: numbers.plain(value, "g", words.language),
    "factor": lambda words, value: numbers.plain(value, ".4g", words.language),
    "signed_percent": lambda words, value: numbers.signed_percent(float(value), words.language),
    "count": lambda words, value: numbers.count(round(float(value)), words.language),
    "counted": lambda words, value, word: words.counted(value, word),
    "plural": lambda words, value, word: words.plural(value, word),
    "number": lambda words, value, digits=3: words.figure(value, int(digits)),
    "figure": lambda words, value, digits=3: words.figure(value, int(digits)),
    "share": lambda words, value, digits=2: numbers.percent(value, int(digits), words.language),
    "percent": lambda words, value: numbers.percent(value, 2, words.language),
    "amount": _energy_named,
    "told": lambda words, value, unit: numbers.amount(float(value), str(unit), words.language),
    "flow": lambda words, value, carrier: words.flow(value, carrier),
    "customers": lambda words, value: words.customers(value),
    "short_element": lambda words, value: words.label(value).split(" (")[0].split(",")[0],
    "energy": lambda words, value: numbers.energy(value, words.language),
    "money": lambda words, value: words.money(value),
    "millions": lambda words, value: words.figure(float(value) / 1e6),
    "day": lambda words, value: words.day(value),
    "date": lambda words, value: "" if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}",
    "month_year": lambda words, value: (
        words.text("words.not_known") if pd.isna(value) else numbers.day(value, words.language, "month_year")
    ),
    "month": lambda words, value: numbers.day(value, words.language, "month"),
    "year": lambda words, value: f"{pd.Timestamp(value):%Y}",
    "row": lambda words, value, table: words.element(table, value),
    "work": _work,
    "works": lambda words, value: "; ".join(_work(words, one) for one in str(value).split(";") if one),
    "player": _player,
    "players": lambda words, value: ", ".join(_player(words, one) for one in str(value).split(";")),
    "task": _task,
    "part": lambda words, value: words.part(value),
    "moment": lambda words, value, carrier="": words.moment(value, carrier),
    "element": lambda words, value: words.label(value),
    "place": lambda words, value: words.place(value),
    "at_place": lambda words, value: words.at_place(value),
    "code": lambda words, value, path, detail="": words.text(f"{path}_{value}", detail=detail),
    "short_place": lambda words, value: words.short_place(value),
    "carrier": lambda words, value: words.carrier_in_text(value),
    "carrier_name": lambda words, value: words.carrier(value),
    "class": _class,
    "tables": _tables,
    "some_carrier": lambda words, value: words.carrier(value) if value else "",
    "family": lambda words, value: first_lower(words.family_name(value)),
    "link": lambda words, value: words.link(value),
    "country": lambda words, value: words.country(value),
    "area": lambda words, value: words.area(value),
    "small_share": _small_share,
    "interval": _interval,
    "error": _error,
    "correlation": _correlation,
    "quantity": lambda words, value, unit: words.number(float(value), unit),
}

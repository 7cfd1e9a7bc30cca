"""Sentences: a text of the catalogue with its places filled by numbers, units and names of a case.

A text has places with a form, "{start:day}": the name of the place, and how it is written. The form may name other
places that it needs, "{more:amount carrier}". "{name!u:place}" begins with a capital letter.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from math import isnan
from typing import Any

import pandas as pd

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.report.names import Names
from kelisim.report.numbers import figure, first_lower, first_upper, human, listed, percent, text_of
from kelisim.results import sentences
from kelisim.results.facts import Fact, said
from kelisim.tolerances import SMALL_ENERGY

Form = Callable[..., str]
OF_CASE = ("currency", "period", "in_period")  # places of any text that the case itself fills


class Words(Names):
    """The words of one case in one language."""

    def __init__(self, case: Case, language: str = catalog.LANGUAGE) -> None:
        super().__init__(case)
        self.language = language

    def say(self, fact: Fact) -> str:
        """The sentence of a fact; empty where it has none."""
        return self.text(fact.say, **fact.places, value=fact.value, unit=fact.unit) if fact.say else ""

    def text(self, key: str, /, **places: Any) -> str:
        """The text of a key with its places filled. Raises KeyError with the name of a place that is not given."""
        return self.filled(catalog.text(key, self.language), places)

    def lines(self, key: str, /, **places: Any) -> list[str]:
        """The texts of a key that holds several, such as the limits of a study."""
        return [self.filled(line, places) for line in catalog.lines(key, self.language)]

    def filled(self, text: str, places: Mapping[str, Any]) -> str:
        """A text with its places filled."""
        return "".join(self._parts(text, places))

    def _parts(self, text: str, places: Mapping[str, Any]) -> list[str]:
        found = []
        for literal, name, form, capital in string.Formatter().parse(text):
            found.append(literal)
            if name is None:
                continue
            kind, *names = (form or "text").split()
            value = places[name] if name in places or name not in OF_CASE else getattr(self, name)
            word = FORMS[kind](self, value, *(places.get(one, one) for one in names))
            found.append(first_upper(word) if capital == "u" else word)
        return found

    def counted(self, count: Any, word: str) -> str:
        """ "1 day", "3 days": the count and the word in the number that the language asks for."""
        return f"{float(count):,.12g} {self.plural(count, word)}"

    def plural(self, count: Any, word: str) -> str:
        """The form of a word for a count, from the section [plurals]; the word itself where it is not there."""
        from babel import Locale  # noqa: PLC0415 - only pages and sentences need it

        form = Locale.parse(self.language).plural_form(count)
        for one in (form, "other"):
            if catalog.has(f"plurals.{word}.{one}"):
                return catalog.text(f"plurals.{word}.{one}", self.language)
        return word

    def number(self, value: float, unit: str) -> str:
        """A number with its unit: energy, money, a share or days as people write them."""
        if unit == "MWh":
            return sentences.energy(value)
        if unit == self.currency:
            return sentences.money(self.case, value)
        if unit == "share":
            return sentences.percent(value)
        return f"{figure(value)} {unit}"

    def listed(self, names: list[str]) -> str:
        """ "a, b and c"."""
        return listed(names, catalog.text("words.and", self.language))

    def money_unit(self, largest: float, billion: float = 1e9, million: float = 1e6) -> tuple[float, str]:
        """What to divide money with, and its unit, for a table or axis up to an amount: (1e6, "million USD")."""
        size, word = (
            (1e9, "billions")
            if largest >= billion
            else (1e6, "millions")
            if largest >= million
            else (1.0, "units")
        )
        return size, self.text(f"money.{word}")

    def bottleneck(self, table: str, limit: str, carrier: str) -> str:
        """A limit that costs something: "capacity for natural gas" of a link, "rate of withdrawal" of a storage."""
        return self.text(f"bottlenecks.{'links_' if table == 'links' else ''}{limit}", carrier=carrier)

    def limit(self, block: str, element: str) -> str:
        """A limit of the problem, by its block and element: "flow on link gas_trunk"."""
        key = f"limits.{block}"
        return self.text(key if catalog.has(key) else "limits.other", block=block, element=element)

    def at_place(self, element: str) -> str:
        """An element of a place with the name of the place: "Aktobe (natural_gas)"; other identifiers as they are."""
        place, _, rest = element.partition(":")
        return f"{self._places[place]} ({rest})" if rest and place in self._places else element

    def label(self, element: Any) -> str:
        """Name of an element of any table by its identifier alone; of a row of demand place, carrier and class."""
        parts = str(element).split(":")
        if len(parts) == 3:
            place, carrier, customer_class = parts
            return self.text("words.demand_row", place=place, carrier=carrier, customer_class=customer_class)
        return self.labels.get(str(element), str(element))

    def changed(self, carrier: str, base: float, change: float) -> str:
        """How the use of something changes: "286 million m3 in the plan, now 212 million m3 (-26 %)".

        base, change  MWh
        """
        now = base + change
        if abs(change) < SMALL_ENERGY:
            kind = "same" if abs(base) >= SMALL_ENERGY else "unused"
        elif abs(base) < SMALL_ENERGY:
            kind = "new"
        elif abs(now) < SMALL_ENERGY:
            kind = "gone"
        else:
            kind = "turned" if now * base < 0 else "other"
        share = 0.0 if kind in ("unused", "new") else change / base
        return self.text(f"change.{kind}", carrier=carrier, base=base, now=now, size=abs(now), share=share)


def _each(words: Words, facts: list[Any], separator: str = "; ") -> str:
    return separator.join(_said(words, fact) for fact in facts)


def _said(words: Words, value: Any) -> str:
    return words.say(value) if isinstance(value, Fact) else text_of(value)


def _listed(words: Words, values: list[Any], form: str = "text") -> str:
    return words.listed([FORMS[form](words, value) for value in values])


def _joined(words: Words, values: list[Any], form: str = "say") -> str:
    return ", ".join(FORMS[form](words, value) for value in values)


def _in_step(words: Words, step: Any) -> str:
    return words.text(f"words.{'in_month' if words.case.horizon.step == '1mo' else 'on_day'}", step=step)


def _names(words: Words, elements: list[Any]) -> str:
    return ", ".join(map(words.label, elements))


def _when(words: Words, moment: Any) -> str:
    """A day, with the hour where the step is shorter or a lead time ends within the day."""
    if moment is None or pd.isna(moment):
        return words.text("words.not_within")
    stamp = pd.Timestamp(moment)
    if words.case.horizon.step == "1mo":
        return sentences.moment(words.case, stamp)
    day = sentences.day(stamp)
    return day if stamp.hour == 0 else f"{day}, {stamp.hour:02d}:00"


def _brings(words: Words, energy: Any, carrier: str) -> str:
    return _energy_named(words, energy, carrier) if carrier else sentences.energy(float(energy))


def _acts(words: Words, acts_on: Any) -> str:
    """Elements on which a measure acts, from "table:element; table:element"."""
    return "; ".join(words.label(act.partition(":")[2]) for act in str(acts_on).split("; "))


def _unit(_words: Words, value: Any) -> str:
    return f" {value}" if value else ""


def _signed_percent(_words: Words, share: Any) -> str:
    return f"{float(share) * 100.0:+.0f} %"


def _behind(words: Words, reason: str, hours: float) -> str:
    """Why customers go short: the limits that results/bottlenecks.reasons gives."""
    if not reason:
        return ""
    if reason == "none":
        return words.text("reasons.none", hours=hours)
    limits = [part.rsplit(":", 1) for part in reason.split(";")]
    parts = [said(f"reasons.{how}", element=element) for element, how in limits]
    return words.text("reasons.limits", parts=parts, hours=hours)


def _several(words: Words, value: str) -> str:
    names = str(value).split(";")
    return (
        ", ".join(names) if len(names) < 4 else words.text("words.more", name=names[0], count=len(names) - 1)
    )


def _count(_words: Words, value: Any) -> str:
    return f"{float(value):,.0f}"


def _class(_words: Words, value: Any) -> str:
    return str(value).replace("_", " ")


def _energy_named(words: Words, value: Any, carrier: str) -> str:
    return sentences.amount(words.case, carrier, float(value))


def _small_share(words: Words, value: Any) -> str:
    """A share in per cent, or in parts per million where that would be less than 0.01."""
    share = float(value)
    if share >= 1e-4 or share == 0:
        return f"{sentences.rounded(share * 100, 2)} %"
    return words.text("words.per_million", count=share * 1e6)


def _interval(words: Words, mean: Any, low: Any, high: Any, of: Any = 1.0) -> str:
    """A mean with its interval, "12 (9.8 to 14)": two digits, three where its ends would read as the mean does.

    of  that all three are divided by
    """
    values = [float(value) / float(of) for value in (mean, low, high)]
    if isnan(values[1]) or isnan(values[2]):
        return figure(values[0])
    two = [sentences.rounded(value, 2) for value in values]
    digits = 2 if two[1] != two[0] != two[2] else 3
    texts = [sentences.rounded(value, digits) for value in values]
    return words.text("words.interval", mean=texts[0], low=texts[1], high=texts[2])


def _error(_words: Words, mean: Any, error: Any, of: Any = 1.0) -> str:
    """A mean with its standard error: "12 ± 0.4"."""
    return f"{sentences.rounded(mean / float(of), 2)} ± {sentences.rounded(error / float(of), 1)}"


# how the value of a place is written; the names are used in locales/*.toml and in the columns of tables
FORMS: dict[str, Form] = {
    "text": lambda words, value: text_of(value),
    "several": _several,
    "behind": _behind,
    "human": lambda words, value: human(value),
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
    "minute": lambda words, value: f"{sentences.day(value)}, {pd.Timestamp(value):%H:%M}",
    "brings": _brings,
    "acts": _acts,
    "measure": lambda words, value: words.element("measures", value),
    "body": lambda words, value: (
        words.element("bodies", value) if value else words.text("words.not_laid_down")
    ),
    "region": lambda words, value: words.region(value) if value else words.text("words.anywhere"),
    "share_of_100": lambda words, value: f"{float(value) * 100:g}",
    "unit": _unit,
    "factor": lambda words, value: f"{float(value):.4g}",
    "signed_percent": _signed_percent,
    "count": _count,
    "counted": lambda words, value, word: words.counted(value, word),
    "plural": lambda words, value, word: words.plural(value, word),
    "number": lambda words, value, digits=3: sentences.rounded(float(value), int(digits)),
    "figure": lambda words, value, digits=3: figure(value, int(digits)),
    "share": lambda words, value, digits=2: percent(value, int(digits)),
    "percent": lambda words, value: sentences.percent(float(value)),
    "amount": _energy_named,
    "energy": lambda words, value: sentences.energy(float(value)),
    "money": lambda words, value: sentences.money(words.case, float(value)),
    "millions": lambda words, value: sentences.rounded(float(value) / 1e6),
    "day": lambda words, value: sentences.day(value),
    "moment": lambda words, value: sentences.moment(words.case, value),
    "element": lambda words, value: words.label(value),
    "place": lambda words, value: words.place(value),
    "at_place": lambda words, value: words.at_place(value),
    "code": lambda words, value, path, detail="": words.text(f"{path}_{value}", detail=detail),
    "short_place": lambda words, value: words.short_place(value),
    "carrier": lambda words, value: words.carrier_in_text(value),
    "carrier_name": lambda words, value: words.carrier(value),
    "class": _class,
    "some_carrier": lambda words, value: words.carrier(value) if value else "",
    "family": lambda words, value: first_lower(words.family_name(value)),
    "link": lambda words, value: words.link(value),
    "country": lambda words, value: words.country(value),
    "small_share": _small_share,
    "interval": _interval,
    "error": _error,
    "quantity": lambda words, value, unit: words.number(float(value), unit),
}

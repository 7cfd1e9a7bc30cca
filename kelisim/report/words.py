"""Sentences: a text of the catalogue with its places filled by numbers, units and names of a case.

A text has places with a form, "{start:day}": the name of the place, and how it is written. The form may name other
places that it needs, "{more:amount carrier}". "{name!u:place}" begins with a capital letter.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.report import numbers
from kelisim.report.forms import FORMS
from kelisim.report.names import Names
from kelisim.report.numbers import first_upper, listed
from kelisim.results.facts import Fact
from kelisim.tolerances import SMALL_ENERGY

OF_CASE = ("currency", "period", "in_period")  # places of any text that the case itself fills
UNITS = (
    "unit",
    "unit_name",
    "a_unit",
    "b_unit",
    "at_unit",
    "of",
    "price",
    "currency",
)  # places that hold a unit, and are written as one


class Words(Names):
    """The words of one case in one language: the spoken one if none is given."""

    def __init__(self, case: Case, language: str = "") -> None:
        super().__init__(case, language)

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
            kind = "unit_word" if kind == "text" and name in UNITS else kind
            value = places[name] if name in places or name not in OF_CASE else getattr(self, name)
            word = FORMS[kind](self, value, *(places.get(one, one) for one in names))
            found.append(first_upper(word) if capital == "u" else word)
        return found

    def counted(self, count: Any, word: str) -> str:
        """ "1 day", "3 days": the count and the word in the number that the language asks for."""
        return f"{numbers.count(count, self.language)} {self.plural(count, word)}"

    def plural(self, count: Any, word: str) -> str:
        """The form of a word for a count, from the section [plurals]; the word itself where it is not there."""
        return numbers.plural(count, word, self.language)

    def unit_of_field(self, unit: str) -> str:
        """The unit of a field of a study, behind its box: "days", "share, 0 to 1"."""
        if unit == "share":
            return catalog.text("web.study.share", self.language)
        plural = self.plural(2, unit)
        return plural if plural != unit else self.unit_word(unit)

    def number(self, value: float, unit: str) -> str:
        """A number with its unit: energy, money, a share or days as people write them."""
        if unit == "MWh":
            return numbers.energy(value, self.language)
        if unit == self.currency:
            return self.money(value)
        if unit == "share":
            return numbers.percent(value, 2, self.language)
        return f"{self.figure(value)} {self.unit_word(unit)}"

    def listed(self, names: list[str]) -> str:
        """ "a, b and c"."""
        return listed(names, catalog.text("words.and", self.language))

    def money_unit(self, largest: float, billion: float = 1e9, million: float = 1e6) -> tuple[float, str]:
        """What to divide money with, and its unit, for a table or axis up to an amount: (1e6, "million USD")."""
        sizes = ((1e9, billion, "billions"), (1e6, million, "millions"))
        size, word = next(((s, w) for s, least, w in sizes if largest >= least), (1.0, "units"))
        return size, self.text(f"money.{word}")

    def bottleneck(self, table: str, limit: str, carrier: str) -> str:
        """A limit that costs something: "capacity for natural gas" of a link, "rate of withdrawal" of a storage."""
        return self.text(f"bottlenecks.{'links_' if table == 'links' else ''}{limit}", carrier=carrier)

    def limit(self, block: str, element: str) -> str:
        """A limit of the problem, by its block and element: "flow on link gas_trunk"."""
        key = f"limits.{block}"
        return self.text(
            key if catalog.has(key, self.language) else "limits.other", block=block, element=element
        )

    def at_place(self, element: str) -> str:
        """An element of a place with the name of the place: "Aktobe (natural_gas)"; other identifiers as they are."""
        place, _, rest = element.partition(":")
        return f"{self._places[place]} ({rest})" if rest and place in self._places else element

    def label(self, element: Any) -> str:
        """Name of an element of any table by its identifier alone; of a row of demand place, carrier and class."""
        parts = str(element).split(":")
        if len(parts) == 3:
            place, carrier, customer_class = parts
            if carrier == customer_class:  # heat of the class heat
                return self.text("words.demand_row_alone", place=place, carrier=carrier)
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


def telling(
    case: Case, tell: Callable[[str], None], notice: Callable[[str], None] | None = None
) -> Callable[[Fact], None]:
    """A listener that passes facts on as sentences, such as the progress of an engine.

    notice  told instead of `tell` what is to stay to be read
    """
    words = Words(case)
    return lambda fact: (notice if notice and fact.say.startswith("notice.") else tell)(words.say(fact))

"""What an effect is held against, in words: "total of the flow on Makat - Kulsary", and its period."""

from __future__ import annotations

import pandas as pd

from kelisim import catalog
from kelisim.case.effects import QUANTITIES, EffectTerm, Unreadable, elements, is_words, read
from kelisim.report.words import Words
from kelisim.results.facts import said


def compared(words: Words, text: str, statistic: str = "") -> str:
    """What is added up, by the name of its first element and how many more there are; "no result" for words."""
    if is_words(text):
        return words.text("replays.no_result")
    try:
        sums = read(text)
        quantity = sums.terms[0].quantity
        alike = [term for term in sums.terms if term.quantity == quantity]
        found = list(dict.fromkeys(one for term in alike for one in elements(words.case, term)))
    except Unreadable:
        return text
    key, subject = f"replays.called.{quantity}", _subject(words, quantity, found, alike)
    other = {"quantity": quantity.replace(".", " ")}
    what = words.text(key if catalog.has(key) else "replays.called.other", subject=subject, **other)
    if all(term.factor < 0 for term in sums.terms):
        statistic, what = (
            ("fall", what) if statistic == "change" else (statistic, words.text("replays.less", what=what))
        )
    if catalog.has(f"replays.statistic.{statistic}"):
        what = words.text(f"replays.statistic.{statistic}", what=what)
    more = len(sums.terms) - len(alike)
    return words.text(
        "replays.compared", what=what, more=said("replays.more_results", count=more) if more else "",
        per=said("replays.per", value=sums.per, of=sums.per_unit) if sums.per_unit else "",
    )  # fmt: skip


def _subject(words: Words, quantity: str, found: list[str], terms: list[EffectTerm]) -> str:
    if QUANTITIES[quantity] != "demand":
        return _names(words, found)
    rows = [one.split(":") for one in found]
    where = _places(words, list(dict.fromkeys(row[0] for row in rows)))
    if quantity.startswith("first_hour."):
        return where
    carriers = list(dict.fromkeys(row[1] for row in rows))
    classes = list(dict.fromkeys(row[2] for row in rows))
    is_one = len(classes) == 1 and terms[0].element.count(":") == 2
    of_class = said("replays.of_class", customer_class=classes[0]) if is_one else ""
    key = "replays.use" if len(carriers) == 1 else "replays.use_of_fuels"
    return words.text(key, carrier=carriers[0], count=len(carriers), of_class=of_class, where=where)


def _names(words: Words, identifiers: list[str]) -> str:
    first, more = words.label(identifiers[0]), len(identifiers) - 1
    return words.text("words.more", name=first, count=more) if more else first


def _places(words: Words, places: list[str]) -> str:
    """Names of places; of several in one country, how many."""
    countries = {words.country_of(place) for place in places}
    if len(places) < 2 or len(countries) > 1:
        return _names(words, places)
    return words.text("replays.places", count=len(places), country=countries.pop())


def period(words: Words, text: str) -> str:
    """ "2025-10-22..2025-11-01" as "22 October 2025 to 1 November 2025"; other words as they are."""
    if not text:
        return words.text("replays.the_event")
    first, _, last = text.partition("..")
    kinds = [part.count("-") if part[:4].isdigit() else -1 for part in (first, last or first)]
    if min(kinds) < 0:
        return text
    try:
        ends = [pd.Timestamp(part) for part in (first, last or first)]
    except ValueError:
        return text
    if kinds == [2, 2]:
        key = "event.day" if ends[0] == ends[1] else "event.days"
        return words.text(key, first=ends[0], last=ends[1])
    written = [f"{end:%B %Y}" if kind == 1 else f"{end:%Y}" for end, kind in zip(ends, kinds, strict=True)]
    first, last = written
    return first if first == last else words.text("replays.from_to", first=first, last=last)

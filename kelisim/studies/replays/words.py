"""What an effect is held against, in words: "total of the flow on Makat - Kulsary", and its period."""

from __future__ import annotations

import pandas as pd

from kelisim.case.case import Case
from kelisim.case.effects import QUANTITIES, Compared, EffectTerm, Unreadable, elements, is_words, read
from kelisim.results.event_words import days_in_words
from kelisim.results.names import element_names

# what a result is called before the names of its elements
CALLED = {
    "links.flow": "flow on {}", "first_hour.flow": "flow on {} in the first hour", "assets.activity": "output of {}",
    "storages.level": "content of {}", "storages.coverage": "{}", "contracts.delivery": "delivery by {}", "markets.taken": "trade with {}",
    "demand.unserved": "lack of {}", "first_hour.unserved": "power shed in {} in the first hour",
}  # fmt: skip
STATISTICS = {
    "sum": "total: ", "mean": "mean: ", "change": "change of ", "change_before": "change since the day before of ", "share": "share of use: ",
    "days": "days with ", "coverage": "days of cover of ",
}  # fmt: skip


def compared_in_words(case: Case, text: str, statistic: str = "") -> str:
    """What is added up, by the name of its first element and how many more there are; "no result" for words."""
    if is_words(text):
        return "no result"
    try:
        compared = read(text)
        quantity = compared.terms[0].quantity
        alike = [term for term in compared.terms if term.quantity == quantity]
        found = list(dict.fromkeys(one for term in alike for one in elements(case, term)))
    except Unreadable:
        return text
    what = CALLED.get(quantity, f"{quantity.replace('.', ' ')} of {{}}").format(
        _subject(case, quantity, found, alike)
    )
    of = f", of {compared.per:g} {compared.per_unit}" if compared.per_unit else ""
    more = len(compared.terms) - len(alike)
    return f"{_statistic(compared, statistic)}{what}{f' and {more} more results' if more else ''}{of}"


def _statistic(compared: Compared, statistic: str) -> str:
    if all(term.factor < 0 for term in compared.terms):
        return {"change": "fall of "}.get(statistic, f"{STATISTICS.get(statistic, '')}less ")
    return STATISTICS.get(statistic, "")


def _subject(case: Case, quantity: str, found: list[str], terms: list[EffectTerm]) -> str:
    if QUANTITIES[quantity] != "demand":
        return _names(case, found)
    rows = [one.split(":") for one in found]
    where = _places(case, list(dict.fromkeys(row[0] for row in rows)))
    if quantity.startswith("first_hour."):
        return where
    carriers = case.table("carriers").set_index("carrier")["name"]
    what = list(dict.fromkeys(str(carriers.get(row[1], row[1])) for row in rows))
    what = [name if name.isupper() else name[:1].lower() + name[1:] for name in what]
    classes = list(dict.fromkeys(row[2].replace("_", " ") for row in rows))
    of_class = f" ({classes[0]})" if len(classes) == 1 and terms[0].element.count(":") == 2 else ""
    return f"{what[0] if len(what) == 1 else f'{len(what)} fuels'}{of_class} in {where}"


def _names(case: Case, identifiers: list[str]) -> str:
    label = element_names(case)
    first = label.get(identifiers[0], identifiers[0])
    return first if len(identifiers) == 1 else f"{first} and {len(identifiers) - 1} more"


def _places(case: Case, places: list[str]) -> str:
    """Names of places; of several in one country, how many."""
    countries = set(case.table("places").set_index("place")["country"].reindex(places))
    if len(places) < 2 or len(countries) > 1:
        return _names(case, places)
    return f"{len(places)} places of {countries.pop()}"


def period_in_words(text: str) -> str:
    """ "2025-10-22..2025-11-01" as "22 October 2025 to 1 November 2025"; other words as they are."""
    if not text:
        return "the event"
    first, _, last = text.partition("..")
    kinds = [part.count("-") if part[:4].isdigit() else -1 for part in (first, last or first)]
    if min(kinds) < 0:
        return text
    try:
        ends = [pd.Timestamp(part) for part in (first, last or first)]
    except ValueError:
        return text
    if kinds == [2, 2]:
        return days_in_words(ends[0].date(), ends[1].date())
    written = [f"{end:%B %Y}" if kind == 1 else f"{end:%Y}" for end, kind in zip(ends, kinds, strict=True)]
    return written[0] if written[0] == written[1] else f"{written[0]} to {written[1]}"

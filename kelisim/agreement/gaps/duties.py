"""Gaps of who owes what to whom: no body, no counterpart, a network that lies elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from kelisim.agreement.gaps.gap import BODY, COUNTERPART, Gap, named, rows_of
from kelisim.agreement.gaps.network import capacities, ends, shortest_way
from kelisim.agreement.gaps.projects import there_by
from kelisim.agreement.provision import Provision
from kelisim.agreement.words import plain
from kelisim.case.case import Case
from kelisim.results.facts import said

UNIONS = ("EAEU", "CIS", "ECT")
THROUGH = re.compile(
    r"\b(through|via|across|over the territory|через|по территории|транзитом по|арқылы|аумағы)"
)
# how the name of a country, or of its side in a text, begins
STATES = (
    *(
        "kazakh",
        "qazaqstan",
        "казах",
        "қазақстан",
        "рк",
        "russia",
        "росси",
        "ресей",
        "рф",
        "uzbek",
        "узбек",
        "өзбек",
    ),
    *("kyrgyz", "кыргыз", "киргиз", "қырғыз", "turkmen", "туркмен", "түрікмен", "china", "кита", "қытай"),
    *("republic", "республик", "federation", "федерац", "side", "party", "сторон", "тарап"),
)
NOBODY = ("", "-", "n/a", "none", "nobody", "tbd", "нет", "жоқ")


def without_body(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A duty in force or to come that no body follows, or that names one that the case does not know."""
    for one in provisions:
        if one.is_over or not one.is_hard:
            continue
        if one.body.strip().casefold() in NOBODY:
            say = said("agreement.gap_body", provision=one.title, owes=one.obligor or one.agreement)
            yield Gap(BODY, (one.name,), say, rows_of([one]))
        elif not named(case, "bodies", one.body):
            yield Gap(
                BODY,
                (one.name,),
                said("agreement.gap_body_unknown", provision=one.title, body=one.body),
                rows_of([one]),
            )


def without_counterpart(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A right that nobody owes, a duty to nobody, or a duty of somebody who is no party."""
    names = case.table("agreements").set_index("agreement")["parties"].to_dict()
    for one in provisions:
        if one.is_over:
            continue
        owes, gets = one.obligor.strip(), one.beneficiary.strip()
        if owes.casefold() in NOBODY:
            yield Gap(
                COUNTERPART,
                (one.name,),
                said("agreement.gap_nobody_owes", provision=one.title, gets=gets),
                rows_of([one]),
            )
        elif gets.casefold() in NOBODY:
            yield Gap(
                COUNTERPART,
                (one.name,),
                said("agreement.gap_owed_to_nobody", provision=one.title, owes=owes),
                rows_of([one]),
            )
        elif (
            one.is_hard
            and one.obligors
            and one.obligors == one.beneficiaries
            and len(one.obligors) == 1
            and _who(owes) == _who(gets)
        ):
            yield Gap(
                COUNTERPART,
                (one.name,),
                said("agreement.gap_same_side", provision=one.title, owes=owes),
                rows_of([one]),
            )
        else:
            yield from _outside(case, one, str(names.get(one.agreement, "")))


def _outside(case: Case, one: Provision, parties: str) -> Iterator[Gap]:
    """Somebody owes who is no party, or the network lies in a country that owes nothing."""
    deal = f"agreements:{one.agreement}"
    if not one.parties or any(union in parties for union in UNIONS) or not one.is_hard:
        return
    strangers = [code for code in one.obligors if code not in one.parties]
    if strangers:
        yield Gap(
            COUNTERPART,
            (one.name,),
            said("agreement.gap_no_party", provision=one.title, country=strangers[0]),
            rows_of([one], deal),
        )
        return
    if one.kind not in ("transit", "rail_paths", "capacity") or not one.obligors:
        return
    crossed, rows = _crossed(case, one)
    if crossed and not crossed & set(one.obligors):
        lies = min(crossed, key=lambda it: (it not in (*one.beneficiaries, *one.parties), it))
        say = said("agreement.gap_not_there", provision=one.title, owes=one.obligor, country=lies)
        yield Gap(COUNTERPART, (one.name,), say, rows_of([one], *rows))


def _who(side: str) -> str:
    """Who a side is, without its country; the same for a country by its code and by its name."""
    words = plain(re.sub(r"\b[A-Z]{2}\b", " ", side)).split()
    return " ".join(word for word in words if not word.startswith(STATES))


def _crossed(case: Case, one: Provision) -> tuple[set[str], list[str]]:
    """Countries of the network that a provision needs, and the links: those that it acts on, in use where it widens them; else its way.

    A way that can as well go through the country of who owes is none: a line at home that is longer by it, or by more than two links abroad.
    """
    country = case.table("places").set_index("place")["country"].astype(str)
    links = case.table("links").set_index("link")
    mine = [element for table, element in sorted(one.elements) if table == "links" and element in links.index]
    if one.kind == "capacity":
        mine = [link for link in mine if links.at[link, "status"] == "base" and not one.project]
    if mine:
        sides = {
            country.get(links.at[link, side], "") for link in mine for side in ("from_place", "to_place")
        }
        return sides - {""}, [f"links:{link}" for link in mine]
    start, end = ends(case, one)
    if one.kind == "capacity" or not (start and end):
        return set(), []
    every = capacities(case, one, there_by(case, one))
    way = shortest_way(every, start, end)
    over = {place for place in country.index if country[place] in one.obligors}
    if not way:  # nothing joins them: at home in one country, or not to be said
        at_home = {country[place] for place in start | end}
        return (at_home if len(at_home) == 1 and not THROUGH.search(plain(one.text)) else set()), []
    if set(way) & over:
        return set(), []
    there = shortest_way(every, start, over), shortest_way(every, over, end)
    around = sum(len(part) - 1 for part in there) if all(there) else np.inf
    at_home = {country[place] for place in way}
    told = THROUGH.search(plain(one.text))
    if around - (len(way) - 1) > (2 if len(at_home) > 1 else 0) and not told:
        return at_home, []
    return set(), []

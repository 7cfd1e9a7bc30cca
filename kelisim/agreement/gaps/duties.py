"""Gaps that the words of provisions show: no body, no counterpart, an end before the project's finish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from kelisim.agreement.gaps.gap import BODY, COUNTERPART, DATES, Gap, day, named, rows_of
from kelisim.agreement.provision import Provision
from kelisim.agreement.words import latin
from kelisim.case.acts import targets
from kelisim.case.case import Case
from kelisim.results.facts import said

UNIONS = ("EAEU", "CIS", "ECT")
DELIVERS = ("supply", "transit", "indicative_balance")
STEM = 6  # letters of a name that are looked for
GENERAL = {
    *(
        "pipeline",
        "string",
        "second",
        "third",
        "first",
        "plant",
        "stage",
        "stages",
        "station",
        "stations",
        "power",
        "direct",
        "current",
    ),
    *(
        "expansion",
        "growth",
        "storage",
        "wells",
        "railway",
        "refinery",
        "transit",
        "crude",
        "nuclear",
        "southward",
        "compressor",
        "fields",
    ),
    *(
        "china",
        "russia",
        "kazakhstan",
        "kazakh",
        "north",
        "south",
        "central",
        "asia",
        "centre",
        "other",
        "million",
        "unit",
    ),
}
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
            and owes == gets
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
    if one.kind != "transit" or not one.obligors:
        return
    country = case.table("places").set_index("place")["country"]
    links = case.table("links").set_index("link")
    mine = [element for table, element in sorted(one.elements) if table == "links" and element in links.index]
    crossed = {
        country.get(links.at[link, side], "") for link in mine for side in ("from_place", "to_place")
    } - {""}
    if crossed and not crossed & set(one.obligors):
        lies = sorted(crossed)[0]
        say = said("agreement.gap_not_there", provision=one.title, owes=one.obligor, country=lies)
        yield Gap(COUNTERPART, (one.name,), say, rows_of([one], *(f"links:{link}" for link in mine)))


def before_finish(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A provision that ends, or whose deliveries begin, before what must be built for it is there."""
    projects = case.table("projects")
    for one in provisions:
        if one.is_over and one.status != "lapsed":
            continue
        for row in projects.to_dict("records"):
            if str(row["project"]) not in _projects(case, one) or pd.isna(row["earliest"]):
                continue
            finish = pd.Timestamp(row["earliest"])
            rows = rows_of([one], f"projects:{row['project']}")
            told = {"provision": one.title, "project": str(row["name"]), "finish": day(finish)}
            if one.end is not None and one.end < finish:
                yield Gap(DATES, (one.name,), said("agreement.gap_ends", end=day(one.end), **told), rows)
            elif (
                one.kind in DELIVERS
                and one.is_hard
                and one.start is not None
                and one.start < finish
                and _is_new(case, one)
            ):
                yield Gap(
                    DATES, (one.name,), said("agreement.gap_starts", start=day(one.start), **told), rows
                )


def _projects(case: Case, one: Provision) -> list[str]:
    """Projects that a provision names, or that build what it acts on where that is not there yet."""
    if one.project:
        return [one.project]
    frame = case.table("projects")
    found = []
    for project, name, builds in frame[["project", "name", "builds"]].itertuples(index=False):
        built = {(row.table, row.element) for row in targets(builds, "never")}
        new = {element for element in built & one.elements if _is_out(case, *element)}
        if new or _names(one, str(name)):
            found.append(str(project))
    return found


def _names(one: Provision, project: str) -> bool:
    """Whether a text names a project: two of its names, or its only one where something is to be built; in either script."""
    text = latin(one.text)
    words = {word for word in re.findall(r"[a-z]{5,}", latin(project)) if word not in GENERAL}
    met = sum(word[:STEM] in text for word in words)
    return met >= 2 or (met == len(words) == 1 and one.kind == "capacity")


def _is_out(case: Case, table: str, element: str) -> bool:
    frame = case.table(table)
    if "status" not in frame:
        return False
    mine = frame["status"][frame.iloc[:, 0] == element]
    return bool(len(mine)) and str(mine.iloc[0]) != "base"


def _is_new(case: Case, one: Provision) -> bool:
    """Whether nothing of what it acts on is in use."""
    return bool(one.elements) and all(_is_out(case, *element) for element in one.elements)


def ends_after_start(provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A provision that ends before it starts."""
    for one in provisions:
        if one.start is not None and one.end is not None and one.end < one.start:
            say = said("agreement.gap_backwards", provision=one.title, start=day(one.start), end=day(one.end))
            yield Gap(DATES, (one.name,), say, rows_of([one]))


def outlives(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A duty that runs beyond the end of its agreement."""
    until = case.table("agreements").set_index("agreement")["in_force_until"].to_dict()
    for one in provisions:
        last = until.get(one.agreement)
        if one.is_over or one.end is None or last is None or pd.isna(last) or not one.is_hard:
            continue
        if one.end > pd.Timestamp(last):
            say = said(
                "agreement.gap_outlives", provision=one.title, end=day(one.end), until=day(pd.Timestamp(last))
            )
            yield Gap(DATES, (one.name,), say, rows_of([one], f"agreements:{one.agreement}"))

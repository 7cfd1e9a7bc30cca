"""Duties to supply: each is owed to one place or one country, where somebody can use what is owed."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case import schema
from kelisim.case.checks.view import CaseView, about, each
from kelisim.errors import InputProblem


@about("duties")
def homes(view: CaseView) -> Iterator[InputProblem]:
    """A duty that is owed to nobody, to a place and a country at once, or to a country without a place."""
    places = view.rows("places")
    known = sorted(set(places["country"]) - {""})
    doubtful = bool(view.wrong("places", "country").any()) or "places" in view.unread
    rows = view.rows("duties")
    unsure = view.wrong("duties", "place", "country")
    for row, place, country in each(rows, "place", "country"):
        if unsure[row]:
            continue
        if bool(place) == bool(country):
            message = "a duty is owed to a place or to a country, and this one names neither."
            if place:
                message = f'"{country}" stands beside the place {place}.'
            remedy = "Give one of place and country, and leave the other empty."
            yield view.problem("duties", row, "country", message, remedy, rule="missing")
        elif country and country not in known and not doubtful:
            near = schema.nearest(country, known)
            remedy = "" if near else f"Known: {schema.some(known)}."
            message = f'no place lies in "{country}".'
            yield view.problem("duties", row, "country", message, remedy, near, "reference")


@about("duties")
def shapes(view: CaseView) -> Iterator[InputProblem]:
    """A duty over the year that has a shape over time."""
    rows = view.sure("duties", "over", "profile")
    for row in rows.index[(rows["over"] == "year") & (rows["profile"] != "")]:
        message = "a duty over the year is free within it."
        yield view.problem(
            "duties", row, "profile", message, "Leave the profile empty, or set over to step.", rule="shape"
        )

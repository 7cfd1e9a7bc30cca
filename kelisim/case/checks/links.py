"""Links: two ends, and groups that share one capacity."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case import schema
from kelisim.case.checks.view import CaseView, about, each
from kelisim.errors import InputProblem

_ALIKE = ("from_place", "to_place", "capacity", "capacity_back", "unit")


@about("links")
def ends(view: CaseView) -> Iterator[InputProblem]:
    """A link from a place to itself."""
    rows = view.rows("links")
    for row in rows.index[(rows["from_place"] == rows["to_place"]) & (rows["from_place"] != "")]:
        place = rows.at[row, "to_place"]
        yield view.problem(
            "links",
            row,
            "to_place",
            f'both ends are "{place}".',
            "A link goes from one place to another.",
            rule="ends",
        )


@about("links")
def shared_capacity(view: CaseView) -> Iterator[InputProblem]:
    """Links on one capacity that differ in ends, capacity or unit, or of which only one is left."""
    rows = view.rows("links")
    rows = rows[rows["shared_with"] != ""]
    if rows.empty:
        return
    size = rows.groupby("shared_with")["link"].transform("size")
    names = set(rows["shared_with"][size > 1])
    for row, name in rows["shared_with"][size == 1].items():
        message = f'no other link shares "{name}".'
        near = schema.nearest(name, names)
        yield view.problem(
            "links", row, "shared_with", message, "Leave it empty, or name a group of links.", near, "shared"
        )
    for column in _ALIKE:
        cells = rows[~view.wrong("links", column)[rows.index] & rows[column].notna()]
        differ = cells.groupby("shared_with")[column].transform("nunique") > 1
        for name, members in cells[differ].groupby("shared_with", sort=False):
            usual = members[column].mode().iloc[0]
            for row, value in members[column][members[column] != usual].items():
                here, right = (f"{v:g}" if isinstance(v, float) else str(v) for v in (value, usual))
                message = f'is {here}, and other links that share "{name}" have {right}.'
                remedy = "Links on one capacity have the same ends, capacity and unit."
                yield view.problem("links", row, column, message, remedy, right, "shared")
    rows = rows.drop_duplicates("link")
    twice = rows[rows.duplicated(["shared_with", "carrier"]) & (rows["carrier"] != "")]
    for row, name, carrier in each(twice, "shared_with", "carrier"):
        message = f'a second link of "{name}" with {carrier}.'
        yield view.problem(
            "links", row, "carrier", message, "A group has one link for each carrier.", rule="shared"
        )

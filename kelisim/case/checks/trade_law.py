"""Restrictions, licences and dealings: names and acts that are not known."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case import schema
from kelisim.case.checks.view import CaseView
from kelisim.errors import InputProblem

# what a rule can forbid and a licence can allow
ACTS = ("operate", "services", "carry", "import", "pay", "wind_down", "negotiate", "sell_stake", "divest")
# columns with several names, and the table that knows them
_LISTS = (
    ("licences", "lifts", "restrictions"),
    ("licences", "replaces", "licences"),
    ("licences", "covers", "entities"),
    ("dealings", "parties", "entities"),
    ("dealings", "project", "entities"),
    ("dealings", "contracts", "contracts"),
    ("dealings", "over", "links"),
)
_ACTS = (("restrictions", "acts"), ("licences", "acts"), ("licences", "acts_not"))


def names_in_lists(view: CaseView) -> Iterator[InputProblem]:
    """A name in a list of names that its table does not have."""
    for table, column, of in _LISTS:
        if of not in view.unread:
            yield from _unknown(view, table, column, sorted(view.ids(of)), f"is not in {of}.")


def acts(view: CaseView) -> Iterator[InputProblem]:
    """An act that nobody knows: a licence for it would lift nothing."""
    for table, column in _ACTS:
        yield from _unknown(view, table, column, list(ACTS), "is no act.")


def _unknown(view: CaseView, table: str, column: str, known: list[str], what: str) -> Iterator[InputProblem]:
    rows = view.rows(table)
    for row, cell in rows[column].items():
        strange = [
            word.strip() for word in str(cell).split(";") if word.strip() and word.strip() not in known
        ]
        if strange:
            near = schema.nearest(strange[0], known)
            remedy = "" if near else f"Known: {schema.some(known)}."
            yield view.problem(table, row, column, f'"{strange[0]}" {what}', remedy, near or "", "reference")

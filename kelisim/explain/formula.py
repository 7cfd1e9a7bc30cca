"""The formula of a column of results, as tables.csv writes it: how it is computed in words, and what it is added up from.

    sent by each link less its loss = sum: links.total.forward * (1 - case_loss) [to_place == @place and carrier]

WORDS = KIND: TERM; TERM ... with the words or what follows them left out where there is none. Kinds:

    sum    the terms add up to the number
    share  the number is shared out in proportion to the terms
    max    the number is the largest term
    last   as sum, and a trace through many rows ends before it

A term is a column of a table with a factor, `links.total.forward * case_loss`, or with what a row gives after a colon,
`links.flow.loading: hours`. A column without a table is a cell of the same row. In brackets stand the rows that are meant,
all of them if there are none: a bare word is a column with the same value as in the explained row. `@x` is the column x
of the explained row, `case_x` the column x of the row of the case behind a row, `x_country` the country of a place.
`if item is storage` at the end: the term holds only for rows with this word in this column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kelisim.errors import InternalError
from kelisim.results.schema import described

_KINDS = {"sum": "sum of", "share": "in proportion to", "max": "largest", "last": "sum over"}
_MACHINE = re.compile(r"(?:^|(?P<words>.*) = )(?P<kind>sum|share|max|last): (?P<terms>\S.*)$")
_TERM = re.compile(
    r"(?P<sign>-?)(?:(?P<table>@?\w+(?:\.\w+)*)\.)?(?P<column>\w+)(?P<factor> [*/] [^\[:]+?)?(?:: (?P<amount>[^\[]+?))?"
    r"(?: \[(?P<where>.+)\])?(?: if (?P<when>\w+) is (?P<word>.+))?$"
)


@dataclass(frozen=True)
class Term:
    """One table that a number is added up from.

    table, column  of the parts; without a table cells of the same row
    amount  what a row gives, in its columns
    where   which rows; all if empty
    when    (column, word): holds only for rows with this word
    """

    table: str
    column: str
    amount: str
    where: str
    when: tuple[str, str] | None


@dataclass(frozen=True)
class Formula:
    """How a number is computed: in words, and its terms; none where it is an outcome or comes straight from the case."""

    words: str = ""
    kind: str = ""
    terms: tuple[Term, ...] = ()

    @property
    def told(self) -> str:
        """The words, or without any what it is computed from."""
        names = dict.fromkeys(f"{term.table}.{term.column}".lstrip(".") for term in self.terms)
        return self.words or (f"{_KINDS[self.kind]} {', '.join(names)}" if names else "")


def parsed(text: str) -> Formula:
    """The formula of a text. Raises InternalError where a term is not one."""
    found = _MACHINE.match(text)
    if found is None:
        return Formula(text)
    return Formula(found["words"] or "", found["kind"], tuple(map(_term, found["terms"].split("; "))))


def _term(text: str) -> Term:
    found = _TERM.match(text)
    if found is None:
        raise InternalError(f'"{text}" is no term of a formula')
    column = found["column"]
    where = [
        f"{one} == @{one}" if one.isidentifier() else one for one in (found["where"] or "").split(" and ")
    ]
    return Term(
        table=found["table"] or "",
        column=column,
        amount=found["amount"] or f"{found['sign']}{column}{found['factor'] or ''}",
        where=" and ".join(where) if found["where"] else "",
        when=(found["when"], found["word"]) if found["when"] else None,
    )


@cache
def formulas(study: str) -> dict[tuple[str, str], Formula]:
    """(table, column) -> formula of all columns that a study describes."""
    return {
        (table.name, column.name): parsed(column.formula)
        for table in described(study).values()
        for column in table.columns.values()
        if column.formula
    }

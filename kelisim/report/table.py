"""Tables as a reader sees them: one unit in a header, three digits, names instead of identifiers.

    view(words, short, "fuel.short", "name", "carrier:carrier_name", "unserved:amount carrier", "-days_served:number")

gives a table whose caption and headers are texts of the catalogue (`fuel.short.caption`, `fuel.short.unserved`, or the
shared `columns.unserved`; "Cover | days" is a header with its unit). Each column has a form; one that begins with a
dash is left out on a narrow screen and on the command line; "name!u" begins with a capital letter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kelisim import catalog
from kelisim.report.forms import FORMS
from kelisim.report.numbers import NONE, figure, first_upper, human, percent, plain, text_of
from kelisim.report.numbers import unit as unit_word
from kelisim.report.words import UNITS, Words
from kelisim.tolerances import SMALL_ENERGY

LAST = "\uffff"  # sorts behind all words: rows with sums
Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell: what is written, what it sorts by, a bar behind it (0-1), parts of a stacked bar, a link, the colour of a light before it."""

    text: str
    value: float | str = ""
    bar: float | None = None
    parts: tuple[tuple[float, str, str], ...] = ()  # share, colour, words
    href: str = ""
    grade: str = ""
    light: str = ""


@dataclass(frozen=True)
class Head:
    """One column: words, unit as the spoken language writes it, whether it holds numbers, whether a narrow screen leaves it out."""

    words: str
    unit: str = ""
    is_number: bool = False
    is_minor: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", unit_word(self.unit))


@dataclass(frozen=True)
class View:
    """One table of a page.

    is_told   whether the command line prints it too
    is_whole  whether it prints all its rows, however many
    """

    caption: str
    heads: list[Head]
    rows: list[list[Cell]]
    notes: str = ""
    number: int = 0
    is_told: bool = True
    is_whole: bool = False


Column = tuple[Head, Callable[[Row], Cell]]


def words_cell(words: Any) -> Cell:
    """A cell of text; a dash where there is none."""
    text = text_of(words)
    return Cell(text or NONE, text.lower())


def number_cell(value: Any, bar: float | None = None) -> Cell:
    """A cell of a number to three digits."""
    if value is None or pd.isna(value):
        return Cell(NONE, -math.inf)
    return Cell(figure(value), round(float(value), 9), None if bar is None else min(max(bar, 0.0), 1.0))


def share_cell(value: Any, has_bar: bool = False) -> Cell:
    """A cell of a share of 0-1 in per cent, with a bar if asked."""
    if value is None or pd.isna(value):
        return Cell(NONE, -math.inf)
    share = float(value)
    return Cell(
        percent(share).replace(" %", ""), round(share, 9), min(max(share, 0.0), 1.0) if has_bar else None
    )


def change_cell(value: Any) -> Cell:
    """A cell of a relative change in per cent, with its sign."""
    cell = share_cell(value)
    return replace(cell, text=f"+{cell.text}") if isinstance(cell.value, float) and cell.value > 0 else cell


def grade_cell(grade: Any) -> Cell:
    """A cell with a grade of evidence."""
    text = text_of(grade)
    return Cell(text or NONE, text or "Z", grade=text)


def _amount(words: Words, value: Any, carrier: str) -> Cell:
    return Cell(FORMS["amount"](words, value, carrier), round(float(value), 6))


def _money(words: Words, value: Any) -> Cell:
    return Cell(words.money(value), round(float(value), 2))


def _some_energy(words: Words, value: Any) -> Cell:
    """Energy, and a dash for less than is spoken of."""
    text = FORMS["energy"](words, value) if value > SMALL_ENERGY else NONE
    return Cell(text, round(float(value), 6))


def _known(words: Words, value: Any, unit: str = "") -> Cell:
    """A number, with its unit if it has one of its own, or that it is not known."""
    if pd.isna(value):
        return Cell(words.text("words.not_known"))
    return replace(number_cell(value), text=f"{figure(value)} {words.unit_word(unit)}".strip())


def _written_number(kind: str) -> Callable[..., Cell]:
    """Cells of a number that a form of words.py writes."""
    return lambda words, value, *others: (
        number_cell(value)
        if pd.isna(value)
        else Cell(FORMS[kind](words, value, *others), round(float(value), 9))
    )


def _finite(_words: Words, value: Any) -> Cell:
    """A number to two digits; a dash, and last, where there is none or no end."""
    number = float(value)
    return Cell(figure(number, 2), round(number, 6)) if math.isfinite(number) else Cell(NONE, 1e9)


def _by(words: Words, fact: Any, value: Any) -> Cell:
    """What a fact says, sorted by another column; what has no number is last."""
    number = float(value)
    return Cell(words.say(fact), round(number, 6) if math.isfinite(number) else 1e9)


# forms of columns of numbers: the cell, and the unit of the head where the catalogue gives none, {unit} that of the table
NUMBERS: dict[str, tuple[Callable[..., Cell], str]] = {
    "number": (lambda words, value: number_cell(value), "{unit}"),
    "thousands": (lambda words, value: number_cell(value / 1e3), ""),
    "millions": (lambda words, value: number_cell(value / 1e6), ""),
    "percent": (lambda words, value: number_cell(value * 100.0), "%"),
    "small_share": (_written_number("small_share"), ""),
    "interval": (_written_number("interval"), ""),
    "correlation": (_written_number("correlation"), ""),
    "error": (_written_number("error"), ""),
    "quantity": (_written_number("quantity"), ""),
    "share": (lambda words, value: share_cell(value), "%"),
    "change": (lambda words, value: change_cell(value), "%"),
    "known": (_known, ""),
    "known_energy": (
        lambda words, value: (
            _known(words, value)
            if pd.isna(value)
            else Cell(FORMS["energy"](words, value), round(float(value), 6))
        ),
        "",
    ),
    "ranked": (lambda words, value, share: number_cell(value, share), "{unit}"),
    "bar": (lambda words, value: share_cell(value, True), "%"),
    "amount": (_amount, ""),
    "flow": (_written_number("flow"), ""),
    "money": (_money, ""),
    "rate": (_written_number("rate"), ""),
    "clock_hours": (_written_number("clock_hours"), ""),
    "hours": (lambda words, value: Cell(plain(value, "g", words.language), float(value)), ""),
    "all_energy": (_written_number("energy"), ""),
    "some_energy": (_some_energy, ""),
    "brings": (_written_number("brings"), ""),
    "count": (lambda words, value: Cell(FORMS["count"](words, value), int(value)), ""),
    "days": (lambda words, value: Cell(plain(value, ".4g", words.language), round(float(value), 6)), "days"),
    "finite": (_finite, ""),
    "by": (_by, ""),
}


def _some_day(words: Words, value: Any, none: str) -> Cell:
    """A day that sorts as one; a word, and last, where there is none."""
    return Cell(none, LAST) if pd.isna(value) else Cell(words.day(value), f"{pd.Timestamp(value):%Y-%m-%d}")


TEXTS: dict[str, Callable[..., Cell]] = {
    "known_day": lambda words, value: _some_day(words, value, NONE),
    "set_day": lambda words, value: _some_day(words, value, words.text("words.no_day_set")),
    "month_year": lambda words, value: Cell(
        FORMS["month_year"](words, value), LAST if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"
    ),
    "yes": lambda words, value: words_cell(words.text(f"words.{'yes' if value else 'no'}")),
    "grade": lambda words, value: grade_cell(value),
}


def view(
    words: Words, frame: pd.DataFrame, key: str, *columns: str | Column, told: bool = True, most: int | None = None,
    notes: str = "", whole: bool = False, **places: Any,
) -> View | None:  # fmt: skip
    """A table of a frame; None where it has no rows.

    key      section of the catalogue with the caption and the heads
    columns  "name:form others", such as "unserved:amount carrier", several in one text separated by commas; or a head
             and a function of the row
    told     whether the command line prints it too
    most     rows at most
    whole    whether the command line prints all rows
    notes    below the table
    places   what the caption and the heads name; `unit` is that of the columns of numbers whose heads have none
    """
    if frame.empty:
        return None
    made: list[Column] = []
    for one in columns:
        specs = one.split(", ") if isinstance(one, str) else ()
        made += [_column(words, key, spec, places) for spec in specs] if isinstance(one, str) else [one]
    rows = [[cell(row) for _, cell in made] for row in records(frame if most is None else frame.head(most))]
    caption, heads = words.text(f"{key}.caption", **places), [head for head, _ in made]
    return View(caption, heads, rows, notes, is_told=told, is_whole=whole)


def with_sum(made: View, name: str) -> View:
    """The table with a last row that adds up its columns of numbers."""
    sums = [number_cell(sum(float(row[at].value) for row in made.rows)) for at in range(1, len(made.heads))]
    return replace(made, rows=[*made.rows, [Cell(name, LAST), *sums]])


def graded(words: Words, frame: pd.DataFrame, element: str, table: str = "") -> pd.DataFrame:
    """A frame with the grades of the rows of the case that its elements are.

    element  column with the identifiers
    table    of the case; that of each row, in its column `table`, if none is given
    """
    tables = frame["table"] if not table else [table] * len(frame)
    grades = {name: words.grades(name) for name in set(tables)}
    found = [grades[name].get(str(one), "") for name, one in zip(tables, frame[element], strict=True)]
    return frame.assign(grade=found)


def records(frame: pd.DataFrame, by: str = "") -> list[Row]:
    """Rows as dictionaries, the largest first if a column is named."""
    ordered = frame.sort_values(by, ascending=False, kind="stable") if by else frame
    return [{str(key): value for key, value in row.items()} for row in ordered.to_dict("records")]


def _column(words: Words, key: str, spec: str, places: Mapping[str, Any]) -> Column:
    name, _, form = spec.removeprefix("-").partition(":")
    is_capital, name = name.endswith("!u"), name.removesuffix("!u")
    kind, *names = (form or "text").split()
    kind = "unit_word" if kind == "text" and name in UNITS else kind
    text, _, unit = _head(words, key, name, places).partition(" | ")
    if kind in NUMBERS:
        make, usual = NUMBERS[kind]
        head = Head(text, unit or usual.format(unit=places.get("unit", "")), True, spec.startswith("-"))
    else:
        make, head = (
            TEXTS.get(kind) or _written(kind, is_capital),
            Head(text, unit, False, spec.startswith("-")),
        )
    return head, lambda row: make(words, row[name], *(row.get(one, one) for one in names))


def _head(words: Words, key: str, name: str, places: Mapping[str, Any]) -> str:
    for path in (f"{key}.{name}", f"columns.{name}"):
        if catalog.has(path, words.language):
            return words.text(path, **places)
    return first_upper(human(name))


def _written(kind: str, is_capital: bool) -> Callable[..., Cell]:
    def cell(words: Words, value: Any, *others: Any) -> Cell:
        text = FORMS[kind](words, value, *others)
        return words_cell(first_upper(text) if is_capital else text)

    return cell

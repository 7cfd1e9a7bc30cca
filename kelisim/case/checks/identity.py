"""Names of things: identifiers that can be written everywhere, each for one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kelisim.case import schema
from kelisim.case.checks.view import CaseView, about, each, settings_file
from kelisim.case.typed import country_meant
from kelisim.errors import InputProblem

# an outage, a project or a contingency finds the table of an element from its identifier
ELEMENTS = ("links", "assets", "storages")
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_COUNTRY = re.compile(r"[A-Z]{2}")


def identifiers(view: CaseView) -> Iterator[InputProblem]:
    """An identifier with capitals, spaces or signs; those of sources are free."""
    for name, table in schema.tables().items():
        column = table.id_column
        if table[column].type != "id" or name == "sources":
            continue
        told = set()
        for row, cell in each(view.rows(name), column):
            if cell in told:
                continue
            told.add(cell)
            if cell and not _IDENTIFIER.fullmatch(cell):
                near = re.sub(r"[^a-z0-9]+", "_", cell.lower()).strip("_")
                remedy = "Identifiers have small letters, digits and _ only."
                yield view.problem(
                    name, row, column, f'"{cell}" cannot be an identifier.', remedy, near, "identifier"
                )


def unique_elements(view: CaseView) -> Iterator[InputProblem]:
    """One identifier for a link and an asset, say: an outage would not know which of them it means."""
    first: dict[str, tuple[str, object]] = {}
    for table in ELEMENTS:
        cells = view.rows(table)[schema.tables()[table].id_column].drop_duplicates()
        for row, cell in cells.items():
            if cell in first:
                home, line = first[cell]
                remedy = (
                    f"Links, assets and storages need different identifiers: {home} has it in row {line}."
                )
                yield view.problem(
                    table, row, cells.name, f'"{cell}" is one of {home} already.', remedy, rule="duplicate"
                )
            elif cell:
                first[cell] = (table, row)


@about("customer_classes")
def classes_once(view: CaseView) -> Iterator[InputProblem]:
    """A class with two rows for one carrier."""
    rows = view.sure("customer_classes", "customer_class", "carrier")
    first: dict[tuple[str, str], object] = {}
    for row, name, carriers in zip(rows.index, rows["customer_class"], rows["carrier"], strict=True):
        for carrier in str(carriers).split(";"):
            line = first.setdefault((name, carrier), row)
            if line != row and name and carrier:
                message = f'"{name}" has {carrier} in row {line} already.'
                yield view.problem(
                    "customer_classes",
                    row,
                    "carrier",
                    message,
                    "Name each carrier of a class once.",
                    rule="duplicate",
                )
                break


def texts(view: CaseView) -> Iterator[InputProblem]:
    """A sign that is not seen and steers a terminal, ends a text or cannot be written: of a broken file, or of somebody's malice."""
    for name, table in schema.tables().items():
        frame = view.rows(name)
        for column in table.columns if len(frame) else ():
            if column.type != "text" and (name, column.name) != ("sources", table.id_column):
                continue
            for row, cell in each(frame, column.name):
                found = _CONTROL.search(cell)
                if found:
                    kind = "half of a character" if found[0] >= "\ud800" else "a control character"
                    words = f"holds {kind}, U+{ord(found[0]):04X}."
                    yield view.problem(name, row, column.name, words, "Remove it.", rule="form")


def countries(view: CaseView) -> Iterator[InputProblem]:
    """A country that is not written as a code of two letters."""
    rows = view.rows("places")["country"]
    for row, cell in rows.items():
        if cell and not _COUNTRY.fullmatch(cell):
            near = cell.upper() if _COUNTRY.fullmatch(cell.upper()) else country_meant(cell)
            remedy = "" if near else "Countries are ISO 3166-1 codes, such as KZ."
            yield view.problem(
                "places",
                row,
                "country",
                f'"{cell}" is not a code of two capital letters.',
                remedy,
                near,
                "form",
            )


def home(view: CaseView) -> Iterator[InputProblem]:
    """A home country in which no place lies."""
    code = str(view.case.setting("defaults", "home"))
    known = sorted(set(view.rows("places")["country"]) - {""})
    if code and known and code not in known and not view.wrong("places", "country").any():
        near, remedy = schema.nearest(code, known), f"Known: {schema.some(known)}."
        file = settings_file(view.case)
        yield InputProblem(file, 0, "defaults.home", f'no place lies in "{code}".', remedy, near, "reference")

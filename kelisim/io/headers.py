"""Rows above the header of a table: a title, a source, a date, as people put them over what they keep in a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from kelisim.case import schema
from kelisim.errors import InputProblem

_SEARCHED = 20  # rows from the top in which the header is looked for


def below_titles(
    file: str, rows: Sequence[tuple[int, list[str]]], table: schema.Table
) -> InputProblem | None:
    """A header that stands below other rows, or that is missing; None where the first row names a column, or nearly.

    rows  number of the row and its cells, from the top of the sheet or file
    """
    names = {column.name for column in table.columns}
    required = {column.name for column in table.columns if column.required}

    def known(cells: list[str]) -> int:
        return len(names.intersection(cell.strip() for cell in cells))

    if not rows or known(rows[0][1]):
        return None
    for number, cells in rows[1:_SEARCHED]:
        if known(cells) > 1 or (known(cells) and required.issubset(cell.strip() for cell in cells)):
            first = rows[0][0]
            told = next(cell.strip() for cell in rows[0][1] if cell.strip())
            message = f'the names of the columns stand in row {number}, below "{told[:40]}".'
            remedy = "Remove the rows above them: a table begins with the names of its columns."
            return InputProblem(file, first, "", message, remedy, rule="file")
    head = [cell.strip() for cell in rows[0][1] if cell.strip()]
    if len(rows) > 1 and len(head) > 1 and not any(schema.nearest(cell, names) for cell in head):
        message = f'names no column of the table: it begins with "{head[0][:40]}".'
        remedy = f"The first row holds the names of the columns: {schema.some([column.name for column in table.columns], 40)}."
        return InputProblem(file, rows[0][0], "", message, remedy, rule="file")
    return None

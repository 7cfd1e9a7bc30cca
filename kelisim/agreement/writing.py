"""How people write what a table expects: units and carriers in three languages, days with points, numbers with commas."""

from __future__ import annotations

import re

import pandas as pd

from kelisim.agreement.words import latin, meanings, plain
from kelisim.case import schema
from kelisim.case.case import Case

DAYS, NUMBERS = ("start", "end"), ("quantity", "threshold")
WORDS = ("kind", "force", "status", "carrier", "unit")


def usual(case: Case, cells: pd.DataFrame) -> pd.DataFrame:
    """Text cells of provisions as the table expects them; what is not known stays as it is, and is told of as wrong."""
    found = cells.copy()
    for column in found.columns:
        if column in DAYS:
            found[column] = found[column].map(_day)
        elif column in NUMBERS:
            found[column] = found[column].map(_number)
        elif column in WORDS:
            found[column] = [_word(case, column, str(cell)) for cell in found[column]]
    return found


def _word(case: Case, column: str, cell: str) -> str:
    word = plain(cell).replace("³", "3")
    if column == "kind":
        word = word.replace(" ", "_").replace("-", "_")
    meant = meanings().get((column, word)) or meanings().get((column, word.rstrip(".")))
    if meant:
        return meant
    if column == "carrier":
        names = case.table("carriers")
        same = names["carrier"][(names["name"].map(plain) == word).to_numpy()]
        return str(same.iloc[0]) if len(same) else cell
    return word if column in ("kind", "force", "status") else cell


def _day(cell: str) -> str:
    """A day such as 31.12.2030 or 31/12/2030 as 2030-12-31; a year or month stays."""
    found = re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})(?: ?г\.?)?", cell.strip())
    if found:
        day, month, year = found.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}"
    named = re.fullmatch(r"(\d{1,2}) ([A-Za-z]+) (\d{4})", cell.strip())
    if named:
        try:
            return str(pd.Timestamp(cell).date())
        except ValueError:
            return cell
    return cell


def _number(cell: str) -> str:
    """A number such as 1 200 or 12,5 as 1200 and 12.5; 1,200 stays, as it may mean either."""
    text = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d)", "", cell.strip())
    return re.sub(r"^([+-]?\d+),(\d{1,2})$", r"\1.\2", text)


def near(case: Case, column: str, cell: str) -> str:
    """The nearest right value of a cell by what people write for it, in either script; empty if none is near."""
    meant = {latin(word): value for (of, word), value in meanings().items() if of == column}
    if column == "carrier":
        names = case.table("carriers")
        meant |= {latin(name): str(one) for one, name in zip(names["carrier"], names["name"], strict=True)}
    found = schema.nearest(latin(cell), meant)
    return meant.get(found, "")

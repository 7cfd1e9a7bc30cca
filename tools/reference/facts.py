"""Reads the fact tables and finds the published source behind every row.

A fact row is named `folder/file.csv#key`. Its key is the first column, or for demand the place, carrier,
class and year in the forms the join tables use. Every value stays text until a module needs a number, so
that a figure ships as it was printed.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

import pandas as pd

FOLDERS = ("gas", "oil", "electricity", "coal_rail", "policy", "more", "more_policy")
JOIN = "join/estimates"
README = {folder: f"{folder}/balance_notes" for folder in FOLDERS}


class Facts:
    """The folder of facts, with tables as text and sources by row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """One table as text, such as table("join/link_join"); an empty cell is an empty text."""
        if name not in self._tables:
            self._tables[name] = pd.read_csv(self.folder / f"{name}.csv", dtype=str, keep_default_na=False)
        return self._tables[name]

    def records(self, name: str) -> list[dict[str, str]]:
        """The rows of a table, each by its columns."""
        return [
            {str(key): str(cell) for key, cell in row.items()} for row in self.table(name).to_dict("records")
        ]

    def groups(self, name: str, column: str) -> dict[str, list[dict[str, str]]]:
        """The rows of a table by one of their columns, in the order of the table."""
        found: dict[str, list[dict[str, str]]] = {}
        for row in self.records(name):
            found.setdefault(row[column], []).append(row)
        return found

    def by(self, name: str, column: str) -> dict[str, dict[str, str]]:
        """The first row of a table for each value of a column."""
        return {key: rows[0] for key, rows in self.groups(name, column).items()}

    @cached_property
    def rows(self) -> dict[str, dict[str, str]]:
        """Every fact row by its `folder/file.csv#key`."""
        found: dict[str, dict[str, str]] = {}
        for folder in FOLDERS:
            for path in sorted((self.folder / folder).glob("*.csv")):
                for row in self.records(f"{folder}/{path.stem}"):
                    for key in _keys(path.stem, row):
                        found.setdefault(f"{folder}/{path.name}#{key}", row)
        return found

    @cached_property
    def known_sources(self) -> set[str]:
        """Source ids with their folder in front."""
        return {
            f"{folder}/{source}"
            for folder in FOLDERS
            for source in self.table(f"{folder}/sources")["source_id"]
        }

    def row(self, reference: str) -> dict[str, str] | None:
        """The fact row of one reference, or nothing."""
        return self.rows.get(reference.strip())

    def first(self, references: str, column: str) -> str:
        """First non-empty cell of a column among the rows named in `references`."""
        for reference in references.split(";"):
            row = self.row(reference)
            if row is not None and row.get(column):
                return str(row[column])
        return ""

    def sources(self, references: str) -> str:
        """Source ids, separated by `;`, behind a list of fact rows.

        A row of the folder's own notes gives those notes; a row made in the join gives `join/estimates`.
        """
        found: list[str] = []
        for reference in references.split(";"):
            reference = reference.strip()
            if not reference:
                continue
            folder = reference.split("/")[0]
            row = self.row(reference)
            if row is not None and row.get("source_id"):
                found += self.source_ids(folder, str(row["source_id"]))
            elif reference.startswith("join"):
                found.append(JOIN)
                found += self.sources(";".join(re.findall(r"\w+/\w+\.csv#[\w:]+", reference)))
            elif folder in README:
                found.append(README[folder])
            else:
                found.append(JOIN)
        return ";".join(dict.fromkeys(found))

    def source_ids(self, folder: str, cell: str) -> list[str]:
        """Source ids with the folder in front; a cell may hold several."""
        ids = [f"{folder}/{one.strip()}" for one in re.split(r"[;,]", cell) if one.strip()]
        return [one if one in self.known_sources else README[folder] for one in ids]


def _keys(stem: str, row: dict[str, str]) -> list[str]:
    """The names by which the join tables call a fact row."""
    if stem == "demand":
        place, carrier, group, year = (row[c] for c in ("place_id", "carrier", "consumer_class", "year"))
        return [f"{place}:{carrier}:{group}", f"{place}:{group}:{year}", f"{place}:{group}"]
    return [next(iter(row.values()))]


def number(text: str) -> float:
    """A number from a cell."""
    return float(text.replace(",", ""))


def show(value: float) -> str:
    """A computed number with at most seven digits, the same on every machine."""
    return f"{value:.7g}"


def short(*parts: str) -> str:
    """A note of several parts, empty ones left out."""
    return "; ".join(dict.fromkeys(part.strip(" ;") for part in parts if part.strip(" ;")))


UNITS = {
    "MW_th": "MW",
    "GWh_th": "GWh",
    "Mt raw": "Mt",
    "mcm/d": "million m3/day",
    "million m3/day raw": "million m3/day",
    "USD/MWh without fuel": "USD/MWh",
    "USD/MWh_th without fuel": "USD/MWh",
    "USD/t crude": "USD/t",
    "USD/t raw": "USD/t",
    "USD/t of gasoline, diesel or jet": "USD/t",
}


def unit(text: str) -> str:
    """A unit a program can read: no remark behind it."""
    text = re.sub(r"\s*\(.*\)$", "", text.strip())
    return UNITS.get(text, text)

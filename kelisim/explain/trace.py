"""From a number of a result table to the rows it is added up from, down to the rows of the case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.acts import Target, targets
from kelisim.explain.formula import Formula, Term, formulas
from kelisim.explain.price import price_parts
from kelisim.explain.tables import CaseRow, Frames, TracedCell, TracedPart, table_of
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.schema import ResultTable
from kelisim.tolerances import VANISHING

MOST_VISITS = 20_000
MOST_ZEROS = 12
_ELEMENTS = ("links", "assets", "storages", "markets", "contracts", "resources", "places")
GRADES = ("A", "B", "C", "")  # the weakest last; "" is a row without a grade


@dataclass(frozen=True)
class Leaf:
    """Where a trace ends: a cell, what it gives to the number, the rows of the case passed on the way, their worst grade."""

    cell: TracedCell | None
    contribution: float
    rows: tuple[CaseRow, ...]
    grade: str
    label: str = ""


class Tracer:
    """Traces numbers of one set of results."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.case = results.case
        self.frames = Frames(results)
        self.names = {one: name for one, name in element_names(self.case).items() if name != one}
        self.visits = 0
        self._index: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[CaseRow]]] = {}

    # ---- one step down
    def value(self, cell: TracedCell) -> float:
        return float(self.frames[cell.table][cell.column].iat[cell.at])

    def formula(self, cell: TracedCell) -> Formula:
        """How its column is computed."""
        return formulas(self.results.study).get((cell.table, cell.column), Formula())

    def parts(self, cell: TracedCell) -> tuple[list[TracedPart], bool]:
        """What a number is added up from, and whether a trace goes on through it."""
        if cell.table == "places.price":
            return price_parts(self.frames, cell.at), True
        formula = self.formula(cell)
        row = self.frames[cell.table].iloc[cell.at]
        found: list[TracedPart] = []
        for term in formula.terms:
            if term.when is None or str(row[term.when[0]]) == term.when[1]:
                found += self._of(term, cell, row)
        if formula.kind == "share":
            found = _shared(found, self.value(cell))
        if formula.kind == "max":
            found = sorted(found, key=lambda part: -part.contribution)[:1]
        return found, formula.kind not in ("last", "max")

    def _of(self, term: Term, cell: TracedCell, row: pd.Series) -> list[TracedPart]:
        home = term.table or cell.table
        if home not in self.frames:
            return []
        rows = self.frames[home]
        names = self._names(row)
        if not term.table:
            rows = rows.iloc[[cell.at]]
        elif term.where and len(rows):
            rows = rows.query(term.where, local_dict=names, engine="python")
        if rows.empty:
            return []
        amounts = rows.eval(term.amount, local_dict=names, engine="python")
        if home == "@uses":
            spots = zip(rows["_table"], rows["_at"], rows["_column"], strict=True)
            cells = [TracedCell(str(table), int(at), str(column)) for table, at, column in spots]
        else:
            cells = [TracedCell(home, int(at), term.column) for at in rows.index]
        given = np.broadcast_to(np.asarray(amounts, dtype=float), len(rows))
        return [TracedPart(part, float(amount)) for part, amount in zip(cells, given, strict=True)]

    def _names(self, row: pd.Series) -> dict[str, Any]:
        """What `@x` may name: the cells of the row, and a few facts of the case.

        display    what to multiply MWh of its carrier with, for the unit of pages
        countries  its country, or all of them for the row of the whole case
        over       elements that its contract books
        """
        names: dict[str, Any] = {str(name): value for name, value in row.items()}
        names["horizon_hours"] = float(self.case.horizon.hours.sum())
        if "unit" in row and "carrier" in row:
            names["display"] = self.case.units.display(str(row["carrier"]))[1]
        if "country" in row:
            every = sorted(set(self.frames.country.values()))
            names["countries"] = every if row["country"] == "all" else [row["country"]]
        if "case_over" in row:
            names["over"] = [word.strip() for word in str(row["case_over"]).split(";") if word.strip()]
        return names

    # ---- all the way down
    def leaves(self, cell: TracedCell) -> list[Leaf]:
        """Where the trace of a number ends; the contributions add up to the number."""
        self.visits = 0
        return self._down(cell, self.value(cell), (), ())

    def _down(
        self, cell: TracedCell, contribution: float, above: tuple[CaseRow, ...], path: tuple[TracedCell, ...]
    ) -> list[Leaf]:
        self.visits += 1
        rows = above + tuple(row for row in self.case_rows(cell) if row not in above)
        end = [Leaf(cell, contribution, rows, self.worst(rows))]
        if cell in path or self.visits > MOST_VISITS:
            return end
        parts, goes_on = self.parts(cell)
        if not goes_on and path:
            return end
        size = sum(abs(part.contribution) for part in parts)
        total = sum(part.contribution for part in parts)
        if not parts:
            return end
        if size == 0.0:  # nothing gives anything: look at the first few that could have
            return [
                leaf
                for part in parts[:MOST_ZEROS]
                if part.cell
                for leaf in self._down(part.cell, 0.0, rows, (*path, cell))
            ]
        scale = 1.0 if not path else (contribution / total if abs(total) > VANISHING * size else 0.0)
        found: list[Leaf] = []
        for part in parts:
            if part.contribution == 0.0:
                continue
            gives = part.contribution * scale
            if part.cell is None or not goes_on:
                found.append(self._ended(replace(part, contribution=gives), rows))
            else:
                found += self._down(part.cell, gives, rows, (*path, cell))
        return found

    def _ended(self, part: TracedPart, above: tuple[CaseRow, ...]) -> Leaf:
        rows = part.rows or (tuple(self.case_rows(part.cell)) if part.cell else ())
        rows = above + tuple(row for row in rows if row not in above)
        return Leaf(part.cell, part.contribution, rows, self.worst(rows), part.label)

    # ---- rows of the case
    def case_rows(self, cell: TracedCell) -> list[CaseRow]:
        """Rows of the case that say what this row is: (table, label of the row in the case's frame).

        Those of the table of the case that stands behind the result table; else, for a number that is not added up
        from others, those that the keys of its row name.
        """
        row = self.frames[cell.table].iloc[cell.at]
        table = table_of(self.results, cell.table)
        if table.case == "@table":
            return self._element(str(row["table"]), str(row["element"]))
        if table.case:
            return self._rows(table.case, row)
        if self.formula(cell).terms:
            return []
        if cell.table == "facts":
            return self._named(json.loads(row["places"]))
        return self._keyed(table, row) or self._guessed(row)

    def _keyed(self, table: ResultTable, row: pd.Series) -> list[CaseRow]:
        """Rows that the keys of a row name: an identifier of a table, table:element, a row of demand."""
        found = self._rows("demand", row) if set(schema.tables()["demand"].keys) <= set(table.keys) else []
        for name in table.keys:
            home, text = table.columns[name].key, str(row[name])
            acts = targets(text, "never") if home not in schema.tables() else [Target(home, text, "")]
            found += [one for act in acts for one in self._element(act.table, act.element)]
        return found

    def _element(self, home: str, element: str) -> list[CaseRow]:
        """Rows of an element, place:carrier:class for one of demand; a kind of the package is no evidence."""
        if home not in schema.tables() or home in schema.KIND_TABLES:
            return []
        return self._rows(home, dict(zip(schema.tables()[home].keys, element.split(":"), strict=False)))

    def _named(self, places: Any) -> list[CaseRow]:
        """Rows of the elements that a fact names, however deep in its places."""
        if isinstance(places, str):
            return [row for home in _ELEMENTS for row in self._element(home, places)]
        inner = places.values() if isinstance(places, dict) else places if isinstance(places, list) else ()
        return list(dict.fromkeys(row for place in inner for row in self._named(place)))

    def _rows(self, home: str, row: Mapping[str, Any] | pd.Series) -> list[CaseRow]:
        keys = [key for key in schema.tables()[home].keys if key in row]
        if not keys:
            return []
        return self._cached(home, tuple(keys)).get(tuple(str(row[key]) for key in keys), [])

    def _cached(self, home: str, keys: tuple[str, ...]) -> dict[tuple[str, ...], list[CaseRow]]:
        if (home, keys) not in self._index:
            frame = self.case.ports if home == "asset_ports" else self.case.table(home)
            found: dict[tuple[str, ...], list[CaseRow]] = {}
            for label, *words in frame[list(keys)].itertuples(name=None):
                found.setdefault(tuple(str(word) for word in words), []).append((home, label))
            self._index[home, keys] = found
        return self._index[home, keys]

    def _guessed(self, row: pd.Series) -> list[CaseRow]:
        """For tables that do not say it: identifiers of the case in cells that bear the name of their column."""
        found: list[CaseRow] = []
        for home in ("links", "assets", "storages", "markets", "contracts", "resources"):
            key = schema.tables()[home].id_column
            if key in row:
                found += self._rows(home, {key: row[key]})
        if "element" in row:
            table = str(row.get("table", ""))
            for home in [table] if table in schema.tables() else _ELEMENTS:
                found += self._element(home, str(row["element"]))
        if {"place", "carrier", "customer_class"} <= set(row.index):
            found += self._rows("demand", row)
        if not found and "place" in row:
            found += self._rows("places", row)
        return found

    def grade(self, row: CaseRow) -> str:
        """Grade of a row of the case."""
        frame = self.case.table(row[0])
        if "confidence" not in frame.columns or row[1] not in frame.index:
            return ""
        found = frame["confidence"].loc[row[1]]
        return str(found if isinstance(found, str) else found.iloc[0])

    def worst(self, rows: tuple[CaseRow, ...]) -> str:
        """The weakest grade among rows; places do not count: they say where a thing is, not how much of it there is."""
        grades = [self.grade(row) for row in rows if row[0] != "places"]
        return max(grades, key=GRADES.index, default="")


def _shared(parts: list[TracedPart], value: float) -> list[TracedPart]:
    """The parts scaled so that they add up to the number."""
    total = sum(part.contribution for part in parts)
    size = sum(abs(part.contribution) for part in parts)
    if size == 0.0 or abs(total) <= VANISHING * size:
        return [] if value else parts
    return [replace(part, contribution=part.contribution * value / total) for part in parts]

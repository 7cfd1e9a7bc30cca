"""A case seen beside what is already known to be wrong in it, so that one mistake is told once.

References that miss a known identifier by a letter are read as the nearest one; what stays unknown is in doubt, and
rules give it the benefit of that doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case, reference_of
from kelisim.case.typed import word_meant
from kelisim.errors import InputProblem

# word for a table in a row that names an element -> table that holds the element
ELEMENT_TABLES: Mapping[str, str] = {
    **{table: table for table in ("links", "assets", "markets", "contracts", "storages", "places")},
    **{"links_back": "links", "storages_withdrawal": "storages", "storages_injection": "storages"},
}
ELEMENT_COLUMNS = ("resource_uses", "outages", "outage_rates")
# rules that a cell may break and still say what it says
_HARMLESS = ("duplicate", "identifier")
_Made = TypeVar("_Made")
Rule = Callable[["CaseView"], Iterator[InputProblem]]


def about(table: str) -> Callable[[Rule], Rule]:
    """Of a rule that has nothing to say where a table has no rows: it is asked only where there are some."""

    def held(rule: Rule) -> Rule:
        @wraps(rule)
        def asked(view: CaseView) -> Iterator[InputProblem]:
            return rule(view) if len(view.rows(table)) else iter(())

        return asked

    return held


def each(rows: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Line in the file and the cells of these columns, row by row; quick where there are few rows or none."""
    return zip(rows.index.tolist(), *(rows[name].tolist() for name in columns), strict=True)


def file_of(case: Case, table: str) -> str:
    """What to call a table in a message."""
    return case.files.get(table, f"{table}.csv")


def settings_file(case: Case) -> str:
    """What to call the settings in a message."""
    return case.files.get("case", "case.toml")


def unread(case: Case) -> set[str]:
    """Tables whose file could not be read or has a name that no table has: nothing can be said about references to them."""
    known = schema.tables()
    found = {
        name
        for name, file in case.files.items()
        if name in known
        and name not in case.tables
        and (file.lower().endswith(".csv") or file.endswith(f" sheet {name}"))
    }
    strange = [name for name in case.files if name not in known and name != "case"]
    return found | ({schema.nearest(name, known) for name in strange} - {""} - set(case.tables))


def ids_of(case: Case, table: str) -> set[str]:
    """Identifiers of a table."""
    return set(case.table(table)[schema.tables()[table].id_column]) - {""}


class CaseView:
    """A case and its cells that are wrong."""

    def __init__(self, case: Case, already: Iterable[InputProblem] = ()) -> None:
        self.case = case
        self.unread = unread(case)
        self.settings: set[str] = set()  # settings that are wrong
        self._settings_file = settings_file(case)
        self._homes: dict[str, list[str]] = {}  # tables by file: places and links of a map share one
        for name in schema.tables():
            self._homes.setdefault(file_of(case, name), []).append(name)
        self._cells: dict[tuple[str, str], set[int]] = {}  # that cannot be relied on
        self._told: set[tuple[str, int, str]] = set()
        self._rows: dict[str, pd.DataFrame] = {}
        self._ids: dict[str, set[str]] = {}
        self._astray: dict[tuple[str, str], np.ndarray | None] = {}  # rows whose word is not known
        self._made: dict[Callable[..., object], object] = {}  # by what made it
        for problem in already:
            self.note(problem)

    def note(self, problem: InputProblem) -> None:
        """Remember that a cell is wrong; row 0 stands for a whole column."""
        self._made.clear()
        self._told.add((problem.file, problem.row, problem.column))
        if problem.file == self._settings_file:
            self.settings.add(problem.column)
        else:
            for table in self._tables_of(problem):
                self._doubt(table, problem)

    def _tables_of(self, problem: InputProblem) -> list[str]:
        """The tables that a problem can be of: none if its file is no table, both where places and links share a file."""
        found = self._homes.get(problem.file, [])
        if len(found) > 1:
            found = [name for name in found if problem.column in schema.tables()[name]] or found
            if problem.rule != "unknown":
                found = [name for name in found if problem.row in self.rows(name).index] or found
        return found

    def _doubt(self, table: str, problem: InputProblem) -> None:
        """Remember what a problem makes doubtful in a table of its file."""
        if problem.rule == "unknown":
            if problem.nearest in schema.tables()[table] and self._is_empty(table, problem.nearest):
                self._cells.setdefault((table, problem.nearest), set()).add(0)
        elif problem.rule in _HARMLESS or (
            problem.rule == "reference" and self._target(table, problem.column)
        ):
            pass  # of a dangling reference, whether its mended word is known decides
        else:
            whole = problem.row not in self.rows(table).index
            self._cells.setdefault((table, problem.column), set()).add(0 if whole else problem.row)

    def told(self, problem: InputProblem) -> bool:
        """Whether a problem of the same cell is known already."""
        return (problem.file, problem.row, problem.column) in self._told

    @property
    def is_sound(self) -> bool:
        """Whether nothing is known to be wrong: what needs the whole network is asked only then."""
        return not self._told

    def doubts(self, path: str) -> bool:
        """Whether a setting, or the section or file it stands in, is wrong; path: such as "horizon" or "money.currency"."""
        return any(path.startswith(name) or name.startswith(path) for name in self.settings)

    def problem(
        self,
        table: str,
        row: object,
        column: str,
        message: str,
        remedy: str = "",
        nearest: str = "",
        rule: str = "",
    ) -> InputProblem:
        """A problem of one cell of a table."""
        return InputProblem(file_of(self.case, table), int(str(row)), column, message, remedy, nearest, rule)

    def made(self, make: Callable[[CaseView], _Made]) -> _Made:
        """What `make` makes of this view: once, until another cell is known to be wrong."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("_Made", self._made[make])

    # ---- rows
    def rows(self, table: str) -> pd.DataFrame:
        """Rows that the case wrote itself, with near misses of references put right; index: line in the file."""
        if table not in self._rows:
            frame = self.case.tables.get(table)
            frame = self.case.table(table).iloc[:0] if frame is None else frame
            self._rows[table] = self._mended(table, frame)
        return self._rows[table]

    def kinds(self, table: str) -> pd.DataFrame:
        """Rows of a kind table with the shipped ones, whose index is -1."""
        own = self.rows(table)
        shipped = self.case.table(table).iloc[len(own) :]
        return (
            pd.concat([own, shipped.set_axis([-1] * len(shipped))])
            if len(own)
            else shipped.set_axis([-1] * len(shipped))
        )

    def ids(self, table: str) -> set[str]:
        if table not in self._ids:
            self._ids[table] = ids_of(self.case, table)
        return self._ids[table]

    def wrong(self, table: str, *columns: str) -> pd.Series:
        """Which rows have a cell in these columns that cannot be relied on."""
        return pd.Series(self._wrong(table, columns), index=self.rows(table).index)

    def sure(self, table: str, *columns: str) -> pd.DataFrame:
        """Rows whose cells in these columns can be relied on."""
        wrong = self._wrong(table, columns)
        return self.rows(table)[~wrong] if wrong.any() else self.rows(table)

    @property
    def carriers(self) -> set[str]:
        """Carriers whose quantities can be converted."""
        return self.made(_carriers)

    # ---- ports
    @cached_property
    def ports(self) -> pd.DataFrame:
        """Ports of each asset, those of its kind included: asset, carrier, ratio, unit; index: line in asset_ports."""
        written = self.rows("asset_ports")[["asset", "kind", "carrier", "ratio", "unit"]]
        own = written[written["asset"] != ""]
        of_kind = written[(written["asset"] == "") & (written["kind"] != "")]
        assets = self.rows("assets")[["asset", "kind"]]
        bare = assets[~assets["asset"].isin(own["asset"])].drop_duplicates("asset")
        spread = (
            of_kind.reset_index(names="_row").drop(columns="asset").merge(bare, on="kind").set_index("_row")
        )
        return (
            pd.concat([own, spread])[["asset", "carrier", "ratio", "unit"]]
            if len(spread)
            else own.drop(columns="kind")
        )

    @cached_property
    def references(self) -> dict[str, str]:
        """Carrier of each asset's reference port, where that is known."""
        ports = self.ports[
            ~self.ports["carrier"].isin(["", *self._strange("carriers", self.ports["carrier"])])
        ]
        return reference_of(ports)

    # ---- private
    def _wrong(self, table: str, columns: Iterable[str]) -> np.ndarray:
        """As wrong, (rows,)."""
        index = self.rows(table).index
        found = np.zeros(len(index), bool)
        for name in (*columns, ""):
            lines = self._cells.get((table, name), ())
            if 0 in lines and name:
                found[:] = True
            elif lines:
                found |= index.isin(lines)
            astray = self._misses(table, name) if name else None
            if astray is not None:
                found |= astray
        return found

    def _misses(self, table: str, column: str) -> np.ndarray | None:
        """Rows that name something that no table has, (rows,); None if there is none."""
        if (table, column) not in self._astray:
            frame, target = self.rows(table), self._target(table, column)
            misses = np.zeros(0, bool)
            if target and len(frame):
                known = (
                    self._elements_known(frame) if target == "element" else self._known(frame[column], target)
                )
                misses = ~known.to_numpy()
            self._astray[table, column] = misses if misses.any() else None
        return self._astray[table, column]

    def _is_empty(self, table: str, column: str) -> bool:
        """Whether a column has nothing but its default: it was not read under its misspelt name either."""
        known = schema.tables()[table][column]
        cells = self.rows(table)[column]
        blank = float(known.default) if known.is_number and known.default else known.default
        return bool(((cells == blank) | cells.isna()).all()) if known.type != "flag" else True

    def _target(self, table: str, column: str) -> str:
        """What a column refers to, or nothing."""
        if column == "element" and table in ELEMENT_COLUMNS:
            return "element"
        known = schema.tables()[table]
        return known[column].refers_to if column in known and known[column].type in ("ref", "refs") else ""

    def _elements_known(self, frame: pd.DataFrame) -> pd.Series:
        homes = frame["table"].map(lambda word: ELEMENT_TABLES.get(word, ""))
        good = [
            not e or not h or (h not in self.unread and e in self.ids(h))
            for e, h in zip(frame["element"], homes, strict=True)
        ]
        return pd.Series(good, index=frame.index, dtype=bool)

    def _strange(self, target: str, words: pd.Series) -> set[str]:
        return set(words) - self.ids(target)

    def _known(self, cells: pd.Series, target: str) -> pd.Series:
        if target in self.unread:
            return cells == ""
        known = self.ids(target) | {""}
        good = {cell: all(word in known for word in str(cell).split(";")) for cell in cells.unique()}
        return cells.map(good).astype(bool)

    def _mended(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        changed = {}
        for column in schema.tables()[table].columns:
            if column.type in ("ref", "refs") and column.refers_to and len(frame):
                strange = frame[column.name][~self._known(frame[column.name], column.refers_to)]
                if len(strange) and column.refers_to not in self.unread:
                    changed[column.name] = frame[column.name].replace(
                        {cell: self._mend(cell, column.refers_to) for cell in strange}
                    )
        if table in ELEMENT_COLUMNS and len(frame):
            changed["element"] = pd.Series(
                [
                    self._mend(element, ELEMENT_TABLES[home]) if home in ELEMENT_TABLES else element
                    for home, element in zip(frame["table"], frame["element"], strict=True)
                ],
                index=frame.index,
                dtype=object,
            )
        return frame.assign(**changed) if changed else frame

    def _mend(self, cell: str, target: str) -> str:
        known = self.ids(target)
        words = str(cell).split(";")
        return ";".join(
            word if not word or word in known else schema.nearest(word_meant(word), known) or word
            for word in words
        )


def _carriers(view: CaseView) -> set[str]:
    rows = view.rows("carriers")
    return view.ids("carriers") - set(rows["carrier"][view.wrong("carriers", "display_unit")])

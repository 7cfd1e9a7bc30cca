"""The case: a frozen set of tables and a horizon.

Tables are kept as they were written, in the units of their rows; `table` gives them with defaults and shipped kinds,
`quantities` in internal units. A case knows no files: `io` reads and writes it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from kelisim import units
from kelisim.case import schema
from kelisim.case.case_units import Units
from kelisim.case.change import Change, Dated, Outage, Scenario, SetValue
from kelisim.case.horizon import Horizon
from kelisim.case.series import Series, digested, written
from kelisim.case.settings import known, setting_of
from kelisim.case.shapes import Profiles
from kelisim.errors import CaseError, InputProblem, UnitError
from kelisim.late import late

_NOTHING = chr(sys.maxunicode)  # stands after every text


@dataclass(frozen=True)
class Case:
    """What the world is.

    tables    as written: table name -> typed frame whose index is the line in the file
    files     table name -> file or sheet it came from
    settings  the contents of case.toml
    series    profile -> values by step, which its rows are multiplied with; too many to be rows
    """

    settings: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, str] = field(default_factory=dict)
    horizon: Horizon = field(
        default_factory=lambda: Horizon(pd.Timestamp(2024, 1, 1), pd.Timestamp(2025, 1, 1))
    )
    series: Mapping[str, Series] = field(default_factory=dict)

    # ---- what it is called
    @property
    def name(self) -> str:
        return str(self.settings.get("name", "case"))

    @property
    def title(self) -> str:
        return str(self.settings.get("title", self.name))

    @property
    def currency(self) -> str:
        return str(self.setting("money", "currency"))

    def setting(self, section: str, key: str) -> Any:
        """One setting of case.toml, or its default."""
        return setting_of(self.settings, section, key)

    # ---- tables
    def table(self, name: str) -> pd.DataFrame:
        """A table with its defaults and, for kinds, the shipped rows; units as written.

        Rows are in the order of their keys, so that the order of a file decides nothing; kinds in that of pages. The index is
        the line in the file.
        """
        if name not in self._complete:
            table, frame = schema.tables()[name], self.tables.get(name)
            if frame is None:
                frame = empty(table)
            is_kinds = name in schema.KIND_TABLES  # whose order is that of pages
            self._complete[name] = _with_shipped(name, frame) if is_kinds else _sorted(table, frame)
        return self._complete[name]

    @cached_property
    def _complete(self) -> dict[str, pd.DataFrame]:
        return {}  # each table from when it is first asked for

    def quantities(self, name: str) -> pd.DataFrame:
        """A table with all quantities in internal units. Raises CaseError where a unit cannot be converted."""
        if name not in self._converted:
            frame, problems = convert(self, name)
            if problems:
                raise CaseError(self.name, problems)
            self._converted[name] = frame
        return self._converted[name]

    @cached_property
    def _converted(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def units(self) -> Units:
        return Units(self.table("carriers"), self.horizon.year_hours, self.currency, self.told_units)

    @cached_property
    def told_units(self) -> Mapping[str, str]:
        """`[display] units` over those that hold where nothing is written: carrier or family -> unit."""
        usual = known()["display.units"].value
        return {**usual, **self.setting("display", "units")}

    @cached_property
    def profiles(self) -> Profiles:
        return Profiles(self.table("profiles"), self.horizon, self.series)

    @cached_property
    def reference_carriers(self) -> dict[str, str]:
        """Carrier of each asset's reference port."""
        return reference_of(self.ports)

    @cached_property
    def ports(self) -> pd.DataFrame:
        """Ports of each asset, those of its kind included: asset, carrier, ratio, unit as written."""
        written = self.table("asset_ports")
        own = written[written["asset"] != ""]
        kinds = written[(written["asset"] == "") & (written["kind"] != "")]
        assets = self.table("assets")[["asset", "kind"]]
        bare = assets[~assets["asset"].isin(own["asset"])]
        lines = kinds.reset_index(names="_row").drop(columns="asset").merge(bare, on="kind").set_index("_row")
        return pd.concat([own, lines])[list(written.columns)] if len(lines) else own

    # ---- identity and change
    @cached_property
    def fingerprint(self) -> str:
        """Hash of all that bears on an answer, whatever the order of rows: settings, tables as written, shipped kinds."""
        settings = {name: part for name, part in self.settings.items() if name != "horizon"}
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
        digest.update(repr(self.horizon).encode())
        if self.horizon.split:
            digest.update(repr(self.horizon.split).encode())
        if self.horizon.joined:
            digest.update(repr(("joined", self.horizon.joined)).encode())
        for name in sorted(schema.tables()):
            if len(frame := self.table(name)):
                digest.update(name.encode())
                whole = name != "profiles"
                for part in (
                    [frame.to_csv(index=False, lineterminator="\n").encode()] if whole else digested(self)
                ):
                    digest.update(part)
        return digest.hexdigest()[:16]

    def with_numbers(self, frames: Mapping[str, pd.DataFrame]) -> Case:
        """The case with other numbers in some tables as `table` gives them; what rests on their rows, keys and units is not made again."""
        found = replace(self, tables=MappingProxyType({**self.tables, **frames}))
        kept = {name: frame for name, frame in self._converted.items() if name not in frames}
        profiles = self.profiles.moved(frames["profiles"]) if "profiles" in frames else self.profiles
        made = {"_complete": {**self._complete, **frames}, "_converted": kept}
        vars(found).update(made | {"units": self.units, "profiles": profiles})
        return found

    def with_(self, *changes: Change) -> Case:
        """The case with the changes made; this one stays as it is."""
        case = self
        out: list[Outage] = []
        for change in changes:
            if isinstance(change, Outage):
                out.append(change)
                continue
            case = case._with_outages(out)._changed(change)
            out = []
        return case._with_outages(out)

    def at_step(self, step: str) -> Case:
        """The same case at another step (1mo, 1d, 1h); days and months keep their parts. Steps of a table give way to regular ones."""
        if step == self.horizon.step:
            return self
        parts = self.horizon.parts if step in ("1mo", "1d") else ()
        horizon = replace(self.horizon, step=step, parts=parts, listed=(), split=(), joined=())
        tables = {name: frame for name, frame in self.tables.items() if name != "steps"}
        return replace(self, horizon=horizon, tables=MappingProxyType(tables))

    def split_at(self, *days: pd.Timestamp, joined: Iterable[pd.Timestamp] = ()) -> Case:
        """The same case in months, those that hold one of these days as two steps: until it, and from it on.

        joined  first days of months that are one step with the month before
        """
        months = self.at_step("1mo")
        horizon = replace(months.horizon, split=tuple(sorted(days)), joined=tuple(sorted(joined)))
        return replace(months, horizon=horizon)

    def without_parts(self) -> Case:
        """The same case with one balance of each carrier a step."""
        return replace(self, horizon=replace(self.horizon, parts=(), all_parts=False))

    def diff(self, other: Case) -> pd.DataFrame:
        """Cells that differ: table, row key, column, here, there."""
        found = []
        for name, table in schema.tables().items():
            keys = list(table.keys)
            here, there = (
                _keyed(written(case)[name] if name == "profiles" and case.series else case.table(name), keys)
                for case in (self, other)
            )
            for key in here.index.union(there.index):
                if key not in here.index or key not in there.index:
                    found.append((name, key, "", key in here.index, key in there.index))
                    continue
                a, b = here.loc[key], there.loc[key]
                found += [
                    (name, key, column, a[column], b[column])
                    for column in here.columns
                    if not (a[column] == b[column] or (pd.isna(a[column]) and pd.isna(b[column])))
                ]
        return pd.DataFrame(found, columns=["table", "key", "column", "here", "there"])

    def _changed(self, change: SetValue | Dated | Scenario) -> Case:
        if isinstance(change, Scenario):
            return self.with_(*change.changes)
        if isinstance(change, Dated):
            words = f"{change.table}.{change.column} of some days only is no cell of a case."
            raise CaseError(
                self.name, [InputProblem("change", 0, change.column, words, "Ask a window for it.")]
            )
        return self._with_value(change)

    def home_of(self, element: str) -> str:
        """Table of an element that can be out of service, or "groups" for links that share one capacity.

        Raises CaseError with the nearest identifier.
        """
        known: list[str] = []
        for table in ("links", "assets", "storages", "places", "markets", "contracts"):
            ids = self.table(table)[schema.tables()[table].id_column]
            if (ids == element).any():
                return table
            known += list(ids)
        groups = self.table("links")["shared_with"]
        if (groups == element).any():
            return "groups"
        known += [group for group in dict.fromkeys(groups) if group]
        problem = InputProblem(
            "change", 0, "element", f'no element "{element}".', "", schema.nearest(element, known)
        )
        raise CaseError(self.name, [problem])

    def _with_outages(self, outages: Sequence[Outage]) -> Case:
        if not outages:
            return self
        old = self.table("outages")
        rows = []
        for one in outages:
            start, end = _stamp(one.start, self.horizon.start), _stamp(one.end, None)
            named = {
                "table": one.table or self.home_of(one.element),
                "element": one.element,
                "share": one.share,
            }
            rows.append({**dict.fromkeys(old.columns, ""), **named, "start": start, "end": end})
        first = int(old.index.max()) + 1 if len(old) else 2
        new = pd.DataFrame(rows, index=range(first, first + len(rows)))[list(old.columns)]
        new["end"] = pd.to_datetime(new["end"])
        return self.with_table("outages", new if old.empty else pd.concat([old, new]))

    def _with_value(self, change: SetValue) -> Case:
        table = schema.tables().get(change.table)
        if table is None or change.column not in table:
            known = list(schema.tables()) if table is None else [c.name for c in table.columns]
            word = change.table if table is None else change.column
            problem = InputProblem(
                "change", 0, change.table, f'no "{word}" in a case.', "", schema.nearest(word, known)
            )
            raise CaseError(self.name, [problem])
        frame = self.table(change.table)
        rows = frame[table.id_column] == change.element
        if not rows.any():
            near = schema.nearest(change.element, frame[table.id_column])
            raise CaseError(
                self.name,
                [InputProblem(change.table, 0, table.id_column, f'no "{change.element}".', "", near)],
            )
        text = frame.astype(object).copy()
        text.loc[rows, change.column] = change.value
        typed, problems = schema.parse(table, to_text(table, text), change.table)
        if problems:
            raise CaseError(self.name, problems)
        return self.with_table(change.table, typed)

    def with_table(self, name: str, frame: pd.DataFrame) -> Case:
        """The case with another typed table."""
        found = replace(self, tables=MappingProxyType({**self.tables, name: frame}))
        vars(found)["_complete"] = {other: kept for other, kept in self._complete.items() if other != name}
        return found

    def explore(self) -> Any:
        """A map of the case, for notebooks; the report layer stands above this one."""
        return late("case_map")(self)

    def __repr__(self) -> str:
        sizes = ", ".join(
            f"{len(f)} {n}" for n, f in self.tables.items() if n in ("places", "links", "assets", "demand")
        )
        return f"Case({self.name!r}: {sizes}; {self.horizon.whole} steps of {self.horizon.step})"


def _stamp(day: date | None, default: pd.Timestamp | None) -> Any:
    return default if day is None else pd.Timestamp(day)


def _sorted(table: schema.Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows by the texts of their keys; by those of all cells where keys repeat."""
    if len(frame) < 2:
        return frame
    texts = _texts(frame, table.keys)
    if len(set(texts)) < len(texts):
        texts = _texts(frame, list(frame.columns))
    return frame.iloc[sorted(range(len(texts)), key=texts.__getitem__)]


def _texts(frame: pd.DataFrame, columns: Sequence[str]) -> list[Any]:
    """What each row says in these columns, for an order of rows in which nothing stands after everything."""
    cells = [
        [text if isinstance(text, str) else _NOTHING for text in frame[name].astype(str).tolist()]
        for name in columns
    ]
    return cells[0] if len(cells) == 1 else list(zip(*cells, strict=True)) if cells else [""] * len(frame)


def _keyed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.drop_duplicates(keys).set_index(keys)


def empty(table: schema.Table) -> pd.DataFrame:
    """A table without rows."""
    return _empty(table.name).copy()


@cache
def _empty(name: str) -> pd.DataFrame:
    table = schema.tables()[name]
    frame, _ = schema.parse(
        table, pd.DataFrame({c.name: pd.Series(dtype=object) for c in table.columns}), name
    )
    return frame


def _with_shipped(name: str, own: pd.DataFrame) -> pd.DataFrame:
    rows = schema.shipped(name)
    if name == "customer_classes":
        taken = {
            (cls, c)
            for cls, cs in zip(own["customer_class"], own["carrier"], strict=True)
            for c in str(cs).split(";")
        }
        rows = rows.assign(
            carrier=[
                ";".join(c for c in str(cs).split(";") if (cls, c) not in taken)
                for cls, cs in zip(rows["customer_class"], rows["carrier"], strict=True)
            ]
        )
        rows = rows[rows["carrier"] != ""]
    else:
        key = schema.tables()[name].id_column
        rows = rows[~rows[key].isin(own[key])]
    return rows if own.empty else pd.concat([own, rows]) if len(rows) else own


def to_text(table: schema.Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Typed cells back to the text a file holds; empty where missing."""
    out = {}
    for column in table.columns:
        cells = frame[column.name]
        if column.type == "flag":
            out[column.name] = cells.map(lambda v: "yes" if v in (True, "yes", "true", "1") else "no")
        elif column.type == "date":
            out[column.name] = pd.to_datetime(cells).map(
                lambda v: "" if pd.isna(v) else v.isoformat().removesuffix("T00:00:00")
            )
        elif column.is_number:
            out[column.name] = cells.map(_number_text)
        else:
            out[column.name] = cells.map(
                lambda v: "" if v is None or (isinstance(v, float) and np.isnan(v)) else str(v)
            )
    return pd.DataFrame(out, index=frame.index, dtype=object)


def _number_text(value: Any) -> str:
    if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def reference_of(ports: pd.DataFrame) -> dict[str, str]:
    """asset -> carrier of its reference port: of those of ratio 1, an output before an input, then by name."""
    ones = ports[ports["ratio"].abs() == 1.0]
    first = ones.sort_values(["ratio", "carrier"], ascending=[False, True]).drop_duplicates("asset")
    return dict(zip(first["asset"], first["carrier"], strict=True))


def carrier_of_rows(case: Case, name: str, frame: pd.DataFrame) -> pd.Series:
    """The carrier whose heat content converts each row's quantities."""
    if name == "assets":
        return frame["asset"].map(case.reference_carriers).astype(object).fillna("")
    if "carrier" in frame.columns:
        return frame["carrier"]
    return pd.Series("", index=frame.index)


def convert(case: Case, name: str) -> tuple[pd.DataFrame, list[InputProblem]]:
    """A table in internal units, and a problem for each row whose unit cannot be converted."""
    table = schema.tables()[name]
    frame = case.table(name).copy()
    carriers = carrier_of_rows(case, name, frame)
    problems = []
    for column in table.quantities():
        unit_texts = frame[column.unit_column]
        factors = np.full(len(frame), np.nan)
        seen: dict[tuple[str, str], float] = {}
        wrong: dict[tuple[str, str], str] = {}
        for row, (unit, carrier) in enumerate(zip(unit_texts, carriers, strict=True)):
            first = str(carrier).split(";")[0]
            if (unit, first) not in seen:
                try:
                    seen[unit, first] = case.units.factor(unit, column.dimension, first)
                except UnitError as error:
                    seen[unit, first], wrong[unit, first] = np.nan, str(error)
            factors[row] = seen[unit, first]
            if (unit, first) in wrong and not pd.isna(frame[column.name].iloc[row]):
                problems.append(
                    InputProblem(
                        case.files.get(name, name),
                        int(frame.index[row]),
                        column.unit_column,
                        f"{wrong[unit, first]}.",
                        f"{column.name} is {units.meaning(column.dimension)}.",
                        rule="unit",
                    )
                )
        frame[column.name] = frame[column.name] * factors
    return frame, problems

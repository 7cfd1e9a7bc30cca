"""Result tables as explanations read them: cells, parts of a number, and the frames widened by what the case says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.results.results import Results
from kelisim.results.schema import PART, ResultTable, described

NUMBERS = "fiu"
CaseRow = tuple[str, Any]  # table of the case, label of the row in its frame


@dataclass(frozen=True)
class TracedCell:
    """One number: table, position of the row, column."""

    table: str
    at: int
    column: str


@dataclass(frozen=True)
class TracedPart:
    """One part of a number: the cell that it comes from and what it gives.

    label, rows  for a part that is no cell of a result table: what it is, and the rows of the case that say so
    """

    cell: TracedCell | None
    contribution: float
    label: str = ""
    rows: tuple[CaseRow, ...] = ()


def table_of(results: Results, name: str) -> ResultTable:
    """The description of a table; one without columns where it is in no tables.csv."""
    return described(results.study).get(name, ResultTable(name))


def keys_of(results: Results, table: str) -> tuple[str, ...]:
    """Columns that name a row: as described, or else the first words that no two rows share; with the step its part."""
    frame = results[table]
    keys = table_of(results, table).keys
    if keys and set(keys) <= set(frame.columns):
        at = keys.index("step") + 1 if "step" in keys and PART in frame else 0
        return (*keys[:at], PART, *keys[at:]) if at else keys
    words = [name for name in frame.columns if frame[name].dtype.kind not in NUMBERS + "b"]
    for count in range(1, len(words) + 1):
        if not frame.duplicated(words[:count]).any():
            return tuple(words[:count])
    return tuple(words)


def label_of(frame: pd.DataFrame, keys: Sequence[str], at: int) -> str:
    """The words that name a row, as one types them; beside a part of the day its day is enough."""
    words = (word_of(frame[key].iat[at]) for key in keys)
    return ",".join(
        word.partition("T")[0] if key == "step" and PART in keys else word
        for key, word in zip(keys, words, strict=True)
    )


def word_of(value: Any) -> str:
    """A key as it is typed: dates without a time of midnight."""
    if isinstance(value, pd.Timestamp):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)


class Frames:
    """Result tables widened by what the case says about each row; each is made once."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.case = results.case
        self._wide: dict[str, pd.DataFrame] = {}
        self._at_step: dict[tuple[str, Any], pd.DataFrame] = {}
        self._prices: dict[Any, dict[tuple[str, str], Any]] = {}
        places = self.case.table("places")
        self.country: dict[str, str] = dict(zip(places["place"], places["country"], strict=True))
        steps = self.case.horizon.steps
        self.hours: dict[Any, float] = dict(zip(steps["step"], self.case.horizon.hours, strict=True))

    def __contains__(self, table: str) -> bool:
        return table in self.results or table.startswith("@")

    def __getitem__(self, table: str) -> pd.DataFrame:
        """The table with countries of its places, hours of its steps and `case_` columns of the case."""
        if table not in self._wide:
            makers = {"@uses": self._uses, "@ports": self._ports}
            self._wide[table] = makers[table]() if table in makers else self._widened(table)
        return self._wide[table]

    def at_step(self, table: str, step: Any) -> pd.DataFrame:
        """Rows of a table by step in one step; the index stays the position in the table."""
        if (table, step) not in self._at_step:
            frame = self[table]
            self._at_step[table, step] = frame[frame["step"] == step]
        return self._at_step[table, step]

    def price_at(self, place: str, carrier: str, step: Any) -> int:
        """Position of a nodal price in places.price; -1 where there is no such node."""
        if step not in self._prices:
            rows = self.at_step("places.price", step)
            self._prices[step] = dict(
                zip(zip(rows["place"], rows["carrier"], strict=True), rows.index, strict=True)
            )
        return int(self._prices[step].get((place, carrier), -1))

    def rows_of(self, home: str, element: str) -> list[CaseRow]:
        """Rows of the case of an element."""
        frame = self.case.table(home)
        return [(home, label) for label in frame.index[frame[schema.tables()[home].id_column] == element]]

    def _widened(self, table: str) -> pd.DataFrame:
        frame = self.results[table].reset_index(drop=True)
        for name in frame.columns:
            if isinstance(frame[name].dtype, pd.CategoricalDtype):
                frame[name] = frame[name].astype(object)
        for name in ("place", "from_place", "to_place"):
            if name in frame.columns:
                frame[f"{name}_country"] = frame[name].map(self.country)
        if "step" in frame.columns:
            frame["hours"] = frame["step"].map(self.hours).astype(float)
        home = table_of(self.results, table).case
        if home and not home.startswith("@"):
            frame = self._with_case(frame, home)
        return frame

    def _with_case(self, frame: pd.DataFrame, home: str) -> pd.DataFrame:
        rows = self.case.ports if home == "asset_ports" else self.case.quantities(home)
        if home == "links":
            rows = rows.assign(tariff_back=rows["tariff_back"].fillna(rows["tariff"]))
        on = [key for key in schema.tables()[home].keys if key in frame.columns]
        if not on:
            return frame
        if "step" in frame.columns:  # long tables take only what is asked of them
            rows = rows[[*on, *(name for name in _IN_STEPS if name in rows.columns and name not in on)]]
        rows = rows.drop_duplicates(on).rename(
            columns={name: f"case_{name}" for name in rows.columns if name not in on}
        )
        frame = frame.astype(dict.fromkeys(on, object)).merge(
            rows.astype(dict.fromkeys(on, object)), on=on, how="left"
        )
        if home == "contracts" and "step" not in frame.columns:
            effect = self.case.table("contract_kinds").set_index("kind")["effect"]
            frame["effect"] = frame.get("kind", frame.get("case_kind")).map(effect)
        if home == "demand" and "customer_class" in on:
            frame["voll"] = self._voll(frame)
        return frame

    def _voll(self, frame: pd.DataFrame) -> pd.Series:
        """Value of lost load of each row of demand: its own, or that of its class and carrier."""
        classes = self.case.quantities("customer_classes")
        known = {
            (name, carrier): voll
            for name, carriers, voll in zip(
                classes["customer_class"], classes["carrier"], classes["voll"], strict=True
            )
            for carrier in str(carriers).split(";")
        }
        pairs = zip(frame["customer_class"], frame["carrier"], strict=True)
        of_class = pd.Series([known.get(pair, np.nan) for pair in pairs], index=frame.index, dtype=float)
        return frame["case_voll"].fillna(of_class).fillna(0.0)

    def _ports(self) -> pd.DataFrame:
        """Ports in MWh per MWh of the reference port: asset, place, carrier, ratio."""
        assets = self.case.table("assets")[["asset", "place"]]
        ports = self.case.ports.merge(assets, on="asset", how="inner")
        reference = self.case.reference_carriers
        factor = [
            self.case.units.ratio(unit, carrier, reference.get(asset, carrier))
            for unit, carrier, asset in zip(ports["unit"], ports["carrier"], ports["asset"], strict=True)
        ]
        return ports.assign(ratio=ports["ratio"] * np.array(factor, dtype=float))[
            ["asset", "place", "carrier", "ratio"]
        ]

    def _uses(self) -> pd.DataFrame:
        """What each element draws on each shared limit of the year, in the unit of the limit."""
        limits = self.case.table("resources").set_index("resource")
        found = []
        for use in self.case.table("resource_uses").itertuples(index=False):
            table, _, _side = str(use.table).partition("_")
            result, column = f"{table}.total", _DRAWS[str(use.table)]
            if use.resource not in limits.index or result not in self.results:
                continue
            wide = self[result]
            at = wide.index[wide[keys_of(self.results, result)[0]] == use.element]
            if not len(at):
                continue
            limit = limits.loc[use.resource]
            carrier = str(wide.at[at[0], "carrier"])
            amount, per, _ = self.case.units.draw(
                str(limit["unit"]), str(use.unit), carrier, str(limit["over"])
            )
            energy = float(wide.at[at[0], column])
            found.append((use.resource, result, int(at[0]), column, float(use.use) * per / amount * energy))
        return pd.DataFrame(found, columns=["resource", "_table", "_at", "_column", "amount"])


_IN_STEPS = ("carrier", "from_place", "to_place", "loss", "tariff", "tariff_back", "voll")
_DRAWS = {
    "links": "forward",
    "links_back": "back",
    "assets": "activity",
    "markets": "taken",
    "contracts": "quantity",
    "storages_injection": "injected",
    "storages_withdrawal": "withdrawn",
}

"""Changes of the case after the join, as rows of their own: topic by topic, each with its source, grade and reason.

A folder of changes/ is a topic and holds

    cells.csv    table, row, column, old, new, source, confidence, why: one number or word of a row that is there
    removed.csv  table, row, why: a row that goes
    TABLE.csv    rows that come, with the columns of the table

A row is named by its key: the identifier of its table, or the columns of KEYS joined by a colon. `old` must be what stands there
when the change is made, so that no change rests on a number that is gone. `source` holds fact rows such as `more/gas.csv#mga_001`
or sources such as `more/m_bns_exp`; what is an estimate names `join/estimates` and says its rule in `why`.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from tools.reference.facts import JOIN, Facts, short

Rows = list[dict[str, str]]
FOLDER = Path(__file__).with_name("changes")
KEYS = {
    "demand": ("place", "carrier", "customer_class"),
    "asset_ports": ("asset", "carrier"),
    "resource_uses": ("resource", "table", "element"),
    "profiles": ("profile", "month", "weekday", "hour"),
    "customer_classes": ("customer_class", "carrier"),
    "outage_rates": ("table", "element"),
    "event_changes": ("event", "change_no"),
    "years": ("year", "change_no"),
    "scenario_changes": ("scenario", "change_no"),
    "owners": ("table", "element", "owner"),
}
CHANGES, REMOVED = "cells", "removed"
COLUMNS = ["table", "row", "column", "old", "new", "source", "confidence", "why"]


def topics() -> list[str]:
    """Names of the folders of changes, in the order in which they are made."""
    return sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir()) if FOLDER.is_dir() else []


def made(topic: str) -> Rows:
    """The changed cells of a topic."""
    return _read(FOLDER / topic / f"{CHANGES}.csv")


def removed(topic: str) -> Rows:
    """The rows of a topic that go."""
    return _read(FOLDER / topic / f"{REMOVED}.csv")


def added(topic: str) -> dict[str, Rows]:
    """The rows of a topic that come, by table."""
    files = sorted((FOLDER / topic).glob("*.csv"))
    return {path.stem: _read(path) for path in files if path.stem not in (CHANGES, REMOVED)}


def key_of(table: str, row: dict[str, str]) -> str:
    """The name of a row: its identifier, or its key columns joined by a colon."""
    first = next(iter(row))
    return ":".join(row.get(column, "") for column in KEYS.get(table, (first,)))


def apply(facts: Facts, tables: dict[str, Rows], names: Collection[str]) -> None:
    """Makes the changes of some tables, topic by topic. Raises ValueError that lists each one that does not fit."""
    wrong: list[str] = []
    for topic in topics():
        for table, rows in added(topic).items():
            if table not in names:
                continue
            there = tables.setdefault(table, [])
            known = {key_of(table, row) for row in there}
            for row in rows:
                key = key_of(table, row)
                if key in known:
                    wrong.append(f"{topic}/{table}.csv: {key} is there already")
                known.add(key)
                cells = {column: cell for column, cell in row.items() if cell}
                there.append(cells | {"source": sources_of(facts, row.get("source", ""))})
        for row in removed(topic):
            if row["table"] not in names:
                continue
            kept = [one for one in tables.get(row["table"], []) if key_of(row["table"], one) != row["row"]]
            if len(kept) == len(tables.get(row["table"], [])):
                wrong.append(f"{topic}/removed.csv: {row['table']} has no {row['row']}")
            tables[row["table"]] = kept
        for row in made(topic):
            if row["table"] in names:
                wrong += [f"{topic}/cells.csv: {problem}" for problem in _change(facts, tables, row)]
    if wrong:
        raise ValueError("\n".join(wrong))


def sources_of(facts: Facts, text: str) -> str:
    """Source ids behind fact rows and sources, separated by `;`."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    ids = [part if part == JOIN or part in facts.known_sources else facts.sources(part) for part in parts]
    return ";".join(dict.fromkeys(";".join(ids).split(";"))) if ids else ""


def _change(facts: Facts, tables: dict[str, Rows], change: dict[str, str]) -> list[str]:
    """Puts the new cell into its row; what is wrong with it."""
    table, column = change["table"], change["column"]
    found = [row for row in tables.get(table, []) if key_of(table, row) == change["row"]]
    if len(found) != 1:
        return [f"{table} has {len(found)} rows {change['row']}"]
    row = found[0]
    if row.get(column, "") != change["old"]:
        return [f"{table} {change['row']}: {column} is {row.get(column, '')!r} and not {change['old']!r}"]
    row[column] = change["new"]
    if column not in ("name", "note", "source", "confidence"):
        row["confidence"] = max(row.get("confidence", ""), change["confidence"])
        row["note"] = short(row.get("note", ""), f"{column}: {change['why']}" if change["why"] else "")
    row["source"] = ";".join(
        dict.fromkeys(
            one
            for part in (row.get("source", ""), sources_of(facts, change["source"]))
            for one in part.split(";")
            if one
        )
    )
    return []


def _read(path: Path) -> Rows:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]

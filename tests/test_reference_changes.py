"""Changes of the reference case: each line is in the shipped tables, and one that does not fit stops the build."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tools.reference import changes

SHIPPED = Path(__file__).parents[1] / "kelisim" / "reference"


class FactsOfTwoRows:
    known_sources = frozenset({"more/m_one"})

    @staticmethod
    def sources(text: str) -> str:
        return {"more/gas.csv#mga_001": "more/m_gas"}[text]


def shipped(table: str) -> dict[str, dict[str, str]]:
    with (SHIPPED / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {changes.key_of(table, row): row for row in csv.DictReader(file)}


@pytest.mark.parametrize("topic", changes.topics())
def test_each_line_is_in_the_shipped_case(topic: str) -> None:
    later: dict[tuple[str, str, str], str] = {}
    for name in changes.topics():
        for line in changes.made(name):
            later[line["table"], line["row"], line["column"]] = line["new"]
    gone = {(line["table"], line["row"]) for name in changes.topics() for line in changes.removed(name)}
    wrong = []
    for line in changes.made(topic):
        table, row, column = line["table"], line["row"], line["column"]
        there = shipped(table).get(row, {}).get(column, "")
        if (table, row) not in gone and there != later[table, row, column]:
            wrong.append(f"{table} {row}: {column} is {there!r}, by its line {later[table, row, column]!r}")
        if not line["why"] or not line["source"] or line["confidence"] not in tuple("ABC"):
            wrong.append(f"{table} {row}: {column} has no source, grade or reason")
    for table, rows in changes.added(topic).items():
        keys = shipped(table)
        for row in rows:
            key = changes.key_of(table, row)
            if key not in keys and (table, key) not in gone:
                wrong.append(f"{table} {key} did not come")
            if not row["source"] or row["confidence"] not in tuple("ABC"):
                wrong.append(f"{table} {key} has no source or grade")
    wrong += [
        f"{line['table']} {line['row']} is still there"
        for line in changes.removed(topic)
        if line["row"] in shipped(line["table"])
    ]
    assert not wrong


def test_changes_are_made_and_those_that_do_not_fit_are_all_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "FOLDER", tmp_path)
    (tmp_path / "gas").mkdir()
    lines = [
        "links,pipe,capacity,10,12,more/gas.csv#mga_001,C,by the operator",
        "links,pipe,tariff,1,2,more/m_one,C,never so",
        "links,none,tariff,1,2,more/m_one,C,not there",
    ]
    (tmp_path / "gas" / "cells.csv").write_text(
        ",".join(changes.COLUMNS) + "\n" + "\n".join(lines[:1]) + "\n"
    )
    (tmp_path / "gas" / "links.csv").write_text("link,capacity,source,confidence\nnew,5,join/estimates,C\n")
    (tmp_path / "gas" / "removed.csv").write_text("table,row,why\nlinks,old,closed\n")
    row: dict[str, Any] = {
        "link": "pipe",
        "capacity": "10",
        "source": "x",
        "confidence": "B",
        "note": "as printed",
    }
    tables = {"links": [row, {"link": "old", "source": ""}]}
    changes.apply(FactsOfTwoRows(), tables, ["links"])  # type: ignore[arg-type]
    assert tables["links"] == [
        {
            "link": "pipe", "capacity": "12", "source": "x;more/m_gas", "confidence": "C",
            "note": "as printed; capacity: by the operator",
        },
        {"link": "new", "capacity": "5", "source": "join/estimates", "confidence": "C"},
    ]  # fmt: skip
    (tmp_path / "gas" / "cells.csv").write_text(
        ",".join(changes.COLUMNS) + "\n" + "\n".join(lines[1:]) + "\n"
    )
    with pytest.raises(ValueError, match=r"tariff is '' and not '1'") as raised:
        changes.apply(FactsOfTwoRows(), {"links": [{"link": "pipe"}, {"link": "old"}]}, ["links"])  # type: ignore[arg-type]
    assert "links has 0 rows none" in str(raised.value)

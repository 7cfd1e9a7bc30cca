"""Folders of tables, spoilt as people, spreadsheets and scripts spoil them: a case of our own, or a network of PyPSA."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.case.mutations import mutated
from tests.fuzz.bytes_of import recoded, spoilt
from tests.fuzz.nested import geojson
from tests.fuzz.values import cell, slip

Rows = list[list[str]]
Files = dict[str, bytes]
HEADERS = "name | unit | amount | carrier | note | x | source | lat | p_set | p_nom | snapshot | bus0 | efficiency2 | step | month | Unnamed: 0"
NAMES = "demand.csv | links.csv | profiles.csv | steps.csv | steps.CSV | Demand.csv | .csv | a.b.csv | storages.csv | scenario_changes.csv | carriers.csv | loads-p_set.csv | generators-p_max_pu.csv | links-pw.csv"


def rows_of(data: bytes) -> Rows:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def text_of(rows: Rows, separator: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue()


# ---- of the rows of one table; words are the cells of all tables
def cells(rows: Rows, words: list[str], random: Random) -> None:
    """One to five cells, or a whole column."""
    body = [row for row in rows[1:] if row]
    if not body:
        return
    if random.random() < 0.2:
        at, text = random.randrange(len(rows[0])), cell(random, words)
        for row in body:
            row[at : at + 1] = [text]
        return
    for _ in range(random.choice([1, 1, 1, 2, 5])):
        row = random.choice(body)
        row[random.randrange(len(row))] = cell(random, words)


def header(rows: Rows, words: list[str], random: Random) -> None:
    """A column with another name, lost, twice, moved, or one more."""
    at, to = random.randrange(len(rows[0])), random.randrange(len(rows[0]))
    kind = random.randrange(7)
    if kind == 0:
        rows[0][at] = slip(rows[0][at], random)
    elif kind == 1:
        rows[0][at] = rows[0][to]
    elif kind == 2:
        rows[0][at] = random.choice(random.choice([HEADERS.split(" | "), words or [""]]))
    elif kind == 3:
        for row in rows:
            del row[at : at + 1]
    elif kind == 4:
        name, text = random.choice(HEADERS.split(" | ")), cell(random, words)
        for number, row in enumerate(rows):
            row.insert(at, text if number else name)
    elif kind == 5:
        rows[0][at], rows[0][to] = rows[0][to], rows[0][at]
    else:
        for row in rows:
            if max(at, to) < len(row):
                row[at], row[to] = row[to], row[at]


def lines(rows: Rows, words: list[str], random: Random) -> None:
    """Rows twice, lost, moved, short or long, and rows above the header."""
    at = random.randrange(len(rows))
    kind = random.randrange(9)
    if kind == 0:
        rows.insert(random.randrange(len(rows) + 1), list(rows[at]))
    elif kind == 1:
        del rows[at]
    elif kind == 2:
        random.shuffle(rows)
    elif kind == 3:
        rows[at] += [cell(random, words) for _ in range(random.choice([1, 2, 50]))]
    elif kind == 4:
        rows[at] = rows[at][: random.randrange(len(rows[at]) + 1)]
    elif kind == 5:
        rows[:0] = [["Title"], [], [slip("Source: office", random), "", "2024"]][: random.randrange(1, 4)]
    elif kind == 6:
        rows[1:] = rows[1:] * random.choice([2, 3, 40])
    elif kind == 7:
        del rows[random.choice([0, 1]) :]
    else:
        rows.append(["Total", *[""] * (len(rows[0]) - 2), "123"])


ON_ROWS: tuple[Callable[[Rows, list[str], Random], None], ...] = (
    cells,
    cells,
    cells,
    cells,
    header,
    header,
    lines,
)


# ---- of the files
def table(files: Files, random: Random) -> None:
    """Something within a table."""
    name = random.choice([name for name in files if name.endswith(".csv") and files[name]])
    try:
        rows = rows_of(files[name])
        words = [
            word for other in files if other.endswith(".csv") for row in rows_of(files[other]) for word in row
        ]
    except (UnicodeDecodeError, csv.Error):  # spoilt before
        return
    if rows and rows[0]:
        random.choice(ON_ROWS)(rows, words, random)
    separator = random.choice(";\t|") if random.random() < 0.03 else ","
    files[name] = text_of(rows, separator).encode("utf-8", "replace")


def content(files: Files, random: Random) -> None:
    """The bytes of a file."""
    name = random.choice(list(files))
    data = files[name]
    if random.random() < 0.3:
        files[name] = recoded(data.decode("utf-8", "replace"), random)
    else:
        files[name] = spoilt(data, random)


def folder(files: Files, random: Random) -> None:
    """A file lost, empty, under another name, or one more."""
    name = random.choice(list(files))
    kind = random.randrange(5)
    if kind == 0:
        del files[name]
    elif kind == 1:
        files[name] = random.choice([b"", b"\n", b"\n\n\n", b"\xef\xbb\xbf", b" ", b",,,\n", b'""\n'])
    elif kind == 2:
        files[random.choice(NAMES.split(" | "))] = files.pop(name)
    elif kind == 3:
        files[random.choice(NAMES.split(" | "))] = files[name]
    else:
        files["routes.geojson"] = geojson(ROUTES, random)


ROUTES = b"""{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "pipe", "properties": {"name": "pipe", "ProjectID": "P1"},
"geometry": {"type": "LineString", "coordinates": [[55.1, 51.8], [56, 51], [57.2, 50.3]]}}, {"type": "Feature", "properties": {"id": "line"},
"geometry": {"type": "GeometryCollection", "geometries": [{"type": "MultiLineString", "coordinates": [[[57, 50], [58, 50]]]}]}}]}"""


def settings(files: Files, random: Random) -> None:
    """The settings, as the mutations of case.toml have them."""
    if "case.toml" in files:
        files["case.toml"] = mutated(random)


ON_FILES = (table, table, table, table, table, table, content, content, folder)


def spoil(files: Files, random: Random) -> Files:
    """A copy with one to three changes."""
    found = dict(files)
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        if found:
            random.choice(ON_FILES)(found, random)
    return found


def put(files: Files, home: Path) -> Path:
    """The folder, written."""
    home.mkdir(parents=True)
    for name, data in files.items():
        (home / name).write_bytes(data)
    return home


def taken(home: Path) -> Files:
    """The files of a folder."""
    return {file.name: file.read_bytes() for file in sorted(home.iterdir()) if file.is_file()}

"""Tables on a terminal: none is wider than it, and no column of text is squeezed to single letters."""

import re

import pytest

from kelisim.cli.printing import print_table

HEADS = [
    "Carrier",
    "Unit",
    "Made",
    "Imported",
    "Exported, sold",
    "Lost on the way",
    "Into storage, net",
    "Transit",
]
ROWS = [["Coal, high ash", "Mt", "74.4", "0", "16.9", "0.302", "0.306", "2.77"]]
RIGHT = [False, False, *([True] * 6)]


def plain(text):
    """Lines without the signs for bold letters."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


@pytest.mark.parametrize(("width", "tables"), [(120, 1), (80, 2), (60, 2), (40, 5)])
def test_columns_that_do_not_fit_stand_in_a_table_below(capsys, monkeypatch, width, tables):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    print_table("", HEADS, ROWS, RIGHT)
    lines = plain(capsys.readouterr().out)
    assert max(map(len, lines)) <= width
    assert sum(line.startswith("┏") for line in lines) == tables
    printed = "\n".join(lines)
    assert all(printed.count(number) == 1 for number in ROWS[0][2:] if number != "0")
    assert printed.count("Mt") == tables  # each table says whose numbers these are
    assert all(word in printed for head in HEADS for word in head.split())


def test_without_numbers_there_is_one_table(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_table("", ["What", "Why"], [["a word " * 9, "a word " * 9]], [False, False])
    lines = plain(capsys.readouterr().out)
    assert max(map(len, lines)) <= 40
    assert sum(line.startswith("┏") for line in lines) == 1

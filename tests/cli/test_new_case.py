"""A new case: it runs as it is, and nothing that is there is written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelisim.io.starter import first_case
from tests.conftest import Command


@pytest.mark.parametrize("name", ["mycase", "my case", "Мой случай", "deep/er/case", "case.v2"])
def test_a_new_case_is_sound(name: str, cli: Command, tmp_path: Path) -> None:
    """The first thing a newcomer does must not fail, whatever the folder is called."""
    made = cli("new", name)
    assert made.returncode == 0 and "kelisim check " in made.stdout
    checked = cli("check", name)
    assert checked.returncode == 0, checked.stderr
    assert f'No problem in case "{Path(name).name}"' in checked.stdout


def test_a_new_case_has_an_answer(cli: Command, tmp_path: Path) -> None:
    """What it shows is what one wants to see: who goes short, of what, and why."""
    assert cli("new", "Мой случай").returncode == 0
    answer = cli("run", "balance", "Мой случай", "--out", "first run")
    assert "290 million m3 of natural gas" in answer.stdout and "Pipeline to Aktobe is full" in answer.stdout
    assert (tmp_path / "first run" / "run.json").is_file()


def test_twice_is_harmless(cli: Command, mycase: Path) -> None:
    """Who runs the README again must not be stopped by what it wrote itself, nor lose what was changed since."""
    assert cli("new", "mycase").returncode == 0
    (mycase / "links.csv").write_text("link\n", encoding="utf-8")
    again = cli("new", "mycase")
    assert again.returncode == 2 and (mycase / "links.csv").read_text(encoding="utf-8") == "link\n"
    assert again.stderr == (
        'There is something in "mycase" already. Name another folder, or write over the case in it with --force.\n'
    )


def test_force_puts_a_case_in_the_place_of_another(cli: Command, mycase: Path) -> None:
    """A contract of the old case would come alive in the new one; what is no part of a case is not ours to delete."""
    for name in ("contracts.csv", "notes.txt"):
        (mycase / name).write_text("mine\n", encoding="utf-8")
    assert cli("new", "mycase", "--force").returncode == 0
    assert {file.name for file in mycase.iterdir()} == {*first_case(), "notes.txt"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("case.csv", "a new case is a folder, or a workbook whose name ends in .xlsx"),
        ("case.xls", "a new case is a folder, or a workbook whose name ends in .xlsx"),
        ("reference", "is the name of the shipped case"),
        ("taken", "is a file; a case folder cannot be written there"),
        ("taken/in", "cannot be written"),
        ("taken.xlsx", "is there already. Name another file, or write over it with --force"),
    ],
)
def test_what_cannot_be_made(name: str, said: str, cli: Command, tmp_path: Path) -> None:
    """One line that says what to do, and what was there stays."""
    for taken in ("taken", "taken.xlsx"):
        (tmp_path / taken).write_text("mine", encoding="utf-8")
    done = cli("new", name)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == {
        "taken": "mine",
        "taken.xlsx": "mine",
    }


@pytest.mark.parametrize("words", [["filled.xlsx"], ["filled", "--template"], ["filled.xlsx", "--template"]])
def test_an_empty_workbook(words: list[str], cli: Command, tmp_path: Path) -> None:
    """Who works in Excel begins with it, and what is not filled in yet is no mistake."""
    assert cli("new", *words).returncode == 0
    checked = cli("check", "filled.xlsx")
    assert checked.stdout == 'No problem in case "filled": no rows yet; 12 steps.\n'
    assert [path.name for path in tmp_path.glob("*.xlsx")] == ["filled.xlsx"]

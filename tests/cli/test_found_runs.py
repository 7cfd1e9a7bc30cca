"""Runs are found wherever they were written, and named as the user names them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from kelisim.cli.on_runs import is_foreign
from kelisim.results import known_runs
from tests.conftest import Command

pytestmark = pytest.mark.usefixtures("two")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder in which the user is now."""
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def test_found_from_another_folder(cli: Command, elsewhere: Path, tmp_path: Path) -> None:
    """A run written with --out is lost for who does not remember where."""
    os.chdir(elsewhere)
    found = cli("report", "before")
    assert found.returncode == 0 and (tmp_path / "before" / "report.html").is_file()
    assert found.stderr == f"Run: {tmp_path / 'before'}\n"
    for words in (["explain"], ["explain", "newest", "facts"], ["sql", "select 1"], ["runs", "after"]):
        assert cli(*words).stderr == f"Run: {tmp_path / 'after'}\n", words
    rows = cli("compare", "before", "after", "--table", "all").stdout
    assert "before" in rows and "after" in rows and "links.flow: 36 cells differ" in rows
    assert cli("runs", str(tmp_path / "before" / "run.json")).stderr == ""  # a path is its own place
    listed = json.loads(cli("runs", "--json").stdout)
    assert [row["folder"] for row in listed] == [str(tmp_path / name) for name in ("after", "before")]


def test_moved_and_deleted_runs_are_passed_over(cli: Command, tmp_path: Path) -> None:
    """A list that is out of date must not stand in the way; a moved run is named by its path."""
    (tmp_path / "after").rename(tmp_path / "moved")
    assert known_runs.remembered() == [tmp_path / "before"]
    assert cli("runs", "newest").stderr == f"Run: {tmp_path / 'moved'}\n"  # it lies where the user is
    gone = cli("report", "aftr")
    assert gone.returncode == 2
    assert gone.stderr == 'no run "aftr", here or elsewhere. The latest: moved, before.\n'
    assert cli("report", "befor").stderr == 'no run "befor", here or elsewhere. Did you mean "before"?\n'
    for name in ("before", "moved"):
        shutil.rmtree(tmp_path / name)
    assert cli("report").stderr == "There is no run yet. Make one: kelisim run balance reference\n"


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe no json\n[1]\n17\n", b'"half'])
def test_a_damaged_list_is_no_error(damage: bytes, cli: Command, tmp_path: Path) -> None:
    """The list is a help, not a record."""
    known_runs.list_file().write_bytes(damage)
    assert (
        "after" in cli("runs").stdout and known_runs.remembered() == []
    )  # those in the folder are found all the same
    assert cli("runs", "aftr").stderr == 'no run "aftr", here or elsewhere. Did you mean "after"?\n'
    known_runs.remember(tmp_path / "before")
    assert known_runs.remembered() == [tmp_path / "before"]


def test_without_the_right_to_write_there_is_no_list(cli: Command, tmp_path: Path) -> None:
    """A run must not fail because the home folder is read-only; a file in the place of the folder stands for it."""
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").write_text("")
    assert cli("run", "balance", "mycase", "--out", "third").returncode == 0
    assert cli("runs", "third").returncode == 0


def test_the_list_stays_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that grows with every run is read by every command."""
    monkeypatch.setattr(known_runs, "MOST", 3)
    for name in ("before", "after") * 5:
        known_runs.remember(tmp_path / name)
    assert len(known_runs.list_file().read_text().splitlines()) <= 6
    assert known_runs.remembered() == [tmp_path / "after", tmp_path / "before"]


def test_comparison_says_what_was_changed(cli: Command) -> None:
    """Heads named first and second have to be looked up, and fourteen tables are read by nobody."""
    said = cli("compare", "before", "after").stdout
    assert "│ links │ pipe │ capacity │      2 │   2.5 │" in said
    assert said.count("before ┃") >= 3 and "first ┃" not in said
    assert "Cells that differ in other tables: " in said and "links.flow 36" in said
    assert "e+" not in said


def test_comparison_names_what_was_asked_otherwise(cli: Command) -> None:
    """The same case by days or under another rule is another question, and no input would seem to differ."""
    asked = cli(
        "run", "balance", "mycase", "--step", "1d", "--time-rule", "even", "--series", "no", "--out", "daily"
    )
    assert asked.returncode == 0, asked.stderr
    said = cli("compare", "after", "daily").stdout
    assert "Inputs that differ: study 1, rules 1, case.toml 1." in said
    for row in ("study     │         │ series │ yes   │ no ", "rules     │         │ time   │ none  │ even "):
        assert row in said
    assert "case.toml │ horizon │ step   │ 1mo   │ 1d " in said


def test_force_writes_over_a_run_and_nothing_else(cli: Command, tmp_path: Path) -> None:
    """A run of hours is lost by a name given twice, a folder of other things by an option given too easily."""
    before = (tmp_path / "before" / "run.json").read_text()
    refused = cli("run", "balance", "mycase", "--out", "before")
    assert refused.returncode == 2 and (tmp_path / "before" / "run.json").read_text() == before
    assert refused.stderr == (
        'There is a run in "before" already. Name another folder, or write over it with --force.\n'
    )
    assert cli("run", "balance", "mycase", "--out", "before", "--force").returncode == 0
    assert (tmp_path / "before" / "run.json").read_text() != before
    case = cli("run", "balance", "mycase", "--out", "mycase", "--force")
    assert case.returncode == 2 and "it is not a run. Name another folder." in case.stderr
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".writing")]


def test_a_report_is_written_again_other_files_are_kept(cli: Command, tmp_path: Path) -> None:
    """A report can be made again at any time; a letter of the same name cannot."""
    (tmp_path / "page.html").write_text('<meta name="generator" content="kelisim">')
    assert cli("report", "before", "--out", "page.html").returncode == 0
    assert not is_foreign(tmp_path / "page.html")  # what has just been written is known again
    (tmp_path / "mine.html").write_text("<p>mine")
    refused = cli("report", "before", "--out", "mine.html")
    assert refused.returncode == 2 and (tmp_path / "mine.html").read_text() == "<p>mine"
    assert "is not a report. Name another file, or write over it with --force." in refused.stderr


def test_rows_of_a_query(cli: Command, tmp_path: Path) -> None:
    """A query is asked to go on with its answer elsewhere."""
    query = "select link, round(forward) as forward from links_total order by link desc"
    text = "link,forward\npipe,20666666.0\nline,600000.0\n"
    assert cli("sql", "before", query, "--csv", "-").stdout == text
    assert cli("sql", query, "--run", "before", "--csv", "a.csv").returncode == 0
    assert (tmp_path / "a.csv").read_text() == text
    assert cli("sql", "before", query, "--csv", "a.csv").stderr == (
        '"a.csv" is there already. Name another file, or write over it with --force.\n'
    )
    assert "name a file that ends in .csv" in cli("sql", "before", query, "--csv", "a.xlsx").stderr
    assert "the query in quotes" in cli("sql", "before", "select", "1").stderr
    wide = cli("sql", "before", "select * from links_total").stdout
    assert max(map(len, wide.splitlines())) < 80 and "hours_full" in wide


def test_the_workbook_beside_the_run(cli: Command, tmp_path: Path) -> None:
    """Who passes results on does so in Excel; a wrong name is told before the work."""
    done = cli("run", "balance", "mycase", "--out", "third", "--xlsx", "third.xlsx")
    assert "Workbook: third.xlsx" in done.stdout and (tmp_path / "third.xlsx").stat().st_size > 10_000
    for name, said in (("third.csv", "ends in .xlsx"), ("third.xlsx", "--force")):
        refused = cli("run", "balance", "mycase", "--out", "fourth", "--xlsx", name)
        assert refused.returncode == 2 and said in refused.stderr and not (tmp_path / "fourth").exists()


def test_what_made_a_run(cli: Command, tmp_path: Path) -> None:
    """A folder called `after` says nothing of what is in it."""
    told = cli("runs", "after").stdout
    assert "Study: balance (series yes)" in told and f"Folder: {tmp_path / 'after'}" in told


def test_cache(cli: Command, own_cache: Path) -> None:
    """Who needs the room must see what takes it, and lose no run."""
    (own_cache / "my-case-1mo-0123456789abcdef0123.npz").write_bytes(b"x" * 200_000)
    listed = json.loads(cli("cache", "--json").stdout)
    assert (listed["folder"], listed["bytes"]) == (str(own_cache), 200_000)
    assert [(base["case"], base["step"]) for base in listed["bases"]] == [("my-case", "1mo")]
    assert f"{own_cache}: 1 solved base, 0.2 MB." in cli("cache").stdout
    assert "1 solved base deleted" in cli("cache", "--clear").stdout
    assert not list(own_cache.glob("*.npz")) and cli("runs", "before").returncode == 0
    assert json.loads(cli("cache", "--json").stdout)["bases"] == []

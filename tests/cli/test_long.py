"""Long commands: how far they are, what Ctrl-C leaves, and who works on a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kelisim.results.unfinished import DONE, FOLDER, Journal, claimed, unfinished
from tests.conftest import Command

ASK = ("run", "contingency", "mycase", "--out", "one")


@pytest.fixture
def stopped(mycase: Path, cli: Command, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that was stopped by Ctrl-C after its second piece; what was said then."""
    keep = Journal.keep

    def stops(self: Journal, *given: Any) -> None:
        keep(self, *given)
        if self.kept == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "keep", stops)
        found = cli(*ASK)
    assert found.returncode == 130 and found.stdout == ""
    return found.stderr


def test_ctrl_c_leaves_what_is_finished(stopped: str, cli: Command) -> None:
    """Who stops a night's sweep for a restart of the machine wants to go on in the morning, and reads until then what is done."""
    all_of_them = unfinished(Path("one")).all
    again = "kelisim run contingency mycase --resume one"
    assert stopped == f"Stopped. 2 of {all_of_them} are done and kept in one. Go on with: {again}\n"
    listed = json.loads(cli("runs", "--json").stdout)
    assert [(row["status"], row["problem"]) for row in listed] == [
        ("partial", f"partial, 2 of {all_of_them}")
    ]
    assert f"Done: partial, 2 of {all_of_them}\n" in cli("runs", "one").stdout
    assert cli("report", "one").stdout == f"Report: one/report.html (partial, 2 of {all_of_them})\n"
    page = Path("one/report.html").read_text(encoding="utf-8")
    assert f"<h1>Partial, 2 of {all_of_them}: contingency of " in page
    assert again in page
    assert page.count("<tr>") == 3
    assert cli("report", "one").returncode == 0  # its own report may be written over
    assert "is not finished: partial, 2 of" in cli("sql", "one", "select * from facts").stderr
    told = cli(*ASK)
    assert (
        told.returncode == 2
        and f'There is an unfinished run in "one": partial, 2 of {all_of_them}.' in told.stderr
    )
    assert cli("run", "--resume", "one").returncode == 0
    assert json.loads(Path("one/run.json").read_text())["pieces"] == {"reused": 2, "done": all_of_them - 2}
    assert sorted(path.name for path in Path("one").iterdir() if not path.name.endswith(".parquet")) == [
        "case",
        "run.json",
    ]
    assert cli("run", "--resume", "one").stderr == '--resume: the run in "one" is finished.\n'


def test_another_question_is_refused(stopped: str, cli: Command, mycase: Path) -> None:
    """Pieces of one case among those of another are an answer to neither."""
    told = cli("run", "contingency", "mycase", "--pairs", "2", "--resume", "one")
    assert told.returncode == 2
    assert told.stderr == (
        '"one" cannot be gone on with: it was asked something else.\n'
        "  fields, pairs: 0 then, 2 now\nAsk the same, or begin a new run.\n"
    )
    links = mycase / "links.csv"
    links.write_text(links.read_text(encoding="utf-8").replace(",2,bcm", ",2.5,bcm"), encoding="utf-8")
    told = cli("run", "contingency", "mycase", "--resume", "one")
    assert told.returncode == 2 and "case, fingerprint: " in told.stderr
    question = Path("one", FOLDER, "question.json")
    question.write_text(question.read_text().replace('"kelisim": "', '"kelisim": "0.'))
    assert "versions, kelisim: 0." in cli("run", "contingency", "mycase", "--resume", "one").stderr


def test_a_damaged_line_is_done_again(stopped: str, cli: Command) -> None:
    """A line that was cut off by a kill, or changed on the disk, must not count."""
    done = Path("one", FOLDER, DONE)
    lines = done.read_bytes()
    done.write_bytes(lines[:-20])
    left = unfinished(Path("one")).done  # pieces that came within half a second share a line
    assert left < 2
    assert cli("run", "--resume", "one").returncode == 0
    pieces = json.loads(Path("one/run.json").read_text())["pieces"]
    assert pieces["reused"] == left and pieces["done"] >= 2


def test_a_second_process_is_told(mycase: Path, cli: Command) -> None:
    """Two that write into one folder spoil each other's work, and the second finds out after an hour."""
    with claimed(Path("one"), "contingency of mycase"):
        told = cli(*ASK)
    assert told.returncode == 2
    assert told.stderr.startswith('Another process is at work in "one" (contingency of mycase; process ')
    assert "name another folder with --out" in told.stderr
    assert not Path("one").exists()


def test_progress_is_for_people(mycase: Path, cli: Command) -> None:
    """A program that reads standard error, or JSON, must not find a moving line there; who asks for lines gets them."""
    assert cli(*ASK, "--force").stderr == ""
    assert "contingency of mycase: " in cli(*ASK, "--force", "--progress").stderr
    assert cli(*ASK, "--force", "--progress", "--json").stderr == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("contingency", "--cluster", "8786"), '"8786" is no address of a scheduler. Write tcp://host:port'),
        (("contingency", "--cluster", "tcp://here:x"), "is no address of a scheduler"),
        (("contingency", "--cluster", "tls://here:8786"), "asks for keys. Name them in Dask's settings"),
        (
            ("balance", "--cluster", "tcp://here:8786"),
            "balance is one piece of work. These are shared among workers: ",
        ),
    ],
)
def test_what_is_no_cluster(words: tuple[str, ...], says: str, mycase: Path, cli: Command) -> None:
    study, *more = words
    found = cli("run", study, "mycase", *more)
    assert found.returncode == 2 and says in found.stderr

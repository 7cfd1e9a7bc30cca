"""Commands on a disk that is full or read-only: one line, what was there before, and no pieces."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kelisim.engine import Engine
from kelisim.io import write
from kelisim.studies import run
from tests.cases.cut_town import cut_town
from tests.conftest import ROOT, Command


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case, and a run of it that has a report."""
    home = tmp_path_factory.mktemp("made")
    write(cut_town(), home / "case")
    (run("balance", Engine(cut_town())).save(home, "before") / "report.html").write_text(
        '<meta content="kelisim"> of before'
    )
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """The same, for one test."""
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


def files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("arguments", "how", "said"),
    [
        (("run", "balance", "case", "--out", "new/run"), "full", 'The run cannot be written to "new": '),
        (("report", "before"), "full", '"before/report.html" cannot be written: '),
        (("report", "before", "--out", "new/plan.md"), "read-only", '"new/plan.md" cannot be written: '),
    ],
    ids=["run", "report", "document"],
)
def test_nothing_is_lost_on_a_disk_that_takes_nothing_more(
    arguments: tuple[str, ...], how: str, said: str, cli: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback, half a report or a lost run is what a full disk used to cost."""
    before = files(home)
    if how == "full":
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60, hard))  # bytes that a file may have
        try:
            done = cli(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    else:
        wrong = OSError(errno.EROFS, os.strerror(errno.EROFS))
        monkeypatch.setattr("tempfile.mkdtemp", lambda *_, **__: (_ for _ in ()).throw(wrong))
        done = cli(*arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.startswith(said)
    assert files(home) == before and not (home / "new").exists()


def test_no_run_is_asked_for_that_cannot_be_written(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who learns after an hour of solving that the folder is read-only has lost an hour."""
    wrong = OSError(errno.EROFS, os.strerror(errno.EROFS))
    monkeypatch.setattr("tempfile.mkdtemp", lambda *_, **__: (_ for _ in ()).throw(wrong))
    monkeypatch.setattr("kelisim.io.read", lambda _: pytest.fail("the case is read first"))
    done = cli("run", "balance", "case")
    assert (done.returncode, done.stderr) == (
        2,
        'The run cannot be written to "runs": Read-only file system.\n',
    )


def test_output_that_nobody_can_take_is_said() -> None:
    """`kelisim runs > file` on a full disk ended in a traceback."""
    command = [sys.executable, "-c", "from kelisim.cli import main; main()", "--help"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "The output cannot be written: No space left on device.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "balance", "case", "--out", "x.pdf"), '--out: a run is a folder, and "x.pdf" would be a .pdf file. Did you mean "x"? '),
        (("demo", "--out", "x.html"), '--out: a run is a folder, and "x.html" would be a .html file. Did you mean "x"? '),
        (("report", "before", "--out", "x.docx"), '"x.docx": a report ends in .html or ends in .md or ends in .pdf.'),
        (("report", "before", "--out", "x.htm"), '"x.htm": a report ends in .html or ends in .md or ends in .pdf. Did you mean "x.html"?'),
    ],
)  # fmt: skip
def test_an_ending_that_is_not_made_is_refused(
    arguments: tuple[str, ...], said: str, cli: Command, home: Path
) -> None:
    """HTML under the name of a PDF opens nowhere, and a run under one is not found."""
    before = files(home)
    done = cli(*arguments)
    assert done.returncode == 2 and done.stderr.startswith(said), done.stderr
    assert files(home) == before

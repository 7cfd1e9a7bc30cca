"""A first answer on the command line: a person at a terminal sees it while the exact one is computed, a pipe and JSON never do."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kelisim.cli.on_cases import first_of
from kelisim.engine import Preliminary
from kelisim.io import write
from tests.cases.border_year import border_year
from tests.conftest import ROOT
from tests.web.test_first_on_map import SLOW

WORDS = "First estimate, being computed exactly: about"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(border_year(days=60), tmp_path_factory.mktemp("first") / "border_year")


def command(folder: Path, *more: str) -> tuple[list[str], dict[str, str]]:
    """`kelisim run disruption` with an exact answer that takes seconds, and its environment."""
    words = [
        "run",
        "disruption",
        str(folder),
        "--lost",
        "pipe_a",
        "--start",
        "2024-01-10",
        "--days",
        "10",
        *more,
    ]
    known = os.environ | {
        "PYTHONPATH": str(ROOT),
        "KELISIM_RUNS": str(folder.parent / "runs"),
        "COLUMNS": "200",
    }
    known |= {"TERM": "xterm", "KELISIM_CACHE": str(folder.parent / "cache")}
    known.pop("PYTEST_CURRENT_TEST", None)
    return [sys.executable, "-c", f"{SLOW}\nfrom kelisim.cli import main; main()", *words], known


def test_terminal(folder: Path) -> None:
    """It stands in the line of progress; what is said in the end is the exact answer alone."""
    here, there = pty.openpty()
    words, known = command(folder)
    process = subprocess.Popen(words, stdout=there, stderr=there, stdin=there, env=known, cwd=folder.parent)
    os.close(there)
    shown = b""
    try:
        while part := os.read(here, 65536):
            shown += part
    except OSError:  # the other end is closed
        pass
    os.close(here)
    assert process.wait(timeout=60) == 0
    text = shown.decode()
    assert WORDS in text
    after = text[text.rindex("Loss of") :]
    assert "estimate" not in after and "Unserved" in after


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["pipe", "json"])
def test_pipe(folder: Path, more: tuple[str, ...]) -> None:
    words, known = command(folder, *more)
    done = subprocess.run(words, capture_output=True, text=True, env=known, cwd=folder.parent, check=True)
    assert "estimate" not in done.stdout + done.stderr


def test_json_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for JSON reads it by program."""
    case, said = border_year(days=60), list[str]()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert first_of(case, said.append, True) is None
    tell = first_of(case, said.append, False)
    assert tell is not None
    tell(Preliminary(None))
    assert said == ["Being computed."]

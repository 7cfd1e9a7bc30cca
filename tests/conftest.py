"""What several tests share: the command line as a user calls it, a cache of solved bases, and a browser."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import settings

from kelisim.cli import GARBAGE, main

ROOT = Path(__file__).parents[1]
COSTS = Path(__file__).with_name("costs.json")  # seconds by file of tests, those that take long
TERMINAL = {"NO_COLOR": "1", "COLUMNS": "100"}
Command = Callable[..., subprocess.CompletedProcess[str]]  # what the fixtures cli and process give

settings.register_profile("tests", deadline=None, derandomize="KELISIM_EXAMPLES" not in os.environ)
settings.load_profile("tests")


def pytest_configure() -> None:
    """Garbage is looked for as seldom as in a command."""
    gc.set_threshold(*GARBAGE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that at the end no process works alone."""
    costs = json.loads(COSTS.read_text(encoding="utf-8"))
    items.sort(key=lambda item: -costs.get(item.path.stem, 0))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """UPDATE_COSTS=1 with the whole suite writes the seconds of its files again."""
    if not os.environ.get("UPDATE_COSTS"):
        return
    costs: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                costs[Path(report.fspath).stem] += report.duration
    found = {name: round(seconds) for name, seconds in costs.most_common() if seconds >= 3}
    COSTS.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def solved_bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Bases are kept in a folder of this session, for all its processes: the cache of the user is neither read nor filled."""
    home = tmp_path_factory.getbasetemp()
    home = home.parent if "PYTEST_XDIST_WORKER" in os.environ else home
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KELISIM_CACHE", str(home / "solved_bases"))
        yield


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `kelisim ARGUMENTS` in an empty folder, without a start of Python for each; gives what a process would."""
    monkeypatch.chdir(tmp_path)
    for name, value in TERMINAL.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["kelisim", *arguments])
        printed, complained = StringIO(), StringIO()
        with redirect_stdout(printed), redirect_stderr(complained), pytest.raises(SystemExit) as end:
            main()
        code = end.value.code or 0
        return subprocess.CompletedProcess(arguments, code, printed.getvalue(), complained.getvalue())

    return call


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """Run `kelisim ARGUMENTS` in a process of its own, in an empty folder: slow, and just what a user does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **TERMINAL}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from kelisim.cli import main; main()", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return call


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """The system's Chromium, headless; a test asks it for a page of its own with browser.new_page()."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only the browser tests load it

    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no Chromium: run tools/ensure_chromium.sh"
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium
        chromium.close()

"""What the tests of the command line share: a cache and a list of runs of their own, and the case that `new` writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kelisim.io import read
from kelisim.io.starter import start
from kelisim.results.known_runs import remember
from kelisim.studies import run


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs of other tests are not in the list."""
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KELISIM_RUNS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.fixture
def mycase(tmp_path: Path) -> Path:
    """The case that `new` writes."""
    return start(tmp_path / "mycase")


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the case, its year in the run `before`, and with a larger pipeline in `after`."""
    folder = tmp_path_factory.mktemp("solved")
    links = start(folder / "mycase") / "links.csv"
    for name in ("before", "after"):
        run("balance", read(folder / "mycase")).save(folder, name)
        links.write_text(links.read_text(encoding="utf-8").replace(",2,bcm", ",2.5,bcm"), encoding="utf-8")
    return folder


@pytest.fixture
def two(solved: Path, tmp_path: Path) -> None:
    """The case and both runs, in the list of runs."""
    shutil.copytree(solved, tmp_path, dirs_exist_ok=True)
    for name in ("before", "after"):
        remember(tmp_path / name)

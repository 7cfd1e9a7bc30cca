"""Solved bases on disk: what makes one worthless, and what does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import kelisim
from kelisim.case.case import Case
from kelisim.engine import Engine, Rules
from kelisim.io import write
from tests.cases.cut_town import cut_town

PACKAGE = Path(kelisim.__file__).parent
SOLVE = """
import sys
from kelisim.engine import Engine
from kelisim.io import read
engine = Engine(read(sys.argv[1]))
print(engine.base.status, engine.counts["cached"])
"""


def key(case: Case, rules: Rules | None = None) -> str:
    return Engine(case, rules).key


def test_what_no_problem_is_made_of_costs_no_new_solve() -> None:
    """A note or a source that is corrected would make a solved year worthless."""
    case = cut_town()
    links = case.table("links")
    noted = case.with_table("links", links.assign(note="read again"))
    assert noted.fingerprint != case.fingerprint
    assert key(noted) == key(case)
    body = pd.DataFrame({"body": ["ministry"], "name": ["Ministry of energy"]})
    assert key(case.with_table("bodies", body)) == key(case)


def test_what_the_problem_is_made_of_does() -> None:
    """A kept answer would be shown for a case that has changed since."""
    case = cut_town()
    links = case.table("links")
    dearer = case.with_table("links", links.assign(tariff=links["tariff"] + 1))
    wider = case.with_table("links", links.assign(capacity=links["capacity"] * 2))
    lossy = case.with_table("links", links.assign(loss=0.5))
    assert len({key(one) for one in (case, dearer, wider, lossy, case.at_step("1mo"))}) == 5
    rules = [
        Rules("none", "none"),
        Rules("cooperative", "late"),
        Rules("own_first", "late"),
        Rules("by_contract", "even"),
    ]
    assert len({key(case, one) for one in rules}) == len(rules)


def test_a_base_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that starts in days because they are solved would otherwise solve them for minutes, or not see that they are."""
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path))
    engine = Engine(cut_town())
    assert not engine.is_kept and "plain" not in vars(engine)
    assert engine.base.status == "optimal"
    assert Engine(cut_town()).is_kept
    again = Engine(cut_town())
    assert again.base.objective == engine.base.objective and again.counts["cached"] == 1
    links = cut_town().table("links")
    assert not Engine(cut_town().with_table("links", links.assign(capacity=1.0))).is_kept


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, a case, and the cache that holds its base."""
    folder = tmp_path_factory.mktemp("copied")
    shutil.copytree(PACKAGE, folder / "kelisim", ignore=shutil.ignore_patterns("__pycache__", "reference"))
    write(cut_town(), folder / "case")
    assert solved(folder) == "optimal 0"
    assert solved(folder) == "optimal 1"
    return folder


def solved(folder: Path) -> str:
    """Status of the base, and how often it came from the cache, by the copy of the package."""
    environment = {
        **os.environ,
        "KELISIM_CACHE": str(folder / "cache"),
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", SOLVE, str(folder / "case")]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("module", "old", "new", "expected"),
    [
        ("model/links.py", '"""', '"""Read again. ', "optimal 1"),
        ("units.py", "_JOULE_PER_MWH = 3.6e9", "_JOULE_PER_MWH = 3.5e9", "optimal 0"),
    ],
    ids=["a comment", "a conversion"],
)
def test_the_package_itself_changes(copied: Path, module: str, old: str, new: str, expected: str) -> None:
    """A kept base of another conversion would be shown as the answer; a comment must not cost minutes."""
    path = copied / "kelisim" / module
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        assert solved(copied) == expected
    finally:
        path.write_text(text, encoding="utf-8")

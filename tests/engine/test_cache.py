"""Solved bases on disk: what makes one worthless, and what does not."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import kelisim
from kelisim.case.case import Case
from kelisim.engine import Engine, Rules, cache
from kelisim.io import write
from kelisim.results import files
from kelisim.results.facts import Fact
from tests.cases.cut_town import cut_town
from tests.conftest import Command
from tests.properties.examples import EXAMPLES

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


# ---- damaged, or not to be written
KINDS = ("empty", "cut", "flipped", "overwritten", "another's")


def damage(file: Path, kind: str, chance: random.Random) -> None:
    """Break a kept base as disks and people do."""
    data = bytearray(file.read_bytes())
    at = chance.randrange(len(data))
    if kind == "empty":
        data.clear()
    elif kind == "cut":
        del data[at:]
    elif kind == "flipped":
        data[at] ^= 1 << chance.randrange(8)
    elif kind == "overwritten":
        data[at : at + 50] = chance.randbytes(len(data[at : at + 50]))
    else:
        data = bytearray(next(one for one in file.parent.glob("*.npz") if one != file).read_bytes())
    file.write_bytes(data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_base_is_solved_again(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by brute force: a traceback of the unpacker, or worse, an answer from broken numbers."""
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path))
    right = Engine(cut_town()).base.objective
    assert Engine(cut_town(transit=1.0)).base.status == "optimal"
    file = cache.file_of(Engine(cut_town()).key)
    chance = random.Random(kind)
    for _ in range(EXAMPLES // 4):
        damage(file, kind, chance)
        told: list[Fact] = []
        engine = Engine(cut_town(), progress=told.append)
        assert engine.base.objective == pytest.approx(right, rel=1e-12)
        assert [fact.say for fact in told if fact.say.startswith("notice.")] == ["notice.unreadable"]
        assert (engine.counts["cold"], engine.counts["cached"]) == (1, 0)
        assert Engine(cut_town()).base.objective == right and sorted(tmp_path.glob("*")) == sorted(
            tmp_path.glob("*.npz")
        )


def test_a_run_tells_of_a_damaged_base_in_one_line(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that stops for a file that can be made again, or says nothing of what it cost."""
    write(cut_town(), "case")
    monkeypatch.setenv("KELISIM_CACHE", "cache")
    first = cli("run", "balance", "case")
    (file,) = Path("cache").glob("*.npz")
    file.write_bytes(file.read_bytes()[:1000])
    again = cli("run", "balance", "case")
    assert (first.returncode, first.stderr, again.returncode) == (0, "", 0)
    assert again.stderr == (
        f"The kept base cannot be used and is solved again: {file.name} is not as it was written\n"
    )
    assert again.stdout.splitlines()[0] == first.stdout.splitlines()[0]


@pytest.mark.parametrize("how", ["a file", "full", "nowhere"])
def test_a_run_goes_on_without_a_cache(
    how: str, cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only saves time must not stop the work, nor leave pieces about."""
    write(cut_town(), "case")
    monkeypatch.setenv("KELISIM_CACHE", "cache")
    if how == "a file":
        Path("cache").touch()
    elif how == "nowhere":
        monkeypatch.delenv("KELISIM_CACHE")
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    else:
        put = files.put_filled

        def refused(file: Path, fill: Callable[[Path], object]) -> Path:
            def half(path: Path) -> None:
                path.write_bytes(b"half")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            return put(file, half)

        monkeypatch.setattr(cache, "put_filled", refused)
    done = cli("run", "balance", "case")
    assert done.returncode == 0 and "Unserved" in done.stdout
    assert done.stderr.startswith(
        ("The solved base cannot be kept and will be", "The kept base cannot be used and is")
    )
    assert done.stderr.count("\n") == 1
    assert not [path for path in Path("cache").rglob("*") if path.name != "runs.jsonl"]


def test_what_versions_before_left_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of bases that nobody finished would fill the disk of the user."""
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path))
    (tmp_path / "tmpabc.part").write_bytes(b"half")
    assert Engine(cut_town()).base.status == "optimal"
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]


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

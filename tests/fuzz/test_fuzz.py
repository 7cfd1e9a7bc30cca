"""Spoilt files of every format end with an answer or with what is wrong: `python -m tests.fuzz` tries ten thousand, each within limits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kelisim.case import checks
from tests.fuzz.asked import ask, tried
from tests.fuzz.formats import FORMATS, is_sound, spoilt, tiny

COUNT = 40


@pytest.mark.parametrize("form", FORMATS)
def test_spoilt_files_are_told(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, no exit 1, no warning of a library, nothing that steers a terminal, no line without end.

    All are read; the rules of a case, which take most of the time, are asked of every fourth.
    """
    rules = checks.run
    ends: Counter[int] = Counter()
    for seed in range(COUNT):
        home = tmp_path / str(seed)
        home.mkdir()
        monkeypatch.setattr(checks, "run", rules if seed % 4 == 0 else lambda case, already: [])
        told = ask("check", str(spoilt(form, seed, home, is_tiny=True)))
        assert not told.wrong, (seed, told.wrong)
        ends[told.code] += 1
    assert ends[2] > COUNT // 5, ends
    assert ends[0] + ends[2] == COUNT


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    """A failure that cannot be made again is not mended."""
    for form in ("csv", "xlsx", "geojson", "toml", "pypsa"):
        found = []
        for name in ("a", "b"):
            (tmp_path / form / name).mkdir(parents=True)
            path = spoilt(form, 7, tmp_path / form / name, is_tiny=True)
            found.append([file.read_bytes() for file in sorted(path.rglob("*") if path.is_dir() else [path])])
        assert found[0] == found[1], form


def test_a_base_is_sound(tmp_path: Path) -> None:
    """What is wrong before it is spoilt hides what comes after."""
    assert is_sound(tiny(), tmp_path)


def test_what_no_user_should_see_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuzzer that finds nothing proves nothing."""
    from kelisim import io  # noqa: PLC0415

    def fails(path: str) -> None:
        raise KeyError("bus0")

    assert tried(spoilt("toml", 1, tmp_path, is_tiny=True), tmp_path, 1).wrong == ""
    monkeypatch.setattr(io, "check", fails)
    assert ask("check", str(tmp_path)).wrong.startswith("traceback: KeyError in test_fuzz.py:")

"""A spoilt case.toml is told, and one that is taken is solved: never a traceback, never exit code 1."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from kelisim.case import settings
from tests.case.mutations import TABLES, TOML, mutated
from tests.conftest import Command
from tests.properties.examples import EXAMPLES

COUNT = EXAMPLES  # KELISIM_EXAMPLES=2000 makes two thousand


def test_mutations_are_told_or_solved(cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback over a date in another form tells its author nothing, and a nonsense that is taken tells him wrong."""
    monkeypatch.setattr(settings, "MOST_STEPS", 3_000)  # what takes long shows nothing more
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    ends: Counter[int] = Counter()
    for seed in range(COUNT):
        content = mutated(Random(seed)) if seed else TOML.encode()
        (tmp_path / "case.toml").write_bytes(content)
        done = cli("check", ".")
        if not done.returncode:
            done = cli("run", "balance", ".", "--no-cache", "--out", f"runs/{seed}")
        ends[done.returncode] += 1
        assert done.returncode in (0, 2), (seed, content, done.stderr)
        assert bool(done.returncode) == bool(done.stderr.strip()), (seed, content)
        assert done.returncode == 0 or seed, done.stderr
    assert min(ends[0], ends[2]) > COUNT // 10, ends
    print(f"{COUNT} mutations: {ends[0]} solved, {ends[2]} told")

"""The demonstration: what it says while it works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kelisim import io
from tests.conftest import Command


def test_the_first_answer_is_announced(cli: Command, mycase: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for the second solve must know that an answer is there, what else is coming, and that it may be stopped."""
    monkeypatch.setattr(io, "reference", lambda step="1mo": io.read(mycase).at_step(step))
    said = cli("demo").stdout
    first, notice, second = re.split(r"\n(The first answer is ready, after \d+ s: .*?)\n\n", said, flags=re.S)
    assert first.rstrip().endswith("report.html") and "12 steps" in first and "366 steps" in second
    assert "by days, for what a month hides" in notice and "Ctrl-C stops it" in notice
    wrong = cli("demo", "--step", "1w")
    assert (wrong.returncode, wrong.stderr) == (2, '--step: "1w" is not a step. Known: 1mo, 1d, 1h.\n')

"""A second solver answers as the first does, and the first answers where it has ended."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kelisim.errors import StudyError
from kelisim.io import read
from kelisim.web.address import Cut
from kelisim.web.helper import Helper
from kelisim.web.session import MapSession
from kelisim.web.workspace import Workspace

CUT = Cut(("pipe_a",), date(2024, 1, 10), 10)
WAIT = 60.0  # seconds


def test_a_second_solver(case_folder: Path) -> None:
    """Two who ask at once must read the same numbers, whoever answered; a wrong question is told; a killed process is noticed."""
    case = read(case_folder)
    plan = MapSession(case)
    plan.solve()
    helper = Helper(str(case_folder), case.horizon.step)
    try:
        until = time.monotonic() + WAIT
        while not helper.is_ready:
            assert helper.is_alive and time.monotonic() < until
            time.sleep(0.05)
        expected, found = plan.ask(CUT).results, helper.ask(case, CUT, False, None)
        assert list(found.tables) == list(expected.tables) and found.fields == expected.fields
        for name, frame in expected.tables.items():
            pd.testing.assert_frame_equal(found[name], frame)
        assert helper.days == {CUT.start}
        with pytest.raises(StudyError, match="no_such"):
            helper.ask(case, Cut(("no_such",), date(2024, 1, 10)), False, None)
        helper.stop()
        with pytest.raises(EOFError):
            helper.ask(case, CUT, False, None)
        assert not helper.is_ready
    finally:
        helper.stop()


def test_two_who_ask_at_once(case_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one question is answered, the next is answered by the second solver, and both as the first alone would."""
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path))
    monkeypatch.setattr("kelisim.web.workspace.SMALL", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    case = read(case_folder)
    desk = Workspace(str(case_folder), case, "1d")
    plan = desk._open("1d").plan
    try:
        assert desk.line.threads == 2
        desk._call_help("1d")
        helper = desk._helpers["1d"]
        until = time.monotonic() + WAIT
        while not helper.is_ready:
            assert helper.is_alive and time.monotonic() < until
            time.sleep(0.05)
        with ThreadPoolExecutor(1) as other, desk._alone:  # the first solver is busy with something else
            reply = other.submit(desk._ask, "1d", CUT, False, None).result()
        assert helper.days == {CUT.start} and reply.plan is plan
        alone = plan.ask(CUT)
        np.testing.assert_allclose(reply.more, alone.more)
        assert reply.page.sentences == alone.page.sentences
        helper.stop()
        assert (
            desk._ask("1d", Cut(("pipe_a",), date(2024, 1, 12), 5), False, None).results["facts"] is not None
        )
    finally:
        desk.close()

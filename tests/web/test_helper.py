"""A second solver answers as the first does, and the first answers where it has ended."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kelisim.errors import StudyError
from kelisim.io import read
from kelisim.web.address import Cut
from kelisim.web.helper import Helper
from kelisim.web.session import MapSession

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

"""Seconds inside HiGHS, whoever calls it."""

from __future__ import annotations

import time
from typing import Any

import highspy


class SolverClock:
    """Adds up what `Highs.run` takes, from now on and in this process."""

    def __init__(self) -> None:
        self.seconds = 0.0
        inner = highspy.Highs.run

        def run(highs: Any) -> Any:
            began = time.perf_counter()
            status = inner(highs)
            self.seconds += time.perf_counter() - began
            return status

        highspy.Highs.run = run

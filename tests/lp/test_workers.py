"""Processes of a sweep end with the one that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.processes import children, is_there, until

SWEEP = """
import time
from kelisim.lp.workers import processes

def idle(_):
    return 1

def work(at):
    return sum(range(10**12)) if at else time.sleep(600)  # one gives no other thread a turn

if __name__ == "__main__":
    with processes(2) as pool:
        list(pool.map(idle, range(2)))
        futures = [pool.submit(work, at) for at in range(2)]
        while not all(one.running() for one in futures):
            time.sleep(0.01)
        print("both are at work", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_with_a_killed_sweep(tmp_path: Path) -> None:
    """Two workers, each with the whole problem, went on for hours after their sweep was killed."""
    script = tmp_path / "sweep.py"
    script.write_text(SWEEP)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as sweep:  # fmt: skip
        assert sweep.stdout is not None and sweep.stdout.readline() == b"both are at work\n"
        workers = children(sweep.pid)
        assert len(workers) >= 2 and all(map(is_there, workers))
        sweep.send_signal(signal.SIGKILL)
        until(lambda: not any(map(is_there, workers)), 10.0)

"""A scheduler of Dask and its workers as processes of this machine, for measuring and for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[1]
SCHEDULER = "from distributed.cli.dask_scheduler import main; main()"
WORKER = "from distributed.cli.dask_worker import main; main()"
BEGUN = 60.0  # seconds in which a process has to come up


@dataclass
class DaskHere:
    """A scheduler, and the workers that were started.

    address  tcp://127.0.0.1:port
    """

    address: str
    folder: Path
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, count: int = 1, path: str = "") -> None:
        """Start workers of one thread, without a nanny: one that is killed does not come back.

        path  where Python looks first
        """
        words = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        for _ in range(count):
            self.workers.append(
                _process(WORKER, [*words, "--local-directory", str(self.folder)], self.folder, path)
            )

    @property
    def running(self) -> list[int]:
        """Process numbers of the scheduler and of the workers that have not ended."""
        return [one.pid for one in (self.scheduler, *self.workers) if one.poll() is None]

    def ready(self) -> None:
        """Wait until all workers have come, so that their start is not measured."""
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.running) - 1, timeout=BEGUN)

    def kill(self, at: int) -> None:
        """End a worker as if its machine had gone."""
        self.workers[at].send_signal(signal.SIGKILL)
        self.workers[at].wait()


@contextmanager
def dask_here(workers: int = 2) -> Iterator[DaskHere]:
    """A scheduler on a free port with so many workers, all of them gone at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = [
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(folder / "scheduler"),
        ]
        here = DaskHere("", folder, _process(SCHEDULER, words, folder))
        try:
            here.address = _address(folder / "scheduler", here.scheduler)
            here.start(workers)
            yield here
        finally:
            for one in [*here.workers, here.scheduler]:
                one.kill()
                one.wait()


def _process(code: str, words: list[str], folder: Path, path: str = "") -> subprocess.Popen[bytes]:
    there = os.pathsep.join(filter(None, [path, str(ROOT), os.environ.get("PYTHONPATH", "")]))
    own = {
        "PYTHONPATH": there,
        "OMP_NUM_THREADS": "1",
        "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "2s",
    }
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=folder,
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
        )


def _address(file: Path, scheduler: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + BEGUN
    while time.monotonic() < until and scheduler.poll() is None:
        try:
            return str(json.loads(file.read_bytes())["address"])
        except (OSError, ValueError):
            time.sleep(0.05)
    raise RuntimeError("the scheduler did not come up")

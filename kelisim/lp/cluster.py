"""Workers of a cluster, by dask.distributed: what pieces share is sent once to each of them, and a piece whose worker ended goes to another.

What is shared is the answer of a task and not data that was sent: where all workers that hold it are gone, the scheduler makes it again.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import time
import warnings
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kelisim import __version__
from kelisim.errors import ClusterError, ExtraMissing
from kelisim.lp.work import FAST

PATIENCE = 60.0  # seconds for the first worker to come, and for one to come back where all are gone
REACHED = 10.0  # seconds in which a scheduler answers
SAME = (
    "kelisim",
    "highspy",
    "numpy",
    "pandas",
    "scipy",
)  # packages whose version must be the same everywhere
_KEPT = 4  # shared things that workers keep
_LISTED = 5  # workers that a message names


@contextmanager
def connected(address: str, patience: float = PATIENCE) -> Iterator[DaskCluster | None]:
    """A cluster by the address of its scheduler; None without one.

    address   tcp://host:port, or tls://host:port with the keys that Dask's own settings name
    patience  seconds for a first worker to come

    Raises ClusterError where there is no scheduler, no worker, or a worker with other versions; ExtraMissing without dask.distributed.
    """
    if not address:
        yield None
        return
    _check(address)
    try:
        import distributed  # noqa: F401, PLC0415  half a second, for who asks for it
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("distributed", "dask"):
            raise
        raise ExtraMissing("cluster") from error
    with _silent():
        client = _reached(address, patience)
        try:
            found = DaskCluster(client, address, patience)
            found.begin()
            yield found
        finally:
            client.close(timeout=2.0)


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_one = (
            parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and not parts.path.strip("/")
        )
    except ValueError:  # a port that is none
        is_one = False
    if not is_one:
        raise ClusterError(
            f'--cluster: "{address}" is no address of a scheduler. Write tcp://host:port, or tls://host:port.'
        )


def _reached(address: str, patience: float) -> Any:
    """A client of the scheduler; it is asked who it is first, as a client waits for ever where something else listens."""
    from distributed import Client, Security  # noqa: PLC0415
    from distributed.core import rpc  # noqa: PLC0415

    keys: dict[str, Any] = {}
    if address.startswith("tls:"):
        try:
            keys = Security().get_connection_args("client")
        except (OSError, ValueError) as error:  # no file, or none of a key
            raise ClusterError(
                f"--cluster: the keys that Dask's settings name cannot be used: {error}."
            ) from error
        if keys.get("ssl_context") is None:
            raise ClusterError(
                f"--cluster: {address} asks for keys. Name them in Dask's settings: distributed.comm.tls.ca-file, "
                "distributed.comm.tls.client.key and distributed.comm.tls.client.cert."
            )
    seconds = min(REACHED, patience)

    async def asked() -> str:
        async with rpc(address, timeout=seconds, connection_args=keys) as there:
            return str((await there.identity())["type"])

    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook has a loop in its own
            kind = thread.submit(lambda: asyncio.run(asyncio.wait_for(asked(), seconds))).result()
        if kind != "Scheduler":
            raise ClusterError(
                f"--cluster: at {address} is a {kind.lower()}. Take the address that dask scheduler says."
            )
        return Client(address, timeout=seconds, set_as_default=False, name="kelisim")
    except (OSError, TimeoutError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise ClusterError(
            f"--cluster: no scheduler answers at {address}. Start one: dask scheduler, and take the address that it says."
        ) from error


@contextmanager
def _silent() -> Iterator[None]:
    """What Dask tells of lost connections and of the size of what is sent is told here in other words, or is no news."""
    logs = [
        logging.getLogger(name)
        for name in ("distributed", "distributed.client", "distributed.comm", "tornado")
    ]
    before = [one.level for one in logs]
    for one in logs:
        one.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"(dask|distributed)\b")
            yield
    finally:
        for one, level in zip(logs, before, strict=True):
            one.setLevel(level)


@dataclass
class Traffic:
    """Bytes of what is shared by each worker, of tasks and of their answers, as they travel; and how many tasks."""

    shared: int = 0
    asked: int = 0
    told: int = 0
    tasks: int = 0


class DaskCluster:
    """Workers that a scheduler of Dask knows; a `kelisim.lp.work.Cluster`."""

    def __init__(self, client: Any, address: str, patience: float) -> None:
        self.traffic = Traffic()
        self.executor: Executor = _Submitting(client, self.traffic)
        self.threads = 0
        self._client, self._address, self._patience = client, address, patience
        self._shared: OrderedDict[str, Any] = OrderedDict()
        self._workers: dict[str, int] = {}
        self._seen = time.monotonic()

    def begin(self) -> None:
        """Wait for the first worker, and see that all are fit. Raises ClusterError."""
        self.wait(1)
        found = self._client.get_versions(packages=list(SAME))
        _must_fit(
            found["client"]["packages"], {name: one["packages"] for name, one in found["workers"].items()}
        )
        self._count()

    def wait(self, count: int) -> None:
        """Wait for so many workers. Raises ClusterError where they do not come."""
        try:
            self._client.wait_for_workers(count, timeout=self._patience)
        except TimeoutError as error:
            some = "no worker" if count == 1 else f"fewer than {count} workers"
            raise ClusterError(
                f"--cluster: {some} came to {self._address} within {self._patience:g} s. "
                f"Start some: dask worker {self._address} --nthreads 1"
            ) from error

    def _count(self) -> None:
        self._workers = dict(self._client.nthreads())
        self.threads = sum(self._workers.values())

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    def share(self, key: str, packed: bytes) -> Any:
        """Bring bytes to all workers, once for each key; what stands for them in what is submitted."""
        if key in self._shared:
            self._shared.move_to_end(key)
            return self._shared[key]
        while len(self._shared) >= _KEPT:
            self._shared.popitem(last=False)
        self._count()
        self.traffic.shared += len(packed)
        handle = self._client.submit(bytes, packed, key=f"kelisim-shared-{key}-{id(self):x}", pure=False)
        self._client.replicate([handle])
        self._shared[key] = handle
        return handle

    def look(self) -> None:
        """Raises ClusterError where all workers have been gone for too long, or the scheduler is."""
        try:
            self._count()
        except (OSError, TimeoutError) as error:
            raise ClusterError(f"The scheduler at {self._address} is gone.") from error
        if self._workers:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > self._patience:
            raise ClusterError(
                f"All workers of {self._address} are gone, and none came back within {self._patience:g} s."
            )

    def read(self, result: bytes) -> Any:
        """What a task gave, from the form in which it travels."""
        self.traffic.told += len(result)
        return _unpacked(result)

    def why(self, error: BaseException) -> BaseException:
        """What an error of a piece means: the same one, unless it comes from the cluster."""
        from distributed import KilledWorker  # noqa: PLC0415
        from distributed.comm.core import CommClosedError  # noqa: PLC0415

        if isinstance(error, KilledWorker):
            return ClusterError(
                "A piece of the work was given to several workers, and each of them ended, most likely for want of memory. "
                "Start fewer on each machine, or give them more."
            )
        if isinstance(error, (CancelledError, CommClosedError)):
            return ClusterError(f"The scheduler at {self._address} is gone.")
        if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "kelisim":
            return ClusterError(
                f"A worker of {self._address} has another version of kelisim than {__version__}."
            )
        return error


def _must_fit(here: dict[str, Any], workers: dict[str, dict[str, Any]]) -> None:
    """Raises ClusterError that names every worker with other versions."""
    wrong = []
    for name, there in workers.items():
        other = [
            f"{package} {there[package]}, here {here[package]}" if there.get(package) else f"no {package}"
            for package in SAME
            if there.get(package) != here.get(package)
        ]
        if other:
            wrong.append(f"  {name} has {', '.join(other)}.")
    if wrong:
        more = [f"  And {len(wrong) - _LISTED:,} more workers."] if len(wrong) > _LISTED else []
        text = "\n".join([*wrong[:_LISTED], *more])
        raise ClusterError(
            f"--cluster: workers have other versions than this machine, so that answers could differ.\n{text}\n"
            "Install the same versions everywhere."
        )


class _Submitting(Executor):
    """The interface of `concurrent.futures` over a client; what travels is packed, and goes with the version that asks."""

    def __init__(self, client: Any, traffic: Traffic) -> None:
        self._executor, self._traffic = client.get_executor(pure=False), traffic

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_none: Any) -> Future[Any]:
        from distributed import Future as Held  # noqa: PLC0415

        held = {at: one for at, one in enumerate(args) if isinstance(one, Held)}
        asked = _packed((fn, [None if at in held else one for at, one in enumerate(args)]))
        self._traffic.asked += len(asked)
        self._traffic.tasks += 1
        found: Future[Any] = self._executor.submit(
            by_same_version, __version__, asked, tuple(held), *held.values()
        )
        return found


def by_same_version(asking: str, asked: bytes, places: tuple[int, ...], *held: Any) -> bytes:
    """A task, done in a worker: what is asked without what the worker holds, and where that stands.

    Raises ClusterError where the worker has another version than who asks: it may have come later than it was looked.
    """
    if asking != __version__:
        raise ClusterError(
            f"A worker has kelisim {__version__}, and what asks it is {asking}. Install the same version everywhere."
        )
    do, given = _unpacked(asked)
    for at, one in zip(places, held, strict=True):
        given[at] = one
    return _packed(do(*given))


def _packed(content: Any) -> bytes:
    return zlib.compress(pickle.dumps(content, pickle.HIGHEST_PROTOCOL), FAST)


def _unpacked(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))

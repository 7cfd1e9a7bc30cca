"""N-1 of the reference case on workers of Dask beside processes of this machine: `python -m bench.cluster [ROUNDS]`.

All losses of links, plants and storages in the month of the highest use, in turn by two processes, by the same again, by two workers of a scheduler that have
not worked yet, by the same two again, and by one; wall seconds, and processor seconds of all processes that take part. They take turns, so
that a busy minute hits all alike. Then one of two workers is killed in the middle.

Ends with 1 where an answer differs in any digit, a piece is lost or done twice, or two workers take more than 1.1 times the wall time of two
processes. A model of 10 to 1,000 workers follows from the seconds of a piece, the bytes that travel, and what a task costs the scheduler.
"""

from __future__ import annotations

import math
import pickle
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psutil

from bench.dask_here import DaskHere, dask_here
from kelisim.engine import Contingencies, Engine, Lost, Window
from kelisim.engine.contingency import Singles
from kelisim.io import reference
from kelisim.lp.cluster import DaskCluster, Traffic, connected
from kelisim.lp.highs import Session
from kelisim.lp.sweep import CHUNK, PARTS
from kelisim.lp.work import Work
from kelisim.lp.workers import processes
from kelisim.studies.contingency.losses import losses
from kelisim.studies.ensemble.study import CHUNK as OF_SCENARIOS
from kelisim.studies.outage_fields import peak_day

ALLOWED = 1.1  # wall time beside that of two processes
NOTHING = 3_000  # tasks that do nothing
NETWORK = 117e6  # bytes a second: 1 Gbit/s
WORKERS = (1, 2, 10, 30, 100, 300, 1_000)
TURNS = 4  # chunks of a worker at least, as kelisim.lp.work gives them
MANY = 250_000  # losses in one sweep: as many as there are pairs of 703
SCENARIOS, SCENARIO = 100_000, 0.5  # and seconds of one of the reference case by months


class Counted:
    """Who keeps nothing, but counts what it is given, and does something after a few."""

    def __init__(self, after: int, does: Callable[[], None]) -> None:
        self.positions: list[int] = []
        self._after, self._does = after, does

    def begin(self, loop: str, count: int) -> None:
        self.count = count

    def known(self, loop: str, keys: Sequence[str]) -> dict[int, Any]:
        return {}

    def keep(self, loop: str, at: int, key: str, answer: Any, row: Any) -> None:
        self.positions.append(at)
        if len(self.positions) == self._after:
            self._does()

    def flush(self) -> None:
        pass


@dataclass
class Timed:
    """Wall and processor seconds, the answers, and what travelled."""

    wall: float
    processor: float
    found: Singles
    traffic: Traffic = field(default_factory=Traffic)


@contextmanager
def _clock(others: Sequence[int]) -> Iterator[Callable[[], tuple[float, float]]]:
    """Wall and processor seconds since the beginning: of this process, of those it started and ended, and of others."""

    def spent() -> float:
        own = psutil.Process().cpu_times()
        there = [psutil.Process(one).cpu_times() for one in others]
        return sum(
            (one.user + one.system for one in there),
            own.user + own.system + own.children_user + own.children_system,
        )

    began, before = time.perf_counter(), spent()
    yield lambda: (time.perf_counter() - began, spent() - before)


def by_processes(opened: Window, lost: list[Lost], count: int) -> tuple[Timed, Timed]:
    """By so many processes, their start and end included; and by the same again, which have the problem already, without these."""
    with _clock([]) as since:
        with processes(count) as pool:
            found = Contingencies(opened, lost, Work(pool)).singles()
            with _clock([one.pid for one in psutil.Process().children()]) as again:
                Contingencies(opened, lost, Work(pool)).singles()
                second = Timed(*again(), found)
        wall, processor = since()
        return Timed(wall - second.wall, processor - second.processor, found), second


def by_workers(opened: Window, lost: list[Lost], dask: DaskHere, kept: Counted | None = None) -> Timed:
    """By the workers of a scheduler, the way to them included."""
    with _clock([] if kept else dask.running) as since:
        with connected(dask.address) as cluster:
            assert cluster is not None
            cluster.wait(len(dask.running) - 1)
            found = Contingencies(opened, lost, Work(cluster.executor, kept, cluster=cluster)).singles()
        return Timed(*since(), found, cluster.traffic)


def opening(opened: Window) -> float:
    """Seconds in which a worker loads kelisim and finds the base again from its basis."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import kelisim.lp.sweep"], check=True)
    packed = pickle.dumps(opened.problem, pickle.HIGHEST_PROTOCOL)
    Session(pickle.loads(packed), threads=1).resume(*opened.session.base_basis())
    return time.perf_counter() - began


def equal(one: Singles, other: Singles) -> bool:
    """Whether all that is found is the same to the last digit."""
    names = ("costs", "with_ties", "unserved", "let_go", "solved")
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in names)


# ---- a model of more workers
@dataclass(frozen=True)
class Costs:
    """What a model needs, as measured.

    shared      bytes that each worker gets once
    asked, told  bytes of a piece, there and back
    opening     seconds in which a worker opens what it got; a first start of kelisim in it included
    piece       seconds of a piece
    scheduler, client  processor seconds of a task in the scheduler, and in the process that asks
    """

    shared: float
    asked: float
    told: float
    opening: float
    piece: float
    scheduler: float
    client: float

    def parts(self, pieces: int, workers: int, most: int) -> dict[str, float]:
        """Seconds by what takes them; all but the opening go on at the same time.

        most  pieces of a chunk
        """
        chunk = max(1, min(most, pieces // (TURNS * workers)))
        tasks = math.ceil(pieces / chunk)
        rounds = math.ceil(math.log2(workers + 1))  # each that has it hands it on
        return {
            "opening": self.opening + rounds * self.shared / NETWORK,
            "solving": math.ceil(tasks / workers) * chunk * self.piece,
            "scheduler": tasks * self.scheduler,
            "command": tasks * self.client,
            "network": pieces * (self.asked + self.told) / NETWORK,
        }

    def seconds(self, pieces: int, workers: int, most: int) -> tuple[float, str]:
        """Wall seconds, and what takes most of them."""
        parts = self.parts(pieces, workers, most)
        opening = parts.pop("opening")
        first = max(parts, key=lambda name: parts[name])
        return opening + parts[first], first if parts[first] > opening else "opening"


def costs_of_tasks(dask: DaskHere, cluster: DaskCluster) -> tuple[float, float]:
    """Processor seconds of one task that does nothing, in the scheduler and in this process."""
    both = psutil.Process(dask.scheduler.pid), psutil.Process()

    def spent() -> list[float]:
        return [sum(one.cpu_times()[:2]) for one in both]

    before = spent()
    for future in [cluster.executor.submit(abs, at) for at in range(NOTHING)]:
        cluster.read(future.result())
    there, here = ((b - a) / NOTHING for a, b in zip(before, spent(), strict=True))
    return there, here


def model(name: str, pieces: int, costs: Costs, most: int) -> None:
    """Print how long so many pieces take by how many workers, and what holds them up."""
    alone = costs.seconds(pieces, 1, most)[0]
    print(f"model, {pieces:,} {name} of {1e3 * costs.piece:.1f} ms:")
    for workers in WORKERS:
        seconds, by = costs.seconds(pieces, workers, most)
        print(
            f"  {workers:>5,} workers {seconds:>9,.1f} s, {alone / seconds:>6,.1f} times as fast as one; most of it: {by}"
        )


def main(rounds: str = "3") -> int:
    """Print all that was measured; 1 where a bar is missed."""
    engine = Engine(reference().at_step("1mo"))
    rules = replace(engine.rules, place="cooperative", time="none", help="open")
    opened = engine.snapshot(peak_day(engine), rules)
    lost = losses(engine.case, ("links", "assets", "storages"), set())
    began = time.perf_counter()
    here = Contingencies(opened, lost).singles()
    pieces = int(here.solved.sum())
    print(f"{pieces} losses, here in {time.perf_counter() - began:.1f} s", flush=True)
    sides: dict[str, list[Timed]] = {}
    wrong: list[str] = []

    def took(side: str, one: Timed) -> None:
        sides.setdefault(side, []).append(one)
        print(f"  {side}: {one.wall:.2f} s, processor {one.processor:.2f} s", flush=True)

    for _ in range(int(rounds)):
        whole, again = by_processes(opened, lost, 2)
        took("2 processes", whole)
        took("2 processes, again", again)
        with dask_here(2) as dask:
            dask.ready()
            took("2 workers, new", by_workers(opened, lost, dask))
            took("2 workers", by_workers(opened, lost, dask))
            dask.kill(1)
            took("1 worker", by_workers(opened, lost, dask))
    first = sides["2 processes"][0].found
    wrong += [side for side, found in sides.items() if any(not equal(one.found, first) for one in found)]
    with dask_here(2) as dask:
        dask.ready()
        kept = Counted(pieces // 4, lambda: dask.kill(0))
        ended = by_workers(opened, lost, dask, kept)
        once = sorted(kept.positions) == list(range(pieces))
        print(
            f"one of two killed after {pieces // 4}: {len(kept.positions)} done, each once: {'yes' if once else 'no'}, equal: {equal(ended.found, first)}"
        )
        wrong += [] if once and equal(ended.found, first) else ["one killed"]
        dask.start(1)
        dask.ready()
        with connected(dask.address) as cluster:
            assert cluster is not None
            scheduler, client = costs_of_tasks(dask, cluster)
    middle = {side: statistics.median(one.wall for one in found) for side, found in sides.items()}
    for side, found in sides.items():
        spent = statistics.median(one.processor for one in found)
        print(f"{side}: median {middle[side]:.2f} s, processor {spent:.2f} s")
    new = middle["2 workers, new"] / middle["2 processes"]
    again = middle["2 workers"] / middle["2 processes, again"]
    print(
        f"2 workers beside 2 processes: {new:.2f} times the wall time, starts included (allowed: {ALLOWED})"
    )
    print(f"and {again:.2f} times where both have begun before, the way to the scheduler included")
    wrong += [f"{new:.2f} times"] if new > ALLOWED else []
    way = sides["2 workers, new"][0].traffic
    print(
        f"travels: {way.shared / 1e3:,.0f} kB to each worker, {way.asked / pieces / 1e3:.1f} kB a piece there, {way.told / pieces / 1e3:.1f} kB back"
    )
    print(f"a task: {1e6 * scheduler:.0f} µs of the scheduler, {1e6 * client:.0f} µs of the command")
    costs = Costs(
        way.shared,
        way.asked / pieces,
        way.told / pieces,
        opening(opened),
        here.seconds / pieces,
        scheduler,
        client,
    )
    for count in (pieces, MANY):
        model("losses", count, costs, max(CHUNK, count // PARTS))
    model("scenarios", SCENARIOS, replace(costs, piece=SCENARIO), OF_SCENARIOS)
    print(f"wrong: {', '.join(wrong) or 'nothing'}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

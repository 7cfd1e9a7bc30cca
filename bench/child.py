"""One measurement in a process of its own: reads a task as JSON, prints what it took and its peak memory as JSON.

Not called by hand: `python -m bench` starts it.
"""

from __future__ import annotations

import json
import pickle
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.settings import Settings

SCALE = 1024 if sys.platform != "darwin" else 1  # ru_maxrss is in kB, on macOS in bytes


def peak() -> float:
    """Most memory this process held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * SCALE / 1e6


def make(task: dict[str, Any]) -> dict[str, Any]:
    """Build the case and keep it for the others."""
    import bench.cases as cases  # noqa: PLC0415 - a process that measures another tool must not hold what it does not need

    folder = Path(task["folder"])
    case = cases.build(task["build"], **task["arguments"])
    order = _cuts(case)
    asked = {"sweep": order[: task["most_cuts"]], "all_cuts": order}.get(task["asked"], [])
    return cases.keep(case, folder, task["arguments"]["plain"], asked) | {"cuts": order}


def _cuts(case: Any) -> list[str]:
    """Links and sources, in an order that mixes them; the same on every machine."""
    links = list(case.table("links")["link"])
    assets = list(case.table("assets")["asset"])
    order = sorted(links + assets, key=lambda word: (hash_of(word), word))
    return order


def hash_of(word: str) -> int:
    value = 2166136261
    for letter in word.encode():
        value = ((value ^ letter) * 16777619) & 0xFFFFFFFF
    return value


def start(peer: str, folder: Path) -> Any:
    """What a tool begins with: kelisim a case, bare HiGHS arrays, the others numbers."""
    if peer == "kelisim":
        return import_module("bench.cases").kept(folder)
    return pickle.loads((folder / ("problem.pickle" if peer == "highs" else "plain.pickle")).read_bytes())


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Run one phase of one tool."""
    module = import_module(f"bench.peers.{task['peer']}")
    given = start(task["peer"], Path(task["folder"]))
    before = peak()
    arguments: list[Any] = [given]
    if task["phase"] != "build":
        arguments.append(Settings(**task["settings"]))
    if task["phase"] in ("sweep", "all_cuts"):
        arguments.append(task["cuts"])
    began, kernel = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_stime
    found: dict[str, Any] = getattr(module, task["phase"])(*arguments)
    spent = time.process_time() - began
    kernel = resource.getrusage(resource.RUSAGE_SELF).ru_stime - kernel
    return found | {"processor": spent, "kernel": kernel, "memory_before": before, "memory": peak()}


def main() -> None:
    task = json.loads(sys.argv[1])
    result = make(task) if task["phase"] == "make" else measure(task)
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main()

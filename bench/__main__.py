"""Run the benchmarks and write docs/benchmarks.md: `python -m bench [--only NAME] [--quick] [--runs N] [--page]`.

Each measurement is a process of its own, started in turn for each tool so that a busy minute hits all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import machine, page
from bench.plan import Part, parts
from bench.registry import systems
from bench.settings import Settings

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
IMPORTS = {
    "python": "pass",
    "kelisim": "import kelisim",
    "kelisim --help": "import sys; sys.argv = ['kelisim', '--help']; from kelisim.cli import main; main()",
    "kelisim, engine": "import kelisim.engine",
    "highs": "import highspy",
    "linopy": "import linopy",
    "pypsa": "import pypsa",
}
TIMEOUT = 3 * 3600


class Failed(RuntimeError):
    """A measured process ended with an error."""


def main() -> int:
    arguments = _arguments()
    where = RESULTS / "quick" if arguments.quick else RESULTS
    where.mkdir(parents=True, exist_ok=True)
    failures = 0
    if not arguments.page:
        chosen = parts(arguments.quick, arguments.only, arguments.runs)
        if not chosen:
            print(f'no part "{arguments.only}"', file=sys.stderr)
            return 2
        for part in chosen:
            began = time.perf_counter()
            print(f"{part.name} ...", flush=True)
            try:
                result = {
                    "import": _import,
                    "adequacy": _adequacy,
                    "clicks": _clicks,
                    "cuts": _outages,
                    "preliminary": _outages,
                    "snapshot": _outages,
                    "no_gain": _no_gain,
                }.get(part.phase, _run)(part)
            except Failed as error:
                failures += 1
                print(f"  failed: {error}", flush=True)
                continue
            (where / f"{part.name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            for line in page.short(result):
                print(f"  {line}", flush=True)
            print(f"  {time.perf_counter() - began:.0f} s", flush=True)
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(where.glob("*.json"))]
    target = where / "benchmarks.md" if arguments.quick else ROOT / "docs" / "benchmarks.md"
    target.write_text(page.write(found, arguments.quick), encoding="utf-8")
    print(f"written: {target.relative_to(ROOT)}")
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", default="", help="a part, a phase (build), a system (family) or both (build-family)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, one run; the page goes to bench/results/quick"
    )
    parser.add_argument("--runs", type=int, default=0, help="repetitions of each measurement")
    parser.add_argument("--page", action="store_true", help="only write the page again from the kept results")
    return parser.parse_args()


def _head(part: Part) -> dict[str, Any]:
    return {
        "part": part.name,
        "phase": part.phase,
        "system": part.system,
        "size": part.size,
        "machine": machine.facts(),
    }


def _import(part: Part) -> dict[str, Any]:
    """Wall time of a fresh interpreter with one import."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in IMPORTS}
    for _ in range(part.runs):
        for name, code in IMPORTS.items():
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise Failed(f"{name}: {done.stderr.strip()[-300:]}")
            rows[name].append({"whole": time.perf_counter() - began})
    return _head(part) | {
        "facts": {},
        "rows": [{"peer": name, "settings": {}, "runs": runs} for name, runs in rows.items()],
    }


def _adequacy(part: Part) -> dict[str, Any]:
    """The reliability test system; size is the number of seeds."""
    runs = [_result([sys.executable, "-m", "bench.rts79", str(part.size)], "rts79") for _ in range(part.runs)]
    return _head(part) | {"facts": {}, "rows": [{"peer": "kelisim", "settings": {}, "runs": runs}]}


def _outages(part: Part) -> dict[str, Any]:
    """Cuts in an open day, first answers to them, or all losses of a snapshot."""
    runs = [
        _result([sys.executable, "-m", "bench.outages", part.phase, str(part.size), part.rule], part.phase)
        for _ in range(part.runs)
    ]
    return _head(part) | {
        "facts": {},
        "rule": part.rule,
        "rows": [{"peer": "kelisim", "settings": {}, "runs": runs}],
    }


def _no_gain(part: Part) -> dict[str, Any]:
    """Every element of the reference case lost; fails where one gains for no reason that is allowed."""
    command = [sys.executable, "-m", "bench.no_gain", str(part.size)]
    runs = [_result(command, "no_gain") for _ in range(part.runs)]
    return _head(part) | {"facts": {}, "rows": [{"peer": "kelisim", "settings": {}, "runs": runs}]}


def _clicks(part: Part) -> dict[str, Any]:
    """The live map in a browser; a run is a server of its own."""
    runs = [
        _result([sys.executable, "-m", "bench.clicks", str(part.size)], "clicks") for _ in range(part.runs)
    ]
    rows = [
        {"peer": row["peer"], "settings": {}, "runs": [run["rows"][at]["runs"][0] for run in runs]}
        for at, row in enumerate(runs[0]["rows"])
    ]
    return _head(part) | {"facts": {}, "aside_done": all(run["aside_done"] for run in runs), "rows": rows}


def _run(part: Part) -> dict[str, Any]:
    system = systems()[part.system]
    arguments = {"days": part.days, "step": part.step, "plain": part.plain}
    size = {"places": part.size} if system.unit == "places" else {"size": part.size}
    with tempfile.TemporaryDirectory() as name:
        task: dict[str, Any] = {"folder": name, "build": system.build, "arguments": size | arguments}
        most = max(count for _, count in part.cuts)
        facts = _child(task | {"phase": "make", "asked": part.phase, "most_cuts": most})
        order = facts.pop("cuts")
        rows = []
        for settings in part.settings:
            rows += _peers(part, task, settings, order)
    return _head(part) | {"facts": facts, "rows": rows}


def _peers(part: Part, task: dict[str, Any], settings: Settings, order: list[str]) -> list[dict[str, Any]]:
    """All tools with one setting, in turn; answers are held against kelisim's and then dropped."""
    runs: dict[str, list[dict[str, Any]]] = {peer: [] for peer in part.peers}
    for _ in range(part.runs):
        for peer in part.peers:
            cuts = order[: dict(part.cuts)[peer]] if part.phase == "sweep" else order
            ask = task | {"phase": part.phase, "peer": peer, "settings": asdict(settings)}
            runs[peer].append(_child(ask | ({"cuts": cuts} if part.phase in ("sweep", "all_cuts") else {})))
    ours = runs.get("kelisim", [{}])[0]
    rows = []
    for peer in part.peers:
        for run in runs[peer]:
            if "objectives" in run:
                pairs = zip(run["objectives"], ours["objectives"], strict=False)
                run["difference"] = max((_apart(a, b) for a, b in pairs), default=0.0)
            elif "objective" in run:
                run["difference"] = _apart(run["objective"], ours["objective"])
        for run in runs[peer] if peer != "kelisim" else []:
            run.pop("objectives", None)
        rows.append({"peer": peer, "settings": asdict(settings), "runs": runs[peer]})
    for run in runs.get("kelisim", []):
        run.pop("objectives", None)
    return rows


def _apart(a: float, b: float) -> float:
    return abs(a - b) / max(1.0, abs(b))


def _child(task: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.child", json.dumps(task)]
    name = f"{task.get('peer', 'make')} {task['phase']}"
    return _result(command, name, task.get("settings", {}).get("threads"))


def _result(command: list[str], name: str, threads: int | None = None) -> dict[str, Any]:
    """What a measured process says in its last line."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if threads:  # for the linear algebra beside the solver too
        environment |= {word: str(threads) for word in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{name}: stopped after {TIMEOUT} s") from error
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode or not lines:
        raise Failed(f"{name}: {done.stderr.strip()[-400:]}")
    result: dict[str, Any] = json.loads(lines[-1].removeprefix("RESULT "))
    return result


if __name__ == "__main__":
    raise SystemExit(main())

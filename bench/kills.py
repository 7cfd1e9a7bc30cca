"""A sweep of 200 scenarios killed at random moments: `python -m bench.kills 100` says whether any is missing, twice or different.

Each sitting is a child of this process that is killed with SIGKILL at a moment drawn evenly from an eighth of the time an undisturbed sweep takes; the
next one goes on with `--resume`, until the sweep is done and is held against the undisturbed one. POSIX only.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd

from kelisim.cli import main as command
from kelisim.io.starter import start
from kelisim.results.unfinished import DONE, FOLDER, is_unfinished, unfinished

SCENARIOS = 200
SITTINGS = 8  # share of an undisturbed sweep that a sitting lasts at most: one eighth, so that a sweep is killed many times


def table(seed: int = 1) -> str:
    """Scenarios of demand and of what is out of service, by chance."""
    draw = random.Random(seed)
    rows = ["scenario,acts_on,value,unit"]
    for at in range(SCENARIOS):
        rows.append(f"s{at},demand:*:amount,{draw.uniform(0.7, 1.3):.4f},factor")
        rows.append(f"s{at},links:*:share_out,{draw.uniform(0.0, 0.8):.4f},share")
    return "\n".join(rows) + "\n"


def sitting(words: list[str], seconds: float | None) -> bool:
    """Run a command in a child, killed after so many seconds; whether it came to its end."""
    child = os.fork()
    if child == 0:
        sys.argv = ["kelisim", *words]
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            try:
                command()
            except SystemExit as end:
                os._exit(int(end.code or 0))
        os._exit(0)
    began = time.monotonic()
    while seconds is None or time.monotonic() - began < seconds:
        done, status = os.waitpid(child, os.WNOHANG if seconds is not None else 0)
        if done:
            if os.waitstatus_to_exitcode(status):
                raise SystemExit(f"a sitting ended with {os.waitstatus_to_exitcode(status)}")
            return True
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def pieces(run: Path) -> list[tuple[str, str]]:
    """Every piece on every sound line of an unfinished run."""
    found = []
    for line in (run / FOLDER / DONE).read_bytes().splitlines():
        try:
            _, content = json.loads(line)
        except ValueError:
            continue  # cut off
        found += [(loop, at) for loop, own in content["done"].items() for at in own]
    return found


def differences(one: Path, other: Path) -> list[str]:
    """Tables that are not the same to the last digit."""
    names = sorted(path.name for path in one.glob("*.parquet"))
    same = names == sorted(path.name for path in other.glob("*.parquet"))
    found = [] if same else ["other tables"]
    return found + [n for n in names if not pd.read_parquet(one / n).equals(pd.read_parquet(other / n))]


def main(kills: str = "100", seed: str = "1", workers: str = "1") -> int:
    """Prints what was found; 1 where anything is missing, twice or different."""
    draw, done, sweeps, wrong, twice = random.Random(int(seed)), 0, 0, [], 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["KELISIM_CACHE"] = str(Path(folder) / "cache")
        start(Path("mycase"))
        Path("scenarios.csv").write_text(table())
        words = [
            "run",
            "balance",
            "mycase",
            "--step",
            "1mo",
            "--ensemble",
            "scenarios.csv",
            "--workers",
            workers,
        ]
        began = time.monotonic()
        sitting([*words, "--out", "whole"], None)
        whole = time.monotonic() - began
        print(f"undisturbed: {whole:.1f} s", flush=True)
        while done < int(kills):
            run, sweeps = Path(f"run{sweeps}"), sweeps + 1
            while True:
                go_on = ["--resume", str(run)] if is_unfinished(run) else ["--out", str(run)]
                before = unfinished(run).done if is_unfinished(run) else 0
                if sitting(
                    [*words, *go_on], draw.uniform(0.0, whole / SITTINGS) if done < int(kills) else None
                ):
                    break
                done += 1
                if is_unfinished(run) and (run / FOLDER / DONE).exists():
                    counted = Counter(pieces(run))
                    twice += sum(count - 1 for count in counted.values())
                    print(f"kill {done}: {len(counted)} of {SCENARIOS} done", flush=True)
                else:
                    print(f"kill {done}: nothing done yet", flush=True)
            told = json.loads((run / "run.json").read_text())["pieces"]
            if told != {"reused": before, "done": SCENARIOS - before}:
                wrong.append(f"{run}: {told}, {before} were on the disk")
            wrong += [f"{run}: {name}" for name in differences(Path("whole"), run)]
        print(
            f"{done} kills in {sweeps} sweeps of {SCENARIOS} scenarios: {twice} pieces twice, {len(wrong)} differ {wrong}"
        )
    return int(bool(wrong or twice))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

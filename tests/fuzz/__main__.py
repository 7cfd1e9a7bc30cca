"""Spoil files of every format and ask kelisim of each: `python -m tests.fuzz [--count N] [--format NAME] [--seed N]`.

Each file is read in a process whose memory and time are limited; one that fails is kept with its seed. Ends with 1 where one fails.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.fuzz.formats import FORMATS, spoilt

MOST_SECONDS = 20  # of processor time for one file
MOST_WAIT = 200  # seconds by the clock, which runs on while other programs have the processor
MOST_MEMORY = 1_000_000_000  # bytes that a process may hold
BATCH = 500  # files of one process
ROOT = Path(__file__).parents[2]


def work(form: str, first: int, last: int, home: Path) -> None:
    """Try the files of some seeds, a line for each; a file that takes too long ends the process, and too much memory is an error."""
    from tests.fuzz.asked import ask, tried  # noqa: PLC0415 - loaded where it is measured

    ask("check", str(ROOT / "kelisim" / "first_case"))
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        most = pages * resource.getpagesize() + MOST_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for seed in range(first, last):
        folder = home / f"{form}-{seed}"
        folder.mkdir()
        path = spoilt(form, seed, folder)
        _say({"seed": seed, "begins": str(path)})
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        signal.alarm(MOST_WAIT)
        told = tried(path, folder, seed)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        wrong = told.wrong or (f"{held / 1e6:,.0f} MB of memory" if held > MOST_MEMORY else "")
        _say(
            {
                "seed": seed,
                "code": told.code,
                "wrong": wrong,
                "seconds": time.process_time() - began,
                "memory": held,
            }
        )
        if not wrong:
            shutil.rmtree(folder)
        if held > MOST_MEMORY:
            return


def _say(line: dict[str, Any]) -> None:
    print("FUZZ " + json.dumps(line), flush=True)


def watch(form: str, first: int, last: int, kept: Path) -> list[dict[str, Any]]:
    """What became of each file; a process that died is started again behind the file at which it did."""
    found: list[dict[str, Any]] = []
    while first < last:
        with tempfile.TemporaryDirectory() as name:
            command = [
                sys.executable,
                "-m",
                "tests.fuzz",
                "--work",
                form,
                str(first),
                str(min(last, first + BATCH)),
                name,
            ]
            done = subprocess.run(command, cwd=ROOT, env={**os.environ, "KELISIM_CACHE": f"{name}/cache"}, capture_output=True, text=True, check=False)  # fmt: skip
            lines = [json.loads(line[5:]) for line in done.stdout.splitlines() if line.startswith("FUZZ ")]
            if done.returncode:
                if not lines or "code" in lines[-1]:
                    raise SystemExit(f"{form} {first}: no file was begun: {done.stderr[-2_000:]}")
                late = {
                    -signal.SIGPROF: f"took more than {MOST_SECONDS} s of the processor",
                    -signal.SIGALRM: f"waited for more than {MOST_WAIT} s",
                }
                how = (
                    late.get(done.returncode)
                    or f"ended the process with {done.returncode}: {done.stderr[-300:]}"
                )
                lines.append(
                    {
                        "seed": lines[-1]["seed"],
                        "code": done.returncode,
                        "wrong": how,
                        "seconds": 0.0,
                        "memory": 0,
                    }
                )
            for line in lines:
                if line.get("wrong"):
                    _keep(form, line, Path(name), kept)
            found += [line for line in lines if "code" in line]
            first = found[-1]["seed"] + 1
    return found


def _keep(form: str, line: dict[str, Any], home: Path, kept: Path) -> None:
    target = kept / f"{form}-{line['seed']}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(home / target.name, target)
    print(
        f"{form} {line['seed']}: {line['wrong']}\n  kept in {target}; again: python -m tests.fuzz --format {form} --seed {line['seed']}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "--count", type=int, default=10_000, help="files in all, the same number of each format"
    )
    parser.add_argument("--format", default="", choices=["", *FORMATS], help="only this one")
    parser.add_argument("--seed", type=int, default=-1, help="only this one; with --format")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument(
        "--kept", type=Path, default=Path("fuzz-failures"), help="folder for the files that fail"
    )
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        form, first, last, home = asked.work
        work(form, int(first), int(last), Path(home))
        return 0
    forms = [asked.format] if asked.format else list(FORMATS)
    failed = 0
    for form in forms:
        first = asked.seed if asked.seed >= 0 else asked.first
        count = 1 if asked.seed >= 0 else -(-asked.count // len(forms))
        began = time.perf_counter()
        found = watch(form, first, first + count, asked.kept)
        wrong = sum(bool(line["wrong"]) for line in found)
        codes = Counter(line["code"] for line in found)
        failed += wrong
        told = f"{codes[0]:,} read, {codes[2]:,} told"
        most = f"at most {max(line['seconds'] for line in found):.1f} s and {max(line['memory'] for line in found) / 1e6:,.0f} MB"
        print(
            f"{form}: {len(found):,} files: {told}, {wrong} failed; {most}; {time.perf_counter() - began:.0f} s",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())

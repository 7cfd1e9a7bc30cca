"""Screening: 1,000 names against 20,000 entries, and hostile lists, each in a process of its own with its time and peak memory.

`python -m bench.screening` writes made-up lists into a temporary folder. Promised: 1.5 s for the names on a machine that is free for it; a
hostile list ends with one error, exit code 2 and less than 300 MB.
"""

from __future__ import annotations

import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from kelisim.screening.screen import screen
from kelisim.screening.sought import read_names

PARTS = re.findall(
    "[a-z]+",
    "ka zi mo ras ner ti ov ev bek sul tan gul nar pet rov ich al ex an dr mun sib ur vo lga do ni ser gei",
)
LARGE = 500_000_000  # bytes of a hostile list
HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n<sdnList><publshInformation><Publish_Date>01/02/2026</Publish_Date></publshInformation>\n'
ENTRY = (
    "<sdnEntry><uid>{uid}</uid><firstName>{first}</firstName><lastName>{last}</lastName><sdnType>Individual</sdnType>"
    "<programList><program>MADE-UP</program></programList><akaList><aka><uid>1</uid><type>a.k.a.</type>"
    "<category>strong</category><lastName>{alias}</lastName></aka></akaList><dateOfBirthList><dateOfBirthItem><uid>2</uid>"
    "<dateOfBirth>3 Feb {year}</dateOfBirth></dateOfBirthItem></dateOfBirthList></sdnEntry>\n"
)


def word(draw: random.Random) -> str:
    return "".join(draw.choice(PARTS) for _ in range(draw.randint(2, 4))).capitalize()


def made_up(folder: Path, entries: int = 20_000, names: int = 1_000) -> tuple[Path, Path]:
    """A list of made-up people with an alias each, and names of which every tenth is on it, slightly misspelt."""
    draw = random.Random(1)
    words = [word(draw) for _ in range(entries)]
    people = [(draw.choice(words), draw.choice(words), draw.choice(words)) for _ in range(entries)]
    listed, sought = folder / "list.xml", folder / "names.csv"
    with listed.open("wb") as file:
        file.write(HEAD)
        for uid, (first, last, alias) in enumerate(people):
            text = ENTRY.format(
                uid=uid, first=first, last=last, alias=f"{alias} {last}", year=1940 + uid % 60
            )
            file.write(text.encode())
        file.write(b"</sdnList>\n")
    rows = ["name,born"]
    for at in range(names):
        first, last, _ = people[at * 7] if at % 10 == 0 else (draw.choice(words), draw.choice(words), "")
        rows.append(f"{last[:-1]} {first},1950")
    sought.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return sought, listed


def repeated(piece: bytes, head: bytes = HEAD, tail: bytes = b"") -> Callable[[BinaryIO], None]:
    """What writes a head and then one piece until the file is large."""

    def write(file: BinaryIO) -> None:
        block = piece * max(1, 1_000_000 // len(piece))
        file.write(head)
        while file.tell() < LARGE:
            file.write(block)
        file.write(tail)

    return write


BOMB = b"".join(b'<!ENTITY l%d "%s">' % (at + 1, b"&l%d;" % at * 10) for at in range(9))
HOSTILE: dict[str, Callable[[BinaryIO], None]] = {
    "billion laughs": lambda f: _put(
        f, b'<!DOCTYPE x [<!ENTITY l0 "ha">' + BOMB + b"]><sdnList>&l9;</sdnList>"
    ),
    "external entity": lambda f: _put(
        f, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sdnList>&e;</sdnList>'
    ),
    "wrong encoding": lambda f: _put(f, HEAD + "<sdnEntry><lastName>Ж</lastName>".encode("cp1251")),
    "truncated": lambda f: _put(
        f, HEAD + ENTRY.format(uid=1, first="A", last="B", alias="C", year=1950).encode()[:-40]
    ),
    "one text of 500 MB": repeated(b"very long ", HEAD + b"<sdnEntry><lastName>"),
    "one attribute of 500 MB": repeated(b"very long ", HEAD + b'<sdnEntry a="'),
    "elements within each other": repeated(b"<a>"),
    "empty elements in one record": repeated(b"<a/>", HEAD + b"<sdnEntry>"),
    "500 MB of entries, cut": repeated(
        ENTRY.format(uid=1, first="Ana", last="Bo", alias="C", year=1950).encode()
    ),
    "a comment of 500 MB": repeated(b"no end ", HEAD + b"<!-- "),
    "a line of 500 MB": repeated(b"very long ", b'{"id": "'),
    "lines within each other": repeated(b'{"id": ', b""),
}


def alike(folder: Path) -> tuple[Path, Path]:
    """A list of 20,000 entries and 1,000 names in which all share a name: every pair is nearly a hit."""
    sought, listed = folder / "alike.csv", folder / "alike.xml"
    sought.write_text("name\n" + "".join(f"Ivan Ivanov {at}\n" for at in range(1_000)), encoding="utf-8")
    with listed.open("wb") as file:
        file.write(HEAD)
        for uid in range(20_000):
            file.write(ENTRY.format(uid=uid, first="Ivan", last="Ivanov", alias="Ivan", year=1950).encode())
        file.write(b"</sdnList>\n")
    return sought, listed


def _put(file: BinaryIO, data: bytes) -> None:
    file.write(data)


def measured(arguments: list[str]) -> tuple[int, float, float, str]:
    """Exit code, seconds, peak memory in MB and the last line of what a command said."""
    code = "import resource, sys; from kelisim.cli import main; sys.argv = ['kelisim', *sys.argv[1:]]\n"
    code += "try:\n    main()\nfinally:\n    print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - begun
    lines = done.stderr.strip().splitlines()
    peak = next((int(line.split()[1]) / 1000 for line in lines if line.startswith("PEAK")), 0.0)
    said = [line for line in (*done.stdout.splitlines(), *lines) if not line.startswith("PEAK")]
    return done.returncode, seconds, peak, said[-1] if said else ""


def main() -> None:
    """Prints a line for the names and for each hostile list; ends with 1 where one misses what was promised."""
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sought, listed = made_up(folder)
        taken = []
        for _ in range(3):
            begun = time.perf_counter()
            found = screen(read_names(sought), listed)
            taken.append(time.perf_counter() - begun)
        print(
            f"1,000 names against 20,000 entries: {min(taken):.2f} s, {len(found.hits)} hits, names and list read"
        )
        code, seconds, peak, said = measured(["screen", *map(str, alike(folder))])
        failed |= code != 0 or peak >= 300
        print(
            f"1,000 names that are all alike 20,000 entries: exit {code}, {seconds:.1f} s, {peak:.0f} MB: {said[:150]}",
            flush=True,
        )
        for flag in ("", "--most-mb=2000"):
            for title, write in HOSTILE.items():
                path = folder / "hostile"
                with path.open("wb") as file:
                    write(file)
                if flag and path.stat().st_size < LARGE:
                    continue
                code, seconds, peak, said = measured(
                    ["screen", str(sought), str(path), *([flag] if flag else [])]
                )
                failed |= code != 2 or peak >= 300
                print(
                    f"{title} {flag}: exit {code}, {seconds:.1f} s, {peak:.0f} MB: {said[:150]}", flush=True
                )
                path.unlink()
    print(f"peak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
    sys.exit(failed)


if __name__ == "__main__":
    main()

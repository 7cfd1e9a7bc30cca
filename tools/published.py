"""Write docs/published-answers.md: published answers that the tests find again, with ours, theirs, the error and the source.

python -m tools.published            runs the tests that reproduce published answers, a few minutes, and writes the page
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "published-answers.md"
NOTES = "KELISIM_PUBLISHED"
TESTS = ("tests/published", "tests/oracle/test_published_networks.py", "tests/ledger/test_schedule.py")
ROUNDING = 1e-12
SEVERAL = 4  # numbers that stand in a cell; of more, how many there are
HEAD = """\
# Published answers

Answers of standards, textbooks and public libraries that kelisim finds again. Each row is a test that runs with every change; the error is the largest
difference of its numbers, as a part of the largest of them, and what is allowed is where the test fails. A row without a number of its own
holds a whole table of them.

*This page is written by `python -m tools.published`, which runs the tests.*
"""
FOOT = """\
## How to read it

- **From the definitions**: games, indices and factors follow from formulas; theirs are exact fractions or computed apart from kelisim, with other methods.
- **Rounded in the source**: where a book prints three digits, what is allowed is half of the last one.
- **Networks of PyPSA**: PyPSA's own optimum is found again with its solver, and operated by kelisim with the capacities of that optimum.
- What is compared with PyPSA on random networks, and with brute force on small ones, is in the tests of `tests/oracle` and not here: nobody has published it.
"""


def number(value: float) -> str:
    """A number to seven digits, thousands apart."""
    text = f"{value:,.7g}" if abs(value) < 1e7 else f"{value:,.0f}"
    return "0" if text in ("-0", "0") or abs(value) < 1e-12 else text


def part(error: float) -> str:
    """An error as a part of the answer; rounding in the last digits of a computer is not told apart."""
    if error == 0:
        return "0"
    return f"{error:.0e}".replace("e-0", "e-") if error >= ROUNDING else f"below {ROUNDING:.0e}"


def cells(row: dict[str, Any]) -> list[str]:
    """The cells of an answer."""
    count = len(row["theirs"])
    unit = f" {row['unit']}" if row["unit"] else ""
    ours, theirs = (
        "; ".join(map(number, row[side])) + unit
        if count <= SEVERAL
        else f"{count:,} numbers{unit and f',{unit}'}"
        for side in ("ours", "theirs")
    )
    return [row["answer"], theirs, ours, part(row["error"]), part(row["allowed"]), f"`{row['test']}`"]


def page(rows: list[dict[str, Any]]) -> str:
    """The page of all answers, a table for each source."""
    lines = [HEAD]
    for source, found in groupby(
        sorted(rows, key=lambda row: (row["source"], row["answer"])), key=lambda row: row["source"]
    ):
        lines += [
            f"## {source}\n",
            "| answer | published | kelisim | error | allowed | test |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [f"| {' | '.join(cells(row))} |" for row in found]
        lines.append("")
    return "\n".join([*lines, FOOT])


def main() -> int:
    """Run the tests and write the page. Gives the exit code of the tests."""
    with tempfile.TemporaryDirectory() as home:
        notes = Path(home) / "notes"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *TESTS]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, NOTES: str(notes)}, check=False)
        if done.returncode:
            return done.returncode
        noted = [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]
    # an answer that is found in several ways stands once, with the largest error
    rows = list(
        {(row["source"], row["answer"]): row for row in sorted(noted, key=lambda row: row["error"])}.values()
    )
    PAGE.write_text(page(rows), encoding="utf-8")
    print(
        f"{PAGE.relative_to(ROOT)}: {len(rows)} answers, the largest error {max(row['error'] for row in rows):.0e}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

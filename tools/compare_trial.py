"""The reference year beside the trial of the join: a table in docs/reference-case.md.

python -m tools.compare_trial            runs the monthly balance of the shipped case and writes the table
python -m tools.compare_trial --check    writes nothing; names the rows that are out of date and ends with 1

The figures of the trial, and what in the results stands against each, are in trial.csv. Rows with the same
group and quantity add up. A row of table "observation" takes its terms from the observation's `compare_with`.
"""

from __future__ import annotations

import csv
import math
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from kelisim import io
from kelisim.case.case import Case
from kelisim.results.observations import Totals, terms
from kelisim.results.results import Results
from kelisim.studies import run

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "tools" / "trial.csv"
PAGE = ROOT / "docs" / "reference-case.md"
BEGIN, END = "<!-- trial: written by tools/compare_trial.py -->", "<!-- trial: end -->"
HOME = "KZ"
LARGE = 0.05  # differences above it are explained
NOTHING = 1e-9
LAST_DIGITS = 2  # units of the last digit by which a number may move before the page counts as stale
NUMBERS = (3, 4)  # cells of a row that are computed
CAPTIVE = "captive plant of an oil field"


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    trial  as it is written, so that its digits say how exact it is
    value  the same total in the results, in the unit of the row
    why    what explains a large difference
    """

    group: str
    quantity: str
    unit: str
    trial: str
    value: float
    why: str

    @property
    def difference(self) -> float:
        return self.value / float(self.trial) - 1.0

    @property
    def is_rounding(self) -> bool:
        """Whether the trial's figure may be this one, rounded."""
        digits = len(self.trial.partition(".")[2])
        return round(abs(self.value - float(self.trial)), 9) <= 0.5 * 10.0**-digits

    @property
    def is_large(self) -> bool:
        return abs(self.difference) > LARGE and not self.is_rounding

    def cells(self) -> list[str]:
        change = f"{self.difference:+.1%}".replace("%", " %")
        change = "0 %" if self.is_rounding else change
        return [self.quantity, self.trial, written(self.value), change, self.why]


def written(value: float) -> str:
    """Three significant digits, four from 10 up; what is left of a solver's tolerance is 0."""
    if abs(value) < NOTHING:
        return "0"
    size = math.floor(math.log10(abs(value)))
    return f"{value:.{max((2 if size < 1 else 3) - size, 0)}f}"


class Trial:
    """Totals of one run of the balance, picked by conditions on its tables."""

    def __init__(self, results: Results) -> None:
        self.case: Case = results.case
        self.totals = Totals.of(results)
        self._tables: dict[str, pd.DataFrame] = {}

    @cached_property
    def _country(self) -> pd.Series:
        return self.case.table("places").set_index("place")["country"]

    def table(self, name: str) -> pd.DataFrame:
        """A result table with columns that conditions need: countries, kinds, what a link brings home."""
        if name not in self._tables:
            frame = self.totals.table(name)
            if "place" in frame:
                frame["country"] = frame["place"].map(self._country)
            if name == "assets.ports":
                assets = self.case.table("assets").set_index("asset")
                frame["kind"] = frame["asset"].map(assets["kind"])
                frame["is_captive"] = frame["asset"].map(assets["note"].str.contains(CAPTIVE))
            if name == "links.total":
                for side in ("from", "to"):
                    frame[f"{side}_country"] = frame[f"{side}_place"].map(self._country)
                inward, outward = (frame[f"{side}_country"] == HOME for side in ("to", "from"))
                crosses = inward ^ outward
                frame["partner"] = frame["from_country"].where(inward, frame["to_country"]).where(crosses, "")
                frame["into_home"] = frame["net"].where(inward, -frame["net"]).where(crosses, 0.0)
            self._tables[name] = frame
        return self._tables[name]

    def total(self, name: str, column: str, where: str, unit: str) -> float:
        """Sum over the rows that meet a condition, in a unit of quantity."""
        rows = self.table(name).query(where)
        if rows.empty:
            raise LookupError(f"no row of {name} where {where}")
        return self.totals.total(rows, column, unit)

    def observed(self, observation: str, unit: str) -> float:
        """What the results say to an observation."""
        rows = self.case.table("observations").set_index("observation")
        return self.totals.value(terms(str(rows.at[observation, "compare_with"])), unit)


def figures() -> list[Figure]:
    """All lines, from a fresh run of the balance."""
    trial = Trial(run("balance", io.reference(), series=False))
    found: dict[tuple[str, str], Figure] = {}
    with FIGURES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            unit, key = row["unit"], (row["group"], row["quantity"])
            value = (
                trial.observed(row["where"], unit)
                if row["table"] == "observation"
                else trial.total(row["table"], row["column"], row["where"], unit)
            )
            before = found[key].value if key in found else 0.0
            found[key] = Figure(
                *key, unit, row["trial"], before + value * float(row["factor"] or 1), row["why"]
            )
    return list(found.values())


def table(lines: list[Figure]) -> str:
    """The lines as tables in Markdown, one a group."""
    parts = []
    for group in dict.fromkeys(line.group for line in lines):
        mine = [line for line in lines if line.group == group]
        unit = mine[0].unit
        parts.append(
            "\n".join(
                [
                    f"| {group}, {unit} | trial | kelisim | difference | why |",
                    "| --- | ---: | ---: | ---: | --- |",
                    *("| " + " | ".join(line.cells()) + " |" for line in mine),
                ]
            )
        )
    return "\n\n".join(parts)


def split(page: str, begin: str = BEGIN, end: str = END) -> tuple[str, str, str]:
    """A page before a part that is written by a tool, the part, and the page after it."""
    before, first, rest = page.partition(begin)
    inside, last, after = rest.partition(end)
    if not (first and last):
        raise LookupError(f"the page has no lines {begin} and {end}")
    return f"{before}{begin}\n\n", inside.strip(), f"\n\n{end}{after}"


def stale(old: str, new: str) -> list[str]:
    """Rows that no longer say what they should; the last digits may differ from machine to machine."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) != len(after):
        return [f"{len(before)} rows instead of {len(after)}"]
    return [there for here, there in zip(before, after, strict=True) if not _same(here, there)]


def _same(here: str, there: str) -> bool:
    old, new = ([cell.strip() for cell in row.split("|")] for row in (here, there))
    if len(old) != len(new):
        return False
    return all(
        a == b or (at in (3, 4) and _near(a, b)) for at, (a, b) in enumerate(zip(old, new, strict=True))
    )


def _near(here: str, there: str) -> bool:
    try:
        a, b = (float(text.removesuffix(" %")) for text in (here, there))
    except ValueError:
        return False
    digits = max(len(text.removesuffix(" %").partition(".")[2]) for text in (here, there))
    # a percentage of a small figure moves more than the figure
    return round(abs(a - b), 9) <= max(LAST_DIGITS * 10.0**-digits, 0.5 if "%" in here else 0.0)


def unexplained(lines: list[Figure]) -> list[str]:
    """Large differences without a reason, and reasons without a large difference."""
    return [f"{line.group}, {line.quantity}" for line in lines if line.is_large != bool(line.why)]


def main(arguments: list[str]) -> int:
    """Write the table, or check it; the exit code."""
    page = PAGE.read_text(encoding="utf-8")
    before, old, after = split(page)
    lines = figures()
    new = table(lines)
    wrong = [f"explain, or do not: {name}" for name in unexplained(lines)]
    if "--check" in arguments:
        wrong += [f"docs/{PAGE.name} is out of date: {row}" for row in stale(old, new)]
    elif stale(old, new):
        PAGE.write_text(before + new + after, encoding="utf-8", newline="\n")
        print(f"written: docs/{PAGE.name}")
    if wrong:
        print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

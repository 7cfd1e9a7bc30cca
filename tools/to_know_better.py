"""Write what would have to be known better in the reference case into docs/studies/sensitivity.md.

python -m tools.to_know_better         solves the reference case some hundred times, on two processes
python -m tools.to_know_better RUN     takes a run of the study that is kept
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd

from kelisim import __version__
from kelisim.io import reference
from kelisim.report.numbers import figure
from kelisim.results.results import Results
from kelisim.results.store import load_run
from kelisim.studies import run

PAGE = Path(__file__).parents[1] / "docs" / "studies" / "sensitivity.md"
BEGIN, END = "<!-- measured: written by tools/to_know_better.py -->", "<!-- measured: end -->"
MOST = 25  # estimates shown


def text_of(results: Results) -> str:
    """The two tables as Markdown, with what made them."""
    counts, fields = results.meta["counts"], results.fields
    created = str(results.meta.get("created") or date.today().isoformat())[:10]
    made = (
        f"Measured on {created} with kelisim {__version__}, case `{results.case.name}` {results.meta['fingerprint']}, step"
        f" {results.case.horizon.step}: {counts['factors']} factors, {fields['samples']} samples, seed {fields['seed']},"
        f" {counts['solves']} solves, {counts['without_a_plan']} of them without a plan that keeps all limits."
    )
    lines = [
        made,
        "",
        "| conclusion | as it stands | 90 % of samples | same statement | statement |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for row in results["conclusions"].itertuples(index=False):
        spread = f"{figure(row.low)} to {figure(row.high)} {row.unit}"
        same = f"{row.share_same:.0%} ({row.share_same_low:.0%} to {row.share_same_high:.0%})"
        lines.append(f"| {row.what} | {figure(row.value)} {row.unit} | {spread} | {same} | {row.statement} |")
    frame = results["to_know_better"]
    lines += [
        "",
        "| | estimate (grade C) | range | rows | moves | overturns | widest move | correlation | to ask for |",
    ]
    lines.append("| ---: | --- | --- | ---: | --- | --- | ---: | --- | --- |")
    for at, row in enumerate(frame.head(MOST).itertuples(index=False), start=1):
        interval = "-"
        if not pd.isna(row.correlation):
            interval = f"{row.correlation:+.2f} ({row.correlation_low:+.2f} to {row.correlation_high:+.2f}), {row.correlates_with}"
        cells = [
            row.what,
            row.range,
            str(row.rows),
            row.moves,
            row.overturns or "-",
            f"{row.swing_over_least:.1f}",
            interval,
            row.ask,
        ]
        lines.append(f"| {at} | " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    if len(frame) > MOST:
        lines.append(
            f"\n{len(frame) - MOST} more move a conclusion; they stand in the table `to_know_better` of the run."
        )
    lines.append(
        f"\n{counts['factors'] - len(frame)} of the {counts['factors']} factors move none of the conclusions."
    )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the section; the exit code."""
    results = load_run(arguments[0]) if arguments else run("sensitivity", reference(), workers=2)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise SystemExit(f"{PAGE.name} has no place between {BEGIN} and {END}")
    PAGE.write_text(f"{before}{BEGIN}\n\n{text_of(results)}\n\n{END}{after}", encoding="utf-8", newline="\n")
    print(f"written: {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Write what would have to be known better in the reference case into docs/studies/sensitivity.md.

python -m tools.to_know_better         solves the reference case some hundred times, on two processes
python -m tools.to_know_better RUN     takes a run of the study that is kept
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from kelisim import __version__
from kelisim.io import reference
from kelisim.report.markdown import table_lines
from kelisim.report.table import View
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.results.store import load_run
from kelisim.studies import run
from kelisim.studies.pages import page_of

PAGE = Path(__file__).parents[1] / "docs" / "studies" / "sensitivity.md"
BEGIN, END = "<!-- measured: written by tools/to_know_better.py -->", "<!-- measured: end -->"
MOST = 25  # estimates shown


def text_of(results: Results) -> str:
    """What made the answer, its conclusions, and what would have to be known better, as Markdown."""
    fields, facts = results.fields, facts_of(results["facts"])
    estimates, solves = facts["estimates"], facts["solves"]
    created = str(results.meta.get("created") or date.today().isoformat())[:10]
    everything = estimates.places["all"]
    made = (
        f"Measured on {created} with kelisim {__version__}, case `{results.case.name}` {results.meta['fingerprint']}, step"
        f" {results.case.horizon.step}: {everything} factors, {fields['samples']} samples, seed {fields['seed']},"
        f" {solves.value:.0f} solves, {solves.places['lost']} of them without a plan that keeps all limits."
    )
    parts = {part.anchor: part for part in page_of(results, Words(results.case)).parts}
    tables = [
        item for anchor in ("conclusions", "know") for item in parts[anchor].items if isinstance(item, View)
    ]
    lines = [made]
    for table in tables:
        lines += ["", *table_lines(table, MOST)]
    lines.append(
        f"\n{everything - int(estimates.value)} of the {everything} factors move none of the conclusions."
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

"""Days of coverage on the page of an outage."""

from __future__ import annotations

from kelisim.report.page import Part, part
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.results import Results

COLUMNS = (
    *("region:region", "carrier:carrier_name", "use_day:amount carrier", "stock:amount carrier"),
    *("cover_days:finite", "-norm_days:number", "-free_days:finite"),
)


def coverage(results: Results, words: Words) -> list[Part]:
    """The part with the table `coverage`; none where the outage touches no stocks."""
    frame = results["coverage"]
    return [part(words, "coverage", view(words, frame, "coverage", *COLUMNS))] if len(frame) else []

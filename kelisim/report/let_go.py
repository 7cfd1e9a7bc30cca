"""Tables of pages: what is let go, and what is shut in for want of an outlet."""

from __future__ import annotations

from kelisim.report.page import Part, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.tolerances import SMALL_ENERGY


def plan_view(results: Results, words: Words) -> View | None:
    """What the plan lets go, by place."""
    if "places.let_go" not in results:
        return None
    columns = "place:place, carrier:carrier_name, let_go:amount carrier, by:code let_go.by, -maker:element"
    return view(words, results["places.let_go"], "let_go.plan", columns, told=False)


def outage_parts(results: Results, words: Words) -> list[Part]:
    """Parts of the page of an outage: sources shut in, and what is let go."""
    found = []
    if "shut_in" in results:
        columns = (
            "asset:element, place:place, carrier:carrier_name, less:amount carrier, share:bar, first:moment"
        )
        found.append(
            part(words, "let_go.shut_in", view(words, results["shut_in"], "let_go.shut_in", columns))
        )
    if "places.let_go" in results:
        columns = "place:place, carrier:carrier_name, let_go:amount carrier, let_go_base:amount carrier, by:code let_go.by, -maker:element"
        rows = results["places.let_go"]
        added = rows[rows["let_go"] - rows["let_go_base"] > SMALL_ENERGY]
        shown = view(words, added, "let_go.outage", columns)
        found.append(part(words, "let_go.outage", shown))
    return found

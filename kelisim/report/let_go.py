"""Tables of pages: what is let go, what is shut in for want of an outlet, and booked transit."""

from __future__ import annotations

import pandas as pd

from kelisim.report.page import Part, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.let_go import more_than_planned
from kelisim.results.results import Results


def plan_view(results: Results, words: Words) -> View | None:
    """What the plan lets go, by place."""
    if "places.let_go" not in results:
        return None
    columns = "place:place, carrier:carrier_name, let_go:amount carrier, by:code let_go.by, -maker:element"
    return view(words, results["places.let_go"], "let_go.plan", columns, told=False)


def transit_view(results: Results, words: Words) -> View | None:
    """Booked transit of the plan, by contract."""
    if "streams.total" not in results:
        return None
    columns = (
        "contract:element, -seller, -buyer, from_place:place, to_place:place, crossed, carrier:carrier_name, "
        "entered:amount carrier, lost:amount carrier, delivered:amount carrier"
    )
    rows = results["streams.total"]
    names = [
        ", ".join(words.country(code) for code in str(cell).split(";") if code) for cell in rows["crossed"]
    ]
    return view(words, rows.assign(crossed=names), "streams.plan", columns, told=False)


def outage_parts(results: Results, words: Words) -> list[Part]:
    """Parts of the page of an outage: transit not delivered, sources shut in, and what is let go."""
    found = []
    if "streams.not_delivered" in results:
        columns = (
            "contract:element, seller, buyer, to_place:place, carrier:carrier_name, delivered_base:amount carrier, "
            "not_delivered:amount carrier, share:bar, -first:moment"
        )
        rows = results["streams.not_delivered"]
        found.append(part(words, "streams.outage", view(words, rows, "streams.outage", columns)))
    if "shut_in" in results:
        columns = (
            "asset:element, place:place, carrier:carrier_name, less:amount carrier, share:bar, first:moment"
        )
        found.append(
            part(words, "let_go.shut_in", view(words, results["shut_in"], "let_go.shut_in", columns))
        )
    if "places.let_go" in results:
        columns = "place:place, carrier:carrier_name, let_go:amount carrier, let_go_base:amount carrier, by:code let_go.by, -maker:element"
        added = more_than_planned(results["places.let_go"])
        if len(added):
            found.append(part(words, "let_go.outage", view(words, added, "let_go.outage", columns)))
    return found


def several_parts(words: Words, rows: pd.DataFrame, key: str, *columns: str) -> list[Part]:
    """The part of a page where many losses stand: what each of them lets go beyond the plan, the most first.

    rows     of the table `places.let_go` of the study
    key      of the texts
    columns  that say which loss it is
    """
    if rows.empty:
        return []
    rows = rows.assign(more=rows["let_go"] - rows["let_go_base"]).sort_values(
        "more", ascending=False, kind="stable"
    )
    own = ("place:place", "carrier:carrier_name", "more:amount carrier", "by:code let_go.by")
    return [part(words, key, view(words, rows, key, *columns, *own))]

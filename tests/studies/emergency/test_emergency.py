"""The study emergency beside the study disruption: without measures both tell the same."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.studies import run
from tests.cases.events_town import events_town
from tests.reading import values

CHANGES = """
    cut, 1, context, links:pipe:share_out,      1, share, , , , , , , A,
    cut, 2, cause,   storages:cavern:share_out, 1, share, , , , , , , A,
"""


def test_what_was_so_at_the_time_is_in_the_plan() -> None:
    """The pipe is out in any case; only what the store would have given counts as lost with it."""
    case = events_town(CHANGES, "event, start, end, what\ncut, 2024-01-03, 2024-01-07, The store fails")
    engine = Engine(case, cache=False)
    asked = {"event": "cut", "place_rule": "cooperative"}
    emergency, disruption = (values(run(study, engine, **asked)) for study in ("emergency", "disruption"))
    assert emergency["unserved_without"] > 0
    assert emergency["unserved_without"] == pytest.approx(disruption["unserved_energy"])
    assert emergency["extra_cost_without"] == pytest.approx(disruption["extra_cost"])


def test_the_plan_is_told_as_it_is_without_ranges() -> None:
    """The first row of the ranges is the answer itself; another one would make them incomparable."""
    case = events_town()
    results = run("emergency", Engine(case, cache=False), event="cut", ranges=0.1)
    first = results["ranges"].iloc[0]
    summary = values(results)
    assert first["what"] == "as_it_is"
    assert first["unserved_without"] == summary["unserved_without"]
    assert first["extra_cost_with"] == summary["extra_cost_with"]

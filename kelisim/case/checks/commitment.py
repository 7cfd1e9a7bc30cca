"""Plants that stand or run: in steps that follow one another, with a least of the day that they can reach."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case.checks.view import CaseView, about
from kelisim.errors import InputProblem


@about("commitment")
def in_order(view: CaseView) -> Iterator[InputProblem]:
    """Starts and stops in steps of months with typical days, which do not follow one another."""
    rows = view.rows("commitment")
    if len(rows) and view.case.horizon.is_typical and not view.doubts("horizon"):
        message = "a plant starts and stops from step to step, and typical days of a month do not follow one another."
        remedy = "Run the case with --step 1d, or leave the table out."
        yield view.problem("commitment", rows.index[0], "asset", message, remedy, rule="order")

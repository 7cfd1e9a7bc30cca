"""What was measured beside a run, as a reader sees it: scores, then every observation, the worst first."""

from __future__ import annotations

import pandas as pd

from kelisim.report.page import Part, part
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.results import Results

TESTED = ("independent", "partly", "input")
COLUMNS = "observation, element:several, period, observed:number, model:number, unit, error:change, confidence:grade, follows"
MADE_OF = "moved_by:tables, formula"
SERIES = "series, element:several, carrier:carrier, observations:count, level_error:share, months:count, change_error:share"
SCORES = "test:code observations.test, part:code observations.part, rows:count, median_error:share, within_quarter:share"
BASINS = "country:country, basin, pits, energy_observed:millions, energy_model:millions, error:change"


def observation_parts(results: Results, words: Words) -> list[Part]:
    """Parts of a page with the tables that results/observations.py makes."""
    scores = view(words, results["scores"], "observations.scores", SCORES)
    basins = view(words, results["observations.basins"], "observations.basins", BASINS)
    tested = [_tested(results[f"observations.{name}"], words, name) for name in TESTED]
    return [
        part(words, "observations.scores", scores),
        part(
            words,
            "observations.series",
            view(words, results["observations.series"], "observations.series", SERIES),
        ),
        *tested,
        part(words, "observations.basins", basins),
        _left_out(results, words),
    ]


def _tested(rows: pd.DataFrame, words: Words, name: str) -> Part:
    key = f"observations.{name}"
    if "follows" not in rows:
        return part(words, key, view(words, rows.assign(follows=""), key, COLUMNS))
    return part(words, key, view(words, rows, key, COLUMNS, MADE_OF))


def _left_out(results: Results, words: Words) -> Part:
    """What was not compared: how many for which reason, then each."""
    rows = results["observations.left_out"]
    counts = rows.value_counts(["reason", "detail"]).rename("rows").reset_index()
    why = "reason:code observations.reason detail"
    columns = ("observation, element:several, period, observed:number, unit", why)
    reasons = view(words, counts, "observations.reasons", why, "rows:count")
    each = view(words, rows, "observations.left_out", *columns, told=False)
    return part(words, "observations.left_out", reasons, each)

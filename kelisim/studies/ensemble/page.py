"""Page of an ensemble: how far the numbers of a study spread over scenarios, and which scenarios have no answer."""

from __future__ import annotations

import pandas as pd

from kelisim.report.numbers import first_upper, human
from kelisim.report.page import Page, made_page, part
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.results import Results

SPREAD = "fact:text, as_it_stands:quantity unit, low:quantity unit, middle:quantity unit, high:quantity unit, at_most:quantity unit, most:text"


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    spread = results["quantiles"]
    spread["fact"] = [first_upper(words.word(human(name))) for name in spread["fact"]]
    without = results["scenarios"]
    without = without[without["why"] != ""]
    parts = [
        part(words, "ensemble.spread_over", view(words, spread, "ensemble.spread_over", SPREAD)),
        part(
            words,
            "ensemble.no_answer",
            view(words, _first_line(without), "ensemble.no_answer", "name:text, why:text"),
        ),
    ]
    return made_page(results, words, parts)


def _first_line(rows: pd.DataFrame) -> pd.DataFrame:
    """Why, in one line."""
    return rows.assign(why=[" ".join(str(why).split()) for why in rows["why"]])

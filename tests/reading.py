"""An answer as a test reads it: the number and the sentence of a fact, all sentences, the page."""

from __future__ import annotations

from kelisim.report.figure import Figure
from kelisim.report.page import Page
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.pages import page_of


def values(results: Results) -> dict[str, float]:
    """Number of each fact."""
    return {key: fact.value for key, fact in facts_of(results["facts"]).items()}


def texts(results: Results) -> dict[str, str]:
    """Sentence of each fact that has one."""
    words = Words(results.case)
    return {key: words.say(fact) for key, fact in facts_of(results["facts"]).items() if fact.say}


def page(results: Results) -> Page:
    """The page of an answer, in English."""
    return page_of(results, Words(results.case))


def heights(figure: Figure, at: int = 0) -> list[float]:
    """Values of one series of a figure: lengths of bars, heights of a line."""
    points = figure.options["series"][at]["data"]
    return [point["value"] if isinstance(point, dict) else point[1] for point in points]

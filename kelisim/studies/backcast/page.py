"""The page of a backcast: scores, every observation beside the model, and what each follows."""

from __future__ import annotations

from kelisim.report.observations import observation_parts
from kelisim.report.page import KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results

MOVED = {
    "prices": ("observation, table:tables, of:tables", "downward:change", "upward:change"),
    "elasticity": ("observation, table:tables", "downward:number", "upward:number"),
}  # tables of the machine test, and their columns


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = observation_parts(results, words)
    for name, columns in MOVED.items():
        if f"observations.{name}" in results:
            moved = results[f"observations.{name}"]
            shown = view(words, moved, f"backcast.{name}", *columns, told=False)
            parts.append(part(words, f"backcast.{name}", shown))
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    error, left = facts["median_error"], facts["not_compared"]
    everything = left.places["all"]
    places = {"rows": 0, "near": None} | error.places | {"error": error.value}
    return [
        key_number(words, "backcast.key_error", **places),
        key_number(words, "backcast.key_near", **places),
        key_number(words, "backcast.key_compared", compared=everything - left.value, all=everything),
    ]

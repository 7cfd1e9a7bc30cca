"""The answer to a cut: the switches over the map, what is said beside it, and the page of the study under it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from nicegui import ui

from kelisim.report import evidence
from kelisim.report.numbers import day, human
from kelisim.report.page import Page
from kelisim.web.address import Cut
from kelisim.web.session import Reply


class Switches:
    """Two switches that show once something is cut: with measures or without, and the levels of the crisis."""

    def __init__(
        self,
        shown: tuple[bool, bool],
        on_measures: Callable[[bool], object],
        on_levels: Callable[[bool], object],
        has_measures: bool,
    ) -> None:
        self.row = ui.element("div").classes("k-switches")
        with self.row:
            self.measures = ui.switch("With emergency measures", value=shown[0])
            self.measures.on_value_change(lambda event: on_measures(bool(event.value)))
            self.measures.props('dense color="grey-9"').classes("with-measures")
            if not has_measures:
                self.measures.disable()
                ui.label("The case lists no measures.").classes("k-note")
            self.levels = ui.switch("Crisis levels of regions", value=shown[1])
            self.levels.on_value_change(lambda event: on_levels(bool(event.value)))
            self.levels.props('dense color="grey-9"').classes("with-levels")
        self.show(False)

    def show(self, yes: bool) -> None:
        self.row.set_visibility(yes)


def cut(asked: Cut, names: str) -> str:
    """What is cut, for how long and under which rule, as HTML."""
    part = "" if asked.share >= 0.9995 else f" by {asked.share * 100:.3g} %"
    days = "1 day" if asked.days == 1 else f"{asked.days} days"
    day = f"{asked.start.day} {asked.start:%B} {asked.start.year}"
    return f"<span><b>Cut{part}:</b> {escape(names)}, {days} from {day}, {escape(human(asked.place_rule))}</span>"


def first_sentence(names: str, words: str) -> str:
    """A first answer as HTML: what is cut, and what can be said of it before the exact one is there."""
    return f'<p class="k-first"><b>{escape(names)}:</b> {escape(words)}</p>'


def sentence(reply: Reply) -> str:
    """What the study says, its key numbers, and the rules, as HTML."""
    said = "".join(f'<p class="k-answer">{escape(text)}</p>' for text in reply.page.sentences)
    rules = evidence.rules(reply.results, reply.plan.book)
    words = "; ".join(f"{escape(name)} {escape(rule)}" for name, rule in rules)
    first, last = map(day, reply.results.meta["window"])
    shown = reply.plan.time
    parts = f", power in {len(shown.parts)} parts of each day" if shown.parts else ""
    days = f"Days shown: {first} to {last}, in steps of a {shown.word}{parts}, beside the plan of the year."
    return f'{said}{keys(reply.page)}<p class="k-rule">{words}. {days}</p>'


def keys(page: Page) -> str:
    """Key numbers of a page as HTML."""
    return "".join(
        f'<div class="k-key{" bad" if key.is_alarm else ""}"><b>{escape(key.value)}</b> {escape(key.words)}'
        f"<small>{escape(key.beside)}</small></div>"
        for key in page.key_numbers
    )

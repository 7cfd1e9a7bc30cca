"""The answer to a cut: the switches over the map, what is said beside it, and the page of the study under it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from nicegui import ui

from kelisim.report import evidence
from kelisim.report.numbers import human
from kelisim.report.page import Page
from kelisim.report.words import Words
from kelisim.web.address import Cut
from kelisim.web.session import Reply
from kelisim.web.texts import text


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
            self.measures = ui.switch(text("answer.with_measures"), value=shown[0])
            self.measures.on_value_change(lambda event: on_measures(bool(event.value)))
            self.measures.props('dense color="grey-9"').classes("with-measures")
            if not has_measures:
                self.measures.disable()
                ui.label(text("answer.no_measures")).classes("k-note")
            self.levels = ui.switch(text("answer.levels"), value=shown[1])
            self.levels.on_value_change(lambda event: on_levels(bool(event.value)))
            self.levels.props('dense color="grey-9"').classes("with-levels")
        self.show(False)

    def show(self, yes: bool) -> None:
        self.row.set_visibility(yes)


def cut(asked: Cut, names: str, book: Words) -> str:
    """What is cut, for how long and under which rule, as HTML."""
    head = book.text("web.answer.cut" if asked.share >= 0.9995 else "web.answer.cut_by", share=asked.share)
    rule = book.word(human(asked.place_rule))
    places = {"names": names, "days": asked.days, "start": asked.start, "rule": rule}
    return f"<span><b>{escape(head)}</b> {escape(book.text('web.answer.what', **places))}</span>"


def first_sentence(names: str, words: str) -> str:
    """A first answer as HTML: what is cut, and what can be said of it before the exact one is there."""
    return f'<p class="k-first"><b>{escape(names)}:</b> {escape(words)}</p>'


def sentence(reply: Reply) -> str:
    """What the study says first, its key numbers, each carrier served or short, the rest, and the rules, as HTML."""
    said = [f'<p class="k-answer">{escape(one)}</p>' for one in reply.page.sentences]
    rules = evidence.rules(reply.results, reply.plan.book)
    words = "; ".join(f"{escape(name)} {escape(rule)}" for name, rule in rules)
    first, last = reply.results.meta["window"]
    time, book = reply.time, reply.plan.book
    parts = book.text("web.answer.parts", count=len(time.parts)) if time.parts else ""
    places = {"first": first, "last": last, "steps": text(f"steps.of_{time.word}"), "parts": parts}
    days = book.text("web.answer.days_shown", **places)
    if reply.is_in_days:
        days += " " + book.text("by_months.drawn")
    shown = (
        f'{"".join(said[:1])}<div class="k-keys">{keys(reply.page)}</div>{carriers(reply)}{"".join(said[1:])}'
    )
    return f'{shown}<p class="k-rule">{words}. {days}</p>'


def carriers(reply: Reply) -> str:
    """Every family that is used: served, or short beyond the plan, as HTML."""
    book, short = reply.plan.book, reply.short_families
    families = book.families(list(dict.fromkeys(reply.plan.case.table("demand")["carrier"])))
    items = "".join(
        f'<span class="{"bad" if family in short else "ok"}">{escape(book.family_name(family))} '
        f"<b>{escape(text('answer.lacks' if family in short else 'answer.served'))}</b></span>"
        for family in families
    )
    return f'<p class="k-carriers">{items}</p>'


def share() -> str:
    """A button that copies the address, as HTML."""
    said = {key: escape(text(key), quote=True) for key in ("copied", "refused", "unsafe")}
    told = " ".join(f'data-{key}="{words}"' for key, words in said.items())
    return f'<button type="button" data-copy="address" {told}>{escape(text("map.share"))}</button>'


def keys(page: Page) -> str:
    """Key numbers of a page as HTML."""
    return "".join(
        f'<div class="k-key{" bad" if key.is_alarm else ""}"><b>{escape(key.value)}</b> {escape(key.words)}'
        f"<small>{escape(key.beside)}</small></div>"
        for key in page.key_numbers
    )

"""The card of what is chosen, with the form that cuts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import escape

from nicegui import ui

from kelisim.web.address import MOST_DAYS, Cut
from kelisim.web.element_cards import Card, grade_words

PLACE_RULES = {
    "own_first": "own first: no country is cut more than it would be alone",
    "cooperative": "cooperative: all places of a class are cut alike",
    "by_contract": "by contract: firm contracts are served first",
    "none": "none: the cheapest, not determined",
}
TIME_RULES = {
    "late": "late: stocks are used first",
    "even": "even: the cut is spread over the days",
    "none": "none: the cheapest, not determined",
}


def card(
    found: Card,
    start: date,
    days: int,
    share: float,
    rules: tuple[str, str],
    on_cut: Callable[[Cut], object],
    on_choose: Callable[[str], object],
) -> None:
    """Facts first, then the form with one red button."""
    facts = "".join(f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in found.facts)
    grade = (
        f'<span class="k-grade {escape(found.grade)}">{escape(found.grade)}</span> {grade_words(found.grade)}. '
        if found.grade
        else ""
    )
    source = f"Source: {escape(found.source)}" if found.source else "Source not given"
    ui.html(
        f'<h3>{escape(found.name)}</h3><p class="sub">{escape(found.kind)}</p><table class="facts">{facts}</table>'
        f'<p class="foot">{grade}{source}</p>', sanitize=False,
    ).classes("card-words")  # fmt: skip
    is_place = bool(found.things)
    with ui.element("div").classes("k-form"):
        from_day = (
            ui.input("From", value=start.isoformat())
            .props("type=date dense outlined stack-label")
            .classes("from")
        )
        for_days = (
            ui.number("Days", value=days, min=1, max=MOST_DAYS, precision=0)
            .props("dense outlined stack-label")
            .classes("days")
        )
        of_it = (
            ui.number("Share, %", value=round(share * 100, 6), min=1, max=100)
            .props("dense outlined stack-label")
            .classes("share")
        )
        place = (
            ui.select(PLACE_RULES, value=rules[0], label="Place rule")
            .props("dense outlined options-dense")
            .classes("wide place-rule")
        )
        when = (
            ui.select(TIME_RULES, value=rules[1], label="Time rule")
            .props("dense outlined options-dense")
            .classes("wide time-rule")
        )

    def cut() -> object:
        try:
            first = date.fromisoformat(str(from_day.value))
        except ValueError:
            first = start
        length = int(min(max(for_days.value or 1, 1), MOST_DAYS))
        part = min(max(float(of_it.value or 100.0), 1.0), 100.0) / 100.0
        return on_cut(Cut((found.key,), first, length, part, str(place.value), str(when.value)))

    ui.button("Cut the whole place" if is_place else "Cut", on_click=cut, color=None).props(
        "unelevated no-caps"
    ).classes("k-cut")
    if is_place:
        ui.html('<p class="sub" style="margin:10px 0 0">Or one of these:</p>', sanitize=False)
        with ui.element("div").classes("k-links"):
            for thing in found.things:
                with (
                    ui.element("button")
                    .props('type="button"')
                    .on("click", lambda _, key=thing.key: on_choose(key))
                ):
                    ui.label(thing.name)
                    ui.html(f"<span>{escape(thing.word)}</span>", sanitize=False, tag="span")

"""The card of what is chosen, with the form that cuts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape
from typing import Any

import numpy as np
from nicegui import ui

from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.model.help import RULES as HELP_RULES
from kelisim.report.words import Words
from kelisim.tolerances import NO_POWER
from kelisim.web.address import MOST_DAYS, Cut
from kelisim.web.element_cards import Card
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession
from kelisim.web.texts import text
from kelisim.web.views.study import choices_of


def card(
    found: Card,
    words: Words,
    shown: Cut,
    on_cut: Callable[[Cut], object],
    on_choose: Callable[[str], object],
    parts: Mapping[str, str],
    also: Sequence[str] = (),
) -> None:
    """Facts first, then the form with one red button; it begins with what is shown.

    also   what is cut already, to which this can be added
    parts  of the day in which a cut may begin, the whole day among them: name and words
    """
    facts = "".join(f"<tr><td>{escape(name)}</td><td>{escape(said)}</td></tr>" for name, said in found.facts)
    grade = escape(found.grade)
    means = (
        f'<span class="k-grade {grade}">{grade}</span> {escape(words.text(f"grades.{grade}"))}. '
        if grade
        else ""
    )
    source = text("card.source", source=escape(found.source)) if found.source else text("card.no_source")
    head = f'<h3>{escape(found.name)}</h3><p class="sub">{escape(found.kind)}</p>'
    about = f'{head}<table class="facts">{facts}</table><p class="foot">{means}{source}</p>'
    ui.html(about, sanitize=False).classes("card-words")
    with ui.element("div").classes("k-form"):
        start = _look(ui.input(text("card.from"), value=shown.start.isoformat()), "from").props("type=date")
        days = _look(
            ui.number(text("card.days"), value=shown.days, min=1, max=MOST_DAYS, precision=0), "days"
        )
        share = _look(
            ui.number(text("card.share"), value=round(shown.share * 100, 6), min=1, max=100), "share"
        )
        begins = None
        if len(parts) > 1:
            begins = _look(ui.select(dict(parts), value=shown.at, label=text("card.begins")), "wide begins")
        rules = [
            _look(
                ui.select(
                    choices_of(words, f"{kind}_rule", known), value=value, label=words.text(f"rules.{kind}")
                ),
                f"wide {kind}-rule",
            )
            for kind, known, value in (
                ("place", PLACE_RULES, shown.place_rule),
                ("time", TIME_RULES, shown.time_rule),
                ("help", HELP_RULES, shown.help_rule),
            )
        ]

    def cut(lost: tuple[str, ...] = ()) -> object:
        try:
            first = date.fromisoformat(str(start.value))
        except ValueError:
            first = shown.start
        length = int(min(max(days.value or 1, 1), MOST_DAYS))
        part = min(max(float(share.value or 100.0), 1.0), 100.0) / 100.0
        place, when, help_ = (str(rule.value) for rule in rules)
        return on_cut(
            replace(
                shown,
                lost=(*lost, found.key),
                start=first,
                days=length,
                share=part,
                place_rule=place,
                time_rule=when,
                help_rule=help_,
                at=str(begins.value or "") if begins is not None else "",
            )
        )

    _buttons(found, cut, on_choose, also)


def _buttons(
    found: Card, cut: Callable[..., object], on_choose: Callable[[str], object], also: Sequence[str]
) -> None:
    """What cuts, alone or with what is cut already; of a place all that stands there."""
    is_place = bool(found.things)
    button = ui.button(
        text("card.cut_place" if is_place else "card.cut"), on_click=lambda _: cut(), color=None
    )
    button.props("unelevated no-caps").classes("k-cut")
    if also and found.key not in also:
        more = ui.button(text("card.cut_too"), on_click=lambda _: cut(tuple(also)), color=None)
        more.props("outline no-caps").classes("k-too")
    if is_place:
        ui.html(f'<p class="sub" style="margin:10px 0 0">{text("card.or_these")}</p>', sanitize=False)
        pick_list([(thing.key, thing.name, thing.word) for thing in found.things], on_choose)


def busiest(
    plan: MapSession, sheet: MapGeometry, family: str, cell: int, on_choose: Callable[[str], object]
) -> None:
    """The widest links of a family in a cell, to begin with."""
    power = {
        way.key: float(np.abs(plan.flow[list(way.links), cell]).sum()) for way in sheet.of_family[family]
    }
    ways = sorted(sheet.of_family[family], key=lambda way: -power[way.key])[:8]
    found = [
        (way.key, way.name, plan.rate(sheet.carrier[way.links[0]], power[way.key]))
        for way in ways
        if power[way.key] > NO_POWER
    ]
    pick_list(found, on_choose)


def _look(control: Any, classes: str) -> Any:
    return control.props("dense outlined stack-label options-dense").classes(classes)


def pick_list(things: list[tuple[str, str, str]], on_choose: Callable[[str], object]) -> None:
    """Things to choose: key, name and a word on each."""
    with ui.element("div").classes("k-links"):
        for key, name, word in things:
            button = ui.element("button").props('type="button"')
            button.on("click", lambda _, key=key: on_choose(key))
            with button:
                ui.label(name)
                ui.html(f"<span>{escape(word)}</span>", sanitize=False, tag="span")

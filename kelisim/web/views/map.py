"""The first page: three answers, the map, and the panel in which things are cut."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments, KeyEventArguments, ValueChangeEventArguments

from kelisim import catalog
from kelisim.errors import BusyError, KelisimError
from kelisim.report.numbers import plain
from kelisim.results.results import Results
from kelisim.web import map_state as frame
from kelisim.web.address import Address, Cut
from kelisim.web.element_cards import Cards
from kelisim.web.line import Turn
from kelisim.web.live_map import LiveMap
from kelisim.web.opening import cover_looks
from kelisim.web.session import Reply
from kelisim.web.shown import Shown
from kelisim.web.texts import text
from kelisim.web.tongue import KEY
from kelisim.web.views import answer
from kelisim.web.views.card import busiest, card
from kelisim.web.views.first_sight import first_sight
from kelisim.web.views.head import head, later_note, notes
from kelisim.web.views.parts import PartSwitch
from kelisim.web.views.question import Question
from kelisim.web.views.report import computed, report, workbook
from kelisim.web.views.runs import keep
from kelisim.web.views.study import parts_of
from kelisim.web.views.timeline import Timeline
from kelisim.web.views.tray import Tray
from kelisim.web.views.under_map import legend, year_line
from kelisim.web.views.wait import Wait
from kelisim.web.workspace import Workspace, Year, asking

ADDRESS = 0.4  # seconds between two writings of the address
MOST_SHORT = 12  # places that are short to which the map goes with the cut
SENT = 0.02  # seconds in which what is said leaves for the browser before the next part is made


class MapPage:
    """One visitor's view of the map."""

    def __init__(self, desk: Workspace, year: Year, address: Address) -> None:
        self.desk, self.year, self.plan, self.sheet = desk, year, year.plan, year.sheet
        self.cards = Cards(self.plan, self.sheet)
        step = self.plan.case.horizon.step
        carrier = address.carrier if address.carrier in self.sheet.families else ""
        wrong = list(address.wrong)
        if address.carrier and not carrier:
            known = ", ".join(self.sheet.families)
            wrong.append(text("address.no_carrier", value=address.carrier, known=known))
        chosen = address.chosen if self.cards.known(address.chosen) else ""
        if address.chosen and not chosen:
            wrong.append(text("address.no_element", value=address.chosen))
        self.shown = Shown(self.plan, self.sheet, address)
        wrong += self.shown.wrong
        carrier = carrier or self.sheet.front
        self.address = address.at(step=step, carrier=carrier, day=self.shown.day, chosen=chosen, cut=None)
        self.asked = self.shown.cut
        self.wrong = tuple(wrong)
        self.reply: Reply | None = None
        self._is_new = False
        self._drawn = 0
        self._year_drawn: tuple[str, Cut | None, bool] | None = None
        self._written = ""

    # ---- building
    def build(self) -> None:
        self.question = Question(ui.context.client, self._ask, self.asked)
        head(
            self.desk,
            lambda: self.address.at(cut=self.reply.cut if self.reply else None),
            self.plan.case.horizon.step,
        )
        with ui.element("div").classes("k-page k-screen"):
            notes(self.wrong)
            later_note(self.desk, self.plan.case.horizon.step)
            with ui.element("div").classes("k-work"):
                with ui.element("div").classes("k-left"):
                    self._left()
                with ui.element("div").classes("k-right"):
                    self._right()
            self.under = ui.element("div").classes("k-under")
            ui.html(
                f'<p class="k-note">{escape(" ".join(self.plan.case.setting("display", "credits")))}</p>',
                sanitize=False,
            )
        # a chip that was pressed has the focus: days still move by the arrows, and the space bar presses it
        ui.keyboard(self._arrow, repeating=True, ignore=["input", "select", "textarea"])
        ui.keyboard(self._space)
        ui.timer(ADDRESS, self._write_address)
        self._draw()
        self._choose_words()
        self.question.begin()

    def _left(self) -> None:
        self.tray = Tray(self.plan.book, self.cards.name, self._show_cut)
        shown = self.address.measures, self.address.levels
        has_measures = len(self.plan.case.table("measures")) > 0
        self.switches = answer.Switches(shown, self._measured, self._levelled, has_measures)
        with ui.element("div").classes("k-chips").props('role="group"') as chips:
            chips.props["aria-label"] = text("map.carrier")
            self.chips = {}
            for family in self.sheet.families:
                data = self.sheet.data["families"][family]
                button = ui.element("button").props('type="button"')
                button.props["data-f"] = family
                with button:
                    ui.element("i").style(f"background:{data['colour']}")
                    ui.label(data["name"])
                button.on("click", lambda _, key=family: self._carry(key))
                self.chips[family] = button
        self.parts = PartSwitch(self.plan.time, self._part)
        with ui.element("div").classes("k-map"):
            self.map = LiveMap(
                f"/kelisim/sheet/{self.plan.case.horizon.step}.json"
                f"?{KEY}={catalog.spoken()}&{self.plan.case.fingerprint[:12]}"
            )
            self.map.on("pick", self._picked)
            self.legend = ui.html("", sanitize=False).classes("k-legend")
            self.wait = Wait(self.desk)
        self.timeline = Timeline(self.plan.time, self.shown.step, self._slid)

    def _right(self) -> None:
        self.says = ui.element("section").classes("k-box k-says").props('aria-live="polite"')
        self.says.set_visibility(False)
        options = self.cards.choices()
        self.search = ui.select(
            options, value=self.address.chosen or None, with_input=True, label=text("map.find")
        )
        self.search.props(
            "outlined dense options-dense clearable input-debounce=0 virtual-scroll-slice-size=20"
        ).classes("k-search")
        self.search.on_value_change(self._searched)
        self.first = first_sight(self.desk, self.year, self.shown.step, self._draw)
        self.panel = ui.element("section").classes("k-box k-card")

    # ---- what is shown
    def _draw(self) -> None:
        """Map, legend, chips and day, as they stand."""
        family, step = self.address.carrier, self.shown.cell
        reply = self.reply if self.reply is not None and self.reply.holds(step) else None
        data = frame.of_step(self.plan, self.sheet, family, step, reply, self.address.levels)
        if self.reply is None:
            border = self.desk.border(self.plan.case.horizon.step).results
            looks, words = cover_looks(self.plan, self.sheet, border)
            data["a"], data["b"] = looks | data["a"], data["b"] | words
        self._drawn += 1
        self.frame = data
        self.map.show(data | {"mark": self._drawn})
        self.timeline.show(self.shown.step)
        cells = range(*self.plan.time.cells(self.shown.step))
        short = frame.short_cells(self.plan, family, cells, reply)
        self.parts.show(step, self.shown.has_parts(family), short)
        lacking = self.reply.short_families if self.reply is not None else {}
        for key, chip in self.chips.items():
            level = (
                frame.worst_level(self.plan, key, step, reply)
                if reply is not None and self.address.levels
                else 0
            )
            chip.props(
                f'aria-pressed="{"true" if key == family else "false"}" data-level="{level}" data-short="{int(key in lacking)}"'
            )
        self.legend.set_content(
            legend(self.plan, self.sheet, family, data, reply is not None, self.address.levels)
        )
        self._draw_year()

    def _draw_year(self) -> None:
        reply = self.reply
        key = (self.address.carrier, reply.cut if reply else None, reply is not None and reply.has_measures)
        if self._year_drawn != key:
            self._year_drawn = key
            drawing, words = year_line(self.plan, self.sheet, self.address.carrier, self.reply)
            self.timeline.year(drawing, words)

    # ---- what is chosen
    def _choose_words(self) -> None:
        """The card of what is chosen, or what to do."""
        self.panel.clear()
        reply = self.reply if self.reply is not None and self.reply.holds(self.shown.cell) else None
        found = (
            self.cards.card(self.address.chosen, self.shown.cell, reply, self.address.carrier)
            if self.address.chosen
            else None
        )
        with self.panel:
            if found is None:
                words = text("map.begin")
                day = escape(self.shown.words(self.address.carrier))
                ui.html(f'<h3>{day}</h3><p class="sub">{words}</p>', sanitize=False)
                busiest(self.plan, self.sheet, self.address.carrier, self.shown.cell, self._choose)
                return
            shown = self.shown.from_here(self.reply.cut if self.reply else None)
            if reply is None:
                shown = replace(shown, start=self.shown.day)
            card(
                found,
                self.plan.book,
                shown,
                self.question.ask,
                self._choose,
                parts_of(self.plan.case, self.plan.book),
                self.reply.cut.lost if self.reply else (),
            )
        self._mark()

    def _mark(self) -> None:
        """What is chosen, on the map."""
        chosen = self.address.chosen
        self.map.choose([chosen] if chosen else [], frame.names(self.sheet, self.frame, chosen))

    def _choose(self, key: str, goes: bool = True) -> None:
        """Another element; `goes` moves the map there."""
        if not self.cards.known(key):
            key = ""
        self.address = self.address.at(chosen=key)
        found = self.cards.card(key, self.shown.cell, None) if key else None
        if (
            found is not None
            and found.families
            and self.address.carrier not in found.families
            and found.families[0] in self.chips
        ):
            self.address = self.address.at(carrier=found.families[0])
            self._draw()
        self._choose_words()
        self._mark()
        if goes and key:
            self.map.look([key, self.sheet.place_of.get(key, "")])
        if self.search.value != (key or None):
            self.search.set_value(key or None)

    def _picked(self, event: GenericEventArguments) -> None:
        self._choose(str(event.args["key"]), goes=False)

    def _searched(self, event: ValueChangeEventArguments[Any]) -> None:
        key = str(event.value or "")
        if key != self.address.chosen:
            self._choose(key)

    # ---- the day and the carrier
    def _slid(self, step: int) -> None:
        self.shown.move(step)
        self._redraw()

    def _part(self, name: str) -> None:
        self.shown.choose(name)
        self._redraw()

    def _redraw(self) -> None:
        """Another day or part of it."""
        self.address = self.address.at(day=self.shown.day)
        self._draw()
        self._choose_words()

    def _arrow(self, event: KeyEventArguments) -> None:
        if event.action.keydown and (event.key.arrow_left or event.key.arrow_right):
            self.timeline.move(-1 if event.key.arrow_left else 1)

    def _space(self, event: KeyEventArguments) -> None:
        if event.action.keydown and event.key == " " and not event.action.repeat:
            self.timeline.play()

    def _carry(self, family: str) -> None:
        self.address = self.address.at(carrier=family)
        self._draw()
        if not self.address.chosen:
            self._choose_words()

    # ---- cutting
    async def _ask(self, cut: Cut, is_new: bool) -> None:
        """Ask, then tell: the sentence first, then the map, then the tables."""
        began = time.perf_counter()
        measures = self.address.measures
        turn = self.question.turn = asking(measures)
        self.wait.start(turn)
        soon = partial(asyncio.get_running_loop().call_soon_threadsafe, partial(self._say_first, cut, turn))
        try:
            reply = await self.desk.ask(self.address.step, cut, measures, turn, soon)
        except BusyError as error:
            with self.says:
                self._refuse(str(error), text("map.cut_again"))
            return
        except KelisimError as error:
            with self.says:
                self._refuse(str(error), text("map.change_form"))
            return
        except Exception as error:
            with self.says:  # the log has where it comes from; the visitor must not be left waiting
                self._refuse(text("map.own_error", error=error), text("map.report_it"))
            raise
        finally:
            self.question.turn = None
            self.wait.stop()
        self.reply = reply
        self.switches.show(True)
        self._is_new = is_new
        self.shown.see(reply, is_new)
        self.address = self.address.at(day=self.shown.day)
        lacking = reply.short_families
        if is_new and lacking and self.address.carrier not in lacking:
            self.address = self.address.at(carrier=max(lacking, key=lambda family: lacking[family]))
        self.first.set_visibility(False)
        self._say(reply, time.perf_counter() - began)
        await asyncio.sleep(SENT)
        if self.question.is_left:
            return
        self._draw()
        self._look(reply)
        await asyncio.sleep(SENT)
        if self.question.is_left:
            return
        self.under.clear()
        with self.under:
            asked = {"cut": reply.cut, "measures": reply.has_measures, "language": catalog.spoken()}
            link = self.address.at(**asked).link("answer/map")
            report(link, text("map.in_full"), "rest")
            computed(self.desk.command(reply.results.study, reply.results.fields, reply.results.meta))
        self._choose_words()
        if self.address.measures != reply.has_measures:  # switched while it was being asked
            await self._ask(cut, is_new=True)

    def _measured(self, yes: bool) -> None:
        """The switch of the measures: the same cut, asked with or without them."""
        self.address = self.address.at(measures=yes)
        if self.reply is not None:
            self.question.ask(self.reply.cut)

    def _levelled(self, yes: bool) -> None:
        self.address = self.address.at(levels=yes)
        self._draw()

    def _say_first(self, cut: Cut, turn: Turn, words: str) -> None:
        """A first answer in words, unless the exact one is there; the map and all else stay as they are."""
        if self.question.turn is not turn:
            return
        self.says.clear()
        self.says.set_visibility(True)
        with self.says:
            ui.html(answer.first_sentence(self._names(cut), words), sanitize=False)

    def _say(self, reply: Reply, seconds: float) -> None:
        self.tray.show(reply.cut)
        self.says.clear()
        self.says.set_visibility(True)
        with self.says:
            ui.html(answer.sentence(reply), sanitize=False)
            with ui.element("div").classes("k-do"):
                undo = ui.button(text("map.undo"), on_click=self.tray.undo, color=None)
                undo.props("outline dense no-caps").classes("k-undo")
                for words, act in (("Excel", self._excel), (text("keep"), partial(keep, self.desk))):
                    button = ui.button(words, on_click=partial(act, reply.results), color=None)
                    button.props("flat dense no-caps")
                ui.html(answer.share(), sanitize=False)
            took = text("map.took", seconds=plain(max(seconds, 0.01), ".2g"))
            ui.html(f'<p class="foot">{took}</p>', sanitize=False)

    def _names(self, cut: Cut) -> str:
        return ", ".join(map(self.cards.name, cut.lost))

    def _refuse(self, why: str, remedy: str) -> None:
        self.says.clear()
        self.says.set_visibility(True)
        ui.html(
            f'<p class="k-answer">{escape(why)}</p><p class="k-rule">{escape(remedy)}</p>', sanitize=False
        )

    def _show_cut(self, cut: Cut | None) -> None:
        """A cut of the tray, or the plan."""
        if cut is not None:
            self.question.ask(cut)
            return
        self.reply = None
        self._is_new = True
        self.switches.show(False)
        self.says.clear()
        self.says.set_visibility(False)
        self.first.set_visibility(True)
        self.under.clear()
        self.tray.show(None)
        self._draw()
        self._choose_words()

    def _look(self, reply: Reply) -> None:
        """Go where the cut is and who goes short of the carrier in front."""
        places = self.sheet.places[self.address.carrier]
        short = [places[int(at)] for at in self.frame["s"]] if len(self.frame["s"]) <= MOST_SHORT else []
        lost = [self.sheet.place_of.get(key, key) for key in reply.cut.lost]
        self.map.look([*lost, *short])

    async def _excel(self, results: Results) -> None:
        visitor = ui.context.client
        try:
            content = await self.desk.call("doing.workbook", lambda: workbook(results))
        except BusyError as error:
            if not visitor.is_deleted:
                ui.notify(str(error), type="negative")
            return
        if not visitor.is_deleted:
            ui.download.content(content, f"{results.study}_{results.fields['start']}.xlsx")

    # ---- the address
    def _write_address(self) -> None:
        """The bar follows what is shown; a cut or its undoing is a step that the back button takes back."""
        link = self.address.at(
            part=self.shown.named(self.address.carrier),
            cut=self.reply.cut if self.reply else self.asked if self.question.turn else None,
        ).link()
        if link == self._written:
            return
        self._written = link
        if self._is_new:
            ui.navigate.history.push(link)
        else:
            ui.navigate.history.replace(link)
        self._is_new = False

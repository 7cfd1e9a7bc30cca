"""An exercise of two tables, hour by hour: what is known, what each side may order, and the clock; each move is asked of the open window."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

import pandas as pd
from nicegui import ui

from kelisim.errors import KelisimError
from kelisim.report.page import sentences
from kelisim.report.words import Words
from kelisim.results.facts import Fact, said, sentence_of
from kelisim.results.results import Results
from kelisim.studies import run as run_study
from kelisim.web.address import GAME, Address
from kelisim.web.game import JUMPS, Game
from kelisim.web.views.head import head
from kelisim.web.views.report import computed
from kelisim.web.views.runs import keep
from kelisim.web.views.study import identifiers
from kelisim.web.workspace import Workspace, Year

SHARES = {1.0: "100 %", 0.75: "75 %", 0.5: "50 %", 0.25: "25 %", 0.0: "0 %"}
LOST = ("links", "assets", "storages")


def play_page(desk: Workspace, year: Year, address: Address, game: Game) -> None:
    """The form that begins a game, or the game as its address holds it."""
    step = year.plan.case.horizon.step
    shown = address.at(step=step)
    head(desk, lambda: shown, step)
    PlayPage(desk, year, Game(game.fields, step)).build()


class PlayPage:
    """One hour of a game."""

    def __init__(self, desk: Workspace, year: Year, game: Game) -> None:
        self.desk, self.plan, self.game = desk, year.plan, game
        self.words = year.plan.book

    def build(self) -> None:
        with ui.element("div").classes("k-page"):
            ui.html(f'<h2 class="k-title">{escape(self._text("title"))}</h2>', sanitize=False)
            if not self.game.is_on:
                self._begin()
                return
            self.place = ui.element("div").classes("k-left")
            with self.place:
                ui.label(self._text("asking", hour=self.game.now)).classes("k-note").props('role="status"')
        ui.timer(0.05, self._ask, once=True)

    def _text(self, key: str, **places: Any) -> str:
        return self.words.text(f"play.{key}", **places)

    # ---- before it begins
    def _begin(self) -> None:
        """What is lost, when, for how long, and what the players believe."""
        for line in self.words.lines("play.rules"):
            ui.html(escape(line), sanitize=False).classes("k-note")
        rows = identifiers(self.plan.case, self.words, LOST)
        with ui.element("div").classes("k-box").style("display:grid;gap:10px"):
            lost = ui.select(rows, multiple=True, with_input=True, label=self._text("lost")).props(
                "use-chips dense outlined input-debounce=0 virtual-scroll-slice-size=20"
            )
            made = {
                name: ui.input(self._text(name), value=value).props(f"dense outlined type={kind}")
                for name, value, kind in (
                    ("start", self.plan.starts[0].date().isoformat(), "date"),
                    ("days", "14", "number"),
                    ("belief", "5", "number"),
                    ("injects", "", "text"),
                )
            }

            def begin() -> None:
                if not lost.value:
                    ui.notify(self._text("name_lost"), type="negative")
                    return
                fields = {"lost": ",".join(lost.value)} | {n: str(one.value or "") for n, one in made.items()}
                ui.navigate.to(Game({n: text for n, text in fields.items() if text}, self.game.step).link())

            ui.button(self._text("begin"), on_click=begin, color=None).props("outline dense no-caps")

    # ---- an hour of it
    async def _ask(self) -> None:
        visitor = ui.context.client
        asked = self.game.asked()
        try:
            results = await self.desk.call(
                "doing.hour", lambda: run_study(GAME, self.plan.engine, **asked), hour=f"{self.game.now:g}"
            )
        except KelisimError as error:
            if not visitor.is_deleted:
                self.place.clear()
                with self.place:
                    ui.label(str(error)).classes("k-warn")
            return
        if not visitor.is_deleted:
            self.place.clear()
            with self.place:
                self._show(results)

    def _show(self, results: Results) -> None:
        game, self.words = self.game, Words(results.case)  # of months, the answer is in days
        moment = self.plan.starts[0] if results["timeline"].empty else results["timeline"]["time"].min()
        moment = moment + pd.Timedelta(hours=game.now)
        with ui.element("div").classes("k-files"):
            ui.html(f"<b>{escape(self._text('hour', hour=game.now, time=moment))}</b>", sanitize=False)
            for hours in JUMPS:
                words = self._text("later", hours=hours)
                ui.button(words, on_click=partial(self._go, game.later(hours)), color=None).props(
                    "outline dense no-caps"
                )
            if game.orders:
                ui.button(
                    self._text("take_back"), on_click=partial(self._go, game.without_last()), color=None
                ).props("flat dense no-caps")
        if game.is_over(results):
            self._told(results)
        else:
            belief = game.fields.get("belief", "")
            ui.html(
                escape(self._text("believed", days=float(belief)) if belief else self._text("not_known")),
                sanitize=False,
            )
            with ui.element("div").style("display:grid;grid-template-columns:1fr 1fr;gap:14px"):
                for side in sorted(filter(None, results.meta["sides"])):
                    with ui.element("div").classes("k-box").props(f'data-side="{escape(side, quote=True)}"'):
                        self._side(results, side)
        self._log(results)

    def _go(self, game: Game) -> None:
        ui.navigate.to(game.link())

    def _side(self, results: Results, side: str) -> None:
        """What a side may order now, each with its expected effect, a share and a button."""
        ui.html(f"<h3>{escape(self._text('side', side=side))}</h3>", sanitize=False)
        rows = self.game.options(results, side)
        if not rows:
            ui.label(self._text("nothing")).classes("k-note")
        for row in rows:
            with ui.element("div").classes("k-files"):
                about = {"measure": row["measure"], "lead_time": row["lead_time"]} | self._expected(row)
                kind = "option" if row["state"] == "open" else row["state"]
                also = self._text("also", side=row["with_side"]) if row["with_side"] else ""
                ui.html(escape(self._text(kind, **about) + also), sanitize=False).style("flex:1 1 60%")
                if row["state"] == "level":
                    continue
                share = ui.select(SHARES, value=1.0 if row["state"] == "open" else 0.0).props(
                    f'dense outlined aria-label="{escape(self._text("share"), quote=True)}"'
                )
                ui.button(
                    self._text("order"),
                    on_click=partial(self._order, side, str(row["measure"]), share),
                    color=None,
                ).props("outline dense no-caps")

    def _expected(self, row: Mapping[str, Any]) -> dict[str, Fact | str]:
        """Who orders a measure, and what it is expected to bring."""
        spared, worth = float(row["unserved_avoided"]), float(row["worth"])
        kind = "spares" if spared > 0 else "spares_money" if worth > 0 else "spares_nothing"
        who = said("play.who", body=row["body"]) if row["body"] else ""
        return {"who": who, "brings": said(f"play.{kind}", unserved_avoided=spared, worth=worth)}

    def _order(self, side: str, measure: str, share: Any) -> None:
        self._go(self.game.ordered(side, measure, float(share.value)))

    def _log(self, results: Results) -> None:
        """What has happened, the latest first."""
        items = []
        for row in self.game.log(results).to_dict("records"):
            side = f"<b>{escape(str(row['side']))}</b> " if row["side"] else ""
            what = escape(self.words.say(sentence_of(row)))
            hour = self.words.text("{hour:clock_hours}", hour=row["hour"])
            items.append(f"<li>{hour}: {side}{what}</li>")
        ui.html(f"<h3>{escape(self._text('log'))}</h3><ul>{''.join(items)}</ul>", sanitize=False).classes(
            "k-box"
        )

    def _told(self, results: Results) -> None:
        """It is over: the answer, and the run with its minutes and papers."""
        told = "".join(f"<p>{escape(one)}</p>" for one in sentences(results, self.words))
        ui.html(told, sanitize=False).classes("k-box")
        with ui.element("div").classes("k-files"):
            ui.button(self._text("keep"), on_click=partial(keep, self.desk, results), color=None).props(
                "outline dense no-caps"
            )
        computed(self.desk.command(results.study, results.fields, results.meta))

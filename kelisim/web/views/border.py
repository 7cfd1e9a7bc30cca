"""The border page: each region and carrier, what comes from across, what its loss means, how long it lasts."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from nicegui import ui

from kelisim import catalog
from kelisim.report import evidence
from kelisim.report.numbers import NONE, figure, human, percent
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.results.sentences import amount
from kelisim.web.address import Address
from kelisim.web.background import Background
from kelisim.web.session import MapSession
from kelisim.web.views.head import head, later_note, notes
from kelisim.web.views.table import TableCell, TableColumn, plain_table, table_html
from kelisim.web.workspace import Workspace, Year


class BorderPage:
    """The study `border` on a page."""

    def __init__(self, desk: Workspace, year: Year, address: Address) -> None:
        self.desk, self.plan = desk, year.plan
        self.address = address.at(step=self.plan.case.horizon.step)

    def build(self) -> None:
        step = self.plan.case.horizon.step
        head(self.desk, lambda: self.address, step)
        aside = self.desk.border(step)
        with ui.element("main").classes("k-page k-borders"):
            notes(self.address.wrong)
            later_note(self.desk, step)
            body = ui.element("div").classes("k-under").style("margin-top:14px")
        if aside is None:
            with body:
                ui.label("This version has no study of the border.")
            return

        def tell() -> None:
            if aside.is_done:
                timer.cancel()
                body.clear()
                with body:
                    self._fill(aside)
            else:
                words.set_content(
                    f"Asking what each border region lives on: {escape(aside.doing)}, {aside.seconds:.0f} s ..."
                )

        with body:
            words = ui.html("", sanitize=False).classes("k-note")
        timer = ui.timer(0.5, tell)
        tell()

    def _fill(self, aside: Background) -> None:
        if aside.results is None:
            ui.html(f'<p class="k-warn">{escape(aside.failed)}</p>', sanitize=False)
            return
        results = aside.results
        for text in leading(self.plan, results):
            ui.html(f'<p class="k-answer">{escape(text)}</p>', sanitize=False)
        if "border" in results:
            ui.html(
                f'<section class="k-box border"><h3>Regions and carriers</h3>{region_table(self.plan, results)}</section>',
                sanitize=False,
            )
        regions = sentences(self.plan, results, "region_")
        if regions:
            lines = "".join(f"<li>{escape(text)}</li>" for text in regions)
            ui.html(
                f'<section class="k-box"><h3>On what each region hangs most</h3><ul class="k-list">{lines}</ul></section>',
                sanitize=False,
            )
        if (
            any(self.plan.book.family(carrier) == "gas" for carrier in results["border"]["carrier"])
            if "border" in results
            else False
        ):
            text = catalog.text("border.gas")
            ui.html(f'<p class="k-note">{escape(text)}</p>', sanitize=False)
        for name in results.names:
            if name not in ("border", "facts", "names") and len(results[name]):
                self._more(results, name)
        folded(results)

    def _more(self, results: Results, name: str) -> None:
        """A table of the study, closed at first; drawn when it is opened."""
        title = {
            "border.n1": "Who goes short without the largest supply",
            "border.provisions": "Agreements behind the flows",
            "border.links": "Links over the border",
        }
        with (
            ui.expansion(title.get(name, human(name).capitalize()))
            .classes("k-box k-more")
            .props("dense") as opened
        ):
            inside = ui.html("", sanitize=False)

        def draw() -> None:
            if opened.value and not inside.content:
                inside.set_content(plain_table(results, name, names_of(self.plan, results)))

        opened.on_value_change(draw)


def sentences(plan: MapSession, results: Results, *keys: str) -> list[str]:
    """What the facts say whose keys begin so."""
    facts = facts_of(results["facts"])
    return [plan.book.say(fact) for key, fact in facts.items() if key.startswith(keys)]


def leading(plan: MapSession, results: Results) -> list[str]:
    """What stands first: supplied today, this winter, the weakest point, and the rules."""
    rules = "; ".join(f"{name}: {rule}" for name, rule in evidence.rules(results, plan.book))
    return [*sentences(plan, results, "today", "winter", "weakest", "steps"), f"{rules}."]


def names_of(plan: MapSession, results: Results) -> dict[str, str]:
    """Words for identifiers in the tables of the study."""
    book = plan.book
    found = {str(c): book.carrier(c) for c in plan.case.table("carriers")["carrier"]}
    found |= {str(p): book.place(p) for p in plan.case.table("places")["place"]}
    if "names" in results:
        found |= dict(
            zip(results["names"]["element"].astype(str), results["names"]["name"].astype(str), strict=True)
        )
    if "border" in results:
        found |= {region: book.region(region) for region in results["border"]["region"].unique()}
    return found


def region_table(plan: MapSession, results: Results) -> str:
    """Region, carrier, use, share from across, largest supply and its loss, days of cover, alternative, agreement."""
    frame = results["border"]
    columns = [
        TableColumn("region"),
        TableColumn("carrier"),
        TableColumn("use per day", "", True),
        TableColumn("from across", "", True),
        TableColumn("largest supply"),
        TableColumn("its share", "", True, True),
        TableColumn("unserved without it, all carriers", "GWh", True),
        TableColumn("cover, border closed", "days", True),
        TableColumn("instead", is_minor=True),
        TableColumn("behind it", is_minor=True),
    ]
    asked = int(results.fields.get("days", 0))
    rows = [_row(plan, row, asked) for row in frame.to_dict("records")]
    return table_html(columns, rows, "Border regions by carrier")


def _row(plan: MapSession, row: dict[Any, Any], asked: int) -> list[TableCell]:
    carrier = str(row["carrier"])
    short, share = float(row["n1_unserved"]), float(row["share_across_now"])
    cover = float(row["cover_days"])
    days = NONE if math.isnan(cover) else f"> {asked}" if math.isinf(cover) else figure(cover)
    name, supply, other = (
        plan.book.region(row["region"]),
        *map(plan.book.label, (row["supply"], row["alternative"])),
    )
    deals = "; ".join(plan.book.element("agreements", one) for one in row["agreements"].split(";") if one)
    return [
        TableCell(name, name),
        TableCell(plan.book.carrier(carrier), plan.book.carrier(carrier)),
        TableCell(amount(plan.case, carrier, float(row["use_day"])), float(row["use_day"])),
        TableCell(percent(share), share, bar=share),
        TableCell(supply or NONE, supply, link=_on_map(plan, row)),
        TableCell(percent(row["largest_share"]), float(row["largest_share"])),
        TableCell(figure(short * 1e-3), short),
        TableCell(days, None if math.isnan(cover) else min(cover, 1e9)),
        TableCell(other or NONE, other),
        TableCell(deals or "not known", deals),
    ]


def _on_map(plan: MapSession, row: dict[Any, Any]) -> str:
    """The address that shows the largest supply on the map, ready to be cut; empty for what a map does not hold."""
    if row["largest_table"] not in ("links", "assets", "storages"):
        return ""
    family = plan.book.family(row["carrier"])
    return Address("map", plan.case.horizon.step, family, chosen=str(row["largest"])).link()


def folded(results: Results) -> None:
    """How computed and limits, closed at first."""
    limits = "".join(f"<li>{escape(text)}</li>" for text in catalog.lines("border.limits"))
    fields = ", ".join(f"{human(key)} {_plain(value)}" for key, value in results.fields.items())
    ui.html(
        f'<details class="k-box"><summary>How computed, and limits</summary><p>Study <b>{escape(results.study)}</b>: {escape(fields)}. '
        f"Case {escape(str(results.meta.get('fingerprint', ''))[:12])}.</p><ul>{limits}</ul></details>",
        sanitize=False,
    )


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)

"""What measures do about a cut: the switches over the map, the measures in use, and who is cut without and with them."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pandas as pd
from nicegui import ui

from kelisim.report.forms import FORMS
from kelisim.report.numbers import first_upper, percent
from kelisim.results.sentences import amount, day, energy
from kelisim.tolerances import SMALL_ENERGY as LEAST
from kelisim.web.map_state import class_name
from kelisim.web.session import Aid, Reply
from kelisim.web.views.table import TableCell, TableColumn, table_html


class Switches:
    """Two switches that show once something is cut: with measures or without, and the levels of the crisis."""

    def __init__(
        self, has_measures: bool, measures: bool, levels: bool, on_measures: Callable[[bool], object], on_levels: Callable[[bool], object]
    ) -> None:  # fmt: skip
        self.row = ui.element("div").classes("k-switches")
        with self.row:
            self.measures = ui.switch(
                "With emergency measures",
                value=measures,
                on_change=lambda event: on_measures(bool(event.value)),
            )
            self.measures.props('dense color="grey-9"').classes("with-measures")
            if not has_measures:
                self.measures.disable()
                ui.label("The case lists no measures.").classes("k-note")
            self.levels = ui.switch(
                "Crisis levels of regions", value=levels, on_change=lambda event: on_levels(bool(event.value))
            )
            self.levels.props('dense color="grey-9"').classes("with-levels")
        self.show(False)

    def show(self, yes: bool) -> None:
        self.row.set_visibility(yes)


def beside(aid: Aid) -> str:
    """Unserved without and with measures, one above the other, as HTML."""
    before, after = float(aid.before["unserved_energy"]), float(aid.after["unserved_energy"])
    most = max(before, after, LEAST)
    rows = (
        ("without", before, float(aid.before["unserved_protected"])),
        ("with", after, float(aid.after["unserved_protected"])),
    )
    lines = "".join(
        f'<tr class="{name}"><td>{first_upper(name)} measures</td><td class="n" data-v="{total!r}">{_energy(total)}</td>'
        f'<td class="n" data-v="{shielded!r}">{_energy(shielded)}</td>'
        f'<td class="w"><i style="width:{100 * total / most:.1f}%"></i></td></tr>'
        for name, total, shielded in rows
    )
    return (
        '<table class="k-beside"><thead><tr><th>Beyond the plan</th><th class="n">unserved</th>'
        f'<th class="n">protected</th><th></th></tr></thead><tbody>{lines}</tbody></table>'
    )


def _energy(value: float) -> str:
    return "none" if value <= LEAST else energy(value)


def used(reply: Reply) -> str:
    """The measures in use, in the order in which they bite, as a list."""
    aid, case = reply.aid, reply.plan.case
    if aid is None or aid.measures.empty:
        return ""
    items = []
    book = reply.plan.book
    for row in aid.measures.to_dict("records"):
        carrier = str(row["carrier"])
        brings = amount(case, carrier, row["energy"]) if carrier else energy(row["energy"])
        peak = reply.plan.rate(carrier, row["peak"]) if carrier else f"{row['peak']:.3g} MW"
        until = "" if pd.isna(row["step_down"]) else f", until {FORMS['when'](book, row['step_down'])}"
        items.append(
            f'<li data-measure="{escape(str(row["measure"]), quote=True)}"><b>{escape(book.element("measures", row["measure"]))}</b>'
            f'<span class="k-note">from {escape(FORMS["when"](book, row["bites"]))}{escape(until)}: brings {escape(brings)}, at most {escape(peak)}. '
            f"Allowed from {escape(str(row['level']).replace('_', ' '))} on; lead time {row['lead_time']:g} h; "
            f"ordered by: {escape(FORMS['body'](book, row['body']))}.</span></li>"
        )
    return f'<ol class="k-measures">{"".join(items)}</ol>'


def table(reply: Reply) -> str:
    """Who is cut without and with measures, by place, carrier and class; lowest in the order of protection first."""
    aid = reply.aid
    if aid is None or aid.remaining.empty:
        return ""
    columns = [
        TableColumn("place"), TableColumn("carrier"), TableColumn("class"), TableColumn("without", "", True), TableColumn("with", "", True),
        TableColumn("with, energy", "MWh", True, True), TableColumn("share of use with", "", True), TableColumn("first day short with"),
    ]  # fmt: skip
    return table_html(
        columns,
        [_row(reply, row) for row in aid.remaining.to_dict("records")],
        "Unserved without and with measures",
    )


def _row(reply: Reply, row: dict[str, object]) -> list[TableCell]:
    plan, book, carrier = reply.plan, reply.plan.book, str(row["carrier"])
    before, after, wanted = (float(str(row[key])) for key in ("unserved_without", "unserved_with", "demand"))
    share = after / wanted if wanted > 0 else 0.0
    first = row["first_short"]
    is_short = after > LEAST and not pd.isna(first)
    return [
        TableCell(book.place(row["place"]), book.place(row["place"])), TableCell(book.carrier(carrier), book.carrier(carrier)),
        TableCell(first_upper(class_name(book, str(row["customer_class"]))), str(row["customer_class"])),
        TableCell(amount(plan.case, carrier, before), before), TableCell(amount(plan.case, carrier, after), after),
        TableCell(f"{after:,.0f}", after), TableCell(percent(share), share, bar=share),
        TableCell(day(first) if is_short else "served", pd.Timestamp(str(first)).isoformat() if is_short else ""),
    ]  # fmt: skip

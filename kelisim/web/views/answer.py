"""The answer to a cut: the sentence, the rules, who goes short, over time, and through which chain."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
from nicegui import ui

from kelisim.report.numbers import NONE, day, figure, first_upper, human, percent
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.results.sentences import amount
from kelisim.tolerances import SMALL_ENERGY as LEAST
from kelisim.web.map_state import class_name
from kelisim.web.session import MapSession, Reply
from kelisim.web.views import measures
from kelisim.web.views.curve import CurveLine, steps_svg
from kelisim.web.views.table import TableCell, TableColumn, table_html

CURVES = 5
DASHES = ("", "7 3", "2 3", "9 3 2 3", "1 4")


def sentence(reply: Reply) -> str:
    """The answer and what it rests on, as HTML."""
    cut, meta = reply.cut, reply.results.meta
    parts = [f'<p class="k-answer">{escape(reply.text)}</p>']
    if reply.aid is not None:
        parts += [measures.beside(reply.aid), measures.used(reply)]
    place, when = human(cut.place_rule), human(cut.time_rule)
    first, last = (pd.Timestamp(moment) for moment in meta["window"])
    parts.append(
        f'<p class="k-rule">Place rule <b>{escape(place)}</b>, time rule <b>{escape(when)}</b>. '
        f"Days shown: {day(first)} to {day(last)} {last.year}, in steps of a {reply.plan.step_word}. Beside the plan of the year.</p>"
    )
    if has_gas(reply):
        limit = next((text for text in meta["limits"] if "upper bound" in text), "")
        parts.append(f'<p class="k-rule">{escape(limit)}</p>')
    return "".join(parts)


def has_gas(reply: Reply) -> bool:
    """Whether gas plays a part in the answer."""
    book = reply.plan.book
    carriers = {*_plain(reply)["chain"]["carrier"], *reply.results["demand.total"]["carrier"]}
    return any(book.family(carrier) == "gas" for carrier in carriers if carrier)


def short_table(reply: Reply) -> str:
    """Who goes short, by place, carrier and class, most first."""
    plan, frame = reply.plan, reply.results["demand.total"]
    frame = frame.assign(more=frame["unserved"] - frame["unserved_base"])
    frame = frame[frame["first_short"].notna()]
    if frame.empty:
        return ""
    columns = [
        TableColumn("place"),
        TableColumn("carrier"),
        TableColumn("class"),
        TableColumn("unserved", "", True),
        TableColumn("energy", "MWh", True, True),
        TableColumn("share of use", "", True),
        TableColumn("first day short"),
        TableColumn("protected", is_minor=True),
        TableColumn("planned anyway", "MWh", True, True),
    ]
    rows = [_row(plan, row) for row in frame.to_dict("records")]
    return table_html(columns, rows, "Unserved by place, carrier and class")


def _row(plan: MapSession, row: dict[str, object]) -> list[TableCell]:
    book, carrier = plan.book, str(row["carrier"])
    more, wanted = float(str(row["more"])), float(str(row["demand"]))
    share = more / wanted if wanted > 0 else 0.0
    first = pd.Timestamp(row["first_short"])
    return [
        TableCell(book.place(row["place"]), book.place(row["place"])),
        TableCell(book.carrier(carrier), book.carrier(carrier)),
        TableCell(first_upper(class_name(book, str(row["customer_class"]))), str(row["customer_class"])),
        TableCell(amount(plan.case, carrier, more), more),
        TableCell(figure(more), more),
        TableCell(percent(share), share, bar=share),
        TableCell(f"{day(first)} {first.year}", first.isoformat()),
        TableCell("yes" if row["protected"] else "no", int(bool(row["protected"]))),
        TableCell(
            figure(row["unserved_base"]) if float(str(row["unserved_base"])) > 0 else NONE,
            float(str(row["unserved_base"])),
        ),
    ]


def curve(reply: Reply) -> str:
    """Share served over time, of the countries and carriers that lose most; empty where nobody does."""
    frame = reply.results["performance"]
    if frame.empty:
        return ""
    plan = reply.plan
    frame = frame.assign(lost=frame["served_share_base"] - frame["served_share"])
    order = frame.groupby(["country", "carrier"])["lost"].max().sort_values(ascending=False)
    order = order[order > 1e-6].head(CURVES)
    if order.empty:
        return ""
    first, last = reply.window
    starts, hours = plan.starts[first:last], plan.hours[first:last]
    lines: list[CurveLine] = []
    for country, carrier in order.index:
        rows = frame[(frame["country"] == country) & (frame["carrier"] == carrier)]
        values = (
            pd.Series(rows["served_share"].to_numpy(dtype=float), index=pd.DatetimeIndex(rows["step"]))
            .reindex(starts)
            .fillna(1.0)
        )
        colour = plan.book.colour(carrier)
        dash = DASHES[sum(line.colour == colour for line in lines) % len(DASHES)]
        lines.append(
            CurveLine(
                f"{plan.book.country(country)}, {plan.book.carrier_in_text(carrier)}",
                colour,
                values.to_numpy(),
                dash,
            )
        )
    out = np.flatnonzero(reply.out[first:last])
    span = (int(out[0]), int(out[-1]) + 1) if len(out) else (0, 0)
    worst = min(lines, key=lambda line: float(line.values.min()))
    least = int(worst.values.argmin())
    title = f"{worst.name}: {percent(worst.values[least])} of the demand served at the worst, from {day(starts[least])}"
    return (
        f'<h3>{escape(title)}</h3><p class="sub">Share of the demand of a country that is served, per {plan.step_word}</p>'
        + steps_svg(starts, hours, lines, span, title)
    )


def _plain(reply: Reply) -> Results:
    """The answer without measures."""
    return reply.aid.plain.results if reply.aid else reply.results


def chain(reply: Reply) -> str:
    """What changed beside what was lost, and beside that, as a table."""
    frame = _plain(reply)["chain"]
    # what is lost but was not in use, such as the roads from a refinery to where it sends nothing, tells nothing
    frame = frame[(frame["base"].abs() >= LEAST) | (frame["change"].abs() >= LEAST)]
    if frame.empty:
        return ""
    book = reply.plan.book
    columns = [
        TableColumn("what changed"),
        TableColumn("because of", is_minor=True),
        TableColumn("carrier"),
        TableColumn("change", "", True),
        TableColumn("planned", "", True, True),
    ]
    rows = [
        [
            TableCell(book.label(row["element"]), book.label(row["element"])),
            TableCell(book.label(row["because"]) or "the cut", book.label(row["because"])),
            TableCell(book.carrier(row["carrier"]) if row["carrier"] else NONE, str(row["carrier"])),
            TableCell(
                amount(reply.plan.case, row["carrier"], row["change"], signed=True), float(row["change"])
            ),
            TableCell(
                amount(reply.plan.case, row["carrier"], row["base"]) if row["base"] else "0",
                float(row["base"]),
            ),
        ]
        for row in frame.to_dict("records")
    ]
    return table_html(columns, rows, "What follows from the cut")


def below(reply: Reply) -> None:
    """Tables and curve under the map."""
    table, drawn, follows = short_table(reply), curve(reply), chain(reply)
    both = measures.table(reply)
    if both:
        with ui.element("section").classes("k-box both"):
            ui.html(
                "<h3>Who is cut without and with measures</h3><p class='sub'>Beyond the plan, over the days shown; "
                f"lowest in the order of protection first</p>{both}",
                sanitize=False,
            )
    elif table:
        with ui.element("section").classes("k-box short"):
            ui.html(
                f"<h3>Who goes short</h3><p class='sub'>Beyond the plan, over the days shown</p>{table}",
                sanitize=False,
            )
    if drawn:
        with ui.element("section").classes("k-box performance"):
            ui.html(drawn, sanitize=False)
    if follows:
        with ui.element("section").classes("k-box chain"):
            without = ", without measures" if reply.aid is not None else ""
            ui.html(
                f"<h3>What follows from it{without}</h3><p class='sub'>Changes of energy while the outage lasts, in the order in which "
                f"they lie next to each other</p>{follows}",
                sanitize=False,
            )
    folded(reply)


def folded(reply: Reply) -> None:
    """How it is computed and its limits, closed at first."""
    meta = reply.results.meta
    limits = "".join(f"<li>{escape(text)}</li>" for text in meta["limits"])
    study = "disruption" if reply.aid is None else "emergency"
    solves = (reply.plan.book.say(Fact.of(meta["rebuilt"])) if meta.get("rebuilt") else "") or (
        "the plan does not use what is cut"
        if meta["pruned"]
        else "the solved window was changed and solved on"
    )
    fields = {
        key: value for key, value in reply.results.fields.items() if key not in ("place_rule", "time_rule")
    }
    words = ", ".join(f"{human(key)} {value}" for key, value in fields.items())
    ui.html(
        f'<details class="k-box"><summary>How computed, and limits</summary><p>Study <b>{study}</b>: {escape(words)}. '
        f"Solving: {escape(str(solves))}, {meta['seconds']:.2f} s. Case {escape(meta['fingerprint'][:12])}. The same from the command line:</p>"
        f"<p><code>{escape(command(reply))}</code></p><ul>{limits}</ul></details>",
        sanitize=False,
    )


def command(reply: Reply) -> str:
    """The command that gives the same numbers."""
    cut = reply.cut
    share = f" --share {cut.share:g}" if cut.share < 1 else ""
    study = "disruption" if reply.aid is None else "emergency"
    return (
        f"kelisim run {study} CASE --step {reply.plan.case.horizon.step} --lost {','.join(cut.lost)} --start {cut.start} --days {cut.days}{share} "
        f"--place-rule {cut.place_rule} --time-rule {cut.time_rule} --json"
    )

"""The emergency plan as a page and as a document (Markdown) that a duty officer can follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from kelisim.report.numbers import human, percent
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Cell, Column, Head, Row, View, frame_view, number_cell, text_column
from kelisim.report.theme import new_figure, nothing, safe
from kelisim.report.words import Words
from kelisim.results.crisis import thresholds
from kelisim.results.results import Results
from kelisim.results.sentences import amount, day, energy, money
from kelisim.studies.emergency.words import ranges_table, remaining_table, when
from kelisim.tolerances import SMALL_ENERGY as LEAST

MOST_LINES = 4


def question(results: Results) -> str:
    """What was asked."""
    return "What can be done if this is lost: which measures, in which order, what does each bring, and who is still cut?"


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    said = results["summary"].set_index("key")["text"]
    return [str(said[key]) for key in ("without", "with", "steps") if said[key]]


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    value = results["summary"].set_index("key")["value"]
    before, after = float(value["unserved_without"]), float(value["unserved_with"])
    shielded, left = float(value["protected_without"]), float(value["protected_with"])
    avoided = (
        f"{percent((before - after) / before)} of what nothing done leaves"
        if before > LEAST
        else "nobody was short before"
    )
    return [
        KeyNumber(energy(after) if after > LEAST else "nothing", "remains unserved with measures", f"{energy(before)} without", after > LEAST),
        KeyNumber(energy(left) if left > LEAST else "nothing", "of it, protected customers", f"{energy(shielded)} without", left > LEAST),
        KeyNumber(str(len(results["plan"])), "measures in the plan", avoided),
    ]  # fmt: skip


def parts(results: Results, book: Words) -> list[Part]:
    """What follows the first page."""
    found = [
        old_part("The plan", "plan", (), some(_plan_view(results, book)), "No measure of the case helps."),
        old_part("Without and with", "levels", (_service(results, book),)),
        old_part("Regions", "regions", (), some(_regions_view(results, book)), "No region goes short."),
        old_part("Who is still cut", "remaining", (), some(_remaining_view(results, book)), "Nobody."),
        old_part("Level by level", "stages", (), some(_stages_view(results, book))),
    ]
    if "ranges" in results:
        found.append(old_part("If what is graded C is wrong", "ranges", (), some(_ranges_view(results))))
    left_out = results.meta.get("not_chosen", {})
    if left_out:
        found.append(old_part("Not chosen", "not-chosen", (), some(_left_out_view(results, dict(left_out)))))
    return found


def _plan_view(results: Results, book: Words) -> View | None:
    case = results.case
    columns: list[Column] = [
        text_column("", lambda row: str(row["order"])),
        text_column("Measure", lambda row: row["name"]),
        text_column("Set off by", lambda row: row["trigger"], True),
        text_column("Who orders it", lambda row: row["body"]),
        text_column("Bites", lambda row: when(case, row["bites"])),
        (Head("Brings", "", True), lambda row: Cell(_brings(results, row), round(float(row["energy"]), 6))),
        (Head("Avoids", "", True), _avoids),
        (Head("Worth", "", True, True), lambda row: Cell(money(case, row["worth"]), round(float(row["worth"]), 2))),
        text_column("Step down", lambda row: when(case, row["step_down"])),
        text_column("Grade", lambda row: row["grade"]),
    ]  # fmt: skip
    return frame_view(
        "Measures in the order in which they bite; what each avoids is told with all others kept",
        results["plan"],
        columns,
    )


def _avoids(row: Row) -> Cell:
    saved = float(row["unserved_avoided"])
    return Cell(energy(saved) if saved > LEAST else "-", round(saved, 6))


def _brings(results: Results, row: Row) -> str:
    return amount(results.case, row["carrier"], row["energy"]) if row["carrier"] else energy(row["energy"])


def _service(results: Results, book: Words) -> go.Figure:
    """Unserved over time without (thin) and with (bold) measures, of the carriers that lack most."""
    rows = results["levels"]
    if rows.empty:
        return nothing("All are served as planned")
    worst = rows.groupby(["country", "carrier"], observed=True)["unserved_without"].sum()
    worst = worst.sort_values(ascending=False).head(MOST_LINES)
    country, carrier = worst.index[0]
    first = rows[(rows["country"] == country) & (rows["carrier"] == carrier)]
    most = first["unserved_without"].max(), first["unserved_with"].max()
    title = (
        f"{book.country(country)}, {book.carrier_in_text(carrier)}: at worst {most[0] / 1e3:.3g} GW unserved without measures, "
        f"{most[1] / 1e3:.3g} GW with them"
    )
    made = new_figure(title, 330)
    for who, what in worst.index:
        own = rows[(rows["country"] == who) & (rows["carrier"] == what)]
        name = f"{book.country(who)}, {book.carrier_in_text(what)}"
        for column, words, looks in (
            ("unserved_without", "without", {"width": 1.2, "dash": "dot"}),
            ("unserved_with", "with", {"width": 2.4}),
        ):
            made.add_trace(
                go.Scatter(
                    x=own["step"], y=own[column].round(3), mode="lines", name=safe(f"{name}, {words}"),
                    line={"shape": "hv", "color": book.colour(what), **looks}, hovertemplate="%{x|%d %b %Y}: %{y:,.0f} MW<extra></extra>",
                )
            )  # fmt: skip
    made.update_yaxes(title_text="unserved beyond the plan, MW", rangemode="tozero")
    made.update_layout(showlegend=True, margin={"b": 78})
    return made


def _energy_cell(book: Words, row: Row, column: str) -> Cell:
    return Cell(amount(book.case, row["carrier"], row[column]), round(float(row[column]), 6))


def _regions_view(results: Results, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Region", lambda row: row["region"]),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        (Head("Without measures", "", True), lambda row: _energy_cell(book, row, "unserved_without")),
        (Head("With", "", True), lambda row: _energy_cell(book, row, "unserved_with")),
        (Head("Of its use, with", "%", True, True), lambda row: Cell(percent(row["share_with"]).replace(" %", ""), round(float(row["share_with"]), 9))),
        text_column("Level without", lambda row: row["level_without"], True),
        text_column("Level with", lambda row: row["level_with"]),
        text_column("First short", lambda row: when(results.case, row["first_short"])),
    ]  # fmt: skip
    return frame_view("Unserved beyond the plan by region and carrier", results["regions"], columns)


def _remaining_view(results: Results, book: Words) -> View | None:
    rows = results["remaining"]
    columns: list[Column] = [
        text_column("Rank", lambda row: f"{row['order']:g}", True),
        text_column("Customers", lambda row: human(row["customer_class"])),
        text_column("Place", lambda row: book.place(row["place"])),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        (Head("Without measures", "", True, True), lambda row: _energy_cell(book, row, "unserved_without")),
        (Head("With", "", True), lambda row: _energy_cell(book, row, "unserved_with")),
        (Head("Highest cut", "MW", True, True), lambda row: number_cell(row["peak"])),
        text_column("From", lambda row: when(results.case, row["first_short"])),
    ]
    return frame_view(
        "Who is still cut, in the order of rationing: the last rank first",
        rows[rows["unserved_with"] > LEAST],
        columns,
    )


def _stages_view(results: Results, book: Words) -> View | None:
    def name(row: Row) -> str:
        return (
            "nothing but the market" if row["level"] == "none" else f"with measures of {human(row['level'])}"
        )

    columns: list[Column] = [
        text_column("Allowed", name),
        (Head("Unserved", "", True), lambda row: Cell(energy(row["unserved"]), round(float(row["unserved"]), 6))),
        (Head("Cost beyond the plan", "", True), lambda row: Cell(money(results.case, row["extra_cost"]), round(float(row["extra_cost"]), 2))),
    ]  # fmt: skip
    return frame_view(
        "What is left at each level; the next level is asked only where this one leaves it reached",
        results["stages"],
        columns,
    )


def _ranges_view(results: Results) -> View | None:
    frame = ranges_table(results)
    columns = [_cell(str(name)) for name in frame.columns]
    return frame_view(
        "The same question with what is graded C otherwise, where somebody is short", frame, columns
    )


def _cell(name: str) -> Column:
    of: Callable[[Row], Any] = lambda row: row[name]  # noqa: E731
    return text_column(name or "What", of)


def _left_out_view(results: Results, left_out: dict[str, str]) -> View | None:
    names = results.case.table("measures").set_index("measure")["name"]
    frame = pd.DataFrame({"measure": [names.get(m, m) for m in left_out], "why": list(left_out.values())})
    return frame_view(
        "Measures of the case that were not asked",
        frame,
        [text_column("Measure", lambda r: r["measure"]), text_column("Why", lambda r: r["why"])],
    )


def method(results: Results) -> list[str]:
    """What the numbers are."""
    early, alert, emergency = thresholds(results.case)
    return [
        "Measures are further ways to act, shut in the plan. They are allowed level by level, each from the step in which its level is "
        "reached and after its lead time; of those allowed, the least-cost mix is found, unserved energy at its value of lost load.",
        f"Levels are shares of a country's use of a carrier that go unserved beyond the plan: early warning while the outage lasts or above "
        f"{early * 100:g} %, alert from {alert * 100:g} %, emergency from {emergency * 100:g} %.",
        "A measure that would pay without any emergency is priced so that trade is no reason to use it; the costs told are without that.",
        "What a measure avoids and is worth is found by leaving it out alone.",
    ]


def markdown(results: Results) -> str:
    """The plan as a document in Markdown: what sets it off, what to do in which order, who is cut, when to step down."""
    said = results["summary"].set_index("key")["text"]
    days = " to ".join(day(d) for d in results.meta["window"])
    rules = results.meta["rules"]
    lines = [
        f"# Emergency plan: {results.case.title}",
        "",
        str(said["without"]),
        "",
        str(said["with"]),
        "",
        "## What to do, in this order",
        "",
    ]
    plan = results["plan"].rename(columns={"name": "name_"})
    if plan.empty:
        short = float(results["summary"].set_index("key")["value"]["unserved_without"]) > LEAST
        lines += ["No measure of the case helps here." if short else "Nothing: nobody goes short.", ""]
    for row in plan.itertuples():
        brings = amount(results.case, row.carrier, row.energy) if row.carrier else energy(row.energy)
        lines += [
            f"{row.order}. **{row.name_}**",
            f"   - set off by: {row.trigger}, reached {'in' if results.case.horizon.step == '1mo' else 'on'} {when(results.case, row.ordered)}",
            f"   - who orders it: {row.body}",
            f"   - acts on: {row.acts_on}",
            f"   - bites: {when(results.case, row.bites)} (lead time: {row.lead_time:g} h)",
            f"   - brings: {brings}, at most {row.peak:,.0f} MW; worth {money(results.case, row.worth)}",
            f"   - step down: {when(results.case, row.step_down)}",
            f"   - grade of the data: {row.grade}",
        ]
    lines += ["", "## Who is still cut", "", *_table(remaining_table(results), "Nobody.")]
    lines += ["", "## Regions", "", *_table(_regions_text(results), "No region goes short.")]
    if "ranges" in results:
        lines += ["", "## If what is graded C is wrong", "", *_table(ranges_table(results), "")]
    lines += [
        "", "## How this was found", "", *[f"- {text}" for text in method(results)],
        f"- Place rule: {rules['place']}; time rule: {rules['time']}. Days shown: {days}. Case fingerprint: {results.case.fingerprint}.",
        "", "## Limits", "", *[f"- {text}" for text in results.meta.get("limits", [])], "",
    ]  # fmt: skip
    return "\n".join(lines)


def _regions_text(results: Results) -> pd.DataFrame:
    case = results.case
    carrier = case.table("carriers").set_index("carrier")["name"]
    return pd.DataFrame(
        [
            {
                "region": row.region, "carrier": carrier[row.carrier], "without measures": amount(case, row.carrier, row.unserved_without),
                "with": amount(case, row.carrier, row.unserved_with), "level without": row.level_without, "level with": row.level_with,
            }
            for row in results["regions"].itertuples()
        ]
    )  # fmt: skip


def _table(frame: pd.DataFrame, none: str) -> list[str]:
    if frame.empty:
        return [none]
    cells = [[str(v).replace("|", "/") for v in row] for row in frame.to_numpy()]
    head = [str(name) for name in frame.columns]
    return [
        "| " + " | ".join(head) + " |",
        "| " + " | ".join(["---"] * len(head)) + " |",
        *["| " + " | ".join(row) + " |" for row in cells],
    ]


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return Page(
        question(results),
        tuple(sentences(results)),
        tuple(key_numbers(results, words)),
        tuple(parts(results, words)),
        tuple(method(results)),
        tuple(results.meta.get("limits", [])),
    )


def document(results: Results, words: Words) -> str:
    """The document in Markdown."""
    return markdown(results)

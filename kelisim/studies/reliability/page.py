"""Page of the study of reliability: where and how much is short, what is out then, how sure that is, and on which rates it rests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.report.bars import bars
from kelisim.report.numbers import figure, human
from kelisim.report.page import KeyNumber, Page, Part, old_part, some
from kelisim.report.table import Cell, Column, Head, Row, View, frame_view, number_cell, text_column
from kelisim.report.theme import INK, new_figure, nothing
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.results.sentences import energy, rounded
from kelisim.studies.reliability.indices import ALL
from kelisim.studies.reliability.words import interval, said, share_words

MOST_BARS = 12
MOST_ROWS = 200
BAND = "rgba(43, 42, 38, 0.14)"


def question(results: Results) -> str:
    """What was asked."""
    return "How often, and by how much, do customers go short because links and plants fail, and how sure is that?"


def sentences(results: Results) -> list[str]:
    """The answer in words."""
    return said(results)


def key_numbers(results: Results, book: Words) -> list[KeyNumber]:
    """Three numbers of the first page."""
    total = results["carriers"].set_index("carrier").loc[ALL]
    hours = f"of {results.meta['hours']:,.0f} h; 95 % interval"
    short = results["regions"]
    short = int((short["events"] > 0).sum())
    return [
        KeyNumber(energy(float(total["eue"])) if total["events"] else "none seen", "expected unserved energy beyond the plan",
                  f"95 % interval {energy(float(total['eue_low']))} to {energy(float(total['eue_high']))}", bool(total["events"])),
        KeyNumber(f"{rounded(float(total['lole']))} h", "in which somebody somewhere is short",
                  f"{hours} {rounded(float(total['lole_low']))} to {rounded(float(total['lole_high']))} h", bool(total["events"])),
        KeyNumber(f"{short:,}", "regions and carriers that were short at all", f"of {len(results['regions']):,}", short > 0),
    ]  # fmt: skip


def parts(results: Results, book: Words) -> list[Part]:
    """What follows the first page."""
    regions = results["regions"]
    short = regions[regions["events"] > 0]
    found = [
        old_part("Regions at risk", "regions", (_bars(short, results, book),) if len(short) else (),
             some(_indices_view(short, book, results)), "No shortage was seen."),
        old_part("By carrier", "carriers", (), some(_carriers_view(results, book))),
        old_part("Customers at risk", "places", (), some(_places_view(results, book)), "Nobody."),
        old_part("What is out then", "drivers", (), some(_drivers_view(results, book)),
             "No element is out clearly more than usual."),
        old_part("How it settled", "convergence", (_settled(results),)),
        old_part("What can fail", "elements", (), some(_elements_view(results))),
    ]  # fmt: skip
    if "ranges" in results:
        found.insert(4, old_part("Capacities graded C", "ranges", (), some(_ranges_view(results))))
    return found


def _bars(short: pd.DataFrame, results: Results, book: Words) -> go.Figure:
    rows = short.sort_values("lole", ascending=False, kind="stable").head(MOST_BARS)
    names = [
        f"{row.name_}, {book.carrier_in_text(row.carrier)}: {interval(row.lole, row.lole_low, row.lole_high)} h"
        for row in rows.rename(columns={"name": "name_"}).itertuples()
    ]
    top = rows.iloc[0]
    title = (
        f"{top['name']} is short of {book.carrier_in_text(top['carrier'])} most often: "
        f"{rounded(float(top['lole']), 2)} of {results.meta['hours']:,.0f} hours"
    )
    marker = {"color": [book.colour(carrier) for carrier in rows["carrier"]]}
    axis = "expected hours short in the span; lines: 95 % interval"
    made = bars(title, names, rows["lole"].tolist(), [""] * len(rows), marker, axis)
    made.data[0].update(
        error_x={
            "type": "data", "array": (rows["lole_high"] - rows["lole"]).tolist(), "arrayminus": (rows["lole"] - rows["lole_low"]).tolist(),
            "color": INK, "thickness": 1.2, "width": 4,
        }
    )  # fmt: skip
    made.update_xaxes(range=[0, float(rows["lole_high"].max()) * 1.06])
    return made


def _range_cell(mean: float, low: float, high: float, of: float = 1.0) -> Cell:
    """A mean with its interval; sorted by the mean."""
    if np.isnan(low) or np.isnan(high):
        return number_cell(mean / of)
    return Cell(interval(mean / of, low / of, high / of), round(float(mean), 9))


def _measures(results: Results) -> list[Column]:
    by_path = bool(results.fields["sequential"])
    return [
        (Head("Short", "h, 95 % interval", True), lambda row: _range_cell(row["lole"], row["lole_low"], row["lole_high"])),
        (Head("Unserved", "GWh, 95 % interval", True), lambda row: _range_cell(row["eue"], row["eue_low"], row["eue_high"], 1e3)),
        (Head("Of the demand", "", True), lambda row: Cell(share_words(row["neue"]), round(float(row["neue"]), 12))),
        (Head(f"Worst 5 % of {'paths' if by_path else 'steps'}", "GWh each", True, True),
         lambda row: _range_cell(row["cvar"], row["cvar_low"], row["cvar_high"], 1e3)),
    ]  # fmt: skip


def _indices_view(short: pd.DataFrame, book: Words, results: Results) -> View | None:
    columns: list[Column] = [
        text_column("Region", lambda row: row["name"]),
        text_column("Country", lambda row: book.country(row["country"]), True),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        *_measures(results),
    ]
    return frame_view("Regions and carriers, beyond what is unserved with nothing out", short, columns)


def _carriers_view(results: Results, book: Words) -> View | None:
    columns: list[Column] = [
        text_column("Carrier", lambda row: "all" if row["carrier"] == ALL else book.carrier(row["carrier"])),
        *_measures(results),
        (Head("Unserved with nothing out", "GWh", True, True), lambda row: number_cell(row["planned"] / 1e3)),
    ]
    caption = (
        "Somebody anywhere short of a carrier; where none was seen, the interval is what may have been missed"
    )
    return frame_view(caption, results["carriers"], columns)


def _places_view(results: Results, book: Words) -> View | None:
    frame = results["places"]
    columns: list[Column] = [
        text_column("Place", lambda row: book.place(row["place"])),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        text_column("Customers", lambda row: human(row["customer_class"])),
        *_measures(results),
    ]
    more = f"; the first {MOST_ROWS} of {len(frame):,}" if len(frame) > MOST_ROWS else ""
    rule = results.meta["rules"]["place"]
    return frame_view(
        f"Customers by class, most first{more}; who goes short first follows the place rule {rule}",
        frame.head(MOST_ROWS),
        columns,
    )


def _drivers_view(results: Results, book: Words) -> View | None:
    frame = results["drivers"]
    names = results["regions"].drop_duplicates("region").set_index("region")["name"]
    columns: list[Column] = [
        text_column("Shortage of", lambda row: "all" if row["carrier"] == ALL else book.carrier(row["carrier"])),
        text_column("In", lambda row: str(names.get(row["region"], row["region"])) if row["region"] else "anywhere"),
        text_column("Element", lambda row: row["name"]),
        (Head("Of it out when short", "%, 95 % interval", True),
         lambda row: _range_cell(row["share_out"] * 100, row["share_out_low"] * 100, row["share_out_high"] * 100)),
        (Head("Out at any time", "%", True), lambda row: number_cell(row["usual"] * 100)),
    ]  # fmt: skip
    return frame_view(
        "What is out when energy is short, beside how much of it is out at any time", frame, columns
    )


def _settled(results: Results) -> go.Figure:
    """The estimate and its interval after each batch."""
    rows = results["convergence"]
    what = "paths" if results.fields["sequential"] else "states"
    last = rows.iloc[-1]
    if not (rows["eue"] > 0).any():
        return nothing(f"No shortage in {int(last['samples']):,} {what}")
    title = (
        f"After {int(last['samples']):,} {what} the unserved energy is known to {figure(1.96 * float(last['variation']) * 100, 2)} % "
        "either way"
    )
    made = new_figure(title, 300)
    x = rows["samples"].tolist()
    made.add_trace(
        go.Scatter(
            x=[*x, *x[::-1]], y=[v / 1e3 for v in [*rows["eue_high"], *rows["eue_low"][::-1]]], fill="toself", fillcolor=BAND,
            line={"width": 0}, hoverinfo="skip", name="95 % interval",
        )
    )  # fmt: skip
    made.add_trace(
        go.Scatter(
            x=x, y=(rows["eue"] / 1e3).round(6), mode="lines+markers", line={"color": INK}, name="expected unserved energy",
            hovertemplate="%{x:,}: %{y:.3g} GWh<extra></extra>",
        )
    )  # fmt: skip
    made.update_yaxes(title_text="unserved in the span, GWh", rangemode="tozero")
    made.update_xaxes(title_text=f"{what} drawn")
    made.update_layout(showlegend=True, margin={"b": 92})
    return made


def _elements_view(results: Results) -> View | None:
    frame = results["elements"]
    frame = frame.sort_values("outage_rate", ascending=False, kind="stable")
    columns: list[Column] = [
        text_column("Element", lambda row: row["name"]),
        (Head("Units", "", True), lambda row: Cell(str(row["units"]), int(row["units"]))),
        (Head("Failures of a unit", "per year", True), lambda row: number_cell(row["failures_per_year"])),
        (Head("Repair", "h", True), lambda row: number_cell(row["repair_hours"])),
        (Head("Out", "% of the time", True), lambda row: number_cell(row["outage_rate"] * 100)),
        text_column("Grade", lambda row: row["confidence"], True),
        text_column("Source", lambda row: row["source"], True),
    ]
    more = f"; the first {MOST_ROWS} of {len(frame):,}" if len(frame) > MOST_ROWS else ""
    return frame_view(
        f"Rates of failure and repair, most often out first{more}", frame.head(MOST_ROWS), columns
    )


def _ranges_view(results: Results) -> View | None:
    columns: list[Column] = [
        text_column("Rows graded C", lambda row: row["group"]),
        (Head("Rows", "", True, True), lambda row: Cell(str(row["rows"]), int(row["rows"]))),
        *[
            (Head(f"Unserved with them {words}", "GWh, standard error", True), _with_error(word))
            for word, words in (("low", "lower"), ("middle", "as written"), ("high", "higher"))
        ],
    ]
    spread = float(results.fields["capacity_spread"])
    return frame_view(
        f"Expected unserved energy with capacities {rounded(spread * 100, 2)} % lower and higher, the widest move first",
        results["ranges"],
        columns,
    )


def _with_error(word: str) -> Callable[[Row], Cell]:
    """Cells of EUE at one end of a range."""

    def cell(row: Row) -> Cell:
        mean, error = (float(row[f"eue_at_{word}{end}"]) / 1e3 for end in ("", "_error"))
        return Cell(f"{rounded(mean, 2)} \u00b1 {rounded(error, 1)}", round(mean, 9))

    return cell


def method(results: Results) -> list[str]:
    """What the numbers are."""
    asked = (
        "Paths of what is out are drawn over the span; the network is solved with all days and storages together for each path."
        if results.fields["sequential"]
        else "States of what is out are drawn for each step of the span; the network of the step is solved for each state that differs."
    )
    return [
        asked,
        "Hours short: expected number of hours in which less is served than with nothing out (LOLE). Unserved: expected energy (EUE). Worst "
        "5 %: mean of the worst twentieth of outcomes (CVaR). Intervals are those of sampling, 95 %.",
        "Elements fail independently, at rates of the case or general ones by kind; plants of several units fail unit by unit.",
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

"""Page of fuels: days of cover of each region, who goes short under the stress, what more trains, trucks and wagons bring."""

from __future__ import annotations

import pandas as pd

from kelisim.report.axis import along
from kelisim.report.bars import bars
from kelisim.report.figure import Figure, nothing
from kelisim.report.let_go import outage_parts
from kelisim.report.numbers import figure
from kelisim.report.outage_charts import short_bars
from kelisim.report.page import KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import records, view
from kelisim.report.theme import line_looks
from kelisim.report.words import Words
from kelisim.results.facts import said
from kelisim.results.results import Results
from kelisim.studies.fuel.relief import increase_of, served_of
from kelisim.studies.helping import help_parts
from kelisim.studies.interval import interval_parts
from kelisim.tolerances import SMALL_ENERGY

MOST_BARS = 14
MOST_LINES = 5
# columns of the tables
COVER = (
    *("region:region", "carrier:carrier_name", "use_day:amount carrier", "stock:amount carrier"),
    *(
        "cover_days:number",
        "-norm_days:number",
        "-reserve:amount carrier",
        "rail_share:share",
        "across_share:share",
    ),
    "-protected_share:share",
)
SHORT = (
    *("region:region", "carrier:carrier_name", "customer_class:customers", "unserved:amount carrier"),
    *("unserved_rate:bar", "first_short:moment carrier", "-days_served:number"),
)
STRESS = ("element:element", "-unit", "before:number", "left:number", "used_plan:number", "used:number")
RELIEF = ("increase:say", "element:element", "saved:millions", "saved_by_price:millions", "serves:joined")


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return made_page(results, words, _parts(results, words), _key_numbers(results, words))


def _stocked(results: Results) -> pd.DataFrame:
    """Regions and fuels with stocks, the least covered first."""
    cover = results["cover"]
    return cover[cover["stock"] > SMALL_ENERGY].sort_values("cover_days", kind="stable")


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    short, stocked, relief = results["short"], _stocked(results), _relief(results)
    fuel = short[short["is_fuel"]]
    energy, count = float(fuel["unserved"].sum()), len(fuel)
    key = f"fuel.numbers.{'short' if count else 'none_short'}"
    found = [key_number(words, key, count > 0, energy=energy, count=count)]
    if len(stocked):
        found.append(key_number(words, "fuel.numbers.least", **records(stocked)[0]))
    if len(relief):
        return [*found, key_number(words, "fuel.numbers.relief", **records(relief)[0])]
    return [*found, key_number(words, "fuel.numbers.no_relief", saved=0.0)]


def _parts(results: Results, words: Words) -> list[Part]:
    cover, relief = results["cover"], _relief(results)
    short = results["short"].assign(more=lambda f: f["unserved"], share=lambda f: f["unserved_rate"])
    stocked = _stocked(results)
    cover = pd.concat([stocked, cover.drop(stocked.index)])
    shown = {
        "cover": view(words, cover, "fuel.cover", *COVER),
        "short": view(words, short, "fuel.short", *SHORT),
        "stress": view(words, results["stress"], "fuel.stress", *STRESS, told=False),
        "relief": view(words, relief, "fuel.relief", *RELIEF),
    }
    lacking = short_bars(words, short, "fuel.short", MOST_BARS) if len(short) else None
    return [
        part(words, "fuel.cover", _cover_bars(stocked, words), shown["cover"]),
        part(words, "fuel.short", lacking, shown["short"]),
        part(words, "fuel.stocks", _stocks(results, words)),
        part(words, "fuel.stress", shown["stress"]),
        part(words, "fuel.relief", _relief_bars(relief, words) if len(relief) else None, shown["relief"]),
        *interval_parts(results, words),
        *help_parts(results, words),
        *outage_parts(results, words),
    ]


def _cover_bars(stocked: pd.DataFrame, words: Words) -> Figure:
    rows = records(stocked.head(MOST_BARS))
    if not rows:
        return nothing(words.text("fuel.cover.title_none"))
    days = [row["cover_days"] for row in rows]
    colours = [words.colour(row["carrier"]) for row in rows]
    names = [words.text("fuel.cover.bar", **row) for row in rows]
    title, axis = words.text("fuel.cover.title", **rows[0]), words.text("fuel.cover.axis")
    return bars(title, names, days, [figure(value, 2) for value in days], colours, axis)


def _stocks(results: Results, words: Words) -> Figure:
    """Stocks of each fuel in the regions shown, as a share of what is there by the plan at the start."""
    rows = results["levels"].groupby(["carrier", "step"], sort=False)[["level", "level_base"]].sum()
    rows = rows.reset_index()
    first = rows.groupby("carrier")["level_base"].first()
    lost = rows.assign(lost=rows["level_base"] - rows["level"]).groupby("carrier")["lost"].max()
    ordered = lost.sort_values(ascending=False, kind="stable").index
    chosen = [carrier for carrier in ordered if first[carrier] > SMALL_ENERGY][:MOST_LINES]
    if not chosen:
        return nothing(words.text("fuel.stocks.title_none"))
    made = (
        Figure(words.text("fuel.stocks.title")).across(kind="time").up(words.text("fuel.stocks.axis"), low=0)
    )
    for carrier, (colour, dash) in zip(chosen, line_looks(words.colour(chosen[0]), len(chosen)), strict=True):
        own = rows[rows["carrier"] == carrier].set_index("step")[["level", "level_base"]]
        axis = along(words, own)
        for name, width in (("level", 2.5), ("level_base", 1.0)):
            share = (own[name][axis.index] / first[carrier] * 100).round(2)
            look = {"width": width, "tells": "{x}: {y} %", "said": axis.get("when")}
            made.line(
                words.text(f"fuel.stocks.{name}", carrier=carrier),
                axis["begins"],
                share,
                colour,
                dash,
                **look,
            )
    return made


def _relief(results: Results) -> pd.DataFrame:
    """The increases with what they are, and what they serve more, as parts of sentences."""
    frame = results["relief"]
    rows = records(frame)
    nothing_more = [said("fuel.serves_nothing")]
    serves = [served_of(results.tables, row) or nothing_more for row in rows]
    return frame.assign(increase=[*map(increase_of, rows)], serves=serves)


def _relief_bars(relief: pd.DataFrame, words: Words) -> Figure:
    rows = records(relief)
    names = [words.text("fuel.relief.bar", **row) for row in rows]
    saved = [row["saved"] / 1e6 for row in rows]
    title, axis = words.text("fuel.relief.title", **rows[0]), words.text("fuel.relief.axis")
    return bars(title, names, saved, [figure(value) for value in saved], "#7d7a72", axis)

"""Page of the study of reliability: where and how much is short, what is out then, how sure that is, and on which rates it rests."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from kelisim.report.bars import bars
from kelisim.report.figure import Figure, nothing
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import View, records, view
from kelisim.report.theme import INK
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.reliability.indices import ALL

MOST_BARS = 12
MEASURES = "lole:interval lole_low lole_high, eue:interval eue_low eue_high 1e3, neue:small_share"
ELEMENTS = "first:element, units:count, failures_per_year:number, repair_hours:number, outage_rate:percent"


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    mode = "paths" if results.fields["sequential"] else "states"
    method = (words.text(f"reliability.method_{mode}"), *words.lines("reliability.method"))
    limits = (*words.lines("reliability.limits"), *words.lines(f"reliability.limits_{mode}"))
    parts, numbers = _parts(results, words, mode), _key_numbers(results, words)
    return made_page(results, words, parts, numbers, method=method, limits=limits)


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    total = results["carriers"].set_index("carrier").loc[ALL].to_dict()
    regions = results["regions"]
    places = total | {"hours": facts_of(results["facts"])["hours"].value, "regions": len(regions)}
    places["short"] = int((regions["events"] > 0).sum())
    seen = bool(total["events"])

    number = partial(key_number, words)
    return [
        number(f"reliability.numbers.unserved{'' if seen else '_none'}", seen, **places),
        number("reliability.numbers.hours", seen, **places),
        number("reliability.numbers.regions", places["short"] > 0, **places),
    ]


def _parts(results: Results, words: Words, mode: str) -> list[Part]:
    regions, carrier = results["regions"], "carrier:carrier_name"
    home = str(words.case.setting("defaults", "home"))
    short = regions[regions["events"] > 0]
    indices = f"{MEASURES}, -cvar_{mode}:interval cvar_low cvar_high 1e3"

    def table(key: str, frame: pd.DataFrame, columns: str, **more: Any) -> View | None:
        """Groups with their indices; the worst steps or paths have a head of their own."""
        return _long(words, key, frame.rename(columns={"cvar": f"cvar_{mode}"}), columns, **more)

    by_region = table("regions", short, f"region:region, -country:country, {carrier}, {indices}")
    by_carrier = table("carriers", results["carriers"], f"{carrier}, {indices}, -planned:thousands")
    columns = f"place:place, {carrier}, customer_class:customers, {indices}"
    rule = results.meta["rules"]["place"]
    by_place = table("places", results["places"], columns, told=False, rule=rule)
    columns = f"{carrier}, region:region, first:element, share_out:interval share_out_low share_out_high 0.01"
    drivers = view(words, results["drivers"], "reliability.drivers", columns, "usual:percent")
    elements = results["elements"].sort_values("outage_rate", ascending=False, kind="stable")
    steps = results["convergence"]
    mine = short[short["country"] == home] if (short["country"] == home).any() else short
    return [
        part(words, "reliability.zones", _zones(results, words)),
        part(words, "reliability.regions", _bars(mine, results, words) if len(mine) else None, by_region),
        part(words, "reliability.carriers", by_carrier),
        part(words, "reliability.places", by_place),
        part(words, "reliability.drivers", drivers),
        *([_ranges(results, words)] if "ranges" in results else []),
        part(words, "reliability.convergence", _settled(steps, words, mode), _steps(steps, words, mode)),
        part(
            words,
            "reliability.elements",
            _long(words, "elements", elements, ELEMENTS, "-confidence, -source"),
        ),
    ]


def _zones(results: Results, words: Words) -> View | None:
    """Power zones in their highest hour."""
    frame = results["zones"]
    frame["where"] = [str(row["name"] or words.region(row["zone"])) for row in frame.to_dict("records")]
    columns = (
        "-country:country, where, hour:minute, load:number, capacity:number, comes_in:number, margin:number"
    )
    more = "-largest:number, margin_without:number, probability:small_share, -shortfall:number, -room:number, probability_with_room:small_share"
    return view(words, frame, "reliability.zones", columns, more, unit="MW")


def _ranges(results: Results, words: Words) -> Part:
    """Energy short with the capacities of each group lower, as written and higher."""
    levels = (f"eue_at_{word}:error eue_at_{word}_error 1e3" for word in ("low", "middle", "high"))
    key, spread = "reliability.ranges", results.fields["capacity_spread"] * 100
    table = view(words, results["ranges"], key, "group:text, -rows:count", *levels, told=False, spread=spread)
    return part(words, key, table)


def _long(words: Words, key: str, frame: pd.DataFrame, *columns: str, **more: Any) -> View | None:
    """A table that may have more rows than a page shows; its caption then says how many there are."""
    place = {"most": MOST_ROWS, "rows": len(frame)}
    cut = words.text("reliability.first_rows", **place) if len(frame) > MOST_ROWS else ""
    return view(words, frame, f"reliability.{key}", *columns, most=MOST_ROWS, cut=cut, **more)


def _bars(short: pd.DataFrame, results: Results, words: Words) -> Figure:
    rows = short.sort_values("lole", ascending=False, kind="stable").head(MOST_BARS)
    hours = facts_of(results["facts"])["hours"].value
    named = records(rows)
    title = words.text("reliability.regions.bars", **named[0], hours=hours)
    names = [words.text("reliability.regions.bar", **row) for row in named]
    colours = [words.colour(carrier) for carrier in rows["carrier"]]
    axis = words.text("reliability.regions.axis")
    made = bars(title, names, rows["lole"].tolist(), [""] * len(rows), colours, axis)
    ends = enumerate(zip(rows["lole_low"], rows["lole_high"], strict=True))
    return made.spans("", [(at, low, high) for at, (low, high) in ends], INK, 1.4)


def _settled(rows: pd.DataFrame, words: Words, mode: str) -> Figure:
    """The estimate and its interval after each batch."""

    def text(key: str, **places: Any) -> str:
        return words.text(f"reliability.convergence.{key}", **places)

    last = rows.iloc[-1]
    places = {"samples": last["samples"], "reach": 1.96 * last["variation"] * 100}
    if not (rows["eue"] > 0).any():
        return nothing(text(f"none_{mode}", **places))
    made = Figure(text(f"title_{mode}", **places), 300).across(text(f"axis_{mode}")).up(text("axis"), low=0)
    x, gwh = rows["samples"], rows[["eue", "eue_low", "eue_high"]] / 1e3
    made.band(text("band"), x, gwh["eue_low"], gwh["eue_high"])
    return made.line(
        text("line"), x, gwh["eue"], INK, has_dots=True, tells=f"{{x}}: {{y}} {words.unit_word('GWh')}"
    )


def _steps(rows: pd.DataFrame, words: Words, mode: str) -> View | None:
    """The same as a table; none for a single batch."""
    columns = f"{mode}:count, eue:interval eue_low eue_high 1e3, variation:percent, short:count"
    rows = rows.rename(columns={"samples": mode})
    return view(words, rows, "reliability.convergence", columns) if len(rows) > 1 else None

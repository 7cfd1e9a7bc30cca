"""Page of firm transit: what crosses, what it costs, what limits it, by which way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kelisim import catalog
from kelisim.report.drawing import Map
from kelisim.report.figure import Figure
from kelisim.report.page import KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.route_map import Carried, route_map
from kelisim.report.scene import NEARLY_FULL
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.facts import said
from kelisim.results.results import Results

LEAST = 12  # days of the table, those that let least through


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    ends = {key: results.fields[key] for key in ("carrier", "from_place", "to_place")}
    drawn = _map(results, words)
    units = {"unit_name": str(results["stack"]["unit"].iloc[0]) if len(results["stack"]) else ""}
    return made_page(
        results,
        words,
        _parts(results, words),
        _key_numbers(results, words),
        ends,
        map=drawn,
        map_title=words.text("transit.map" if drawn else "transit.no_map", **units),
    )


def _map(results: Results, words: Words) -> Map | None:
    """The links of the largest transit, with the tariffs up to each place of the cheapest way."""
    if "links" not in results or results["links"].empty or not len(results.case.table("places")):
        return None
    rows, stack = results["links"], results["stack"]
    carried = {
        row.link: Carried(row.native, row.others, row.capacity) for row in rows.itertuples(index=False)
    }
    first = stack[stack["rank"] == 1]
    paid = dict(zip(first["place"], first["paid"], strict=True))
    price = str(stack["unit"].iloc[0]) if len(stack) else ""
    full = sum(one.stream + one.others > NEARLY_FULL * one.capacity for one in carried.values())
    title = words.text("transit.map_line", full=full, count=len(carried))
    carrier = str(results.fields["carrier"])
    return route_map(words, carrier, title, carried, str(rows["unit"].iloc[0]), paid, price)


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    found = [
        key_number(words, f"transit.numbers.{name}", native=row["native"], of=row["unit"], moment=day)
        for name, row, day in _volumes_of(results)
        if np.isfinite(row["volume"])
    ]
    if "losses" in results and len(results["losses"]):
        row = results["losses"].iloc[0]
        found.append(
            key_number(
                words, "transit.numbers.after_loss", native=row["native"], of=row["unit"], lost=row["link"]
            )
        )
    return found


def _volumes_of(results: Results) -> list[tuple[str, pd.Series, object]]:
    """Key of each volume that leads the page, its row, and its day."""
    firm = results["firm"].set_index("period")
    if "days" in results:
        rows = results["days"]
        row = rows.loc[rows["volume"].idxmin()]
        return [("each_day", row, row["day"])]
    day = results.fields.get("day")
    if "year" not in firm.index:
        return [("on_day", firm.loc["day"], day)]
    kind = "month" if results.case.horizon.step == "1mo" else "day"
    return [("year", firm.loc["year"], day), (kind, firm.loc["day"], day)]


def _parts(results: Results, words: Words) -> list[Part]:
    return [*_volumes(results, words), *_limits(results, words), *_ways(results, words)]


def _table(words: Words, frame: pd.DataFrame, name: str, *columns: str, unit: str = "unit") -> Part:
    """A part of one table; the heads of its columns bear the unit of its rows, which is one.

    unit  column with the unit
    """
    of = str(frame[unit].iloc[0]) if unit in frame and len(frame) else ""
    price = str(frame["price_unit"].iloc[0]) if "price_unit" in frame and len(frame) else of
    return part(words, f"transit.{name}", view(words, frame, f"transit.{name}", *columns, of=of, price=price))


def _volumes(results: Results, words: Words) -> list[Part]:
    """Largest volumes, the line of cost, and what was asked for."""
    firm = _timed(results, results["firm"])
    firm = firm.assign(native=firm["native"].where(np.isfinite(firm["native"])))
    parts = [_table(words, firm, "firm", "period:code transit.period", "native:number", "-hours:number")]
    if "curve" in results:
        frame = results["curve"]
        columns = ["native:number", "cost:millions", "marginal_native:number"]
        units: dict[str, Any] = {"of": str(frame["unit"].iloc[0]), "price": str(frame["price_unit"].iloc[0])}
        shown = view(words, frame, "transit.curve", *columns, **units)
        parts.append(
            part(words, "transit.curve", _steps(frame, words, str(results.fields["carrier"])), shown)
        )
    if "days" in results:
        parts.insert(1, _days(results, words))
    if "volumes" in results:
        parts.append(
            _table(words, results["volumes"], "volumes", "native:number", "fits:yes", "cost:millions")
        )
    if "volumes.displaced" in results:
        columns = ["at:number", "element!u:element", "-carrier:carrier_name", "native:told unit"]
        parts.append(_table(words, results["volumes.displaced"], "volumes.displaced", *columns, unit="of"))
    return parts


def _days(results: Results, words: Words) -> Part:
    """The line of the days, and the days that let least through."""
    rows = results["days"]
    finite = rows.assign(native=rows["native"].where(np.isfinite(rows["native"])))
    made = (
        Figure(words.text("transit.days.figure"), 280)
        .across(kind="time")
        .up(str(rows["unit"].iloc[0]), low=0)
    )
    colour = words.colour(str(results.fields["carrier"]))
    made.line("", finite["day"], finite["native"], colour, step="after")
    least = finite.sort_values(["native", "day"]).head(LEAST)
    columns = ["day:moment", "native:number", "element!u:element"]
    shown = view(words, least, "transit.days", *columns, of=str(rows["unit"].iloc[0]))
    return part(words, "transit.days", made, shown)


def _timed(results: Results, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose day is called a month where steps are months."""
    is_month = results.case.horizon.step == "1mo"
    return rows.assign(period=rows["period"].replace("day", "month")) if is_month else rows


def _limits(results: Results, words: Words) -> list[Part]:
    """What holds the largest volume, what carries it, what is left after a loss, and what gives way."""
    limits = _timed(results, results["limits"])
    limits = limits.assign(block=[_kind(block) for block in limits["block"]])
    limits = limits[~limits["block"].isin(("window", "other"))].groupby("period", sort=False).head(5)
    columns = ["period:code transit.period", "element!u:element", "-block:code transit.block", "gain:number"]
    parts = [_table(words, limits, "bottlenecks", *columns)]
    if "links" in results:
        columns = ["link:link", "native:number", "others:number", "capacity:number"]
        parts.append(_table(words, results["links"], "links", *columns))
    if "losses" in results:
        parts.append(_table(words, results["losses"], "losses", "link:link", "native:number", "share:share"))
    if "displaced" in results:
        columns = ["element!u:element", "-carrier:carrier_name", "native:told unit"]
        parts.append(_table(words, results["displaced"].head(20), "displaced", *columns))
    return parts


def _ways(results: Results, words: Words) -> list[Part]:
    """The cheapest ways and their tariffs by country."""
    ways = results["ways"]
    ways = ways.assign(
        way=[[said("transit.at", place=place) for place in way.split(" > ")] for way in ways["way"]]
    )
    columns = [
        "rank:count",
        "way:commas",
        "-native:number",
        "-days:number",
        "tariff_native:number",
        "-loss:share",
    ]
    if ways["netback"].notna().any():
        columns.append("netback_native:number")
    tariffs = ["rank:count", "country:country", "native:number"]
    by_country = _table(words, results["tariffs"], "tariffs", *tariffs)
    return [_table(words, ways, "ways", *columns), _stack(results, words), by_country]


def _stack(results: Results, words: Words) -> Part:
    """What each link of the cheapest way adds."""
    rows = results["stack"]
    rows = rows[rows["rank"] == 1]
    countries = [words.country_of(place) for place in rows["place"]]
    rows = rows.assign(country=countries, price_unit=rows["unit"])
    names = [words.link(link) if link else "" for link in rows["link"]]
    columns = ["place:place", "-country:country", "-by", "native:number", "paid:number"]
    return _table(words, rows.assign(by=names), "stack", *columns)


def _steps(frame: pd.DataFrame, words: Words, carrier: str) -> Figure | None:
    """Cost of one more unit by volume, as steps."""
    if len(frame) < 2:
        return None
    marginal = frame["marginal_native"].to_numpy()
    made = Figure(words.text("transit.curve.figure"), 320)
    made.across(str(frame["unit"].iloc[0])).up(str(frame["price_unit"].iloc[0]))
    rising = np.append(marginal[1:], marginal[-1])
    return made.line("", frame["native"], rising, words.colour(carrier), step="after")


def _kind(block: str) -> str:
    """Key of the kind of a limit by the block of the problem in which it stands."""
    kind = block.partition(".")[0]
    return kind if catalog.has(f"transit.block_{kind}") else "other"

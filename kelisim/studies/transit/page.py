"""Page of firm transit: what crosses, what it costs, what limits it, by which way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim import catalog
from kelisim.report.page import KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.theme import new_figure
from kelisim.report.words import Words
from kelisim.results.facts import said
from kelisim.results.results import Results


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    ends = {key: results.fields[key] for key in ("carrier", "from_place", "to_place")}
    return made_page(results, words, _parts(results, words), _key_numbers(results, words), ends)


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    firm = results["firm"].set_index("period")
    found = []
    for period in ("year", "day"):
        row = firm.loc[period]
        if np.isfinite(row["volume"]):
            found.append(key_number(words, f"transit.numbers.{period}", native=row["native"], of=row["unit"]))
    if "losses" in results and len(results["losses"]):
        row = results["losses"].iloc[0]
        found.append(
            key_number(
                words, "transit.numbers.after_loss", native=row["native"], of=row["unit"], lost=row["link"]
            )
        )
    return found


def _parts(results: Results, words: Words) -> list[Part]:
    return [*_volumes(results, words), *_limits(results, words), *_ways(results, words)]


def _table(words: Words, frame: pd.DataFrame, name: str, *columns: str) -> Part:
    return part(words, f"transit.{name}", view(words, frame, f"transit.{name}", *columns))


def _volumes(results: Results, words: Words) -> list[Part]:
    """Largest volumes, the line of cost, and what was asked for."""
    firm = results["firm"]
    firm = firm.assign(native=firm["native"].where(np.isfinite(firm["native"])))
    parts = [
        _table(words, firm, "firm", "period:code transit.period", "native:number", "unit", "-hours:number")
    ]
    if "curve" in results:
        frame = results["curve"]
        columns = ["native:number", "unit", "cost:millions", "marginal_native:number", "price_unit"]
        shown = view(words, frame, "transit.curve", *columns)
        parts.append(
            part(words, "transit.curve", _steps(frame, words, str(results.fields["carrier"])), shown)
        )
    if "volumes" in results:
        parts.append(
            _table(words, results["volumes"], "volumes", "native:number", "unit", "fits:yes", "cost:millions")
        )
    return parts


def _limits(results: Results, words: Words) -> list[Part]:
    """What holds the largest volume, what carries it, what is left after a loss, and what gives way."""
    limits = results["limits"]
    limits = limits.assign(block=[_kind(block) for block in limits["block"]])
    limits = limits[~limits["block"].isin(("window", "other"))].groupby("period", sort=False).head(5)
    columns = ["period:code transit.period", "element:element", "block:code transit.block", "gain:number"]
    parts = [_table(words, limits, "bottlenecks", *columns)]
    if "links" in results:
        columns = ["link:link", "native:number", "others:number", "capacity:number", "unit"]
        parts.append(_table(words, results["links"], "links", *columns))
    if "losses" in results:
        parts.append(
            _table(words, results["losses"], "losses", "link:link", "native:number", "unit", "share:share")
        )
    if "displaced" in results:
        columns = ["element:element", "carrier:carrier_name", "native:number", "unit"]
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
        "native:number",
        "unit",
        "-days:number",
        "tariff_native:number",
        "-loss:share",
    ]
    if ways["netback"].notna().any():
        columns.append("netback_native:number")
    tariffs = ["rank:count", "country:country", "native:number", "unit"]
    return [
        _table(words, ways, "ways", *columns, "price_unit"),
        _table(words, results["tariffs"], "tariffs", *tariffs),
    ]


def _steps(frame: pd.DataFrame, words: Words, carrier: str) -> go.Figure | None:
    """Cost of one more unit by volume, as steps."""
    if len(frame) < 2:
        return None
    marginal = frame["marginal_native"].to_numpy()
    made = new_figure(words.text("transit.curve.figure"), 320)
    colour = words.colour(carrier)
    rising = np.append(marginal[1:], marginal[-1])
    made.add_scatter(
        x=frame["native"], y=rising, mode="lines", line={"shape": "hv", "color": colour}, showlegend=False
    )
    made.update_xaxes(title=frame["unit"].iloc[0]).update_yaxes(title=frame["price_unit"].iloc[0])
    return made


def _kind(block: str) -> str:
    """Key of the kind of a limit by the block of the problem in which it stands."""
    kind = block.partition(".")[0]
    return kind if catalog.has(f"transit.block_{kind}") else "other"

"""Charts of balances and shares: where energy comes from, where it goes, whose it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.figure import Figure, nothing
from kelisim.report.flows import year_flows
from kelisim.report.numbers import figure, first_lower, text_of
from kelisim.report.theme import RED, over, shade
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.tolerances import DRAWN_SHARE

# item of a balance, named in [columns]: shade of the carrier's colour (0 is grey), hatching
COMES = {"made": (1.0, ""), "bought": (0.7, "/"), "imported": (0.4, ""), "unstored": (0.25, ".")}
GOES = {"used": (1.0, ""), "taken_in": (0.7, "\\"), "exported": (0.4, ""), "sold": (0.55, "/")}
GOES |= {"stored": (0.25, "."), "lost": (0.0, ""), "curtailed": (0.0, "x")}


def balance_table(results: Results, words: Words, carrier: str | None = None) -> pd.DataFrame:
    """Balance by country of one carrier in its display unit, or of the whole case by carrier in TWh.

    returns  index country or carrier; those of carriers.balance, storage split into stored and unstored
    """
    rows = results["carriers.balance"]
    numbers = [column for column in rows.columns if column not in ("country", "carrier")]
    if carrier is None:
        table = rows.groupby("carrier", sort=False)[numbers].sum() * 1e-6
        # imports and exports between the countries of the case are neither made nor used
        table[["imported", "exported"]] = 0.0
    else:
        mine = rows[(rows["carrier"] == carrier).to_numpy(dtype=bool)]
        table = mine.set_index("country")[numbers] * words.unit(carrier)[1]
    net = table["stored"].to_numpy(dtype=float)
    table = table.assign(stored=np.maximum(net, 0.0), unstored=np.maximum(-net, 0.0))
    comes = table[list(COMES)].to_numpy(dtype=float).sum(axis=1) + table["unserved"].to_numpy(dtype=float)
    table = table.assign(size=np.maximum(comes, table[list(GOES)].to_numpy(dtype=float).sum(axis=1)))
    return table[table["size"] > 1e-9].sort_values("size", ascending=False, kind="stable")


def balance(results: Results, words: Words, carrier: str | None = None, most: int = 8) -> Figure:
    """Where a carrier comes from and goes, country by country; all carriers in TWh if none is given."""
    return balance_figure(words, balance_table(results, words, carrier), carrier, most)


def balance_figure(words: Words, table: pd.DataFrame, carrier: str | None = None, most: int = 8) -> Figure:
    """The bars of a table made by balance_table."""
    unit = "TWh" if carrier is None else words.unit(carrier)[0]
    if table.empty:
        key = f"charts.balance.none{'_of' if carrier else ''}"
        return nothing(words.text(key, carrier=carrier))
    table = table.head(most)
    names = [words.carrier(key) if carrier is None else words.country(key) for key in table.index]
    title = _balance_title(words, table, carrier, unit)
    made = Figure(title, 138 + 52 * len(table))
    height = float(table["size"].max())
    made.across(words.text("charts.balance.axis", of=unit), low=0).up(names=names)
    hues = [words.colour(key if carrier is None else carrier) for key in table.index]
    segments = [
        (key, stack, *look)
        for stack, items in (("comes", COMES), ("goes", GOES))
        for key, look in items.items()
    ]
    for key, stack, strength, hatch in [*segments, ("unserved", "goes", 1.0, "x")]:
        values = table[key].to_numpy(dtype=float)
        least = 1e-6 if key == "unserved" else DRAWN_SHARE
        if values.max() > least * height:
            colours = [RED if key == "unserved" else shade(hue, strength) for hue in hues]
            name = first_lower(words.text(f"columns.{key}"))
            drawn = np.where(values > DRAWN_SHARE * height, values, 0.0)
            said = [f"{one}: {name} {figure(value)} {unit}" for one, value in zip(names, values, strict=True)]
            look: dict[str, Any] = {"inks": [over(colour) for colour in colours], "said": said, "width": 19}
            look["sample"] = (
                RED if key == "unserved" else shade("#4a4842" if carrier is None else hues[0], strength)
            )
            look |= {
                "hatches": [hatch] * len(table),
                "texts": [_inscription(name, value, height) for value in values],
            }
            made.bars(name, drawn, colours, stack=stack, **look)
    return made


def _inscription(name: str, value: float, height: float) -> str:
    """What stands in a part of a bar, as far as there is room."""
    return (
        f"{name} {figure(value)}" if value > 0.3 * height else figure(value) if value > 0.07 * height else ""
    )


def _balance_title(words: Words, table: pd.DataFrame, carrier: str | None, unit: str) -> str:
    if carrier is None:
        return words.text("charts.balance.largest", carrier=table.index[0], size=table["size"].iloc[0])
    short = table[table["unserved"] > 1e-6 * table["size"]]
    places: dict[str, Any] = {"carrier": carrier, "of": unit}
    if len(short):
        worst = short["unserved"].idxmax()
        return words.text("charts.balance.short", country=worst, size=short["unserved"].max(), **places)
    users = table[table["used"] + table["taken_in"] > 1e-3 * table["size"].max()]
    users = users if len(users) else table
    inward = users["net_import"]
    if inward.max() > 0.01 * table["size"].max():
        return words.text("charts.balance.takes", country=inward.idxmax(), size=inward.max(), **places)
    return words.text(
        "charts.balance.makes", country=table["made"].idxmax(), size=table["made"].max(), **places
    )


def sankey(results: Results, words: Words) -> Figure:
    """From sources through carriers and plants to uses, the whole case in TWh (gross)."""
    flows = year_flows(results, words)
    if flows.empty:
        return nothing(words.text("charts.year.none"))
    flows = _without_dust(words, flows)
    nodes = list(dict.fromkeys([*flows["source"], *flows["target"]]))
    colour = {name: words.family_colour(name[1]) if name[0] == "carrier" else "#a8a49a" for name in nodes}
    into, out = (flows.groupby(side)["energy"].sum() for side in ("target", "source"))
    size = {name: max(float(into.get(name, 0.0)), float(out.get(name, 0.0))) for name in nodes}
    feeds = set(flows["source"])
    keys = {node: "|".join(map(str, node)) for node in nodes}
    shown = []
    for node in nodes:
        text = f"{node[2]} {figure(size[node])}"
        shown.append(
            {
                "name": keys[node],
                "text": text,
                "said": f"{text} {words.unit_word('TWh')}",
                "colour": colour[node],
                "is_last": node not in feeds,
            }
        )
    links = []
    for row in flows.to_dict("records"):
        start, end = row["source"], row["target"]
        said = words.text("charts.year.hover", start=start[2], end=end[2], energy=row["energy"])
        hue = words.family_colour(row["family"])
        link = {"source": keys[start], "target": keys[end], "value": round(row["energy"], 4)}
        links.append(link | {"colour": hue, "said": said})
    return Figure(words.text("charts.year.title", total=_entering(flows)), 620, is_wide=True).sankey(
        shown, links
    )


def _entering(flows: pd.DataFrame) -> float:
    return float(flows.loc[flows["source"].map(lambda node: node[0] == "source"), "energy"].sum())


def _without_dust(words: Words, flows: pd.DataFrame) -> pd.DataFrame:
    """Flows of at least 0.1 % of the whole; uses of less than 1 % of it are shown together."""
    total = _entering(flows)
    size = flows.groupby("target")["energy"].sum()
    small = {
        node
        for node, amount in zip(size.index, size, strict=True)
        if node[0] == "sink" and amount < 0.01 * total
    }
    if len(small) > 1:
        other = ("sink", "other_uses", words.text("charts.year.other_uses"))
        target = pd.Series([other if node in small else node for node in flows["target"]], index=flows.index)
        keys = ["source", "target", "family"]
        flows = flows.assign(target=target).groupby(keys, as_index=False, sort=False)[["energy"]].sum()
    return flows[flows["energy"] > 1e-3 * total]


def mix_shares(results: Results) -> pd.DataFrame:
    """Supply mix by place, carrier and country of origin: energy (MWh) and share, the largest share first."""
    rows = results["mix"]
    if rows.empty:
        return pd.DataFrame(columns=["place", "carrier", "origin_country", "energy", "share"])
    rows = rows.assign(
        place=rows["place"].astype(str),
        carrier=rows["carrier"].astype(str),
        origin_country=rows["origin_country"].map(text_of),
    )
    found = rows.groupby(["place", "carrier", "origin_country"], as_index=False, sort=False)[
        ["energy", "share"]
    ].sum()
    return found.sort_values(
        ["place", "carrier", "energy"], ascending=[True, True, False], kind="stable", ignore_index=True
    )


def mix(
    results: Results, words: Words, place: str | None = None, carrier: str | None = None, most: int = 10
) -> Figure:
    """Whose energy is used: the carriers of one place, or one carrier at the places that use most of it."""
    rows = mix_shares(results)
    if rows.empty:
        return nothing(words.text("charts.mix.none"))
    if place is None and carrier is None:
        place = _telling_place(results, words, rows)
    mine = rows[rows["place"] == place] if place is not None else rows[rows["carrier"] == carrier]
    if place is not None and carrier is not None:
        mine = mine[mine["carrier"] == carrier]
    if mine.empty:
        return nothing(words.text("charts.mix.unused"))
    side = "carrier" if place is not None else "place"
    order = list(mine.groupby(side)["energy"].sum().sort_values(ascending=False).head(most).index)
    mine = mine[mine[side].isin(order)]
    names = [words.carrier(key) if side == "carrier" else words.short_place(key) for key in order]
    hues = [words.colour(key if side == "carrier" else carrier) for key in order]
    made = Figure(_mix_title(words, mine, place, carrier), 150 + 34 * len(order))
    made.across(words.text("charts.mix.axis"), low=0, high=100).up(names=names)
    origins = list(mine.groupby("origin_country")["energy"].sum().sort_values(ascending=False).index)
    for rank, origin in enumerate(origins):
        own = mine[mine["origin_country"] == origin]
        part = own.set_index(side)["share"].reindex(order).fillna(0.0) * 100
        colours = [shade(hue, max(1.0 - 0.22 * rank, 0.15)) for hue in hues]
        _origin(made, words.country(origin), part, names, colours, "/" if rank % 2 else "")
    return made


def _origin(
    made: Figure, country: str, part: pd.Series, names: list[str], colours: list[str], hatch: str
) -> None:
    """The part of each bar that comes from one country, per cent."""
    shares = part.round(3).tolist()
    text = [f"{country} {figure(v, 2)} %" if v > 22 else f"{figure(v, 2)} %" if v > 9 else "" for v in shares]
    said = [f"{name}: {country} {figure(v)} %" for name, v in zip(names, shares, strict=True)]
    look: dict[str, Any] = {"texts": text, "said": said, "inks": [over(colour) for colour in colours]}
    made.bars(country, shares, colours, stack="mix", hatches=[hatch] * len(shares), width=24, **look)


def _telling_place(results: Results, words: Words, rows: pd.DataFrame) -> str:
    """The place with customers that takes most from abroad, among those that use several carriers."""
    with_demand = rows["place"].isin(results["demand.total"]["place"].astype(str))
    several = rows[with_demand].groupby("place")["carrier"].nunique()
    several = several[several >= min(3, int(several.max()) if len(several) else 0)]
    inside = rows[rows["place"].isin(several.index)] if len(several) else rows
    foreign = inside[inside["origin_country"] != inside["place"].map(words.country_of)]
    return str((foreign if len(foreign) else inside).groupby("place")["energy"].sum().idxmax())


def _mix_title(words: Words, rows: pd.DataFrame, place: str | None, carrier: str | None) -> str:
    if place is None:
        home = rows["origin_country"] == rows["place"].map(words.country_of)
        abroad = float(rows.loc[~home, "energy"].sum() / rows["energy"].sum())
        return words.text("charts.mix.places", share=abroad, carrier=carrier)
    foreign = rows[rows["origin_country"] != words.country_of(place)]
    by_carrier = foreign.groupby("carrier")["share"].sum().reindex(rows["carrier"].unique()).fillna(0.0)
    share, what = max((float(share), str(name)) for name, share in by_carrier.items())
    key = "own" if share < 0.005 else "place"
    return words.text(f"charts.mix.{key}", place=place, share=share, carrier=what)

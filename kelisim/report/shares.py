"""Charts of balances and shares: where energy comes from, where it goes, whose it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.report.flows import year_flows
from kelisim.report.numbers import figure, first_lower, text_of
from kelisim.report.theme import INK, RED, new_figure, nothing, over, safe, shade
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


def balance(results: Results, words: Words, carrier: str | None = None, most: int = 8) -> go.Figure:
    """Where a carrier comes from and goes, country by country; all carriers in TWh if none is given."""
    return balance_figure(words, balance_table(results, words, carrier), carrier, most)


def balance_figure(words: Words, table: pd.DataFrame, carrier: str | None = None, most: int = 8) -> go.Figure:
    """The bars of a table made by balance_table."""
    unit = "TWh" if carrier is None else words.unit(carrier)[0]
    if table.empty:
        key = f"charts.balance.none{'_of' if carrier else ''}"
        return nothing(words.text(key, carrier=carrier))
    table = table.head(most)
    names = [words.carrier(key) if carrier is None else words.country(key) for key in table.index]
    title = _balance_title(words, table, carrier, unit)
    made = new_figure(title, 138 + 52 * len(table), barmode="stack", bargap=0.1, margin={"b": 92})
    height = float(table["size"].max())
    rows = np.arange(len(table))
    hues = [words.colour(key if carrier is None else carrier) for key in table.index]
    segments = [
        (key, shift, *look) for items, shift in ((COMES, -0.19), (GOES, 0.19)) for key, look in items.items()
    ]
    for key, shift, strength, hatch in [*segments, ("unserved", 0.19, 1.0, "x")]:
        values = table[key].to_numpy(dtype=float)
        least = 1e-6 if key == "unserved" else DRAWN_SHARE
        if values.max() > least * height:
            colours = [RED if key == "unserved" else shade(hue, strength) for hue in hues]
            name = first_lower(words.text(f"columns.{key}"))
            drawn = np.where(values > DRAWN_SHARE * height, values, 0.0).round(6)
            text = [_inscription(name, value, height) for value in values]
            hover = f"%{{customdata}}: {name} %{{x:.3g}} {unit}<extra></extra>"
            look = {
                "width": 0.36,
                "marker": _marker(colours, hatch),
                "hovertemplate": hover,
                **_inside(colours),
            }
            where = {"x": drawn.tolist(), "y": (rows + shift).tolist(), "customdata": list(map(safe, names))}
            made.add_bar(orientation="h", name=name, text=text, **where, **look)
    ticks = [safe(name) for name in names]
    made.update_yaxes(tickvals=rows, ticktext=ticks, range=[len(table) - 0.45, -0.55], showgrid=False)
    made.update_xaxes(title_text=words.text("charts.balance.axis", of=unit), range=[0, height * 1.02])
    return made


def _inscription(name: str, value: float, height: float) -> str:
    """What stands in a part of a bar, as far as there is room."""
    return (
        f"{name} {figure(value)}" if value > 0.3 * height else figure(value) if value > 0.07 * height else ""
    )


def _marker(colours: list[str], hatch: str) -> dict[str, Any]:
    pattern = {"shape": hatch, "size": 6, "solidity": 0.2, "fgcolor": "#fff" if hatch != "." else INK}
    line = {"color": "#fff", "width": 0.8}
    return {"color": colours, "line": line, "pattern": {"fillmode": "overlay", **pattern}}


def _inside(colours: list[str]) -> dict[str, Any]:
    """Text amid a part of a bar, in ink that can be read on its colour."""
    ink = {"color": [over(colour) for colour in colours]}
    return {"textposition": "inside", "insidetextanchor": "middle", "insidetextfont": ink, "textangle": 0}


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


def sankey(results: Results, words: Words) -> go.Figure:
    """From sources through carriers and plants to uses, the whole case in TWh (gross)."""
    flows = year_flows(results, words)
    if flows.empty:
        return nothing(words.text("charts.year.none"))
    flows = _without_dust(words, flows)
    nodes = list(dict.fromkeys([*flows["source"], *flows["target"]]))
    colour = {name: words.family_colour(name[1]) if name[0] == "carrier" else "#a8a49a" for name in nodes}
    into, out = (flows.groupby(side)["energy"].sum() for side in ("target", "source"))
    size = {name: max(float(into.get(name, 0.0)), float(out.get(name, 0.0))) for name in nodes}
    at = {name: i for i, name in enumerate(nodes)}
    hues = [words.family_colour(family) for family in flows["family"]]
    made = new_figure(words.text("charts.year.title", total=_entering(flows)), 620)
    node: dict[str, Any] = {"label": [f"{safe(name[2])} {figure(size[name])}" for name in nodes]}
    node |= {"color": [colour[name] for name in nodes], "pad": 18, "thickness": 12, "line": {"width": 0}}
    node["hovertemplate"] = "%{label} TWh<extra></extra>"
    link: dict[str, Any] = {side: [at[name] for name in flows[side]] for side in ("source", "target")}
    link["value"] = flows["energy"].round(4).tolist()
    link["color"] = [f"rgba({int(h[1:3], 16)},{int(h[3:5], 16)},{int(h[5:7], 16)},0.38)" for h in hues]
    link["hovertemplate"] = f"{words.text('charts.year.hover')}<extra></extra>"
    font = {"size": 11, "color": INK, "shadow": "none"}
    look = {"arrangement": "snap", "valueformat": ".3g", "valuesuffix": " TWh", "textfont": font}
    made.add_sankey(node=node, link=link, **look)
    made.update_layout(margin={"l": 8, "r": 8, "t": 48, "b": 12})
    return made


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
) -> go.Figure:
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
    names = [safe(words.carrier(key) if side == "carrier" else words.short_place(key)) for key in order]
    hues = [words.colour(key if side == "carrier" else carrier) for key in order]
    title = _mix_title(words, mine, place, carrier)
    made = new_figure(title, 150 + 34 * len(order), barmode="stack", margin={"b": 90})
    origins = list(mine.groupby("origin_country")["energy"].sum().sort_values(ascending=False).index)
    for rank, origin in enumerate(origins):
        own = mine[mine["origin_country"] == origin]
        part = own.set_index(side)["share"].reindex(order).fillna(0.0) * 100
        colours = [shade(hue, max(1.0 - 0.22 * rank, 0.15)) for hue in hues]
        made.add_trace(_origin(safe(words.country(origin)), part, names, colours, "/" if rank % 2 else ""))
    made.update_yaxes(autorange="reversed", showgrid=False)
    made.update_xaxes(title_text=words.text("charts.mix.axis"), range=[0, 100])
    return made


def _origin(country: str, part: pd.Series, names: list[str], colours: list[str], hatch: str) -> go.Bar:
    """The part of each bar that comes from one country, per cent."""
    text = [f"{country} {figure(v, 2)} %" if v > 22 else f"{figure(v, 2)} %" if v > 9 else "" for v in part]
    pattern = {"shape": hatch, "fillmode": "overlay", "size": 6, "solidity": 0.12, "fgcolor": "#fff"}
    marker = {"color": colours, "line": {"color": "#fff", "width": 1}, "pattern": pattern}
    look = {"marker": marker, "hovertemplate": f"{country}: %{{x:.3g}} %<extra></extra>", **_inside(colours)}
    return go.Bar(orientation="h", name=country, x=part.round(3).tolist(), y=names, text=text, **look)


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

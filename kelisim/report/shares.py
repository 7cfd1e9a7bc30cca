"""Charts of balances and shares: where energy comes from, where it goes, whose it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kelisim.report.flows import year_flows
from kelisim.report.numbers import figure, percent, text_of
from kelisim.report.theme import INK, RED, new_figure, nothing, over, safe, shade
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.tolerances import DRAWN_SHARE as TINY

# item of a balance: words, shade of the carrier's colour (0 is grey), hatching

COMES = {
    "made": ("made", 1.0, ""),
    "bought": ("bought abroad", 0.7, "/"),
    "imported": ("from other countries", 0.4, ""),
    "unstored": ("out of storage", 0.25, "."),
}
GOES = {
    "used": ("used", 1.0, ""),
    "taken_in": ("into plants", 0.7, "\\"),
    "exported": ("to other countries", 0.4, ""),
    "sold": ("sold abroad", 0.55, "/"),
    "stored": ("into storage", 0.25, "."),
    "lost": ("lost on the way", 0.0, ""),
    "curtailed": ("not taken", 0.0, "x"),
}


def balance_table(results: Results, carrier: str | None = None) -> pd.DataFrame:
    """Balance by country of one carrier in its display unit, or of the whole case by carrier in TWh.

    returns  index country or carrier; those of carriers.balance, storage split into stored and unstored
    """
    book = Words(results.case)
    rows = results["carriers.balance"]
    numbers = [column for column in rows.columns if column not in ("country", "carrier")]
    if carrier is None:
        table = rows.groupby("carrier", sort=False)[numbers].sum() * 1e-6
        # imports and exports between the countries of the case are neither made nor used
        table["imported"] = table["exported"] = 0.0
    else:
        mine = rows[(rows["carrier"] == carrier).to_numpy(dtype=bool)]
        table = mine.set_index("country")[numbers] * book.unit(carrier)[1]
    net = table["stored"].to_numpy(dtype=float)
    table = table.assign(stored=np.maximum(net, 0.0), unstored=np.maximum(-net, 0.0))
    comes = table[list(COMES)].to_numpy(dtype=float).sum(axis=1) + table["unserved"].to_numpy(dtype=float)
    table = table.assign(size=np.maximum(comes, table[list(GOES)].to_numpy(dtype=float).sum(axis=1)))
    return table[table["size"] > 1e-9].sort_values("size", ascending=False, kind="stable")


def balance(results: Results, carrier: str | None = None, most: int = 8) -> go.Figure:
    """Where a carrier comes from and goes, country by country; all carriers in TWh if none is given."""
    return balance_figure(Words(results.case), balance_table(results, carrier), carrier, most)


def balance_figure(book: Words, table: pd.DataFrame, carrier: str | None = None, most: int = 8) -> go.Figure:
    """The bars of a table made by balance_table."""
    unit = "TWh" if carrier is None else book.unit(carrier)[0]
    if table.empty:
        return nothing(f"No {book.carrier_in_text(carrier) if carrier else 'carrier'} moves, {book.period}")
    table = table.head(most)
    names = [book.carrier(key) if carrier is None else book.country(key) for key in table.index]
    made = new_figure(
        _balance_title(book, table, carrier, unit),
        138 + 52 * len(table),
        barmode="stack",
        bargap=0.1,
        margin={"b": 92},
    )
    height = float(table["size"].max())
    rows = np.arange(len(table))
    bars: list[go.Bar] = []
    for items, shift in ((COMES, -0.19), (GOES, 0.19)):
        for key, (words, strength, hatch) in items.items():
            values = table[key].to_numpy(dtype=float)
            if values.max() > TINY * height:
                colours = [
                    shade(book.colour(c) if carrier is None else book.colour(carrier), strength)
                    for c in table.index
                ]
                bars.append(_segment(words, values, rows + shift, colours, hatch, unit, names, height))
    if table["unserved"].max() > 1e-6 * height:
        red = [RED] * len(table)
        bars.append(
            _segment("unserved", table["unserved"].to_numpy(), rows + 0.19, red, "x", unit, names, height)
        )
    made.add_traces(bars)
    made.update_yaxes(
        tickvals=rows,
        ticktext=[safe(name) for name in names],
        range=[len(table) - 0.45, -0.55],
        showgrid=False,
    )
    made.update_xaxes(title_text=f"{unit} (above: from, below: to)", range=[0, height * 1.02])
    return made


def _segment(
    words: str,
    values: np.ndarray,
    at: np.ndarray,
    colours: list[str],
    hatch: str,
    unit: str,
    names: list[str],
    height: float,
) -> go.Bar:
    text = [
        f"{words} {figure(v)}" if v > 0.3 * height else figure(v) if v > 0.07 * height else "" for v in values
    ]
    return go.Bar(
        orientation="h",
        name=words,
        x=np.where(values > TINY * height, values, 0.0).round(6).tolist(),
        y=at.tolist(),
        width=0.36,
        marker={
            "color": colours,
            "line": {"color": "#fff", "width": 0.8},
            "pattern": {
                "shape": hatch,
                "fillmode": "overlay",
                "size": 6,
                "solidity": 0.2,
                "fgcolor": "#fff" if hatch != "." else INK,
            },
        },
        text=text,
        textposition="inside",
        insidetextanchor="middle",
        insidetextfont={"color": [over(colour) for colour in colours]},
        textangle=0,
        customdata=[safe(name) for name in names],
        hovertemplate=f"%{{customdata}}: {words} %{{x:.3g}} {unit}<extra></extra>",
    )


def _balance_title(book: Words, table: pd.DataFrame, carrier: str | None, unit: str) -> str:
    if carrier is None:
        key = table.index[0]
        return (
            f"{book.carrier(key)} is the largest stream: {figure(table['size'].iloc[0])} TWh, {book.period}"
        )
    short = table[table["unserved"] > 1e-6 * table["size"]]
    name = book.carrier(carrier)
    if len(short):
        worst = short["unserved"].idxmax()
        missing = f"{figure(short['unserved'].max())} {unit} of {book.carrier_in_text(carrier)}"
        return f"{book.country(worst)} is short of {missing}, {book.period}"
    users = table[table["used"] + table["taken_in"] > 1e-3 * table["size"].max()]
    inward = (users if len(users) else table)["imported"] - (users if len(users) else table)["exported"]
    if inward.max() > 0.01 * table["size"].max():
        top = inward.idxmax()
        amount = f"{figure(inward.max())} {unit}"
        return f"{name}: {book.country(top)} takes {amount} net from other countries, {book.period}"
    top = table["made"].idxmax()
    return f"{name}: {book.country(top)} makes most, {figure(table['made'].max())} {unit}, {book.period}"


def sankey(results: Results) -> go.Figure:
    """From sources through carriers and plants to uses, the whole case in TWh (gross)."""
    book = Words(results.case)
    flows = year_flows(results, book)
    if flows.empty:
        return nothing(f"Nothing is made or used, {book.period}")
    flows = _without_dust(flows)
    nodes = list(dict.fromkeys([*flows["source"], *flows["target"]]))
    colour = {name: book.family_colour(name[1]) if name[0] == "carrier" else "#a8a49a" for name in nodes}
    into, out = (flows.groupby(side)["energy"].sum() for side in ("target", "source"))
    size = {name: max(float(into.get(name, 0.0)), float(out.get(name, 0.0))) for name in nodes}
    at = {name: i for i, name in enumerate(nodes)}
    hues = [book.family_colour(family) for family in flows["family"]]
    total = float(flows.loc[flows["source"].map(lambda node: node[0] == "source"), "energy"].sum())
    made = new_figure(
        f"{figure(total)} TWh of energy enter, {book.period}: where they come from and what becomes of them",
        620,
    )
    made.add_trace(
        go.Sankey(
            arrangement="snap",
            valueformat=".3g",
            valuesuffix=" TWh",
            node={
                "label": [f"{safe(name[2])} {figure(size[name])}" for name in nodes],
                "color": [colour[name] for name in nodes],
                "pad": 18,
                "thickness": 12,
                "line": {"width": 0},
                "hovertemplate": "%{label} TWh<extra></extra>",
            },
            link={
                "source": [at[name] for name in flows["source"]],
                "target": [at[name] for name in flows["target"]],
                "value": flows["energy"].round(4).tolist(),
                "color": [f"rgba({int(h[1:3], 16)},{int(h[3:5], 16)},{int(h[5:7], 16)},0.38)" for h in hues],
                "hovertemplate": "%{source.label} to %{target.label}: %{value} TWh<extra></extra>",
            },
            textfont={"size": 11, "color": INK, "shadow": "none"},
        )
    )
    made.update_layout(margin={"l": 8, "r": 8, "t": 48, "b": 12})
    return made


def _without_dust(flows: pd.DataFrame) -> pd.DataFrame:
    """Flows of at least 0.1 % of the whole; uses of less than 1 % of it are shown together."""
    total = float(flows.loc[flows["source"].map(lambda node: node[0] == "source"), "energy"].sum())
    size = flows.groupby("target")["energy"].sum()
    few = 0.01 * total
    small = {
        node for node, amount in zip(size.index, size, strict=True) if node[0] == "sink" and amount < few
    }
    if len(small) > 1:
        other = ("sink", "other_uses", "Other uses and losses")
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


def mix(results: Results, place: str | None = None, carrier: str | None = None, most: int = 10) -> go.Figure:
    """Whose energy is used: the carriers of one place, or one carrier at the places that use most of it."""
    book = Words(results.case)
    rows = mix_shares(results)
    if rows.empty:
        return nothing("The supply mix was not traced")
    if place is None and carrier is None:
        place = _telling_place(results, book, rows)
    mine = rows[rows["place"] == place] if place is not None else rows[rows["carrier"] == carrier]
    if place is not None and carrier is not None:
        mine = mine[mine["carrier"] == carrier]
    if mine.empty:
        return nothing("Nothing of it is used there")
    side = "carrier" if place is not None else "place"
    order = list(mine.groupby(side)["energy"].sum().sort_values(ascending=False).head(most).index)
    mine = mine[mine[side].isin(order)]
    names = [book.carrier(key) if side == "carrier" else book.short_place(key) for key in order]
    made = new_figure(
        _mix_title(book, mine, place, carrier), 150 + 34 * len(order), barmode="stack", margin={"b": 90}
    )
    origins = list(mine.groupby("origin_country")["energy"].sum().sort_values(ascending=False).index)
    for rank, origin in enumerate(origins):
        part = (
            mine[mine["origin_country"] == origin].set_index(side)["share"].reindex(order).fillna(0.0) * 100
        )
        hue = [book.colour(key if side == "carrier" else carrier) for key in order]
        strength = max(1.0 - 0.22 * rank, 0.15)
        country = safe(book.country(origin))
        made.add_trace(
            go.Bar(
                orientation="h",
                name=country,
                x=part.round(3).tolist(),
                y=[safe(name) for name in names],
                marker={
                    "color": [shade(h, strength) for h in hue],
                    "line": {"color": "#fff", "width": 1},
                    "pattern": {
                        "shape": "/" if rank % 2 else "",
                        "fillmode": "overlay",
                        "size": 6,
                        "solidity": 0.12,
                        "fgcolor": "#fff",
                    },
                },
                text=[
                    f"{country} {figure(v, 2)} %" if v > 22 else f"{figure(v, 2)} %" if v > 9 else ""
                    for v in part
                ],
                textposition="inside",
                insidetextanchor="middle",
                insidetextfont={"color": [over(shade(h, strength)) for h in hue]},
                textangle=0,
                hovertemplate=f"{country}: %{{x:.3g}} %<extra></extra>",
            )
        )
    made.update_yaxes(autorange="reversed", showgrid=False)
    made.update_xaxes(title_text="share of what is used, %", range=[0, 100])
    return made


def _telling_place(results: Results, book: Words, rows: pd.DataFrame) -> str:
    """The place with customers that takes most from abroad, among those that use several carriers."""
    several = (
        rows[rows["place"].isin(results["demand.total"]["place"].astype(str))]
        .groupby("place")["carrier"]
        .nunique()
    )
    several = several[several >= min(3, int(several.max()) if len(several) else 0)]
    inside = rows[rows["place"].isin(several.index)] if len(several) else rows
    foreign = inside[inside["origin_country"] != inside["place"].map(book.country_of)]
    return str((foreign if len(foreign) else inside).groupby("place")["energy"].sum().idxmax())


def _mix_title(book: Words, rows: pd.DataFrame, place: str | None, carrier: str | None) -> str:
    if place is None:
        home = rows["origin_country"] == rows["place"].map(book.country_of)
        abroad = float(rows.loc[~home, "energy"].sum() / rows["energy"].sum())
        name = book.carrier_in_text(carrier)
        return f"{percent(abroad)} of the {name} used in these places comes from other countries"
    country = book.country_of(place)
    parts = []
    for key, group in rows.groupby("carrier", sort=False):
        share = float(group.loc[group["origin_country"] != country, "share"].sum())
        parts.append((share, book.carrier_in_text(key)))
    share, word = max(parts)
    if share < 0.005:
        return f"{book.place(place)} lives on energy of its own country"
    return f"{book.place(place)}: {percent(share)} of the {word} comes from other countries"

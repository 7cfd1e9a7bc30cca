"""Charts of an outage: who lacks most, and the share served over time."""

from __future__ import annotations

import pandas as pd

from kelisim.report.axis import along
from kelisim.report.bars import bars
from kelisim.report.figure import Figure, nothing
from kelisim.report.numbers import figure, percent
from kelisim.report.theme import line_looks
from kelisim.report.words import Words

MOST_BARS = 12
MOST_LINES = 5


def short_bars(words: Words, rows: pd.DataFrame, key: str, most: int = MOST_BARS) -> Figure:
    """Who lacks most, in GWh.

    rows  place, carrier, customer_class, more (MWh) and share of its use, in the order of the bars
    key   section of the texts: bars (title), bar (name of a bar), axis
    """
    rows = rows.head(most)
    named = rows.to_dict("records")
    values = (rows["more"] / 1e3).tolist()
    texts = [f"{figure(v)} ({percent(s)})" for v, s in zip(values, rows["share"], strict=True)]
    colours = [words.colour(c) for c in rows["carrier"]]
    names = [words.text(f"{key}.bar", **row) for row in named]
    return bars(
        words.text(f"{key}.bars", **named[0]), names, values, texts, colours, words.text(f"{key}.axis")
    )


def service(words: Words, rows: pd.DataFrame, key: str) -> Figure:
    """Step curve of the share served, of the countries and carriers that lose most.

    rows  table `performance`
    key   section of the texts: title, line (name of a line), axis, all (where nobody loses)
    """
    rows = rows.assign(lost=rows["served_share_base"] - rows["served_share"])
    if rows.empty or not (rows["lost"] > 0).any():
        return nothing(words.text(f"{key}.all"))
    worst = rows.groupby(["country", "carrier"], observed=True)["lost"].max()
    worst = worst.sort_values(ascending=False).head(MOST_LINES)
    country, carrier = worst.index[0]
    made = Figure(words.text(f"{key}.title", country=country, carrier=carrier, most=worst.iloc[0]))
    made.across(kind="time").up(words.text(f"{key}.axis"), low=0)
    looks = line_looks(words.colour(carrier), len(worst))
    for (who, what), (colour, dash) in zip(worst.index, looks, strict=True):
        mine = rows[(rows["country"] == who) & (rows["carrier"] == what)].set_index("step")
        axis = along(words, mine[["served_share"]])
        name = words.text(f"{key}.line", country=who, carrier=what)
        look = {"step": "after", "tells": "{x}: {y} %", "said": axis.get("when")}
        served = (mine["served_share"][axis.index] * 100).round(3)
        made.line(name, axis["begins"], served, colour, dash, **look)
    return made

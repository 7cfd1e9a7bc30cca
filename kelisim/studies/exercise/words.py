"""An exercise in words: what happened hour by hour, and the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.sentences import amount, money, percent

LINES = ["hour", "time", "side", "kind", "what"]
ORDER = ("event", "level", "notification", "decision", "bites", "step down", "end")
MODE_WORDS = {
    "nothing": "nobody does anything",
    "border_held": "nobody does anything, the border held at the plan",
    "alone_a": "{a} alone, the border held at the plan",
    "alone_b": "{b} alone, the border held at the plan",
    "decided": "as decided",
    "together": "both together, the best response",
}


def part_avoided(share: float) -> str:
    """Share of the avoidable harm, also below 0; "-" where nothing can be avoided."""
    if np.isnan(share):
        return "-"
    if abs(share) >= 0.005:
        return percent(share)
    return "0 %" if share == 0 else f"slightly {'above' if share > 0 else 'below'} 0 %"


def at_hour(start: pd.Timestamp, when: Any) -> float:
    """Hours from the start of the window."""
    return float((pd.Timestamp(when) - start) / pd.Timedelta(hours=1))


def timeline(
    case: Case,
    start: pd.Timestamp,
    what: tuple[pd.Timestamp, pd.Timestamp, str],
    tables: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """All that happens, in the order of time.

    what    first and last moment of the event and its name
    tables  levels.decided, notifications, decisions
    """
    carrier = case.table("carriers").set_index("carrier")["name"]
    rows: list[tuple[pd.Timestamp, str, str, str]] = [
        (what[0], "", "event", f"{what[2]}: it begins"),
        (what[1], "", "end", f"{what[2]}: it ends"),
    ]
    levels = tables["levels"]
    # of levels reached at one moment the highest is told, of those left at one moment the lowest
    for row in levels.drop_duplicates(["country", "carrier", "reached"], keep="last").itertuples():
        rows.append(
            (
                row.reached,
                row.country,
                "level",
                f"{row.level} of {str(carrier[row.carrier]).lower()} is reached",
            )
        )
    for row in levels.dropna(subset="left").drop_duplicates(["country", "carrier", "left"]).itertuples():
        name = f"{row.level} of {str(carrier[row.carrier]).lower()}"
        rows.append((row.left, row.country, "step down", f"{name} is left and not reached again"))
    for row in tables["notifications"].itertuples():
        form = str(carrier[row.carrier]).lower()
        aid = f" and asked for aid: {row.aid}" if row.aid else ""
        told = f"at the latest now {row.from_body} has told {row.to_body} of the {row.level} of {form}{aid}"
        rows.append((row.due, row.country, "notification", told))
    for row in tables["decisions"].itertuples():
        at = start + pd.Timedelta(hours=row.hour)
        done = f"orders {percent(row.share)} of {row.name_}" if row.share > 0 else f"stops {row.name_}"
        rows.append((at, row.side, "decision", f"{done}: {row.ruling}"))
        if not pd.isna(row.bites):
            rows.append((row.bites, row.side, "bites", f"{row.name_} can act"))
    frame = pd.DataFrame(rows, columns=["time", "side", "kind", "what"])
    frame = frame.assign(
        time=pd.to_datetime(frame["time"]),
        hour=[at_hour(start, t) for t in frame["time"]],
        order=frame["kind"].map(ORDER.index),
    )
    return frame.sort_values(["time", "order", "side", "what"], ignore_index=True)[LINES]


def modes_words(pair: tuple[str, str]) -> dict[str, str]:
    """Mode -> what it is."""
    return {mode: text.format(a=pair[0], b=pair[1]) for mode, text in MODE_WORDS.items()}


def settled_words(case: Case, settlement: pd.DataFrame, net: float, pair: tuple[str, str]) -> str:
    """What crossed the border beyond the plan, and who owes whom."""
    if not len(settlement):
        return f"Nothing more than planned crosses the border between {pair[0]} and {pair[1]}: nobody owes anything."
    carrier = case.table("carriers").set_index("carrier")["name"]
    given = settlement.groupby(["giver", "receiver", "carrier"], sort=True)["energy"].sum()
    # what is less than a hundredth of all is in the table
    given = given[given >= 0.01 * given.sum()]
    told = "; ".join(
        f"{g} gives {r} {amount(case, c, float(e))} of {str(carrier[c]).lower()}"
        for (g, r, c), e in given.items()
    )
    gives, owes = pair if net >= 0 else pair[::-1]
    return f"Beyond the plan {told}. {owes} owes {gives} {money(case, abs(net))}."


def score_words(case: Case, figures: dict[str, float], decided: int) -> str:
    """The score, and what it is a share of."""
    avoidable = figures["nothing"] - figures["together"]
    told = (
        f"If nobody acts the event costs {money(case, figures['nothing'])} beyond the plan, with the best response of both "
        f"{money(case, figures['together'])}"
    )
    if np.isnan(figures["score"]):
        return f"{told}. Measures can avoid nothing, so there is no score."
    avoided = figures["nothing"] - figures["decided"]
    if not decided:
        return f"{told}: {money(case, avoidable)} can be avoided. No decision was made, so the score is 0 %."
    return f"{told}: {money(case, avoidable)} can be avoided. The decisions avoid {money(case, avoided)}, a score of {percent(figures['score'])}."


def sides_words(sides: pd.DataFrame, decided: int) -> list[str]:
    """What the decisions do for the customers of each side, beside the best response."""
    if not decided:
        return []
    return [
        f"The decisions spare the customers of {row.side} {percent(row.avoided_share)} of the loss that the best response spares them."
        for row in sides.itertuples()
        if not np.isnan(row.avoided_share)
    ]


def minutes(
    title: str, sentences: Sequence[str], tables: dict[str, pd.DataFrame], open_points: Sequence[str]
) -> pd.DataFrame:
    """The minutes in Markdown, one line per row: what happened, who, when, what, open points."""
    lines = [f"# Minutes: {title}", "", *[f"- {one}" for one in sentences], "", "## Log", ""]
    lines += ["| hour | time | side | what |", "| ---: | --- | --- | --- |"]
    for row in tables["timeline"].itertuples():
        lines.append(f"| {row.hour:.0f} | {row.time:%Y-%m-%d %H:%M} | {row.side} | {_cell(row.what)} |")
    lines += ["", "## Decisions", ""]
    if len(tables["decisions"]):
        lines += [
            "| hour | side | measure | share | ruling | comment |",
            "| ---: | --- | --- | ---: | --- | --- |",
        ]
        for row in tables["decisions"].itertuples():
            lines.append(
                f"| {row.hour:g} | {row.side} | {_cell(row.name_)} | {percent(row.share)} | {_cell(row.ruling)} | {_cell(row.comment)} |"
            )
    else:
        lines.append("None.")
    lines += ["", "## Open points", ""]
    lines += [f"- {point}" for point in open_points] or ["None."]
    return pd.DataFrame({"line": np.arange(1, len(lines) + 1), "text": lines})


def _cell(text: Any) -> str:
    return str(text).replace("|", "/")


def comment(row: dict[str, Any], accepted: bool) -> str:
    """An order held against the best response.

    row  hour, best_hour (nan if the best response does not use it), energy, best_energy
    """
    if not accepted:
        return "no effect"
    if row["share"] == 0:
        return "stopped"
    if np.isnan(row["best_hour"]):
        return "the best response does not use it"
    late = row["hour"] - row["best_hour"]
    when = "at the hour of the best response"
    if abs(late) >= 0.5:
        when = f"{abs(late):.0f} hours {'later' if late > 0 else 'earlier'} than the best response"
    less = row["energy"] / row["best_energy"] if row["best_energy"] > 0 else 1.0
    volume = (
        f"; it gives {percent(less)} of the energy it gives there"
        if abs(less - 1.0) > 0.01
        else "; it gives as much as there"
    )
    return when + volume

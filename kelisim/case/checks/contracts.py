"""Contracts: what each kind needs to have an effect, and the ways of booked transit."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kelisim.case import schema
from kelisim.case.checks.view import CaseView, about, each
from kelisim.case.streams import ROW, Broken, Leg, loose_ends, way, words
from kelisim.errors import InputProblem

# effect of a kind -> column it needs, and what for
_NEEDS = {
    "source": (("delivery_place", "a supply gives there"),),
    "sink": (("delivery_place", "a sale takes from there"),),
    "swap": (("delivery_place", "a swap takes there"), ("return_place", "a swap gives back there")),
    "row": (("over", "it books these links"),),
}
_QUANTITIES = ("annual_quantity", "daily_max")


@about("contracts")
def places(view: CaseView) -> Iterator[InputProblem]:
    """A contract that lacks the place or the links it is about."""
    effects = view.kinds("contract_kinds").drop_duplicates("kind").set_index("kind")["effect"]
    rows = view.sure("contracts", "kind")
    wrong = view.wrong("contracts", "delivery_place", "return_place", "over")
    for row, kind in rows["kind"].items():
        for column, why in _NEEDS.get(effects.get(kind, ""), ()):
            if not rows.at[row, column] and not wrong[row]:
                yield view.problem(
                    "contracts",
                    row,
                    column,
                    f"is empty, and a {kind} contract needs it: {why}.",
                    rule="missing",
                )
        if (
            effects.get(kind) == "swap"
            and rows.at[row, "delivery_place"] == rows.at[row, "return_place"] != ""
        ):
            message = f'"{rows.at[row, "return_place"]}" is the delivery place too.'
            yield view.problem(
                "contracts", row, "return_place", message, "A swap gives back at another place.", rule="ends"
            )


@about("contracts")
def booked_links(view: CaseView) -> Iterator[InputProblem]:
    """A contract over a link that moves another carrier."""
    links = view.sure("links", "carrier")
    moved = dict(zip(links["link"], links["carrier"], strict=True))
    rows = view.sure("contracts", "carrier", "over")
    for row, carrier, over in each(rows, "carrier", "over"):
        for link in str(over).split(";"):
            if carrier and moved.get(link, carrier) not in (carrier, ""):
                message = f'"{link}" moves {moved[link]}, and the contract is about {carrier}.'
                yield view.problem(
                    "contracts", row, "over", message, "Book links of the contract's carrier.", rule="carrier"
                )
                break


@about("contracts")
def contract_quantities(view: CaseView) -> Iterator[InputProblem]:
    """A contract without any quantity has no effect; a share of a year's quantity needs that quantity."""
    rows = view.rows("contracts")[~view.wrong("contracts", *_QUANTITIES)]
    for row in rows.index[rows["annual_quantity"].isna()]:
        if rows.at[row, "daily_max"] != rows.at[row, "daily_max"]:
            message = "the contract has neither annual_quantity nor daily_max: it says nothing."
            yield view.problem(
                "contracts", row, "annual_quantity", message, "Give one of them.", rule="missing"
            )
            continue
        for column in ("take_or_pay", "ship_or_pay"):
            if rows.at[row, column] > 0:
                message = f"is {rows.at[row, column]:g} of an annual_quantity that is not given."
                yield view.problem(
                    "contracts", row, column, message, "Give the annual_quantity.", rule="missing"
                )


@about("contracts")
def streams(view: CaseView) -> Iterator[InputProblem]:
    """Booked transit without a way: not over links, without a point where it ends, or a way that is broken or carries nothing."""
    rows = view.sure("contracts", "kind", "over", "delivery_place")
    rows = rows[rows["stream"].astype(bool)] if "stream" in rows else rows.iloc[:0]
    if rows.empty:
        return
    effects = view.kinds("contract_kinds").drop_duplicates("kind").set_index("kind")["effect"]
    links = view.sure("links", "from_place", "to_place").drop_duplicates("link").set_index("link")
    for row, kind, over, place in each(rows, "kind", "over", "delivery_place"):
        names = words(over)
        if effects.get(kind, ROW) != ROW:
            message = f"a {kind} contract books no links, and a stream goes over links that are booked."
            remedy = "Take the kind transport, and name the links in over."
            yield view.problem("contracts", row, "stream", message, remedy, "transport", "stream")
            continue
        if not names or not set(names) <= set(links.index):
            continue
        booked = links.loc[list(dict.fromkeys(names))]
        ends = loose_ends(booked)
        if not place:
            message = "is empty, and a stream needs the point where it is handed to the buyer."
            remedy = f"Its links end at {schema.some(ends)}." if ends else ""
            yield view.problem(
                "contracts", row, "delivery_place", message, remedy, ends[-1] if ends else "", "stream"
            )
            continue
        try:
            legs = way(booked, place)
        except Broken as wrong:
            yield _broken(view, row, place, ends, *wrong.args)
            continue
        yield from _closed(view, row, legs, booked)


def _broken(view: CaseView, row: object, place: str, ends: list[str], what: str, at: str) -> InputProblem:
    if what == "end":
        message = f'none of the links in over ends at "{place}".'
        near = schema.nearest(place, ends) or (ends[-1] if ends else "")
        remedy = f"The links end at {schema.some(ends)}." if ends else ""
        return view.problem("contracts", row, "delivery_place", message, remedy, near, "stream")
    message = {
        "gap": f'the way is broken: "{at}" is not joined to the links that lead to "{place}".',
        "side": f'"{at}" leads no nearer to "{place}" than where it starts.',
        "starts": f"the way begins at several places: {at}.",
    }[what]
    remedy = "Name the links of one way, from the seller's point to delivery_place; links side by side may be named too."
    return view.problem("contracts", row, "over", message, remedy, rule="stream")


def _closed(
    view: CaseView, row: object, legs: tuple[Leg, ...], booked: pd.DataFrame
) -> Iterator[InputProblem]:
    unclear = view.wrong("links", "capacity", "capacity_back")
    lines = dict(zip(view.rows("links")["link"], view.rows("links").index, strict=True))
    for leg in legs:
        column = "capacity_back" if leg.is_back else "capacity"
        if booked.at[leg.link, column] > 0 or unclear[lines[leg.link]]:
            continue
        message = f'"{leg.link}" carries nothing from "{leg.start}" to "{leg.end}": its {column} is 0.'
        remedy = "Give the link that capacity, or leave it out of the way."
        yield view.problem("contracts", row, "over", message, remedy, rule="stream")
        return

"""Contracts: what each kind needs to have an effect."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case.checks.view import CaseView
from kelisim.errors import InputProblem

# effect of a kind -> column it needs, and what for
_NEEDS = {
    "source": (("delivery_place", "a supply gives there"),),
    "sink": (("delivery_place", "a sale takes from there"),),
    "swap": (("delivery_place", "a swap takes there"), ("return_place", "a swap gives back there")),
    "row": (("over", "it books these links"),),
}
_QUANTITIES = ("annual_quantity", "daily_max")


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


def booked_links(view: CaseView) -> Iterator[InputProblem]:
    """A contract over a link that moves another carrier."""
    links = view.sure("links", "carrier")
    moved = dict(zip(links["link"], links["carrier"], strict=True))
    rows = view.sure("contracts", "carrier", "over")
    for row, carrier, over in rows[["carrier", "over"]].itertuples():
        for link in str(over).split(";"):
            if carrier and moved.get(link, carrier) not in (carrier, ""):
                message = f'"{link}" moves {moved[link]}, and the contract is about {carrier}.'
                yield view.problem(
                    "contracts", row, "over", message, "Book links of the contract's carrier.", rule="carrier"
                )
                break


def contract_quantities(view: CaseView) -> Iterator[InputProblem]:
    """A contract without any quantity has no effect; a share of a year's quantity needs that quantity."""
    if not len(view.rows("contracts")):
        return
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

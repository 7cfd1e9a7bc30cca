"""Tables as a reader sees them: one unit in a header, three digits, names instead of identifiers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.bars import NETWORK, short_rows
from kelisim.report.numbers import NONE, first_upper, human, percent, text_of
from kelisim.report.shares import COMES, GOES, mix_shares
from kelisim.report.table import (
    LAST,
    Cell,
    Column,
    Head,
    Row,
    View,
    number_cell,
    plain_view,
    records,
    share_cell,
    text_column,
)
from kelisim.report.theme import shade
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.balance.answer import name_of

_GRADED = ("links", "assets", "storages", "contracts", "resources", "markets")


def _number(words: str, unit: str, of: Callable[[Row], Any], minor: bool = False) -> Column:
    return Head(words, unit, True, minor), lambda row: number_cell(of(row))


def _ranked(words: str, unit: str, of: Callable[[Row], Any], top: float, minor: bool = False) -> Column:
    return Head(words, unit, True, minor), lambda row: number_cell(of(row), float(of(row)) / (top or 1.0))


def _share(words: str, of: Callable[[Row], Any], minor: bool = False, bar: bool = False) -> Column:
    return Head(words, "%", True, minor), lambda row: share_cell(of(row), bar)


def _grade(book: Words, table: str | None, key: str) -> Column:
    """Grade of the row's input; the table is that of the row itself if none is given."""
    grades = {name: _grades(book, name) for name in (_GRADED if table is None else (table,))}

    def cell(row: Row) -> Cell:
        grade = grades.get(table or text_of(row["table"]), {}).get(str(row[key]), "")
        return Cell(grade or NONE, grade or "Z", grade=grade)

    return Head("Grade", is_minor=True), cell


def _grades(book: Words, table: str) -> dict[str, str]:
    rows = book.table(table)
    if rows.empty or "confidence" not in rows.columns:
        return {}
    return dict(zip(rows.iloc[:, 0].astype(str), rows["confidence"].map(text_of), strict=True))


def _price(value: Any) -> float:
    """A shadow price without the dust of the solver."""
    return float(value) if abs(float(value)) >= 5e-4 else 0.0


def _money_size(largest: float) -> tuple[float, str]:
    size = abs(largest)
    return (1e9, "billion ") if size >= 2e10 else (1e6, "million ") if size >= 1e5 else (1.0, "")


# ---- carriers


def balance_view(table: pd.DataFrame, book: Words, carrier: str) -> View | None:
    """Balance of one carrier by country (a table of shares.balance_table), and its sum."""
    if table.empty:
        return None
    unit = book.unit(carrier)[0]
    words = {key: text for key, (text, _, _) in (COMES | GOES).items()} | {"unserved": "unserved"}
    largest = table[list(words)].abs().max()
    chosen = [key for key in words if float(largest[key]) > 1e-6 * float(table["size"].max())]
    major = {"made", "imported", "used", "unserved"} & set(chosen)
    if len(major) > 3:
        major.discard("made")

    def column(key: str) -> Column:
        return _number(first_upper(words[key]), unit, lambda row: row[key], key not in major)

    columns = [
        text_column("Country", lambda row: book.country(row["country"])),
        *(column(key) for key in chosen),
    ]
    view = plain_view(
        f"{book.carrier(carrier)} by country, {book.period}", records(table.reset_index()), columns
    )
    if len(table) > 1:
        total = table[chosen].sum()
        view.rows.append([Cell("All countries", LAST), *(number_cell(total[key]) for key in chosen)])
    return view


def borders_view(results: Results, book: Words, carrier: str) -> View | None:
    """Links of one carrier that cross a border, the largest flow first."""
    total = results["links.total"]
    mine = total[(total["carrier"] == carrier).to_numpy(dtype=bool)]
    ends = [mine[side].astype(str).map(book.country_of) for side in ("from_place", "to_place")]
    moved = mine["forward"] + mine["back"]
    mine = mine.assign(moved=moved)[(ends[0] != ends[1]) & (moved > 1e-9 * max(float(moved.max()), 1.0))]
    if mine.empty:
        return None
    unit, factor = book.unit(carrier)
    is_power = unit == "TWh"
    rate = 1.0 if is_power else factor * book.hours
    rate_unit = "MW" if is_power else f"{unit}/year" if book.has_whole_year else f"{unit} in the period"

    def is_turned(row: Row) -> bool:
        return bool(row["back"] > row["forward"])

    def country(row: Row, is_start: bool) -> str:
        return book.country(book.country_of(row["from_place" if is_start != is_turned(row) else "to_place"]))

    columns = [
        text_column("Link", lambda row: book.link(row["link"])),
        text_column("From", lambda row: country(row, True), minor=True),
        text_column("To", lambda row: country(row, False), minor=True),
        _number("Flow", unit, lambda row: max(row["forward"], row["back"]) * factor),
        _number("Back", unit, lambda row: min(row["forward"], row["back"]) * factor, minor=True),
        _number(
            "Capacity",
            rate_unit,
            lambda row: row["capacity_back" if is_turned(row) else "capacity"] * rate,
            minor=True,
        ),
        _share("Loading", lambda row: row["loading"], bar=True),
        _number("Full", "hours", lambda row: row["hours_full"], minor=True),
        _number("Shadow price", f"{book.currency}/MWh", lambda row: _price(row["shadow_price"]), minor=True),
        _grade(book, "links", "link"),
    ]
    return plain_view(
        f"{book.carrier(carrier)} across borders, {book.period}", records(mine, "moved"), columns
    )


# ---- storage, unserved, weak points


def storage_view(results: Results, book: Words, family: str) -> View | None:
    """Storages of one family of carriers, the largest first."""
    total = results["storages.total"]
    mine = total[(total["carrier"].astype(str).map(book.family) == family) & (total["working_capacity"] > 0)]
    if mine.empty:
        return None
    units = {book.unit(carrier)[0] for carrier in mine["carrier"].astype(str)}
    unit = next(iter(units)) if len(units) == 1 else "TWh"
    factor = {c: book.unit(c)[1] if len(units) == 1 else 1e-6 for c in mine["carrier"].astype(str).unique()}
    scale = mine["carrier"].astype(str).map(factor).to_numpy(dtype=float)
    mine = mine.assign(scale=scale, shown=mine["working_capacity"] * scale, lowest=np.nan)
    if "storages.level" in results:
        levels = results["storages.level"]
        lowest = (
            levels[levels["storage"].isin(mine["storage"])].groupby("storage", observed=True)["level"].min()
        )
        lowest.index = lowest.index.astype(str)
        mine["lowest"] = mine["storage"].astype(str).map(lowest)

    def part(key: str) -> Callable[[Row], float]:
        return lambda row: float(row[key]) / float(row["working_capacity"])

    columns = [
        text_column("Storage", lambda row: book.element("storages", row["storage"])),
        text_column("Place", lambda row: book.place(row["place"]), minor=True),
        text_column("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
        _number("Working capacity", unit, lambda row: row["shown"]),
        _share("At the start", part("level_start"), minor=True),
        _share("Lowest", part("lowest"), bar=True),
        _share("At the end", part("level_end"), minor=True),
        _number("Injected", unit, lambda row: row["injected"] * row["scale"], minor=True),
        _number("Withdrawn", unit, lambda row: row["withdrawn"] * row["scale"], minor=True),
        _grade(book, "storages", "storage"),
    ]
    name = book.family_name(family)
    name = name if name[1:2].isupper() else name[:1].lower() + name[1:]
    return plain_view(f"Storages of {name}, {book.period}", records(mine, "shown"), columns)


def unserved_view(results: Results, book: Words) -> View | None:
    """Demand that is not wholly served, with the limit behind it."""
    short = short_rows(results)
    if short.empty:
        return None
    columns = [
        text_column("Place", lambda row: book.place(row["place"])),
        text_column("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
        text_column("Class", lambda row: first_upper(human(row["customer_class"])), minor=True),
        text_column("Protected", lambda row: "yes" if row["protected"] else "no", minor=True),
        _ranked("Unserved", "GWh", lambda row: row["unserved"] * 1e-3, float(short["unserved"].max()) * 1e-3),
        _share("Of its demand", lambda row: row["unserved_rate"]),
        text_column(
            "Reason", lambda row: first_upper(text_of(row["reason"])) or "not determined", minor=True
        ),
    ]
    return plain_view(f"Unserved demand and the limit behind it, {book.period}", records(short), columns)


def bottleneck_view(results: Results, book: Words, network: bool) -> View | None:
    """Limits of the network that cost something, or those of fields and plants, the dearest first."""
    frame = results["bottlenecks"]
    frame = frame[(frame["value"] > 0) & (frame["table"].isin(NETWORK) == network)]
    if frame.empty:
        return None
    size, word = _money_size(float(frame["value"].max()))
    top = float(frame["value"].max()) / size
    columns = [
        text_column("Limit of", lambda row: name_of(book, row)),
        text_column(
            "Carrier", lambda row: book.carrier(row["carrier"]) if text_of(row["carrier"]) else "", minor=True
        ),
        text_column("Kind of limit", lambda row: first_upper(human(row["limit"])), minor=True),
        _number("Reached", "hours", lambda row: row["hours_full"]),
        _number("Shadow price", f"{book.currency}/MWh", lambda row: row["shadow_price"], minor=True),
        _ranked("Costs", f"{word}{book.currency}", lambda row: row["value"] / size, top),
        _grade(book, None, "element"),
    ]
    notes = (
        "Shadow price: what one more MWh of the limit would save, mean over the hours in which it is reached."
    )
    of = "Limits of the network" if network else "Limits of fields, mines and plants"
    return plain_view(f"{of} that cost something, {book.period}", records(frame), columns, notes)


def resources_view(results: Results, book: Words) -> View | None:
    """Shared limits: how much of each is used."""
    frame = results["resources.total"]
    if frame.empty:
        return None
    over = {"step": "each step", "year": "the year"}
    columns = [
        text_column("Shared limit", lambda row: book.element("resources", row["resource"])),
        text_column("Over", lambda row: over.get(text_of(row["over"]), row["over"]), minor=True),
        _number("Used", "", lambda row: row["used"], minor=True),
        _number("Amount", "", lambda row: row["amount"], minor=True),
        text_column("Unit", lambda row: row["unit"], minor=True),
        _share("Share used", lambda row: row["share_used"], bar=True),
        _number("Shadow price", f"{book.currency} per unit", lambda row: row["shadow_price"]),
    ]
    caption = f"Limits shared by several elements, {book.period}; those of each step at their fullest"
    return plain_view(caption, records(frame, "share_used"), columns)


# ---- supply mix, trade, costs


def mix_view(results: Results, book: Words) -> View | None:
    """Whose energy is used where, with a bar of origins; what leans most on other countries first."""
    shares = mix_shares(results)
    if shares.empty:
        return None
    rows: list[Row] = []
    for (place, carrier), group in groupby(records(shares), key=itemgetter("place", "carrier")):
        group_rows = list(group)
        energy = sum(float(record["energy"]) for record in group_rows)
        country = book.country_of(place)
        abroad = sum(float(record["share"]) for record in group_rows if record["origin_country"] != country)
        if energy > 0:
            rows.append(
                {
                    "place": place,
                    "country": country,
                    "carrier": carrier,
                    "energy": energy * 1e-6,
                    "abroad": abroad,
                    "origins": group_rows,
                }
            )
    rows.sort(key=lambda row: -row["abroad"] * row["energy"])
    columns = [
        text_column("Place", lambda row: book.place(row["place"])),
        text_column("Country", lambda row: book.country(row["country"]), minor=True),
        text_column("Carrier", lambda row: book.carrier(row["carrier"])),
        _number("Used", "TWh", lambda row: row["energy"], minor=True),
        _share("From other countries", lambda row: row["abroad"]),
        (Head("Origin", is_minor=True), lambda row: _origins(book, row)),
    ]
    caption = f"Supply mix by place, {book.period}; what leans most on other countries first"
    return plain_view(caption, rows, columns)


def _origins(book: Words, row: Row) -> Cell:
    hue = book.colour(row["carrier"])
    parts = tuple(
        (
            round(float(record["share"]), 4),
            shade(hue, max(1.0 - 0.28 * rank, 0.12)),
            f"{book.country(record['origin_country'])} {percent(record['share'])}",
        )
        for rank, record in enumerate(row["origins"])
        if record["share"] > 0.001
    )
    text = ", ".join(words for _, _, words in parts[:3]) + (" ..." if len(parts) > 3 else "")
    return Cell(text, round(row["abroad"], 9), parts=parts)


def markets_view(results: Results, book: Words) -> View | None:
    """Sales to markets and purchases from them."""
    frame = results["markets.total"]
    frame = frame[frame["ceiling"] > 0]
    if frame.empty:
        return None
    columns = [
        text_column("Market", lambda row: book.element("markets", row["market"])),
        text_column("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
        text_column("Side", lambda row: row["side"], minor=True),
        _number("Taken", "TWh", lambda row: row["taken"] * 1e-6),
        _number("Ceiling", "TWh", lambda row: row["ceiling"] * 1e-6, minor=True),
        _share("Of the ceiling", lambda row: row["share"], bar=True),
        _number("Value", f"million {book.currency}", lambda row: row["value"] * 1e-6, minor=True),
    ]
    notes = "A market that takes less than its ceiling is not unserved."
    return plain_view(f"Trade with markets, {book.period}", records(frame, "taken"), columns, notes)


def contracts_view(results: Results, book: Words) -> View | None:
    """Contracts: what was delivered against the annual quantity."""
    frame = results["contracts.total"]
    if frame.empty:
        return None
    annual = frame["annual_quantity"].where(frame["annual_quantity"] > 0)
    frame = frame.assign(annual=annual, delivered=frame["quantity"] / annual)
    columns = [
        text_column("Contract", lambda row: book.element("contracts", row["contract"])),
        text_column("Kind", lambda row: book.kind("contract_kinds", row["kind"]), minor=True),
        text_column("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
        _number("Delivered", "TWh", lambda row: row["quantity"] * 1e-6),
        _number("Annual quantity", "TWh", lambda row: row["annual"] * 1e-6, minor=True),
        _share("Delivered of it", lambda row: row["delivered"], bar=True),
        _number("Shortfall", "TWh", lambda row: row["shortfall"] * 1e-6, minor=True),
        _number("Cost", f"million {book.currency}", lambda row: row["cost"] * 1e-6, minor=True),
    ]
    return plain_view(f"Contracts, {book.period}", records(frame, "quantity"), columns)


def costs_view(results: Results, book: Words) -> View | None:
    """Costs and income item by item."""
    frame = results["costs"]
    frame = frame[frame["amount"].abs() > 0.5]
    if frame.empty:
        return None
    size, word = _money_size(float(frame["amount"].abs().max()))
    columns = [
        text_column("Item", lambda row: first_upper(human(row["item"]))),
        _number("Amount", f"{word}{book.currency}", lambda row: row["amount"] / size),
    ]
    view = plain_view(f"Costs (income is negative), {book.period}", records(frame, "amount"), columns)
    view.rows.append([Cell("All items", LAST), number_cell(float(frame["amount"].sum()) / size)])
    return view

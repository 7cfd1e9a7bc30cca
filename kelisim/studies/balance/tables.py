"""Tables as a reader sees them: one unit in a header, three digits, names instead of identifiers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.looks import shade
from kelisim.report.ranks import NETWORK, short_rows
from kelisim.report.shares import COMES, GOES, mix_shares
from kelisim.report.words import NONE, Book, figure, first_upper, human, many, percent, text_of
from kelisim.results.results import Results
from kelisim.studies.balance.page import name_of

LAST = "\uffff"  # sorts behind all words: rows with sums
Row = dict[str, Any]
_GRADED = ("links", "assets", "storages", "contracts", "resources", "markets")
_SOURCED = (
    *("places", "links", "assets", "asset_ports", "storages", "demand", "markets", "contracts"),
    *("resources", "profiles", "customer_classes"),
)


@dataclass(frozen=True)
class Cell:
    """One cell: what is written, what it sorts by, a bar behind it (0-1), parts of a stacked bar, a link."""

    text: str
    value: float | str = ""
    bar: float | None = None
    parts: tuple[tuple[float, str, str], ...] = ()  # share, colour, words
    href: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Head:
    """One column: words, unit, whether it holds numbers, whether a narrow screen leaves it out."""

    words: str
    unit: str = ""
    is_number: bool = False
    is_minor: bool = False


@dataclass(frozen=True)
class View:
    """One table of a page."""

    caption: str
    heads: list[Head]
    rows: list[list[Cell]]
    notes: str = ""
    number: int = 0


Column = tuple[Head, Callable[[Row], Cell]]


# ---- columns


def words_cell(words: Any) -> Cell:
    """A cell of text; a dash where there is none."""
    text = text_of(words)
    return Cell(text or NONE, text.lower())


def number_cell(value: Any, bar: float | None = None) -> Cell:
    """A cell of a number to three digits."""
    if value is None or pd.isna(value):
        return Cell(NONE, -math.inf)
    return Cell(figure(value), round(float(value), 9), None if bar is None else min(max(bar, 0.0), 1.0))


def share_cell(value: Any, has_bar: bool = False) -> Cell:
    """A cell of a share of 0-1 in per cent, with a bar if asked."""
    if value is None or pd.isna(value):
        return Cell(NONE, -math.inf)
    share = float(value)
    return Cell(
        percent(share).replace(" %", ""), round(share, 9), min(max(share, 0.0), 1.0) if has_bar else None
    )


def _text(words: str, of: Callable[[Row], Any], minor: bool = False) -> Column:
    return Head(words, is_minor=minor), lambda row: words_cell(of(row))


def _number(words: str, unit: str, of: Callable[[Row], Any], minor: bool = False) -> Column:
    return Head(words, unit, True, minor), lambda row: number_cell(of(row))


def _ranked(words: str, unit: str, of: Callable[[Row], Any], top: float, minor: bool = False) -> Column:
    return Head(words, unit, True, minor), lambda row: number_cell(of(row), float(of(row)) / (top or 1.0))


def _share(words: str, of: Callable[[Row], Any], minor: bool = False, bar: bool = False) -> Column:
    return Head(words, "%", True, minor), lambda row: share_cell(of(row), bar)


def _grade(book: Book, table: str | None, key: str) -> Column:
    """Grade of the row's input; the table is that of the row itself if none is given."""
    grades = {name: _grades(book, name) for name in (_GRADED if table is None else (table,))}

    def cell(row: Row) -> Cell:
        grade = grades.get(table or text_of(row["table"]), {}).get(str(row[key]), "")
        return Cell(grade or NONE, grade or "Z", grade=grade)

    return Head("Grade", is_minor=True), cell


def _grades(book: Book, table: str) -> dict[str, str]:
    rows = book.table(table)
    if rows.empty or "confidence" not in rows.columns:
        return {}
    return dict(zip(rows.iloc[:, 0].astype(str), rows["confidence"].map(text_of), strict=True))


def _view(caption: str, rows: Iterable[Row], columns: list[Column], notes: str = "") -> View:
    cells = [[make(row) for _, make in columns] for row in rows]
    return View(caption, [head for head, _ in columns], cells, notes)


def _records(frame: pd.DataFrame, by: str = "") -> list[Row]:
    """Rows as dictionaries, the largest first if a column is named."""
    ordered = frame.sort_values(by, ascending=False, kind="stable") if by else frame
    return [{str(key): value for key, value in row.items()} for row in ordered.to_dict("records")]


def _price(value: Any) -> float:
    """A shadow price without the dust of the solver."""
    return float(value) if abs(float(value)) >= 5e-4 else 0.0


def _money_size(largest: float) -> tuple[float, str]:
    size = abs(largest)
    return (1e9, "billion ") if size >= 2e10 else (1e6, "million ") if size >= 1e5 else (1.0, "")


# ---- carriers


def balance_view(table: pd.DataFrame, book: Book, carrier: str) -> View | None:
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

    columns = [_text("Country", lambda row: book.country(row["country"])), *(column(key) for key in chosen)]
    view = _view(f"{book.carrier(carrier)} by country, {book.period}", _records(table.reset_index()), columns)
    if len(table) > 1:
        total = table[chosen].sum()
        view.rows.append([Cell("All countries", LAST), *(number_cell(total[key]) for key in chosen)])
    return view


def borders_view(results: Results, book: Book, carrier: str) -> View | None:
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
        _text("Link", lambda row: book.link(row["link"])),
        _text("From", lambda row: country(row, True), minor=True),
        _text("To", lambda row: country(row, False), minor=True),
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
    return _view(f"{book.carrier(carrier)} across borders, {book.period}", _records(mine, "moved"), columns)


# ---- storage, unserved, weak points


def storage_view(results: Results, book: Book, family: str) -> View | None:
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
        _text("Storage", lambda row: book.element("storages", row["storage"])),
        _text("Place", lambda row: book.place(row["place"]), minor=True),
        _text("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
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
    return _view(f"Storages of {name}, {book.period}", _records(mine, "shown"), columns)


def unserved_view(results: Results, book: Book) -> View | None:
    """Demand that is not wholly served, with the limit behind it."""
    short = short_rows(results)
    if short.empty:
        return None
    columns = [
        _text("Place", lambda row: book.place(row["place"])),
        _text("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
        _text("Class", lambda row: first_upper(human(row["customer_class"])), minor=True),
        _text("Protected", lambda row: "yes" if row["protected"] else "no", minor=True),
        _ranked("Unserved", "GWh", lambda row: row["unserved"] * 1e-3, float(short["unserved"].max()) * 1e-3),
        _share("Of its demand", lambda row: row["unserved_rate"]),
        _text("Reason", lambda row: first_upper(text_of(row["reason"])) or "not determined", minor=True),
    ]
    return _view(f"Unserved demand and the limit behind it, {book.period}", _records(short), columns)


def bottleneck_view(results: Results, book: Book, network: bool) -> View | None:
    """Limits of the network that cost something, or those of fields and plants, the dearest first."""
    frame = results["bottlenecks"]
    frame = frame[(frame["value"] > 0) & (frame["table"].isin(NETWORK) == network)]
    if frame.empty:
        return None
    size, word = _money_size(float(frame["value"].max()))
    top = float(frame["value"].max()) / size
    columns = [
        _text("Limit of", lambda row: name_of(book, row)),
        _text(
            "Carrier", lambda row: book.carrier(row["carrier"]) if text_of(row["carrier"]) else "", minor=True
        ),
        _text("Kind of limit", lambda row: first_upper(human(row["limit"])), minor=True),
        _number("Reached", "hours", lambda row: row["hours_full"]),
        _number("Shadow price", f"{book.currency}/MWh", lambda row: row["shadow_price"], minor=True),
        _ranked("Costs", f"{word}{book.currency}", lambda row: row["value"] / size, top),
        _grade(book, None, "element"),
    ]
    notes = (
        "Shadow price: what one more MWh of the limit would save, mean over the hours in which it is reached."
    )
    of = "Limits of the network" if network else "Limits of fields, mines and plants"
    return _view(f"{of} that cost something, {book.period}", _records(frame), columns, notes)


def resources_view(results: Results, book: Book) -> View | None:
    """Shared limits: how much of each is used."""
    frame = results["resources.total"]
    if frame.empty:
        return None
    over = {"step": "each step", "year": "the year"}
    columns = [
        _text("Shared limit", lambda row: book.element("resources", row["resource"])),
        _text("Over", lambda row: over.get(text_of(row["over"]), row["over"]), minor=True),
        _number("Used", "", lambda row: row["used"], minor=True),
        _number("Amount", "", lambda row: row["amount"], minor=True),
        _text("Unit", lambda row: row["unit"], minor=True),
        _share("Share used", lambda row: row["share_used"], bar=True),
        _number("Shadow price", f"{book.currency} per unit", lambda row: row["shadow_price"]),
    ]
    caption = f"Limits shared by several elements, {book.period}; those of each step at their fullest"
    return _view(caption, _records(frame, "share_used"), columns)


def conflicts_view(results: Results, book: Book) -> View | None:
    """Limits that cannot hold together, of a result without an answer."""
    if "conflicts" not in results or results["conflicts"].empty:
        return None
    columns = [
        _text("Limit", lambda row: first_upper(text_of(row["limit"]))),
        _text("Step", lambda row: row["step"]),
        _number("At least", "", lambda row: row["lower"]),
        _number("At most", "", lambda row: row["upper"]),
    ]
    return _view("Limits that conflict", _records(results["conflicts"]), columns)


# ---- supply mix, trade, costs


def mix_view(results: Results, book: Book) -> View | None:
    """Whose energy is used where, with a bar of origins; what leans most on other countries first."""
    shares = mix_shares(results)
    if shares.empty:
        return None
    rows: list[Row] = []
    for (place, carrier), group in groupby(_records(shares), key=itemgetter("place", "carrier")):
        records = list(group)
        energy = sum(float(record["energy"]) for record in records)
        country = book.country_of(place)
        abroad = sum(float(record["share"]) for record in records if record["origin_country"] != country)
        if energy > 0:
            rows.append(
                {
                    "place": place,
                    "country": country,
                    "carrier": carrier,
                    "energy": energy * 1e-6,
                    "abroad": abroad,
                    "origins": records,
                }
            )
    rows.sort(key=lambda row: -row["abroad"] * row["energy"])
    columns = [
        _text("Place", lambda row: book.place(row["place"])),
        _text("Country", lambda row: book.country(row["country"]), minor=True),
        _text("Carrier", lambda row: book.carrier(row["carrier"])),
        _number("Used", "TWh", lambda row: row["energy"], minor=True),
        _share("From other countries", lambda row: row["abroad"]),
        (Head("Origin", is_minor=True), lambda row: _origins(book, row)),
    ]
    caption = f"Supply mix by place, {book.period}; what leans most on other countries first"
    return _view(caption, rows, columns)


def _origins(book: Book, row: Row) -> Cell:
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


def markets_view(results: Results, book: Book) -> View | None:
    """Sales to markets and purchases from them."""
    frame = results["markets.total"]
    frame = frame[frame["ceiling"] > 0]
    if frame.empty:
        return None
    columns = [
        _text("Market", lambda row: book.element("markets", row["market"])),
        _text("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
        _text("Side", lambda row: row["side"], minor=True),
        _number("Taken", "TWh", lambda row: row["taken"] * 1e-6),
        _number("Ceiling", "TWh", lambda row: row["ceiling"] * 1e-6, minor=True),
        _share("Of the ceiling", lambda row: row["share"], bar=True),
        _number("Value", f"million {book.currency}", lambda row: row["value"] * 1e-6, minor=True),
    ]
    notes = "A market that takes less than its ceiling is not unserved."
    return _view(f"Trade with markets, {book.period}", _records(frame, "taken"), columns, notes)


def contracts_view(results: Results, book: Book) -> View | None:
    """Contracts: what was delivered against the annual quantity."""
    frame = results["contracts.total"]
    if frame.empty:
        return None
    annual = frame["annual_quantity"].where(frame["annual_quantity"] > 0)
    frame = frame.assign(annual=annual, delivered=frame["quantity"] / annual)
    columns = [
        _text("Contract", lambda row: book.element("contracts", row["contract"])),
        _text("Kind", lambda row: book.kind("contract_kinds", row["kind"]), minor=True),
        _text("Carrier", lambda row: book.carrier(row["carrier"]), minor=True),
        _number("Delivered", "TWh", lambda row: row["quantity"] * 1e-6),
        _number("Annual quantity", "TWh", lambda row: row["annual"] * 1e-6, minor=True),
        _share("Delivered of it", lambda row: row["delivered"], bar=True),
        _number("Shortfall", "TWh", lambda row: row["shortfall"] * 1e-6, minor=True),
        _number("Cost", f"million {book.currency}", lambda row: row["cost"] * 1e-6, minor=True),
    ]
    return _view(f"Contracts, {book.period}", _records(frame, "quantity"), columns)


def costs_view(results: Results, book: Book) -> View | None:
    """Costs and income item by item."""
    frame = results["costs"]
    frame = frame[frame["amount"].abs() > 0.5]
    if frame.empty:
        return None
    size, word = _money_size(float(frame["amount"].abs().max()))
    columns = [
        _text("Item", lambda row: first_upper(human(row["item"]))),
        _number("Amount", f"{word}{book.currency}", lambda row: row["amount"] / size),
    ]
    view = _view(f"Costs (income is negative), {book.period}", _records(frame, "amount"), columns)
    view.rows.append([Cell("All items", LAST), number_cell(float(frame["amount"].sum()) / size)])
    return view


def sources_view(results: Results, book: Book) -> View | None:
    """Sources of the case, those that most rows rest on first."""
    frame = book.table("sources")
    if frame.empty:
        return None
    counts = _source_counts(book)
    rows = _records(frame)
    for row in rows:
        row["count"] = counts.get(str(row["source"]), 0)
    rows.sort(key=lambda row: -row["count"])

    def title(row: Row) -> Cell:
        url, name = text_of(row.get("url")), text_of(row.get("title")) or text_of(row["source"])
        return Cell(name, name.lower(), href=url if url.startswith(("https://", "http://")) else "")

    columns: list[Column] = [
        (Head("Source"), title),
        _text("Publisher", lambda row: row.get("publisher"), minor=True),
        _text("Date", lambda row: row.get("date"), minor=True),
        _text("Licence or terms", lambda row: row.get("licence")),
        (Head("Rows", "that rest on it", True), lambda row: Cell(str(row["count"]), row["count"])),
    ]
    return _view(f"Sources of the case: {many(len(rows), 'row')}", rows, columns)


def _source_counts(book: Book) -> dict[str, int]:
    tables = [book.table(name) for name in _SOURCED]
    cells = [rows["source"].map(text_of) for rows in tables if "source" in rows.columns]
    if not cells:
        return {}
    parts = pd.concat(cells).str.split(";").explode().str.strip()
    return {str(key): int(count) for key, count in parts[parts != ""].value_counts().items()}

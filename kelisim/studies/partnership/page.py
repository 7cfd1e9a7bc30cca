"""The page of a partnership: what each gains, how it is shared, who pays whom, the books of each partner."""

from __future__ import annotations

import pandas as pd

from kelisim.ledger.venture import WHOLE
from kelisim.report.bars import under_names
from kelisim.report.figure import Figure
from kelisim.report.numbers import figure, first_lower
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.facts import Fact, facts_of, said
from kelisim.results.results import Results
from kelisim.studies.partnership.worths import COUNTRIES

KEY = "partnership"
STEPS = ("gain", "cost", "payment")
LINES = ("revenue", "capex", "opex_fixed", "opex_variable", "tax", "transfer")


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = [
        part(
            words,
            f"{KEY}.players",
            _waterfall(results, words),
            _players(results, words),
            _payments(results, words),
            _others(results, words),
        ),
        part(
            words,
            f"{KEY}.projects",
            _projects(results, words),
            _savings(results, words),
            _demand(results, words),
        ),
        part(words, f"{KEY}.groups", _groups(results, words)),
        *_books(results, words),
    ]
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    keys = [key for key in ("worth", "paid") if key in facts]
    unpaid = facts["worth"].say == f"{KEY}.worth_unpaid"
    names = {"worth": "key_worth_unpaid" if unpaid else "key_worth", "paid": "key_paid"}
    return [key_number(words, f"{KEY}.{names[key]}", value=facts[key].value) for key in keys]


def _of_countries(results: Results) -> bool:
    return str(results.fields["players"]) == COUNTRIES


def _players(results: Results, words: Words) -> View | None:
    rows, money = results["players"], results.case.currency
    columns = ["player:player", "alone:millions, shapley:millions"]
    if (rows["error"] > 0).any():
        columns.append("-error:millions")
    if rows["nucleolus"].notna().all():
        columns.append("nucleolus:millions")
    if rows["bargain"].notna().all():
        columns.append("bargain:millions")
    if rows["least"].notna().all():
        columns.append("-least:millions, -most:millions")
    return view(words, rows, f"{KEY}.players", *columns, currency=money)


def _payments(results: Results, words: Words) -> View | None:
    """What each gains by itself, pays for building, is paid, and keeps."""
    if not _of_countries(results):
        return None
    columns = "player:player, gain:millions, cost:millions, payment:millions, shapley:millions"
    return view(words, results["players"], f"{KEY}.payments", columns, currency=results.case.currency)


def _others(results: Results, words: Words) -> View | None:
    return view(
        words,
        results["others"],
        f"{KEY}.others",
        "country:country, gain:millions",
        most=MOST_ROWS,
        told=False,
        currency=results.case.currency,
    )


def _projects(results: Results, words: Words) -> View | None:
    rows, money = results["projects"], results.case.currency
    columns = ["project:work", "gain:millions, worth:millions"]
    if (rows["energy"] > 0).any():
        columns.append("bare:millions")
    known = rows["capex"].notna()
    columns += ["capex:millions"] if known.all() else []
    return view(words, rows, f"{KEY}.projects", *columns, "most:millions", currency=money)


def _savings(results: Results, words: Words) -> View | None:
    rows = results["savings"]
    return view(
        words,
        rows,
        f"{KEY}.savings",
        "element!u:element, saved:millions",
        told=False,
        currency=results.case.currency,
    )


def _demand(results: Results, words: Words) -> View | None:
    rows = results["demand"]
    columns = "project:work, carrier:carrier_name, energy:amount carrier, served:share, supply:number, worth:number, unit:text"
    return view(words, rows, f"{KEY}.demand", columns)


def _groups(results: Results, words: Words) -> View | None:
    rows = results["groups"].sort_values(["size", "worth"], ascending=[True, False], kind="stable")
    columns = "members:players, worth:millions, projects:works"
    return view(words, rows, f"{KEY}.groups", columns, most=2 * MOST_ROWS, currency=results.case.currency)


def _waterfall(results: Results, words: Words) -> Figure | None:
    """Of each partner what he gains, what he pays for building, what he is paid, and what he keeps."""
    rows = results["players"]
    if not _of_countries(results) or not rows["gain"].abs().max() > 0:
        return None
    size, unit = words.money_unit(float(rows[["gain", "shapley"]].abs().to_numpy().max()))
    heads = [words.text(f"{KEY}.step_{one}") for one in (*STEPS, "kept")]
    named, values = [], []
    for row in rows.itertuples(index=False):
        name = words.text(f"{KEY}.of_player", player=row.player)
        named += [(name, head) for head in heads]
        values += [
            row.gain / size,
            -row.cost / size,
            row.payment / size,
            (row.gain - row.cost + row.payment) / size,
        ]
    return _stairs(words.text(f"{KEY}.players.figure"), named, values, len(heads), unit)


def _stairs(title: str, named: list[tuple[str, str]], values: list[float], each: int, unit: str) -> Figure:
    """What is added and taken away, one line under the other; the last of `each` lines of a partner is what is left."""
    names = [
        f"{player}: {first_lower(head)} {figure(value)}"
        for (player, head), value in zip(named, values, strict=True)
    ]
    made = under_names(title, names, unit)
    is_total = [at % each == each - 1 for at in range(len(values))]
    is_first = [at % each == 0 for at in range(len(values))]
    return made.waterfall(values, is_total, [f"{name} {unit}" for name in names], is_first)


def _books(results: Results, words: Words) -> list[Part]:
    if "books" not in results:
        return []
    measures, books, money = results["measures"], results["books"], results.case.currency
    moves = [_move(words, move) for move in measures["move"]]
    named = measures.assign(at=measures["irr"], after=measures["payback"], move=moves)
    named = named.assign(irr=_rates(measures), payback=_paybacks(measures))
    shown = [
        view(
            words,
            named,
            f"{KEY}.measures",
            "move:text, player:player, npv:millions, irr:by at, payback:by after",
            currency=money,
        )
    ]
    first = int(results.fields["building"])
    some = books[books["year"] <= first + 2]
    columns = "player:player, year:text, capex:millions, revenue:millions, opex_fixed:millions, transfer:millions, cash:millions"
    shown.append(view(words, some, f"{KEY}.books", columns, told=False, currency=money))
    figures = (_lines(books, float(results.fields["rate"]), words), _cumulated(books, words))
    return [part(words, f"{KEY}.books", *figures, *shown)]


def _rates(measures: pd.DataFrame) -> list[Fact]:
    """The rate of return, or that there is none, or more than one."""
    found = []
    for count, rate in zip(measures["rates"], measures["irr"], strict=True):
        say = {0: "irr_none", 1: "irr"}.get(int(count), "irr_several")
        found.append(said(f"{KEY}.{say}", value=rate, count=int(count)))
    return found


def _paybacks(measures: pd.DataFrame) -> list[Fact]:
    """After how many years it is paid back, or that it never is."""
    return [
        said(f"{KEY}.never") if pd.isna(years) else said(f"{KEY}.years", value=years)
        for years in measures["payback"]
    ]


def _lines(books: pd.DataFrame, rate: float, words: Words) -> Figure:
    """Of each partner what each line of its books is worth at the start, up to what it keeps."""
    lines = [line for line in LINES if books[line].abs().max() > 0]
    discount = (1.0 + rate) ** -(books["year"] - 1.0)
    worth = books[[*lines, "cash"]].mul(discount, axis=0).groupby(books["player"], sort=False).sum()
    worth = worth.drop(index=WHOLE, errors="ignore")
    size, unit = words.money_unit(float(worth.abs().to_numpy().max()))
    heads = [words.text(f"{KEY}.books.{line}") for line in lines] + [words.text(f"{KEY}.measures.npv")]
    named, values = [], []
    for player, own in worth.iterrows():
        name = words.text(f"{KEY}.of_player", player=player)
        named += [(name, head) for head in heads]
        values += [*(own[lines] / size), float(own[lines].sum() / size)]
    return _stairs(words.text(f"{KEY}.books.lines"), named, values, len(heads), unit)


def _move(words: Words, move: str) -> str:
    """What is changed, in words; of a sanction of one partner with his name."""
    name, _, player = move.partition(";")
    return words.text(f"{KEY}.move_{name}", player=player)


def _cumulated(books: pd.DataFrame, words: Words) -> Figure:
    """What has come in less what was paid, up to each year."""
    wide = books.pivot(index="year", columns="player", values="cash").cumsum()
    size, unit = words.money_unit(float(wide.abs().to_numpy().max()))
    made = Figure(words.text(f"{KEY}.books.figure"), 320)
    made.across(words.text(f"{KEY}.books.across"), step=5 if len(wide) > 8 else 1).up(unit)
    for player in wide.columns:
        made.line(words.text(f"{KEY}.of_player", player=player), wide.index, wide[player] / size)
    return made

"""The page of dependence: indicators, suppliers, ways and states, the balance of partners, who loses more if the tie is cut."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kelisim.report.let_go import several_parts
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.dependence import listed
from kelisim.results.facts import facts_of
from kelisim.results.let_go import TABLE as LET_GO
from kelisim.results.results import Results
from kelisim.tolerances import SMALL_SHARE

AREA = "area"
KEY = "dependence"
TOLD = (
    "import_dependence",
    "largest_supplier",
    "import_transit",
    "hhi_supplier",
    "rsi",
    "psi",
    "exports_of_supply",
    "export_transit",
    "hhi_export_route",
)
MINOR = ("import_transit", "hhi_supplier", "psi", "rsi")
SHARES = {*TOLD} - {"hhi_supplier", "rsi", "hhi_export_route"}


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = [
        _indicators(results, words),
        part(words, f"{KEY}.suppliers", *_suppliers(results, words)),
        part(words, f"{KEY}.routes", *_routes(results, words)),
        part(words, f"{KEY}.crossing", *_crossing(results, words)),
        part(words, f"{KEY}.months", _months(results, words)),
        part(words, f"{KEY}.tie", _tie(results, words)),
        *_let_go(results, words),
        part(words, f"{KEY}.partners", *_partners(results, words)),
        part(words, f"{KEY}.ownership", _ownership(results, words)),
        part(words, f"{KEY}.cournot", _cournot(results, words)),
    ]
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    found = [key_number(words, f"{KEY}.key_imports", value=facts["imports"].value)]
    exports, tie = facts["exports"], facts["tie"]
    if "state" in exports.places:
        found.append(key_number(words, f"{KEY}.key_exports", **exports.places))
    found.append(key_number(words, f"{KEY}.key_tie", value=abs(tie.value), days=tie.places["days"]))
    return found


def _named(words: Words, frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """A frame with names in place of codes of countries and regions; of another scenario with its word."""
    names = {column: [words.area(code) if code else "" for code in frame[column]] for column in columns}
    return frame.assign(**names).reset_index(drop=True)


def _scenarios(results: Results, words: Words, name: str) -> list[tuple[pd.DataFrame, str]]:
    """The rows of each scenario, with what its captions add."""
    frame = results[name]
    return [
        (rows, words.text(f"{KEY}.scenario_{one}")) for one, rows in frame.groupby("scenario", sort=False)
    ]


def _indicators(results: Results, words: Words) -> Part:
    shown: list[View | None] = []
    for rows, scenario in _scenarios(results, words, "indicators"):
        own = rows[(rows["period"] == "all") & rows["indicator"].isin(TOLD)]
        wide = own.pivot(index=["area", "carrier"], columns="indicator", values="value")
        order = pd.MultiIndex.from_frame(own[["area", "carrier"]].drop_duplicates())
        told = [name for name in TOLD if name in wide]
        wide = wide.reindex(index=order, columns=told)
        wide = wide.assign(**{name: wide[name] * 100.0 for name in told if name in SHARES})
        named = _named(words, wide.reset_index(), "area")
        marks = {name: "-" if name in MINOR else "" for name in told}
        columns = [AREA, "carrier:carrier_name", *(f"{marks[name]}{name}:number" for name in told)]
        shown.append(view(words, named, f"{KEY}.indicators", *columns, scenario=scenario))
    return part(words, f"{KEY}.indicators", *shown, _all(results, words))


def _all(results: Results, words: Words) -> View | None:
    """Every indicator of the horizon with its reading."""
    rows = results["indicators"]
    rows = _named(words, rows[rows["period"] == "all"], "area")
    names = {name: words.known(f"names.indicators.{name}", one.name) for name, one in listed().items()}
    readings = [words.text(f"{KEY}.reading_{one}") if one else "" for one in rows["reading"]]
    rows = rows.assign(what=rows["indicator"].map(names), reading=readings)
    columns = [
        AREA,
        "carrier:carrier_name",
        "what",
        "value:number",
        "reading",
        "-scenario:code dependence.scenario_short",
    ]
    return view(words, rows, f"{KEY}.all", *columns, most=MOST_ROWS, told=False)


def _suppliers(results: Results, words: Words) -> list[View | None]:
    shown = []
    for side in ("supplier", "buyer"):
        rows = results["suppliers"]
        rows = rows[(rows["scenario"] == "plan") & (rows["side"] == side) & (rows["partner"] != rows["area"])]
        rows = rows[rows["share"] > SMALL_SHARE].sort_values("energy", ascending=False, kind="stable")
        named = _named(words, rows, "area", "partner")
        columns = [AREA, "carrier:carrier_name", "partner", "energy:amount carrier", "share:share"]
        more = ["residual:number"] if side == "supplier" else []
        shown.append(
            view(words, named, f"{KEY}.{side}", *columns, *more, most=MOST_ROWS, told=side == "supplier")
        )
    return shown


def _routes(results: Results, words: Words) -> list[View | None]:
    rows, states = (results[name] for name in ("routes", "states"))
    rows = rows[(rows["scenario"] == "plan") & (rows["share"] > SMALL_SHARE)]
    rows = rows.sort_values("energy", ascending=False, kind="stable")
    links = set(results.case.table("links")["link"])
    names = [words.label(way) if way in links else words.element("contracts", way) for way in rows["way"]]
    named = _named(words, rows.assign(way=names), "area", "behind")
    start = [AREA, "carrier:carrier_name", "side:code dependence.side_of"]
    columns = [*start, "way, behind", "energy:amount carrier, share:share"]
    states = states[(states["scenario"] == "plan") & (states["share"] > SMALL_SHARE)]
    crossed = _named(words, states.sort_values("entered", ascending=False, kind="stable"), "area", "state")
    on_way = [*start, "state", "entered:amount carrier, through:amount carrier, share:share"]
    return [
        view(words, named, f"{KEY}.routes", *columns, most=MOST_ROWS),
        view(words, crossed, f"{KEY}.states", *on_way, most=MOST_ROWS, told=False),
    ]


def _crossing(results: Results, words: Words) -> list[View | None]:
    """What crossing each country earns, and what the links over its borders do."""
    if "fees" not in results:
        return []
    fees = _named(words, results["fees"], "area", "origin", "destination")
    own = results["borders"]
    named = _named(words, own, "area", "behind")
    start = [AREA, "carrier:carrier_name"]
    of = ["origin", "destination", "energy:amount carrier", "paid:millions"]
    each = [
        "link:link",
        "-behind",
        "-out:amount carrier",
        "-into:amount carrier",
        "tariffs:millions",
        "rent:millions",
    ]
    return [
        view(words, fees, f"{KEY}.fees", *start, *of, most=MOST_ROWS),
        view(words, named, f"{KEY}.borders", *start, *each, most=MOST_ROWS, told=False),
    ]


def _months(results: Results, words: Words) -> View | None:
    """The largest exports month by month: share through the state that most enter, concentration of routes."""
    exports = facts_of(results["facts"])["exports"]
    if "state" not in exports.places:
        return None
    rows = results["indicators"]
    area, carrier = exports.places["area"], exports.places["carrier"]
    chosen = (
        (rows["scenario"] == "plan")
        & (rows["area"] == area)
        & (rows["carrier"] == carrier)
        & (rows["period"] != "all")
    )
    wide = rows[chosen & rows["indicator"].isin(("export_transit", "hhi_export_route"))]
    wide = wide.pivot(index="period", columns="indicator", values="value").reset_index()
    if len(wide.columns) < 3:
        return None
    places = {"area": area, "carrier": carrier}
    return view(
        words,
        wide,
        f"{KEY}.months",
        "period",
        "export_transit:percent, hhi_export_route:number",
        told=False,
        **places,
    )


def _tie(results: Results, words: Words) -> View | None:
    rows = results["tie"]
    pair = results.fields["pair"]
    names = [words.country(code) if code else words.text(f"{KEY}.nobody") for code in rows["country"]]
    first, second = map(words.country, pair)
    cuts = {
        cut: words.text(f"{KEY}.cut_{cut}", first=first, second=second) for cut in dict.fromkeys(rows["cut"])
    }
    told = rows.assign(country=names, cut=[cuts[cut] for cut in rows["cut"]])
    money = "unserved_cost:millions, supply_cost:millions, trade_cost:millions, loss:millions"
    return view(
        words,
        told,
        f"{KEY}.tie",
        "cut, country",
        "unserved:some_energy, -protected:some_energy",
        money,
        most=MOST_ROWS,
    )


def _cuts(words: Words, rows: pd.DataFrame, pair: Sequence[str]) -> pd.DataFrame:
    """Rows with the cut in words."""
    first, second = map(words.country, pair)
    names = {cut: words.text(f"{KEY}.cut_{cut}", first=first, second=second) for cut in set(rows["cut"])}
    return rows.assign(cut=[names[cut] for cut in rows["cut"]])


def _let_go(results: Results, words: Words) -> list[Part]:
    """What each cut lets go beyond the plan."""
    return several_parts(
        words, _cuts(words, results[LET_GO], results.fields["pair"]), f"{KEY}.let_go", "cut:text"
    )


def _partners(results: Results, words: Words) -> list[View | None]:
    balance, beside, rows = (results[name] for name in ("partners.balance", "partners.beside", "partners"))
    who = [words.country(a) if a else b for a, b in zip(rows["partner"], rows["route"], strict=True)]
    largest = [words.country(one) for one in balance["largest"]]
    kinds = {name: words.text(f"{KEY}.beside.{name}") for name in beside["indicator"]}
    states = [words.country(one) if one else "" for one in beside["state"]]
    seen = _named(words, beside.assign(what=beside["indicator"].map(kinds), state=states), "country")
    carrier, topic = "carrier:carrier_name", "topic:code dependence.topic"
    even = [
        topic,
        carrier,
        "period:months, -direction, largest",
        "largest_share:share, -known_share:share, hhi:number, even:number",
    ]
    each = [
        topic,
        carrier,
        "period:months, -direction, who",
        "value:number, unit, share:share, confidence:grade",
    ]
    return [
        view(
            words,
            seen,
            f"{KEY}.beside",
            "country",
            carrier,
            "period:months, what, state, observed:number, model:number",
        ),
        view(words, balance.assign(largest=largest), f"{KEY}.balance", *even, told=False),
        view(words, rows.assign(who=who), f"{KEY}.published", *each, told=False, most=MOST_ROWS),
    ]


def _ownership(results: Results, words: Words) -> View | None:
    rows = results["ownership"]
    rows = rows[rows["share"] > SMALL_SHARE]
    names = [words.country(code) if code else words.text("words.not_known") for code in rows["owner"]]
    told = _named(words, rows.assign(owner=names), "country")
    columns = "country, carrier:carrier_name, owner, energy:amount carrier, share:share"
    return view(words, told, f"{KEY}.ownership", columns, told=False, most=MOST_ROWS)


def _cournot(results: Results, words: Words) -> View | None:
    if "cournot" not in results:
        return None
    told = _named(words, results["cournot"], "area", "supplier")
    amounts = "plan:amount carrier, nash:amount carrier, closed_form:amount carrier"
    columns = ["carrier:carrier_name", "supplier", "cost:number", amounts, "price_plan:number, price:number"]
    return view(words, told, f"{KEY}.cournot", *columns, told=False)

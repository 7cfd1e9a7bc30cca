"""Tables of the page of a balance: carriers, borders, storages, who goes short, weak points, mix, trade, costs."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

import numpy as np
import pandas as pd

from kelisim.report.numbers import percent, text_of
from kelisim.report.shares import COMES, GOES, mix_shares
from kelisim.report.table import Cell, Head, Row, View, graded, records, view, with_sum
from kelisim.report.theme import shade
from kelisim.report.words import Words
from kelisim.results.bottlenecks import NETWORK, short_rows
from kelisim.results.parts import in_parts
from kelisim.results.results import Results
from kelisim.results.tables import FIGURES
from kelisim.tolerances import NAMED_PRICE

SMALL_PART = 0.005  # share of a shortage below which a part of the day is not named
_YEAR = [name for name in FIGURES if name != "net_import"]
_ALWAYS = ("made", "imported", "used", "exported", "unserved")


def key_figures(results: Results, words: Words) -> list[View | None]:
    """The year at a glance: the home country and the whole case, as the command line prints them; comes and goes are equal."""
    figures = results["key_figures"]
    home = words.case.setting("defaults", "home")
    shown = []
    for country in (home, "all"):
        where = words.text("balance.key_figures.whole") if country == "all" else words.country(country)
        rows = figures[figures["country"] == country]
        size = rows[_YEAR].abs()
        used = size.gt(1e-6 * size.max(axis=1), axis=0).any()
        columns = [f"{name}:number" for name in _YEAR if used[name] or name in _ALWAYS]
        shown.append(view(
            words, rows, "balance.key_figures", "carrier:carrier_name", "unit", *columns, title=words.title, where=where,
            steps=words.step_words,
        ))  # fmt: skip
    return shown


# ---- carriers
def balance_view(table: pd.DataFrame, words: Words, carrier: str) -> View | None:
    """Balance of one carrier by country (a table of shares.balance_table), and its sum."""
    if table.empty:
        return None
    items = [*COMES, *GOES, "unserved"]
    chosen = table[items].abs().max() > 1e-6 * float(table["size"].max())
    shown = [name for name in items if chosen[name]]
    major = {"made", "imported", "used", "unserved"} & set(shown)
    major -= {"made"} if len(major) > 3 else set()
    columns = [f"{'' if name in major else '-'}{name}:number" for name in shown]
    unit = words.unit(carrier)[0]
    made = view(
        words,
        table.reset_index(),
        "balance.carrier",
        "country:country",
        *columns,
        told=False,
        carrier=carrier,
        unit=unit,
    )
    return with_sum(made, words.text("balance.carrier.all")) if made and len(table) > 1 else made


def borders_view(results: Results, words: Words, carrier: str) -> View | None:
    """Links of one carrier that cross a border, the largest flow first."""
    total = results["links.total"]
    mine = total[(total["carrier"] == carrier).to_numpy(dtype=bool)]
    start, end = (mine[side].astype(str).map(words.country_of) for side in ("from_place", "to_place"))
    moved = mine["forward"] + mine["back"]
    unit, factor = words.unit(carrier)
    is_turned = mine["back"] > mine["forward"]
    booked = (
        results["streams.links"].groupby("link")["sent"].sum() if "streams.links" in results else pd.Series()
    )
    mine = mine.assign(
        booked=mine["link"].astype(str).map(booked).fillna(0.0).astype(float) * factor,
        moved=moved, start=start.where(~is_turned, end), end=end.where(~is_turned, start),
        flow=np.maximum(mine["forward"], mine["back"]) * factor, against=np.minimum(mine["forward"], mine["back"]) * factor,
        limit=mine["capacity"].where(~is_turned, mine["capacity_back"]) * (1.0 if unit == "TWh" else factor * words.hours),
        shadow_price=mine["shadow_price"].where(mine["shadow_price"].abs() >= NAMED_PRICE, 0.0),
    )[(start != end) & (moved > 1e-9 * max(float(moved.max()), 1.0))]  # fmt: skip
    key = f"balance.borders.rate_{'year' if words.has_whole_year else 'period'}"
    rate = "MW" if unit == "TWh" else words.text(key, unit=unit)
    return view(
        words, graded(words, mine, "link", "links").sort_values("moved", ascending=False, kind="stable"), "balance.borders",
        "link:link", "-start:country", "-end:country", "flow:number", *(["booked:number"] if mine["booked"].any() else []),
        "-against:number", "-limit:number", "loading:bar",
        "-hours_full:number", "-shadow_price:number", "-grade:grade", told=False, carrier=carrier, unit=unit, rate=rate,
    )  # fmt: skip


# ---- storage, unserved, weak points
def storage_view(results: Results, words: Words, family: str) -> View | None:
    """Storages of one family of carriers, the largest first."""
    total = results["storages.total"].astype({"storage": str, "carrier": str})
    mine = total[(total["carrier"].map(words.family) == family) & (total["working_capacity"] > 0)]
    units = {words.unit(carrier)[0] for carrier in mine["carrier"]}
    unit = units.pop() if len(units) == 1 else "TWh"
    scale = mine["carrier"].map(lambda carrier: words.unit(carrier)[1] if not units else 1e-6).astype(float)
    size = mine["working_capacity"]
    lowest = pd.Series(np.nan, index=mine.index)
    if "storages.level" in results:
        levels = results["storages.level"].astype({"storage": str}).groupby("storage")["level"].min()
        lowest = mine["storage"].map(levels)
    mine = mine.assign(
        shown=size * scale, start=mine["level_start"] / size, lowest=lowest / size, end=mine["level_end"] / size,
        put_in=mine["injected"] * scale, taken_out=mine["withdrawn"] * scale,
        name=[words.element("storages", storage) for storage in mine["storage"]],
    )  # fmt: skip
    return view(
        words, graded(words, mine, "storage", "storages").sort_values("shown", ascending=False, kind="stable"), "balance.storage",
        "name", "-place:place", "-carrier:carrier_name", "shown:number", "-start:share", "lowest:bar", "-end:share",
        "-put_in:number", "-taken_out:number", "-grade:grade", told=False, family=family, unit=unit,
    )  # fmt: skip


def unserved_view(results: Results, words: Words) -> View | None:
    """Demand that is not wholly served, with the limit behind it."""
    short = short_rows(results["demand.total"]).assign(shown=lambda f: f["unserved"] * 1e-3)
    short = short.assign(of_most=short["shown"] / (short["shown"].max() or 1.0))
    parts = []
    if results.case.horizon.has_parts and "demand.unserved" in results:
        short = short.assign(parts=_parts_short(results, words, short))
        parts = ["parts!u:text"]
    return view(
        words, short, "balance.unserved", "place:place", "carrier:carrier_name", "-customer_class!u:human", "-protected:yes",
        "shown:ranked of_most", "unserved_rate:share", *parts, "reason!u:behind hours_short",
    )  # fmt: skip


def _parts_short(results: Results, words: Words, short: pd.DataFrame) -> list[str]:
    """The parts of the day in which each row of demand is short, with their shares; of carriers that have none, all day."""
    case, keys = results.case, ["place", "carrier", "customer_class"]
    steps = case.horizon.steps
    rows = results["demand.unserved"]
    hours = rows["step"].map(dict(zip(steps["step"], case.horizon.hours, strict=True))).astype(float)
    rows = rows.assign(energy=rows["unserved"] * hours, cell=rows["step"])
    found = []
    for place, carrier, customer_class in short[keys].astype(str).itertuples(index=False):
        if not in_parts(case, carrier):
            found.append(words.text("parts.all_day"))
            continue
        own = rows[(rows[keys].astype(str) == [place, carrier, customer_class]).all(axis=1)]
        named = own.groupby(own["step"].map(words.part))["energy"].sum().sort_values(ascending=False)
        shares = named / named.sum()
        most = shares[shares >= SMALL_PART]
        said = [f"{name} {percent(share)}" for name, share in most.items()]
        found.append(str(most.index[0]) if len(most) == 1 else ", ".join(said))
    return found


def bottleneck_view(results: Results, words: Words, network: bool) -> View | None:
    """Limits of the network with a price, or those of fields and plants, the largest rent first."""
    frame = results["bottlenecks"]
    frame = frame[(frame["value"] > 0) & (frame["table"].isin(NETWORK) == network)]
    if frame.empty:
        return None
    most = float(frame["value"].max())
    size, unit = words.money_unit(most, billion=2e10, million=1e5)
    limits = [words.bottleneck(*row) for row in frame[["table", "limit", "carrier"]].itertuples(index=False)]
    frame = graded(words, frame, "element").assign(limit=limits, of_most=frame["value"] / most)
    return view(
        words, frame.assign(value=frame["value"] / size), "balance.weak", "element!u:element", "-carrier:some_carrier",
        "-limit!u", "hours_full:number", "-shadow_price:number", "value:ranked of_most", "-grade:grade",
        notes=words.text("balance.weak.notes"), told=False, unit=unit,
        of=words.text(f"balance.weak.{'network' if network else 'plants'}"),
    )  # fmt: skip


def resources_view(results: Results, words: Words) -> View | None:
    """Shared limits: how much of each is used."""
    frame = results["resources.total"].sort_values("share_used", ascending=False, kind="stable")
    return view(
        words, frame, "balance.resources", "resource:element", "-over:code balance.resources.over", "-used:number", "-amount:number",
        "-unit", "share_used:bar", "shadow_price:number", told=False,
    )  # fmt: skip


# ---- supply mix, trade, costs
def mix_view(results: Results, words: Words) -> View | None:
    """Whose energy is used where, with a bar of origins; what leans most on other countries first."""
    rows: list[Row] = []
    for (place, carrier), group in groupby(records(mix_shares(results)), key=itemgetter("place", "carrier")):
        origins = list(group)
        energy = sum(float(row["energy"]) for row in origins) * 1e-6
        country = words.country_of(place)
        abroad = sum(float(row["share"]) for row in origins if row["origin_country"] != country)
        if energy > 0:
            rows.append({
                "place": place, "country": country, "carrier": carrier, "energy": energy, "abroad": abroad, "origins": origins,
            })  # fmt: skip
    rows.sort(key=lambda row: -row["abroad"] * row["energy"])
    origin = (Head(words.text("balance.mix.origin"), is_minor=True), lambda row: _origins(words, row))
    return view(
        words, pd.DataFrame(rows), "balance.mix", "place:place", "-country:country", "carrier:carrier_name", "-energy:number",
        "abroad:share", origin, told=False,
    )  # fmt: skip


def _origins(words: Words, row: Row) -> Cell:
    hue = words.colour(row["carrier"])
    parts = tuple(
        (
            round(float(record["share"]), 4),
            shade(hue, max(1.0 - 0.28 * rank, 0.12)),
            f"{words.country(record['origin_country'])} {percent(record['share'])}",
        )
        for rank, record in enumerate(row["origins"])
        if record["share"] > 0.001
    )
    text = ", ".join(name for _, _, name in parts[:3]) + (" ..." if len(parts) > 3 else "")
    return Cell(text, round(row["abroad"], 9), parts=parts)


def markets_view(results: Results, words: Words) -> View | None:
    """Sales to markets and purchases from them."""
    frame = results["markets.total"]
    frame = frame[frame["ceiling"] > 0].sort_values("taken", ascending=False, kind="stable")
    frame = frame.assign(name=[words.element("markets", market) for market in frame["market"]])
    return view(
        words, frame, "balance.markets", "name", "-carrier:carrier_name", "-side", "taken:millions", "-ceiling:millions",
        "share:bar", "-value:millions", notes=words.text("balance.markets.notes"), told=False,
    )  # fmt: skip


def contracts_view(results: Results, words: Words) -> View | None:
    """Contracts: what was delivered against the annual quantity."""
    frame = results["contracts.total"].sort_values("quantity", ascending=False, kind="stable")
    annual = frame["annual_quantity"].where(frame["annual_quantity"] > 0)
    frame = frame.assign(annual=annual, delivered=frame["quantity"] / annual, kind=frame["kind"].map(text_of))
    kinds = [words.kind("contract_kinds", kind) for kind in frame["kind"]]
    return view(
        words, frame.assign(kind=kinds), "balance.contracts", "contract:element", "-kind", "-carrier:carrier_name",
        "quantity:millions", "-annual:millions", "delivered:bar", "-shortfall:millions", "-cost:millions", told=False,
    )  # fmt: skip


def duties_view(results: Results, words: Words) -> View | None:
    """Duties to supply home markets: what was owed and delivered, and what a cap on the price costs the seller."""
    if "duties.total" not in results:
        return None
    frame = results["duties.total"].sort_values("owed", ascending=False, kind="stable")
    return view(
        words, frame, "balance.duties", "duty:element", "-carrier:carrier_name", "owed:millions", "share_delivered:bar",
        "shortfall:millions", "-shadow_price:number", "-cost:millions", "-given_up:millions", told=False,
    )  # fmt: skip


def costs_view(results: Results, words: Words) -> View | None:
    """Costs and income item by item."""
    frame = results["costs"].sort_values("amount", ascending=False, kind="stable")
    frame = frame[frame["amount"].abs() > 0.5]
    size, unit = words.money_unit(float(frame["amount"].abs().max()), billion=2e10, million=1e5)
    frame = frame.assign(amount=frame["amount"] / size)
    made = view(
        words, frame, "balance.costs", "item!u:code costs.item", "amount:number", told=False, unit=unit
    )
    return with_sum(made, words.text("balance.costs.all")) if made else None

"""The page of a balance: the year in a map, carriers, storages, who goes short, weak points, supply mix, costs."""

from __future__ import annotations

from typing import TypeAlias

from kelisim.report import bars, curves, shares
from kelisim.report.figure import Figure
from kelisim.report.let_go import plan_view, transit_view
from kelisim.report.maps import flow_map
from kelisim.report.page import Choice, KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import View
from kelisim.report.words import Words
from kelisim.results.facts import facts_of, said
from kelisim.results.results import Results
from kelisim.studies.balance import tables

Item: TypeAlias = Figure | View | None


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    can_draw = len(results["links.total"]) and len(results.case.table("places"))
    year = shares.sankey(results, words)
    parts = [
        part(words, "balance.carriers", choices=tuple(_carriers(results, words))),
        part(
            words, "balance.year", year, shares.balance(results, words), *tables.key_figures(results, words)
        ),
        part(words, "balance.storage", *_storages(results, words)),
        part(words, "balance.unserved", *_unserved(results, words)),
        part(words, "balance.weak", *_weak(results, words)),
        part(words, "balance.mix", *_mix(results, words)),
        part(words, "balance.costs", *_costs(results, words)),
    ]
    return made_page(
        results, words, parts, _key_numbers(results, words), map=flow_map(results, words=words) if can_draw else None,
        map_title=words.text("balance.map" if can_draw else "balance.no_map"),
    )  # fmt: skip


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    """Share of demand supplied, the largest rent of a limit, the cost."""
    facts = facts_of(results["facts"])
    missing, hit, weakest, cost = (
        facts[key] for key in ("unserved_energy", "unserved_protected", "weakest_limit", "cost")
    )
    short = said("balance.numbers.missing", energy=missing.value * 1e-3)
    lacking = said("balance.numbers.protected", energy=hit.value * 1e-3)
    return [
        key_number(
            words, "balance.numbers.served", hit.value > 0, served=1.0 - missing.places["share"],
            missing=short if missing.value > 0 else said("balance.numbers.nothing_missing"),
            protected=lacking if hit.value > 0 else said("balance.numbers.protected_served"),
        ),
        key_number(
            words, f"balance.numbers.{'weakest' if weakest.value > 0 else 'no_limit'}", value=weakest.value,
            element=weakest.places.get("element"),
        ),
        key_number(
            words, f"balance.numbers.{'cost_sales' if cost.places['sales'] else 'cost'}", value=cost.value,
            earned=facts["income"].value,
        ),
    ]  # fmt: skip


def _carriers(results: Results, words: Words) -> list[Choice]:
    rows = results["carriers.balance"]
    order = words.families(rows["carrier"].astype(str))
    size = rows.groupby(rows["carrier"].astype(str))["made"].sum()
    names = sorted(size.index, key=lambda name: (order.index(words.family(name)), -float(size[name])))
    out = []
    for name in names:
        table = shares.balance_table(results, words, name)
        if table.empty:
            continue
        items = (
            shares.balance_figure(words, table, name),
            tables.balance_view(table, words, name),
            tables.borders_view(results, words, name),
        )
        shown = tuple(item for item in items if item is not None)
        out.append(Choice(name, words.carrier(name), words.colour(name), shown))
    return out


def _storages(results: Results, words: Words) -> list[Item]:
    total = results["storages.total"]
    found: list[Item] = []
    for family in curves.storage_families(results, words):
        own = total[total["carrier"].astype(str).map(words.family) == family]
        if float(own["working_capacity"].sum()) > 0:
            found.append(curves.storage(results, words, family) if "storages.level" in results else None)
            found.append(tables.storage_view(results, words, family))
    return found


def _unserved(results: Results, words: Words) -> list[Item]:
    table = tables.unserved_view(results, words)
    return [] if table is None else [bars.unserved(results, words), table]


def _weak(results: Results, words: Words) -> list[Item]:
    table = tables.bottleneck_view(results, words, network=True)
    used = bool((results["links.total"]["loading"] > 0).any()) if len(results["links.total"]) else False
    return [
        bars.bottlenecks(results, words, network=True) if table is not None else None,
        table,
        tables.bottleneck_view(results, words, network=False),
        curves.loading_duration(results, words) if used and "links.flow" in results else None,
        tables.resources_view(results, words),
    ]


def _mix(results: Results, words: Words) -> list[Item]:
    table = tables.mix_view(results, words)
    if table is None:
        return []
    rows = shares.mix_shares(results)
    foreign = rows[rows["origin_country"] != rows["place"].map(words.country_of)]
    shown = [shares.mix(results, words)]
    if len(foreign):
        largest = str(foreign.groupby("carrier")["energy"].sum().idxmax())
        shown.append(shares.mix(results, words, carrier=largest))
    return [*shown, table]


def _costs(results: Results, words: Words) -> list[Item]:
    nodes = results["places.balance"]
    use = (nodes["used"] + nodes["taken_in"]).groupby(nodes["carrier"].astype(str)).sum()
    use = use[use > 0].sort_values(ascending=False)
    priced = [name for name in ("electricity", "natural_gas") if name in use] or list(use.index[:2])
    return [
        bars.costs(results, words),
        tables.costs_view(results, words),
        *(curves.price_duration(results, words, name) for name in priced if "places.price" in results),
        tables.markets_view(results, words),
        tables.contracts_view(results, words),
        tables.duties_view(results, words),
        transit_view(results, words),
        plan_view(results, words),
    ]

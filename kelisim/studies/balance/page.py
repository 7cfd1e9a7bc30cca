"""The page of a balance: the year in a map, carriers, storages, who goes short, weak points, supply mix, costs."""

from __future__ import annotations

from typing import TypeAlias

import plotly.graph_objects as go

from kelisim.report import bars, curves, shares
from kelisim.report.maps import flow_map
from kelisim.report.page import Choice, Page, Part
from kelisim.report.table import View
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.balance import answer
from kelisim.studies.balance import tables as views

Item: TypeAlias = go.Figure | View | None
NO_MAP = "No map: the case has no links or no places to draw."


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    drawn = flow_map(results) if len(results["links.total"]) and len(results.case.table("places")) else None
    title = f"Flows between places and how full the links are, {words.period}; one carrier in front."
    year = shares.sankey(results)
    year.layout.meta = {**year.layout.meta, "wide": True}
    return Page(
        answer.question(results, words),
        tuple(answer.sentences(results, words)),
        tuple(answer.key_numbers(results, words)),
        (
            Part("Carriers: where from, where to", "carriers", (), "No carrier moves.", choices=tuple(_carriers(results, words))),
            Part("The year as a whole", "year", (year, shares.balance(results))),
            Part("Storage", "storage", _some(*_storages(results, words)), "The case has no storages."),
            Part("Unserved demand", "unserved", _some(*_unserved(results, words)), "Nothing is unserved."),
            Part("Weak points", "weak", _some(*_weak(results, words)), "No limit of the network costs anything."),
            Part("Supply mix by place", "mix", _some(*_mix(results, words)), "The supply mix was not traced."),
            Part("Costs, prices and trade", "costs", _some(*_costs(results, words))),
        ),
        METHOD,
        tuple(results.meta.get("limits", [])),
        drawn,
        title if drawn else NO_MAP,
    )  # fmt: skip


def _some(*items: Item) -> tuple[go.Figure | View, ...]:
    return tuple(item for item in items if item is not None)


def _carriers(results: Results, words: Words) -> list[Choice]:
    rows = results["carriers.balance"]
    order = words.families(rows["carrier"].astype(str))
    size = rows.groupby(rows["carrier"].astype(str))["made"].sum()
    names = sorted(size.index, key=lambda name: (order.index(words.family(name)), -float(size[name])))
    out = []
    for name in names:
        table = shares.balance_table(results, name)
        if table.empty:
            continue
        items = _some(
            shares.balance_figure(words, table, name),
            views.balance_view(table, words, name),
            views.borders_view(results, words, name),
        )
        out.append(Choice(name, words.carrier(name), words.colour(name), items))
    return out


def _storages(results: Results, words: Words) -> list[Item]:
    total = results["storages.total"]
    found: list[Item] = []
    for family in curves.storage_families(results):
        own = total[total["carrier"].astype(str).map(words.family) == family]
        if float(own["working_capacity"].sum()) > 0:
            found.append(curves.storage(results, family) if "storages.level" in results else None)
            found.append(views.storage_view(results, words, family))
    return found


def _unserved(results: Results, words: Words) -> list[Item]:
    table = views.unserved_view(results, words)
    return [] if table is None else [bars.unserved(results), table]


def _weak(results: Results, words: Words) -> list[Item]:
    table = views.bottleneck_view(results, words, network=True)
    used = bool((results["links.total"]["loading"] > 0).any()) if len(results["links.total"]) else False
    return [
        bars.bottlenecks(results, network=True) if table is not None else None,
        table,
        views.bottleneck_view(results, words, network=False),
        curves.loading_duration(results) if used and "links.flow" in results else None,
        views.resources_view(results, words),
    ]


def _mix(results: Results, words: Words) -> list[Item]:
    table = views.mix_view(results, words)
    if table is None:
        return []
    rows = shares.mix_shares(results)
    foreign = rows[rows["origin_country"] != rows["place"].map(words.country_of)]
    shown = [shares.mix(results)]
    if len(foreign):
        shown.append(shares.mix(results, carrier=str(foreign.groupby("carrier")["energy"].sum().idxmax())))
    return [*shown, table]


def _costs(results: Results, words: Words) -> list[Item]:
    nodes = results["places.balance"]
    use = (nodes["used"] + nodes["taken_in"]).groupby(nodes["carrier"].astype(str)).sum()
    use = use[use > 0].sort_values(ascending=False)
    priced = [name for name in ("electricity", "natural_gas") if name in use] or list(use.index[:2])
    return [
        bars.costs(results),
        views.costs_view(results, words),
        *(curves.price_duration(results, name) for name in priced if "places.price" in results),
        views.markets_view(results, words),
        views.contracts_view(results, words),
    ]


METHOD = (
    "The flows are those of the year that costs least, with all steps solved together: production, "
    "transport, storage, sales and the value of lost load are weighed against each other.",
    "A nodal price is the cost of one more MWh at a place; a shadow price is what one more MWh of a "
    "limit would save.",
    "Where several plans cost the same, totals and costs are firm; a single flow may be one of several.",
)

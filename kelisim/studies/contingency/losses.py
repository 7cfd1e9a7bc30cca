"""What can be lost, and what each loss, pair and set does: result tables in identifiers of the case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import protected
from kelisim.case.letting_go import allowed_by
from kelisim.engine import Contingencies, Lost, Singles, Window
from kelisim.model.demand import labels
from kelisim.results import indices
from kelisim.results.let_go import ARRIVED, TABLE
from kelisim.results.n1_areas import Area, areas, highest_day, infrastructure
from kelisim.results.schema import framed
from kelisim.results.weakest import Hurt
from kelisim.tolerances import NO_COST, NO_ENERGY, SMALL_ENERGY

TABLES = {"links": "link", "assets": "asset", "storages": "storage", "places": "place"}
SETS = ("tracks", "sites")  # links that share one capacity; assets and storages at one place
MOST_PAIRS = 1000  # that are listed of all pairs
FORMULA = [
    *(
        "country",
        "area",
        "name",
        "carrier",
        "level",
        *indices.PARTS,
        "largest",
        "largest_capacity",
        "demand",
        "demand_side",
    ),
    *("n1", "n1_demand_side", "is_met", "unserved_model"),
]  # columns
Member = tuple[str, str]  # table, element


# ---- what can be lost
def losses(case: Case, of: Sequence[str], carriers: set[str]) -> list[Lost]:
    """Elements in use of the tables asked for, tracks with several links, sites with several units."""
    found = []
    for table in (word for word in of if word in TABLES):
        rows = case.table(table)
        if "status" in rows:
            rows = rows[rows["status"] == "base"]
        if carriers and table != "places":
            own = rows["carrier"] if "carrier" in rows else rows["asset"].map(case.reference_carriers)
            rows = rows[own.isin(carriers)]
        found += [Lost(f"{table}:{element}", ((table, str(element)),)) for element in rows[TABLES[table]]]
    for word, groups in zip(SETS, (_tracks, _sites), strict=True):
        if word in of:
            found += [Lost(f"{word}:{key}", tuple(own)) for key, own in groups(case) if len(own) > 1]
    return found


def _tracks(case: Case) -> Iterator[tuple[str, list[Member]]]:
    links = case.table("links")
    links = links[(links["shared_with"] != "") & (links["status"] == "base")]
    for track, own in links.groupby("shared_with", sort=True):
        yield str(track), [("links", str(link)) for link in own["link"]]


def _sites(case: Case) -> Iterator[tuple[str, list[Member]]]:
    units: dict[str, list[Member]] = {}
    for table in ("assets", "storages"):
        for element, place in case.table(table)[[TABLES[table], "place"]].itertuples(index=False):
            units.setdefault(str(place), []).append((table, str(element)))
    yield from sorted(units.items())


# ---- what a loss does
def single_losses(asked: Contingencies, found: Singles) -> pd.DataFrame:
    """One row per loss, what hurts the home country most first: extra cost, what of it the home country bears, unserved energy, of it
    protected, and the row that lacks most."""
    case = asked.opened.case
    hurt = Hurt.of(case)
    energy = found.unserved @ asked.opened.hours
    unserved = energy.sum(axis=1)
    rows = np.array(labels(case.table("demand")), dtype=object)
    most = rows[energy.argmax(axis=1)] if len(rows) else ""
    costs = np.where(np.abs(found.costs) > NO_COST, found.costs, 0.0)
    at_home = np.array([hurt.is_home(lost.members) for lost in asked.elements], dtype=bool)
    frame = pd.DataFrame([name.split(":", 1) for name in found.names], columns=["table", "element"]).assign(
        extra_cost=costs,
        cost_home=hurt.cost(costs, energy, at_home),
        is_home=at_home,
        unserved=unserved,
        protected=np.compress(protected(case), energy, axis=1).sum(axis=1),
        rows_short=(energy > 0).sum(axis=1),
        most_in=np.where(unserved > 0, most, ""),
        solved=found.solved,
    )
    order = ["cost_home", "extra_cost", "unserved", "table", "element"]
    return frame.sort_values(order, ascending=[False, False, False, True, True], ignore_index=True)


def who_is_short(asked: Contingencies, found: Singles) -> pd.DataFrame:
    """Unserved energy of each loss by place, carrier and class."""
    energy = found.unserved @ asked.opened.hours
    at, row = np.nonzero(energy > NO_ENERGY)
    short = _short(asked.opened.case, row, energy[at, row])
    short.insert(0, "lost", np.array(found.names, dtype=object)[at])
    return short


def let_go(asked: Contingencies, found: Singles) -> pd.DataFrame:
    """What each loss lets go beyond the plan, in the order of the losses; by: the table whose row allows it, or `arrived`."""
    nodes, base = asked.letting_go, asked.let_go_base
    own = [(place, carrier) for place, _, carrier in (node.partition(":") for node in nodes.nodes)]
    count = len(own) - nodes.arriving
    by = [*allowed_by(asked.opened.case, own[:count]), *[ARRIVED] * nodes.arriving]
    at, node = np.nonzero(found.let_go - base > SMALL_ENERGY)
    rows = [
        (found.names[i], *own[n], found.let_go[i, n], base[n], by[n]) for i, n in zip(at, node, strict=True)
    ]
    return framed("contingency", TABLE, rows)


def _short(case: Case, rows: np.ndarray, energy: np.ndarray) -> pd.DataFrame:
    demand = case.table("demand")[["place", "carrier", "customer_class"]]
    return demand.iloc[rows].reset_index(drop=True).assign(unserved=energy)


def worst_pairs(asked: Contingencies, count: int) -> pd.DataFrame:
    """Pairs, costliest first; no pair that is not listed costs more than `others_at_most`."""
    if count < 0:
        outcomes = asked.all_pairs().outcomes(MOST_PAIRS + 1)
        others, is_proven = outcomes[MOST_PAIRS].value if len(outcomes) > MOST_PAIRS else np.nan, True
        outcomes = outcomes[:MOST_PAIRS]
    else:
        found = asked.worst_pairs(count)
        outcomes, others, is_proven = list(found.outcomes), found.others, found.is_proven
    rows: list[tuple[Any, ...]] = [(*(*o.names, "")[:2], o.loss, is_proven) for o in outcomes]
    frame = pd.DataFrame(rows, columns=["first", "second", "extra_cost", "is_proven"])
    return frame.assign(others_at_most=others - asked.opened.start.objective)


def worst_set(asked: Contingencies, size: int, seconds: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The worst set with its gap, and who goes short."""
    found = asked.worst(size, seconds)
    best, unbounded = found.best, "; ".join(found.unbounded)
    row = (size, "; ".join(best.names), best.loss, found.is_proven, found.gap, unbounded, found.work.solved)
    columns = ["size", "set", "extra_cost", "is_proven", "gap", "without_bound", "solves"]
    energy = asked.unserved(best) @ asked.opened.hours
    rows = np.flatnonzero(energy > NO_ENERGY)
    short = _short(asked.opened.case, rows, energy[rows])
    short = short.sort_values("unserved", ascending=False, ignore_index=True)
    return pd.DataFrame([row], columns=columns), short


# ---- the N-1 formula
def n1_formula(
    case: Case, window: Window, carriers: Sequence[str], singles: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The N-1 formula of each area and of each country as a whole, beside what the loss of the same infrastructure leaves unserved,
    and the infrastructure that it counts. The home country comes first, its areas before the whole.

    Nothing is known of what the network lacks where the largest infrastructure is not one of the single losses.
    """
    unserved = singles.drop_duplicates("element").set_index("element")["unserved"]
    home = str(case.setting("defaults", "home"))
    found, counted = [], []
    for carrier in carriers:
        rows = areas(case, carrier)
        whole: dict[str, list[Area]] = {}
        for one in rows:
            whole.setdefault(one.country, []).append(one)
        for country in sorted(whole, key=lambda code: (code != home, code)):
            here = frozenset(case.table("places").query("country == @country")["place"])
            parts = whole[country] if len(whole[country]) > 1 else []
            for area in [*parts, Area(country, "", "", here)]:
                table = infrastructure(case, set(area.places), carrier)
                wanted = highest_day(case, window.base, set(area.places), carrier)
                if table.empty or wanted <= 0:
                    continue
                formula = indices.n1_area(table, wanted)
                model = float(unserved.get(formula["largest"].iloc[-1], np.nan))
                about = {"country": country, "area": area.area, "name": area.name, "carrier": carrier}
                found.append(formula.assign(**about, unserved_model=model))
                lines = table[["element", "part", "capacity", "booked"]]
                counted += [about | line for line in lines.to_dict("records")] if area.area else []
    formula = pd.concat(found, ignore_index=True)[FORMULA] if found else pd.DataFrame(columns=FORMULA)
    counted = [{k: v for k, v in line.items() if k != "name"} for line in counted]
    return formula, framed("contingency", "n1_infrastructure", counted)

"""What the loss of each element does, which two together are worst, and which k: exactly, on one day."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import customers
from kelisim.case.case import PLACE_RULES, Case
from kelisim.engine import Contingencies, Engine, Lost, Rules, Singles, Window
from kelisim.errors import StudyError
from kelisim.results import indices as measures
from kelisim.results import n1_areas as areas
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.sentences import day, energy, moment, rounded
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.study import Study, Told, param, provenance

KINDS = {
    "links": "link",
    "assets": "asset",
    "storages": "storage",
    "places": "place",
    "tracks": "track",
    "sites": "site",
}
TABLES = {"links": "link", "assets": "asset", "storages": "storage", "places": "place"}
SETS = {"tracks": "links that share one capacity", "sites": "assets and storages at one place"}
LIMITS = (
    "One step of the base plan: transit times are ignored, storages stand at the level of the date, limits of the year are as "
    "the plan used them.",
    "The ranking is by extra cost, unserved energy at its value of lost load included; shortage per place follows the place rule.",
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
    "The N-1 formula of the EU knows no limits inside an area; its day of high demand is the day shown, not one in twenty years.",
)  # fmt: skip
MW, MWH = "MW", "MWh"
# own_first would need a look at each country alone for every loss
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")
TOLD = 15


@dataclass(frozen=True)
class Contingency(Study):
    """What the loss of each element does on one day, and which losses together are worst.

    All elements in use are lost one by one; only those that the plan uses need a new answer, as losing any other changes
    nothing. The worst pairs, and the worst set of k, come with a proof that no other is worse, or with the gap that is left.
    """

    name = "contingency"
    day: date | None = param("the day; that of the highest use if not given", default=None)
    of: tuple[str, ...] = param(
        "what is lost: links, assets, storages, places, tracks, sites",
        default=("links", "assets", "storages", "places"),
    )
    carriers: tuple[str, ...] = param(
        "only elements of these carriers; all if empty", refers_to=("carriers",), default=()
    )
    pairs: int = param(
        "how many of the worst pairs to list; 0 for none, -1 for a look at every pair", default=0
    )
    worst: int = param("size of the worst set to find; 0 for none", default=0)
    seconds: float = param("longest time for the worst set", unit="s", default=60.0)
    place_rule: str = param("who goes short first", choices=RULES, default="cooperative")
    formula: tuple[str, ...] = param(
        "carriers for the N-1 formula of each country", refers_to=("carriers",), default=("natural_gas",)
    )
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        self._check()
        moment = self.day or peak_day(engine)
        place = self.place_rule
        opened = engine.snapshot(moment, Rules(place, "none", engine.rules.span, engine.rules.tranches))
        elements = _elements(case, self.of, set(self.carriers))
        with _workers(self.workers) as executor:
            asked = Contingencies(opened, elements, executor)
            singles = asked.singles()
            frames = {
                "singles": _singles(case, opened, elements, singles),
                "unserved": _unserved(case, opened, elements, singles),
            }
            if self.pairs:
                frames["pairs"] = _pairs(case, asked, self.pairs)
            if self.worst:
                frames["worst"], frames["worst.unserved"] = _worst(
                    case, opened, asked, self.worst, self.seconds
                )
        frames["n1_formula"] = _formula(case, engine, opened, self.formula, frames["singles"])
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": place, "time": "none"}, "day": str(moment), "elements": len(elements),
            "solved": int(singles.solved.sum()), "untouched": int((~asked.touched).sum()), "interrupted": singles.interrupted,
            "hours": float(opened.hours[0]), "solves": dict(opened.counts),
        }  # fmt: skip
        units = {name: _units(case, frame) for name, frame in frames.items()}
        return Results("contingency", self.values() | {"day": moment}, case, frames, units, meta)

    def _check(self) -> None:
        unknown = [word for word in self.of if word not in TABLES and word not in SETS]
        if unknown:
            raise StudyError(
                f'of: "{unknown[0]}" is nothing that can be lost. Known: {", ".join([*TABLES, *SETS])}.'
            )
        if self.worst < 0 or self.workers < 1:
            raise StudyError("worst and workers: give whole numbers, worst from 0 and workers from 1.")

    @classmethod
    def told(cls, results: Results) -> Told:
        """The dearest losses, the worst together, and the formula."""
        case, meta = results.case, results.meta
        singles = results["singles"]
        cost = singles["extra_cost"] / 1e6
        top = singles.head(TOLD)
        frame = pd.DataFrame(
            {
                "lost": top["name"], "kind": [KINDS.get(v, v) for v in top["table"]],
                f"extra cost, million {case.currency}": [rounded(v) for v in cost.head(TOLD)],
                "unserved": [energy(v) for v in top["unserved"]], "of it protected": [energy(v) for v in top["protected"]],
                "most in": top["most_in"],
            }
        )  # fmt: skip
        short = int((singles["unserved"] > 0).sum())
        sentences = [
            f"{_when(case, meta)}: {meta['elements']:,} losses were looked at, each for the whole step. {short:,} leave somebody unserved; "
            f"{meta['untouched']:,} need no answer of their own, as the plan does not use what is lost. Place rule: {meta['rules']['place']}."
        ]  # fmt: skip
        tables = [("The costliest single losses", frame)]
        for name, title in (("pairs", "The costliest pairs"), ("worst", "The worst set")):
            if name in results.tables:
                tables.append((title, _told_sets(results[name].head(TOLD), case.currency)))
        pairs = results.tables.get("pairs")
        if pairs is not None and len(pairs) and np.isfinite(pairs["others_at_most"].iloc[0]):
            most = rounded(float(pairs["others_at_most"].iloc[0]) / 1e6)
            sentences.append(f"No pair that is not listed costs more than {most} million {case.currency}.")
        formula = results["n1_formula"]
        if len(formula):
            tables.append(("N-1 formula of Regulation (EU) 2017/1938", _told_formula(case, formula)))
            if {"natural_gas", "raw_gas"} & set(formula["carrier"]):
                sentences.append(
                    "Gas counts capacities and no pressures: what is delivered is an upper bound."
                )
        return Told(tuple(sentences), tuple(tables))


@contextmanager
def _workers(count: int) -> Iterator[Executor | None]:
    if count < 2:
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield pool


def _elements(case: Case, of: tuple[str, ...], carriers: set[str]) -> list[Lost]:
    """What can be lost: elements in use, tracks with several links, sites with several units."""
    found = []
    for table in (word for word in of if word in TABLES):
        rows = case.table(table)
        if "status" in rows:
            rows = rows[rows["status"] == "base"]
        if carriers and table != "places":
            own = rows["carrier"] if "carrier" in rows else rows["asset"].map(case.reference_carriers)
            rows = rows[own.isin(carriers)]
        found += [Lost(f"{table}:{element}", ((table, str(element)),)) for element in rows[TABLES[table]]]
    if "tracks" in of:
        links = case.table("links")
        links = links[(links["shared_with"] != "") & (links["status"] == "base")]
        for group, members in links.groupby("shared_with", sort=True):
            if len(members) > 1:
                found.append(Lost(f"tracks:{group}", tuple(("links", str(link)) for link in members["link"])))
    if "sites" in of:
        units = [
            (t, str(e), str(p))
            for t in ("assets", "storages")
            for e, p in zip(case.table(t)[TABLES[t]], case.table(t)["place"], strict=True)
        ]
        for place in sorted({p for _, _, p in units}):
            here = tuple((table, element) for table, element, p in units if p == place)
            if len(here) > 1:
                found.append(Lost(f"sites:{place}", here))
    return found


def _name(case: Case, label: str, known: dict[str, str]) -> str:
    table, _, element = label.partition(":")
    return (
        f"{known.get(element, element)} (all of it)"
        if table in ("tracks", "sites")
        else known.get(element, element)
    )


def _singles(case: Case, opened: Window, elements: list[Lost], singles: Singles) -> pd.DataFrame:
    """One row per loss, dearest first: extra cost, unserved energy, of it protected, and where most of it falls."""
    known = element_names(case)
    demand = case.table("demand")
    energy = singles.unserved @ opened.hours
    protected = customers.protected(case)
    carrier_names = case.table("carriers").set_index("carrier")["name"]
    most = energy.argmax(axis=1) if len(demand) else np.zeros(len(elements), dtype=int)
    rows = []
    for at, lost in enumerate(elements):
        table, _, element = lost.name.partition(":")
        top = demand.iloc[most[at]] if len(demand) and energy[at].sum() > 0 else None
        where = (
            f"{known.get(top['place'], top['place'])}, {str(carrier_names.get(top['carrier'])).lower()} of {top['customer_class'].replace('_', ' ')}"
            if top is not None
            else ""
        )
        rows.append(
            (table, element, _name(case, lost.name, known), singles.costs[at], float(energy[at].sum()),
             float(energy[at][protected].sum()), int((energy[at] > 0).sum()), where, bool(singles.solved[at]))
        )  # fmt: skip
    columns = [
        "table",
        "element",
        "name",
        "extra_cost",
        "unserved",
        "protected",
        "rows_short",
        "most_in",
        "solved",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame["extra_cost"] = frame["extra_cost"].where(frame["extra_cost"].abs() > 1e-3, 0.0)
    order = ["extra_cost", "unserved", "table", "element"]
    return frame.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def _unserved(case: Case, opened: Window, elements: list[Lost], singles: Singles) -> pd.DataFrame:
    """Unserved energy of each loss by place, carrier and class."""
    demand = case.table("demand")
    energy = singles.unserved @ opened.hours
    at, row = np.nonzero(energy > 1e-3)
    frame = demand[["place", "carrier", "customer_class"]].iloc[row].reset_index(drop=True)
    frame.insert(0, "lost", [elements[i].name for i in at])
    return frame.assign(unserved=energy[at, row])


def _pairs(case: Case, asked: Contingencies, count: int) -> pd.DataFrame:
    """Pairs, dearest first; `others` says what no pair that is not listed exceeds."""
    known = element_names(case)
    if count < 0:
        values = asked.all_pairs()
        outcomes, others, proven = values.outcomes(1000), np.nan, True
    else:
        ranking = asked.worst_pairs(count)
        outcomes, others, proven = list(ranking.outcomes), ranking.others, ranking.is_proven
    base = asked.opened.start.objective
    rows = [
        (
            *(o.names if len(o.names) == 2 else (*o.names, "")),
            " + ".join(_name(case, n, known) for n in o.names),
            o.loss,
            proven,
        )
        for o in outcomes
    ]
    frame = pd.DataFrame(rows, columns=["first", "second", "name", "extra_cost", "is_proven"])
    return frame.assign(others_at_most=others - base)


def _worst(
    case: Case, opened: Window, asked: Contingencies, size: int, seconds: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The worst set with its gap, and who goes short."""
    known = element_names(case)
    found = asked.worst(size, seconds)
    name = " + ".join(_name(case, n, known) for n in found.best.names)
    frame = pd.DataFrame(
        [(size, "; ".join(found.best.names), name, found.best.loss, found.is_proven, found.gap, "; ".join(found.unbounded), found.work.solved)],
        columns=["size", "set", "name", "extra_cost", "is_proven", "gap", "without_bound", "solves"],
    )  # fmt: skip
    energy = asked.unserved(found.best) @ opened.hours
    demand = case.table("demand")
    rows = np.flatnonzero(energy > 1e-3)
    short = (
        demand[["place", "carrier", "customer_class"]]
        .iloc[rows]
        .reset_index(drop=True)
        .assign(unserved=energy[rows])
    )
    return frame, short.sort_values("unserved", ascending=False, ignore_index=True)


def _formula(
    case: Case, engine: Engine, opened: Window, carriers: tuple[str, ...], singles: pd.DataFrame
) -> pd.DataFrame:
    """The N-1 formula of each country, beside what the loss of the same infrastructure leaves unserved there."""
    places = case.table("places")
    parts = []
    for carrier in carriers:
        for country, rows in places.groupby("country", sort=True):
            here = set(rows["place"])
            table = areas.infrastructure(case, here, carrier)
            wanted = areas.use(case, opened.base, here, carrier, 0)
            if table.empty or wanted <= 0:
                continue
            found = measures.n1_area(table, wanted)
            found.insert(0, "carrier", carrier)
            found.insert(0, "country", country)
            parts.append(
                found.assign(unserved_model=_of_largest(singles, table, str(found["largest"].iloc[-1])))
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _of_largest(singles: pd.DataFrame, table: pd.DataFrame, largest: str) -> float:
    """Unserved energy of the day where the largest infrastructure is one element that was lost; empty otherwise."""
    rows = singles[singles["element"] == largest]
    return float(rows["unserved"].iloc[0]) if len(rows) else float("nan")


def _units(case: Case, frame: pd.DataFrame) -> dict[str, str]:
    known = dict.fromkeys(("extra_cost", "others_at_most", "gap"), case.currency)
    known |= dict.fromkeys(("unserved", "protected", "unserved_model"), MWH)
    known |= dict.fromkeys(
        ("entry", "production", "storage", "lng", "largest_capacity", "demand", "demand_side"), MW
    )
    known |= dict.fromkeys(("level", "n1", "n1_demand_side"), "share")
    return {column: known[column] for column in frame.columns if column in known}


def _when(case: Case, meta: Mapping[str, Any]) -> str:
    """The step that was looked at: "On 12 January 2024", or "In January 2024"."""
    if case.horizon.step == "1mo":
        return f"In {moment(case, meta['day'])} (a step of {meta['hours'] / 24.0:.0f} days)"
    return f"On {day(meta['day'])}"


def _told_sets(frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    proof = ["proven" if ok else "not proven" for ok in frame["is_proven"]]
    if "gap" in frame:
        proof = [
            p if p == "proven" else f"{p}, gap {rounded(g / 1e6)} million"
            for p, g in zip(proof, frame["gap"], strict=True)
        ]
    return pd.DataFrame(
        {
            "lost together": frame["name"],
            f"extra cost, million {currency}": [rounded(v / 1e6) for v in frame["extra_cost"]],
            "proof": proof,
        }
    )


def _told_formula(case: Case, frame: pd.DataFrame) -> pd.DataFrame:
    known = element_names(case)
    carriers = case.table("carriers").set_index("carrier")["name"]
    largest = [" + ".join(known.get(e, e) for e in str(row).split(" + ")) for row in frame["largest"]]
    return pd.DataFrame(
        {
            "country": frame["country"], "carrier": frame["carrier"].map(carriers), "storage at": [f"{v * 100:.0f} %" for v in frame["level"]],
            "largest infrastructure": largest, "N-1": [f"{v * 100:.0f} %" for v in frame["n1"]],
            "met": ["yes" if ok else "no" for ok in frame["is_met"]],
            "unserved in the model": ["-" if np.isnan(v) else energy(v) for v in frame["unserved_model"]],
        }
    )  # fmt: skip

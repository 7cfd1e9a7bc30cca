"""What the loss of each element does, which two together are worst, and which k: exactly, on one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.settings import PLACE_RULES
from kelisim.engine import Contingencies, Engine
from kelisim.engine.gains import gains
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said
from kelisim.results.let_go import TABLE
from kelisim.results.results import Results
from kelisim.results.weakest import weakest
from kelisim.studies.contingency import losses
from kelisim.studies.outage_fields import SWEPT, help_rule, peak_day, place_rule
from kelisim.studies.study import Study, param

# own_first would need a look at each country alone for every loss
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")
GAS = {"natural_gas", "raw_gas"}


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
        default=("links", "assets", "storages"),
    )
    carriers: tuple[str, ...] = param(
        "only elements of these carriers; all if empty", refers_to=("carriers",), default=()
    )
    pairs: int = param(
        "how many of the worst pairs to list; 0 for none, -1 for a look at every pair, of which 1,000 are listed",
        default=0,
    )
    worst: int = param("size of the worst set to find; 0 for none", default=0)
    seconds: float = param("longest time for the worst set", unit="s", default=60.0)
    place_rule: str = place_rule(RULES)
    help_rule: str = help_rule(SWEPT)
    formula: tuple[str, ...] = param(
        "carriers for the N-1 formula of each country", refers_to=("carriers",), default=("natural_gas",)
    )
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        self._check()
        day = self.day or peak_day(engine)
        window = engine.snapshot(
            day, replace(engine.rules, place=self.place_rule, time="none", help=self.help_rule)
        )
        lost = losses.losses(engine.case, self.of, set(self.carriers))
        with engine.working(self.workers) as work:
            asked = Contingencies(window, lost, work)
            found = asked.singles()
            singles = losses.single_losses(asked, found)
            frames = {"singles": singles, "unserved": losses.who_is_short(asked, found)}
            frames[TABLE] = losses.let_go(asked, found)
            if len(gained := gains(asked, found)):
                frames["gains"] = gained
            if self.pairs:
                frames["pairs"] = losses.worst_pairs(asked, self.pairs)
            if self.worst:
                frames["worst"], frames["worst.unserved"] = losses.worst_set(asked, self.worst, self.seconds)
        formula, counted = losses.n1_formula(engine.case, window, self.formula, singles)
        frames["n1_formula"] = formula
        if len(counted):
            frames["n1_infrastructure"] = counted
        rules = {"place": self.place_rule, "time": "none", "help": self.help_rule}
        solves, stopped = dict(window.counts), found.interrupted
        facts, fields = _facts(asked, day, frames), {"day": day}
        return self.results(
            engine, frames, facts, None, fields, rules=rules, solves=solves, interrupted=stopped
        )

    def _check(self) -> None:
        known = [*losses.TABLES, *losses.SETS]
        unknown = [word for word in self.of if word not in known]
        if unknown:
            raise StudyError(f'of: "{unknown[0]}" is nothing that can be lost. Known: {", ".join(known)}.')
        if self.worst < 0 or self.workers < 1:
            raise StudyError("worst and workers: give whole numbers, worst from 0 and workers from 1.")


def named(labels: Iterable[str]) -> list[Fact]:
    """The name of each loss by its label, table:element."""
    parts = [label.split(":", 1) for label in labels if label]
    return [
        said(f"contingency.{'all_of_it' if table in losses.SETS else 'alone'}", element=element)
        for table, element in parts
    ]


def _facts(asked: Contingencies, day: date, frames: dict[str, pd.DataFrame]) -> list[Fact]:
    """How many losses leave somebody short, the costliest, the worst set, and what no pair exceeds."""
    case, singles = asked.opened.case, frames["singles"]
    short, protected = (int((singles[column] > 0).sum()) for column in ("unserved", "protected"))
    when = said(f"contingency.{'in_month' if case.horizon.step == '1mo' else 'on_day'}", day=day)
    facts = [
        Fact("short", short, "losses", "contingency.losses", when=when, losses=len(singles)),
        Fact("short_protected", protected, "losses"),
    ]
    first = weakest(singles, "cost_home")
    if first is not None:
        say = f"contingency.costliest{'' if first['most_in'] else '_quiet'}"
        what = named([f"{first['table']}:{first['element']}"])
        places = {"lost": what, "unserved": first["unserved"], "most_in": first["most_in"]}
        places["country"] = str(case.setting("defaults", "home"))
        facts.append(Fact("costliest", first["cost_home"], case.currency, say, **places))
    for row in frames.get("worst", singles.head(0)).itertuples(index=False):
        known = "proven" if row.is_proven else "open" if np.isfinite(row.gap) else "unbounded"
        places = {"size": row.size, "lost": named(row.set.split("; "))}
        say = f"contingency.worst_set{'' if places['lost'] else '_none'}"
        places["proof"] = said(f"contingency.set_{known}", gap=row.gap if known == "open" else 0.0)
        facts.append(Fact("worst", row.extra_cost, case.currency, say, **places))
    if "pairs" in frames:
        most, count = frames["pairs"]["others_at_most"].head(1), len(singles) * (len(singles) - 1) // 2
        listed = len(frames["pairs"])
        places = {"pairs": count, "listed": listed, "left": count - listed}
        facts += [
            Fact("others", cost, case.currency, "contingency.others", **places)
            for cost in most[np.isfinite(most)]
        ]
    untouched = int((~asked.touched).sum())
    facts.append(Fact("untouched", untouched, "losses", "contingency.untouched" if untouched else ""))
    if "gains" in frames:
        gained = frames["gains"].drop_duplicates(["table", "element"])
        most = gained.iloc[0]
        places = {"count": len(gained), "lost": named([f"{most['table']}:{most['element']}"])}
        why = said(f"contingency.frees_{most['kind']}", row=most["of"])
        facts.append(Fact("gains", most["gain"], case.currency, "contingency.gained", why=why, **places))
    facts += _formula_facts(case, frames["n1_formula"])
    if GAS & set(frames["n1_formula"]["carrier"]):
        facts.append(Fact("gas", say="contingency.gas"))
    return facts


def _formula_facts(case: Case, rows: pd.DataFrame) -> list[Fact]:
    """The N-1 formula of the areas of the home country, the lowest first, and that of the whole with what it hides."""
    home = str(case.setting("defaults", "home"))
    rows = rows[(rows["country"] == home) & (rows["level"] == rows["level"].min())]
    found = []
    for carrier, own in rows.groupby("carrier", sort=False):
        areas = own[own["area"] != ""].sort_values(["n1", "area"], kind="stable")
        whole = own[own["area"] == ""]
        if areas.empty:
            continue
        parts = [
            said(
                f"contingency.area{'_named' if row['name'] else ''}",
                area=row["area"],
                name=row["name"],
                n1=row["n1"],
            )
            for row in areas.to_dict("records")
        ]
        below = int((areas["n1"] < 1.0).sum())
        places = {"carrier": carrier, "parts": parts, "level": float(own["level"].iloc[0]), "below": below}
        places |= {"areas": len(areas), "country": home}
        say = "contingency.areas"
        if len(whole):
            places["whole"] = said("contingency.whole", n1=float(whole["n1"].iloc[0]), country=home)
        else:
            places["whole"] = ""
        found.append(Fact(f"n1_{carrier}", float(areas["n1"].iloc[0]), "share", say, **places))
    return found

"""What the answer about an agreement says, and two drafts side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kelisim.agreement.carried import DECLARATION, DUTY, HELP, INTENTION
from kelisim.agreement.gaps.gap import KINDS
from kelisim.agreement.gaps.standing import RELATIONS
from kelisim.agreement.rules import effects
from kelisim.engine import Engine
from kelisim.results.facts import Fact, said, sentence_of
from kelisim.results.schema import framed
from kelisim.studies.agreement.found import OVER, Found
from kelisim.tolerances import SMALL_ENERGY, SMALL_MONEY

NAMED = 3


def facts(found: Found, frames: dict[str, pd.DataFrame]) -> list[Fact]:
    """The most important first: what binds, what it is worth, to whom, N-1, gaps."""
    return [
        *_bind(frames["provisions"]),
        *_package(found, frames),
        *_most(found, frames["worth"]),
        *_n1(found, frames),
        *_gaps(frames["gaps"]),
        *_beside(frames["standing"]),
        *rule_facts(frames["rules"], found.package.case.currency),
    ]


def _bind(rows: pd.DataFrame) -> list[Fact]:
    count = rows["carries"].value_counts()
    duties, intentions = int(count.get(DUTY, 0)), int(count.get(INTENTION, 0))
    live = int((rows["standing"] != OVER).sum())
    say = "agreement.bind" if len(rows) else "agreement.bind_none"
    places = {
        "count": len(rows),
        "live": live,
        "duties": duties,
        "intentions": intentions,
        "help": int(count.get(HELP, 0)),
    }
    return [
        Fact(
            "provisions",
            float(len(rows)),
            "provisions",
            say,
            **places,
            declarations=int(count.get(DECLARATION, 0)),
        )
    ]


def _gain(pair: tuple[str, str], first: float, second: float) -> list[Fact]:
    """Gain or loss of each side, as parts of a sentence."""
    parts = []
    for side, gain in zip(pair, (first, second), strict=True):
        say = (
            "agreement.gains"
            if gain > SMALL_MONEY
            else "agreement.loses"
            if gain < -SMALL_MONEY
            else "agreement.neither"
        )
        parts.append(said(say, side=side, money=abs(gain)))
    return parts


def _package(found: Found, frames: dict[str, pd.DataFrame]) -> list[Fact]:
    """What all that is carried brings, beside none of it."""
    if not found.package.names:
        return [Fact("package", 0.0, found.package.case.currency, "agreement.nothing_carried")]
    states = frames["states"]
    none, whole = states.iloc[0], states.iloc[1]
    currency = found.package.case.currency
    parts = _gain(found.worth.pair, -whole["first"], -whole["second"])
    facts = [
        Fact(
            "package",
            -float(whole["cost"]),
            currency,
            "agreement.package",
            parts=parts,
            count=len(found.package.names),
        )
    ]
    less = float(none["protected"] - whole["protected"])
    say = "agreement.protected" if less > SMALL_ENERGY else "agreement.protected_same"
    facts.append(Fact("package_protected", less, "MWh", say, left=float(whole["protected"])))
    return facts


def _most(found: Found, worth: pd.DataFrame) -> list[Fact]:
    """The provision that is worth most to each side."""
    facts = []
    titles = {one.name: one.title for one in found.provisions}
    for at, side in enumerate(("first", "second")):
        best = worth.sort_values([side, "provision"], ascending=[False, True]).head(1)
        for row in best.to_dict("records"):
            if row[side] > SMALL_MONEY:
                places = {"side": found.worth.pair[at], "provision": titles[row["provision"]]}
                facts.append(
                    Fact(f"most_{side}", row[side], found.package.case.currency, "agreement.most", **places)
                )
    return facts


def _n1(found: Found, frames: dict[str, pd.DataFrame]) -> list[Fact]:
    if found.asked.n1 == "no":
        return []
    rows = frames["n1"]
    now = rows[(rows["protected"] > SMALL_ENERGY).to_numpy()]
    if now.empty:
        return [Fact("n1", 0.0, "regions", "agreement.n1_all", start=found.start)]
    regions = list(dict.fromkeys(now["region"]))
    helped = int(((rows["protected_none"] > SMALL_ENERGY) & ~(rows["protected"] > SMALL_ENERGY)).sum())
    row = now.iloc[0]
    places = {
        "regions": regions[:NAMED],
        "count": len(regions),
        "where": row["region"],
        "lost": row["largest"],
        "protected": row["protected"],
    }
    facts = [Fact("n1", float(len(regions)), "regions", "agreement.n1_short", start=found.start, **places)]
    if helped:
        facts.append(Fact("n1_helped", float(helped), "regions", "agreement.n1_helped"))
    return facts


def _gaps(rows: pd.DataFrame) -> list[Fact]:
    if rows.empty:
        return [Fact("gaps", 0.0, "gaps", "agreement.no_gaps")]
    kinds = [kind for kind in KINDS if (rows["kind"] == kind).any()]
    parts = [said(f"agreement.count_{kind}", count=int((rows["kind"] == kind).sum())) for kind in kinds]
    return [Fact("gaps", float(len(rows)), "gaps", "agreement.gaps_found", parts=parts)]


def _beside(rows: pd.DataFrame) -> list[Fact]:
    """How a draft stands to agreements in force."""
    if rows.empty:
        return []
    count = rows["relation"].value_counts()
    parts = [said(f"agreement.count_{one}", count=int(count[one])) for one in RELATIONS if one in count]
    return [Fact("standing", float(len(rows)), "provisions", "agreement.beside_found", parts=parts)]


def rules(engine: Engine, pair: tuple[str, str]) -> pd.DataFrame:
    """Rules of both sides, the gap, the task, and the effect of the change that each stands for."""
    frame = engine.case.table("regulations")
    found = {one.regulation: one for one in effects(engine, pair)}
    rows = []
    for row in frame.to_dict("records"):
        one = found[str(row["regulation"])]
        told = [
            str(row[column]) for column in ("regulation", "topic", "side_a", "side_b", "gap", "to_do", "body")
        ]
        change = str(row["change"]) if np.isfinite(one.cost) else ""
        rows.append((*told, change, one.cost, one.first, one.second, str(row["confidence"])))
    return framed("agreement", "rules", rows)


def rule_facts(frame: pd.DataFrame, currency: str) -> list[Fact]:
    """The rule whose change moves most money."""
    priced = frame[frame["cost"].notna().to_numpy()]
    if priced.empty:
        return []
    row = priced.loc[priced["cost"].abs().idxmax()]
    say = "agreement.rule_costs" if row["cost"] > 0 else "agreement.rule_gains"
    places = {
        "change": str(row["change"]),
        "money": abs(float(row["cost"])),
        "rules": len(frame),
        "priced": len(priced),
    }
    return [Fact("rules", float(row["cost"]), currency, say, **places)]


def gap_words(rows: pd.DataFrame) -> list[Fact]:
    """The sentence of each gap."""
    return [sentence_of(row) for row in rows.to_dict("records")]


def side_by_side(one: Found, other: Found) -> dict[str, pd.DataFrame]:
    """Two drafts: what each brings beside none of its provisions, its gaps, and the provisions in which they differ."""
    rows = []
    for number, found in enumerate((one, other), 1):
        states = found.states
        whole, none = states.iloc[1], states.iloc[0]
        kinds = [gap.kind for gap in found.gaps]
        rows.append(
            {
                "draft": number,
                "provisions": len(found.provisions),
                "carried": len(found.package.names),
                "gain": -float(whole["cost"]),
                "gain_first": -float(whole["first"]),
                "gain_second": -float(whole["second"]),
                "protected": float(none["protected"] - whole["protected"]),
                "n1": float(whole["n1"]),
                "gaps": len(kinds),
            }
        )
    return {"drafts": pd.DataFrame(rows), "drafts.differ": _differ(one, other)}


def _differ(one: Found, other: Found) -> pd.DataFrame:
    """Provisions that only one has, or that say another thing in both."""
    sides: list[dict[str, Any]] = [{it.name: it for it in found.provisions} for found in (one, other)]
    shown = ("text", "quantity", "unit", "start", "end", "status", "force", "obligor", "beneficiary", "body")
    rows = []
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        here, there = sides[0].get(name), sides[1].get(name)
        if here is None or there is None:
            known = here or there
            assert known is not None
            rows.append((name, "only_first" if here else "only_second", known.text, ""))
            continue
        for field in shown:
            a, b = (_cell(getattr(it, field)) for it in (here, there))
            if a != b:
                rows.append((name, field, a, b))
    return pd.DataFrame(rows, columns=["provision", "what", "here", "there"])


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return f"{value:g}" if isinstance(value, float) else str(value)

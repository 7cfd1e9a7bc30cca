"""First sight: is every border region supplied, what is the weakest point, what changed since last time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kelisim.report.numbers import figure, first_upper, listed
from kelisim.results.bottlenecks import bottlenecks
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.tolerances import NO_POWER
from kelisim.web.session import Floats, MapSession, Masks
from kelisim.web.texts import text
from kelisim.web.workspace import Year

KEYS = ("place", "carrier", "customer_class")
WINTER = (10, 11, 12, 1, 2, 3)  # months of the heating season


@dataclass(frozen=True)
class FirstText:
    """A question, its answer, what stands behind it, and whether it is good news."""

    question: str
    answer: str
    more: str = ""
    look: str = ""


def three(year: Year, step: int, border: Results | None) -> list[FirstText]:
    """The three answers for a step of the plan."""
    return [
        _supplied(year.plan, step, border),
        _weakest(year.plan, border),
        FirstText(text("first.changed"), *year.since.say(year.plan.book)),
    ]


def border_places(plan: MapSession, border: Results | None) -> list[str]:
    """Places of the border regions: those of the border study; without it, places with use in a country that a link leaves."""
    demand = plan.case.table("demand")
    used = list(dict.fromkeys(demand["place"]))
    places = plan.case.table("places").set_index("place")
    if border is not None and "border" in border:
        regions = set(border["border"]["region"].astype(str))
        return [p for p in used if p in regions or str(places["region"].get(p, "")) in regions]
    links = plan.links
    country = plan.book.country_of
    ends = {
        end
        for a, b in zip(links["from_place"], links["to_place"], strict=True)
        if country(a) != country(b)
        for end in (a, b)
    }
    return [place for place in used if place in ends]


def _supplied(plan: MapSession, step: int, border: Results | None) -> FirstText:
    if border is not None and len(border["facts"]):
        facts = facts_of(border["facts"])
        now_text, winter_text = (plan.book.say(facts[key]) for key in ("today", "winter"))
        look = "bad" if facts["today"].value > 1.0 or facts["winter"].value > 1.0 else "good"
        return FirstText(text("first.supplied_today"), now_text, winter_text, look)
    when = plan.book.text(f"web.first.{_in(plan)}", when=plan.time.when(step))
    question = text("first.supplied", when=when)
    demand = plan.case.table("demand")
    rows = demand["place"].isin(border_places(plan, border)).to_numpy()
    if not rows.any():
        return FirstText(question, text("first.no_border"))
    winter = np.isin(plan.starts.month, WINTER)
    first, last = plan.time.cells(step)
    cells = np.arange(len(plan.starts))
    now = _short(plan, rows, (cells >= first) & (cells < last))
    later = _short(plan, rows, winter)
    count = demand["place"][rows].nunique()
    if not now and not later:
        return FirstText(
            question,
            text("first.yes"),
            plan.book.text(f"web.first.all_served_{plan.time.word}", count=count),
            "good",
        )
    short = _named(plan, now or later)
    words = text("first.not_all" if now else "first.later", short=short, when=first_upper(when))
    return FirstText(question, words, plan.book.text("web.first.places", count=count), "bad")


def _short(plan: MapSession, rows: Masks, steps: Masks) -> list[tuple[float, int, Floats]]:
    """Rows of demand that are short in some steps: energy, row."""
    energy = plan.unserved[:, steps] @ plan.hours[steps]
    found = [(float(energy[row]), int(row), energy) for row in np.flatnonzero(rows & (energy > NO_POWER))]
    return sorted(found, key=lambda item: -item[0])


def _in(plan: MapSession) -> str:
    """How the catalogue says when: a day, or anything else."""
    return "on_day" if plan.time.word == "day" else "in_step"


def _named(plan: MapSession, short: list[tuple[float, int, Floats]]) -> str:
    demand = plan.case.table("demand")
    words = [
        plan.book.text("web.first.short", energy=energy, **demand.iloc[row][list(KEYS)])
        for energy, row, _ in short[:2]
    ]
    return listed(words) + (text("first.more", count=len(short) - 2) if len(short) > 2 else "")


def _weakest(plan: MapSession, border: Results | None) -> FirstText:
    question = text("first.weakest")
    if border is not None and len(border["facts"]):
        said = plan.book.say(facts_of(border["facts"])["weakest"])
        return FirstText(question, said, text("first.from_border"))
    frame = bottlenecks(plan.tables)
    frame = frame[frame["table"].isin(["links", "assets", "storages"])]
    if frame.empty:
        return FirstText(question, text("first.no_limit"))
    row = frame.iloc[0]
    limit = plan.book.bottleneck(row["table"], row["limit"], row["carrier"])
    hours, rent = figure(row["hours_full"]), plan.book.money(row["value"])
    known = text("first.asking" if border is None else "first.not_known")
    name = plan.book.label(row["element"])
    return FirstText(question, known, text("first.largest", name=name, limit=limit, hours=hours, rent=rent))

"""First sight: is every border region supplied, what is the weakest point, what changed since last time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kelisim.report.numbers import figure, listed, many
from kelisim.results.bottlenecks import bottlenecks
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.tolerances import NO_POWER
from kelisim.web.map_state import class_name
from kelisim.web.session import Floats, MapSession, Masks
from kelisim.web.workspace import Year

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
        FirstText("What changed since last time?", year.since.text, year.since.more),
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
        return FirstText(
            "Is every border region supplied today and this winter?", now_text, winter_text, look
        )
    question = f"Is every border region supplied {_in(plan).lower()} {plan.time.when(step)} and this winter?"
    demand = plan.case.table("demand")
    rows = demand["place"].isin(border_places(plan, border)).to_numpy()
    if not rows.any():
        return FirstText(question, "This case has no region on a border.")
    winter = np.isin(plan.starts.month, WINTER)
    first, last = plan.time.cells(step)
    cells = np.arange(len(plan.starts))
    now = _short(plan, rows, (cells >= first) & (cells < last))
    later = _short(plan, rows, winter)
    count = demand["place"][rows].nunique()
    if not now and not later:
        return FirstText(
            question,
            "Yes.",
            f"{many(count, 'place')} with use; all classes are served in every {plan.time.word} of October to March.",
            "good",
        )
    words = (
        _named(plan, now)
        if now
        else f"{_in(plan)} {plan.time.when(step)} all are. In the winter months short: {_named(plan, later)}"
    )
    return FirstText(
        question,
        f"Not all: {words}." if now else f"{words}.",
        f"{many(count, 'place')} on the border with use; plan of least cost, nothing cut.",
        "bad",
    )


def _short(plan: MapSession, rows: Masks, steps: Masks) -> list[tuple[float, int, Floats]]:
    """Rows of demand that are short in some steps: energy, row."""
    energy = plan.unserved[:, steps] @ plan.hours[steps]
    found = [(float(energy[row]), int(row), energy) for row in np.flatnonzero(rows & (energy > NO_POWER))]
    return sorted(found, key=lambda item: -item[0])


def _in(plan: MapSession) -> str:
    """The word before a step in words."""
    return "On" if plan.time.word == "day" else "In"


def _named(plan: MapSession, short: list[tuple[float, int, Floats]]) -> str:
    demand = plan.case.table("demand")
    words = [
        f"{plan.book.place(demand['place'].iloc[row])}, {plan.book.carrier_in_text(demand['carrier'].iloc[row])} of "
        f"{class_name(plan.book, demand['customer_class'].iloc[row])}: {plan.book.amount(energy, demand['carrier'].iloc[row])}"
        for energy, row, _ in short[:2]
    ]
    return listed(words) + (f", and {len(short) - 2} more" if len(short) > 2 else "")


def _weakest(plan: MapSession, border: Results | None) -> FirstText:
    question = "What is the weakest point?"
    if border is not None and len(border["facts"]):
        said = plan.book.say(facts_of(border["facts"])["weakest"])
        return FirstText(
            question,
            said,
            "From the border study: what hurts most if one largest supply is lost, by the value of what customers and buyers lack.",
        )
    frame = bottlenecks(plan.tables)
    frame = frame[frame["table"].isin(["links", "assets", "storages"])]
    if frame.empty:
        return FirstText(question, "No limit of the network has a price in this year.")
    row = frame.iloc[0]
    limit = plan.book.bottleneck(row["table"], row["limit"], row["carrier"])
    hours, rent = figure(row["hours_full"]), plan.book.money(row["value"])
    known = (
        "The border study is being asked what hurts most if it is lost."
        if border is None
        else "Not known: the border study says nothing of it."
    )
    name = plan.book.label(row["element"])
    largest = f"The limit with the largest rent of the year is that of {name}: its {limit} is full for {hours} h, with a rent of {rent}."
    return FirstText(question, known, largest)

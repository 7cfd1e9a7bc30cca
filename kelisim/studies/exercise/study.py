"""An emergency as an exercise of two states: what each side decides, held against nothing, each alone, and the best of both."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.engine.window import Window
from kelisim.errors import StudyError
from kelisim.model.delta import RebuildNeeded
from kelisim.results.answer import Answer
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.sentences import day, energy, money, percent
from kelisim.studies.exercise import mechanism
from kelisim.studies.exercise.orders import Order
from kelisim.studies.exercise.sides import Exercised, first_hour, touched
from kelisim.studies.exercise.words import (
    minutes,
    part_avoided,
    score_words,
    settled_words,
    sides_words,
    timeline,
)
from kelisim.studies.outage_fields import OutageFields, happening
from kelisim.studies.study import Study, Told, param, provenance

RULES = ("none", "cooperative")
LIMITS = (
    "An order says how much of a measure may be used from when on; how much is used is the cheapest answer within it, with the whole event foreseen.",
    "A side alone has its own measures, and links between the two countries carry no more than by the plan; ways through third countries stay open.",
    "Measures that lie wholly in third countries are taken by nobody; those at a border to a third country by the side of the two.",
    "The hours of the window count from the start of its first step; with steps of a month this is the first of the month.",
    "Aid is settled at the price laid down for it, else at the price of the plan where it is handed over; charges for capacity and networks are not in it.",
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
)
NO_BORDER = "The case has no second country with a link to the first: there is no border, no aid and nothing to settle."
MONTHS = "Steps of a month: hours count from the first of the month, and an outage takes its share of it. Days are seen with --step 1d."
UNITS = {
    "summary": {"value": "unit of the row"},
    "modes": {
        "unserved": "MWh", "unserved_protected": "MWh", "extra_cost": "currency", "harm": "currency", "avoided_share": "share"
    },
    "sides": {
        "unserved_cost_nothing": "currency", "unserved_cost_alone": "currency", "unserved_cost_decided": "currency",
        "unserved_cost_together": "currency", "avoided_share": "share",
    },
    "decisions": {"hour": "h", "share": "share", "energy": "MWh", "best_hour": "h", "best_energy": "MWh"},
    "notifications": {"within_hours": "h", "volume": "unit of the row"},
    "aid": {"energy": "MWh", "peak": "MW"},
    "settlement": {"energy": "MWh", "price": "currency/MWh", "amount": "currency"},
    "timeline": {"hour": "h"},
}  # fmt: skip


@dataclass(frozen=True)
class Exercise(OutageFields, Study):
    """How well do two states master an emergency, each alone, both together, and as they decided?

    Orders of both sides are taken hour by hour, with the levels and the lead times of the measures. The score is the share
    of the avoidable harm that they avoid; notifications, aid over the border, settlement and minutes go with it.
    """

    name = "exercise"
    side_a: str = param("first country; the home country of the case if not given", default="")
    side_b: str = param("second country; the neighbour with most links to the first if not given", default="")
    decisions: tuple[str, ...] = param(
        'orders "hour side measure share", separated by commas, such as "24 KZ release_reserve 1.0"; share 0 stops',
        default=(),
    )
    place_rule: str = param("who goes short first", choices=RULES, default="cooperative")

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        happens = happening(self, engine, [])
        start, days, last, context = happens.start, happens.days, happens.last, happens.context
        changes = [*context, *happens.causes]
        what = happens.what if happens.event else f"Loss of {happens.what}"
        pair, alone = self._pair(case)
        rules = self.rules(engine)
        opened = engine.window(start, days, rules, measures=True)
        out = case.horizon.share_within(start, last)[opened.first : opened.last] > 0
        plan = engine.ask(opened, context, self.in_transit).answer if context else opened.base
        held = Exercised(case, opened, out, plan, changes, self.in_transit, pair)
        orders, refused = _orders(self.decisions, pair, held)
        response = held.respond(opened, [m for m, (sides, _) in held.sides.items() if sides])
        decided = held.decide(orders, refused)
        best, allowed = held.best(response, decided)
        answers: dict[str, Answer] = {"nothing": response.without.answer}
        apart = ""
        if not alone:
            border = list(mechanism.crossing(case, pair)["link"])
            try:
                answers |= _apart(held, opened.with_held(border, plan))
            except RebuildNeeded as needed:
                apart = f"Each side alone is not asked: the event changes more than bounds ({needed.reason.what})."
        answers |= {"decided": decided.asked.answer, "together": best}
        groups = touched(case, opened, changes)
        frames = held.tables(answers, decided, allowed, groups)
        starts = pd.DatetimeIndex(opened.steps["step"])
        first = (pd.Timestamp(start), pd.Timestamp(last) + pd.Timedelta(days=1), what)
        frames["timeline"] = timeline(case, starts[0], first, frames)
        harm = dict(zip(frames["modes"]["mode"], frames["modes"]["harm"], strict=True))
        by_mode = frames["modes"].set_index("mode")["avoided_share"]
        figures = harm | {"score": float(by_mode["decided"])}
        net = mechanism.owed(frames["settlement"], pair)
        sentences = [
            f"{what} from {day(start)} for {days} {'day' if days == 1 else 'days'}. Sides: {pair[0]} and {pair[1] or 'none'}.",
            score_words(case, figures, len(orders)),
            *sides_words(frames["sides"], len(orders)),
            *(_said_of_modes(case, frames["modes"], pair) if not alone and not apart else ()),
            *([apart] if apart else ()),
            *(["The case lists no measures: there is nothing to decide."] if case.table("measures").empty else ()),
            settled_words(case, frames["settlement"], net, pair) if not alone else NO_BORDER,
            *_missing(case, frames["notifications"]),
        ]  # fmt: skip
        points = _open_points(frames["decisions"], held, allowed, best)
        frames["minutes"] = minutes(what, sentences, frames, points)
        frames["decisions"] = frames["decisions"].rename(columns={"name_": "name"})
        frames["summary"] = _summary(case, sentences, figures, net, orders, frames["decisions"])
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": self.place_rule, "time": self.time_rule}, "sides": list(pair),
            "window": [str(starts[0].date()), str((opened.steps["end"].iloc[-1] - pd.Timedelta(hours=1)).date())],
            "solves": dict(opened.counts), "open_points": points, "not_chosen": dict(response.measures.left_out),
        }  # fmt: skip
        return Results(self.name, self.values() | {"start": start, "days": days}, case, frames, UNITS, meta)

    @classmethod
    def told(cls, results: Results) -> Told:
        """The sentences, the modes, the decisions and the log."""
        rules = results.meta["rules"]
        summary = results["summary"]
        said = [
            text for key, text in zip(summary["key"], summary["text"], strict=True) if key.startswith("said_")
        ]
        shown = " to ".join(day(d) for d in results.meta["window"])
        said.append(f"Place rule: {rules['place']}; time rule: {rules['time']}. Days shown: {shown}.")
        if results.case.horizon.step == "1mo":
            said.append(MONTHS)
        modes = results["modes"]
        tables = [
            (
                "What each way of acting leaves",
                pd.DataFrame(
                    {
                        "": modes["name"],
                        "unserved": [energy(v) for v in modes["unserved"]],
                        "of protected customers": [energy(v) for v in modes["unserved_protected"]],
                        "harm": [money(results.case, v) for v in modes["harm"]],
                        "of what can be avoided": [part_avoided(v) for v in modes["avoided_share"]],
                    }
                ),
            )
        ]
        rows = results["decisions"]
        if len(rows):
            shown = pd.DataFrame(
                {
                    "hour": [f"{v:g}" for v in rows["hour"]], "side": rows["side"], "measure": rows["name"],
                    "share": [percent(v) for v in rows["share"]], "ruling": rows["ruling"], "against the best": rows["comment"],
                }
            )  # fmt: skip
            tables.append(("Decisions", shown))
        log = results["timeline"].head(40)
        lines = pd.DataFrame(
            {"hour": [f"{v:.0f}" for v in log["hour"]], "side": log["side"], "what": log["what"]}
        )
        tables.append(("Log (the minutes are in the table `minutes`)", lines))
        points = results.meta["open_points"]
        if points:
            tables.append(("Open points", pd.DataFrame({"": points})))
        return Told(tuple(said), tuple(tables))

    def _pair(self, case: Case) -> tuple[tuple[str, str], bool]:
        """The two sides; the second is empty, and True, where the case has no border and none is asked."""
        named = tuple(side for side in (self.side_a, self.side_b) if side)
        if self.side_b and not self.side_a:
            named = (str(case.setting("defaults", "home", "")) or self.side_b, self.side_b)
        regions = Regions(case)
        if not named and case.table("links").empty:
            return (_only_country(case), ""), True
        try:
            return regions.pair(named), False
        except StudyError as error:
            if named:
                raise StudyError(str(error).replace("countries:", "side_a, side_b:")) from error
            return (_only_country(case), ""), True


def _only_country(case: Case) -> str:
    home = str(case.setting("defaults", "home", ""))
    countries = sorted({str(c) for c in case.table("places")["country"] if c})
    return home or (countries[0] if countries else "")


def _orders(
    texts: tuple[str, ...], pair: tuple[str, str], held: Exercised
) -> tuple[list[Order], dict[Order, str]]:
    """Orders from text, and those refused whatever the level. Raises StudyError with all texts that cannot be read."""
    wrong, orders = [], []
    refused: dict[Order, str] = {}
    left_out = held.opened.measures.left_out if held.opened.measures else {}
    sides = held.sides
    for text in texts:
        words = text.split()
        try:
            order = Order(float(words[0]), words[1], words[2], float(words[3]) if len(words) > 3 else 1.0)
        except (IndexError, ValueError):
            order = None
        if order is None or len(words) > 4 or not (order.hour >= 0 and 0.0 <= order.share <= 1.0):
            wrong.append(
                f'decisions: "{text}" is not "hour side measure share" with an hour from 0 and a share from 0 to 1.'
            )
            continue
        orders.append(order)
        if order.side not in pair:
            refused[order] = f"{order.side} is not a side of this exercise"
        elif order.measure not in held.rows.index:
            refused[order] = "the case has no such measure"
        elif order.measure not in sides:
            refused[order] = left_out.get(order.measure, "it changes nothing that could help")
        elif order.side not in sides[order.measure][0]:
            whose = " and ".join(sides[order.measure][0])
            refused[order] = f"it is for {whose} to order" if whose else "it lies in a third country"
    if wrong:
        raise StudyError("\n".join(wrong))
    return orders, refused


def _apart(held: Exercised, kept: Window) -> dict[str, Answer]:
    """Answers with the border held at the plan: nobody, and each side with its own measures. Raises RebuildNeeded."""
    found = {"border_held": kept.ask(held.changes, held.in_transit).answer}
    for mode, side in zip(("alone_a", "alone_b"), held.pair, strict=True):
        own = [m for m, (sides, over) in held.sides.items() if sides == (side,) and not over]
        found[mode] = held.respond(kept, own).answered.answer
    return found


def _said_of_modes(case: Case, modes: pd.DataFrame, pair: tuple[str, str]) -> list[str]:
    harm = modes.set_index("mode")["harm"]
    apart = f"{money(case, harm['alone_a'])} with {pair[0]} alone, {money(case, harm['alone_b'])} with {pair[1]} alone"
    return [
        f"With the border held at the plan the harm is {money(case, harm['border_held'])} without measures, {apart}."
    ]


def _missing(case: Case, notices: pd.DataFrame) -> list[str]:
    rows = case.table("notifications")
    if rows.empty:
        return ["The case lists no notifications: who tells whom is not known."]
    words = sum(mechanism.trigger(str(t)) is None for t in rows["trigger"])
    said = (
        []
        if len(notices) or words == len(rows)
        else ["No level is reached that sets off a notification of the case."]
    )
    if words:
        said.append(f"{words} of {len(rows)} notifications have a trigger in words, which people must judge.")
    return said


def _open_points(
    decisions: pd.DataFrame, held: Exercised, allowed: dict[str, Any], best: Answer
) -> list[str]:
    """What was refused, what waits for the other side, and what the best response does and nobody ordered."""
    points = [
        f"{row.side}, hour {row.hour:g}, {row.name_}: {row.ruling}."
        for row in decisions.itertuples()
        if not row.accepted
    ]
    points += _waiting(decisions, held)
    done = set(decisions["measure"][decisions["accepted"]]) if len(decisions) else set()
    names = held.rows["name"]
    for measure, power in sorted(held.used(best).items()):
        if measure in done:
            continue
        lead = float(held.rows["lead_time"][measure])
        hour = first_hour(allowed[measure], held.opened.hours, lead)
        whose = " and ".join(held.sides[measure][0])
        taken = energy(float(power @ held.opened.hours))
        points.append(
            f"Not ordered: {names[measure] or measure} ({whose}); the best response orders it at hour {hour:.0f} and takes {taken}."
        )
    return points


def _waiting(decisions: pd.DataFrame, held: Exercised) -> list[str]:
    found = []
    accepted = decisions[decisions["accepted"].astype(bool)]
    for measure in sorted(set(accepted["measure"])):
        missing = set(held.sides[measure][0]) - set(accepted["side"][accepted["measure"] == measure])
        if missing:
            found.append(
                f"{held.rows['name'][measure] or measure} still needs the order of {' and '.join(sorted(missing))}."
            )
    return found


def _summary(
    case: Case,
    sentences: list[str],
    figures: dict[str, float],
    net: float,
    orders: list[Order],
    decisions: pd.DataFrame,
) -> pd.DataFrame:
    refused = int((~decisions["accepted"].astype(bool)).sum()) if len(decisions) else 0
    rows: list[tuple[str, float, str, str]] = [
        ("score", figures["score"], "share", "share of the avoidable harm that the decisions avoid; empty if none can be avoided"),
        ("harm_nothing", figures["nothing"], case.currency, "beyond the plan if nobody acts, unserved energy at its value of lost load"),
        ("harm_decided", figures["decided"], case.currency, "as decided, measures included"),
        ("harm_together", figures["together"], case.currency, "with the best response of both sides, measures included"),
        ("owed", net, case.currency, "what the second side owes the first for aid beyond the plan; below 0 the other way round"),
        ("decisions", float(len(orders)), "decisions", "orders in the log"),
        ("refused", float(refused), "decisions", "of them refused"),
    ]  # fmt: skip
    rows += [(f"said_{at}", np.nan, "", text) for at, text in enumerate(sentences, start=1)]
    return pd.DataFrame(rows, columns=["key", "value", "unit", "text"])

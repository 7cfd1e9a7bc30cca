"""Two sides in one window: whose measures they are, what each way of acting leaves, and the tables of an exercise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Change, Outage
from kelisim.engine.orders import Decided, Order, Ruled, decide, judged, unserved_cost
from kelisim.engine.response import Escalation, escalate, share_after
from kelisim.engine.unknown import Knowledge, played
from kelisim.engine.window import Window
from kelisim.results import notices
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer
from kelisim.results.contracts_kept import claims, deliveries
from kelisim.results.crisis import LEVELS, Levels, for_measures
from kelisim.results.facts import Fact, said, stored
from kelisim.results.outage_facts import members
from kelisim.results.schema import framed
from kelisim.studies.exercise import mechanism
from kelisim.tolerances import NO_USE, SAME_COST, SMALL_ENERGY, SMALL_MONEY

SIDES_OF = dict[str, tuple[tuple[str, ...], bool]]


@dataclass(frozen=True)
class Exercised:
    """One window with measures, what changes in it, and who may order what."""

    case: Case
    opened: Window
    out: Any
    plan: Answer
    changes: list[Change]
    in_transit: str
    pair: tuple[str, str]

    @cached_property
    def sides(self) -> SIDES_OF:
        """Measure -> the sides that must order it, and whether it moves something over their border."""
        found: dict[str, list[tuple[str, str]]] = {}
        for way in self.opened.measures.ways if self.opened.measures else ():
            found.setdefault(way.act.measure, []).append((way.act.table, way.act.element))
        return {m: mechanism.sides(self.case, m, acts, self.pair) for m, acts in found.items()}

    @cached_property
    def rows(self) -> pd.DataFrame:
        return self.case.table("measures").set_index("measure")

    def seen(self, answer: Answer) -> AgainstPlan:
        return AgainstPlan(self.case, self.opened.steps, self.out, answer, self.plan)

    def level(self, answer: Answer) -> dict[str, Levels]:
        """Measure -> level that counts for it, per step."""
        return for_measures(self.case, self.seen(answer))

    def respond(self, opened: Window, only: list[str]) -> Escalation:
        """The best response with some measures."""
        return escalate(opened, self.changes, self.level, **self._delays(), only=only)

    def decide(self, orders: list[Order], refused: dict[Order, Fact]) -> Decided:
        sides, delays = {m: sides for m, (sides, _) in self.sides.items()}, self._delays()
        return decide(self.opened, self.changes, orders, sides, self.level, **delays, refused=refused)

    def _delays(self) -> dict[str, Any]:
        """Lead time and level of each measure, and what is done with what is under way."""
        lead, level = (self.rows[column].to_dict() for column in ("lead_time", "crisis_level"))
        return {"lead": lead, "level": level, "in_transit": self.in_transit}

    def best(self, response: Escalation, decided: Decided) -> tuple[Answer, dict[str, Any]]:
        """The best response, which may use what the decisions opened sooner because they let the crisis grow."""
        allowed = dict(response.allowed)
        sooner = False
        for measure, share in decided.allowed.items():
            before = allowed.get(measure, np.zeros(len(share)))
            sooner = sooner or bool((share > before + 1e-9).any())
            allowed[measure] = np.maximum(before, share)
        if not sooner:
            return response.answered.answer, dict(response.allowed)
        asked = self.opened.ask(self.changes, self.in_transit, allowed, response.without.answer)
        return asked.answer, allowed

    def used(self, answer: Answer) -> dict[str, Any]:
        """Measure -> MW per step, where it is used."""
        measures = self.opened.measures
        if measures is None or measures.block.name not in answer.columns:
            return {}
        power = answer.columns[measures.block.name].values
        found: dict[str, Any] = {}
        for at, way in enumerate(measures.ways):
            if (power[at] > NO_USE).any():
                name = way.act.measure
                found[name] = found[name] + power[at] if name in found else power[at]
        return found

    def tables(
        self,
        answers: dict[str, Answer],
        decided: Decided,
        allowed: dict[str, Any],
        groups: set[notices.Group],
    ) -> dict[str, pd.DataFrame]:
        """All tables but the log and the open points."""
        case, starts = self.case, pd.DatetimeIndex(self.opened.steps["step"])
        hours = self.opened.hours
        mine = notices.by_group(case, self.seen(answers["decided"]), groups)
        before = notices.by_group(case, self.seen(answers["nothing"]), groups)
        seen = self.seen(answers["decided"])
        contracts = deliveries(case, seen, self.pair)
        made_up: dict[tuple[str, str], Any] = {}
        for one in contracts:
            key = (one.giver, one.carrier)
            made_up[key] = made_up.get(key, 0.0) + one.made_up(hours)
        given = mechanism.flows(case, answers["decided"], self.plan, self.pair, made_up)
        local = {
            one.contract: mechanism.local_price(case, self.plan, one.links, one.giver) for one in contracts
        }
        return {
            "modes": self._modes(answers),
            "sides": self._by_side(answers),
            "decisions": self._decisions(decided, answers, allowed, starts),
            "notifications": mechanism.notices(case, mine, starts, self.pair),
            "levels": mechanism.de_escalation(mine, starts),
            "levels.nothing": mechanism.de_escalation(before, starts),
            "aid": mechanism.aid(given, hours),
            "settlement": mechanism.settlement(case, given, self.plan, hours, self.pair, contracts),
            "claims": claims(contracts, hours, local),
        }

    def _modes(self, answers: dict[str, Answer]) -> pd.DataFrame:
        base = judged(self.opened, self.plan)
        harm = {mode: judged(self.opened, answer) - base for mode, answer in answers.items()}
        avoidable = harm["nothing"] - harm["together"]
        rows = []
        for mode, answer in answers.items():
            figures = self.seen(answer).figures()
            told = (figures[name] for name in ("unserved_energy", "unserved_protected", "extra_cost"))
            avoided = (harm["nothing"] - harm[mode]) / avoidable if avoidable > SMALL_MONEY else np.nan
            avoided = 0.0 if abs(avoided) < SAME_COST else avoided
            rows.append((mode, *told, harm[mode], avoided))
        return framed("exercise", "modes", rows)

    def _by_side(self, answers: dict[str, Answer]) -> pd.DataFrame:
        demand = self.case.table("demand")
        country = demand["place"].map(self.case.table("places").set_index("place")["country"]).to_numpy()
        plan = unserved_cost(self.opened, self.plan, len(demand))
        cost = {m: unserved_cost(self.opened, a, len(demand)) - plan for m, a in answers.items()}
        rows = []
        for side, alone in zip(self.pair, ("alone_a", "alone_b"), strict=True):
            if not side:
                continue
            its = {m: float(c[country == side].sum()) for m, c in cost.items()}
            avoidable = its["nothing"] - its["together"]
            share = (its["nothing"] - its["decided"]) / avoidable if avoidable > SMALL_MONEY else np.nan
            costs = (its.get(mode, np.nan) for mode in ("nothing", alone, "decided", "together"))
            rows.append((side, *costs, share))
        return framed("exercise", "sides", rows)

    def _decisions(
        self, decided: Decided, answers: dict[str, Answer], allowed: dict[str, Any], starts: pd.DatetimeIndex
    ) -> pd.DataFrame:
        mine, best = self.used(answers["decided"]), self.used(answers["together"])
        hours = self.opened.hours
        rows = []
        for ruled in decided.ruled:
            order = ruled.order
            known = order.measure in self.rows.index
            lead = float(self.rows["lead_time"][order.measure]) if known else 0.0
            accepted = ruled.refused is None
            acts = accepted and order.share > 0 and not ruled.waits
            bites = starts[0] + pd.Timedelta(hours=order.hour + lead) if acts else pd.NaT
            energy = float(mine[order.measure] @ hours) if accepted and order.measure in mine else 0.0
            its_best = (np.nan, 0.0)
            if order.measure in best:
                power = float(best[order.measure] @ hours)
                its_best = (first_hour(allowed.get(order.measure), hours, lead), power)
            told = (accepted, *stored(_ruling(ruled)).values())
            rows.append((order.hour, order.side, order.measure, order.share, *told, bites, energy, *its_best))
        return framed("exercise", "decisions", rows)


def first_hour(share: Any, hours: Any, lead: float) -> float:
    """Hour of the order that lets a measure act from when its share says."""
    step = int(np.argmax(share > 0))
    begins = float(hours[:step].sum())
    return max(0.0, begins + (1.0 - float(share[step])) * float(hours[step]) - lead)


def _ruling(ruled: Ruled) -> Fact:
    if ruled.refused is not None:
        return said("exercise.refused", why=ruled.refused)
    return said("exercise.waits", sides=ruled.waits) if ruled.waits else said("exercise.accepted")


def touched(case: Case, opened: Window, changes: list[Change]) -> set[notices.Group]:
    """Country and carrier of what the event takes away."""
    lost = [key for c in changes if isinstance(c, Outage) for key in opened.deltas.members(c)]
    lost += [(case.home_of(element), element) for element in members(case, changes) if ":" not in element]
    return notices.touched(case, lost)


# ---- what each side may order
def options(held: Exercised, known: Knowledge, decided: Decided, now: float) -> pd.DataFrame:
    """One row per side and measure that the side may order, what helps most first.

    now  hour of play
    """
    opened, hours = held.opened, held.opened.hours
    step = known.step_at(now)
    standing = dict(decided.allowed)
    before = played(opened, known, held.in_transit, standing, until=step).answer
    level = held.level(before)
    short = float((held.seen(before).more @ hours).sum())
    cost = judged(opened, before)
    rows = []
    for measure, (sides, over) in sorted(held.sides.items()):
        row = held.rows.loc[measure]
        number = LEVELS.index(str(row["crisis_level"]))
        is_reached = bool((level[measure][: step + 1] >= number).any())
        lead = float(row["lead_time"])
        share = np.maximum(share_after(hours, step, lead), standing.get(measure, np.zeros(len(hours))))
        effect, saved = 0.0, 0.0
        if sides and is_reached and measure not in standing and share.any():
            allowed = standing | {measure: share}
            after = played(opened, known, held.in_transit, allowed, until=step).answer
            effect = short - float((held.seen(after).more @ hours).sum())
            saved = cost - judged(opened, after)
        state = "ordered" if measure in standing else "open" if is_reached else "level"
        for side in sides:
            rows.append(_option(held, side, measure, sides, over, state, now, lead, effect, saved))
    frame = framed("exercise", "options", rows)
    order = ["side", "unserved_avoided", "worth", "measure"]
    return frame.sort_values(order, ascending=[True, False, False, True], ignore_index=True)


def _option(
    held: Exercised,
    side: str,
    measure: str,
    sides: tuple[str, ...],
    over: bool,
    state: str,
    now: float,
    lead: float,
    effect: float,
    saved: float,
) -> dict[str, Any]:
    row = held.rows.loc[measure]
    bites = held.opened.steps["step"].iloc[0] + pd.Timedelta(hours=now + lead)
    return {
        "side": side,
        "measure": measure,
        "body": str(row["body"]),
        "state": state,
        "level": str(row["crisis_level"]),
        "with_side": "; ".join(one for one in sides if one != side),
        "over_border": over,
        "lead_time": lead,
        "bites": bites,
        "unserved_avoided": effect if abs(effect) > SMALL_ENERGY else 0.0,
        "worth": saved if abs(saved) > SMALL_MONEY else 0.0,
        "grade": str(row["confidence"]) or "C",
    }
